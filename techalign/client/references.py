"""Rows that lean on other rows or on the day of the review: checked before any report starts.

A row that names a company which is not in its register, or one whose own row was set aside, is
set aside too, with that reason: a report is never lost to one row, and nothing counts silently.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping, Set
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import CurrencyTotal, Table
from techalign.numbers.named_shares import named_shares
from techalign.text import folded

__all__ = ["REGISTERS", "check_references"]


@dataclass(frozen=True)
class _Reference:
    """A column whose names must stand in a column of another table; ``but`` may, too.

    ``loose``: a name of its own says something, too; only what was set aside there is here.
    """

    table: str
    column: str
    register: str
    key: str
    but: tuple[str, ...] = ()
    loose: bool = False


_REFERENCES = (
    _Reference("vendor_events", "vendor", "vendors", "vendor"),
    _Reference("mitigations", "vendor", "vendors", "vendor"),
    _Reference("partner_revenue", "partner", "partners", "partner"),
    _Reference("pipeline", "partner", "partners", "partner"),
    _Reference("partner_investment", "partner", "partners", "partner", ("all",)),
    _Reference("partner_events", "partner", "partners", "partner"),
    _Reference("services", "partner", "partners", "partner", ("all",)),
    _Reference("initiatives", "resource", "resources", "resource", ("",)),
    _Reference("partner_wins", "partner", "partners", "partner"),
    _Reference("partner_charter", "partner", "partners", "partner"),
    _Reference("partner_benefits", "partner", "partners", "partner"),
    _Reference("partner_trust", "partner", "partners", "partner"),
    _Reference("links", "goal", "goals", "goal", loose=True),
    _Reference("judgements", "goal_a", "goals", "goal"),
    _Reference("judgements", "goal_b", "goals", "goal"),
)

REGISTERS: Mapping[str, str] = {each.table: each.register for each in _REFERENCES}
"""Table to the table its rows refer to, which is read along with it."""

# what has happened cannot lie ahead of the day of the review
_PAST = {
    "vendors": ("founded", "ceased", "acquired", "since"),
    "vendor_events": ("date",),
    "partners": ("signed",),
    "partner_events": ("date",),
    "partner_wins": ("date",),
    "partner_benefits": ("date",),
    "partner_trust": ("date",),
    "assets": ("in_service",),
    "pipeline": ("created",),
    "assessment": ("date",),
    "players": ("asked",),
    "selling": ("asked",),
    "message": ("date",),
}
# what is written down as it happens: books may well go on after the day of the review, but
# neither past today nor back beyond anybody's books
_BOOKS = {
    "ledger": "date",
    "partners": "signed",
    "partner_revenue": "month",
    "partner_investment": "month",
    "pipeline": "created",
    "flows": "month",
}
_YEARS_OF_BOOKS = 60


def check_references(tables: Mapping[str, Table], as_of: dt.date) -> dict[str, Table]:
    """Set aside rows that refer to what is not there, or speak of days still to come.

    Parameters
    ----------
    tables : mapping of str to Table
        A client's tables; of a reference whose register is not among them nothing is said.
    as_of : date
        The latest day the client's tables speak of.

    Returns
    -------
    dict of str to Table
    """
    checked = dict(tables)
    for name, columns in _PAST.items():
        for column in columns if name in checked else ():
            checked[name] = _set_aside(checked[name], column, _later_than(as_of))
    today = max(as_of, dt.date.today())
    for name, column in _BOOKS.items():
        if name in checked:
            checked[name] = _set_aside(checked[name], column, _not_of(today, column == "month"))
    if "vendors" in checked:
        checked["vendors"] = _without_fallen_hubs(checked["vendors"])
    for reference in _REFERENCES:
        if reference.table in checked and reference.register in checked:
            table = checked[reference.table]
            if reference.column in table.clean:
                find = _unknown(reference, checked[reference.register])
                checked[reference.table] = _set_aside(table, reference.column, find)
    return checked


Find = Callable[[object], str]
"""From a cell to what is wrong with it, or ""."""


def _later_than(day: dt.date) -> Find:
    """Days, and years, after the day of the review."""

    def find(cell: object) -> str:
        if isinstance(cell, pd.Timestamp):
            late = cell.date() > day
        else:
            late = isinstance(cell, float) and cell > day.year
        return f"is after the day of the review, {day}" if late else ""

    return find


def _not_of(today: dt.date, of_months: bool) -> Find:
    """Days of books that nobody can have kept: a slip in the year."""
    last = pd.Timestamp(today) + (pd.offsets.MonthEnd(0) if of_months else pd.Timedelta(0))
    first = last - pd.DateOffset(years=_YEARS_OF_BOOKS)

    def find(cell: object) -> str:
        if not isinstance(cell, pd.Timestamp) or first <= cell <= last:
            return ""
        return (
            f"is after {last:%Y-%m-%d}, which is yet to come"
            if cell > last
            else f"is more than {_YEARS_OF_BOOKS} years ago"
        )

    return find


def _without_fallen_hubs(vendors: Table) -> Table:
    """Vendors without those that run on one whose row was set aside, and those that run on them.

    Taken for a company outside, the one set aside would count with a chance nobody stated.
    """
    while True:
        known, aside = _names(vendors, "vendor")

        def find(cell: object, fallen: Set[str] = aside - known) -> str:
            runs_on = [name for name, _ in named_shares(str(cell)) if folded(name) in fallen]
            return f"names {runs_on[0]!r}, whose row was set aside" if runs_on else ""

        fewer = _set_aside(vendors, "hubs", find)
        if fewer is vendors:
            return vendors
        vendors = fewer


def _names(register: Table, key: str) -> tuple[set[str], set[str]]:
    """The names in a register's clean rows, and in those that were set aside."""
    raw = [json.loads(row) for row in register.quarantine["row"]]
    aside = {folded(str(row.get(key, ""))) for row in raw if isinstance(row, dict)}
    return {folded(str(name)) for name in register.clean[key]}, aside


