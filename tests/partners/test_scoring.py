from __future__ import annotations

import numpy as np
import pytest
from scipy.optimize import minimize
from scipy.stats import poisson

from techalign.partners.scoring import CURVE, Sales, information, log_mean, scoring_step

FIRST = 1
ORDERS = np.array([0.0, 2.0, 1.0, 4.0, 0.0, 6.0])
MEAN = np.array([[1.0, np.log(3.0), 0.0, 0.0, *([-0.02] * 5)]])
PRECISION = np.diag([1.0, 4.0, 25.0, 1e4, *([25.0] * 5)])
WEIGHT = np.array([[0.0, 1.0, 1.0, 1.0, 1.0, 1.0]])


def naive_log_posterior(x: np.ndarray) -> float:
    """Orders are Poisson; those of the first month are Poisson given at least one."""
    total = -0.5 * float((x - MEAN[0]) @ PRECISION @ (x - MEAN[0]))
    level = 0.0
    for month in range(FIRST, 6):
        tenure = month - FIRST + 0.5
        if month > FIRST:
            level += x[CURVE + month - 1]
        curve = 1 - np.exp(-((tenure / np.exp(x[1])) ** np.exp(x[2])))
        rate = np.exp(x[0] + x[3] * tenure + level) * curve
        total += poisson.logpmf(ORDERS[month], rate)
        if month == FIRST:
            total -= np.log(-np.expm1(-rate))
    return float(total)


def orders_only() -> Sales:
    return Sales(ORDERS[None], WEIGHT, np.array([FIRST]), np.array([1.0]), 1.0)


def test_steps_reach_the_maximum_of_the_naive_posterior() -> None:
    x = MEAN.copy()
    for _ in range(60):
        x = scoring_step(x, orders_only(), MEAN, PRECISION)
    best = minimize(
        lambda v: -naive_log_posterior(v), MEAN[0], method="BFGS", options={"gtol": 1e-6}
    )
    np.testing.assert_allclose(x[0], best.x, atol=2e-4)


def test_information_is_the_expected_curvature() -> None:
    """The mean of naive second derivatives over simulated orders is H."""
    x = MEAN.copy()
    log_mu, jacobian = log_mean(x, np.array([FIRST]), 6)
    rate = np.exp(log_mu[0, FIRST:])
    weight = rate.copy()
    support = np.arange(1, 200)
    law = poisson.pmf(support, rate[0]) / -np.expm1(-rate[0])
    weight[0] = (law * support**2).sum() - (law * support).sum() ** 2
    naive = PRECISION.copy()
    for month, w in enumerate(weight, start=FIRST):
        naive += w * np.outer(jacobian[0, month], jacobian[0, month])
    np.testing.assert_allclose(information(x, orders_only(), PRECISION)[0], naive, rtol=1e-8)


def test_jacobian_agrees_with_differences() -> None:
    x = np.array([[1.0, 0.7, 0.3, 0.01, 0.1, -0.2, 0.3, 0.0, 0.1]])
    _, jacobian = log_mean(x, np.array([FIRST]), 6)
    for column in range(x.shape[1]):
        step = np.zeros_like(x)
        step[0, column] = 1e-6
        ahead, _ = log_mean(x + step, np.array([FIRST]), 6)
        behind, _ = log_mean(x - step, np.array([FIRST]), 6)
        slope = (ahead - behind)[0, FIRST:] / 2e-6
        np.testing.assert_allclose(slope, jacobian[0, FIRST:, column], atol=1e-6)


def test_partners_do_not_influence_each_other() -> None:
    both = Sales(
        np.stack([ORDERS, ORDERS[::-1]]),
        np.repeat(WEIGHT, 2, axis=0),
        np.array([FIRST, FIRST]),
        np.array([1.0, 2.0]),
        1.0,
    )
    together = scoring_step(np.repeat(MEAN, 2, axis=0), both, np.repeat(MEAN, 2, axis=0), PRECISION)
    alone = scoring_step(MEAN, orders_only(), MEAN, PRECISION)
    assert together[0] == pytest.approx(alone[0])
    assert together[1, 0] != pytest.approx(together[0, 0])
