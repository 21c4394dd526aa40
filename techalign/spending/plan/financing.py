"""How to pay for what is bought: at once, by lease or subscription, and with a grant.

What is cheapest over its life and what takes least money out of the business this year are two
questions. A grant is money of others with a chance and a day: it is counted by its chance, and the
day is what decides.

References
----------
[1] Brealey, Myers and Allen, Principles of Corporate Finance: equivalent annual cost; leasing.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval

__all__ = ["compare_financing", "grants"]

_LEASE_YEARS = 4


def compare_financing(
    due: pd.DataFrame, rate: float, lease_interest: Interval, subscription: Interval
) -> pd.DataFrame:
    """Compare a year of what is bought, leased, or had by subscription with its upkeep.

    A lease runs for four years or the economic life, if that is shorter, in equal parts; then the
    thing is kept without further payment [1]. A subscription has no price at the start.

    Parameters
    ----------
    due : DataFrame, m rows
        ``technology``, ``price``, ``life`` (years), ``new`` (a year of a bought one, upkeep
        included; money).
    rate : float
        The client's discount rate, per year.
    lease_interest : Interval
        Per year.
    subscription : Interval
        A year's fee with upkeep, as a share of the price.

    Returns
    -------
    DataFrame, m rows
        ``technology``, ``price``, ``buy``, ``lease`` and ``subscribe`` a year with ``_low`` and
        ``_high`` for the last two (money), ``cheapest``; ``payment`` with its ends, what a lease
        takes in the first year: bought, it is the price.

    Examples
    --------
    >>> due = pd.DataFrame({"technology": ["Laptops"], "price": 9000.0, "life": 5, "new": 3500.0})
    >>> found = compare_financing(
    ...     due, 0.1, Interval(0.11, 0.07, 0.18), Interval(0.42, 0.34, 0.55))
    >>> found[["buy", "lease", "subscribe", "cheapest"]].round().to_numpy().tolist()
    [[3500.0, 3552.0, 3780.0, 'buy']]
    """
    price, life = due["price"].to_numpy(dtype=float), due["life"].to_numpy(dtype=float)
    buy = due["new"].to_numpy(dtype=float)
    upkeep = buy - price * _annuity(rate, life)
    term = np.minimum(life, _LEASE_YEARS)
    leases, fees, payments = {}, {}, {}
    for end in ("point", "low", "high"):
        yearly = price * _annuity(getattr(lease_interest, end), term)
        today = yearly / _annuity(rate, term)
        payments[end] = yearly
        leases[end] = today * _annuity(rate, life) + upkeep
        fees[end] = price * getattr(subscription, end)
    ways = np.stack([buy, leases["point"], fees["point"]])
    names = np.array(["buy", "lease", "subscribe"])
    return pd.DataFrame(
        {
            "technology": due["technology"].to_numpy(),
            "price": price,
            "buy": buy,
            "lease": leases["point"],
            "lease_low": leases["low"],
            "lease_high": leases["high"],
            "subscribe": fees["point"],
            "subscribe_low": fees["low"],
            "subscribe_high": fees["high"],
            "cheapest": names[ways.argmin(axis=0)],
            "payment": payments["point"],
            "payment_low": payments["low"],
            "payment_high": payments["high"],
        }
    )


def grants(initiatives: pd.DataFrame, as_of: dt.date, usual: Interval) -> pd.DataFrame:
    """List the grants that projects may get, by the day until which one may ask for them.

    Parameters
    ----------
    initiatives : DataFrame
        Columns ``name, owner, cost_per_quarter`` (money), ``duration`` (quarters), ``grant``
        (money), ``grant_chance`` (0 to 1, or missing) and ``grant_deadline`` (day or missing); a
        table without ``grant`` holds none.
    as_of : date
    usual : Interval
        Chance that an application succeeds where the client has not judged it.

    Returns
    -------
    DataFrame
        ``name, owner, grant`` (money, at most what the project costs), ``chance`` and
        ``expected`` (money) with ``_low, _high``, ``cost`` (money), ``until`` (day), ``days_left``
        (missing without a day), ``judged`` ("you" or "assumed"); those with a day first, the next
        one on top. Grants whose day has passed are left out.

    Raises
    ------
    ModelError
        If a chance is not from 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> projects = pd.DataFrame({
    ...     "name": ["Robot cell", "Portal"], "owner": "Olek", "cost_per_quarter": 30000.0,
    ...     "duration": 2, "grant": [20000.0, 0.0], "grant_chance": [0.4, None],
    ...     "grant_deadline": pd.to_datetime(["2026-09-30", None])})
    >>> found = grants(projects, dt.date(2026, 6, 30), Interval(0.3, 0.1, 0.6))
    >>> found[["name", "expected", "days_left", "judged"]].to_numpy().tolist()
    [['Robot cell', 8000.0, 92.0, 'you']]
    """
    names = ("name", "owner", "grant", "chance", "chance_low", "chance_high", "expected",
             "expected_low", "expected_high", "cost", "until", "days_left", "judged")  # fmt: skip
    if "grant" not in initiatives or initiatives.empty:
        return pd.DataFrame(columns=list(names))
    rows = initiatives.assign(
        cost=initiatives["cost_per_quarter"].astype(float) * initiatives["duration"].astype(float),
        until=pd.to_datetime(initiatives["grant_deadline"]),
        own=initiatives["grant_chance"].astype(float),
    )
    rows["days_left"] = (rows["until"] - pd.Timestamp(as_of)).dt.days
    rows["grant"] = np.minimum(rows["grant"].fillna(0.0).astype(float), rows["cost"])
    rows = rows[(rows["grant"] > 0) & ~(rows["days_left"] < 0)]
    known = rows["own"].notna()
    if not rows.loc[known, "own"].between(0.0, 1.0).all():
        raise ModelError("grant_chance", "must be from 0 to 1", value=rows["own"].max())
    for tail, end in (("", usual.point), ("_low", usual.low), ("_high", usual.high)):
        rows[f"chance{tail}"] = rows["own"].where(known, end)
        rows[f"expected{tail}"] = rows[f"chance{tail}"] * rows["grant"]
    rows["judged"] = np.where(known, "you", "assumed")
    return rows.sort_values("until", kind="stable", na_position="last", ignore_index=True)[
        list(names)
    ]


def _annuity(rate: float, years: Floats) -> Floats:
    """Yearly payment that is worth 1 today."""
    if rate == 0:
        return 1.0 / years
    payment: Floats = rate / (1.0 - (1.0 + rate) ** -years)
    return payment
