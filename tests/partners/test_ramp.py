from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pytest
from scipy.stats import poisson

from techalign.errors import ModelError
from techalign.partners import (
    PartnerPanel,
    RampPrior,
    fit_activation,
    fit_ramp,
    forecast,
    panel_of,
    score_draws,
)
from techalign.partners.population import fit_population, from_others
from techalign.partners.posterior import sample_members
from techalign.partners.ramp import outage_months, use_of_orders, without_outages


@dataclass(frozen=True)
class World:
    """What the simulated partners are made of."""

    level: float = 8.0
    spread: float = 1.0
    h: float = 4.0
    walk: float = 0.2
    churn: float = 0.03
    early: float = 0.0
    months: tuple[float, ...] = ()
    size: float = 400.0
    cv2: float = 0.4


def simulate(
    world: World, count: int, months: int, seed: int, oldest: int | None = None
) -> PartnerPanel:
    """Draw partners by plain loops, apart from the package's own drawing."""
    rng = np.random.default_rng(seed)
    revenue, deals = np.zeros((count, months)), np.zeros((count, months))
    signed = rng.integers(0, (months - 2 if oldest is None else oldest) + 1, count)
    for row in range(count):
        log_a = world.level + world.spread * rng.standard_normal()
        size = world.size * np.exp(0.3 * rng.standard_normal())
        level, alive = 0.0, True
        for month in range(signed[row], months):
            tenure = month - signed[row] + 0.5
            if month > signed[row]:
                level += world.walk * rng.standard_normal() - world.walk**2 / 2
                early = world.early * np.exp(signed[row] + 1 - month)
                alive = alive and rng.random() > 1 - (1 - world.churn) * (1 - early)
            common = world.months[month % len(world.months)] if world.months else 0.0
            rate = np.exp(log_a + level + common) * (1 - np.exp(-tenure / world.h)) / size
            orders = rng.poisson(rate) if alive else 0
            while month == signed[row] and orders == 0:
                orders = rng.poisson(rate)
            deals[row, month] = orders
            if orders:
                revenue[row, month] = rng.gamma(orders / world.cv2, world.cv2 * size)
    return panel_of(revenue, signed, deals=deals)


@pytest.fixture(scope="module")
def large() -> PartnerPanel:
    return simulate(World(), 400, 24, seed=1)


@pytest.mark.parametrize("known", [True, False])
def test_population_is_recovered(large: PartnerPanel, known: bool) -> None:
    hyper = fit_ramp(large if known else replace(large, deals=None)).hyper
    assert hyper.coef[0, 0] == pytest.approx(8.0, abs=0.25)
    assert np.sqrt(hyper.sigma[0, 0]) == pytest.approx(1.0, abs=0.2)
    assert np.exp(hyper.coef[0, 1]) == pytest.approx(4.0, rel=0.35)
    assert hyper.walk_sd == pytest.approx(0.2, abs=0.08)
    assert hyper.churn == pytest.approx(0.03, abs=0.012)
    assert hyper.teachers == 400


@pytest.mark.slow
def test_early_ends_are_told_from_later_ones() -> None:
    early = replace(World(), churn=0.02, early=0.25)
    hyper = fit_ramp(simulate(early, 600, 18, seed=5)).hyper
    assert hyper.churn == pytest.approx(0.02, abs=0.008)
    assert hyper.churn_early == pytest.approx(0.25, abs=0.06)


def test_all_may_fall_silent_at_once() -> None:
    """Who ends in a month was exposed in it: else the hazard passed 1, and nothing was drawn."""
    revenue = np.zeros((120, 6))
    revenue[:, 0] = np.random.default_rng(3).gamma(9.0, 100.0, 120)
    fit = fit_ramp(panel_of(revenue, np.zeros(120, dtype=int)))
    assert 0.3 < fit.hyper.hazard(np.array([1.0]))[0] < 1.0
    assert forecast(None, fit, 3, 50, np.random.default_rng(1)).shape == (50, 120, 3)


def test_ended_agreements_were_exposed_as_well() -> None:
    panel = panel_of(np.full((300, 1), 100.0), np.zeros(300, dtype=int))
    fit = fit_ramp(replace(panel, ended=np.ones(300, dtype=bool)), iterations=4)
    assert fit.hyper.churn == pytest.approx((0.6 + 300.0) / (40.0 + 300.0), abs=1e-9)


