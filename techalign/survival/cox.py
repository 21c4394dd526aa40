"""Cox regression with late entry, and a baseline that knows about it.

Partial likelihood
------------------
The risk set of an age holds the rows that entered before it and have not ended: the sum over
rows not yet ended, less the sum over rows not yet entered. Both are running sums over sorted
ages, and the matrix part of the Hessian needs none, because each row's share of it is weighted
by the baseline hazard the row has lived through. A pass over n rows therefore takes p + 2
running sums. Ties are Efron's [2]; the baseline is Breslow's [3] on the same risk sets, which
common software computes as if everybody had been observed from age 0.

Profile likelihood
------------------
As soon as one age is known only to lie between two looks the baseline is a step in each cell of
:mod:`techalign.survival.interval_censoring` [5], [6], at its maximum for given coefficients. What
is left is a function of the coefficients, with gradient and Hessian in closed form: the gradient
is the whole likelihood's, since the steps are at their maximum, and the Hessian is the whole one
with the steps eliminated. Its inverse is therefore the coefficients' part of the inverse observed
information [7]. Rows with an exact age enter as in Breslow's likelihood; without intervals,
coefficients and baseline are those of the partial likelihood with Breslow's ties.

References
----------
[1] Cox, D. R. (1972). Regression models and life-tables. JRSS B 34(2), 187-220.
[2] Efron, B. (1977). The efficiency of Cox's likelihood function for censored data. JASA 72,
    557-565.
[3] Breslow, N. E. (1972). Discussion of [1], 216-217.
[4] Therneau, T. M. and Grambsch, P. M. (2000). Modeling Survival Data, ch. 3, and sec. 10.2:
    variance of the predicted hazard.
[5] Finkelstein, D. M. (1986). A proportional hazards model for interval-censored failure time
    data. Biometrics 42(4), 845-854.
[6] Alioum, A. and Commenges, D. (1996). A proportional hazards model for arbitrarily censored
    and truncated data. Biometrics 52(2), 512-524.
[7] Zeng, D., Mao, L. and Lin, D. Y. (2016). Maximum likelihood estimation for semiparametric
    transformation models with interval-censored data. Biometrika 103(2), 253-271.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats, Places
from techalign.numbers.intervals import Interval, width_of
from techalign.survival.covariates import Regression, check_settled, coefficient_table, scaled
from techalign.survival.interval_censoring import Information, StepLikelihood, support_of
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.newton import BLOCK, climb, maximise

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["CoxFit", "PartialLikelihood", "ProfileLikelihood", "fit_cox"]


@dataclass(frozen=True, eq=False)
class Baseline:
    """Steps of the hazard at the mean covariates, one element per age or cell; shapes (k,).

    Attributes
    ----------
    time, step : ndarray
        Ages in years by which the events happened; infinite where nobody is known to outlive
        the cell.
    centre : ndarray, shape (k, p)
        Minus the change of the log step per unit of each coefficient: the mean of the
        covariates over a risk set, less that over all rows, weighted by hazard.
    own : ndarray or Information
        Variance of each step for known coefficients, or, where intervals tie the steps to one
        another, the information of the finite ones.
    """

    time: Floats
    step: Floats
    centre: Floats
    own: Floats | Information

    def variance_of(self, inside: Flags) -> float:
        """Variance of the sum of some consecutive, finite steps for known coefficients."""
        if not isinstance(self.own, Information):
            return float(self.own[inside].sum())
        first, last = np.flatnonzero(inside[np.isfinite(self.step)])[[0, -1]]
        return self.own.variance(int(first), int(last) + 1)


class PartialLikelihood:
    """Partial log likelihood of the coefficients, with gradient and Hessian.

    Covariates are centred; that changes no coefficient.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with exact ages and at least one event.
    """

    def __init__(self, lifetimes: Lifetimes) -> None:
        order = np.argsort(lifetimes.stop)
        stop = lifetimes.stop[order]
        self.event = lifetimes.event[order]
        places = np.flatnonzero(self.event)
        ages = stop[places]
        new = _differs(ages)
        self.time = ages[new]
        self.deaths = np.diff(np.flatnonzero(new), append=ages.size)
        # first row at or after each age of events, and how many such ages each row lives to see
        begins = np.flatnonzero(_differs(stop))
        self.first = begins[np.cumsum(_differs(stop))[places[new]] - 1]
        marks = np.zeros(stop.size, dtype=np.intp)
        marks[self.first] = 1
        self.seen = np.cumsum(marks)
        self._set_entries(lifetimes.entry, order)
        self._set_covariates(lifetimes, order)
        self.rows = places  # of events
        self.group = np.cumsum(new) - 1  # age of each event
        self.tied = bool((self.deaths > 1).any())

    def _set_entries(self, entry: Floats, order: Places) -> None:
        self.late: Places | None = None
        if not entry.any():
            return
        ages = entry[order]
        self.late = np.argsort(ages)
        ages = ages[self.late]
        self.entered = np.searchsorted(ages, self.time, side="left")
        self.missed = np.empty(ages.size, dtype=np.intp)
        # ages of events up to the entry: not lived through under observation
        self.missed[self.late] = np.searchsorted(self.time, ages, side="right")

    def _set_covariates(self, lifetimes: Lifetimes, order: Places) -> None:
        n, p = order.size, lifetimes.covariates
        given = np.empty((n, 0)) if lifetimes.x is None else lifetimes.x
        self.mean = given.mean(axis=0)
        self.x = np.empty((p, n))
        for j in range(p):
            np.subtract(given[:, j][order], self.mean[j], out=self.x[j])
        self.event_x = np.array([column[self.event].sum() for column in self.x])

    def _factor(self, beta: Floats) -> Floats:
        """exp(x beta) per row, from centred covariates."""
        score = np.zeros(self.event.size)
        for b, column in zip(beta, self.x, strict=True):
            score += b * column
        return np.exp(np.minimum(score, 200.0, out=score), out=score)

    def at_risk(self, weight: Floats) -> Floats:
        """Sum of a weight per row over the risk set of each age of events; shape (k,)."""
        sums = _later(weight, self.first)
        if self.late is not None:
            sums -= _later(weight[self.late], self.entered)
        return sums

    def __call__(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Value, gradient and Hessian at shape (p,)."""
        weight = self._factor(beta)
        risk = self.at_risk(weight)
        value = float(self.event_x @ beta)
        if self.tied:
            less, by_age, by_event, squares = self._efron(weight, risk)
        else:
            less, by_age = float(np.log(risk).sum()), 1.0 / risk
            by_event, squares = None, [by_age * by_age]
        value -= less
        lived = np.concatenate([[0.0], np.cumsum(by_age)])
        through = lived[self.seen]
        if self.late is not None:
            through -= lived[self.missed]
        if by_event is not None:  # an event counts only with its part of its own age
            through[self.rows] -= by_event[self.group]
        through *= weight
        gradient = self.event_x - self.x @ through
        first = np.empty((beta.size, risk.size))
        for j, column in enumerate(self.x):
            first[j] = self.at_risk(weight * column)
        hessian = _products(first, squares[0], first) - _products(self.x, through, self.x)
        if self.tied:
            own = np.empty_like(first)
            for j, column in enumerate(self.x):
                own[j] = self._at_event((weight * column)[self.rows])
            cross = _products(first, squares[1], own)
            hessian += _products(own, squares[2], own) - cross - cross.T
        return value, gradient, hessian

    def _at_event(self, weight: Floats) -> Floats:
        """Sum of a weight per event over the events of each age; shape (k,)."""
        return np.bincount(self.group, weight, self.time.size).astype(np.float64, copy=False)

    def _efron(
        self, weight: Floats, risk: Floats
    ) -> tuple[float, Floats, Floats | None, list[Floats]]:
        """Efron's sums: the l-th of d tied events sees l/d of the tied leave the risk set."""
        begin = np.cumsum(self.deaths) - self.deaths
        share = (np.arange(self.rows.size) - begin[self.group]) / self.deaths[self.group]
        own = self._at_event(weight[self.rows])
        left = risk[self.group] - share * own[self.group]
        inverse = 1.0 / left
        square = inverse * inverse
        return (
            float(np.log(left).sum()),
            self._at_event(inverse),
            self._at_event(inverse * share),
            [self._at_event(square * share**power) for power in range(3)],
        )

    def baseline(self, beta: Floats) -> Baseline:
        """Breslow's steps at the mean covariates, with what their errors need."""
        weight = self._factor(beta)
        risk = self.at_risk(weight)
        centre = np.empty((beta.size, risk.size))
        for j, column in enumerate(self.x):
            centre[j] = self.at_risk(weight * column) / risk
        step = self.deaths / risk
        return Baseline(time=self.time, step=step, centre=centre.T, own=step / risk)


