"""Projects simulated beside a loop over numpy-financial; roadmaps beside greedy and CP-SAT.

The roadmaps are seeded: money and hours for a little more than half of all projects, owners of two
projects at once, two that must be done, dependencies, pairs that help each other, one quick win.
"""

import datetime as dt
import sys
import time
from dataclasses import replace

import numpy as np
import numpy_financial as npf
import pandas as pd

from techalign.numbers.intervals import Interval
from techalign.spending import Effort, InitiativeOptions, simulate_initiatives
from techalign.spending.plan.greedy import greedy_schedule
from techalign.spending.plan.schedule import solve_schedule
from techalign.spending.plan.schedule_problem import ScheduleProblem

INITIATIVES, DRAWS, HORIZON = 60, 100_000, 20
TODAY = dt.date(2026, 6, 30)


def seeded_table(count: int) -> pd.DataFrame:
    """A table of invented initiatives."""
    rng = np.random.default_rng(1)
    mode = rng.lognormal(9.5, 0.6, count).round()
    return pd.DataFrame(
        {
            "id": [f"p{i}" for i in range(count)],
            "name": [f"Project {i}" for i in range(count)],
            "purpose": rng.choice(["reduce", "contain", "generate", "differentiate"], count),
            "owner": "Kim",
            "cost_per_quarter": rng.lognormal(8.5, 0.7, count).round(),
            "hours_per_quarter": rng.lognormal(4.0, 0.6, count).round(),
            "benefit_low": 0.2 * mode,
            "benefit_mode": mode,
            "benefit_high": 2.0 * mode,
            "p_success": rng.uniform(0.4, 0.95, count),
            "earliest": pd.NaT,
            "deadline": pd.NaT,
            "duration": rng.integers(1, 4, count),
            "after": "",
            "mandatory": False,
            "synergy_with": "",
            "tags": "",
        }
    )


def simulation() -> None:
    """Measure draws and values of all projects, beside numpy-financial's npv for each draw."""
    table = seeded_table(INITIATIVES)
    options = InitiativeOptions(
        draws=DRAWS, horizon_quarters=HORIZON, overrun=Interval(1.1, 0.9, 1.8)
    )
    # neither side's imports are counted: ours reads scipy.special at its first call
    simulate_initiatives(
        table, TODAY, 0.1, 25.0, np.random.default_rng(1), replace(options, draws=2)
    )
    times = []
    for _ in range(3):
        started = time.process_time()
        made = simulate_initiatives(table, TODAY, 0.1, 25.0, np.random.default_rng(1), options)
        npv = made.npv()
        times.append(time.process_time() - started)
    ours = float(np.median(times))
    some = 500
    rate = 1.1**0.25 - 1.0
    started = time.process_time()
    apart = 0.0
    for draw in range(some):
        for i in range(INITIATIVES):
            flows = np.full(HORIZON, made.works[i, draw] / 4.0)
            flows[: made.duration[i]] = -made.cost[i] * made.overrun[i, draw]
            apart = max(apart, abs(npf.npv(rate, flows) - npv[i, draw]))
    loop = (time.process_time() - started) * DRAWS / some
    print(
        f"{INITIATIVES} initiatives x {DRAWS:,} draws and their values: {ours:.2f} CPU s, "
        "median of three (target 2 s)"
    )
    print(
        f"a loop over numpy_financial.npv: {loop:,.0f} CPU s (from {some} draws), "
        f"{loop / ours:,.0f} x "
        "(target 50)"
    )
    print(f"largest difference of a value: {apart:.1e}")


