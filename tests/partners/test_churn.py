from __future__ import annotations

import numpy as np
import pytest
from scipy.special import beta as beta_function

from techalign.errors import ModelError
from techalign.partners import fit_sbg, sbg_survival
from techalign.partners.churn import alive_weights, trailing_zeros, weigh_silence

# Shares of customers left after 0 to 7 years (Fader & Hardie 2007, table 1)
REGULAR = [1.0, 0.631, 0.468, 0.382, 0.326, 0.289, 0.262, 0.241]
HIGH_END = [1.0, 0.869, 0.743, 0.653, 0.593, 0.551, 0.517, 0.491]


def naive_paths(rates: list[float], hazard: float) -> tuple[list[float], float]:
    """Add up all histories of death of a silence, month by month."""
    histories = []
    for died in range(len(rates) + 1):
        chance = (1 - hazard) ** died * np.exp(-sum(rates[:died]))
        histories.append(chance * (hazard if died < len(rates) else 1.0))
    total = sum(histories)
    return [sum(histories[month + 1 :]) / total for month in range(len(rates))], total


def test_weights_agree_with_adding_up_histories() -> None:
    rates = [0.5, 1.0, 0.2]
    expected, total = naive_paths(rates, 0.1)
    rate = np.array([[9.0, 9.0, *rates]])
    silent = np.array([[False, False, True, True, True]])
    weights = alive_weights(rate, silent, 0.1)
    np.testing.assert_allclose(weights[0], [1.0, 1.0, *expected])
    log_likelihood, alive = weigh_silence(rate, silent, 0.1)
    assert log_likelihood[0] == pytest.approx(np.log(total))
    assert alive[0] == pytest.approx(expected[-1])
    unbroken = weigh_silence(rate[:, :0], silent[:, :0], 0.1)
    np.testing.assert_array_equal(np.concatenate(unbroken), [0.0, 1.0])


def test_the_same_silence_means_more_for_a_busy_partner() -> None:
    silent = np.array([[False, True, True, True]])
    busy = alive_weights(np.full((1, 4), 10.0), silent, 0.02)[0, -1]
    slow = alive_weights(np.full((1, 4), 0.1), silent, 0.02)[0, -1]
    assert busy < 0.001
    assert slow > 0.9


def test_trailing_zeros_start_after_the_last_sale() -> None:
    amount = np.array([[0.0, 5.0, 0.0, 0.0], [1.0, 0.0, 0.0, 2.0]])
    mask = np.array([[True, True, True, False], [True] * 4])
    expected = [[False, False, True, False], [False] * 4]
    np.testing.assert_array_equal(trailing_zeros(amount, mask), expected)


@pytest.mark.parametrize(
    ("survival", "alpha", "beta"), [(REGULAR, 0.704, 1.182), (HIGH_END, 0.668, 3.806)]
)
def test_published_retention_is_reproduced(
    survival: list[float], alpha: float, beta: float
) -> None:
    assert fit_sbg(survival) == pytest.approx((alpha, beta), abs=6e-4)


def test_survival_is_the_ratio_of_betas() -> None:
    expected = [beta_function(0.7, 1.2 + t) / beta_function(0.7, 1.2) for t in range(5)]
    np.testing.assert_allclose(sbg_survival(np.arange(5), 0.7, 1.2), expected)


def test_a_cohort_cannot_grow() -> None:
    with pytest.raises(ModelError, match="do not increase"):
        fit_sbg([1.0, 0.5, 0.6])


@pytest.mark.parametrize("missing", [float("nan"), None, "n/a", float("inf")])
def test_a_missing_count_is_no_count(missing: object) -> None:
    with pytest.raises(ModelError, match="survival"):
        fit_sbg([100, missing, 50])
