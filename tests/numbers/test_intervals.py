"""Intervals from draws, infinity included."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techalign.numbers.intervals import Interval, interval_of


def test_ranks_of_a_hundred_and_one_draws() -> None:
    assert interval_of(np.arange(101.0)[::-1], 0.8) == Interval(50.0, 10.0, 90.0, 0.8)
    assert interval_of(np.arange(101.0), 0.5) == Interval(50.0, 25.0, 75.0, 0.5)


def test_infinite_draws_give_infinite_ends_and_no_nan() -> None:
    some = interval_of([1.0, 2.0, 3.0, math.inf, math.inf], 0.8)
    assert (some.low, some.point, some.high) == (1.0, 3.0, math.inf)
    most = interval_of([1.0, math.inf, math.inf, math.inf], 0.5)
    assert most.point == math.inf
    both = interval_of([-math.inf, 0.0, math.inf], 0.9)
    assert (both.low, both.point, both.high) == (-math.inf, 0.0, math.inf)


@given(st.lists(st.floats(allow_nan=False), min_size=1, max_size=50), st.floats(0.01, 0.99))
def test_ends_are_draws_in_order(draws: list[float], level: float) -> None:
    found = interval_of(draws, level)
    assert found.low <= found.point <= found.high
    assert {found.low, found.point, found.high} <= set(draws)


def test_coverage_of_uniform_draws() -> None:
    draws = np.linspace(0, 1, 10_001)
    found = interval_of(draws, 0.9)
    assert (found.low, found.high) == pytest.approx((0.05, 0.95), abs=1e-4)


def test_scaling_keeps_level_and_infinity() -> None:
    assert Interval(2.0, 1.0, math.inf, 0.9).scaled(3.0) == Interval(6.0, 3.0, math.inf, 0.9)
