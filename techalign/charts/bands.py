"""Curves with a band around them: forecasts over time, and anything over a plain axis.

The band and the line are named where they end, and what was measured is told from what is
forecast in the picture itself, so that no legend has to be matched.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from techalign.charts.axes import (
    breaks_within,
    date_breaks,
    nice_breaks,
    reach,
    reach_around_zero,
    value_labels,
    year_fraction,
)
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.panel import (
    VALUE,
    WIDE,
    Panel,
    grid_across,
    grid_up,
    labels_below,
    labels_beside,
    room_beside,
    title_below,
)
from techalign.charts.pixels import EDGE, areas, lines, paths, picture, texts
from techalign.charts.text import spread, text_width
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import compact, format_interval, format_month, format_value
from techalign.numbers.intervals import Interval

__all__ = ["curve", "fan"]

_HEIGHT = 270.0
_TOP = 26.0
_TITLE = 16.0  # of the axis below
_BOTTOM = 30.0 + _TITLE
_LINE = 17.0
_MONTH = 1 / 12
Columns = dict[str, list[Any]]
_NAMES = {"high": "high", "point": "middle", "low": "low"}


def fan(
    history: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    title: str,
    unit: str,
    level: float,
    value_header: str,
    empty: str = "",
) -> Chart:
    """Draw what was measured and, after it, the forecast with its interval, all named.

    Parameters
    ----------
    history : DataFrame
        ``month`` (datetime64) and ``value``.
    forecast : DataFrame
        ``month`` (datetime64), ``low``, ``point`` and ``high``.
    title, unit : str
    level : float
        Probability of the interval, 0 to 1.
    value_header : str
        What the value is, for the data table.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> months = pd.date_range("2026-01-01", periods=4, freq="MS")
    >>> history = pd.DataFrame({"month": months[:2], "value": [900.0, 1000.0]})
    >>> ahead = pd.DataFrame({
    ...     "month": months[2:], "low": [800.0, 700.0], "point": [1050.0, 1100.0],
    ...     "high": [1300.0, 1500.0]})
    >>> chart = fan(
    ...     history, ahead, title="Sales per month", unit="USD", level=0.8, value_header="Sales")
    >>> print(chart.alt)
    Sales per month. Measured until Feb 2026; forecast for Apr 2026, with its 80% range:
    $1.1k ($700 to $1.5k).
    """
    if forecast.empty:
        return empty_chart(title, empty, forecast)
    # what was measured may say so by ends that are the value itself
    known = [name for name in ("low", "high") if name in history.columns]
    past, ahead = drawn(history, "month", "value", *known), drawn(forecast, "month", *_NAMES)
    for each in (past, ahead):
        each["x"] = [year_fraction(month) for month in each["month"]]
    points = past["value"] + ahead["point"]
    lows, highs = (
        past.get(end, [math.nan] * len(past["x"])) + ahead[end] for end in ("low", "high")
    )
    up = reach_around_zero(points, lows, highs)
    months = [*past["month"], *ahead["month"]]
    until = (
        f"Measured until {format_month(max(past['month']))}; forecast" if past["x"] else "Forecast"
    )
    alt = (
        f"{title}. {until} for {format_month(months[-1])}, with its {level:.0%} range: "
        f"{_written_out(_last(ahead), unit)}."
    )
    shown = pd.DataFrame({"month": months, "point": points, "low": lows, "high": highs})
    headers = {"month": "Month", "point": f"{value_header} ({level:.0%} range)"}
    drawings = two_widths(lambda width: _fan_picture(past, ahead, up, unit, alt, width))
    units = {"month": "month", "point": unit}
    return Chart(title, alt, data=shown, headers=headers, units=units, **drawings)


def curve(
    frame: pd.DataFrame,
    *,
    x: Shown,
    x_unit: str,
    title: str,
    unit: str,
    value_header: str,
    empty: str = "",
) -> Chart:
    """Draw a curve with its interval over a plain axis, such as months since signing.

    Parameters
    ----------
    frame : DataFrame
        Column ``x`` and ``low``, ``point``, ``high``.
    x : str or (str, str)
        Column of the axis, by its name or by (name, heading).
    x_unit : str
    title, unit, value_header : str
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "months": [0.0, 6.0, 12.0], "low": [0.0, 0.4, 0.5], "point": [0.0, 0.5, 0.6],
    ...     "high": [0.0, 0.6, 0.7]})
    >>> chart = curve(
    ...     frame, x=("months", "Months since signing"), x_unit="months",
    ...     title="Chance to have sold", unit="%", value_header="Has sold")
    >>> print(chart.alt)
    Chance to have sold. At 12 months: 60% (50% to 70%).
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    x, x_header = named(x)
    taken = drawn(frame, x, *_NAMES)
    data = {"x": taken.pop(x), **taken}
    across = nice_breaks(*reach(data["x"]), 7)
    up = nice_breaks(*reach_around_zero(*(data[end] for end in _NAMES)), 7)
    last = _last(data)
    alt = f"{title}. At {format_value(last['x'], x_unit)}: {_written_out(last, unit)}."
    picked = np.unique(np.linspace(0, len(frame) - 1, 13).round().astype(int))
    return Chart(
        title,
        alt,
        data=frame[[x, "point", "low", "high"]].iloc[picked],
        headers={x: x_header, "point": value_header},
        units={x: x_unit, "point": unit},
        **two_widths(lambda width: _curve_picture(data, (across, up), x_header, unit, alt, width)),
    )


