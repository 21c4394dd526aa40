from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.optimize import curve_fit

from techalign.partners import bass_cdf, bass_cdf_integral
from techalign.partners.growth import weibull_log_curve, weibull_slopes

# Shipments of video recorders in the United States 1980-1989, thousands
RECORDERS = np.array([840, 1470, 2110, 4000, 7590, 10950, 10530, 9470, 7790, 5890.0])


def bass_sales(year: np.ndarray, m: float, p: float, q: float) -> np.ndarray:
    share = bass_cdf(year, p, q)
    return m * (p + q * share) * (1 - share)


def test_published_bass_fit_of_video_recorders() -> None:
    year = np.arange(1.0, 11.0)
    (m, p, q), _ = curve_fit(bass_sales, year, RECORDERS, p0=(60630.0, 0.03, 0.38))
    assert m == pytest.approx(6.80e4, rel=1e-3)
    assert p == pytest.approx(0.00659, abs=1e-5)
    assert q == pytest.approx(0.638, abs=5e-4)


def test_integral_of_the_bass_curve() -> None:
    for time in (0.5, 3.0, 12.0):
        area, _ = quad(lambda t: float(bass_cdf(t, 0.00659, 0.638)), 0.0, time)
        assert bass_cdf_integral(time, 0.00659, 0.638) == pytest.approx(area, rel=1e-8)


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
