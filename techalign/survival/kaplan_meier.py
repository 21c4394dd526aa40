"""The survival curve the data draw by themselves, against which every model is held.

Counts at risk come from one sort of values: no permutation of rows is needed, and sorting
values is several times faster than sorting their positions. Ages are not negative, so the bits
of a float sort as an integer does and leave the sign's place free for the event. As soon as one
age is known only to lie between two looks, :mod:`techalign.survival.turnbull` takes over.

References
----------
[1] Kaplan, E. L. and Meier, P. (1958). Nonparametric estimation from incomplete observations.
    JASA 53, 457-481.
[2] Greenwood, M. (1926). The natural duration of cancer. Reports on Public Health 33, 1-26.
[3] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time
    Data, 2nd ed., sec. 1.4: the interval on the log(-log) scale ("exponential Greenwood").
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.numbers.intervals import Interval, width_of
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.turnbull import small_sets, turnbull

__all__ = ["KaplanMeier", "kaplan_meier"]

Floats = NDArray[np.float64]


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
    """

    time: Floats
    at_risk: NDArray[np.int64] | Floats
    events: NDArray[np.int64] | Floats
    survival: Floats
    std_error: Floats
    since: Floats
    note: str = ""

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
        """Lower and upper end of the pointwise interval at ``time`` [3].

        Parameters
        ----------
        level : float
            Probability the interval claims to hold, 0 to 1.

        Returns
        -------
        low, high : ndarray, shape (k,)
            Within 0 to 1; NaN once survival is 0.
        """
        z = width_of(level)
        with np.errstate(divide="ignore", invalid="ignore", over="ignore"):
            log_s = np.log(self.survival)
            width = z * self.std_error / (self.survival * np.abs(log_s))
            low, high = np.exp(log_s * np.exp(width)), np.exp(log_s * np.exp(-width))
        return low, high

    def interval(self, t: float, level: float = 0.8) -> Interval:
        """Survival beyond age ``t`` with its interval; certain before the first event."""
        place = int(np.searchsorted(self.time, t, side="right")) - 1
        if place < 0:
            return Interval(1.0, 1.0, 1.0, level)
        low, high = self.band(level)
        return Interval(float(self.survival[place]), float(low[place]), float(high[place]), level)


def kaplan_meier(lifetimes: Lifetimes) -> KaplanMeier:
    """Estimate survival without assuming a shape [1], with Greenwood errors [2].

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows; those with entry age count as at risk only after it. Covariates are ignored.
        If a row is an interval, the estimate is Turnbull's, see
        :mod:`techalign.survival.turnbull` for the limits of its standard errors.

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
    """
    if lifetimes.interval.any():
        curve = turnbull(lifetimes)
        return KaplanMeier(
            curve.time, curve.at_risk, curve.events, curve.survival, curve.std_error, curve.since,
            small_sets(curve.time, curve.at_risk, curve.survival),
        )  # fmt: skip
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
    return KaplanMeier(time, at_risk, events, survival, std_error, time)


Counts = NDArray[np.int64]


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
    new = np.empty(ages.size, dtype=bool)
    new[:1] = True
    np.not_equal(ages[1:], ages[:-1], out=new[1:])
    first = np.flatnonzero(new)
    distinct = ages[first]
    events = np.diff(first, append=ages.size)
    time = (distinct >> np.uint64(1)).view(np.float64)
    # rows that left before: those before the first event, less those censored at the same age
    begin = place[first]
    tied = (begin > 0) & (keys[begin - 1] == distinct - np.uint64(1))
    if tied.any():
        begin[tied] = np.searchsorted(keys, distinct[tied] - np.uint64(1), side="left")
    return time, events, begin
