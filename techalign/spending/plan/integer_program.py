"""The schedule as an integer program: unknowns, and rows over them, for HiGHS.

The notation is that of :mod:`techalign.spending.plan.schedule_problem`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from techalign.numbers.arrays import Counts, Floats
from techalign.spending.plan.schedule_problem import TAIL, ScheduleProblem

if TYPE_CHECKING:
    from scipy.optimize import Bounds, LinearConstraint

__all__ = ["Columns", "Rows"]


class Columns:
    """The unknowns, x_it then z_pt then those of the bad futures, and the rows over them."""

    def __init__(self, problem: ScheduleProblem) -> None:
        self.problem = problem
        self.task, self.period = np.nonzero(problem.allowed)
        self.starts_count = len(self.task)
        self.cautious = problem.caution > 0 and problem.futures is not None
        pairs = len(problem.pairs) * (problem.value.shape[1] + 1)
        self.futures = len(problem.futures) if self.cautious and problem.futures is not None else 0
        self.count = self.starts_count and (
            self.starts_count + pairs + (1 + self.futures if self.cautious else 0)
        )
        self.first_future = self.starts_count + pairs

    def starts(self, x: Floats) -> Counts:
        """Period in which each task starts, -1 for never."""
        start = np.full(len(self.problem.duration), -1)
        chosen = x[: self.starts_count] > 0.5
        start[self.task[chosen]] = self.period[chosen]
        return start

    def objective(self) -> Floats:
        """What each unknown is worth."""
        problem, worth = self.problem, np.zeros(self.count)
        mean = 1.0 - problem.caution if self.cautious else 1.0
        worth[: self.starts_count] = mean * problem.value[self.task, self.period]
        worth[self.starts_count : self.first_future] = mean * problem.bonuses.ravel()
        if self.cautious:
            worth[self.first_future] = problem.caution
            worth[self.first_future + 1 :] = -problem.caution / (TAIL * self.futures)
        return worth

    def whole(self) -> Counts:
        """1 for the starts, which are whole numbers; the others follow from them."""
        kind = np.zeros(self.count, dtype=np.int64)
        kind[: self.starts_count] = 1
        return kind

    def bounds(self) -> Bounds:
        """Lowest and highest of each unknown."""
        from scipy.optimize import Bounds

        low, high = np.zeros(self.count), np.ones(self.count)
        if self.cautious:
            low[self.first_future], high[self.first_future :] = -np.inf, np.inf
        return Bounds(low, high)

    def constraints(self) -> LinearConstraint:
        """All rows as one sparse matrix with its lower and upper ends."""
        from scipy.optimize import LinearConstraint
        from scipy.sparse import csr_array

        book = Rows()
        for block in (self.once, self._capacity, self.order, self.pairs, self.early):
            block(book)
        if self.cautious:
            self._bad_futures(book)
        row, column, entry = book.entries()
        shape = (len(book.low), self.count)
        return LinearConstraint(csr_array((entry, (row, column)), shape=shape), book.low, book.high)

    def once(self, book: Rows) -> None:
        """A task starts once at most, or once where it must be done."""
        for i in range(len(self.problem.duration)):
            mine = np.flatnonzero(self.task == i)
            must = float(self.problem.mandatory[i])
            if mine.size or must:
                book.add(mine, 1.0, low=must, high=1.0)

    def _capacity(self, book: Rows) -> None:
        problem = self.problem
        ends = self.period + problem.duration[self.task]
        for r, t in zip(*np.nonzero(np.isfinite(problem.capacity)), strict=True):
            running = (self.period <= t) & (t < ends) & (problem.uses[self.task, r] > 0)
            mine = np.flatnonzero(running)
            if mine.size and problem.uses[self.task[mine], r].sum() > problem.capacity[r, t]:
                uses = problem.uses[self.task[mine], r]
                # in shares of what there is: money of a firm and hours of a person alike
                scale = max(float(problem.capacity[r, t]), float(uses.max()))
                book.add(mine, uses / scale, high=float(problem.capacity[r, t]) / scale)

    def order(self, book: Rows) -> None:
        """What waits has not started before the other has ended, in the periods of ``ordered``."""
        for k, t in zip(*self.ordered, strict=True):
            i, j = self.problem.after[k]
            later = np.flatnonzero((self.task == j) & (self.period <= t))
            before = self._ended(i, int(t))
            mine = np.concatenate([later, before])
            sign = np.repeat([1.0, -1.0], [later.size, before.size])
            book.add(mine, sign, high=0.0)

    @property
    def ordered(self) -> tuple[Counts, Counts]:
        """Which of the pairs in order, and period, in which the later task may have started."""
        begun = np.logical_or.accumulate(self.problem.allowed, axis=1)
        later = np.array([j for _, j in self.problem.after], dtype=np.int64)
        which, period = np.nonzero(begun[later])
        return which, period

    def _ended(self, i: int, t: int) -> Counts:
        """Starts with which task i has ended by the beginning of period t."""
        done = (self.task == i) & (self.period + self.problem.duration[i] <= t)
        return np.flatnonzero(done)

    def pairs(self, book: Rows) -> None:
        """A pair is live when each of the two has ended: two rows for each period."""
        live = self.problem.value.shape[1] + 1
        for p, pair in enumerate(self.problem.pairs):
            for t in range(live):
                both = self.starts_count + p * live + t
                for i in pair:
                    mine = self._ended(i, t)
                    book.add(np.append(mine, both), np.append(-np.ones(mine.size), 1.0), high=0.0)

    def early(self, book: Rows) -> None:
        """As many early tasks as are asked for, or none of these rows."""
        problem = self.problem
        if problem.early is None or not problem.early_count:
            return
        in_time = self.period + problem.duration[self.task] <= problem.early_within
        mine = np.flatnonzero(problem.early[self.task] & in_time)
        book.add(mine, 1.0, low=float(problem.early_count), high=np.inf)

    def _bad_futures(self, book: Rows) -> None:
        futures = self.problem.futures
        assert futures is not None
        for k in range(self.futures):
            worth = futures[k, self.task, self.period]
            mine = np.append(np.arange(self.starts_count), self.first_future + 1 + k)
            entries = np.append(worth, 1.0)
            entries = np.append(entries, -1.0)
            book.add(np.append(mine, self.first_future), entries, low=0.0, high=np.inf)


@dataclass
class Rows:
    """Rows of a sparse matrix as they are added."""

    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)
    columns: list[Counts] = field(default_factory=list)
    values: list[Floats] = field(default_factory=list)

    def add(self, columns: Counts, values: ArrayLike, *, low: float = -np.inf, high: float) -> None:
        """Add one row."""
        self.columns.append(np.asarray(columns))
        self.values.append(np.broadcast_to(np.asarray(values, dtype=float), columns.shape))
        self.low.append(low)
        self.high.append(high)

    def entries(self) -> tuple[Counts, Counts, Floats]:
        """Row, column and value of every entry."""
        sizes = [len(columns) for columns in self.columns]
        row = np.repeat(np.arange(len(sizes)), sizes)
        return row, np.concatenate(self.columns), np.concatenate(self.values)
