"""Fit a lifetime distribution to few or many rows, and say how much the data had to say.

With a prior the estimate is the posterior mode, its covariance the inverse of the posterior's
curvature there [1]. ``shrinkage`` is the ratio of posterior to prior variance: 1 means the
answer is the prior's, 0 that it is the data's.

The fit says what it knows of a row, and how surely.

References
----------
[1] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., sec. 4.1. CRC Press.
[2] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time
    Data, 2nd ed., sec. 2.3: accelerated failure times.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval, width_of
from techalign.survival.burr import BurrCurve
from techalign.survival.coefficients import coefficient_table
from techalign.survival.cox import CoxFit, fit_cox
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.likelihood import Likelihood, curve_of, hazard_to, parameter_names
from techalign.survival.newton import LARGE, SUBSAMPLE, Maximum, Objective, maximise
from techalign.survival.piecewise import (
    PiecewiseLikelihood,
    checked_breaks,
    event_breaks,
    piecewise_hazard_to,
)
from techalign.survival.prior import LifetimePrior

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["LifetimeFit", "fit_lifetime"]


@dataclass(frozen=True, eq=False)
class LifetimeFit:
    """A fitted distribution of lifetimes with covariates.

    Attributes
    ----------
    dist : str
        Family.
    names : tuple of str, length k + p
        Logarithmic parameters, then ``beta_0`` to ``beta_{p-1}`` (on the log hazard) or
        ``gamma_0`` to ``gamma_{p-1}`` (on the log of time).
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
    kind : str
        ``"hazard"``: covariates multiply the hazard; ``"time"``: they stretch time.
    breaks : tuple of float
        Ages in years at which a piecewise hazard changes; empty for other families.
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
    kind: str = "hazard"
    breaks: tuple[float, ...] = ()

    @property
    def curve(self) -> BurrCurve:
        """The baseline, that is the curve at covariates 0; a piecewise fit has none."""
        if self.dist == "piecewise":
            raise ModelError("dist", "has no smooth curve", value=self.dist, remedy="Use rates.")
        return curve_of(self.dist, self.estimate)

    def rates(self, level: float = 0.8) -> DataFrame:
        """Hazard of a piecewise fit at covariates 0.

        Returns
        -------
        DataFrame
            One row per interval: age_from, age_to (years), rate, low, high (per year).
        """
        from pandas import DataFrame

        k = len(self.breaks) + 1
        if self.dist != "piecewise":
            raise ModelError("dist", "has no constant rates", value=self.dist, remedy="Use curve.")
        ends, logs = [0.0, *self.breaks, np.inf], self.estimate[:k]
        width = width_of(level) * np.sqrt(np.diag(self.covariance)[:k])
        columns = {"rate": np.exp(logs), "low": np.exp(logs - width), "high": np.exp(logs + width)}
        return DataFrame({"age_from": ends[:-1], "age_to": ends[1:], **columns})

    def time_ratios(self, level: float = 0.8) -> DataFrame:
        """By what factor one unit of each covariate stretches the lifetime.

        For covariates on the hazard this exists for Weibull only, where it is
        exp(-beta / rho) [2].

        Returns
        -------
        DataFrame
            Indexed by covariate: coefficient, std_error (of log time), ratio, low, high.
        """
        from pandas import DataFrame, Index

        k = len(self.names) - self._p
        slope = np.zeros((self._p, len(self.names)))
        slope[:, k:] = np.eye(self._p)
        log_time = self.estimate[k:]
        if self.kind == "hazard":
            if self.dist != "weibull":
                raise ModelError(
                    "kind", "does not stretch time", value=f"{self.dist} on the hazard",
                    remedy="Fit with kind='time'.",
                )  # fmt: skip
            rho = float(np.exp(self.estimate[1]))
            log_time, slope = -log_time / rho, -slope / rho
            slope[:, 1] = -log_time
        error = np.sqrt(np.einsum("ij,jk,ik->i", slope, self.covariance, slope))
        width = width_of(level) * error
        columns = {
            "coefficient": log_time, "std_error": error, "ratio": np.exp(log_time),
            "low": np.exp(log_time - width), "high": np.exp(log_time + width),
        }  # fmt: skip
        return DataFrame(columns, index=Index(self.names[k:], name="covariate"))

    @property
    def _p(self) -> int:
        return sum(name.startswith(("beta_", "gamma_")) for name in self.names)

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
        width = width_of(level) * float(np.sqrt(relative @ self.covariance @ relative))
        low, point, high = -np.expm1(-increment[0] * np.exp([-width, 0.0, width]))
        return Interval(float(point), float(low), float(high), level)

    def summary(self, level: float = 0.8) -> DataFrame:
        """Estimates with standard errors, ends of the interval and shrinkage.

        Returns
        -------
        DataFrame
            Indexed by parameter: estimate, std_error, low, high, shrinkage.
        """
        return coefficient_table(
            self.names, self.estimate, self.covariance, level, shrinkage=self.shrinkage
        )

    def _increment(
        self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None
    ) -> tuple[Floats, Floats]:
        """Hazard added over the horizon, (n,), and its slope by the parameters, (k + p, n)."""
        p = self._p
        given = np.zeros((1, p)) if x is None else np.atleast_2d(np.asarray(x, dtype=float))
        if given.shape[1] != p:
            raise ModelError("x", f"must have {p} columns", value=f"shape {given.shape}")
        start, length = np.atleast_1d(np.asarray(age, float)), np.asarray(horizon, dtype=float)
        if not ((start >= 0).all() and (length >= 0).all()):
            raise ModelError("age", "and horizon must not be negative or missing")
        begin, end = (np.ravel(a) for a in np.broadcast_arrays(start, start + length))
        count = max(begin.size, given.shape[0])
        begin, end = (np.broadcast_to(ages, (count,)) for ages in (begin, end))
        each = np.broadcast_to(given, (count, p)) if p else None
        (before, slope_before), (after, slope_after) = (
            piecewise_hazard_to(t, each, self.breaks, self.estimate)
            if self.dist == "piecewise"
            else hazard_to(t, each, self.dist, self.estimate, self.kind)
            for t in (begin, end)
        )
        return after - before, slope_after - slope_before


