import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.vendors import concentration


def test_by_hand():
    found = concentration([50.0, 30.0, 20.0, 0.0])
    assert found.hhi == pytest.approx(0.25 + 0.09 + 0.04)
    assert found.effective_number == pytest.approx(1 / 0.38)
    assert (found.largest_share, found.count) == (0.5, 3)


def test_equal_amounts_count_as_many_as_they_are():
    assert concentration(np.full(7, 3.0)).effective_number == pytest.approx(7)


def test_nothing_and_nonsense():
    for nothing in ([], [0.0, 0.0]):
        found = concentration(nothing)
        assert np.isnan(found.hhi)
        assert (found.effective_number, found.count) == (0.0, 0)
    with pytest.raises(ModelError, match=r"amounts\[1\]"):
        concentration([1.0, -1.0])
