"""Distributions of a lifetime as functions of their logarithmic parameters, with derivatives.

Every family here is one curve in u = rho (log t - log lam): H(t) = F(u), with a further
parameter inside F for Burr XII. Values, slopes and curvatures are closed forms, so the fit is
Newton's method with no numerical derivative. A further family of this kind is one more function
beside :func:`_burr` and :func:`_weibull`.

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
from techalign.vendors.burr import BurrCurve

__all__ = ["SUPPORTED", "Terms", "curve_of", "parameter_names", "terms"]

Floats = NDArray[np.float64]

SUPPORTED = ("burr", "weibull", "loglogistic")


@dataclass(frozen=True, eq=False)
class Terms:
    """A quantity per row with its derivatives by the k logarithmic parameters.

    Attributes
    ----------
    value : ndarray, shape (n,)
    slope : ndarray, shape (k, n)
    curve : ndarray, shape (k, k, n)
    """

    value: Floats
    slope: Floats
    curve: Floats

    def __sub__(self, other: Terms) -> Terms:
        return Terms(self.value - other.value, self.slope - other.slope, self.curve - other.curve)


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
    return BurrCurve(float(np.exp(logs[0])), float(np.exp(logs[1])), _theta(dist, logs))


def _theta(dist: str, logs: Sequence[float] | Floats) -> float:
    if dist == "burr":
        return float(np.exp(logs[2]))
    return inf if dist == "weibull" else 1.0


def terms(dist: str, t: Floats, logs: Floats) -> tuple[Terms, Terms]:
    """Cumulative hazard and log hazard with derivatives by the logarithmic parameters.

    Parameters
    ----------
    dist : str
        One of ``SUPPORTED``.
    t : ndarray, shape (n,)
        Ages in years; 0 is allowed for the cumulative hazard (the log hazard is then void).
    logs : ndarray, shape (k,)
        Logarithmic parameters in the order of :func:`parameter_names`.

    Returns
    -------
    cumulative, log_hazard : Terms
    """
    k, rho = logs.size, float(np.exp(logs[1]))
    # an age of 0 has H = 0 and no slope: u far below serves as minus infinity
    log_t = np.log(np.maximum(t, 1e-300))
    u = np.maximum(rho * (log_t - logs[0]), -600.0)
    by_u = _weibull(u) if dist == "weibull" else _burr(u, _theta(dist, logs))
    h_parts, g_parts = (_chain(u, rho, k, part) for part in by_u)
    g_parts.value[...] += logs[1] - log_t
    g_parts.slope[1] += 1.0  # log h = log dH/du + log rho - log t
    return h_parts, g_parts


# per row: value, d/du, d2/du2, d/ds, d2/ds2, d2/duds with s = log theta
Parts = tuple[Floats, Floats, Floats, Floats, Floats, Floats]


def _weibull(u: Floats) -> tuple[Parts, Parts]:
    z = np.exp(np.minimum(u, 600.0))
    one, nil = np.ones_like(u), np.zeros_like(u)
    return (z, z, z, nil, nil, nil), (u, one, nil, nil, nil, nil)


def _burr(u: Floats, theta: float) -> tuple[Parts, Parts]:
    v = u - np.log(theta)
    q = 1.0 / (1.0 + np.exp(-v))
    log_one = np.logaddexp(0.0, v)  # log(1 + z/theta)
    mixed = q * (1.0 - q)
    h, tq = theta * log_one, theta * q
    cumulative = (h, tq, theta * mixed, h - tq, h - 2.0 * tq + theta * mixed, tq * q)
    return cumulative, (u - log_one, 1.0 - q, -mixed, q, mixed * -1.0, mixed)


def _chain(u: Floats, rho: float, k: int, parts: Parts) -> Terms:
    """From derivatives by u and s to derivatives by log lam, log rho (and log theta)."""
    value, d_u, d_uu, d_s, d_ss, d_us = parts
    slope, curve = np.empty((k, u.size)), np.empty((k, k, u.size))
    slope[0], slope[1] = -rho * d_u, u * d_u
    curve[0, 0] = rho * rho * d_uu
    curve[0, 1] = curve[1, 0] = -rho * (d_u + u * d_uu)
    curve[1, 1] = u * (d_u + u * d_uu)
    if k == 3:
        slope[2], curve[2, 2] = d_s, d_ss
        curve[0, 2] = curve[2, 0] = -rho * d_us
        curve[1, 2] = curve[2, 1] = u * d_us
    return Terms(value.copy(), slope, curve)
