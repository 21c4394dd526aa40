"""Old technology in the plan: what could be replaced, when, and how to pay for it.

References
----------
[1] Brealey, Myers and Allen, Principles of Corporate Finance: equivalent annual cost; leasing.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.spending.plan.economic_life import Lifecycle
from techalign.spending.plan.roadmap import Replacements
from techalign.text import folded

__all__ = ["compare_financing", "plan_replacements"]

_LEASE_YEARS = 4
_MONTHS = 3  # a quarter


def plan_replacements(
    found: Lifecycle, named: Iterable[str], *, quarters: int, horizon_quarters: int, owner: str = ""
) -> Replacements:
    """Make candidates for the plan of what is due within it and no project replaces already.

    A replacement is worth what keeping the old one costs more than a new one does in the long run,
    from the quarter it is replaced to the end of the time looked at.

    Parameters
    ----------
    found : Lifecycle
        Of m pieces of technology.
    named : iterable of str
        Technology that a project replaces; without regard to case and blanks.
    quarters : int
        T, quarters of the plan.
    horizon_quarters : int
        Quarters looked at, 80 or fewer.
    owner : str
        Who sees to them.

    Returns
    -------
    Replacements

    Raises
    ------
    ModelError
        If more quarters are looked at than the lifecycle covers.

    Examples
    --------
    See :func:`~techalign.spending.plan_roadmap`; without anything due there is none:

    >>> import datetime as dt
    >>> none = Lifecycle(frame=pd.DataFrame({"technology": [], "status": [], "price": []}),
    ...     monthly=np.zeros((3, 0, 240)), as_of=dt.date(2026, 6, 30), rate=0.1)
    >>> len(plan_replacements(none, [], quarters=8, horizon_quarters=20).frame)
    0
    """
    months = _MONTHS * horizon_quarters
    if months > found.monthly.shape[2]:
        raise ModelError("horizon_quarters", "is more than 80", value=horizon_quarters)
    gone = {folded(name) for name in named}
    rows = np.array(
        [
            i
            for i, row in enumerate(found.frame.to_dict("records"))
            if row["status"] in {"due", "soon"} and folded(row["technology"]) not in gone
        ],
        dtype=np.int64,
    )
    frame = found.frame.iloc[rows]
    v = (1.0 + found.rate) ** (-(np.arange(months) + 0.5) / 12.0)
    left = np.cumsum((found.monthly[:, rows, :months] * v)[..., ::-1], axis=2)[..., ::-1]
    starts = np.minimum(np.arange(quarters) * _MONTHS, months - 1)
    value = left[:, :, starts]
    return Replacements(
        frame=pd.DataFrame(
            {
                "id": [f"replace {name}" for name in frame["technology"]],
                "name": [f"New: {name}" for name in frame["technology"]],
                "owner": owner,
                "money": frame["price"].to_numpy(dtype=float),
            }
        ),
        value=value[0],
        value_low=value.min(axis=0),
        value_high=value.max(axis=0),
    )


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
        ``_high`` for the last two (money), ``cheapest``.

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
    leases = {}
    fees = {}
    for end in ("point", "low", "high"):
        yearly = price * _annuity(getattr(lease_interest, end), term)
        today = yearly / _annuity(rate, term)
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
        }
    )


def _annuity(rate: float, years: Floats) -> Floats:
    """Yearly payment that is worth 1 today."""
    if rate == 0:
        return 1.0 / years
    payment: Floats = rate / (1.0 - (1.0 + rate) ** -years)
    return payment
