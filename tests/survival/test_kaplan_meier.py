import numpy as np
import pytest
from lifelines import KaplanMeierFitter
from scipy.optimize import minimize
from scipy.stats import beta, binomtest

from techalign.survival import Lifetimes, kaplan_meier
from techalign.survival.kaplan_meier import turnbull

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
    assert (certain.point, certain.high) == (1.0, 1.0)
    assert certain.low == pytest.approx(0.1 ** (1 / 42))  # all of 42 were there
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


def test_where_nobody_ceased_the_interval_is_clopper_and_pearsons():
    for n in (1, 3, 40):
        chance = kaplan_meier(Lifetimes([0] * n, [5.0] * n, [False] * n)).interval(4.0)
        exact = binomtest(n, n).proportion_ci(0.8, method="exact")
        assert (chance.point, chance.high) == (1.0, 1.0)
        assert chance.low == pytest.approx(exact.low)
    # those no longer under observation say nothing of later ages
    left = kaplan_meier(Lifetimes([0] * 3, [3, 4, 5], [False] * 3))
    lows = [left.interval(t).low for t in (2.0, 3.5, 4.5, 5.0, 9.0)]
    assert lows == pytest.approx([0.1 ** (1 / 3), 0.1 ** (1 / 2), 0.1, 0.0, 0.0])


def test_before_the_first_event_as_few_as_entered_late_count():
    table = Lifetimes([0, 2, 2, 2, 2], [6, 7, 8, 9, 9], [True, True, False, False, False])
    curve = kaplan_meier(table)
    assert curve.interval(5.0).low == pytest.approx(0.1)  # one row was there from age 0
    nobody = kaplan_meier(Lifetimes([2, 2], [6, 7], [False, False]))
    assert (nobody.interval(1.0).low, nobody.interval(1.0).high) == (0.0, 1.0)


@pytest.mark.parametrize("n", [1, 4, 30])
def test_where_all_have_ceased_the_interval_is_clopper_and_pearsons(n):
    curve = kaplan_meier(Lifetimes([0] * n, np.arange(1.0, n + 1), [True] * n))
    chance, exact = curve.interval(n + 5.0), binomtest(0, n).proportion_ci(0.8, method="exact")
    assert (chance.point, chance.low) == (0.0, 0.0)
    assert chance.high == pytest.approx(exact.high, rel=1e-6)


def test_the_upper_end_at_0_is_the_quantile_of_a_product_of_betas():
    """Fay, Brittain and Proschan (2013): by simulation, with rows that left in between."""
    stop = np.array([1.0, 2, 2, 3, 4, 5, 6, 7])
    event = np.array([1, 1, 0, 0, 1, 1, 0, 1], dtype=bool)
    curve = kaplan_meier(Lifetimes(np.zeros(8), stop, event))
    draw = np.random.default_rng(1)
    product = np.ones(400_000)
    for risk, gone in zip(curve.at_risk, curve.events, strict=True):
        product *= beta.rvs(risk - gone + 1, gone, size=product.size, random_state=draw)
    assert curve.survival[-1] == 0.0
    assert curve.interval(8.0).high == pytest.approx(np.quantile(product, 0.9), abs=0.01)
    low, high = curve.band()
    assert np.isfinite(low).all()
    assert np.isfinite(high).all()
    assert (low <= curve.survival).all()
    assert (curve.survival <= high).all()


def test_intervals_of_few_rows_hold_what_they_claim():
    """Four rows, survival of 0.85: certainty where nobody ceased would cover half the time."""
    draw, inside = np.random.default_rng(4), 0
    for _ in range(400):
        gone = draw.random(4) < 0.15
        curve = kaplan_meier(Lifetimes([0] * 4, np.where(gone, 1.0, 5.0), gone))
        chance = curve.interval(2.0)
        inside += chance.low <= 0.85 <= chance.high
    assert inside > 0.8 * 400


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


@pytest.mark.slow
def test_turnbull_finds_the_truth_and_its_error_is_honest(looked_at):
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
