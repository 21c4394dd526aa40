"""Whether a silent partner is still alive, because a zero can mean a pause or the end.

A partner dies with hazard δ a month and is silent for good. One that lives has no sale in a
month with probability e^{-λ}, λ being its expected orders. So the same three silent months
mean little for a partner with one order a quarter and nearly everything for one with ten a
month. The shifted-beta-geometric law [1] describes contracts whose end is observed.

References
----------
[1] Fader, P. S., Hardie, B. G. S. (2007). How to project customer retention. Journal of
    Interactive Marketing 21(1), 76-90.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats

__all__ = ["alive_weights", "fit_sbg", "sbg_survival", "trailing_zeros", "weigh_silence"]


def trailing_zeros(amount: Floats, mask: Flags) -> Flags:
    """Mark the months under contract after each partner's last sale.

    Parameters
    ----------
    amount : ndarray, shape (N, T)
    mask : ndarray of bool, shape (N, T)

    Returns
    -------
    ndarray of bool, shape (N, T)
    """
    later = np.cumsum((amount > 0)[:, ::-1], axis=1)[:, ::-1]
    marked: Flags = mask & (later == 0)
    return marked


def alive_weights(rate: Floats, silent: Flags, hazard: float | Floats) -> Floats:
    """Probability that a partner was alive in each month, given its later silence.

    Parameters
    ----------
    rate : ndarray, shape (..., T)
        Expected orders in a month if alive.
    silent : ndarray of bool, shape (..., T)
        The silent months after the last sale, as :func:`trailing_zeros` gives them.
    hazard : float or ndarray, broadcastable to (..., T)
        Probability of dying at the start of a month.

    Returns
    -------
    ndarray, shape (..., T)
        1 before the silence; the last column is P(alive now).
    """
    if not silent.any():
        return np.ones_like(rate)
    died, survived = _silence(rate, silent, hazard)
    total = died.sum(axis=-1, keepdims=True) + survived[..., None]
    weights: Floats = 1.0 - np.cumsum(died, axis=-1) / total
    return weights


def weigh_silence(rate: Floats, silent: Flags, hazard: float | Floats) -> tuple[Floats, Floats]:
    """Likelihood of each partner's silence, by death or by chance, and what follows from it.

    Parameters
    ----------
    rate, silent, hazard
        As in :func:`alive_weights`.

    Returns
    -------
    log_likelihood : ndarray, shape (...,)
        0 for partners that sold in the last month.
    alive : ndarray, shape (...,)
        P(alive now).
    """
    died, survived = _silence(rate, silent, hazard)
    likelihood = died.sum(axis=-1) + survived
    return np.log(likelihood), survived / likelihood


def _silence(rate: Floats, silent: Flags, hazard: float | Floats) -> tuple[Floats, Floats]:
    """Chance of the silence and of dying at each month's start (..., T), or of living (...)."""
    # a fit may drive the hazard to 1 where every member fell silent at once
    hazard = np.minimum(hazard, 1.0 - 1e-9)
    step = np.where(silent, np.log1p(-hazard) - rate, 0.0)
    survived = np.exp(step.sum(axis=-1))
    died = np.cumsum(step, axis=-1)
    died -= step
    np.exp(died, out=died)
    died *= hazard
    died *= silent
    return died, survived


def fit_sbg(survival: ArrayLike) -> tuple[float, float]:
    """Fit the shifted-beta-geometric law to shares of a cohort that stayed [1].

    Parameters
    ----------
    survival : array_like, shape (T,)
        Share (or number) that is left after 0, 1, … T - 1 renewals; not increasing.

    Returns
    -------
    alpha, beta : float
        Of the beta law of the chance to leave at a renewal.

    Raises
    ------
    ModelError
        If fewer than two values are given, one is missing or no number, or they increase.

    Examples
    --------
    Of a hundred customers two thirds stay a year, and of these seven in ten another:

    >>> alpha, beta = fit_sbg([100, 63, 47, 38, 33])
    >>> sbg_survival([0, 1], alpha, beta).round(2).tolist()
    [1.0, 0.63]
    """
    from scipy.optimize import minimize

    try:
        left = np.asarray(survival, dtype=float)
    except (TypeError, ValueError) as error:
        raise ModelError("survival", "must hold numbers", value=survival) from error
    missing = np.flatnonzero(~np.isfinite(left))
    if missing.size:
        raise ModelError(
            f"survival[{missing[0]}]", "must be finite", value=left[missing[0]],
            remedy="Leave out what is not known, from there on.",
        )  # fmt: skip
    if left.size < 2 or (np.diff(left) > 0).any() or left[0] <= 0 or left[-1] < 0:
        raise ModelError(
            "survival", "must hold two or more values, none below zero, that do not increase"
        )
    share = left / left[0]

    def loss(log_ab: Floats) -> float:
        curve = sbg_survival(np.arange(share.size), *np.exp(log_ab))
        lost = -np.diff(share) @ np.log(-np.diff(curve) + 1e-300)
        return float(-lost - share[-1] * np.log(curve[-1]))

    found = minimize(
        loss, np.zeros(2), method="Nelder-Mead", options={"xatol": 1e-7, "fatol": 1e-12}
    )
    alpha, beta = np.exp(found.x)
    return float(alpha), float(beta)


def sbg_survival(renewals: ArrayLike, alpha: float, beta: float) -> Floats:
    """Share that is left after a number of renewals [1].

    Parameters
    ----------
    renewals : array_like of int
    alpha, beta : float
        Positive.

    Returns
    -------
    ndarray, same shape as ``renewals``
        B(α, β + t)/B(α, β), 0 to 1.

    Examples
    --------
    With both parameters 1 a share of 1 / (t + 1) is left:

    >>> sbg_survival([0, 1, 3], 1.0, 1.0).round(4).tolist()
    [1.0, 0.5, 0.25]
    """
    from scipy.special import betaln

    t = np.asarray(renewals, dtype=float)
    share: Floats = np.exp(betaln(alpha, beta + t) - betaln(alpha, beta))
    return share
