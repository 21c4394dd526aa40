"""A point estimate is never shown without its range: this is the pair that carries both."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError

__all__ = ["Interval", "interval_of", "width_of"]


@dataclass(frozen=True)
class Interval:
    """A point with the interval around it.

    Parameters
    ----------
    point, low, high : float
        In the unit of the quantity; ``low <= high``. Infinite ends are allowed.
    level : float
        Probability the interval claims to hold, 0 to 1.
    """

    point: float
    low: float
    high: float
    level: float = 0.8

    def scaled(self, factor: float) -> Interval:
        """Multiply all three numbers by a positive factor."""
        return Interval(self.point * factor, self.low * factor, self.high * factor, self.level)


def interval_of(draws: ArrayLike, level: float = 0.8) -> Interval:
    """Summarise draws by their median and equal-tailed interval.

    Order statistics are used instead of interpolation, so that draws may hold infinity
    (a payback that never comes).

    Parameters
    ----------
    draws : array_like, shape (S,)
        Draws of one quantity.
    level : float
        Probability inside the interval, 0 to 1.

    Returns
    -------
    Interval
        Median, lower and upper quantile.

    Examples
    --------
    >>> found = interval_of([1.0, 2.0, 3.0, 4.0, 5.0])
    >>> found.point, found.low, found.high
    (3.0, 1.0, 5.0)
    """
    ordered = np.sort(np.asarray(draws, dtype=float))
    tail = (1.0 - level) / 2.0
    last = ordered.size - 1
    low, mid, high = (ordered[round(q * last)] for q in (tail, 0.5, 1.0 - tail))
    return Interval(float(mid), float(low), float(high), level)


def width_of(level: float) -> float:
    """Standard errors to either side of a normal interval that holds with ``level``, 0 to 1.

    The standard library knows it; scipy.special takes longer to import than a model does.

    Parameters
    ----------
    level : float
        Between 0 and 1.

    Returns
    -------
    float

    Raises
    ------
    ModelError
        If the level is not between 0 and 1.

    Examples
    --------
    >>> round(width_of(0.8), 4)
    1.2816
    """
    if not 0 < level < 1:
        raise ModelError("level", "must be between 0 and 1", value=level, remedy="80 % is 0.8.")
    return NormalDist().inv_cdf(0.5 + level / 2.0)
