"""Curves other than the one that is fitted: what partners are simulated by, and a rival to it.

The model knows one family of curves, so its validation needs others whose formulas are known to be
right: these reproduce published fits (``tests/partners/test_published.py``).

References
----------
[1] Bass, F. M. (1969). A new product growth for model consumer durables. Management Science 15(5).
[2] Pinheiro, J. C., Bates, D. M. (2000). Mixed-Effects Models in S and S-PLUS, section 8.2.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import curve_fit, minimize


def bass_cdf(t: np.ndarray, p: float, q: float) -> np.ndarray:
    """Share of a Bass market [1] that has bought by time t."""
    fallen = np.exp(-(p + q) * t)
    return (1.0 - fallen) / (1.0 + q / p * fallen)


def bass_rate(t: np.ndarray, m: float, p: float, q: float) -> np.ndarray:
    """Sales per unit of time in a Bass market of m buyers: m times the slope of its share."""
    fallen = np.exp(-(p + q) * t)
    return m * (p + q) ** 2 / p * fallen / (1.0 + q / p * fallen) ** 2


def bass_area(end: float, p: float, q: float) -> float:
    """Integral of :func:`bass_cdf` from 0 to ``end``: what a ramp of that shape sells in all."""
    return end - np.log((p + q) / (p + q * np.exp(-(p + q) * end))) / q


def fit_bass(sales: np.ndarray) -> np.ndarray:
    """Fit (m, p, q) to sales of years 1, 2, … by least squares."""
    t = np.arange(1.0, len(sales) + 1.0)
    return curve_fit(bass_rate, t, sales, [sales.sum(), 0.01, 0.4])[0]


def logistic(t: np.ndarray, middle: float, scale: float) -> np.ndarray:
    """Share of the ceiling reached at t."""
    return 1.0 / (1.0 + np.exp(-(t - middle) / scale))


def mixed_logistic(t: np.ndarray, y: np.ndarray, start: np.ndarray) -> tuple[np.ndarray, float]:
    """Fit logistic curves whose ceilings vary between the rows of y, by maximum likelihood [2].

    The ceiling enters linearly, so that the likelihood has closed form: a row of y is normal about
    A g with covariance σ² I + τ² g gᵀ. Returned are (A, middle, scale, τ, σ) and -2 log L.
    """
    count = len(t)

    def deviance(params: np.ndarray) -> float:
        ceiling, middle, scale, log_between, log_within = params
        g = logistic(t, middle, scale)
        within, between = np.exp(2.0 * log_within), np.exp(2.0 * log_between)
        off = y - ceiling * g
        whole = within + between * (g @ g)
        squares = (off**2).sum() - between / whole * ((off @ g) ** 2).sum()
        log_det = (count - 1) * np.log(within) + np.log(whole)
        return float(len(y) * (count * np.log(2.0 * np.pi) + log_det) + squares / within)

    first = np.concatenate([start, np.log([0.2 * start[0], 0.05 * start[0]])])
    options = {"xatol": 1e-5, "fatol": 1e-8, "maxiter": 6000, "maxfev": 6000, "adaptive": True}
    found = minimize(deviance, first, method="Nelder-Mead", options=options)
    return np.concatenate([found.x[:3], np.exp(found.x[3:])]), float(found.fun)


def reached(kind: np.ndarray, x: np.ndarray) -> np.ndarray:
    """Share of its size that a simulated partner of kind 0 to 4 has reached, x speeds on."""
    return np.select(
        [kind == k for k in range(4)],
        [
            logistic(x, 1.0, 1.0 / 3.0),
            np.exp(-3.0 * np.exp(-1.6 * x)),
            bass_cdf(x, 1.5 / 13.0, 18.0 / 13.0),
            np.minimum(x, 1.0),
        ],
        # up, and slowly down again
        2.2 * x * np.exp(-0.8 * x),
    )


def season(month: np.ndarray) -> np.ndarray:
    """Factor of a calendar month on all simulated partners."""
    return 1.0 + 0.15 * np.sin(2.0 * np.pi * (month + 3.0) / 12.0)
