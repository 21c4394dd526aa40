"""Where each published value that partner ramps rest on is reproduced.

=============================================  ==================================================
present value 3065.22267                       test_economics.py, numbers/test_cashflows.py
returns .28095, .567230                        test_economics.py, numbers/test_cashflows.py
retention .704, 1.182 and .668, 3.806          test_churn.py
hiring's ceiling of 11.8 % a month             test_direct.py
false alarms 62 months apart, delay 4 months   test_detector.py
drunkard's walk 3, 4, 3                        ecosystem/test_stages.py: stages are such a chain
Bass's law of video recorders, its integral    here: partners are simulated by it
orange trees, a logistic mixed model           here: the one-stage rival of the ramps
compound Poisson-gamma law                     here, and test_forecast.py: orders read off money
=============================================  ==================================================
"""

from __future__ import annotations

import numpy as np
import pytest
from statsmodels.genmod.families import Tweedie

from techalign.partners.imputed_orders import expected_orders
from tests.validation.growth_curves import bass_area, bass_cdf, bass_rate, fit_bass, mixed_logistic

VIDEO_RECORDERS = [840, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890]
"""Sold in the United States in 1980 to 1989, thousands."""
AGES = [118, 484, 664, 1004, 1231, 1372, 1582]
ORANGE_TREES = [
    [30, 58, 87, 115, 120, 142, 145],
    [33, 69, 111, 156, 172, 203, 203],
    [30, 51, 75, 108, 115, 139, 140],
    [32, 62, 112, 167, 179, 209, 214],
    [30, 49, 81, 125, 142, 174, 177],
]
"""Days since planting, and circumference in millimetres (Draper and Smith 1998, exercise 24.N)."""


def test_bass_law_of_video_recorders() -> None:
    m, p, q = fit_bass(np.array(VIDEO_RECORDERS, dtype=float))
    assert m == pytest.approx(6.80e4, rel=5e-4)
    assert p == pytest.approx(0.00659, abs=5e-6)
    assert q == pytest.approx(0.638, abs=5e-4)


def test_bass_rate_and_area_are_slope_and_integral_of_the_share() -> None:
    t = np.linspace(0.0, 14.0, 4001)
    share = bass_cdf(t, 0.00659, 0.638)
    assert share[0] == 0
    assert bass_area(14.0, 0.00659, 0.638) == pytest.approx(np.trapezoid(share, t), rel=1e-6)
    slope = np.gradient(share, t, edge_order=2)
    np.testing.assert_allclose(bass_rate(t, 1.0, 0.00659, 0.638), slope, rtol=1e-4)


def test_mixed_logistic_curves_of_orange_trees() -> None:
    ages, trees = np.array(AGES, dtype=float), np.array(ORANGE_TREES, dtype=float)
    found, deviance = mixed_logistic(ages, trees, np.array([200.0, 700.0, 350.0]))
    assert found[:3] == pytest.approx([192.05, 727.91, 348.07], abs=0.02)
    assert deviance == pytest.approx(263.14, abs=0.005)


@pytest.mark.parametrize(("money", "rate"), [(80.0, 0.4), (500.0, 6.0), (2500.0, 30.0)])
def test_orders_read_off_money_are_the_slope_of_the_compound_law(money: float, rate: float) -> None:
    """By Fisher's identity the slope of log f by log λ is E(n | money) - λ.

    Orders with the variation c of one order make Tweedie's law of power (1 + 2 c²) / (1 + c²).
    """
    size, cv2, step = 100.0, 0.5, 1e-4
    law = Tweedie(var_power=(1 + 2 * cv2) / (1 + cv2), eql=False)

    def log_density(orders: float) -> float:
        mean = orders * size
        scale = size * (1 + cv2) * mean ** (1 - law.var_power)
        return float(law.loglike_obs(np.array([money]), np.array([mean]), scale=scale)[0])

    ahead, behind = (log_density(rate * np.exp(sign * step)) for sign in (1, -1))
    slope = (ahead - behind) / (2 * step)
    known = (np.array([value]) for value in (money, rate, size))
    assert expected_orders(*known, cv2)[0] == pytest.approx(slope + rate, rel=0.01)
