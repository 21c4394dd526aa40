"""Which charges of a vendor belong together and come back at a steady pace.

Kept apart from ``streams``, which says what such charges cost: here are only groups of rows
and their intervals. All steps are array operations over the whole ledger, because a group-by
with a function per vendor takes seconds where this takes hundredths.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import permutations
from typing import NamedTuple

import numpy as np
import pandas as pd

from techalign.numbers.periods import DAYS_PER_YEAR
from techalign.spending.spelling import REDACTED

__all__ = [
    "CADENCE_DAYS",
    "CADENCE_LENGTHS",
    "CADENCE_NAMES",
    "Bands",
    "ChargeDays",
    "Charges",
    "charge_days",
    "charge_rows",
    "find_bands",
    "join_jumps",
    "measure_bands",
    "paid_in_weekly_runs",
    "tolerance_days",
]

CADENCE_DAYS = {
    "weekly": 7.0,
    "fortnightly": 14.0,
    "monthly": DAYS_PER_YEAR / 12,
    "quarterly": DAYS_PER_YEAR / 4,
    "half-yearly": DAYS_PER_YEAR / 2,
    "yearly": DAYS_PER_YEAR,
}
"""Days between charges, by what the rhythm is called."""

CADENCE_NAMES = np.array(list(CADENCE_DAYS), dtype=object)
CADENCE_LENGTHS = np.array(list(CADENCE_DAYS.values()))
LOG_GAP = 0.225
"""Sorted log amounts further apart than this belong to different bands."""
SAME_AMOUNT = 1e-4
"""The gap of the second pass: several bills of like amounts are told apart by exact price."""
MIN_CHARGES = 3
MIN_YEARLY_CHARGES = 2
MIN_REGULARITY = 0.7
MIN_SPAN_DAYS = 42.0
"""Three weekly payments are a fortnight's work, not a subscription."""
FIXED_SPREAD = np.array([0.05, 0.05, 0.05, 0.05, 0.05, 0.10])
"""By cadence: a price whose log moves by no more than this, in the median, is fixed."""
METERED_SPREAD = 0.5
"""Charges whose log moves by more than this, in the median, are purchases, not one bill."""
MIN_METERED_YEARLY = 4
"""Fewer charges a year apart are a stream only at a fixed price."""
RUN_SHARE = 0.5
"""From this share of charges on one weekday, bills are paid in weekly runs."""
RUN_DAYS = 3.5
"""A weekly run moves a payment by up to half a week either way of its middle."""
MAX_JUMP = 2.0
"""A price that more than doubles or halves is another product."""


class Charges(NamedTuple):
    """Charges that may recur, one per position of each array.

    ``position`` in the ledger, ``group`` (number of vendor and currency), ``day`` (since
    1970-01-01), ``amount``, ``vendor``, ``currency`` (empty: the client's).
    """

    position: np.ndarray
    group: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    vendor: np.ndarray
    currency: np.ndarray

    def take(self, which: np.ndarray) -> Charges:
        """Give some of the charges, by position or by a mask."""
        return Charges._make(column[which] for column in self)


class ChargeDays(NamedTuple):
    """Charges of one band and day as one, sorted by band and day.

    ``amount`` is the day's sum, ``price`` the mean of its lines.
    """

    band: np.ndarray
    day: np.ndarray
    amount: np.ndarray
    price: np.ndarray
    vendor: np.ndarray
    currency: np.ndarray
    group: np.ndarray


class Bands(NamedTuple):
    """What is measured of each band, ascending by its number ``band``.

    ``start`` (position of its first charge in :class:`ChargeDays`), ``charges``, ``cadence``
    (position in ``CADENCE_DAYS``), ``fixed``, ``regularity`` (share of intervals within
    tolerance of the cadence), ``is_stream``.
    """

    band: np.ndarray
    start: np.ndarray
    charges: np.ndarray
    cadence: np.ndarray
    fixed: np.ndarray
    regularity: np.ndarray
    is_stream: np.ndarray

    @property
    def end(self) -> np.ndarray:
        """Position of each band's last charge."""
        end: np.ndarray = self.start + self.charges - 1
        return end


def tolerance_days(cadence_days: np.ndarray, *, weekly_runs: bool = False) -> np.ndarray:
    """Give the deviation allowed from a cadence: 3.5 days or a tenth, whichever is more.

    Parameters
    ----------
    cadence_days : ndarray, shape (k,)
    weekly_runs : bool
        Whether bills are paid once a week. A monthly bill is then paid after 28 or 35 days,
        so that cadences of a month and more have at least 7 days.

    Returns
    -------
    ndarray, shape (k,)
        Days.
    """
    plain = np.maximum(3.5, 0.1 * cadence_days)
    if not weekly_runs:
        return plain
    return np.where(cadence_days >= 28, np.maximum(plain, 3.5 + RUN_DAYS), plain)


