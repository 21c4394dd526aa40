"""What ten more cells or one more table would tell: what is said of a range is what happens."""

import datetime as dt

import pandas as pd
import pytest

from techalign.decision import Decision
from techalign.spending import (
    ForecastOptions,
    PurposeSplit,
    TechnologyRows,
    agreements_to_enter,
    devices_to_date,
    find_streams,
    forecast_spend,
    suppliers_to_name,
)
from techalign.spending.spelling import REDACTED


def _split(amounts: dict[str, float], known: float = 1000.0, more: float = 0.0) -> PurposeSplit:
    rows = [(name, amount, "unknown") for name, amount in amounts.items()]
    return PurposeSplit(
        matrix=pd.DataFrame(), technology=known,
        technology_at_most=known + sum(amounts.values()) + more,
        assignment=pd.DataFrame(rows, columns=["vendor", "amount", "technology"]),
        share_unclassified=0.5, share_by_source=pd.Series(dtype=float),
    )  # fmt: skip


def test_the_largest_ten_are_named_and_what_is_left_is_said() -> None:
    amounts = {f"V{n:02d}": 100.0 * n for n in range(1, 21)}
    (asked,) = suppliers_to_name(_split(amounts), currency="USD")
    assert asked.what == "Say what 10 suppliers sell"
    left = sum(100.0 * n for n in range(1, 11)) / sum(amounts.values())
    assert "V20, V19, V18 and 7 more" in asked.because
    assert f"{left:.0%} of the range is left" in asked.because


@pytest.mark.parametrize(
    "split", [_split({}), _split({REDACTED: 900.0}), _split({"Oak": 5.0}, more=500.0)]
)
def test_nothing_is_asked_where_an_answer_would_change_little(split: PurposeSplit) -> None:
    assert suppliers_to_name(split) == []


def test_one_supplier() -> None:
    (asked,) = suppliers_to_name(_split({"Oak": 50.0}))
    assert asked.what == "Say what Oak sells"
    assert "once Oak is told apart" in asked.because


DAY = dt.date(2026, 6, 30)


def _charges(prices: dict[str, float], scatter: bool = True) -> pd.DataFrame:
    months = pd.date_range("2024-07-15", periods=24, freq="MS")
    rows = [(day, vendor, price) for vendor, price in prices.items() for day in months]
    if scatter:  # repairs at no rhythm: what the budget's range is of
        rows += [
            (day + pd.Timedelta(days=7 * (n % 3)), "Repairs", 40.0 * (n * 7 % 11))
            for n, day in enumerate(months)
        ]
    frame = pd.DataFrame(rows, columns=["date", "vendor", "amount"])
    return frame.assign(currency="", category="IT services").sort_values("date", ignore_index=True)


def _asked(rows: pd.DataFrame, agreed: list[str]) -> list[Decision]:
    streams = find_streams(rows, DAY)
    start, end = pd.Timestamp("2026-01-01"), pd.Timestamp("2026-12-31")
    agreements = pd.DataFrame(
        [(v, "IT services", start, end, True, 1200.0, float("nan")) for v in agreed],
        columns=["vendor", "category", "start", "end", "auto_renew", "annual_price", "uplift"],
    )
    known = TechnologyRows(rows, agreements, ())
    budget = forecast_spend(rows, DAY, streams=streams, options=ForecastOptions(growth=0.02))
    return agreements_to_enter(streams, known, budget, currency="USD")


def test_the_agreements_behind_charges_are_asked_for_with_what_they_would_change() -> None:
    (asked,) = _asked(_charges({"Oak": 300.0, "Elm": 100.0, "Ash": 50.0}), ["Elm"])
    assert (asked.what, asked.kind) == ("Enter the agreements with 2 suppliers", "ask")
    assert "the agreements with Oak and Ash would hardly narrow it" in asked.because
    assert "an expected $4,200 a year" in asked.because


def test_no_agreement_is_asked_for_where_nearly_all_are_known() -> None:
    rows = _charges({"Oak": 300.0, "Elm": 10.0})
    assert _asked(rows, ["Oak"]) == []
    assert _asked(_charges({}), []) == []


def test_what_the_sentence_says_of_the_range_is_what_entering_them_does() -> None:
    rows = _charges({"Oak": 300.0})
    streams, growth = find_streams(rows, DAY), ForecastOptions(growth=0.02)
    agreement = pd.DataFrame(
        [("Oak", "IT services", pd.Timestamp("2025-10-01"), pd.Timestamp("2026-09-30"), True,
          3600.0, 0.05)],
        columns=["vendor", "category", "start", "end", "auto_renew", "annual_price", "uplift"],
    )  # fmt: skip
    before, after = (
        forecast_spend(rows, DAY, streams=streams, agreements=known, options=growth).total
        for known in (None, agreement)
    )
    assert after.high - after.low == pytest.approx(before.high - before.low, rel=0.1)


def _devices(ranges: dict[str, tuple[float, float]], support: str = "predicted") -> pd.DataFrame:
    return pd.DataFrame(
        [(name, support, (low + high) / 2, low, high) for name, (low, high) in ranges.items()],
        columns=[
            "technology", "support", "support_left", "support_left_low", "support_left_high",
        ],
    )  # fmt: skip


def test_the_widest_predicted_ends_are_asked_for_and_what_is_left_is_said() -> None:
    ranges = {f"PC {n:02d}": (0.0, 0.5 * n) for n in range(1, 21)}
    (asked,) = devices_to_date(_devices(ranges))
    assert asked.what == "Look up when security support of 10 devices ends"
    assert "Of PC 20 it is predicted to end in 5 (0 to 10) years, the widest range of 20" in (
        asked.because
    )
    left = sum(range(1, 11)) / sum(range(1, 21))
    assert f"PC 20, PC 19, PC 18 and 7 more, {left:.0%} of all these ranges is left" in (
        asked.because
    )


@pytest.mark.parametrize(
    "devices", [_devices({}), _devices({"PC": (1.0, 1.1)}), _devices({"PC": (0, 4)}, "announced")]
)
def test_no_end_is_asked_for_that_is_known_well_enough(devices: pd.DataFrame) -> None:
    assert devices_to_date(devices) == []
