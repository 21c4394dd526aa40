"""The score by which forecasts are judged, for a backtest and for a fit that chooses.

References
----------
[1] Gneiting, T., Raftery, A. E. (2007). Strictly proper scoring rules, prediction, and
    estimation. Journal of the American Statistical Association 102, 359-378.
"""

from __future__ import annotations

import numpy as np

from techalign.numbers.arrays import Floats

__all__ = ["crps_sample"]


def crps_sample(draws: Floats, actual: Floats) -> Floats:
    """Continuous ranked probability score of an empirical distribution [1].

    Parameters
    ----------
    draws : ndarray, shape (S, N)
    actual : ndarray, shape (N,)

    Returns
    -------
    ndarray, shape (N,)
        E|X - y| - E|X - X'|/2, in the unit of ``actual``; the absolute error for S = 1.

    Examples
    --------
    >>> crps_sample(np.array([[1.0, 9.0], [3.0, 9.0]]), np.array([2.0, 5.0])).tolist()
    [0.5, 4.0]
    """
    size = len(draws)
    ordered = np.sort(draws, axis=0)
    rank = 2 * np.arange(1, size + 1) - size - 1
    # E|X - X'|/2 of sorted draws needs one pass, not S²
    half_spread = rank @ ordered / size**2
    score: Floats = np.abs(draws - actual).mean(axis=0) - half_spread
    return score
