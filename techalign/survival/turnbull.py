"""The survival curve without shape where some ages are known only to lie between two looks.

Turnbull's self-consistent estimate [1] with late entry [2]: the curve of largest likelihood. It
falls in the cells of :mod:`techalign.survival.support`; where within a cell is not known, and by
convention it falls at the cell's end, the age by which the event had happened.

Notes
-----
Standard errors come from the observed information of the steps that are not 0. They are
Greenwood's where all ages are exact, and sound where the looks fall on few distinct ages; where
looks are at ages all different, the curve nears the truth more slowly than by the root of n [3],
no normal theory holds, and they are a guide only. With late entry the first risk sets may be
tiny; where their few events are intervals the curve falls there far too much [4], however large
the table, and lies too low ever after. Survival given a later age is not touched by it. Few rows
may also leave several curves that are equally likely; one of them is given.

References
----------
[1] Turnbull, B. W. (1976). The empirical distribution function with arbitrarily grouped,
    censored and truncated data. JRSS B 38(3), 290-295.
[2] Alioum, A. and Commenges, D. (1996). A proportional hazards model for arbitrarily censored
    and truncated data. Biometrics 52(2), 512-524.
[3] Groeneboom, P. and Wellner, J. A. (1992). Information Bounds and Nonparametric Maximum
    Likelihood Estimation. Birkhauser.
[4] Pan, W. and Chappell, R. (1998). A nonparametric estimator of survival functions for
    arbitrarily truncated and censored data. Lifetime Data Analysis 4, 187-202.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.survival.lifetimes import Lifetimes
from techalign.survival.steps import StepLikelihood
from techalign.survival.support import range_sums, support_of

__all__ = ["StepCurve", "small_sets", "turnbull"]

Floats = NDArray[np.float64]

LIMIT = 4000
"""Steps up to which standard errors are worked out: they take the square of their number."""
SMALL, MUCH = 0.2, 0.1
"""Share of the largest risk set below which one is small, and the fall of the curve in such sets
from which on it is said.
"""
FARTHEST = 600.0
"""Cumulative hazard beyond which nobody is left to count."""


@dataclass(frozen=True, eq=False)
class StepCurve:
    """One element per cell in which the curve falls; shapes (k,).

    Attributes
    ----------
    since, time : ndarray
        Ages in years after which, and by which, the events of the cell happened.
    at_risk, events : ndarray
        Expected numbers of rows under observation before, and of events in, the cell.
    survival, std_error : ndarray
        At ``time``; the error is NaN once survival is 0, or if there are too many cells.
    """

    since: Floats
    time: Floats
    at_risk: Floats
    events: Floats
    survival: Floats
    std_error: Floats


def turnbull(lifetimes: Lifetimes) -> StepCurve:
    """Estimate survival from rows with late entry, right and interval censoring [1], [2].

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with at least one event; covariates are ignored.

    Returns
    -------
    StepCurve
    """
    n = len(lifetimes)
    support, factor = support_of(lifetimes), np.ones(n)
    likelihood = StepLikelihood(support, np.zeros(n, dtype=bool))
    steps = likelihood.climb(factor)
    events, at_risk = _expected(likelihood, steps)
    found = np.flatnonzero((steps > 0) | likelihood.endless)
    information = likelihood.information(steps, factor)
    gone = np.cumsum(likelihood.endless) > 0
    survival = np.where(gone, 0.0, np.exp(-np.cumsum(steps)))
    error = np.full(len(support), np.nan)
    error[information.free] = np.sqrt(information.variances(LIMIT))
    # where the data do not tell the curve at all, no spread is larger than that of yes or no
    error = np.minimum(survival * error, np.sqrt(survival * (1.0 - survival)))
    error = np.where(gone, np.nan, error)
    return StepCurve(
        support.since[found], support.time[found], at_risk[found], events[found],
        survival[found], error[found],
    )  # fmt: skip


def _expected(likelihood: StepLikelihood, steps: Floats) -> tuple[Floats, Floats]:
    """Events in each cell, and rows at risk of them, as the curve itself expects them."""
    support, size = likelihood.support, likelihood.size
    total = np.minimum(np.concatenate([[0.0], np.cumsum(steps)]), FARTHEST)
    event = support.high > support.low
    low, high = support.low[event], support.high[event]
    # a range ends with the first cell that nobody outlives
    stops = np.append(np.flatnonzero(likelihood.endless), size)
    first = stops[np.searchsorted(stops, low)]
    high = np.minimum(high, first + 1)
    left = np.where(high > first, 0.0, np.exp(total[low] - total[high]))
    share = 1.0 / np.maximum(1.0 - left, 1e-300)
    ends = np.where(likelihood.endless, 1.0, -np.expm1(-steps))
    reached = np.exp(-total[:-1]) * range_sums(np.exp(total[low]) * share, low, high, size)
    events = reached * ends
    over = range_sums(left * share, low, high, size)
    at_risk = likelihood.at_risk(np.ones(support.low.size)) + reached - over
    return events, at_risk


def small_sets(time: Floats, at_risk: Floats, survival: Floats) -> str:
    """Say so if much of the fall happens at young ages, where few are under observation.

    Parameters
    ----------
    time, at_risk, survival : ndarray, shape (k,)
        Ages in years, rows at risk before, survival after.
    """
    if not time.size:
        return ""
    full = int(np.argmax(at_risk))
    few = np.flatnonzero(at_risk[:full] < SMALL * at_risk[full])
    if not few.size or survival[few[-1]] > 1.0 - MUCH:
        return ""
    last = few[-1]
    return (
        f"Up to age {time[last]:.3g} at most {at_risk[few].max():.0f} of {at_risk[full]:.0f} rows "
        f"are under observation, and survival falls to {survival[last]:.0%} there: no more than a "
        "guess. Ask given a later age."
    )
