"""Calendar quarters as people write them, counted from the first of the plan."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable

import pandas as pd

__all__ = ["QUARTERS", "next_quarter", "quarter_name", "quarters_from", "quarters_until"]

QUARTERS = 4  # a year


def next_quarter(day: dt.date) -> dt.date:
    """First day of the calendar quarter after a day.

    Examples
    --------
    >>> next_quarter(dt.date(2026, 6, 30)), next_quarter(dt.date(2026, 12, 1))
    (datetime.date(2026, 7, 1), datetime.date(2027, 1, 1))
    """
    return quarters_from(dt.date(day.year, 3 * ((day.month - 1) // 3) + 1, 1), 1)


def quarters_from(first: dt.date, count: int) -> dt.date:
    """First day of the quarter so many after another.

    Examples
    --------
    >>> quarters_from(dt.date(2026, 7, 1), 3)
    datetime.date(2027, 4, 1)
    """
    months = first.year * 12 + first.month - 1 + 3 * count
    return dt.date(months // 12, months % 12 + 1, 1)


def quarter_name(first: dt.date, count: int = 0) -> str:
    """A quarter as people write it.

    Examples
    --------
    >>> quarter_name(dt.date(2026, 7, 1), 2)
    'Q1 2027'
    """
    day = quarters_from(first, count)
    return f"Q{(day.month + 2) // 3} {day.year}"


def quarters_until(first: dt.date, days: Iterable[object]) -> list[float]:
    """Quarters from ``first`` to each day, in quarters and parts; NaN where there is none."""
    return [
        float("nan")
        if pd.isna(day)  # type: ignore[call-overload]
        else (pd.Timestamp(day).year - first.year) * 4.0  # type: ignore[arg-type]
        + (pd.Timestamp(day).month - first.month + (pd.Timestamp(day).day - 1) / 31.0) / 3.0  # type: ignore[arg-type]
        for day in days
    ]
