import sys

import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from scipy.optimize import minimize

from techalign.errors import ModelError
from techalign.survival.kaplan_meier import turnbull
from techalign.vendors import Lifetimes, kaplan_meier

# Turnbull's estimates as published for these data, e.g. Fay and Shaw (2010), JSS 36(2), sec. 4.2
RADIOTHERAPY = [(4, 5, 0.0463), (6, 7, 0.0334), (7, 8, 0.0887), (11, 12, 0.0708), (24, 25, 0.0926),
                (33, 34, 0.0818), (38, 40, 0.1209), (46, 48, 0.4656)]  # fmt: skip
CHEMOTHERAPY = [(4, 5, 0.0433), (5, 8, 0.0433), (11, 12, 0.0692), (16, 17, 0.1454),
                (18, 19, 0.1411), (19, 20, 0.1157), (24, 25, 0.0999), (30, 31, 0.0709),
                (35, 36, 0.1608), (44, 48, 0.0552), (48, 60, 0.0552)]  # fmt: skip


def naive_log_likelihood(table, survival, before):
    """Of rows, from the probabilities to live beyond an age, and to reach it."""
    total = 0.0
    for i in range(len(table)):
        there = survival(table.entry[i])
        if table.interval[i]:
            part = survival(table.stop[i]) - survival(table.upper[i])
        elif table.event[i]:
            part = before(table.stop[i]) - survival(table.stop[i])
        else:
            part = survival(table.stop[i])
        total += np.log(part / there)
    return total


def of_curve(table, curve):
    return naive_log_likelihood(table, curve.at, lambda t: curve.at(np.nextafter(t, 0.0)))


def naive_maximum(table):
    """Largest likelihood over probabilities at all ages and between them, by a general climber."""
    ages = np.unique(np.concatenate([table.entry, table.stop, table.upper[table.interval]]))
    places = np.sort(np.concatenate([ages, (ages[1:] + ages[:-1]) / 2, [ages[-1] + 1]]))

    def minus(logits):
        mass = np.exp(logits - logits.max())
        mass /= mass.sum()
        return -naive_log_likelihood(
            table, lambda t: mass[places > t].sum(), lambda t: mass[places >= t].sum()
        )

    found = minimize(minus, np.zeros(places.size), method="BFGS", options={"gtol": 1e-4})
    return -found.fun


@pytest.mark.parametrize(("arm", "expected"), [(0, RADIOTHERAPY), (1, CHEMOTHERAPY)])
def test_published_cosmesis(cosmesis, arm, expected):
    curve = kaplan_meier(cosmesis.select(cosmesis.x[:, 0] == arm))
    since, time, mass = np.array(expected).T
    assert curve.since.tolist() == since.tolist()
    assert curve.time.tolist() == time.tolist()
    assert np.allclose(-np.diff(curve.survival, prepend=1.0), mass, atol=6e-5)


@pytest.mark.parametrize("seed", range(4))
def test_no_climber_finds_a_likelier_curve(looked_at, seed):
    table = looked_at(14, seed, late=seed > 0, round_to=0.5 if seed % 2 else None)
    naive, ours = naive_maximum(table), of_curve(table, kaplan_meier(table))
    assert naive <= ours + 1e-6
    assert ours <= naive + 2e-2  # a general climber only creeps towards the edge


def test_no_shift_of_probability_helps(looked_at):
    table = looked_at(150, 6)
    curve = kaplan_meier(table)
    best, mass = of_curve(table, curve), -np.diff(curve.survival, prepend=1.0)
    places = np.concatenate([np.unique(table.upper[table.interval]), table.stop[table.exact]])
    for place in places[::7]:
        time = np.sort(np.append(curve.time, place))
        moved = np.zeros(time.size)
        moved[np.searchsorted(time, curve.time)] = mass * (1 - 1e-5)  # and the rest beyond
        moved[np.searchsorted(time, place)] += 1e-5

        def survival(t, time=time, moved=moved):
            return 1 - moved[time <= t].sum()

        def before(t, time=time, moved=moved):
            return 1 - moved[time < t].sum()

        assert naive_log_likelihood(table, survival, before) <= best + 1e-8


def test_exact_ages_give_the_product_limit():
    draw = np.random.default_rng(3)
    entry = np.round(draw.uniform(0, 3, 300), 1)
    stop = entry + np.round(draw.weibull(0.8, 300) * 4 + 0.1, 1)
    table = Lifetimes(entry, stop, draw.random(300) < 0.7)
    ours, theirs = turnbull(table), kaplan_meier(table)
    for name in ("time", "since", "at_risk", "events", "survival", "std_error"):
        assert np.allclose(getattr(ours, name), getattr(theirs, name), equal_nan=True), name


