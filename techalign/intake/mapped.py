"""A file's rows as a table's: columns taken, signs settled, what is no payment left out.

Rows that never took place, move money between a client's own accounts, or repeat others as a
total are left out with the reason; none of them is counted, and none is lost.
"""

from __future__ import annotations

from collections.abc import Mapping as Mapped
from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Any

from techalign.errors import TableError
from techalign.intake.grouped import GROUP
from techalign.intake.headers import header_currency, header_key
from techalign.intake.left_out import Columns, Reasons, filtered_rows, is_balance, total_rows
from techalign.intake.mapping import BESIDE_FIELDS, Mapping
from techalign.intake.proposals import MARKS, cell_text, marks
from techalign.intake.recognition import find_columns
from techalign.intake.rows import ROW_MODELS
from techalign.intake.signs import (
    Signed,
    agree_with_direction,
    net_of,
    out_or_in,
    refuse_against_balance,
    settle_sign,
    with_direction,
)
from techalign.intake.source import LeftOut, Source
from techalign.intake.values import read_numbers, settle_marks

__all__ = ["apply_mapping"]


_THREE_DECIMALS = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"}
_CORE = ("date", "vendor_raw", "amount", "currency", "reference")  # never a sign column too


def apply_mapping(
    mapping: Mapping,
    source: Source,
    currency: str | None = None,
    *,
    mostly_credits: bool = False,
    stand_ins: Mapped[str, float] | None = None,
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
    stand_ins : mapping of str to float, optional
        What stands in where a column is missing or a cell empty; such cells are marked.

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
    columns, notes = _taken(mapping, found, source)
    if mapping.table == "ledger":
        signed, own = _amounts(mapping, found, source, currency)
        columns["amount"] = signed.amounts
        notes += _payers(mapping, source, columns)
        notes += [signed.note, *_name_currency(mapping, found, own, columns)]
        reasons = filtered_rows(mapping, found, source, columns, signed.amounts)
        reasons |= total_rows(source, columns, reasons)
    else:
        notes += _flip_other(mapping, columns)
        notes += _stand_in(stand_ins or {}, source, columns)
        nothing = [None] * len(source.lines)
        reasons = filtered_rows(mapping, found, source, columns, nothing)
    notes += _unused(mapping, found, source)
    mapped = _without(source, columns, reasons, [*source.notes, *notes])
    if mapping.table == "ledger" and not (mostly_credits or signed.sure):
        _refuse_mostly_negative(mapped, signed.note)
    return mapped


def _taken(mapping: Mapping, found: dict[str, str], source: Source) -> tuple[Columns, list[str]]:
    """The columns a mapping names, with what stands in for empty cells, and notes on them."""
    fields = ROW_MODELS[mapping.table].model_fields  # of the options table a fee is a column
    columns: Columns = {
        name: list(source.columns[header])
        for name, header in found.items()
        if name in fields or name not in BESIDE_FIELDS
    }
    notes = [f"{header} read as {name}" for name, header in found.items()]
    columns |= {name: [text] * len(source.lines) for name, text in mapping.constant.items()}
    notes += _fill(mapping, source, columns)
    for name, mark in mapping.before.items():
        whole = columns.get(name, [])
        columns[name] = [_before(cell, mark) for cell in whole]
        columns.setdefault("memo", whole)
        notes.append(f"of {name} only what stands before '{mark.strip()}'")
    return columns, notes + _take_groups(mapping, source, columns)


def _before(cell: object, mark: str) -> object:
    first, found, _ = str(cell or "").partition(mark)
    return first.strip() if found and first.strip() else cell


def _flip_other(mapping: Mapping, columns: Columns) -> list[str]:
    """Turn the money of a table that is not the ledger, where the mapping states it."""
    money = ROW_MODELS[mapping.table].reconciles
    if mapping.sign != "flip" or money not in columns:
        return []
    columns[money] = _flipped(columns[money], mapping)
    return [f"signs of {money} flipped as the mapping states"]


def _stand_in(values: Mapped[str, float], source: Source, columns: Columns) -> list[str]:
    """Fill what a file cannot tell, and mark each such cell as a proposal."""
    notes = []
    marked: list[dict[str, object]] = [{} for _ in source.lines]
    for name, value in values.items():
        cells = columns.setdefault(name, [None] * len(source.lines))
        empty = [i for i, cell in enumerate(cells) if cell is None or not str(cell).strip()]
        for i in empty:
            cells[i] = cell_text(value)
            marked[i][name] = value
        if empty:
            notes.append(f"{name} stands in as {cell_text(value)} in {len(empty)} rows, to confirm")
    if any(marked):
        columns[MARKS] = [marks(row) for row in marked]
    return notes


def _unused(mapping: Mapping, found: dict[str, str], source: Source) -> list[str]:
    used = {*found.values(), *mapping.keep, *mapping.drop, GROUP}
    unused = [h for h in source.header if h not in used and not h.startswith("column ")]
    return [f"columns not used: {', '.join(unused)}"] if unused else []


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


def _payers(mapping: Mapping, source: Source, columns: Columns) -> list[str]:
    """Where money came in, the other side is who paid it."""
    by_key = {header_key(header): header for header in source.header}
    options = mapping.received.get("vendor_raw", [])
    header = next((by_key[k] for o in options if (k := header_key(o)) in by_key), None)
    if header is None:
        return []
    vendors = columns["vendor_raw"]
    for i, amount in enumerate(columns["amount"]):
        if isinstance(amount, Decimal) and amount < 0 and str(source.columns[header][i] or ""):
            vendors[i] = source.columns[header][i]
    return [f"{header} read as vendor_raw where money came in"]


def _take_groups(mapping: Mapping, source: Source, columns: Columns) -> list[str]:
    """The names of a report's groups are suppliers or accounts; its title or columns tell."""
    if GROUP not in source.columns:
        return []
    groups = source.columns[GROUP]
    title = source.title.casefold()
    by_supplier = any(word in title for word in ("vendor", "supplier", "payee", "contact"))
    options = mapping.columns.get("vendor_raw", [])[:-1]
    keys = {header_key(header) for header in source.header}
    named = "vendor_raw" in columns and any(header_key(o) in keys for o in options)
    if named and _left_blank(columns["vendor_raw"], groups):
        named = False  # the group lines stand in the supplier's own column
    name = "vendor_raw" if by_supplier or not named else "account"
    columns[name] = list(groups)
    return [f"group lines read as {name}"]


def _left_blank(cells: Sequence[object], groups: Sequence[object]) -> bool:
    """Tell whether most rows within groups have nothing in a column."""
    blank = [
        not str(cell or "").strip() for cell, group in zip(cells, groups, strict=True) if group
    ]
    return sum(blank) > len(blank) / 2


def _amounts(
    mapping: Mapping, found: dict[str, str], source: Source, currency: str | None
) -> tuple[Signed, str]:
    """Amounts in the ledger's sign, and the currency whose sign the file writes, "" for none."""
    names = [n for n in ("amount", "debit", "credit", "fee") if n in found]
    cells = {name: source.columns[found[name]] for name in names}
    stated = mapping.decimal
    settled = settle_marks(
        [c for n in names for c in cells[n]], stated=stated,
        cents=(mapping.currency or currency) not in _THREE_DECIMALS,
    )  # fmt: skip
    mark = settled.choice
    read = {name: read_numbers(column, mark) for name, column in cells.items()}
    shown = {sign for _, signs in read.values() for sign in signs if sign}
    own = ""  # the one currency whose sign the file writes
    if len(shown) == 1 and not (mapping.currency or "currency" in found):
        own = next(iter(shown)) if " " not in next(iter(shown)) else ""
    code = own or mapping.currency or currency
    numbers = {
        name: values if "currency" in found else _told_apart(cells[name], values, signs, code)
        for name, (values, signs) in read.items()
    }
    empty: list[object] = [None] * len(source.lines)
    if "debit" in found or "credit" in found:
        pair = (found.get("debit", "0"), found.get("credit", "0"))
        signed = net_of(numbers.get("debit", empty), numbers.get("credit", empty), pair)
        taken = [found[name] for name in _CORE if name in found]
        signed = agree_with_direction(signed, source.columns, taken)
        if mapping.sign == "flip":
            signed = Signed(_minus(signed.amounts), f"{signed.note}, signs flipped as stated")
    else:
        signed = _single(mapping, found, source, numbers["amount"])
    if settled.note:
        signed = replace(signed, note=f"{signed.note}; {settled.note}")
    refuse_against_balance(source.columns, signed.amounts, source.file)
    if "fee" in found:
        return _with_fee(signed, numbers["fee"], found["fee"]), own
    return _with_balanced_fee(source, numbers.get("amount"), signed, mark), own


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
    vendors = source.columns.get(found.get("vendor_raw", ""), ())
    held = {cell for cell in set(vendors) if is_balance(cell)}
    if held:  # a balance is no payment, and has no say in which amounts are costs
        amounts = [None if v in held else a for a, v in zip(amounts, vendors, strict=True)]
    return settle_sign(
        amounts, source.columns, [found[name] for name in _CORE if name in found],
        money=found["amount"], usual=mapping.usual, file=source.file,
    )  # fmt: skip


def _told_apart(
    cells: Sequence[object], values: list[object], signs: Sequence[str], currency: str | None
) -> list[object]:
    """An amount whose currency sign cannot be the row's stays raw, to be set aside."""
    if not currency or not any(signs):
        return values
    return [
        cell if sign and currency not in sign.split() else value
        for cell, value, sign in zip(cells, values, signs, strict=True)
    ]


def _name_currency(
    mapping: Mapping, found: dict[str, str], own: str, columns: Columns
) -> list[str]:
    """Take the currency from the mapping, from a header's brackets, or from the signs."""
    if "currency" in columns:
        return []
    money = [found[name] for name in ("amount", "debit", "credit") if name in found]
    named = next((code for header in money if (code := header_currency(header))), "")
    code = mapping.currency or named or own
    if not code:
        return []
    columns["currency"] = [code] * len(columns["amount"])
    if mapping.currency:
        return []
    return [f"the {'header names' if named else 'signs name'} the currency {code}"]


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
