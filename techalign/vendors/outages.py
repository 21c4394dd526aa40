"""Hours in a year in which a critical service is down, and what they cost.

What is short of ceasing costs money, too: the till that does not connect on a Saturday. Hours the
client has counted come first; where nobody has counted, what providers commonly promise is taken
(99.9 % of a year leaves 8.8 hours), with a range from 99.99 to 99.5 %.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["CRITICAL", "HOURS_A_WEEK", "OutageAssumptions", "outages"]

HOURS_A_WEEK = 40.0
"""Working hours by which the margin of a week becomes that of an hour."""
CRITICAL = 4
"""Importance, 1 to 5, from which the outages of an indirect alliance are felt."""
ONLINE = ("information", "finance")
"""Sectors whose services can be down: software and hosting, card payments and banks."""


@dataclass(frozen=True)
class OutageAssumptions:
    """What is taken where nobody has counted.

    Attributes
    ----------
    hours : Interval
        Down in a year, hours.
    at_work : Interval
        Share of them that falls into working hours.
    next_year : Interval
        Hours of next year against those counted last year, a factor.

    Raises
    ------
    ModelError
        If one is negative, or the share is above 1.
    """

    hours: Interval = field(default=Interval(8.8, 0.9, 44.0, level=1.0))
    at_work: Interval = field(default=Interval(0.35, 0.24, 0.6, level=1.0))
    next_year: Interval = field(default=Interval(1.0, 0.4, 2.5, level=1.0))

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if not (0 <= value.low <= value.high) or (name == "at_work" and value.high > 1):
                raise ModelError(name, "is out of bounds", value=value)


def outages(vendors: pd.DataFrame, assumptions: OutageAssumptions | None = None) -> pd.DataFrame:
    """Hours and money that outages of critical services cost in a year.

    ::

        cost = hours down × share of them at work × cost of an hour

    The three are taken to err independently: their distances add in squares, on the log.

    Parameters
    ----------
    vendors : DataFrame
        Columns vendor, relation, sector, criticality, margin_per_week (money); outage_hours
        (counted in the last twelve months, or missing) and outage_cost_hour (money, or missing:
        the margin of a week by its working hours). Taken are indirect alliances of the
        sectors information and finance with importance 4 or 5, and all with counted hours.
    assumptions : OutageAssumptions, optional

    Returns
    -------
    DataFrame
        vendor, hours, cost_hour (money), cost (money a year), hours and cost with their _low and
        _high, basis ("counted" or "as promised"); the costliest first. Services whose hour costs
        nothing are left out.

    Examples
    --------
    >>> import pandas as pd
    >>> register = pd.DataFrame({
    ...     "vendor": ["Till", "Cards"], "relation": "indirect",
    ...     "sector": ["information", "finance"], "criticality": [5, 2],
    ...     "margin_per_week": [4000.0, 400.0], "outage_hours": [None, 20.0],
    ...     "outage_cost_hour": [None, None]})
    >>> found = outages(register)
    >>> found[["vendor", "hours", "cost_hour", "cost", "basis"]].to_numpy().tolist()
    [['Till', 8.8, 100.0, 308.0, 'as promised'], ['Cards', 20.0, 10.0, 70.0, 'counted']]
    """
    import pandas as pd

    given = assumptions or OutageAssumptions()
    counted = _column(vendors, "outage_hours")
    stated = _column(vendors, "outage_cost_hour")
    hour = np.where(
        np.isnan(stated), vendors["margin_per_week"].to_numpy(float) / HOURS_A_WEEK, stated
    )
    known = ~np.isnan(counted)
    online = (vendors["relation"] == "indirect") & vendors["sector"].isin(ONLINE)
    critical = online & (_column(vendors, "criticality") >= CRITICAL)
    down = {
        end: np.where(known, counted * getattr(given.next_year, end), getattr(given.hours, end))
        for end in ("low", "point", "high")
    }
    cost = down["point"] * given.at_work.point * hour
    away = {end: np.exp(_off(down[end], down["point"], getattr(given.at_work, end),
                             given.at_work.point)) for end in ("low", "high")}  # fmt: skip
    frame = pd.DataFrame({
        "vendor": vendors["vendor"], "hours": down["point"], "hours_low": down["low"],
        "hours_high": down["high"], "cost_hour": hour, "cost": cost,
        "cost_low": cost / away["low"], "cost_high": cost * away["high"],
        "basis": np.where(known, "counted", "as promised"),
    })  # fmt: skip
    frame = frame[(critical | known) & (hour > 0)]
    return frame.sort_values("cost", ascending=False, kind="stable", ignore_index=True)


def _column(vendors: pd.DataFrame, name: str) -> Floats:
    if name not in vendors.columns:
        return np.full(len(vendors), np.nan)
    return np.asarray(vendors[name], dtype=float)


def _off(hours: Floats, usual: Floats, share: float, usual_share: float) -> Floats:
    """Distance of an end on the log, at least 0; none where nothing is down."""
    with np.errstate(divide="ignore", invalid="ignore"):
        by_hours = np.where(usual > 0, np.log(hours / np.where(usual > 0, usual, 1.0)), 0.0)
    off: Floats = np.hypot(by_hours, np.log(share / usual_share))
    return off
