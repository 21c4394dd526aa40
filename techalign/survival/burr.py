"""The Burr XII curve: how long businesses last, in three numbers, and its likelihood.

Young businesses close often and old ones rarely. A Weibull curve can fall like that, yet not
flatten fast enough: on the survival of a US cohort over 23 years its worst error is four times
that of the Burr curve. Burr XII is a Weibull curve whose scale differs between businesses as a
gamma variable does [2]: the frail close first. Both limits are in the family, ``theta`` infinite
being Weibull and ``theta`` 1 log-logistic, so one class serves all three.

Notation
--------
With u = rho (log t - log lam) every family is one curve H = F(u), with theta inside F for Burr
[3]. Covariates either multiply the hazard, H = exp(eta) F(u) with eta = x beta, or stretch time,
u = rho (log t - log lam - x gamma). One row contributes to the log likelihood [4, sec. 3.5]::

    exact or censored   event log h(stop) - (H(stop) - H(entry))
    interval            log(1 - exp(-(H(upper) - H(stop)))) - (H(stop) - H(entry))

All of it is thus a function of u, eta and s = log theta, whose few derivatives per row are closed
forms and are summed by products of matrices; no row ever has a Hessian of its own.

References
----------
[1] Burr, I. W. (1942). Cumulative frequency functions. Annals of Mathematical Statistics 13(2),
    215-232.
[2] Dubey, S. D. (1968). A compound Weibull distribution. Naval Research Logistics 15, 179-188.
[3] Lawless, J. F. (2003). Statistical Models and Methods for Lifetime Data, 2nd ed., ch. 5.
[4] Klein, J. P. and Moeschberger, M. L. (2003). Survival Analysis, 2nd ed. Springer.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf, isinf

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.survival.lifetimes import Lifetimes, refuse
from techalign.survival.newton import BLOCK

__all__ = [
    "SUPPORTED",
    "BurrCurve",
    "Likelihood",
    "curve_of",
    "fit_burr_to_survival",
    "hazard_to",
    "parameter_names",
]


SUPPORTED = ("burr", "weibull", "loglogistic")

FARTHEST = 600.0
"""Largest size of u: an age of 0 has H = 0, and u far below serves as minus infinity."""

Derivatives = tuple[float, Floats, Floats]


@dataclass(frozen=True)
class BurrCurve:
    """Survival S(t) = exp(-H(t)), H(t) = theta log(1 + (t/lam)^rho / theta) [1].

    Parameters
    ----------
    lam : float
        Scale in years, positive.
    rho : float
        Shape without unit, positive; below 1 the hazard falls from the start.
    theta : float
        Homogeneity without unit, positive: the smaller, the more businesses differ and the
        flatter the tail. Infinite: Weibull.

    Raises
    ------
    ModelError
        If a parameter is not positive.

    Examples
    --------
    Fewer than half of all businesses are there after six years; of those, one in thirteen goes
    within the next.

    >>> from techalign.survival import BurrCurve
    >>> curve = BurrCurve(lam=5.98, rho=0.787, theta=1.78)
    >>> curve.survival([1.0, 6.0, 10.0]).round(2).tolist()
    [0.8, 0.45, 0.34]
    >>> round(float(curve.pd(6.0, 1.0)), 3)
    0.078
    """

    lam: float
    rho: float
    theta: float = inf

    def __post_init__(self) -> None:
        for name in ("lam", "rho", "theta"):
            if not getattr(self, name) > 0 or (name != "theta" and isinf(getattr(self, name))):
                raise ModelError(name, "must be positive and finite", value=getattr(self, name))

    def cumulative_hazard(self, t: ArrayLike) -> Floats:
        """H(t) at ages ``t`` in years; any shape."""
        z = (np.asarray(t, dtype=float) / self.lam) ** self.rho
        cumulative: Floats = z if isinf(self.theta) else self.theta * np.log1p(z / self.theta)
        return cumulative

    def survival(self, t: ArrayLike) -> Floats:
        """Probability of reaching ages ``t`` in years; any shape."""
        reached: Floats = np.exp(-self.cumulative_hazard(t))
        return reached

    def hazard(self, t: ArrayLike) -> Floats:
        """Rate of ending per year at ages ``t`` in years; infinite at 0 if ``rho`` < 1."""
        with np.errstate(divide="ignore"):
            ratio = np.asarray(t, dtype=float) / self.lam
            rate: Floats = self.rho / self.lam * ratio ** (self.rho - 1.0)
        return rate / (1.0 + ratio**self.rho / self.theta)

    def pd(self, age: ArrayLike, horizon: ArrayLike) -> Floats:
        """Probability of ending within ``horizon`` years, given that ``age`` was reached."""
        start = np.asarray(age, dtype=float)
        increment = self.cumulative_hazard(start) - self.cumulative_hazard(start + horizon)
        probability: Floats = -np.expm1(increment)
        return probability

    def scaled(self, factor: float) -> BurrCurve:
        """The curve whose hazard is ``factor`` times this one's at every age.

        Proportional hazards stay in the family: theta grows with the factor and the scale
        shrinks by its power 1/rho.
        """
        return BurrCurve(self.lam * factor ** (-1.0 / self.rho), self.rho, self.theta * factor)


def fit_burr_to_survival(
    ages: ArrayLike,
    survival: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    theta: float | None = None,
) -> BurrCurve:
    """Fit the curve to a published survival table by least squares on survival.

    Parameters
    ----------
    ages : array_like, shape (k,)
        Ages in years, positive; at least three.
    survival : array_like, shape (k,)
        Fraction that reached each age, between 0 and 1.
    weights : array_like, shape (k,), optional
        Weight of each squared error; equal by default.
    theta : float, optional
        Held at this value, infinite for Weibull. A table that ends young does not show the
        tail: take ``theta`` from a longer one.

    Returns
    -------
    BurrCurve

    Raises
    ------
    ModelError
        If there are fewer than three points, or a value is out of bounds.

    Examples
    --------
    >>> from techalign.survival import fit_burr_to_survival
    >>> curve = fit_burr_to_survival([1, 2, 5, 10, 20], [0.79, 0.69, 0.50, 0.34, 0.21])
    >>> round(float(curve.survival(15.0)), 2)
    0.26
    """
    from scipy.optimize import least_squares

    t, s = np.asarray(ages, dtype=float), np.asarray(survival, dtype=float)
    w = np.ones_like(t) if weights is None else np.asarray(weights, dtype=float)
    _check_points(t, s, w)
    root = np.sqrt(w)

    def residuals(logs: Floats) -> Floats:
        error: Floats = root * (_curve(logs, theta).survival(t) - s)
        return error

    start = np.log([np.interp(0.5, s[::-1], t[::-1]) / np.log(2.0), 0.8, 2.0])
    free = 3 if theta is None else 2
    # the bounds hold a flat direction: ages that show no bend do not tell theta from infinity
    below, above = np.log([1e3, 20.0, 200.0])[:free], np.log([1e3, 20.0, 1e4])[:free]
    start = start[:free]
    found = least_squares(
        residuals, start, bounds=(start - below, start + above), xtol=1e-12, ftol=1e-12, gtol=1e-12
    )
    return _curve(found.x, theta)


def _curve(logs: Sequence[float] | Floats, theta: float | None) -> BurrCurve:
    lam, rho, *last = (float(value) for value in np.exp(logs))
    return BurrCurve(lam, rho, last[0] if theta is None else theta)


def _check_points(t: Floats, s: Floats, w: Floats) -> None:
    if t.ndim != 1 or t.size < 3 or t.shape != s.shape or t.shape != w.shape:
        raise ModelError("ages", "must be at least three, with one survival each", value=t.shape)
    refuse("ages", ~(t > 0), t, "is out of bounds")
    refuse("survival", ~((s > 0) & (s < 1)), s, "is out of bounds")
    refuse("weights", ~(w >= 0), w, "is out of bounds")
    if (np.diff(t) <= 0).any():
        raise ModelError("ages", "must ascend", remedy="Sort the table by age.")


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
    return _curve(logs, {"weibull": inf, "loglogistic": 1.0}.get(dist))


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
        n rows with p covariates.
    dist : str
        One of ``SUPPORTED``, with k parameters.
    kind : str
        ``"hazard"`` or ``"time"``: what the covariates multiply.
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
        """Value, gradient and Hessian at logarithmic parameters, then coefficients; (k + p,)."""
        sums = _Sums(self.dist, self.time, parameters)
        for rows in self.parts:
            for begin in range(0, rows.stop.size, BLOCK):
                rows.add(sums, slice(begin, begin + BLOCK))
        return sums.value, sums.gradient, sums.hessian + (sums.mixed + sums.mixed.T)


class _Rows:
    """Rows of one formula, with what does not depend on the parameters."""

    def __init__(self, lifetimes: Lifetimes) -> None:
        with np.errstate(divide="ignore"):
            self.stop = np.log(lifetimes.stop)
            self.entry = np.log(lifetimes.entry) if lifetimes.entry.any() else None
            self.upper = np.log(lifetimes.end) if lifetimes.interval.any() else None
        self.event = lifetimes.exact.astype(float)
        self.x = lifetimes.x

    def add(self, sums: _Sums, rows: slice) -> None:
        """Add the contributions of a block."""
        x = None if self.x is None else self.x[rows]
        point = _Point(sums, self.stop[rows], x)
        point.add(-1.0)
        if self.upper is not None:
            _add_between(point, _Point(sums, self.upper[rows], x))
        elif (event := self.event[rows]).any():
            point.add_events(event, self.stop[rows])
        if self.entry is not None and np.isfinite(self.entry[rows]).any():
            _Point(sums, self.entry[rows], x).add(1.0)


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
