"""Check a file's rows against a row model: what is clean, what is not and why.

No row is lost: input rows = clean rows + quarantined rows, and where the table holds money
the amounts add up to the cent in the same way.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cache
from operator import itemgetter
from typing import TypeVar

import numpy as np
import pandas as pd
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from techalign.intake.columns import (
    ReadColumns,
    check_columns,
    columns_to_frame,
    field_kind,
    match_columns,
    read_columns,
)
from techalign.intake.days import days_since_1904
from techalign.intake.proposals import MARKS, unconfirmed
from techalign.intake.rows.common import Row
from techalign.intake.source import LeftOut, Source
from techalign.intake.unshown import SheetError
from techalign.intake.values import FIRST_DAY, LAST_DAY, DateOrder, Mark
from techalign.text import folded

__all__ = ["CurrencyTotal", "Table", "check_table", "empty_table"]

_Value = TypeVar("_Value")
_LONGEST_SHOWN = 200
_UNSAVED = "is a formula whose value was not saved"
QUARANTINE_COLUMNS = ("file", "line", "column", "reason", "value", "row")


@dataclass(frozen=True)
class CurrencyTotal:
    """Money read in one currency: ``input == clean + quarantined + left_out``, to the cent."""

    currency: str
    input: Decimal
    clean: Decimal
    quarantined: Decimal
    left_out: Decimal = Decimal(0)


@dataclass(frozen=True)
class Table:
    """One checked table.

    Attributes
    ----------
    name, file, sha256 : str
        The table, the file it came from and that file's checksum.
    clean : DataFrame
        Checked rows; the index is the line in the file. Dates are datetime64, numbers
        float64 (missing: NaN) or int64, text is str (missing: "").
    quarantine : DataFrame
        One line per problem: file, line, column, reason, value, and the whole raw row.
    rows_in : int
        Rows in the file; equals clean rows, distinct quarantined lines and rows left out.
    totals : tuple of CurrencyTotal
        For tables that hold money; empty otherwise.
    unread_amounts : int
        Quarantined rows whose amount could not be read, so that no total can hold it.
    repeats : DataFrame
        Clean rows that repeat an earlier row exactly. They are kept in ``clean``.
    notes : tuple of str
        How the file was read and what was settled.
    left_out : tuple of LeftOut
        Rows that are no payments: totals, and what never took place.
    proposed : mapping of int to tuple of str
        Line of a clean row to those of its cells that were proposed and nobody has confirmed.
    """

    name: str
    file: str
    sha256: str
    clean: pd.DataFrame
    quarantine: pd.DataFrame
    rows_in: int
    totals: tuple[CurrencyTotal, ...]
    unread_amounts: int
    repeats: pd.DataFrame
    notes: tuple[str, ...]
    left_out: tuple[LeftOut, ...] = ()
    proposed: Mapping[int, tuple[str, ...]] = field(default_factory=dict)

    @property
    def unconfirmed(self) -> int:
        """Number of cells that were proposed and that nobody has confirmed."""
        return sum(map(len, self.proposed.values()))

    @property
    def quarantined_rows(self) -> int:
        """Number of rows in quarantine (a row may have several problems)."""
        return len(set(self.quarantine["line"].tolist()))


def check_table(
    model: type[Row],
    source: Source,
    *,
    currency: str | None,
    date_order: DateOrder | None = None,
    decimal: Mark | None = None,
    date_form: str = "",
) -> Table:
    """Check raw cells against a row model.

    Parameters
    ----------
    model : type of Row
        The table's specification.
    source : Source
        Raw cells, whose headers are the model's columns.
    currency : str or None
        The client's currency, meant where a row names none.
    date_order, decimal, date_form : optional
        What the profile or a mapping says of the file; None or "" lets the file decide.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        If a required column is missing.
    """
    columns, unused = match_columns(model, source)
    if source.since_1904:
        columns = {
            name: days_since_1904(cells) if field_kind(model, name) == "date" else cells
            for name, cells in columns.items()
        }
    read = read_columns(model, columns, currency, date_order, decimal, date_form)
    checked, rows, wrong = _check(model, read, source, currency)
    rows, repeated = _split_repeated_keys(model, checked, rows, source.lines)
    problems = [*_ragged_problems(source), *wrong, *repeated]
    if len(rows) < len(source.lines):
        checked = {name: _at(values, rows) for name, values in checked.items()}
    clean = columns_to_frame(model, _at(source.lines, rows), checked)
    repeated_rows = [] if model.key else _repeated(checked)
    totals, unread = _totals(model, read, set(rows), source, currency)
    notes = [*source.notes, *read.notes]
    unused = [h for h in unused if not h.startswith("column ") and h.casefold() != MARKS]
    if unused:
        notes.append(f"columns not used: {', '.join(unused)}")
    return Table(
        name=model.table,
        file=source.file,
        sha256=source.sha256,
        clean=clean,
        quarantine=_quarantine(source, problems),
        rows_in=len(source.lines) + len(source.ragged) + len(source.left_out),
        totals=totals,
        unread_amounts=unread,
        repeats=clean.iloc[repeated_rows] if repeated_rows else clean.iloc[:0],
        notes=tuple(notes),
        left_out=source.left_out,
        proposed=_proposed(source, clean, rows),
    )


def _at(values: list[_Value], rows: list[int]) -> list[_Value]:
    """Values at places; of a hundred thousand, in a third of a comprehension's time."""
    if len(rows) < 2:
        return [values[i] for i in rows]
    return list(itemgetter(*rows)(values))


