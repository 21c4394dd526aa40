from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter
from scipy.integrate import quad
from scipy.optimize import minimize
from scipy.stats import norm

from techalign.errors import ModelError
from techalign.survival import (
    BurrCurve,
    Lifetimes,
    cumulative_incidence,
    fit_causes,
    kaplan_meier,
    prior_from_curve,
)
from techalign.survival.competing_risks import incidence_steps
from tests.survival.simulated import spread_is_wrong

CLOSED, BOUGHT = BurrCurve(9.0, 0.8, 2.0), BurrCurve(15.0, 1.3)


def two_causes(n=600, digits=2, late=True, seed=3):
    draw = np.random.default_rng(seed)
    entry = np.round(draw.uniform(0, 3, n), digits) * late
    lives = []
    for curve in (CLOSED, BOUGHT):
        need = draw.exponential(size=n) + curve.cumulative_hazard(entry)
        theta = curve.theta if np.isfinite(curve.theta) else 1e9
        lives.append(curve.lam * (theta * np.expm1(need / theta)) ** (1 / curve.rho))
    first = np.minimum(*lives)
    stop = np.round(np.minimum(first, entry + 4), digits) + 10.0**-digits
    cause = np.where(lives[0] < lives[1], "closed", "acquired")
    return Lifetimes(entry, stop, first < entry + 4), cause


