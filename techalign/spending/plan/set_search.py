"""The best schedule as a path through the periods, what cannot be the best left out on the way.

A state is what has been started and how long each of it still runs: of two ways to the same state
only the better can go on (a dynamic program). What a state has lost against the bound, at the
prices of :mod:`techalign.spending.plan.set_prices`, no later decision takes back, so a state that
has lost more than the distance to the best schedule known is left out. Where states are too many,
the most promising go on [1], and the best of the others stays a bound: the search is repeated with
more states until none was left behind.

References
----------
[1] Bergman, Cire, van Hoeve and Hooker 2016, Decision Diagrams for Optimization: restricted
    diagrams, and bounds from what they leave out.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt

from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.spending.plan.feasible_sets import PeriodSets
from techalign.spending.plan.schedule_problem import ScheduleProblem
from techalign.spending.plan.set_prices import SetPrices

__all__ = ["search_sets"]

Masks: TypeAlias = npt.NDArray[np.uint64]

MOST_TASKS = 63
"""A state keeps its tasks as the bits of one number."""
_WIDTHS = (300, 3_000, 30_000, 100_000)
_MOST_WAYS = 1_500_000
_TABLE = 2_000_000


def search_sets(
    problem: ScheduleProblem,
    prices: SetPrices,
    sets: Sequence[PeriodSets],
    start: Counts | None,
    *,
    gap: float,
    seconds: float = np.inf,
) -> tuple[Counts | None, float]:
    """Find the best schedule, or a good one with its bound where there are too many states.

    Parameters
    ----------
    problem : ScheduleProblem
        Of n tasks, no more than 63, without bad futures.
    prices : SetPrices
    sets : sequence of PeriodSets
    start : ndarray of int, shape (n,), or None
        A schedule known, -1 for never.
    gap : float
        What is better by a smaller share than this is not looked for.
    seconds : float
        Of the clock, at which it ends.

    Returns
    -------
    start : ndarray of int, shape (n,), or None
    bound : float
        -inf where there is no schedule.

    Examples
    --------
    >>> from techalign.spending.plan.feasible_sets import feasible_sets
    >>> from techalign.spending.plan.integer_program import Columns
    >>> from techalign.spending.plan.set_prices import set_prices
    >>> two = ScheduleProblem(
    ...     value=np.array([[5.0, 4.0], [9.0, 6.0]]), duration=np.array([1, 1]),
    ...     uses=np.array([[1.0], [1.0]]), capacity=np.array([[1.0, 1.0]]),
    ...     mandatory=np.array([False, False]))
    >>> sets = feasible_sets(two)
    >>> best, bound = search_sets(
    ...     two, set_prices(two, Columns(two), sets), sets, None, gap=1e-4)
    >>> best.tolist()
    [1, 0]
    """
    until = time.perf_counter() + seconds
    bound, worth = prices.bound, -np.inf if start is None else problem.worth(start)
    for width in _WIDTHS:
        target = worth + gap * abs(worth) if start is not None else -np.inf
        path = _Path(problem, prices, sets, target, width)
        other = path.walk(until)
        if other is None and path.stopped:
            break
        if other is not None and problem.worth(other) > worth:
            start, worth = other, problem.worth(other)
        reached = max(worth, target)
        bound = min(bound, max(path.left_behind, reached))
        if path.left_behind <= reached:
            break
    return start, bound


@dataclass(frozen=True, kw_only=True, eq=False)
class _States:
    """Where the schedule may be: N states.

    ``begun`` has the tasks started, ``running[k]`` those that run for more than k periods from now
    on; ``hope`` is the bound less what was lost so far, ``worth`` what was gained.
    """

    begun: Masks
    running: tuple[Masks, ...]
    hope: Floats
    worth: Floats

    def of(self, rows: Counts | Flags) -> _States:
        """Some of the states."""
        return _States(
            begun=self.begun[rows],
            running=tuple(each[rows] for each in self.running),
            hope=self.hope[rows],
            worth=self.worth[rows],
        )


class _Path:
    """One way through the periods, with at most ``width`` states after each."""

    def __init__(
        self,
        problem: ScheduleProblem,
        prices: SetPrices,
        sets: Sequence[PeriodSets],
        target: float,
        width: int,
    ) -> None:
        self.problem, self.prices, self.sets = problem, prices, sets
        self.target, self.width = target, width
        self.left_behind, self.stopped = -np.inf, False
        self.value = np.where(problem.allowed, problem.value, 0.0)
        longest = int(problem.duration.max())
        self.longer = [_mask(problem.duration > k) for k in range(longest + 1)]

    def walk(self, until: float) -> Counts | None:
        """Through all periods and back; None where nothing better was found."""
        problem, nothing = self.problem, np.zeros(1, dtype=np.uint64)
        states = _States(
            begun=nothing, running=(nothing,) * (len(self.longer) - 1),
            hope=np.array([self.prices.bound]), worth=np.zeros(1),
        )  # fmt: skip
        steps: list[tuple[Counts, Masks]] = []
        for t in range(problem.value.shape[1]):
            if time.perf_counter() > until:
                self.stopped = True
                return None
            states, came, new = self._step(states, t)
            if not len(came):
                return None
            steps.append((came, new))
        worth = states.worth + self._live(states.begun) @ problem.bonuses[:, len(steps)]
        return self._back(steps, int(np.argmax(worth)))

    def _back(self, steps: list[tuple[Counts, Masks]], place: int) -> Counts:
        count = len(self.problem.duration)
        start = np.full(count, -1)
        for t in range(len(steps) - 1, -1, -1):
            came, new = steps[t]
            start[_bits(new[place : place + 1], count)[0]] = t
            place = int(came[place])
        return start

    def _step(self, states: _States, t: int) -> tuple[_States, Counts, Masks]:
        """The states after period t, the state each came from, and the tasks it started."""
        came, chosen, hope, worth = self._ways(states, t)
        new = _mask(self.sets[t].sets)[chosen] & ~states.running[0][came]
        begun = states.begun[came] | new
        still = (*(each[came] for each in states.running[1:]), np.zeros_like(new))
        ended = (states.begun & ~states.running[0])[came]
        more = _States(
            begun=begun,
            running=tuple(
                each | (new & self.longer[k + 1]) for k, each in enumerate(still)
            ),
            hope=hope - self._slack(ended, begun, t),
            worth=worth + self._live(ended) @ self.problem.bonuses[:, t],
        )  # fmt: skip
        may, extra = self._in_time(more, t)
        more = _States(
            begun=more.begun, running=more.running, hope=more.hope - extra, worth=more.worth
        )
        kept = np.flatnonzero(may & (more.hope >= self.target))
        kept = kept[_best_of_same(more.of(kept))]
        kept = kept[self._widest(more.hope[kept])]
        return more.of(kept), came[kept], new[kept]

    def _ways(self, states: _States, t: int) -> tuple[Counts, Counts, Floats, Floats]:
        """All that may follow: state, set, hope and worth after it."""
        problem, prices, sets = self.problem, self.prices, self.sets[t].sets
        count = len(problem.duration)
        packed, starts, gains = sets @ prices.running[t], prices.starting[:, t], self.value[:, t]
        cost, gain = packed.max() - packed + sets @ starts, sets @ gains
        going = _bits(states.running[0], count)
        hope, worth = states.hope + going @ starts, states.worth - going @ gains
        free = states.running[0] | (self._ready(states, t) & ~states.begun)
        order = np.argsort(cost, kind="stable")
        tasks, cost = _mask(sets)[order], cost[order]
        found: list[tuple[Counts, Counts]] = [(np.zeros(0, int), np.zeros(0, int))]
        size = max(1, _TABLE // len(tasks))
        for a in range(0, len(hope), size):
            part = slice(a, a + size)
            most = int(np.searchsorted(cost, hope[part].max() - self.target, side="right"))
            fits = hope[part, None] - cost[None, :most] >= self.target
            fits &= (states.running[0][part, None] & ~tasks[None, :most]) == 0
            fits &= (tasks[None, :most] & ~free[part, None]) == 0
            state, place = np.nonzero(fits)
            found.append(self._fewer(state + a, place, hope, cost))
        came, place = (np.concatenate(each) for each in zip(*found, strict=True))
        came, place = self._fewer(came, place, hope, cost)
        return came, order[place], hope[came] - cost[place], worth[came] + gain[order[place]]

    def _fewer(
        self, state: Counts, place: Counts, hope: Floats, cost: Floats
    ) -> tuple[Counts, Counts]:
        """The most promising ways, where they are too many to be looked at."""
        if len(state) <= _MOST_WAYS:
            return state, place
        after = hope[state] - cost[place]
        order = np.argpartition(-after, _MOST_WAYS)
        self.left_behind = max(self.left_behind, float(after[order[_MOST_WAYS]]))
        kept = np.sort(order[:_MOST_WAYS])
        return state[kept], place[kept]

    def _widest(self, hope: Floats) -> Counts:
        """The most promising states."""
        order = np.argsort(-hope, kind="stable")
        if len(order) > self.width:
            self.left_behind = max(self.left_behind, float(hope[order[self.width]]))
        return order[: self.width]

    def _ready(self, states: _States, t: int) -> Masks:
        """Tasks that may start in period t."""
        ready = np.repeat(self.problem.allowed[None, :, t], len(states.begun), axis=0)
        ended = _bits(states.begun & ~states.running[0], ready.shape[1])
        for i, j in self.problem.after:
            ready[:, j] &= ended[:, i]
        return _mask(ready)

    def _slack(self, ended: Masks, begun: Masks, t: int) -> Floats:
        """What is lost by what has ended without what waits for it or what it helps."""
        lost, prices, problem = np.zeros(len(ended)), self.prices, self.problem
        for (i, j), price in zip(problem.after, prices.order[:, t], strict=True):
            if price > 0:
                lost += price * (_bit(ended, i) & ~_bit(begun, j))
        return lost + self._apart(ended, t)

    def _apart(self, ended: Masks, t: int) -> Floats:
        lost = np.zeros(len(ended))
        for p, (i, j) in enumerate(self.problem.pairs):
            one, other = _bit(ended, i), _bit(ended, j)
            first, second = self.prices.alone[p, t]
            lost += first * (one & ~other) + second * (other & ~one)
            lost += self.prices.both[p, t] * (one & other)
        return lost

    def _live(self, ended: Masks) -> Flags:
        """Which pairs are live, shape (states, P)."""
        live = np.zeros((len(ended), len(self.problem.pairs)), dtype=bool)
        for p, (i, j) in enumerate(self.problem.pairs):
            live[:, p] = _bit(ended, i) & _bit(ended, j)
        return live

    def _in_time(self, states: _States, t: int) -> tuple[Flags, Floats]:
        """Which states keep what must be done by now, and what more early tasks cost them."""
        problem, periods = self.problem, self.problem.value.shape[1]
        can_wait = problem.allowed[:, t + 1 :].any(axis=1)
        due = _mask(problem.mandatory & ~can_wait)
        may: Flags = (states.begun & due) == due
        extra = np.zeros(len(may))
        in_time = t == min(problem.early_within, periods) - 1
        if problem.early is not None and problem.early_count and in_time:
            over = states.begun & ~states.running[0] & _mask(problem.early)
            many = _bits(over, len(problem.early)).sum(axis=1) - problem.early_count
            may, extra = may & (many >= 0), self.prices.early * np.maximum(many, 0)
        return may, extra


def _best_of_same(states: _States) -> Counts:
    """Of states with the same tasks started and running, the one worth most."""
    keys = (-states.worth, *states.running, states.begun)
    order = np.lexsort(keys)
    if not len(order):
        return order
    same = np.ones(len(order) - 1, dtype=bool)
    for key in keys[1:]:
        same &= key[order[1:]] == key[order[:-1]]
    kept: Counts = order[np.append(True, ~same)]
    return kept


def _mask(flags: Flags) -> Masks:
    """Flags of the last axis as the bits of one number."""
    power = np.left_shift(np.uint64(1), np.arange(flags.shape[-1], dtype=np.uint64))
    return np.asarray((flags * power).sum(axis=-1, dtype=np.uint64))


def _bits(masks: Masks, count: int) -> Flags:
    """The bits of each number, shape (numbers, count)."""
    place = np.arange(count, dtype=np.uint64)
    return np.asarray((masks[:, None] >> place) & np.uint64(1), dtype=bool)


def _bit(masks: Masks, place: int) -> Flags:
    return np.asarray((masks >> np.uint64(place)) & np.uint64(1), dtype=bool)