def test_what_months_do_to_all_is_found_and_has_no_trend() -> None:
    true = (0.0, 0.3, -0.3, 0.1, -0.2, 0.2, -0.1)
    fit = fit_ramp(simulate(replace(World(), months=true), 400, 21, seed=6, oldest=4))
    found = fit.members.sales.clock.common
    truth = np.tile(true, 3)
    assert np.corrcoef(found[5:], truth[5:])[0, 1] > 0.9
    assert np.abs(found[5:] - truth[5:]).mean() < 0.08
    assert 0.1 < fit.hyper.month_sd < 0.3
    quiet = fit_ramp(simulate(World(), 400, 21, seed=6, oldest=4))
    assert np.abs(quiet.members.sales.clock.common).max() < 0.1
    few = fit_ramp(simulate(replace(World(), months=true), 40, 21, seed=6))
    assert (few.members.sales.clock.common == 0.0).all()
    assert (few.hyper.month_sd, few.hyper.churn_early) == (0.0, 0.0)


@pytest.mark.parametrize("known", [True, False])
def test_in_one_future_a_month_is_the_same_for_all(large: PartnerPanel, known: bool) -> None:
    panel = large.as_of(12) if known else replace(large.as_of(12), deals=None)
    fit = fit_ramp(panel, iterations=8)
    waiting = np.arange(len(panel.partner)) % 2 == 0
    together = []
    for sd in (0.0, 0.5):
        shaken = replace(fit, hyper=replace(fit.hyper, month_sd=sd))
        draws = forecast(None, shaken, 1, 400, np.random.default_rng(1))[:, :, 0]
        sums = draws[:, waiting].sum(axis=1), draws[:, ~waiting].sum(axis=1)
        together.append(np.corrcoef(np.log(sums))[0, 1])
    assert abs(together[0]) < 0.3
    assert together[1] > 0.8


def test_beginners_that_have_sold_or_will_may_end_at_once() -> None:
    panel = panel_of(np.repeat([[900.0], [0.0]], 40, axis=0), np.zeros(80, dtype=int))
    fit, started = fit_ramp(panel), fit_activation(panel)
    left = []
    for early in (0.0, 0.9):
        hyper = replace(fit.hyper, churn_early=early)
        ramp = replace(fit, hyper=hyper, members=replace(fit.members, hyper=hyper))
        sells = forecast(started, ramp, 2, 800, np.random.default_rng(1)) > 0
        begun = sells[:, 40:, 0]
        left.append((sells[:, :40, 0].mean(), sells[:, 40:, 1][begun].mean()))
    np.testing.assert_allclose(np.divide(left[1], left[0]), 0.1, atol=0.03)


def test_in_one_future_a_month_is_the_same_for_newcomers() -> None:
    sold = np.zeros((360, 1))
    sold[:60] = 90_000.0
    panel = panel_of(sold, np.zeros(360, dtype=int))
    fit, started = fit_ramp(panel), fit_activation(panel)
    hyper = replace(fit.hyper, month_sd=1.0, coef_cov=1e-9 * fit.hyper.coef_cov)
    draws = forecast(started, replace(fit, hyper=hyper), 2, 800, np.random.default_rng(1))
    old, new = np.log(draws[:, :60].sum(axis=1)), np.log(draws[:, 60:].sum(axis=1))
    assert np.corrcoef(old[:, 1], new[:, 1])[0, 1] > 0.5
    assert abs(np.corrcoef(old[:, 0], new[:, 1])[0, 1]) < 0.2


def test_order_size_is_recovered(large: PartnerPanel) -> None:
    fit = fit_population(large, RampPrior())
    assert fit.hyper.deal_cv2 == pytest.approx(0.4, abs=0.1)
    assert np.median(fit.sales.dispersion) == pytest.approx(400.0, rel=0.1)


@pytest.mark.parametrize("known", [True, False])
def test_intervals_are_calibrated(large: PartnerPanel, known: bool) -> None:
    past = large.as_of(18)
    past = past if known else replace(past, deals=None)
    actual = large.revenue[large.contract_month < 18, 18:].sum(axis=1)
    draws = forecast(None, fit_ramp(past), 6, 400, np.random.default_rng(2)).sum(axis=2)
    score = score_draws(draws, actual)
    assert 0.75 < score["coverage"] < 0.90
    assert abs(score["bias"]) < 0.15
    assert score["crps"] < 0.30


