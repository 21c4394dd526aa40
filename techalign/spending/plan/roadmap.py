"""The plan by quarter: which projects and replacements to do when, with money, people and owners.

The schedule itself is :mod:`techalign.spending.plan.schedule`; here projects become tasks, and the
answer becomes what an owner reads: who does what when, what is left out and why, and where not even
what must be done fits, which quarter is short of what, and what would have to go.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.numbers.formatting import format_date
from techalign.numbers.intervals import Interval, interval_of
from techalign.spending.plan.dependencies import ids_in
from techalign.spending.plan.initiatives import Initiatives
from techalign.spending.plan.quarters import QUARTERS, quarter_name, quarters_from
from techalign.spending.plan.schedule import Effort, Schedule, overrun, solve_schedule
from techalign.spending.plan.schedule_problem import TAIL, ScheduleProblem

__all__ = ["PlanLimits", "Replacements", "Roadmap", "plan_roadmap"]

PURPOSES = ("reduce", "contain", "generate", "differentiate")
_FUTURES = 100  # for the worst twentieth, within the search
_NO_QUICK_WIN = "No quick win fits into the first two quarters beside what must be done."
_QUICK = 4  # quarters in which a quick win has paid back


@dataclass(frozen=True, kw_only=True)
class PlanLimits:
    """What there is for projects, and how to weigh it.

    Parameters
    ----------
    money, hours : float
        A quarter: of the client's currency, and of all people together.
    quarters : int
        T, length of the plan.
    at_once : int
        Projects one owner can run at the same time.
    quick_wins : int
        Projects that end within two quarters and pay back within a year, at least.
    synergy : float
        Share of a project's benefit that one which helps it adds while both are live.
    caution : float
        Weight of the mean of the worst twentieth of futures against that of all, 0 to 1.
    effort : Effort

    Raises
    ------
    ModelError
        If one is negative, or there is no quarter.

    Examples
    --------
    >>> PlanLimits(money=12000.0, hours=200.0).quarters
    8
    """

    money: float
    hours: float
    quarters: int = 8
    at_once: int = 2
    quick_wins: int = 1
    synergy: float = 0.1
    caution: float = 0.0
    effort: Effort = field(default_factory=Effort)

    def __post_init__(self) -> None:
        for name in ("money", "hours", "at_once", "quick_wins", "synergy"):
            if not getattr(self, name) >= 0:
                raise ModelError(name, "must not be negative", value=getattr(self, name))
        if self.quarters < 1:
            raise ModelError("quarters", "must be 1 or more", value=self.quarters)
        if not 0.0 <= self.caution <= 1.0:
            raise ModelError("caution", "must be from 0 to 1", value=self.caution)


@dataclass(frozen=True, kw_only=True)
class Replacements:
    """Old technology that could be replaced within the plan, m rows.

    Attributes
    ----------
    frame : DataFrame, m rows
        ``id``, ``name``, ``owner``, ``money`` (price of a new one).
    value, value_low, value_high : ndarray, shape (m, T)
        Worth of replacing it in each quarter, money; -inf where it cannot be done.
    """

    frame: pd.DataFrame
    value: Floats
    value_low: Floats
    value_high: Floats


@dataclass(frozen=True, kw_only=True)
class Roadmap:
    """What is done when, by whom, for how much; what is left out; how far from the best.

    Attributes
    ----------
    tasks : DataFrame
        In order of start: ``id``, ``name``, ``kind`` (project, replacement), ``purpose``,
        ``owner``, ``quarter`` (from 0), ``when`` (as people write it), ``start``, ``end`` (days),
        ``money`` and ``hours`` (in all), ``value`` with ``value_low``, ``value_high`` (money over
        the time looked at, started then), ``pays`` (chance, NaN for replacements), ``mandatory``,
        ``quick``.
    left : DataFrame
        ``id``, ``name``, ``kind``, ``owner``, ``value`` (at the earliest start), ``why``.
    quarters : DataFrame, T rows
        ``when``, ``money``, ``hours``, and the money of each purpose; ``money_limit`` and
        ``hours_limit``.
    schedule : Schedule
        Worth, proven bound and distance from it.
    total : Interval
        Worth of the whole plan over the futures, and what is assumed of replacements; money.
    worst : float
        Mean worth over the worst twentieth of futures, replacements worth the least assumed.
    short : DataFrame
        Where what must be done does not fit: ``when``, ``what`` (money, hours, or an owner),
        ``missing``; empty where all fits.
    drop : tuple of str
        What must be done and would have to go, if nothing can be added.
    notes : tuple of str
    level : float
    """

    tasks: pd.DataFrame
    left: pd.DataFrame
    quarters: pd.DataFrame
    schedule: Schedule
    total: Interval
    worst: float
    short: pd.DataFrame
    drop: tuple[str, ...]
    notes: tuple[str, ...]
    level: float

    @property
    def busy(self) -> pd.DataFrame:
        """The quarters up to the last in which something runs."""
        used = np.flatnonzero(self.quarters[["money", "hours"]].sum(axis=1).to_numpy() > 0)
        return self.quarters.head(int(used[-1]) + 1 if used.size else 0)

    @property
    def sentence(self) -> str:
        """How good the plan is, in words."""
        if self.schedule.status == "infeasible":
            return "No plan was found within the search limit."
        if self.tasks.empty:
            return "Nothing fits the plan."
        if self.schedule.gap <= 1e-4:
            return "No other plan within these limits is worth more: this is proven."
        return (
            f"No plan within these limits can be worth more than {self.schedule.gap:.1%} above "
            "this one: this is proven."
        )


def plan_roadmap(
    initiatives: Initiatives,
    limits: PlanLimits,
    replacements: Replacements | None = None,
    level: float = 0.8,
) -> Roadmap:
    """Plan what to start in which quarter, so that the whole is worth most.

    Parameters
    ----------
    initiatives : Initiatives
        Of n projects.
    limits : PlanLimits
    replacements : Replacements, optional
        Over the same quarters as the limits.
    level : float
        Probability inside the intervals.

    Returns
    -------
    Roadmap

    Examples
    --------
    >>> from techalign.spending import simulate_initiatives
    >>> table = pd.DataFrame({
    ...     "id": ["backup", "crm"], "name": ["Backup", "Customer database"], "owner": "Dana",
    ...     "purpose": ["contain", "generate"], "cost_per_quarter": [1500.0, 4000.0],
    ...     "hours_per_quarter": [40.0, 120.0], "benefit_low": [1000.0, 3000.0],
    ...     "benefit_mode": [4000.0, 14000.0], "benefit_high": [9000.0, 30000.0],
    ...     "p_success": [0.9, 0.6], "earliest": pd.NaT, "deadline": pd.NaT, "duration": [1, 2],
    ...     "after": ["", "backup"], "mandatory": False, "synergy_with": "", "tags": ""})
    >>> made = simulate_initiatives(
    ...     table, dt.date(2026, 6, 30), 0.1, 25.0, np.random.default_rng(1))
    >>> plan = plan_roadmap(made, PlanLimits(money=4500.0, hours=150.0))
    >>> plan.tasks[["name", "when"]].to_numpy().tolist()
    [['Backup', 'Q3 2026'], ['Customer database', 'Q4 2026']]
    >>> plan.sentence
    'No other plan within these limits is worth more: this is proven.'
    """
    tasks = _Tasks.of(initiatives, limits, replacements)
    short = pd.DataFrame({"when": [], "what": [], "missing": []})
    drop: tuple[str, ...] = ()
    problem, found, said = _strictest(tasks)
    if found.status == "infeasible":
        missing = overrun(problem, limits.effort)
        if missing is not None and missing.any():
            short, drop = tasks.shortage(missing), tasks.to_drop(problem)
            problem = replace(problem, capacity=problem.capacity + missing)
            found = solve_schedule(problem, limits.effort)
    tasks = replace(tasks, notes=(*tasks.notes, *said))
    return tasks.told(found, problem, short, drop, level)


def _strictest(tasks: _Tasks) -> tuple[ScheduleProblem, Schedule, tuple[str, ...]]:
    """The first problem that has a schedule, or the last one, and what is told of giving way."""
    *others, last = tasks.to_try()
    for problem, said in others:
        found = solve_schedule(problem, tasks.limits.effort)
        if found.status != "infeasible":
            return problem, found, said
    return last[0], solve_schedule(last[0], tasks.limits.effort), last[1]


@dataclass(frozen=True, kw_only=True)
class _Tasks:
    """Projects first, then replacements, as the schedule takes them; n in all."""

    initiatives: Initiatives
    limits: PlanLimits
    replacements: Replacements | None
    frame: pd.DataFrame
    problem: ScheduleProblem
    resources: tuple[str, ...]
    notes: tuple[str, ...]
    later: Floats
    """The problem's value, and that of a quarter of play for what is late."""

    @classmethod
    def of(
        cls, initiatives: Initiatives, limits: PlanLimits, replacements: Replacements | None
    ) -> _Tasks:
        """Put together what the schedule needs."""
        frame = _frame_of(initiatives, replacements)
        value = initiatives.mean_npv(limits.quarters)
        if replacements is not None:
            value = np.concatenate([value, replacements.value])
        after = _links(frame, "after")
        free = initiatives.mean_npv(limits.quarters, within_windows=False)
        value, later, mandatory, notes = _windows(frame, value, free, after, initiatives.first)
        uses, resources = _uses(frame, limits)
        there_is = [limits.money, limits.hours, *[float(limits.at_once)] * (len(resources) - 2)]
        capacity = np.repeat(np.array(there_is)[:, None], limits.quarters, axis=1)
        pairs = _links(frame, "synergy_with")
        quick = frame["quick"].to_numpy(dtype=bool)
        able = quick & np.isfinite(value[:, :2]).any(axis=1)
        problem = ScheduleProblem(
            value=value,
            duration=frame["duration"].to_numpy(dtype=np.int64),
            uses=uses,
            capacity=capacity,
            mandatory=mandatory,
            after=after,
            pairs=pairs,
            bonus=_bonus(initiatives, pairs, limits),
            early=quick,
            early_count=min(limits.quick_wins, int(able.sum())),
            futures=_futures(initiatives, value, limits),
            caution=limits.caution,
        )
        return cls(
            initiatives=initiatives, limits=limits, replacements=replacements, frame=frame,
            problem=problem, resources=resources, notes=notes, later=later,
        )  # fmt: skip

    def to_try(self) -> list[tuple[ScheduleProblem, tuple[str, ...]]]:
        """Problems from the strictest on, each with what giving way is told by.

        Quick wins give way first; what is late waits a quarter only where it must.
        """
        late = [self.problem]
        if not np.array_equal(self.later, self.problem.value):
            late.append(replace(self.problem, value=self.later))
        return [
            each
            for problem in late
            for each in [
                (problem, ()),
                *([(replace(problem, early_count=0), (_NO_QUICK_WIN,))]
                  if problem.early_count else []),
            ]
        ]  # fmt: skip

    def shortage(self, missing: Floats) -> pd.DataFrame:
        """What is missing, by quarter and resource."""
        where = np.argwhere(missing > 1e-6)
        where = where[np.lexsort([where[:, 0], where[:, 1]])]
        return pd.DataFrame(
            {
                "when": [quarter_name(self.initiatives.first, int(t)) for _, t in where],
                "what": [self.resources[r] for r, _ in where],
                "missing": [float(missing[r, t]) for r, t in where],
            }
        )

    def to_drop(self, problem: ScheduleProblem) -> tuple[str, ...]:
        """The least that would have to go of what must be done: fewest first, then worth."""
        must = problem.mandatory
        finite = np.where(np.isfinite(problem.value), problem.value, 0.0)
        much = 2.0 * float(np.abs(finite).max(axis=1).sum()) + 1.0
        kept = replace(
            problem, value=problem.value + must[:, None] * much, mandatory=np.zeros_like(must),
            early_count=0, caution=0.0,
        )  # fmt: skip
        start = solve_schedule(kept, self.limits.effort).start
        return tuple(self.frame["name"][must & (start < 0)])

    def told(
        self,
        found: Schedule,
        problem: ScheduleProblem,
        short: pd.DataFrame,
        drop: tuple[str, ...],
        level: float,
    ) -> Roadmap:
        """The schedule as an owner reads it."""
        drawn = self._drawn(found, problem)
        worst = np.sort(drawn)[: max(1, round(TAIL * drawn.size))].mean()
        replaced = self._replaced(found.start)
        total = _total(drawn, replaced, level)
        return Roadmap(
            tasks=self._done(found.start, level),
            left=self._left(found.start, problem),
            quarters=self._quarters(found.start),
            schedule=found,
            total=total,
            worst=float(worst) - replaced[0],
            short=short,
            drop=drop,
            notes=self.notes,
            level=level,
        )

    def _drawn(self, found: Schedule, problem: ScheduleProblem) -> Floats:
        """Worth of the plan in each future; replacements and synergies at their mean."""
        count = len(self.initiatives.frame)
        start = found.start[:count]
        npv = self.initiatives.npv(np.maximum(start, 0))
        drawn = npv[start >= 0].sum(axis=0)
        # the futures drawn are centred on the exact mean, which the search has used
        exact = replace(problem, caution=0.0).worth(found.start)
        total: Floats = drawn + (exact - drawn.mean())
        return total

    def _replaced(self, start: Counts) -> tuple[float, float]:
        """How far the worth of the plan's replacements may lie below and above what is assumed."""
        if self.replacements is None:
            return 0.0, 0.0
        begins = start[len(self.initiatives.frame) :]
        at = (np.flatnonzero(begins >= 0), begins[begins >= 0])
        value = self.replacements.value[at]
        below = (value - self.replacements.value_low[at]).sum()
        return float(below), float((self.replacements.value_high[at] - value).sum())

    def _done(self, start: Counts, level: float) -> pd.DataFrame:
        rows = np.flatnonzero(start >= 0)
        rows = rows[np.lexsort([rows, start[rows]])]
        frame = self.frame.iloc[rows]
        begin, first = start[rows], self.initiatives.first
        length = frame["duration"].to_numpy()
        value, low, high, pays = self._values(rows, begin, level)
        return frame[["id", "name", "kind", "purpose", "owner", "mandatory", "quick"]].assign(
            quarter=begin,
            when=[quarter_name(first, int(q)) for q in begin],
            start=pd.to_datetime([quarters_from(first, int(q)) for q in begin]),
            end=pd.to_datetime(
                [quarters_from(first, int(q + d)) for q, d in zip(begin, length, strict=True)]
            )
            - pd.Timedelta(days=1),
            money=frame["cost_per_quarter"].to_numpy() * length,
            hours=frame["hours_per_quarter"].to_numpy() * length,
            value=value,
            value_low=low,
            value_high=high,
            pays=pays,
        )

    def _values(
        self, rows: Counts, begin: Counts, level: float
    ) -> tuple[Floats, Floats, Floats, Floats]:
        count = len(self.initiatives.frame)
        value = self.problem.value[rows, begin]
        low, high, pays = value.copy(), value.copy(), np.full(len(rows), np.nan)
        begins = np.zeros(count, dtype=np.int64)
        own = rows < count
        begins[rows[own]] = begin[own]
        npv = self.initiatives.npv(begins)
        for place, (row, quarter) in enumerate(zip(rows, begin, strict=True)):
            if row < count:
                ends = interval_of(npv[row], level)
                low[place], high[place] = ends.low, ends.high
                pays[place] = (npv[row] > 0).mean()
            elif self.replacements is not None:
                low[place] = self.replacements.value_low[row - count, quarter]
                high[place] = self.replacements.value_high[row - count, quarter]
        return value, np.minimum(low, value), np.maximum(high, value), pays

    def _quarters(self, start: Counts) -> pd.DataFrame:
        money = self.frame["cost_per_quarter"].to_numpy(dtype=float)
        hours = self.frame["hours_per_quarter"].to_numpy(dtype=float)
        rows = []
        for t in range(self.limits.quarters):
            running = (start >= 0) & (start <= t) & (t < start + self.problem.duration)
            spent = {
                purpose: float(money[running & (self.frame["purpose"] == purpose)].sum())
                for purpose in PURPOSES
            }
            rows.append(
                {
                    "when": quarter_name(self.initiatives.first, t),
                    "money": float(money[running].sum()),
                    "hours": float(hours[running].sum()),
                    "money_limit": self.limits.money,
                    "hours_limit": self.limits.hours,
                    **spent,
                }
            )
        return pd.DataFrame(rows)

    def _left(self, start: Counts, problem: ScheduleProblem) -> pd.DataFrame:
        rows = np.flatnonzero(start < 0)
        first = np.isfinite(problem.value).argmax(axis=1)  # as early as it may start
        value = problem.value[np.arange(len(first)), first]
        frame = self.frame.iloc[rows][["id", "name", "kind", "owner"]]
        worth = np.where(np.isfinite(value[rows]), value[rows], np.nan)
        return frame.assign(value=worth, why=[self._why(int(row), start, problem) for row in rows])

    def _why(self, row: int, start: Counts, problem: ScheduleProblem) -> str:
        """Why a task is not in the plan."""
        task, value = self.frame.iloc[row], problem.value[row]
        if not problem.allowed[row].any():
            return "does not end within the plan"
        if value[np.isfinite(value)].max() <= 0:
            return "brings no more than it costs, on average"
        waits = [i for i, j in problem.after if j == row and start[i] < 0]
        if waits:
            return f"waits for {self.frame['name'].iloc[waits[0]]}, which is left out"
        if task["cost_per_quarter"] > self.limits.money:
            return "needs more money in one quarter than there is"
        if task["hours_per_quarter"] > self.limits.hours:
            return "needs more hours in one quarter than there are"
        return "others are worth more for the same money, hours and owners"