def test_agrees_with_lifelines_where_nobody_is_late(cosmesis):
    arm = cosmesis.select(cosmesis.x[:, 0] == 0)
    upper = np.where(arm.interval, arm.upper, np.inf)
    # theirs are closed intervals
    low = arm.stop + 1e-6
    fitter = KaplanMeierFitter().fit_interval_censoring(low, upper, tol=1e-9)
    ages, curve = [3.0, 9.0, 20.0, 30.0, 36.0, 42.0], kaplan_meier(arm)
    theirs = [fitter.survival_function_["NPMLE_estimate_lower"].loc[:t].iloc[-1] for t in ages]
    assert curve.at(ages) == pytest.approx(theirs, abs=1e-3)


def test_self_consistent_and_nothing_is_lost(looked_at):
    table = looked_at(400, 2)
    curve = kaplan_meier(table)
    assert curve.events.sum() == pytest.approx(table.events)
    assert np.allclose(np.cumprod(1 - curve.events / curve.at_risk), curve.survival)
    assert (curve.since <= curve.time).all()
    assert (np.diff(curve.time) > 0).all()


def test_where_a_curve_falls_between_looks():
    curve = kaplan_meier(Lifetimes([0] * 4, [1, 1, 2, 3], [1, 1, 0, 0], [2, 2, np.nan, np.nan]))
    assert (curve.since.tolist(), curve.time.tolist()) == ([1.0], [2.0])
    assert curve.at([1.5, 2.0]).tolist() == pytest.approx([1.0, 0.5])


def test_a_first_risk_set_of_one_takes_the_curve_to_nothing():
    table = Lifetimes([0, 2, 2, 2], [1, 3, 4, 5], [1, 1, 1, 0], [2, 4, np.nan, np.nan])
    curve = kaplan_meier(table)
    assert curve.at_risk[0] == curve.events[0] == 1
    assert curve.at([1.9, 2.0, 4.5]).tolist() == [1.0, 0.0, 0.0]
    assert np.isnan(curve.std_error).all()
    # asked given a later age, the others answer
    others = kaplan_meier(table.select([1, 2, 3]))
    assert curve.at([1.5, 4.5], given_age=2.0) == pytest.approx([1.0, 1 / 3])
    assert curve.at(4.5, given_age=2.0) == pytest.approx(others.at(4.5))
    assert curve.at(4.5, given_age=5.0) == 1.0


def test_finds_the_truth_and_its_error_is_honest(looked_at):
    """Looks on a calendar of half years: the ages are few, and normal theory holds."""
    truth, ages = np.exp(-((np.array([2.0, 4.0]) / 6) ** (1 / 0.9))), [2.0, 4.0]
    found, error, inside = [], [], 0
    for seed in range(120):
        table = looked_at(250, seed, round_to=0.5, exact=0.0, late=False, beta=(0, 0))
        curve = kaplan_meier(table)
        place = np.searchsorted(curve.time, ages, side="right") - 1
        found.append(curve.survival[place])
        error.append(curve.std_error[place])
        chance = curve.interval(4.0)
        inside += chance.low <= truth[1] <= chance.high
    assert np.mean(found, axis=0) == pytest.approx(truth, abs=0.01)
    assert np.mean(error, axis=0) == pytest.approx(np.std(found, axis=0), rel=0.2)
    assert 84 <= inside <= 108


def test_ages_all_different_and_late(looked_at):
    """Given an age by which enough have entered; before it the risk sets are too small."""
    found, told = [], []
    for seed in range(8):
        curve = kaplan_meier(looked_at(300, seed, beta=(0, 0)))
        found.append(curve.at(4.0, given_age=2.0))
        told.append(bool(curve.note) == (curve.at(0.5) < 0.9))
    power = 1 / 0.9
    assert np.mean(found) == pytest.approx(np.exp((2 / 6) ** power - (4 / 6) ** power), abs=0.02)
    assert sum(told) >= 7


def test_says_when_few_rows_decide(looked_at):
    curve = kaplan_meier(looked_at(400, 3, beta=(0, 0)))
    assert "Ask given a later age" in curve.note
    assert "under observation" in curve.note
    assert kaplan_meier(looked_at(400, 3, late=False)).note == ""


def test_too_many_different_ages(looked_at, monkeypatch):
    table = looked_at(200, 3, late=False)
    whole = kaplan_meier(table)
    # the package has a function of its module's name
    monkeypatch.setattr(sys.modules["techalign.survival.kaplan_meier"], "LIMIT", 10)
    without = kaplan_meier(table)
    assert np.isnan(without.std_error).all()
    assert np.array_equal(without.survival, whole.survival)
    monkeypatch.setattr("techalign.survival.interval_censoring.LARGEST", 1000)
    with pytest.raises(ModelError, match=r"too many different ages.*Round the ages"):
        kaplan_meier(table)