def _products(one: Floats, weight: Floats, other: Floats) -> Floats:
    """``(one * weight) @ other.T`` for few, long rows, in blocks that fit the cache."""
    total = np.zeros((one.shape[0], other.shape[0]))
    for begin in range(0, weight.size, BLOCK):
        rows = slice(begin, begin + BLOCK)
        total += (one[:, rows] * weight[rows]) @ other[:, rows].T
    return total


def _differs(ages: Floats) -> Flags:
    """Which of the sorted ages differ from the one before."""
    return np.append(True, ages[1:] != ages[:-1])[: ages.size]


def _later(weight: Floats, first: Places) -> Floats:
    """Sums of ``weight`` from each of the ascending places ``first`` to the end."""
    sums = np.zeros(weight.size + 1)
    np.cumsum(weight[::-1], out=sums[1:])
    return sums[weight.size - first]


class ProfileLikelihood:
    """Log likelihood of the coefficients, at the best baseline for them.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with at least one event and p covariates, which are centred within.
    """

    def __init__(self, lifetimes: Lifetimes) -> None:
        n = len(lifetimes)
        given = np.zeros((n, 0)) if lifetimes.x is None else lifetimes.x
        self.mean = given.mean(axis=0)
        self.x = given - self.mean
        self.support = support_of(lifetimes)
        self.steps = StepLikelihood(self.support, lifetimes.exact)
        self.event_x = self.x[lifetimes.exact].sum(axis=0)

    def _factor(self, beta: Floats) -> Floats:
        factor: Floats = np.exp(np.minimum(self.x @ beta, 200.0))
        return factor

    def __call__(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Value, gradient and Hessian at shape (p,); minus infinity where no baseline is found."""
        try:
            return self._at(beta)
        except ModelError:
            if not beta.any():
                raise
            # so far from any maximum that the baseline cannot be found: a climb turns back
            return -np.inf, np.zeros(beta.size), -np.eye(beta.size)

    def _at(self, beta: Floats) -> tuple[float, Floats, Floats]:
        factor = self._factor(beta)
        baseline = self.steps.climb(factor)
        risk = np.where(self.steps.endless, 0.0, self.steps.at_risk(factor))
        value = self.steps.value(baseline, factor, risk) + float(self.event_x @ beta)
        gradient, hessian, mixed = self._derivatives(baseline, factor)
        information = self.steps.information(baseline, factor)
        mixed = mixed[information.free]
        hessian += mixed.T @ information.by_step(mixed)
        return value, gradient, hessian

    def _derivatives(self, baseline: Floats, factor: Floats) -> tuple[Floats, Floats, Floats]:
        """Gradient (p,) and Hessian (p, p) by the coefficients; (k, p) by them and the steps."""
        steps, x, between = self.steps, self.x, self.steps.between
        total = np.concatenate([[0.0], np.cumsum(baseline)])
        lived = factor * (total[steps.outlived] - total[self.support.after])
        chance = np.clip(steps.chances(baseline, factor), 1e-140, 600.0)
        ratio = 1.0 / np.expm1(chance)
        own = x[between]
        gradient = self.event_x - lived @ x + (chance * ratio) @ own
        bend = ratio * (1.0 - chance * (1.0 + ratio))
        hessian = -(x.T * lived) @ x + (own.T * (chance * bend)) @ own
        mixed = -np.column_stack(
            [steps.at_risk(factor * column) for column in x.T] or [np.zeros((steps.size, 0))]
        )
        pull = factor[between] * bend
        for j, column in enumerate(own.T):
            mixed[:, j] += steps.ranged(pull * column)
        return gradient, hessian, mixed

    def baseline(self, beta: Floats) -> Baseline:
        """Steps at the mean covariates, with what their errors need."""
        factor = self._factor(beta)
        steps, endless = self.steps.climb(factor), self.steps.endless
        information = self.steps.information(steps, factor)
        found = np.flatnonzero((steps > 0) | endless)
        centre = np.zeros((len(self.support), beta.size))
        free = information.free
        mixed = self._derivatives(steps, factor)[2][free]
        centre[free] = -information.by_step(mixed) / steps[free, None]
        step = np.where(endless, np.inf, steps)[found]
        return Baseline(
            time=self.support.time[found], step=step, centre=centre[found], own=information
        )


@dataclass(frozen=True, eq=False)
class CoxFit(Regression):
    """Cox regression: coefficients, and the baseline as steps at the ages of events.

    Attributes
    ----------
    names : tuple of str, length p
        ``beta_0`` to ``beta_{p-1}``.
    estimate : ndarray, shape (p,)
        Change of the log hazard per unit of each covariate.
    covariance : ndarray, shape (p, p)
    log_likelihood : float
        Partial log likelihood; with intervals that of coefficients and baseline together.
    time : ndarray, shape (k,)
        Ages in years with events, ascending; of an interval the age by which it had happened.
    step : ndarray, shape (k,)
        Hazard added at each of them at covariates 0; infinite where events are intervals and
        nobody is known to have lived on.
    rows, events : int

    Examples
    --------
    >>> from techalign.survival import Lifetimes, fit_lifetime
    >>> rows = Lifetimes([0] * 6, [1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 0, 1], x=[3, 1, 1, 2, 0, 1])
    >>> fit = fit_lifetime(rows, "cox")
    >>> fit.names, fit.time.tolist()
    (('beta_0',), [1.0, 2.0, 4.0, 6.0])
    >>> fit.pd([1.0, 3.0], 2.0, [1.0]).round(2).tolist()
    [0.12, 0.15]
    """

    names: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    log_likelihood: float
    time: Floats
    step: Floats
    rows: int
    events: int
    _own: Baseline = field(repr=False)  # steps at the mean covariates, where no number is too large
    _mean: Floats = field(repr=False)  # of the covariates, (p,)

    def cumulative_hazard(self, t: ArrayLike) -> Floats:
        """Baseline hazard added up to ages ``t`` in years, at covariates 0."""
        steps = np.concatenate([[0.0], np.cumsum(self.step)])
        added: Floats = steps[np.searchsorted(self.time, np.asarray(t, float), side="right")]
        return added

    def hazard_between(
        self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None = None
    ) -> Floats:
        """Hazard added within ``horizon`` years after ``age``; see :class:`Regression`.

        Beyond the last event nothing is known and nothing is added.
        """
        given, gap = self._given(x), self._between(*self._span(age, horizon))
        hazard: Floats = gap * np.exp((given - self._mean) @ self.estimate)
        return hazard

    def pd_interval(
        self, age: float, horizon: float, x: ArrayLike | None = None, level: float = 0.8
    ) -> Interval:
        """One probability of ceasing with its interval [4], normal on the log of the hazard."""
        given, step = self._given(x)[0] - self._mean, self._own.step
        inside = (self.time > age) & (self.time <= age + horizon)
        endless = bool(np.isinf(step[inside]).any())
        inside &= np.isfinite(step)
        total = float(step[inside].sum())
        if total <= 0:
            return Interval(float(endless), 0.0, float(endless), level)
        away = step[inside] @ (given - self._own.centre[inside])
        variance = self._own.variance_of(inside) + float(away @ self.covariance @ away)
        width = np.minimum(width_of(level) * np.sqrt(variance) / total, 500.0)
        hazard = total * np.exp(float(given @ self.estimate))
        low, point, high = -np.expm1(-hazard * np.exp([-width, 0.0, width]))
        if endless:  # the data let nobody through, but how many there were to let is not told
            point = high = 1.0
        return Interval(float(point), float(low), float(high), level)

    def _between(self, start: Floats, end: Floats) -> Floats:
        """Hazard added between two ages at the mean covariates."""
        step, endless = self._own.step, np.isinf(self._own.step)
        places = [np.searchsorted(self.time, ages, side="right") for ages in (start, end)]
        sums = np.concatenate([[0.0], np.cumsum(np.where(endless, 0.0, step))])
        added: Floats = sums[places[1]] - sums[places[0]]
        if endless.any():
            count = np.concatenate([[0], np.cumsum(endless)])
            added = np.where(count[places[1]] > count[places[0]], np.inf, added)
        return added

    def summary(self, level: float = 0.8) -> DataFrame:
        """Coefficients with standard errors and ends of the interval.

        Returns
        -------
        DataFrame
            Indexed by parameter: estimate, std_error, low, high, hazard_ratio.
        """
        with np.errstate(over="ignore"):  # a unit may be more than anybody has
            ratio = np.exp(self.estimate)
        return coefficient_table(
            self.names, self.estimate, self.covariance, level, hazard_ratio=ratio
        )


def fit_cox(lifetimes: Lifetimes) -> CoxFit:
    """Fit by maximum partial likelihood [1], Efron ties, Breslow baseline with entry.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows; without covariates the baseline alone is estimated (Nelson-Aalen). If a row is an
        interval, baseline and coefficients maximise the whole likelihood together.

    Returns
    -------
    CoxFit

    Raises
    ------
    ModelError
        If there is no event, or the likelihood has no maximum; a covariate to blame is named.
    """
    if lifetimes.events == 0:
        raise ModelError("lifetimes", "hold no event", remedy="Use another dist with a prior.")
    rows = scaled(lifetimes)
    rows.check()
    table = rows.table
    start, enough = np.zeros(lifetimes.covariates), 1e-9 * lifetimes.events
    likelihood: PartialLikelihood | ProfileLikelihood
    if lifetimes.interval.any():
        likelihood = ProfileLikelihood(table)
        found = maximise(likelihood, start, tolerance=enough)
    else:
        likelihood = PartialLikelihood(table)
        # the whole table's is at hand; only that of a part is still to be made
        found = climb(
            lambda part: likelihood if part is table else PartialLikelihood(part),
            table, start, tolerance=enough,
        )  # fmt: skip
    check_settled(found, rows)
    if not found.converged:
        raise ModelError(
            "lifetimes", "have no maximum of the likelihood that could be found",
            value=f"{lifetimes.events} events", remedy="Use another dist with a prior.",
        )  # fmt: skip
    own = likelihood.baseline(found.argument)
    estimate = found.argument / rows.unit
    mean = rows.centre + likelihood.mean * rows.unit
    with np.errstate(over="ignore"):  # covariates of 0 may lie far from all given
        endless, at_zero = np.isinf(own.step), np.exp(-mean @ estimate)
        step = np.where(endless, np.inf, np.where(endless, 0.0, own.step) * at_zero)
    return CoxFit(
        names=tuple(f"beta_{j}" for j in range(lifetimes.covariates)),
        estimate=estimate,
        covariance=np.linalg.inv(-found.hessian) / np.outer(rows.unit, rows.unit),
        log_likelihood=found.value,
        time=own.time,
        step=step,
        rows=len(lifetimes),
        events=lifetimes.events,
        _own=replace(own, centre=own.centre * rows.unit),
        _mean=mean,
    )
