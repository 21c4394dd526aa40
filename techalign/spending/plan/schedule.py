"""The search for the plan of greatest worth, with a bound that no plan can exceed.

The problem, its notation and its references are in
:mod:`techalign.spending.plan.schedule_problem`. Where few sets of tasks fit into a period, the
schedule is searched as a sequence of them (:mod:`~techalign.spending.plan.set_search`); otherwise,
and where the bad futures count, as an integer program, whose schedule is then improved part by
part.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Floats
from techalign.spending.plan.feasible_sets import PeriodSets, feasible_sets
from techalign.spending.plan.greedy import greedy_schedule
from techalign.spending.plan.improving import improve_schedule
from techalign.spending.plan.integer_program import Columns
from techalign.spending.plan.schedule_problem import ScheduleProblem
from techalign.spending.plan.set_prices import set_prices
from techalign.spending.plan.set_search import MOST_TASKS, search_sets

__all__ = ["Effort", "Schedule", "overrun", "solve_schedule"]

_NODES_PER_SECOND = 200
_ROUNDS_PER_SECOND = 3.0
_SEARCHING = 0.8
"""Share of the limit, before improving."""


@dataclass(frozen=True, kw_only=True)
class Effort:
    """How long to search, and how close is close enough.

    Parameters
    ----------
    seconds : float
        Limit on the search by the clock, all its parts together. Where sets of projects are few it
        needs a small part of that; elsewhere it is turned into a number of steps too, so that a
        machine that is fast enough always shows the same plan for the same inputs.
    gap : float
        Distance from the proven bound, as a share of it, at which to stop.

    Examples
    --------
    >>> Effort(seconds=2.0).gap
    0.0001
    """

    seconds: float = 5.0
    gap: float = 1e-4


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """When each task starts, what that is worth, and what no schedule can exceed.

    Attributes
    ----------
    start : ndarray of int, shape (n,)
        Period, -1 where a task is not started.
    worth, bound : float
    status : str
        "optimal" (within the gap asked for), "stopped" (at the limit) or "infeasible".
    """

    start: Counts
    worth: float
    bound: float
    status: str

    @property
    def gap(self) -> float:
        """How far the worth may be from the best, as a share of the bound; 0 where it is best."""
        if self.status == "infeasible":
            return float("nan")
        distance = max(self.bound - self.worth, 0.0)
        return distance / max(abs(self.bound), 1e-9) if distance > 1e-9 else 0.0


def solve_schedule(problem: ScheduleProblem, effort: Effort | None = None) -> Schedule:
    """Find the schedule of greatest worth, or one with a proven distance from it.

    Parameters
    ----------
    problem : ScheduleProblem
        Of n tasks, R resources and T periods.
    effort : Effort, optional

    Returns
    -------
    Schedule
        Where the search ends without one, that of :func:`greedy_schedule`.

    Raises
    ------
    ModelError
        If tasks wait for each other in a circle.

    Examples
    --------
    Two tasks, money for one at a time: the one that loses more by waiting goes first.

    >>> two = ScheduleProblem(
    ...     value=np.array([[5.0, 4.0], [9.0, 6.0]]), duration=np.array([1, 1]),
    ...     uses=np.array([[1.0], [1.0]]), capacity=np.array([[1.0, 1.0]]),
    ...     mandatory=np.array([False, False]))
    >>> best = solve_schedule(two)
    >>> best.start.tolist(), best.worth, best.gap
    ([1, 0], 13.0, 0.0)
    """
    _refuse_circles(problem)
    effort = effort or Effort()
    clock = _Clock(effort.seconds)
    columns = Columns(problem)
    if not columns.count:
        return _none(problem)
    start, bound = greedy_schedule(problem), np.inf
    sets = _few_sets(columns)
    prices = None if sets is None else set_prices(problem, columns, sets, clock.left())
    if sets is not None and prices is not None:
        start, bound = search_sets(
            problem, prices, sets, start, gap=effort.gap, seconds=clock.left()
        )
        if start is None and bound == -np.inf:
            return _infeasible(problem)
        if start is not None and _near(problem.worth(start), bound, effort):
            return _told(problem, start, bound, "optimal")
    found = _search(columns, effort, clock)
    if found.status == 2:
        return _infeasible(problem)
    bound = min(bound, _bound(found, columns))
    known = [each for each in (start, _starts(found, columns)) if each is not None]
    if not known:
        return _none(problem)
    start = max(known, key=problem.worth)
    if found.status == 0 or _near(problem.worth(start), bound, effort):
        return _told(problem, start, bound, "optimal")
    start = improve_schedule(
        problem, columns, start, rounds=max(1, round(effort.seconds * _ROUNDS_PER_SECOND)),
        seconds=clock.left(),
    )  # fmt: skip
    return _told(problem, start, bound, "stopped")


class _Clock:
    """What is left of a limit in seconds."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.until = seconds, time.perf_counter() + seconds

    def left(self, share: float = 1.0) -> float:
        """Seconds up to a share of the limit, never quite none."""
        return max(self.until - (1.0 - share) * self.seconds - time.perf_counter(), 0.01)


def _few_sets(columns: Columns) -> Sequence[PeriodSets] | None:
    """The sets of tasks of each period, where they are few and the bad futures do not count."""
    if columns.cautious or len(columns.problem.duration) > MOST_TASKS:
        return None
    return feasible_sets(columns.problem)


