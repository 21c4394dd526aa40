"""The distribution of a total loss of events that share a factor and causes, and the way back.

Given the factor and the states of the causes (hubs), events are independent [1]. Hubs that hang
together are gone through as a tree: an event is added once the last hub it runs on has its
state, and the two states of a hub are averaged as soon as everything that runs on it is in. The
same tree walked backwards gives, for any weight on the total, what each event contributes: the
probability of being here times the expected weight from here on.

Most of the grid is there for a few large losses. They are added once the factor is averaged out:
one product of matrices gives, for every set of them, the distribution of the rest in the years in
which just this set happens; then sets that differ in one event are put together, one of them
moved by its loss. To keep this possible where large losses hang on hubs, the states of these hubs
are *worlds* beside the values of the factor until then.

Where many hubs hang together, their events are a product of transforms instead. Events on the same
few hubs make one factor for each state of just these hubs, built once and used in all the states
of the other hubs; adding them one by one would begin anew in each of them.

Notation: see ``convolution``.

References
----------
[1] Andersen, L., Sidenius, J. and Basu, S. (2003). All your hedges in one basket. Risk 16(11),
    67-72.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.losses.convolution import (
    added,
    convolved,
    merged,
    parted,
    phases,
    product,
    removed,
    set_chances,
    way_of,
)
from techalign.losses.hubs import Hubs, Untangled, untangled
from techalign.numbers.arrays import Counts, Floats, Places

__all__ = ["Conditional", "conditional"]

Complexes = NDArray[np.complex128]
State = dict[int, bool]

COLUMNS = 64
"""Factor values taken together: what fits the processor's cache."""

LATE = 6
"""Events added last; the sets of them double with each."""

OPENED = 3
"""Hubs whose states are worlds, at most; the worlds double with each."""

SMALLEST = 1e-9
"""Joint probability of a factor value and states of up to eight hubs below which they are left
out. In all it is a millionth or less, and moves the worst hundredth by a fiftieth of a thousandth.
"""

TANGLED = 4
"""Hubs of a stage from which on a product of transforms is quicker than adding events."""

KEPT = 4
"""Hubs of a factor of that product up to which it is kept for other states; it has two to that
many.
"""

ROWS = 16
"""Factor values whose transforms are taken together: what fits the processor's cache."""

MOST_CHANCES = 20_000_000
"""Chances of events by state and factor value up to which all of them are held at once."""

TOGETHER_IN_CACHE = 32
"""States and factor values whose distributions are built at once: what fits the cache."""


@dataclass(frozen=True)
class Stage:
    """Hubs that hang together, and for each the events added once it has its state.

    Without hubs there is one group: the events that run on none.
    """

    hubs: list[int]
    groups: list[Places]

    @property
    def members(self) -> Places:
        """All events of the stage."""
        return np.concatenate(self.groups)


def _stages(hubs: Hubs | None, lower: Counts) -> list[Stage]:
    """Hubs first, while the support is small; then the events that run on none."""
    # smallest first, so that the support, and with it the work, grows late
    order = np.argsort(lower, kind="stable")
    if hubs is None:
        return [Stage([], [order])]
    runs_on = hubs.takes > 0
    for k, row in enumerate(hubs.own):
        if row >= 0 and (runs_on[:, k].any() or hubs.runs_on_hubs(k)):
            runs_on[row, k] = True
    stages, free = [], np.ones(order.size, dtype=bool)
    for component in sorted(hubs.components(), key=len, reverse=True):
        groups, left = [], runs_on.copy() if len(component) > 1 else runs_on
        for place, k in enumerate(component):
            later = component[place + 1 :]
            member = left[:, k] & ~left[:, later].any(axis=1)
            groups.append(order[member[order]])
            free &= ~member
        # hubs nobody runs on are left out
        if any(group.size for group in groups):
            stages.append(Stage(component, groups))
    return [*stages, Stage([], [order[free[order]]])]


@dataclass(frozen=True)
class Plan:
    """Which events are added when.

    Attributes
    ----------
    first : list of Stage
        Added for each value of the factor, one after the other; the hubs averaged out.
    opened : list of Stage
        Their hubs' states are worlds.
    early : ndarray of int
        Events of the opened stages added in each world, smallest first.
    late : ndarray of int
        Events added last, smallest first.
    """

    first: list[Stage]
    opened: list[Stage]
    early: Places
    late: Places