def _fan_picture(
    past: Columns,
    ahead: Columns,
    up: tuple[float, float],
    unit: str,
    alt: str,
    width: float,
) -> str:
    """Draw both parts, what each is, and what the band's ends are."""
    first, last = min([*past["x"], *ahead["x"]]), max(ahead["x"])
    breaks = breaks_within(up)
    labels = value_labels(breaks, unit)
    across = first, max(last, first + _MONTH)
    panel, names = _end_names(_last(ahead), unit, (across, up), labels, width)
    months = [*past["month"], *ahead["month"]]
    axis = zip(*date_breaks(min(months), max(months)), strict=True)
    shown = [(at, label) for at, label in axis if first <= at <= panel.across[1]]
    return picture(
        [
            grid_up(panel, breaks),
            *_band(panel, ahead),
            paths(_places(panel, ahead["x"], ahead["point"]), SERIES[0], 3.0, 9.0),
            paths(_places(panel, past["x"], past.get("value", [])), SERIES[0], 3.0),
            *_seam(panel, past["x"], ahead["x"]),
            names,
            labels_beside(panel, breaks, labels),
            labels_below(panel, [at for at, _ in shown], [label for _, label in shown]),
        ],
        _HEIGHT - _TITLE,
        alt,
        width,
    )


def _curve_picture(
    data: Columns,
    axes: tuple[list[float], list[float]],
    x_header: str,
    unit: str,
    alt: str,
    width: float,
) -> str:
    across, up = axes
    span = across[0], max(across[-1], data["x"][-1])
    labels = value_labels(up, unit)
    panel, names = _end_names(_last(data), unit, (span, (up[0], up[-1])), labels, width)
    return picture(
        [
            grid_across(panel, across),
            grid_up(panel, up),
            *_band(panel, data),
            paths(_places(panel, data["x"], data["point"]), SERIES[0], 3.5),
            names,
            labels_beside(panel, up, labels),
            labels_below(panel, across, value_labels(across, "")),
            title_below(panel, x_header),
        ],
        _HEIGHT,
        alt,
        width,
    )


def _places(panel: Panel, xs: list[float], ys: list[float]) -> list[tuple[float, float]]:
    return [(panel.x(x), panel.y(y)) for x, y in zip(xs, ys, strict=True)]


def _band(panel: Panel, columns: Columns) -> list[str]:
    """The interval, and its ends as lines: the fill alone is too pale to be told from the page."""
    lows, highs = (_places(panel, columns["x"], columns[end]) for end in ("low", "high"))
    filled = [(x, low, high) for (x, low), (_, high) in zip(lows, highs, strict=True)]
    return [
        areas(filled, COLOURS["band"]),
        paths(lows, COLOURS["soft"], 1.0),
        paths(highs, COLOURS["soft"], 1.0),
    ]


def _seam(panel: Panel, past: list[float], ahead: list[float]) -> list[str]:
    """Say above what was measured and what is forecast."""
    at = max(past) if past else min(ahead)
    x, y = panel.x(at), panel.top - 14
    heads = [texts([(x + 6, y, "forecast")], VALUE, "start", COLOURS["soft"])]
    if past:
        heads.append(lines([(x, y - 6, x, panel.bottom)], COLOURS["soft"], 1.3, 3.0))
        # a few months are too narrow a place for a word
        if x - panel.left > text_width("measured", WIDE) + 8:
            heads.append(texts([(x - 6, y, "measured")], VALUE, "end", COLOURS["soft"]))
    return heads


def _last(columns: Columns) -> dict[str, Any]:
    return {name: cells[-1] for name, cells in columns.items()}


def _written_out(last: dict[str, Any], unit: str) -> str:
    """A point with its ends behind it."""
    return format_interval(Interval(last["point"], last["low"], last["high"]), unit, short=True)


def _end_names(
    last: dict[str, Any],
    unit: str,
    reached: tuple[tuple[float, float], tuple[float, float]],
    labels: list[str],
    width: float,
) -> tuple[Panel, str]:
    """Name a band's ends behind it, moved apart; and the panel that leaves room for that."""
    written = [f"{name} {compact(last[end], unit)}" for end, name in _NAMES.items()]
    left = room_beside(labels)
    right = width - EDGE - 12 - max(text_width(text, WIDE) for text in written)
    panel = Panel(left, right, _TOP, _HEIGHT - _BOTTOM, *reached, width)
    wanted = [panel.y(last[end]) for end in _NAMES]
    known = [panel.bottom if y != y else y for y in wanted]
    places = spread(known, _LINE, panel.top, panel.bottom)
    x = panel.x(last["x"]) + 8
    beside = [(x, y, text) for y, text in zip(places, written, strict=True)]
    return panel, texts(beside, VALUE, "start")
