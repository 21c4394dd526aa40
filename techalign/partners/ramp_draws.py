"""Draws of coming sales from ramps: the level wanders on, the partner may end, orders come.

Apart from :mod:`techalign.partners.forecast`, because a fit, too, draws from its own past to see
which of two models a client's partners follow.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.partners.population import Population, RampHyper
from techalign.partners.posterior import Posterior, blocks, curve, mirrored, sample_members

__all__ = [
    "SharedDraws",
    "draw_orders",
    "draw_ramps",
    "draw_shared",
    "months_lived",
    "wander",
]


@dataclass(frozen=True)
class SharedDraws:
    """What is not known of all partners at once: it does not average out in their total.

    Parameters
    ----------
    hazard : ndarray, shape (S,)
        Chance to end in a month.
    coef : ndarray, shape (4, 2, S)
        What the coefficients of the curve parameters are off those fitted.
    months : ndarray, shape (H, S)
        What the coming months do to sales, on the logarithm.
    """

    hazard: Floats
    coef: Floats
    months: Floats

    @property
    def draws(self) -> int:
        """S."""
        return self.hazard.size

    def every(self, places: slice) -> SharedDraws:
        """Give some of the draws."""
        return SharedDraws(self.hazard[places], self.coef[..., places], self.months[:, places])


def draw_shared(
    hyper: RampHyper, horizon: int, draws: int, rng: np.random.Generator
) -> SharedDraws:
    """Draw what all partners have in common.

    Parameters
    ----------
    hyper : RampHyper
    horizon : int
        H, months.
    draws : int
        S.
    rng : numpy.random.Generator

    Returns
    -------
    SharedDraws
    """
    worth = hyper.churn_weight
    hazard = rng.beta(hyper.churn * worth, (1 - hyper.churn) * worth, size=draws)
    half = rng.standard_normal((hyper.coef.size, (draws + 1) // 2))
    half = (np.linalg.cholesky(hyper.coef_cov) @ half).reshape(*hyper.coef.T.shape, -1)
    return SharedDraws(
        hazard=np.clip(hazard, 1e-9, 1.0),
        coef=mirrored(np.zeros(half.shape[:2]), half, draws),
        months=hyper.month_sd * rng.standard_normal((horizon, draws))
        if hyper.month_sd
        else np.zeros((horizon, draws)),
    )


def draw_ramps(
    members: Population, shared: SharedDraws, horizon: int, rng: np.random.Generator
) -> Iterator[tuple[Counts, Floats]]:
    """Sales of partners that have sold and whose agreement runs, some partners at a time.

    Parameters
    ----------
    members : Population
        Of n partners.
    shared : SharedDraws
        S of them.
    horizon : int
        H, months.
    rng : numpy.random.Generator

    Yields
    ------
    rows : ndarray, shape (m,)
        Places of the m partners among the n; each comes once.
    sales : ndarray, shape (m, H, S)
        Money per month.
    """
    if shared.draws:
        # glibc gives what is freed back to the system, to fault it in anew for each block, until it
        # has freed one array that is larger; this one is never touched and takes no memory
        np.empty(1_600_000)
        for rows in blocks(members, shared.draws):
            yield rows, _draw_block(members.rows(rows), shared, horizon, rng)


def _draw_block(
    members: Population, shared: SharedDraws, horizon: int, rng: np.random.Generator
) -> Floats:
    """Sales of a block of partners that fits into fast memory, shape (n, H, S)."""
    hazard = shared.hazard
    sample = sample_members(members, hazard.size, rng)
    theta, level = _moved(sample, members, shared.coef)
    tenure = members.sales.clock.tenure[:, -1:] + 1.0 + np.arange(float(horizon))
    log_mu = curve(theta, tenure[..., None])
    log_mu += level[:, None]
    half = rng.standard_normal((*log_mu.shape[:2], (hazard.size + 1) // 2))
    log_mu += shared.months
    log_mu += wander(members.hyper, mirrored(np.zeros(half.shape[:2]), half, hazard.size))
    months = months_lived(hazard, len(log_mu), rng)
    months[rng.random(months.shape) >= sample.alive] = 0.0
    lives = np.arange(horizon)[:, None] < months[:, None]
    if members.hyper.churn_early:
        stays = np.cumprod(1.0 - members.hyper.early(tenure - 0.5), axis=1)
        lives &= rng.random((len(stays), 1, hazard.size)) < stays[..., None]
    dispersion = members.sales.dispersion * members.money_factor
    return draw_orders(log_mu, dispersion[:, None], members.hyper, lives, rng)


def _moved(sample: Posterior, members: Population, coef: Floats) -> tuple[Floats, Floats]:
    """Curves (n, 4, S) and last levels (n, S), each where its mean moves if the population's does.

    Of a normal law the mean given the data moves by the posterior over the prior covariance, times
    what the prior mean moves by, and the level goes along so that what was sold stays as likely.
    """
    spread = members.curvature
    gain = (spread.theta_cov @ members.belief.precision) @ np.einsum("nz,pzs->nps", members.z, coef)
    follow = (spread.follow[:, None, :, -1] @ gain)[:, 0]
    return sample.theta + gain, sample.level + follow


def wander(hyper: RampHyper, noise: Floats, moves: Flags | None = None) -> Floats:
    """Paths of the level from its present place, shape (n, H, S); it rests unless it ``moves``."""
    noise *= hyper.walk_sd
    noise -= 0.5 * hyper.walk_sd**2
    if moves is not None:
        noise *= moves
    return np.cumsum(noise, axis=1, out=noise)


def months_lived(hazard: Floats, count: int, rng: np.random.Generator) -> Floats:
    """Whole months lived from now on, shape (n, S)."""
    return rng.geometric(hazard, size=(count, hazard.size)).astype(float) - 1.0


def draw_orders(
    log_mu: Floats,
    dispersion: Floats,
    hyper: RampHyper,
    lives: Flags,
    rng: np.random.Generator,
    first: Flags | None = None,
) -> Floats:
    """Compound Poisson-gamma sales, shape (n, H, S); at least one order where ``first``."""
    cv2 = hyper.deal_cv2
    size = dispersion[:, None] / (1.0 + cv2)
    rate = np.exp(np.clip(log_mu, -40.0, 40.0, out=log_mu), out=log_mu)
    rate /= size
    np.minimum(rate, 1e7, out=rate)
    rate *= lives
    if first is None:
        orders = rng.poisson(rate)
    else:
        # given an arrival in the month, the first comes at a truncated-exponential time
        begins = np.broadcast_to(first & lives, rate.shape)
        come = rate[begins]
        spent = -np.log1p(rng.random(rate.shape)[begins] * np.expm1(-come))
        rate[begins] = np.maximum(come - spent, 0.0)
        orders = rng.poisson(rate) + begins
    np.divide(orders, cv2, out=rate)
    del orders
    sales: Floats = rng.standard_gamma(rate)
    sales *= cv2
    sales *= size
    return sales
