"""Draws from what the data leave open about partners that have sold.

The Gaussian approximation around the mode is wrong where it matters most: after a silence it
puts weight on high sales rates that the silence rules out, and forecast means explode. So its
draws are weighted by the likelihood they stand for and resampled [1], the months of silence
entering with the chance that the partner had died.

References
----------
[1] Rubin, D. B. (1988). Using the SIR algorithm to simulate posterior distributions. Bayesian
    Statistics 3, 395-402.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.partners.churn import alive_weights, log_silence
from techalign.partners.growth import weibull_log_curve
from techalign.partners.population import Population
from techalign.partners.scoring import CURVE

__all__ = ["Posterior", "antithetic", "sample_members"]

Floats = NDArray[np.float64]

_CELLS = 4_000_000  # draws x partners x months held at a time


@dataclass(frozen=True)
class Posterior:
    """Resampled draws of n active partners.

    Parameters
    ----------
    theta : ndarray, shape (S, n, 4)
        (ln A, ln h, ln k, g).
    level : ndarray, shape (S, n)
        Where the random walk stands at the end of the data.
    alive : ndarray, shape (S, n)
        P(alive) at the end of the data under each draw.
    effective : ndarray, shape (n,)
        Effective number of draws before resampling.
    """

    theta: Floats
    level: Floats
    alive: Floats
    effective: Floats


def sample_members(members: Population, draws: int, rng: np.random.Generator) -> Posterior:
    """Draw every active partner's curve, level and chance of being alive.

    Parameters
    ----------
    members : Population
        n active partners, T months.
    draws : int
        S.
    rng : numpy.random.Generator

    Returns
    -------
    Posterior
    """
    size = max(1, _CELLS // max(1, draws * members.months))
    order = np.arange(len(members.x))
    parts = [
        _sample(members.rows(np.isin(order, order[at : at + size])), draws, rng)
        for at in range(0, max(len(order), 1), size)
    ]
    return Posterior(
        np.concatenate([part.theta for part in parts], axis=1),
        np.concatenate([part.level for part in parts], axis=1),
        np.concatenate([part.alive for part in parts], axis=1),
        np.concatenate([part.effective for part in parts]),
    )


def antithetic(rng: np.random.Generator, shape: tuple[int, int, int]) -> Floats:
    """Normal draws whose second half mirrors the first, so that means settle sooner."""
    half = rng.standard_normal(((shape[0] + 1) // 2, *shape[1:]))
    return np.concatenate([half, -half])[: shape[0]]


def _sample(members: Population, draws: int, rng: np.random.Generator) -> Posterior:
    count, width = members.x.shape
    noise = antithetic(rng, (draws, count, width))
    # (n, S, P) keeps the products contiguous: several times faster on long histories
    roots = np.swapaxes(np.linalg.cholesky(members.cov), 1, 2)
    x = np.swapaxes(np.ascontiguousarray(np.swapaxes(noise, 0, 1)) @ roots, 0, 1) + members.x
    level, log_mu = _paths(x, members)
    rate = members.sales.deal_rate(log_mu)
    log_weight = _log_target(x, log_mu, rate, members) + 0.5 * np.einsum(
        "snp,snp->sn", noise, noise
    )
    weight = np.exp(log_weight - log_weight.max(axis=0))
    weight /= weight.sum(axis=0)
    # truncation bounds the variance that a few far draws would bring in (Ionides 2008)
    weight = np.minimum(weight, 1.0 / np.sqrt(draws))
    weight /= weight.sum(axis=0)
    pick = _systematic(weight, rng), np.arange(count)
    alive = alive_weights(rate, members.silent, members.hyper.churn)[..., -1]
    return Posterior(x[..., :CURVE][pick], level[pick], alive[pick], 1.0 / (weight**2).sum(axis=0))


def _paths(x: Floats, members: Population) -> tuple[Floats, Floats]:
    """Final level (S, n) and log expected sales (S, n, T) of drawn unknowns."""
    first = members.sales.first[:, None]
    clock = np.arange(members.months)
    tenure = np.maximum(clock - first, 0) + 0.5
    log_curve = weibull_log_curve(tenure, x[..., 1:2], x[..., 2:3])
    walk = np.zeros((*x.shape[:2], members.months))
    walk[..., 1:] = np.where(clock[1:] > first, x[..., CURVE:], 0.0).cumsum(axis=-1)
    return walk[..., -1], x[..., :1] + log_curve + x[..., 3:4] * tenure + walk


def _log_target(x: Floats, log_mu: Floats, rate: Floats, members: Population) -> Floats:
    """Log posterior of drawn unknowns up to a constant, shape (S, n)."""
    sales = members.sales
    mean, precision = members.prior_moments()
    off = x - mean
    # curve parameters share a covariance; the innovations are independent of all else
    curve, steps = off[..., :CURVE], off[..., CURVE:]
    target = -0.5 * ((curve @ precision[:CURVE, :CURVE]) * curve).sum(axis=-1)
    if steps.shape[-1]:
        target -= 0.5 * precision[-1, -1] * np.einsum("snp,snp->sn", steps, steps)
    sold = members.observed & ~members.silent
    scaled = sales.amount / sales.dispersion[:, None]
    terms = scaled * log_mu - rate / sales.deal_factor
    target += np.where(sold, terms, 0.0).sum(axis=-1)
    rows = np.arange(len(mean))
    start = np.maximum(rate[:, rows, sales.first], 1e-12)
    target -= np.log(-np.expm1(-start)) / sales.deal_factor
    silence: Floats = log_silence(rate, members.silent, members.hyper.churn)
    log_target: Floats = target + silence
    return log_target


def _systematic(weight: Floats, rng: np.random.Generator) -> NDArray[np.int64]:
    """Systematic resampling of each column, then shuffled; shape (S, n)."""
    draws, count = weight.shape
    edges = weight.cumsum(axis=0)
    points = (rng.random(count) + np.arange(draws)[:, None]) / draws
    picks = np.empty((draws, count), dtype=np.int64)
    for column in range(count):
        found = np.searchsorted(edges[:, column], points[:, column])
        picks[:, column] = rng.permutation(np.minimum(found, draws - 1))
    return picks