def _total(drawn: Floats, replaced: tuple[float, float], level: float) -> Interval:
    """The range of the projects' futures, widened by what is assumed of replacements.

    All replacements rest on one assumption, so their ranges add up; it has nothing to do with the
    projects' futures, so that sum and the projects' range add as squares.
    """
    ends, mean = interval_of(drawn, level), float(drawn.mean())
    below = np.hypot(max(mean - ends.low, 0.0), replaced[0])
    above = np.hypot(max(ends.high - mean, 0.0), replaced[1])
    return Interval(mean, mean - float(below), mean + float(above), level)


def _frame_of(initiatives: Initiatives, replacements: Replacements | None) -> pd.DataFrame:
    made = initiatives.frame
    payback = [interval_of(row).point for row in initiatives.payback()]
    projects = made.assign(
        kind="project", quick=(made["duration"] == 1) & (np.array(payback) <= _QUICK)
    )
    if replacements is None:
        return projects
    more = replacements.frame.assign(
        kind="replacement", purpose="contain", cost_per_quarter=replacements.frame["money"],
        hours_per_quarter=0.0, duration=1, after="", synergy_with="", mandatory=False, quick=False,
        deadline=pd.Series(pd.NaT, index=replacements.frame.index),
    )  # fmt: skip
    if projects.empty:  # which has columns of no kind, that concat would have to guess
        return more.reindex(columns=list(dict.fromkeys([*projects, *more])))
    return pd.concat([projects, more], ignore_index=True) if len(more) else projects


