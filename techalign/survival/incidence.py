"""Incidence of several causes without shape where some ages lie between two looks.

Each cause has cells of its own in which its probability can lie [1], those of
:mod:`techalign.survival.support` with its own events; nobody else's interval tells where within
them. The probabilities of largest likelihood are found by the EM algorithm: an interval is shared
out over its cells as the probabilities have it, and each cell's probability is then its part of
those at risk, as in the product-limit estimate, which takes late entry and right censoring in its
stride. Two rounds show where the next ones lead, and most of them are skipped [2].

What :mod:`techalign.survival.turnbull` says of small risk sets at young ages, of standard errors,
and of where in a cell the curve falls, holds here as well.

References
----------
[1] Hudgens, M. G., Satten, G. A. and Longini, I. M. (2001). Nonparametric maximum likelihood
    estimation for competing risks survival data subject to interval censoring and truncation.
    Biometrics 57(1), 74-80.
[2] Varadhan, R. and Roland, C. (2008). Simple and globally convergent methods for accelerating
    the convergence of any EM algorithm. Scandinavian Journal of Statistics 35(2), 335-353.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.support import Ranges, range_sums

__all__ = ["CauseSteps", "incidence_steps"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

ROUNDS = 20_000
ENOUGH = 1e-8
"""Events, as a share of all, that a round still moves at the end."""
LEAST = 1e-4
"""Expected events in a cell below which its probability is on its way to 0."""
NOBODY = 1e-9
"""Survival at an entry below which the row tells nothing of the curve from age 0."""
LARGEST = 20_000_000
"""Rows times cells up to which standard errors are worked out."""


@dataclass(frozen=True, eq=False)
class CauseSteps:
    """Probability of each cause by age.

    Attributes
    ----------
    time : ndarray, shape (k,)
        Ages in years by which events had happened, ascending.
    at_risk : ndarray, shape (k,)
        Expected number of rows under observation before.
    incidence, std_error : ndarray, shape (m, k)
    """

    time: Floats
    at_risk: Floats
    incidence: Floats
    std_error: Floats


def incidence_steps(
    lifetimes: Lifetimes, labels: NDArray[np.str_], causes: tuple[str, ...]
) -> CauseSteps:
    """Estimate the incidence of each cause [1].

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with at least one event.
    labels : ndarray of str, shape (n,)
        Cause of each event.
    causes : tuple of str, length m

    Returns
    -------
    CauseSteps

    Raises
    ------
    ModelError
        If nobody is left at an age at which further rows enter, or the climb does not end.
    """
    cells = _Cells(lifetimes, labels, causes)
    mass, at_risk = cells.climb()
    found = np.flatnonzero(mass > 0)
    place = cells.place[found]
    new = np.flatnonzero(np.diff(place, prepend=-1))
    time = cells.ages[place[new]]
    # by the end of each age, per cause
    last = np.append(new[1:], found.size)
    own = cells.cause[found] == np.arange(len(causes))[:, None]
    incidence = np.cumsum(own * mass[found], axis=1)[:, last - 1]
    error = _errors(cells, mass, found, own, last)
    return CauseSteps(time, at_risk[found[new]], incidence, error)


class _Cells:
    """Cells of all causes in the order of their ends, and what each row says of them."""

    def __init__(
        self, lifetimes: Lifetimes, labels: NDArray[np.str_], causes: tuple[str, ...]
    ) -> None:
        rows = Ranges.of(lifetimes)
        parts = [rows.cells(labels == name) for name in causes]
        cause = np.repeat(np.arange(len(causes)), [left.size for left, _ in parts])
        left, right = (np.concatenate(sides) for sides in zip(*parts, strict=True))
        order = np.lexsort((cause, left, right))
        left, right = left[order], right[order]
        self.ages, self.place, self.cause = rows.ages, right // 2, cause[order]
        self.size, self.entry = right.size, lifetimes.entry
        self.after = np.searchsorted(right, rows.entry, side="right")
        self.until = np.searchsorted(right, rows.low, side="right")[~rows.event]
        # rows with an event, cause by cause: their cells are neighbours in the cause's own order
        self.own = [np.flatnonzero(self.cause == j) for j in range(len(causes))]
        self.rows = [np.flatnonzero(labels == name) for name in causes]
        self.begin = [np.searchsorted(left[c], rows.low[r]) for c, r in self._pairs()]
        self.end = [np.searchsorted(right[c], rows.high[r], "right") for c, r in self._pairs()]
        self.events = int(np.count_nonzero(rows.event))
        entered = np.cumsum(np.bincount(self.after, minlength=self.size + 1))
        left_alive = np.cumsum(np.bincount(self.until, minlength=self.size + 1))
        self.observed = (entered - left_alive)[: self.size].astype(float)

    def _pairs(self) -> list[tuple[Places, Places]]:
        return list(zip(self.own, self.rows, strict=True))

    def shares(self, mass: Floats) -> list[Floats]:
        """Probability of the cells of each row with an event, cause by cause."""
        found = []
        for cells, begin, end in zip(self.own, self.begin, self.end, strict=True):
            total = np.concatenate([[0.0], np.cumsum(mass[cells])])
            single = end == begin + 1
            whole = total[end] - total[begin]
            found.append(np.where(single, mass[cells[begin]], whole) if cells.size else whole)
        return found

    def round(self, mass: Floats) -> tuple[Floats, Floats]:
        """Expected events in each cell, and rows at risk of them."""
        events = np.zeros(self.size)
        for cells, begin, end, share in zip(
            self.own, self.begin, self.end, self.shares(mass), strict=True
        ):
            weight = 1.0 / np.maximum(share, 1e-300)
            events[cells] = mass[cells] * np.maximum(range_sums(weight, begin, end, cells.size), 0)
        before = np.cumsum(events) - events
        return events, np.maximum(self.observed - before, events)

    def value(self, mass: Floats, survival: Floats) -> float:
        """Log likelihood; ``survival`` has one more element, the first is 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            own = sum(float(np.log(share).sum()) for share in self.shares(mass))
            there = np.log(survival[self.until]).sum() - np.log(survival[self.after]).sum()
        return own + float(there)

    def climb(self) -> tuple[Floats, Floats]:
        """Probabilities of largest likelihood, and rows at risk of each cell."""
        hazard = self._next(np.ones(self.size))[0]
        for _ in range(ROUNDS):
            one, moved, at_risk = self._next(self._mass(hazard)[0])
            if moved < ENOUGH * self.events:
                mass = self._mass(one)[0]
                return np.where(one * at_risk > LEAST, mass, 0.0), at_risk
            two = self._next(self._mass(one)[0])[0]
            hazard = self._farther(hazard, one, two)
        raise ModelError(
            "lifetimes", "have no maximum of the likelihood that could be found",
            value=f"{self.size} cells", remedy="Round the ages, or use fit_causes.",
        )  # fmt: skip

    def _next(self, mass: Floats) -> tuple[Floats, float, Floats]:
        """Hazard of each cell after one round, the events it moved, and rows at risk."""
        events, at_risk = self.round(mass)
        risk = np.where(at_risk > 0, at_risk, 1.0)
        survival = np.cumprod(np.append(1.0, 1.0 - np.minimum(events / risk, 1.0)))
        lost = np.flatnonzero(survival[self.after] < NOBODY)
        if lost.size:
            raise ModelError(
                f"entry[{lost[0]}]", "is at an age by which, by the rows before, all have ended",
                value=self.entry[lost[0]],
                remedy="Raise every entry to an age by which more are under observation.",
            )  # fmt: skip
        before = np.cumsum(mass) - mass
        was = mass / np.maximum(1.0 - before, 1e-300)
        return events / risk, float(np.abs(events - was * at_risk).sum()), at_risk

    def _mass(self, hazard: Floats) -> tuple[Floats, Floats]:
        survival = np.cumprod(np.append(1.0, 1.0 - hazard))
        return survival[:-1] * hazard, survival

    def _farther(self, start: Floats, one: Floats, two: Floats) -> Floats:
        """Where many rounds would lead, if that is better than two of them."""
        first, bend = one - start, two - 2.0 * one + start
        length = float(np.linalg.norm(first)) / max(float(np.linalg.norm(bend)), 1e-300)
        if length <= 1.0:
            return two
        far = start + 2.0 * length * first + length**2 * bend
        far = np.clip(far, 0.01 * two, 1.0 - 0.01 * (1.0 - two))
        return far if self.value(*self._mass(far)) > self.value(*self._mass(two)) else two


