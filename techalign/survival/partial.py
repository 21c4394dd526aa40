"""Cox's partial likelihood with late entry and Efron's ties, by running sums over sorted ages.

References
----------
[1] Therneau, T. M. and Grambsch, P. M. (2000). Modeling Survival Data, ch. 3. Springer.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from techalign.survival.lifetimes import Lifetimes

__all__ = ["PartialLikelihood"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

BLOCK = 8192


class PartialLikelihood:
    """Partial log likelihood of the coefficients, with gradient and Hessian.

    Covariates are centred; that changes no coefficient.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with exact ages and at least one event.

    Attributes
    ----------
    spread : ndarray, shape (p,)
        Variance of each covariate.
    """

    def __init__(self, lifetimes: Lifetimes) -> None:
        order = np.argsort(lifetimes.stop)
        stop = lifetimes.stop[order]
        self.event = lifetimes.event[order]
        places = np.flatnonzero(self.event)
        ages = stop[places]
        new = _differs(ages)
        self.time = ages[new]
        self.deaths = np.diff(np.flatnonzero(new), append=ages.size)
        # first row at or after each age of events, and how many such ages each row lives to see
        begins = np.flatnonzero(_differs(stop))
        self.first = begins[np.cumsum(_differs(stop))[places[new]] - 1]
        marks = np.zeros(stop.size, dtype=np.intp)
        marks[self.first] = 1
        self.seen = np.cumsum(marks)
        self._set_entries(lifetimes.entry, order)
        self._set_covariates(lifetimes, order)
        self.rows = places  # of events
        self.group = np.cumsum(new) - 1  # age of each event
        self.tied = bool((self.deaths > 1).any())

    def _set_entries(self, entry: Floats, order: Places) -> None:
        self.late: Places | None = None
        if not entry.any():
            return
        ages = entry[order]
        self.late = np.argsort(ages)
        ages = ages[self.late]
        self.entered = np.searchsorted(ages, self.time, side="left")
        self.missed = np.empty(ages.size, dtype=np.intp)
        # ages of events up to the entry: not lived through under observation
        self.missed[self.late] = np.searchsorted(self.time, ages, side="right")

    def _set_covariates(self, lifetimes: Lifetimes, order: Places) -> None:
        n, p = order.size, lifetimes.covariates
        given = np.empty((n, 0)) if lifetimes.x is None else lifetimes.x
        self.mean = given.mean(axis=0)
        self.x = np.empty((p, n))
        for j in range(p):
            np.subtract(given[:, j][order], self.mean[j], out=self.x[j])
        self.spread = np.einsum("jn,jn->j", self.x, self.x) / n
        self.event_x = np.array([column[self.event].sum() for column in self.x])

    def _factor(self, beta: Floats) -> Floats:
        """exp(x beta) per row, from centred covariates."""
        score = np.zeros(self.event.size)
        for b, column in zip(beta, self.x, strict=True):
            score += b * column
        return np.exp(np.minimum(score, 200.0, out=score), out=score)

    def at_risk(self, weight: Floats) -> Floats:
        """Sum of a weight per row over the risk set of each age of events; shape (k,)."""
        sums = _later(weight, self.first)
        if self.late is not None:
            sums -= _later(weight[self.late], self.entered)
        return sums

    def __call__(self, beta: Floats) -> tuple[float, Floats, Floats]:
        """Value, gradient and Hessian at shape (p,)."""
        weight = self._factor(beta)
        risk = self.at_risk(weight)
        value = float(self.event_x @ beta)
        if self.tied:
            less, by_age, by_event, squares = self._efron(weight, risk)
        else:
            less, by_age = float(np.log(risk).sum()), 1.0 / risk
            by_event, squares = None, [by_age * by_age]
        value -= less
        lived = np.concatenate([[0.0], np.cumsum(by_age)])
        through = lived[self.seen]
        if self.late is not None:
            through -= lived[self.missed]
        if by_event is not None:  # an event counts only with its part of its own age
            through[self.rows] -= by_event[self.group]
        through *= weight
        gradient = self.event_x - self.x @ through
        first = np.empty((beta.size, risk.size))
        for j, column in enumerate(self.x):
            first[j] = self.at_risk(weight * column)
        hessian = _products(first, squares[0], first) - _products(self.x, through, self.x)
        if self.tied:
            own = np.empty_like(first)
            for j, column in enumerate(self.x):
                own[j] = self._at_event((weight * column)[self.rows])
            cross = _products(first, squares[1], own)
            hessian += _products(own, squares[2], own) - cross - cross.T
        return value, gradient, hessian

    def _at_event(self, weight: Floats) -> Floats:
        """Sum of a weight per event over the events of each age; shape (k,)."""
        return np.bincount(self.group, weight, self.time.size).astype(np.float64, copy=False)

    def _efron(
        self, weight: Floats, risk: Floats
    ) -> tuple[float, Floats, Floats | None, list[Floats]]:
        """Efron's sums: the l-th of d tied events sees l/d of the tied leave the risk set."""
        begin = np.cumsum(self.deaths) - self.deaths
        share = (np.arange(self.rows.size) - begin[self.group]) / self.deaths[self.group]
        own = self._at_event(weight[self.rows])
        left = risk[self.group] - share * own[self.group]
        inverse = 1.0 / left
        square = inverse * inverse
        return (
            float(np.log(left).sum()),
            self._at_event(inverse),
            self._at_event(inverse * share),
            [self._at_event(square * share**power) for power in range(3)],
        )

    def baseline(self, beta: Floats) -> tuple[Floats, Floats, Floats, Floats]:
        """Breslow's steps at covariates 0, with what their errors need.

        Returns
        -------
        time, step : ndarray, shape (k,)
        centre : ndarray, shape (k, p)
            Mean of the covariates over each risk set, weighted by hazard.
        variance : ndarray, shape (k,)
            Of each step for known coefficients.
        """
        weight = self._factor(beta)
        risk = self.at_risk(weight)
        centre = np.empty((beta.size, risk.size))
        for j, column in enumerate(self.x):
            centre[j] = self.at_risk(weight * column) / risk
        at_zero = float(np.exp(-self.mean @ beta))
        step = self.deaths / risk * at_zero
        return self.time, step, centre.T + self.mean, step * at_zero / risk


def _products(one: Floats, weight: Floats, other: Floats) -> Floats:
    """``(one * weight) @ other.T`` for few, long rows, in blocks that fit the cache."""
    total = np.zeros((one.shape[0], other.shape[0]))
    for begin in range(0, weight.size, BLOCK):
        rows = slice(begin, begin + BLOCK)
        total += (one[:, rows] * weight[rows]) @ other[:, rows].T
    return total


def _differs(ages: Floats) -> NDArray[np.bool_]:
    """Which of the sorted ages differ from the one before."""
    new = np.empty(ages.size, dtype=bool)
    new[:1] = True
    np.not_equal(ages[1:], ages[:-1], out=new[1:])
    return new


def _later(weight: Floats, first: Places) -> Floats:
    """Sums of ``weight`` from each of the ascending places ``first`` to the end."""
    sums = np.zeros(weight.size + 1)
    np.cumsum(weight[::-1], out=sums[1:])
    return sums[weight.size - first]
