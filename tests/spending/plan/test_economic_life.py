"""Economic life: published examples, a plain second implementation, and old technology."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending import (
    Lifecycle,
    economic_life,
    equivalent_annual_cost,
    lifecycle,
    plan_replacements,
)
from tests.spending.plan.tables import TODAY

DOUBLING, UNSUPPORTED = Interval(10.0, 6.0, 15.0), Interval(0.15, 0.05, 0.40)


@pytest.mark.parametrize(
    ("price", "years", "upkeep", "published"),
    [(50_000.0, 3, 13_000.0, 31_360.0), (150_000.0, 8, 7_500.0, 30_708.0)],
)
def test_equivalent_annual_cost_of_two_machines(
    price: float, years: int, upkeep: float, published: float
) -> None:
    found = equivalent_annual_cost(price, [upkeep] * years, 0.0, 0.05)
    assert found[-1] == pytest.approx(published, abs=0.6)


def test_economic_service_life_of_a_textbook() -> None:
    # Blank and Tarquin, Engineering Economy, example 11.2: at 10 % a year
    costs, salvage = [2500.0, 2700.0, 3000.0, 3500.0, 4500.0], [9000.0, 8000.0, 6000.0, 2000.0, 0.0]
    found = economic_life(13_000.0, costs, salvage, 0.10)
    assert found.by_life[:3] == pytest.approx([7800.0, 6276.0, 6132.0], abs=1.0)
    assert found.years == 3


def test_economic_service_life_of_another() -> None:
    # the same, problem 11.15: at 15 % a year, the least at the end of five years
    costs = [84_000.0, 84_000.0, 89_000.0, 94_000.0, 99_000.0]
    found = economic_life(180_000.0, costs, 45_000.0, 0.15)
    assert found.by_life[0] == pytest.approx(246_000.0, abs=1.0)
    assert found.years == 5
    assert found.yearly == pytest.approx(135_934.0, abs=1.0)


def test_economic_service_life_of_a_forklift_truck() -> None:
    # Sullivan, Wicks and Koelling, Engineering Economy, example 9-4 with table 9-2: at 10 % a year.
    # (Of their example 9-5 with 3,853.52 at five years the costs were nowhere to be found.)
    costs = [3_000.0, 4_500.0, 7_000.0, 10_000.0, 13_000.0]
    worth = [22_500.0, 16_875.0, 12_750.0, 9_750.0, 7_125.0]
    found = economic_life(30_000.0, costs, worth, 0.10)
    published = [13_500.0, 12_964.0, 12_918.0, 13_211.0, 13_766.0]
    assert found.by_life == pytest.approx(published, abs=1.0)
    assert found.years == 3


@pytest.mark.parametrize(("upkeep", "years"), [(0.1, 15), (0.3, 9), (0.5, 7)])
def test_costs_that_double_in_ten_years(upkeep: float, years: int) -> None:
    costs = upkeep * np.exp(np.log(2) / 10 * np.arange(40))
    assert economic_life(1.0, costs, 0.0, 0.10).years == years


@pytest.mark.parametrize("rate", [0.0, 0.07])
def test_equivalent_annual_cost_written_out(rate: float) -> None:
    costs, salvage = np.array([3.0, 4.0, 6.0]), np.array([5.0, 3.0, 1.0])
    for life in (1, 2, 3):
        total = 10.0 - salvage[life - 1] / (1 + rate) ** life
        total += sum(costs[k] / (1 + rate) ** (k + 1) for k in range(life))
        yearly = total / sum(1 / (1 + rate) ** (k + 1) for k in range(life))
        found = equivalent_annual_cost(10.0, costs, salvage, rate)[life - 1]
        assert found == pytest.approx(yearly)


def test_a_rate_of_minus_one_is_refused() -> None:
    with pytest.raises(ModelError, match="rate"):
        equivalent_annual_cost(1.0, [1.0], 0.0, -1.0)


def _assets(**changes: object) -> pd.DataFrame:
    row: dict[str, object] = {
        "technology": "Server",
        "vendor": "",
        "capability": "file server",
        "cost": 4000.0,
        "in_service": "2018-06-30",
        "salvage": 0.0,
        "yearly_cost": 800.0,
        "staff_hours": 10.0,
    }
    frame = pd.DataFrame([row | changes])
    return frame.assign(in_service=pd.to_datetime(frame["in_service"]))


def _found(assets: pd.DataFrame, end: str | None = None, rate: float = 0.1) -> Lifecycle:
    days = pd.to_datetime([end] * len(assets))
    known = "announced" if end else "unknown"
    support = pd.DataFrame({"end": days, "end_low": days, "end_high": days, "known": known})
    return lifecycle(assets, support, TODAY, rate, 20.0, DOUBLING, UNSUPPORTED)


def test_the_best_day_is_when_keeping_costs_what_a_new_one_does() -> None:
    row = _found(_assets()).frame.iloc[0]
    growth = np.log(2) / 10
    # 1,000 a year now, eight years old: a new one begins at 1,000 e^{-8g}
    costs = 1000.0 * np.exp(growth * (np.arange(40) + 0.5 - row["age"]))
    best = min(equivalent_annual_cost(4000.0, costs, 0.0, 0.1))
    assert row["new"] == pytest.approx(best)
    assert row["left"] == pytest.approx(np.log(best / 1000.0) / growth, abs=1 / 12)
    assert row["left_low"] <= row["left"] <= row["left_high"]
    # the first year after it costs more than a new one by half a year's growth, about
    assert row["waiting"] == pytest.approx(best * (np.exp(growth / 2) - 1.0), rel=0.1)
    assert row["waiting_low"] <= row["waiting"] <= row["waiting_high"]


def test_the_end_of_support_is_the_latest_day() -> None:
    row = _found(_assets(), "2026-12-31").frame.iloc[0]
    assert row["best"] <= pd.Timestamp("2026-12-31")
    assert row["best"] >= pd.Timestamp("2026-12-29")
    assert row["status"] == "soon"
    assert row["why"] == "its security support ends"
    assert row["waiting"] > 0


def test_what_is_older_than_its_support_is_due_now() -> None:
    row = _found(_assets(), "2025-10-14").frame.iloc[0]
    assert row["best"] == pd.Timestamp(TODAY)
    assert row["status"] == "due"
    assert row["why"] == "its security support has ended"
    assert row["support_left"] == pytest.approx(-0.71, abs=0.01)


def test_without_a_price_nothing_is_said() -> None:
    found = _found(_assets(cost=0.0))
    assert found.frame["status"].tolist() == ["no price"]
    assert found.due.empty


def test_no_assets() -> None:
    found = _found(_assets().iloc[:0])
    assert found.frame.empty
    none = plan_replacements(found, [], quarters=4, horizon_quarters=20)
    assert none.value.shape == (0, 4)


def test_a_rate_of_zero() -> None:
    assert _found(_assets(), rate=0.0).frame["left"].iloc[0] >= 0.0


def test_only_what_is_due_and_no_project_replaces_becomes_a_candidate() -> None:
    old = _assets(technology="Old", yearly_cost=5000.0)
    assets = pd.concat([old, _assets(technology="Named", yearly_cost=5000.0), _assets()])
    found = _found(assets)
    made = plan_replacements(found, ["  named "], quarters=3, horizon_quarters=8, owner="Lee")
    assert made.frame["name"].tolist() == ["New: Old"]
    # worth of it in the first quarter: what it costs more, discounted, over the two years
    months = (np.arange(24) + 0.5) / 12.0
    row = found.frame.index[found.frame["technology"] == "Old"][0]
    expected = (found.monthly[0, row, :24] * 1.1**-months).sum()
    assert made.value[0, 0] == pytest.approx(expected)
    assert made.value[0, 0] > made.value[0, 1] > made.value[0, 2]
    assert (made.value_low <= made.value).all()
    with pytest.raises(ModelError, match="more than 80"):
        plan_replacements(found, [], quarters=3, horizon_quarters=81)


def test_days_are_counted_from_the_day_of_the_review() -> None:
    assets = _assets(in_service="2018-06-30")
    days = pd.to_datetime([None])
    support = pd.DataFrame({"end": days, "end_low": days, "end_high": days, "known": "unknown"})
    later = lifecycle(assets, support, dt.date(2027, 6, 30), 0.1, 20.0, DOUBLING, UNSUPPORTED)
    assert later.frame["age"].iloc[0] == pytest.approx(9.0, abs=0.01)
