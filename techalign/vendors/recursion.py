"""Adding vendors one after another to the distribution of the total, for all factor values.

Given the factor and the states of the hubs, vendors are independent [1]. Hubs that hang
together are gone through as a tree: a vendor is added once the last hub it runs on has its
state, and the two states of a hub are averaged as soon as everything that runs on it is in. The
same tree walked backwards gives, for any weight on the total, what each vendor contributes: the
probability of being here times the expected weight from here on.

References
----------
[1] Andersen, L., Sidenius, J. and Basu, S. (2003). All your hedges in one basket. Risk 16(11),
    67-72.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from techalign.vendors.hubs import Hubs

__all__ = ["Conditional"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Places = NDArray[np.intp]

COLUMNS = 64
"""Factor values taken together: what fits the processor's cache."""

SMALLEST = 1e-11
"""Joint probability of a factor value and states of the hubs below which they are left out."""

LIKELY, VANISHING = 0.9, 1e-100


@dataclass(frozen=True, eq=False)
class Conditional:
    """Vendors on the grid, given each of M values of the factor.

    A vendor's loss is ``lower`` steps with probability ``1 - upper_share`` and one step more
    otherwise.
    """

    chance: Floats  # (n, M), by itself
    hub_chance: Floats  # (K, M), by itself
    hubs: Hubs | None
    lower: Counts  # (n,)
    upper_share: Floats  # (n,)
    step: float
    weight: Floats  # (M,)
    stages: list[_Stage] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", _stages(self.hubs, self.lower))

    @classmethod
    def on_grid(
        cls,
        chance: Floats,
        hub_chance: Floats,
        hubs: Hubs | None,
        steps: Floats,
        step: float,
        weight: Floats,
    ) -> Conditional:
        """Put losses of ``steps`` steps on the grid, split between their two neighbours."""
        # a loss meant to be whole steps must not be split by the last digit of a division
        whole = np.rint(steps)
        exact = np.where(np.abs(steps - whole) < 1e-9, whole, steps)
        lower = np.floor(exact)
        return cls(chance, hub_chance, hubs, lower.astype(np.int64), exact - lower, step, weight)

    def distribution(self) -> Floats:
        """Probability of each total; shape (G,)."""
        total = np.zeros(0)
        for columns in self._blocks():
            walk = _Walk(self, columns)
            now = np.ones((1, columns.size))
            for stage in self.stages:
                now = walk.through(now, stage)
            now /= now.sum(axis=0)  # what was left out as too small
            part = now @ self.weight[columns]
            total, part = (part, total) if part.size > total.size else (total, part)
            total[: part.size] += part
        return total

    def weighted_losses(self, tail_weight: Floats) -> Floats:
        """E[loss_i w(total)] for a weight per point of the grid; shape (n,)."""
        found = np.zeros(self.lower.size)
        for columns in self._blocks():
            walk = _Walk(self, columns)
            before = [np.ones((1, columns.size))]
            for stage in self.stages:
                before.append(walk.through(before[-1], stage))
            points = before[-1].shape[0]
            ahead = np.repeat(tail_weight[:points, None], columns.size, axis=1)
            share = self.weight[columns] / before[-1].sum(axis=0)
            for stage, start in zip(self.stages[::-1], before[-2::-1], strict=True):
                ahead = walk.back(start, ahead, stage, share, found)
        return found

    def hub_losses(self, loss: Floats) -> tuple[Floats, Floats]:
        """Probability that each hub is down, and expected loss given that; shape (K,) each."""
        count = self.hub_chance.shape[0]
        down, lost = np.zeros(count), np.zeros(count)
        by_stage = [self._stage_mean(stage, loss) for stage in self.stages]
        total = np.sum(by_stage, axis=0)
        for stage, mean in zip(self.stages, by_stage, strict=True):
            members = stage.members
            for state, chance in self._states(stage):
                if not any(state.values()):
                    continue
                given = _Walk(self, self._every).chances(members, state)
                money = (total - mean + loss[members] @ given) * chance
                for k in (k for k, is_down in state.items() if is_down):
                    down[k] += float(chance @ self.weight)
                    lost[k] += float(money @ self.weight)
        return down, lost / np.where(down > 0, down, 1.0)

    def _stage_mean(self, stage: _Stage, loss: Floats) -> Floats:
        """Expected loss of a stage's vendors for each factor value; shape (M,)."""
        walk, members = _Walk(self, self._every), stage.members
        parts = [
            chance * (loss[members] @ walk.chances(members, state))
            for state, chance in self._states(stage)
        ]
        mean: Floats = np.sum(parts, axis=0)
        return mean

    def marginals(self) -> Floats:
        """Probability that each vendor ceases, by itself or with a hub; shape (n,)."""
        found = np.zeros(self.lower.size)
        for stage in self.stages:
            for state, chance in self._states(stage):
                given = _Walk(self, self._every).chances(stage.members, state)
                found[stage.members] += given @ (chance * self.weight)
        return found

    @property
    def _every(self) -> Places:
        return np.arange(self.weight.size)

    def _states(self, stage: _Stage) -> Iterator[tuple[dict[int, bool], Floats]]:
        """Every state of a stage's hubs with its probability by factor value."""
        walk = _Walk(self, self._every)
        found: list[tuple[dict[int, bool], Floats]] = [({}, np.ones(self.weight.size))]
        for k in stage.hubs:
            found = [
                (state | {k: down}, chance * (q if down else 1.0 - q))
                for state, chance in found
                for q in [walk.hub_chance(k, state)]
                for down in (False, True)
            ]
        yield from found

    def _blocks(self) -> list[Places]:
        count = -(-self.weight.size // COLUMNS)
        return np.array_split(np.arange(self.weight.size), count)


@dataclass(frozen=True)
class _Stage:
    """Hubs that hang together, and for each the vendors added once it has its state.

    Without hubs there is one group: the vendors that run on none.
    """

    hubs: list[int]
    groups: list[Places]

    @property
    def members(self) -> Places:
        """All vendors of the stage."""
        return np.concatenate(self.groups)


def _stages(hubs: Hubs | None, lower: Counts) -> list[_Stage]:
    """Hubs first, while the support is small; then the vendors that run on none."""
    # smallest first, so that the support, and with it the work, grows late
    order = np.argsort(lower, kind="stable")
    if hubs is None:
        return [_Stage([], [order])]
    runs_on = hubs.takes > 0
    for k, row in enumerate(hubs.own):
        if row >= 0:
            runs_on[row, k] = True
    stages, free = [], np.ones(order.size, dtype=bool)
    for component in sorted(hubs.components(), key=len, reverse=True):
        groups, left = [], runs_on.copy()
        for place, k in enumerate(component):
            later = component[place + 1 :]
            member = left[:, k] & ~left[:, later].any(axis=1)
            groups.append(order[member[order]])
            free &= ~member
        stages.append(_Stage(component, groups))
    return [*stages, _Stage([], [order[free[order]]])]


class _Walk:
    """Walks of the tree for some values of the factor."""

    def __init__(self, of: Conditional, columns: Places) -> None:
        self.of, self.hubs = of, of.hubs
        self.columns = columns
        self.alone = of.chance[:, columns]

    def hub_chance(self, k: int, state: dict[int, bool]) -> Floats:
        """Probability that hub k is down, given the hubs it runs on."""
        assert self.hubs is not None  # there is a hub k
        assert self.hubs.chained is not None  # filled in by its constructor
        up = 1.0 - self.of.hub_chance[k, self.columns]
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

    def through(self, start: Floats, stage: _Stage) -> Floats:
        """Distribution after a stage, its hubs averaged out."""
        if not stage.hubs:
            return self._added(start, stage.groups[0], self.chances(stage.groups[0], {}))
        every = np.arange(self.columns.size)
        return self._branch(start, stage, 0, {}, every, self.of.weight[self.columns])

    def _branch(
        self,
        start: Floats,
        stage: _Stage,
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
        stage: _Stage,
        level: int,
        state: dict[int, bool],
        kept: Places,
        share: Floats,
    ) -> Iterator[tuple[dict[int, bool], Floats, Places]]:
        """Down and up: the state, its probability, and the columns where that matters."""
        k = stage.hubs[level]
        chance = self.hub_chance(k, state)[kept]
        for down, q in ((False, 1.0 - chance), (True, chance)):
            # the likelier side stays in any case: no factor value may vanish
            places = np.flatnonzero((share * q > SMALLEST) | (q >= 0.5))
            if places.size:
                yield state | {k: down}, q[places], places

    def back(
        self, start: Floats, ahead: Floats, stage: _Stage, share: Floats, found: Floats
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
        stage: _Stage,
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


def _columns(values: Floats, places: Places) -> Floats:
    return values if places.size == values.shape[1] else values[:, places]
