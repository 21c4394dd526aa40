from __future__ import annotations

import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.partners import detect_drop, panel_of
from techalign.partners.detector import cusum_threshold


def naive_run(rate: float, usual: float, limit: float, rng: np.random.Generator) -> int:
    score, month = 0.0, 0
    k = usual / (2 * np.log(2))
    while month < 400:
        month += 1
        score = max(0.0, score + k - rng.poisson(rate))
        if score >= limit:
            break
    return month


def test_false_alarms_come_as_rarely_as_stated_and_a_halving_is_found_in_time() -> None:
    limit, delay, apart = cusum_threshold(np.array([3.5]), 62.0, np.random.default_rng(1))
    rng = np.random.default_rng(2)
    runs = [naive_run(3.5, 3.5, float(limit[0]), rng) for _ in range(1500)]
    assert np.mean(runs) == pytest.approx(float(apart[0]), rel=0.12)
    assert 40.0 < apart[0] < 90.0
    found = [naive_run(1.75, 3.5, float(limit[0]), rng) for _ in range(1500)]
    assert np.median(found) == pytest.approx(float(delay[0]), abs=1.0)
    assert float(delay[0]) == pytest.approx(4.0, abs=1.0)


def test_young_small_ended_and_uncounted_partners_are_not_watched() -> None:
    orders = np.full((4, 24), 4.0)
    orders[1, :18] = 0.0  # first sale six months ago
    orders[2] = np.where(np.arange(24) % 6 == 0, 1.0, 0.0)
    panel = panel_of(orders * 10.0, np.zeros(4, dtype=int), deals=orders)
    found = detect_drop(panel, np.random.default_rng(1))
    assert found.table["partner"].tolist() == ["partner 0", "partner 3"]
    assert found.unwatched == 2
    nobody = detect_drop(panel_of(orders, np.zeros(4, dtype=int)), np.random.default_rng(1))
    assert nobody.table.empty
    assert nobody.unwatched == 4


def test_false_alarms_more_often_than_the_watch_is_long_are_refused() -> None:
    panel = panel_of(np.ones((1, 24)), np.array([0]))
    with pytest.raises(ModelError, match="6 or more"):
        detect_drop(panel, np.random.default_rng(1), 2.0)
