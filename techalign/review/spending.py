"""Spending in the review: agreements with the days to act by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

import pandas as pd

from techalign.numbers.formatting import format_date
from techalign.report.blocks import table
from techalign.review.block import Block, BlockRow, Label, Money
from techalign.review.records import Record
from techalign.review.subject import Part, Register, Subject

__all__ = ["SUBJECT", "Agreements"]

_ROWS = 5  # of the front page's table


class AgreementRow(BlockRow):
    """One agreement: what it is for, its days, and the money of its next term."""

    what: Label
    purpose: str = ""
    act_by: dt.date
    last_day: dt.date
    end: dt.date
    renews: bool
    money: Money
    money_low: Money
    money_high: Money


class Agreements(Block):
    """Agreements that have not ended."""

    name: ClassVar = "dates"
    rows: tuple[AgreementRow, ...]


def _summary(records: Sequence[Record], today: dt.date) -> Part:
    """The next days to act, those of agreements that end by themselves until their end."""
    blocks = [block for record in records if (block := record.block(Agreements))]
    frames = [block.frame() for block in blocks] or [Agreements(rows=()).frame()]
    dates = pd.concat(frames, ignore_index=True).sort_values("act_by", kind="stable")
    # of one that renews by itself nothing can be changed once its last day has passed; of one
    # that ends there is everything to change until it has ended
    missed = dates["renews"].astype(bool) & (dates["last_day"] < today)
    shown = dates[~missed].head(_ROWS)
    html = table(
        shown.assign(
            act_by=[_day(day, today) for day in shown["act_by"]],
            last_day=[
                _last(*row, today)
                for row in zip(shown["renews"], shown["last_day"], shown["end"], strict=True)
            ],
        ),
        caption="Agreements to decide on next",
        columns={
            "act_by": "Act by",
            "what": "Supplier",
            "last_day": "Last day",
            "money": ("Next term", blocks[0].unit if blocks else ""),
        },
        empty="No date to act by lies ahead, or no contracts table says so.",
    ).html
    gone = int(missed.sum())
    said = f"{gone} more {'renew' if gone > 1 else 'renews'} and can no longer be cancelled."
    return Part("Next dates to act", f'{html}<p class="source">{said}</p>' if gone else html)


def _day(day: dt.date, today: dt.date) -> str:
    left = (day - today).days
    if left <= 0:
        return "now"
    return f"{format_date(day)} ({left} day{'s' if left != 1 else ''})"


def _last(renews: bool, last_day: dt.date, end: dt.date, today: dt.date) -> str:
    """The last day to cancel, or the end of what ends by itself."""
    if renews:
        return f"cancel by {format_date(last_day)}"
    past = ", notice day passed" if last_day < today else ""
    return f"ends {format_date(end)}{past}"


SUBJECT = Subject(
    name="spending",
    place=20,
    blocks=(Agreements,),
    registers=(Register(Agreements, "what", "agreement", "agreements"),),
    summary=_summary,
)