def naive(table, cause):
    """Aalen-Johansen and its variance by their definitions, one age at a time."""
    labels = np.where(table.event, cause, "")
    times, survival, out = np.unique(table.stop[table.event]), 1.0, []
    for t in times:
        n = ((table.entry < t) & (table.stop >= t)).sum()
        d = [((table.stop == t) & (labels == name)).sum() for name in ("acquired", "closed")]
        out.append((n, *d, survival))
        survival *= 1 - sum(d) / n
    n, bought, closed, before = np.array(out, dtype=float).T
    total, result = bought + closed, []
    for d in (bought, closed):
        cif = np.cumsum(before * d / n)
        for k in (len(times) // 2, len(times) - 1):
            away = cif[k] - cif[: k + 1]
            s = slice(k + 1)
            variance = (
                (away**2 * total[s] / (n[s] * (n[s] - total[s]))).sum()
                + (before[s] ** 2 * (n[s] - d[s]) * d[s] / n[s] ** 3).sum()
                - 2 * (away * before[s] * d[s] / n[s] ** 2).sum()
            )
            result.append((k, cif[k], np.sqrt(variance)))
    return result


def test_agrees_with_the_definition_with_late_entry():
    table, cause = two_causes()
    found = cumulative_incidence(table, cause)
    assert found.causes == ("acquired", "closed")
    expected = naive(table, cause)
    for row, pairs in enumerate((expected[:2], expected[2:])):
        for k, cif, error in pairs:
            assert found.incidence[row, k] == pytest.approx(cif)
            assert found.std_error[row, k] == pytest.approx(error)


def test_agrees_with_lifelines():
    table, cause = two_causes(digits=9, late=False)
    number = np.where(table.event, np.where(cause == "closed", 1, 2), 0)
    theirs = AalenJohansenFitter(seed=1).fit(table.stop, number, event_of_interest=1)
    found = cumulative_incidence(table, cause)
    ages = [1.0, 2.0, 3.5]
    expected = [theirs.cumulative_density_.loc[:t].iloc[-1, 0] for t in ages]
    assert found.at(ages)[1] == pytest.approx(expected)
    variance = [theirs.variance_.loc[:t].iloc[-1] for t in ages]
    ours = found.std_error[1][np.searchsorted(found.time, ages, side="right") - 1]
    assert ours**2 == pytest.approx(variance, rel=0.01)


def test_incidences_and_survival_add_up():
    table, cause = two_causes()
    found = cumulative_incidence(table, cause)
    assert np.allclose(found.incidence.sum(axis=0) + found.survival, 1)
    assert np.allclose(found.survival, kaplan_meier(table).survival)
    assert found.at(0.0).tolist() == [0.0, 0.0]
    # taking acquisitions as censoring overstates closures
    alone = kaplan_meier(Lifetimes(table.entry, table.stop, table.event & (cause == "closed")))
    assert 1 - alone.at(4.0) > found.at(4.0)[1] + 0.02


def test_fits_recover_what_made_the_data():
    table, cause = two_causes(20_000, digits=6)
    found = fit_causes(table, cause, "burr")
    truth = quad(
        lambda s: float(CLOSED.hazard(2 + s)) * np.exp(
            CLOSED.cumulative_hazard(2.0) - CLOSED.cumulative_hazard(2 + s)
            + BOUGHT.cumulative_hazard(2.0) - BOUGHT.cumulative_hazard(2 + s)
        ), 0, 3,
    )[0]  # fmt: skip
    row = found.incidence(2.0, 3.0, level=0.999).loc["closed"]
    assert row["low"] < truth < row["high"]
    assert row["point"] == pytest.approx(truth, rel=0.05)
    assert found.pd(2.0, 3.0)["closed"][0] == pytest.approx(row["point"])


def test_integral_is_exact_and_nothing_is_lost():
    table, cause = two_causes(400)
    found = fit_causes(table, cause, "weibull")
    closed, bought = (found.fits[name].curve for name in ("closed", "acquired"))
    for age in (0.0, 3.0):
        first = quad(
            lambda s, age=age: float(closed.hazard(age + s)) * np.exp(
                closed.cumulative_hazard(age) - closed.cumulative_hazard(age + s)
                + bought.cumulative_hazard(age) - bought.cumulative_hazard(age + s)
            ), 0, 2, points=[1e-4, 1e-2], limit=200,
        )[0]  # fmt: skip
        chances = found.pd(age, 2.0)
        assert chances["closed"][0] == pytest.approx(first, rel=1e-4)
        there = np.prod([1 - found.fits[name].pd(age, 2.0)[0] for name in found.fits])
        assert sum(c[0] for c in chances.values()) == pytest.approx(1 - there)
    assert found.pd([1.0, 2.0], 0.0)["closed"].tolist() == [0.0, 0.0]


def test_intervals_and_priors():
    table = Lifetimes([0, 1, 2, 0], [3, 2, 4, 5], [1, 1, 0, 1], [4, 3, np.nan, np.nan])
    cause = ["closed", "acquired", "", "closed"]
    prior = prior_from_curve(CLOSED)
    found = fit_causes(table, cause, priors={"closed": prior, "acquired": prior, "public": prior})
    assert [fit.events for fit in found.fits.values()] == [1, 2, 0]
    assert found.fits["public"].prior_weight == 1
    rows = found.incidence(2.0, 1.0)
    assert (rows["low"] < rows["point"]).all()
    assert (rows["point"] < rows["high"]).all()


def test_refusals():
    table = Lifetimes([0, 0], [1, 2], [1, 1])
    with pytest.raises(ModelError, match=r"cause\[1\]"):
        cumulative_incidence(table, ["closed", ""])
    with pytest.raises(ModelError, match="cause"):
        fit_causes(table, ["closed"])
    with pytest.raises(ModelError, match="dist"):
        fit_causes(table, ["closed", "closed"], "cox")


def places_of_truth(seed, dist="weibull", *, stretch=1.0, tables=250, rows=15):
    """Where the hazards of two causes that made a table lie in the posterior fitted to it.

    Truth is drawn from the beliefs; the fit is told beliefs ``stretch`` times as wide.
    """
    draw, found, spread = np.random.default_rng(seed), [], (0.5, 0.15)
    centres = {"closed": BurrCurve(9.0, 0.8), "acquired": BurrCurve(12.0, 1.1)}
    beliefs = {n: prior_from_curve(c, dist, sd=spread, beta_sd=0.3) for n, c in centres.items()}
    told = {n: replace(b, sd=[stretch * s for s in b.sd], beta_sd=stretch * b.beta_sd)
            for n, b in beliefs.items()}  # fmt: skip
    for _ in range(tables):
        truth = {name: draw.normal(*belief.moments(1)) for name, belief in beliefs.items()}
        entry, x = draw.uniform(0, 4, rows), draw.normal(size=rows)
        table, cause = _drawn(truth, entry, x, draw)
        fits = fit_causes(table, cause, dist, told).fits
        found.append([_place(fits[name], truth[name]) for name in beliefs])
    return np.array(found).T


def _drawn(truth, entry, x, draw):
    """Weibull causes with one effect; late entry, followed for three years, a third in steps."""
    lives = [
        np.exp(lam) * (draw.exponential(size=entry.size) / np.exp(b * x)
                       + (entry / np.exp(lam)) ** np.exp(rho)) ** np.exp(-rho)
        for lam, rho, b in truth.values()
    ]  # fmt: skip
    first, end = np.minimum(*lives), entry + 3.0
    gone, coarse = first < end, np.arange(entry.size) % 3 == 0
    low = entry + np.floor(4 * np.where(gone, first - entry, 0.0)) / 4
    stop = np.where(gone, np.where(coarse, low, np.maximum(first, entry + 1e-9)), end)
    upper = np.where(gone & coarse, low + 0.25, np.nan)
    names = list(truth)
    return Lifetimes(entry, stop, gone, upper, x), np.where(lives[0] < lives[1], *names)


def _place(fit, truth):
    increment, slope = fit._increment(4.0, 1.0, [0.5])
    error = np.sqrt(slope[:, 0] @ fit.covariance @ slope[:, 0]) / increment[0]
    real, _ = replace(fit, estimate=truth)._increment(4.0, 1.0, [0.5])
    return norm.cdf(np.log(real[0] / increment[0]) / error)


@pytest.mark.slow
def test_posteriors_of_causes_are_calibrated_by_simulation():
    places = places_of_truth(1)
    assert not spread_is_wrong(places)
    # the mode of a skew posterior lies a little above its middle: that much is known and let be
    assert np.abs(places.mean(axis=1) - 0.5).max() < 0.1


@pytest.mark.slow
@pytest.mark.parametrize("stretch", [0.5, 3.0])
def test_the_simulation_notices_a_wrong_spread_of_the_beliefs(stretch):
    assert spread_is_wrong(places_of_truth(1, stretch=stretch))


CAUSES = ("acquired", "closed")


def looked_at_causes(n, seed=1, *, exact=0.3, late=True, grid=None):
    """Closing at 0.15 a year, being acquired at 0.10, looked at about every year."""
    draw = np.random.default_rng(seed)
    entry = draw.uniform(0, 2, 4 * n) * late
    life = draw.exponential(4.0, 4 * n)
    seen = np.flatnonzero(life > entry)[:n]
    entry, life = entry[seen], life[seen]
    width = draw.uniform(0.6, 1.4, n) if grid is None else np.full(n, grid)
    base = entry if grid is None else np.floor(entry / grid) * grid
    end = base + np.ceil((entry + draw.uniform(2, 5, n) - base) / width) * width
    gone, known = life < end, draw.random(n) < exact
    low = base + np.floor((life - base) / width) * width
    stop = np.where(gone, np.where(known, life, np.maximum(low, entry)), end)
    cause = np.where(draw.random(n) < 0.6, "closed", "acquired")
    return Lifetimes(entry, stop, gone, np.where(gone & ~known, low + width, np.nan)), cause


def naive_log_likelihood(table, cause, places, mass):
    """One row at a time; the last of ``mass`` is that beyond all ages."""
    total = 0.0
    whole = mass[:-1].sum(axis=0)
    for i in range(len(table)):
        there = whole[places > table.entry[i]].sum() + mass[-1, 0]
        if not table.event[i]:
            part = whole[places > table.stop[i]].sum() + mass[-1, 0]
        else:
            own = mass[CAUSES.index(cause[i])]
            if table.interval[i]:
                part = own[(places > table.stop[i]) & (places <= table.upper[i])].sum()
            else:
                part = own[places == table.stop[i]].sum()
        total += np.log(max(part, 1e-300) / there)
    return total


def naive_maximum(table, cause):
    """Largest likelihood over probabilities of both causes at all ages, by a general climber."""
    places = np.unique(np.concatenate([table.entry, table.stop, table.upper[table.interval]]))

    def probabilities(logits):
        mass = np.exp(logits - logits.max())
        mass /= mass.sum()
        both = mass[:-1].reshape(2, places.size)
        beyond = np.zeros((1, places.size))
        beyond[0, 0] = mass[-1]
        return np.concatenate([both, beyond])

    def minus(logits):
        return -naive_log_likelihood(table, cause, places, probabilities(logits))

    found = minimize(minus, np.zeros(2 * places.size + 1), method="BFGS", options={"gtol": 1e-3})
    return -found.fun


def of_curve(table, cause, curve):
    mass = np.zeros((3, curve.time.size))
    mass[:2] = np.diff(curve.incidence, axis=1, prepend=0.0)
    mass[2, 0] = curve.survival[-1]
    return naive_log_likelihood(table, cause, curve.time, mass)


@pytest.mark.parametrize("seed", range(3))
def test_no_climber_finds_likelier_incidences(seed):
    table, cause = looked_at_causes(12, seed, late=seed > 0, grid=0.5 if seed == 1 else None)
    ours = of_curve(table, cause, cumulative_incidence(table, cause))
    naive = naive_maximum(table, cause)
    assert naive <= ours + 1e-5
    assert ours <= naive + 0.03  # a general climber only creeps towards the edge


def test_exact_ages_give_aalen_and_johansen():
    table, cause = looked_at_causes(300, 2, exact=1.0)
    ours = incidence_steps(table, np.where(table.event, cause, ""), CAUSES)
    theirs = cumulative_incidence(table, cause)
    for name in ("time", "at_risk", "incidence", "std_error"):
        assert np.allclose(getattr(ours, name), getattr(theirs, name), atol=1e-9), name


@pytest.mark.parametrize("grid", [None, 0.5])
def test_one_cause_is_the_rest_of_turnbulls_curve(grid):
    """Two algorithms that share no more than the cells."""
    table, _ = looked_at_causes(250, 3, grid=grid)
    curve = kaplan_meier(table)
    alone = cumulative_incidence(table, np.full(250, "closed"))
    assert np.allclose(alone.at(curve.time)[0], 1 - curve.survival, atol=1e-5)
    error = alone.std_error[0][np.searchsorted(alone.time, curve.time)]
    known = np.isfinite(curve.std_error)
    assert np.allclose(error[known], curve.std_error[known], rtol=1e-3, atol=1e-6)


def test_incidences_of_intervals_and_survival_add_up():
    table, cause = looked_at_causes(300, 4)
    found = cumulative_incidence(table, cause)
    assert np.allclose(found.incidence.sum(axis=0) + found.survival, 1)
    assert (np.diff(found.incidence, axis=1) >= -1e-12).all()
    assert found.at(0.0).tolist() == [0.0, 0.0]
    later = found.at([2.0, 4.0], given_age=2.0)
    assert later[:, 0].tolist() == [0.0, 0.0]
    gone = 1 - (1 - found.at(4.0).sum()) / (1 - found.at(2.0).sum())
    assert later[:, 1].sum() == pytest.approx(gone)
    assert found.at(4.0, given_age=2.0) == pytest.approx(later[:, 1])
    assert bool(found.note) == (found.at(0.3).sum() > 0.1)


def test_finds_the_truth_and_its_error_is_honest():
    ages, found, error = [1.0, 3.0], [], []
    truth = np.outer([0.4, 0.6], 1 - np.exp(-np.array(ages) / 4))
    for seed in range(80):
        curve = cumulative_incidence(*looked_at_causes(250, seed, exact=0.2, late=False, grid=0.5))
        found.append(curve.at(ages))
        error.append(curve.std_error[:, np.searchsorted(curve.time, ages, side="right") - 1])
    assert np.mean(found, axis=0) == pytest.approx(truth, abs=0.01)
    assert np.mean(error, axis=0) == pytest.approx(np.std(found, axis=0), rel=0.3)


def test_nobody_left_where_others_enter():
    table = Lifetimes([0, 3, 3], [1, 4, 5], [1, 1, 0], [2, 4.5, np.nan])
    with pytest.raises(ModelError, match=r"entry\[1\].*Raise every entry"):
        cumulative_incidence(table, ["closed", "closed", ""])


def test_an_entry_bounds_where_another_cause_can_lie():
    """Who enters at 2 and soon closes was there: the other's acquisition is likelier before."""
    table = Lifetimes([0, 2, 0, 0], [1, 2, 5, 5], [1, 1, 0, 0], [4, 3, np.nan, np.nan])
    curve = cumulative_incidence(table, ["acquired", "closed", "", ""])
    assert curve.time.tolist() == [2.0, 3.0]
    assert curve.incidence[:, 0].tolist() == pytest.approx([1 / 3, 0.0])


NO_LABELS = {
    "missing text": (["a", "b", np.nan, "a"], 2, "missing"),
    "NA": (pd.array(["a", pd.NA, "b", "b"], dtype="string"), 1, "missing"),
    "NaN": ([1.0, 1.0, np.nan, 2.0], 2, "missing"),
    "None": (["a", None, "b", "b"], 1, "missing"),
    "dates": (pd.to_datetime(["2020-01-01", "2021-01-01"] * 2), 0, "date"),
    "lengths of time": (pd.to_timedelta([1, 1, 2, 2], "D"), 0, "length of time"),
    "NaT": ([pd.NaT, 1, 2, 2], 0, "missing"),
}


@pytest.mark.parametrize("kind", NO_LABELS)
def test_a_missing_cause_of_an_event_is_none(kind):
    values, row, words = NO_LABELS[kind]
    with pytest.raises(ModelError, match=words) as caught:
        cumulative_incidence(Lifetimes([0] * 4, [1, 2, 3, 4], [1, 1, 1, 0]), values)
    assert caught.value.argument == f"cause[{row}]"


def test_a_cause_in_a_row_without_event_is_not_asked():
    table = Lifetimes([0] * 3, [1, 2, 3], [1, 1, 0])
    for nothing in (None, np.nan, pd.NA, ""):
        found = cumulative_incidence(table, ["closed", "acquired", nothing])
        assert found.causes == ("acquired", "closed")
