"""Selling in one direction only: what it leaves behind as debt, and whom it presses.

Reciprocity is (given - received) / (given + received), -1 to 1. The technology debt of a year is
what is paid for and not used with the hours to mend what was sold wrongly; the brand debt is the
margin of customers that leave because they were pushed.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.ecosystem.coupling import FRESH_DAYS
from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.text import listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["OneWayCost", "fresh_pressure", "one_way_cost", "pressure_felt"]

_NUMBERS = ("revenue", "margin", "pushed", "unused", "rework_hours", "churn_pushed", "churn_other",
            "given", "received")  # fmt: skip
_HARD = 4  # pressure from which someone sells against better judgement


@dataclass(frozen=True, eq=False)
class OneWayCost:
    """What one-way selling costs a year.

    Attributes
    ----------
    channels : DataFrame
        ``channel, pushed, reciprocity`` (NaN where nothing is exchanged), ``technology, brand,
        cost, saved`` (the last three with ``_low`` and ``_high``; what is saved is less the margin
        given up), ``margin``; the costliest first.
    pressure : DataFrame
        ``player, people, asked, mean, highest``: pressure 1 to 5 by player.
    cost : Interval
        All channels together, money a year.
    pushed_share : float
        Share of these channels' revenue that is pushed.
    notes : tuple of str
    """

    channels: pd.DataFrame
    pressure: pd.DataFrame
    cost: Interval
    pushed_share: float
    notes: tuple[str, ...]


def one_way_cost(
    one_way: pd.DataFrame,
    selling: pd.DataFrame | None,
    hourly_wage: float,
    extra_churn: Interval,
    kept: Interval,
) -> OneWayCost:
    """Add up what pushed sales cost a year, and where people feel pressed.

    Parameters
    ----------
    one_way : DataFrame
        Columns ``channel, revenue, margin`` (0 to 1), ``pushed`` (share), ``unused`` (money),
        ``rework_hours, churn_pushed, churn_other`` (shares; may be missing), ``given,
        received`` (money).
    selling : DataFrame or None
        Columns ``player, pressure`` (1 to 5, may be missing); None where nobody was asked.
    hourly_wage : float
        Money.
    extra_churn : Interval
        Share of pushed customers that leave in a year because of it, assumed where not counted.
    kept : Interval
        Share of the margin on pushed sales that stays when only needs are sold to; assumed.

    Returns
    -------
    OneWayCost

    Raises
    ------
    ModelError
        If the wage is negative, or a pressure is not from 1 to 5.

    Examples
    --------
    >>> import pandas as pd
    >>> one_way = pd.DataFrame({
    ...     "channel": ["plans"], "revenue": [90000.0], "margin": [0.3], "pushed": [0.4],
    ...     "unused": [3000.0], "rework_hours": [80.0], "churn_pushed": [0.35],
    ...     "churn_other": [0.2], "given": [20000.0], "received": [5000.0]})
    >>> selling = pd.DataFrame({"player": ["associates"], "pressure": [4]})
    >>> found = one_way_cost(
    ...     one_way, selling, 20.0, Interval(0.1, 0.0, 0.25), Interval(0.6, 0.3, 0.9))
    >>> found.cost.point, found.channels["reciprocity"].tolist()  # 3000 + 1600 + .15 × 10800
    (6220.0, [0.6])
    """
    import pandas as pd

    if hourly_wage < 0:
        raise ModelError("hourly_wage", "must not be negative", value=hourly_wage)
    # arrays: a handful of rows is not worth a column's index at each step
    of = {name: one_way[name].to_numpy(dtype=float) for name in _NUMBERS}
    margin = of["revenue"] * of["margin"] * of["pushed"]
    counted = np.maximum(of["churn_pushed"] - of["churn_other"], 0.0)
    technology = of["unused"] + of["rework_hours"] * hourly_wage
    both = of["given"] + of["received"]
    lean = np.divide(of["given"] - of["received"], both, out=np.full(len(both), np.nan),
                     where=both > 0)  # fmt: skip
    columns = {"channel": one_way["channel"].to_numpy(), "pushed": of["pushed"], "margin": margin,
               "reciprocity": lean.round(6), "technology": technology}  # fmt: skip
    ends = (("", "point", "point"), ("_low", "low", "low"), ("_high", "high", "high"))
    missing = np.isnan(counted)
    for name, churn, stays in ends:
        brand = np.where(missing, getattr(extra_churn, churn), counted) * margin
        columns[f"brand{name}"] = brand
        columns[f"cost{name}"] = technology + brand
        columns[f"saved{name}"] = technology + brand - margin * (1.0 - getattr(kept, stays))
    channels = pd.DataFrame(columns).sort_values("cost", ascending=False, kind="stable")
    point, low, high = (float(channels[f"cost{end}"].sum()) for end in ("", "_low", "_high"))
    unknown = int(missing.sum())
    return OneWayCost(
        channels=channels.reset_index(drop=True),
        pressure=pressure_felt(selling),
        cost=Interval(point, low, high, 1.0),
        pushed_share=_pushed(of),
        notes=(
            "How many pushed customers leave is not counted for "
            f"{unknown} of {len(channels)} channels; there the range is an assumption.",
        ) if unknown else (),
    )  # fmt: skip


def _pushed(of: dict[str, Floats]) -> float:
    """Share of the revenue that is pushed; NaN where there is none."""
    whole = float(of["revenue"].sum())
    return float((of["revenue"] * of["pushed"]).sum()) / whole if whole else np.nan


def pressure_felt(selling: pd.DataFrame | None) -> pd.DataFrame:
    """How pressed those who sell feel, by player.

    Parameters
    ----------
    selling : DataFrame or None
        Columns ``player, pressure`` (1 to 5, may be missing); None where nobody was asked.

    Returns
    -------
    DataFrame
        ``player, people, asked, mean, highest`` (how many sell against better judgement).

    Raises
    ------
    ModelError
        If a pressure is not from 1 to 5.

    Examples
    --------
    >>> import pandas as pd
    >>> selling = pd.DataFrame({"player": "associates", "pressure": [4.0, 2.0, None]})
    >>> pressure_felt(selling).to_numpy().tolist()
    [['associates', 3, 2, 3.0, 1]]
    """
    import pandas as pd

    if selling is None:
        selling = pd.DataFrame({"player": [], "pressure": []})
    felt = selling["pressure"].to_numpy(dtype=float)
    told = felt[~np.isnan(felt)]
    if not ((told >= 1) & (told <= 5)).all():
        raise ModelError("pressure", "must be from 1 to 5", value=told.max())
    of = selling["player"].to_numpy()
    rows = []
    for player in sorted(set(of)):
        group = felt[of == player]
        said = group[~np.isnan(group)]
        mean = float(said.mean()) if said.size else np.nan
        rows.append((player, len(group), said.size, mean, int((said >= _HARD).sum())))
    return pd.DataFrame(rows, columns=["player", "people", "asked", "mean", "highest"])


def fresh_pressure(selling: pd.DataFrame, as_of: dt.date) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """Leave out the pressure that was told more than 12 months ago, or on no known day.

    Parameters
    ----------
    selling : DataFrame
        Columns ``who, pressure, asked`` (day).
    as_of : date

    Returns
    -------
    selling : DataFrame
        The same rows, with no pressure where it does not count.
    notes : tuple of str
        Whose does not, and why.

    Examples
    --------
    >>> import pandas as pd
    >>> selling = pd.DataFrame({"who": ["Ann", "Kim"], "pressure": [4.0, 2.0],
    ...                         "asked": pd.to_datetime(["2025-01-31", "2026-06-01"])})
    >>> fresh, notes = fresh_pressure(selling, dt.date(2026, 6, 30))
    >>> fresh["pressure"].tolist(), notes
    ([nan, 2.0], ('What pressure Ann feels was told more than 12 months ago and does not count.',))
    """
    import pandas as pd

    told = selling["pressure"].notna()
    age = (pd.Timestamp(as_of) - pd.to_datetime(selling["asked"])).dt.days
    kinds = ((age > FRESH_DAYS, "more than 12 months ago"), (age.isna(), "on no known day"))
    left_out = [(told & which, when) for which, when in kinds]
    notes = tuple(
        f"What pressure {listed(selling.loc[rows, 'who'].tolist())} "
        f"{'feel' if rows.sum() > 1 else 'feels'} was told {when} and does not count."
        for rows, when in left_out
        if rows.any()
    )
    fresh = selling["pressure"].mask(left_out[0][0] | left_out[1][0])
    return selling.assign(pressure=fresh), notes