def _near(worth: float, bound: float, effort: Effort) -> bool:
    return bound - worth <= effort.gap * abs(bound) + 1e-9


def _starts(found: Any, columns: Columns) -> Counts | None:
    return None if found.x is None else columns.starts(found.x)


def _search(columns: Columns, effort: Effort, clock: _Clock) -> Any:
    """What HiGHS finds in its share of the limit."""
    from scipy.optimize import milp

    return milp(
        -columns.objective(),
        integrality=columns.whole(),
        bounds=columns.bounds(),
        constraints=columns.constraints(),
        options={
            "node_limit": max(1, round(effort.seconds * _NODES_PER_SECOND)),
            "time_limit": clock.left(_SEARCHING),
            "mip_rel_gap": effort.gap,
        },
    )


def _bound(found: Any, columns: Columns) -> float:
    """The proven bound of a search, that of the relaxation where it came to none."""
    from scipy.optimize import milp

    if found.mip_dual_bound is None or not np.isfinite(found.mip_dual_bound):
        found = milp(
            -columns.objective(), bounds=columns.bounds(), constraints=columns.constraints()
        )
        return -float(found.fun) if found.fun is not None else np.inf
    return -float(found.mip_dual_bound)


def _told(problem: ScheduleProblem, start: Counts, bound: float, status: str) -> Schedule:
    worth = problem.worth(start)
    return Schedule(start=start, worth=worth, bound=max(bound, worth), status=status)


def _infeasible(problem: ScheduleProblem) -> Schedule:
    start = np.full(len(problem.duration), -1)
    return Schedule(start=start, worth=np.nan, bound=np.nan, status="infeasible")


def _none(problem: ScheduleProblem) -> Schedule:
    """No schedule, or the empty one where nothing has to be done."""
    start = np.full(len(problem.duration), -1)
    if problem.mandatory.any() or problem.early_count:
        return Schedule(start=start, worth=np.nan, bound=np.nan, status="infeasible")
    return Schedule(start=start, worth=0.0, bound=0.0, status="optimal")


def _refuse_circles(problem: ScheduleProblem) -> None:
    left = list(problem.after)
    while left:
        waiting = {later for _, later in left}
        fewer = [pair for pair in left if pair[0] in waiting]
        if len(fewer) == len(left):
            tasks = sorted({task for pair in left for task in pair})
            raise ModelError("after", "has tasks that wait for each other", value=tasks)
        left = fewer


# What is missing where not even what must be done fits.


def overrun(problem: ScheduleProblem, effort: Effort | None = None) -> Floats | None:
    """The least that must be added to what there is, so that all that must be done can be.

    Parameters
    ----------
    problem : ScheduleProblem
        Of R resources and T periods.
    effort : Effort, optional

    Returns
    -------
    ndarray, shape (R, T), or None
        All 0 where everything fits; None where no amount helps.

    Examples
    --------
    >>> tight = ScheduleProblem(
    ...     value=np.zeros((1, 2)), duration=np.array([1]), uses=np.array([[5.0]]),
    ...     capacity=np.array([[3.0, 1.0]]), mandatory=np.array([True]))
    >>> overrun(tight).tolist()
    [[2.0, 0.0]]
    """
    from scipy.optimize import Bounds, LinearConstraint, milp
    from scipy.sparse import coo_array, hstack

    effort = effort or Effort()
    needed = problem.needed
    asked = replace(
        problem, value=np.where(needed[:, None], problem.value, -np.inf), early_count=0,
        pairs=(), bonus=None, caution=0.0,
    )  # fmt: skip
    limited = np.argwhere(np.isfinite(problem.capacity))
    roomy = replace(asked, capacity=np.full(problem.capacity.shape, np.inf))
    columns = Columns(roomy)
    if not columns.count:
        return None if problem.mandatory.any() else np.zeros(problem.capacity.shape)
    rest: Any = columns.constraints()
    ends = columns.period + problem.duration[columns.task]
    running = np.zeros((len(limited), columns.count))
    for row, (r, t) in enumerate(limited):
        live = (columns.period <= t) & (t < ends)
        running[row, : columns.starts_count] = live * problem.uses[columns.task, r]
    scale = np.maximum(problem.uses.max(axis=0), 1e-9)[limited[:, 0]]
    slack = coo_array((-scale, (np.arange(len(limited)), np.arange(len(limited)))))
    whole = np.concatenate([columns.whole(), np.zeros(len(limited), dtype=np.int64)])
    nothing = coo_array((int(rest.A.shape[0]), len(limited)), dtype=float)
    found = milp(
        np.concatenate([np.zeros(columns.count), np.ones(len(limited))]),
        integrality=whole,
        bounds=Bounds(0.0, np.where(whole == 1, 1.0, np.inf)),
        constraints=[
            LinearConstraint(hstack([rest.A, nothing]).tocsr(), rest.lb, rest.ub),
            LinearConstraint(
                hstack([coo_array(running), slack]).tocsr(), -np.inf,
                problem.capacity[limited[:, 0], limited[:, 1]],
            ),
        ],
        options={"node_limit": max(1, round(effort.seconds * _NODES_PER_SECOND)),
                 "time_limit": 4.0 * effort.seconds},
    )  # fmt: skip
    if found.x is None:
        return None
    missing = np.zeros(problem.capacity.shape)
    missing[limited[:, 0], limited[:, 1]] = np.round(scale * found.x[columns.count :], 6)
    return missing
