"""How fast a price rises: intervals that hold what they claim."""

from __future__ import annotations

import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.numbers.streams import random_stream
from techalign.spending.recurring.creep import price_creep


def test_creep_interval_holds_what_it_claims() -> None:
    rng = random_stream("creep")
    k, n = 400, 48
    jump = np.where(rng.random((k, n - 1)) < 1 / 12, rng.uniform(0.02, 0.10, (k, n - 1)), 0.0)
    log_price = np.hstack([np.zeros((k, 1)), jump.cumsum(axis=1)])
    day = np.tile(np.arange(n) * 30.4375, k)
    member = np.repeat(np.arange(k), n)
    price = 100 * np.exp(log_price).ravel()
    fixed = np.ones(k, dtype=bool)
    _, low, high = price_creep(day, price, member, fixed, unseen_rise=0.05, level=0.8)
    held = np.mean((low <= np.expm1(0.06)) & (np.expm1(0.06) <= high))
    assert 0.70 <= held <= 0.92
    trend = 100 * np.exp(0.06 * day / 365.25 + rng.normal(0, 0.2, day.size))
    _, low, high = price_creep(day, trend, member, ~fixed, unseen_rise=0.05, level=0.8)
    held = np.mean((low <= np.expm1(0.06)) & (np.expm1(0.06) <= high))
    assert 0.74 <= held <= 0.86


def test_a_price_that_never_moved_may_still_rise() -> None:
    day = np.arange(24) * 30.4375
    member = np.zeros(24, dtype=int)
    fixed = np.ones(1, dtype=bool)
    creep, low, high = price_creep(
        day, np.full(24, 9.0), member, fixed, unseen_rise=0.05, level=0.8
    )
    years = 23 * 30.4375 / 365.25
    assert creep[0] == low[0] == 0.0
    assert high[0] == pytest.approx(1.05 ** (-np.log(0.2) / years) - 1)
    with pytest.raises(ModelError, match="unseen_rise"):
        price_creep(day, np.full(24, 9.0), member, fixed, unseen_rise=-0.1, level=0.8)
