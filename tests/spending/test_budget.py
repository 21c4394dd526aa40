"""The decision that a forecast leads to: how much to set aside, as a question, never a saving."""

import datetime as dt

import pandas as pd

from techalign.spending import forecast_spend
from techalign.spending.agreements import Desk
from techalign.spending.budget import budget_decisions
from techalign.spending.forecast import ForecastOptions

DAY = dt.date(2026, 1, 31)
DESK = Desk(as_of=DAY, currency="USD", owner="Ann", stakes={}, chance=None, technology=None)


def _paid(months: int = 24) -> pd.DataFrame:
    days = pd.date_range("2024-01-15", periods=months, freq="MS")
    return pd.DataFrame(
        {"date": days, "vendor": "Oak IT", "amount": 100.0, "category": "IT services"}
    )


def test_the_whole_budget_is_to_be_set_aside_and_brings_nothing_by_itself() -> None:
    forecast = forecast_spend(_paid(), DAY, options=ForecastOptions(growth=0.0))
    first, *_ = budget_decisions(DESK, forecast)
    assert first.what == "Set $1.2k aside for technology, Feb 2026 to Jan 2027"
    assert first.kind == "ask"
    assert first.value is None or first.value.point == 0.0


def test_the_dearest_month_is_named_where_it_stands_out() -> None:
    flat = forecast_spend(_paid(), DAY, options=ForecastOptions(growth=0.0))
    assert "dearest month" not in budget_decisions(DESK, flat)[0].because
    yearly = pd.DataFrame(
        {"date": pd.to_datetime(["2024-05-10", "2025-05-10"]), "vendor": "Elm", "amount": 900.0,
         "category": "IT services"}
    )  # fmt: skip
    rows = pd.concat([_paid(), yearly], ignore_index=True).sort_values("date", ignore_index=True)
    peak = forecast_spend(rows, DAY, options=ForecastOptions(growth=0.0))
    assert "of it falls into May, the dearest month" in budget_decisions(DESK, peak)[0].because


def test_months_without_data_are_said_and_not_taken_as_zero() -> None:
    gap = _paid().drop(index=[3, 4])
    forecast = forecast_spend(gap, DAY, options=ForecastOptions(growth=0.0))
    first, *_ = budget_decisions(DESK, forecast)
    assert "has no data for 2 months; these were left out" in first.because
