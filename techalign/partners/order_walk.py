"""How far order rates lie apart and wander: the covariance of a partner's levels, and its fit.

K over the months since the first sale is s² + a² min(u, v) + w² [u = v]: partners differ by s, the
level walks by a a month, and a month has noise w of its own. The Cholesky factor of K over t months
is the leading block of that over all, so partners of all ages are whitened by one triangular
matrix; its derivative by a parameter is L Φ(L⁻¹ dK L⁻ᵀ), where Φ takes the lower triangle and half
of the diagonal [1].

References
----------
[1] Särkkä, S. (2013). Bayesian Filtering and Smoothing, theorem A.1. Cambridge University Press.
"""

from __future__ import annotations

import numpy as np

from techalign.numbers.arrays import Floats
from techalign.partners.priors import OrderPrior

__all__ = ["fit_spread", "level_cov", "spread_loss"]


def level_cov(months: int, spread: Floats) -> Floats:
    """K over the first months, shape (months, months)."""
    t = np.arange(float(months))
    s, a, w = spread
    cov: Floats = s**2 + a**2 * np.minimum(t[:, None], t) + w**2 * np.eye(months)
    return cov


def fit_spread(moment: Floats, count: Floats, prior: OrderPrior, start: Floats) -> Floats:
    """(s, a, w) given the second moments of levels about their means.

    Parameters
    ----------
    moment : ndarray, shape (T, T, T)
        The t-th matrix sums over the partners that have reached month t.
    count : ndarray, shape (T,)
        How many those are.
    prior : OrderPrior
    start : ndarray, shape (3,)
        (s, a, w) from which the search begins; a few steps are taken.

    Returns
    -------
    ndarray, shape (3,)

    Examples
    --------
    >>> levels = np.random.default_rng(1).normal(0.0, 2.0, (400, 1))
    >>> found = fit_spread(
    ...     levels.T[None] @ levels, np.array([400.0]), OrderPrior(), np.array([1.2, 0.3, 0.3]))
    >>> bool(abs(np.hypot(found[0], found[2]) - 2.0) < 0.2)
    True
    """
    from scipy.optimize import minimize

    def loss(params: Floats) -> tuple[float, Floats]:
        return spread_loss(params, moment, count, prior)

    first = np.log(start)
    found = minimize(loss, first, jac=True, method="BFGS", options={"gtol": 1e-2, "maxiter": 6})
    spread: Floats = np.exp(np.clip(found.x, -4.0, np.log([7.0, prior.widest_walk, 2.0])))
    return spread


def spread_loss(
    params: Floats, moment: Floats, count: Floats, prior: OrderPrior
) -> tuple[float, Floats]:
    """Negative log posterior of (ln s, ln a, ln w) up to a constant, and its gradient."""
    months = len(count)
    white = np.linalg.inv(np.linalg.cholesky(level_cov(months, np.exp(params))))
    told = (moment @ white[..., None])[..., 0]
    fit_to = (told * white).sum() - 2.0 * (count @ np.log(np.diag(white)))
    off = (params - prior.spread) / prior.spread_sd

    clock, total = np.arange(float(months)), white.sum(axis=1)
    walked = white @ np.minimum(clock[:, None], clock) @ white.T
    by = np.stack([np.outer(total, total), walked, white @ white.T])
    half = np.tril(by) - 0.5 * by * np.eye(months)
    weight = np.diag(count) - told @ white.T
    slope = 2.0 * np.exp(2.0 * params) * (half * weight).sum(axis=(1, 2))
    return 0.5 * float(fit_to + off @ off), slope + off / prior.spread_sd
