"""Fit a distribution of lifetimes to few or many vendors, and say how much the data had to say.

With a prior the estimate is the posterior mode, its covariance the inverse of the posterior's
curvature there [1]. ``shrinkage`` is the ratio of posterior to prior variance: 1 means the
answer is the prior's, 0 that it is the data's.

References
----------
[1] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., sec. 4.1. CRC Press.
[2] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time
    Data, 2nd ed., sec. 2.3: accelerated failure times.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, overload

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval, width_of
from techalign.survival.burr import BurrCurve, Likelihood, curve_of, hazard_to, parameter_names
from techalign.survival.covariates import (
    Regression,
    Scaled,
    check_settled,
    coefficient_table,
    scaled,
)
from techalign.survival.cox import CoxFit, fit_cox
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.newton import Maximum, Objective, climb
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


STEEPEST = 4.0
"""Largest logarithm of a shape: beyond it nearly all ends would fall on one day."""


@dataclass(frozen=True)
class Model:
    """A family, what its covariates multiply, and where its hazard may change.

    Parameters
    ----------
    dist, kind : str
        See :func:`fit_lifetime`.
    breaks : tuple of float
        Ages in years; empty unless the family is piecewise.
    """

    dist: str
    kind: str = "hazard"
    breaks: tuple[float, ...] = ()

    @property
    def base(self) -> tuple[str, ...]:
        """Names of the logarithmic parameters."""
        if self.dist == "piecewise":
            return tuple(f"log_rate_{j}" for j in range(len(self.breaks) + 1))
        return parameter_names(self.dist)

    def likelihood(self, lifetimes: Lifetimes) -> Objective:
        """Log likelihood of a table as a function of the parameters."""
        if self.dist == "piecewise":
            return PiecewiseLikelihood(lifetimes, self.breaks)
        return Likelihood(lifetimes, self.dist, self.kind)

    def hazard_to(self, t: Floats, x: Floats | None, parameters: Floats) -> tuple[Floats, Floats]:
        """Cumulative hazard at ages ``t``, (n,), and its slope by the parameters, (k + p, n)."""
        if self.dist == "piecewise":
            return piecewise_hazard_to(t, x, self.breaks, parameters)
        return hazard_to(t, x, self.dist, parameters, self.kind)

    def moved(self, parameters: Floats, by: Floats) -> tuple[Floats, Floats]:
        """The same hazard with covariates counted from ``by``, and its slope by ``parameters``.

        A log-logistic curve times a factor is none, so that family's parameters stay with the
        origin they were found at.

        Parameters
        ----------
        parameters : ndarray, shape (k + p,)
        by : ndarray, shape (p,)

        Returns
        -------
        moved : ndarray, shape (k + p,)
        slope : ndarray, shape (k + p, k + p)
        """
        k, found, slope = len(self.base), parameters.copy(), np.eye(parameters.size)
        shift = float(by @ parameters[k:])
        if self.dist == "piecewise":
            found[:k] += shift
            slope[:k, k:] = by
        elif self.kind == "time":
            found[0] += shift
            slope[0, k:] = by
        elif self.dist != "loglogistic":
            rho = float(np.exp(parameters[1]))
            found[0] -= shift / rho
            slope[0, 1], slope[0, k:] = shift / rho, -by / rho
            if self.dist == "burr":
                found[2] += shift
                slope[2, k:] = by
        return found, slope


@dataclass(frozen=True, eq=False)
class LifetimeFit(Regression):
    """A fitted distribution of lifetimes with covariates.

    Attributes
    ----------
    dist : str
        Family.
    names : tuple of str, length k + p
        Logarithmic parameters, then ``beta_0`` to ``beta_{p-1}`` (on the log hazard) or
        ``gamma_0`` to ``gamma_{p-1}`` (on the log of time).
    estimate : ndarray, shape (k + p,)
        Logarithmic parameters at covariates 0, effects per unit. A log-logistic curve times a
        factor is none: with effects on the hazard its parameters are those at ``centre``.
    covariance : ndarray, shape (k + p, k + p)
    log_likelihood : float
        Of the data alone at the estimate; 0 where the prior answers.
    rows, events : int
        Rows and events in the table.
    prior : LifetimePrior or None
    shrinkage : ndarray, shape (k + p,)
        Posterior over prior variance, 0 (data) to 1 (prior); 0 without prior.
    centre : ndarray, shape (p,)
        Covariates at which the fit was worked out, so that no number is too large: their means,
        or 0 where those are small, and always 0 with a prior.
    note : str
        What the reader must know: that the prior alone answers, or a flat direction.
    kind : str
        ``"hazard"``: covariates multiply the hazard; ``"time"``: they stretch time.
    breaks : tuple of float
        Ages in years at which a piecewise hazard changes; empty for other families.

    Examples
    --------
    >>> from techalign.survival import Lifetimes, fit_lifetime
    >>> rows = Lifetimes([0] * 6, [1, 2, 3, 4, 5, 6], [1, 1, 0, 1, 0, 1])
    >>> fit = fit_lifetime(rows, "weibull")
    >>> fit.pd(3.0, 1.0).round(2).tolist()
    [0.26]
    >>> fit.summary().index.tolist()
    ['log_lam', 'log_rho']
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
    centre: Floats
    note: str = ""
    kind: str = "hazard"
    breaks: tuple[float, ...] = ()

    @property
    def curve(self) -> BurrCurve:
        """The baseline, that is the curve at covariates 0; a piecewise fit has none."""
        if self.dist == "piecewise":
            raise ModelError("dist", "has no smooth curve", value=self.dist, remedy="Use rates.")
        curve = curve_of(self.dist, self.estimate)
        if self.dist != "loglogistic" or self.kind == "time" or not self.centre.any():
            return curve
        return curve.scaled(float(np.exp(-self.centre @ self.estimate[len(self._model.base) :])))

    @property
    def _model(self) -> Model:
        return Model(self.dist, self.kind, self.breaks)

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
        exp(-beta / rho) [1].

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
    def prior_weight(self) -> float:
        """Mean shrinkage of the parameters: 1 all prior, 0 all data."""
        return float(np.mean(self.shrinkage))

    def hazard_between(
        self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None = None
    ) -> Floats:
        """Hazard added within ``horizon`` years after ``age``; see :class:`Regression`."""
        return self._increment(age, horizon, x)[0]

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
        given, (start, stop) = self._given(x), self._span(age, horizon)
        begin, end = (np.ravel(ages) for ages in np.broadcast_arrays(start, stop))
        count = max(begin.size, given.shape[0])
        begin, end = (np.broadcast_to(ages, (count,)) for ages in (begin, end))
        parameters, turn = self._model.moved(self.estimate, self.centre)
        each = np.broadcast_to(given - self.centre, (count, self._p)) if self._p else None
        (before, slope_before), (after, slope_after) = (
            self._model.hazard_to(t, each, parameters) for t in (begin, end)
        )
        slope = slope_after - slope_before
        return after - before, turn.T @ slope if self.centre.any() else slope


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
        n rows in years. The unit and origin of a covariate make no difference to the fit; only
        a prior takes them as given (centre them so that its centre is the average vendor).
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
        event and no prior, or the maximum is not found; without a prior also if a covariate
        never changes, repeats others or separates those who ceased.

    Examples
    --------
    A founding year as covariate: later vendors cease sooner.

    >>> from techalign.survival import BurrCurve, Lifetimes, fit_lifetime, prior_from_curve
    >>> years, life = [2001, 2005, 2011, 2013, 2020, 2021], [9.0, 7, 8, 4, 3, 2]
    >>> rows = Lifetimes([0] * 6, life, [1, 1, 0, 1, 1, 1], x=years)
    >>> fit = fit_lifetime(rows, "weibull")
    >>> fit.pd(2.0, 1.0, [[2003], [2020]]).round(3).tolist()
    [0.012, 0.465]

    Without any event the prior answers.

    >>> prior = prior_from_curve(BurrCurve(6.0, 0.8, 2.0))
    >>> fit_lifetime(Lifetimes([0], [3], [False]), prior=prior).prior_weight
    1.0
    """
    if kind not in ("hazard", "time") or (kind == "time" and dist in ("piecewise", "cox")):
        raise ModelError("kind", f"must be 'hazard' (or 'time', not for {dist})", value=kind)
    if prior is not None and prior.dist != dist:
        raise ModelError("prior", f"is of another family than {dist}", value=prior.dist)
    if dist == "cox":
        return fit_cox(lifetimes)
    model = Model(dist, kind, _breaks(lifetimes, prior, breaks) if dist == "piecewise" else ())
    base = model.base  # refuses an unknown family
    if lifetimes.events == 0:
        return _from_prior(lifetimes, model, prior)
    # a log-logistic hazard is one at one origin only: without a prior, that is the mean
    fixed = True if (dist, kind) == ("loglogistic", "hazard") else None
    rows = scaled(lifetimes, centred=fixed if prior is None else False)
    if prior is None:
        rows.check()
    start = _start(lifetimes, model, prior)
    objective_of = _objective(model, prior, rows.unit)
    found = climb(objective_of, rows.table, start, tolerance=1e-9 * lifetimes.events)
    if prior is None and found.converged:
        check_settled(found, rows)
    if not found.converged or (prior is None and _runs_away(found, dist, len(base))):
        raise ModelError(
            "lifetimes", f"have no maximum of the likelihood under {dist}",
            value=f"{lifetimes.events} events", remedy="Pass a prior, see prior_from_curve.",
        )  # fmt: skip
    return _result(rows, model, prior, found)


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
    if lifetimes.events and breaks is not None:
        for low, high in pairwise(edges):
            if not (lifetimes.event & (lifetimes.end > low) & (lifetimes.stop <= high)).any():
                raise ModelError(
                    "breaks", f"leave no event between {low:g} and {high:g} years",
                    remedy="Use fewer breaks, or pass a prior.",
                )  # fmt: skip
    return ages


def _start(lifetimes: Lifetimes, model: Model, prior: LifetimePrior | None) -> Floats:
    """The prior's centre, or a constant hazard of events over years; no effects."""
    if prior is not None:
        return prior.moments(lifetimes.covariates)[0]
    rate, k = np.log(lifetimes.events / lifetimes.exposure), len(model.base)
    start = np.zeros(k + lifetimes.covariates)
    start[: k if model.dist == "piecewise" else 1] = rate if model.dist == "piecewise" else -rate
    return start


