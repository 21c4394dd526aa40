"""The shape of a ramp: the share of its ceiling a partner has reached by a given tenure.

The Weibull curve G(x; k) = 1 - exp(-x^k) serves as the only one for now. It starts at zero,
is concave for k <= 1 (sales jump, then creep up) and S-shaped for k > 1. The Bass curve [1] is
kept beside it because published fits of it exist.

References
----------
[1] Bass, F. M. (1969). A new product growth model for consumer durables. Management Science
    15(5), 215-227.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["bass_cdf", "bass_cdf_integral", "weibull_log_curve", "weibull_slopes"]

Floats = NDArray[np.float64]


def weibull_log_curve(tenure: Floats, log_h: Floats, log_k: Floats) -> Floats:
    """Logarithm of G(tenure/h; k).

    Parameters
    ----------
    tenure : ndarray, shape (..., T)
        Months since the first sale, positive.
    log_h, log_k : ndarray, broadcastable to (..., T)
        Logarithms of the time scale in months and of the shape.

    Returns
    -------
    ndarray, shape (..., T)
    """
    log_curve: Floats = np.log(-np.expm1(-_power(tenure, log_h, log_k)))
    return log_curve


def weibull_slopes(tenure: Floats, log_h: Floats, log_k: Floats) -> Floats:
    """Derivatives of :func:`weibull_log_curve` by ``log_h`` and ``log_k``.

    Parameters
    ----------
    tenure, log_h, log_k
        As there.

    Returns
    -------
    ndarray, shape (..., T, 2)
    """
    k = np.exp(log_k)
    power = _power(tenure, log_h, log_k)
    rate = power / np.expm1(power)  # d ln G / d ln(x^k)
    return np.stack([-k * rate, k * (np.log(tenure) - log_h) * rate], axis=-1)


def _power(tenure: Floats, log_h: Floats, log_k: Floats) -> Floats:
    """(tenure/h)^k, kept where neither end of the curve over- or underflows."""
    power: Floats = np.exp(np.clip(np.exp(log_k) * (np.log(tenure) - log_h), -40.0, 4.0))
    return power


def bass_cdf(time: ArrayLike, p: float, q: float) -> Floats:
    """Share of eventual adopters who have adopted by ``time`` [1].

    Parameters
    ----------
    time : array_like
        Periods since launch.
    p, q : float
        Coefficients of innovation and imitation per period, positive.

    Returns
    -------
    ndarray, same shape as ``time``
        Share, 0 to 1.
    """
    decay = np.exp(-(p + q) * np.asarray(time, dtype=float))
    share: Floats = (1.0 - decay) / (1.0 + q / p * decay)
    return share


def bass_cdf_integral(time: ArrayLike, p: float, q: float) -> Floats:
    """Integral of :func:`bass_cdf` from 0 to ``time``, in closed form.

    Parameters
    ----------
    time : array_like
        Periods since launch.
    p, q : float
        Coefficients of innovation and imitation per period, positive.

    Returns
    -------
    ndarray, same shape as ``time``
        Share times periods.
    """
    span = np.asarray(time, dtype=float)
    area: Floats = span - np.log((p + q) / (p + q * np.exp(-(p + q) * span))) / q
    return area
