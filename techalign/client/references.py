"""Rows that lean on other rows or on the day of the review: checked before any report starts.

A row that names a company which is not in its register, or one whose own row was set aside, is
set aside too, with that reason: a report is never lost to one row, and nothing counts silently.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal

import pandas as pd

from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import CurrencyTotal, Table
from techalign.text import folded

__all__ = ["REGISTERS", "check_references"]


@dataclass(frozen=True)
class _Reference:
    """A column whose names must stand in a column of another table; ``but`` may, too."""

    table: str
    column: str
    register: str
    key: str
    but: tuple[str, ...] = ()


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
}


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


def _unknown(reference: _Reference, register: Table) -> Find:
    """Names that are not in their register, or only in a row of it that was set aside."""
    known = {folded(str(name)) for name in register.clean[reference.key]} | set(reference.but)
    raw = [json.loads(row) for row in register.quarantine["row"]]
    aside = {folded(str(row.get(reference.key, ""))) for row in raw if isinstance(row, dict)}

    def find(cell: object) -> str:
        name = folded(str(cell))
        if name in known:
            return ""
        if name in aside:
            return f"is in a row of the {reference.register} table that was set aside"
        return f"is not in the {reference.register} table"

    return find


def _set_aside(table: Table, column: str, find: Find) -> Table:
    """The table without the rows in whose column something is found, and why."""
    if column not in table.clean or table.clean.empty:
        return table
    found = {line: said for line, cell in table.clean[column].items() if (said := find(cell))}
    if not found:
        return table
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
