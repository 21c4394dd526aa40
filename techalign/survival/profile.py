"""Cox's model where some ages of ends are known only to lie between two looks.

The baseline is a step in each cell of :mod:`techalign.survival.support` [1], [2]; for given
coefficients its maximum is found by :mod:`techalign.survival.steps`. What is left is a function
of the coefficients, the profile likelihood, with gradient and Hessian in closed form: the
gradient is the whole likelihood's, since the steps are at their maximum, and the Hessian is the
whole one with the steps eliminated. Its inverse is therefore the coefficients' part of the
inverse observed information [3].

Rows with an exact age enter as in Breslow's likelihood; without intervals, coefficients and
baseline are those of the partial likelihood with Breslow's ties.

References
----------
[1] Finkelstein, D. M. (1986). A proportional hazards model for interval-censored failure time
    data. Biometrics 42(4), 845-854.
[2] Alioum, A. and Commenges, D. (1996). A proportional hazards model for arbitrarily censored
    and truncated data. Biometrics 52(2), 512-524.
[3] Zeng, D., Mao, L. and Lin, D. Y. (2016). Maximum likelihood estimation for semiparametric
    transformation models with interval-censored data. Biometrika 103(2), 253-271.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.steps import Information, StepLikelihood
from techalign.survival.support import Support, support_of

__all__ = ["Baseline", "ProfileLikelihood"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]


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
