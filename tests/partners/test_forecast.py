from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import gamma, poisson

from techalign.partners.forecast import _orders
from techalign.partners.population import RampPrior, _hyper_of, expected_orders

HYPER = _hyper_of(RampPrior(deal_cv2=0.5))


def test_orders_follow_the_compound_law() -> None:
    draws, mu, dispersion = 200_000, 300.0, 450.0
    log_mu = np.full((draws, 1, 1), np.log(mu))
    lives = np.ones((draws, 1, 1), dtype=bool)
    sales = _orders(log_mu, np.array([dispersion]), HYPER, lives, np.random.default_rng(1))
    assert sales.mean() == pytest.approx(mu, rel=0.01)
    assert sales.var() == pytest.approx(dispersion * mu, rel=0.02)
    assert (sales == 0).mean() == pytest.approx(np.exp(-1.5 * mu / dispersion), abs=0.004)


def test_first_months_hold_an_order() -> None:
    """The number of orders of a first month is the zero-truncated Poisson law."""
    shape = (100_000, 1, 1)
    hyper = _hyper_of(RampPrior(deal_cv2=1e-9))
    first = np.ones(shape, dtype=bool)
    sales = _orders(
        np.full(shape, np.log(0.7)), np.array([1.0]), hyper, first, np.random.default_rng(2), first
    )
    count = np.bincount(np.round(sales).astype(int).ravel(), minlength=5)[:5] / shape[0]
    expected = poisson.pmf(np.arange(5), 0.7) / -np.expm1(-0.7)
    expected[0] = 0.0
    np.testing.assert_allclose(count, expected, atol=0.006)


@pytest.mark.parametrize(("revenue", "rate"), [(80.0, 0.2), (500.0, 6.0), (4000.0, 30.0)])
def test_imputed_orders_agree_with_the_full_sum(revenue: float, rate: float) -> None:
    n, size, cv2 = np.arange(1, 400), 100.0, 0.5
    law = poisson.pmf(n, rate) * gamma.pdf(revenue, n / cv2, scale=cv2 * size)
    found = expected_orders(np.array([[revenue]]), np.array([[rate]]), np.array([[size]]), cv2)
    assert found[0, 0] == pytest.approx((n * law).sum() / law.sum(), rel=0.01)