STEEPEST = 4.0
"""Largest logarithm of a shape: beyond it nearly all ends would fall on one day."""


@overload
def fit_lifetime(
    lifetimes: Lifetimes,
    dist: Literal["burr", "weibull", "loglogistic", "piecewise"] = "burr",
    prior: LifetimePrior | None = None,
    *,
    kind: str = "hazard",
    breaks: Sequence[float] | None = None,
) -> LifetimeFit: ...


@overload
def fit_lifetime(
    lifetimes: Lifetimes,
    dist: Literal["cox"],
    prior: None = None,
    *,
    kind: str = "hazard",
    breaks: None = None,
) -> CoxFit: ...


def fit_lifetime(
    lifetimes: Lifetimes,
    dist: str = "burr",
    prior: LifetimePrior | None = None,
    *,
    kind: str = "hazard",
    breaks: Sequence[float] | None = None,
) -> LifetimeFit | CoxFit:
    """Fit a distribution with covariates by maximum likelihood or posterior mode.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows in years; covariates are used as given (centre them so that the prior's centre
        is the average vendor).
    dist : str
        ``"burr"``, ``"weibull"``, ``"loglogistic"``, ``"piecewise"`` or ``"cox"``.
    prior : LifetimePrior, optional
        Normal beliefs about the logarithmic parameters, see ``prior_from_curve``; none for Cox.
    kind : str
        ``"hazard"``: covariates multiply the hazard; ``"time"``: they stretch time (accelerated
        failure [2]; not for piecewise and Cox).
    breaks : sequence of float, optional
        Ages in years at which a piecewise hazard changes: by default the prior's, or such that
        the events are shared out evenly, at most six intervals.

    Returns
    -------
    LifetimeFit or CoxFit

    Raises
    ------
    ModelError
        If the distribution is not supported, the prior is of another family, there is no
        event and no prior, or the maximum is not found.
    """
    if kind not in ("hazard", "time") or (kind == "time" and dist in ("piecewise", "cox")):
        raise ModelError("kind", f"must be 'hazard' (or 'time', not for {dist})", value=kind)
    if prior is not None and prior.dist != dist:
        raise ModelError("prior", f"is of another family than {dist}", value=prior.dist)
    if dist == "cox":
        return fit_cox(lifetimes)
    ages = _breaks(lifetimes, prior, breaks) if dist == "piecewise" else ()
    base = _base_names(dist, ages)
    names = (*base, *(f"{'beta' if kind == 'hazard' else 'gamma'}_{j}"
                      for j in range(lifetimes.covariates)))  # fmt: skip
    if lifetimes.events == 0:
        return _from_prior(lifetimes, dist, names, prior, (kind, ages))
    found = _climb(lifetimes, dist, len(base), prior, (kind, ages))
    if not found.converged or (prior is None and _runs_away(found, dist, len(base))):
        raise ModelError(
            "lifetimes", f"have no maximum of the likelihood under {dist}",
            value=f"{lifetimes.events} events", remedy="Pass a prior, see prior_from_curve.",
        )  # fmt: skip
    return _result(lifetimes, dist, names, prior, found, (kind, ages))


def _base_names(dist: str, breaks: tuple[float, ...]) -> tuple[str, ...]:
    if dist == "piecewise":
        return tuple(f"log_rate_{j}" for j in range(len(breaks) + 1))
    return parameter_names(dist)


