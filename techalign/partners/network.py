"""What partners bring besides sales, because a partner judged by sales alone is misjudged.

Quotes, design checks and support they do; introductions to customers who then buy direct; what
the client's people learn from them. Work and learning are priced at wages, introductions at the
margin of a middle order times an assumed chance; nothing else is given a price.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.numbers.arrays import Floats, places_of
from techalign.numbers.intervals import Interval
from techalign.partners.assumptions import PartnerAssumptions

__all__ = ["NETWORK_KEYS", "NetworkValue", "Prices", "network_value"]

NETWORK_KEYS = ("introduction_win_chance",)
_WAGED = ("learning", "development")


@dataclass(frozen=True)
class Prices:
    """What the client's time and orders are worth.

    Parameters
    ----------
    wage : float
        Money an hour, where a row says none.
    order : float
        A middle order, money; NaN where orders are unknown.
    margin : float
        Share of a direct order that is earned, 0 to 1.

    Examples
    --------
    >>> Prices(wage=40.0, order=5000.0, margin=0.3).order
    5000.0
    """

    wage: float
    order: float
    margin: float


@dataclass(frozen=True, kw_only=True)
class NetworkValue:
    """What partners brought besides sales in twelve months.

    Parameters
    ----------
    table : DataFrame
        One row per partner, and one named "all" for what is noted of all together, the most
        first: ``partner``, ``work``, ``introductions`` (with ends), ``learning``, money;
        ``total`` with ends; ``made`` (introductions, count).
    total : Interval
        All of them, money a year.
    unpriced : int
        Introductions that have no price because orders are unknown.
    """

    table: pd.DataFrame
    total: Interval
    unpriced: int

    def of(self, partner: np.ndarray) -> np.ndarray:
        """What each partner alone brings besides sales, shape (N,), money a year; 0 if nothing."""
        total = np.append(self.table["total"].to_numpy(dtype=float), 0.0)
        return total[places_of(partner, self.table["partner"])]


def network_value(
    services: pd.DataFrame,
    benefits: pd.DataFrame,
    prices: Prices,
    as_of: dt.date,
    assumptions: PartnerAssumptions,
) -> NetworkValue:
    """Price the work, the introductions and the learning of the last twelve months.

    Parameters
    ----------
    services : DataFrame
        Columns ``partner``, ``volume`` (a year), ``hours_each``, ``wage`` (money an hour).
    benefits : DataFrame
        Columns ``partner``, ``date``, ``kind`` ("introduction", "learning", "development"),
        ``count``, ``hours`` (of the client's own that each of them saved) and ``wage`` (money an
        hour, NaN: the usual one).
    prices : Prices
    as_of : date
        Benefits of the 365 days before it count.
    assumptions : PartnerAssumptions
        The chance that an introduction becomes an order.

    Returns
    -------
    NetworkValue

    Examples
    --------
    >>> services = pd.DataFrame({
    ...     "partner": ["Alder"], "volume": [100.0], "hours_each": [0.5], "wage": [40.0]})
    >>> benefits = pd.DataFrame({
    ...     "partner": ["Alder", "Birch"], "date": pd.to_datetime(["2026-02-01", "2026-03-01"]),
    ...     "kind": ["introduction", "learning"], "count": [4.0, 1.0], "hours": [0.0, 30.0],
    ...     "wage": [np.nan, 50.0]})
    >>> known = PartnerAssumptions(
    ...     rows={"introduction_win_chance": Interval(0.2, 0.1, 0.4, 1.0)})
    >>> found = network_value(
    ...     services, benefits, Prices(40.0, 5000.0, 0.3), dt.date(2026, 6, 30), known)
    >>> found.table[["partner", "work", "introductions", "learning", "total"]]
      partner    work  introductions  learning   total
    0   Alder  2000.0         1200.0       0.0  3200.0
    1   Birch     0.0            0.0    1500.0  1500.0
    """
    day = pd.Timestamp(as_of)
    recent = benefits[(benefits["date"] <= day) & (benefits["date"] > day - pd.Timedelta(days=365))]
    introduced = recent["kind"] == "introduction"
    hours = recent["count"] * recent["hours"] * recent["wage"].fillna(prices.wage)
    chance = assumptions["introduction_win_chance"]
    worth = prices.order * prices.margin if np.isfinite(prices.order) else 0.0
    work = services["volume"] * services["hours_each"] * services["wage"]
    owner = np.append(services["partner"].to_numpy(object), recent["partner"].to_numpy(object))
    names, row = np.unique(owner, return_inverse=True)
    of_work, of_benefit = row[: len(services)], row[len(services) :]
    learned = np.where(recent["kind"].isin(_WAGED), hours, 0.0)
    sums: dict[str, Floats] = {
        "work": _sums(of_work, work, len(names)),
        "learning": _sums(of_benefit, learned, len(names)),
        "made": _sums(of_benefit, np.where(introduced, recent["count"], 0.0), len(names)),
    }
    for end, p in (("", chance.point), ("_low", chance.low), ("_high", chance.high)):
        sums[f"introductions{end}"] = (sums["made"] * p * worth).astype(float)
        sums[f"total{end}"] = sums["work"] + sums["learning"] + sums[f"introductions{end}"]
    table = pd.DataFrame({"partner": names, **sums})
    total, low, high = (float(table[f"total{end}"].sum()) for end in ("", "_low", "_high"))
    return NetworkValue(
        table=table.sort_values("total", ascending=False, kind="stable").reset_index(drop=True),
        total=Interval(total, low, high, 1.0),
        unpriced=0 if worth else int(table["made"].sum()),
    )


def _sums(of: np.ndarray, amount: np.ndarray | pd.Series, count: int) -> Floats:
    """Sum of the amounts of each owner, shape (count,)."""
    return np.bincount(of, np.asarray(amount, dtype=float), minlength=count).astype(float)
