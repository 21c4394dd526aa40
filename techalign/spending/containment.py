"""What was not spent because spending was kept below its expected growth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval

__all__ = ["ContainedSaving", "contained_saving"]


@dataclass(frozen=True)
class ContainedSaving:
    """What was not spent, because spending was kept below its expected growth.

    Attributes
    ----------
    expected : ndarray, shape (T,)
        Money that years 1 to T would have cost.
    saving : ndarray, shape (T,)
        Expected less actual; negative where more was spent.
    total : Interval
        Sum over the years; the interval is that of the growth rate.

    Examples
    --------
    >>> contained_saving(100.0, 0.5, [120.0, 200.0]).saving.tolist()
    [30.0, 25.0]
    """

    expected: np.ndarray
    saving: np.ndarray
    total: Interval


def contained_saving(
    baseline: float, growth: float | Interval, actual: ArrayLike
) -> ContainedSaving:
    """Compare actual spending with a baseline that kept growing: b (1 + g)^t - actual.

    Parameters
    ----------
    baseline : float
        Money of the year before the first of ``actual``.
    growth : float or Interval
        Expected growth per year, above -1. A bare number gives an interval without width.
    actual : array_like, shape (T,)
        Money of years 1 to T.

    Returns
    -------
    ContainedSaving

    Raises
    ------
    ModelError
        If the growth is not above -1.

    Examples
    --------
    >>> contained_saving(1000.0, Interval(0.5, 0.25, 0.75), [1200.0]).total
    Interval(point=300.0, low=50.0, high=550.0, level=0.8)
    """
    rate = growth if isinstance(growth, Interval) else Interval(growth, growth, growth, 1.0)
    if rate.low <= -1:
        raise ModelError("growth", "must be above -1", value=rate.low)
    paid = np.atleast_1d(np.asarray(actual, dtype=float))
    years = np.arange(1, paid.size + 1)
    expected = [baseline * (1.0 + g) ** years for g in (rate.point, rate.low, rate.high)]
    point, low, high = (float((e - paid).sum()) for e in expected)
    total = Interval(point, min(low, high), max(low, high), rate.level)
    return ContainedSaving(expected=expected[0], saving=expected[0] - paid, total=total)
