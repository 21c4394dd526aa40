"""A file's rows as a table's: columns taken, signs settled, what is no payment left out.

Rows that never took place, move money between a client's own accounts, or repeat others as a
total are left out with the reason; none of them is counted, and none is lost.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from techalign.errors import MappingError, TableError
from techalign.intake.days import looks_like_day
from techalign.intake.grouped import BALANCE_ACCOUNT, GROUP, adds_up, is_total_text
from techalign.intake.headers import header_currency, header_key
from techalign.intake.mapping import BESIDE_FIELDS, Mapping
from techalign.intake.recognition import find_columns
from techalign.intake.signs import (
    Signed,
    net_of,
    out_or_in,
    settle_sign,
    with_direction,
    words,
)
from techalign.intake.source import LeftOut, Source
from techalign.intake.values import read_numbers, settle_marks

__all__ = ["apply_mapping"]

Columns = dict[str, list[object]]
Reasons = dict[int, tuple[str, object]]  # row: why it is left out, and its money if it has any

_STATUS_HEADERS = {"status", "state", "transactionstatus", "paymentstatus", "buchungsstatus"}
_DEAD = words(
    "reverted pending failed declined cancelled canceled refused void voided denied expired "
    "rejected deleted blocked vorgemerkt pdng draft unconfirmed authorised authorized"
)
_BALANCES = re.compile(
    r"(?:opening|closing|previous|new|starting|ending|beginning) balance"
    r"|balance (?:brought |carried )?forward|(?:anfangs|end|schluss)?saldo|kontostand",
    re.IGNORECASE,
)
_GRAND = re.compile(r"(?:grand )?total|gesamt|summe|totale?|totaal|gesamtsumme", re.IGNORECASE)


def apply_mapping(
    mapping: Mapping, source: Source, currency: str | None = None, *, mostly_credits: bool = False
) -> Source:
    """Rename and combine a file's columns into a table's.

    Parameters
    ----------
    mapping : Mapping
    source : Source
        Raw cells under the file's own headers.
    currency : str, optional
        The client's currency, meant where mapping and file name none.
    mostly_credits : bool
        Whether a person has said that more rows are credits than costs.

    Returns
    -------
    Source
        Raw cells under the table's columns; lines and ragged rows are kept, rows that are no
        payments are in ``left_out``.

    Raises
    ------
    MappingError
        If the file has none of the headers a required column needs, or nothing tells which
        amounts are costs.
    TableError
        If the file's own grand total contradicts its rows, or the ledger would be mostly
        negative.
    """
    found = find_columns(mapping, source)
    columns: Columns = {
        name: list(source.columns[header])
        for name, header in found.items()
        if name not in BESIDE_FIELDS
    }
    notes = [f"{header} read as {name}" for name, header in found.items()]
    columns |= {name: [text] * len(source.lines) for name, text in mapping.constant.items()}
    notes += _fill(mapping, source, columns)
    notes += _take_groups(mapping, source, columns)
    reasons: Reasons = {}
    if mapping.table == "ledger":
        signed = _amounts(mapping, found, source, currency)
        columns["amount"] = signed.amounts
        notes.append(signed.note)
        notes += _name_currency(mapping, found, source, columns)
        reasons = _filtered(mapping, found, source, columns)
        reasons |= _totals(source, columns, reasons)
    elif mapping.sign == "flip":
        columns["amount"] = _flipped(columns["amount"], mapping)
        notes.append("signs flipped: costs are negative in the file")
    used = {*found.values(), *mapping.keep, *mapping.drop, GROUP}
    unused = [h for h in source.header if h not in used and not h.startswith("column ")]
    if unused:
        notes.append(f"columns not used: {', '.join(unused)}")
    mapped = _without(source, columns, reasons, [*source.notes, *notes])
    if mapping.table == "ledger" and not (mostly_credits or signed.sure):
        _refuse_mostly_negative(mapped, signed.note)
    return mapped


def _refuse_mostly_negative(source: Source, how: str) -> None:
    """More credits than costs in a ledger mean that its signs are hardly right."""
    amounts = [a for a in source.columns["amount"] if isinstance(a, Decimal) and a]
    negative = sum(a < 0 for a in amounts)
    total = sum(amounts, Decimal(0))
    if not amounts or negative <= len(amounts) / 2 or total >= 0:
        return
    raise TableError(
        f"would become a ledger of mostly negative costs: {negative:,} of {len(amounts):,} rows "
        f"are credits, {total:,.2f} in all ({how})",
        where=source.file,
        remedy='State sign = "flip" or "keep" in a mapping file, or map debit and credit the '
        "other way round; if the account really took in more than it paid, add --mostly-credits.",
    )


def _fill(mapping: Mapping, source: Source, columns: Columns) -> list[str]:
    """Take another column where a cell is empty."""
    notes = []
    by_key = {header_key(header): header for header in source.header}
    for name, options in mapping.otherwise.items():
        for option in options:
            header = by_key.get(header_key(option))
            if header is None:
                continue
            cells = columns.get(name) or [None] * len(source.lines)
            empty = [i for i, cell in enumerate(cells) if cell is None or not str(cell).strip()]
            for i in empty:
                cells[i] = source.columns[header][i]
            columns[name] = cells
            if empty:
                notes.append(f"{header} read as {name} where that is empty")
    return notes


def _take_groups(mapping: Mapping, source: Source, columns: Columns) -> list[str]:
    """The names of a report's groups are suppliers or accounts; its title or columns tell."""
    if GROUP not in source.columns:
        return []
    title = source.title.casefold()
    by_supplier = any(word in title for word in ("vendor", "supplier", "payee", "contact"))
    options = mapping.columns.get("vendor_raw", [])[:-1]
    keys = {header_key(header) for header in source.header}
    named = "vendor_raw" in columns and any(header_key(o) in keys for o in options)
    name = "vendor_raw" if by_supplier or not named else "account"
    columns[name] = list(source.columns[GROUP])
    return [f"group lines read as {name}"]