def _links(frame: pd.DataFrame, column: str) -> tuple[tuple[int, int], ...]:
    """Pairs of rows: of ``after``, the other before this one; of ``synergy_with``, this, other."""
    row = {name: i for i, name in enumerate(frame["id"])}
    found = [
        (row[other], i) if column == "after" else (i, row[other])
        for i, text in enumerate(frame[column]) for other in ids_in(text)
        if other in row and row[other] != i
    ]  # fmt: skip
    return tuple(dict.fromkeys(found))


def _windows(
    frame: pd.DataFrame,
    value: Floats,
    free: Floats,
    after: Sequence[tuple[int, int]],
    first: dt.date,
) -> tuple[Floats, Floats, Flags, tuple[str, ...]]:
    """Starts that what comes before allows; deadlines that cannot be kept are lifted, and told.

    ``free`` has the projects' worth without regard to deadlines, shape (n, T). What is late starts
    as soon as can be; the second array gives it a quarter of play.
    """
    count, quarters = value.shape
    length = frame["duration"].to_numpy(dtype=np.int64)
    soonest = np.nan_to_num(frame["earliest"].to_numpy(dtype=float)).astype(np.int64)
    for _ in range(count):
        for i, j in after:
            soonest[j] = max(soonest[j], soonest[i] + length[i])
    mandatory = frame["mandatory"].to_numpy(dtype=bool).copy()
    value, notes, play = value.copy(), [], []
    for row in range(count):
        value[row, : soonest[row]] = -np.inf
        may = np.isfinite(value[row]) & (np.arange(quarters) + length[row] <= quarters)
        if may.any() or not mandatory[row]:
            continue
        name, begin = frame["name"].iloc[row], int(soonest[row])
        if begin + length[row] > quarters:
            mandatory[row] = False
            notes.append(f"{name} must be done and does not end within the plan.")
            continue
        value[row, begin] = free[row, begin]
        play += [(row, begin + 1)] if begin + 1 < quarters else []
        end = quarter_name(first, begin + int(length[row]) - 1)
        due = format_date(frame["deadline"].iloc[row])
        notes.append(f"{name} can no longer be done by {due}: the earliest end is {end}.")
    later = value.copy()
    for place in play:
        later[place] = free[place]
    return value, later, mandatory, tuple(notes)


