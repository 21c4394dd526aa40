"""One latent factor makes events happen together.

Event i happens when sqrt(rho) m + sqrt(1 - rho) e_i is below its threshold, with the common
factor m and its own e_i standard normal. Given m, events are independent [1].

References
----------
[1] Vasicek, O. (2002). The distribution of loan portfolio value. Risk 15(12), 160-162.
[2] Hull, J. (2018). Risk Management and Financial Institutions, 5th ed., sec. 11.5. Wiley.
[3] Demarta, S. and McNeil, A. J. (2005). The t copula and related copulas. International
    Statistical Review 73(1), 111-129.
[4] Gautschi, W. (2004). Orthogonal Polynomials: Computation and Approximation, sec. 2.2.3: the
    discretized Stieltjes procedure.
"""

from __future__ import annotations

from functools import cache
from math import lgamma

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats

__all__ = ["conditional_pd", "factor_nodes", "mixing_nodes", "worst_case_rate"]


def conditional_pd(
    pd: ArrayLike,
    rho: ArrayLike,
    factor: ArrayLike,
    mixing: ArrayLike | None = None,
    nu: float = 4.0,
) -> Floats:
    """Probability given the common factor: Phi((Phi^-1(pd) - sqrt(rho) m)/...) [1].

    Parameters
    ----------
    pd : array_like, shape (n,)
        Unconditional probabilities, 0 to 1.
    rho : array_like, shape () or (n,)
        Correlation of the latent variables, at least 0 and below 1.
    factor : array_like, shape (M,)
        Values of m; a bad year is negative times minus one, that is a large negative m.
    mixing : array_like, shape (M,), optional
        Values of v, by which every latent variable is divided under the t copula [3]: the
        threshold is then v times the quantile of Student's t.
    nu : float
        Degrees of freedom of the t copula, positive.

    Returns
    -------
    ndarray, shape (n, M)
        0 and 1 stay as they are.

    Examples
    --------
    In a bad year, with the factor two standard deviations below its mean, 3 % become 12 %:

    >>> conditional_pd([0.03], 0.15, [-2.0, 0.0, 2.0]).round(3).tolist()
    [[0.115, 0.021, 0.002]]
    """
    from scipy.special import ndtr, ndtri, stdtrit

    load = np.broadcast_to(np.asarray(rho, float), np.shape(pd))[..., None]
    chance = np.asarray(pd, dtype=float)[..., None]
    bound = ndtri(chance) if mixing is None else stdtrit(nu, chance) * np.asarray(mixing, float)
    given: Floats = ndtr((bound - np.sqrt(load) * np.asarray(factor, float)) / np.sqrt(1.0 - load))
    return given


def worst_case_rate(pd: ArrayLike, rho: ArrayLike, level: ArrayLike) -> Floats:
    """Share of a very large number of like events that happen, not exceeded with ``level`` [2].

    Parameters
    ----------
    pd, rho, level : array_like, broadcastable
        Probability of each, correlation, probability, each 0 to 1.

    Returns
    -------
    ndarray
        Share, 0 to 1.

    Examples
    --------
    >>> float(worst_case_rate(0.01, 0.2, 0.999).round(3))
    0.146
    """
    from scipy.special import ndtr, ndtri

    load = np.asarray(rho, dtype=float)
    bound, worst = ndtri(np.asarray(pd, float)), ndtri(np.asarray(level, float))
    return np.asarray(ndtr((bound + np.sqrt(load) * worst) / np.sqrt(1.0 - load)))


def factor_nodes(nodes: int) -> tuple[Floats, Floats]:
    """Gauss-Hermite nodes and weights for a standard normal factor.

    Parameters
    ----------
    nodes : int
        How many, 2 to 200. Those whose weight is below 1e-14 are left out.

    Returns
    -------
    factor, weight : ndarray, shape (M,)
        The weights add up to 1.
    """
    if not 2 <= nodes <= 200:
        raise ModelError("nodes", "must be 2 to 200", value=nodes)
    return _factor_nodes(nodes)


@cache
def _factor_nodes(nodes: int) -> tuple[Floats, Floats]:
    factor, weight = np.polynomial.hermite_e.hermegauss(nodes)
    weight = weight / weight.sum()
    kept = weight > 1e-14
    found = factor[kept], weight[kept] / weight[kept].sum()
    for values in found:  # shared by all who ask
        values.flags.writeable = False
    return found


def mixing_nodes(nodes: int, nu: float) -> tuple[Floats, Floats]:
    """Gauss nodes and weights for v = sqrt(chi-squared / nu), by Stieltjes' procedure [4].

    Parameters
    ----------
    nodes : int
        How many, 2 to 100.
    nu : float
        Degrees of freedom, at least 1.

    Returns
    -------
    mixing, weight : ndarray, shape (nodes,)
        Positive; the weights add up to 1.
    """
    if not 2 <= nodes <= 100:
        raise ModelError("mixing_nodes", "must be 2 to 100", value=nodes)
    if not 1 <= nu < np.inf:
        raise ModelError("nu", "must be at least 1", value=nu)
    # far enough out on a fine rule; beyond, the density is below 1e-30
    end = 1.0 + 12.0 / np.sqrt(nu)
    point, rule = np.polynomial.legendre.leggauss(16)
    panel = np.arange(40)[:, None]
    v = ((point + 1.0) / 2.0 + panel).ravel() * end / panel.size
    rule = np.tile(rule, panel.size)
    log_density = (nu - 1.0) * np.log(v) - nu * v * v / 2.0
    log_density += np.log(2.0) + nu / 2.0 * np.log(nu / 2.0) - lgamma(nu / 2.0)
    mass = rule * np.exp(log_density)
    mass /= mass.sum()
    diagonal, beside = np.empty(nodes), np.empty(nodes)
    before, now = np.zeros_like(v), np.ones_like(v)
    for k in range(nodes):
        diagonal[k] = mass @ (v * now * now)
        after = (v - diagonal[k]) * now - (beside[k - 1] if k else 0.0) * before
        beside[k] = np.sqrt(mass @ (after * after))
        before, now = now, after / beside[k]
    jacobi = np.diag(diagonal) + np.diag(beside[:-1], 1) + np.diag(beside[:-1], -1)
    nodes_found, vectors = np.linalg.eigh(jacobi)
    return nodes_found, vectors[0] ** 2
