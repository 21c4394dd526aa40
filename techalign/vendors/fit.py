"""Fit a lifetime distribution to few or many vendors, and say how much the data had to say.

With a prior the estimate is the posterior mode, its covariance the inverse of the posterior's
curvature there [1]. ``shrinkage`` is the ratio of posterior to prior variance: 1 means the
answer is the prior's, 0 that it is the data's.

References
----------
[1] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., sec. 4.1. CRC Press.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtri

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.vendors.burr import BurrCurve
from techalign.vendors.families import curve_of, parameter_names, terms
from techalign.vendors.lifetimes import Lifetimes
from techalign.vendors.likelihood import log_likelihood
from techalign.vendors.newton import Maximum, maximise
from techalign.vendors.prior import LifetimePrior

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["LifetimeFit", "fit_lifetime"]

Floats = NDArray[np.float64]

STEEPEST = 4.0
"""Largest logarithm of a shape: beyond it nearly all ends would fall on one day."""


@dataclass(frozen=True, eq=False)
class LifetimeFit:
    """A fitted distribution of lifetimes with proportional hazards.

    Attributes
    ----------
    dist : str
        Family.
    names : tuple of str, length k + p
        Logarithmic parameters, then ``beta_0`` to ``beta_{p-1}``.
    estimate : ndarray, shape (k + p,)
    covariance : ndarray, shape (k + p, k + p)
    log_likelihood : float
        Of the data alone at the estimate; 0 where the prior answers.
    rows, events : int
        Rows and events in the table.
    prior : LifetimePrior or None
    shrinkage : ndarray, shape (k + p,)
        Posterior over prior variance, 0 (data) to 1 (prior); 0 without prior.
    note : str
        What the reader must know: that the prior alone answers, or a flat direction.
    """

    dist: str
    names: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    log_likelihood: float
    rows: int
    events: int
    prior: LifetimePrior | None
    shrinkage: Floats
    note: str = ""

    @property
    def curve(self) -> BurrCurve:
        """The baseline, that is the curve at covariates 0."""
        return curve_of(self.dist, self.estimate)

    @property
    def prior_weight(self) -> float:
        """Mean shrinkage of the parameters: 1 all prior, 0 all data."""
        return float(np.mean(self.shrinkage))

    def survival(self, t: ArrayLike, x: ArrayLike | None = None, given_age: float = 0.0) -> Floats:
        """Probability of reaching age ``t`` years, given that ``given_age`` was reached.

        Parameters
        ----------
        t : array_like, shape (n,)
            Ages in years; at or below ``given_age`` the answer is 1.
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
        increment, _ = self._increment(age, horizon, x)
        probability: Floats = -np.expm1(-increment)
        return probability

    def pd_interval(
        self, age: float, horizon: float, x: ArrayLike | None = None, level: float = 0.8
    ) -> Interval:
        """One probability of ceasing with its interval.

        The logarithm of the hazard added over the horizon is taken as normal (delta method),
        so that the ends stay within 0 and 1. It holds the uncertainty of the parameters, not
        that of the vendor's own fate.
        """
        increment, slope = self._increment(age, horizon, x)
        if increment[0] <= 0:
            return Interval(0.0, 0.0, 0.0, level)
        relative = slope[:, 0] / increment[0]
        width = float(ndtri(0.5 + level / 2) * np.sqrt(relative @ self.covariance @ relative))
        low, point, high = -np.expm1(-increment[0] * np.exp([-width, 0.0, width]))
        return Interval(float(point), float(low), float(high), level)

    def summary(self, level: float = 0.8) -> DataFrame:
        """Estimates with standard errors, ends of the interval and shrinkage.

        Returns
        -------
        DataFrame
            Indexed by parameter: estimate, std_error, low, high, shrinkage.
        """
        from pandas import DataFrame, Index

        error = np.sqrt(np.diag(self.covariance))
        z = float(ndtri(0.5 + level / 2.0))
        columns = {
            "estimate": self.estimate,
            "std_error": error,
            "low": self.estimate - z * error,
            "high": self.estimate + z * error,
            "shrinkage": self.shrinkage,
        }
        return DataFrame(columns, index=Index(self.names, name="parameter"))

    def _increment(
        self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None
    ) -> tuple[Floats, Floats]:
        """Hazard added over the horizon, (n,), and its slope by the parameters, (k + p, n)."""
        p = len(self.names) - len(parameter_names(self.dist))
        given = np.zeros((1, p)) if x is None else np.atleast_2d(np.asarray(x, dtype=float))
        if given.shape[1] != p:
            raise ModelError("x", f"must have {p} columns", value=f"shape {given.shape}")
        start, length = np.atleast_1d(np.asarray(age, float)), np.asarray(horizon, dtype=float)
        if (start < 0).any() or (length < 0).any():
            raise ModelError("age", "and horizon must not be negative")
        begin, end = (np.ravel(a) for a in np.broadcast_arrays(start, start + length))
        logs = self.estimate[: len(self.estimate) - p]
        gap = terms(self.dist, end, logs)[0] - terms(self.dist, begin, logs)[0]
        factor = np.exp(given @ self.estimate[len(logs) :])
        total = factor * gap.value
        by_beta = total * np.broadcast_to(given.T, (p, total.size))
        return total, np.concatenate([factor * gap.slope, by_beta])