def _amounts(
    mapping: Mapping, found: dict[str, str], source: Source, currency: str | None
) -> Signed:
    names = [n for n in ("amount", "debit", "credit", "fee") if n in found]
    cells = {name: source.columns[found[name]] for name in names}
    stated = mapping.decimal
    mark = settle_marks([c for n in names for c in cells[n]], stated=stated).choice
    numbers = {
        name: _numbers(column, mark, mapping.currency or currency, "currency" in found)
        for name, column in cells.items()
    }
    empty: list[object] = [None] * len(source.lines)
    if "debit" in found or "credit" in found:
        pair = (found.get("debit", "0"), found.get("credit", "0"))
        signed = net_of(numbers.get("debit", empty), numbers.get("credit", empty), pair)
        if mapping.sign == "flip":
            signed = Signed(_minus(signed.amounts), f"{signed.note}, signs flipped as stated")
    else:
        signed = _single(mapping, found, source, numbers["amount"])
    if "fee" in found:
        return _with_fee(signed, numbers["fee"], found["fee"])
    return _with_balanced_fee(source, numbers.get("amount"), signed, mark)


def _single(
    mapping: Mapping, found: dict[str, str], source: Source, amounts: list[object]
) -> Signed:
    if mapping.sign == "keep":
        return Signed(amounts, "money out is positive here, as the mapping states")
    if "direction" in found:
        header = found["direction"]
        words = mapping.direction
        return with_direction(
            amounts, out_or_in(source.columns[header], words.out, words.into), header
        )
    if mapping.sign == "flip":
        return Signed(_minus(amounts), "money out is negative here, as the mapping states")
    return settle_sign(
        amounts, source.columns, list(found.values()), usual=mapping.usual, file=source.file
    )


def _numbers(cells: Sequence[object], mark: str, currency: str | None, named: bool) -> list[object]:
    """Read amounts; one whose currency sign cannot be the row's stays raw, to be set aside."""
    values, signs = read_numbers(cells, mark)
    if named or not any(signs):
        return values
    single = {sign for sign in signs if sign and " " not in sign}
    if len(single) == 1 and all(sign in ("", *single) for sign in signs):
        return values  # the file's own currency: see _name_currency
    return [
        cell if sign and currency and currency not in sign.split() else value
        for cell, value, sign in zip(cells, values, signs, strict=True)
    ]


def _name_currency(
    mapping: Mapping, found: dict[str, str], source: Source, columns: Columns
) -> list[str]:
    """Take the currency from the mapping, from a header's brackets, or from the signs."""
    if "currency" in columns:
        return []
    money = [found[name] for name in ("amount", "debit", "credit") if name in found]
    code = mapping.currency or next((c for h in money if (c := header_currency(h))), "")
    note = f"the header names the currency {code}" if code and not mapping.currency else ""
    if not code:
        signs = {
            sign
            for header in money
            for sign in read_numbers(source.columns[header], ".")[1]
            + read_numbers(source.columns[header], ",")[1]
            if sign
        }
        if len(signs) != 1 or " " in (code := signs.pop()):
            return []
        note = f"the signs name the currency {code}"
    columns["currency"] = [code] * len(source.lines)
    return [note] if note else []


def _with_balanced_fee(
    source: Source, raw: list[object] | None, signed: Signed, mark: str
) -> Signed:
    """Count an unmapped fee where the running balance shows that it left the account too."""
    by_key = {header_key(header): header for header in source.header}
    fee, balance = by_key.get("fee"), by_key.get("balance")
    if fee is None or raw is None:
        return signed
    fees = read_numbers(source.columns[fee], mark)[0]
    if not any(isinstance(cell, Decimal) and cell for cell in fees):
        return signed
    if balance is not None:
        balances = read_numbers(source.columns[balance], mark)[0]
        rows = list(zip(raw, fees, balances, strict=True))
        if _fees_are_paid(rows) or _fees_are_paid(rows[::-1]):
            return _with_fee(signed, fees, fee)
    note = f"{signed.note}; check: '{fee}' holds money that is not counted, map it as fee"
    return replace(signed, note=note)


