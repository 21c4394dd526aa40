"""Draws of what every partner will sell, because plans need the spread and not only the mean.

Everything uncertain is drawn: the population, each partner's curve and level given its sales,
whether it is still alive, when a silent one starts, how the level wanders on, and the orders of
every month.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.partners.activation import Activation
from techalign.partners.growth import weibull_log_curve
from techalign.partners.population import RampHyper, design
from techalign.partners.posterior import antithetic, sample_members
from techalign.partners.ramp import RampFit
from techalign.partners.scoring import CURVE

__all__ = ["forecast"]

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def forecast(
    activation: Activation | None,
    ramp: RampFit,
    horizon_months: int,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Draw every partner's sales for each of the coming months.

    Parameters
    ----------
    activation : Activation or None
        How partners yet to sell start; with None they never do.
    ramp : RampFit
        Of N partners.
    horizon_months : int
        H, 1 or more.
    draws : int
        S, 1 or more.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (S, N, H)
        Money per month, partners in the order of ``ramp.panel.partner``. Ended agreements are
        zero throughout.

    Raises
    ------
    ModelError
        If ``horizon_months`` or ``draws`` is below 1.
    """
    if horizon_months < 1:
        raise ModelError("horizon_months", "must be 1 or more", value=horizon_months)
    if draws < 1:
        raise ModelError("draws", "must be 1 or more", value=draws)
    result = np.zeros((draws, len(ramp.panel.partner), horizon_months))
    active = ramp.panel.active
    if active.any():
        result[:, active] = _draw_active(ramp, horizon_months, draws, rng)
    waiting = np.flatnonzero(~active & ~ramp.panel.ended)
    if activation is not None and waiting.size:
        result[:, waiting] = _draw_waiting(activation, ramp, waiting, horizon_months, draws, rng)
    return result


def _draw_active(ramp: RampFit, horizon: int, draws: int, rng: np.random.Generator) -> Floats:
    """Sales of all partners that have sold, shape (S, n, H)."""
    sample = sample_members(ramp.members, draws, rng)
    shape = (draws, sample.level.shape[1])
    tenure = ramp.tenure[ramp.panel.active, None] + 1.5 + np.arange(float(horizon))
    log_mu = _curve(sample.theta, tenure) + sample.level[..., None]
    log_mu = log_mu + _steps(ramp.hyper, log_mu.shape, rng).cumsum(axis=-1)
    alive = (rng.random(shape) < sample.alive) & ~ramp.panel.ended[ramp.panel.active]
    lives = alive[..., None] & (np.arange(horizon) < _deaths(ramp.hyper, shape, rng)[..., None])
    return _orders(log_mu, ramp.dispersion[ramp.panel.active], ramp.hyper, lives, rng)


def _draw_waiting(
    activation: Activation,
    ramp: RampFit,
    rows: Ints,
    horizon: int,
    draws: int,
    rng: np.random.Generator,
) -> Floats:
    """Sales of partners yet to sell: a start drawn from activation, a ramp from the population."""
    age = ramp.panel.revenue.shape[1] - ramp.panel.contract_month[rows]
    wait = activation.draw_start(age, ramp.panel.strategic[rows], horizon, draws, rng)
    theta = _new_members(ramp, rows, draws, rng)
    tenure = np.arange(horizon) - wait[..., None]
    started = tenure >= 0
    log_mu = _curve(theta, np.maximum(tenure, 0) + 0.5)
    steps = np.where(tenure > 0, _steps(ramp.hyper, log_mu.shape, rng), 0.0)
    death = _deaths(ramp.hyper, (draws, len(rows)), rng)
    lives = started & (tenure <= death[..., None])
    dispersion = ramp.hyper.dispersion(theta[..., 0])
    return _orders(log_mu + steps.cumsum(axis=-1), dispersion, ramp.hyper, lives, rng, tenure == 0)


def _new_members(ramp: RampFit, rows: Ints, draws: int, rng: np.random.Generator) -> Floats:
    """Curves of unseen partners, shape (S, n, 4), the population itself drawn once per draw."""
    from scipy.stats import invwishart

    hyper, z = ramp.hyper, design(ramp.panel)[rows]
    coef = np.empty((draws, *hyper.coef.shape))
    for column in range(CURVE):
        root = np.linalg.cholesky(hyper.coef_cov[..., column])
        coef[..., column] = hyper.coef[:, column] + rng.standard_normal((draws, 2)) @ root.T
    law = invwishart(df=hyper.weight + CURVE + 1, scale=hyper.sigma * hyper.weight)
    sigma = np.reshape(law.rvs(size=draws, random_state=rng), (draws, CURVE, CURVE))
    roots = np.linalg.cholesky(sigma)
    noise = antithetic(rng, (draws, len(rows), CURVE))
    theta: Floats = np.einsum("nz,szp->snp", z, coef) + np.einsum("spq,snq->snp", roots, noise)
    return theta


def _curve(sample: Floats, tenure: Floats) -> Floats:
    """Logarithm of A G(τ/h; k) e^{gτ}, shape (S, n, H)."""
    log_a, log_h, log_k, drift = (sample[..., [i]] for i in range(CURVE))
    spans = np.broadcast_to(tenure, (*sample.shape[:2], tenure.shape[-1]))
    log_curve: Floats = log_a + weibull_log_curve(spans, log_h, log_k) + drift * spans
    return log_curve


def _steps(hyper: RampHyper, shape: tuple[int, ...], rng: np.random.Generator) -> Floats:
    return hyper.walk_sd * rng.standard_normal(shape) - 0.5 * hyper.walk_sd**2


def _deaths(hyper: RampHyper, shape: tuple[int, int], rng: np.random.Generator) -> Floats:
    """Whole months lived from now on, the hazard itself drawn once per draw."""
    worth = hyper.churn_weight
    hazard = rng.beta(hyper.churn * worth, (1 - hyper.churn) * worth, size=(shape[0], 1))
    return rng.geometric(np.clip(hazard, 1e-9, 1.0), size=shape).astype(float) - 1.0


def _orders(
    log_mu: Floats,
    dispersion: Floats,
    hyper: RampHyper,
    lives: NDArray[np.bool_],
    rng: np.random.Generator,
    first: NDArray[np.bool_] | None = None,
) -> Floats:
    """Compound Poisson-gamma sales, shape (S, n, H); at least one order where ``first``."""
    cv2 = hyper.deal_cv2
    size = dispersion[..., None] / (1.0 + cv2)
    rate = np.where(lives, np.exp(np.clip(log_mu, -40.0, 40.0)) / size, 0.0)
    rate = np.minimum(rate, 1e7)
    orders = rng.poisson(rate).astype(float)
    if first is not None:
        # given an arrival in the month, the first comes at a truncated-exponential time
        spent = -np.log1p(rng.random(rate.shape) * np.expm1(-rate))
        orders = np.where(first & lives, 1.0 + rng.poisson(np.maximum(rate - spent, 0.0)), orders)
    return np.where(orders > 0, rng.standard_gamma(orders / cv2) * cv2 * size, 0.0)
