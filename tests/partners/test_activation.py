from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.partners import (
    Activation,
    ActivationPrior,
    Waits,
    fit_activation,
    fit_waits,
    panel_of,
    waits_of,
)

REALDATA = Path(__file__).resolve().parents[2].parent / "shared" / "realdata"
DEALS = REALDATA / "marketplace_deals_as_of_2018-04-30.csv"
VAGUE = ActivationPrior(pi_sd=20.0, a_sd=20.0, strategic_sd=0.01, b_sd=20.0)


def simulate(
    count: int, pi: float, a: float, b: float, strategic: float, seed: int, until: float = 18.0
) -> Waits:
    rng = np.random.default_rng(seed)
    slow = rng.random(count) < 0.4
    wait = a * np.where(slow, strategic, 1.0) * rng.weibull(b, count)
    wait[rng.random(count) < pi] = np.inf
    age = np.floor(rng.uniform(1, until, count))
    sold = wait < age
    low = np.where(sold, np.floor(np.where(sold, wait, 0.0)), age)
    return Waits(low, np.where(sold, low + 1, np.inf), slow)


def naive_log_likelihood(waits: Waits, pi: float, a: float, factor: float, b: float) -> float:
    total = 0.0
    for low, high, slow in zip(waits.low, waits.high, waits.strategic, strict=True):
        scale = a * factor if slow else a
        early = np.exp(-((low / scale) ** b))
        if np.isinf(high):
            total += np.log(pi + (1 - pi) * early)
        else:
            total += np.log((1 - pi) * (early - np.exp(-((high / scale) ** b))))
    return float(total)


def test_no_point_of_a_naive_grid_beats_the_fit() -> None:
    waits = simulate(150, 0.3, 4.0, 1.2, 2.0, seed=2)
    fit = fit_waits(waits, VAGUE)
    best = naive_log_likelihood(waits, fit.pi, fit.a_months, fit.strategic, fit.b)
    assert best == pytest.approx(fit.log_likelihood, abs=1e-9)
    grid = [
        naive_log_likelihood(waits, pi, a, fit.strategic, b)
        for pi in np.linspace(0.05, 0.6, 12)
        for a in np.linspace(2.0, 8.0, 13)
        for b in np.linspace(0.6, 2.0, 8)
    ]
    assert max(grid) <= best + 1e-6
    assert max(grid) > best - 1.0


def test_parameters_are_recovered() -> None:
    fit = fit_waits(simulate(4000, 0.35, 3.0, 1.3, 2.5, seed=3))
    assert fit.pi == pytest.approx(0.35, abs=0.04)
    assert fit.a_months == pytest.approx(3.0, rel=0.06)
    assert fit.b == pytest.approx(1.3, rel=0.06)
    assert fit.strategic == pytest.approx(2.5, rel=0.1)


def test_intervals_cover_what_made_the_data() -> None:
    hits = []
    for seed in range(60):
        spans = fit_waits(simulate(200, 0.4, 4.0, 1.0, 2.0, seed=seed)).intervals()
        truth = {"pi": 0.4, "a_months": 4.0, "strategic": 2.0, "b": 1.0}
        hits.append([spans[name].low <= value <= spans[name].high for name, value in truth.items()])
    assert 0.7 < np.mean(hits) < 0.95


def test_strategic_partners_wait_longer() -> None:
    fit = fit_waits(simulate(500, 0.3, 3.0, 1.0, 3.0, seed=4))
    assert fit.p_activate(0.0, 3.0, True) < fit.p_activate(0.0, 3.0, False)
    assert fit.p_activate(0.0, np.inf, True) == pytest.approx(1 - fit.pi)


def test_silence_lowers_the_chance_that_a_partner_ever_sells() -> None:
    fit = fit_waits(simulate(500, 0.4, 3.0, 1.0, 2.0, seed=5))
    chance = fit.p_activate(np.array([0.0, 6.0, 24.0]), np.inf)
    assert np.all(np.diff(chance) < 0)


def test_without_sales_the_answer_is_the_prior_tempered_by_silence() -> None:
    empty = panel_of(np.zeros((0, 0)), np.zeros(0, dtype=int))
    fit = fit_activation(empty)
    assert fit.pi == pytest.approx(0.4)
    assert fit.a_months == pytest.approx(4.0)
    assert "assumption" in fit.notes[0]
    silent = fit_activation(panel_of(np.zeros((10, 12)), np.zeros(10, dtype=int)))
    assert silent.pi > 0.6


