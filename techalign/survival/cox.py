"""Cox regression with late entry, and a baseline that knows about it.

The risk set of an age holds the rows that entered before it and have not ended: the sum over
rows not yet ended, less the sum over rows not yet entered. Both are running sums over sorted
ages, and the matrix part of the Hessian needs none, because each row's share of it is weighted
by the baseline hazard the row has lived through. A pass over n rows therefore takes p + 2
running sums. Ties are Efron's [2]; the baseline is Breslow's [3] on the same risk sets, which
common software computes as if everybody had been observed from age 0. As soon as one age is
known only to lie between two looks, the profile likelihood takes over, with Breslow's ties.

The partial likelihood takes late entry by running sums over sorted ages [5].

Where some ages of ends are known only to lie between two looks, the baseline is a step in each
cell of :mod:`techalign.survival.interval_censoring` [6], [7]; for given coefficients its maximum
is found by :mod:`techalign.survival.interval_censoring`. What is left is a function of the
coefficients, the profile likelihood, with gradient and Hessian in closed form: the gradient is
the whole likelihood's, since the steps are at their maximum, and the Hessian is the whole one
with the steps eliminated. Its inverse is therefore the coefficients' part of the inverse
observed information [8].

Rows with an exact age enter as in Breslow's likelihood; without intervals, coefficients and
baseline are those of the partial likelihood with Breslow's ties.

References
----------
[1] Cox, D. R. (1972). Regression models and life-tables. JRSS B 34(2), 187-220.
[2] Efron, B. (1977). The efficiency of Cox's likelihood function for censored data. JASA 72,
    557-565.
[3] Breslow, N. E. (1972). Discussion of [1], 216-217.
[4] Therneau, T. M. and Grambsch, P. M. (2000). Modeling Survival Data, sec. 10.2: variance of
    the predicted hazard.
[5] Therneau, T. M. and Grambsch, P. M. (2000). Modeling Survival Data, ch. 3. Springer.
[6] Finkelstein, D. M. (1986). A proportional hazards model for interval-censored failure time
    data. Biometrics 42(4), 845-854.
[7] Alioum, A. and Commenges, D. (1996). A proportional hazards model for arbitrarily censored
    and truncated data. Biometrics 52(2), 512-524.
[8] Zeng, D., Mao, L. and Lin, D. Y. (2016). Maximum likelihood estimation for semiparametric
    transformation models with interval-censored data. Biometrika 103(2), 253-271.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats, Places
from techalign.numbers.intervals import Interval, width_of
from techalign.survival.coefficients import coefficient_table
from techalign.survival.interval_censoring import Information, StepLikelihood, Support, support_of
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.newton import LARGE, SUBSAMPLE, maximise

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["Baseline", "CoxFit", "PartialLikelihood", "ProfileLikelihood", "fit_cox"]


BLOCK = 8192


class PartialLikelihood:
    """Partial log likelihood of the coefficients, with gradient and Hessian.

    Covariates are centred; that changes no coefficient.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with exact ages and at least one event.

    Attributes
    ----------
    spread : ndarray, shape (p,)
        Variance of each covariate.
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
        self.spread = np.einsum("jn,jn->j", self.x, self.x) / n
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

    def baseline(self, beta: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Breslow's steps at covariates 0, with what their errors need.

        Returns
        -------
        time, step : ndarray, shape (k,)
        centre : ndarray, shape (k, p)
            Mean of the covariates over each risk set, weighted by hazard.
        variance : ndarray, shape (k,)
            Of each step for known coefficients.
        """
        weight = self._factor(beta)
        risk = self.at_risk(weight)
        centre = np.empty((beta.size, risk.size))
        for j, column in enumerate(self.x):
            centre[j] = self.at_risk(weight * column) / risk
        at_zero = float(np.exp(-self.mean @ beta))
        step = self.deaths / risk * at_zero
        return self.time, step, centre.T + self.mean, step * at_zero / risk


def _products(one: Floats, weight: Floats, other: Floats) -> Floats:
    """``(one * weight) @ other.T`` for few, long rows, in blocks that fit the cache."""
    total = np.zeros((one.shape[0], other.shape[0]))
    for begin in range(0, weight.size, BLOCK):
        rows = slice(begin, begin + BLOCK)
        total += (one[:, rows] * weight[rows]) @ other[:, rows].T
    return total


def _differs(ages: Floats) -> NDArray[np.bool_]:
    """Which of the sorted ages differ from the one before."""
    new = np.empty(ages.size, dtype=bool)
    new[:1] = True
    np.not_equal(ages[1:], ages[:-1], out=new[1:])
    return new


def _later(weight: Floats, first: Places) -> Floats:
    """Sums of ``weight`` from each of the ascending places ``first`` to the end."""
    sums = np.zeros(weight.size + 1)
    np.cumsum(weight[::-1], out=sums[1:])
    return sums[weight.size - first]


@dataclass(frozen=True, eq=False)
class Baseline:
    """Steps of the hazard at covariates 0, one element per cell with a step; shapes (k,).

    Attributes
    ----------
    time, step : ndarray
        Ages in years by which the events of the cell happened; infinite where nobody is known
        to outlive the cell.
    centre : ndarray, shape (k, p)
        Minus the change of the log step per unit of each coefficient.
    information : Information
        Of the finite steps for known coefficients, at the mean of the covariates.
    scale : float
        Hazard at covariates 0 over that at their mean.
    """

    time: Floats
    step: Floats
    centre: Floats
    information: Information
    scale: float


class ProfileLikelihood:
    """Log likelihood of the coefficients, at the best baseline for them.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with at least one event and p covariates, which are centred within.

    Attributes
    ----------
    spread : ndarray, shape (p,)
        Variance of each covariate.
    """

    def __init__(self, lifetimes: Lifetimes) -> None:
        n = len(lifetimes)
        given = np.zeros((n, 0)) if lifetimes.x is None else lifetimes.x
        self.mean = given.mean(axis=0)
        self.x = given - self.mean
        self.spread = (self.x**2).mean(axis=0)
        self.support: Support = support_of(lifetimes)
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
        """Steps at covariates 0 for given coefficients, with what their errors need."""
        factor = self._factor(beta)
        steps, endless = self.steps.climb(factor), self.steps.endless
        information = self.steps.information(steps, factor)
        found = np.flatnonzero((steps > 0) | endless)
        scale = float(np.exp(-self.mean @ beta))
        centre = np.zeros((len(self.support), beta.size))
        free = information.free
        mixed = self._derivatives(steps, factor)[2][free]
        centre[free] = -information.by_step(mixed) / steps[free, None]
        step = np.where(endless, np.inf, steps * scale)[found]
        return Baseline(
            self.support.time[found], step, centre[found] + self.mean, information, scale
        )


@dataclass(frozen=True, eq=False)
class CoxFit:
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
    """

    names: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    log_likelihood: float
    time: Floats
    step: Floats
    rows: int
    events: int
    _centre: Floats = field(repr=False)  # mean covariates of each risk set, (k, p)
    _variance: Floats = field(repr=False)  # of each step for known coefficients, (k,)
    _baseline: Baseline | None = field(default=None, repr=False)  # if intervals tie the steps

    def cumulative_hazard(self, t: ArrayLike) -> Floats:
        """Baseline hazard added up to ages ``t`` in years, at covariates 0."""
        steps = np.concatenate([[0.0], np.cumsum(self.step)])
        added: Floats = steps[np.searchsorted(self.time, np.asarray(t, float), side="right")]
        return added

    def survival(self, t: ArrayLike, x: ArrayLike | None = None, given_age: float = 0.0) -> Floats:
        """Probability of reaching beyond age ``t``, given that ``given_age`` was reached.

        Parameters
        ----------
        t : array_like, shape (n,)
            Ages in years.
        x : array_like, shape (p,) or (n, p), optional
            Covariates; 0 by default.
        given_age : float
            Years.

        Returns
        -------
        ndarray, shape (n,)
        """
        later = np.maximum(np.asarray(t, dtype=float) - given_age, 0.0)
        reached: Floats = 1.0 - self.pd(np.asarray(given_age), later, x)
        return reached

    def pd(self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None = None) -> Floats:
        """Probability of ceasing within ``horizon`` years, given survival to ``age``.

        Beyond the last event nothing is known and nothing is added.

        Parameters
        ----------
        age, horizon : array_like, broadcastable to shape (n,)
            Years.
        x : array_like, shape (p,) or (n, p), optional
            Covariates; 0 by default.

        Returns
        -------
        ndarray, shape (n,)
        """
        start = np.atleast_1d(np.asarray(age, dtype=float))
        if not ((start >= 0).all() and (np.asarray(horizon) >= 0).all()):
            raise ModelError("age", "and horizon must not be negative or missing")
        gap = self._between(start, start + np.asarray(horizon, dtype=float))
        probability: Floats = -np.expm1(-gap * np.exp(self._given(x) @ self.estimate))
        return probability

    def pd_interval(
        self, age: float, horizon: float, x: ArrayLike | None = None, level: float = 0.8
    ) -> Interval:
        """One probability of ceasing with its interval [4], normal on the log of the hazard."""
        given = self._given(x)[0]
        inside = (self.time > age) & (self.time <= age + horizon)
        endless = bool(np.isinf(self.step[inside]).any())
        inside &= np.isfinite(self.step)
        total = float(self.step[inside].sum())
        if total <= 0:
            return Interval(float(endless), 0.0, float(endless), level)
        away = self.step[inside] @ (given - self._centre[inside])
        variance = self._variance_of(inside) + float(away @ self.covariance @ away)
        width = np.minimum(width_of(level) * np.sqrt(variance) / total, 500.0)
        hazard = total * np.exp(float(given @ self.estimate))
        low, point, high = -np.expm1(-hazard * np.exp([-width, 0.0, width]))
        if endless:  # the data let nobody through, but how many there were to let is not told
            point = high = 1.0
        return Interval(float(point), float(low), float(high), level)

    def _between(self, start: Floats, end: Floats) -> Floats:
        """Baseline hazard added between two ages."""
        endless = np.isinf(self.step)
        places = [np.searchsorted(self.time, ages, side="right") for ages in (start, end)]
        sums = np.concatenate([[0.0], np.cumsum(np.where(endless, 0.0, self.step))])
        added: Floats = sums[places[1]] - sums[places[0]]
        if endless.any():
            count = np.concatenate([[0], np.cumsum(endless)])
            added = np.where(count[places[1]] > count[places[0]], np.inf, added)
        return added

    def _variance_of(self, inside: NDArray[np.bool_]) -> float:
        """Variance of the sum of some consecutive, finite steps for known coefficients."""
        if self._baseline is None:
            return float(self._variance[inside].sum())
        finite = np.isfinite(self.step)
        first, last = np.flatnonzero(inside[finite])[[0, -1]]
        return self._baseline.scale**2 * self._baseline.information.variance(first, last + 1)

    def summary(self, level: float = 0.8) -> DataFrame:
        """Coefficients with standard errors and ends of the interval.

        Returns
        -------
        DataFrame
            Indexed by parameter: estimate, std_error, low, high, hazard_ratio.
        """
        return coefficient_table(
            self.names, self.estimate, self.covariance, level, hazard_ratio=np.exp(self.estimate)
        )

    def _given(self, x: ArrayLike | None) -> Floats:
        p = len(self.names)
        given = np.zeros((1, p)) if x is None else np.atleast_2d(np.asarray(x, dtype=float))
        if given.shape[1] != p:
            raise ModelError("x", f"must have {p} columns", value=f"shape {given.shape}")
        return given


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
        If there is no event, or the likelihood has no maximum.
    """
    if lifetimes.events == 0:
        raise ModelError("lifetimes", "hold no event", remedy="Use another dist with a prior.")
    interval = bool(lifetimes.interval.any())
    likelihood = ProfileLikelihood(lifetimes) if interval else PartialLikelihood(lifetimes)
    beta, warm = (np.zeros(lifetimes.covariates), False) if interval else _start(lifetimes)
    found = maximise(
        likelihood, beta, tolerance=1e-9 * lifetimes.events, damping=0.0 if warm else 1e-3
    )
    if not found.converged or _level(found.hessian, 1e-6 * lifetimes.events * likelihood.spread):
        raise ModelError(
            "lifetimes", "have no maximum of the likelihood",
            value=f"{lifetimes.events} events",
            remedy="A covariate separates those who ceased, or repeats another: leave it out.",
        )  # fmt: skip
    whole = None
    if isinstance(likelihood, ProfileLikelihood):
        whole = likelihood.baseline(found.argument)
        time, step, centre, variance = whole.time, whole.step, whole.centre, 0.0 * whole.time
    else:
        time, step, centre, variance = likelihood.baseline(found.argument)
    return CoxFit(
        tuple(f"beta_{j}" for j in range(lifetimes.covariates)),
        found.argument, np.linalg.inv(-found.hessian).astype(np.float64), found.value,
        time, step, len(lifetimes), lifetimes.events, centre, variance, whole,
    )  # fmt: skip


def _level(hessian: Floats, least: Floats) -> bool:
    """Whether the likelihood is level, or does not fall, in some direction."""
    bend = -np.diag(hessian)
    if not bend.size:
        return False
    if (bend <= least).any():
        return True
    return bool(np.linalg.eigvalsh(-hessian / np.sqrt(np.outer(bend, bend)))[0] < 1e-9)


def _start(lifetimes: Lifetimes) -> tuple[Floats, bool]:
    """Coefficients from every sixteenth row of a large table, which cost little to find."""
    beta = np.zeros(lifetimes.covariates)
    if len(lifetimes) < LARGE or not lifetimes.covariates:
        return beta, False
    found = maximise(PartialLikelihood(lifetimes.select(slice(None, None, SUBSAMPLE))), beta)
    return (found.argument, True) if found.converged else (beta, False)
