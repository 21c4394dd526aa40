"""Ways to pay: purchase, lease, subscription, and grants."""

import datetime as dt

import numpy as np
import numpy_financial as npf
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending import (
    PlanFindings,
    PlanLimits,
    compare_financing,
    grants,
    plan_decisions,
    plan_roadmap,
)
from tests.spending.plan.tables import brings, project, simulated

DAY = dt.date(2026, 6, 30)
USUAL = Interval(0.3, 0.1, 0.6, 1.0)


def test_lease_at_the_clients_own_rate_costs_what_buying_does() -> None:
    due = pd.DataFrame({"technology": ["Laptops"], "price": 9000.0, "life": 6, "new": 3500.0})
    same = Interval(0.1, 0.1, 0.1)
    found = compare_financing(due, 0.1, same, Interval(0.3, 0.3, 0.3)).iloc[0]
    assert found["lease"] == pytest.approx(found["buy"])
    assert found["subscribe"] == pytest.approx(2700.0)
    assert found["cheapest"] == "subscribe"
    free = compare_financing(due, 0.0, Interval(0.0, 0.0, 0.0), same).iloc[0]
    assert free["lease"] == pytest.approx(free["buy"])
    assert free["payment"] == pytest.approx(9000.0 / 4)


def test_the_first_years_payment_is_that_of_a_loan_of_four_years() -> None:
    due = pd.DataFrame({"technology": ["Server"], "price": 8000.0, "life": 7, "new": 2500.0})
    found = compare_financing(due, 0.1, Interval(0.11, 0.07, 0.18), USUAL).iloc[0]
    for name, interest in (("payment", 0.11), ("payment_low", 0.07), ("payment_high", 0.18)):
        assert found[name] == pytest.approx(-npf.pmt(interest, 4, 8000.0))


def table(*rows: dict[str, object]) -> pd.DataFrame:
    usual = {"owner": "Lee", "cost_per_quarter": 5000.0, "duration": 2, "grant": 4000.0,
             "grant_chance": np.nan, "grant_deadline": pd.NaT}  # fmt: skip
    return pd.DataFrame([{"name": f"p{i}", **usual, **row} for i, row in enumerate(rows)])


def test_grants_by_their_day_and_what_is_over_is_left_out() -> None:
    found = grants(
        table(
            {},
            {"grant_deadline": pd.Timestamp("2026-12-31"), "grant_chance": 0.5},
            {"grant_deadline": pd.Timestamp("2026-06-29")},
            {"grant_deadline": pd.Timestamp("2026-06-30"), "grant": 99_000.0},
            {"grant": 0.0},
        ),
        DAY,
        USUAL,
    )
    assert found["name"].tolist() == ["p3", "p1", "p0"]
    # never more than the project costs
    assert found["grant"].tolist() == [10_000.0, 4000.0, 4000.0]
    assert found["judged"].tolist() == ["assumed", "you", "assumed"]
    assert found[["expected_low", "expected", "expected_high"]].to_numpy().tolist() == [
        [1000.0, 3000.0, 6000.0], [2000.0, 2000.0, 2000.0], [400.0, 1200.0, 2400.0],
    ]  # fmt: skip


def test_a_table_without_grants_and_a_chance_that_is_none() -> None:
    assert grants(pd.DataFrame({"name": ["a"]}), DAY, USUAL).empty
    with pytest.raises(ModelError, match="grant_chance"):
        grants(table({"grant_chance": 1.2}), DAY, USUAL)


def test_a_grant_with_a_day_is_a_decision_by_that_day() -> None:
    made = simulated(project("a", **brings(30_000.0)))
    plan = plan_roadmap(made, PlanLimits(money=50_000.0, hours=5000.0))
    told = grants(
        table({"grant_deadline": pd.Timestamp("2026-09-30"), "grant_chance": 0.5}, {}), DAY, USUAL
    )
    found = plan_decisions(
        PlanFindings(initiatives=made, roadmap=plan, grants=told),
        as_of=DAY, currency="USD", owner="Dana",
    )  # fmt: skip
    (apply,) = [each for each in found if each.topic == "grant"]
    assert apply.what == "Apply by 30 Sep 2026 for the grant of $4k towards p0"
    assert (apply.by, apply.owner) == (dt.date(2026, 9, 30), "Lee")
    assert (apply.value.low, apply.value.point, apply.value.high) == (0.0, 2000.0, 4000.0)