def _unknown(reference: _Reference, register: Table) -> Find:
    """Names that are not in their register, or only in a row of it that was set aside."""
    listed, aside = _names(register, reference.key)
    known = listed | set(reference.but)

    def find(cell: object) -> str:
        name = folded(str(cell))
        if name in known:
            return ""
        if name in aside:
            return f"is in a row of the {reference.register} table that was set aside"
        return "" if reference.loose else f"is not in the {reference.register} table"

    return find


def _set_aside(table: Table, column: str, find: Find) -> Table:
    """The table without the rows in whose column something is found, and why."""
    if column not in table.clean or table.clean.empty:
        return table
    cells = table.clean[column]
    wrong = {cell: said for cell in cells.unique() if (said := find(cell))}
    if not wrong:
        return table
    found = {line: wrong[cell] for line, cell in cells[cells.isin(list(wrong))].items()}
    bad = table.clean.loc[list(found)]
    rows = [{name: _shown(cell) for name, cell in row.items()} for row in bad.to_dict("records")]
    problems = pd.DataFrame(
        {
            "file": table.file,
            "line": list(found),
            "column": column,
            "reason": list(found.values()),
            "value": [row[column] for row in rows],
            "row": [json.dumps(row, ensure_ascii=False) for row in rows],
        }
    )
    every = pd.concat([table.quarantine, problems], ignore_index=True)
    return replace(
        table,
        clean=table.clean.drop(index=list(found)),
        quarantine=every.sort_values("line", kind="stable", ignore_index=True),
        repeats=table.repeats.drop(index=list(found), errors="ignore"),
        totals=_moved(table, bad),
        proposed={line: names for line, names in table.proposed.items() if line not in found},
    )


def _moved(table: Table, bad: pd.DataFrame) -> tuple[CurrencyTotal, ...]:
    """The totals with the money of some rows moved from clean to quarantined."""
    money = ROW_MODELS[table.name].reconciles
    if money is None or len(table.totals) != 1:
        return table.totals
    (total,) = table.totals
    moved = sum((Decimal(repr(float(cell))) for cell in bad[money]), Decimal(0))
    return (replace(total, clean=total.clean - moved, quarantined=total.quarantined + moved),)


def _shown(cell: object) -> str:
    if isinstance(cell, pd.Timestamp):
        return f"{cell:%Y-%m-%d}"
    if cell is None or cell is pd.NaT or cell != cell:
        return ""
    return f"{cell:g}" if isinstance(cell, float) else str(cell)
