"""Draws of coming sales where orders are known: order rates, ends, orders and their worth.

What has been seen and what is to come are drawn together. The Gaussian law about the mode puts
weight where the orders seen rule it out, above all after a silence, so its draws are weighted by
the likelihood they stand for and resampled [1].

References
----------
[1] Rubin, D. B. (1988). Using the SIR algorithm to simulate posterior distributions. Bayesian
    Statistics 3, 395-402.
"""

from __future__ import annotations

import numpy as np

from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.partners.order_walk import level_cov
from techalign.partners.orders import HIGHEST, OrderFit, log_target
from techalign.partners.posterior import mirrored, resampled

__all__ = ["draw_newcomers", "draw_sellers"]

_CELLS = 300_000  # draws x partners x months held at a time; a few arrays are as large


def draw_sellers(
    fit: OrderFit,
    horizon: int,
    draws: int,
    rng: np.random.Generator,
    months: Floats | float = 0.0,
) -> Floats:
    """Draw the coming sales of partners that have sold.

    Parameters
    ----------
    fit : OrderFit
        Of n partners.
    horizon : int
        H, months.
    draws : int
        S.
    rng : numpy.random.Generator
    months : ndarray, shape (H, S), or 0
        What the coming months do to all, on the logarithm.

    Returns
    -------
    ndarray, shape (n, H, S)
        Money per month.
    """
    result = np.zeros((len(fit.x), horizon, draws))
    for age in np.unique(fit.length):
        rows = np.flatnonzero(fit.length == age)
        size = max(_CELLS // (draws * (int(age) + horizon)), 1)
        for start in range(0, rows.size, size):
            some = rows[start : start + size]
            shape = (int(age), horizon, draws)
            result[some] = _draw_alike(fit, some, shape, rng, months)
    return result


def _draw_alike(
    fit: OrderFit,
    rows: Counts,
    shape: tuple[int, int, int],
    rng: np.random.Generator,
    months: Floats | float,
) -> Floats:
    """Sales of partners of one age, shape (n, H, S); ``shape`` is (age, H, S)."""
    age, horizon, draws = shape
    past, alive = _draw_past(fit, rows, age, draws, rng)
    whole = level_cov(age + horizon, fit.hyper.spread)
    root = np.linalg.cholesky(whole)
    # given the past, what comes is root[age:] @ (the past's own noise, then new noise)
    noise = np.linalg.solve(root[:age, :age], (past - fit.mean[rows, :age, None]))
    new = rng.standard_normal((len(rows), horizon, (draws + 1) // 2))
    fresh = mirrored(np.zeros(new.shape[:2]), new, draws)
    ahead = root[age:, :age] @ noise + root[age:, age:] @ fresh
    ahead += _mean_ahead(fit, rows, age, horizon)[..., None]
    ahead += months
    lives = _lives(fit, np.full(alive.shape, float(age)), horizon, rng)
    lives &= (rng.random(alive.shape) < alive)[:, None]
    orders = rng.poisson(np.exp(np.minimum(ahead, HIGHEST)) * lives).astype(float)
    worth = fit.values.mean[rows, None] + fit.values.sd[rows, None] * rng.standard_normal(
        alive.shape
    )
    return fit.values.money(orders, worth[:, None], rng)


def _mean_ahead(fit: OrderFit, rows: Counts, age: int, horizon: int) -> Floats:
    shift = fit.traits[rows, 1:] @ fit.hyper.coef[1:]
    mean: Floats = fit.hyper.mean(age + horizon)[age:] + shift[:, None]
    return mean


def _draw_past(
    fit: OrderFit, rows: Counts, age: int, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats]:
    """Weighted draws of the log rates to date (n, age, S), and P(alive now) under each (n, S)."""
    root = np.linalg.cholesky(fit.cov[rows][:, :age, :age])
    half = rng.standard_normal((len(rows), age, (draws + 1) // 2))
    noise = mirrored(np.zeros(half.shape[:2]), half, draws)
    x = fit.x[rows, :age, None] + root @ noise
    np.clip(x, -30.0, HIGHEST, out=x)
    some = fit.rows(rows)
    target, died, lived = log_target(some, x)
    target += 0.5 * np.einsum("nts,nts->ns", noise, noise)
    alive = np.ones(target.shape)
    alive[some.silent[:, :age].any(axis=1)] = lived / (died.sum(axis=-1) + lived)
    pick = resampled(target, rng)
    return (
        np.take_along_axis(x, pick[:, None], axis=2),
        np.take_along_axis(alive, pick, axis=1),
    )


def _lives(fit: OrderFit, tenure: Floats, horizon: int, rng: np.random.Generator) -> Flags:
    """Whether each still lives in the coming months, shape (n, H, S), if it does now.

    ``tenure``, shape (n, S), is the month since the first sale that the first coming month is.
    """
    hazard = fit.hyper.hazard(tenure[:, None] + np.arange(float(horizon))[:, None])
    lives: Flags = np.logical_and.accumulate(rng.random(hazard.shape) >= hazard, axis=1)
    return lives


def draw_newcomers(
    fit: OrderFit,
    strategic: Floats,
    horizon: int,
    draws: int,
    rng: np.random.Generator,
    months: Floats | float = 0.0,
) -> Floats:
    """Draw the sales of partners from the month of their first sale on.

    Parameters
    ----------
    fit : OrderFit
        The population they come from.
    strategic : ndarray, shape (n,)
        1 or 0.
    horizon : int
        H, months, that of the first sale counted.
    draws : int
        S.
    rng : numpy.random.Generator
    months : ndarray, shape (n, H, S), or 0
        What the months from each first sale on do to all, on the logarithm.

    Returns
    -------
    ndarray, shape (n, H, S)
        Money per month.
    """
    count, values, hyper = len(strategic), fit.values, fit.hyper
    z = rng.standard_normal((count, draws))
    # what few partners leave open about the middle of all partners
    loose = 1.0 / np.sqrt(0.25 + len(fit.x) / (hyper.spread[0] ** 2 + hyper.spread[2] ** 2))
    shift = hyper.coef[1] * z + hyper.coef[2] * strategic[:, None]
    shift += loose * rng.standard_normal(draws)
    root = np.linalg.cholesky(level_cov(horizon, hyper.spread))
    x = root @ rng.standard_normal((count, horizon, draws))
    x += hyper.mean(horizon)[:, None] + shift[:, None]
    x += months
    rate = np.exp(np.minimum(x, HIGHEST)) * _lives(fit, np.zeros((count, draws)), horizon, rng)
    rate[:, 0] *= 0.5
    orders = rng.poisson(rate).astype(float)
    orders[:, 0] += 1.0
    return values.money(orders, (values.centre + values.between * z)[:, None], rng)