def _objective(
    model: Model, prior: LifetimePrior | None, unit: Floats
) -> Callable[[Lifetimes], Objective]:
    """Log likelihood of a table, with the log density of the prior if there is one.

    The effects are per ``unit`` of each covariate, shape (p,), and so are those of the table.
    """

    def of(lifetimes: Lifetimes) -> Objective:
        likelihood = model.likelihood(lifetimes)

        def objective(parameters: Floats) -> tuple[float, Floats, Floats]:
            value, gradient, hessian = likelihood(parameters)
            if model.dist != "piecewise" and np.abs(parameters[1]) > STEEPEST:
                value = -np.inf
            if prior is None:
                return value, gradient, hessian
            mean, sd = _moments(prior, unit)
            away = (parameters - mean) / sd
            value -= float(away @ away) / 2
            return value, gradient - away / sd, hessian - np.diag(sd**-2.0)

        return objective

    return of


def _moments(prior: LifetimePrior, unit: Floats) -> tuple[Floats, Floats]:
    """The prior's mean and spread with effects per ``unit`` of each covariate."""
    mean, sd = prior.moments(unit.size)
    sd[len(prior.mean) :] *= unit
    return mean, sd


def _runs_away(found: Maximum, dist: str, k: int) -> bool:
    """Whether the likelihood only levels off: no curvature left in scale, shape or effects.

    Burr's theta is let be: on data without a bend it grows, and the curve becomes Weibull.
    """
    burr = dist == "burr"
    held = np.delete(np.arange(found.argument.size), 2) if burr else np.arange(k)
    information = -found.hessian[np.ix_(held, held)]
    relative = information / np.sqrt(np.outer(np.diag(information), np.diag(information)))
    return bool(np.linalg.eigvalsh(relative)[0] < 1e-9)


