"""Months and years as numbers."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techalign.errors import ModelError
from techalign.numbers.periods import month_index, months_between, parse_month, years_between

DATES = st.dates(dt.date(1700, 1, 1), dt.date(2200, 12, 31))


def test_month_index_by_hand() -> None:
    dates = pd.Series(pd.to_datetime(["2000-01-31", "2000-02-01", "2001-01-15"]), index=[4, 5, 6])
    got = month_index(dates)
    assert got.tolist() == [24000, 24001, 24012]
    assert got.index.tolist() == [4, 5, 6]
    assert got.dtype == "int64"


def test_month_index_of_no_dates() -> None:
    assert month_index(pd.Series([], dtype="datetime64[ns]")).empty


@given(DATES, DATES)
def test_differences_of_indices_are_months_between(a: dt.date, b: dt.date) -> None:
    index = month_index(pd.Series([pd.Timestamp(a), pd.Timestamp(b)]))
    assert index.iloc[1] - index.iloc[0] == months_between(a, b) == -months_between(b, a)


@given(DATES)
def test_parse_month_gives_the_first_of_the_month(date: dt.date) -> None:
    index = int(month_index(pd.Series([pd.Timestamp(date)])).iloc[0])
    assert parse_month(index) == date.replace(day=1)


def test_years_between() -> None:
    assert years_between(dt.date(2020, 1, 1), dt.date(2024, 1, 1)) == 4.0
    assert years_between(dt.date(2024, 1, 1), dt.date(2020, 1, 1)) == -4.0
    assert years_between(dt.date(2025, 1, 1), dt.date(2025, 7, 2)) == pytest.approx(0.5, abs=0.002)


def test_a_missing_date_has_no_month() -> None:
    with pytest.raises(ModelError, match="must not be missing"):
        month_index(pd.Series(pd.to_datetime(["2026-01-31", None])))
