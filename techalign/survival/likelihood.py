"""The log likelihood of lifetimes with covariates, with gradient and Hessian.

One row contributes [1, sec. 3.5]::

    exact or censored   event log h(stop) - (H(stop) - H(entry))
    interval            log(1 - exp(-(H(upper) - H(stop)))) - (H(stop) - H(entry))

H(t) = exp(eta) F(u): covariates either multiply the hazard, eta = x beta, or stretch time, u =
rho (log t - log lam - x gamma). Every family and both kinds are therefore functions of u, eta
and s = log theta, whose few derivatives per row are summed by products of matrices; no row ever
has a Hessian of its own. Rows are taken in blocks that fit the processor's cache.

The families are functions of u = rho (log t - log lam), with derivatives.

Every family here is one curve in u: H(t) = F(u), with a further parameter theta inside F for
Burr XII. Values, slopes and curvatures are closed forms, so the fit is Newton's method with no
numerical derivative. A further family of this kind is one more pair of functions beside
:func:`_burr_cumulative` and :func:`_burr_log_rate`.

References
----------
[1] Klein, J. P. and Moeschberger, M. L. (2003). Survival Analysis, 2nd ed. Springer.
[2] Lawless, J. F. (2003). Statistical Models and Methods for Lifetime Data, 2nd ed., ch. 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.survival.burr import BurrCurve
from techalign.survival.lifetimes import Lifetimes

__all__ = [
    "SUPPORTED",
    "Likelihood",
    "Parts",
    "cumulative",
    "curve_of",
    "hazard_to",
    "log_likelihood",
    "log_rate",
    "parameter_names",
    "scores",
]


SUPPORTED = ("burr", "weibull", "loglogistic")

FARTHEST = 600.0
"""Largest size of u: an age of 0 has H = 0, and u far below serves as minus infinity."""


@dataclass(frozen=True, eq=False)
class Parts:
    """A function of u and of s = log theta, with its derivatives; shape (n,) each.

    Attributes
    ----------
    value, u, uu : ndarray
        The function, its slope and its curvature by u.
    s, ss, us : ndarray or None
        Derivatives with s; None where the family has no theta to fit.
    """

    value: Floats
    u: Floats
    uu: Floats
    s: Floats | None = None
    ss: Floats | None = None
    us: Floats | None = None


def parameter_names(dist: str) -> tuple[str, ...]:
    """Names of the logarithmic parameters of a family, in their order.

    Raises
    ------
    ModelError
        If the family is not supported.
    """
    if dist not in SUPPORTED:
        raise ModelError(
            "dist", "is not a supported distribution", value=dist,
            remedy=f"Use one of {', '.join(SUPPORTED)}.",
        )  # fmt: skip
    return ("log_lam", "log_rho", "log_theta") if dist == "burr" else ("log_lam", "log_rho")


def curve_of(dist: str, logs: Sequence[float] | Floats) -> BurrCurve:
    """The curve with these logarithmic parameters (lam in years); further ones are ignored."""
    theta = {"weibull": inf, "loglogistic": 1.0}.get(dist)
    return BurrCurve(
        float(np.exp(logs[0])),
        float(np.exp(logs[1])),
        float(np.exp(logs[2])) if theta is None else theta,
    )


def scores(log_t: Floats, logs: Floats, shift: Floats | float = 0.0) -> Floats:
    """U = rho (log t - log lam - shift), held within bounds that do not overflow.

    Parameters
    ----------
    log_t : ndarray, shape (n,)
        Logarithms of ages in years; minus infinity is allowed.
    logs : ndarray, shape (k,)
        Logarithmic parameters in the order of :func:`parameter_names`.
    shift : ndarray, shape (n,), optional
        What covariates add to log lam.
    """
    u: Floats = log_t - logs[0]
    u -= shift
    u *= np.exp(logs[1])
    return np.clip(u, -FARTHEST, FARTHEST, out=u)


def cumulative(dist: str, u: Floats, logs: Floats) -> Parts:
    """Cumulative hazard F(u) with derivatives."""
    if dist == "weibull":
        z = np.exp(u)
        return Parts(z, z, z)
    s = float(logs[2]) if dist == "burr" else 0.0
    theta, w = np.exp(s), np.exp(u - s)
    q = w / (1.0 + w)
    value, slope = theta * np.log1p(w), theta * q
    curve = slope * (1.0 - q)
    if dist == "loglogistic":
        return Parts(value, slope, curve)
    return Parts(value, slope, curve, value - slope, value - 2.0 * slope + curve, slope * q)


def log_rate(dist: str, u: Floats, logs: Floats) -> Parts:
    """Log F'(u) with derivatives: the log hazard is this plus log rho - log t."""
    if dist == "weibull":
        return Parts(u, np.ones_like(u), np.zeros_like(u))
    s = float(logs[2]) if dist == "burr" else 0.0
    w = np.exp(u - s)
    q = w / (1.0 + w)
    mixed = q * (1.0 - q)
    value, slope = u - np.log1p(w), 1.0 - q
    if dist == "loglogistic":
        return Parts(value, slope, -mixed)
    return Parts(value, slope, -mixed, q, -mixed, mixed)