def _result(rows: Scaled, model: Model, prior: LifetimePrior | None, found: Maximum) -> LifetimeFit:
    """Back from covariates centred and scaled to those given."""
    names = _names(model, rows.unit.size)
    own = np.linalg.pinv(-found.hessian, rcond=1e-14).astype(np.float64)
    per_unit = np.ones(len(names))
    per_unit[len(model.base) :] = 1.0 / rows.unit
    estimate, slope = model.moved(found.argument * per_unit, -rows.centre)
    slope = slope * per_unit
    value, shrinkage, flat = found.value, np.zeros(len(names)), []
    if prior is None:
        flat = [name for name, v in zip(names, np.diag(own), strict=True) if v > 9.0]
    else:
        mean, sd = _moments(prior, rows.unit)
        value += float(np.sum(((found.argument - mean) / sd) ** 2)) / 2
        shrinkage = np.minimum(np.diag(own) / sd**2, 1.0)
    return LifetimeFit(
        dist=model.dist,
        names=names,
        estimate=estimate,
        covariance=slope @ own @ slope.T,
        log_likelihood=value,
        rows=len(rows.table),
        events=rows.table.events,
        prior=prior,
        shrinkage=shrinkage,
        centre=rows.centre,
        note=f"The data hardly tell {', '.join(flat)}; a prior would." if flat else "",
        kind=model.kind,
        breaks=model.breaks,
    )


def _names(model: Model, covariates: int) -> tuple[str, ...]:
    effect = "beta" if model.kind == "hazard" else "gamma"
    return (*model.base, *(f"{effect}_{j}" for j in range(covariates)))


def _from_prior(lifetimes: Lifetimes, model: Model, prior: LifetimePrior | None) -> LifetimeFit:
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
    return LifetimeFit(
        dist=model.dist,
        names=_names(model, lifetimes.covariates),
        estimate=mean,
        covariance=np.diag(sd**2),
        log_likelihood=0.0,
        rows=len(lifetimes),
        events=0,
        prior=prior,
        shrinkage=np.ones(mean.size),
        centre=np.zeros(lifetimes.covariates),
        note=f"No vendor of {len(lifetimes)} ceased: the answer is the prior's{source} alone.",
        kind=model.kind,
        breaks=model.breaks,
    )
