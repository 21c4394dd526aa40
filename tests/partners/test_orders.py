from __future__ import annotations

import itertools
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.optimize import approx_fprime
from scipy.stats import norm, poisson

from techalign.errors import ModelError
from techalign.partners import (
    PartnerPanel,
    fit_activation,
    fit_ramp,
    forecast,
    panel_of,
    score_draws,
)
from techalign.partners.order_draws import draw_newcomers, draw_sellers
from techalign.partners.order_values import _marginal, fit_values
from techalign.partners.order_walk import level_cov, spread_loss
from techalign.partners.orders import (
    OrderHyper,
    fit_orders,
    log_target,
    silence,
)
from techalign.partners.population import fit_population
from techalign.partners.priors import OrderPrior, RampPrior
from techalign.partners.ramp import with_orders
from techalign.partners.ramp_draws import SharedDraws, draw_ramps

REALDATA = Path(__file__).resolve().parents[2].parent / "shared" / "realdata"
SELLERS = REALDATA / "marketplace_seller_month.csv.gz"
WALK = 0.3
HYPER = OrderHyper(
    coef=np.array([0.7, 0.0, 0.0, 0.0]),
    spread=np.array([1.0, WALK, 0.3]),
    death=0.03,
    early_death=0.1,
)


def simulate(count: int, months: int, seed: int, youngest: int = 1) -> PartnerPanel:
    """Draw sellers by plain loops, apart from the package's own drawing."""
    rng = np.random.default_rng(seed)
    deals, money = np.zeros((count, months)), np.zeros((count, months))
    start = rng.integers(0, months - youngest + 1, count)
    for row in range(count):
        level = HYPER.coef[0] + HYPER.spread[0] * rng.standard_normal()
        worth, alive = 5.0 + 0.8 * rng.standard_normal(), True
        for t in range(months - start[row]):
            if t:
                level += WALK * rng.standard_normal() - WALK**2 / 2
                alive = alive and rng.random() > 0.03 + 0.1 * np.exp(1.0 - t)
            rate = np.exp(level + HYPER.spread[2] * rng.standard_normal())
            n = rng.poisson(rate if t else rate / 2) * alive + (t == 0)
            deals[row, start[row] + t] = n
            if n:
                money[row, start[row] + t] = rng.gamma(n / 0.5, 0.5) * np.exp(worth)
    return panel_of(money, start, deals=deals)


def test_common_parameters_are_recovered() -> None:
    fit = fit_orders(simulate(600, 12, seed=3))
    assert fit.hyper.coef[0] == pytest.approx(0.7, abs=0.2)
    assert fit.hyper.spread[0] == pytest.approx(1.0, abs=0.2)
    assert fit.hyper.spread[1] == pytest.approx(WALK, abs=0.1)
    assert fit.hyper.death == pytest.approx(0.03, abs=0.03)
    assert fit.values.centre == pytest.approx(5.0, abs=0.15)
    assert fit.values.between == pytest.approx(0.8, abs=0.12)
    assert fit.values.cv2 == pytest.approx(0.5, abs=0.2)


def test_silence_agrees_with_every_way_to_end() -> None:
    rate = np.array([0.0, 0.0, 0.4, 0.9, 0.2])
    quiet = np.array([False, False, True, True, True])
    hazard = [0.0, *(0.03 + 0.1 * np.exp(1.0 - t) for t in range(1, 5))]
    live = np.prod([(1 - hazard[t]) * np.exp(-rate[t]) for t in (2, 3, 4)])
    total = live
    for end in (2, 3, 4):
        before = np.prod([(1 - hazard[t]) * np.exp(-rate[t]) for t in range(2, end)])
        total += before * hazard[end]
    log_likelihood, alive = silence(rate, quiet, HYPER)
    assert log_likelihood == pytest.approx(np.log(total))
    assert alive == pytest.approx(live / total)


