from __future__ import annotations

import numpy as np
import numpy_financial as npf
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.cashflows import irr, npv
from techalign.partners import (
    ChannelPlan,
    cashflow,
    economics,
    panel_of,
    plan_from_tables,
)


def plan(margin: list[float], past: int = 0, **costs: object) -> ChannelPlan:
    count = len(margin)
    return ChannelPlan(
        margin=np.array(margin),
        mdf=0.0,
        dso_months=0,
        past_revenue=np.zeros((count, past)),
        past_cost=np.zeros(past),
        **costs,  # type: ignore[arg-type]
    )


def test_published_present_value_and_returns() -> None:
    yearly = [-40_000.0, 5_000.0, 8_000.0, 12_000.0, 30_000.0]
    assert npv(0.08, yearly) == pytest.approx(3065.22267, abs=1e-5)
    assert irr([-100.0, 39.0, 59.0, 55.0, 20.0])[0] == pytest.approx(0.28095, abs=5e-6)
    monthly = np.zeros((1, 49))
    monthly[0, ::12] = yearly
    # flows lie half a month later than the published ones
    value = economics(monthly, 0.08).npv[0] * 1.08 ** (0.5 / 12)
    assert value == pytest.approx(3065.22267, abs=1e-5)


def test_present_value_agrees_with_numpy_financial() -> None:
    flows = np.random.default_rng(1).normal(0, 100, (4, 30))
    monthly_rate = 1.12 ** (1 / 12) - 1
    expected = [npf.npv(monthly_rate, row) / 1.12 ** (0.5 / 12) for row in flows]
    np.testing.assert_allclose(economics(flows, 0.12).npv, expected)


def test_cash_follows_sales_after_the_days_outstanding() -> None:
    draws = np.array([[[100.0, 200.0, 300.0], [10.0, 0.0, 0.0]]])
    terms = ChannelPlan(
        margin=np.array([0.3, 0.5]),
        mdf=0.1,
        dso_months=1,
        past_revenue=np.array([[50.0, 60.0], [0.0, 0.0]]),
        past_cost=np.array([7.0, 8.0]),
        recruit=1.0,
        enable=np.array([0.0, 2.0, 0.0]),
        manage=3.0,
        fixed=4.0,
    )
    cash = cashflow(draws, terms)
    expected = [-7.0, 15.0 - 8.0, 18.0 - 8.0, 20.0 + 4.0 - 10.0, 40.0 - 8.0]
    np.testing.assert_allclose(cash, [expected])


def test_peak_and_payback_by_hand() -> None:
    cash = np.array(
        [
            [0.0, -50.0, -30.0, 40.0, 60.0, 10.0],
            [0.0, -50.0, -30.0, 40.0, 20.0, 10.0],
            [5.0, 5.0, 5.0, 5.0, 5.0, 5.0],
        ]
    )
    result = economics(cash, 0.0)
    np.testing.assert_allclose(result.peak, [80.0, 80.0, 0.0])
    np.testing.assert_allclose(result.payback, [4.0, np.inf, 0.0])
    np.testing.assert_allclose(result.npv, cash.sum(axis=1))
    assert result.p_payback == pytest.approx(2 / 3)
    assert result.intervals()["payback"].high == np.inf


def test_value_ahead_leaves_out_what_is_spent() -> None:
    cash = np.array([[-1000.0, -1000.0, 300.0, 300.0]])
    result = economics(cash, 0.1, past_months=2)
    assert result.npv_ahead[0] == pytest.approx(
        npv(1.1 ** (1 / 12) - 1, [300, 300]) / 1.1 ** (1 / 24)
    )
    assert result.npv[0] < 0 < result.npv_ahead[0]


def test_wrong_shapes_are_refused() -> None:
    with pytest.raises(ModelError, match="plan"):
        cashflow(np.zeros((2, 3, 4)), plan([0.1]))
    with pytest.raises(ModelError, match="rate"):
        economics(np.zeros((1, 2)), -1.0)
    with pytest.raises(ModelError, match="past_months"):
        economics(np.zeros((1, 2)), 0.1, past_months=3)


def test_costs_are_read_from_the_tables() -> None:
    panel = panel_of(np.array([[0.0, 100.0, 100.0]]), np.array([0]), first_month=2026 * 12)
    partners = pd.DataFrame({"partner": panel.partner, "margin": [0.4]})
    investment = pd.DataFrame(
        {
            "partner": "all",
            "month": pd.to_datetime(["2025-11-05", "2026-02-01", "2026-03-01", "2026-04-01"]),
            "amount": [90.0, 30.0, 20.0, 999.0],
            "kind": ["recruit", "manage", "market funds", "manage"],
        }
    )
    terms = plan_from_tables(panel, partners, investment, run_rate_months=2)
    np.testing.assert_allclose(terms.past_cost, [90.0, 0.0, 0.0, 30.0, 20.0])
    np.testing.assert_allclose(terms.past_revenue, [[0, 0, 0, 100, 100]])
    assert terms.first_month == 2025 * 12 + 10
    assert terms.mdf == pytest.approx(0.1)
    assert terms.manage == pytest.approx(15.0)
    assert terms.recruit == 0.0
    assert terms.costs_known
    none = plan_from_tables(panel, partners, investment.iloc[:0])
    assert none.past_cost.sum() == 0
    assert not none.costs_known
    # money that is spent only after the panel says nothing of what the channel has cost
    assert not plan_from_tables(panel, partners, investment.iloc[3:]).costs_known
