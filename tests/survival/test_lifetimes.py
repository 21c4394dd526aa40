import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.vendors import Lifetimes


@pytest.mark.parametrize(
    ("fields", "argument"),
    [
        ({"entry": [0, 2], "stop": [1, 2], "event": [1, 0]}, "stop[1]"),
        ({"entry": [0, -1], "stop": [1, 2], "event": [1, 0]}, "entry[1]"),
        ({"entry": [0, 0], "stop": [1, np.nan], "event": [1, 0]}, "stop[1]"),
        ({"entry": [0], "stop": [1, 2], "event": [1, 0]}, "entry"),
        ({"entry": [0, 0], "stop": [1, 2], "event": [1]}, "event"),
        ({"entry": [0, 0], "stop": [1, 2], "event": [1, 2]}, "event[1]"),
        ({"entry": [0, 0], "stop": [[1, 2]], "event": [1, 0]}, "entry"),
        ({"entry": [0, 0], "stop": ["a", 2], "event": [1, 0]}, "stop"),
        ({"entry": [0, 0], "stop": [1, 2], "event": [1, 0], "upper": [0.5, np.nan]}, "upper[0]"),
        ({"entry": [0, 0], "stop": [1, 2], "event": [1, 0], "upper": [2, 3]}, "upper[1]"),
        ({"entry": [0, 0], "stop": [1, 2], "event": [1, 0], "upper": [np.inf, np.nan]}, "upper[0]"),
        ({"entry": [0, 0], "stop": [1, 2], "event": [1, 0], "x": [[1.0]]}, "x"),
        ({"entry": [0, 0], "stop": [1, 2], "event": [1, 0], "x": [1.0, np.nan]}, "x[1]"),
    ],
)
def test_bad_fields_are_named_with_their_row(fields, argument):
    with pytest.raises(ModelError) as caught:
        Lifetimes(**fields)
    assert caught.value.argument == argument


def test_kinds_of_rows():
    table = Lifetimes(
        [0, 1, 2, 2], [3, 4, 2, 5], [1, 0, 1, 1], [np.nan, np.nan, 4, 5], [1, 2, 3, 4]
    )
    assert table.interval.tolist() == [False, False, True, False]  # 5 to 5 is exact
    assert table.exact.tolist() == [True, False, False, True]
    assert (len(table), table.events, table.covariates) == (4, 3, 1)
    assert table.exposure == 3 + 3 + 1 + 3
