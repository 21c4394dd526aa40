from importlib import import_module

import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.survival import Lifetimes, kaplan_meier
from techalign.survival.interval_censoring import StepLikelihood, range_sums, support_of


def test_cells_begin_where_someone_was_alive_and_end_where_someone_was_over():
    """Intervals 0 to 2, 1 to 4 and 3 to 6: the curve can fall from 1 to 2 and from 3 to 4."""
    support = support_of(Lifetimes([0] * 3, [0, 1, 3], [True] * 3, [2, 4, 6]))
    assert (support.since.tolist(), support.time.tolist()) == ([1.0, 3.0], [2.0, 4.0])
    assert (support.low.tolist(), support.high.tolist()) == ([0, 0, 1], [1, 2, 2])


def test_an_exact_age_is_a_cell_and_an_entry_ends_one():
    support = support_of(
        Lifetimes([0, 0, 3, 0], [2, 1, 5, 2.5], [1, 1, 0, 0], [np.nan, 4, np.nan, np.nan])
    )
    assert (support.since.tolist(), support.time.tolist()) == ([2.0, 2.5], [2.0, 3.0])
    assert support.after.tolist() == [0, 0, 2, 0]


def test_sums_over_ranges():
    begin, end = np.array([0, 1, 1]), np.array([2, 2, 3])
    assert range_sums(np.array([1.0, 2.0, 4.0]), begin, end, 3).tolist() == [1.0, 7.0, 4.0]


def test_a_climb_ends_where_no_slope_points_upwards(looked_at):
    table = looked_at(150, 4)
    likelihood = StepLikelihood(support_of(table), np.zeros(150, dtype=bool))
    factor = np.ones(150)
    steps, risk = likelihood.climb(factor), likelihood.at_risk(factor)
    best = likelihood.value(steps, factor, risk)
    draw = np.random.default_rng(1)
    for _ in range(50):
        other = np.maximum(steps * draw.uniform(0.9, 1.1, steps.size), 1e-12)
        other = np.where(likelihood.endless, 0.0, other)
        assert likelihood.value(other, factor, risk) <= best + 1e-6


def test_too_many_different_ages(looked_at, monkeypatch):
    table = looked_at(200, 3, late=False)
    whole = kaplan_meier(table)
    monkeypatch.setattr(import_module("techalign.survival.kaplan_meier"), "LIMIT", 10)
    without = kaplan_meier(table)
    assert np.isnan(without.std_error).all()
    assert np.array_equal(without.survival, whole.survival)
    monkeypatch.setattr("techalign.survival.interval_censoring.LARGEST", 1000)
    with pytest.raises(ModelError, match=r"too many different ages.*Round the ages"):
        kaplan_meier(table)