def test_posterior_agrees_with_a_grid_over_all_levels() -> None:
    panel = simulate(40, 3, seed=5, youngest=3)
    fit = replace(fit_orders(panel), hyper=HYPER)
    row, grid = 0, np.linspace(-4.0, 5.0, 61)
    fit = replace(fit, mean=np.repeat(HYPER.mean(3)[None], len(fit.x), axis=0))
    cells = np.array(list(itertools.product(grid, repeat=3)))
    log_p = log_target(fit.rows(np.array([row])), cells.T[None])[0][0]
    # the same law written out: a Gaussian prior, Poisson months, and one of the silences
    inverse = np.linalg.inv(level_cov(3, HYPER.spread))
    off = cells - HYPER.mean(3)
    naive = -0.5 * ((off @ inverse) * off).sum(axis=1)
    for t in range(3):
        if not fit.silent[row, t]:
            rate = np.exp(cells[:, t]) * (0.5 if t == 0 else 1.0)
            naive += poisson.logpmf(fit.counts[row, t], rate)
    quiet = np.where(fit.silent[row], np.exp(cells), 0.0)
    naive += silence(quiet, fit.silent[row], HYPER)[0]
    apart = log_p - naive
    assert np.ptp(apart) < 1e-8


def test_one_dear_first_order_is_not_believed_for_ever() -> None:
    orders = np.ones((30, 4))
    money = np.full((30, 4), 100.0) * np.random.default_rng(2).gamma(2.0, 0.5, (30, 4))
    money[0], orders[0] = [5000.0, 0.0, 0.0, 0.0], [1.0, 0.0, 0.0, 0.0]
    found = fit_values(money, orders)
    assert 100.0 < np.exp(found.mean[0]) < 2500.0


def test_values_agree_with_the_marginal_law_written_out() -> None:
    found = fit_values(np.array([[100.0, 640.0, 90.0]]), np.array([[1.0, 4.0, 2.0]]))
    excess = np.log1p(found.cv2 / np.array([1.0, 4.0, 2.0]))
    seen = np.log([100.0, 160.0, 45.0])
    v = np.linspace(0.0, 9.0, 4001)
    law = norm.logpdf(v, found.centre, found.between)
    for y, e in zip(seen, excess, strict=True):
        law += norm.logpdf(y, v - e / 2, np.sqrt(e + found.monthly**2))
    weight = np.exp(law - law.max())
    assert found.mean[0] == pytest.approx(v @ weight / weight.sum(), abs=1e-3)


def test_slopes_of_the_worth_of_orders_are_those_of_small_differences() -> None:
    rng = np.random.default_rng(4)
    row, count = np.sort(rng.integers(0, 12, 40)), 14  # two partners without a month
    data = row, rng.normal(5.0, 1.0, 40), rng.poisson(3.0, 40) + 1.0, count
    at = np.array([0.1, -0.3, -1.2])
    near = approx_fprime(at, lambda params: _marginal(params, data)[0], 1e-6)
    assert _marginal(at, data)[1] == pytest.approx(near, rel=1e-4)


def test_the_loss_of_the_spread_is_the_normal_law_and_its_slopes_are_right() -> None:
    rng, prior = np.random.default_rng(5), OrderPrior()
    reached = np.array([4, 4, 3, 2, 1])
    levels = rng.normal(0.0, 1.0, (len(reached), 4))
    moment = np.zeros((4, 4, 4))
    for length, level in zip(reached, levels, strict=True):
        moment[:length] += np.outer(level, level)
    count = (reached[:, None] > np.arange(4)).sum(axis=0).astype(float)

    def naive(params: np.ndarray) -> float:
        cov = level_cov(4, np.exp(params))
        told = 0.5 * (((params - prior.spread) / prior.spread_sd) ** 2).sum()
        for length, level in zip(reached, levels, strict=True):
            part = cov[:length, :length]
            told += 0.5 * np.linalg.slogdet(part)[1]
            told += 0.5 * level[:length] @ np.linalg.solve(part, level[:length])
        return float(told)

    at = np.log([0.9, 0.3, 0.4])
    value, slope = spread_loss(at, moment, count, prior)
    assert value == pytest.approx(naive(at))
    assert slope == pytest.approx(approx_fprime(at, naive, 1e-6), rel=1e-4)


def test_rank_of_the_truth_is_uniform_among_the_draws() -> None:
    """Simulation-based calibration: what comes is drawn from the law the model fits."""
    panel = simulate(500, 16, seed=11, youngest=8)
    known = panel.as_of(10)
    actual = panel.revenue[np.isin(panel.partner, known.partner), 10:].sum(axis=1)
    fit = fit_orders(known)
    drawn = draw_sellers(fit, 6, 199, np.random.default_rng(1)).sum(axis=1)
    keep = actual > 0  # zero ties with zero: those ranks are spread below
    rng = np.random.default_rng(2)
    below = (drawn < actual[:, None]).sum(axis=1)
    ties = (drawn == actual[:, None]).sum(axis=1)
    rank = below + np.floor(rng.random(len(actual)) * (ties + 1))
    histogram = np.histogram(rank, bins=10, range=(0, 200))[0]
    expected = len(rank) / 10
    assert ((histogram - expected) ** 2 / expected).sum() < 25.5  # chi² of 9, 1 in 400
    assert keep.any()


