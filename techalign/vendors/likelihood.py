"""The log likelihood of lifetimes under proportional hazards, with gradient and Hessian.

One row contributes [1, sec. 3.5]::

    exact or censored   event (log h(stop) + x beta) - (H(stop) - H(entry))
    interval            log(1 - exp(-(H(upper) - H(stop)))) - (H(stop) - H(entry))

where H carries the factor exp(x beta). Rows are taken in blocks that fit the processor's cache.

References
----------
[1] Klein, J. P. and Moeschberger, M. L. (2003). Survival Analysis, 2nd ed. Springer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from techalign.vendors.families import Terms, terms
from techalign.vendors.lifetimes import Lifetimes

__all__ = ["log_likelihood"]

Floats = NDArray[np.float64]

BLOCK = 8192


def log_likelihood(
    lifetimes: Lifetimes, dist: str, parameters: Floats
) -> tuple[float, Floats, Floats]:
    """Log likelihood with its gradient and Hessian.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with p covariates.
    dist : str
        A family of :mod:`techalign.vendors.families` with k parameters.
    parameters : ndarray, shape (k + p,)
        Logarithmic parameters, then the coefficients of the covariates.

    Returns
    -------
    value : float
    gradient : ndarray, shape (k + p,)
    hessian : ndarray, shape (k + p, k + p)
    """
    size = parameters.size
    value, gradient, hessian = 0.0, np.zeros(size), np.zeros((size, size))
    interval, exact = lifetimes.interval, lifetimes.exact
    # intervals apart from the others: a block then needs one formula only
    for rows in (np.flatnonzero(~interval), np.flatnonzero(interval)):
        for begin in range(0, rows.size, BLOCK):
            block = rows[begin : begin + BLOCK]
            more = _Block(lifetimes, dist, parameters, block)
            value += more.survived()
            value += more.between() if interval[block[0]] else more.at(exact[block])
            gradient += more.gradient
            hessian += more.hessian
    return value, gradient, hessian


class _Block:
    """Sums over some rows; each method adds one kind of contribution."""

    def __init__(
        self, lifetimes: Lifetimes, dist: str, parameters: Floats, rows: NDArray[np.intp]
    ) -> None:
        p = lifetimes.covariates
        self.k = parameters.size - p
        self.x = np.empty((rows.size, 0)) if lifetimes.x is None else lifetimes.x[rows]
        self.score = self.x @ parameters[self.k :]
        self.factor = np.exp(np.minimum(self.score, 200.0))
        self.dist, self.logs = dist, parameters[: self.k]
        self.entry, self.stop = lifetimes.entry[rows], lifetimes.stop[rows]
        self.upper = None if lifetimes.upper is None else lifetimes.upper[rows]
        self.at_stop, self.log_hazard = terms(dist, self.stop, self.logs)
        self.gradient = np.zeros(parameters.size)
        self.hessian = np.zeros((parameters.size, parameters.size))

    def survived(self) -> float:
        """Having lived from entry to stop."""
        lived = self.at_stop
        late = self.entry > 0
        if late.any():
            lived = lived - terms(self.dist, self.entry, self.logs)[0]
        total = self.factor * lived.value
        minus = np.full(total.size, -1.0)
        self._add(lived, total, minus)
        return -float(np.sum(total))

    def at(self, event: NDArray[np.bool_]) -> float:
        """Events at exactly ``stop``."""
        hazard, flags = self.log_hazard, event.astype(float)
        self.gradient[: self.k] += hazard.slope @ flags
        self.gradient[self.k :] += flags @ self.x
        square = hazard.curve.reshape(self.k * self.k, -1) @ flags
        self.hessian[: self.k, : self.k] += square.reshape(self.k, self.k)
        return float(np.sum((hazard.value + self.score)[event]))

    def between(self) -> float:
        """Events somewhere between ``stop`` and ``upper``."""
        assert self.upper is not None  # only called for interval rows
        gap = terms(self.dist, self.upper, self.logs)[0] - self.at_stop
        total = np.maximum(self.factor * gap.value, 1e-100)  # its square must not vanish
        with np.errstate(over="ignore"):
            first = 1.0 / np.expm1(np.minimum(total, 600.0))
        jacobian = self._add(gap, total, first)
        self.hessian -= (jacobian * (first * (1.0 + first))) @ jacobian.T
        return float(np.sum(np.log(-np.expm1(-total))))

    def _add(self, cumulative: Terms, total: Floats, weight: Floats) -> Floats:
        """Add weighted derivatives of factor * H; returns them unweighted, (k + p, n)."""
        k = self.k
        jacobian = np.concatenate([self.factor * cumulative.slope, total * self.x.T])
        weighted = jacobian * weight
        self.gradient += weighted.sum(axis=1)
        square = cumulative.curve.reshape(k * k, -1) @ (self.factor * weight)
        self.hessian[:k, :k] += square.reshape(k, k)
        cross = weighted @ self.x
        self.hessian[:, k:] += cross
        self.hessian[k:, :k] += cross[:k].T
        return jacobian
