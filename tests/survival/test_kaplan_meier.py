import numpy as np
import pytest
from lifelines import KaplanMeierFitter

from techalign.vendors import Lifetimes, kaplan_meier

TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
TREATED_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]


def freireich():
    stop = np.array(TREATED + TREATED_CENSORED + PLACEBO, dtype=float)
    event = np.array([1] * 9 + [0] * 12 + [1] * 21)
    return Lifetimes(np.zeros(42), stop, event)


def late_entries(n=300):
    draw = np.random.default_rng(3)
    entry = np.round(draw.uniform(0, 3, n), 1)
    stop = entry + np.round(draw.weibull(0.8, n) * 4 + 0.1, 1)
    return Lifetimes(entry, stop, draw.random(n) < 0.7)


def naive(table):
    """The definition, one age at a time."""
    survival, variance, out = 1.0, 0.0, []
    for t in sorted(set(table.stop[table.event])):
        risk = sum(e < t <= s for e, s in zip(table.entry, table.stop, strict=True))
        dead = sum((s == t) and d for s, d in zip(table.stop, table.event, strict=True))
        survival *= 1 - dead / risk
        variance += dead / (risk * (risk - dead)) if risk > dead else np.inf
        out.append((t, risk, dead, survival, survival * variance**0.5 if survival else np.nan))
    return np.array(out).T


def test_published_pooled_leukaemia():
    curve = kaplan_meier(freireich())
    expected = [0.952, 0.905, 0.881, 0.833, 0.786, 0.714, 0.690, 0.591]
    assert np.allclose(curve.survival[:8], expected, atol=5e-4)
    assert curve.std_error[0] == pytest.approx(0.0329, abs=5e-5)


@pytest.mark.parametrize("table", [freireich(), late_entries()])
def test_agrees_with_the_definition(table):
    curve = kaplan_meier(table)
    time, risk, dead, survival, error = naive(table)
    assert np.array_equal(curve.time, time)
    assert np.array_equal(curve.at_risk, risk)
    assert np.array_equal(curve.events, dead)
    assert np.allclose(curve.survival, survival)
    assert np.allclose(curve.std_error, error, equal_nan=True)


def test_agrees_with_lifelines_with_entry_ages():
    table = late_entries()
    fitter = KaplanMeierFitter(alpha=0.2).fit(table.stop, table.event, entry=table.entry)
    curve = kaplan_meier(table)
    ages = curve.time
    assert np.allclose(curve.at(ages), fitter.survival_function_at_times(ages))
    low, high = curve.band(0.8)
    theirs = fitter.confidence_interval_.loc[ages].to_numpy().T
    inside = (curve.survival > 1e-9) & (curve.survival < 1)
    assert np.allclose(low[inside], theirs[0][inside])
    assert np.allclose(high[inside], theirs[1][inside])


def test_ignoring_entry_overstates_survival():
    draw = np.random.default_rng(5)
    life, entry = draw.exponential(7.2, 8000), draw.uniform(0, 8, 8000)
    seen = life > entry
    with_entry = kaplan_meier(Lifetimes(entry[seen], life[seen], np.ones(seen.sum())))
    without = kaplan_meier(Lifetimes(0 * entry[seen], life[seen], np.ones(seen.sum())))
    assert with_entry.at(5.0) == pytest.approx(0.5, abs=0.03)
    assert without.at(5.0) > 0.6


def test_at_and_interval():
    curve = kaplan_meier(freireich())
    assert curve.at([0.5, 1.0, 1.5]).tolist() == pytest.approx([1.0, 40 / 42, 40 / 42])
    certain, later = curve.interval(0.5), curve.interval(10.0)
    assert (certain.low, certain.high) == (1.0, 1.0)
    assert 0 < later.low < later.point < later.high < 1
    wider = curve.interval(10.0, level=0.95)
    assert wider.low < later.low < later.high < wider.high


def test_given_a_later_age_it_is_the_ratio():
    curve = kaplan_meier(late_entries())
    ages = [1.0, 2.5, 6.0]
    expected = np.minimum(curve.at(ages) / curve.at(2.0), 1.0)
    assert curve.at(ages, given_age=2.0) == pytest.approx(expected)


def test_nothing_gives_nothing():
    empty = kaplan_meier(Lifetimes([], [], []))
    assert empty.at([1.0]).tolist() == [1.0]
