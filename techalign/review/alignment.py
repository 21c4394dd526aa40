"""Alignment in the review: goals and how far technology carries them, then and now."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
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


def _portfolio(clients: Clients) -> Mapping[str, Sequence[Part]]:
    """Clients by how far technology carries their goals, by currency."""
    by_currency: dict[str, list[tuple[str, float, str]]] = {}
    for records in clients.values():
        index = _index(records)
        block = next((b for record in records if (b := record.block(Goals))), None)
        if index is not None and block is not None:
            widest = max(block.rows, key=lambda row: row.weight * (1.0 - row.coverage))
            row = (records[0].client_name, index, widest.goal)
            by_currency.setdefault(block.unit, []).append(row)
    return {
        unit: (Part("Technology and goals", _ranked(rows, unit)),)
        for unit, rows in by_currency.items()
    }


def _ranked(rows: Sequence[tuple[str, float, str]], money: str) -> str:
    frame = pd.DataFrame(rows, columns=["client_name", "index", "goal"])
    return table(
        frame.sort_values("index", kind="stable"),
        caption=f"How far technology carries each client's goals, and the widest gap ({money})",
        columns={"client_name": "Client", "index": ("Carried", "%"), "goal": "Widest gap"},
    ).html


SUBJECT = Subject(
    name="alignment",
    place=50,
    blocks=(Goals,),
    registers=(Register(Goals, "goal", "goal", "goals"),),
    scores=_scores,
    sentence=_sentence,
    portfolio=_portfolio,
)
