"""The cases a client's tables can hold, each through the whole chain that a page runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.errors import ModelError
from techalign.partners import (
    OutlookOptions,
    PartnerAssumptions,
    PartnerOutlook,
    assess_care,
    assess_partners,
    build_panel,
    detect_drop,
    fit_ramp,
    forecast,
    panel_of,
    partner_decisions,
)
from techalign.partners.trust import event_effects

DAY = dt.date(2025, 12, 31)
REFERENCE = Path(__file__).resolve().parents[2] / "datasets" / "reference"
KNOWN = PartnerAssumptions.from_table(load_reference(REFERENCE).assumptions)
NO_EVENTS = pd.DataFrame({"partner": [], "date": pd.to_datetime([]), "kind": [], "note": []})
NO_WINS = pd.DataFrame(
    {"partner": [], "date": pd.to_datetime([]), "value": [], "named_inside": [],
     "named_outside": []}
)  # fmt: skip
NO_CHARTER = pd.DataFrame(
    {"partner": [], "what": [], "kind": [], "side": [], "agreed": [], "given": [],
     "since": pd.to_datetime([]), "until": pd.to_datetime([])}
)  # fmt: skip
NO_SERVICES = pd.DataFrame(
    {"partner": [], "service": [], "volume": [], "hours_each": [], "wage": [], "dso_days": []}
)
NO_BENEFITS = pd.DataFrame(
    {"partner": [], "date": pd.to_datetime([]), "kind": [], "count": [], "hours": [], "wage": []}
)


def partners_of(*signed: str, ended: Mapping[int, str] | None = None) -> pd.DataFrame:
    ends = [(ended or {}).get(i) for i in range(len(signed))]
    return pd.DataFrame(
        {
            "partner": [f"p{i}" for i in range(len(signed))],
            "segment": "volume",
            "signed": pd.to_datetime(list(signed)),
            "ended": pd.to_datetime(ends),
            "margin": 0.3,
            "sales_cycle_days": np.nan,
        }
    )


def sales_of(rows: list[tuple[str, str, float]], **more: Any) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["partner", "month", "revenue"])
    frame["month"] = pd.to_datetime(frame["month"])
    return frame.assign(**({"deals": np.nan} | more))


def monthly(partner: str, start: str, revenue: list[float]) -> list[tuple[str, str, float]]:
    months = pd.date_range(start, periods=len(revenue), freq="MS")
    return [(partner, f"{m:%Y-%m-%d}", r) for m, r in zip(months, revenue, strict=True)]


def whole_page(
    partners: pd.DataFrame, sales: pd.DataFrame, target: float = 30_000.0, day: dt.date = DAY
) -> PartnerOutlook:
    """Run all that a page runs, so that no model in it trips over the case."""
    start = day.replace(day=1) + dt.timedelta(days=31)
    ahead = pd.date_range(start.replace(day=1), periods=12, freq="MS")
    plan = pd.DataFrame({"month": ahead, "target": target, "direct": 10_000.0})
    paid = pd.date_range("2025-01-01", periods=12, freq="MS")
    spent = pd.DataFrame({"partner": "all", "month": paid, "amount": 900.0, "kind": "manage"})
    rng = np.random.default_rng(1)
    outlook = assess_partners(
        partners, sales, spent, plan, day, 0.1, rng, OutlookOptions(draws=200, assumptions=KNOWN)
    )
    tables = {
        "partners": partners,
        "partner_wins": NO_WINS,
        "partner_charter": NO_CHARTER,
        "partner_investment": spent,
        "services": NO_SERVICES,
        "partner_benefits": NO_BENEFITS,
    }
    care = assess_care(outlook, tables, 40.0, day, KNOWN)
    partner_decisions(outlook, partners, spent, care, as_of=day, currency="USD", owner="Dana")
    detect_drop(outlook.panel)
    event_effects(outlook.panel, NO_EVENTS, day, KNOWN)
    outlook.gap_months(), outlook.cash_ahead(), outlook.activation_curve(12, rng)
    assert np.isfinite(outlook.draws).all()
    assert (outlook.draws >= 0).all()
    return outlook


def test_no_partner_has_sold_yet() -> None:
    found = whole_page(partners_of("2025-03-01", "2025-09-01"), sales_of([]))
    assert not found.panel.active.any()
    assert 0 < (found.total > 0).mean() < 1
    assert any("No partner has sold yet" in note for note in found.notes)
    assert np.isnan(found.top_tenth)


def test_one_partner_with_two_months() -> None:
    found = whole_page(partners_of("2025-11-01"), sales_of(monthly("p0", "2025-11-01", [800, 950])))
    row = found.partners.iloc[0]
    assert row["low"] < 10_500 < row["high"]
    assert row["high"] > 4 * row["low"]  # two months cannot promise much
    assert any("rests on assumptions" in note for note in found.notes)


@pytest.mark.parametrize("orders", [(1, 4), (3, 3), None])
def test_what_a_beginner_sold_last_lies_in_its_range(orders: tuple[int, int] | None) -> None:
    """One order and then four are no ramp: orders of one partner tell nothing of its level."""
    sales = sales_of(monthly("p0", "2025-11-01", [2537, 3020]))
    if orders:
        sales["deals"] = np.array(orders, dtype=float)
    row = whole_page(partners_of("2025-11-01"), sales).partners.iloc[0]
    last = 12 * 3020.0
    assert row["low"] < last / 2
    assert row["high"] > 2 * last
    assert last / 2 < row["forecast"] < 2 * last


def test_few_beginners_each_keep_what_they_sold_last_in_their_range() -> None:
    sold = {"p0": [2537, 3020], "p1": [900, 700], "p2": [5000, 9000]}
    rows = [row for name, each in sold.items() for row in monthly(name, "2025-11-01", each)]
    sales = sales_of(rows)
    sales["deals"] = [1.0, 4.0, 2.0, 1.0, 1.0, 6.0]
    found = whole_page(partners_of(*["2025-11-01"] * 3), sales).partners.set_index("partner")
    for name, each in sold.items():
        assert found.loc[name, "low"] < 12 * each[-1] < found.loc[name, "high"]


def test_all_partners_six_months_old_and_no_mature_ones_to_learn_from() -> None:
    def six(months: int) -> tuple[str, ...]:
        signed = pd.Timestamp("2026-01-01") - pd.DateOffset(months=months)
        rows = [
            row
            for i in range(6)
            for row in monthly(f"p{i}", f"{signed:%Y-%m-%d}", [500.0 + 100 * i] * months)
        ]
        return whole_page(partners_of(*[f"{signed:%Y-%m-%d}"] * 6), sales_of(rows)).notes

    assert any("No partner is older than six months" in note for note in six(6))
    assert not any("No partner is older than six months" in note for note in six(7))


def test_one_huge_deal_neither_goes_on_for_ever_nor_reaches_the_others() -> None:
    rows = [r for i in range(5) for r in monthly(f"p{i}", "2025-01-01", [1000.0] * 12)]
    before = whole_page(partners_of(*["2025-01-01"] * 5), sales_of(rows)).partners
    rows[6] = (*rows[6][:2], 500_000.0)
    after = whole_page(partners_of(*["2025-01-01"] * 5), sales_of(rows)).partners
    assert after["expected"][0] < 500_000
    assert after["expected"][1] == pytest.approx(before["expected"][1], rel=0.35)
    assert after["low"][1] < 12_000 < after["high"][1]


def test_returns_leave_a_month_without_sales_and_are_told() -> None:
    rows = monthly("p0", "2025-01-01", [500.0, 800, -2500, 900, 950, 900, 1000, 900, 800, 900])
    found = whole_page(partners_of("2025-01-01"), sales_of(rows))
    assert found.panel.credits == -2500.0
    assert found.panel.revenue[0, 2] == 0.0
    assert any("Credits of 2,500" in note for note in found.notes)


def test_a_missing_month_is_not_a_month_of_zero() -> None:
    rows = monthly(
        "p0", "2025-01-01", [500.0, 800, 0, 900, 950, 900, 1000, 900, 800, 900, 700, 900]
    )
    partners = partners_of("2025-01-01")
    zero = build_panel(partners, sales_of(rows), DAY)
    gone = build_panel(partners, sales_of(rows[:5] + rows[6:]), DAY)
    assert zero.missing == 0
    assert zero.mask.all()
    assert gone.missing == 1
    assert not gone.mask[0, 5]
    # where nobody writes zeros down, a month without a row is one without sales
    unwritten = build_panel(partners, sales_of(rows[:2] + rows[3:]), DAY)
    assert unwritten.missing == 0
    assert unwritten.mask.all()
    # what is missing does not pull the forecast down, as a zero does
    as_zero = sales_of([*rows[:5], (*rows[5][:2], 0.0), *rows[6:]])
    means = [
        forecast(None, fit_ramp(panel), 12, 1000, np.random.default_rng(1)).sum(axis=2).mean()
        for panel in (gone, build_panel(partners, as_zero, DAY))
    ]
    assert means[0] > means[1]
    notes = whole_page(partners, sales_of(rows[:5] + rows[6:])).notes
    assert any("Where a partner sold nothing, write 0" in note for note in notes)


def test_months_that_nobody_has_recorded_are_no_drop_and_are_told() -> None:
    rows = [r for i in range(3) for r in monthly(f"p{i}", "2025-01-01", [900.0, 800, 1000] * 4)]
    partners = partners_of(*["2025-01-01"] * 3, "2026-02-10")
    then = whole_page(partners.iloc[:3], sales_of(rows))
    late = whole_page(partners, sales_of(rows), day=dt.date(2026, 4, 30))
    assert late.panel.unrecorded == 4
    assert late.total.mean() == pytest.approx(then.total.mean(), rel=0.02)
    assert not detect_drop(late.panel).table["alarm"].any()
    assert late.unrecorded == "no partner sales are on record after Dec 2025"
    (told,) = [note for note in late.notes if "on record after December 2025" in note]
    assert "Signed since, and not in what is said here: p3." in told
    assert then.unrecorded == ""


def test_partners_that_ended_bring_nothing_and_are_not_told_off() -> None:
    rows = monthly("p0", "2025-01-01", [700.0] * 6) + monthly("p1", "2025-01-01", [700.0] * 12)
    signed = ("2025-01-01", "2025-01-01", "2025-01-01")
    found = whole_page(
        partners_of(*signed, ended={0: "2025-06-30", 2: "2025-08-31"}), sales_of(rows)
    )
    assert found.draws[:, [0, 2]].sum() == 0.0
    assert found.partners["p_activate"][2] == 0.0
    assert not any("has ended" in note for note in found.notes)
    over = whole_page(partners_of(*signed[:1], ended={0: "2025-06-30"}), sales_of(rows[:6]))
    assert over.total.sum() == 0.0
    assert any("Every agreement with a partner has ended" in note for note in over.notes)


def test_a_partner_signed_in_the_running_month_waits_for_the_next_review() -> None:
    """One signed after the review is set aside at ``check``: tests/client/test_references.py."""
    rows = sales_of(monthly("p0", "2025-01-01", [700.0] * 11))
    found = whole_page(partners_of("2025-01-01", "2025-12-20"), rows, day=dt.date(2025, 12, 28))
    assert found.panel.partner.tolist() == ["p0"]


@pytest.mark.slow
def test_five_thousand_partners() -> None:
    rng = np.random.default_rng(2)
    sold = rng.gamma(0.7, 900.0, (5000, 18)) * (rng.random((5000, 18)) < 0.6)
    panel = panel_of(sold, rng.integers(0, 12, 5000))
    draws = forecast(None, fit_ramp(panel, iterations=4), 6, 50, rng)
    assert draws.shape == (50, 5000, 6)
    assert draws.sum(axis=(1, 2)).mean() == pytest.approx(6 * sold[:, -6:].sum() / 6, rel=0.25)


def test_payback_that_never_comes() -> None:
    rows = sales_of(monthly("p0", "2025-01-01", [100.0] * 12))
    found = whole_page(partners_of("2025-01-01"), rows)
    assert found.costs_known
    assert found.economics.p_payback < 0.02
    assert np.isinf(found.economics.intervals()["payback"].point)


def test_a_plan_that_begins_before_the_first_signing_is_all_gap() -> None:
    found = whole_page(partners_of("2026-03-01"), sales_of([]))
    assert found.panel.revenue.shape == (0, 0)
    assert found.gap is not None
    assert found.gap.probability > 0.99
    assert found.gap.interval().point == pytest.approx(12 * 20_000.0)


@pytest.mark.parametrize(
    ("days", "every"),
    [
        (pd.date_range("2024-03-31", periods=6, freq="QE"), "3 months"),
        (pd.date_range("2020-12-31", periods=5, freq="YE"), "12 months"),
        (pd.date_range("2025-01-25", periods=10, freq="28D"), "4 weeks"),
    ],
)
def test_a_calendar_that_is_not_monthly_is_refused_with_what_to_do(
    days: pd.DatetimeIndex, every: str
) -> None:
    rows = pd.DataFrame({"partner": "p0", "month": days, "revenue": 900.0, "deals": np.nan})
    with pytest.raises(ModelError, match=f"every.*{every}.*one row per partner") as refused:
        build_panel(partners_of("2020-01-01"), rows, DAY)
    assert "partner_revenue.month" in str(refused.value)


def test_months_with_their_last_days_or_several_rows_are_months() -> None:
    days = pd.date_range("2025-01-31", periods=10, freq="ME")
    rows = pd.DataFrame({"partner": "p0", "month": days, "revenue": 900.0, "deals": np.nan})
    assert build_panel(partners_of("2025-01-01"), rows, DAY).revenue.sum() == 9000.0
    weekly = rows.assign(month=pd.date_range("2025-03-03", periods=10, freq="7D"))
    assert build_panel(partners_of("2025-01-01"), weekly, DAY).revenue.sum() == 9000.0