Derivatives = tuple[float, Floats, Floats]

BLOCK = 8192


def log_likelihood(
    lifetimes: Lifetimes, dist: str, parameters: Floats, kind: str = "hazard"
) -> Derivatives:
    """Log likelihood with its gradient and Hessian.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with p covariates.
    dist : str
        A family of :mod:`techalign.survival.likelihood` with k parameters.
    parameters : ndarray, shape (k + p,)
        Logarithmic parameters, then the coefficients of the covariates.
    kind : str
        ``"hazard"`` or ``"time"``: what the covariates multiply.

    Returns
    -------
    value : float
    gradient : ndarray, shape (k + p,)
    hessian : ndarray, shape (k + p, k + p)
    """
    return Likelihood(lifetimes, dist, kind)(parameters)


def hazard_to(
    t: Floats, x: Floats | None, dist: str, parameters: Floats, kind: str = "hazard"
) -> tuple[Floats, Floats]:
    """Cumulative hazard at ages ``t``, (n,), and its derivatives by the parameters, (k + p, n)."""
    with np.errstate(divide="ignore"):
        point = _Point(_Sums(dist, kind == "time", parameters), np.log(t), x)
    return point.total(), point.jacobian()


class Likelihood:
    """The log likelihood as a function of the parameters; logarithms of ages are taken once.

    Parameters
    ----------
    lifetimes : Lifetimes
    dist, kind : str
        See :func:`log_likelihood`.
    """

    def __init__(self, lifetimes: Lifetimes, dist: str, kind: str = "hazard") -> None:
        self.dist, self.time = dist, kind == "time"
        self.k, self.p = len(parameter_names(dist)), lifetimes.covariates
        interval = lifetimes.interval
        self.parts = [_Rows(lifetimes)] if not interval.any() else [
            # intervals apart from the others: a block then needs one formula only
            _Rows(lifetimes.select(rows)) for rows in (~interval, interval) if rows.any()
        ]  # fmt: skip

    def __call__(self, parameters: Floats) -> Derivatives:
        """Value, gradient and Hessian at shape (k + p,)."""
        sums = _Sums(self.dist, self.time, parameters)
        for rows in self.parts:
            for begin in range(0, rows.stop.size, BLOCK):
                rows.add(sums, slice(begin, begin + BLOCK))
        return sums.value, sums.gradient, sums.hessian + sums.upper_half()


class _Rows:
    """Rows of one formula, with what does not depend on the parameters."""

    def __init__(self, lifetimes: Lifetimes) -> None:
        with np.errstate(divide="ignore"):
            self.stop = np.log(lifetimes.stop)
            self.entry = np.log(lifetimes.entry) if lifetimes.entry.any() else None
            between = lifetimes.upper is not None and bool(lifetimes.interval.any())
            self.upper = np.log(lifetimes.upper) if between else None  # type: ignore[arg-type]
        self.event = lifetimes.exact.astype(float)
        self.x = lifetimes.x

    def add(self, sums: _Sums, rows: slice) -> None:
        """Add the contributions of a block."""
        x = None if self.x is None else self.x[rows]
        point = sums.at(self.stop[rows], x)
        if self.upper is None:
            point.add(-1.0)
            event = self.event[rows]
            if event.any():
                point.add_events(event, self.stop[rows])
        else:
            point.add(-1.0)
            _add_between(point, sums.at(self.upper[rows], x))
        if self.entry is not None and np.isfinite(self.entry[rows]).any():
            sums.at(self.entry[rows], x).add(1.0)


def _add_between(start: _Point, end: _Point) -> None:
    """Events somewhere between two ages: log(1 - exp(-gap))."""
    sums = start.sums
    gap = end.total() - start.total()
    np.maximum(gap, 1e-100, out=gap)  # its square must not vanish
    first = 1.0 / np.expm1(np.minimum(gap, 600.0))
    end.add(first, counted=False)
    start.add(-first, counted=False)
    jacobian = end.jacobian() - start.jacobian()
    sums.hessian -= (jacobian * (first * (1.0 + first))) @ jacobian.T
    sums.value += float(np.sum(np.log(-np.expm1(-gap))))


class _Sums:
    """Value, gradient and Hessian as they grow."""

    def __init__(self, dist: str, time: bool, parameters: Floats) -> None:
        self.dist, self.time, self.k = dist, time, len(parameter_names(dist))
        self.logs, self.beta = parameters[: self.k], parameters[self.k :]
        self.rho = float(np.exp(self.logs[1]))
        self.value, size = 0.0, parameters.size
        self.gradient, self.hessian = np.zeros(size), np.zeros((size, size))
        # mixed derivatives of different parameters, to be mirrored at the end
        self.mixed = np.zeros((size, size))

    def at(self, log_t: Floats, x: Floats | None) -> _Point:
        return _Point(self, log_t, x)

    def upper_half(self) -> Floats:
        """The mixed derivatives on both sides of the diagonal."""
        return self.mixed + self.mixed.T


