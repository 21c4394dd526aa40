"""Fit a lifetime distribution to few or many vendors, and say how much the data had to say.

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

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal, overload

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.survival.cox import CoxFit, fit_cox
from techalign.survival.families import parameter_names
from techalign.survival.lifetime_fit import LifetimeFit
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.likelihood import Likelihood
from techalign.survival.newton import Maximum, Objective, maximise
from techalign.survival.piecewise import (
    PiecewiseLikelihood,
    checked_breaks,
    event_breaks,
)
from techalign.survival.prior import LifetimePrior

__all__ = ["fit_lifetime"]

Floats = NDArray[np.float64]

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


SUBSAMPLE = 16
LARGE = 50_000


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
