"""The first sentence of the plan, for a client with any of its tables."""

import numpy as np
import pandas as pd
import pytest

from techalign.numbers.formatting import compact
from techalign.numbers.intervals import Interval
from techalign.spending import (
    ChoiceOptions,
    OptionsCompared,
    PlanLimits,
    Replacements,
    compare_options,
    frontier,
    plan_headline,
    plan_roadmap,
    worth_source,
)
from tests.spending.plan.tables import brings, project, simulated

LIMITS = PlanLimits(money=1500.0, hours=100.0, quick_wins=0)
PROVIDER = {
    "decision": "payroll", "fee": 1000.0, "admin_hours": 0.0, "queries": 0.0, "wait_hours": 0.0,
    "error_rate": 0.0, "penalty": 0.0, "decision_days": 0.0, "p_fail": 0.0, "switching_cost": 0.0,
    "current": False, "offers": "",
}  # fmt: skip


def _providers(*fees: float, decision: str = "payroll") -> OptionsCompared:
    rows = [
        PROVIDER | {"option": f"P{i}", "fee": fee, "decision": decision}
        for i, fee in enumerate(fees)
    ]
    frame = pd.DataFrame(rows, columns=[*PROVIDER, "option"])
    return compare_options(
        frame, ChoiceOptions(employees=5, wage=20.0, rate=0.1), np.random.default_rng(1)
    )


def _one_replacement(worth: float, least: float, most: float) -> Replacements:
    frame = pd.DataFrame({"id": ["n"], "name": ["New: server"], "owner": [""], "money": [900.0]})
    ends = (np.full((1, LIMITS.quarters), each) for each in (worth, least, most))
    value, low, high = ends
    return Replacements(frame=frame, value=value, value_low=low, value_high=high)


def _said(
    *projects: dict[str, object],
    old: Replacements | None = None,
    fees: tuple[float, ...] = (),
    unplanned: int = 0,
) -> str:
    plan = plan_roadmap(simulated(*projects), LIMITS, old)
    return plan_headline("Acme", plan, _providers(*fees), 8, "USD", unplanned)


@pytest.mark.parametrize(
    ("projects", "begins"),
    [
        ([project("a")], "Acme can do the one project within 8 quarters. Less what it costs, it"),
        ([project("a"), project("b")], "Acme can do all 2 projects within 8 quarters."),
        (
            [project("a"), project("b", **brings(10.0))],
            "Acme can do 1 of 2 projects within 8 quarters. Less what it costs, it",
        ),
        (
            [project("a", **brings(10.0))],
            "Acme can do not even the one project within 8 quarters. Nothing fits the plan.",
        ),
    ],
)
def test_projects_are_counted(projects: list[dict[str, object]], begins: str) -> None:
    assert _said(*projects).startswith(begins)


def test_what_cannot_be_planned_is_counted_beside_what_can() -> None:
    said = _said(project("a"), unplanned=4)
    assert said.startswith("Acme can do the one project within 8 quarters.")
    assert said.endswith("4 more cannot be planned: see what they wait for.")


def test_old_technology_alone_makes_a_plan_and_both_make_one_together() -> None:
    old = _one_replacement(400.0, 100.0, 900.0)
    assert _said(old=old) == (
        "Acme can do the one replacement of old technology within 8 quarters. Less what it costs, "
        "it should be worth $400 ($100 to $900). No other plan within these limits is worth more: "
        "this is proven."
    )
    assert _said(project("a"), old=old).startswith("Acme can do all 2 projects and replacements")


def test_without_projects_the_choice_comes_first() -> None:
    said = _said(fees=(1000.0, 700.0))
    assert said.startswith("For payroll, P1 costs Acme least: $300")
    assert said.endswith("a year less than P0.")
    assert _said(fees=(1000.0,)).startswith("Each choice names one provider only")


def test_nothing_to_plan_is_said_and_draws_no_line() -> None:
    assert _said() == "Nothing that Acme has is due to be replaced within 8 quarters."
    assert _said(unplanned=2).startswith("No project of Acme can be planned")
    assert frontier(simulated(), LIMITS).empty


def test_the_plans_range_holds_what_is_assumed_of_replacements() -> None:
    made = simulated(project("a", benefit_low=2000.0, benefit_high=9000.0))
    alone = plan_roadmap(made, LIMITS)
    both = plan_roadmap(made, LIMITS, _one_replacement(400.0, 100.0, 900.0))

    def below(total: Interval) -> float:
        return total.point - total.low

    assert both.total.point == pytest.approx(alone.total.point + 400.0)
    assert below(both.total) == pytest.approx(np.hypot(below(alone.total), 300.0))
    assert both.worst == pytest.approx(alone.worst + 100.0)


def test_what_must_be_done_and_does_not_fit_comes_first() -> None:
    must = project("sec", cost_per_quarter=9000.0, mandatory=True, deadline="2026-12-31")
    said = _said(must, project("web"))
    assert said == (
        "What Acme must do does not fit what there is: $7,500 is missing in Q3 2026. Without Sec "
        "it would fit. The plan below does it nevertheless."
    )


def test_without_money_there_is_one_budget_to_plan_for() -> None:
    limits = PlanLimits(money=0.0, hours=100.0, quick_wins=0)
    free = project("tidy", cost_per_quarter=0.0, hours_per_quarter=10.0)
    found = frontier(simulated(free, project("web")), limits)
    assert found[["money", "tasks"]].to_numpy().tolist() == [[0.0, 1]]


def test_what_only_loses_never_pays_back_though_it_costs_nothing() -> None:
    made = simulated(project("close", cost_per_quarter=0.0, **brings(-3000.0)))
    assert np.isinf(made.payback()).all()


def test_what_helps_each_other_is_told_beside_the_sum_of_the_rows() -> None:
    money = PlanLimits(money=1e6, hours=1e6)
    apart = plan_roadmap(simulated(project("a"), project("b")), money)
    assert "together" not in worth_source(apart, "USD")
    pair = plan_roadmap(simulated(project("a"), project("b", synergy_with="a")), money)
    more = pair.total.point - pair.tasks["value"].sum()
    assert f"is worth {compact(more, 'USD')} more together" in worth_source(pair, "USD")
