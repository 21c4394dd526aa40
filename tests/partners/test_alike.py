from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from techalign.partners import PartnerPanel, fit_ramp, forecast, panel_of
from techalign.partners.alike import draw_alike


@pytest.fixture(scope="module")
def taught() -> PartnerPanel:
    sold = np.random.default_rng(1).lognormal(5.0, 1.0, (60, 4))
    return panel_of(sold, np.zeros(60, dtype=int))


def test_draws_follow_the_weights_written_out(taught: PartnerPanel) -> None:
    new = panel_of(np.array([[0, 0, 90.0, 40.0], [0, 0, 800.0, 10.0]]), np.array([2, 2]))
    drawn = draw_alike(new, np.arange(2), taught, (2, 40_000), np.random.default_rng(2))
    assert drawn is not None
    for row, own in enumerate((65.0, 405.0)):
        weights = [
            np.exp(-((np.log(own) - np.log(path[:2].mean())) ** 2) / (2 * 0.7**2))
            for path in taught.revenue
        ]
        expected = np.average(taught.revenue[:, 2:], axis=0, weights=weights)
        np.testing.assert_allclose(drawn[row].mean(axis=1), expected, rtol=0.04)


def test_months_that_failed_teach_nothing_and_those_after_an_end_do(taught: PartnerPanel) -> None:
    mask = taught.mask.copy()
    mask[:20, 2] = False
    new = panel_of(np.array([[0.0, 0.0, 0.0, 90.0]]), np.array([3]))
    one, rng = np.array([0]), np.random.default_rng(3)
    assert draw_alike(new, one, replace(taught, mask=mask), (2, 10), rng) is None
    over = replace(taught, mask=mask, ended=~mask.all(axis=1))
    assert draw_alike(new, one, over, (2, 10), rng) is not None
    assert draw_alike(new, one, taught, (4, 10), rng) is None


def test_a_large_first_order_is_not_the_usual_month() -> None:
    """Each begins with a month ten times as large as those that follow."""
    rng = np.random.default_rng(4)
    sold = rng.gamma(3.0, 20.0, (70, 12))
    sold[:, 0] *= 10.0
    sold[60:] = 0.0
    sold[60:, 11] = rng.gamma(3.0, 200.0, 10)
    panel = panel_of(sold, np.where(np.arange(70) < 60, 0, 11))
    fit = fit_ramp(panel)
    found = [
        forecast(None, ramp, 6, 400, np.random.default_rng(5))[:, 60:].sum(axis=2).mean()
        for ramp in (fit, replace(fit, taught=None))
    ]
    assert abs(found[0] - 360.0) < abs(found[1] - 360.0)
