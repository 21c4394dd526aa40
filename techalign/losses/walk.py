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

from techalign.losses.late import Worlds
from techalign.losses.spectrum import KEPT, stage_distribution
from techalign.losses.stages import Stage

if TYPE_CHECKING:
    from techalign.losses.recursion import Conditional

__all__ = ["Walk"]

Floats = NDArray[np.float64]
Places = NDArray[np.intp]

SMALLEST = 1e-9
"""Joint probability of a factor value and states of up to eight hubs below which they are left
out. In all it is a millionth or less, and moves the worst hundredth by a fiftieth of a thousandth.
"""

TANGLED = 4
"""Hubs of a stage from which on a product of transforms is quicker than adding vendors."""

MOST_CHANCES = 20_000_000
"""Chances of vendors by state and factor value up to which all of them are held at once."""

TOGETHER_IN_CACHE = 32
"""States and factor values whose distributions are built at once: what fits the cache."""

LIKELY, TOGETHER = 0.9, 100
"""Probability from on which odds are not used, and how many vendors' are at most taken together:
a product of 100 probabilities above a tenth does not vanish.
"""

PART = 4
"""Vendors, at least, on whose way the distributions are kept; for others they are made again."""


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
        chance: Floats = self.alone[vendors]
        if self.hubs is None or not state:
            return chance
        spared = np.ones(vendors.size)
        for k, down in state.items():
            if down:
                spared *= 1.0 - self.hubs.takes[vendors, k]
        chance += (1.0 - chance) * (1.0 - spared)[:, None]
        for k, down in state.items():
            # a vendor that is the hub itself shares its fate
            if self.hubs.own[k] >= 0:
                chance[vendors == self.hubs.own[k]] = float(down)
        return chance

    def worlds(self, stages: list[Stage]) -> Worlds:
        """States of the hubs of some stages, with their probability by factor value."""
        found: list[tuple[dict[int, bool], Floats]] = [({}, np.ones(self.columns.size))]
        for stage in stages:
            own = self._states(stage)
            found = [(a | b, p * q) for a, p in found for b, q in own]
        places = [np.flatnonzero(q) for _, q in found]
        chances = [q[at] for (_, q), at in zip(found, places, strict=True)]
        return Worlds([state for state, _ in found], places, chances, self.columns.size)

    def _states(self, stage: Stage) -> list[tuple[dict[int, bool], Floats]]:
        """States of one stage's hubs; 0 where they are left out."""
        every, weight = np.arange(self.columns.size), self.of.weight[self.columns]
        found: list[tuple[dict[int, bool], Places, Floats]] = [({}, every, np.ones(every.size))]
        for level in range(len(stage.hubs)):
            found = [
                (after, kept[places], chance[places] * q)
                for state, kept, chance in found
                for after, q, places in self._sides(
                    stage, level, state, kept, weight[kept] * chance
                )
            ]
        whole = []
        for state, kept, chance in found:
            whole.append((state, np.zeros(every.size)))
            whole[-1][1][kept] = chance
        return whole

    def in_worlds(self, vendors: Places, worlds: Worlds) -> Floats:
        """Probability of each vendor in each world; shape (m, C)."""
        return np.concatenate(
            [
                self.chances(vendors, state)[:, places]
                for state, places in zip(worlds.states, worlds.places, strict=True)
            ],
            axis=1,
        )

    def through(self, start: Floats, stage: Stage) -> Floats:
        """Distribution after a stage, its hubs averaged out."""
        if not stage.hubs:
            return self.added(start, stage.groups[0], self.chances(stage.groups[0], {}))
        if len(stage.hubs) >= TANGLED:
            on_most = self._on_most(stage)
            return _convolved(start, (self._one_by_one if on_most else self._transformed)(stage))
        every = np.arange(self.columns.size)
        return self._branch(start, stage, 0, {}, every, self.of.weight[self.columns])

    def _on_most(self, stage: Stage) -> bool:
        """Whether most vendors run on so many hubs that no part of a product serves twice."""
        assert self.hubs is not None  # the stage has hubs
        on = (self.hubs.takes[stage.members] > 0).sum(axis=1)
        columns = self.columns.size * 2 ** len(stage.hubs)
        return bool(np.mean(on > KEPT) > 0.5 and on.size * columns <= MOST_CHANCES)

    def _one_by_one(self, stage: Stage) -> Floats:
        """The stage by itself, its vendors added in every state of the hubs."""
        worlds = self.worlds([stage])
        members = stage.members[np.argsort(self.of.lower[stage.members], kind="stable")]
        chance, share = self.in_worlds(members, worlds), np.concatenate(worlds.chances)
        factor = np.concatenate(worlds.places)
        order = np.argsort(factor, kind="stable")
        total = np.zeros((0, self.columns.size))
        for begin in range(0, order.size, TOGETHER_IN_CACHE):
            places = order[begin : begin + TOGETHER_IN_CACHE]
            now = self.added(np.ones((1, places.size)), members, chance[:, places])
            now *= share[places]
            if not total.size:
                total = np.zeros((now.shape[0], self.columns.size))
            new = np.flatnonzero(np.diff(factor[places], prepend=-1))
            total[:, factor[places[new]]] += np.add.reduceat(now, new, axis=1)
        return total

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
            now = self.added(_columns(start, places), group, given)
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
            return self.removed(start, ahead, group, self.chances(group, {}), share, found)
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
            middle = self.added(begin, group, given)
            later = self._back_branch(
                middle, _columns(ahead, places), stage, level + 1, after, kept[places], part, found
            )
            del middle
            total[:, places] += q * self.removed(begin, later, group, given, part, found)
        return total

    def added(self, start: Floats, vendors: Places, chances: Floats) -> Floats:
        """Add vendors to distributions given the factor, (G, M) to (G', M).

        What stays where it is is not multiplied by 1 - p each time: all these factors come
        first, and the odds are then added in place.
        """
        for begin in range(0, vendors.size, TOGETHER):
            rows = slice(begin, begin + TOGETHER)
            start = self._added(start, vendors[rows], chances[rows])
        return start

    def _added(self, start: Floats, vendors: Places, chances: Floats) -> Floats:
        lower, share = self.of.lower[vendors].tolist(), self.of.upper_share[vendors].tolist()
        grown = [k + (1 if s else 0) for k, s in zip(lower, share, strict=True)]
        used, width = start.shape
        now = np.zeros((used + sum(grown), width))
        one, other = np.empty((2, now.shape[0] - grown[-1], width))
        # likely failures have no finite odds, and products of many must not vanish
        likely = chances.max(axis=1) >= LIKELY
        stay = 1.0 - chances
        np.multiply(start, stay[~likely].prod(axis=0), out=now[:used])
        odds = chances / np.where(likely[:, None], 1.0, stay)
        for i, (k, s) in enumerate(zip(lower, share, strict=True)):
            past, moved, upper = now[:used], one[:used], other[:used]
            np.multiply(past, odds[i] * (1.0 - s), out=moved)
            if s:
                np.multiply(past, odds[i] * s, out=upper)
            if likely[i]:
                past *= stay[i]
            now[k : k + used] += moved
            if s:
                now[k + 1 : k + 1 + used] += upper
            used += grown[i]
        return now

    def removed(
        self,
        start: Floats,
        ahead: Floats,
        vendors: Places,
        chances: Floats,
        share: Floats,
        found: Floats,
    ) -> Floats:
        """Undo :meth:`added` for the expected weight, from the last vendor to the first.

        Distributions on the way are kept for a part of the vendors at a time and made again
        for the others: memory stays small.
        """
        part = max(int(np.sqrt(vendors.size)), PART)
        begins = range(0, vendors.size, part)
        stored, ahead = [start * share], ahead.copy()
        # memory asked for anew for every vendor would cost more than the sums
        spare = np.empty((2, *ahead.shape))
        for b in begins[:-1]:
            rows = slice(b, b + part)
            stored.append(self.added(stored[-1], vendors[rows], chances[rows]))
        for b, first in zip(reversed(begins), reversed(stored), strict=False):
            places = range(b, min(b + part, vendors.size))
            way = [first]
            for j in places[:-1]:
                way.append(self._one_added(way[-1], int(vendors[j]), chances[j], spare[0]))
            for j in reversed(places):
                i, now = int(vendors[j]), way.pop()
                found[i] += self._one_removed(now, ahead, i, chances[j], spare)
                ahead = ahead[: now.shape[0]]
        return ahead

    def _one_added(self, now: Floats, i: int, p: Floats, spare: Floats) -> Floats:
        k, share, used = int(self.of.lower[i]), float(self.of.upper_share[i]), now.shape[0]
        both = np.zeros((used + k + (1 if share else 0), now.shape[1]))
        np.multiply(now, 1.0 - p, out=both[:used])
        both[k : k + used] += np.multiply(now, p * (1.0 - share), out=spare[:used])
        if share:
            both[k + 1 : k + 1 + used] += np.multiply(now, p * share, out=spare[:used])
        return both

    def _one_removed(self, now: Floats, ahead: Floats, i: int, p: Floats, spare: Floats) -> float:
        """Take a vendor out of ``ahead``, in place; its expected loss times weight."""
        k, share, used = int(self.of.lower[i]), float(self.of.upper_share[i]), now.shape[0]
        before, (lower, upper) = ahead[:used], spare[:, :used]
        np.multiply(ahead[k : k + used], p * (1.0 - share), out=lower)
        lost = k * np.einsum("gc,gc->", now, lower)
        if share:
            np.multiply(ahead[k + 1 : k + 1 + used], p * share, out=upper)
            lost += (k + 1) * np.einsum("gc,gc->", now, upper)
            lower += upper
        before *= 1.0 - p
        before += lower
        return float(lost * self.of.step)


def _convolved(one: Floats, other: Floats) -> Floats:
    """Distribution of the sum of two independent losses, column by column."""
    if one.shape[0] == 1:
        return one * other
    length = one.shape[0] + other.shape[0] - 1
    both = np.fft.rfft(one, length, axis=0) * np.fft.rfft(other, length, axis=0)
    return np.maximum(np.fft.irfft(both, length, axis=0), 0.0)


def _columns(values: Floats, places: Places) -> Floats:
    return values if places.size == values.shape[1] else values[:, places]
