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

from techalign.losses.hubs import Hubs
from techalign.losses.late import Plan, merged, parted, planned, product, set_chances, way_of
from techalign.losses.stages import Stage, stages_of
from techalign.losses.untangle import Untangled, untangled
from techalign.losses.walk import Walk

__all__ = ["Conditional"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]
Places = NDArray[np.intp]

COLUMNS = 64
"""Factor values taken together: what fits the processor's cache."""


@dataclass(frozen=True, eq=False)
class Conditional:
    """Vendors on the grid, given each of M values of the factor.

    A vendor's loss is ``lower`` steps with probability ``1 - upper_share`` and one step more
    otherwise.
    """

    chance: Floats  # (n, M), without the hubs gone through state by state
    tangle: Untangled | None
    lower: Counts  # (n,)
    upper_share: Floats  # (n,)
    step: float
    weight: Floats  # (M,)
    stages: list[Stage] = field(init=False)
    plan: Plan = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "stages", stages_of(self.hubs, self.lower))
        object.__setattr__(self, "plan", planned(self.stages, self.lower))

    @classmethod
    def on_grid(
        cls, alone: Floats, hubs: Hubs | None, loss: Floats, step: float, weight: Floats
    ) -> Conditional:
        """Put losses on a grid of ``step``, split between their two neighbours."""
        # a loss meant to be whole steps must not be split by the last digit of a division
        steps = loss / step
        whole = np.rint(steps)
        exact = np.where(np.abs(steps - whole) < 1e-9, whole, steps)
        lower = np.floor(exact)
        points = float(lower.sum()) + loss.size
        tangle = None if hubs is None else untangled(hubs, alone, loss, weight, points)
        chance = alone if tangle is None else tangle.alone
        return cls(chance, tangle, lower.astype(np.int64), exact - lower, step, weight)

    @property
    def hubs(self) -> Hubs | None:
        """Hubs that are gone through state by state."""
        return None if self.tangle is None else self.tangle.hubs

    def distribution(self) -> Floats:
        """Probability of each total; shape (G,)."""
        total, plan = np.zeros(0), self.plan
        for columns in self._blocks():
            walk = Walk(self, columns)
            now = np.ones((1, columns.size))
            for stage in plan.first:
                now = walk.through(now, stage)
            worlds = walk.worlds(plan.opened)
            # what was left out as too small
            share = worlds.spread(self.weight[columns] / (now.sum(axis=0) * worlds.kept))
            share = share * np.concatenate(worlds.chances)
            now = walk.added(worlds.spread(now), plan.early, walk.in_worlds(plan.early, worlds))
            sets = set_chances(walk.in_worlds(plan.late, worlds), share)
            part = merged(product(sets, now.T), self.lower[plan.late], self.upper_share[plan.late])
            total, part = (part, total) if part.size > total.size else (total, part)
            total[: part.size] += part
        return total

    def weighted_losses(self, tail_weight: Floats) -> Floats:
        """E[loss_i w(total)] for a weight per point of the grid; shape (n,)."""
        found, plan = np.zeros(self.lower.size), self.plan
        late = self.lower[plan.late], self.upper_share[plan.late]
        for columns in self._blocks():
            walk = Walk(self, columns)
            before = [np.ones((1, columns.size))]
            for stage in plan.first:
                before.append(walk.through(before[-1], stage))
            worlds = walk.worlds(plan.opened)
            share = self.weight[columns] / (before[-1].sum(axis=0) * worlds.kept)
            of_world = worlds.spread(share) * np.concatenate(worlds.chances)
            start, early = worlds.spread(before[-1]), walk.in_worlds(plan.early, worlds)
            now, last = walk.added(start, plan.early, early), walk.in_worlds(plan.late, worlds)
            way = way_of(product(set_chances(last, of_world), now.T), *late)
            ahead, lost = parted(way, tail_weight[: way[-1].shape[1]], *late)
            found[plan.late] += lost * self.step
            ahead = product(ahead.T, set_chances(last, np.ones_like(of_world)))
            ahead = walk.removed(start, ahead, plan.early, early, of_world, found)
            ahead = worlds.averaged(ahead)
            for stage, begin in zip(plan.first[::-1], before[-2::-1], strict=True):
                ahead = walk.back(begin, ahead, stage, share, found)
        return found

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
        """Each vendor's probability for each factor value, given that hub k is down; (n, M)."""
        assert self.tangle is not None  # there is a hub k
        hubs, chance = self.tangle.hubs, self.tangle.marginal[k]
        found = mean.copy()
        takes = np.where(self.tangle.folded[:, k], self.tangle.takes[:, k], hubs.takes[:, k])
        rows = np.flatnonzero(takes)
        share = takes[rows, None]
        # the hub's own part in a vendor's survival is taken out and put in as certain
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
        walk, hubs = Walk(self, self._every), np.array(stage.hubs)
        down[hubs] = lost[hubs] = 0.0
        for state, chance in self._states(stage):
            money = (elsewhere + loss[members] @ walk.chances(members, state)) * chance
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
        """Probability that each vendor ceases for each factor value; shape (n, M)."""
        found = self.chance.copy()
        for stage in self.stages:
            members = stage.members
            if self._chained(stage):
                walk = Walk(self, self._every)
                found[members] = sum(
                    chance * walk.chances(members, state) for state, chance in self._states(stage)
                )
            elif self.tangle is not None and stage.hubs:
                up = 1.0 - found[members]
                for k in stage.hubs:
                    takes = self.tangle.hubs.takes[members, k]
                    up *= 1.0 - takes[:, None] * self.tangle.marginal[k]
                found[members] = 1.0 - up
        return found

    def marginals(self) -> Floats:
        """Probability that each vendor ceases, by itself or with a hub; shape (n,)."""
        return self.given_factor() @ self.weight

    @property
    def _every(self) -> Places:
        return np.arange(self.weight.size)

    def _states(self, stage: Stage) -> Iterator[tuple[dict[int, bool], Floats]]:
        """Every state of a stage's hubs with its probability by factor value."""
        walk = Walk(self, self._every)
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
