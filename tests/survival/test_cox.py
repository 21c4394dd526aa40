import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter
from lifelines.datasets import load_lung
from scipy.optimize import minimize

from techalign.errors import ModelError
from techalign.survival import (
    CoxFit,
    Lifetimes,
    LogRank,
    cumulative_incidence,
    fit_lifetime,
    kaplan_meier,
    log_rank,
)
from techalign.survival.cox import PartialLikelihood, ProfileLikelihood
from tests.survival.simulated import freireich, late_entries


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
    monkeypatch.setattr("techalign.survival.newton.LARGE", 100)
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


def naive_log_likelihood(table, beta, places, steps):
    """The whole likelihood, one row at a time; exact ages as densities."""
    total = 0.0
    for i in range(len(table)):
        factor = np.exp(table.x[i] @ beta)
        lived = steps[(places > table.entry[i]) & (places <= table.stop[i])].sum()
        total -= factor * lived
        if table.interval[i]:
            between = (places > table.stop[i]) & (places <= table.upper[i])
            total += np.log(-np.expm1(-factor * steps[between].sum()))
        elif table.event[i]:
            total += np.log(factor * steps[places == table.stop[i]].sum())
    return total


def naive_steps(table, beta, rounds=3000):
    """Steps at all ages by the plain EM algorithm with Poisson counts, row by column."""
    places = np.unique(np.concatenate([table.entry, table.stop, table.upper[table.interval]]))
    upper = np.where(table.interval, table.upper, table.stop)
    risk = (places > table.entry[:, None]) & (places <= upper[:, None])
    own = (places > table.stop[:, None]) & (places <= upper[:, None])
    point = table.exact[:, None] & (places == table.stop[:, None])
    factor, steps = np.exp(table.x @ beta)[:, None], np.full(places.size, 0.1)
    at_risk = np.maximum((factor * risk).sum(axis=0), 1e-300)
    # rows without a range have nothing to share out, rows with one do not change
    ranged, counted = own.any(axis=1), point.sum(axis=0)
    own, f = own[ranged].astype(float), factor[ranged, 0]
    for _ in range(rounds):
        share = f / -np.expm1(-f * (own @ steps))
        steps = (steps * (share @ own) + counted) / at_risk
    return places, steps


def naive_fit(table, beta):
    """Coefficients by a search that knows no derivative, steps by EM."""

    def minus(at):
        return -naive_log_likelihood(table, at, *naive_steps(table, at))

    found = minimize(minus, beta, method="Nelder-Mead", options={"xatol": 1e-3, "fatol": 1e-5})
    return found.x, -found.fun


def test_published_cosmesis(cosmesis):
    """Finkelstein (1986) and later authors: 0.80, a hazard ratio of 2.22."""
    fit = fit_lifetime(cosmesis, "cox")
    assert isinstance(fit, CoxFit)
    assert fit.estimate[0] == pytest.approx(0.7974, abs=5e-4)
    assert fit.summary().loc["beta_0", "hazard_ratio"] == pytest.approx(2.22, abs=5e-3)


@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (1, 2))]
)
def test_agrees_with_plain_em_and_a_search(looked_at, seed):
    table = looked_at(25, seed, exact=0.4, round_to=0.5 if seed == 1 else None)
    fit = fit_lifetime(table, "cox")
    beta, value = naive_fit(table, fit.estimate + 0.1)
    assert fit.log_likelihood >= value - 1e-6
    assert fit.log_likelihood == pytest.approx(value, abs=0.005)
    assert beta == pytest.approx(fit.estimate, abs=0.02)


def test_derivatives_of_the_profile(looked_at):
    likelihood, at = ProfileLikelihood(looked_at(120)), np.array([0.3, -0.2])
    _, gradient, hessian = likelihood(at)
    for j in range(2):
        up, down = (likelihood(at + sign * np.eye(2)[j] * 1e-4) for sign in (1, -1))
        assert gradient[j] == pytest.approx((up[0] - down[0]) / 2e-4, rel=1e-5)
        assert np.allclose(hessian[j], (up[1] - down[1]) / 2e-4, rtol=1e-5, atol=1e-4)


def test_one_interval_among_exact_ages_hardly_matters(looked_at):
    """Without ties the likelihoods with exact ages are one and the same."""
    exact = looked_at(300, 2, exact=1.0)
    row = int(np.flatnonzero(exact.event)[5])
    stop, upper = exact.stop.copy(), np.full(300, np.nan)
    stop[row], upper[row] = stop[row] - 1e-9, stop[row]
    nearly = Lifetimes(exact.entry, stop, exact.event, upper, exact.x)
    one, other = fit_lifetime(exact, "cox"), fit_lifetime(nearly, "cox")
    assert other.estimate == pytest.approx(one.estimate, abs=2e-3)
    assert np.allclose(other.covariance, one.covariance, rtol=0.01)
    ages = [2.0, 4.0, 6.0]
    assert np.allclose(other.cumulative_hazard(ages), one.cumulative_hazard(ages), rtol=0.01)
    ours, theirs = (fit.pd_interval(2.0, 2.0, [1.0, -0.5]) for fit in (other, one))
    assert [ours.low, ours.point, ours.high] == pytest.approx(
        [theirs.low, theirs.point, theirs.high], rel=0.01
    )


