from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.partners import (
    assess_partners,
    backtest,
    baselines,
    crps_sample,
    panel_of,
    plan_months,
    score_draws,
)

REALDATA = Path(__file__).resolve().parents[2].parent / "shared" / "realdata"
SELLERS = REALDATA / "marketplace_seller_month.csv.gz"


def test_crps_agrees_with_the_double_sum() -> None:
    rng = np.random.default_rng(1)
    draws, actual = rng.gamma(1.0, 5.0, (40, 6)), rng.gamma(1.0, 5.0, 6)
    for column in range(6):
        x, y = draws[:, column], actual[column]
        naive = np.mean([abs(a - y) for a in x])
        naive -= np.mean([abs(a - b) for a in x for b in x]) / 2
        assert crps_sample(draws, actual)[column] == pytest.approx(naive)


def test_crps_of_a_point_is_its_error() -> None:
    np.testing.assert_allclose(
        crps_sample(np.array([[3.0, 9.0]]), np.array([5.0, 9.0])), [2.0, 0.0]
    )


def test_scores_by_hand() -> None:
    draws = np.array([[0.0, 10.0], [5.0, 20.0], [10.0, 30.0]])
    score = score_draws(draws, np.array([5.0, 45.0]))
    assert score["coverage"] == 0.5
    assert score["wape"] == pytest.approx(25.0 / 50.0)
    assert score["bias"] == pytest.approx(25.0 / 50.0 - 1)


def test_rules_by_hand() -> None:
    revenue = np.array([[6.0, 0.0, 3.0, 6.0, 9.0], [0.0, 0.0, 0.0, 4.0, 4.0], [9.0, 9, 0, 0, 0]])
    panel = panel_of(revenue, np.array([0, 3, 0]))
    rules = baselines(panel, 2, np.random.default_rng(1))
    np.testing.assert_allclose(rules["last 3 months"], [[12.0, 8.0, 0.0]])
    assert rules["own months resampled"][:, 2].max() == 0.0
    # curve by contract month: 19/3, 13/3, 1.5, 3, 4.5 (flat after)
    ahead = np.array([9.0, 4.5, 9.0])
    so_far = np.array([19 / 3 + 13 / 3 + 9, 19 / 3 + 13 / 3, 19 / 3 + 13 / 3 + 9])
    expected = ahead * np.array([24.0, 8.0, 18.0]) / so_far
    np.testing.assert_allclose(rules["cohort curve"][0], expected)


def test_later_months_do_not_reach_a_forecast() -> None:
    rng = np.random.default_rng(3)
    revenue = rng.gamma(2.0, 200.0, (12, 14)) * (rng.random((12, 14)) < 0.7)
    changed = revenue.copy()
    changed[:, 12:] = 0.0
    tables = [
        backtest(
            panel_of(r, np.zeros(12, dtype=int)), [10], 2, draws=50, rng=np.random.default_rng(1)
        )
        for r in (revenue, changed)
    ]
    pd.testing.assert_frame_equal(*tables)
    assert tables[0].loc[0, "method"] == "model"
    with pytest.raises(ModelError, match="origins"):
        backtest(panel_of(revenue, np.zeros(12, dtype=int)), [13], 2, rng=rng)


@pytest.mark.realdata
@pytest.mark.skipif(not SELLERS.exists(), reason="the real data are not beside the project")
def test_model_beats_the_rules_on_real_sellers() -> None:
    rows = pd.read_csv(SELLERS)
    rows = rows[rows["seller"] < "s0400"]
    revenue = rows.pivot_table(index="seller", columns="month", values="revenue")
    panel = panel_of(revenue.fillna(0.0).to_numpy(), revenue.isna().sum(axis=1).to_numpy())
    table = backtest(panel, [8, 11], 6, draws=200, rng=np.random.default_rng(1))
    mean = table.groupby("method")[["crps", "coverage"]].mean()
    assert mean.loc["model", "crps"] < 0.85 * mean["crps"].drop("model").min()
    assert 0.75 <= mean.loc["model", "coverage"] <= 0.92


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
        draws=300,
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
        **given, as_of=dt.date(2026, 1, 15), rate=0.1, rng=np.random.default_rng(1), draws=20
    )
    assert len(outlook.partners) == (0 if missing == "partners" else 3)
    assert (outlook.gap is None) == (missing == "plan")
    assert outlook.costs_known == (missing != "investment")


def test_the_plan_is_aligned_with_the_coming_months() -> None:
    panel = panel_of(np.ones((1, 3)), np.array([0]), first_month=2025 * 12 + 10)
    months = plan_months(tables()["plan"], panel, 3)
    assert str(months.index[0].date()) == "2026-02-01"
    assert months["target"].notna().all()
