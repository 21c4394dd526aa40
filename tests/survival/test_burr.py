from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import burr12, fisk, weibull_min

from techalign.errors import ModelError
from techalign.survival import BurrCurve, fit_burr_to_survival

COHORTS = Path(__file__).parents[3] / "shared/realdata/bls_establishment_survival_to_2010.csv.gz"
CURVE = BurrCurve(5.98, 0.787, 1.78)
AGES = np.array([0.2, 1.0, 4.0, 11.0, 30.0])


def test_agrees_with_scipy_distributions():
    # scipy: S = (1 + y^c)^-d with y = x/scale
    theirs = burr12.sf(AGES, 0.787, 1.78, scale=5.98 * 1.78 ** (1 / 0.787))
    assert np.allclose(CURVE.survival(AGES), theirs)
    assert np.allclose(BurrCurve(4, 1.3).survival(AGES), weibull_min.sf(AGES, 1.3, scale=4))
    assert np.allclose(BurrCurve(4, 1.3, 1.0).survival(AGES), fisk.sf(AGES, 1.3, scale=4))


def test_hazard_is_the_slope_of_the_cumulative_hazard():
    for curve in (CURVE, BurrCurve(4, 1.3), BurrCurve(3, 0.7, 1.0)):
        step = 1e-6
        slope = (curve.cumulative_hazard(AGES + step) - curve.cumulative_hazard(AGES - step)) / (
            2 * step
        )
        assert np.allclose(curve.hazard(AGES), slope, rtol=1e-5)


def test_pd_is_the_integral_of_density_given_survival():
    density = quad(lambda t: float(CURVE.hazard(t) * CURVE.survival(t)), 3.0, 5.0)[0]
    assert CURVE.pd(3.0, 2.0) == pytest.approx(density / CURVE.survival(3.0))
    assert CURVE.pd(3.0, 0.0) == 0.0
    # no digits lost where the probability is tiny
    assert CURVE.pd(3.0, 1e-12) == pytest.approx(1e-12 * CURVE.hazard(3.0), rel=1e-3)


def test_scaled_hazard():
    assert np.allclose(CURVE.scaled(1.7).hazard(AGES), 1.7 * CURVE.hazard(AGES))
    assert np.allclose(BurrCurve(4, 1.3).scaled(0.5).hazard(2.0), BurrCurve(4, 1.3).hazard(2.0) / 2)


def test_fit_finds_the_curve_it_was_made_from():
    ages = np.arange(1, 21)
    found = fit_burr_to_survival(ages, CURVE.survival(ages))
    assert [found.lam, found.rho, found.theta] == pytest.approx([5.98, 0.787, 1.78], rel=1e-4)
    held = fit_burr_to_survival(ages[:5], CURVE.survival(ages[:5]), theta=1.78)
    assert [held.lam, held.rho, held.theta] == pytest.approx([5.98, 0.787, 1.78], rel=1e-4)


def test_weights_move_the_fit():
    ages, survival = [1, 2, 5, 10, 20], np.array([0.8, 0.7, 0.5, 0.2, 0.19])
    plain = fit_burr_to_survival(ages, survival)
    drawn = fit_burr_to_survival(ages, survival, weights=[1, 1, 1, 1000, 1])
    assert abs(drawn.survival(10.0) - 0.2) < abs(plain.survival(10.0) - 0.2)


def test_published_points_lie_on_the_published_curve():
    assert np.allclose(CURVE.survival([1, 10, 23]), [0.796, 0.336, 0.180], atol=0.006)


@pytest.mark.realdata
def test_cohort_of_1994():
    if not COHORTS.is_file():
        pytest.skip("the real-data folder is not beside the project")
    table = pd.read_csv(COHORTS)
    cohort = table[(table["file"] == "TOTAL") & (table["cohort"] == 1994)]
    cohort = cohort[cohort["age"].between(1, 23)]
    found = fit_burr_to_survival(cohort["age"], cohort["surv_pct"] / 100)
    assert [found.lam, found.rho, found.theta] == pytest.approx([5.98, 0.787, 1.78], rel=0.01)

    def worst(curve):
        return 100 * np.abs(curve.survival(cohort["age"]) - cohort["surv_pct"] / 100).max()

    assert worst(found) == pytest.approx(0.47, abs=0.01)
    weibull = fit_burr_to_survival(cohort["age"], cohort["surv_pct"] / 100, theta=inf)
    loglogistic = fit_burr_to_survival(cohort["age"], cohort["surv_pct"] / 100, theta=1.0)
    assert worst(weibull) > 1.5
    assert worst(loglogistic) > 0.9


@pytest.mark.parametrize(
    ("arguments", "argument"),
    [
        (([1, 2], [0.9, 0.8]), "ages"),
        (([1, 2, 3], [0.9, 0.8]), "ages"),
        (([0, 2, 3], [0.9, 0.8, 0.7]), "ages[0]"),
        (([1, 2, 3], [0.9, 1.0, 0.7]), "survival[1]"),
        (([1, 3, 2], [0.9, 0.8, 0.7]), "ages"),
        (([1, 2, 3], [0.9, 0.8, 0.7], [1, -1, 1]), "weights[1]"),
    ],
)
def test_bad_tables_are_named(arguments, argument):
    with pytest.raises(ModelError) as caught:
        fit_burr_to_survival(*arguments)
    assert caught.value.argument == argument


def test_parameters_must_be_positive():
    with pytest.raises(ModelError, match="rho"):
        BurrCurve(1.0, 0.0)
    with pytest.raises(ModelError, match="lam"):
        BurrCurve(inf, 1.0)
