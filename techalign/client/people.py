"""What a questionnaire says of the seven kinds of people, joined with what is written of them.

The questionnaire asks of each kind how many there are, how they fare, and what they get and give.
What it says is read as rows of the players table; where both speak of the same, the later counts.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, replace
from typing import Any, get_args

import numpy as np
import pandas as pd

from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import Table, empty_table
from techalign.numbers.formatting import format_date, format_value
from techalign.text import folded, listed

__all__ = ["ASKED_OF", "HIGHEST", "PEOPLE", "join_people", "people_asked"]

PEOPLE: tuple[str, ...] = get_args(ROW_MODELS["players"].model_fields["player"].annotation)
"""The seven kinds of people, as the players table names them."""

ASKED_OF = "people_"
"""How the short names of the questionnaire's rows on people begin."""

HIGHEST = 5
_FRESH = dt.timedelta(days=365)
_APART = 2  # levels by which two answers contradict each other
_NEVER = pd.Timestamp.min

_Row = dict[str, Any]
_USUAL: _Row = {name: field.default for name, field in ROW_MODELS["players"].model_fields.items()}
"""Cells of a kind of which nothing is written."""


@dataclass(frozen=True)
class _Said:
    """What the answers say of one kind of people: cells of its row, and their day."""

    cells: _Row
    day: pd.Timestamp


def people_asked(item: str) -> str:
    """Tell which kind of people a question is about.

    Parameters
    ----------
    item : str
        The question's short name, however it is written.

    Returns
    -------
    str
        One of :data:`PEOPLE`, or "" of any other question.

    Examples
    --------
    >>> people_asked(" People_Clients "), people_asked("goals_written")
    ('clients', '')
    """
    before, asked, name = folded(item).partition(ASKED_OF)
    return name if asked and not before and name in PEOPLE else ""


def join_people(
    tables: Mapping[str, Table], as_of: dt.date
) -> tuple[dict[str, Table], tuple[str, ...]]:
    """Read the questionnaire's answers on people into the players table.

    An answer without evidence says nothing of how they fare; nor does one dated after the day of
    the review. Of several within 12 months the lowest counts. An empty cell says nothing.

    Parameters
    ----------
    tables : mapping of str to Table
        A client's checked tables; without ``assessment`` they stay as they are.
    as_of : date

    Returns
    -------
    tables : dict of str to Table
        With the joined ``players``, where the questionnaire says anything of them.
    notes : tuple of str
        In a client's words: what does not count, and what contradicts itself.
    """
    joined = dict(tables)
    asked = tables.get("assessment")
    if asked is None:
        return joined, ()
    of_people = np.array([people_asked(item) != "" for item in asked.clean["item"]], dtype=bool)
    given = [_named(row) for row in asked.clean[of_people].to_dict("records")]
    day, notes = pd.Timestamp(as_of), list[str]()
    said = {}
    for player in PEOPLE:
        answers = [row for row in given if people_asked(row["item"]) == player]
        if found := _said(player, answers, day, notes):
            said[player] = found
    before = tables.get("players")
    if said:
        joined["players"] = _joined(before, asked, said, day, notes)
    elif before is None and (aside := _set_aside(asked)) is not None:
        joined["players"] = aside
    return joined, tuple(notes)


def _said(player: str, answers: list[_Row], as_of: pd.Timestamp, notes: list[str]) -> _Said | None:
    """One kind's cells as the answers give them; None if they say nothing."""
    if not answers:
        return None
    dated = [a for a in answers if not a["date"] > as_of]
    cells: _Row = {}
    level = _level(player, dated, as_of, notes)
    if level is not None:
        cells |= {"health": level["level"] / HIGHEST, "evidence": level["evidence"],
                  "asked": level["date"]}  # fmt: skip
    latest = sorted(dated, key=lambda a: (_day(a), -_or(a["count"], 0.0)))
    counts = [a for a in latest if a["count"] == a["count"]]
    if counts:
        cells["count"] = counts[-1]["count"]
        cells.setdefault("evidence", counts[-1]["evidence"])
        if len({a["count"] for a in counts if _day(a) == _day(counts[-1])}) > 1:
            each = listed([f"{_who(a)} counts {a['count']:,.0f}" for a in counts])
            notes.append(f"Of the {player}, {each}: {cells['count']:,.0f} is taken.")
    for name in ("gets", "gives"):
        if words := [a[name] for a in latest if a[name]]:
            cells[name] = words[-1]
    day = max((_day(a) for a in latest), default=_NEVER)
    return _Said(cells, day) if cells else None


