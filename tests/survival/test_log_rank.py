import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import multivariate_logrank_test

from techalign.errors import ModelError
from techalign.survival import Lifetimes, log_rank
from techalign.survival.cox import PartialLikelihood
from techalign.survival.log_rank import _counts, _scores
from tests.survival.simulated import GROUP, freireich, late_entries


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


@pytest.mark.slow
def test_log_rank_with_intervals_keeps_its_level(looked_at):
    group = np.arange(120) % 2
    found = [log_rank(looked_at(120, seed, beta=(0, 0)), group).p_value for seed in range(150)]
    assert np.mean(np.array(found) < 0.1) == pytest.approx(0.1, abs=0.06)
    table = looked_at(200, 1)
    assert log_rank(table, table.x[:, 0] > 0).p_value < 0.01


def test_one_group_is_refused():
    with pytest.raises(ModelError, match="group"):
        log_rank(freireich(), np.zeros(42))


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
def test_a_missing_group_is_none(kind):
    values, row, words = NO_LABELS[kind]
    with pytest.raises(ModelError, match=words) as caught:
        log_rank(Lifetimes([0] * 4, [1, 2, 3, 4], [1, 1, 1, 0]), values)
    assert caught.value.argument == f"group[{row}]"


def test_groups_may_be_text_numbers_or_flags():
    table = Lifetimes([0] * 4, [1, 2, 3, 4], [1, 1, 1, 0])
    for group in (["a", "b"] * 2, pd.Series(["a", "b"] * 2), pd.Categorical(["a", "b"] * 2)):
        assert log_rank(table, group).groups == ("a", "b")
    assert log_rank(table, [True, False] * 2).groups == (False, True)
    assert log_rank(table, pd.array([2, 1, 2, 1], dtype="Int64")).groups == (1, 2)