def _uses(frame: pd.DataFrame, limits: PlanLimits) -> tuple[Floats, tuple[str, ...]]:
    """Money, hours, and one for each owner with more projects than fit at once."""
    owner = frame["owner"].fillna("").astype(str).str.strip()
    many = owner[owner != ""].value_counts()
    named = sorted(many[many > limits.at_once].index)
    columns = [frame["cost_per_quarter"], frame["hours_per_quarter"], *(owner == n for n in named)]
    uses = np.column_stack([np.asarray(column, dtype=float) for column in columns])
    # what is bought takes nobody's attention for a quarter
    uses[(frame["kind"] == "replacement").to_numpy(), 2:] = 0.0
    return uses, ("money", "hours", *named)


def _bonus(
    initiatives: Initiatives, pairs: Sequence[tuple[int, int]], limits: PlanLimits
) -> Floats:
    """What a pair adds in each quarter both are live; the last column is all time after."""
    v = (1.0 + initiatives.rate) ** (-np.arange(initiatives.options.horizon_quarters) / QUARTERS)
    by_quarter = np.zeros(limits.quarters + 1)
    within = v[: limits.quarters]
    by_quarter[: len(within)] = within
    by_quarter[-1] = v[limits.quarters :].sum()
    helped = np.array([max(initiatives.mean_benefit[j], 0.0) for _, j in pairs], dtype=float)
    return limits.synergy * helped[:, None] / QUARTERS * by_quarter


def _futures(initiatives: Initiatives, value: Floats, limits: PlanLimits) -> Floats | None:
    """Some of the futures, for the weight of the bad ones; their mean is the exact one."""
    if limits.caution == 0:
        return None
    count = len(initiatives.frame)
    drawn = np.repeat(value[None], _FUTURES, axis=0)
    for quarter in range(limits.quarters):
        npv = initiatives.npv(np.full(count, quarter))[:, :_FUTURES]
        shifted = npv - npv.mean(axis=1, keepdims=True)
        drawn[:, :count, quarter] += shifted.T
    return np.where(np.isfinite(drawn), drawn, 0.0)
