"""Payments: regular charges with price rises and seats, and purchases as they happen.

A block of regular charges has the columns ``supplier | account | every | price | changes |
seats | season | noise | from | until | memo``:

``every``
    ``week``, ``fortnight``, ``month:5`` (the day), ``quarter:2:15`` (first month, day) or
    ``year:09-14``.
``changes``
    Price changes, ``2025-04 +8%; 2026-01 -5%``.
``seats``
    Seats on the bill, ``9; 2025-03 11``; the price is then per seat.
``season``
    ``winter .4``: the amplitude of a yearly wave and where it peaks.
``noise``
    Spread of the amount (standard deviation of its logarithm).

A block of occasional purchases has ``supplier | account | yearly | typical | spread | season
| from | until | memo``; ``typical`` is the median amount, ``spread`` the standard deviation of
its logarithm, ``yearly`` the expected number of purchases.
"""

from __future__ import annotations

import calendar
import datetime as dt
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from recipes.blocks import Cells, parse_block
from recipes.spellings import Spellings
from techalign.numbers.streams import random_stream

__all__ = ["Payment", "payments"]

PEAKS = {"winter": 1, "spring": 4, "summer": 7, "autumn": 10, "december": 12}
STEPS = {"week": 7, "fortnight": 14}


@dataclass(frozen=True)
class Payment:
    """One line of a ledger; ``amount`` is money paid, negative for a credit."""

    date: dt.date
    vendor_raw: str
    amount: float
    account: str
    memo: str = ""
    currency: str = ""
    purpose: str = ""
    initiative: str = ""


def payments(
    regular: str,
    occasional: str,
    start: dt.date,
    end: dt.date,
    spellings: Spellings,
    client: str,
) -> list[Payment]:
    """Draw all payments of a client, in the order of their dates.

    Parameters
    ----------
    regular, occasional : str
        Blocks as described in the module's docstring.
    start, end : datetime.date
        First and last day.
    spellings : Spellings
        Gives the ways in which a supplier's name is written.
    client : str
        Names the random streams: each supplier's spellings and each row's payments have
        their own, so that a changed row leaves the others as they are.

    Returns
    -------
    list of Payment
        Sorted by date, without exact repeats.
    """
    drawn: list[Payment] = []
    for row in parse_block(regular):
        names = spellings.of(row["supplier"], random_stream(client, "names", row["supplier"]))
        rng = random_stream(client, "regular", row["supplier"], row["account"], row["memo"])
        drawn.extend(_regular(row, names, start, end, rng))
    for row in parse_block(occasional):
        names = spellings.of(row["supplier"], random_stream(client, "names", row["supplier"]))
        rng = random_stream(client, "occasional", row["supplier"], row["account"])
        bought = list(_occasional(row, names, start, end, rng))
        drawn.extend(bought)
        drawn.extend(_refunds(bought, end, rng))
    return sorted(dict.fromkeys(drawn), key=lambda payment: (payment.date, payment.vendor_raw))


def _regular(
    row: Cells, names: Sequence[str], start: dt.date, end: dt.date, rng: np.random.Generator
) -> Iterator[Payment]:
    first = max(start, _day(row["from"])) if row["from"] else start
    last = min(end, _day(row["until"])) if row["until"] else end
    noise = float(row["noise"] or 0)
    name = names[0]
    for day in _due(row["every"], first, last):
        if rng.random() < 0.12:  # an export changes its spelling now and then, not each time
            name = names[int(rng.integers(len(names)))]
        price = float(row["price"]) * _price_factor(row["changes"], day)
        seats = _seats(row["seats"], day)
        amount = price * (seats or 1) * _season(row["season"], day)
        amount *= math.exp(noise * rng.standard_normal() - noise**2 / 2)
        memo = row["memo"].replace("#", str(seats or int(rng.integers(1000, 99999))))
        paid = day + dt.timedelta(days=int(rng.integers(0, 3)) if noise else 0)
        yield Payment(min(paid, last), name, round(amount, 2), row["account"], memo)