def _repeated(checked: Mapping[str, list[object]]) -> list[int]:
    """Places of the rows that repeat an earlier one, of those that share a hash with another."""
    hashes = list(map(hash, zip(*checked.values(), strict=True)))
    often = {value for value, count in Counter(hashes).items() if count > 1}
    seen: set[tuple[object, ...]] = set()
    repeated = []
    for i, value in enumerate(hashes):
        if value in often:
            row = tuple(cells[i] for cells in checked.values())
            if row in seen:
                repeated.append(i)
            seen.add(row)
    return repeated


def _proposed(source: Source, clean: pd.DataFrame, rows: list[int]) -> dict[int, tuple[str, ...]]:
    header = next((name for name in source.columns if name.casefold() == MARKS), None)
    if header is None:
        return {}
    return unconfirmed(clean, [source.columns[header][i] for i in rows])


def empty_table(model: type[Row]) -> pd.DataFrame:
    """Give the frame of a table the client does not have: right columns and types, no rows."""
    return _no_rows(model).copy()


@cache
def _no_rows(model: type[Row]) -> pd.DataFrame:
    return columns_to_frame(model, [], {name: [] for name in model.model_fields})


# line, index of the row in the source (None for a ragged one), column, reason, value
_Problem = tuple[int, int | None, str, str, str]


def _check(
    model: type[Row], read: ReadColumns, source: Source, currency: str | None
) -> tuple[dict[str, list[object]], list[int], list[_Problem]]:
    """Check columns as wholes, and row by row only what that leaves open or finds wrong."""
    checked, suspect = check_columns(model, read, len(source.lines))
    if model.spans_columns:
        suspect.update(range(len(source.lines)))
    for signs in read.currencies.values():
        suspect.update(i for i, sign in enumerate(signs) if sign)
    wrong: set[int] = set()
    problems: list[_Problem] = []
    for i in sorted(suspect):
        found, row = _check_row(model, read, i, currency)
        problems.extend((source.lines[i], i, *problem) for problem in found)
        if row is None:
            wrong.add(i)
            continue
        for name, values in checked.items():
            values[i] = getattr(row, name)
    return checked, [i for i in range(len(source.lines)) if i not in wrong], problems


def _check_row(
    model: type[Row], read: ReadColumns, i: int, currency: str | None
) -> tuple[list[tuple[str, str, str]], Row | None]:
    cells = {n: value for n, column in read.cells.items() if (value := column[i]) is not None}
    wrong = _foreign_sign(read, i, cells.get("currency") or currency)
    if wrong:
        return [wrong], None
    try:
        return [], model.model_validate(cells)
    except ValidationError as error:
        return [_explain(detail, read) for detail in error.errors(include_url=False)], None


def _foreign_sign(read: ReadColumns, i: int, currency: object) -> tuple[str, str, str] | None:
    for name, signs in read.currencies.items():
        if signs[i] and currency and str(currency) not in signs[i].split():
            reason = f"the sign says {signs[i].split()[0]}, the row's currency is {currency}"
            return name, reason, str(read.cells[name][i])
    return None


def _explain(detail: ErrorDetails, read: ReadColumns) -> tuple[str, str, str]:
    column = str(detail["loc"][0]) if detail["loc"] else "row"
    kind, given, limits = detail["type"], detail["input"], detail.get("ctx", {})
    if kind == "missing":
        return column, "is empty", ""
    value = "" if column == "row" else str(given)
    if isinstance(given, SheetError) or value.startswith("="):
        is_error = not value.startswith("=")
        what = "is an error of the spreadsheet" if is_error else _UNSAVED
        return column, what, value
    if {limits.get("ge"), limits.get("le")} & {f"{FIRST_DAY}", f"{LAST_DAY}"}:
        return column, f"is not a day from {FIRST_DAY.year} to {LAST_DAY.year}", value
    if kind == "int_from_float":
        return column, "must be a whole number", value
    return column, _reason(kind, detail, read), value