def paid_in_weekly_runs(day: np.ndarray) -> bool:
    """Tell whether half of all charges or more fall on one weekday.

    Parameters
    ----------
    day : ndarray of int, shape (n,)
        Days since 1970-01-01.
    """
    weekday = np.bincount(day % 7, minlength=7)
    return bool(weekday.max() >= RUN_SHARE * max(weekday.sum(), 1))


def charge_rows(ledger: pd.DataFrame, seen: pd.Series[bool], client_currency: str) -> Charges:
    """Give the charges that may recur.

    Parameters
    ----------
    ledger : DataFrame, n rows
        Rows of the ledger table with the column ``vendor``.
    seen : Series of bool, shape (n,)
        Rows to use; credits and redacted names are left out of them.
    client_currency : str
        Written as an empty currency.

    Returns
    -------
    Charges
    """
    used = seen & (ledger["amount"] > 0) & ~ledger["vendor"].isin(["", REDACTED])
    position = np.flatnonzero(used.to_numpy())
    currency = ledger["currency"] if "currency" in ledger else pd.Series("", index=ledger.index)
    vendor_codes, vendors = pd.factorize(ledger["vendor"].to_numpy(object)[position], sort=True)
    currency_codes, currencies = pd.factorize(
        currency.fillna("").to_numpy(object)[position], sort=True
    )
    names = np.where(currencies == client_currency, "", currencies)
    return Charges(
        position=position,
        group=vendor_codes * max(len(currencies), 1) + currency_codes,
        day=ledger["date"].to_numpy(dtype="datetime64[D]").astype(np.int64)[position],
        amount=ledger["amount"].to_numpy(dtype=float)[position],
        vendor=vendors[vendor_codes],
        currency=names[currency_codes],
    )


def find_bands(rows: Charges, *, today: int, weekly_runs: bool) -> np.ndarray:
    """Number the charges of each recurring band; -1 for charges that do not recur.

    Charges of like amounts are tried first, so that a price may rise. What is left is tried
    by exact amount, for vendors that send several bills of like amounts.

    Parameters
    ----------
    rows : Charges, m of them
    today : int
        Last day the ledger covers: two charges are a stream only while the third one is
        not overdue.
    weekly_runs : bool

    Returns
    -------
    ndarray of int, shape (m,)
    """
    result = np.full(rows.day.size, -1, dtype=np.int64)
    for gap, offset in ((LOG_GAP, 0), (SAME_AMOUNT, rows.day.size)):
        left = np.flatnonzero(result < 0)
        part = rows.take(left)
        band = _split_by_amount(part, gap)
        days = charge_days(part, band)
        measured = measure_bands(days, weekly_runs=weekly_runs)
        # among a vendor's many charges, two equal ones a year apart are chance
        believed = measured.charges >= MIN_CHARGES
        if gap == LOG_GAP:
            believed |= today <= _latest_due(days, measured, weekly_runs)
        recurs = measured.is_stream & believed
        result[left] = np.where(recurs[band], band + offset, -1)
    return result


def charge_days(rows: Charges, band: np.ndarray) -> ChargeDays:
    """Add up the charges of one band and day.

    Parameters
    ----------
    rows : Charges, m of them
    band : ndarray of int, shape (m,)

    Returns
    -------
    ChargeDays
    """
    order = np.lexsort((rows.day, band))
    band, day = band[order], rows.day[order]
    opens = np.ones(order.size, dtype=bool)
    opens[1:] = (np.diff(band) != 0) | (np.diff(day) != 0)
    start = np.flatnonzero(opens)
    lines = np.diff(np.append(start, order.size))
    amount = np.add.reduceat(rows.amount[order], start) if start.size else np.empty(0)
    first = order[start]
    return ChargeDays(
        band=band[start],
        day=day[start],
        amount=amount,
        price=amount / lines,
        vendor=rows.vendor[first],
        currency=rows.currency[first],
        group=rows.group[first],
    )


