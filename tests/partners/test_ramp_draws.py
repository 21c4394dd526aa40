"""What partners have in common is uncertain for all of them at once, and so in their total."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from techalign.partners import PartnerPanel, RampPrior, fit_ramp, forecast, panel_of
from techalign.partners.fisher_scoring import CURVE, scoring_step
from techalign.partners.population import Population, _coef_cov, fit_population
from techalign.partners.posterior import Posterior
from techalign.partners.ramp_draws import _moved, draw_ramps, draw_shared

PRIOR = RampPrior()


def simulate(rng: np.random.Generator, count: int, months: int) -> np.ndarray:
    """Sales by the law that is fitted, the population drawn from the prior; (count, months)."""
    middle = PRIOR.mean[0] + PRIOR.mean_sd[0] * rng.standard_normal(CURVE)
    log_a, log_h, log_k, drift = middle[:, None, None] + PRIOR.spread[
        :, None, None
    ] * rng.standard_normal((CURVE, count, 1))
    tenure = np.arange(months) + 0.5
    steps = PRIOR.walk_sd * rng.standard_normal((count, months)) - 0.5 * PRIOR.walk_sd**2
    steps[:, 0] = 0.0
    reached = -np.expm1(-((tenure / np.exp(log_h)) ** np.exp(log_k)))
    money = np.exp(log_a + drift * tenure + steps.cumsum(axis=1)) * reached
    size = PRIOR.deal_share * np.exp(0.5 * (middle[0] + log_a)) / (1.0 + PRIOR.deal_cv2)
    lives = np.cumsum(rng.random((count, months)) < PRIOR.churn, axis=1) == 0
    lives[:, 0] = True
    rate = money / size * lives
    orders = rng.poisson(rate)
    came = -np.log1p(rng.random(count) * np.expm1(-rate[:, 0]))  # when the first order came
    orders[:, 0] = 1 + rng.poisson(np.maximum(rate[:, 0] - came, 0.0))
    sales: np.ndarray = rng.standard_gamma(orders / PRIOR.deal_cv2) * PRIOR.deal_cv2 * size
    return sales


@pytest.fixture(scope="module")
def young() -> PartnerPanel:
    return panel_of(simulate(np.random.default_rng(3), 12, 4), np.zeros(12, dtype=int))


@pytest.fixture(scope="module")
def members(young: PartnerPanel) -> Population:
    return fit_population(young, PRIOR)


def test_the_coefficients_covariance_is_that_of_the_marginal_model(members: Population) -> None:
    """Where each partner's own sales give a normal estimate of its curve, with covariance R."""
    rng = np.random.default_rng(1)
    count, size = 9, 2 * CURVE
    z = np.stack([np.ones(count), rng.integers(0, 2, count)], axis=1).astype(float)
    roots = rng.standard_normal((count + 1, CURVE, CURVE + 2))
    sigma, *own = roots @ np.swapaxes(roots, 1, 2)
    belief = replace(members.belief, precision=np.linalg.inv(sigma))
    theta_cov = np.array([np.linalg.inv(belief.precision + np.linalg.inv(r)) for r in own])
    spread = replace(members.curvature, theta_cov=theta_cov)
    told = np.diag(PRIOR.mean_sd.T.ravel() ** -2.0)
    for row, r in zip(z, own, strict=True):
        design = np.zeros((CURVE, size))
        for parameter in range(CURVE):
            design[parameter, 2 * parameter : 2 * parameter + 2] = row
        told += design.T @ np.linalg.inv(sigma + r) @ design
    assert np.allclose(_coef_cov(spread, belief, z, PRIOR), np.linalg.inv(told), rtol=1e-8)


@pytest.mark.parametrize("parameter", [0, 1])
def test_curves_move_with_the_population_as_if_fitted_anew(
    members: Population, parameter: int
) -> None:
    off = np.zeros((CURVE, 2, 1))
    off[parameter, 0] = 0.1
    none = np.zeros((len(members.z), 1))
    still = Posterior(
        theta=np.zeros((len(none), CURVE, 1)), level=none, alive=none, effective=none[:, 0]
    )
    theta, level = _moved(still, members, off)
    modes = []
    for mean in (members.belief.mean, members.belief.mean + off[:, 0, 0]):
        belief, ramps = replace(members.belief, mean=mean), members.ramps
        for _ in range(60):
            ramps = scoring_step(ramps, members.sales, belief)
        modes.append(ramps)
    moved = (modes[1].theta - modes[0].theta).mean(axis=0)
    assert theta[..., 0].mean(axis=0) == pytest.approx(moved, abs=0.002)
    moved = (modes[1].level - modes[0].level)[:, -1].mean()
    assert level.mean() == pytest.approx(moved, abs=0.0005)


def test_what_is_not_known_of_all_does_not_average_out(members: Population) -> None:
    shared = draw_shared(members.hyper, 6, 2000, np.random.default_rng(4))
    steady = replace(shared, hazard=np.full(2000, 0.01))
    spread = []
    for common in (steady, replace(steady, coef=np.zeros_like(steady.coef))):
        totals = np.empty((len(members.z), 2000))
        for rows, sales in draw_ramps(members, common, 6, np.random.default_rng(5)):
            totals[rows] = np.log1p(sales.sum(axis=1))
        spread.append(np.corrcoef(totals)[np.triu_indices(len(totals), 1)].mean())
    assert spread[0] > 0.01
    assert abs(spread[1]) < 0.004


def test_draws_can_be_taken_in_part(members: Population) -> None:
    shared = draw_shared(members.hyper, 3, 7, np.random.default_rng(4))
    assert shared.coef.shape == (CURVE, 2, 7)
    half = shared.every(slice(1, None, 2))
    assert half.draws == 3
    assert np.array_equal(half.coef, shared.coef[..., 1::2])
    assert np.allclose(shared.coef[..., :3], -shared.coef[..., 4:])  # mirrored


@pytest.mark.slow
def test_the_total_of_young_partners_lies_in_its_range_as_often_as_said() -> None:
    """Forty worlds of the law that is fitted: drawn apart, half of the totals were outside."""
    ranks = []
    for world in range(40):
        rng = np.random.default_rng([5, world])
        sales = simulate(rng, 40, 10)
        known = panel_of(sales[:, :4], np.zeros(40, dtype=int))
        draws = forecast(None, fit_ramp(known, PRIOR), 6, 300, rng).sum(axis=(1, 2))
        ranks.append((draws < sales[:, 4:].sum()).mean())
    inside = np.mean([0.1 < rank < 0.9 for rank in ranks])
    assert 0.7 < inside < 0.93  # 0.62 where nothing is shared but the hazard
