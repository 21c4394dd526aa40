from itertools import pairwise

import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.survival import BurrCurve, LifetimePrior, Lifetimes, fit_lifetime, prior_from_curve
from techalign.survival.piecewise import PiecewiseLikelihood

BREAKS = (1.0, 2.5, 4.0)
CURVE = BurrCurve(6.0, 0.8, 2.0)


def mixed_table(n=60, covariates=2):
    """Exact, censored and interval rows, with entry ages; some ages lie on a break."""
    draw = np.random.default_rng(11)
    entry = np.round(draw.uniform(0, 3, n) * (draw.random(n) < 0.6), 1)
    stop = np.round(entry + draw.exponential(3, n) + 0.1, 1)
    event = draw.random(n) < 0.6
    upper = np.where(event & (draw.random(n) < 0.5), stop + draw.uniform(0.2, 4, n), np.nan)
    x = draw.normal(size=(n, covariates)) if covariates else None
    return Lifetimes(entry, stop, event, upper, x)


def naive(table, parameters):
    """The formulas, one row and one interval at a time."""
    k = len(BREAKS) + 1
    edges, rates = [0.0, *BREAKS, np.inf], np.exp(parameters[:k])

    def hazard(t):
        return sum(
            r * max(min(t, b) - a, 0) for r, a, b in zip(rates, edges, edges[1:], strict=False)
        )

    total = 0.0
    for i in range(len(table)):
        score = 0.0 if table.x is None else float(table.x[i] @ parameters[k:])
        factor = np.exp(score)
        total -= factor * (hazard(table.stop[i]) - hazard(table.entry[i]))
        if table.interval[i]:
            total += np.log(1 - np.exp(-factor * (hazard(table.upper[i]) - hazard(table.stop[i]))))
        elif table.event[i]:
            place = sum(table.stop[i] > b for b in BREAKS)
            total += np.log(rates[place]) + score
    return total


@pytest.mark.parametrize("covariates", [0, 2])
def test_likelihood_agrees_with_the_formulas(covariates):
    table = mixed_table(covariates=covariates)
    at = np.array([-1.5, -1.2, -1.8, -2.0, 0.3, -0.4])[: 4 + covariates]
    assert PiecewiseLikelihood(table, BREAKS)(at)[0] == pytest.approx(naive(table, at), rel=1e-12)


@pytest.mark.parametrize("covariates", [0, 2])
def test_derivatives_agree_with_finite_differences(covariates):
    table, step = mixed_table(covariates=covariates), 1e-5
    at = np.array([-1.5, -1.2, -1.8, -2.0, 0.3, -0.4])[: 4 + covariates]
    likelihood = PiecewiseLikelihood(table, BREAKS)
    _, gradient, hessian = likelihood(at)
    assert np.allclose(hessian, hessian.T)
    for j in range(at.size):
        away = np.eye(at.size)[j] * step
        up, down = likelihood(at + away), likelihood(at - away)
        assert gradient[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6, abs=1e-6)
        assert np.allclose(hessian[j], (up[1] - down[1]) / (2 * step), rtol=1e-5, atol=1e-5)


def test_blocks_add_up(monkeypatch):
    table, at = mixed_table(), np.array([-1.5, -1.2, -1.8, -2.0, 0.3, -0.4])
    whole = PiecewiseLikelihood(table, BREAKS)(at)
    monkeypatch.setattr("techalign.survival.piecewise.BLOCK", 7)
    for one, other in zip(whole, PiecewiseLikelihood(table, BREAKS)(at), strict=True):
        assert np.allclose(one, other)


