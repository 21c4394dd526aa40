"""Spending in the review: agreements with the days to act by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import ClassVar

from techalign.numbers.formatting import compact
from techalign.review.block import Block, BlockRow, Label, Money
from techalign.review.records import Record, figure_of
from techalign.review.subject import Register, Subject

__all__ = ["SUBJECT", "AgreementRow", "Agreements"]

_KNOWN = "Known technology spending, 12 months"


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


def _stands(records: Sequence[Record]) -> str:
    known = figure_of(records, _KNOWN)
    if known is None:
        return ""
    # what could not be classified may be technology, too
    ends = known.ends
    least = "at least " if ends.high > ends.low else ""
    return f"spends {least}{compact(ends.point, known.unit)} a year on technology"


SUBJECT = Subject(
    name="spending",
    place=10,
    blocks=(Agreements,),
    registers=(Register(Agreements, "what", "agreement", "agreements"),),
    stands=_stands,
    numbers=(_KNOWN, "Renewing by themselves within a year"),
)