@pytest.mark.slow
def test_few_partners_get_wide_but_finite_ramps() -> None:
    inside, widths = [], []
    for seed in range(25):
        panel = simulate(World(), 3, 14, seed=100 + seed, oldest=5)
        fit = fit_ramp(panel.as_of(8))
        draws = forecast(None, fit, 6, 300, np.random.default_rng(seed)).sum(axis=2)
        low, high = np.quantile(draws, [0.1, 0.9], axis=0)
        actual = panel.revenue[:, 8:].sum(axis=1)
        inside += list((actual >= low) & (actual <= high))
        widths += list(high / np.maximum(actual, 1.0))
        assert "assumed weighs heavily" in fit.notes[-1]
    assert 0.68 < np.mean(inside) < 0.96
    assert np.isfinite(widths).all()


def test_without_sales_the_ramp_is_the_prior_and_says_so() -> None:
    panel = panel_of(np.zeros((3, 4)), np.array([0, 1, 2]))
    fit = fit_ramp(panel)
    np.testing.assert_allclose(fit.theta, np.tile(RampPrior().mean[0], (3, 1)))
    assert "assumption" in fit.notes[0]
    draws = forecast(fit_activation(panel), fit, 12, 200, np.random.default_rng(1))
    assert draws.shape == (200, 3, 12)
    assert 0 < (draws.sum(axis=2) > 0).mean() < 1


@pytest.mark.slow
def test_teachers_narrow_the_first_forecasts(large: PartnerPanel) -> None:
    young = simulate(World(), 30, 3, seed=9, oldest=2)
    alone, taught = fit_ramp(young), fit_ramp(young, teachers=large)
    assert taught.hyper.teachers == 430
    assert alone.hyper.teachers == 30
    np.testing.assert_array_equal(taught.panel.partner, young.partner)
    assert taught.theta.shape == (30, 4)
    assert abs(taught.hyper.coef[0, 0] - 8.0) < abs(alone.hyper.coef[0, 0] - 8.0) + 0.2
    assert any("no mature ones" in note for note in alone.notes)
    assert not any("no mature ones" in note for note in taught.notes)


def test_strategic_partners_ramp_from_their_own_mean() -> None:
    volume, strategic = (simulate(World(level=v), 60, 18, seed=4) for v in (7.0, 9.0))
    revenue = np.concatenate([volume.revenue, strategic.revenue])
    signed = np.concatenate([volume.contract_month, strategic.contract_month])
    segment = np.repeat(["volume", "strategic"], 60)
    fit = fit_ramp(panel_of(revenue, signed, segment=segment))
    assert fit.hyper.coef[1, 0] == pytest.approx(2.0, abs=0.5)


@pytest.mark.parametrize(("early", "shock"), [(0.0, 0.0), (0.3, 0.0), (0.0, 0.6)])
def test_sampled_survival_agrees_with_brute_force(early: float, shock: float) -> None:
    """Draws from the prior, weighted by the exact likelihood of orders, give P(alive) and λ."""
    orders = np.array([2.0, 3.0, 1.0, 0.0, 0.0])
    revenue = np.where(orders > 0, orders * 100.0, 0.0)
    panel = panel_of(revenue[None], np.array([0]), deals=orders[None])
    fit = fit_population(panel, replace(RampPrior(), mean=np.tile([5.0, 1.2, 0.0, 0.0], (2, 1))))
    common = shock * np.array([0.0, 1.0, -1.0, 0.5, 1.0])
    clock = replace(fit.sales.clock, common=common)
    fit = replace(fit, sales=replace(fit.sales, clock=clock))
    fit = replace(fit, hyper=replace(fit.hyper, churn_early=early))
    hyper, rng, count = fit.hyper, np.random.default_rng(4), 400_000
    spread = np.linalg.inv(fit.belief.precision[0])
    curve = rng.multivariate_normal(fit.belief.mean[0], spread, count)
    steps = hyper.walk_sd * rng.standard_normal((count, 4)) - hyper.walk_sd**2 / 2
    level = np.concatenate([np.zeros((count, 1)), steps.cumsum(axis=1)], axis=1)
    tenure = np.arange(5) + 0.5
    share = 1 - np.exp(-((tenure / np.exp(curve[:, [1]])) ** np.exp(curve[:, [2]])))
    rate = np.exp(curve[:, [0]] + curve[:, [3]] * tenure + level + common) * share
    rate /= fit.sales.dispersion[0]
    weight = np.exp(poisson.logpmf(orders[:3], rate[:, :3]).sum(axis=1))
    weight /= -np.expm1(-rate[:, 0])
    third, fourth = (1 - (1 - hyper.churn) * (1 - early * np.exp(-n)) for n in (2, 3))
    alive = (1 - third) * (1 - fourth) * np.exp(-rate[:, 3] - rate[:, 4])
    silence = third + (1 - third) * np.exp(-rate[:, 3]) * fourth + alive
    sample = sample_members(fit, 8000, rng)
    naive_alive = (weight * alive).sum() / (weight * silence).sum()
    assert sample.alive.mean() == pytest.approx(naive_alive, abs=0.03)
    naive_level = (weight * silence * level[:, -1]).sum() / (weight * silence).sum()
    assert sample.level.mean() == pytest.approx(naive_level, abs=0.03)
    naive_ceiling = (weight * silence * curve[:, 0]).sum() / (weight * silence).sum()
    assert sample.theta[:, 0].mean() == pytest.approx(naive_ceiling, abs=0.06)


