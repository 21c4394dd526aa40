"""Spending in the review: agreements with the days to act by."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import ClassVar

import pandas as pd

from techalign.numbers.formatting import compact
from techalign.report.blocks import table
from techalign.review.block import Block, BlockRow, Label, Money
from techalign.review.records import Record, figure_of
from techalign.review.subject import Clients, Force, Part, Register, Subject
from techalign.text import some_of

__all__ = ["SUBJECT", "AgreementRow", "Agreements"]

_MONTHS = 12  # of the portfolio
_NAMED = 3  # in a cell
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
    if not ends.point:
        return "has no payment yet that is surely for technology"
    least = "at least " if ends.high > ends.low else ""
    money = f"{least}{compact(ends.point, known.unit)}"
    if known.gap:
        return f"spent {money} on technology in those of the last twelve months that are on record"
    return f"spends {money} a year on technology"


def _together(clients: Clients) -> list[Part]:
    """Agreements of all clients by the month in which something must be said about them."""
    months: dict[dt.date, list[tuple[str, AgreementRow, str]]] = defaultdict(list)
    for records in clients.values():
        today = dt.date.fromisoformat(max(record.as_of for record in records))
        for block in (found for record in records if (found := record.block(Agreements))):
            for row in block.rows:
                last = row.last_day if row.renews else row.end
                if last >= today:
                    name = records[0].client_name
                    months[last.replace(day=1)].append((name, row, block.unit))
    if not months:
        return []
    shown = sorted(months)[:_MONTHS]
    frame = pd.DataFrame(
        {
            "month": pd.to_datetime(shown),
            "count": [len(months[month]) for month in shown],
            "clients": [_named(n for n, _, _ in months[m]) for m in shown],
            "what": [_named(r.what for _, r, _ in months[m]) for m in shown],
            "money": [_by_currency(months[month]) for month in shown],
        }
    )
    html = table(
        frame,
        caption="Agreements by the month of their last day to cancel, or of their end",
        columns={
            "month": ("Month", "month"), "count": "Agreements", "clients": "Clients",
            "what": "Suppliers", "money": "Next terms cost",
        },
        shown=4,
    ).html  # fmt: skip
    return [Part("Agreements to act on, month by month", html)]


def _named(names: Iterable[str]) -> str:
    return some_of(list(dict.fromkeys(names)), _NAMED, "; ")  # a name may hold a comma


def _by_currency(rows: Sequence[tuple[str, AgreementRow, str]]) -> str:
    """The money of some agreements, a sum for each currency."""
    sums: dict[str, float] = defaultdict(float)
    for _, row, unit in rows:
        sums[unit] += row.money
    return "; ".join(compact(sums[unit], unit) for unit in sorted(sums))


SUBJECT = Subject(
    name="spending",
    place=10,
    blocks=(Agreements,),
    registers=(Register(Agreements, "what", "agreement", "agreements"),),
    stands=_stands,
    forces=(
        Force(
            "Paid for seats not in use, a year", "weakness", "It pays for seats nobody uses", 1.0
        ),
    ),
    together=_together,
    numbers=(_KNOWN, "Renewing by themselves within a year"),
)
