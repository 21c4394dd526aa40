"""Which charges of a vendor belong together and come back at a steady pace.

Kept apart from ``streams``, which says what such charges cost: here are only groups of rows
and their intervals. All steps are array operations over the whole ledger, because a group-by
with a function per vendor takes seconds where this takes hundredths.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from techalign.numbers.periods import DAYS_PER_YEAR
from techalign.spending.spelling import REDACTED

__all__ = [
    "CADENCE_DAYS",
    "CADENCE_LENGTHS",
    "CADENCE_NAMES",
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


def charge_rows(ledger: pd.DataFrame, seen: pd.Series[bool], client_currency: str) -> pd.DataFrame:
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
    DataFrame
        position (in ``ledger``), group (number of vendor and currency), day (since
        1970-01-01), amount, vendor, currency.
    """
    used = seen & (ledger["amount"] > 0) & ~ledger["vendor"].isin(["", REDACTED])
    position = np.flatnonzero(used.to_numpy())
    rows = ledger.iloc[position]
    currency = rows["currency"] if "currency" in rows else pd.Series("", index=rows.index)
    vendor_codes, vendors = pd.factorize(rows["vendor"], sort=True)
    currency_codes, currencies = pd.factorize(currency.fillna("").astype(object), sort=True)
    names = np.asarray(currencies, dtype=object)
    names[names == client_currency] = ""
    return pd.DataFrame(
        {
            "position": position,
            "group": vendor_codes * max(len(currencies), 1) + currency_codes,
            "day": rows["date"].to_numpy(dtype="datetime64[D]").astype(np.int64),
            "amount": rows["amount"].to_numpy(dtype=float),
            "vendor": np.asarray(vendors, dtype=object)[vendor_codes],
            "currency": names[currency_codes],
        }
    )


def find_bands(rows: pd.DataFrame, *, today: int, weekly_runs: bool) -> np.ndarray:
    """Number the charges of each recurring band; -1 for charges that do not recur.

    Charges of like amounts are tried first, so that a price may rise. What is left is tried
    by exact amount, for vendors that send several bills of like amounts.

    Parameters
    ----------
    rows : DataFrame, m rows
        From :func:`charge_rows`.
    today : int
        Last day the ledger covers: two charges are a stream only while the third one is
        not overdue.
    weekly_runs : bool

    Returns
    -------
    ndarray of int, shape (m,)
    """
    result = np.full(len(rows), -1, dtype=np.int64)
    for gap, offset in ((LOG_GAP, 0), (SAME_AMOUNT, len(rows))):
        left = np.flatnonzero(result < 0)
        part = rows.iloc[left]
        band = _split_by_amount(part, gap)
        days = charge_days(part, band)
        measured = measure_bands(days, weekly_runs=weekly_runs)
        # among a vendor's many charges, two equal ones a year apart are chance
        believed = measured["charges"].to_numpy() >= MIN_CHARGES
        if gap == LOG_GAP:
            believed |= today <= _latest_due(days, measured, weekly_runs)
        recurs = measured["is_stream"].to_numpy() & believed
        result[left] = np.where(recurs[band], band + offset, -1)
    return result


def charge_days(rows: pd.DataFrame, band: np.ndarray) -> pd.DataFrame:
    """Add up the charges of one band and day.

    Parameters
    ----------
    rows : DataFrame, m rows
        From :func:`charge_rows`.
    band : ndarray of int, shape (m,)

    Returns
    -------
    DataFrame
        Sorted by band and day: band, day, amount, price (mean of the day's lines), vendor,
        currency, group.
    """
    order = np.lexsort((rows["day"], band))
    band, day = band[order], rows["day"].to_numpy()[order]
    opens = np.ones(order.size, dtype=bool)
    opens[1:] = (np.diff(band) != 0) | (np.diff(day) != 0)
    start = np.flatnonzero(opens)
    lines = np.diff(np.append(start, order.size))
    amounts = rows["amount"].to_numpy()[order]
    amount = np.add.reduceat(amounts, start) if start.size else np.empty(0)
    firsts = order[start]
    kept = {name: rows[name].to_numpy()[firsts] for name in ("vendor", "currency", "group")}
    return pd.DataFrame(
        {"band": band[start], "day": day[start], "amount": amount, "price": amount / lines, **kept}
    )


