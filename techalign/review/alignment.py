"""Alignment in the review: goals and how far technology carries them, then and now."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

import pandas as pd

from techalign.html import escape
from techalign.numbers.formatting import format_date
from techalign.report.blocks import table
from techalign.report.page import Section
from techalign.review.block import Block, BlockRow, Chance, Label
from techalign.review.history import review_name
from techalign.review.records import Record
from techalign.review.since import scored_section
from techalign.review.subject import Clients, Earlier, Force, Part, Register, Subject

__all__ = ["SUBJECT", "Goals"]

_MEASURED = 2  # targets on the front page
_AT_ONCE = 4  # clients on the portfolio that are not folded


_CARRIED = "How far technology carries what matters"


class GoalBlockRow(BlockRow):
    """One goal: its weight, how far technology carries it, and how far it is reached.

    ``baseline``, ``target`` and ``actual`` are the metric's, ``by`` the day for the target.
    """

    goal: Label
    weight: Chance
    coverage: Chance
    reached: float | None = None
    metric: str | None = None
    baseline: float | None = None
    target: float | None = None
    actual: float | None = None
    by: dt.date | None = None


class Goals(Block):
    """The goals of a client."""

    name: ClassVar = "goals"
    rows: tuple[GoalBlockRow, ...]


def _index(records: Sequence[Record]) -> float | None:
    rows = [row for record in records for row in record.rows(Goals)]
    return sum(row.weight * row.coverage for row in rows) if rows else None


def _scores(now: Record, earlier: Earlier) -> Section | None:
    """How each goal stands against the last review."""
    quarter = max(earlier)
    was = {row.goal: row for record in earlier[quarter] for row in record.rows(Goals)}
    rows = [
        (row.goal, was[row.goal].coverage, row.coverage, was[row.goal].reached, row.reached)
        for row in now.rows(Goals)
        if row.goal in was
    ]
    if not rows:
        return None
    columns = ["goal", "carried_then", "carried", "reached_then", "reached"]
    html = table(
        pd.DataFrame(rows, columns=columns),
        caption=f"Goals since {review_name(quarter)}",
        columns={
            "goal": "Goal",
            "carried_then": ("Carried then", "%"),
            "carried": ("Carried now", "%"),
            "reached_then": ("Reached then", "%"),
            "reached": ("Reached now", "%"),
        },
    ).html
    return scored_section(html)


def _sentence(now: Sequence[Record], earlier: Earlier) -> str:
    index, before = _index(now), _index(earlier[max(earlier)])
    if index is None or before is None:
        return ""
    then = review_name(max(earlier))
    return f"Technology carries {index:.0%} of what matters, {before:.0%} at {then}."


def _summary(records: Sequence[Record], today: dt.date) -> Part:
    """What is measured against its target: what is overdue first, then what most is missing of."""
    rows = [
        row for record in records for row in record.rows(Goals)
        if row.target is not None and row.actual is not None
    ]  # fmt: skip
    if not rows:
        return Part("", "")
    shown = sorted(rows, key=lambda row: (not _overdue(row, today), -_missing(row), row.goal))
    items = "".join(f"<li>{_against(row, today)}</li>" for row in shown[:_MEASURED])
    met = sum(_missing(row) <= 0 for row in rows)
    more = f" {len(rows) - _MEASURED} more in the report." if len(rows) > _MEASURED else ""
    said = f"{met} of {len(rows)} targets reached.{more}"
    return Part("Targets", f'<ul>{items}</ul><p class="source">{said}</p>')


def _missing(row: GoalBlockRow) -> float:
    """The weighted share of the way that is still to go; nothing for what is reached."""
    return row.weight * (1.0 - min(row.reached or 0.0, 1.0))


def _overdue(row: GoalBlockRow, today: dt.date) -> bool:
    return row.by is not None and row.by < today and _missing(row) > 0


def _against(row: GoalBlockRow, today: dt.date) -> str:
    """A metric with its actual value, its target and its day, as HTML."""
    known = [v for v in (row.baseline, row.target, row.actual) if v is not None]
    share = all(0 <= value <= 1 for value in known) and any(0 < value < 1 for value in known)
    form = ".3g" if share else ",g"
    by, sign = (100.0, "%") if share else (1.0, "")
    day = f" by {format_date(row.by)}" if row.by else ""
    start = f", from {row.baseline * by:{form}}{sign}" if row.baseline is not None else ""
    now, wanted = (f"{value * by:{form}}{sign}" for value in (row.actual or 0.0, row.target or 0.0))
    said = f"{row.metric or row.goal}: {now}, {wanted} wanted{day}{start}"
    state = "reached" if _missing(row) <= 0 else ""
    if row.reached is not None and not state:
        state = f"{max(0.0, row.reached):.0%} of the way"
    late = ' <span class="late">overdue</span>' if _overdue(row, today) else ""
    return f"{escape(said)}{f'; {state}' if state else ''}{late}"


def _together(clients: Clients) -> Sequence[Part]:
    """Clients by how far technology carries their goals."""
    rows = []
    for records in clients.values():
        index = _index(records)
        block = next((b for record in records if (b := record.block(Goals))), None)
        if index is not None and block is not None:
            widest = max(block.rows, key=lambda row: row.weight * (1.0 - row.coverage))
            rows.append((records[0].client_name, index, widest.goal))
    if not rows:
        return []
    frame = pd.DataFrame(rows, columns=["client_name", "index", "goal"])
    html = table(
        frame.sort_values("index", kind="stable"),
        caption="How far technology carries each client's goals, and the widest gap",
        columns={"client_name": "Client", "index": ("Carried", "%"), "goal": "Widest gap"},
        shown=_AT_ONCE,
    ).html
    return [Part("Technology and goals", html)]


SUBJECT = Subject(
    name="alignment",
    place=50,
    blocks=(Goals,),
    registers=(Register(Goals, "goal", "goal", "goals"),),
    scores=_scores,
    sentence=_sentence,
    summary=_summary,
    forces=(
        Force(_CARRIED, "strength", "Technology carries what matters to it", 0.7, 1.0),
        Force(_CARRIED, "weakness", "Technology carries little of what matters to it", 0.0, 0.5),
        Force(
            "Repeated work that tools could take over, a year",
            "opportunity",
            "Tools could take over work that comes again and again",
            1.0,
        ),
        Force(
            "Cyber incidents in a bad year (1 in 100)",
            "threat",
            "Cyber incidents: a year that one in a hundred is",
            1.0,
        ),
    ),
    together=_together,
)
