import numpy as np
import pytest
from scipy.optimize import minimize

from techalign.errors import ModelError
from techalign.survival.cox import CoxFit
from techalign.survival.log_rank import _counts, _scores
from techalign.survival.profile import ProfileLikelihood
from techalign.vendors import (
    Lifetimes,
    LogRank,
    cumulative_incidence,
    fit_lifetime,
    kaplan_meier,
    log_rank,
)


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
    for _ in range(rounds):
        hazard = factor[:, 0] * (own @ steps)
        share = factor[:, 0] / -np.expm1(-np.where(own.any(axis=1), hazard, 1.0))
        steps = (steps * (own.T @ share) + point.sum(axis=0)) / at_risk
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


@pytest.mark.slow
@pytest.mark.parametrize("seed", range(3))
def test_agrees_with_plain_em_and_a_search(looked_at, seed):
    table = looked_at(25, seed, exact=0.4, round_to=0.5 if seed == 1 else None)
    fit = fit_lifetime(table, "cox")
    beta, value = naive_fit(table, fit.estimate + 0.1)
    assert fit.log_likelihood >= value - 1e-6
    assert fit.log_likelihood == pytest.approx(value, abs=0.005)
    assert beta == pytest.approx(fit.estimate, abs=0.02)


def test_derivatives(looked_at):
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


def test_published_log_rank_of_cosmesis(cosmesis):
    """Score 9.944 of the generalised log-rank test, as R's interval package prints it."""
    found = log_rank(cosmesis, cosmesis.x[:, 0])
    assert found.observed.tolist() == [21, 35]
    assert found.observed[1] - found.expected[1] == pytest.approx(9.944, abs=1e-3)
    assert found.p_value == pytest.approx(0.005, abs=5e-4)


def test_log_rank_scores_are_counts_where_ages_are_exact(looked_at):
    table = looked_at(200, 6, exact=1.0)
    member = np.random.default_rng(1).integers(0, 3, 200)
    for ours, theirs in zip(_scores(table, member, 3), _counts(table, member, 3), strict=True):
        assert np.allclose(ours, theirs, rtol=1e-6)


def test_log_rank_with_intervals_keeps_its_level(looked_at):
    group = np.arange(120) % 2
    found = [log_rank(looked_at(120, seed, beta=(0, 0)), group).p_value for seed in range(150)]
    assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=0.06)
    table = looked_at(200, 1)
    assert log_rank(table, table.x[:, 0] > 0).p_value < 0.01


@pytest.mark.parametrize("seed", range(60))
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