def test_dead_and_ended_partners_sell_nothing() -> None:
    rng = np.random.default_rng(5)
    revenue = rng.gamma(8.0, 500.0, (4, 12))
    revenue[0, 4:] = 0.0
    panel = panel_of(revenue, np.zeros(4, dtype=int))
    panel = replace(panel, ended=np.array([False, True, False, False]))
    fit = fit_ramp(panel)
    draws = forecast(None, fit, 6, 400, rng)
    assert fit.alive[1] == 0.0
    assert draws[:, 1].sum() == 0.0
    assert fit.alive[0] < 0.2
    assert (draws[:, 0].sum(axis=1) == 0).mean() > 0.8
    assert (draws[:, 2].sum(axis=1) > 0).mean() > 0.9


def test_a_forecast_is_the_same_for_the_same_stream(large: PartnerPanel) -> None:
    fit = fit_ramp(large.as_of(6), iterations=5)
    runs = [forecast(None, fit, 3, 50, np.random.default_rng(7)) for _ in range(2)]
    np.testing.assert_array_equal(*runs)


def test_an_empty_panel_gives_an_empty_forecast() -> None:
    panel = panel_of(np.zeros((0, 0)), np.zeros(0, dtype=int))
    draws = forecast(fit_activation(panel), fit_ramp(panel), 12, 10, np.random.default_rng(1))
    assert draws.shape == (10, 0, 12)


def test_impossible_horizons_are_refused(large: PartnerPanel) -> None:
    fit = fit_ramp(large.as_of(3), iterations=1)
    for horizon, draws in ((0, 5), (5, 0)):
        with pytest.raises(ModelError, match="must be 1 or more"):
            forecast(None, fit, horizon, draws, np.random.default_rng(1))


@pytest.mark.parametrize("months", [1, 2])
def test_the_first_months_already_give_a_forecast(months: int) -> None:
    revenue = np.array([[700.0, 0.0], [0.0, 0.0], [300.0, 900.0]])[:, :months]
    panel = panel_of(revenue, np.zeros(3, dtype=int))
    draws = forecast(fit_activation(panel), fit_ramp(panel), 6, 200, np.random.default_rng(1))
    assert np.isfinite(draws).all()
    assert (draws.sum(axis=2).mean(axis=0) > 0).all()


def test_the_currency_does_not_matter() -> None:
    panel = simulate(World(), 4, 10, seed=6)
    small, large = panel, replace(panel, revenue=panel.revenue * 1e5)
    low, high = (
        forecast(None, fit_ramp(replace(p, deals=None)), 6, 100, np.random.default_rng(1))
        for p in (small, large)
    )
    np.testing.assert_allclose(high, low * 1e5, rtol=1e-3)


def test_an_outage_is_found_and_a_real_end_is_not() -> None:
    rng = np.random.default_rng(1)
    revenue = rng.gamma(2.0, 100.0, (60, 10)) * (rng.random((60, 10)) < 0.8)
    revenue[:, 4] = 0.0
    revenue[:50, 8:] = 0.0
    panel = panel_of(revenue, np.zeros(60, dtype=int))
    assert list(np.flatnonzero(outage_months(panel))) == [4]
    assert not without_outages(panel).mask[:, 4].any()
    quiet = panel_of(np.where(np.arange(10) == 3, 0.0, revenue[:3] + 1), np.zeros(3, dtype=int))
    assert not outage_months(quiet).any()


