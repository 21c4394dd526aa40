from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.partners import build_panel, panel_of
from techalign.partners.panel import stacked

AS_OF = dt.date(2026, 3, 17)


def partners_table(rows: list[tuple[str, str, str | None, str]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["partner", "signed", "ended", "segment"])
    table["signed"] = pd.to_datetime(table["signed"])
    table["ended"] = pd.to_datetime(table["ended"])
    return table.assign(margin=0.3)


def revenue_table(rows: list[tuple[str, str, float, float | None]]) -> pd.DataFrame:
    table = pd.DataFrame(rows, columns=["partner", "month", "revenue", "deals"])
    table["month"] = pd.to_datetime(table["month"])
    return table.astype({"revenue": float, "deals": float})


PARTNERS = partners_table(
    [
        ("Alder", "2025-11-20", None, "volume"),
        ("Birch", "2026-01-05", None, "strategic"),
        ("Cedar", "2025-10-01", "2025-12-15", "volume"),
        ("Dogwood", "2026-03-02", None, "volume"),
    ]
)
REVENUE = revenue_table(
    [
        ("Alder", "2025-12-03", 100.0, 1),
        ("Alder", "2025-12-20", 50.0, 1),
        ("Alder", "2026-02-01", 30.0, 2),
        ("Alder", "2026-03-01", 999.0, 9),
        ("Birch", "2025-12-01", 70.0, 1),
        ("Cedar", "2025-10-09", 20.0, 1),
        ("Cedar", "2026-01-09", 20.0, 1),
        ("Elm", "2026-01-09", 5.0, 1),
    ]
)


def test_months_are_laid_out_from_signing_to_the_last_complete_month() -> None:
    panel = build_panel(PARTNERS, REVENUE, AS_OF)
    assert list(panel.partner) == ["Alder", "Birch", "Cedar"]
    assert list(panel.months.strftime("%Y-%m")) == [
        "2025-10",
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    np.testing.assert_array_equal(
        panel.revenue, [[0, 0, 150, 0, 30], [0, 0, 0, 0, 0], [20, 0, 0, 0, 0]]
    )
    np.testing.assert_array_equal(
        panel.mask, np.array([[0, 1, 1, 1, 1], [0, 0, 0, 1, 1], [1, 1, 1, 0, 0]], dtype=bool)
    )
    np.testing.assert_array_equal(panel.contract_month, [1, 3, 0])
    np.testing.assert_array_equal(panel.first_sale, [2, -1, 0])
    np.testing.assert_array_equal(panel.ended, [False, False, True])
    assert panel.deals is not None
    assert panel.deals[0, 2] == 2


def test_rows_that_do_not_fit_are_reported() -> None:
    panel = build_panel(PARTNERS, REVENUE, AS_OF)
    assert list(panel.unknown["partner"]) == ["Elm"]
    assert list(panel.outside["partner"]) == ["Birch", "Cedar"]


def test_the_month_counts_on_its_last_day() -> None:
    panel = build_panel(PARTNERS, REVENUE, dt.date(2026, 3, 31))
    assert panel.revenue[0, -1] == 999.0


def test_credits_leave_no_negative_month() -> None:
    revenue = revenue_table([("Alder", "2025-12-03", -40.0, None)])
    panel = build_panel(PARTNERS, revenue, AS_OF)
    assert panel.revenue.min() == 0.0
    assert panel.credits == -40.0
    assert panel.deals is None


def test_records_that_begin_late_mask_the_months_before() -> None:
    panel = build_panel(PARTNERS, REVENUE, AS_OF, records_from=dt.date(2025, 12, 1))
    np.testing.assert_array_equal(panel.contract_month, [-1, 1, -2])
    assert panel.revenue.shape == (3, 3)


def test_empty_tables_give_an_empty_panel() -> None:
    panel = build_panel(PARTNERS.iloc[:0], REVENUE.iloc[:0], AS_OF)
    assert panel.revenue.shape == (0, 0)
    assert panel.first_sale.shape == (0,)
    assert panel.summary().empty


def test_partners_without_sales_keep_their_zeros() -> None:
    panel = build_panel(PARTNERS, REVENUE.iloc[:0], AS_OF)
    assert panel.revenue.sum() == 0
    assert not panel.active.any()


def test_a_partner_listed_twice_is_refused() -> None:
    with pytest.raises(ModelError, match="listed twice"):
        build_panel(pd.concat([PARTNERS, PARTNERS.iloc[:1]]), REVENUE, AS_OF)


def test_the_past_knows_nothing_of_later_months() -> None:
    panel = build_panel(PARTNERS, REVENUE, AS_OF)
    past = panel.as_of(2)
    assert list(past.partner) == ["Alder", "Cedar"]
    assert not past.ended.any()
    np.testing.assert_array_equal(past.revenue, panel.revenue[[0, 2], :2])
    assert list(panel.as_of(3).ended) == [False, True]
    assert list(panel.select(panel.partner == "Cedar").ended) == [True]


def test_summary_counts_the_months() -> None:
    row = build_panel(PARTNERS, REVENUE, AS_OF).summary().iloc[0]
    assert row["months_signed"] == 4
    assert row["months_to_first_sale"] == 1
    assert row["months_since_last_sale"] == 0
    assert row["revenue"] == 180


def test_stacked_panels_share_their_last_month() -> None:
    first = panel_of(np.array([[1.0, 2.0, 3.0]]), np.array([0]))
    second = panel_of(np.array([[4.0, 5.0]]), np.array([0]))
    both = stacked(first, second)
    np.testing.assert_array_equal(both.revenue, [[1, 2, 3], [0, 4, 5]])
    np.testing.assert_array_equal(both.mask, [[True] * 3, [False, True, True]])
    np.testing.assert_array_equal(both.contract_month, [0, 1])


def test_missing_sales_cycle_is_the_middle_of_its_segment_and_never_zero_for_it() -> None:
    partners = pd.DataFrame(
        {
            "partner": ["a", "b", "c", "d"],
            "segment": ["volume", "volume", "volume", "strategic"],
            "signed": pd.to_datetime(["2026-01-01"] * 4),
            "ended": pd.NaT,
            "sales_cycle_days": [60.0, 90.0, np.nan, np.nan],
        }
    )
    sales = pd.DataFrame({"partner": [], "month": pd.to_datetime([]), "revenue": [], "deals": []})
    panel = build_panel(partners, sales, dt.date(2026, 3, 31))
    assert panel.cycles * (365.25 / 12) == pytest.approx([60.0, 90.0, 75.0, 0.0])
    assert panel.typical_cycle(strategic=False) == pytest.approx(75.0 / (365.25 / 12))
    assert panel.typical_cycle(strategic=True) == 0.0
    assert build_panel(partners.drop(columns="sales_cycle_days"), sales, dt.date(2026, 3, 31))


def months_of(partner: str, start: str, sold: list[float]) -> list[tuple[str, str, float, None]]:
    days = pd.date_range(start, periods=len(sold), freq="MS")
    return [(partner, f"{day:%Y-%m-%d}", each, None) for day, each in zip(days, sold, strict=True)]


LONG = partners_table(
    [("Alder", "2025-01-10", None, "volume"), ("Birch", "2025-02-01", None, "volume")]
)
END = dt.date(2026, 3, 31)


def test_months_after_the_last_row_of_anybody_are_not_recorded_and_no_months_without_sales() -> (
    None
):
    rows = months_of("Alder", "2025-02-01", [100.0] * 8) + months_of(
        "Birch", "2025-03-01", [50.0] * 9
    )
    panel = build_panel(LONG, revenue_table(rows), END)
    assert (panel.months[-1], panel.unrecorded) == (pd.Timestamp("2025-11-01"), 4)
    assert panel.revenue[:, -1].tolist() == [0.0, 50.0]  # of one partner silence is no sale
    assert build_panel(LONG, revenue_table(rows), dt.date(2025, 11, 30)).unrecorded == 0


def test_a_silence_as_long_as_one_before_is_one_of_sales_unless_zeros_are_written() -> None:
    rows = months_of("Alder", "2025-02-01", [100.0] * 4) + months_of(
        "Alder", "2025-10-01", [90.0] * 2
    )
    assert build_panel(LONG, revenue_table(rows), END).unrecorded == 0
    assert build_panel(LONG, revenue_table(rows), dt.date(2026, 4, 30)).unrecorded == 5
    rows += months_of("Birch", "2025-10-01", [0.0])
    assert build_panel(LONG, revenue_table(rows), END).unrecorded == 4


def test_few_months_on_record_tell_nothing_of_a_silence() -> None:
    rows = months_of("Alder", "2025-10-01", [100.0] * 3)
    assert build_panel(LONG, revenue_table(rows), END).unrecorded == 0


def test_where_every_agreement_has_ended_nothing_is_missing() -> None:
    over = LONG.assign(ended=pd.Timestamp("2025-09-15"))
    rows = months_of("Alder", "2025-02-01", [100.0] * 8)
    assert build_panel(over, revenue_table(rows), END).unrecorded == 0
