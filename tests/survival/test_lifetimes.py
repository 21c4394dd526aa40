import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.survival import Lifetimes


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


FIELDS = {"entry": [0, 0, 0], "stop": [1, 2, 3], "event": [True, False, True]}
NO_NUMBERS = {
    "lengths of time": (pd.to_timedelta([365, 730, 900], "D"), 0, "length of time"),
    "timedeltas": ([1.0, dt.timedelta(365), 2.0], 1, "length of time"),
    "days of numpy": (np.array([1, 2, 3], "m8[D]"), 0, "length of time"),
    "dates": (pd.to_datetime(["2020-01-01"] * 3), 0, "date"),
    "dates with zone": (pd.Series(pd.to_datetime(["2020-01-01"] * 3)).dt.tz_localize("UTC"), 0,
                        "date"),
    "days": ([1.0, 2.0, dt.date(2020, 1, 1)], 2, "date"),
    "NA": ([1, pd.NA, 0], 1, "missing"),
    "None": ([1, None, 0], 1, "missing"),
    "NaT": ([1, 0, pd.NaT], 2, "missing"),
    "nullable": (pd.array([1, pd.NA, 0], dtype="Int64"), 1, "nan"),
    "NaN": ([1, np.nan, 0], 1, "nan"),
    "text among numbers": (np.array([1, "a", 0], dtype=object), 1, "not a number"),
}  # fmt: skip


@pytest.mark.parametrize("kind", NO_NUMBERS)
@pytest.mark.parametrize("field", ["entry", "stop", "event", "x"])
def test_what_is_no_number_is_never_taken_for_one(field, kind):
    values, row, words = NO_NUMBERS[kind]
    with pytest.raises(ModelError, match=words) as caught:
        Lifetimes(**(FIELDS | {field: values}))
    assert caught.value.argument == f"{field}[{row}]"


def test_text_is_no_number_and_neither_is_a_missing_end_of_an_interval_an_end():
    with pytest.raises(ModelError, match="stop: must hold numbers"):
        Lifetimes(**(FIELDS | {"stop": ["1", "2", "3"]}))
    with pytest.raises(ModelError, match=r"upper\[0\]: is a length of time"):
        Lifetimes(**FIELDS, upper=pd.to_timedelta([700, None, 900], "D"))
    for gaps in ([2, None, pd.NA], pd.array([2, pd.NA, pd.NA], dtype="Int64"), [2, pd.NaT, np.nan]):
        assert Lifetimes(**FIELDS, upper=gaps).interval.tolist() == [True, False, False]
    frame = pd.DataFrame({"a": [1.0, 2.0, 3.0], "b": pd.to_timedelta([1, 2, 3], "D")})
    with pytest.raises(ModelError, match=r"x\[0\]: is a length of time"):
        Lifetimes(**FIELDS, x=frame)


@pytest.mark.parametrize(
    ("field", "values", "said"),
    [
        ("x", [[1e300], [2e300]], r"x\[0\]: is beyond what can be computed with.* its unit"),
        ("x", [[1.0], [1e-300]], r"x\[1\]: is beyond what can be computed with"),
        ("x", ["young", "old"], r"x: must hold numbers\. Write what it tells in numbers"),
        ("event", ["yes", "no"], r"event: must hold numbers\. Give True or False"),
        ("stop", ["1", "2"], r"stop: must hold numbers\. Give ages in years"),
    ],
)
def test_what_cannot_be_computed_with_is_refused_with_its_own_remedy(field, values, said):
    given = {"entry": [0.0, 0.0], "stop": [1.0, 2.0], "event": [True, False], field: values}
    with pytest.raises(ModelError, match=said):
        Lifetimes(given["entry"], given["stop"], given["event"], x=given.get("x"))


def test_ends_middles_and_rows_at_risk():
    rows = Lifetimes([0, 1, 2, 2], [3, 2, 4, 3], [1, 1, 0, 1], [np.nan, 5, np.nan, np.nan])
    assert rows.end.tolist() == [3, 5, 4, 3]
    assert rows.middle.tolist() == [3, 3.5, 4, 3]
    ages = np.array([1.0, 2.0, 2.5, 3.0, 3.5, 4.0, 4.5])
    naive = [int(((rows.entry < t) & (rows.stop >= t)).sum()) for t in ages]
    assert rows.at_risk(ages).tolist() == naive
    exact = Lifetimes([0, 1], [3, 2], [1, 0])
    assert exact.end.tolist() == exact.middle.tolist() == [3, 2]
