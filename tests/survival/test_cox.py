import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.datasets import load_lung
from lifelines.statistics import multivariate_logrank_test

from techalign.errors import ModelError
from techalign.survival.cox import PartialLikelihood
from techalign.vendors import Lifetimes, fit_lifetime, kaplan_meier, log_rank

TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
TREATED_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
GROUP = np.array([1.0] * 21 + [0.0] * 21)


def freireich():
    stop = np.array(TREATED + TREATED_CENSORED + PLACEBO, dtype=float)
    return Lifetimes(np.zeros(42), stop, np.array([1] * 9 + [0] * 12 + [1] * 21), None, GROUP)


def late_entries(n=600, digits=1, seed=5):
    draw = np.random.default_rng(seed)
    x, entry = draw.normal(size=(n, 2)), np.round(draw.uniform(0, 3, n), digits)
    life = 5 * (draw.exponential(size=n) / np.exp(x @ [0.6, -0.4])) ** 0.8
    seen = life > entry + 0.1
    stop = np.round(np.minimum(life, entry + 3), digits)[seen]
    stop = np.maximum(stop, entry[seen] + 10.0**-digits)
    return Lifetimes(entry[seen], stop, (life <= entry + 3)[seen], None, x[seen])


def lifelines_fit(table):
    columns = [f"x{j}" for j in range(table.covariates)]
    frame = pd.DataFrame(table.x, columns=columns).assign(
        entry=table.entry, stop=table.stop, event=table.event
    )
    return CoxPHFitter().fit(
        frame, "stop", "event", entry_col="entry", fit_options={"precision": 1e-12}
    )


def naive_partial(table, beta):
    """Efron's likelihood by its definition, one age and one tied event at a time."""
    score, value = table.x @ beta, 0.0
    for t in np.unique(table.stop[table.event]):
        risk = (table.entry < t) & (table.stop >= t)
        dead = table.event & (table.stop == t)
        d, weight = dead.sum(), np.exp(score)
        value += score[dead].sum()
        for j in range(d):
            value -= np.log(weight[risk].sum() - j / d * weight[dead].sum())
    return value


def naive_breslow(table, beta, t):
    """The baseline by its definition, with or without entry."""
    weight, total = np.exp(table.x @ beta), 0.0
    for age in np.unique(table.stop[table.event & (table.stop <= t)]):
        risk = (table.entry < age) & (table.stop >= age)
        total += (table.event & (table.stop == age)).sum() / weight[risk].sum()
    return total


def test_published_leukaemia():
    fit = fit_lifetime(freireich(), "cox").summary()
    assert fit.loc["beta_0", "estimate"] == pytest.approx(-1.5721, abs=5e-5)
    assert fit.loc["beta_0", "std_error"] == pytest.approx(0.4124, abs=5e-5)


def test_published_log_rank():
    found = log_rank(freireich(), GROUP)
    assert found.statistic == pytest.approx(16.8, abs=0.05)
    assert found.degrees == 1
    assert found.p_value == pytest.approx(4.17e-5, rel=0.01)
    assert found.observed.sum() == pytest.approx(found.expected.sum())


def test_log_rank_of_three_groups_agrees_with_lifelines():
    table = late_entries()
    group = (table.x[:, 0] > 0).astype(int) + (table.x[:, 1] > 1)
    theirs = multivariate_logrank_test(table.stop, group, table.event)
    found = log_rank(Lifetimes(np.zeros(len(table)), table.stop, table.event), group)
    assert found.statistic == pytest.approx(theirs.test_statistic, rel=1e-6)
    assert found.p_value == pytest.approx(theirs.p_value, rel=1e-5)


def test_log_rank_with_late_entry_is_the_score_test_of_cox():
    table = late_entries(digits=9)  # no ties: the two are then the same
    group = (table.x[:, 0] > 0).astype(int) + (table.x[:, 1] > 1)
    x = np.column_stack([group == 1, group == 2]).astype(float)
    likelihood = PartialLikelihood(Lifetimes(table.entry, table.stop, table.event, None, x))
    _, gradient, hessian = likelihood(np.zeros(2))
    statistic = gradient @ np.linalg.solve(-hessian, gradient)
    assert log_rank(table, group).statistic == pytest.approx(statistic, rel=1e-9)


def test_published_lung():
    lung = load_lung().dropna(subset=["time", "status", "age", "sex", "ph.ecog"])
    x = lung[["age", "sex", "ph.ecog"]]
    fit = fit_lifetime(Lifetimes(np.zeros(len(lung)), lung["time"], lung["status"], None, x), "cox")
    assert fit.estimate == pytest.approx([0.01106676, -0.55261240, 0.46372848], abs=1e-6)


@pytest.mark.parametrize("digits", [1, 6])
def test_agrees_with_lifelines_with_entry_and_ties(digits):
    table = late_entries(digits=digits)
    fit, theirs = fit_lifetime(table, "cox"), lifelines_fit(table)
    assert fit.estimate == pytest.approx(theirs.params_.to_numpy(), abs=1e-6)
    error = np.sqrt(np.diag(fit.covariance))
    assert error == pytest.approx(theirs.standard_errors_.to_numpy(), abs=1e-6)
    assert fit.log_likelihood == pytest.approx(theirs.log_likelihood_, abs=1e-6)