def _planned(stages: list[Stage], lower: Counts) -> Plan:
    """Take the largest losses last, with their hubs opened where that is worth it."""
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
        first=[*first, Stage([], [alone[~last[alone]]])], opened=opened,
        early=order[(worlds & ~last)[order]], late=order[last[order]],
    )  # fmt: skip


@dataclass(frozen=True)
class _Worlds:
    """Values of the factor together with states of the opened hubs."""

    states: list[State]
    places: list[Places]  # for each state, the columns where it matters
    chances: list[Floats]  # its probability there
    size: int  # columns

    @property
    def kept(self) -> Floats:
        """Probability of all states that were not left out, by column."""
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


@dataclass(frozen=True, eq=False)
class _Tree:
    """The tree of the hubs' states for some values of the factor, and the walks through it."""

    chance: Floats  # (n, M), without the hubs
    hub_alone: Floats  # (K, M), of each hub without those it runs on
    weight: Floats  # (M,)
    hubs: Hubs | None
    lower: Counts  # (n,)
    upper_share: Floats  # (n,)

    def losses(self, rows: Places) -> tuple[Counts, Floats]:
        """Losses of some events, as ``added`` takes them."""
        return self.lower[rows], self.upper_share[rows]

    def hub_chance(self, k: int, state: State) -> Floats:
        """Probability that hub k is down, given the hubs it runs on."""
        assert self.hubs is not None  # there is a hub k
        assert self.hubs.chained is not None  # filled in by its constructor
        up = 1.0 - self.hub_alone[k]
        for j, down in state.items():
            if down:
                up = up * (1.0 - self.hubs.chained[k, j])
        chance: Floats = 1.0 - up
        return chance

    def chances(self, rows: Places, state: State) -> Floats:
        """Probability of some events given the states of their hubs; (m, M)."""
        chance: Floats = self.chance[rows]
        if self.hubs is None or not state:
            return chance
        spared = np.ones(rows.size)
        for k, down in state.items():
            if down:
                spared *= 1.0 - self.hubs.takes[rows, k]
        chance += (1.0 - chance) * (1.0 - spared)[:, None]
        for k, down in state.items():
            # an event that is the hub itself shares its fate
            if self.hubs.own[k] >= 0:
                chance[rows == self.hubs.own[k]] = float(down)
        return chance

    def states(self, stage: Stage) -> Iterator[tuple[State, Floats]]:
        """Every state of a stage's hubs with its probability by column."""
        found: list[tuple[State, Floats]] = [({}, np.ones(self.weight.size))]
        for k in stage.hubs:
            found = [
                (state | {k: down}, chance * (q if down else 1.0 - q))
                for state, chance in found
                for q in [self.hub_chance(k, state)]
                for down in (False, True)
            ]
        yield from found

    def worlds(self, stages: list[Stage]) -> _Worlds:
        """States of the hubs of some stages that matter, with their probability by column."""
        found: list[tuple[State, Floats]] = [({}, np.ones(self.weight.size))]
        for stage in stages:
            own = self._states_that_matter(stage)
            found = [(a | b, p * q) for a, p in found for b, q in own]
        places = [np.flatnonzero(q) for _, q in found]
        chances = [q[at] for (_, q), at in zip(found, places, strict=True)]
        return _Worlds(
            states=[state for state, _ in found], places=places, chances=chances,
            size=self.weight.size,
        )  # fmt: skip

    def _states_that_matter(self, stage: Stage) -> list[tuple[State, Floats]]:
        """States of one stage's hubs; 0 where they are left out."""
        every = np.arange(self.weight.size)
        found: list[tuple[State, Places, Floats]] = [({}, every, np.ones(every.size))]
        for level in range(len(stage.hubs)):
            found = [
                (after, kept[places], chance[places] * q)
                for state, kept, chance in found
                for after, q, places in self.sides(
                    stage, level, state, kept, self.weight[kept] * chance
                )
            ]
        whole = []
        for state, kept, chance in found:
            whole.append((state, np.zeros(every.size)))
            whole[-1][1][kept] = chance
        return whole

    def in_worlds(self, rows: Places, worlds: _Worlds) -> Floats:
        """Probability of some events in each world; (m, C)."""
        return np.concatenate(
            [
                self.chances(rows, state)[:, places]
                for state, places in zip(worlds.states, worlds.places, strict=True)
            ],
            axis=1,
        )

    def sides(
        self, stage: Stage, level: int, state: State, kept: Places, share: Floats
    ) -> Iterator[tuple[State, Floats, Places]]:
        """Down and up: the state, its probability, and the columns where that matters."""
        k = stage.hubs[level]
        smallest = SMALLEST / max(2.0 ** (len(stage.hubs) - 8), 1.0)
        chance = self.hub_chance(k, state)[kept]
        for down, q in ((False, 1.0 - chance), (True, chance)):
            # the likelier side stays in any case: no factor value may vanish
            places = np.flatnonzero((share * q > smallest) | (q >= 0.5))
            if places.size:
                yield state | {k: down}, q[places], places

    def through(self, start: Floats, stage: Stage) -> Floats:
        """Distribution after a stage, its hubs averaged out."""
        if not stage.hubs:
            group = stage.groups[0]
            return added(start, self.chances(group, {}), *self.losses(group))
        if len(stage.hubs) >= TANGLED:
            one_by_one = self._on_most(stage)
            return convolved(start, (self._alone if one_by_one else self._transformed)(stage))
        return self._branch(start, stage, 0, {}, np.arange(self.weight.size), self.weight)

    def _branch(
        self, start: Floats, stage: Stage, level: int, state: State, kept: Places, share: Floats
    ) -> Floats:
        """The two states of the hub at ``level``, with all that runs on it; (G, kept)."""
        if level == len(stage.hubs):
            return start
        total = np.zeros((0, kept.size))
        for after, q, places in self.sides(stage, level, state, kept, share):
            group = stage.groups[level]
            given = self.chances(group, after)[:, kept[places]]
            now = added(_columns(start, places), given, *self.losses(group))
            now = self._branch(now, stage, level + 1, after, kept[places], share[places] * q)
            total = _at_least(total, now.shape[0])
            now *= q
            if places.size == kept.size:
                total[: now.shape[0]] += now
            else:
                total[: now.shape[0], places] += now
        return total

    def back(
        self, start: Floats, ahead: Floats, stage: Stage, share: Floats, found: Floats
    ) -> Floats:
        """From the expected weight after a stage to that before it; adds to ``found``, in steps."""
        return self._back(start, ahead, stage, {}, np.arange(self.weight.size), share, found)

    def _back(
        self,
        start: Floats,
        ahead: Floats,
        stage: Stage,
        state: State,
        kept: Places,
        share: Floats,
        found: Floats,
    ) -> Floats:
        level = len(state)
        if stage.hubs and level == len(stage.hubs):
            return ahead
        group = stage.groups[level]
        if not stage.hubs:
            given = self.chances(group, {})
            before, lost = removed(start, ahead, given, *self.losses(group), share)
            found[group] += lost
            return before
        total = np.zeros((start.shape[0], kept.size))
        for after, q, places in self.sides(stage, level, state, kept, share):
            given = self.chances(group, after)[:, kept[places]]
            begin, part = _columns(start, places), share[places] * q
            middle = added(begin, given, *self.losses(group))
            later = self._back(
                middle, _columns(ahead, places), stage, after, kept[places], part, found
            )
            del middle
            before, lost = removed(begin, later, given, *self.losses(group), part)
            found[group] += lost
            total[:, places] += q * before
        return total

    def _on_most(self, stage: Stage) -> bool:
        """Whether most events run on so many hubs that no part of a product serves twice."""
        assert self.hubs is not None  # the stage has hubs
        on = (self.hubs.takes[stage.members] > 0).sum(axis=1)
        columns = self.weight.size * 2 ** len(stage.hubs)
        return bool(np.mean(on > KEPT) > 0.5 and on.size * columns <= MOST_CHANCES)

    def _alone(self, stage: Stage) -> Floats:
        """The stage by itself, its events added in every state of the hubs."""
        worlds = self.worlds([stage])
        members = stage.members[np.argsort(self.lower[stage.members], kind="stable")]
        chance, share = self.in_worlds(members, worlds), np.concatenate(worlds.chances)
        factor = np.concatenate(worlds.places)
        order = np.argsort(factor, kind="stable")
        total = np.zeros((0, self.weight.size))
        for begin in range(0, order.size, TOGETHER_IN_CACHE):
            places = order[begin : begin + TOGETHER_IN_CACHE]
            now = added(np.ones((1, places.size)), chance[:, places], *self.losses(members))
            now *= share[places]
            total = _at_least(total, now.shape[0])
            new = np.flatnonzero(np.diff(factor[places], prepend=-1))
            total[:, factor[places[new]]] += np.add.reduceat(now, new, axis=1)
        return total

    def _transformed(self, stage: Stage) -> Floats:
        """The stage by itself, as a product of transforms.

        Columns add up to nearly 1: states too small to matter are left out.
        """
        assert self.hubs is not None  # the stage has hubs
        runs_on = self.hubs.takes > 0
        for k in stage.hubs:
            if self.hubs.own[k] >= 0:
                runs_on[self.hubs.own[k]] = False  # its own state decides
                runs_on[self.hubs.own[k], k] = True
        members, groups = stage.members, [_same_hubs(group, runs_on) for group in stage.groups]
        points, length, turns = phases(*self.losses(members))
        turn_of = dict(zip(members.tolist(), turns, strict=True))
        total = np.empty((self.weight.size, length // 2 + 1), dtype=complex)
        for begin in range(0, self.weight.size, ROWS):
            kept = np.arange(begin, min(begin + ROWS, self.weight.size))
            walk = _Product(self, stage, groups, turn_of, kept)
            one = np.ones((kept.size, total.shape[1]), dtype=complex)
            total[kept] = walk.branch(one, 0, {}, kept, self.weight[kept])
        found = np.fft.irfft(total, length, axis=1)[:, :points]
        return np.ascontiguousarray(np.maximum(found, 0.0).T)


def _at_least(total: Floats, size: int) -> Floats:
    if total.shape[0] >= size:
        return total
    return np.concatenate([total, np.zeros((size - len(total), total.shape[1]))])


def _columns(values: Floats, places: Places) -> Floats:
    return values if places.size == values.shape[1] else values[:, places]


Group = tuple[tuple[int, ...], Places]


def _same_hubs(rows: Places, runs_on: NDArray[np.bool_]) -> list[Group]:
    """Events by the hubs they run on."""
    found: dict[tuple[int, ...], list[int]] = {}
    for i in rows:
        found.setdefault(tuple(np.flatnonzero(runs_on[i]).tolist()), []).append(int(i))
    return [(hubs, np.array(same, dtype=np.intp)) for hubs, same in found.items()]


class _Product:
    """The walk through the states of a stage's hubs by transforms, for some columns."""

    def __init__(
        self,
        tree: _Tree,
        stage: Stage,
        groups: list[list[Group]],
        turn_of: dict[int, Complexes],
        rows: Places,
    ) -> None:
        self.tree, self.stage, self.groups = tree, stage, groups
        self.turn_of, self.rows = turn_of, rows
        self.factors: dict[tuple[tuple[int, ...], tuple[bool, ...]], Complexes] = {}
        # memory asked for anew in every state would cost more than the sums
        size = len(stage.hubs), rows.size, next(iter(turn_of.values())).size
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
        for after, q, places in self.tree.sides(self.stage, level, state, kept, share):
            some, at = kept[places], _slice(places)
            rows, part = _slice(some - self.rows[0]), self.products[level, : places.size]
            part[:] = now[at]
            for hubs, events in self.groups[level]:
                if len(hubs) <= KEPT:
                    part *= self._factor(hubs, events, after)[rows]
                else:
                    self._multiply(part, self.tree.chances(events, after)[:, some], events)
            ended = self.branch(part, level + 1, after, some, share[places] * q)
            ended *= q[:, None]
            total[at] += ended
        return total

    def _factor(self, hubs: tuple[int, ...], events: Places, state: State) -> Complexes:
        """Transform of what events on the same hubs cost, kept for other states; (rows, F)."""
        key = (hubs, tuple(state[k] for k in hubs))
        found = self.factors.get(key)
        if found is None:
            found = np.ones((self.rows.size, self.once.shape[1]), dtype=complex)
            self._multiply(found, self.tree.chances(events, state)[:, self.rows], events)
            self.factors[key] = found
        return found

    def _multiply(self, found: Complexes, chance: Floats, events: Places) -> None:
        """Multiply by each event's transform, 1 + p times its turn."""
        once = self.once[: chance.shape[1]]
        parts, real = once.view(float), once.real
        for i, p in zip(events.tolist(), chance, strict=True):
            # a chance is no complex number: half the multiplications
            np.multiply(p[:, None], self.turn_of[i].view(float), out=parts)
            real += 1.0
            found *= once


def _slice(places: Places) -> slice | Places:
    """A view where places follow one another, as those of likely factor values do."""
    if places[-1] - places[0] + 1 == places.size:
        return slice(int(places[0]), int(places[-1]) + 1)
    return places


@dataclass(frozen=True, eq=False)
class Conditional:
    """Events on the grid, given each of M values of the factor; see :func:`conditional`."""

    chance: Floats  # (n, M), without the hubs gone through state by state
    tangle: Untangled | None
    lower: Counts  # (n,)
    upper_share: Floats  # (n,)
    step: float
    weight: Floats  # (M,)
    stages: list[Stage]
    plan: Plan

    @property
    def hubs(self) -> Hubs | None:
        """Hubs that are gone through state by state."""
        return None if self.tangle is None else self.tangle.hubs

    def distribution(self) -> Floats:
        """Probability of each total; shape (G,)."""
        total, plan = np.zeros(0), self.plan
        late = self.lower[plan.late], self.upper_share[plan.late]
        for tree in self._trees():
            now = np.ones((1, tree.weight.size))
            for stage in plan.first:
                now = tree.through(now, stage)
            worlds = tree.worlds(plan.opened)
            # what was left out as too small
            share = worlds.spread(tree.weight / (now.sum(axis=0) * worlds.kept))
            share = share * np.concatenate(worlds.chances)
            early = tree.in_worlds(plan.early, worlds)
            now = added(worlds.spread(now), early, *tree.losses(plan.early))
            sets = set_chances(tree.in_worlds(plan.late, worlds), share)
            part = merged(product(sets, now.T), *late)
            total, part = (part, total) if part.size > total.size else (total, part)
            total[: part.size] += part
        return total

    def weighted_losses(self, tail_weight: Floats) -> Floats:
        """E[loss_i w(total)] for a weight per point of the grid; shape (n,), money."""
        found, plan = np.zeros(self.lower.size), self.plan
        late = self.lower[plan.late], self.upper_share[plan.late]
        for tree in self._trees():
            before = [np.ones((1, tree.weight.size))]
            for stage in plan.first:
                before.append(tree.through(before[-1], stage))
            worlds, losses = tree.worlds(plan.opened), tree.losses(plan.early)
            share = tree.weight / (before[-1].sum(axis=0) * worlds.kept)
            of_world = worlds.spread(share) * np.concatenate(worlds.chances)
            start, early = worlds.spread(before[-1]), tree.in_worlds(plan.early, worlds)
            now, last = added(start, early, *losses), tree.in_worlds(plan.late, worlds)
            way = way_of(product(set_chances(last, of_world), now.T), *late)
            ahead, lost = parted(way, tail_weight[: way[-1].shape[1]], *late)
            found[plan.late] += lost
            ahead = product(ahead.T, set_chances(last, np.ones_like(of_world)))
            ahead, lost = removed(start, ahead, early, *losses, of_world)
            found[plan.early] += lost
            ahead = worlds.averaged(ahead)
            for stage, begin in zip(plan.first[::-1], before[-2::-1], strict=True):
                ahead = tree.back(begin, ahead, stage, share, found)
        return found * self.step

    def hub_losses(self, loss: Floats) -> tuple[Floats, Floats]:
        """Probability that each hub is down, and expected loss given that; shape (K,) each."""
        if self.tangle is None:
            return np.zeros(0), np.zeros(0)
        mean = self.given_factor()
        down, lost = self.tangle.marginal.copy(), np.zeros_like(self.tangle.marginal)
        for k in range(len(down)):
            lost[k] = loss @ self._where_down(k, mean)
        for stage in self.stages:
            if self._chained(stage):
                self._chained_losses(stage, loss, mean, down, lost)
        chance = down @ self.weight
        money = (down * lost) @ self.weight
        return chance, money / np.where(chance > 0, chance, 1.0)

    def _where_down(self, k: int, mean: Floats) -> Floats:
        """Each event's probability for each factor value, given that hub k is down; (n, M)."""
        assert self.tangle is not None  # there is a hub k
        hubs, chance = self.tangle.hubs, self.tangle.marginal[k]
        found = mean.copy()
        takes = np.where(self.tangle.folded[:, k], self.tangle.takes[:, k], hubs.takes[:, k])
        rows = np.flatnonzero(takes)
        share = takes[rows, None]
        # the hub's own part in an event's absence is taken out and put in as certain
        found[rows] = 1.0 - (1.0 - mean[rows]) * (1.0 - share) / np.maximum(
            1.0 - share * chance, 1e-300
        )
        if hubs.own[k] >= 0:
            found[hubs.own[k]] = 1.0
        return found

    def _chained_losses(
        self, stage: Stage, loss: Floats, mean: Floats, down: Floats, lost: Floats
    ) -> None:
        """Where hubs run on hubs, their states are gone through."""
        members = stage.members
        elsewhere = loss @ mean - loss[members] @ mean[members]
        tree, hubs = self._tree(slice(None)), np.array(stage.hubs)
        down[hubs] = lost[hubs] = 0.0
        for state, chance in tree.states(stage):
            money = (elsewhere + loss[members] @ tree.chances(members, state)) * chance
            for k in (k for k, is_down in state.items() if is_down):
                down[k] += chance
                lost[k] += money
        lost[hubs] /= np.where(down[hubs] > 0, down[hubs], 1.0)

    def _chained(self, stage: Stage) -> bool:
        """Whether the state of one of the stage's hubs depends on another's."""
        hubs = self.hubs
        if hubs is None:
            return False
        return any(hubs.own[k] >= 0 or hubs.runs_on_hubs(k) for k in stage.hubs)

    def given_factor(self) -> Floats:
        """Probability of each event for each factor value, hubs included; shape (n, M)."""
        found = self.chance.copy()
        for stage in self.stages:
            members = stage.members
            if self._chained(stage):
                tree = self._tree(slice(None))
                found[members] = sum(
                    chance * tree.chances(members, state) for state, chance in tree.states(stage)
                )
            elif self.tangle is not None and stage.hubs:
                up = 1.0 - found[members]
                for k in stage.hubs:
                    takes = self.tangle.hubs.takes[members, k]
                    up *= 1.0 - takes[:, None] * self.tangle.marginal[k]
                found[members] = 1.0 - up
        return found

    def marginals(self) -> Floats:
        """Probability of each event, by itself or with a hub; shape (n,)."""
        return self.given_factor() @ self.weight

    def _tree(self, columns: Places | slice) -> _Tree:
        alone = None if self.tangle is None else self.tangle.hub_alone
        return _Tree(
            chance=self.chance[:, columns],
            hub_alone=np.zeros((0, 0)) if alone is None else alone[:, columns],
            weight=self.weight[columns], hubs=self.hubs, lower=self.lower,
            upper_share=self.upper_share,
        )  # fmt: skip

    def _trees(self) -> Iterator[_Tree]:
        for begin in _begins(self.weight.size):
            yield self._tree(begin)


def _begins(size: int) -> list[slice]:
    """Even parts of at most ``COLUMNS``."""
    parts = np.array_split(np.arange(size), -(-size // COLUMNS))
    return [slice(int(part[0]), int(part[-1]) + 1) for part in parts]


def conditional(
    alone: Floats, hubs: tuple[Hubs, Floats] | None, loss: Floats, step: float, weight: Floats
) -> Conditional:
    """Put losses on a grid, split between its two neighbours so that the mean is kept.

    Parameters
    ----------
    alone : ndarray, shape (n, M)
        Probability of each event by itself for each value of the factor.
    hubs : (Hubs, ndarray) or None
        With the probability of each hub by itself for each value of the factor, shape (K, M).
    loss : ndarray, shape (n,)
        Money.
    step : float
        Money per step of the grid.
    weight : ndarray, shape (M,)
        Of the values of the factor, adding up to 1.
    """
    # a loss meant to be whole steps must not be split by the last digit of a division
    steps = loss / step
    whole = np.rint(steps)
    exact = np.where(np.abs(steps - whole) < 1e-9, whole, steps)
    lower = np.floor(exact)
    points = float(lower.sum()) + loss.size
    tangle = None if hubs is None else untangled(hubs[0], alone, hubs[1], loss, weight, points)
    whole_steps = lower.astype(np.int64)
    stages = _stages(None if tangle is None else tangle.hubs, whole_steps)
    return Conditional(
        chance=alone if tangle is None else tangle.alone, tangle=tangle, lower=whole_steps,
        upper_share=exact - lower, step=step, weight=weight, stages=stages,
        plan=_planned(stages, whole_steps),
    )  # fmt: skip
