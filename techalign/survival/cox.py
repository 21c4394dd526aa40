"""Cox regression with late entry, and a baseline that knows about it.

The risk set of an age holds the rows that entered before it and have not ended: the sum over
rows not yet ended, less the sum over rows not yet entered. Both are running sums over sorted
ages, and the matrix part of the Hessian needs none, because each row's share of it is weighted
by the baseline hazard the row has lived through. A pass over n rows therefore takes p + 2
running sums. Ties are Efron's [2]; the baseline is Breslow's [3] on the same risk sets, which
common software computes as if everybody had been observed from age 0. As soon as one age is
known only to lie between two looks, :mod:`techalign.survival.profile` takes over, with Breslow's
ties.

References
----------
[1] Cox, D. R. (1972). Regression models and life-tables. JRSS B 34(2), 187-220.
[2] Efron, B. (1977). The efficiency of Cox's likelihood function for censored data. JASA 72,
    557-565.
[3] Breslow, N. E. (1972). Discussion of [1], 216-217.
[4] Therneau, T. M. and Grambsch, P. M. (2000). Modeling Survival Data, sec. 10.2: variance of
    the predicted hazard.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval, width_of
from techalign.survival.coefficients import coefficient_table
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.newton import maximise
from techalign.survival.partial import PartialLikelihood
from techalign.survival.profile import Baseline, ProfileLikelihood

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["CoxFit", "fit_cox"]

Floats = NDArray[np.float64]

SUBSAMPLE = 16
LARGE = 50_000


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
