"""The plan in the review: what is to be started when, by whom, and what came of it since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

import pandas as pd

from techalign.report.blocks import Column, table
from techalign.review.block import Block, BlockRow, Label, Money
from techalign.review.records import Record
from techalign.review.subject import Part, Register, Subject

__all__ = ["SUBJECT", "Planned"]

_ROWS = 6  # of the front page's table


class PlannedRow(BlockRow):
    """One task of the plan: its days, its owner, its money, and what it is worth."""

    what: Label
    owner: str = ""
    start: dt.date
    end: dt.date
    money: Money
    value: Money
    value_low: Money
    value_high: Money


class Planned(Block):
    """What the plan starts, in order of start."""

    name: ClassVar = "plan"
    rows: tuple[PlannedRow, ...]


def _summary(records: Sequence[Record], today: dt.date) -> Part:
    """What runs or starts next."""
    blocks = [block for record in records if (block := record.block(Planned))]
    frames = [block.frame() for block in blocks] or [Planned(rows=()).frame()]
    plan = pd.concat(frames, ignore_index=True).sort_values("start", kind="stable")
    shown = plan[plan["end"] >= today].head(_ROWS)
    unit = blocks[0].unit if blocks else ""
    html = table(
        shown,
        caption="The plan: what starts next",
        columns={
            "what": "What",
            "owner": "Owner",
            "start": "Start",
            "end": "End",
            "money": Column("Money", unit),
        },
        empty="Nothing is planned, or no initiatives table says what could be.",
    ).html
    return Part("The plan", html)


SUBJECT = Subject(
    name="plan",
    place=25,
    blocks=(Planned,),
    registers=(Register(Planned, "what", "planned project", "planned projects"),),
    summary=_summary,
)
