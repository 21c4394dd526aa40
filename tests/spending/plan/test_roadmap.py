"""The plan: limits that hold, what is told where they cannot, and reasons for what is left out."""

import dataclasses

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.spending import Effort, PlanLimits, plan_roadmap
from tests.spending.plan.tables import brings, project, simulated

PLENTY = PlanLimits(money=1e6, hours=1e6)


def _when(plan) -> dict[str, str]:  # type: ignore[no-untyped-def]
    return dict(plan.tasks[["id", "when"]].to_numpy())


def test_with_plenty_of_all_what_pays_starts_at_once() -> None:
    plan = plan_roadmap(simulated(project("a"), project("b", **brings(0.0))), PLENTY)
    assert _when(plan) == {"a": "Q3 2026"}
    assert plan.left[["id", "why"]].to_numpy().tolist() == [
        ["b", "brings no more than it costs, on average"]
    ]
    assert plan.schedule.gap == 0.0
    assert "this is proven" in plan.sentence


def test_what_is_left_out_is_valued_as_if_started_at_once() -> None:
    """A loss put off is a smaller loss: the page says what starting it would lose."""
    made = simulated(project("a"), project("b", **brings(-500.0)))
    left = plan_roadmap(made, PLENTY).left.iloc[0]
    assert left["value"] == pytest.approx(made.npv()[1].mean())
    assert left["value"] < made.mean_npv(8)[1, -1]


def test_money_hours_and_owners_limit_every_quarter() -> None:
    some = [
        project(
            f"p{i}", owner=("Kim", "Lee")[i % 2], hours_per_quarter=30.0 + i, duration=1 + i % 2
        )
        for i in range(9)
    ]
    limits = PlanLimits(money=3000.0, hours=110.0, at_once=1)
    plan = plan_roadmap(simulated(*some), limits)
    assert (plan.quarters["money"] <= 3000.0).all()
    assert (plan.quarters["hours"] <= 110.0).all()
    for owner in ("Kim", "Lee"):
        own = plan.tasks[plan.tasks["owner"] == owner].sort_values("start")
        assert (own["start"].iloc[1:].to_numpy() > own["end"].iloc[:-1].to_numpy()).all()
    spent = plan.quarters[["reduce", "contain", "generate", "differentiate"]].sum(axis=1)
    assert spent.tolist() == plan.quarters["money"].tolist()


def test_a_project_waits_for_what_it_builds_on() -> None:
    plan = plan_roadmap(
        simulated(project("a", **brings(0.0), duration=2), project("b", after="a")), PLENTY
    )
    # a is worth nothing by itself and is done for the sake of b
    assert _when(plan) == {"a": "Q3 2026", "b": "Q1 2027"}


def test_what_must_be_done_is_done_by_its_deadline_though_it_costs() -> None:
    plan = plan_roadmap(
        simulated(project("a", **brings(0.0), mandatory=True, deadline="2026-12-31")), PLENTY
    )
    assert _when(plan) == {"a": "Q4 2026"}


def test_a_deadline_that_has_passed_is_lifted_and_told() -> None:
    plan = plan_roadmap(simulated(project("a", mandatory=True, deadline="2026-05-31")), PLENTY)
    assert _when(plan) == {"a": "Q3 2026"}
    assert plan.notes == (
        "A can no longer be done by 31 May 2026: the earliest end is Q3 2026.",
    )  # fmt: skip


def test_what_is_late_and_only_costs_is_done_at_once_or_as_soon_as_there_is_money() -> None:
    late = project("a", **brings(0.0), mandatory=True, deadline="2026-05-31")
    assert _when(plan_roadmap(simulated(late), PLENTY)) == {"a": "Q3 2026"}
    first = project("b", mandatory=True, deadline="2026-09-30")
    one = PlanLimits(money=1000.0, hours=1e6)
    assert _when(plan_roadmap(simulated(late, first), one)) == {"b": "Q3 2026", "a": "Q4 2026"}


def test_what_takes_longer_than_the_plan_is_told() -> None:
    plan = plan_roadmap(simulated(project("a", mandatory=True, duration=9)), PLENTY)
    assert plan.tasks.empty
    assert plan.notes == ("A must be done and does not end within the plan.",)
    assert plan.left["why"].tolist() == ["does not end within the plan"]


def test_a_budget_too_small_names_the_quarter_the_amount_and_what_would_have_to_go() -> None:
    made = simulated(
        project("a", mandatory=True, cost_per_quarter=5000.0, deadline="2026-09-30"),
        project("b", mandatory=True, cost_per_quarter=900.0),
        project("c", cost_per_quarter=100.0),
    )
    plan = plan_roadmap(made, PlanLimits(money=1000.0, hours=0.0))
    assert plan.short.to_numpy().tolist() == [["Q3 2026", "money", 4000.0]]
    assert plan.drop == ("A",)
    assert _when(plan)["a"] == "Q3 2026"
    assert set(_when(plan)) == {"a", "b", "c"}


def test_no_money_at_all_leaves_what_costs_none() -> None:
    made = simulated(project("a"), project("b", cost_per_quarter=0.0))
    plan = plan_roadmap(made, PlanLimits(money=0.0, hours=0.0))
    assert _when(plan) == {"b": "Q3 2026"}
    assert plan.left["why"].tolist() == ["needs more money in one quarter than there is"]
    # and of what must be done the quarter is told in which it is missing
    must = plan_roadmap(simulated(project("a", mandatory=True)), PlanLimits(money=0.0, hours=0.0))
    assert must.short[["what", "missing"]].to_numpy().tolist() == [["money", 1000.0]]
    assert must.drop == ("A",)


