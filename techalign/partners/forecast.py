"""Draws of what every partner will sell, because plans need the spread and not only the mean.

Everything uncertain is drawn: the population, each partner's curve and level given its sales,
whether it is still alive, when a silent one starts, how the level wanders on, and the orders of
every month.

References
----------
[1] Anderson, T. W. (2003). An Introduction to Multivariate Statistical Analysis, 3rd ed.,
    theorem 7.2.1 (Bartlett's decomposition). Wiley.
"""

from __future__ import annotations

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Floats
from techalign.partners.activation import Activation
from techalign.partners.fisher_scoring import CURVE
from techalign.partners.order_draws import draw_newcomers, draw_sellers
from techalign.partners.population import design
from techalign.partners.posterior import curve, mirrored
from techalign.partners.ramp import RampFit
from techalign.partners.ramp_draws import (
    SharedDraws,
    draw_orders,
    draw_ramps,
    draw_shared,
    months_lived,
    wander,
)

__all__ = ["forecast"]


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

    Examples
    --------
    >>> from techalign.partners import fit_activation, fit_ramp, panel_of
    >>> sold = np.random.default_rng(1).gamma(4.0, 250.0, (3, 12))
    >>> sold[2] = 0.0  # signed, and yet to sell
    >>> panel = panel_of(sold, np.array([0, 0, 9]))
    >>> draws = forecast(fit_activation(panel), fit_ramp(panel), 6, 500, np.random.default_rng(2))
    >>> draws.shape
    (500, 3, 6)
    >>> print((draws.sum(axis=2) > 0).mean(axis=0).round(1))  # chance to sell at all
    [1.  1.  0.3]
    """
    if horizon_months < 1:
        raise ModelError("horizon_months", "must be 1 or more", value=horizon_months)
    if draws < 1:
        raise ModelError("draws", "must be 1 or more", value=draws)
    panel = ramp.panel
    # the draws lie along the last axis while they are made: long runs are what numpy is fast at
    result = np.zeros((len(panel.partner), horizon_months, draws))
    shared = draw_shared(ramp.hyper, horizon_months, draws, rng)
    selling = np.flatnonzero(panel.active & ~panel.ended)
    members = ramp.members.rows(~panel.ended[panel.active])
    own = slice(None) if ramp.orders is None else slice(1, None, 2)
    for rows, sales in draw_ramps(members, shared.every(own), horizon_months, rng):
        result[selling[rows], :, own] = sales
    if ramp.orders is not None:
        _mix_in_orders(result, ramp, selling, shared.months, rng)
    waiting = np.flatnonzero(~panel.active & ~panel.ended)
    if activation is not None and waiting.size:
        result[waiting] = _draw_waiting(activation, ramp, waiting, shared, rng)
    return np.moveaxis(result, -1, 0)


def _mix_in_orders(
    result: Floats, ramp: RampFit, selling: Counts, months: Floats, rng: np.random.Generator
) -> None:
    """Put the order model's futures into every second draw: both together are nearer."""
    if ramp.orders is None or not selling.size:
        return
    fit = ramp.orders.rows(~ramp.panel.ended[ramp.panel.active])
    horizon, draws = result.shape[1:]
    result[selling, :, ::2] = draw_sellers(fit, horizon, (draws + 1) // 2, rng, months[:, ::2])


def _draw_waiting(
    activation: Activation,
    ramp: RampFit,
    rows: Counts,
    shared: SharedDraws,
    rng: np.random.Generator,
) -> Floats:
    """Sales of partners yet to sell: a start drawn from activation, a ramp from the population."""
    horizon = len(shared.months)
    age = ramp.panel.revenue.shape[1] - ramp.panel.contract_month[rows]
    slow = ramp.panel.strategic[rows]
    cycles = ramp.panel.cycles[rows]
    wait = activation.draw_start(age, slow, horizon, shared.draws, rng, cycles).T
    if ramp.orders is not None:
        since = _since(shared.months, wait)
        sales = draw_newcomers(ramp.orders, slow.astype(float), horizon, shared.draws, rng, since)
        return _started(sales, wait)
    # only draws that start have a ramp: they stand side by side as if of one partner
    starts = np.isfinite(wait)
    theta = np.swapaxes(_new_members(ramp, rows, shared, rng), 0, 1)[:, starts][None]
    tenure = np.arange(horizon)[:, None] - wait[starts]
    log_mu = curve(theta, np.maximum(tenure, 0.0)[None] + 0.5)
    log_mu += shared.months[:, np.nonzero(starts)[1]]
    log_mu += wander(ramp.hyper, rng.standard_normal(log_mu.shape), tenure > 0)
    lives = (tenure >= 0) & (tenure <= months_lived(shared.hazard, len(rows), rng)[starts])
    if ramp.hyper.churn_early:
        stays = np.cumprod(np.append(1.0, 1.0 - ramp.hyper.early(np.arange(1.0, horizon))))
        lives &= rng.random(lives.shape[1]) < stays[np.maximum(tenure, 0.0).astype(np.int64)]
    dispersion = ramp.members.money_factor * ramp.hyper.dispersion(theta[:, 0])
    sales = np.zeros((*wait.shape, horizon))
    sales[starts] = draw_orders(log_mu, dispersion, ramp.hyper, lives, rng, tenure == 0)[0].T
    return np.swapaxes(sales, 1, 2)


def _since(months: Floats, wait: Floats) -> Floats:
    """Effects of months, shape (H, S), counted from the month ``wait``, (n, S): (n, H, S)."""
    horizon, draws = months.shape
    place = np.where(np.isfinite(wait), wait, 0.0)[:, None] + np.arange(horizon)[:, None]
    since: Floats = months[np.minimum(place, horizon - 1).astype(np.int64), np.arange(draws)]
    return since


def _started(sales: Floats, wait: Floats) -> Floats:
    """Move sales since the first, shape (n, H, S), to the month ``wait``, (n, S), it comes in."""
    month = np.arange(sales.shape[1])[:, None] - wait[:, None]
    place = np.where(month >= 0, month, 0.0).astype(np.int64)
    moved: Floats = np.where(month >= 0, np.take_along_axis(sales, place, axis=1), 0.0)
    return moved


def _new_members(
    ramp: RampFit, rows: Counts, shared: SharedDraws, rng: np.random.Generator
) -> Floats:
    """Curves of unseen partners, shape (n, 4, S), the population itself drawn once per draw."""
    hyper, z, draws = ramp.hyper, design(ramp.panel)[rows], shared.draws
    coef = hyper.coef.T[..., None] + shared.coef
    spread = inverse_wishart_roots(hyper.weight + CURVE + 1, hyper.sigma * hyper.weight, draws, rng)
    half = rng.standard_normal((len(rows), CURVE, (draws + 1) // 2))
    noise = mirrored(np.zeros(half.shape[:2]), half, draws)
    theta: Floats = np.einsum("nz,pzs->nps", z, coef) + np.einsum("spq,nqs->nps", spread, noise)
    return theta


def inverse_wishart_roots(
    weight: float, scale: Floats, draws: int, rng: np.random.Generator
) -> Floats:
    """Draw R with R Rᵀ of the inverse Wishart law, by Bartlett's decomposition [1].

    Parameters
    ----------
    weight : float
        Degrees of freedom, above p - 1.
    scale : ndarray, shape (p, p)
    draws : int
        S.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (S, p, p)
        With mean of R Rᵀ = ``scale`` / (``weight`` - p - 1).
    """
    size = len(scale)
    bartlett = np.tril(rng.standard_normal((draws, size, size)), -1)
    place = np.arange(size)
    bartlett[:, place, place] = np.sqrt(rng.chisquare(weight - place, (draws, size)))
    # Λ = K A Aᵀ Kᵀ is Wishart about scale⁻¹ = K Kᵀ; hence its inverse is R Rᵀ, R = (K A)⁻ᵀ
    root = np.linalg.cholesky(np.linalg.inv(scale))
    inverse: Floats = np.swapaxes(np.linalg.inv(root @ bartlett), 1, 2).astype(float)
    return inverse
