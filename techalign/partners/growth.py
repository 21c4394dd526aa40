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
from numpy.typing import ArrayLike

from techalign.numbers.arrays import Floats

__all__ = ["bass_cdf", "bass_cdf_integral", "weibull_log_curve", "weibull_slopes"]


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
    # in place, since forecasts call this with a million cells
    curve = _power(tenure, log_h, log_k)
    np.negative(curve, out=curve)
    np.expm1(curve, out=curve)
    np.negative(curve, out=curve)
    return np.log(curve, out=curve)


def weibull_slopes(tenure: Floats, log_h: Floats, log_k: Floats) -> tuple[Floats, Floats, Floats]:
    """:func:`weibull_log_curve` and its derivatives by ``log_h`` and ``log_k``.

    Parameters
    ----------
    tenure, log_h, log_k
        As there.

    Returns
    -------
    log_curve, by_log_h, by_log_k : ndarray, shape (..., T)
    """
    power = _power(tenure, log_h, log_k)
    reached = -np.expm1(-power)
    by_log_x = np.exp(log_k) * power * (1.0 - reached) / reached
    return np.log(reached), -by_log_x, (np.log(tenure) - log_h) * by_log_x


def _power(tenure: Floats, log_h: Floats, log_k: Floats) -> Floats:
    """(tenure/h)^k, kept where neither end of the curve over- or underflows."""
    power = np.exp(log_k) * (np.log(tenure) - log_h)
    np.maximum(power, -40.0, out=power)
    np.minimum(power, 4.0, out=power)
    return np.exp(power, out=power)


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