def seeded_problem(
    count: int, periods: int, seed: int, *, in_step: bool = False
) -> ScheduleProblem:
    """An invented roadmap; benefits are in step with costs, or as the samples' are, apart."""
    rng = np.random.default_rng(seed)
    duration = rng.integers(1, 4, count)
    money, hours = rng.lognormal(9.0, 0.7, count), rng.lognormal(4.0, 0.6, count)
    benefit = rng.lognormal(np.log(4500.0), 1.0, count)
    if in_step:
        benefit = money * duration * rng.uniform(0.3, 3.0, count) / 8.0
    v = 1.1 ** (-0.25 * np.arange(HORIZON + 1))
    value = np.full((count, periods), -np.inf)
    for i in range(count):
        for t in range(periods):
            end = t + duration[i]
            value[i, t] = benefit[i] * v[end:].sum() - money[i] * v[t:end].sum()
    owner = rng.integers(0, 5, count)
    uses = np.column_stack([money, hours, *(owner == each for each in range(5))]).astype(float)
    share = [0.55, 0.6]
    least = uses[:2, :2].sum(axis=0)
    there = [max(least[r], share[r] * (uses[:, r] * duration).sum() / periods) for r in (0, 1)]
    half = count // 2
    before = rng.integers(0, half, count // 4)
    later = rng.integers(half, count, count // 4)
    pairs = tuple((int(a), int(b)) for a, b in rng.integers(0, count, (count // 6, 2)) if a != b)
    bonus = np.abs(rng.normal(200.0, 50.0, (len(pairs), 1)))
    return ScheduleProblem(
        value=value,
        duration=duration,
        uses=uses,
        capacity=np.repeat(np.array([*there, *[2.0] * 5])[:, None], periods, axis=1),
        mandatory=np.arange(count) < 2,
        after=tuple((int(i), int(j)) for i, j in zip(before, later, strict=True)),
        pairs=pairs,
        bonus=bonus * np.append(v[:periods], v[periods:].sum()),
        early=duration == 1,
        early_count=1,
    )


def cp_sat(problem: ScheduleProblem, seconds: float) -> tuple[float, float]:
    """The same problem for OR-tools, one thread: worth found and bound."""
    from ortools.sat.python import cp_model

    model, cents = cp_model.CpModel(), 100
    count, periods = problem.value.shape
    x = {
        (i, t): model.new_bool_var(f"x{i},{t}")
        for i in range(count) for t in range(periods) if problem.allowed[i, t]
    }  # fmt: skip
    for i in range(count):
        mine = [x[i, t] for t in range(periods) if (i, t) in x]
        (model.add_exactly_one if problem.mandatory[i] else model.add_at_most_one)(mine)
    for r in range(problem.uses.shape[1]):
        for t in range(periods):
            model.add(
                sum(
                    round(cents * problem.uses[i, r]) * each
                    for (i, s), each in x.items() if s <= t < s + problem.duration[i]
                )
                <= int(cents * problem.capacity[r, t])
            )  # fmt: skip

    def ended(i: int, t: int) -> list[cp_model.IntVar]:
        return [x[i, s] for s in range(periods) if (i, s) in x and s + problem.duration[i] <= t]

    for i, j in problem.after:
        for t in range(periods):
            model.add(sum(x[j, s] for s in range(t + 1) if (j, s) in x) <= sum(ended(i, t)))
    worth = [round(cents * problem.value[key]) * each for key, each in x.items()]
    for p, (i, j) in enumerate(problem.pairs):
        for t in range(periods + 1):
            both = model.new_bool_var(f"z{p},{t}")
            model.add(both <= sum(ended(i, t)))
            model.add(both <= sum(ended(j, t)))
            worth.append(round(cents * problem.bonuses[p, t]) * both)
    early = [
        each for (i, t), each in x.items()
        if problem.early is not None and problem.early[i] and t + problem.duration[i] <= 2
    ]  # fmt: skip
    model.add(sum(early) >= problem.early_count)
    model.maximize(sum(worth))
    solver = cp_model.CpSolver()
    solver.parameters.max_time_in_seconds = seconds
    solver.parameters.num_workers = 1
    status = solver.solve(model)
    if status not in (cp_model.OPTIMAL, cp_model.FEASIBLE):
        return float("nan"), solver.best_objective_bound / cents
    return solver.objective_value / cents, solver.best_objective_bound / cents


def roadmaps(count: int, seconds: float, seeds: int, *, in_step: bool = False) -> None:
    """Measure roadmaps of one size, beside CP-SAT for as long as ours took."""
    kind = "in step with costs, which is harder" if in_step else "apart from costs"
    print(f"{count} initiatives x 8 quarters, {seconds:g} s, one thread; benefits {kind}")
    print("case      CPU      clock        worth  proven  greedy  CP-SAT  its proof")
    for seed in range(seeds):
        problem = seeded_problem(count, 8, seed, in_step=in_step)
        began, started = time.process_time(), time.perf_counter()
        ours = solve_schedule(problem, Effort(seconds=seconds))
        spent, took = time.process_time() - began, time.perf_counter() - started
        quick = greedy_schedule(problem, restarts=300)
        greedy = np.nan if quick is None else problem.worth(quick) / ours.worth
        theirs, bound = cp_sat(problem, max(took, 1.0))
        print(
            f"{seed:4d} {spent:6.1f} s {took:8.1f} s {ours.worth:12,.0f} {ours.gap:7.2%} "
            f"{greedy:7.1%} {theirs / ours.worth:7.1%} {1 - theirs / bound:9.2%}",
            flush=True,
        )


def main() -> None:
    """Measure all and print tables."""
    simulation()
    roadmaps(25, 10.0, 6)
    roadmaps(25, 10.0, 6, in_step=True)
    roadmaps(60, 30.0, 6)


if __name__ == "__main__":
    sys.exit(main())
