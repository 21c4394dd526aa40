"""The ecosystem in the review: how well each part is fed, then and now, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

import pandas as pd

from techalign.report.blocks import note, table
from techalign.report.page import Section
from techalign.review.block import Block, BlockRow, Chance, Label
from techalign.review.history import review_name
from techalign.review.records import Record
from techalign.review.since import scored_section
from techalign.review.subject import Clients, Earlier, Force, Part, Register, Subject

__all__ = ["SUBJECT", "Parts"]

_AT_ONCE = 4  # clients on the portfolio that are not folded


class PartRow(BlockRow):
    """One of the seven players: how well it is fed, and its share of what holds back."""

    player: Label
    fed: Chance | None
    pull: Chance | None


class Parts(Block):
    """The players a client knows something of."""

    name: ClassVar = "players"
    rows: tuple[PartRow, ...]


def _worst(records: Sequence[Record]) -> PartRow | None:
    known = [row for record in records for row in record.rows(Parts) if row.pull is not None]
    return max(known, key=lambda row: row.pull or 0.0, default=None)


def _scores(now: Record, earlier: Earlier) -> Section | None:
    """How each part does against the last review."""
    if now.block(Parts) is None:
        return None
    quarter = max(earlier)
    was = {row.player: row.fed for record in earlier[quarter] for row in record.rows(Parts)}
    rows = [
        (row.player, was[row.player], row.fed, row.fed - (was[row.player] or 0.0))
        for row in now.rows(Parts)
        if row.fed is not None and was.get(row.player) is not None
    ]
    if not rows:
        return None
    frame = pd.DataFrame(rows, columns=["player", "before", "now", "change"])
    html = table(
        frame.sort_values("change", ascending=False, kind="stable"),
        caption=f"What each part has of what it needs, since {review_name(quarter)}",
        columns={
            "player": "Part",
            "before": ("Then", "%"),
            "now": ("Now", "%"),
            "change": ("Change", "%"),
        },
    ).html
    return scored_section(html)


def _sentence(now: Sequence[Record], earlier: Earlier) -> str:
    worst, quarter = _worst(now), max(earlier)
    before = _worst(earlier[quarter])
    if worst is None or before is None or worst.fed is None:
        return ""
    if worst.player != before.player:
        return f"The {worst.player} hold the rest back now; it was the {before.player}."
    return f"The {worst.player} hold the rest back, as in {review_name(quarter)}."


def _together(clients: Clients) -> Sequence[Part]:
    """Which part holds each client back."""
    rows = []
    for records in clients.values():
        worst = _worst(records)
        if worst is not None and worst.fed is not None:
            rows.append((records[0].client_name, worst.player, worst.fed))
    if not rows:
        return []
    frame = pd.DataFrame(rows, columns=["client_name", "player", "fed"])
    same = frame["player"].value_counts()
    said = f"Most often it is the {same.index[0]}: {int(same.iloc[0])} of {len(frame)} clients."
    html = table(
        frame.sort_values("fed", kind="stable"),
        caption="The part that holds each client back, and what it has of its needs",
        columns={"client_name": "Client", "player": "Part", "fed": ("Has", "%")},
        shown=_AT_ONCE,
    ).html
    return [Part("What holds each client back", note(said).html + html)]


SUBJECT = Subject(
    name="ecosystem",
    place=40,
    blocks=(Parts,),
    registers=(Register(Parts, "player", "part of the business", "parts of the business"),),
    scores=_scores,
    sentence=_sentence,
    forces=(
        Force("Health of the whole", "strength", "All whom it lives by do well", 0.8, 1.0),
        Force("Health of the whole", "weakness", "A part it lives by is neglected", 0.0, 0.6),
        Force(
            "Margin that feeding the weakest part brings in a year",
            "opportunity",
            "Feeding the part that is neglected brings margin",
            1.0,
        ),
        Force(
            "Cost of selling in one direction, a year",
            "weakness",
            "Selling to a quota comes back as debt",
            1.0,
        ),
    ),
    together=_together,
)
