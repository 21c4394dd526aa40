"""Rows of an export that are no payments: filtered, dead, the other side, totals, balances.

Each is left out with the reason; none of them is counted, and none is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from techalign.errors import MappingError, TableError
from techalign.intake.days import looks_like_day
from techalign.intake.grouped import BALANCE_ACCOUNT, GROUP, adds_up, is_bare_total, is_total_text
from techalign.intake.headers import header_key
from techalign.intake.mapping import Mapping
from techalign.intake.signs import words
from techalign.intake.source import Source
from techalign.intake.values import read_boolean

__all__ = ["Columns", "Reasons", "filtered_rows", "is_balance", "total_rows"]

Columns = dict[str, list[object]]
"""A file's cells by column."""

Reasons = dict[int, tuple[str, object]]
"""By row: why it is left out, and its money if it has any."""

_STATUS_HEADERS = {
    "status",
    "state",
    "transactionstatus",
    "paymentstatus",
    "buchungsstatus",
    "estado",
    "stato",
    "statut",
}
_PENDING_HEADERS = {"pending", "ispending", "cancelled", "canceled", "voided", "void", "isvoid"}
_DEAD = words(
    "unsuccessful returned bounced aborted reverted pending failed declined cancelled canceled "
    "refused void voided denied expired "
    "rejected deleted blocked vorgemerkt pdng draft unconfirmed authorised authorized reversed "
    "annulled storniert abgelehnt ausstehend afventer afvist slettet väntande avvisad "
    "reservert avvist odrzucona oczekująca zamítnuto čekající bekliyor iptal "
    "pendiente rechazado rechazada anulado anulada cancelado cancelada rifiutato annullato "
    "geweigerd geannuleerd gereserveerd refusé refusée annulé annulée pendente recusado recusada "
    "revertido revertida fallido fallida zurückgesetzt fehlgeschlagen rückgängig échoué échouée "
    "отменено отклонено отклонён анулирано ακυρώθηκε anulată respinsă"
) | {"in attesa", "en attente", "in behandeling", "w toku", "not posted"}
_BALANCES = re.compile(
    r"(?:opening|closing|previous|new|starting|ending|beginning) balance"
    r"|balance (?:brought |carried )?forward|balance [bc]/(?:f|d|fwd)|(?:brought|carried) forward"
    r"|(?:anfangs|end|schluss)?saldo|kontostand",
    re.IGNORECASE,
)
_GRAND = re.compile(r"(?:grand )?total|gesamt|summe|totale?|totaal|gesamtsumme", re.IGNORECASE)


def is_balance(cell: object) -> bool:
    """Tell whether a text says that its row holds a balance, which is no payment.

    Examples
    --------
    >>> is_balance("Balance b/f"), is_balance("New Balance Shoes")
    (True, False)
    """
    return _BALANCES.fullmatch(_text(cell)) is not None


def filtered_rows(
    mapping: Mapping,
    found: dict[str, str],
    source: Source,
    columns: Columns,
    amounts: Sequence[object],
) -> Reasons:
    """Find the rows that a mapping's filters, or their own status, take out.

    Parameters
    ----------
    mapping : Mapping
    found : dict
        The file's headers by the table's columns.
    source : Source
    columns : dict
        Cells by the table's columns.
    amounts : sequence
        The rows' money, None where the table has none.

    Returns
    -------
    dict
        Reason and money by row.

    Raises
    ------
    MappingError
        If the mapping keeps rows by a column that the file has not.
    """
    reasons: Reasons = {}
    by_key = {header_key(header): header for header in source.header}
    for wanted, filters in ((True, mapping.keep), (False, mapping.drop)):
        for name, values in filters.items():
            header = by_key.get(header_key(name))
            if header is None and name in mapping.keep and not mapping.required.headers:
                raise MappingError(
                    f"has no column '{name}', by which the mapping keeps rows",
                    where=source.file, remedy="Name a column of the file.",
                )  # fmt: skip
            for i, cell in enumerate(source.columns[header] if header else []):
                if _matches(cell, values) is not wanted:
                    reasons.setdefault(i, (f"is left out: {header} is '{cell}'", amounts[i]))
    _leave_out_dead(found, source, amounts, reasons)
    if mapping.balance_accounts or GROUP in source.columns:
        _leave_out_balances(columns, reasons)
    return reasons


def _leave_out_dead(
    found: dict[str, str], source: Source, amounts: Sequence[object], reasons: Reasons
) -> None:
    """Pending, reverted and declined rows never count, whoever wrote the mapping."""
    for header in source.header:
        if header_key(header) in _PENDING_HEADERS and header not in found.values():
            for i, cell in enumerate(source.columns[header]):
                if read_boolean(cell) is True:
                    reasons.setdefault(i, (f"never took place: {header} is '{cell}'", amounts[i]))
        if header_key(header) not in _STATUS_HEADERS or header in found.values():
            continue
        for i, cell in enumerate(source.columns[header]):
            if str(cell or "").strip().casefold() in _DEAD:
                reasons.setdefault(i, (f"never took place: {header} is '{cell}'", amounts[i]))


