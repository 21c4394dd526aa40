"""Many hubs that hang together: their vendors as a product of transforms instead of additions.

The transform of a sum of independent losses is the product of theirs. Vendors that run on the
same few hubs make one factor for each state of just these hubs, built once and used in all the
states of the other hubs; adding the vendors one by one would begin anew in each of them. One
transform back, after the hubs are averaged out, gives the probabilities, up to rounding.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from techalign.losses.stages import Stage

__all__ = ["stage_distribution"]

Floats = NDArray[np.float64]
Complexes = NDArray[np.complex128]
Counts = NDArray[np.int64]
Places = NDArray[np.intp]
State = dict[int, bool]
Sides = Callable[[int, State, Places, Floats], Iterator[tuple[State, Floats, Places]]]
Chances = Callable[[Places, State], Floats]

ROWS = 16
"""Factor values taken together: what fits the processor's cache."""

KEPT = 4
"""Hubs of a factor up to which it is kept for the other states; it has two to that many."""


def stage_distribution(
    stage: Stage,
    lower: Counts,
    upper_share: Floats,
    runs_on: NDArray[np.bool_],
    weight: Floats,
    chances: Chances,
    sides: Sides,
) -> Floats:
    """Distribution of what a stage's vendors cost, its hubs averaged out.

    Parameters
    ----------
    stage : Stage
    lower, upper_share : ndarray, shape (n,)
        Losses on the grid, see ``Conditional``.
    runs_on : ndarray of bool, shape (n, K)
        Hubs whose state changes a vendor's chance.
    weight : ndarray, shape (M,)
        Of the factor values.
    chances : callable
        From vendors (m,) and the states of hubs to probabilities, (m, M).
    sides : callable
        From level, state, kept factor values and their share to the states of the next hub.

    Returns
    -------
    ndarray, shape (G, M)
        Columns add up to nearly 1: states too small to matter are left out.
    """
    members = stage.members
    points = 1 + int(lower[members].sum()) + int(np.count_nonzero(upper_share[members]))
    length = _length(points)
    turn = np.exp(-2j * np.pi * np.arange(length // 2 + 1) / length)
    # a loss of whole steps turns the transform by so much, one of k + share by a mixture
    shift = {
        int(i): turn ** lower[i] * (1.0 - upper_share[i] + upper_share[i] * turn) - 1.0
        for i in members
    }
    parts = [_same_hubs(group, runs_on) for group in stage.groups]
    total = np.empty((weight.size, turn.size), dtype=complex)
    for begin in range(0, weight.size, ROWS):
        kept = np.arange(begin, min(begin + ROWS, weight.size))
        walk = _Product(stage, parts, shift, chances, sides, kept)
        one = np.ones((kept.size, turn.size), dtype=complex)
        total[kept] = walk.branch(one, 0, {}, kept, weight[kept])
    found = np.fft.irfft(total, length, axis=1)[:, :points]
    return np.ascontiguousarray(np.maximum(found, 0.0).T)


def _length(points: int) -> int:
    """The next length of small factors, for which transforms are quick."""
    power = 1 << (points - 1).bit_length()
    return min(n for n in (power, power * 5 // 8, power * 3 // 4) if n >= points and n % 2 == 0)


Part = tuple[tuple[int, ...], Places]


def _same_hubs(group: Places, runs_on: NDArray[np.bool_]) -> list[Part]:
    """Vendors of a group by the hubs they run on."""
    found: dict[tuple[int, ...], list[int]] = {}
    for i in group:
        found.setdefault(tuple(np.flatnonzero(runs_on[i]).tolist()), []).append(int(i))
    return [(hubs, np.array(rows, dtype=np.intp)) for hubs, rows in found.items()]


class _Product:
    """The walk through the states of the hubs for some factor values."""

    def __init__(
        self,
        stage: Stage,
        parts: list[list[Part]],
        shift: dict[int, Complexes],
        chances: Chances,
        sides: Sides,
        rows: Places,
    ) -> None:
        self.stage, self.parts, self.shift = stage, parts, shift
        self.chances, self.sides, self.rows = chances, sides, rows
        self.factors: dict[tuple[tuple[int, ...], tuple[bool, ...]], Complexes] = {}
        # memory asked for anew in every state would cost more than the sums
        size = len(stage.hubs), rows.size, next(iter(shift.values())).size
        self.products, self.totals = np.empty(size, complex), np.empty(size, complex)
        self.once = np.empty(size[1:], complex)

    def branch(
        self, now: Complexes, level: int, state: State, kept: Places, share: Floats
    ) -> Complexes:
        """Both states of the hub at ``level``, with all that runs on it; (kept, F)."""
        if level == len(self.stage.hubs):
            return now
        total = self.totals[level, : kept.size]
        total[:] = 0.0
        for after, q, places in self.sides(level, state, kept, share):
            some, at = kept[places], _slice(places)
            rows, part = _slice(some - self.rows[0]), self.products[level, : places.size]
            part[:] = now[at]
            for hubs, vendors in self.parts[level]:
                if len(hubs) <= KEPT:
                    part *= self._factor(hubs, vendors, after)[rows]
                else:
                    self._multiply(part, self.chances(vendors, after)[:, some], vendors)
            ended = self.branch(part, level + 1, after, some, share[places] * q)
            ended *= q[:, None]
            total[at] += ended
        return total

    def _factor(self, hubs: tuple[int, ...], vendors: Places, state: State) -> Complexes:
        """Transform of what vendors on the same hubs cost, kept for other states; (rows, F)."""
        key = (hubs, tuple(state[k] for k in hubs))
        found = self.factors.get(key)
        if found is None:
            found = np.ones((self.rows.size, self.once.shape[1]), dtype=complex)
            self._multiply(found, self.chances(vendors, state)[:, self.rows], vendors)
            self.factors[key] = found
        return found

    def _multiply(self, found: Complexes, chance: Floats, vendors: Places) -> None:
        """Multiply by each vendor's transform, 1 + p times its shift."""
        once = self.once[: chance.shape[1]]
        parts, real = once.view(float), once.real
        for i, p in zip(vendors.tolist(), chance, strict=True):
            # a chance is no complex number: half the multiplications
            np.multiply(p[:, None], self.shift[i].view(float), out=parts)
            real += 1.0
            found *= once


def _slice(places: Places) -> slice | Places:
    """A view where places follow one another, as those of likely factor values do."""
    if places[-1] - places[0] + 1 == places.size:
        return slice(int(places[0]), int(places[-1]) + 1)
    return places