def _reason(kind: str, detail: ErrorDetails, read: ReadColumns) -> str:
    limits = detail.get("ctx", {})
    if kind.startswith("date"):
        return f"is not a date (read {read.date_form or read.date_order})"
    if kind.split("_")[0] in {"decimal", "float", "int", "finite"}:
        return f"is not a number (decimal mark '{read.decimal}')"
    if kind.startswith("bool"):
        return "must be yes or no"
    if kind == "literal_error":
        return f"must be {limits['expected']}"
    if kind == "value_error":
        return str(limits["error"])
    return detail["msg"].replace("Input should be", "must be")


def _ragged_problems(source: Source) -> list[_Problem]:
    width = source.width or len(source.header)
    return [
        (row.line, None, "row", f"has {len(row.cells)} fields, the header has {width}", "")
        for row in source.ragged
    ]


def _split_repeated_keys(
    model: type[Row], checked: dict[str, list[object]], rows: list[int], lines: list[int]
) -> tuple[list[int], list[_Problem]]:
    if not model.key:
        return rows, []
    first: dict[tuple[object, ...], int] = {}
    problems: list[_Problem] = []
    for i in rows:
        key = tuple(_as_compared(checked[name][i]) for name in model.key)
        if first.setdefault(key, i) != i:
            shown = ", ".join(str(checked[name][i]) for name in model.key)
            reason = f"repeats {', '.join(model.key)} of line {lines[first[key]]}"
            problems.append((lines[i], i, model.key[0], reason, shown))
    return list(first.values()), problems


def _as_compared(value: object) -> object:
    """Names in other case or with what cannot be seen are the same name."""
    return folded(value) if isinstance(value, str) else value


def _quarantine(source: Source, problems: list[_Problem]) -> pd.DataFrame:
    if not problems:
        return _nothing_aside().copy()
    ragged = {row.line: row.cells for row in source.ragged}
    records = []
    for line, i, column, reason, value in sorted(problems, key=lambda p: p[0]):
        raw: object = (
            list(ragged[line])
            if i is None
            else {name: cells[i] for name, cells in source.columns.items()}
        )
        shown = json.dumps(raw, default=str, ensure_ascii=False)
        records.append((source.file, line, column, reason, _short(value), shown))
    return pd.DataFrame(records, columns=list(QUARANTINE_COLUMNS))


@cache
def _nothing_aside() -> pd.DataFrame:
    nothing = np.empty((0, len(QUARANTINE_COLUMNS)), dtype=object)
    return pd.DataFrame(nothing, columns=list(QUARANTINE_COLUMNS))


def _short(text: str) -> str:
    """A value for a message; the whole of it stands in the raw row."""
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"


def _totals(
    model: type[Row],
    read: ReadColumns,
    clean: set[int],
    source: Source,
    currency: str | None,
) -> tuple[tuple[CurrencyTotal, ...], int]:
    """Add up the money that was read, independently of what the rows were found to be."""
    if model.reconciles is None:
        return (), 0
    amounts = read.cells[model.reconciles]
    named = read.cells.get("currency", [None] * len(amounts))
    money: dict[str, tuple[list[Decimal], list[Decimal], list[Decimal]]] = {}
    unread = len(source.ragged)
    if "currency" not in read.cells:
        numbers = [amount for amount in amounts if type(amount) is Decimal]
        unread += len(amounts) - len(numbers)
        kept = [a for a in _at(amounts, sorted(clean)) if type(a) is Decimal]
        aside = [a for i, a in enumerate(amounts) if i not in clean and type(a) is Decimal]
        money = {currency or "?": (numbers, kept, aside)} if numbers else {}
        amounts = []
    for i, amount in enumerate(amounts):
        if not isinstance(amount, Decimal):
            unread += 1
            continue
        every, kept, aside = money.setdefault(str(named[i] or currency or "?"), ([], [], []))
        every.append(amount)
        (kept if i in clean else aside).append(amount)
    out: dict[str, Decimal] = {}
    for row in source.left_out:
        if isinstance(row.amount, Decimal):
            code = row.currency or currency or "?"
            out[code] = out.get(code, Decimal(0)) + row.amount
    zero = Decimal(0)
    empty: tuple[list[Decimal], list[Decimal], list[Decimal]] = ([], [], [])
    totals = []
    for code in sorted({*money, *out}):
        read_in, clean_in, set_aside = (sum(part, zero) for part in money.get(code, empty))
        left = out.get(code, zero)
        totals.append(CurrencyTotal(code, read_in + left, clean_in, set_aside, left))
    return tuple(totals), unread