@pytest.mark.slow
def test_knowing_orders_is_no_worse_than_not_knowing_them() -> None:
    panel = simulate(300, 14, seed=21)
    known = panel.as_of(8)
    actual = panel.revenue[np.isin(panel.partner, known.partner), 8:].sum(axis=1)
    scores = []
    for seen in (known, replace(known, deals=None)):
        draws = forecast(None, fit_ramp(seen), 6, 400, np.random.default_rng(1))
        scores.append(score_draws(draws.sum(axis=2), actual)["crps"])
    assert scores[0] <= scores[1]


@pytest.mark.slow
@pytest.mark.realdata
@pytest.mark.skipif(not SELLERS.exists(), reason="no real data beside the project")
def test_knowing_orders_is_no_worse_on_a_real_marketplace() -> None:
    import pandas as pd

    rows = pd.read_csv(SELLERS)
    money = rows.pivot_table(index="seller", columns="month", values="revenue")
    orders = rows.pivot_table(index="seller", columns="month", values="orders").fillna(0.0)
    panel = panel_of(
        money.fillna(0.0).to_numpy(), money.isna().sum(axis=1).to_numpy(), deals=orders.to_numpy()
    )
    known = panel.as_of(9)
    actual = panel.revenue[np.isin(panel.partner, known.partner), 9:15].sum(axis=1)
    scores = []
    for seen in (known, replace(known, deals=None)):
        draws = forecast(None, fit_ramp(seen), 6, 300, np.random.default_rng(1))
        scores.append(score_draws(draws.sum(axis=2), actual)["crps"])
    assert scores[0] <= scores[1]
    assert scores[0] < 0.54


def test_what_months_do_to_all_is_no_ones_own_noise() -> None:
    rng = np.random.default_rng(12)
    common = np.array([0.0, 0.5, -0.5, 0.4, -0.4, 0.5, -0.5, 0.0])
    rate = 20.0 * np.exp(common + 0.7 * rng.standard_normal((150, 1)))
    orders = np.maximum(rng.poisson(rate), 1).astype(float)
    panel = panel_of(orders * 10.0, np.zeros(150, dtype=int), deals=orders)
    told, untold = fit_orders(panel, common=common), fit_orders(panel)
    assert told.hyper.spread[2] < 0.5 * untold.hyper.spread[2]
    assert told.hyper.coef[0] == pytest.approx(np.log(20.0), abs=0.2)
    np.testing.assert_allclose((told.x - np.log(rate))[:, 1:].mean(axis=0), 0.0, atol=0.05)
    # the last month was an ordinary one; the level after it is the partner's own
    plain = draw_sellers(told, 2, 400, np.random.default_rng(1)).mean()
    assert plain == pytest.approx(10.0 * rate[:, -1].mean(), rel=0.1)
    months = np.log([[2.0], [0.5]]) * np.ones(400)
    shaken = draw_sellers(told, 2, 400, np.random.default_rng(1), months).mean(axis=(0, 2))
    np.testing.assert_allclose(shaken, [2.0 * plain, 0.5 * plain], rtol=0.1)
    twice = np.log(2.0) * np.ones((1, 3, 4000))
    first, later = (
        draw_newcomers(told, np.zeros(1), 3, 4000, np.random.default_rng(1), by)[0, 1:].mean()
        for by in (0.0, twice)
    )
    assert later == pytest.approx(2.0 * first, rel=0.1)


def test_newcomer_sells_in_its_first_month_and_starts_when_it_is_said_to() -> None:
    fit = fit_orders(simulate(60, 10, seed=6))
    sales = draw_newcomers(fit, np.zeros(2), 5, 300, np.random.default_rng(1))
    assert sales.shape == (2, 5, 300)
    assert (sales[:, 0] > 0).all()
    panel = simulate(110, 10, seed=7)
    waiting = panel_of(
        np.concatenate([panel.revenue, np.zeros((1, 10))]),
        np.append(panel.contract_month, 8),
        deals=np.concatenate([panel.deals, np.zeros((1, 10))]),  # type: ignore[list-item]
    )
    draws = forecast(fit_activation(waiting), fit_ramp(waiting), 12, 2000, np.random.default_rng(3))
    started = (draws[:, -1] > 0).any(axis=1).mean()
    assert started == pytest.approx(fit_activation(waiting).p_activate(2.0, 12.0), abs=0.06)


