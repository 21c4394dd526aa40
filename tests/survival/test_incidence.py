import numpy as np
import pytest
from scipy.optimize import minimize

from techalign.errors import ModelError
from techalign.survival.competing_risks import incidence_steps
from techalign.vendors import Lifetimes, cumulative_incidence, kaplan_meier

CAUSES = ("acquired", "closed")


def two_causes(n, seed=1, *, exact=0.3, late=True, grid=None):
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
    table, cause = two_causes(12, seed, late=seed > 0, grid=0.5 if seed == 1 else None)
    ours = of_curve(table, cause, cumulative_incidence(table, cause))
    naive = naive_maximum(table, cause)
    assert naive <= ours + 1e-5
    assert ours <= naive + 0.03  # a general climber only creeps towards the edge


def test_exact_ages_give_aalen_and_johansen():
    table, cause = two_causes(300, 2, exact=1.0)
    ours = incidence_steps(table, np.where(table.event, cause, ""), CAUSES)
    theirs = cumulative_incidence(table, cause)
    for name in ("time", "at_risk", "incidence", "std_error"):
        assert np.allclose(getattr(ours, name), getattr(theirs, name), atol=1e-9), name


@pytest.mark.parametrize("grid", [None, 0.5])
def test_one_cause_is_the_rest_of_turnbulls_curve(grid):
    """Two algorithms that share no more than the cells."""
    table, _ = two_causes(250, 3, grid=grid)
    curve = kaplan_meier(table)
    alone = cumulative_incidence(table, np.full(250, "closed"))
    assert np.allclose(alone.at(curve.time)[0], 1 - curve.survival, atol=1e-5)
    error = alone.std_error[0][np.searchsorted(alone.time, curve.time)]
    known = np.isfinite(curve.std_error)
    assert np.allclose(error[known], curve.std_error[known], rtol=1e-3, atol=1e-6)


def test_incidences_and_survival_add_up():
    table, cause = two_causes(300, 4)
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
        curve = cumulative_incidence(*two_causes(250, seed, exact=0.2, late=False, grid=0.5))
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
