"""The split of advertising that reaches most, beside a search over all splits."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import minimize

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending import marketing_mix
from techalign.spending.agreements import Desk
from techalign.spending.marketing import marketing_decisions

DESK = Desk(
    as_of=dt.date(2026, 6, 30), currency="USD", owner="Ann", stakes={}, chance=None, technology=None
)
REACH = {
    "older media": Interval(0.3, 0.2, 0.4),
    "search": Interval(0.5, 0.4, 0.6),
    "social": Interval(0.4, 0.3, 0.5),
}
ROWS = pd.DataFrame(
    {
        "vendor": ["Valley Gazette", "Google Ads", "Meta Platforms", "Blue Agency", "Print Co"],
        "amount": [800.0, 150.0, 50.0, 30.0, 999.0],
        "account": ["Advertising", "Online advertising", "Marketing", "Marketing", "Stationery"],
    }
)


def test_the_best_split_is_that_of_a_numeric_search() -> None:
    found = marketing_mix(ROWS, REACH)
    assert found.frame["spent"].tolist() == [800.0, 150.0, 50.0]
    assert found.unknown == 30.0
    reach = np.array([0.3, 0.5, 0.4])

    def lost(s: np.ndarray) -> float:
        return -float(reach @ np.sqrt(np.maximum(s, 0.0)))

    best = minimize(
        lost, np.full(3, 1000.0 / 3), bounds=[(0, 1000)] * 3,
        constraints={"type": "eq", "fun": lambda s: s.sum() - 1000.0}, options={"ftol": 1e-13},
    )  # fmt: skip
    assert found.frame["best"].to_numpy() == pytest.approx(best.x, abs=1.0)
    now = reach @ np.sqrt([800.0, 150.0, 50.0])
    assert found.gain.point == pytest.approx(-best.fun / now - 1.0, abs=1e-4)
    assert found.gain.low <= found.gain.point <= found.gain.high
    assert found.frame["shift"].sum() == pytest.approx(0.0)


def test_no_advertising_has_nothing_to_move() -> None:
    found = marketing_mix(ROWS.iloc[[4]], REACH)
    assert found.moved == 0.0
    assert found.gain.point == 0.0
    assert marketing_mix(ROWS.iloc[:0], REACH).frame["spent"].sum() == 0.0


def test_errors() -> None:
    with pytest.raises(ModelError, match="radio"):
        marketing_mix(ROWS, {"radio": Interval(0.1, 0.1, 0.1)})
    with pytest.raises(ModelError, match="search"):
        marketing_mix(ROWS, {"search": Interval(1.1, 1.0, 1.2)})


def test_money_far_from_the_best_split_is_asked_about_as_an_assumption() -> None:
    surely = {name: Interval(r.point, r.point, r.point) for name, r in REACH.items()}
    (asked,) = marketing_decisions(DESK, marketing_mix(ROWS, surely))
    assert asked.kind == "ask"
    assert asked.what.endswith("perhaps move $620 from older media")
    assert asked.because.startswith("80% of $1k a year goes to older media.")
    assert asked.assumes == ("reach_older_media", "reach_search", "reach_social")


def test_a_move_that_may_lose_customers_or_is_small_is_not_proposed() -> None:
    doubtful = {name: Interval(0.4, 0.05, 0.95) for name in REACH}
    assert marketing_mix(ROWS, doubtful).gain.low < 0
    assert marketing_decisions(DESK, marketing_mix(ROWS, doubtful)) == []
    near = {"older media": Interval(0.5, 0.5, 0.5), "search": Interval(0.25, 0.25, 0.25)}
    assert marketing_decisions(DESK, marketing_mix(ROWS, near)) == []
    assert marketing_decisions(DESK, marketing_mix(ROWS.iloc[:0], REACH)) == []
