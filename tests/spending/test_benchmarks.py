"""Published shares of revenue beside the client's own, and never one of them alone."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending import benchmark_range
from techalign.spending.agreements import Desk
from techalign.spending.benchmarks import benchmark_decisions

DESK = Desk(
    as_of=dt.date(2026, 6, 30), currency="USD", owner="Ann", stakes={}, chance=None, technology=None
)
TABLE = load_reference().it_spend_benchmarks


def test_sources_of_the_size_come_first_and_all_make_the_range() -> None:
    spent = Interval(50_000.0, 50_000.0, 60_000.0)
    found = benchmark_range(TABLE, spent, sector="retail", yearly_revenue=1e6, employees=10)
    assert (found.low, found.high) == (0.031, 0.082)
    assert found.sources.loc[0, "source"] == "Alinean"
    assert found.sources["fits"].tolist() == [True, False, False, False]
    assert found.position == "within"
    assert found.money_low == pytest.approx(31_000.0)
    assert found.per_employee.point == pytest.approx(5_000.0)
    assert found.of_size
    assert not found.of_sector


@pytest.mark.parametrize(
    ("low", "high", "position"),
    [(10e3, 20e3, "below"), (90e3, 99e3, "above"), (20e3, 40e3, "within")],
)
def test_the_whole_interval_must_lie_outside(low: float, high: float, position: str) -> None:
    spent = Interval(low, low, high)
    found = benchmark_range(TABLE, spent, sector="all", yearly_revenue=1e6, employees=1)
    assert found.position == position


def test_a_source_of_the_sector_is_preferred_and_another_sectors_left_out() -> None:
    more = TABLE.iloc[[0, 0]].assign(sector=["retail", "health"], low=[0.01, 0.5], high=[0.02, 0.6])
    found = benchmark_range(
        pd.concat([TABLE, more]), Interval(1.0, 1.0, 1.0), sector="retail", yearly_revenue=1e6,
        employees=1,
    )  # fmt: skip
    assert found.of_sector
    assert found.sources.loc[0, "low"] == 0.01
    assert found.high == 0.082


def test_errors() -> None:
    spent = Interval(1.0, 1.0, 1.0)
    with pytest.raises(ModelError, match="yearly_revenue"):
        benchmark_range(TABLE, spent, sector="all", yearly_revenue=0.0, employees=1)
    with pytest.raises(ModelError, match="revenue_to"):
        benchmark_range(
            TABLE.drop(columns="revenue_to"), spent, sector="all", yearly_revenue=1.0, employees=1
        )


def test_spending_outside_the_range_is_asked_about_and_inside_it_nothing_is() -> None:
    said = {"sector": "all", "yearly_revenue": 1e6, "employees": 1}
    made = {
        low: benchmark_decisions(DESK, benchmark_range(TABLE, Interval(low, low, high), **said))
        for low, high in ((10e3, 20e3), (92e3, 99e3), (20e3, 40e3), (0.0, 0.0))
    }
    assert [len(each) for each in made.values()] == [1, 1, 0, 0]
    below, above = made[10e3][0], made[92e3][0]
    assert below.what == "Ask what is put off by spending 2% of revenue on technology"
    assert "$11k a year less than their nearest end" in below.because
    assert above.what == "Ask what is got for spending 9.2% of revenue on technology"
    assert "3.1% and 8.2%" in above.because
    assert "$10k a year more" in above.because


def test_no_decision_rests_on_a_revenue_that_nobody_has_told() -> None:
    spent = Interval(10e3, 10e3, 20e3)
    of = {"sector": "all", "yearly_revenue": 1e6, "employees": 1}
    assumed = benchmark_range(TABLE, spent, revenue_told=False, **of)
    assert benchmark_decisions(DESK, assumed) == []
    assert "here, at a usual revenue, since nobody has told yours; you spend" in assumed.told("USD")
    assert "usual revenue" not in benchmark_range(TABLE, spent, **of).told("USD")


@pytest.mark.parametrize(("months", "asked"), [(1, 0), (2, 0), (3, 1)])
def test_a_month_or_two_of_data_are_not_set_beside_others(months: int, asked: int) -> None:
    spent = Interval(300.0, 300.0, 300.0)
    found = benchmark_range(
        TABLE, spent, sector="all", yearly_revenue=1e6, employees=1, months=months
    )
    assert len(benchmark_decisions(DESK, found)) == asked


@pytest.mark.parametrize(
    ("low", "high", "said"),
    [
        (50e3, 60e3, "you spend 5.0% to 6.0%, within that range, and $5k or more per employee"),
        (2e3, 2e3, "you spend 0.2%, below that range, and $200 or more per employee"),
        (-2e3, -2e3, "your ledger has no technology spending left after its credits"),
    ],
)
def test_the_caption_says_where_the_client_lies(low: float, high: float, said: str) -> None:
    spent = Interval(low, low, high)
    found = benchmark_range(TABLE, spent, sector="all", yearly_revenue=1e6, employees=10)
    assert found.told("USD").endswith(said)


def test_months_without_data_are_no_saving() -> None:
    half = Interval(25e3, 25e3, 30e3)
    said = {"sector": "all", "yearly_revenue": 1e6, "employees": 10}
    assert benchmark_range(TABLE, half, **said).position == "below"
    found = benchmark_range(TABLE, half, months=6, **said)
    assert found.position == "within"
    assert found.share.point == pytest.approx(0.05)
    assert found.per_employee.point == pytest.approx(5e3)
    with pytest.raises(ModelError, match="months"):
        benchmark_range(TABLE, half, months=0, **said)
