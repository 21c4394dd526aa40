"""The budget of the next twelve months: seasons, silence, single purchases, running charges."""

from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.streams import random_stream
from techalign.spending import ForecastOptions, find_streams, forecast_spend

FLAT = ForecastOptions(growth=0.0, damping=0.0)
END = dt.date(2025, 12, 31)


def monthly(money: list[float], *, start: str = "2023-01", category: str = "IT") -> pd.DataFrame:
    """Two unlike payments in each month, so that no running charge is found."""
    months = pd.period_range(start, periods=len(money), freq="M").to_timestamp()
    parts = [0.3 + 0.4 * ((7 * i) % 10) / 10 for i in range(len(money))]
    rows = [
        (month + pd.Timedelta(days=(5 * i) % 20), f"Shop {i % 3}", amount * share)
        for i, (month, amount) in enumerate(zip(months, money, strict=True))
        for share in (parts[i], 1 - parts[i])
    ]
    return pd.DataFrame(rows, columns=["date", "vendor", "amount"]).assign(category=category)


def naive_total(money: list[float | None], first_month: int, options: ForecastOptions) -> float:
    """The same forecast by loops, month by month."""
    known = [(i, y) for i, y in enumerate(money) if y is not None]
    mean = sum(y for _, y in known) / len(known)
    season = []
    for m in range(12):
        own = [y / mean for i, y in known if (first_month + i) % 12 == m]
        season.append((sum(own) + options.season_months) / (len(own) + options.season_months))
    scale = sum(season) / 12
    season = [s / scale for s in season]
    weight = paid = usual = age = 0.0
    for i, y in known:
        back = len(money) - 1 - i
        w = 0.5 ** (back / options.half_life)
        weight, age = weight + w, age + w * back
        paid, usual = paid + w * y, usual + w * season[(first_month + i) % 12]
    level, age = paid / usual, age / weight
    total = 0.0
    for t in range(12):
        grown = level * math.exp(options.growth * (age + 1 + t) / 12)
        total += grown * season[(first_month + len(money) + t) % 12]
    return total


def test_the_naive_forecast_by_loops_agrees() -> None:
    rng = random_stream("forecast", 3)
    money = [float(100 + 30 * (m % 12 == 2) + rng.normal(0, 9)) for m in range(36)]
    options = ForecastOptions(growth=0.05, damping=0.0)
    found = forecast_spend(monthly(money), END, options=options)
    assert found.total.point == pytest.approx(naive_total(list(money), 0, options))
    missing: list[float | None] = list(money)
    missing[14] = missing[30] = None
    rows = monthly(money)
    rows = rows[~rows["date"].dt.strftime("%Y-%m").isin(["2024-03", "2025-07"])]
    found = forecast_spend(rows, END, options=options)
    assert found.total.point == pytest.approx(naive_total(missing, 0, options))
    assert found.missing == (dt.date(2024, 3, 1), dt.date(2025, 7, 1))


def test_the_season_of_a_month_comes_again() -> None:
    money = [500.0 if m % 12 == 3 else 100.0 for m in range(36)]
    found = forecast_spend(monthly(money), END, options=FLAT)
    assert found.months["expected"].idxmax() == 3
    assert found.months["expected"].iloc[3] > 2 * found.months["expected"].iloc[4]
    assert found.months["last_year"].iloc[3] == pytest.approx(500.0)


def test_silence_is_no_saving() -> None:
    found = forecast_spend(monthly([100.0] * 36), dt.date(2026, 6, 30), options=FLAT)
    assert found.total.point == pytest.approx(1200.0)
    assert found.seen_to == dt.date(2025, 12, 1)
    assert [day.month for day in found.missing] == [1, 2, 3, 4, 5, 6]
    assert found.months["last_year"].notna().sum() == 6
    assert found.months["month"].iloc[0] == pd.Timestamp("2026-07-01")


