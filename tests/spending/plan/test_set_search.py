"""The search by sets of tasks: what fits together, prices that bound, and what is left behind."""

import itertools

import numpy as np
import pytest
from scipy.optimize import milp

from techalign.spending.plan import set_search
from techalign.spending.plan.feasible_sets import feasible_sets
from techalign.spending.plan.greedy import greedy_schedule
from techalign.spending.plan.integer_program import Columns
from techalign.spending.plan.schedule import Effort, solve_schedule
from techalign.spending.plan.schedule_problem import ScheduleProblem
from techalign.spending.plan.set_prices import set_prices
from techalign.spending.plan.set_search import search_sets


def _problem(seed: int, count: int = 10, periods: int = 5) -> ScheduleProblem:
    """With everything that a plan may have; the second task cannot start before the third period"""
    rng = np.random.default_rng(seed)
    duration = rng.integers(1, 4, count)
    uses = rng.uniform(1.0, 5.0, (count, 2))
    value = (uses.sum(axis=1) * duration * rng.uniform(0.6, 1.4, count))[:, None] - np.arange(
        periods
    )
    value[1, :2] = -np.inf
    pairs = ((0, 5), (2, 6), (7, 2))
    return ScheduleProblem(
        value=value,
        duration=duration,
        uses=uses,
        capacity=rng.uniform(8.0, 12.0, (2, periods)),
        mandatory=np.arange(count) == 3,
        after=((0, 2), (4, 2), (3, 8)),
        pairs=pairs,
        bonus=rng.uniform(0.0, 2.0, (len(pairs), periods + 1)),
        early=duration == 1,
        early_count=int((duration == 1).any()),
    )


def _by_highs(problem: ScheduleProblem) -> float:
    columns = Columns(problem)
    found = milp(
        -columns.objective(), integrality=columns.whole(), bounds=columns.bounds(),
        constraints=columns.constraints(), options={"mip_rel_gap": 1e-9},
    )  # fmt: skip
    return -np.inf if found.x is None else problem.worth(columns.starts(found.x))


def test_every_set_that_fits_is_found_once() -> None:
    problem = _problem(2, count=7, periods=3)
    found = feasible_sets(problem)
    assert found is not None
    for t, each in enumerate(found):
        can = [
            i for i in range(7)
            if any(
                problem.allowed[i, s] and s + problem.duration[i] > t for s in range(t + 1)
            )
        ]  # fmt: skip
        fitting = {
            tasks
            for size in range(8)
            for tasks in itertools.combinations(can, size)
            if (problem.uses[list(tasks)].sum(axis=0) <= problem.capacity[:, t]).all()
        }
        assert {tuple(np.flatnonzero(row)) for row in each.sets} == fitting
        assert len(each.sets) == len(fitting)
        top = {a for a in fitting if not any(set(a) < set(b) for b in fitting)}
        assert {tuple(np.flatnonzero(row)) for row in each.sets[each.largest]} == top


def test_too_many_sets_are_not_made() -> None:
    assert feasible_sets(_problem(2), most=5) is None


@pytest.mark.parametrize(
    "seed", [pytest.param(seed, marks=[pytest.mark.slow] * (seed >= 6)) for seed in range(12)]
)
def test_the_best_is_that_of_the_integer_program(seed: int) -> None:
    problem = _problem(seed)
    sets = feasible_sets(problem)
    assert sets is not None
    best = _by_highs(problem)
    prices = set_prices(problem, Columns(problem), sets)
    if prices is None:
        assert best == -np.inf
        return
    assert prices.bound >= best - 1e-9
    # without a schedule known nothing is left out for what it has lost; with one nearly all is
    for known in (None, greedy_schedule(problem)):
        start, bound = search_sets(problem, prices, sets, known, gap=1e-9)
        assert (start is None) == (best == -np.inf)
        if start is not None:
            assert problem.worth(start) == pytest.approx(best)
            assert bound == pytest.approx(best)


@pytest.mark.parametrize("seed", range(6))
def test_what_is_left_behind_stays_a_bound(seed: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_search, "_WIDTHS", (2,))
    monkeypatch.setattr(set_search, "_MOST_WAYS", 20)
    problem = _problem(seed)
    sets = feasible_sets(problem)
    assert sets is not None
    prices = set_prices(problem, Columns(problem), sets)
    best = _by_highs(problem)
    if prices is None:
        assert best == -np.inf
        return
    first = greedy_schedule(problem)
    start, bound = search_sets(problem, prices, sets, first, gap=1e-4)
    assert bound >= best - 1e-9
    assert first is None or problem.worth(start) >= problem.worth(first)


def test_a_search_without_time_keeps_what_was_known() -> None:
    problem = _problem(0)
    sets = feasible_sets(problem)
    assert sets is not None
    prices = set_prices(problem, Columns(problem), sets)
    assert prices is not None
    first = greedy_schedule(problem)
    start, bound = search_sets(problem, prices, sets, first, gap=1e-4, seconds=-1.0)
    assert start is first
    assert bound == prices.bound


def test_benefits_in_step_with_costs_are_proven_within_the_hundredth() -> None:
    # a search by start times alone stays some hundredths from its bound
    rng = np.random.default_rng(5)
    duration, money = rng.integers(1, 4, 20), rng.lognormal(9.0, 0.7, 20)
    benefit = money * duration * rng.uniform(0.3, 3.0, 20)
    found = solve_schedule(
        ScheduleProblem(
            value=benefit[:, None] * 0.97 ** np.arange(8) - (money * duration)[:, None],
            duration=duration,
            uses=money[:, None],
            capacity=np.full((1, 8), 0.3 * money.sum()),
            mandatory=np.zeros(20, dtype=bool),
        ),
        Effort(seconds=30.0),
    )
    assert found.gap < 0.01
