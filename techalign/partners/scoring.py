"""Batched Fisher scoring: every partner's ramp is fitted at once, by one linear solve a step.

A partner's unknowns are x = (ln A, ln h, ln k, g, e_1 … e_{T-1}): the ceiling A, time scale h
and shape k of its growth curve, a drift g per month, and the monthly innovations e of its
level. The innovations make the level a random walk; without one, real partners' sales leave
any fixed curve and the intervals come out far too narrow. Expected sales at tenure τ are

    ln μ_t = ln A + ln G(τ_t/h; k) + g τ_t + e_{f+1} + … + e_t,   τ_t = t − f + ½,

f being the month of the first sale. With Var = D μ the information is H = Σ w JJᵀ/(Dμ) + Σ⁻¹
[1]. The month of the first sale holds at least one deal by definition, so it enters through
the zero-truncated law; otherwise every ramp would seem to start with a peak.

References
----------
[1] Lindstrom, M. J., Bates, D. M. (1990). Nonlinear mixed effects models for repeated measures
    data. Biometrics 46(3), 673-687.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.partners.growth import weibull_log_curve, weibull_slopes

__all__ = ["CURVE", "Sales", "information", "log_mean", "scoring_step"]

CURVE = 4
"""Number of curve parameters (ln A, ln h, ln k, g) that lead the unknowns."""

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Sales:
    """What the likelihood sees of N active partners.

    Parameters
    ----------
    amount : ndarray, shape (N, T)
        Money per month, or orders times the partner's mean order where orders are known.
    weight : ndarray, shape (N, T)
        Probability that the month is one in which the partner was alive, 0 to 1.
    first : ndarray of int, shape (N,)
        Column of the first sale.
    dispersion : ndarray, shape (N,)
        D in Var = D μ, money.
    deal_factor : float
        1 + c² with c the coefficient of variation of one order; 1 where orders are known.
    """

    amount: Floats
    weight: Floats
    first: Ints
    dispersion: Floats
    deal_factor: float

    def deal_rate(self, log_mu: Floats) -> Floats:
        """Expected orders per month, shape (N, T): (1 + c²) μ / D."""
        return np.exp(log_mu) * (self.deal_factor / self.dispersion[:, None])


def log_mean(x: Floats, first: Ints, months: int) -> tuple[Floats, Floats]:
    """Log expected sales and its Jacobian.

    Parameters
    ----------
    x : ndarray, shape (N, 4 + T - 1)
    first : ndarray of int, shape (N,)
    months : int
        T.

    Returns
    -------
    log_mu : ndarray, shape (N, T)
        Meaningless before the first sale, where the weights are zero.
    jacobian : ndarray, shape (N, T, 4 + T - 1)
    """
    clock = np.arange(months)
    tenure = np.maximum(clock - first[:, None], 0) + 0.5
    log_curve = weibull_log_curve(tenure, x[:, 1:2], x[:, 2:3])
    slopes = weibull_slopes(tenure, x[:, 1:2], x[:, 2:3])
    walk = (clock[1:] > first[:, None])[:, None, :] & (clock[1:] <= clock[:, None])
    ones = np.ones_like(tenure)[..., None]
    jacobian = np.concatenate([ones, slopes, tenure[..., None], walk.astype(float)], axis=-1)
    steps = np.einsum("nts,ns->nt", jacobian[..., CURVE:], x[:, CURVE:])
    return x[:, :1] + log_curve + x[:, 3:4] * tenure + steps, jacobian


def scoring_step(
    x: Floats, sales: Sales, mean: Floats, precision: Floats, halvings: int = 6
) -> Floats:
    """Take one Fisher-scoring step for every partner, halved where it would not improve.

    Parameters
    ----------
    x : ndarray, shape (N, P)
        Current unknowns, P = 4 + T - 1.
    sales : Sales
    mean : ndarray, shape (N, P)
        Prior means.
    precision : ndarray, shape (P, P)
        Prior precision, shared.
    halvings : int
        Times a step may be halved before a partner stays where it is.

    Returns
    -------
    ndarray, shape (N, P)
    """
    log_mu, jacobian = log_mean(x, sales.first, sales.amount.shape[1])
    expected, info = _moments(sales, log_mu)
    residual = sales.weight * (sales.amount - expected) / sales.dispersion[:, None]
    gradient = np.einsum("nt,ntp->np", residual, jacobian) - (x - mean) @ precision
    hessian = _curvature(jacobian, sales.weight * info, precision)
    step = np.linalg.solve(hessian, gradient[..., None])[..., 0]
    step *= np.minimum(1.0, 3.0 / np.maximum(np.abs(step).max(axis=1), 1e-12))[:, None]
    before = _objective(x, sales, mean, precision)
    size = np.ones(len(x))
    for _ in range(halvings):
        worse = _objective(x + size[:, None] * step, sales, mean, precision) < before - 1e-9
        if not worse.any():
            break
        size[worse] *= 0.5
    else:
        size[_objective(x + size[:, None] * step, sales, mean, precision) < before - 1e-9] = 0.0
    moved: Floats = x + size[:, None] * step
    return moved


def information(x: Floats, sales: Sales, precision: Floats) -> Floats:
    """Posterior precision H of every partner's unknowns, shape (N, P, P)."""
    log_mu, jacobian = log_mean(x, sales.first, sales.amount.shape[1])
    return _curvature(jacobian, sales.weight * _moments(sales, log_mu)[1], precision)


def _curvature(jacobian: Floats, weight: Floats, precision: Floats) -> Floats:
    return np.swapaxes(jacobian, 1, 2) @ (weight[..., None] * jacobian) + precision


def _moments(sales: Sales, log_mu: Floats) -> tuple[Floats, Floats]:
    """Expected amount and information about ln μ, both shape (N, T)."""
    expected = np.exp(np.clip(log_mu, -40.0, 40.0))
    info = expected / sales.dispersion[:, None]
    rows = np.arange(len(expected))
    rate = np.maximum(sales.deal_factor * info[rows, sales.first], 1e-9)
    truncated = rate / -np.expm1(-rate)
    expected[rows, sales.first] *= truncated / rate
    info[rows, sales.first] = truncated * (1.0 + rate - truncated) / sales.deal_factor
    return expected, np.maximum(info, 0.0)


def _objective(x: Floats, sales: Sales, mean: Floats, precision: Floats) -> Floats:
    """Penalised quasi-log-likelihood, shape (N,)."""
    log_mu, _ = log_mean(x, sales.first, sales.amount.shape[1])
    log_mu = np.clip(log_mu, -40.0, 40.0)
    scaled = np.exp(log_mu) / sales.dispersion[:, None]
    rows = np.arange(len(x))
    rate = np.maximum(sales.deal_factor * scaled[rows, sales.first], 1e-9)
    # ln(e^λ - 1) written so that it neither overflows nor cancels
    scaled[rows, sales.first] = (rate + np.log(-np.expm1(-rate))) / sales.deal_factor
    terms = sales.amount * log_mu / sales.dispersion[:, None] - scaled
    off = x - mean
    value: Floats = (sales.weight * terms).sum(axis=1) - 0.5 * ((off @ precision) * off).sum(axis=1)
    return value
