"""Curves with a band around them: forecasts over time, and anything over a plain axis.

The band and the line are named where they end, and what was measured is told from what is
forecast in the picture itself, so that no legend has to be matched.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from techalign.charts.axes import date_breaks, nice_breaks, value_labels, year_fraction
from techalign.charts.bridge import drawn
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.text import spread, text_width
from techalign.charts.theme import COLOURS, SERIES, WIDTH
from techalign.numbers.formatting import compact, format_interval, format_value
from techalign.numbers.intervals import Interval

__all__ = ["curve", "fan"]

_HEIGHT = 270
_TEXT = 12.5
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

    past = history.assign(x=[year_fraction(m) for m in history["month"]])
    ahead = forecast.assign(x=[year_fraction(m) for m in forecast["month"]])
    data = pd.concat([past.rename(columns={"value": "point"}), ahead], ignore_index=True)
    breaks = nice_breaks(
        min(0.0, float(data[["low", "point"]].min().min())),
        float(data[["high", "point"]].max().max()),
    )
    plot = (
        lp.ggplot()
        + lp.geom_ribbon(
            lp.aes("x", ymin="low", ymax="high"),
            data=drawn(ahead, "x", "low", "high"),
            fill=COLOURS["band"],
            size=0,
            tooltips="none",
        )
        + lp.geom_line(
            lp.aes("x", "point"),
            data=drawn(ahead, "x", "point"),
            color=SERIES[0],
            size=1.4,
            linetype=2,
        )
        + lp.geom_line(
            lp.aes("x", "value"), data=drawn(past, "x", "value"), color=SERIES[0], size=1.4
        )
    )
    plot = _with_names(plot, past, ahead, breaks, unit)
    last = forecast.iloc[-1]
    measured = (
        f"Measured until {history['month'].max():%b %Y}; forecast" if len(history) else ("Forecast")
    )
    alt = (
        f"{title}. {measured} for {last['month']:%b %Y}, with its {level:.0%} range: "
        f"{_written_out(last, unit)}."
    )
    shown = data[["month", "point", "low", "high"]]
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

    across = nice_breaks(float(frame[x].min()), float(frame[x].max()), 7)
    up = nice_breaks(min(0.0, float(frame["low"].min())), float(frame["high"].max()), 7)
    plot = (
        lp.ggplot(drawn(frame, x, "low", "point", "high"))
        + lp.geom_ribbon(
            lp.aes(x, ymin="low", ymax="high"), fill=COLOURS["band"], size=0, tooltips="none"
        )
        + lp.geom_line(lp.aes(x, "point"), color=SERIES[0], size=1.6)
    )
    last = frame.iloc[-1]
    span = (across[0], max(across[-1], float(last[x])))
    texts, end = _end_names(last.rename({x: "x"}), unit, span, up)
    plot = (
        plot
        + _written(texts)
        + lp.scale_x_continuous(
            breaks=across, labels=value_labels(across, ""), limits=[span[0], end]
        )
        + lp.scale_y_continuous(breaks=up, labels=value_labels(up, unit), limits=[up[0], up[-1]])
    )
    alt = f"{title}. At {format_value(float(last[x]), x_unit)}: {_written_out(last, unit)}."
    picked = np.unique(np.linspace(0, len(frame) - 1, 13).round().astype(int))
    return Chart(
        title,
        alt,
        draw(plot, height=_HEIGHT, alt=alt, grid="xy", x_title=x_header),
        frame[[x, "point", "low", "high"]].iloc[picked],
        {x: x_header, "point": value_header},
        {x: x_unit, "point": unit},
    )


def _with_names(
    plot: Any, past: pd.DataFrame, ahead: pd.DataFrame, breaks: list[float], unit: str
) -> Any:
    """Say in the picture what was measured, what is forecast, and what the band's ends are."""
    import lets_plot as lp

    months = [*past["month"], *ahead["month"]]
    positions, labels = date_breaks(min(months), max(months))
    first, last = min([*past["x"], *ahead["x"]]), float(ahead["x"].max())
    texts, end = _end_names(ahead.iloc[-1], unit, (first, last), breaks)
    rise = breaks[-1] - breaks[0]
    seam, near = float(ahead["x"].min()), 0.008 * (end - first)
    heads = [("forecast", seam + near, 0)]
    if len(past):
        seam = float(past["x"].max())
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


def _written_out(last: pd.Series, unit: str) -> str:
    """A point with its ends behind it."""
    point, low, high = (float(last[name]) for name in ("point", "low", "high"))
    return format_interval(Interval(point, low, high), unit, short=True)


def _end_names(
    last: pd.Series,
    unit: str,
    across: tuple[float, float],
    breaks: list[float],
) -> tuple[pd.DataFrame, float]:
    """Names and values at a band's end, moved apart; and where the axis must end to hold them."""
    written = [f"{name} {compact(float(last[end]), unit)}" for end, name in _NAMES.items()]
    room = max(text_width(text, _TEXT) for text in written) + 16
    panel = WIDTH - 30 - max(text_width(text, _TEXT) for text in value_labels(breaks, unit))
    per_pixel = (across[1] - across[0]) / (panel - room)
    gap = 20.0 / (_HEIGHT - 50) * (breaks[-1] - breaks[0])
    places = spread([float(last[end]) for end in _NAMES], gap, breaks[0], breaks[-1])
    texts = pd.DataFrame({"x": float(last["x"]) + 7 * per_pixel, "y": places, "text": written})
    return texts, across[0] + per_pixel * panel


def _written(texts: pd.DataFrame) -> object:
    import lets_plot as lp

    return lp.geom_text(
        lp.aes("x", "y", label="text"),
        data=drawn(texts, "x", "y", "text"),
        hjust=0,
        size=5.6,
        color=COLOURS["ink"],
    )