def _fees_are_paid(rows: Sequence[tuple[object, object, object]]) -> bool:
    """Tell whether each row with a fee moves the balance by the amount and the fee."""
    before: object = None
    shown = False
    for amount, fee, balance in rows:
        if not isinstance(balance, Decimal):
            continue
        if isinstance(before, Decimal) and isinstance(fee, Decimal) and fee:
            if not isinstance(amount, Decimal) or balance - before != amount - abs(fee):
                return False
            shown = True
        before = balance
    return shown


def _with_fee(signed: Signed, fees: list[object], header: str) -> Signed:
    """Add fees to the cost, whichever sign the column writes them with."""
    numbers = [fee for fee in fees if isinstance(fee, Decimal) and fee]
    sign = -1 if sum(fee < 0 for fee in numbers) > len(numbers) / 2 else 1
    amounts: list[object] = []
    for amount, fee in zip(signed.amounts, fees, strict=True):
        if isinstance(fee, Decimal) and isinstance(amount, Decimal):
            amounts.append(amount + sign * fee)
        else:
            amounts.append(amount if fee is None or isinstance(fee, Decimal) else fee)
    total = sum(numbers, Decimal(0)) * sign
    return replace(
        signed, amounts=amounts, note=f"{signed.note}; fees of {total:,.2f} in '{header}' added"
    )


def _filtered(mapping: Mapping, found: dict[str, str], source: Source, columns: Columns) -> Reasons:
    reasons: Reasons = {}
    amounts = columns["amount"]
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
    found: dict[str, str], source: Source, amounts: list[object], reasons: Reasons
) -> None:
    """Pending, reverted and declined rows never count, whoever wrote the mapping."""
    for header in source.header:
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
    return any(
        text.startswith(value[:-1].casefold()) if value.endswith("*") else text == value.casefold()
        for value in values
    )


def _totals(source: Source, columns: Columns, reasons: Reasons) -> Reasons:
    """Find rows that repeat the money of others, by what they say and by arithmetic."""
    found: Reasons = {}
    rows: list[Decimal] = []
    sums: list[Decimal] = []
    headers = [header for header in source.header if header != GROUP]
    dates, vendors, amounts = (columns[n] for n in ("date", "vendor_raw", "amount"))
    days = {cell: _is_day(cell) for cell in set(dates)}  # a ledger has few days and many rows
    telling = {cell for cell in set(vendors) if is_total_text(_text(cell))}
    open_end = bool(source.ragged) or any(
        not isinstance(a, Decimal) and a not in (None, "") for a in amounts
    )
    for i, amount in enumerate(amounts):
        if i in reasons:
            continue
        says = vendors[i] in telling and bool(_BALANCES.fullmatch(_text(vendors[i])))
        if not days[dates[i]] or vendors[i] in telling:
            vendor = _text(vendors[i])
            first = next((t for h in headers if (t := _text(source.columns[h][i]))), "")
            says = says or (not days[dates[i]] and is_total_text(first))
            sure = isinstance(amount, Decimal) and bool(rows) and adds_up(amount, rows, sums)
            bare = _blank(dates[i]) and vendor in ("", _group(source, i))
            if (sure and len(rows) > 1 and bare) or (sure and vendors[i] in telling) or says:
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


def _without(source: Source, columns: Columns, reasons: Reasons, notes: list[str]) -> Source:
    left = []
    currencies = columns.get("currency", [None] * len(source.lines))
    for i, (reason, money) in sorted(reasons.items()):
        row: dict[str, Any] = {name: cells[i] for name, cells in source.columns.items()}
        amount = money if isinstance(money, Decimal) else None
        left.append(LeftOut(source.lines[i], reason, amount, str(currencies[i] or ""), row))
    rows = [i for i in range(len(source.lines)) if i not in reasons]
    if len(rows) < len(source.lines):
        columns = {name: [cells[i] for i in rows] for name, cells in columns.items()}
    return replace(
        source, columns=columns, header=tuple(columns), notes=tuple(notes),
        lines=[source.lines[i] for i in rows], left_out=tuple(left),
    )  # fmt: skip


def _flipped(cells: list[object], mapping: Mapping) -> list[object]:
    return _minus(read_numbers(cells, settle_marks(cells, stated=mapping.decimal).choice)[0])


def _minus(amounts: Sequence[object]) -> list[object]:
    return [-amount if isinstance(amount, Decimal) else amount for amount in amounts]


def _blank(cell: object) -> bool:
    return cell is None or not str(cell).strip()


def _is_day(cell: object) -> bool:
    return not _blank(cell) and (not isinstance(cell, str) or looks_like_day(cell.strip()))


def _text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
