"""What a month does to all: one step beside plain loops, and a straight line beside numpy's."""

import numpy as np
import pytest

from techalign.partners.common_months import CommonMonths, fit_months, without_trend
from techalign.partners.fisher_scoring import Clock, Sales, ramps_at
from techalign.partners.priors import RampPrior

COUNT, MONTHS, WALK = 30, 8, 0.2


def test_a_step_agrees_with_plain_loops() -> None:
    rng = np.random.default_rng(4)
    clock = Clock.of(np.zeros(COUNT, dtype=int), MONTHS)
    common = rng.normal(0.0, 0.05, MONTHS)
    clock = Clock(clock.first, clock.tenure, clock.later, common)
    theta = np.column_stack([rng.normal(6.0, 0.5, COUNT), np.tile([1.0, 0.1, 0.0], (COUNT, 1))])
    sales = Sales(
        amount=rng.gamma(3.0, 150.0, (COUNT, MONTHS)),
        weight=clock.later * rng.random((COUNT, MONTHS)),
        clock=clock,
        dispersion=rng.uniform(50.0, 150.0, COUNT),
        deal_factor=1.0,
    )
    ramps = ramps_at(theta, np.zeros((COUNT, MONTHS)), clock)
    prior = RampPrior(month_sd=0.3)
    found = fit_months(CommonMonths(common, 0.25), ramps, sales, WALK, prior)
    step, known = common.copy(), np.zeros(MONTHS)
    for month in range(MONTHS):
        slope = 0.0
        for row in range(COUNT):
            mu, weight = np.exp(ramps.log_mu[row, month]), sales.weight[row, month]
            slope += weight * (sales.amount[row, month] - mu) / sales.dispersion[row]
            known[month] += weight / (sales.dispersion[row] / mu + WALK**2)
        step[month] += (slope - common[month] / 0.25**2) / (known[month] + 1 / 0.25**2)
    line = np.polyval(np.polyfit(range(MONTHS), step, 1, w=np.sqrt(known)), range(MONTHS))
    expected = np.where(known > 0, step - line, 0.0)
    np.testing.assert_allclose(found.common, expected, atol=1e-9)
    spread = (expected[1:] ** 2 + 1 / (known[1:] + 1 / 0.25**2)).sum() + 12 * 0.3**2
    assert found.sd == pytest.approx(np.sqrt(spread / (12 + MONTHS - 1)))


def test_nothing_far_is_believed_of_a_month() -> None:
    clock = Clock.of(np.zeros(COUNT, dtype=int), 3)
    sales = Sales(
        amount=np.tile([100.0, 0.0, 100.0], (COUNT, 1)),
        weight=np.ones((COUNT, 3)),
        clock=clock,
        dispersion=np.full(COUNT, 1.0),
        deal_factor=1.0,
    )
    theta = np.tile([np.log(100.0), -3.0, 0.0, 0.0], (COUNT, 1))
    ramps = ramps_at(theta, np.zeros((COUNT, 3)), clock)
    found = fit_months(CommonMonths(np.zeros(3), 0.1), ramps, sales, 0.01, RampPrior())
    assert np.abs(found.common).max() == pytest.approx(0.3)


def test_one_month_has_no_line() -> None:
    np.testing.assert_array_equal(without_trend(np.array([0.4]), np.array([3.0])), [0.0])
    np.testing.assert_array_equal(without_trend(np.array([0.4, 0.2]), np.zeros(2)), [0.4, 0.2])
