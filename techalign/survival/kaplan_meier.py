"""The survival curve the data draw by themselves, against which every model is held.

Where all ages are exact it is Kaplan and Meier's product limit [1]. Counts at risk come from one
sort of values: no permutation of rows is needed, and sorting values is several times faster than
sorting their positions. Ages are not negative, so the bits of a float sort as an integer does and
leave the sign's place free for the event.

As soon as one age is known only to lie between two looks it is Turnbull's self-consistent
estimate [4] with late entry [5]: the curve of largest likelihood. It falls in the cells of
:mod:`techalign.survival.interval_censoring`; where within a cell is not known, and by convention
it falls at the cell's end, the age by which the event had happened.

Notes
-----
Turnbull's standard errors come from the observed information of the steps that are not 0. They
are Greenwood's where all ages are exact, and sound where the looks fall on few distinct ages;
where looks are at ages all different, the curve nears the truth more slowly than by the root of
n [6], no normal theory holds, and they are a guide only. With late entry the first risk sets may
be tiny; where their few events are intervals the curve falls there far too much [7], however
large the table, and lies too low ever after. Survival given a later age is not touched by it. Few
rows may also leave several curves that are equally likely; one of them is given.

References
----------
[1] Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations.
    JASA 53, 457-481.
[2] Greenwood, M. (1926). The natural duration of cancer. Reports on Public Health 33, 1-26.
[3] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time
    Data, 2nd ed., sec. 1.4: the interval on the log(-log) scale ("exponential Greenwood").
[4] Turnbull, B. W. (1976). The empirical distribution function with arbitrarily grouped,
    censored and truncated data. JRSS B 38(3), 290-295.
[5] Alioum, A. and Commenges, D. (1996). A proportional hazards model for arbitrarily censored
    and truncated data. Biometrics 52(2), 512-524.
[6] Groeneboom, P. and Wellner, J. A. (1992). Information Bounds and Nonparametric Maximum
    Likelihood Estimation. Birkhauser.
[7] Pan, W. and Chappell, R. (1998). A nonparametric estimator of survival functions for
    arbitrarily truncated and censored data. Lifetime Data Analysis 4, 187-202.
[8] Fay, M. P., Brittain, E. H. and Proschan, M. A. (2013). Pointwise confidence intervals for a
    survival distribution with small samples or heavy censoring. Biostatistics 14(4), 723-736:
    the beta product procedure.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from techalign.numbers.arrays import Counts, Floats
from techalign.numbers.intervals import Interval, width_of
from techalign.survival.interval_censoring import StepLikelihood, range_sums, support_of
from techalign.survival.lifetimes import Lifetimes

__all__ = ["KaplanMeier", "kaplan_meier", "small_sets", "turnbull"]


LIMIT = 4000
"""Steps up to which standard errors are worked out: they take the square of their number."""
SMALL, MUCH = 0.2, 0.1
"""Share of the largest risk set below which one is small, and the fall of the curve in such sets
from which on it is said.
"""
FARTHEST = 600.0
"""Cumulative hazard beyond which nobody is left to count."""


@dataclass(frozen=True, eq=False)
class KaplanMeier:
    """Product-limit estimate, one element per distinct age at which events happened.

    Attributes
    ----------
    time : ndarray, shape (k,)
        Ages in years, ascending.
    at_risk, events : ndarray of int64, shape (k,)
        Rows under observation just before, and events at, that age; expected numbers, with
        fractions, if some rows are intervals.
    survival : ndarray, shape (k,)
        Probability of surviving beyond that age.
    std_error : ndarray, shape (k,)
        Greenwood standard error of ``survival``; NaN once survival is 0.
    since : ndarray, shape (k,)
        Age after which the events of each step happened: ``time`` itself where it is exact.
        Between the two ages the data do not tell where the curve falls; by convention it does
        so at ``time``.
    note : str
        Empty, or that much of the fall rests on few rows; said if some rows are intervals.

    Examples
    --------
    >>> from techalign.survival import Lifetimes, kaplan_meier
    >>> curve = kaplan_meier(Lifetimes([0, 0, 1, 2], [1, 3, 4, 6], [True, True, False, True]))
    >>> curve.at([0.5, 3.0, 6.0]).round(3).tolist()
    [1.0, 0.333, 0.0]

    Three of three still there is no certainty that the next one will be.

    >>> nobody = kaplan_meier(Lifetimes([0, 0, 0], [5, 5, 5], [False] * 3))
    >>> chance = nobody.interval(4.0)
    >>> chance.point, round(chance.low, 3), chance.high
    (1.0, 0.464, 1.0)
    """

    time: Floats
    at_risk: Counts | Floats
    events: Counts | Floats
    survival: Floats
    std_error: Floats
    since: Floats
    note: str = ""
    _rows: Lifetimes | None = field(default=None, repr=False)

    def at(self, t: ArrayLike, given_age: float = 0.0) -> Floats:
        """Survival beyond each age ``t`` in years, given that ``given_age`` was reached.

        Up to the next age with events it is 1. A later ``given_age`` leaves out of account what
        few rows say of young ages, even where they take the whole curve to 0.
        """
        time, survival = self.time, self.survival
        if given_age > 0:
            later = time > given_age
            time = time[later]
            left = 1.0 - self.events[later] / self.at_risk[later]
            survival = np.cumprod(left).astype(np.float64)
        steps = np.concatenate([[1.0], survival])
        values: Floats = steps[np.searchsorted(time, np.asarray(t, float), side="right")]
        return values

    def band(self, level: float = 0.8) -> tuple[Floats, Floats]:
        """Lower and upper end of the pointwise interval at ``time``.

        On the log(-log) scale [3]; where the curve is at 0 that scale says nothing, and the
        upper end is that of the beta product procedure [8].

        Parameters
        ----------
        level : float
            Probability the interval claims to hold, 0 to 1.

        Returns
        -------
        low, high : ndarray, shape (k,)
            Within 0 to 1; NaN where a curve of intervals has no standard error above 0.
        """
        z = width_of(level)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            log_s = np.log(self.survival)
            width = z * self.std_error / (self.survival * np.abs(log_s))
            low, high = np.exp(log_s * np.exp(width)), np.exp(log_s * np.exp(-width))
        gone = self.survival <= 0.0
        if gone.any():
            upper = self._product_upper(level)
            low, high = np.where(gone, 0.0, low), np.where(gone, upper, high)
        return low, high

    def interval(self, t: float, level: float = 0.8) -> Interval:
        """Survival beyond age ``t`` with its interval.

        Before the first event the point is 1 and the lower end that of the beta product
        procedure [8], which without censoring is Clopper and Pearson's: of ``n`` rows under
        observation up to ``t`` all were there. With late entry ``n`` is the smallest number
        at any age up to ``t``, and 0 beyond the last.
        """
        place = int(np.searchsorted(self.time, t, side="right")) - 1
        if place < 0:
            least = self._least_observed(t)
            width_of(level)  # refuses a level that is none
            low = ((1.0 - level) / 2.0) ** (1.0 / least) if least else 0.0
            return Interval(point=1.0, low=low, high=1.0, level=level)
        low, high = (float(end[place]) for end in self.band(level))
        return Interval(point=float(self.survival[place]), low=low, high=high, level=level)

    def _least_observed(self, t: float) -> int:
        """Rows under observation at that age up to ``t`` at which they are fewest."""
        rows = self._rows
        if rows is None or not len(rows) or t < 0:
            return 0
        entry, stop = np.sort(rows.entry), np.sort(rows.stop)
        ages = np.append(stop[stop <= t], [0.0, t])
        seen = np.searchsorted(entry, ages, "right") - np.searchsorted(stop, ages, "right")
        return max(int(seen.min()), 0)

    def _product_upper(self, level: float) -> Floats:
        """Upper ends of the beta product procedure, by the moments of the product [8]."""
        from scipy.special import betaincinv

        a, b = self.at_risk - self.events + 1.0, np.asarray(self.events, dtype=float)
        mean = np.cumprod(a / (a + b))
        square = np.cumprod(a * (a + 1.0) / ((a + b) * (a + b + 1.0)))
        size = (mean - square) / (square - mean**2)
        return np.asarray(betaincinv(mean * size, (1.0 - mean) * size, 0.5 + level / 2.0))


def kaplan_meier(lifetimes: Lifetimes) -> KaplanMeier:
    """Estimate survival without assuming a shape [1], with Greenwood errors [2].

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows; those with entry age count as at risk only after it. Covariates are ignored.
        If a row is an interval, the estimate is Turnbull's; the notes of this module tell the
        limits of its standard errors.

    Returns
    -------
    KaplanMeier

    Raises
    ------
    ModelError
        If intervals are given at so many different ages that the curve cannot be found.

    Notes
    -----
    With late entries the first risk sets can be tiny; a single event there can take the whole
    curve to 0. ``at_risk`` shows it, and ``at`` with a later ``given_age`` leaves it out.

    Examples
    --------
    The second row entered at age 2 and counts only from then on.

    >>> from techalign.survival import Lifetimes, kaplan_meier
    >>> curve = kaplan_meier(Lifetimes([0, 2, 0], [3, 5, 1], [True, False, True]))
    >>> curve.at_risk.tolist(), curve.survival.tolist()
    ([2, 2], [0.5, 0.25])
    """
    if lifetimes.interval.any():
        return turnbull(lifetimes)
    time, events, left = _sorted_events(lifetimes)
    entered: Counts = np.full(time.size, len(lifetimes))
    if lifetimes.entry.any():
        entered = np.searchsorted(np.sort(lifetimes.entry), time, side="left")
    at_risk = entered - left
    survival: Floats = np.cumprod(1.0 - events / at_risk).astype(np.float64)
    with np.errstate(divide="ignore", invalid="ignore"):
        # 0 times infinity once nobody is left: NaN is the honest answer
        relative = np.cumsum(events / (at_risk * (at_risk - events)))
        std_error: Floats = survival * np.sqrt(relative)
    return KaplanMeier(
        time=time,
        at_risk=at_risk,
        events=events,
        survival=survival,
        std_error=std_error,
        since=time,
        _rows=lifetimes,
    )


def _sorted_events(lifetimes: Lifetimes) -> tuple[Floats, Counts, Counts]:
    """Distinct ages with events, the events at each, and the rows that left before it."""
    # + 0.0 turns a negative zero into zero, whose bits are none
    keys = (lifetimes.stop + 0.0).view(np.uint64)
    keys <<= np.uint64(1)
    keys |= lifetimes.event
    keys.sort()
    # a row without event sorts before one with event at the same age
    place = np.flatnonzero(keys & np.uint64(1))
    ages = keys[place]
    first = np.flatnonzero(np.append(True, ages[1:] != ages[:-1])[: ages.size])
    distinct = ages[first]
    events = np.diff(first, append=ages.size)
    time = (distinct >> np.uint64(1)).view(np.float64)
    # rows that left before: those before the first event, less those censored at the same age
    begin = place[first]
    tied = (begin > 0) & (keys[begin - 1] == distinct - np.uint64(1))
    if tied.any():
        begin[tied] = np.searchsorted(keys, distinct[tied] - np.uint64(1), side="left")
    return time, events, begin


def turnbull(lifetimes: Lifetimes) -> KaplanMeier:
    """Estimate survival from rows with late entry, right and interval censoring [4], [5].

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with at least one event; covariates are ignored.

    Returns
    -------
    KaplanMeier
        The error is NaN once survival is 0, or if there are too many cells.
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
    time, at_risk, survival = support.time[found], at_risk[found], survival[found]
    return KaplanMeier(
        time=time,
        at_risk=at_risk,
        events=events[found],
        survival=survival,
        std_error=error[found],
        since=support.since[found],
        note=small_sets(time, at_risk, survival),
        _rows=lifetimes,
    )


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
