"""Curves with a band around them: forecasts over time, and anything over a plain axis.

The band and the line are named where they end, and what was measured is told from what is
forecast in the picture itself, so that no legend has to be matched.
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pandas as pd

from techalign.charts.axes import date_breaks, nice_breaks, reach, value_labels, year_fraction
from techalign.charts.bridge import drawn
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.text import spread, text_width
from techalign.charts.theme import COLOURS, SERIES, WIDTH
from techalign.numbers.formatting import compact, format_interval, format_month, format_value
from techalign.numbers.intervals import Interval

__all__ = ["curve", "fan"]

_HEIGHT = 270
_TEXT = 12.5
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
    """
    if forecast.empty:
        return empty_chart(title, empty, forecast)
    import lets_plot as lp

    # what was measured may say so by ends that are the value itself
    known = [name for name in ("low", "high") if name in history.columns]
    past, ahead = drawn(history, "month", "value", *known), drawn(forecast, "month", *_NAMES)
    for each in (past, ahead):
        each["x"] = [year_fraction(month) for month in each["month"]]
    points = past["value"] + ahead["point"]
    lows, highs = (
        past.get(end, [math.nan] * len(past["x"])) + ahead[end] for end in ("low", "high")
    )
    breaks = nice_breaks(min(0.0, reach(points, lows)[0]), reach(points, highs)[1])
    plot = (
        lp.ggplot()
        + lp.geom_ribbon(
            lp.aes("x", ymin="low", ymax="high"),
            data={name: ahead[name] for name in ("x", "low", "high")},
            fill=COLOURS["band"],
            size=0,
        )
        + lp.geom_line(
            lp.aes("x", "point"),
            data={name: ahead[name] for name in ("x", "point")},
            color=SERIES[0],
            size=1.4,
            linetype=2,
        )
        + lp.geom_line(
            lp.aes("x", "value"),
            data={name: past[name] for name in ("x", "value")},
            color=SERIES[0],
            size=1.4,
        )
    )
    plot = _with_names(plot, past, ahead, breaks, unit)
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
    svg = draw(plot, height=_HEIGHT, alt=alt, grid="y")
    return Chart(title, alt, svg, shown, headers, {"month": "month", "point": unit})


def curve(
    frame: pd.DataFrame,
    *,
    x: str,
    x_unit: str,
    x_header: str,
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
    x, x_unit, x_header : str
    title, unit, value_header : str
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    taken = drawn(frame, x, *_NAMES)
    data = {"x": taken.pop(x), **taken}
    across = nice_breaks(*reach(data["x"]), 7)
    up = nice_breaks(min(0.0, reach(data["low"])[0]), reach(data["high"])[1], 7)
    plot = (
        lp.ggplot(data)
        + lp.geom_ribbon(lp.aes("x", ymin="low", ymax="high"), fill=COLOURS["band"], size=0)
        + lp.geom_line(lp.aes("x", "point"), color=SERIES[0], size=1.6)
    )
    last = _last(data)
    span = (across[0], max(across[-1], last["x"]))
    texts, end = _end_names(last, unit, span, up)
    plot = (
        plot
        + _written(texts)
        + lp.scale_x_continuous(
            breaks=across, labels=value_labels(across, ""), limits=[span[0], end]
        )
        + lp.scale_y_continuous(breaks=up, labels=value_labels(up, unit), limits=[up[0], up[-1]])
    )
    alt = f"{title}. At {format_value(last['x'], x_unit)}: {_written_out(last, unit)}."
    picked = np.unique(np.linspace(0, len(frame) - 1, 13).round().astype(int))
    return Chart(
        title,
        alt,
        draw(plot, height=_HEIGHT, alt=alt, grid="xy", x_title=x_header),
        frame[[x, "point", "low", "high"]].iloc[picked],
        {x: x_header, "point": value_header},
        {x: x_unit, "point": unit},
    )


def _with_names(plot: Any, past: Columns, ahead: Columns, breaks: list[float], unit: str) -> Any:
    """Say in the picture what was measured, what is forecast, and what the band's ends are."""
    import lets_plot as lp

    months = [*past["month"], *ahead["month"]]
    positions, labels = date_breaks(min(months), max(months))
    first, last = min([*past["x"], *ahead["x"]]), max(ahead["x"])
    texts, end = _end_names(_last(ahead), unit, (first, last), breaks)
    rise = breaks[-1] - breaks[0]
    seam, near = min(ahead["x"]), 0.008 * (end - first)
    heads = [("forecast", seam + near, 0)]
    if past["x"]:
        seam = max(past["x"])
        plot += lp.geom_vline(xintercept=seam, color=COLOURS["soft"], size=0.6, linetype=3)
        heads = [("forecast", seam + near, 0)]
        # a few months are too narrow a place for a word
        if seam - first > 0.16 * (end - first):
            heads += [("measured", seam - near, 1)]
    for text, x, side in heads:
        plot += lp.geom_text(
            x=x, y=breaks[-1] + 0.07 * rise, label=text, hjust=side, size=5.6,
            color=COLOURS["soft"],
        )  # fmt: skip
    return (
        plot
        + _written(texts)
        + lp.scale_x_continuous(breaks=positions, labels=labels, limits=[first, end])
        + lp.scale_y_continuous(
            breaks=breaks,
            labels=value_labels(breaks, unit),
            limits=[breaks[0], breaks[-1] + 0.12 * rise],
        )
    )


def _last(columns: Columns) -> dict[str, Any]:
    return {name: cells[-1] for name, cells in columns.items()}


def _written_out(last: dict[str, Any], unit: str) -> str:
    """A point with its ends behind it."""
    return format_interval(Interval(last["point"], last["low"], last["high"]), unit, short=True)


def _end_names(
    last: dict[str, Any],
    unit: str,
    across: tuple[float, float],
    breaks: list[float],
) -> tuple[Columns, float]:
    """Names and values at a band's end, moved apart; and where the axis must end to hold them."""
    written = [f"{name} {compact(last[end], unit)}" for end, name in _NAMES.items()]
    room = max(text_width(text, _TEXT) for text in written) + 16
    panel = WIDTH - 30 - max(text_width(text, _TEXT) for text in value_labels(breaks, unit))
    per_pixel = (across[1] - across[0]) / (panel - room)
    gap = 20.0 / (_HEIGHT - 50) * (breaks[-1] - breaks[0])
    places = spread([last[end] for end in _NAMES], gap, breaks[0], breaks[-1])
    across_ = [last["x"] + 7 * per_pixel] * len(places)
    texts: Columns = {"x": across_, "y": places, "text": written}
    return texts, across[0] + per_pixel * panel


def _written(texts: Columns) -> object:
    import lets_plot as lp

    return lp.geom_text(
        lp.aes("x", "y", label="text"),
        data=texts,
        hjust=0,
        size=5.6,
        color=COLOURS["ink"],
    )
