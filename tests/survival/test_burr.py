from math import inf
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.integrate import quad
from scipy.stats import burr12, fisk, weibull_min

from techalign.errors import ModelError
from techalign.survival import BurrCurve, Lifetimes, fit_burr_to_survival
from techalign.survival.burr import SUPPORTED, Likelihood, curve_of, parameter_names
from tests.survival.simulated import mixed_table

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


def naive_log_likelihood(table, dist, parameters):
    """The formulas, one row at a time, from the curve itself."""
    k = len(parameter_names(dist))
    curve, total = curve_of(dist, parameters[:k]), 0.0
    for i in range(len(table)):
        score = 0.0 if table.x is None else float(table.x[i] @ parameters[k:])
        factor = np.exp(score)
        total -= factor * (
            curve.cumulative_hazard(table.stop[i]) - curve.cumulative_hazard(table.entry[i])
        )
        if table.interval[i]:
            gap = curve.cumulative_hazard(table.upper[i]) - curve.cumulative_hazard(table.stop[i])
            total += np.log(1 - np.exp(-factor * gap))
        elif table.event[i]:
            total += np.log(curve.hazard(table.stop[i])) + score
    return float(total)


def parameters_of(dist):
    return np.array([*[1.4, -0.2, 0.5][: len(parameter_names(dist))], 0.3, -0.4])


def naive_time_likelihood(table, dist, parameters):
    """Covariates stretch time: each row has a curve of its own."""
    k, total = len(parameter_names(dist)), 0.0
    for i in range(len(table)):
        logs = np.array(parameters[:k])
        logs[0] += float(table.x[i] @ parameters[k:])
        one = Lifetimes(table.entry[[i]], table.stop[[i]], table.event[[i]], table.upper[[i]])
        total += naive_log_likelihood(one, dist, logs)
    return total


@pytest.mark.parametrize("dist", SUPPORTED)
def test_likelihood_agrees_with_the_formulas(dist):
    table, at = mixed_table(), parameters_of(dist)
    value, _, _ = Likelihood(table, dist)(at)
    assert value == pytest.approx(naive_log_likelihood(table, dist, at), rel=1e-12)
    value, _, _ = Likelihood(table, dist, "time")(at)
    assert value == pytest.approx(naive_time_likelihood(table, dist, at), rel=1e-12)


@pytest.mark.parametrize("kind", ["hazard", "time"])
@pytest.mark.parametrize("dist", SUPPORTED)
def test_derivatives_agree_with_finite_differences(dist, kind):
    table, at, step = mixed_table(), parameters_of(dist), 1e-5
    _, gradient, hessian = Likelihood(table, dist, kind)(at)
    assert np.allclose(hessian, hessian.T)
    for j in range(at.size):
        away = np.eye(at.size)[j] * step
        up, down = (Likelihood(table, dist, kind)(at + sign * away) for sign in (1, -1))
        assert gradient[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6, abs=1e-6)
        assert np.allclose(hessian[j], (up[1] - down[1]) / (2 * step), rtol=1e-5, atol=1e-5)


def test_blocks_add_up(monkeypatch):
    table, at = mixed_table(), parameters_of("burr")
    whole = Likelihood(table, "burr")(at)
    monkeypatch.setattr("techalign.survival.burr.BLOCK", 7)
    for one, other in zip(whole, Likelihood(table, "burr")(at), strict=True):
        assert np.allclose(one, other)