def measure_bands(days: ChargeDays, *, weekly_runs: bool) -> Bands:
    """Measure each band's cadence and regularity.

    Parameters
    ----------
    days : ChargeDays
    weekly_runs : bool

    Returns
    -------
    Bands
    """
    band, day = days.band, days.day
    opens = np.ones(band.size, dtype=bool)
    opens[1:] = np.diff(band) != 0
    start = np.flatnonzero(opens)
    charges = np.diff(np.append(start, band.size))
    inside = ~opens[1:]
    of = (np.cumsum(opens) - 1)[1:][inside]
    gap = np.diff(day)[inside].astype(float)
    move = np.abs(np.diff(np.log(days.price))[inside])
    median, spread = (_group_median(v, of, start.size) for v in (gap, move))
    cadence = _nearest_cadence(median)
    length = CADENCE_LENGTHS[cadence]
    tolerance = tolerance_days(length, weekly_runs=weekly_runs)
    kept = np.abs(gap - length[of]) <= tolerance[of]
    regularity = np.bincount(of, weights=kept, minlength=start.size) / np.maximum(charges - 1, 1)
    fixed = np.nan_to_num(spread) <= FIXED_SPREAD[cadence]
    at_least = np.where(fixed, MIN_YEARLY_CHARGES, MIN_METERED_YEARLY)
    at_least = np.where(CADENCE_NAMES[cadence] == "yearly", at_least, MIN_CHARGES)
    span = day[start + charges - 1] - day[start]
    is_stream = (
        (charges >= at_least)
        & (np.abs(median - length) <= tolerance)
        & (regularity >= MIN_REGULARITY)
        & (span >= MIN_SPAN_DAYS)
        & (np.nan_to_num(spread) <= METERED_SPREAD)
    )
    return Bands(
        band=band[start],
        start=start,
        charges=charges,
        cadence=cadence,
        fixed=fixed,
        regularity=regularity,
        is_stream=is_stream,
    )


def join_jumps(days: ChargeDays, *, weekly_runs: bool) -> dict[int, int]:
    """Find bands that continue another one after a jump in price.

    A band continues one of the same vendor, currency and cadence if it starts when that
    one's next charge is due; nearest price first, within a factor of two.

    Parameters
    ----------
    days : ChargeDays
        Of recurring bands only.
    weekly_runs : bool

    Returns
    -------
    dict of int to int
        Band to the first band of its chain, for bands that continue another.
    """
    found = measure_bands(days, weekly_runs=weekly_runs)
    together = defaultdict(list)
    for i, alike in enumerate(zip(days.group[found.start], found.cadence, strict=True)):
        together[alike].append(i)
    pairs = [pair for places in together.values() for pair in permutations(places, 2)]
    a, b = np.array(pairs, dtype=np.int64).reshape(-1, 2).T
    length = CADENCE_LENGTHS[found.cadence[a]]
    late = days.day[found.start[b]] - days.day[found.end[a]] - length
    jump = np.abs(np.log(days.price[found.start[b]] / days.price[found.end[a]]))
    due = np.abs(late) <= tolerance_days(length, weekly_runs=weekly_runs)
    near = np.flatnonzero(due & (jump <= np.log(MAX_JUMP)))
    nearest_first = near[np.lexsort((b[near], a[near], jump[near]))]
    before: dict[int, int] = {}
    continued: set[int] = set()
    for i in nearest_first:
        earlier, later = int(found.band[a[i]]), int(found.band[b[i]])
        if later not in before and earlier not in continued:
            before[later] = earlier
            continued.add(earlier)
    return {band: _first_of_chain(band, before) for band in before}


def _latest_due(days: ChargeDays, measured: Bands, weekly_runs: bool) -> np.ndarray:
    length = CADENCE_LENGTHS[measured.cadence]
    slack = tolerance_days(length, weekly_runs=weekly_runs)
    latest: np.ndarray = days.day[measured.end] + length + slack
    return latest


def _first_of_chain(band: int, before: dict[int, int]) -> int:
    while band in before:
        band = before[band]
    return band


def _split_by_amount(rows: Charges, gap: float) -> np.ndarray:
    """Number the bands of like amounts from 0: a new one where the sorted log amount leaps."""
    group, amount = rows.group, rows.amount
    order = np.lexsort((amount, group))
    opens = np.ones(order.size, dtype=bool)
    opens[1:] = (np.diff(group[order]) != 0) | (np.diff(np.log(amount[order])) > gap)
    band = np.empty(order.size, dtype=np.int64)
    band[order] = np.cumsum(opens) - 1
    return band


def _nearest_cadence(median_days: np.ndarray) -> np.ndarray:
    """Give the nearest cadence on the logarithm: 45 days are nearer to a month than a quarter."""
    known = np.where(np.isnan(median_days), 1.0, median_days)
    distance = np.abs(np.log(known)[:, None] - np.log(CADENCE_LENGTHS)[None, :])
    nearest: np.ndarray = distance.argmin(axis=1)
    return nearest


def _group_median(values: np.ndarray, group: np.ndarray, groups: int) -> np.ndarray:
    """Median per group, NaN where there is nothing; groups are numbered from 0."""
    ordered = values[np.lexsort((values, group))]
    counts = np.bincount(group, minlength=groups)
    start = np.cumsum(counts) - counts
    median = np.full(groups, np.nan)
    some = counts > 0
    low, high = start + (counts - 1) // 2, start + counts // 2
    median[some] = 0.5 * (ordered[low[some]] + ordered[high[some]])
    return median
