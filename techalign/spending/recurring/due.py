"""When the charges that run fall due in the twelve months ahead, and at what price."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from techalign.spending.recurring.bands import CADENCE_DAYS
from techalign.spending.recurring.streams import Streams

__all__ = ["HORIZON", "calendar_months", "charges_due"]

HORIZON = 12
"""Months ahead."""
_CALENDAR_MONTHS = {"monthly": 1, "quarterly": 3, "half-yearly": 6, "yearly": 12}
"""Rhythms that keep to the calendar: in steps of days a bill of the first would soon come twice in
one month and not at all in another."""


def calendar_months(dates: pd.Series[pd.Timestamp]) -> np.ndarray:
    """Number the calendar month of each day, from January 1970.

    Examples
    --------
    >>> calendar_months(pd.to_datetime(pd.Series(["1970-01-31", "1971-02-01"]))).tolist()
    [0, 13]
    """
    return dates.to_numpy(dtype="datetime64[M]").astype(np.int64)


def charges_due(
    past: pd.DataFrame,
    start: int,
    streams: Streams | None,
    agreements: pd.DataFrame | None,
    *,
    growth: float,
) -> tuple[np.ndarray, dict[str, np.ndarray]]:
    """Lay the charges that run, and agreements not yet paid, out on the months ahead.

    Parameters
    ----------
    past : DataFrame, n rows
        date, vendor, amount, category.
    start : int
        First month ahead, in months since January 1970.
    streams : Streams or None
        Of the ledger the rows are from, with the same index.
    agreements : DataFrame or None
        vendor, category, start, end, auto_renew, annual_price, uplift (NaN: growth).
    growth : float
        Rise of prices a year where no agreement states one.

    Returns
    -------
    ndarray of bool, shape (n,)
        Rows that belong to a running charge, or to one with a fixed price that has ended: neither
        says anything of what else will be paid.
    dict of str to ndarray, shape (12,)
        Money due per month, by category.
    """
    due: dict[str, np.ndarray] = {}
    belongs = np.zeros(len(past), dtype=bool)
    ends = _rises(agreements, growth)
    if streams is not None:
        number = streams.membership.reindex(past.index).fillna(-1).to_numpy(dtype=np.int64)
        fixed = streams.fixed
        fixed = fixed[fixed.index.isin(number)]
        belongs = np.isin(number, fixed.index.to_numpy())
        category = dict(zip(number[belongs], past["category"].to_numpy()[belongs], strict=True))
        running = fixed[fixed["active"]]
        for at, money in zip(running.index, _due(running, start, ends, growth), strict=True):
            name = category[at]
            due[name] = due.get(name, np.zeros(HORIZON)) + money
    for name, money in _not_yet_paid(past, start, agreements, growth):
        if name in set(past["category"]):
            due[name] = due.get(name, np.zeros(HORIZON)) + money
    return belongs, due


def _due(
    running: pd.DataFrame,
    start: int,
    ends: Mapping[str, tuple[pd.Timestamp, float]],
    growth: float,
) -> np.ndarray:
    """Money of each running charge in each month ahead, shape (charges, 12)."""
    rises = [ends.get(str(vendor), (pd.NaT, np.nan)) for vendor in running["vendor"].tolist()]
    term = pd.DatetimeIndex([end for end, _ in rises]).to_numpy("datetime64[D]")
    rise = np.array([rate for _, rate in rises], dtype=float)
    price = running["latest_amount"].to_numpy(float)
    last = running["last"].to_numpy("datetime64[D]")
    begin, after = (
        np.array([start, start + HORIZON]).astype("datetime64[M]").astype("datetime64[D]")
    )

    # the k-th charge after the last one, as many as the shortest cadence can make until the end
    days = np.array([CADENCE_DAYS[name] for name in running["cadence"]], dtype=float)
    months = np.array([_CALENDAR_MONTHS.get(name, 0) for name in running["cadence"]], dtype=int)
    number = np.arange(1, int(((after - last).astype(float) / days).max(initial=0.0)) + 2)
    stepped = last[:, None] + np.round(number * days[:, None]).astype("timedelta64[D]")
    monthly = _months_later(last[:, None], number * months[:, None])
    dates = np.where(months[:, None] > 0, monthly, stepped)
    counts = (dates >= begin) & (dates < after)

    grown = np.exp(growth * ((dates - begin).astype(float) / 365.25))
    risen = np.where(dates > term[:, None], 1.0 + rise[:, None], 1.0)
    amount = price[:, None] * np.where(np.isnan(rise)[:, None], grown, risen)
    month = dates.astype("datetime64[M]").astype(np.int64) - start
    money = np.zeros((len(running), HORIZON))
    which, when = np.nonzero(counts)
    np.add.at(money, (which, month[which, when]), amount[which, when])
    return money


def _months_later(days: np.ndarray, months: np.ndarray) -> np.ndarray:
    """Give the same day of a later month, or its last day where it is shorter."""
    begun = days.astype("datetime64[M]")
    month = begun + months.astype("timedelta64[M]")
    whole = month.astype("datetime64[D]") + (days - begun.astype("datetime64[D]"))
    later: np.ndarray = np.minimum(whole, (month + 1).astype("datetime64[D]") - 1)
    return later


def _rises(agreements: pd.DataFrame | None, growth: float) -> dict[str, tuple[pd.Timestamp, float]]:
    """Give per vendor the end of its term and the rise that follows."""
    if agreements is None:
        return {}
    uplift = agreements["uplift"].astype(float).fillna(growth)
    pairs = zip(agreements["end"], uplift, strict=True)
    return dict(zip(agreements["vendor"], pairs, strict=True))


def _not_yet_paid(
    past: pd.DataFrame,
    start: int,
    agreements: pd.DataFrame | None,
    growth: float,
) -> list[tuple[str, np.ndarray]]:
    """Give the yearly price of agreements of which the ledger shows no payment in a year."""
    if agreements is None:
        return []
    recent = set(past.loc[calendar_months(past["date"]) >= start - HORIZON - 1, "vendor"])
    found = []
    for row in agreements.to_dict("records"):
        if row["vendor"] in recent or not row["annual_price"]:
            continue
        begins, renews = pd.Timestamp(row["start"]), pd.Timestamp(row["end"]) + pd.Timedelta(days=1)
        rate = growth if pd.isna(row["uplift"]) else float(row["uplift"])
        money = np.zeros(HORIZON)
        for day, price in ((begins, 1.0), (renews, 1.0 + rate)):
            at = day.to_period("M").ordinal - start
            if 0 <= at < HORIZON and (day == begins or row["auto_renew"]):
                money[at] += price * row["annual_price"]
        if money.any():
            found.append((str(row["category"]), money))
    return found
