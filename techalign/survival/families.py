"""Distributions of a lifetime as functions of u = rho (log t - log lam), with derivatives.

Every family here is one curve in u: H(t) = F(u), with a further parameter theta inside F for
Burr XII. Values, slopes and curvatures are closed forms, so the fit is Newton's method with no
numerical derivative. A further family of this kind is one more pair of functions beside
:func:`_burr_cumulative` and :func:`_burr_log_rate`.

References
----------
[1] Lawless, J. F. (2003). Statistical Models and Methods for Lifetime Data, 2nd ed., ch. 5.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.survival.burr import BurrCurve

__all__ = ["SUPPORTED", "Parts", "cumulative", "curve_of", "log_rate", "parameter_names", "scores"]

Floats = NDArray[np.float64]

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