def test_an_observed_month_without_technology_is_zero() -> None:
    rows = monthly([100.0] * 36)
    quiet = rows[rows["date"].dt.year != 2024]
    months = [day.date() for day in pd.date_range("2023-01-01", "2025-12-01", freq="MS")]
    assert forecast_spend(quiet, END, options=FLAT).total.point == pytest.approx(1200.0)
    counted = forecast_spend(quiet, END, observed=months, options=FLAT)
    assert counted.missing == ()
    assert counted.total.point < 1000.0


def test_a_month_that_has_not_ended_is_not_a_cheap_one() -> None:
    rows = monthly([100.0] * 36)
    part = pd.DataFrame({"date": [pd.Timestamp("2026-01-03")], "vendor": "Shop 1", "amount": 5.0})
    found = forecast_spend(
        pd.concat([rows, part.assign(category="IT")]), dt.date(2026, 1, 10), options=FLAT
    )
    assert found.total.point == pytest.approx(1200.0)


def test_a_purchase_made_once_gives_no_level() -> None:
    once = pd.DataFrame({"date": [pd.Timestamp("2025-11-05")], "vendor": "Oak", "amount": 3000.0})
    rows = pd.concat([monthly([100.0] * 36), once.assign(category="IT")], ignore_index=True)
    found = forecast_spend(rows, END, options=FLAT)
    assert found.total.point == pytest.approx(1200.0 + 3000.0 / 3)
    assert found.months["expected"].std() == pytest.approx(0.0, abs=1e-6)


