"""Weights against published cases, an eigenvalue solver and their own laws."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techalign.alignment import ahp_weights, goal_weights
from techalign.errors import ModelError

LEADER = [[1, 4, 3, 7], [1 / 4, 1, 1 / 3, 3], [1 / 3, 3, 1, 5], [1 / 7, 1 / 3, 1 / 5, 1]]
DRINKS = [
    [1, 9, 5, 2, 1, 1, 1 / 2], [1 / 9, 1, 1 / 3, 1 / 9, 1 / 9, 1 / 9, 1 / 9],
    [1 / 5, 3, 1, 1 / 3, 1 / 4, 1 / 3, 1 / 9], [1 / 2, 9, 3, 1, 1 / 2, 1, 1 / 3],
    [1, 9, 4, 2, 1, 2, 1 / 2], [1, 9, 3, 1, 1 / 2, 1, 1 / 3], [2, 9, 9, 3, 2, 3, 1],
]  # fmt: skip


def _judged(matrix: list[list[float]], judge: str = "Ann") -> pd.DataFrame:
    n = len(matrix)
    rows = [(judge, f"g{i}", f"g{j}", matrix[i][j]) for i in range(n) for j in range(i + 1, n)]
    return pd.DataFrame(rows, columns=["judge", "goal_a", "goal_b", "ratio"])


def _names(n: int) -> list[str]:
    return [f"g{i}" for i in range(n)]


def _rng() -> np.random.Generator:
    return np.random.default_rng(1)


def test_the_choice_of_a_leader_is_as_published() -> None:
    found = ahp_weights(_judged(LEADER), _names(4), _rng())
    assert found.weights["weight"].to_numpy() == pytest.approx(
        [0.547, 0.127, 0.270, 0.056], abs=1e-3
    )
    assert found.ratio == pytest.approx(0.044, abs=1e-3)
    assert found.worst == ""


def test_saatys_drinks_are_as_published() -> None:
    found = ahp_weights(_judged(DRINKS), _names(7), _rng())
    assert found.weights["weight"].iloc[6] == pytest.approx(0.327, abs=1e-3)
    assert found.ratio == pytest.approx(0.022, abs=2e-3)
    values, vectors = np.linalg.eig(np.array(DRINKS))
    first = np.abs(vectors[:, values.real.argmax()].real)
    assert found.weights["weight"].to_numpy() == pytest.approx(first / first.sum(), abs=1e-8)


@given(st.lists(st.floats(0.2, 5.0), min_size=3, max_size=8))
@settings(max_examples=30, deadline=None)
def test_judgements_that_agree_give_their_weights_back(true: list[float]) -> None:
    weight = np.array(true) / sum(true)
    matrix = (weight[:, None] / weight[None, :]).tolist()
    found = ahp_weights(_judged(matrix), _names(len(true)), _rng(), perturbations=20)
    assert found.weights["weight"].to_numpy() == pytest.approx(weight, abs=1e-8)
    assert found.ratio == pytest.approx(0.0, abs=1e-8)
    frame = found.weights
    assert (frame["weight_low"] <= frame["weight"]).all()
    assert (frame["weight"] <= frame["weight_high"]).all()


def test_pairs_nobody_compared_are_left_open() -> None:
    some = _judged([[1, 2, 4], [1 / 2, 1, 2], [1 / 4, 1 / 2, 1]])
    open_ = some[~((some["goal_a"] == "g0") & (some["goal_b"] == "g2"))]
    found = ahp_weights(open_, _names(3), _rng())
    assert found.weights["weight"].to_numpy() == pytest.approx([4 / 7, 2 / 7, 1 / 7], abs=1e-6)


def test_two_judges_are_joined_by_the_geometric_mean() -> None:
    two = pd.concat([_judged([[1, 4], [1 / 4, 1]]), _judged([[1, 1], [1, 1]], "Bo")])
    assert ahp_weights(two, _names(2), _rng()).weights["weight"].iloc[0] == pytest.approx(2 / 3)


def test_the_worst_judgement_is_named() -> None:
    true = np.array([8.0, 4.0, 2.0, 1.0, 1.0])
    judged = _judged((true[:, None] / true[None, :]).tolist())
    judged.loc[(judged["goal_a"] == "g0") & (judged["goal_b"] == "g2"), "ratio"] = 1 / 9
    found = ahp_weights(judged, _names(5), _rng())
    assert found.ratio > 0.1
    assert "g2" in found.worst and "g0" in found.worst  # noqa: PT018
    assert found.notes


def test_what_it_cannot_take() -> None:
    judged = _judged(LEADER)
    with pytest.raises(ModelError, match="not"):
        ahp_weights(judged, _names(3), _rng())
    with pytest.raises(ModelError, match="join"):
        ahp_weights(judged[judged["goal_b"] != "g3"], _names(4), _rng())
    with pytest.raises(ModelError, match="above 0"):
        ahp_weights(judged.assign(ratio=0.0), _names(4), _rng())
    goals = pd.DataFrame({"goal": ["a", "b"], "weight": [0.0, 0.0], "theme": None})
    with pytest.raises(ModelError, match="sum to zero"):
        goal_weights(goals, judged.head(0), {}, _rng())


def test_a_weight_nobody_stated_is_the_average_and_said() -> None:
    goals = pd.DataFrame({"goal": ["a", "b", "c"], "weight": [3.0, 1.0, None], "theme": None})
    found = goal_weights(goals, _judged(LEADER).head(0), {}, _rng())
    assert found.weights["weight"].tolist() == pytest.approx([0.5, 1 / 6, 1 / 3])
    assert found.notes
