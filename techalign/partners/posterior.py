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

from techalign.numbers.arrays import Counts, Floats
from techalign.partners.churn import weigh_silence
from techalign.partners.fisher_scoring import CURVE, weibull_log_curve
from techalign.partners.population import Population

__all__ = ["Posterior", "blocks", "curve", "mirrored", "resampled", "sample_members"]


_CELLS = 80_000  # draws x partners x months held at a time; a dozen arrays are as large


@dataclass(frozen=True, kw_only=True)
class Posterior:
    """Resampled draws of n active partners; the draws lie along the last axis.

    Parameters
    ----------
    theta : ndarray, shape (n, 4, S)
        (ln A, ln h, ln k, g).
    level : ndarray, shape (n, S)
        Where the random walk stands at the end of the data.
    alive : ndarray, shape (n, S)
        P(alive) at the end of the data under each draw.
    effective : ndarray, shape (n,)
        Effective number of draws before resampling.
    """

    theta: Floats
    level: Floats
    alive: Floats
    effective: Floats


def blocks(members: Population, draws: int) -> list[Counts]:
    """Split members into rows of which the draws take little memory at a time.

    Those that began together share a block, so that it holds few months before a first sale.
    """
    first = members.sales.clock.first
    order = np.argsort(first, kind="stable")
    filled = np.cumsum(draws * (members.months - first[order])) // _CELLS
    return np.split(order, np.flatnonzero(np.diff(filled)) + 1) if order.size else []


def sample_members(members: Population, draws: int, rng: np.random.Generator) -> Posterior:
    """Draw every active partner's curve, level and chance of being alive.

    Parameters
    ----------
    members : Population
        n active partners, 1 or more; several of :func:`blocks` one by one are faster.
    draws : int
        S.
    rng : numpy.random.Generator

    Returns
    -------
    Posterior
    """
    start = int(members.sales.clock.first.min())
    theta, level, log_density = _propose(members, start, draws, rng)
    log_target, alive = _log_target(theta, level, members, start)
    pick, effective = _picks(log_target - log_density, rng)
    return Posterior(
        theta=np.take_along_axis(theta, pick[:, None], axis=2),
        level=np.take_along_axis(level[:, -1], pick, axis=1),
        alive=np.take_along_axis(alive, pick, axis=1),
        effective=effective,
    )


def curve(theta: Floats, tenure: Floats) -> Floats:
    """Logarithm of A G(τ/h; k) e^{gτ}, shape (n, L, S).

    Parameters
    ----------
    theta : ndarray, shape (n, 4, S)
    tenure : ndarray, shape (n, L, 1) or (n, L, S)
        Months, positive.
    """
    log_a, log_h, log_k, drift = (theta[:, [i]] for i in range(CURVE))
    log_mu = weibull_log_curve(tenure, log_h, log_k)
    log_mu += log_a
    log_mu += drift * tenure
    return log_mu


def mirrored(middle: Floats, off: Floats, draws: int) -> Floats:
    """Lay ``middle`` + ``off`` and ``middle`` - ``off`` side by side: means settle sooner.

    Parameters
    ----------
    middle : ndarray, shape (...)
    off : ndarray, shape (..., ceil(S / 2))
        Draws of a law that is symmetric about zero.
    draws : int
        S.

    Returns
    -------
    ndarray, shape (..., S)
    """
    half = off.shape[-1]
    both = np.empty((*off.shape[:-1], draws))
    np.add(middle[..., None], off, out=both[..., :half])
    np.subtract(middle[..., None], off[..., : draws - half], out=both[..., half:])
    return both


