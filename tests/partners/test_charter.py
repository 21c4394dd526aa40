from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest

from techalign.numbers.intervals import Interval
from techalign.partners import PartnerAssumptions, charter, fit_ramp, panel_of
from techalign.partners.panel import DAYS_PER_MONTH

KNOWN = PartnerAssumptions(rows={"effort_on_ramp": Interval(0.5, 0.0, 1.0, 1.0)})
TODAY = dt.date(2025, 12, 31)
SALES = np.stack([np.linspace(50.0, 2000.0, 18), np.zeros(18)])
RAMP = fit_ramp(panel_of(SALES, np.array([0, 0])))


def promise(**said: Any) -> pd.DataFrame:
    row = {
        "partner": "partner 0",
        "what": "engineers",
        "kind": "people",
        "side": "ours",
        "agreed": 2.0,
        "given": 1.0,
        "since": pd.Timestamp("2025-01-01"),
        "until": pd.Timestamp("2026-12-31"),
    }
    frame = pd.DataFrame([row | said])
    return frame.assign(since=pd.to_datetime(frame["since"]), until=pd.to_datetime(frame["until"]))


def test_months_behind_are_the_missing_effort_times_the_months_since() -> None:
    found = charter(promise(), RAMP, TODAY, KNOWN).partners.iloc[0]
    months = (pd.Timestamp(TODAY) - pd.Timestamp("2025-01-01")).days / DAYS_PER_MONTH
    assert found["behind"] == pytest.approx(0.5 * 0.5 * months)
    assert (found["behind_low"], found["behind_high"]) == pytest.approx((0.0, 0.5 * months))
    assert found["ours"] == 0.5
    assert np.isnan(found["theirs"])


def test_lost_sales_are_the_ramp_run_ahead_month_by_month() -> None:
    found = charter(promise(), RAMP, TODAY, KNOWN).partners.iloc[0]
    log_a, log_h, log_k, _ = RAMP.theta[0]

    def sales(tenure: float) -> float:
        grown = 1.0 - np.exp(-((tenure / np.exp(log_h)) ** np.exp(log_k)))
        return float(np.exp(log_a + RAMP.level[0]) * grown)

    start = RAMP.tenure[0] + 1
    lost = sum(sales(start + h + found["behind"]) - sales(start + h) for h in range(12))
    assert found["lost"] == pytest.approx(lost * RAMP.alive[0], rel=1e-6)
    assert found["lost_low"] == 0.0 < found["lost"] < found["lost_high"]


@pytest.mark.parametrize(
    ("said", "state"),
    [
        ({}, "short"),
        ({"given": 3.0}, "kept"),
        ({"given": 0.0}, "taken back early"),
        ({"given": 0.0, "until": "2025-06-30"}, "not given"),
        ({"given": np.nan}, "not noted"),
        ({"since": "2026-02-01"}, "to begin"),
        ({"given": 0.0, "until": None}, "taken back early"),
    ],
)
def test_how_a_promise_stands(said: dict[str, Any], state: str) -> None:
    found = charter(promise(**said), RAMP, TODAY, KNOWN)
    assert found.table["state"].tolist() == [state]
    assert found.partners.empty == (state in {"not noted", "to begin"})


def test_more_than_agreed_does_not_make_up_for_another_promise() -> None:
    both = pd.concat([promise(given=20.0), promise(given=0.0)], ignore_index=True)
    assert charter(both, RAMP, TODAY, KNOWN).partners["ours"].tolist() == [0.5]


def test_scope_moves_no_clock_and_a_partner_that_never_sold_loses_no_sales() -> None:
    assert charter(promise(kind="scope"), RAMP, TODAY, KNOWN).partners.empty
    waiting = charter(promise(partner="partner 1"), RAMP, TODAY, KNOWN).partners
    assert waiting["behind"][0] > 0
    assert np.isnan(waiting["lost"][0])


def test_no_promises_are_empty_tables() -> None:
    found = charter(promise().iloc[:0], RAMP, TODAY, KNOWN)
    assert found.table.empty
    assert found.partners.empty