class _Point:
    """The cumulative hazard of a block of rows at one age each."""

    def __init__(self, sums: _Sums, log_t: Floats, x: Floats | None) -> None:
        self.sums, self.x = sums, x
        self.score = None if x is None else x @ sums.beta
        shift = self.score if sums.time and self.score is not None else 0.0
        self.u = scores(log_t, sums.logs, shift)
        self.parts = cumulative(sums.dist, self.u, sums.logs)
        self.factor: Floats | None = None
        if self.score is not None and not sums.time:
            self.factor = np.exp(np.minimum(self.score, 200.0))

    def total(self) -> Floats:
        """exp(eta) F(u), shape (n,)."""
        return self._times(self.parts.value, 1.0)

    def _times(self, values: Floats, weight: Floats | float) -> Floats:
        scaled = values * weight
        return scaled if self.factor is None else np.multiply(scaled, self.factor, out=scaled)

    def add(self, weight: Floats | float, *, counted: bool = True) -> None:
        """Add ``weight * exp(eta) F(u)`` per row; the value only if ``counted``."""
        sums, parts = self.sums, self.parts
        z = self._times(parts.value, weight)
        if counted:
            sums.value += float(z.sum())
        one = parts.u is parts.value  # Weibull: one array is its own derivatives
        by_u = z if one else self._times(parts.u, weight)
        by_uu = z if one else self._times(parts.uu, weight)
        scaled = Parts(
            z, by_u, by_uu,
            *(None if d is None else self._times(d, weight) for d in (parts.s, parts.ss, parts.us)),
        )  # fmt: skip
        self._add_parts(scaled)
        if self.factor is not None:
            self._add_factor(scaled)

    def add_events(self, event: Floats, log_t: Floats) -> None:
        """Add the log hazard of rows with event 1."""
        sums = self.sums
        parts = log_rate(sums.dist, self.u, sums.logs)
        eta = self.score if self.factor is not None else None
        logs = parts.value - log_t + sums.logs[1]
        if eta is not None:
            logs += eta
            assert self.x is not None  # a score comes from covariates
            sums.gradient[sums.k :] += event @ self.x
        sums.value += float(logs @ event)
        sums.gradient[1] += event.sum()  # log rho itself
        self._add_parts(
            Parts(*(None if d is None else d * event for d in vars(parts).values()))  # type: ignore[arg-type]
        )

    def _add_parts(self, d: Parts) -> None:
        """Chain rule from u and s to the parameters; ``d`` holds weighted derivatives."""
        sums, u, rho, k = self.sums, self.u, self.sums.rho, self.sums.k
        slope, slope_u = float(d.u.sum()), float(d.u @ u)
        curve_u = d.uu * u
        sums.gradient[:2] += (-rho * slope, slope_u)
        sums.hessian[0, 0] += rho * rho * float(d.uu.sum())
        sums.hessian[1, 1] += float(curve_u @ u) + slope_u
        sums.mixed[0, 1] -= rho * (float(curve_u.sum()) + slope)
        if d.s is not None and d.ss is not None and d.us is not None:
            sums.gradient[2] += float(d.s.sum())
            sums.hessian[2, 2] += float(d.ss.sum())
            sums.mixed[0, 2] -= rho * float(d.us.sum())
            sums.mixed[1, 2] += float(d.us @ u)
        if sums.time and self.x is not None:
            x = self.x
            slopes = d.u @ x
            sums.gradient[k:] -= rho * slopes
            sums.mixed[0, k:] += rho * rho * (d.uu @ x)
            sums.mixed[1, k:] -= rho * (curve_u @ x + slopes)
            if d.us is not None:
                sums.mixed[2, k:] -= rho * (d.us @ x)
            sums.hessian[k:, k:] += rho * rho * ((x.T * d.uu) @ x)

    def _add_factor(self, d: Parts) -> None:
        """What exp(eta) adds: ``d`` is its own derivative by eta."""
        sums, x, k = self.sums, self.x, self.sums.k
        assert x is not None  # a factor comes from covariates
        slopes = d.u @ x
        sums.gradient[k:] += d.value @ x
        sums.hessian[k:, k:] += (x.T * d.value) @ x
        sums.mixed[0, k:] -= sums.rho * slopes
        sums.mixed[1, k:] += (d.u * self.u) @ x
        if d.s is not None:
            sums.mixed[2, k:] += d.s @ x

    def jacobian(self) -> Floats:
        """Derivatives of the total by the parameters; shape (k + p, n)."""
        sums, parts = self.sums, self.parts
        by_u = self._times(parts.u, 1.0)
        rows = [-sums.rho * by_u, by_u * self.u]
        if parts.s is not None:
            rows.append(self._times(parts.s, 1.0))
        if self.x is not None:
            rows += list(self.x.T * (-sums.rho * by_u if sums.time else self.total()))
        return np.array(rows)
