"""What a schedule loses against a bound with each decision: prices from a relaxation by sets.

Each period is told as a mix of the sets of tasks that it allows; the multipliers of that relaxation
price the tasks that run, and what is left of each unknown and each row is a loss that no schedule
takes back [1]. Notation as in :mod:`techalign.spending.plan.schedule_problem`, a_iS being 1 where
task i is in set S:

    Σ_{t-d_i<s≤t} x_is ≤ Σ_S a_iS λ_tS     Σ_S λ_tS = 1
    worth = bound - Σ loss_it x_it - Σ_t (max_S π_t·a_S - π_t·a_{S_t}) - slacks by their prices

The bound holds for whatever prices there are, so it does not hang on how exactly they were solved.

References
----------
[1] Geoffrion 1974, Lagrangean relaxation for integer programming, Mathematical Programming Study 2.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.spending.plan.feasible_sets import PeriodSets
from techalign.spending.plan.integer_program import Columns, Rows
from techalign.spending.plan.schedule_problem import ScheduleProblem

__all__ = ["SetPrices", "set_prices"]

_FIRST, _MORE, _ROUNDS = 200, 40, 30
"""Sets of a period to begin with and to add in each round, and rounds."""
_CLOSE = 1e-3
"""Share of the worth at which better prices are not worth a further round."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SetPrices:
    """Prices of what runs, what starts and what is left, and the bound they prove.

    Attributes
    ----------
    bound : float
        No schedule is worth more.
    running : ndarray, shape (T, n)
        π, of each task in each period in which it runs.
    starting : ndarray, shape (n, T)
        Loss of a start.
    order : ndarray, shape (A, T)
        Of each pair that must follow: a period in which the first has ended and the other waits.
    alone : ndarray, shape (P, T + 1, 2)
        Of each pair that help each other: a period in which only the one, only the other has ended.
    both : ndarray, shape (P, T + 1)
        Loss of a period in which both have.
    early : float
        Of each early task above the number asked for.
    """

    bound: float
    running: Floats
    starting: Floats
    order: Floats
    alone: Floats
    both: Floats
    early: float


def set_prices(
    problem: ScheduleProblem,
    columns: Columns,
    sets: Sequence[PeriodSets],
    seconds: float = np.inf,
) -> SetPrices | None:
    """Solve the relaxation by sets and read its prices; None where there are none.

    Parameters
    ----------
    problem : ScheduleProblem
    columns : Columns
        Of the same problem, without bad futures.
    sets : sequence of T PeriodSets
    seconds : float
        Of the clock, at which it ends with the best prices so far.

    Returns
    -------
    SetPrices or None

    Examples
    --------
    >>> from techalign.spending.plan.feasible_sets import feasible_sets
    >>> two = ScheduleProblem(
    ...     value=np.array([[5.0, 4.0], [9.0, 6.0]]), duration=np.array([1, 1]),
    ...     uses=np.array([[1.0], [1.0]]), capacity=np.array([[1.0, 1.0]]),
    ...     mandatory=np.array([False, False]))
    >>> round(set_prices(two, Columns(two), feasible_sets(two)).bound, 6)
    13.0
    """
    book, rows = Rows(), {}
    for name in ("once", "order", "pairs", "early"):
        begin = len(book.low)
        getattr(columns, name)(book)
        rows[name] = np.arange(begin, len(book.low))
    best, until = None, time.perf_counter() + seconds
    largest = [np.flatnonzero(each.largest) for each in sets]
    used = [_promising(problem, each, rows) for each, rows in zip(sets, largest, strict=True)]
    for _ in range(_ROUNDS):
        mixes = [each.sets[rows] for each, rows in zip(sets, used, strict=True)]
        found = _relaxed(columns, mixes, book, until - time.perf_counter())
        if found is None and sum(map(len, used)) == sum(map(len, largest)):
            break
        if found is None:
            used = largest
            continue
        prices = _read(problem, columns, sets, found, rows, book)
        if best is None or prices.bound < best.bound:
            best = prices
        if prices.bound - found.worth <= _CLOSE * abs(found.worth):
            break
        used = [
            np.union1d(mine, all_[np.argsort(-(each.sets[all_] @ price), kind="stable")[:_MORE]])
            for mine, all_, each, price in zip(used, largest, sets, found.running, strict=True)
        ]
    return best


def _promising(problem: ScheduleProblem, sets: PeriodSets, largest: Counts) -> Counts:
    """Sets to begin with: those whose tasks are worth most for a period's work."""
    value = np.where(problem.allowed, problem.value, -np.inf).max(axis=1)
    value = np.where(np.isfinite(value), value, 0.0) / problem.duration
    order = np.argsort(-(sets.sets[largest] @ value), kind="stable")
    return np.sort(largest[order[:_FIRST]])


