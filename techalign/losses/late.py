"""The largest losses last: sums over which of them occur, instead of additions on a long grid.

Most of the grid is there for a few large losses. They are added once the factor is averaged out:
one product of matrices gives, for every set of them, the distribution of the rest in the years in
which just this set fails; then sets that differ in one vendor are put together, one of them moved
by its loss. To keep this possible where large losses hang on hubs, the states of these hubs are
worlds beside the values of the factor until then.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from techalign.losses.stages import Stage

__all__ = ["Plan", "Worlds", "merged", "parted", "planned", "product", "set_chances", "way_of"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Places = NDArray[np.intp]

LATE = 6
"""Vendors added last; the sets of them double with each."""

ALONE = 2**18
"""Multiplications in one product of matrices up to which BLAS starts no threads."""

OPENED = 3
"""Hubs whose states are worlds, at most; the worlds double with each."""


@dataclass(frozen=True)
class Plan:
    """Which vendors are added when.

    Attributes
    ----------
    first : list of Stage
        Added for each value of the factor, one after the other; the hubs averaged out.
    opened : list of Stage
        Their hubs' states are worlds.
    early : ndarray of int
        Vendors of the opened stages added in each world, smallest first.
    late : ndarray of int
        Vendors added last, smallest first.
    """

    first: list[Stage]
    opened: list[Stage]
    early: Places
    late: Places


def planned(stages: list[Stage], lower: Counts) -> Plan:
    """Take the largest losses last, with their hubs opened where that is worth it.

    Parameters
    ----------
    stages : list of Stage
        The last one without hubs, see ``stages_of``.
    lower : ndarray of int, shape (n,)
        Losses in steps of the grid.
    """
    *bound, free = stages
    order = np.argsort(lower, kind="stable")
    last = np.zeros(lower.size, dtype=bool)
    last[order[-LATE:]] = True
    opened = [stage for stage in bound if last[stage.members].any()]
    hubs = sum(len(stage.hubs) for stage in opened)
    if hubs > OPENED or (hubs and 2 * lower[last].sum() < lower.sum()):
        opened, last[:] = [], False
        last[free.groups[0][-LATE:]] = True
    worlds = np.zeros(lower.size, dtype=bool)
    for stage in opened:
        worlds[stage.members] = True
    alone = free.groups[0]
    first = [stage for stage in bound if stage not in opened]
    return Plan(
        [*first, Stage([], [alone[~last[alone]]])],
        opened, order[(worlds & ~last)[order]], order[last[order]],
    )  # fmt: skip


@dataclass(frozen=True)
class Worlds:
    """Values of the factor together with states of the opened hubs.

    Attributes
    ----------
    states : list of dict of int to bool
    places : list of ndarray of int
        For each state, the values of the factor where it matters.
    chances : list of ndarray
        Probability of the state there.
    size : int
        Values of the factor.
    """

    states: list[dict[int, bool]]
    places: list[Places]
    chances: list[Floats]
    size: int

    @property
    def kept(self) -> Floats:
        """Probability of all states that were not left out, by factor value."""
        total = np.zeros(self.size)
        for places, chance in zip(self.places, self.chances, strict=True):
            total[places] += chance
        return total

    def spread(self, values: Floats) -> Floats:
        """From columns for the factor's values to columns for the worlds; (..., C)."""
        if len(self.states) == 1 and self.places[0].size == self.size:
            return values
        return np.take(values, np.concatenate(self.places), axis=-1)

    def averaged(self, values: Floats) -> Floats:
        """From columns for the worlds to columns for the factor's values; (G, M)."""
        if len(self.states) == 1 and self.places[0].size == self.size:
            return values * self.chances[0]
        total, begin = np.zeros((values.shape[0], self.size)), 0
        for places, chance in zip(self.places, self.chances, strict=True):
            total[:, places] += chance * values[:, begin : begin + places.size]
            begin += places.size
        return total


def product(one: Floats, other: Floats) -> Floats:
    """``one @ other`` in parts so small that BLAS starts no threads: they would cost more.

    Parameters
    ----------
    one : ndarray, shape (a, b)
    other : ndarray, shape (b, c)
    """
    tall = one.shape[0] > other.shape[1]
    size, rest = (one.shape[0], other.size) if tall else (other.shape[1], one.size)
    part = max(ALONE // max(rest, 1), 1)
    parts = [
        one[begin : begin + part] @ other if tall else one @ other[:, begin : begin + part]
        for begin in range(0, size, part)
    ]
    return parts[0] if len(parts) == 1 else np.concatenate(parts, axis=0 if tall else 1)


def set_chances(chance: Floats, weight: Floats) -> Floats:
    """Weight times the probability that just these vendors fail, for all sets of them.

    Parameters
    ----------
    chance : ndarray, shape (g, C)
    weight : ndarray, shape (C,)

    Returns
    -------
    ndarray, shape (2**g, C)
        The second half of the rows has the first vendor in it, and so on.
    """
    found = weight[None]
    for p in chance[::-1]:
        found = np.concatenate([found * (1.0 - p), found * p])
    return found


def way_of(found: Floats, lower: Counts, upper_share: Floats) -> list[Floats]:
    """Put vendors in one after the other, the first one first.

    Parameters
    ----------
    found : ndarray, shape (2**g, G)
        Distribution of the others for each set, see ``set_chances``.
    lower, upper_share : ndarray, shape (g,)
        Losses, see ``Conditional``.

    Returns
    -------
    list of ndarray
        ``found``, then after each vendor half the rows, and as many points more as it costs.
    """
    losses = zip(lower.tolist(), upper_share.tolist(), strict=True)
    return list(accumulate(losses, lambda now, loss: _one_in(now, *loss), initial=found))


def _one_in(now: Floats, k: int, share: float) -> Floats:
    half, used = now.shape[0] // 2, now.shape[1]
    failed = now[half:]
    both = np.zeros((half, used + k + (1 if share else 0)))
    both[:, :used] = now[:half]
    both[:, k : k + used] += (1.0 - share) * failed
    if share:
        both[:, k + 1 : k + 1 + used] += share * failed
    return both


def merged(found: Floats, lower: Counts, upper_share: Floats) -> Floats:
    """Distribution of the total: the end of the way."""
    for k, share in zip(lower.tolist(), upper_share.tolist(), strict=True):
        found = _one_in(found, k, share)
    total: Floats = found[0]
    return total


def parted(
    way: list[Floats], ahead: Floats, lower: Counts, upper_share: Floats
) -> tuple[Floats, Floats]:
    """The way back, from the weight of each total to the expected weight of each set.

    Parameters
    ----------
    way : list of ndarray
        See ``way_of``.
    ahead : ndarray, shape (points,)

    Returns
    -------
    ahead : ndarray, shape (2**g, G)
        For each set and each amount lost by the others.
    lost : ndarray, shape (g,)
        Expected loss times weight of each vendor, in steps.
    """
    after, lost = ahead[None], np.zeros(lower.size)
    for j in reversed(range(lower.size)):
        k, share = int(lower[j]), float(upper_share[j])
        half, used = way[j].shape[0] // 2, way[j].shape[1]
        failed, later = way[j][half:], (1.0 - share) * after[:, k : k + used]
        lost[j] = k * np.einsum("gc,gc->", failed, later)
        if share:
            more = share * after[:, k + 1 : k + 1 + used]
            lost[j] += (k + 1) * np.einsum("gc,gc->", failed, more)
            later += more
        after = np.concatenate([after[:, :used], later])
    return after, lost
