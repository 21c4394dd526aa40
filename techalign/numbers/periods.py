"""Months and years as numbers, because every table speaks of them in its own way."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.errors import ModelError

__all__ = ["DAYS_PER_YEAR", "month_index", "months_between", "parse_month", "years_between"]

DAYS_PER_YEAR = 365.25
"""Days of a year on average."""


def month_index(dates: pd.Series[pd.Timestamp]) -> pd.Series[int]:
    """Number calendar months from year 0, so that differences are whole months.

    Parameters
    ----------
    dates : Series of datetime64, shape (n,)

    Returns
    -------
    Series of int64, shape (n,)
        ``12 * year + month - 1``.

    Raises
    ------
    ModelError
        If one is missing.

    Examples
    --------
    >>> days = pd.Series(pd.to_datetime(["2025-12-31", "2026-01-01"]))
    >>> month_index(days).diff().tolist()[1]
    1.0
    """
    months = dates.to_numpy("datetime64[M]")
    if np.isnat(months).any():
        raise ModelError("dates", "must not be missing")
    return pd.Series(months.astype(np.int64) + 12 * 1970, index=dates.index, name=dates.name)


def months_between(start: dt.date, end: dt.date) -> int:
    """Count calendar months from the month of ``start`` to the month of ``end``.

    Parameters
    ----------
    start, end : date

    Returns
    -------
    int
        Negative if ``end`` lies before.

    Examples
    --------
    >>> months_between(dt.date(2025, 11, 30), dt.date(2026, 2, 1))
    3
    """
    return (end.year - start.year) * 12 + end.month - start.month


def years_between(start: dt.date, end: dt.date) -> float:
    """Length of time from ``start`` to ``end`` in years of 365.25 days.

    Parameters
    ----------
    start, end : date

    Returns
    -------
    float
        Negative if ``end`` lies before.

    Examples
    --------
    >>> round(years_between(dt.date(2024, 1, 1), dt.date(2026, 7, 1)), 2)
    2.5
    """
    return (end - start).days / DAYS_PER_YEAR


def parse_month(index: int) -> dt.date:
    """First day of the month numbered by :func:`month_index`.

    Parameters
    ----------
    index : int
        ``12 * year + month - 1``.

    Returns
    -------
    date

    Examples
    --------
    >>> parse_month(2026 * 12 + 2)
    datetime.date(2026, 3, 1)
    """
    return dt.date(index // 12, index % 12 + 1, 1)
