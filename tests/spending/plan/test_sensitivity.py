"""What a result hangs on: the Ishigami function, and the plan's own worth."""

import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending import (
    BENEFIT,
    COST,
    RATE,
    SUCCESS,
    WAGE,
    YEARS,
    PlanLimits,
    plan_roadmap,
    plan_worth,
    sobol,
    tornado,
)
from tests.spending.plan.tables import project, simulated

AROUND = Interval(0.0, -np.pi, np.pi)


@pytest.mark.slow
def test_ishigami() -> None:
    # Ishigami and Homma 1990 with a = 7, b = .1: S₁ .3139, .4424, 0; S_T .5576, .4424, .2437
    found = sobol(
        lambda x: np.sin(x["a"]) + 7 * np.sin(x["b"]) ** 2 + 0.1 * x["c"] ** 4 * np.sin(x["a"]),
        {"a": AROUND, "b": AROUND, "c": AROUND}, draws=2048, seed=1,
    )  # fmt: skip
    assert found["alone"].to_numpy() == pytest.approx([0.3139, 0.4424, 0.0], abs=0.03)
    assert found["in_all"].to_numpy() == pytest.approx([0.5576, 0.4424, 0.2437], abs=0.03)
    assert (found["alone_low"] <= found["alone"]).all()
    assert (found["in_all_high"] >= found["in_all"]).all()


def test_a_tornado_has_the_widest_swing_first() -> None:
    found = tornado(
        lambda x: x["a"] + 10 * x["b"],
        {"a": Interval(1.0, 0.0, 2.0), "b": Interval(0.0, -1.0, 1.0)},
    )
    assert found["name"].tolist() == ["b", "a"]
    assert found[["low", "high", "least", "most", "base"]].iloc[0].tolist() == [-9, 11, -9, 11, 1]
    assert found["flips"].tolist() == [True, False]


def test_the_plans_worth_as_assumed_is_the_expected_worth() -> None:
    made = simulated(
        project("a", hours_per_quarter=10.0, p_success=0.7), project("b", duration=2, after="a"),
        wage=20.0, overrun=Interval(1.1, 0.9, 1.8),
    )  # fmt: skip
    plan = plan_roadmap(made, PlanLimits(money=1e6, hours=1e6))
    worth = plan_worth(made, plan.tasks["id"], plan.tasks["quarter"])
    assert float(worth({})) == pytest.approx(plan.schedule.worth)
    # every name moves it
    for name, value in {
        WAGE: 30.0,
        RATE: 0.2,
        BENEFIT: 0.8,
        SUCCESS: 0.8,
        COST: 2.0,
        YEARS: 4.0,
    }.items():
        assert float(worth({name: value})) < plan.schedule.worth
    # a chance does not exceed 1
    assert float(worth({SUCCESS: 2.0})) == pytest.approx(float(worth({SUCCESS: 9.0})), rel=0.2)
    flat = float(worth({RATE: 0.0}))
    assert flat == pytest.approx(float(worth({RATE: 1e-9})), rel=1e-6)
    several = worth({BENEFIT: np.array([0.5, 1.0])})
    assert several.shape == (2,)
    assert several[1] == pytest.approx(plan.schedule.worth)


def test_nothing_to_move() -> None:
    with pytest.raises(ModelError, match="no assumption"):
        tornado(len, {})
    with pytest.raises(ModelError, match="power of 2"):
        sobol(lambda x: x["a"], {"a": AROUND}, draws=100, seed=1)
    with pytest.raises(ModelError, match="does not depend"):
        sobol(lambda x: 0.0 * x["a"], {"a": AROUND}, draws=64, seed=1)
