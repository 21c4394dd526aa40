"""Months and years as numbers, because every table speaks of them in its own way."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.errors import ModelError

__all__ = ["DAYS_PER_YEAR", "month_index", "months_between", "parse_month", "years_between"]

DAYS_PER_YEAR = 365.25


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
    """
    months = dates.to_numpy("datetime64[M]")
    if np.isnat(months).any():
        raise ModelError("dates", "must not be missing")
    return pd.Series(months.astype(np.int64) + 12 * 1970, index=dates.index, name=dates.name)


def months_between(start: dt.date, end: dt.date) -> int:
    """Count calendar months from the month of ``start`` to the month of ``end``."""
    return (end.year - start.year) * 12 + end.month - start.month


def years_between(start: dt.date, end: dt.date) -> float:
    """Length of time from ``start`` to ``end`` in years of 365.25 days."""
    return (end - start).days / DAYS_PER_YEAR


def parse_month(index: int) -> dt.date:
    """First day of the month numbered by :func:`month_index`."""
    return dt.date(index // 12, index % 12 + 1, 1)
