"""Curves over time or money: forecasts with their fan, exceedance, monthly columns."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.charts.axes import date_breaks, nice_breaks, value_labels, year_fraction
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import compact, format_date, format_value

__all__ = ["columns", "curve", "exceedance", "fan"]

_HEIGHT = 260


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
    """Draw what was measured and, after it, the forecast with its interval.

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
            data=ahead,
            fill=COLOURS["band"],
            size=0,
            tooltips="none",
        )
        + lp.geom_line(lp.aes("x", "point"), data=ahead, color=SERIES[0], size=1.4, linetype=2)
        + lp.geom_line(lp.aes("x", "value"), data=past, color=SERIES[0], size=1.4)
        + _time_axis(list(data["month"]))
        + lp.scale_y_continuous(breaks=breaks, labels=value_labels(breaks, unit))
    )
    last = forecast.iloc[-1]
    alt = (
        f"{title}. Measured until {format_date(history['month'].max())}; forecast for "
        f"{format_date(last['month'])}: {compact(last['point'], unit)}, "
        f"{level:.0%} between {compact(last['low'], unit)} and {compact(last['high'], unit)}."
        if len(history)
        else f"{title}."
    )
    shown = data[["month", "point", "low", "high"]]
    headers = {
        "month": "Month",
        "point": value_header,
        "low": f"Low ({level:.0%})",
        "high": f"High ({level:.0%})",
    }
    svg = draw(plot, height=_HEIGHT, alt=alt, grid="y")
    return Chart(title, alt, svg, shown, headers, dict.fromkeys(["point", "low", "high"], unit))


def columns(
    frame: pd.DataFrame,
    *,
    month: str,
    value: str,
    title: str,
    unit: str,
    value_header: str,
    empty: str = "",
) -> Chart:
    """Draw one column per month.

    Parameters
    ----------
    frame : DataFrame
    month, value : str
        Columns: datetime64, and numbers.
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

    # whole numbers, so that every column is as wide as the next
    data = frame.assign(x=[m.year * 12 + m.month - 1 for m in frame[month]])
    breaks = nice_breaks(min(0.0, float(data[value].min())), float(data[value].max()))
    positions, labels = date_breaks(frame[month].min(), frame[month].max())
    plot = (
        lp.ggplot(data, lp.aes("x", value))
        + lp.geom_bar(stat="identity", width=0.72, fill=SERIES[0], size=0, tooltips="none")
        + lp.scale_x_continuous(breaks=[round(p * 12) for p in positions], labels=labels)
        + lp.scale_y_continuous(breaks=breaks, labels=value_labels(breaks, unit))
    )
    alt = (
        f"{title}. {len(frame)} months from {format_date(frame[month].min())}; lowest "
        f"{compact(float(frame[value].min()), unit)}, highest "
        f"{compact(float(frame[value].max()), unit)}."
    )
    return Chart(
        title,
        alt,
        draw(plot, height=_HEIGHT, alt=alt, grid="y"),
        frame[[month, value]],
        {month: "Month", value: value_header},
        {value: unit},
    )


def exceedance(
    amounts: np.ndarray,
    probability: np.ndarray,
    *,
    title: str,
    unit: str,
    marks: dict[str, float],
    empty: str = "",
) -> Chart:
    """Draw the chance that a loss is at least as large as each amount.

    Parameters
    ----------
    amounts : ndarray, shape (k,)
        Money, ascending.
    probability : ndarray, shape (k,)
        Chance of at least that amount, 0 to 1.
    title, unit : str
    marks : dict
        Name and amount of points worth a line, e.g. the expected loss.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if amounts.size == 0:
        return empty_chart(title, empty, pd.DataFrame())
    import lets_plot as lp

    data = pd.DataFrame({"amount": amounts, "chance": probability})
    across = nice_breaks(0.0, float(data["amount"].max()))
    top = nice_breaks(0.0, float(data["chance"].max()))
    lines = pd.DataFrame({"amount": list(marks.values()), "y": top[-1], "name": list(marks)})
    lines["y"] = [top[-1] * (1 - 0.09 * i) for i in range(len(lines))]
    plot = (
        lp.ggplot()
        + lp.geom_vline(
            lp.aes(xintercept="amount"), data=lines, color=COLOURS["soft"], size=0.8, linetype=2
        )
        + lp.geom_line(lp.aes("amount", "chance"), data=data, color=SERIES[0], size=1.6)
        + lp.geom_text(
            lp.aes("amount", "y", label="name"),
            data=lines,
            hjust=0,
            nudge_x=across[-1] * 0.008,
            color=COLOURS["ink"],
            size=5.6,
        )
        + lp.scale_x_continuous(
            breaks=across, labels=value_labels(across, unit), limits=[0, across[-1] * 1.04]
        )
        + lp.scale_y_continuous(breaks=top, labels=value_labels(top, "%"))
    )
    alt = f"{title}. " + "; ".join(
        f"{name} {compact(amount, unit)}" for name, amount in marks.items()
    )
    svg = draw(plot, height=_HEIGHT, alt=alt, grid="xy")
    picked = np.unique(np.linspace(0, len(data) - 1, 12).round().astype(int))
    shown = data.iloc[picked]
    headers = {"amount": "Loss of at least", "chance": "Chance in a year"}
    return Chart(title, alt, svg, shown, headers, {"amount": unit, "chance": "%"})


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
    up = nice_breaks(min(0.0, float(frame["low"].min())), float(frame["high"].max()))
    plot = (
        lp.ggplot(frame)
        + lp.geom_ribbon(
            lp.aes(x, ymin="low", ymax="high"), fill=COLOURS["band"], size=0, tooltips="none"
        )
        + lp.geom_line(lp.aes(x, "point"), color=SERIES[0], size=1.6)
        + lp.scale_x_continuous(breaks=across, labels=value_labels(across, ""))
        + lp.scale_y_continuous(breaks=up, labels=value_labels(up, unit))
    )
    last = frame.iloc[-1]
    alt = (
        f"{title}. At {format_value(float(last[x]), x_unit)}: {compact(last['point'], unit)}, "
        f"between {compact(last['low'], unit)} and {compact(last['high'], unit)}."
    )
    picked = np.unique(np.linspace(0, len(frame) - 1, 13).round().astype(int))
    return Chart(
        title,
        alt,
        draw(plot, height=_HEIGHT, alt=alt, grid="xy", x_title=x_header),
        frame[[x, "point", "low", "high"]].iloc[picked],
        {x: x_header, "point": value_header, "low": "Low", "high": "High"},
        {x: x_unit, "point": unit, "low": unit, "high": unit},
    )


def _time_axis(months: list[dt.date]) -> object:
    import lets_plot as lp

    positions, labels = date_breaks(min(months), max(months))
    return lp.scale_x_continuous(breaks=positions, labels=labels)
