from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.partners import OutlookOptions, PartnerOutlook, assess_partners, panel_of
from techalign.partners.outlook import plan_months, top_share


def tables() -> dict[str, pd.DataFrame]:
    months = pd.date_range("2025-01-01", periods=12, freq="MS")
    partners = pd.DataFrame(
        {
            "partner": ["Alder", "Birch", "Cedar"],
            "signed": pd.to_datetime(["2025-01-10", "2025-03-01", "2025-09-01"]),
            "ended": pd.to_datetime([None, None, None]),
            "segment": ["volume", "strategic", "volume"],
            "margin": [0.3, 0.25, 0.3],
        }
    )
    revenue = pd.DataFrame(
        {
            "partner": ["Alder"] * 10 + ["Birch"] * 4,
            "month": [*months[2:], *months[8:]],
            "revenue": np.linspace(1000.0, 4000.0, 14),
            "deals": np.nan,
        }
    )
    investment = pd.DataFrame(
        {"partner": "all", "month": months, "amount": 800.0, "kind": "manage"}
    )
    ahead = pd.date_range("2026-01-01", periods=6, freq="MS")
    plan = pd.DataFrame({"month": ahead, "target": 20_000.0, "direct": 12_000.0})
    return {"partners": partners, "revenue": revenue, "investment": investment, "plan": plan}


def test_one_call_answers_for_a_client() -> None:
    outlook = assess_partners(
        **tables(),
        as_of=dt.date(2026, 1, 15),
        rate=0.1,
        rng=np.random.default_rng(1),
        options=OutlookOptions(draws=300),
    )
    assert outlook.draws.shape == (300, 3, 12)
    assert outlook.economics.cumulative.shape == (300, 24)
    assert outlook.gap is not None
    assert outlook.gap.monthly.shape == (300, 6)
    row = outlook.partners.set_index("partner")
    assert (row["low"] <= row["forecast"]).all()
    assert (row["forecast"] <= row["high"]).all()
    assert np.isnan(row.loc["Alder", "p_activate"])
    assert 0 < row.loc["Cedar", "p_activate"] < 1
    assert outlook.notes


@pytest.mark.parametrize("missing", ["partners", "revenue", "investment", "plan"])
def test_a_missing_table_is_no_crash(missing: str) -> None:
    given = tables()
    given[missing] = given[missing].iloc[:0]
    outlook = assess_partners(
        **given,
        as_of=dt.date(2026, 1, 15),
        rate=0.1,
        rng=np.random.default_rng(1),
        options=OutlookOptions(draws=20),
    )
    assert len(outlook.partners) == (0 if missing == "partners" else 3)
    assert (outlook.gap is None) == (missing == "plan")
    assert outlook.costs_known == (missing != "investment")


def test_the_plan_is_aligned_with_the_coming_months() -> None:
    panel = panel_of(np.ones((1, 3)), np.array([0]), first_month=2025 * 12 + 10)
    months = plan_months(tables()["plan"], panel, 3)
    assert str(months.index[0].date()) == "2026-02-01"
    assert months["target"].notna().all()


def test_the_top_tenth_is_rounded_up_to_a_whole_partner() -> None:
    assert top_share([1.0, 1.0, 8.0, 0, 0, 0, 0, 0, 0, 0]) == pytest.approx(0.8)
    assert top_share([5.0, 3.0, 2.0]) == pytest.approx(0.5)
    assert np.isnan(top_share([]))
    assert np.isnan(top_share([0.0, 0.0]))


def test_each_option_reaches_its_model() -> None:
    teachers = panel_of(np.random.default_rng(2).gamma(4.0, 250.0, (8, 24)), np.zeros(8, dtype=int))

    def outlook(options: OutlookOptions | None) -> PartnerOutlook:
        return assess_partners(
            **tables(),
            as_of=dt.date(2026, 1, 15),
            rate=0.1,
            rng=np.random.default_rng(1),
            options=options,
        )

    plain, chosen = (
        outlook(None),
        outlook(OutlookOptions(horizon_months=7, draws=40, dso_months=3, teachers=teachers)),
    )
    assert plain.draws.shape == (1000, 3, 12)
    assert chosen.draws.shape == (40, 3, 7)
    assert (plain.ramp.hyper.teachers, chosen.ramp.hyper.teachers) == (2, 10)
    # the first sale, in March, is paid for one and three months later
    spent = 800.0
    for made, wait in ((plain, 1), (chosen, 3)):
        cash = np.diff(made.economics.cumulative[0], prepend=0.0)
        np.testing.assert_allclose(cash[: 2 + wait], -spent)
        assert cash[2 + wait] == pytest.approx(0.3 * 1000.0 - spent)
