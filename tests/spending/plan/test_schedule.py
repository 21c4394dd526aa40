"""The search: against every schedule there is, published optima, and what must not happen."""

import itertools
from statistics import NormalDist

import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.spending.plan.greedy import greedy_schedule
from techalign.spending.plan.improving import improve_schedule
from techalign.spending.plan.integer_program import Columns
from techalign.spending.plan.schedule import Effort, Schedule, overrun, solve_schedule
from techalign.spending.plan.schedule_problem import ScheduleProblem
from tests.spending.plan.psplib import CAPACITY, TASKS


def _small(seed: int) -> ScheduleProblem:
    """Four tasks, three periods, with everything that a plan may have."""
    rng = np.random.default_rng(seed)
    value = rng.normal(5.0, 6.0, (4, 1)) - np.arange(3)
    return ScheduleProblem(
        value=value,
        duration=rng.integers(1, 3, 4),
        uses=rng.uniform(1.0, 4.0, (4, 2)),
        capacity=rng.uniform(3.0, 8.0, (2, 3)),
        mandatory=np.array([seed % 3 == 0, False, False, False]),
        after=((0, 2),) if seed % 2 else (),
        pairs=((1, 3),),
        bonus=np.array([[1.0, 1.0, 1.0, 2.0]]),
        early=np.array([False, True, False, True]),
        early_count=seed % 2,
    )


def _feasible(problem: ScheduleProblem, start: np.ndarray) -> bool:
    """Every rule written out."""
    done = start >= 0
    if not done[problem.mandatory].all():
        return False
    end = start + problem.duration
    if any(done[i] and not problem.allowed[i, start[i]] for i in range(len(start))):
        return False
    if any(done[j] and (not done[i] or end[i] > start[j]) for i, j in problem.after):
        return False
    early = problem.early if problem.early is not None else np.zeros_like(done)
    if (early & done & (end <= problem.early_within)).sum() < problem.early_count:
        return False
    for t in range(problem.value.shape[1]):
        running = done & (start <= t) & (t < end)
        if (problem.uses[running].sum(axis=0) > problem.capacity[:, t] + 1e-9).any():
            return False
    return True


@pytest.mark.parametrize("seed", range(24))
def test_the_best_of_all_schedules_is_found(seed: int) -> None:
    problem = _small(seed)
    every = (np.array(start) for start in itertools.product(range(-1, 3), repeat=4))
    worths = [problem.worth(start) for start in every if _feasible(problem, start)]
    found = solve_schedule(problem)
    if not worths:
        assert found.status == "infeasible"
        assert np.isnan(found.gap)
        return
    assert _feasible(problem, found.start)
    assert found.worth == pytest.approx(max(worths), abs=1e-3)
    assert found.bound >= max(worths) - 1e-6
    quick = greedy_schedule(problem)
    assert quick is None or (
        _feasible(problem, quick) and problem.worth(quick) <= max(worths) + 1e-9
    )


def _knapsack(profit: list[int], weight: list[int], capacity: int) -> Schedule:
    return solve_schedule(
        ScheduleProblem(
            value=np.array(profit, dtype=float)[:, None],
            duration=np.ones(len(profit), dtype=np.int64),
            uses=np.array(weight, dtype=float)[:, None],
            capacity=np.array([[float(capacity)]]),
            mandatory=np.zeros(len(profit), dtype=bool),
        ),
        Effort(seconds=20.0, gap=1e-9),
    )


def test_knapsack_p01() -> None:
    # Kreher and Stinson 1999, as collected by J. Burkardt (FSU)
    profit = [92, 57, 49, 68, 60, 43, 67, 84, 87, 72]
    weight = [23, 31, 29, 44, 53, 38, 63, 85, 89, 82]
    assert _knapsack(profit, weight, 165).worth == 309


def test_knapsack_p08() -> None:
    profit = [
        825594, 1677009, 1676628, 1523970, 943972, 97426, 69666, 1296457, 1679693, 1902996, 1844992,
        1049289, 1252836, 1319836, 953277, 2067538, 675367, 853655, 1826027, 65731, 901489, 577243,
        466257, 369261,
    ]  # fmt: skip
    weight = [
        382745, 799601, 909247, 729069, 467902, 44328, 34610, 698150, 823460, 903959, 853665,
        551830, 610856, 670702, 488960, 951111, 323046, 446298, 931161, 31385, 496951, 264724,
        224916, 169684,
    ]  # fmt: skip
    assert _knapsack(profit, weight, 6404180).worth == 13_549_094


def _psplib(periods: int) -> Schedule:
    row = {task: i for i, task in enumerate(TASKS)}
    return solve_schedule(
        ScheduleProblem(
            value=np.zeros((len(TASKS), periods)),
            duration=np.array([task[0] for task in TASKS.values()]),
            uses=np.array([task[1] for task in TASKS.values()], dtype=float),
            capacity=np.repeat(np.array(CAPACITY, dtype=float)[:, None], periods, axis=1),
            mandatory=np.ones(len(TASKS), dtype=bool),
            after=tuple((row[t], row[s]) for t, task in TASKS.items() for s in task[2]),
        ),
        Effort(seconds=30.0),
    )


