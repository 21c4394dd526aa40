"""A plan made better part by part: most tasks stay where they are, the best is found for the rest.

Where the search for the best plan is stopped, its own plan may be some hundredths from the best it
could have found in the same time this way (a large neighbourhood search [1]).

References
----------
[1] Shaw 1998, "Using constraint programming and local search methods to solve vehicle routing
    problems", CP 98: large neighbourhood search.
"""

from __future__ import annotations

import time

import numpy as np

from techalign.numbers.arrays import Counts
from techalign.spending.plan.integer_program import Columns
from techalign.spending.plan.schedule_problem import ScheduleProblem

__all__ = ["improve_schedule"]

FREE = 14
"""Tasks that may move in a round: their best is found in a few hundredths of a second."""
_NODES = 60


def improve_schedule(
    problem: ScheduleProblem,
    columns: Columns,
    start: Counts,
    *,
    rounds: int,
    seconds: float = np.inf,
    seed: int = 7,
) -> Counts:
    """Let some tasks at a time move, each time to the best of all their places.

    Parameters
    ----------
    problem : ScheduleProblem
        Of n tasks.
    columns : Columns
        Of the same problem.
    start : ndarray of int, shape (n,)
        A schedule that keeps all limits, -1 for never.
    rounds : int
        How many times.
    seconds : float
        Of the clock, at which it ends.
    seed : int

    Returns
    -------
    ndarray of int, shape (n,)
        Worth as much or more.

    Examples
    --------
    >>> two = ScheduleProblem(
    ...     value=np.array([[5.0, 4.0], [9.0, 6.0]]), duration=np.array([1, 1]),
    ...     uses=np.array([[1.0], [1.0]]), capacity=np.array([[1.0, 1.0]]),
    ...     mandatory=np.array([False, False]))
    >>> improve_schedule(two, Columns(two), np.array([0, -1]), rounds=1).tolist()
    [1, 0]
    """
    from scipy.optimize import Bounds, milp

    rng = np.random.default_rng(seed)
    count, limits = len(problem.duration), columns.constraints()
    cost, whole, ends = -columns.objective(), columns.whole(), columns.bounds()
    worth = problem.worth(start)
    until = time.perf_counter() + seconds
    for _ in range(rounds):
        left = until - time.perf_counter()
        if left <= 0:
            break
        moving = np.isin(columns.task, rng.choice(count, min(FREE, count), replace=False))
        stays = np.zeros(columns.count, dtype=bool)
        stays[: columns.starts_count] = ~moving
        now = np.zeros(columns.count)
        now[: columns.starts_count] = start[columns.task] == columns.period
        found = milp(
            cost,
            integrality=whole,
            bounds=Bounds(np.where(stays, now, ends.lb), np.where(stays, now, ends.ub)),
            constraints=limits,
            options={"node_limit": _NODES, "time_limit": left},
        )
        other = None if found.x is None else columns.starts(found.x)
        if other is not None and problem.worth(other) > worth:
            start, worth = other, problem.worth(other)
    return start
