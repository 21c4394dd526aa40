"""How far the plan will be missed, and how likely: partners invested in late or too little."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats
from techalign.numbers.intervals import Interval, interval_of

__all__ = ["PlanGap", "gap", "gap_to_plan", "simulated_chance"]


def simulated_chance(hits: Flags) -> Floats:
    """Share of draws, shape (S, ...), that hit; kept half a draw away from never and always.

    Examples
    --------
    >>> simulated_chance(np.ones((1000, 1), dtype=bool)).tolist()
    [0.9995]
    """
    edge = 0.5 / len(hits)
    share: Floats = np.clip(hits.mean(axis=0), edge, 1.0 - edge)
    return share


@dataclass(frozen=True, kw_only=True)
class PlanGap:
    """Shortfall against the plan, draw by draw.

    Parameters
    ----------
    monthly : ndarray, shape (S, H)
        max(0, target - direct - channel), money per month.
    total : ndarray, shape (S,)
        max(0, Σ target - Σ direct - Σ channel): good months make up for bad ones, money.
    channel_needed : ndarray, shape (H,)
        target - direct, not below 0, money per month.
    needed : float
        Σ target - Σ direct: what the plan of the whole horizon leaves to the channel, money;
        below 0 where direct sales alone exceed it.

    Examples
    --------
    >>> sold = np.array([[10.0, 60.0], [5.0, 15.0]])  # two futures, two months
    >>> short = gap(sold, target=[100.0, 100.0], direct=[65.0, 65.0])
    >>> short.needed, short.probability, short.expected_if_missed
    (70.0, 0.5, 50.0)
    >>> short.by_month()[["needed", "probability", "expected"]]
       needed  probability  expected
    0    35.0         0.75      27.5
    1    35.0         0.50      10.0
    """

    monthly: Floats
    total: Floats
    channel_needed: Floats
    needed: float

    @property
    def probability(self) -> float:
        """P(the plan of the whole horizon is missed)."""
        return float(simulated_chance(self.total > 0))

    @property
    def expected(self) -> float:
        """Expected shortfall of the whole horizon, money."""
        return float(self.total.mean())

    @property
    def expected_if_missed(self) -> float:
        """Expected shortfall of the futures that miss the plan, money; 0 if none does."""
        missed = self.total[self.total > 0]
        return float(missed.mean()) if missed.size else 0.0

    def interval(self, level: float = 0.8) -> Interval:
        """Median and interval of the shortfall of the whole horizon."""
        return interval_of(self.total, level)

    def a_month(self, level: float = 0.8) -> Interval:
        """Sales missed in a middle month in which nothing is done: what a month's delay costs."""
        months = self.monthly.shape[1]
        return interval_of(self.total / months, level)

    def by_month(self, level: float = 0.8) -> pd.DataFrame:
        """One row per month: ``needed``, ``probability``, ``expected``, ``low``, ``high``."""
        tail = (1 - level) / 2
        low, high = np.quantile(self.monthly, [tail, 1 - tail], axis=0)
        return pd.DataFrame(
            {
                "needed": self.channel_needed,
                "probability": simulated_chance(self.monthly > 0),
                "expected": self.monthly.mean(axis=0),
                "low": low,
                "high": high,
            }
        )


def gap(draws: Floats, target: ArrayLike, direct: ArrayLike) -> PlanGap:
    """Compare the channel's draws with what the plan leaves to it.

    Parameters
    ----------
    draws : ndarray, shape (S, N, H) or (S, H)
        Channel sales, per partner or in total, money per month.
    target, direct : array_like, shape (H,)
        Planned sales and the part expected without partners, money per month.

    Returns
    -------
    PlanGap

    Raises
    ------
    ModelError
        If ``target`` or ``direct`` has another number of months than ``draws``.

    Examples
    --------
    >>> sold = np.array([[10.0, 60.0], [5.0, 15.0]])  # two futures, two months
    >>> short = gap(sold, target=[100.0, 100.0], direct=[65.0, 65.0])
    >>> short.monthly.tolist()
    [[25.0, 0.0], [30.0, 20.0]]
    >>> short.total.tolist()  # a good month makes up for a bad one
    [0.0, 50.0]
    """
    channel = draws.sum(axis=1) if draws.ndim == 3 else draws
    plan = {"target": np.asarray(target, dtype=float), "direct": np.asarray(direct, dtype=float)}
    for name, months in plan.items():
        if months.shape != channel.shape[1:]:
            raise ModelError(name, f"must have {channel.shape[1]} months", value=months.shape)
    needed = plan["target"] - plan["direct"]
    short = needed - channel
    return PlanGap(
        monthly=np.maximum(short, 0.0),
        total=np.maximum(short.sum(axis=1), 0.0),
        channel_needed=np.maximum(needed, 0.0),
        needed=float(needed.sum()),
    )


def gap_to_plan(draws: Floats, plan: pd.DataFrame) -> PlanGap | None:
    """Compare the channel's draws with a plan that may leave months out.

    Parameters
    ----------
    draws : ndarray, shape (S, N, H)
        Channel sales, money per month.
    plan : DataFrame, H rows
        ``target``, ``direct``, money per month, NaN where the plan says nothing.

    Returns
    -------
    PlanGap or None
        Of the months the plan covers; None where it covers none.
    """
    covered = np.isfinite(plan["target"].to_numpy())
    if not covered.any():
        return None
    aims = plan[covered]
    return gap(draws.sum(axis=1)[:, covered], aims["target"], aims["direct"])