def _errors(
    cells: _Cells, mass: Floats, found: Places, own: NDArray[np.bool_], last: Places
) -> Floats:
    """Standard errors of the incidences from the observed information of the probabilities."""
    tail = 1.0 - float(mass.sum())
    size = found.size + (tail > 1e-9)
    rows = cells.after.size
    if rows * size > LARGEST:
        return np.full((own.shape[0], last.size), np.nan)
    information = np.zeros((size, size))
    whole = np.append(mass[found], tail)[:size]
    for j, mine in enumerate(cells.own):
        rank = np.full(cells.size, -1)
        rank[mine] = np.arange(mine.size)
        rank = np.append(rank[found], -1)[:size]
        _add(information, whole, (rank >= cells.begin[j][:, None]) & (rank < cells.end[j][:, None]))
    order = np.append(found, cells.size)[:size]
    _add(information, whole, order >= cells.until[:, None])
    _add(information, whole, order >= cells.after[:, None], -1.0)
    # the probabilities add up to 1: the largest is told by the others
    rest = int(np.argmax(whole))
    base = np.delete(np.eye(size), rest, axis=1)
    base[rest] = -1.0
    covariance = base @ np.linalg.pinv(base.T @ information @ base, hermitian=True) @ base.T
    error = np.empty((own.shape[0], last.size))
    for j, mine in enumerate(own):
        counted = (np.arange(size) < last[:, None]) & np.append(mine, False)[:size]
        error[j] = np.sqrt(np.maximum(((counted @ covariance) * counted).sum(axis=1), 0.0))
    return error


def _add(information: Floats, mass: Floats, holds: NDArray[np.bool_], sign: float = 1.0) -> None:
    """Add what rows tell whose probability is that of the cells they hold."""
    part = holds / np.maximum(holds @ mass, 1e-300)[:, None]
    information += sign * (part.T @ part)
