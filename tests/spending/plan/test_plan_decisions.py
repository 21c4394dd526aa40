"""What the plan says to do."""

from techalign.decision import Decision
from techalign.numbers.intervals import Interval
from techalign.spending import PlanFindings, PlanLimits, plan_decisions, plan_roadmap
from techalign.spending.plan import plan_replacements
from tests.spending.plan.tables import TODAY, brings, project, simulated
from tests.spending.plan.test_economic_life import _assets, _found


def _decide(*projects: dict[str, object], **limits: float) -> dict[str, Decision]:
    made = simulated(*projects, overrun=Interval(1.0, 0.9, 1.2))
    plan = plan_roadmap(made, PlanLimits(**{"money": 1e6, "hours": 1e6} | limits))  # type: ignore[arg-type]
    found = plan_decisions(
        PlanFindings(initiatives=made, roadmap=plan), as_of=TODAY, currency="USD", owner="Kim"
    )
    return {decision.id: decision for decision in found}


def test_what_the_plan_starts_now_is_to_be_started() -> None:
    found = _decide(project("a", owner="Lee", hours_per_quarter=12.0))
    (start,) = found.values()
    assert start.id == "spending-act-a-start"
    assert start.what == "Start A in Q3 2026"
    assert start.owner == "Lee"
    assert start.value is not None
    # three quarters of benefit within the year
    assert start.value.point == 3000.0
    assert start.cost is not None
    assert 1000.0 < start.cost.point < 1100.0
    assert start.hours == 12.0
    assert start.pays == 1.0
    assert start.waiting is not None
    assert 0.0 < start.waiting.point < 1000.0


def test_a_deadline_that_cannot_be_kept_is_said_where_it_is_to_be_started() -> None:
    found = _decide(project("a", **brings(0.0), mandatory=True, deadline="2026-08-15"))
    start = found["spending-act-a-start"]
    assert start.what == "Start A in Q3 2026"
    assert start.because.startswith("It had to be done by 15 Aug 2026, which can no longer be kept")
    kept = _decide(project("a", mandatory=True, deadline="2026-09-30"))["spending-act-a-start"]
    assert kept.because.startswith("It must be done by 30 Sep 2026, and the best plan")


def test_what_costs_more_than_it_brings_is_dropped_or_questioned() -> None:
    found = _decide(
        project("a", **brings(0.0)), project("b", **brings(0.0), mandatory=True)
    )  # fmt: skip
    drop = found["spending-stop-a-worth"]
    assert drop.what.startswith("Drop A: it costs $1")
    assert drop.pays == 1.0
    assert drop.owner == "Kim"
    question = found["spending-decide-b-worth"]
    assert question.what.startswith("Ask whether B has to be done")


def test_a_shortage_is_asked_about_with_its_quarter() -> None:
    found = _decide(
        project("a", mandatory=True, cost_per_quarter=5000.0, deadline="2026-09-30"), money=1000.0
    )
    asked = found["spending-ask-plan-short"]
    assert asked.what == "Find $4,000 for Q3 2026, or do without A"
    assert asked.value is None


def test_long_names_fit() -> None:
    found = _decide(project("x" * 150))
    assert all(len(decision.what) <= 90 for decision in found.values())


def test_a_replacement_says_when_the_plan_does_it_and_what_keeping_risks() -> None:
    old = _found(_assets(technology="Old server"), end="2026-01-01")
    made = simulated(
        project("a", mandatory=True, cost_per_quarter=1000.0, deadline="2026-09-30", duration=1)
    )
    due = plan_replacements(old, (), quarters=8, horizon_quarters=20)
    price = float(due.frame["money"].iloc[0])
    # the first quarter has money for what must be done alone
    plan = plan_roadmap(made, PlanLimits(money=max(price, 1000.0), hours=1e6), due)
    findings = PlanFindings(initiatives=made, roadmap=plan, lifecycle=old)
    found = plan_decisions(findings, as_of=TODAY, currency="USD", owner="Kim")
    (said,) = [each.because for each in found if each.what.startswith("Replace Old server now")]
    assert "what may happen without support comes on top of keeping it" in said
    assert said.endswith("The plan by quarter does it in Q4 2026.")