def _breaks(
    lifetimes: Lifetimes, prior: LifetimePrior | None, breaks: Sequence[float] | None
) -> tuple[float, ...]:
    """Where the hazard changes; without a prior each interval needs an event."""
    if prior is not None:
        if breaks is not None and tuple(breaks) != prior.breaks:
            raise ModelError("breaks", "must be the prior's", value=breaks)
        return prior.breaks
    ages = event_breaks(lifetimes) if breaks is None else checked_breaks(breaks)
    edges = np.array([0.0, *ages, np.inf])
    last = lifetimes.stop if lifetimes.upper is None else np.fmax(lifetimes.upper, lifetimes.stop)
    if lifetimes.events and breaks is not None:
        for low, high in pairwise(edges):
            if not (lifetimes.event & (last > low) & (lifetimes.stop <= high)).any():
                raise ModelError(
                    "breaks", f"leave no event between {low:g} and {high:g} years",
                    remedy="Use fewer breaks, or pass a prior.",
                )  # fmt: skip
    return ages


def _climb(
    lifetimes: Lifetimes,
    dist: str,
    k: int,
    prior: LifetimePrior | None,
    form: tuple[str, tuple[float, ...]],
) -> Maximum:
    """Maximum, begun from every sixteenth row of a large table, which costs little to find."""
    rate = lifetimes.events / lifetimes.exposure
    start = np.zeros(k + lifetimes.covariates)
    start[: k if dist == "piecewise" else 1] = np.log(rate) * (1 if dist == "piecewise" else -1)
    if prior is not None:
        start = prior.moments(lifetimes.covariates)[0]
    objective, enough = _objective(lifetimes, dist, prior, form), 1e-9 * lifetimes.events
    if len(lifetimes) > LARGE:
        few = lifetimes.select(slice(None, None, SUBSAMPLE))
        near = maximise(_objective(few, dist, prior, form), start)
        found = maximise(objective, near.argument, tolerance=enough, damping=0.0)
        # a part may lack the bend that tells theta, and leave the climb on a plain
        if near.converged and found.converged:
            return found
    return maximise(objective, start, tolerance=enough)


def _objective(
    lifetimes: Lifetimes,
    dist: str,
    prior: LifetimePrior | None,
    form: tuple[str, tuple[float, ...]],
) -> Objective:
    """Log likelihood, with the log density of the prior if there is one."""
    kind, ages = form
    likelihood = (
        PiecewiseLikelihood(lifetimes, ages)
        if dist == "piecewise"
        else Likelihood(lifetimes, dist, kind)
    )

    def objective(parameters: Floats) -> tuple[float, Floats, Floats]:
        value, gradient, hessian = likelihood(parameters)
        if dist != "piecewise" and np.abs(parameters[1]) > STEEPEST:
            value = -np.inf
        if prior is None:
            return value, gradient, hessian
        mean, sd = prior.moments(lifetimes.covariates)
        away = (parameters - mean) / sd
        return value - float(away @ away) / 2, gradient - away / sd, hessian - np.diag(sd**-2.0)

    return objective


def _runs_away(found: Maximum, dist: str, k: int) -> bool:
    """Whether the likelihood only levels off: no curvature left in scale, shape or effects.

    Burr's theta is let be: on data without a bend it grows, and the curve becomes Weibull.
    """
    burr = dist == "burr"
    held = np.delete(np.arange(found.argument.size), 2) if burr else np.arange(k)
    information = -found.hessian[np.ix_(held, held)]
    relative = information / np.sqrt(np.outer(np.diag(information), np.diag(information)))
    return bool(np.linalg.eigvalsh(relative)[0] < 1e-9)


def _result(
    lifetimes: Lifetimes,
    dist: str,
    names: tuple[str, ...],
    prior: LifetimePrior | None,
    found: Maximum,
    form: tuple[str, tuple[float, ...]],
) -> LifetimeFit:
    covariance = np.linalg.pinv(-found.hessian, rcond=1e-14).astype(np.float64)
    variance = np.diag(covariance).astype(np.float64)
    p = lifetimes.covariates
    shrinkage = np.zeros(len(names)) if prior is None else variance / prior.moments(p)[1] ** 2
    flat = [name for name, v in zip(names, variance, strict=True) if prior is None and v > 9.0]
    note = f"The data hardly tell {', '.join(flat)}; a prior would." if flat else ""
    value = found.value
    if prior is not None:
        mean, sd = prior.moments(p)
        value += float(np.sum(((found.argument - mean) / sd) ** 2)) / 2
    return LifetimeFit(
        dist, names, found.argument, covariance, value, len(lifetimes), lifetimes.events,
        prior, np.minimum(shrinkage, 1.0), note, *form,
    )  # fmt: skip


def _from_prior(
    lifetimes: Lifetimes,
    dist: str,
    names: tuple[str, ...],
    prior: LifetimePrior | None,
    form: tuple[str, tuple[float, ...]],
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
        dist, names, mean, np.diag(sd**2), 0.0, len(lifetimes), 0, prior, np.ones(len(names)), note,
        *form,
    )  # fmt: skip