def test_narrow_intervals_lead_to_exact_ages(looked_at):
    exact = looked_at(500, 3, exact=1.0, late=False)
    target = fit_lifetime(exact, "cox")
    error, away = np.sqrt(np.diag(target.covariance)), []
    for width in (2.0, 0.5, 1e-6):
        low = np.maximum(exact.stop - 0.37 * width, exact.entry)
        fit = fit_lifetime(
            Lifetimes(
                exact.entry, np.where(exact.event, low, exact.stop), exact.event,
                np.where(exact.event, low + width, np.nan), exact.x,
            ), "cox",
        )  # fmt: skip
        away.append(np.abs(fit.estimate - target.estimate) / error)
    # what is left is that an interval, however narrow, is a probability and no density
    assert away[-1].max() < 0.05
    assert away[-1].max() < away[0].max()
    ours, theirs = fit.pd_interval(2.0, 2.0), target.pd_interval(2.0, 2.0)
    assert [ours.low, ours.high] == pytest.approx([theirs.low, theirs.high], rel=0.02)


@pytest.mark.slow
def test_finds_the_truth_with_an_honest_error(looked_at):
    places, inside = [], 0
    chance = 1 - np.exp(-np.exp(0.3) * ((4 / 6) ** (1 / 0.9) - (2 / 6) ** (1 / 0.9)))
    for seed in range(80):
        fit = fit_lifetime(looked_at(200, seed), "cox")
        places.append((fit.estimate - [0.6, -0.4]) / np.sqrt(np.diag(fit.covariance)))
        answer = fit.pd_interval(2.0, 2.0, [0.5, 0.0])
        inside += answer.low <= chance <= answer.high
    assert np.abs(np.mean(places, axis=0)).max() < 0.35
    assert np.std(places, axis=0) == pytest.approx([1.0, 1.0], abs=0.2)
    assert 54 <= inside <= 74  # 80 % of 80, within 2.8 standard errors


def test_beyond_what_anybody_outlived():
    table = Lifetimes(
        [0] * 4, [1, 2, 2.5, 4], [1] * 4, [2, 3, np.nan, 5], np.array([0.0, 1.0, 0.5, 0.2])
    )
    fit = fit_lifetime(table, "cox")
    assert np.isinf(fit.step[-1])
    assert fit.pd(4.0, 1.0)[0] == 1.0
    assert fit.pd(5.0, 1.0)[0] == 0.0  # nothing is known, and nothing added
    answer = fit.pd_interval(3.5, 2.0)
    assert (answer.low, answer.point, answer.high) == (0.0, 1.0, 1.0)
    assert fit.survival([4.5, 5.0], given_age=4.0).tolist() == [1.0, 0.0]


def test_without_covariates_it_is_the_curve(looked_at):
    table = looked_at(300, 4, exact=0.0)
    bare = Lifetimes(table.entry, table.stop, table.event, table.upper)
    fit, curve = fit_lifetime(bare, "cox"), kaplan_meier(bare)
    ages = [1.0, 2.0, 4.0]
    assert np.allclose(fit.survival(ages), curve.at(ages), atol=1e-6)


# where a covariate nearly separates those who ended, a refusal takes hundreds of climbs
@pytest.mark.parametrize(
    "seed",
    [
        pytest.param(seed, marks=[pytest.mark.slow] * (seed in (4, 9) or seed >= 20))
        for seed in range(60)
    ],
)
def test_few_rows_answer_or_are_refused(looked_at, seed):
    """Whatever small table comes: a finite answer, or an error that says what to do."""
    draw = np.random.default_rng(seed)
    rows = looked_at(int(draw.integers(1, 14)), seed, round_to=[None, 1.0][seed % 2])
    group = draw.integers(0, 2, len(rows))
    curve = kaplan_meier(rows)
    assert np.isfinite(curve.survival).all()
    for call in (lambda: fit_lifetime(rows, "cox"), lambda: log_rank(rows, group),
                 lambda: cumulative_incidence(rows, np.where(group, "a", "b"))):  # fmt: skip
        try:
            found = call()
        except ModelError:
            continue
        if isinstance(found, CoxFit):
            assert np.isfinite(found.summary().to_numpy()).all()
            assert 0 <= found.pd_interval(1.0, 2.0).point <= 1
        elif isinstance(found, LogRank):
            assert 0 <= found.p_value <= 1
        else:
            assert np.allclose(found.incidence.sum(axis=0) + found.survival, 1)