@pytest.mark.slow
def test_psplib_j301_1_takes_43_periods_and_no_fewer() -> None:
    assert _psplib(43).status == "optimal"
    assert _psplib(42).status == "infeasible"


def _two_futures(caution: float) -> ScheduleProblem:
    """One of a sure thing and a gamble that is worth more on average; 40 futures."""
    gamble = np.append(np.full(38, 12.0), [-40.0, -40.0])
    futures = np.stack([np.full(40, 5.0), gamble], axis=1)[:, :, None]
    return ScheduleProblem(
        value=futures.mean(axis=0),
        duration=np.array([1, 1]),
        uses=np.ones((2, 1)),
        capacity=np.array([[1.0]]),
        mandatory=np.array([False, False]),
        futures=futures,
        caution=caution,
    )


def test_caution_prefers_the_sure_thing() -> None:
    assert solve_schedule(_two_futures(0.0)).start.tolist() == [-1, 0]
    careful = solve_schedule(_two_futures(0.5))
    assert careful.start.tolist() == [0, -1]
    assert careful.worth == pytest.approx(5.0)
    assert careful.bound == pytest.approx(5.0)


def test_the_mean_of_the_worst_twentieth_of_a_normal_law() -> None:
    # -φ(z)/0.05 = -2.0627
    drawn = np.array([NormalDist().inv_cdf(p) for p in (np.arange(20_000) + 0.5) / 20_000])
    one = ScheduleProblem(
        value=np.zeros((1, 1)), duration=np.array([1]), uses=np.zeros((1, 1)),
        capacity=np.ones((1, 1)), mandatory=np.array([True]), futures=drawn[:, None, None],
        caution=1.0,
    )  # fmt: skip
    assert one.worth(np.array([0])) == pytest.approx(-2.0627, abs=1e-3)


def test_what_is_missing_is_the_least_that_helps() -> None:
    must = ScheduleProblem(
        value=np.zeros((3, 2)), duration=np.array([1, 1, 2]), uses=np.array([[4.0], [4.0], [1.0]]),
        capacity=np.array([[5.0, 3.0]]), mandatory=np.array([True, True, False]),
    )  # fmt: skip
    assert solve_schedule(must).status == "infeasible"
    missing = overrun(must)
    assert missing is not None
    assert missing.tolist() == [[0.0, 1.0]]


def test_what_cannot_start_at_all_cannot_be_helped_by_more() -> None:
    never = ScheduleProblem(
        value=np.full((1, 2), -np.inf), duration=np.array([1]), uses=np.ones((1, 1)),
        capacity=np.ones((1, 2)), mandatory=np.array([True]),
    )  # fmt: skip
    assert overrun(never) is None
    assert solve_schedule(never).status == "infeasible"


def test_tasks_that_wait_for_each_other_are_refused() -> None:
    ring = ScheduleProblem(
        value=np.zeros((2, 2)), duration=np.array([1, 1]), uses=np.ones((2, 1)),
        capacity=np.ones((1, 2)), mandatory=np.array([False, False]), after=((0, 1), (1, 0)),
    )  # fmt: skip
    with pytest.raises(ModelError, match="wait for each other"):
        solve_schedule(ring)


@pytest.mark.slow
def test_a_search_that_is_stopped_says_how_far_it_may_be() -> None:
    rng = np.random.default_rng(3)
    value = rng.uniform(1.0, 9.0, (40, 1)) * 0.97 ** np.arange(8)
    hard = ScheduleProblem(
        value=value, duration=rng.integers(1, 4, 40), uses=rng.uniform(1.0, 9.0, (40, 2)),
        capacity=np.full((2, 8), 15.0), mandatory=np.zeros(40, dtype=bool),
    )  # fmt: skip
    found = solve_schedule(hard, Effort(seconds=0.01))
    again = solve_schedule(hard, Effort(seconds=0.01))
    assert found.start.tolist() == again.start.tolist()
    assert found.bound >= found.worth
    quick = greedy_schedule(hard)
    assert quick is not None
    assert found.worth >= hard.worth(quick)


def test_the_unknowns_of_the_program_say_a_schedule_and_its_worth() -> None:
    problem = _small(1)
    columns = Columns(problem)
    assert columns.whole()[: columns.starts_count].all()
    x = np.zeros(columns.count)
    chosen = [np.flatnonzero((columns.task == i) & (columns.period == 0))[0] for i in (0, 2)]
    x[chosen] = 1.0
    start = columns.starts(x)
    assert start.tolist() == [0, -1, 0, -1]
    assert columns.objective() @ x == pytest.approx(problem.worth(start))


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_a_plan_is_improved_within_its_limits(seed: int) -> None:
    problem = _small(seed)
    columns = Columns(problem)
    first = greedy_schedule(problem, restarts=1)
    better = improve_schedule(problem, columns, first, rounds=3)
    assert problem.worth(better) >= problem.worth(first)
    # with so few tasks all may move at once: one round finds the best there is
    assert problem.worth(better) == pytest.approx(solve_schedule(problem).worth)
    same = improve_schedule(problem, columns, better, rounds=2)
    assert same.tolist() == better.tolist()
