from dataclasses import replace

import numpy as np
import pytest
from lifelines import LogLogisticAFTFitter, WeibullAFTFitter, WeibullFitter
from lifelines.datasets import load_lung
from scipy.stats import kstest, norm

from techalign.errors import ModelError
from techalign.survival import BurrCurve, Lifetimes, fit_lifetime, prior_from_curve
from techalign.survival.burr import SUPPORTED
from techalign.survival.parametric import Model, _objective
from tests.survival.simulated import mixed_table

CURVE = BurrCurve(6.0, 0.8, 2.0)


@pytest.mark.parametrize("dist", [*SUPPORTED, "piecewise"])
def test_derivatives_of_the_posterior_agree_with_finite_differences(dist):
    table, step = mixed_table(), 1e-5
    prior = prior_from_curve(CURVE, dist, beta_sd=0.3, breaks=(2.0, 5.0))
    objective = _objective(Model(dist, "hazard", prior.breaks), prior, np.ones(2))(table)
    at = np.append(prior.mean, [0.3, -0.4]) + 0.1
    _, gradient, hessian = objective(at)
    for j in range(at.size):
        away = np.eye(at.size)[j] * step
        up, down = objective(at + away), objective(at - away)
        assert gradient[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6, abs=1e-6)
        assert np.allclose(hessian[j], (up[1] - down[1]) / (2 * step), rtol=1e-5, atol=1e-5)


def test_published_lung_weibull():
    lung = load_lung().dropna(subset=["time", "status", "age", "sex"])
    table = Lifetimes(np.zeros(len(lung)), lung["time"], lung["status"], None, lung[["age", "sex"]])
    fit = fit_lifetime(table, "weibull")
    scale = 1 / fit.curve.rho
    assert fit.estimate[0] == pytest.approx(6.27485306, abs=1e-5)
    assert -scale * fit.estimate[2:] == pytest.approx([-0.01225703, 0.38208514], abs=1e-6)
    assert scale == pytest.approx(0.7540509, abs=1e-6)
    assert fit.log_likelihood == pytest.approx(-1147.1, abs=0.05)


def test_agrees_with_lifelines_with_entry():
    draw = np.random.default_rng(2)
    life, entry = 5 * draw.weibull(1.3, 4000), draw.uniform(0, 4, 4000)
    seen = life > entry
    stop = np.minimum(life[seen], entry[seen] + 3)
    event = life[seen] <= entry[seen] + 3
    theirs = WeibullFitter().fit(stop, event, entry=entry[seen])
    fit = fit_lifetime(Lifetimes(entry[seen], stop, event), "weibull")
    assert fit.curve.lam == pytest.approx(theirs.lambda_, rel=1e-3)
    assert fit.curve.rho == pytest.approx(theirs.rho_, rel=1e-3)
    spread = fit.curve.lam * np.sqrt(fit.covariance[0, 0])
    assert spread == pytest.approx(theirs.summary["se(coef)"]["lambda_"], rel=0.01)


def simulated(n, beta=0.5, seed=4):
    """Burr lifetimes with one covariate, late entry, ends known to the half year."""
    draw = np.random.default_rng(seed)
    x, entry = draw.normal(size=n), draw.uniform(0, 5, n)
    need = draw.exponential(size=n) / np.exp(beta * x) + CURVE.cumulative_hazard(entry)
    life = CURVE.lam * (CURVE.theta * np.expm1(need / CURVE.theta)) ** (1 / CURVE.rho)
    event = life < entry + 4
    look = np.maximum(np.floor(2 * life) / 2, entry)
    stop = np.where(event, look, entry + 4)
    return Lifetimes(entry, stop, event, np.where(event, np.floor(2 * life) / 2 + 0.5, np.nan), x)


def test_burr_recovers_what_made_the_data():
    fit = fit_lifetime(simulated(20_000), "burr")
    truth = [np.log(6.0), np.log(0.8), np.log(2.0), 0.5]
    error = np.sqrt(np.diag(fit.covariance))
    assert np.all(np.abs(fit.estimate - truth) < 3 * error)
    assert error[3] < 0.02
    assert fit.pd(3.0, 1.0)[0] == pytest.approx(CURVE.pd(3.0, 1.0), rel=0.05)
    assert np.all(fit.shrinkage == 0)


