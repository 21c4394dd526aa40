"""Providers: every term written out, which decides, from what size, and what is not known."""

from statistics import NormalDist

import numpy as np
import pandas as pd
import pytest

from techalign.decision import Decision
from techalign.errors import ModelError
from techalign.spending import (
    ChoiceOptions,
    OptionsCompared,
    PlanFindings,
    PlanLimits,
    compare_options,
    plan_decisions,
    plan_roadmap,
)
from techalign.spending.plan.options import TERMS
from tests.spending.plan.tables import TODAY, project, simulated


def _option(name: str, **changes: object) -> dict[str, object]:
    """A provider that costs nothing but its fee of 1,000."""
    row: dict[str, object] = {
        "decision": "payroll",
        "option": name,
        "fee": 1000.0,
        "admin_hours": 0.0,
        "queries": 0.0,
        "wait_hours": 0.0,
        "error_rate": 0.0,
        "penalty": 0.0,
        "decision_days": 0.0,
        "p_fail": 0.0,
        "switching_cost": 0.0,
        "current": False,
        "offers": "",
    }
    return row | changes


def _compared(*options: dict[str, object], **made_for: float) -> OptionsCompared:
    chosen = ChoiceOptions(**{"employees": 10, "wage": 20.0, "rate": 0.1} | made_for)  # type: ignore[arg-type]
    return compare_options(pd.DataFrame(list(options)), chosen, np.random.default_rng(1))


def test_every_term_of_a_years_cost() -> None:
    old = _option(
        "old", admin_hours=30.0, queries=4.0, wait_hours=2.0, error_rate=5.0, penalty=100.0,
        decision_days=73.0, p_fail=0.1, switching_cost=900.0, current=True,
    )  # fmt: skip
    new = _option("new", switching_cost=900.0)
    found = _compared(old, new, decision_value=5000.0, leaving=3.0, years=3)
    row = found.frame.iloc[0]
    assert row[list(TERMS)].tolist() == pytest.approx(
        [1000.0, 600.0, 1600.0, 240.0, 500.0, 100.0, 90.0, 0.0]
    )
    assert row["total"] == pytest.approx(4130.0)
    # 900 over three years at 10 %
    assert found.frame["changing"].iloc[1] == pytest.approx(900 * 0.1 / (1 - 1.1**-3))
    choice = found.choices.iloc[0]
    assert choice["best"] == "new"
    assert choice["decides"] == "time employees wait"
    assert choice["saving"] == pytest.approx(4130.0 - 1361.9, abs=0.1)
    assert choice["saving_low"] < choice["saving"] < choice["saving_high"]


def test_the_mean_of_the_draws_is_the_total() -> None:
    found = _compared(
        _option("a", admin_hours=100.0, current=True), _option("b", fee=2900.0), draws=100_000
    )
    choice = found.choices.iloc[0]
    # 3,000 with a factor of 1.5 in 8 of 10: P(1000 + 2000 e^{sz - s²/2} > 2900)
    s = np.log(1.5) / 1.2816
    below = (np.log(1900 / 2000) + s * s / 2) / s
    assert choice["chance"] == pytest.approx(1 - NormalDist().cdf(below), abs=0.01)
    assert choice["best"] == "b"


@pytest.mark.parametrize(
    ("waits", "fee", "said"),
    [
        (1.0, 1100.0, "from 5 employees"),
        (1.0, 900.0, "at any size"),
        (0.0, 900.0, "it does not depend on size"),
    ],
)
def test_from_what_size_it_is_cheaper(waits: float, fee: float, said: str) -> None:
    # each of ten waits an hour for 20: 100 more fee is worth it from five
    found = _compared(
        _option("old", queries=1.0, wait_hours=waits, current=True), _option("new", fee=fee)
    )
    assert found.choices[["best", "size"]].to_numpy().tolist() == [["new", said]]


def test_the_better_one_may_be_better_only_while_small() -> None:
    found = _compared(
        _option("old", current=True, fee=1500.0), _option("new", queries=1.0, wait_hours=1.0)
    )
    assert found.choices["size"].tolist() == ["up to 25 employees"]


def test_where_todays_is_not_marked_changing_counts_nothing() -> None:
    found = _compared(
        _option("a", switching_cost=500.0), _option("b", fee=990.0, switching_cost=900.0)
    )
    assert found.frame["changing"].tolist() == [0.0, 0.0]
    choice = found.choices.iloc[0]
    assert choice["best"] == "b"
    assert not choice["told"]


def test_todays_is_kept_where_it_costs_least() -> None:
    found = _compared(
        _option("a", current=True), _option("b", fee=1200.0), _option("c", fee=1100.0)
    )
    choice = found.choices.iloc[0]
    assert choice[["best", "other", "keeps"]].tolist() == ["a", "c", True]


def test_what_others_offer_and_one_does_not() -> None:
    found = _compared(_option("a", offers="filings"), _option("b", offers="filings; self-service"))
    assert found.frame["lacks"].tolist() == ["self-service", ""]


def test_a_single_provider_is_no_choice_and_no_table_is_none() -> None:
    assert _compared(_option("a")).choices.empty
    none = compare_options(
        pd.DataFrame([_option("a")]).iloc[:0], ChoiceOptions(employees=1, wage=1.0, rate=0.0),
        np.random.default_rng(1),
    )  # fmt: skip
    assert none.frame.empty
    assert none.choices.empty


def _decided(found: OptionsCompared) -> dict[str, Decision]:
    made = simulated(project("a", cost_per_quarter=1e9))
    plan = plan_roadmap(made, PlanLimits(money=0.0, hours=0.0))
    decisions = plan_decisions(
        PlanFindings(initiatives=made, roadmap=plan, options=found),
        as_of=TODAY, currency="USD", owner="Kim",
    )  # fmt: skip
    return {each.id: each for each in decisions}


def test_changing_is_a_decision_and_staying_is_none() -> None:
    cheaper = _compared(
        _option("old", fee=2000.0, current=True), _option("new", switching_cost=300.0)
    )
    (decision,) = (d for d in _decided(cheaper).values() if d.topic == "provider")
    assert decision.id == "spending-decide-payroll-provider"
    assert decision.what == "Choose new for payroll: it saves $879 a year"
    assert decision.cost is not None
    assert decision.cost.point == 300.0
    assert decision.pays is not None
    assert decision.pays > 0.9
    stay = _compared(_option("old", current=True), _option("new", fee=2000.0))
    unknown = _compared(_option("old"), _option("new", fee=2000.0))
    for found in (stay, unknown):
        assert not [d for d in _decided(found).values() if d.topic == "provider"]


@pytest.mark.parametrize("change", [{"wage": -1.0}, {"years": 0}, {"uncertainty": 0.5}])
def test_out_of_range(change: dict[str, float]) -> None:
    with pytest.raises(ModelError, match=next(iter(change))):
        _compared(_option("a"), **change)
