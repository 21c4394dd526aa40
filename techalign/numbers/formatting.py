"""Numbers as people write them: one form for money, shares, durations, dates and intervals.

A unit is a three-letter currency, ``"%"`` (the value is a fraction), ``"months"``,
``"years"``, ``"days"``, any other word, or ``""`` for a plain number.
"""

from __future__ import annotations

import datetime as dt
import math

from techalign.numbers.intervals import Interval

__all__ = ["compact", "format_date", "format_interval", "format_value", "is_currency"]

_SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$"}
_MINUS = "\u2212"
DURATIONS = frozenset({"months", "years", "days"})
_SCALES = ((1e9, "bn"), (1e6, "M"), (1e3, "k"))


def format_value(value: float, unit: str = "") -> str:
    """Write one number in full, with its unit.

    Parameters
    ----------
    value : float
        NaN becomes a dash, infinity "never" for durations and "∞" otherwise.
    unit : str
        See the module's docstring.

    Returns
    -------
    str
        For example ``$1,234``, ``$12.50``, ``4.3%``, ``18 months``.
    """
    if value is None or math.isnan(value):
        return "–"
    if math.isinf(value):
        return "never" if unit in DURATIONS else "∞"
    sign = _MINUS if value < 0 else ""
    size = abs(value)
    if unit == "%":
        return _percent(size, sign)
    if is_currency(unit):
        digits = 2 if 0 < size < 100 and round(size, 2) != round(size) else 0
        text = f"{size:,.{digits}f}"
        return (sign if text.strip("0.,") else "") + _with_symbol(text, unit)
    digits = 0 if size == round(size) or size >= 100 else 1
    text = f"{sign}{size:,.{digits}f}"
    if unit in DURATIONS and text == "1":
        unit = unit.removesuffix("s")
    return f"{text} {unit}" if unit else text


def compact(value: float, unit: str = "") -> str:
    """Write one number in few characters, for axes and headlines: ``$1.2M``, ``365k``."""
    if value is None or math.isnan(value) or math.isinf(value) or unit == "%":
        return format_value(value, unit)
    size = abs(value)
    sign = _MINUS if value < 0 and size >= 0.005 else ""
    # 0.9995: 999,950 would otherwise round up to 1,000k
    scale, suffix = next((pair for pair in _SCALES if size >= pair[0] * 0.9995), (1.0, ""))
    scaled = size / scale
    if suffix or size >= 10:
        digits = 1 if suffix and scaled < 99.95 else 0
        text = f"{scaled:.{digits}f}".removesuffix(".0")
    else:
        text = f"{scaled:.2f}".rstrip("0").rstrip(".")
    if is_currency(unit):
        return sign + _with_symbol(text + suffix, unit)
    return f"{sign}{text}{suffix}" + (f" {unit}" if unit else "")


def format_interval(interval: Interval, unit: str = "", *, short: bool = False) -> str:
    """Write a point with its interval behind it, always in this form: ``$365k ($290k to $480k)``.

    Parameters
    ----------
    interval : Interval
    unit : str
    short : bool
        Use :func:`compact` numbers.
    """
    write = compact if short else format_value
    low, high = write(interval.low, unit), write(interval.high, unit)
    point = write(interval.point, unit)
    # what is known for certain has no interval: a cost that lies in the past
    return point if interval.low == interval.high else f"{point} ({low} to {high})"


def format_date(day: dt.date) -> str:
    """Write a date so that no country misreads it: ``5 Mar 2026``."""
    if day is None or day != day:
        return "–"
    return f"{day.day} {day:%b %Y}"


def _percent(size: float, sign: str) -> str:
    percent = size * 100
    if 0 < percent < 0.1:
        return f"{sign}<0.1%"
    digits = 1 if percent < 9.95 and round(percent, 1) != round(percent) else 0
    return f"{sign if round(percent, digits) else ''}{percent:.{digits}f}%"


def is_currency(unit: str) -> bool:
    """Tell whether a unit is a three-letter currency code."""
    return len(unit) == 3 and unit.isupper()


def _with_symbol(text: str, currency: str) -> str:
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{text}" if symbol else f"{currency} {text}"