@pytest.mark.parametrize(
    ("dist", "fitter", "column"),
    [("weibull", WeibullAFTFitter, "lambda_"), ("loglogistic", LogLogisticAFTFitter, "alpha_")],
)
def test_time_ratios_agree_with_lifelines(dist, fitter, column):
    lung = load_lung().dropna(subset=["time", "status", "age", "sex"])
    theirs = fitter().fit(lung[["time", "status", "age", "sex"]], "time", "status")
    table = Lifetimes(np.zeros(len(lung)), lung["time"], lung["status"], None, lung[["age", "sex"]])
    fit = fit_lifetime(table, dist, kind="time")
    expected = theirs.params_[column][["age", "sex"]].to_numpy()
    assert fit.names[-2:] == ("gamma_0", "gamma_1")
    # theirs stops a little early: within a hundredth of a standard error, and never above
    errors = theirs.standard_errors_[column][["age", "sex"]].to_numpy()
    assert np.all(np.abs(fit.estimate[-2:] - expected) < 0.01 * errors)
    assert 0 <= fit.log_likelihood - theirs.log_likelihood_ < 1e-4
    ratios = fit.time_ratios()
    assert np.allclose(ratios["ratio"], np.exp(fit.estimate[-2:]))
    assert ratios["std_error"].to_numpy() == pytest.approx(errors, rel=0.01)
    years, x = [200.0, 600.0], np.array([[60.0, 1.0], [60.0, 2.0]])
    frame = lung[["age", "sex"]].iloc[:2].assign(age=60.0, sex=[1, 2])
    curves = theirs.predict_survival_function(frame, times=years).to_numpy()
    assert np.allclose([fit.survival(t, x) for t in years], curves, atol=1e-3)


def test_weibull_reads_both_ways():
    lung = load_lung().dropna(subset=["time", "status", "age", "sex"])
    table = Lifetimes(np.zeros(len(lung)), lung["time"], lung["status"], None, lung[["age", "sex"]])
    hazard, stretched = (fit_lifetime(table, "weibull", kind=kind) for kind in ("hazard", "time"))
    one, other = hazard.time_ratios().to_numpy(), stretched.time_ratios().to_numpy()
    assert np.allclose(one, other, rtol=1e-6)
    with pytest.raises(ModelError, match="kind='time'"):
        fit_lifetime(table, "loglogistic").time_ratios()


def test_large_tables_start_from_a_part(monkeypatch):
    table = simulated(4000)
    plain = fit_lifetime(table, "burr")
    monkeypatch.setattr("techalign.survival.newton.LARGE", 100)
    found = fit_lifetime(table, "burr")
    assert found.estimate == pytest.approx(plain.estimate, abs=1e-6)
    assert found.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)


@pytest.mark.parametrize(("dist", "kind"), [
    ("burr", "hazard"), ("burr", "time"), ("weibull", "hazard"), ("weibull", "time"),
    ("loglogistic", "hazard"), ("loglogistic", "time"), ("piecewise", "hazard"),
])  # fmt: skip
def test_posterior_is_calibrated_by_simulation(dist, kind):
    """Truth drawn from the prior, data from the truth: its place in the posterior is uniform.

    Late entry, right and interval censoring and a covariate, all at once.
    """
    spread = {"burr": (0.5, 0.15, 0.3), "piecewise": (0.5,) * 3}.get(dist, (0.5, 0.15))
    centre = prior_from_curve(CURVE, dist, sd=spread, beta_sd=0.3, breaks=(2.0, 5.0))
    draw, places, n, base = np.random.default_rng(12), [], 60, len(spread)
    for _ in range(120):
        truth = draw.normal(*centre.moments(1))
        entry, x = draw.uniform(0, 4, n), draw.normal(size=(n, 1))
        fit = fit_lifetime(
            _drawn(dist, kind, truth, entry, x, draw), dist, centre, kind=kind, breaks=None
        )
        increment, slope = fit._increment(4.0, 1.0, [0.5])
        error = np.sqrt(slope[:, 0] @ fit.covariance @ slope[:, 0]) / increment[0]
        real, _ = replace(fit, estimate=truth)._increment(4.0, 1.0, [0.5])
        places.append(norm.cdf(np.log(real[0] / increment[0]) / error))
    assert fit.estimate.size == base + 1
    assert kstest(places, "uniform").pvalue > 0.01
    inside = np.mean((np.array(places) > 0.1) & (np.array(places) < 0.9))
    assert inside == pytest.approx(0.8, abs=0.1)


def _drawn(dist, kind, truth, entry, x, draw):
    """Lifetimes that begin to be seen at ``entry``, for three years; half of them in steps.

    By the inverse of each cumulative hazard; its code is not that of the fit.
    """
    base, effect = truth[:-1], np.exp(x[:, 0] * truth[-1])
    factor, stretch = (effect, 1.0) if kind == "hazard" else (1.0, effect)
    need = draw.exponential(size=entry.size) / factor + _plain_hazard(dist, base, entry / stretch)
    life = stretch * _plain_age(dist, base, need)
    end = entry + 3.0
    gone, coarse = life <= end, np.arange(entry.size) % 2 == 0
    low = entry + np.floor(np.where(gone, life - entry, 0.0))
    stop = np.where(gone & coarse, low, np.where(gone, np.maximum(life, entry + 1e-9), end))
    upper = np.where(gone & coarse, low + 1.0, np.nan)
    return Lifetimes(entry, stop, gone, upper, x)


def _plain_hazard(dist, logs, t):
    """Cumulative hazard up to an age, written out."""
    if dist == "piecewise":
        return np.interp(t, *_corners(logs))
    z = (t / np.exp(logs[0])) ** np.exp(logs[1])
    theta = {"burr": np.exp(logs[-1]), "loglogistic": 1.0}.get(dist)
    return z if theta is None else theta * np.log1p(z / theta)