def test_without_covariates_rates_are_events_over_years():
    draw = np.random.default_rng(2)
    entry = draw.uniform(0, 2, 500)
    stop = entry + draw.exponential(3, 500)
    event = draw.random(500) < 0.7
    fit = fit_lifetime(Lifetimes(entry, stop, event), "piecewise", breaks=BREAKS)
    edges = [0.0, *BREAKS, np.inf]
    for row, (a, b) in zip(fit.rates().itertuples(), pairwise(edges), strict=True):
        years = (np.clip(stop, a, b) - np.clip(entry, a, b)).sum()
        deaths = (event & (stop > a) & (stop <= b)).sum()
        assert row.rate == pytest.approx(deaths / years)
        assert (row.age_from, row.age_to) == (a, b)
        assert row.high / row.rate == pytest.approx(np.exp(1.2816 / np.sqrt(deaths)), rel=1e-3)


def test_coefficients_agree_with_the_weibull_that_made_the_data():
    draw = np.random.default_rng(7)
    x = draw.normal(size=(20_000, 2))
    life = 6 * draw.exponential(size=20_000) / np.exp(x @ [0.5, -0.3])
    table = Lifetimes(np.zeros(20_000), np.minimum(life, 9), life < 9, None, x)
    fit = fit_lifetime(table, "piecewise")
    assert fit.names[-2:] == ("beta_0", "beta_1")
    assert len(fit.breaks) == 5
    error = np.sqrt(np.diag(fit.covariance))
    assert np.all(np.abs(fit.estimate - [*[-np.log(6)] * 6, 0.5, -0.3]) < 3.5 * error)
    assert fit.pd(2.0, 1.0, [1.0, 0.0])[0] == pytest.approx(1 - np.exp(-np.exp(0.5) / 6), rel=0.03)
    assert fit.pd_interval(2.0, 1.0).low < fit.pd(2.0, 1.0)[0] < fit.pd_interval(2.0, 1.0).high


def test_prior_carries_intervals_without_events():
    prior = prior_from_curve(CURVE, "piecewise")
    assert prior.breaks == (1.0, 2.0, 3.0, 5.0, 10.0)
    fit = fit_lifetime(Lifetimes([0] * 9, [2.5] * 9, [1] + [0] * 8), "piecewise", prior)
    assert fit.shrinkage[2] < 0.9
    assert fit.shrinkage[5] == pytest.approx(1.0)
    assert fit.pd(6.0, 1.0)[0] == pytest.approx(-np.expm1(-np.exp(prior.mean[4])))
    nothing = fit_lifetime(Lifetimes([0], [1], [0]), "piecewise", prior)
    assert nothing.prior_weight == 1
    assert nothing.survival(10.0)[0] == pytest.approx(CURVE.survival(10.0))


def test_large_tables_start_from_a_part(monkeypatch):
    table = mixed_table(4000)
    plain = fit_lifetime(table, "piecewise", breaks=BREAKS).estimate
    monkeypatch.setattr("techalign.survival.newton.LARGE", 100)
    found = fit_lifetime(table, "piecewise", breaks=BREAKS).estimate
    assert found == pytest.approx(plain, abs=1e-8)


def test_refusals():
    table = Lifetimes([0, 0, 0], [1, 2, 3], [1, 1, 0])
    with pytest.raises(ModelError, match="between 2 and inf"):
        fit_lifetime(table, "piecewise", breaks=[1.5, 2.0])
    with pytest.raises(ModelError, match="ascending"):
        fit_lifetime(table, "piecewise", breaks=[2.0, 1.0])
    with pytest.raises(ModelError, match="kind"):
        fit_lifetime(table, "piecewise", kind="time")
    prior = prior_from_curve(CURVE, "piecewise", breaks=(2.0,))
    with pytest.raises(ModelError, match="must be the prior's"):
        fit_lifetime(table, "piecewise", prior, breaks=[1.0])
    with pytest.raises(ModelError, match="2 parameters"):
        LifetimePrior("piecewise", [0.0], [1.0], breaks=(1.0,))
    fit = fit_lifetime(table, "piecewise", prior)
    with pytest.raises(ModelError, match="no smooth curve"):
        _ = fit.curve
    with pytest.raises(ModelError, match="no constant rates"):
        fit_lifetime(table, prior=prior_from_curve(CURVE)).rates()