def _propose(
    members: Population, start: int, draws: int, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Draw θ (n, 4, S) and levels (n, L, S) from month ``start`` on from their Gaussian law.

    The log density (n, S) leaves out what is the same for all draws.
    """
    spread, ramps = members.curvature, members.ramps
    pivot, link = spread.pivot[:, start:, None], spread.link[:, start:, None]
    noise = rng.standard_normal((len(pivot), CURVE, (draws + 1) // 2))
    level = rng.standard_normal((*pivot.shape[:2], (draws + 1) // 2))
    level *= np.isfinite(pivot)
    log_density = -0.5 * (_squares(noise) + _squares(level))
    theta = np.linalg.cholesky(spread.theta_cov) @ noise
    level /= np.sqrt(pivot)
    for month in range(pivot.shape[1] - 2, -1, -1):
        level[:, month] -= link[:, month] * level[:, month + 1]
    level += np.swapaxes(spread.follow[..., start:], 1, 2) @ theta
    return (
        mirrored(ramps.theta, theta, draws),
        mirrored(ramps.level[:, start:], level, draws),
        np.concatenate([log_density, log_density], axis=1)[:, :draws],
    )


def _log_target(
    theta: Floats, level: Floats, members: Population, start: int
) -> tuple[Floats, Floats]:
    """Log posterior of drawn unknowns up to a constant, and P(alive), both shape (n, S)."""
    sales, belief = members.sales, members.belief
    log_mu = curve(theta, sales.clock.tenure[:, start:, None])
    log_mu += level
    log_mu += sales.clock.common[start:, None]
    off = theta - belief.mean[..., None]
    target = -0.5 * ((belief.precision @ off) * off).sum(axis=1)
    steps = np.diff(level, axis=1)
    steps += 0.5 * belief.walk_sd**2
    steps *= sales.clock.later[:, start + 1 :, None]
    target -= 0.5 / belief.walk_sd**2 * _squares(steps)
    del steps
    sold = (members.observed & ~members.silent)[:, None, start:].astype(float)
    scaled = (sales.amount / sales.dispersion[:, None])[:, None, start:]
    target += ((sold * scaled) @ log_mu)[:, 0]
    rate = np.exp(np.minimum(log_mu, 40.0, out=log_mu), out=log_mu)
    rate *= (sales.deal_factor / sales.dispersion)[:, None, None]
    target -= (sold @ rate)[:, 0] / sales.deal_factor
    begin = np.maximum(rate[np.arange(len(rate)), sales.clock.first - start], 1e-12)
    target -= np.log(-np.expm1(-begin)) / sales.deal_factor
    silent = members.silent[:, start:]
    who, quiet = silent.any(axis=1), silent.any(axis=0)
    alive = np.ones(target.shape)
    if who.any():
        silence, alive[who] = weigh_silence(
            np.swapaxes(rate[np.ix_(who, quiet)], 1, 2),
            silent[np.ix_(who, quiet)][:, None],
            members.hazard()[np.ix_(who, np.arange(start, members.months)[quiet])][:, None],
        )
        target[who] += silence
    return target, alive


def resampled(log_weight: Floats, rng: np.random.Generator) -> Counts:
    """Places of draws resampled by their weights, shape (n, S), in random order.

    Parameters
    ----------
    log_weight : ndarray, shape (n, S)
        Log of target over proposal, up to a constant of each row.
    rng : numpy.random.Generator
    """
    return _picks(log_weight, rng)[0]


def _picks(log_weight: Floats, rng: np.random.Generator) -> tuple[Counts, Floats]:
    """Places of resampled draws (n, S), and the effective number of draws (n,)."""
    draws = log_weight.shape[1]
    weight = np.exp(log_weight - log_weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    # truncation bounds the variance that a few far draws would bring in (Ionides 2008)
    weight = np.minimum(weight, 1.0 / np.sqrt(draws))
    weight /= weight.sum(axis=1, keepdims=True)
    return _systematic(weight, rng), 1.0 / (weight**2).sum(axis=1)


def _squares(values: Floats) -> Floats:
    """Sum of squares over the middle axis, shape (n, S)."""
    total: Floats = np.einsum("nls,nls->ns", values, values)
    return total


def _systematic(weight: Floats, rng: np.random.Generator) -> Counts:
    """Systematic resampling of each row, then shuffled; shape (n, S)."""
    count, draws = weight.shape
    edges = np.ceil(weight.cumsum(axis=1) * draws - rng.random((count, 1)))
    edges = np.minimum(edges, draws)
    edges[:, -1] = draws
    copies = np.diff(edges, axis=1, prepend=0.0).astype(np.int64)
    picks = np.repeat(np.tile(np.arange(draws), count), copies.ravel()).reshape(count, draws)
    return rng.permuted(picks, axis=1)
