"""A hazard that is constant between given ages: no shape assumed, yet years can be added up.

Rows are reduced to sums per interval of age: the years lived in interval j, weighted by
exp(x beta), are those of the rows that outlived it times its width, and the rest of the rows
that ended in it. One pass over the rows thus serves any number of intervals [1].

References
----------
[1] Friedman, M. (1982). Piecewise exponential models for survival data with covariates. Annals
    of Statistics 10(1), 101-113.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats, Places
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.newton import BLOCK

__all__ = ["PiecewiseLikelihood", "checked_breaks", "event_breaks", "piecewise_hazard_to"]

# numpy's stubs do not see that weights make the counts floats
Summed = NDArray[np.float64] | NDArray[np.int_]

INTERVALS = 6
EVENTS_EACH = 5


def checked_breaks(breaks: Sequence[float]) -> tuple[float, ...]:
    """Ages in years at which the hazard may change, checked.

    Raises
    ------
    ModelError
        If they are not positive and ascending.
    """
    ages = tuple(float(age) for age in breaks)
    if any(not 0 < age < np.inf for age in ages) or any(np.diff(ages) <= 0):
        raise ModelError("breaks", "must be positive, ascending ages in years", value=breaks)
    return ages


def event_breaks(lifetimes: Lifetimes) -> tuple[float, ...]:
    """Breaks that share out the events evenly: at most six intervals, five events in each."""
    ages = lifetimes.middle[lifetimes.event]
    count = int(np.clip(ages.size // EVENTS_EACH, 1, INTERVALS))
    inner = np.quantile(ages, np.arange(1, count) / count) if ages.size else np.zeros(0)
    return tuple(float(age) for age in np.unique(inner) if age > 0)


def piecewise_hazard_to(
    t: Floats, x: Floats | None, breaks: Sequence[float], parameters: Floats
) -> tuple[Floats, Floats]:
    """Cumulative hazard at ages ``t``, (n,), and its derivatives by the parameters, (k + p, n)."""
    k = len(breaks) + 1
    lived = _lived(t, breaks)
    factor = 1.0 if x is None else np.exp(np.minimum(x @ parameters[k:], 200.0))
    by_rate = (lived * np.exp(parameters[:k])).T * factor
    total = by_rate.sum(axis=0)
    by_beta = np.zeros((0, t.size)) if x is None else x.T * total
    return total, np.concatenate([by_rate, by_beta])


def _lived(t: Floats, breaks: Sequence[float]) -> Floats:
    """Years lived in each interval up to age ``t``; shape (n, k)."""
    start = np.array([0.0, *breaks])
    width = np.diff(start, append=np.inf)
    years: Floats = np.clip(t[:, None] - start, 0.0, width)
    return years


class PiecewiseLikelihood:
    """Log likelihood of (log rates, coefficients) with gradient and Hessian.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with p covariates; left-truncated, right- and interval-censored.
    breaks : sequence of float, length k - 1
        Ages in years at which the hazard changes.
    """

    def __init__(self, lifetimes: Lifetimes, breaks: Sequence[float]) -> None:
        self.table, self.breaks, self.k = lifetimes, tuple(breaks), len(breaks) + 1
        self.start = np.array([0.0, *breaks])
        self.stop_place = self._places(lifetimes.stop, "left")
        late = lifetimes.entry.any()
        self.entry_place = self._places(lifetimes.entry, "right") if late else None
        exact = lifetimes.exact
        self.deaths = np.bincount(self.stop_place[exact], minlength=self.k).astype(float)
        x = lifetimes.x
        self.event_x = np.zeros(0) if x is None else np.einsum("n,np->p", exact.astype(float), x)
        self.between = np.flatnonzero(lifetimes.interval)

    def _places(self, ages: Floats, side: str) -> Places:
        """Interval each age lies in; an event at a break belongs to the interval it ends."""
        place = np.zeros(ages.size, dtype=np.intp)
        for age in self.breaks:  # few breaks: comparing beats searching
            place += ages > age if side == "left" else ages >= age
        return place

    def __call__(self, parameters: Floats) -> tuple[float, Floats, Floats]:
        """Value, gradient and Hessian at shape (k + p,)."""
        k, size = self.k, parameters.size
        rates = np.exp(parameters[:k])
        gradient, hessian = np.zeros(size), np.zeros((size, size))
        for begin in range(0, len(self.table), BLOCK):
            rows = slice(begin, begin + BLOCK)
            factor = self._factor(rows, parameters)
            self._lived_to(rows, self.table.stop, self.stop_place, factor, rates, -1.0, hessian)
            if self.entry_place is not None:
                entry = self.table.entry
                self._lived_to(rows, entry, self.entry_place, factor, rates, 1.0, hessian)
        # first derivatives of the total are, for log rates, the diagonal of the second
        diagonal = np.arange(k)
        value = float(hessian[diagonal, diagonal].sum())
        gradient[:k] = hessian[diagonal, diagonal]
        gradient[k:] = hessian[:k, k:].sum(axis=0)
        value += float(self.deaths @ parameters[:k]) + float(self.event_x @ parameters[k:])
        gradient[:k] += self.deaths
        gradient[k:] += self.event_x
        for begin in range(0, self.between.size, BLOCK):
            value += self._between(
                self.between[begin : begin + BLOCK], parameters, gradient, hessian
            )
        hessian[k:, :k] = hessian[:k, k:].T
        return value, gradient, hessian

    def _factor(self, rows: slice | Places, parameters: Floats) -> Floats | None:
        if self.table.x is None:
            return None
        score: Floats = self.table.x[rows] @ parameters[self.k :]
        return np.exp(np.minimum(score, 200.0, out=score), out=score)

    def _lived_to(
        self,
        rows: slice,
        ages: Floats,
        places: Places,
        factor: Floats | None,
        rates: Floats,
        sign: float,
        hessian: Floats,
    ) -> None:
        """Add ``sign`` times the cumulative hazard's second derivatives for a block of rows."""
        k, place = self.k, places[rows]
        part = ages[rows] - self.start[place]
        diagonal = np.arange(k)
        if factor is None:
            years = self._years(
                np.bincount(place, minlength=k), np.bincount(place, part, minlength=k)
            )
            hessian[diagonal, diagonal] += sign * rates * years
            return
        x = self.table.x
        assert x is not None  # a factor comes from covariates
        part *= factor
        years = self._years(
            np.bincount(place, factor, minlength=k), np.bincount(place, part, minlength=k)
        )
        hessian[diagonal, diagonal] += sign * rates * years
        before = np.concatenate([[0.0], np.cumsum(rates[:-1] * np.diff(self.start))])
        total = factor * before[place] + part * rates[place]
        block = x[rows]
        for j, column in enumerate(block.T):
            outlived = np.bincount(place, factor * column, minlength=k)
            hessian[:k, k + j] += (
                sign * rates * self._years(outlived, np.bincount(place, part * column, minlength=k))
            )
        hessian[k:, k:] += sign * ((block.T * total) @ block)

    def _years(self, ended: Summed, part: Summed) -> Floats:
        """Weighted years in each interval from the weights that ended in it and their rest."""
        outlived = np.cumsum(ended[::-1])[::-1] - ended
        whole = np.append(np.diff(self.start) * outlived[:-1], 0.0)
        years: Floats = whole + part
        return years

    def _between(
        self, rows: Places, parameters: Floats, gradient: Floats, hessian: Floats
    ) -> float:
        """Events somewhere between ``stop`` and ``upper``: log(1 - exp(-gap))."""
        k, table = self.k, self.table
        x = None if table.x is None else table.x[rows]
        ends = (
            piecewise_hazard_to(t[rows], x, self.breaks, parameters)
            for t in (table.stop, table.end)
        )
        (low, low_slope), (high, high_slope) = ends
        gap, jacobian = np.maximum(high - low, 1e-100), high_slope - low_slope
        first = 1.0 / np.expm1(np.minimum(gap, 600.0))
        weighted = jacobian * first
        gradient += weighted.sum(axis=1)
        hessian[np.arange(k), np.arange(k)] += weighted[:k].sum(axis=1)
        if x is not None:
            hessian[:k, k:] += weighted[:k] @ x
            hessian[k:, k:] += weighted[k:] @ x
        outer = (jacobian * (first * (1.0 + first))) @ jacobian.T
        outer[k:, :k] = 0.0  # mirrored at the end
        hessian -= outer
        return float(np.sum(np.log(-np.expm1(-gap))))
