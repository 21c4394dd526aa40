"""The best plan for each budget."""

import numpy as np
import pytest

from techalign.spending import PlanLimits, frontier
from tests.spending.plan.tables import brings, project, simulated


def test_more_money_is_never_worth_less_and_stops_mattering() -> None:
    made = simulated(*(project(f"p{i}", **brings(3000.0 + 400.0 * i)) for i in range(6)))
    limits = PlanLimits(money=2000.0, hours=0.0, quarters=2, quick_wins=0)
    found = frontier(made, limits)
    assert found["money"].tolist() == [0.0, 500.0, 1000.0, 1500.0, 2000.0, 3000.0, 4000.0]
    assert (np.diff(found["worth"]) >= -1e-6).all()
    assert found["tasks"].tolist() == [0, 0, 2, 2, 4, 6, 6]
    assert (found["bound"] >= found["worth"] - 1e-6).all()
    assert found["fits"].all()
    # what two more projects gain for 2,000 more
    worth = found["worth"]
    assert found["more"].iloc[4] == pytest.approx((worth[4] - worth[3]) / 2000.0)
    assert np.isnan(found["more"].iloc[3])


def test_where_what_must_be_done_does_not_fit() -> None:
    made = simulated(project("a", mandatory=True))
    found = frontier(made, PlanLimits(money=1000.0, hours=0.0), steps=(0.5, 1.0))
    assert found["fits"].tolist() == [False, True]
