"""Axes with round breaks and labels written as the tables write numbers."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterable

from techalign.numbers.formatting import compact

__all__ = [
    "breaks_within",
    "date_breaks",
    "nice_breaks",
    "reach",
    "reach_around_zero",
    "value_labels",
    "year_fraction",
]

_LEAST = 1e-200  # less is no distance that pixels could divide


def reach(*columns: Iterable[float]) -> tuple[float, float]:
    """Lowest and highest of the numbers that are known; zero where none is."""
    known = [value for column in columns for value in column if value == value]
    return min(known, default=0.0), max(known, default=0.0)


def reach_around_zero(*columns: Iterable[float]) -> tuple[float, float]:
    """Return the lowest and highest of the known numbers and zero, never equal.

    Parameters
    ----------
    *columns : iterable of float
        NaN where a number is not known.
    """
    low, high = reach(*columns)
    low, high = min(0.0, low), max(0.0, high)
    return low, high if high - low > _LEAST else 1.0


def nice_breaks(low: float, high: float, count: int = 5) -> list[float]:
    """Round numbers from at or below ``low`` to at or above ``high``, about ``count`` of them.

    Parameters
    ----------
    low, high : float
        The range to cover; equal ends are widened.
    count : int

    Returns
    -------
    list of float
        Multiples of 1, 2 or 5 times a power of ten.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high - low <= _LEAST:
        high = low + max(abs(low), 1.0)
    raw = (high - low) / max(count - 1, 1)
    magnitude = 10.0 ** math.floor(math.log10(raw))
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= raw * 0.999)
    return [i * step for i in range(math.floor(low / step), math.ceil(high / step) + 1)]


def breaks_within(reached: tuple[float, float], count: int = 5) -> list[float]:
    """Return the :func:`nice_breaks` of a range that lie in it.

    Parameters
    ----------
    reached : (float, float)
    count : int
        About so many for the whole range.
    """
    low, high = reached
    return [each for each in nice_breaks(low, high, count) if low <= each <= high]


def value_labels(breaks: list[float], unit: str) -> list[str]:
    """Write the breaks compactly."""
    return [compact(value, unit) for value in breaks]


def year_fraction(day: dt.date) -> float:
    """Position of a day on a time axis, in years."""
    return day.year + (day.toordinal() - dt.date(day.year, 1, 1).toordinal()) / 366.0


def date_breaks(start: dt.date, end: dt.date) -> tuple[list[float], list[str]]:
    """Breaks of a time axis and their labels: months, quarters or years as the span asks.

    Parameters
    ----------
    start, end : date

    Returns
    -------
    positions : list of float
        As :func:`year_fraction` gives them.
    labels : list of str
    """
    months = (end.year - start.year) * 12 + end.month - start.month + 1
    step = next(s for s in (1, 2, 3, 6, 12, 24, 60, 120, 600) if months / s <= 9)
    first = start.year * 12 + start.month - 1
    first += -first % step
    days = [
        dt.date(m // 12, m % 12 + 1, 1) for m in range(first, end.year * 12 + end.month + 1, step)
    ]
    form = "%Y" if step >= 12 else "%b %Y"
    return [year_fraction(day) for day in days], [f"{day:{form}}" for day in days]