@pytest.mark.slow
def test_where_partners_still_grow_the_order_model_is_left_out(large: PartnerPanel) -> None:
    way = use_of_orders(large.as_of(18), RampPrior(any_currency=True))
    assert way in ("money", "counts")
    assert fit_ramp(large.as_of(18)).orders is None


@pytest.mark.slow
def test_orders_that_come_in_bursts_are_not_read_month_by_month() -> None:
    """Half of a partner's months hold ten times the orders: a count law takes that for news."""
    rng = np.random.default_rng(5)
    burst = np.where(rng.random((160, 18)) < 0.5, 0.2, 1.8)
    orders = rng.poisson(8.0 * np.exp(rng.standard_normal((160, 1))) * burst).astype(float)
    orders[:, 0] = np.maximum(orders[:, 0], 1.0)
    panel = panel_of(orders * 100.0, np.zeros(160, dtype=int), deals=orders)
    known = panel.as_of(12)
    assert use_of_orders(known, RampPrior(any_currency=True)) in ("money", "imputed")
    actual = panel.revenue[:, 12:].sum(axis=1)
    scores = [
        score_draws(
            forecast(None, fit_ramp(seen), 6, 300, np.random.default_rng(1)).sum(axis=2), actual
        )["crps"]
        for seen in (known, replace(known, deals=None))
    ]
    assert scores[0] <= scores[1] * 1.001


def test_of_few_partners_money_is_read(large: PartnerPanel) -> None:
    few = large.select(np.arange(400) < 60)
    assert use_of_orders(few, RampPrior()) == "money"
    assert use_of_orders(replace(few, deals=None), RampPrior()) == "money"


def test_a_lone_partner_is_believed_from_the_prior_and_not_from_itself() -> None:
    """With nobody else the belief is the prior's mean and both its spreads, whatever was sold."""
    prior = RampPrior()
    for sold in (300.0, 90_000.0):
        fit = fit_population(panel_of(np.full((1, 3), sold), np.array([0])), prior)
        assert fit.belief.mean[0] == pytest.approx(prior.mean[0], abs=1e-9)
        spread = np.linalg.inv(fit.belief.precision[0])
        assert spread == pytest.approx(fit.hyper.sigma + np.diag(prior.mean_sd[0] ** 2), rel=1e-9)


def test_what_the_others_say_is_the_regression_without_the_partner(large: PartnerPanel) -> None:
    few = large.select(large.active & (np.arange(400) < 12))
    few = replace(few, segment=np.where(np.arange(len(few.partner)) % 3, "volume", "strategic"))
    prior = RampPrior()
    fit = fit_population(few, prior)
    belief = from_others(fit.ramps, fit.z, prior, fit.hyper)
    for row in range(len(few.partner)):
        rest = np.arange(len(few.partner)) != row
        # naively: the partner's row taken out, then the posterior of each parameter's two numbers
        for p in range(4):
            z, variance = fit.z[rest], fit.hyper.sigma[p, p]
            weight = np.diag(prior.mean_sd[:, p] ** -2.0)
            cov = np.linalg.inv(z.T @ z / variance + weight)
            pull = z.T @ fit.ramps.theta[rest, p] / variance + weight @ prior.mean[:, p]
            spread = np.linalg.inv(belief.precision[row])[p, p]
            assert spread == pytest.approx(variance + fit.z[row] @ cov @ fit.z[row], rel=1e-6)
            assert belief.mean[row, p] == pytest.approx(fit.z[row] @ cov @ pull, abs=1e-9)


@pytest.mark.slow
def test_rank_of_the_truth_is_uniform_among_the_draws(large: PartnerPanel) -> None:
    """Simulation-based calibration: what comes is drawn from the law that is fitted."""
    known = large.as_of(18)
    actual = large.revenue[large.contract_month < 18, 18:].sum(axis=1)
    draws = forecast(None, fit_ramp(known), 6, 199, np.random.default_rng(4)).sum(axis=2)
    below, ties = ((compare(draws, actual)).sum(axis=0) for compare in (np.less, np.equal))
    rank = below + np.floor(np.random.default_rng(5).random(actual.size) * (ties + 1))
    histogram = np.histogram(rank, bins=10, range=(0, 200))[0]
    expected = actual.size / 10
    assert ((histogram - expected) ** 2 / expected).sum() < 25.5  # chi² of 9, 1 in 400
