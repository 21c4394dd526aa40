from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma, invwishart, poisson

from techalign.partners.forecast import _since, inverse_wishart_roots
from techalign.partners.imputed_orders import expected_orders
from techalign.partners.population import _hyper_of
from techalign.partners.priors import RampPrior
from techalign.partners.ramp_draws import draw_orders

HYPER = _hyper_of(RampPrior(deal_cv2=0.5))


def test_orders_follow_the_compound_law() -> None:
    draws, mu, dispersion = 200_000, 300.0, 450.0
    log_mu = np.full((1, 1, draws), np.log(mu))
    lives = np.ones((1, 1, draws), dtype=bool)
    sales = draw_orders(log_mu, np.array([[dispersion]]), HYPER, lives, np.random.default_rng(1))
    assert sales.mean() == pytest.approx(mu, rel=0.01)
    assert sales.var() == pytest.approx(dispersion * mu, rel=0.02)
    assert (sales == 0).mean() == pytest.approx(np.exp(-1.5 * mu / dispersion), abs=0.004)


def test_first_months_hold_an_order() -> None:
    """The number of orders of a first month is the zero-truncated Poisson law."""
    shape = (1, 1, 100_000)
    hyper = _hyper_of(RampPrior(deal_cv2=1e-9))
    first = np.ones(shape, dtype=bool)
    sales = draw_orders(
        np.full(shape, np.log(0.7)),
        np.array([[1.0]]),
        hyper,
        first,
        np.random.default_rng(2),
        first,
    )
    count = np.bincount(np.round(sales).astype(int).ravel(), minlength=5)[:5] / shape[-1]
    expected = poisson.pmf(np.arange(5), 0.7) / -np.expm1(-0.7)
    expected[0] = 0.0
    np.testing.assert_allclose(count, expected, atol=0.006)


@pytest.mark.parametrize(("revenue", "rate"), [(80.0, 0.2), (500.0, 6.0), (4000.0, 30.0)])
def test_imputed_orders_agree_with_the_full_sum(revenue: float, rate: float) -> None:
    n, size, cv2 = np.arange(1, 400), 100.0, 0.5
    law = poisson.pmf(n, rate) * gamma.pdf(revenue, n / cv2, scale=cv2 * size)
    found = expected_orders(np.array([revenue]), np.array([rate]), np.array([size]), cv2)
    assert found[0] == pytest.approx((n * law).sum() / law.sum(), rel=0.01)


def test_months_count_from_the_first_sale() -> None:
    months = np.random.default_rng(2).standard_normal((4, 3))
    wait = np.array([[0.0, 2.0, np.inf], [3.0, 1.0, 0.0]])
    found = _since(months, wait)
    for row, draw, month in np.ndindex(2, 3, 4):
        if wait[row, draw] + month < 4:
            at = int(wait[row, draw]) + month
            assert found[row, month, draw] == months[at, draw]


def test_covariances_follow_the_inverse_wishart_law() -> None:
    scale = np.array([[2.0, 0.5], [0.5, 1.0]])
    roots = inverse_wishart_roots(9.0, scale, 100_000, np.random.default_rng(3))
    sigma = roots @ np.swapaxes(roots, 1, 2)
    law = invwishart(df=9, scale=scale)
    np.testing.assert_allclose(sigma.mean(axis=0), law.mean(), rtol=0.02, atol=0.002)
    np.testing.assert_allclose(sigma.var(axis=0), law.var(), rtol=0.08)
    variances = np.quantile(sigma[:, 0, 0], [0.1, 0.5, 0.9])
    expected = np.quantile(law.rvs(20_000, random_state=4)[:, 0, 0], [0.1, 0.5, 0.9])
    np.testing.assert_allclose(variances, expected, rtol=0.03)