def _plain_age(dist, logs, hazard):
    """The age by which a cumulative hazard is reached."""
    if dist == "piecewise":
        ages, sums = _corners(logs)
        return np.interp(hazard, sums, ages)
    theta = {"burr": np.exp(logs[-1]), "loglogistic": 1.0}.get(dist)
    z = hazard if theta is None else theta * np.expm1(hazard / theta)
    return np.exp(logs[0]) * z ** np.exp(-logs[1])


def _corners(logs):
    """Ages at which a hazard constant up to 2, up to 5 and after changes, and its sums there."""
    ages = np.array([0.0, 2.0, 5.0, 1e6])
    return ages, np.append(0.0, np.cumsum(np.diff(ages) * np.exp(logs)))


def test_intervals_cover():
    truth, hits = float(CURVE.pd(2.0, 1.0)), 0
    prior = prior_from_curve(CURVE.scaled(1.3))
    for seed in range(60):
        chance = fit_lifetime(simulated(300, seed=seed), prior=prior).pd_interval(2.0, 1.0)
        hits += chance.low <= truth <= chance.high
    assert 39 <= hits <= 58  # 80 % of 60, two standard errors and a little for the prior


def test_shrinkage_falls_with_data_and_prior_answers_without_events():
    prior = prior_from_curve(CURVE.scaled(3.0), source="made up")
    weights = [fit_lifetime(simulated(n), prior=prior).prior_weight for n in (20, 200, 2000)]
    assert 1 > weights[0] > weights[1] > weights[2] > 0
    alive = Lifetimes([0, 1], [3, 5], [0, 0])
    fit = fit_lifetime(alive, prior=prior)
    assert fit.prior_weight == 1
    assert fit.pd(3.0, 1.0)[0] == pytest.approx(CURVE.scaled(3.0).pd(3.0, 1.0))
    assert "made up" in fit.note
    assert "2" in fit.note


def test_one_failure_moves_the_prior_a_little():
    prior = prior_from_curve(CURVE)
    fit = fit_lifetime(Lifetimes([0] * 9, [4.0] * 9, [1] + [0] * 8), prior=prior)
    believed, chance = CURVE.pd(4.0, 1.0), fit.pd_interval(4.0, 1.0)
    assert 1 / 9 < 0.5 < fit.prior_weight < 1
    assert chance.low < chance.point < believed < chance.high * 2


def test_survival_is_conditional_and_uses_covariates():
    fit = fit_lifetime(simulated(2000), "burr")
    ages, x = np.array([2.0, 6.0, 9.0]), np.array([1.0])
    factor = float(np.exp(fit.estimate[3]))
    hazard = fit.curve.cumulative_hazard
    assert np.allclose(fit.survival(ages, x), np.exp(-factor * hazard(ages)))
    expected = np.exp(-np.maximum(hazard(ages) - hazard(4.0), 0))
    assert np.allclose(fit.survival(ages, given_age=4.0), expected)
    each = fit.pd(ages, 1.0, np.array([[1.0], [0.0], [-1.0]]))
    assert each[1] == pytest.approx(fit.pd(6.0, 1.0)[0])


def test_interval_widens_with_level_and_closes_at_no_horizon():
    fit = fit_lifetime(simulated(500), "burr")
    narrow, wide = fit.pd_interval(3.0, 1.0), fit.pd_interval(3.0, 1.0, level=0.99)
    assert 0 < wide.low < narrow.low < narrow.point < narrow.high < wide.high < 1
    assert fit.pd_interval(3.0, 0.0).high == 0.0


def test_summary_shows_errors():
    fit = fit_lifetime(simulated(500), prior=prior_from_curve(CURVE))
    table = fit.summary()
    assert list(table.index) == ["log_lam", "log_rho", "log_theta", "beta_0"]
    assert np.allclose(table["std_error"] ** 2, np.diag(fit.covariance))
    assert (table["low"] < table["estimate"]).all()
    assert table["shrinkage"].between(0, 1).all()


def test_refusals():
    table = simulated(50)
    with pytest.raises(ModelError, match=r"burr, weibull, loglogistic"):
        fit_lifetime(table, "gompertz")
    with pytest.raises(ModelError, match="another family"):
        fit_lifetime(table, "burr", prior_from_curve(CURVE, "weibull"))
    with pytest.raises(ModelError, match="no event"):
        fit_lifetime(Lifetimes([0], [1], [0]))
    with pytest.raises(ModelError, match="no maximum"):
        fit_lifetime(Lifetimes([0], [1], [1], [2]), "burr")
    with pytest.raises(ModelError, match="no maximum"):
        fit_lifetime(Lifetimes([0], [1], [1]), "weibull")
    fit = fit_lifetime(table, prior=prior_from_curve(CURVE))
    with pytest.raises(ModelError, match="1 columns"):
        fit.pd(1.0, 1.0, [1.0, 2.0])
    with pytest.raises(ModelError, match="negative"):
        fit.pd(-1.0, 1.0)