def test_few_partners_keep_the_ramp_and_orders_must_be_known() -> None:
    panel = simulate(6, 10, seed=8)
    assert fit_ramp(panel).orders is None
    with pytest.raises(ModelError, match="must be known"):
        fit_orders(replace(panel, deals=None))


def test_ended_partner_sells_nothing_and_a_silent_one_is_hardly_alive() -> None:
    panel = simulate(110, 12, seed=9, youngest=10)
    assert panel.deals is not None
    revenue, deals = panel.revenue.copy(), panel.deals.copy()
    revenue[0], deals[0] = 500.0, 5.0
    revenue[0, -6:], deals[0, -6:] = 0.0, 0.0
    ended = np.arange(110) == 1
    fit = fit_ramp(replace(panel, revenue=revenue, deals=deals, ended=ended))
    assert fit.alive[0] < 0.1
    draws = forecast(None, fit, 6, 200, np.random.default_rng(1))
    assert draws[:, 1].sum() == 0.0
    assert (draws[:, 0].sum(axis=1) == 0.0).mean() > 0.85


@pytest.mark.slow
def test_vintage_that_begins_lower_is_found_and_newcomers_are_like_the_last() -> None:
    rng = np.random.default_rng(4)
    start = rng.integers(0, 24, 500)
    rate = np.exp(2.0 - 1.2 * start / 12.0 + 0.5 * rng.standard_normal(500))
    orders = rng.poisson(rate[:, None], (500, 25)).astype(float)
    orders[np.arange(500), start] += 1.0
    orders *= np.arange(25) >= start[:, None]
    fit = fit_orders(panel_of(orders * 10.0, start, deals=orders))
    assert fit.hyper.coef[3] == pytest.approx(-1.2, abs=0.3)
    assert fit.vintage.max() == 0.0
    sales = draw_newcomers(fit, np.zeros(1), 4, 2000, np.random.default_rng(1))
    # of those that began last: e^{2 - 1.2 · 23/12} in the middle
    orders = np.median(sales[0, 3]) / 10.0
    assert 0.2 < orders < 2.0


def test_orders_are_imputed_where_they_are_unknown_and_only_there() -> None:
    panel = simulate(150, 12, seed=12)
    money = replace(panel, deals=None)
    members = fit_population(money, RampPrior(any_currency=True), 10)
    assert with_orders(panel, members) is panel
    found = with_orders(money, members).deals
    assert found is not None
    assert ((found >= 1) == (panel.revenue > 0)).all()
    assert (found == np.rint(found)).all()
    whole = fit_ramp(money)
    assert whole.orders is None or np.isfinite(whole.orders.x).all()


@pytest.mark.slow
def test_among_many_one_dear_month_moves_a_level_by_its_logarithm() -> None:
    """Read as money, a month of twenty times the usual sales lifted what is to come far more."""
    rng = np.random.default_rng(13)
    revenue = rng.gamma(4.0, 25.0, (120, 12))
    revenue[0, -1] = 2000.0
    panel = panel_of(revenue, np.zeros(120, dtype=int))
    many = forecast(None, fit_ramp(panel), 6, 400, np.random.default_rng(1))[:, 0].mean()
    few = panel.select(np.arange(120) < 60)
    money = forecast(None, fit_ramp(few), 6, 400, np.random.default_rng(1))[:, 0].mean()
    assert 80.0 < many < 0.9 * money


def test_months_without_orders_are_as_frequent_as_the_orders_say() -> None:
    """A ramp that reads three orders a month drew half as many again, each too small."""
    rng = np.random.default_rng(14)
    orders = rng.poisson(3.0, (150, 16)).astype(float)
    orders[:, 0] += 1.0
    money = rng.standard_gamma(orders / 0.5) * 0.5 * 100.0
    panel = panel_of(money, np.zeros(150, dtype=int), deals=orders)
    members = fit_population(panel, RampPrior(any_currency=True), 20)
    shared = SharedDraws(np.full(200, 1e-9), np.zeros((4, 2, 200)), np.zeros((3, 200)))
    drawn = [sales for _, sales in draw_ramps(members, shared, 3, np.random.default_rng(1))]
    # what is left open about the level makes silence more frequent, never rarer
    assert np.exp(-3.0) < (np.concatenate(drawn) == 0).mean() < 0.15