def _level(player: str, answers: list[_Row], as_of: pd.Timestamp, notes: list[str]) -> _Row | None:
    """The answer that counts of how one kind fares: of those within 12 months the lowest."""
    levels = [a for a in answers if a["level"] == a["level"]]
    shown = [a for a in levels if a["evidence"]]
    if len(shown) < len(levels):
        notes.append(f"How the {player} do was answered without saying what shows it: "
                     "that answer does not count.")  # fmt: skip
    fresh = [a for a in shown if _day(a) >= as_of - _FRESH]
    if not fresh:
        return max(shown, key=_day, default=None)
    lowest, highest = (f(a["level"] for a in fresh) for f in (min, max))
    if highest - lowest >= _APART:
        each = listed([f"{_who(a)} says {a['level']:.0f} of {HIGHEST}" for a in fresh])
        notes.append(f"Answers to how the {player} do contradict each other: {each}. "
                     "The lower counts.")  # fmt: skip
    return max((a for a in fresh if a["level"] == lowest), key=_day)


def _joined(
    before: Table | None,
    asked: Table,
    said: Mapping[str, _Said],
    as_of: pd.Timestamp,
    notes: list[str],
) -> Table:
    """The players table with the answers in it."""
    table = before or _none_of(asked)
    rows: dict[int, _Row] = dict(
        zip(table.clean.index.tolist(), map(_named, table.clean.to_dict("records")), strict=True)
    )
    lines = {row["player"]: line for line, row in rows.items()}
    marks = dict(table.proposed)
    for player in (p for p in PEOPLE if p in said):
        if player not in lines:
            rows[max([*rows, 1]) + 1] = {**_USUAL, "player": player, **said[player].cells}
            continue
        line = lines[player]
        taken = _later(rows[line], said[player])
        notes += _told_twice(rows[line], said[player], as_of)
        rows[line] |= taken
        # what an owner has answered is no proposal any more
        marks[line] = tuple(n for n in marks.get(line, ()) if n not in taken)
    empty = empty_table(ROW_MODELS["players"])
    frame = pd.DataFrame([*rows.values()], index=pd.Index([*rows], name="line"))
    frame = frame[[*empty.columns]].astype(empty.dtypes)
    return replace(
        table, clean=frame, rows_in=table.rows_in + len(frame) - len(table.clean),
        notes=(*table.notes, f"{len(said)} kinds of people as the questionnaire has them", *notes),
        proposed={line: names for line, names in marks.items() if names},
    )  # fmt: skip


def _later(row: _Row, said: _Said) -> _Row:
    """The cells of an answer that count against what is written in the players table."""
    written = _or(row["asked"], _NEVER)
    taken = {}
    level = said.cells.get("health")
    if level is not None and (
        _missing(row["health"]) or _or(said.cells["asked"], _NEVER) > written
    ):
        taken = {name: said.cells[name] for name in ("health", "evidence", "asked")}
    for name in ("count", "gets", "gives"):
        cell = said.cells.get(name)
        if cell is not None and (_missing(row[name]) or said.day >= written):
            taken[name] = cell
    if not row["evidence"] and said.cells.get("evidence"):
        taken["evidence"] = said.cells["evidence"]
    return taken


def _told_twice(row: _Row, said: _Said, as_of: pd.Timestamp) -> list[str]:
    """Say that an answer and the players table contradict each other, both of the last months."""
    level, day = said.cells.get("health"), said.cells.get("asked", pd.NaT)
    if level is None or _missing(row["health"]) or abs(level - row["health"]) < _APART / HIGHEST:
        return []
    if not (day >= as_of - _FRESH and row["asked"] >= as_of - _FRESH):
        return []
    return [
        f"How the {row['player']} do is told in two ways: {format_value(level, '%')} on "
        f"{format_date(day)}, {format_value(row['health'], '%')} on {format_date(row['asked'])}. "
        "The later counts."
    ]


def _set_aside(asked: Table) -> Table | None:
    """A players table of which nothing could be read: answers on people were given, and wrongly."""
    of_people = asked.quarantine["row"].str.contains(ASKED_OF, case=False, regex=False)
    if not of_people.any():
        return None
    aside = asked.quarantine[of_people.to_numpy(dtype=bool)].reset_index(drop=True)
    return replace(_none_of(asked), quarantine=aside, rows_in=int(aside["line"].nunique()))


def _none_of(asked: Table) -> Table:
    """A players table that holds nothing yet, of the questionnaire's file."""
    empty = empty_table(ROW_MODELS["players"])
    return replace(
        asked, name="players", clean=empty, quarantine=asked.quarantine.iloc[:0], rows_in=0,
        notes=(), repeats=empty, left_out=(), proposed={},
    )  # fmt: skip


def _named(row: dict[Hashable, Any]) -> _Row:
    return {str(name): cell for name, cell in row.items()}


def _day(answer: _Row) -> pd.Timestamp:
    day: pd.Timestamp = _or(answer["date"], _NEVER)
    return day


def _who(answer: _Row) -> str:
    return answer["assessor"] or "somebody"


def _missing(cell: Any) -> bool:
    return cell is None or cell == "" or cell != cell


def _or(value: Any, other: Any) -> Any:
    """The value, or another where it is missing."""
    return other if _missing(value) else value
