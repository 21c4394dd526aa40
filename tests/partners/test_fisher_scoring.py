from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import poisson

from techalign.partners.fisher_scoring import (
    CURVE,
    Belief,
    Clock,
    Curvature,
    Ramps,
    Sales,
    curvature,
    ramps_at,
    scoring_step,
    weibull_log_curve,
    weibull_slopes,
)

FIRST, MONTHS = 1, 6
ORDERS = np.array([0.0, 2.0, 1.0, 4.0, 0.0, 6.0])
MEAN = np.array([[1.0, np.log(3.0), 0.0, 0.0]])
BELIEF = Belief(MEAN, np.diag([1.0, 4.0, 25.0, 1e4]), 0.2)
WEIGHT = np.array([[0.0, 1.0, 1.0, 1.0, 1.0, 1.0]])
CLOCK = Clock.of(np.array([FIRST]), MONTHS)
SALES = Sales(
    amount=ORDERS[None], weight=WEIGHT, clock=CLOCK, dispersion=np.array([1.0]), deal_factor=1.0
)
START = ramps_at(MEAN, np.zeros((1, MONTHS)), CLOCK)


def naive_log_posterior(x: np.ndarray) -> float:
    """Orders are Poisson, those of the first month given at least one; x is θ and the steps."""
    off = x[:CURVE] - MEAN[0]
    total = -0.5 * float(off @ BELIEF.precision @ off)
    total -= 0.5 * float(((x[CURVE:] + 0.02) ** 2).sum()) / 0.2**2
    level = 0.0
    for month in range(FIRST, MONTHS):
        tenure = month - FIRST + 0.5
        if month > FIRST:
            level += x[CURVE + month - FIRST - 1]
        curve = 1 - np.exp(-((tenure / np.exp(x[1])) ** np.exp(x[2])))
        rate = np.exp(x[0] + x[3] * tenure + level) * curve
        total += poisson.logpmf(ORDERS[month], rate)
        if month == FIRST:
            total -= np.log(-np.expm1(-rate))
    return float(total)


def steps_of(ramps: Ramps) -> np.ndarray:
    """θ and the steps of the level after the first sale, of one partner."""
    return np.concatenate([ramps.theta[0], np.diff(ramps.level[0, FIRST:])])


def dense_information(ramps: Ramps) -> np.ndarray:
    """H of θ and the steps, added up month by month from the exact law of the orders."""
    count = MONTHS - FIRST - 1
    total = np.zeros((CURVE + count, CURVE + count))
    total[:CURVE, :CURVE] = BELIEF.precision
    total[CURVE:, CURVE:] = np.eye(count) / 0.2**2
    support = np.arange(1, 400)
    for month in range(FIRST, MONTHS):
        rate = np.exp(ramps.log_mu[0, month])
        info = rate
        if month == FIRST:
            law = poisson.pmf(support, rate) / -np.expm1(-rate)
            info = (law * support**2).sum() - (law * support).sum() ** 2
        slope = np.concatenate([ramps.slopes[0, :, month], np.arange(count) < month - FIRST])
        total += info * np.outer(slope, slope)
    return total


def moved_start() -> Ramps:
    """Unlike the start, a place with a level and a drift."""
    level = np.array([[0.0, 0.0, 0.3, 0.1, -0.2, 0.4]])
    return ramps_at(np.array([[1.2, 0.9, 0.2, 0.01]]), level, CLOCK)


def test_steps_reach_the_maximum_of_the_naive_posterior() -> None:
    ramps = START
    for _ in range(60):
        ramps = scoring_step(ramps, SALES, BELIEF)
    naive_start = np.concatenate([MEAN[0], np.full(MONTHS - FIRST - 1, -0.02)])
    best = minimize(
        lambda v: -naive_log_posterior(v), naive_start, method="BFGS", options={"gtol": 1e-6}
    )
    np.testing.assert_allclose(steps_of(ramps), best.x, atol=2e-4)
    assert (ramps.level[0, : FIRST + 1] == 0).all()