def test_no_project_at_all() -> None:
    made = simulated(project("a"))
    empty = dataclasses.replace(
        made, frame=made.frame.iloc[:0], works=made.works[:0], overrun=made.overrun[:0]
    )
    plan = plan_roadmap(empty, PLENTY)
    assert plan.tasks.empty
    assert plan.sentence == "Nothing fits the plan."


def test_a_quick_win_comes_before_what_is_worth_more() -> None:
    made = simulated(
        project("quick", cost_per_quarter=800.0, **brings(4000.0)),
        project("slow", duration=2, **brings(9000.0)),
    )
    tight = PlanLimits(money=1000.0, hours=0.0, quick_wins=0)
    assert _when(plan_roadmap(made, tight))["slow"] == "Q3 2026"
    with_quick = plan_roadmap(made, dataclasses.replace(tight, quick_wins=1))
    assert _when(with_quick)["quick"] == "Q3 2026"


def test_where_no_quick_win_fits_the_plan_does_without_and_says_so() -> None:
    made = simulated(
        project("must", mandatory=True, duration=2, cost_per_quarter=900.0, deadline="2026-12-31"),
        project("quick", cost_per_quarter=900.0, **brings(9000.0)),
    )
    plan = plan_roadmap(made, PlanLimits(money=1000.0, hours=0.0))
    assert _when(plan) == {"must": "Q3 2026", "quick": "Q1 2027"}
    assert plan.notes == (
        "No quick win fits into the first two quarters beside what must be done.",
    )  # fmt: skip
    assert plan.short.empty
    # nor where there is no money at all
    none = plan_roadmap(made, PlanLimits(money=0.0, hours=0.0))
    assert none.short["missing"].tolist() == [900.0, 900.0]
    assert set(_when(none)) == {"must"}


def test_the_worth_of_the_plan_is_never_above_its_bound() -> None:
    free = {"benefit_low": 0.0, "benefit_mode": 5000.0, "benefit_high": 20_000.0}
    made = simulated(*(project(f"p{i}", p_success=0.5, **free) for i in range(5)), draws=50)
    plan = plan_roadmap(made, PLENTY)
    assert plan.total.point == pytest.approx(plan.schedule.worth)
    assert plan.total.point <= plan.schedule.bound + 1e-6


def test_a_pair_that_helps_each_other_is_worth_more() -> None:
    alone = plan_roadmap(simulated(project("a"), project("b")), PLENTY)
    both = plan_roadmap(simulated(project("a", synergy_with="b"), project("b")), PLENTY)
    # a tenth of 1,000 a quarter from the second to the twentieth
    live = (1.1 ** (-np.arange(1, 20) / 4)).sum()
    assert both.schedule.worth - alone.schedule.worth == pytest.approx(100.0 * live)
    assert both.total.point == pytest.approx(both.schedule.worth)


def test_what_another_is_left_out_for_is_said() -> None:
    made = simulated(
        project("a", **brings(30_000.0), cost_per_quarter=1000.0),
        project("b", cost_per_quarter=5000.0),
        project("c", after="b"),
        project("d", hours_per_quarter=50.0),
    )
    plan = plan_roadmap(made, PlanLimits(money=1000.0, hours=10.0, quarters=1))
    assert dict(plan.left[["id", "why"]].to_numpy()) == {
        "b": "needs more money in one quarter than there is",
        "c": "does not end within the plan",
        "d": "needs more hours in one quarter than there are",
    }


def test_the_same_inputs_give_the_same_plan() -> None:
    free = {"benefit_low": 0.0, "benefit_mode": 5000.0, "benefit_high": 10_000.0}
    some = [project(f"p{i}", **free, duration=1 + i % 3) for i in range(12)]
    limits = PlanLimits(money=2500.0, hours=0.0, effort=Effort(seconds=1.0))
    one, two = (plan_roadmap(simulated(*some), limits) for _ in range(2))
    pd.testing.assert_frame_equal(one.tasks, two.tasks)
    assert one.total == two.total


def test_caution_changes_the_plan_only_for_the_safer() -> None:
    gamble = {"benefit_low": -30_000.0, "benefit_mode": 0.0, "benefit_high": 60_000.0}
    made = simulated(project("gamble", **gamble), project("sure", **brings(6000.0)), draws=2000)
    limits = PlanLimits(money=1000.0, hours=0.0, quarters=1, quick_wins=0)
    assert _when(plan_roadmap(made, limits)) == {"gamble": "Q3 2026"}
    careful = plan_roadmap(made, dataclasses.replace(limits, caution=0.7))
    assert _when(careful) == {"sure": "Q3 2026"}
    assert careful.worst > plan_roadmap(made, limits).worst


@pytest.mark.parametrize("change", [{"money": -1.0}, {"quarters": 0}, {"caution": 2.0}])
def test_limits_out_of_range(change: dict[str, float]) -> None:
    with pytest.raises(ModelError, match=next(iter(change))):
        dataclasses.replace(PLENTY, **change)