@pytest.mark.parametrize("apart", [1, 2, 3, 6, 12])
def test_bills_that_come_every_few_months_are_all_of_the_year(apart: int) -> None:
    days = pd.date_range("2023-03-15", periods=36 // apart, freq=pd.DateOffset(months=apart))
    price = 1000.0 + 90.0 * np.cos(np.arange(len(days)))  # never the same, so no running charge
    rows = pd.DataFrame({"date": days, "vendor": "Oak", "amount": price, "category": "IT"})
    months = pd.date_range("2023-01-01", "2025-12-01", freq="MS").date
    told = forecast_spend(rows, dt.date(2025, 12, 31), observed=months, options=FLAT).total
    assert told.point == pytest.approx(12 / apart * price.mean(), rel=0.1)
    assert told.high / told.low < 1.8  # its months scatter, its years do not


def charges(vendor: str, price: float) -> pd.DataFrame:
    dates = pd.date_range("2024-01-05", periods=24, freq=pd.DateOffset(months=1))
    return pd.DataFrame(
        {"date": dates, "vendor": vendor, "amount": price, "category": "software", "currency": ""}
    )


@pytest.mark.parametrize(("day", "apart"), [(1, 1), (31, 1), (1, 3), (30, 3), (15, 6), (29, 12)])
def test_a_running_charge_falls_due_in_the_months_it_keeps_to(day: int, apart: int) -> None:
    last = pd.date_range("2021-01-31", periods=60 // apart, freq=pd.offsets.MonthEnd(apart))
    dates = last.map(lambda end: end.replace(day=min(day, end.day)))
    rows = pd.DataFrame({
        "date": dates, "vendor": "Cobalt", "amount": 100.0, "category": "software", "currency": "",
    })  # fmt: skip
    streams = find_streams(rows, END)
    assert len(streams.active("fixed")) == 1
    months = pd.date_range("2021-01-01", END, freq="MS").date
    found = forecast_spend(rows, END, streams=streams, observed=months, options=FLAT)
    due = [(month - dates[-1].month) % apart == 0 for month in found.months["month"].dt.month]
    assert (found.months["expected"] > 0).tolist() == due
    assert found.months["expected"].max() == pytest.approx(100.0)


def agreement(**changes: object) -> pd.DataFrame:
    row = {
        "vendor": "Cobalt",
        "category": "software",
        "start": pd.Timestamp("2025-07-01"),
        "end": pd.Timestamp("2026-06-30"),
        "auto_renew": True,
        "annual_price": 1200.0,
        "uplift": 0.5,
    }
    return pd.DataFrame([row | changes])


def test_running_charges_fall_due_and_rise_when_the_term_ends() -> None:
    rows = charges("Cobalt", 100.0)
    streams = find_streams(rows, END)
    found = forecast_spend(rows, END, streams=streams, agreements=agreement(), options=FLAT)
    assert found.months["expected"].tolist() == pytest.approx([100.0] * 6 + [150.0] * 6)
    assert found.fixed_share == pytest.approx(1.0)
    assert found.total.high < found.total.point * 1.1


def test_an_agreement_not_yet_paid_is_in_the_budget() -> None:
    rows = charges("Acme", 100.0)
    streams = find_streams(rows, END)
    found = forecast_spend(rows, END, streams=streams, agreements=agreement(), options=FLAT)
    assert found.months["expected"].iloc[6] == pytest.approx(100.0 + 1800.0)
    ends = agreement(auto_renew=False)
    found = forecast_spend(rows, END, streams=streams, agreements=ends, options=FLAT)
    assert found.total.point == pytest.approx(1200.0)


def test_categories_add_up_to_the_total_and_to_the_sheet() -> None:
    rows = pd.concat([monthly([100.0] * 30), monthly([50.0] * 30, category="Web")])
    found = forecast_spend(rows, dt.date(2025, 6, 30), options=FLAT)
    assert found.by_category["category"].tolist() == ["IT", "Web"]
    assert found.by_category["expected"].sum() == pytest.approx(found.total.point)
    assert found.budget["expected"].sum() == pytest.approx(found.total.point)
    sheet = found.table()
    assert sheet.columns.tolist()[:4] == ["category", "last_year", "expected", "change"]
    assert sheet.loc[0, "Jul 2025"] == pytest.approx(100.0)
    assert (found.by_category["low"] < found.by_category["expected"]).all()


@pytest.mark.parametrize("noise", [0.3, 0.8])
def test_eight_years_in_ten_fall_into_the_interval(noise: float) -> None:
    inside = []
    for seed in range(60):
        rng = random_stream("coverage", seed)
        level = 100 * np.exp(np.cumsum(rng.normal(0, 0.05, 48)))
        money = level * rng.lognormal(0, noise, 48)
        found = forecast_spend(monthly(money[:36].tolist()), END)
        inside.append(found.total.low <= money[36:].sum() <= found.total.high)
    assert 0.65 <= np.mean(inside) <= 0.95


def test_one_row_is_a_forecast_with_a_wide_interval() -> None:
    row = pd.DataFrame(
        {"date": [pd.Timestamp("2025-12-09")], "vendor": "Oak", "amount": 90.0, "category": "IT"}
    )
    found = forecast_spend(row, END, options=FLAT)
    assert found.total.point == pytest.approx(1080.0)
    assert found.by_category["last_year"].tolist() == [90.0]


def test_credits_alone_foresee_no_credits() -> None:
    found = forecast_spend(monthly([-10.0] * 15, start="2024-10"), END, options=FLAT)
    assert found.total.low == found.total.point == found.total.high == 0.0


def test_what_was_cancelled_is_expected_no_more() -> None:
    before = charges("Cobalt", 100.0).iloc[:12]
    after = charges("Cobalt Cloud", 100.0).iloc[12:]
    rows = pd.concat([before, after], ignore_index=True)
    found = forecast_spend(rows, END, streams=find_streams(rows, END), options=FLAT)
    assert found.total.point == pytest.approx(1200.0)


def test_errors_name_what_is_missing() -> None:
    with pytest.raises(ModelError, match="category"):
        forecast_spend(monthly([1.0]).drop(columns="category"), END)
    with pytest.raises(ModelError, match="no whole month"):
        forecast_spend(monthly([1.0]).iloc[:0], END)
