"""Which tasks fit into one period together: what money, hours and owners allow.

Where such sets are few, a schedule is a sequence of them, one a period, and a period's best packing
is known exactly instead of by sums that a part of a task may fill up [1].

References
----------
[1] Mingozzi, Maniezzo, Ricciardelli and Bianco 1998, An exact algorithm for the
    resource-constrained project scheduling problem based on a new mathematical formulation,
    Management Science 44(5).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.spending.plan.schedule_problem import ScheduleProblem

__all__ = ["PeriodSets", "feasible_sets"]

MOST = 12_000
"""Sets in a period: of more, the search takes longer than what it gains."""
_MOST_LARGEST = 40_000
_ROUNDING = 1e-9


@dataclass(frozen=True, kw_only=True, eq=False)
class PeriodSets:
    """The sets of tasks that can run in one period.

    Attributes
    ----------
    sets : ndarray of bool, shape (sets, n)
        All of them, the empty one too.
    largest : ndarray of bool, shape (sets,)
        Those to which no task can be added.
    """

    sets: Flags
    largest: Flags


def feasible_sets(problem: ScheduleProblem, most: int = MOST) -> Sequence[PeriodSets] | None:
    """For each period, the sets of tasks that can run and that its resources allow.

    Parameters
    ----------
    problem : ScheduleProblem
        Of n tasks and T periods.
    most : int
        Sets in a period.

    Returns
    -------
    sequence of T PeriodSets, or None
        None where there are more.

    Examples
    --------
    Three tasks, and money for the first alone or the other two:

    >>> three = ScheduleProblem(
    ...     value=np.ones((3, 1)), duration=np.array([1, 1, 1]),
    ...     uses=np.array([[3.0], [2.0], [1.0]]), capacity=np.array([[3.0]]),
    ...     mandatory=np.zeros(3, dtype=bool))
    >>> found = feasible_sets(three)[0]
    >>> found.sets[found.largest].astype(int).tolist()
    [[1, 0, 0], [0, 1, 1]]
    """
    found: list[PeriodSets] = []
    known: dict[bytes, PeriodSets | None] = {}
    for t in range(problem.value.shape[1]):
        can = _can_run(problem, t)
        capacity = problem.capacity[:, t]
        key = can.tobytes() + capacity.tobytes()
        if key not in known:
            known[key] = _sets(problem.uses, capacity, can, most)
        sets = known[key]
        if sets is None:
            return None
        found.append(sets)
    return found if sum(int(each.largest.sum()) for each in found) <= _MOST_LARGEST else None


def _can_run(problem: ScheduleProblem, t: int) -> Flags:
    """Tasks with a start with which they run in period t, shape (n,)."""
    starts = np.arange(problem.value.shape[1])[None, :]
    running = (starts <= t) & (t < starts + problem.duration[:, None])
    return np.asarray((problem.allowed & running).any(axis=1))


def _sets(uses: Floats, capacity: Floats, can: Flags, most: int) -> PeriodSets | None:
    """All sets of what can run, by their number of tasks; None where there are too many."""
    room = capacity + _ROUNDING
    fits = np.flatnonzero(can & (uses <= room).all(axis=1))
    sets, used = np.zeros((1, len(uses)), dtype=bool), np.zeros((1, uses.shape[1]))
    last, found, sums = np.array([-1]), [], []
    while len(sets):
        found.append(sets)
        sums.append(used)
        if sum(map(len, found)) > most:
            return None
        sets, used, last = _one_more(sets, used, last, uses, room, fits)
    every, used = np.concatenate(found), np.concatenate(sums)
    largest: Flags = np.ones(len(every), dtype=bool)
    for i in fits:
        largest[(used + uses[i] <= room).all(axis=1) & ~every[:, i]] = False
    return PeriodSets(sets=every, largest=largest)


def _one_more(
    sets: Flags, used: Floats, last: Counts, uses: Floats, room: Floats, fits: Counts
) -> tuple[Flags, Floats, Counts]:
    """The sets with one task more, each once: tasks are added in their order."""
    larger = [(sets[:0], used[:0], last[:0])]
    for i in fits:
        free = (last < i) & (used + uses[i] <= room).all(axis=1)
        more = sets[free]
        more[:, i] = True
        larger.append((more, used[free] + uses[i], np.full(len(more), i)))
    grown = [np.concatenate(part) for part in zip(*larger, strict=True)]
    return grown[0], grown[1], grown[2]
