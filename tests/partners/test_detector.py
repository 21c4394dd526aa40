from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import poisson

from techalign.errors import ModelError
from techalign.partners import detect_drop, panel_of
from techalign.partners.detector import cusum_chart


def naive_run(rate: float, gain: float, step: float, limit: float, rng: np.random.Generator) -> int:
    score, month = 0, 0
    while month < 2000:
        month += 1
        score = max(0, score + int(gain) - int(np.floor(rng.poisson(rate) / step + 0.5)))
        if score >= limit:
            break
    return month


@pytest.mark.parametrize("usual", [0.6, 3.5, 40.0, 900.0])
def test_false_alarms_come_as_rarely_as_stated_and_a_halving_is_found_in_time(
    usual: float,
) -> None:
    found = cusum_chart(np.array([2.0, usual]), 62.0)
    gain, step, limit = found.gain[1], found.step[1], found.limit[1]
    # the reference value lies between the usual rate and half of it
    assert gain * step == pytest.approx(usual / (2 * np.log(2)), rel=0.06)
    rng = np.random.default_rng(2)
    if np.isfinite(found.apart[1]):
        runs = [naive_run(usual, gain, step, limit, rng) for _ in range(1500)]
        assert np.mean(runs) == pytest.approx(float(found.apart[1]), rel=0.1)
    else:  # a month of the usual kind is never so low
        assert naive_run(usual, gain, step, limit, rng) == 2000
    halved = [naive_run(usual / 2, gain, step, limit, rng) for _ in range(1500)]
    assert np.median(halved) == pytest.approx(float(found.delay[1]), abs=0.5)


def test_published_interval_and_delay_are_met() -> None:
    found = cusum_chart(np.array([3.5]), 62.0)
    assert float(found.apart[0]) == pytest.approx(62.0, abs=8.0)
    assert float(found.delay[0]) == 4.0


def test_chosen_threshold_is_the_nearest_of_all() -> None:
    usual = np.array([0.7, 2.5, 8.0, 43.0])
    found = cusum_chart(usual, 62.0)
    orders = np.arange(150)
    for row, rate in enumerate(usual):
        gain, lost = int(found.gain[row]), np.floor(orders / found.step[row] + 0.5)
        law, times = poisson.pmf(orders, rate), []
        for limit in range(1, 80):
            # leave the states below a threshold, by linear equations of that threshold alone
            chain = np.zeros((limit, limit))
            for score in range(limit):
                for chance, after in zip(law, np.maximum(score + gain - lost, 0), strict=True):
                    if after < limit:
                        chain[score, int(after)] += chance
            times.append(np.linalg.solve(np.eye(limit) - chain, np.ones(limit))[0])
            if times[-1] > 62.0:
                break
        off = np.abs(np.log(np.array(times) / 62.0))
        assert off[found.limit[row] - 1] == pytest.approx(off.min())
        assert found.apart[row] == pytest.approx(times[off.argmin()])


def test_young_small_ended_and_uncounted_partners_are_not_watched() -> None:
    orders = np.full((4, 24), 4.0)
    orders[1, :18] = 0.0  # first sale six months ago
    orders[2] = np.where(np.arange(24) % 6 == 0, 1.0, 0.0)
    panel = panel_of(orders * 10.0, np.zeros(4, dtype=int), deals=orders)
    found = detect_drop(panel)
    assert found.table["partner"].tolist() == ["partner 0", "partner 3"]
    assert found.unwatched == 2
    nobody = detect_drop(panel_of(orders, np.zeros(4, dtype=int)))
    assert nobody.table.empty
    assert nobody.unwatched == 4


def test_false_alarms_more_often_than_the_watch_is_long_are_refused() -> None:
    panel = panel_of(np.ones((1, 24)), np.array([0]))
    with pytest.raises(ModelError, match="6 or more"):
        detect_drop(panel, 2.0)
