"""A plan in a moment, without a bound: tasks put in one by one, in many orders.

It takes over where the search for the best ends without a plan, and no plan shown is worth less.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.spending.plan.schedule_problem import ScheduleProblem

__all__ = ["greedy_schedule"]

_RESTARTS = 60


def greedy_schedule(
    problem: ScheduleProblem, restarts: int = _RESTARTS, seed: int = 7
) -> Counts | None:
    """Put tasks in by worth for what they use, many times with some chance in the order.

    Parameters
    ----------
    problem : ScheduleProblem
        Of n tasks.
    restarts : int
        Orders tried; the first has no chance in it.
    seed : int

    Returns
    -------
    ndarray of int, shape (n,), or None
        Starts of the best found, -1 for never; None where none does all that must be done.

    Examples
    --------
    >>> two = ScheduleProblem(
    ...     value=np.array([[5.0, 4.0], [9.0, 6.0]]), duration=np.array([1, 1]),
    ...     uses=np.array([[1.0], [1.0]]), capacity=np.array([[1.0, 1.0]]),
    ...     mandatory=np.array([False, False]))
    >>> greedy_schedule(two).tolist()
    [1, 0]
    """
    rng = np.random.default_rng(seed)
    allowed, needed = problem.allowed, problem.needed
    share = (problem.uses / np.maximum(np.nanmax(
        np.where(np.isfinite(problem.capacity), problem.capacity, np.nan), axis=1, initial=1e-9
    ), 1e-9)).sum(axis=1) * problem.duration  # fmt: skip
    best_value = np.where(allowed, problem.value, -np.inf).max(axis=1)
    ratio = np.where(np.isfinite(best_value), best_value, 0.0) / np.maximum(share, 1e-9)
    size = max(float(np.abs(ratio).max(initial=0.0)), 1e-9)
    # every other time, quick wins come before what is worth more
    early: Floats = np.zeros(len(ratio))
    if problem.early is not None and problem.early_count:
        early += 5.0 * problem.early
    best: tuple[float, Counts] | None = None
    for turn in range(restarts):
        score = ratio * rng.lognormal(0.0, 0.5, len(ratio)) if turn else ratio
        first = needed * 10.0 + (early if turn % 2 else 0.0)
        start = _insert(problem, allowed, score + first * size, needed)
        if start is None:
            continue
        worth = problem.worth(start)
        if best is None or worth > best[0]:
            best = (worth, start)
    return None if best is None else best[1]


def _insert(
    problem: ScheduleProblem, allowed: Flags, score: Floats, needed: Flags
) -> Counts | None:
    """Start tasks one by one, the best score of those that wait for nothing first."""
    start = np.full(len(score), -1)
    room = problem.capacity.copy()
    before = [[i for i, j in problem.after if j == task] for task in range(len(score))]
    left = set(range(len(score)))
    while left:
        ready = [task for task in left if not any(i in left for i in before[task])]
        task = max(ready, key=lambda each: (score[each], -each))
        left.remove(task)
        if any(start[i] < 0 for i in before[task]):
            continue
        first = max((start[i] + problem.duration[i] for i in before[task]), default=0)
        options = list(_fitting(problem, allowed, room, task, int(first)))
        if not options:
            continue
        period = options[0] if needed[task] else max(options, key=lambda t: problem.value[task, t])
        if needed[task] or problem.value[task, period] > 0:
            start[task] = period
            room[:, period : period + problem.duration[task]] -= problem.uses[task][:, None]
    if (start[problem.mandatory] < 0).any() or _too_few_early(problem, start):
        return None
    return start


def _fitting(
    problem: ScheduleProblem, allowed: Flags, room: Floats, task: int, first: int
) -> Iterator[int]:
    """Periods in which a task may start and fits."""
    used = problem.uses[task][:, None] - 1e-9
    for period in range(first, room.shape[1]):
        if allowed[task, period]:
            span = room[:, period : period + problem.duration[task]]
            if (used <= span).all():
                yield period


def _too_few_early(problem: ScheduleProblem, start: Counts) -> bool:
    if problem.early is None or not problem.early_count:
        return False
    ends = start + problem.duration
    in_time = problem.early & (start >= 0) & (ends <= problem.early_within)
    return int(in_time.sum()) < problem.early_count