@pytest.mark.parametrize("digits", [1, 6])
def test_likelihood_and_its_derivatives(digits):
    table, at, step = late_entries(200, digits), np.array([0.3, -0.2]), 1e-5
    likelihood = PartialLikelihood(table)
    value, gradient, hessian = likelihood(at)
    # covariates are centred, which adds nothing to a ratio
    assert value == pytest.approx(naive_partial(table, at), rel=1e-10)
    for j in range(2):
        away = np.eye(2)[j] * step
        up, down = likelihood(at + away), likelihood(at - away)
        assert gradient[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6)
        assert np.allclose(hessian[j], (up[1] - down[1]) / (2 * step), rtol=1e-6, atol=1e-6)


def test_blocks_add_up(monkeypatch):
    table = late_entries()
    whole = PartialLikelihood(table)(np.array([0.3, -0.2]))
    monkeypatch.setattr("techalign.survival.cox.BLOCK", 7)
    assert np.allclose(PartialLikelihood(table)(np.array([0.3, -0.2]))[2], whole[2])


def test_baseline_knows_late_entry_and_lifelines_does_not():
    table = late_entries(2000, digits=6)
    fit, theirs = fit_lifetime(table, "cox"), lifelines_fit(table)
    for t in (1.0, 2.0, 4.0):
        assert fit.cumulative_hazard(t) == pytest.approx(naive_breslow(table, fit.estimate, t))
    # lifelines centres its covariates and counts everybody at risk from age 0
    as_if = Lifetimes(np.zeros(len(table)), table.stop, table.event, None, table.x)
    at_mean = float(np.exp(table.x.mean(axis=0) @ theirs.params_.to_numpy()))
    base = float(theirs.baseline_cumulative_hazard_.loc[:2.0].iloc[-1, 0])
    ignored = naive_breslow(as_if, fit.estimate, 2.0) * at_mean
    right = float(fit.cumulative_hazard(2.0)) * at_mean
    assert base == pytest.approx(ignored, rel=1e-3)
    assert base < 0.8 * right


def test_recovers_the_truth_where_entry_is_late():
    draw = np.random.default_rng(3)
    x, entry = draw.normal(size=8000), draw.uniform(0, 4, 8000)
    life = 6 * draw.exponential(size=8000) / np.exp(0.5 * x)
    seen = life > entry
    stop = np.minimum(life, entry + 2)[seen]
    table = Lifetimes(entry[seen], stop, (life <= entry + 2)[seen], None, x[seen])
    fit = fit_lifetime(table, "cox")
    chance = fit.pd_interval(3.0, 1.0, [1.0], level=0.999)
    assert chance.low < 1 - np.exp(-np.exp(0.5) / 6) < chance.high
    assert chance.point == pytest.approx(float(fit.pd(3.0, 1.0, [1.0])[0]))
    assert fit.survival([4.0], [1.0], given_age=3.0)[0] == pytest.approx(1 - chance.point)


def test_without_covariates_it_is_nelson_aalen():
    table = late_entries()
    bare = Lifetimes(table.entry, table.stop, table.event)
    fit, curve = fit_lifetime(bare, "cox"), kaplan_meier(bare)
    assert np.allclose(fit.step, curve.events / curve.at_risk)
    assert np.array_equal(fit.time, curve.time)
    assert fit.summary().empty


def test_large_tables_start_from_a_part(monkeypatch):
    table = late_entries(3000)
    plain = fit_lifetime(table, "cox").estimate
    monkeypatch.setattr("techalign.survival.cox.LARGE", 100)
    assert fit_lifetime(table, "cox").estimate == pytest.approx(plain, abs=1e-8)


def test_nothing_beyond_the_last_event():
    fit = fit_lifetime(freireich(), "cox")
    assert fit.pd(40.0, 5.0)[0] == 0.0
    assert fit.pd_interval(40.0, 5.0).high == 0.0


def test_refusals():
    x = np.array([0.0, 0, 1, 1])
    with pytest.raises(ModelError, match="no maximum"):
        fit_lifetime(Lifetimes([0] * 4, [1, 2, 3, 4], [1, 1, 0, 0], None, x), "cox")
    with pytest.raises(ModelError, match="no maximum"):
        fit_lifetime(
            Lifetimes([0] * 4, [1, 2, 3, 4], [1] * 4, None, np.column_stack([x, x])), "cox"
        )
    with pytest.raises(ModelError, match="no event"):
        fit_lifetime(Lifetimes([0], [1], [0]), "cox")
    with pytest.raises(ModelError, match="kind"):
        fit_lifetime(freireich(), "cox", kind="time")
    fit = fit_lifetime(freireich(), "cox")
    with pytest.raises(ModelError, match="1 columns"):
        fit.pd(1.0, 1.0, [1.0, 2.0])
    with pytest.raises(ModelError, match="age"):
        fit.pd(np.nan, 1.0)
    with pytest.raises(ModelError, match=r"level: must be between 0 and 1"):
        fit.pd_interval(1.0, 1.0, level=80)
    with pytest.raises(ModelError, match="group"):
        log_rank(freireich(), np.zeros(42))
