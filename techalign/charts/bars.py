"""Bars and point ranges: one row per label, the label written on the left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from techalign.charts.axes import nice_breaks, reach_around_zero, value_labels
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.pixels import dots
from techalign.charts.rows import boxes_in_rows, row_panel, rows_picture, texts_at_ends
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import compact, format_interval
from techalign.numbers.intervals import Interval

__all__ = ["bars", "ranges"]

_BAR = 18.4  # pixels
_BAND = 7.0
_BESIDE = 8.0  # pixels between the end of a range and its value


def bars(
    frame: pd.DataFrame,
    *,
    label: Shown,
    value: Shown,
    title: str,
    unit: str,
    empty: str = "",
) -> Chart:
    """Draw horizontal bars with the value written at each end.

    Parameters
    ----------
    frame : DataFrame
        One row per bar, drawn from the top.
    label, value : str or (str, str)
        Columns of text and of numbers, each by its name or by (name, heading).
    title : str
    unit : str
        See :mod:`techalign.numbers.formatting`.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({"tool": ["Ledger", "Mail"], "cost": [4200.0, 900.0]})
    >>> chart = bars(frame, label="tool", value="cost", title="Cost a year", unit="USD")
    >>> print(chart.alt)
    Cost a year. Ledger $4.2k, Mail $900.
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    (label, label_heading), (value, heading) = named(label), named(value)
    taken = drawn(frame, label, value)
    names, numbers = taken[label], taken[value]
    across = reach_around_zero(numbers)
    breaks = nice_breaks(*across)
    written = [compact(number, unit) for number in numbers]
    ends = [max(number, 0.0) for number in numbers]
    starts, blue = [min(number, 0.0) for number in numbers], [SERIES[0]] * len(numbers)

    def draw(width: float) -> str:
        panel = row_panel(names, across, ends=ends, written=written, width=width)
        parts = [
            boxes_in_rows(panel, starts, ends, blue, _BAR),
            texts_at_ends(panel, ends, written),
        ]
        return rows_picture(panel, names, (breaks, value_labels(breaks, unit)), parts, alt)

    alt = _ranking_alt(title, names, zip(numbers, numbers, numbers, strict=True), unit)
    return Chart(
        title,
        alt,
        data=frame[[label, value]],
        headers={label: label_heading, value: heading},
        units={value: unit},
        **two_widths(draw),
    )


def ranges(
    frame: pd.DataFrame,
    *,
    label: Shown,
    point: Shown,
    low: str,
    high: str,
    title: str,
    unit: str,
    empty: str = "",
) -> Chart:
    """Draw a dot with its interval for each row.

    Parameters
    ----------
    frame : DataFrame
    label, point : str or (str, str)
        Columns of text and of numbers, each by its name or by (name, heading).
    low, high : str
        Columns; ``low <= point <= high``.
    title, unit : str
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "vendor": ["Ledger", "Mail"], "loss": [900.0, 300.0],
    ...     "low": [200.0, 100.0], "high": [2100.0, 800.0]})
    >>> chart = ranges(
    ...     frame, label="vendor", point="loss", low="low", high="high", title="Loss in a year",
    ...     unit="USD")
    >>> print(chart.alt)
    Loss in a year. Ledger $900 ($200 to $2.1k), Mail $300 ($100 to $800).
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    (label, label_heading), (point, heading) = named(label), named(point)
    taken = drawn(frame, label, point, low, high)
    names, points, lows, highs = (taken[name] for name in (label, point, low, high))
    across = reach_around_zero(lows, points, highs)
    breaks = nice_breaks(*across)
    written = [compact(number, unit) for number in points]
    pale = [COLOURS["band"]] * len(lows)

    def draw(width: float) -> str:
        panel = row_panel(names, across, ends=highs, written=written, gap=_BESIDE, width=width)
        places = [(panel.x(number), panel.y(i)) for i, number in enumerate(points)]
        parts = [
            boxes_in_rows(panel, lows, highs, pale, _BAND),
            dots(places, SERIES[0], 4.4),
            texts_at_ends(panel, highs, written, _BESIDE),
        ]
        return rows_picture(panel, names, (breaks, value_labels(breaks, unit)), parts, alt)

    alt = _ranking_alt(title, names, zip(points, lows, highs, strict=True), unit)
    # named so that the table beside the picture knows whose ends they are
    behind = [label, point, f"{point}_low", f"{point}_high"]
    return Chart(
        title,
        alt,
        data=frame[[label, point, low, high]].set_axis(behind, axis=1),
        headers={label: label_heading, point: heading},
        units={point: unit},
        **two_widths(draw),
    )


def _ranking_alt(
    title: str, names: Sequence[object], numbers: Iterable[tuple[float, float, float]], unit: str
) -> str:
    parts = [
        f"{name} {format_interval(Interval(*three), unit, short=True)}"
        for name, three in zip(names[:8], numbers, strict=False)
    ]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"{title}. {', '.join(parts)}{more}."
