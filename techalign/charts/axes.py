"""Axes with round breaks and labels written as the tables write numbers."""

from __future__ import annotations

import datetime as dt

import numpy as np

from techalign.numbers.formatting import compact

__all__ = ["date_breaks", "nice_breaks", "value_labels", "year_fraction"]


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
    if not np.isfinite([low, high]).all() or high <= low:
        high = low + max(abs(low), 1.0)
    raw = (high - low) / max(count - 1, 1)
    magnitude = 10.0 ** np.floor(np.log10(raw))
    step = next(m * magnitude for m in (1, 2, 5, 10) if m * magnitude >= raw * 0.999)
    first, last = np.floor(low / step), np.ceil(high / step)
    return [float(i * step) for i in np.arange(first, last + 1)]


def value_labels(breaks: list[float], unit: str) -> list[str]:
    """Write the breaks compactly."""
    return [compact(value, unit) for value in breaks]


def year_fraction(day: dt.date) -> float:
    """Position of a day on a time axis, in years."""
    return day.year + (day.timetuple().tm_yday - 1) / 366.0


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
