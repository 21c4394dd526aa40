"""How fast a recurring price rises, with an interval.

A fixed price stands still and jumps; noise models do not describe it. Its drift is that of a
compound Poisson process: the sum of jumps in log price over the time, with the sum of squared
jumps as variance [1]. The point is exactly (p1/p0)^(1/years) - 1. A metered price has noise
around a trend, and there the slope of a regression serves [2].

References
----------
[1] Feller (1971), "An Introduction to Probability Theory and Its Applications", vol. 2,
    section VI.4.
[2] Draper and Smith (1998), "Applied Regression Analysis", section 1.4.
"""

from __future__ import annotations

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.periods import DAYS_PER_YEAR

__all__ = ["price_creep"]

MIN_YEARS = 10 / 12
"""A rise over less time than this is not turned into a yearly one."""
_SAME_PRICE = 1e-3
"""Log price moves up to this are rounding."""


def price_creep(
    day: np.ndarray,
    price: np.ndarray,
    member: np.ndarray,
    fixed: np.ndarray,
    *,
    unseen_rise: float,
    level: float,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Estimate the yearly price rise of many streams at once.

    Parameters
    ----------
    day : ndarray, shape (m,)
        Day numbers, ascending within a stream.
    price : ndarray, shape (m,)
        Money per charge line, positive.
    member : ndarray of int, shape (m,)
        Stream of each charge, 0 to k - 1, ascending.
    fixed : ndarray of bool, shape (k,)
        Whether the stream has a fixed price.
    unseen_rise : float
        Assumption: size of the first rise of a price that has never moved, 0.05 for 5 %.
        With probability ``level`` its yearly frequency is below what leaves the time seen
        without one; this gives the upper end.
    level : float
        Probability inside the interval.

    Returns
    -------
    creep, low, high : ndarray, shape (k,)
        Rise per year, 0.05 for 5 %; NaN where the stream is shorter than ten months. A
        metered stream with two charges has the whole range -1 to infinity.

    Raises
    ------
    ModelError
        If ``unseen_rise`` is negative.
    """
    if unseen_rise < 0:
        raise ModelError("unseen_rise", "must not be negative", value=unseen_rise)
    drift, half, still = _jump_drift(day, price, member, fixed.size, level)
    slope, slope_half = _slope(day, price, member, fixed.size, level)
    centre = np.where(fixed, drift, slope)
    width = np.where(fixed, half, slope_half)
    counts = np.bincount(member, minlength=fixed.size)
    end = np.cumsum(counts) - 1
    years = (day[end] - day[end - counts + 1]) / DAYS_PER_YEAR
    # no jump in T years: a rate above -ln(1 - level) / T would have shown one
    reach = -np.log(1.0 - level) / years * np.log1p(unseen_rise)
    low, high = centre - width, centre + width
    never = fixed & still
    low, high = np.where(never, np.minimum(centre, 0.0), low), np.where(never, reach, high)
    centre, low, high = (np.where(years < MIN_YEARS, np.nan, v) for v in (centre, low, high))
    return np.expm1(centre), np.expm1(low), np.expm1(high)


def _jump_drift(
    day: np.ndarray, price: np.ndarray, member: np.ndarray, groups: int, level: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    from scipy.special import ndtri

    within = np.diff(member) == 0
    of = member[1:][within]
    jump = np.diff(np.log(price))[within]
    years = np.bincount(of, weights=np.diff(day)[within], minlength=groups) / DAYS_PER_YEAR
    total = np.bincount(of, weights=jump, minlength=groups)
    squares = np.bincount(of, weights=jump**2, minlength=groups)
    still = np.bincount(of, weights=np.abs(jump) > _SAME_PRICE, minlength=groups) == 0
    return total / years, ndtri(0.5 + level / 2) * np.sqrt(squares) / years, still


def _slope(
    day: np.ndarray, price: np.ndarray, member: np.ndarray, groups: int, level: float
) -> tuple[np.ndarray, np.ndarray]:
    from scipy.special import stdtrit

    def total(values: np.ndarray) -> np.ndarray:
        return np.bincount(member, weights=values, minlength=groups)

    n = total(np.ones(member.size))
    time = day / DAYS_PER_YEAR
    t = time - (total(time) / n)[member]
    log_price = np.log(price)
    y = log_price - (total(log_price) / n)[member]
    spread = total(t**2)
    slope = total(t * y) / spread
    freedom = n - 2
    noise = np.maximum(total(y**2) - slope**2 * spread, 0.0)
    error = np.sqrt(noise / np.maximum(freedom, 1) / spread)
    half = stdtrit(np.maximum(freedom, 1), 0.5 + level / 2) * error
    return slope, np.where(freedom >= 1, half, np.inf)