def fit_lifetime(
    lifetimes: Lifetimes, dist: str = "burr", prior: LifetimePrior | None = None
) -> LifetimeFit:
    """Fit a distribution with proportional hazards by maximum likelihood or posterior mode.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows in years; covariates are used as given (centre them so that the prior's centre
        is the average vendor).
    dist : str
        ``"burr"``, ``"weibull"`` or ``"loglogistic"``.
    prior : LifetimePrior, optional
        Normal beliefs about the logarithmic parameters, see ``prior_from_curve``.

    Returns
    -------
    LifetimeFit

    Raises
    ------
    ModelError
        If the distribution is not supported, the prior is of another family, there is no
        event and no prior, or the maximum is not found.
    """
    base, p = parameter_names(dist), lifetimes.covariates
    names = (*base, *(f"beta_{j}" for j in range(p)))
    if prior is not None and prior.dist != dist:
        raise ModelError("prior", f"is of another family than {dist}", value=prior.dist)
    if lifetimes.events == 0:
        return _from_prior(lifetimes, dist, names, prior)

    mean, sd = (np.zeros(0), np.zeros(0)) if prior is None else prior.moments(p)

    def objective(parameters: Floats) -> tuple[float, Floats, Floats]:
        value, gradient, hessian = log_likelihood(lifetimes, dist, parameters)
        if np.abs(parameters[1]) > STEEPEST:
            value = -np.inf
        if prior is None:
            return value, gradient, hessian
        away = (parameters - mean) / sd
        return value - float(away @ away) / 2, gradient - away / sd, hessian - np.diag(sd**-2.0)

    rate = lifetimes.events / lifetimes.exposure
    start = np.concatenate([[-np.log(rate)], np.zeros(len(names) - 1)])
    found = maximise(objective, start if prior is None else mean)
    if not found.converged or (prior is None and _runs_away(found, len(base))):
        raise ModelError(
            "lifetimes", f"have no maximum of the likelihood under {dist}",
            value=f"{lifetimes.events} events", remedy="Pass a prior, see prior_from_curve.",
        )  # fmt: skip
    return _result(lifetimes, dist, names, prior, found)


def _runs_away(found: Maximum, k: int) -> bool:
    """Whether the likelihood only levels off: no curvature left in scale, shape or effects.

    Burr's theta is let be: on data without a bend it grows, and the curve becomes Weibull.
    """
    held = np.delete(np.arange(found.argument.size), 2) if k == 3 else np.arange(k)
    information = -found.hessian[np.ix_(held, held)]
    relative = information / np.sqrt(np.outer(np.diag(information), np.diag(information)))
    return bool(np.linalg.eigvalsh(relative)[0] < 1e-9)


def _result(
    lifetimes: Lifetimes,
    dist: str,
    names: tuple[str, ...],
    prior: LifetimePrior | None,
    found: Maximum,
) -> LifetimeFit:
    covariance = np.linalg.pinv(-found.hessian, rcond=1e-14).astype(np.float64)
    variance = np.diag(covariance).astype(np.float64)
    p = lifetimes.covariates
    shrinkage = np.zeros(len(names)) if prior is None else variance / prior.moments(p)[1] ** 2
    flat = [name for name, v in zip(names, variance, strict=True) if prior is None and v > 9.0]
    note = f"The data hardly tell {', '.join(flat)}; a prior would." if flat else ""
    value = log_likelihood(lifetimes, dist, found.argument)[0]
    return LifetimeFit(
        dist, names, found.argument, covariance, value, len(lifetimes), lifetimes.events,
        prior, np.minimum(shrinkage, 1.0), note,
    )  # fmt: skip


def _from_prior(
    lifetimes: Lifetimes, dist: str, names: tuple[str, ...], prior: LifetimePrior | None
) -> LifetimeFit:
    """Without any event the prior answers.

    Years survived would lower the hazard, but a table without events is usually a list of
    current vendors, which holds survivors only: using it would reward forgetting the dead.
    """
    if prior is None:
        raise ModelError(
            "lifetimes", "hold no event, and there is no prior",
            remedy="Pass a prior, see prior_from_curve.",
        )  # fmt: skip
    mean, sd = prior.moments(lifetimes.covariates)
    source = f" ({prior.source})" if prior.source else ""
    note = f"No vendor of {len(lifetimes)} ceased: the answer is the prior's{source} alone."
    return LifetimeFit(
        dist, names, mean, np.diag(sd**2), 0.0, len(lifetimes), 0, prior, np.ones(len(names)), note
    )