def test_draws_of_the_start_agree_with_the_formula() -> None:
    fit = fit_waits(simulate(3000, 0.3, 4.0, 1.1, 2.0, seed=6))
    start = fit.draw_start(np.array([2.0]), np.array([False]), 6, 20000, np.random.default_rng(1))
    for month in range(6):
        expected = fit.p_activate(2.0, month + 1.0)
        assert (start <= month).mean() == pytest.approx(expected, abs=0.012)


def test_interval_of_a_probability_holds_its_point() -> None:
    fit = fit_waits(simulate(40, 0.3, 4.0, 1.1, 2.0, seed=7))
    low, high = fit.p_activate_band(1.0, [3.0, 6.0], rng=np.random.default_rng(1))
    point = fit.p_activate(1.0, [3.0, 6.0])
    assert (low > 0).all()
    assert (low < point).all()
    assert (point < high).all()
    assert (high < 1).all()


def test_waits_are_read_on_the_contract_clock() -> None:
    revenue = np.array([[0.0, 0.0, 5.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
    waits = waits_of(panel_of(revenue, np.array([1, 2, -3])))
    np.testing.assert_array_equal(waits.low, [1.0, 2.0, 0.0])
    np.testing.assert_array_equal(waits.high, [2.0, np.inf, 5.0])


def test_an_empty_interval_is_refused() -> None:
    with pytest.raises(ModelError, match="low < high"):
        fit_waits(Waits(np.array([2.0]), np.array([2.0]), np.array([False])))


def fit_deals(day: str) -> tuple[Activation, pd.DataFrame]:
    deals = pd.read_csv(DEALS, parse_dates=["won_date", "first_sale"])
    known = deals[deals["won_date"] < day]
    sold = (known["first_sale"] < day).to_numpy()
    wait = (known["first_sale"] - known["won_date"]).dt.days.to_numpy()
    age = (pd.Timestamp(day) - known["won_date"]).dt.days.to_numpy()
    low = np.where(sold, wait, age) / 30.4375
    high = np.where(sold, low + 1 / 30.4375, np.inf)
    frame = pd.DataFrame({"days": np.where(sold, wait, age), "sold": sold})
    return fit_waits(Waits(low, high, np.zeros(len(low), dtype=bool))), frame


@pytest.mark.realdata
@pytest.mark.skipif(not DEALS.exists(), reason="the real data are not beside the project")
def test_signed_sellers_activate_as_kaplan_meier_says() -> None:
    from lifelines import KaplanMeierFitter

    fit, frame = fit_deals("2018-05-01")
    days = np.array([30.0, 60.0, 90.0])
    seen = KaplanMeierFitter().fit(frame["days"], frame["sold"]).predict(days)
    told = fit.share_active(days / 30.4375)
    np.testing.assert_allclose(told, 1 - np.asarray(seen), atol=0.04)


def test_nobody_sells_before_one_sales_cycle_is_over() -> None:
    waits = simulate(300, 0.3, 3.0, 1.0, 1.0, seed=9)
    fit = fit_waits(Waits(waits.low + 2.5, waits.high + 2.5, waits.strategic, np.full(300, 2.5)))
    assert fit.share_active([0.0, 1.0, 2.5], cycle=2.5).tolist() == [0.0, 0.0, 0.0]
    assert fit.share_active(5.5, cycle=2.5) > 0.3
    start = fit.draw_start([0.0], [False], 24, 4000, np.random.default_rng(1), [2.5])
    assert start.min() >= 2.0
    assert np.isfinite(start).mean() == pytest.approx(fit.share_active(24.0, cycle=2.5), abs=0.04)


def test_known_cycle_leaves_the_fit_of_what_comes_after_it() -> None:
    plain = simulate(200, 0.3, 3.0, 1.0, 2.0, seed=4)
    later = Waits(plain.low + 3, plain.high + 3, plain.strategic, np.full(200, 3.0))
    assert fit_waits(later).mode == pytest.approx(fit_waits(plain).mode, abs=1e-6)


def test_partner_that_sold_sooner_than_its_cycle_is_taken_at_its_word() -> None:
    flags = np.zeros(3, dtype=bool)
    waits = Waits(np.array([1.0, 6.0, 4.0]), np.array([2.0, 7.0, np.inf]), flags, np.full(3, 4.0))
    fit = fit_waits(waits)
    assert np.isfinite(fit.log_likelihood)
    assert fit.notes[-1] == (
        "1 partner has sold sooner than one stated sales cycle, which is then too long."
    )