@pytest.mark.parametrize("ramps", [START, moved_start()])
def test_factored_information_is_the_dense_one(ramps: Ramps) -> None:
    found = curvature(ramps, SALES, BELIEF)
    cov = np.linalg.inv(dense_information(ramps))
    np.testing.assert_allclose(found.theta_cov[0], cov[:CURVE, :CURVE], rtol=1e-8)
    variance = found.step_variance()[0]
    np.testing.assert_allclose(variance[FIRST + 1 :], np.diag(cov)[CURVE:], rtol=1e-8)
    assert (variance[: FIRST + 1] == 0).all()


def test_a_solve_is_that_of_the_dense_system() -> None:
    found = curvature(moved_start(), SALES, BELIEF)
    dense = dense_information(moved_start())
    rng = np.random.default_rng(1)
    by_theta, by_level = rng.standard_normal((1, CURVE)), rng.standard_normal((1, MONTHS))
    # a step moves all later levels, so its slope is the sum of theirs
    by_step = by_level[0, ::-1].cumsum()[::-1][FIRST + 1 :]
    expected = np.linalg.solve(dense, np.concatenate([by_theta[0], by_step]))
    theta, level = found.solve(by_theta, by_level)
    np.testing.assert_allclose(theta[0], expected[:CURVE], rtol=1e-8)
    np.testing.assert_allclose(level[0, FIRST + 1 :], expected[CURVE:].cumsum(), rtol=1e-8)


def test_slopes_agree_with_differences() -> None:
    ramps = moved_start()
    for column in range(CURVE):
        step = np.zeros_like(MEAN)
        step[0, column] = 1e-6
        ahead = ramps_at(ramps.theta + step, ramps.level, CLOCK).log_mu
        behind = ramps_at(ramps.theta - step, ramps.level, CLOCK).log_mu
        np.testing.assert_allclose((ahead - behind)[0] / 2e-6, ramps.slopes[0, column], atol=1e-6)


def test_partners_do_not_influence_each_other() -> None:
    both = Sales(
        amount=np.stack([ORDERS, ORDERS[::-1]]),
        weight=np.repeat(WEIGHT, 2, axis=0),
        clock=Clock.of(np.array([FIRST, FIRST]), MONTHS),
        dispersion=np.array([1.0, 2.0]),
        deal_factor=1.0,
    )
    means = np.repeat(MEAN, 2, axis=0)
    belief = Belief(means, BELIEF.precision, BELIEF.walk_sd)
    start = ramps_at(means, np.zeros((2, MONTHS)), both.clock)
    together, alone = scoring_step(start, both, belief), scoring_step(START, SALES, BELIEF)
    np.testing.assert_allclose(together.theta[0], alone.theta[0])
    np.testing.assert_allclose(together.level[0], alone.level[0])
    assert together.theta[1, 0] != pytest.approx(together.theta[0, 0])
    parts = [curvature(start, both, belief).rows(np.array([0])), curvature(START, SALES, BELIEF)]
    for name in Curvature.__dataclass_fields__:
        np.testing.assert_allclose(*(getattr(part, name) for part in parts))


def test_weibull_curve_and_its_slopes() -> None:
    tenure = np.array([[0.5, 3.0, 20.0]])
    for log_h, log_k in ((1.0, 0.0), (1.5, 0.6), (2.0, -0.5)):
        h, k = np.array([[log_h]]), np.array([[log_k]])
        value = weibull_log_curve(tenure, h, k)
        same, slope_h, slope_k = weibull_slopes(tenure, h, k)
        naive = 1 - np.exp(-((tenure / np.exp(log_h)) ** np.exp(log_k)))
        np.testing.assert_allclose(np.exp(value), naive, rtol=1e-9)
        np.testing.assert_allclose(same, value, rtol=1e-12)
        by_h = weibull_log_curve(tenure, h + 1e-6, k) - weibull_log_curve(tenure, h - 1e-6, k)
        by_k = weibull_log_curve(tenure, h, k + 1e-6) - weibull_log_curve(tenure, h, k - 1e-6)
        np.testing.assert_allclose(slope_h, by_h / 2e-6, atol=1e-7)
        np.testing.assert_allclose(slope_k, by_k / 2e-6, atol=1e-7)
