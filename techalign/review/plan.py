"""The plan in the review: what is to be started when, by whom, and what came of it since."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from techalign.html import escape
from techalign.numbers.formatting import compact, format_date
from techalign.review.block import Block, BlockRow, Label, Money
from techalign.review.records import Record
from techalign.review.subject import Force, Part, Register, Subject

__all__ = ["SUBJECT", "Planned"]

_ROWS = 3  # on the front page


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
    rows = [
        (row, block.unit)
        for record in records
        if (block := record.block(Planned))
        for row in block.rows
        if row.end >= today
    ]
    items = "".join(
        f"<li>{escape(row.what)}: {escape(row.owner)}, from {format_date(row.start)}, "
        f"{compact(row.money, unit)}</li>"
        for row, unit in sorted(rows, key=lambda each: each[0].start)[:_ROWS]
    )
    html = f"<p>What starts next:</p><ul>{items}</ul>" if items else "<p>Nothing is planned.</p>"
    return Part("The plan", html)


SUBJECT = Subject(
    name="plan",
    place=25,
    blocks=(Planned,),
    registers=(Register(Planned, "what", "planned project", "planned projects"),),
    forces=(
        Force(
            "Worth of the plan, less cost", "opportunity", "The projects that fit its means", 1.0
        ),
    ),
    summary=_summary,
)
