"""Whether a silent partner is still alive, because a zero can mean a pause or the end.

A partner dies with hazard δ a month and is silent for good. One that lives has no sale in a
month with probability e^{-λ}, λ being its expected orders. So the same three silent months
mean little for a partner with one order a quarter and nearly everything for one with ten a
month.
"""

from __future__ import annotations

import numpy as np

from techalign.numbers.arrays import Flags, Floats

__all__ = ["alive_weights", "trailing_zeros", "weigh_silence"]


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


def alive_weights(rate: Floats, silent: Flags, hazard: float) -> Floats:
    """Probability that a partner was alive in each month, given its later silence.

    Parameters
    ----------
    rate : ndarray, shape (..., T)
        Expected orders in a month if alive.
    silent : ndarray of bool, shape (..., T)
        The silent months after the last sale, as :func:`trailing_zeros` gives them.
    hazard : float
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


def weigh_silence(rate: Floats, silent: Flags, hazard: float) -> tuple[Floats, Floats]:
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


def _silence(rate: Floats, silent: Flags, hazard: float) -> tuple[Floats, Floats]:
    """Chance of the silence and of dying at each month's start (..., T), or of living (...)."""
    # a fit may drive the hazard to 1 where every member fell silent at once
    hazard = min(hazard, 1.0 - 1e-9)
    step = np.where(silent, np.log1p(-hazard) - rate, 0.0)
    lived = np.cumsum(step, axis=-1)
    died = np.where(silent, np.exp(lived - step) * hazard, 0.0)
    return died, np.exp(step.sum(axis=-1))