@dataclass(frozen=True, kw_only=True, eq=False)
class _Relaxed:
    """Its worth, the multipliers of the program's rows, and those of what runs, shape (T, n)."""

    worth: float
    dual: Floats
    running: Floats


def _relaxed(
    columns: Columns, mixes: Sequence[Flags], book: Rows, seconds: float
) -> _Relaxed | None:
    """The relaxation over some sets of each period; None where they satisfy nothing."""
    from scipy.optimize import linprog
    from scipy.sparse import block_array, block_diag, csr_array, vstack

    count, periods = len(columns.problem.duration), len(mixes)
    within: Any = block_diag([-each.T.astype(float) for each in mixes])
    one: Any = block_diag([np.ones((1, len(each))) for each in mixes])
    low, high = np.array(book.low), np.array(book.high)
    row, column, entry = book.entries()
    rows: Any = csr_array((entry, (row, column)), shape=(len(low), columns.count))
    same, above, below = low == high, low > -np.inf, high < np.inf
    above, below = above & ~same, below & ~same
    shares = int(within.shape[1])
    bounded: Any = [[vstack([-rows[above], rows[below]]), None], [_running(columns), within]]
    equal: Any = [
        [rows[same], csr_array((int(same.sum()), shares))],
        [csr_array((periods, columns.count)), one],
    ]
    equations: Any = block_array(equal, format="csr")
    limits: Any = block_array(bounded, format="csr")
    found: Any = linprog(
        np.concatenate([-columns.objective(), np.zeros(shares)]),
        A_ub=limits,
        b_ub=np.concatenate([-low[above], high[below], np.zeros(periods * count)]),
        A_eq=equations,
        b_eq=np.concatenate([low[same], np.ones(periods)]),
        method="highs-ds",
        options={"time_limit": max(seconds, 0.01)},
    )
    if found.status != 0:
        return None
    upper_dual, many = -np.asarray(found.ineqlin.marginals), int(above.sum())
    dual = np.zeros(len(low))
    dual[below] = np.maximum(upper_dual[many : len(upper_dual) - periods * count], 0.0)
    dual[above] -= np.maximum(upper_dual[:many], 0.0)
    dual[same] = -np.asarray(found.eqlin.marginals)[: int(same.sum())]
    running = np.maximum(upper_dual[-periods * count :], 0.0).reshape(periods, count)
    return _Relaxed(worth=-float(found.fun), dual=dual, running=running)


def _running(columns: Columns) -> Any:
    """Rows (period, task) of what runs in a period, over the starts."""
    from scipy.sparse import csr_array

    problem = columns.problem
    count, periods = problem.value.shape
    length = problem.duration[columns.task]
    column = np.repeat(np.arange(columns.starts_count), length)
    since = np.arange(len(column)) - np.repeat(np.cumsum(length) - length, length)
    row = (columns.period[column] + since) * count + columns.task[column]
    return csr_array((np.ones(len(row)), (row, column)), shape=(periods * count, columns.count))


def _read(
    problem: ScheduleProblem,
    columns: Columns,
    sets: Sequence[PeriodSets],
    found: _Relaxed,
    rows: dict[str, Counts],
    book: Rows,
) -> SetPrices:
    from scipy.sparse import csr_array

    dual, running = found.dual, found.running
    row, column, entry = book.entries()
    left = columns.objective() - csr_array(
        (entry, (row, column)), shape=(len(dual), columns.count)
    ).T.dot(dual) - _running(columns).T.dot(running.ravel())  # fmt: skip
    ends = np.where(dual >= 0, book.high, book.low)
    packed = [float((each.sets @ running[t]).max()) for t, each in enumerate(sets)]
    fixed = float((dual * np.where(dual == 0, 0.0, ends)).sum())
    loss = np.maximum(-left, 0.0)
    starting = np.zeros(problem.value.shape)
    starting[columns.task, columns.period] = loss[: columns.starts_count]
    pairs, periods = len(problem.pairs), problem.value.shape[1]
    order = np.zeros((len(problem.after), periods))
    order[columns.ordered] = dual[rows["order"]]
    return SetPrices(
        bound=fixed + sum(packed) + float(np.maximum(left, 0.0).sum()),
        running=running,
        starting=starting,
        order=order,
        alone=dual[rows["pairs"]].reshape(pairs, periods + 1, 2),
        both=loss[columns.starts_count : columns.first_future].reshape(pairs, periods + 1),
        early=float(-dual[rows["early"]].sum()),
    )
