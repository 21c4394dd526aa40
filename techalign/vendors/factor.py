"""One latent factor makes vendors fail together.

Vendor i ceases when sqrt(rho) m + sqrt(1 - rho) e_i is below its threshold, with the common
factor m and its own e_i standard normal. Given m, vendors are independent [1].

References
----------
[1] Vasicek, O. (2002). The distribution of loan portfolio value. Risk 15(12), 160-162.
[2] Hull, J. (2018). Risk Management and Financial Institutions, 5th ed., sec. 11.5. Wiley.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.special import ndtr, ndtri

from techalign.errors import ModelError

__all__ = ["conditional_pd", "factor_nodes", "worst_case_rate"]

Floats = NDArray[np.float64]


def conditional_pd(pd: ArrayLike, rho: ArrayLike, factor: ArrayLike) -> Floats:
    """Probability of ceasing given the common factor: Phi((Phi^-1(pd) - sqrt(rho) m)/...) [1].

    Parameters
    ----------
    pd : array_like, shape (n,)
        Unconditional probabilities, 0 to 1.
    rho : array_like, shape () or (n,)
        Correlation of the latent variables, at least 0 and below 1.
    factor : array_like, shape (M,)
        Values of m; a bad year is negative times minus one, that is a large negative m.

    Returns
    -------
    ndarray, shape (n, M)
        0 and 1 stay as they are.
    """
    load = np.broadcast_to(np.asarray(rho, float), np.shape(pd))[..., None]
    bound = ndtri(np.asarray(pd, dtype=float))[..., None]
    given: Floats = ndtr((bound - np.sqrt(load) * np.asarray(factor, float)) / np.sqrt(1.0 - load))
    return given


def worst_case_rate(pd: ArrayLike, rho: ArrayLike, level: ArrayLike) -> Floats:
    """Share of a very large, uniform portfolio that ceases, not exceeded with ``level`` [2].

    Parameters
    ----------
    pd, rho, level : array_like, broadcastable
        Probability of ceasing, correlation, probability, each 0 to 1.

    Returns
    -------
    ndarray
        Share, 0 to 1.
    """
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
    factor, weight = np.polynomial.hermite_e.hermegauss(nodes)
    weight = weight / weight.sum()
    kept = weight > 1e-14
    return factor[kept], weight[kept] / weight[kept].sum()