def _occasional(
    row: Cells, names: Sequence[str], start: dt.date, end: dt.date, rng: np.random.Generator
) -> Iterator[Payment]:
    first = max(start, _day(row["from"])) if row["from"] else start
    last = min(end, _day(row["until"])) if row["until"] else end
    days = (last - first).days + 1
    spread = float(row["spread"])
    for _ in range(int(rng.poisson(float(row["yearly"]) * days / 365.25))):
        day = first + dt.timedelta(days=int(rng.integers(days)))
        if day.weekday() == 6 and rng.random() < 0.8:
            day = max(first, day - dt.timedelta(days=2))
        amount = float(row["typical"]) * math.exp(spread * rng.standard_normal())
        amount *= _season(row["season"], day)
        name = names[int(rng.integers(len(names)))]
        memo = row["memo"].replace("#", str(int(rng.integers(1000, 99999))))
        yield Payment(day, name, round(amount, 2), row["account"], memo)


def _refunds(
    bought: Sequence[Payment], end: dt.date, rng: np.random.Generator
) -> Iterator[Payment]:
    for payment in bought:
        if rng.random() < 0.015:
            share = 1.0 if rng.random() < 0.4 else float(rng.uniform(0.1, 0.8))
            day = min(end, payment.date + dt.timedelta(days=int(rng.integers(4, 40))))
            credit = -round(payment.amount * share, 2)
            yield Payment(day, payment.vendor_raw, credit, payment.account, "credit note")


def _due(every: str, first: dt.date, last: dt.date) -> Iterator[dt.date]:
    kind, *rest = every.split(":")
    if kind in STEPS:
        day = first + dt.timedelta(days=int(rest[0]) if rest else 0)
        while day <= last:
            yield day
            day += dt.timedelta(days=STEPS[kind])
        return
    for month in _months(first, last):
        if kind == "month":
            day = _clamped(month.year, month.month, int(rest[0]))
        elif kind == "quarter" and (month.month - int(rest[0])) % 3 == 0:
            day = _clamped(month.year, month.month, int(rest[1]))
        elif kind == "year" and month.month == int(rest[0][:2]):
            day = _clamped(month.year, month.month, int(rest[0][3:]))
        else:
            continue
        if first <= day <= last:
            yield day


def _months(first: dt.date, last: dt.date) -> Iterator[dt.date]:
    for index in range(first.year * 12 + first.month - 1, last.year * 12 + last.month):
        yield dt.date(index // 12, index % 12 + 1, 1)


def _clamped(year: int, month: int, day: int) -> dt.date:
    return dt.date(year, month, min(day, calendar.monthrange(year, month)[1]))


def _day(month: str) -> dt.date:
    return dt.date.fromisoformat(month if len(month) == 10 else f"{month}-01")


def _price_factor(changes: str, day: dt.date) -> float:
    factor = 1.0
    for change in filter(None, (part.strip() for part in changes.split(";"))):
        month, percent = change.split()
        if day >= _day(month):
            factor *= 1 + float(percent.rstrip("%")) / 100
    return factor


def _seats(seats: str, day: dt.date) -> int | None:
    if not seats:
        return None
    first, *later = (part.strip() for part in seats.split(";"))
    count = int(first)
    for change in later:
        month, changed = change.split()
        if day >= _day(month):
            count = int(changed)
    return count


def _season(season: str, day: dt.date) -> float:
    if not season:
        return 1.0
    peak, amplitude = season.split()
    months = day.month - 1 + day.day / 31 - PEAKS[peak] + 0.5
    if peak == "december":  # shops: a sharp rise before Christmas, not a wave
        return 1 + float(amplitude) * math.exp(-(((months + 6) % 12 - 6) ** 2))
    return 1 + float(amplitude) * math.cos(2 * math.pi * months / 12)
