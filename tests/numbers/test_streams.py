"""Random streams: the same for the same names, different and independent otherwise."""

from __future__ import annotations

import numpy as np

from techalign.numbers.streams import random_stream

# drawn once; a change would change every report
EXPECTED = [261258, 129782, 687145]


def test_the_same_names_give_the_same_stream() -> None:
    a, b = random_stream("clinic", "vendors", 3), random_stream("clinic", "vendors", 3)
    assert a is not b
    assert a.random(5).tolist() == b.random(5).tolist()


def test_a_stream_is_the_same_on_every_machine() -> None:
    digits = random_stream("clinic", "vendors").integers(0, 10**6, 3).tolist()
    assert digits == EXPECTED


def test_names_are_told_apart() -> None:
    names = [("ab", "c"), ("a", "bc"), ("abc",), ("c", "ab"), ("a", "b", "c"), (), ("1", 2)]
    firsts = [random_stream(*n).random() for n in names]
    assert len(set(firsts)) == len(names)


def test_streams_are_uncorrelated() -> None:
    draws = np.array([random_stream("client", i).standard_normal(2_000) for i in range(20)])
    correlation = np.corrcoef(draws) - np.eye(20)
    assert np.abs(correlation).max() < 0.1


def test_global_state_is_neither_used_nor_changed() -> None:
    before = random_stream("x").random()
    _ = [random_stream("y").random() for _ in range(3)]
    assert random_stream("x").random() == before
