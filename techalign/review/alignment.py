"""Alignment in the review: goals and how far technology carries them, then and now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pandas as pd

from techalign.report.blocks import table
from techalign.report.page import Section
from techalign.review.block import Block, BlockRow, Chance, Label
from techalign.review.history import review_name
from techalign.review.records import Record
from techalign.review.since import scored_section
from techalign.review.subject import Clients, Earlier, Part, Register, Subject

__all__ = ["SUBJECT", "Goals"]

_AT_ONCE = 5  # clients on the portfolio that are not folded


class GoalBlockRow(BlockRow):
    """One goal: its weight, how far technology carries it, and how far it is reached."""

    goal: Label
    weight: Chance
    coverage: Chance
    reached: float | None = None


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
    together=_together,
)
