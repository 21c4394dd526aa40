from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.partners import (
    backtest,
    baselines,
    crps_sample,
    panel_of,
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


@pytest.mark.slow
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
