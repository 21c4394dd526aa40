"""Numbers as people write them: one form for money, shares, durations, dates and intervals.

A unit is a three-letter currency, ``"%"`` (the value is a fraction), ``"months"``,
``"years"``, ``"days"``, any other word, or ``""`` for a plain number.

Sums of a ledger are written to the last digit, because they can be checked; estimates with three
significant digits, because the rest would be noise.
"""

from __future__ import annotations

import datetime as dt
import math

from techalign.numbers.intervals import Interval

__all__ = [
    "compact",
    "format_chance",
    "format_date",
    "format_ends",
    "format_estimate",
    "format_interval",
    "format_money",
    "format_month",
    "format_value",
    "is_counted",
    "is_currency",
]

_SYMBOLS = {"USD": "$", "GBP": "£", "EUR": "€", "CAD": "CA$", "AUD": "A$", "NZD": "NZ$"}
_MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MINUS = "\u2212"
DURATIONS = frozenset({"quarters", "months", "years", "days"})
_CENT_ERROR = 1e-4  # what adding up a ledger may leave of a cent
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

    Examples
    --------
    >>> format_value(1234.0, "USD"), format_value(0.043, "%"), format_value(18, "months")
    ('$1,234', '4.3%', '18 months')
    >>> format_value(-0.04), format_value(-0.06)
    ('0', '−0.1')
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
    text = f"{size:,.{digits}f}".removesuffix(".0")
    text = (sign if text.strip("0") else "") + text  # what rounds to nothing has no sign
    if unit in DURATIONS and text == "1":
        unit = unit.removesuffix("s")
    return f"{text} {unit}" if unit else text


def format_estimate(value: float, unit: str = "") -> str:
    """Write an estimate: as :func:`format_value`, with three significant digits.

    Parameters
    ----------
    value : float
    unit : str
        A currency, "%", or any other unit.

    Returns
    -------
    str
        For example ``$4,820,000`` for 4,822,993 dollars, ``$12`` for 12.34 dollars.

    Examples
    --------
    >>> format_estimate(4_822_993.0, "USD"), format_estimate(12.34, "USD")
    ('$4,820,000', '$12')
    """
    if value is None or not math.isfinite(value) or value == 0 or unit == "%":
        return format_value(value, unit)
    rounded = round(value, 2 - math.floor(math.log10(abs(value))))
    # cents beside tens would be a fourth digit
    whole = is_currency(unit) and abs(rounded) >= 10
    return format_value(float(round(rounded)) if whole else rounded, unit)


def is_counted(value: float) -> bool:
    """Tell whether an amount was counted and not estimated: it is a whole number of cents.

    Parameters
    ----------
    value : float
        Money.

    Returns
    -------
    bool

    Examples
    --------
    >>> is_counted(12.34), is_counted(12.345)
    (True, False)
    """
    return not math.isfinite(value) or abs(value * 100 - round(value * 100)) < _CENT_ERROR


def format_money(value: float, unit: str = "") -> str:
    """Write an amount in full if it was counted, and as an estimate otherwise.

    What is not money is written by :func:`format_value`.

    Parameters
    ----------
    value : float
    unit : str
        A currency, "%", or any other unit.

    Returns
    -------
    str

    Examples
    --------
    >>> format_money(1234.5, "USD"), format_money(1234.567, "USD")
    ('$1,234', '$1,230')
    """
    exact = value is None or not is_currency(unit) or is_counted(value)
    return (format_value if exact else format_estimate)(value, unit)


def compact(value: float, unit: str = "") -> str:
    """Write one number in few characters, for axes and headlines: ``$1.2M``, ``365k``.

    Parameters
    ----------
    value : float
    unit : str
        A currency, "%", or any other unit.

    Returns
    -------
    str

    Examples
    --------
    >>> compact(1_234_567.0, "USD"), compact(365_000.0)
    ('$1.2M', '365k')
    """
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

    Returns
    -------
    str

    Examples
    --------
    >>> format_interval(Interval(365e3, 290e3, 480e3), "USD", short=True)
    '$365k ($290k to $480k)'
    """
    # what is known for certain has no interval: a cost that lies in the past
    certain = interval.low == interval.high
    write = compact if short else format_money if certain else format_estimate
    ends = format_ends(interval, unit, short=short)
    return write(interval.point, unit) + (f" ({ends})" if ends else "")


def format_ends(interval: Interval, unit: str = "", *, short: bool = False) -> str:
    """Write the ends of an interval alone: ``$290,000 to $480,000``.

    Parameters
    ----------
    interval : Interval
    unit : str
        A currency, "%", or any other unit.
    short : bool
        Use :func:`compact` numbers.

    Returns
    -------
    str
        "" where there is nothing to say: an end is missing, or none differs from the point by
        anything that is written.

    Examples
    --------
    >>> format_ends(Interval(365e3, 290e3, 480e3), "USD")
    '$290,000 to $480,000'
    """
    if interval.low == interval.high or interval.low != interval.low:
        return ""
    write = compact if short else format_estimate
    low, high = write(interval.low, unit), write(interval.high, unit)
    return "" if low == high == write(interval.point, unit) else f"{low} to {high}"


def format_chance(chance: float) -> str:
    """Write a chance; one that draws never or always gave is not certain for that.

    Parameters
    ----------
    chance : float
        From 0 to 1.

    Returns
    -------
    str

    Examples
    --------
    >>> format_chance(0.934), format_chance(1.0), format_chance(0.0004)
    ('93%', 'over 99%', 'under 1%')
    """
    if chance > 0.99:
        return "over 99%"
    return "under 1%" if chance < 0.01 else f"{chance:.0%}"


def format_date(day: dt.date) -> str:
    """Write a date so that no country misreads it: ``5 Mar 2026``.

    Parameters
    ----------
    day : date

    Returns
    -------
    str

    Examples
    --------
    >>> format_date(dt.date(2026, 3, 5))
    '5 Mar 2026'
    """
    month = format_month(day)
    return month if month == "–" else f"{day.day} {month}"


def format_month(day: dt.date) -> str:
    """Write the month of a day: ``Mar 2026``.

    Parameters
    ----------
    day : date

    Returns
    -------
    str

    Examples
    --------
    >>> format_month(dt.date(2026, 3, 5))
    'Mar 2026'
    """
    if day is None or day != day:
        return "–"
    return f"{_MONTHS[day.month - 1]} {day.year}"


def _percent(size: float, sign: str) -> str:
    percent = size * 100
    if not sign and 0 < percent < 0.1:
        return "<0.1%"
    if not sign and 99.5 <= percent < 100.0 - 1e-9:  # what is not certain is not written so
        return ">99%"
    digits = 1 if percent < 9.95 and round(percent, 1) != round(percent) else 0
    return f"{sign if round(percent, digits) else ''}{percent:.{digits}f}%"


def is_currency(unit: str) -> bool:
    """Tell whether a unit is a three-letter currency code.

    Parameters
    ----------
    unit : str

    Returns
    -------
    bool

    Examples
    --------
    >>> is_currency("USD"), is_currency("%")
    (True, False)
    """
    return len(unit) == 3 and unit.isupper()


def _with_symbol(text: str, currency: str) -> str:
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{text}" if symbol else f"{currency} {text}"