def _leave_out_balances(columns: Columns, reasons: Reasons) -> None:
    """In double entry each payment stands twice: at its cost, and at the bank or payable."""
    accounts = columns.get("account")
    if accounts is None:
        return
    other = [i for i, name in enumerate(accounts) if BALANCE_ACCOUNT.search(str(name or ""))]
    if len(other) == sum(1 for name in accounts if name):
        return  # the ledger of one bank account: there is no other side
    for i in other:
        reason = f"is the other side of a payment, at '{accounts[i]}'"
        reasons.setdefault(i, (reason, columns["amount"][i]))


def _matches(cell: object, values: Sequence[str]) -> bool:
    text = str(cell or "").strip().casefold()
    return any(_like(value.casefold(), text) for value in values)


def _like(pattern: str, text: str) -> bool:
    """Compare with a pattern in which * stands for anything."""
    if "*" not in pattern:
        return text == pattern
    return re.fullmatch(".*".join(map(re.escape, pattern.split("*"))), text, re.DOTALL) is not None


def total_rows(source: Source, columns: Columns, reasons: Reasons) -> Reasons:
    """Find rows that repeat the money of others, by what they say and by arithmetic.

    Parameters
    ----------
    source : Source
    columns : dict
        Cells by the table's columns, amounts in the ledger's sign.
    reasons : dict
        Rows that are left out already.

    Returns
    -------
    dict
        Reason by row; a total has no money of its own.

    Raises
    ------
    TableError
        If the grand total on the last line is not what its rows add up to.
    """
    found: Reasons = {}
    rows: list[Decimal] = []
    sums: list[Decimal] = []
    headers = [header for header in source.header if header != GROUP]
    dates, vendors, amounts = (columns[n] for n in ("date", "vendor_raw", "amount"))
    days = {cell: _is_day(cell) for cell in set(dates)}  # a ledger has few days and many rows
    telling = {cell for cell in set(vendors) if is_total_text(_text(cell))}
    if not telling and all(days.values()):
        return {}
    open_end = bool(source.ragged) or any(
        not isinstance(a, Decimal) and a not in (None, "") for a in amounts
    )
    for i, amount in enumerate(amounts):
        if i in reasons:
            continue
        says = vendors[i] in telling and is_balance(vendors[i])
        if not days[dates[i]] or vendors[i] in telling:
            vendor = _text(vendors[i])
            first = next((t for h in headers if (t := _text(source.columns[h][i]))), "")
            says = says or (not days[dates[i]] and is_total_text(first))
            sure = isinstance(amount, Decimal) and bool(rows) and adds_up(amount, rows, sums)
            bare = _blank(dates[i]) and vendor in ("", _group(source, i))
            # of a payment with a day to Total Security Ltd arithmetic is coincidence
            named = vendors[i] in telling and (not days[dates[i]] or is_bare_total(vendor))
            if (sure and len(rows) > 1 and bare) or (sure and named) or says:
                _refuse_contradiction(source, i, first, sure or open_end or not rows, amount)
                found[i] = (_total_reason(amount, sure), None)
                if isinstance(amount, Decimal):
                    sums.append(amount)
                continue
        if says:
            found[i] = ("is a balance, no payment", None)
        elif isinstance(amount, Decimal):
            rows.append(amount)
    return found


def _group(source: Source, i: int) -> str:
    return _text(source.columns[GROUP][i]) if GROUP in source.columns else ""


def _total_reason(amount: object, sure: bool) -> str:
    if not isinstance(amount, Decimal):
        return "is a line of totals"
    return f"is a total of rows above: {amount:,.2f}" if sure else (
        f"says it is a total, but {amount:,.2f} is not what the rows above add up to"
    )  # fmt: skip


def _refuse_contradiction(source: Source, i: int, first: str, fine: bool, amount: object) -> None:
    """A grand total on the last line that its rows do not add up to: something was lost."""
    if fine or i < len(source.lines) - 1 or not isinstance(amount, Decimal):
        return
    if _GRAND.fullmatch(first.strip(" :")):
        raise TableError(
            f"says a total of {amount:,.2f}, which its rows do not add up to",
            where=f"{source.file}:{source.lines[i]}",
            remedy="Export it again, or delete that line if it is wrong.",
        )


def _blank(cell: object) -> bool:
    return cell is None or not str(cell).strip()


def _is_day(cell: object) -> bool:
    return not _blank(cell) and (not isinstance(cell, str) or looks_like_day(cell.strip()))


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
