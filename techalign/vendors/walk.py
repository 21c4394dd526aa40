"""One pass over the vendors, and the way back, for some values of the factor.

Each stage of hubs is a tree: both states of a hub, with the vendors that have all their hubs in,
and then the next hub. See ``recursion`` for what it is for.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from techalign.vendors.spectrum import stage_distribution
from techalign.vendors.stages import Stage

if TYPE_CHECKING:
    from techalign.vendors.recursion import Conditional

__all__ = ["Walk"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

SMALLEST = 1e-9
"""Joint probability of a factor value and states of up to eight hubs below which they are left
out. In all it is a millionth or less, and moves the worst hundredth by a fiftieth of a thousandth.
"""

TANGLED = 4
"""Hubs of a stage from which on a product of transforms is quicker than adding vendors."""

LIKELY, VANISHING = 0.9, 1e-100


class Walk:
    """Walks of the tree for some values of the factor."""

    def __init__(self, of: Conditional, columns: Places) -> None:
        self.of, self.hubs, self.tangle = of, of.hubs, of.tangle
        self.columns = columns
        self.every = columns.size == of.weight.size
        self.alone = of.chance if self.every else of.chance[:, columns]

    def hub_chance(self, k: int, state: dict[int, bool]) -> Floats:
        """Probability that hub k is down, given the hubs it runs on."""
        assert self.hubs is not None  # there is a hub k
        assert self.tangle is not None
        assert self.hubs.chained is not None  # filled in by its constructor
        up = 1.0 - self.tangle.hub_alone[k, self.columns]
        for j, down in state.items():
            if down:
                up = up * (1.0 - self.hubs.chained[k, j])
        chance: Floats = 1.0 - up
        return chance

    def chances(self, vendors: Places, state: dict[int, bool]) -> Floats:
        """Probability of each vendor given the states of its hubs; shape (m, columns)."""
        alone = self.alone[vendors]
        if self.hubs is None or not state:
            return alone
        up = 1.0 - alone
        for k, down in state.items():
            if down:
                up = up * (1.0 - self.hubs.takes[vendors, k])[:, None]
        chance: Floats = 1.0 - up
        for k, down in state.items():
            # a vendor that is the hub itself shares its fate
            chance[vendors == self.hubs.own[k]] = float(down)
        return chance

    def through(self, start: Floats, stage: Stage) -> Floats:
        """Distribution after a stage, its hubs averaged out."""
        if not stage.hubs:
            return self._added(start, stage.groups[0], self.chances(stage.groups[0], {}))
        if len(stage.hubs) >= TANGLED:
            return _convolved(start, self._transformed(stage))
        every = np.arange(self.columns.size)
        return self._branch(start, stage, 0, {}, every, self.of.weight[self.columns])

    def _transformed(self, stage: Stage) -> Floats:
        """The stage by itself, as a product of transforms."""
        assert self.hubs is not None  # the stage has hubs
        runs_on = self.hubs.takes > 0
        for k in stage.hubs:
            if self.hubs.own[k] >= 0:
                runs_on[self.hubs.own[k]] = False  # its own state decides
                runs_on[self.hubs.own[k], k] = True
        return stage_distribution(
            stage, self.of.lower, self.of.upper_share, runs_on, self.of.weight[self.columns],
            self.chances, partial(self._sides, stage),
        )  # fmt: skip

    def _branch(
        self,
        start: Floats,
        stage: Stage,
        level: int,
        state: dict[int, bool],
        kept: Places,
        share: Floats,
    ) -> Floats:
        """The two states of the hub at ``level``, with all that runs on it; (G, kept)."""
        if level == len(stage.hubs):
            return start
        total = np.zeros((0, kept.size))
        for after, q, places in self._sides(stage, level, state, kept, share):
            group = stage.groups[level]
            given = self.chances(group, after)[:, kept[places]]
            now = self._added(_columns(start, places), group, given)
            now = self._branch(now, stage, level + 1, after, kept[places], share[places] * q)
            if total.shape[0] < now.shape[0]:
                total = np.concatenate([total, np.zeros((now.shape[0] - len(total), kept.size))])
            now *= q
            if places.size == kept.size:
                total[: now.shape[0]] += now
            else:
                total[: now.shape[0], places] += now
        return total

    def _sides(
        self,
        stage: Stage,
        level: int,
        state: dict[int, bool],
        kept: Places,
        share: Floats,
    ) -> Iterator[tuple[dict[int, bool], Floats, Places]]:
        """Down and up: the state, its probability, and the columns where that matters."""
        k = stage.hubs[level]
        smallest = SMALLEST / max(2.0 ** (len(stage.hubs) - 8), 1.0)
        chance = self.hub_chance(k, state)[kept]
        for down, q in ((False, 1.0 - chance), (True, chance)):
            # the likelier side stays in any case: no factor value may vanish
            places = np.flatnonzero((share * q > smallest) | (q >= 0.5))
            if places.size:
                yield state | {k: down}, q[places], places

    def back(
        self, start: Floats, ahead: Floats, stage: Stage, share: Floats, found: Floats
    ) -> Floats:
        """From the expected weight after a stage to that before it; adds to ``found``."""
        if not stage.hubs:
            group = stage.groups[0]
            return self._removed(start, ahead, group, self.chances(group, {}), share, found)
        every = np.arange(self.columns.size)
        return self._back_branch(start, ahead, stage, 0, {}, every, share, found)

    def _back_branch(
        self,
        start: Floats,
        ahead: Floats,
        stage: Stage,
        level: int,
        state: dict[int, bool],
        kept: Places,
        share: Floats,
        found: Floats,
    ) -> Floats:
        if level == len(stage.hubs):
            return ahead
        total = np.zeros((start.shape[0], kept.size))
        group = stage.groups[level]
        for after, q, places in self._sides(stage, level, state, kept, share):
            given = self.chances(group, after)[:, kept[places]]
            begin, part = _columns(start, places), share[places] * q
            middle = self._added(begin, group, given)
            later = self._back_branch(
                middle, _columns(ahead, places), stage, level + 1, after, kept[places], part, found
            )
            del middle
            total[:, places] += q * self._removed(begin, later, group, given, part, found)
        return total

    def _added(self, start: Floats, vendors: Places, chances: Floats) -> Floats:
        """Add vendors to distributions given the factor, (G, M) to (G', M).

        What stays where it is is not multiplied by 1 - p each time: the odds are added in place,
        and all the factors together come last.
        """
        of, used = self.of, start.shape[0]
        if not vendors.size:
            return start
        whole = of.upper_share[vendors] == 0
        length = used + int(of.lower[vendors].sum()) + int((~whole).sum())
        now, one, other = (np.empty((length, start.shape[1])) for _ in range(3))
        now[:used] = start
        now[used:] = 0.0
        left = np.ones(start.shape[1])
        for i, p, exact in zip(vendors, chances, whole, strict=True):
            k, share = int(of.lower[i]), of.upper_share[i]
            past, moved, upper = now[:used], one[:used], other[:used]
            # likely failures have no finite odds, and products of many must not vanish
            odds = p
            if p.max(initial=0.0) < LIKELY:
                odds = p / (1.0 - p)
                left *= 1.0 - p
            np.multiply(past, odds * (1.0 - share), out=moved)
            if not exact:
                np.multiply(past, odds * share, out=upper)
            if odds is p:
                past *= 1.0 - p
            now[k : k + used] += moved
            if not exact:
                now[k + 1 : k + 1 + used] += upper
            used += k + (0 if exact else 1)
            if left.min(initial=1.0) < VANISHING:
                now[:used] *= left
                left[:] = 1.0
        now *= left
        return now

    def _removed(
        self,
        start: Floats,
        ahead: Floats,
        vendors: Places,
        chances: Floats,
        share: Floats,
        found: Floats,
    ) -> Floats:
        """Undo :meth:`_added` for the expected weight, from the last vendor to the first.

        Distributions on the way are kept for a part of the vendors at a time and made again
        for the others: memory stays small.
        """
        if not vendors.size:
            return ahead
        part = max(int(np.sqrt(vendors.size)), 1)
        begins = range(0, vendors.size, part)
        stored = [start]
        for b in begins[:-1]:
            rows = slice(b, b + part)
            stored.append(self._added(stored[-1], vendors[rows], chances[rows]))
        for b, first in zip(reversed(begins), reversed(stored), strict=True):
            rows = slice(b, b + part)
            way = [first]
            for i, p in zip(vendors[rows][:-1], chances[rows][:-1], strict=True):
                way.append(self._added(way[-1], np.array([i]), p[None]))
            for i, p, now in zip(
                vendors[rows][::-1], chances[rows][::-1], reversed(way), strict=True
            ):
                ahead = self._one_back(now, ahead, int(i), p, share, found)
        return ahead

    def _one_back(
        self, now: Floats, ahead: Floats, i: int, p: Floats, share: Floats, found: Floats
    ) -> Floats:
        of, used = self.of, now.shape[0]
        moved = np.zeros_like(now)
        for more, part in ((0, 1.0 - of.upper_share[i]), (1, of.upper_share[i])):
            if part > 0:
                shift = int(of.lower[i]) + more
                later = ahead[shift : shift + used]
                moved += part * later
                money = part * shift * of.step
                found[i] += money * float(np.einsum("gc,gc->c", now, later) @ (p * share))
        before: Floats = (1.0 - p) * ahead[:used] + p * moved
        return before


def _convolved(one: Floats, other: Floats) -> Floats:
    """Distribution of the sum of two independent losses, column by column."""
    if one.shape[0] == 1:
        return one * other
    length = one.shape[0] + other.shape[0] - 1
    both = np.fft.rfft(one, length, axis=0) * np.fft.rfft(other, length, axis=0)
    return np.maximum(np.fft.irfft(both, length, axis=0), 0.0)


def _columns(values: Floats, places: Places) -> Floats:
    return values if places.size == values.shape[1] else values[:, places]