def measure_bands(days: pd.DataFrame, *, weekly_runs: bool) -> pd.DataFrame:
    """Measure each band's cadence and regularity.

    Parameters
    ----------
    days : DataFrame
        From :func:`charge_days`.
    weekly_runs : bool

    Returns
    -------
    DataFrame
        One row per band, indexed by it: start (position in ``days``), charges, cadence
        (position in ``CADENCE_DAYS``), fixed, regularity (share of intervals within
        tolerance of the cadence), is_stream.
    """
    band, day = days["band"].to_numpy(), days["day"].to_numpy()
    opens = np.ones(band.size, dtype=bool)
    opens[1:] = np.diff(band) != 0
    start = np.flatnonzero(opens)
    charges = np.diff(np.append(start, band.size))
    inside = ~opens[1:]
    of = (np.cumsum(opens) - 1)[1:][inside]
    gap = np.diff(day)[inside].astype(float)
    move = np.abs(np.diff(np.log(days["price"].to_numpy()))[inside])
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
    return pd.DataFrame(
        {
            "start": start,
            "charges": charges,
            "cadence": cadence,
            "fixed": fixed,
            "regularity": regularity,
            "is_stream": is_stream,
        },
        index=band[start],
    )


def join_jumps(days: pd.DataFrame, *, weekly_runs: bool) -> dict[int, int]:
    """Find bands that continue another one after a jump in price.

    A band continues one of the same vendor, currency and cadence if it starts when that
    one's next charge is due; nearest price first, within a factor of two.

    Parameters
    ----------
    days : DataFrame
        From :func:`charge_days`, recurring bands only.
    weekly_runs : bool

    Returns
    -------
    dict of int to int
        Band to the first band of its chain, for bands that continue another.
    """
    found = measure_bands(days, weekly_runs=weekly_runs)
    first, last = found["start"].to_numpy(), (found["start"] + found["charges"] - 1).to_numpy()
    day, price = days["day"].to_numpy(), days["price"].to_numpy()
    ends = pd.DataFrame(
        {
            "band": found.index,
            "group": days["group"].to_numpy()[first],
            "cadence": found["cadence"].to_numpy(),
            "first": day[first],
            "last": day[last],
            "price_in": price[first],
            "price_out": price[last],
        }
    )
    pairs = ends.merge(ends, on=["group", "cadence"], suffixes=("_a", "_b"))
    length = CADENCE_LENGTHS[pairs["cadence"]]
    late = pairs["first_b"] - pairs["last_a"] - length
    jump = np.abs(np.log(pairs["price_in_b"] / pairs["price_out_a"]))
    due = np.abs(late) <= tolerance_days(length, weekly_runs=weekly_runs)
    pairs = pairs.assign(jump=jump)[due & (jump <= np.log(MAX_JUMP))]
    pairs = pairs.sort_values(["jump", "band_a", "band_b"])
    before: dict[int, int] = {}
    continued: set[int] = set()
    for a, b in zip(pairs["band_a"].tolist(), pairs["band_b"].tolist(), strict=True):
        if b not in before and a not in continued:
            before[b] = a
            continued.add(a)
    return {band: _first_of_chain(band, before) for band in before}


def _latest_due(days: pd.DataFrame, measured: pd.DataFrame, weekly_runs: bool) -> np.ndarray:
    last = (measured["start"] + measured["charges"] - 1).to_numpy()
    length = CADENCE_LENGTHS[measured["cadence"]]
    slack = tolerance_days(length, weekly_runs=weekly_runs)
    latest: np.ndarray = days["day"].to_numpy()[last] + length + slack
    return latest


def _first_of_chain(band: int, before: dict[int, int]) -> int:
    while band in before:
        band = before[band]
    return band


def _split_by_amount(rows: pd.DataFrame, gap: float) -> np.ndarray:
    """Number the bands of like amounts from 0: a new one where the sorted log amount leaps."""
    group, amount = rows["group"].to_numpy(), rows["amount"].to_numpy()
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
