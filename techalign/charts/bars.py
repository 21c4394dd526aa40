"""Bars and point ranges: one row per label, the label written on the left."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from techalign.charts.axes import nice_breaks, reach, value_labels
from techalign.charts.bridge import drawn
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.svg import safe_label
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import compact, format_interval
from techalign.numbers.intervals import Interval

__all__ = [
    "bars",
    "end_text",
    "finish_rows",
    "ranges",
    "row_names",
    "value_axis",
]

_ROW_HEIGHT = 26
_FRAME_HEIGHT = 64


def bars(
    frame: pd.DataFrame,
    *,
    label: str,
    value: str,
    title: str,
    unit: str,
    headers: dict[str, str] | None = None,
    empty: str = "",
) -> Chart:
    """Draw horizontal bars with the value written at each end.

    Parameters
    ----------
    frame : DataFrame
        One row per bar, drawn from the top.
    label, value : str
        Columns of text and of numbers.
    title : str
    unit : str
        See :mod:`techalign.numbers.formatting`.
    headers : dict, optional
        Headings of the two columns in the data table.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    taken = drawn(frame, label, value)
    numbers = taken[value]
    breaks = nice_breaks(*_around_zero(numbers))
    data = {
        "value": numbers,
        "row": row_names(taken[label]),
        "text": [compact(number, unit) for number in numbers],
        "end": [max(number, 0.0) for number in numbers],
    }
    plot = (
        lp.ggplot(data, lp.aes("value", "row"))
        + lp.geom_bar(stat="identity", orientation="y", width=0.7, fill=SERIES[0], size=0)
        + end_text("end", breaks)
        + value_axis(breaks, unit, room=0.12)
    )
    alt = _ranking_alt(title, taken[label], zip(numbers, numbers, numbers, strict=True), unit)
    return Chart(
        title,
        alt,
        finish_rows(plot, data["row"], alt),
        frame[[label, value]],
        headers or {label: label.capitalize(), value: value.capitalize()},
        {value: unit},
    )


def ranges(
    frame: pd.DataFrame,
    *,
    label: str,
    point: str,
    low: str,
    high: str,
    title: str,
    unit: str,
    headers: dict[str, str] | None = None,
    empty: str = "",
) -> Chart:
    """Draw a dot with its interval for each row.

    Parameters
    ----------
    frame : DataFrame
    label, point, low, high : str
        Columns; ``low <= point <= high``.
    title, unit : str
    headers : dict, optional
        Headings of the label and the point in the data table.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    taken = drawn(frame, label, point, low, high)
    points, lows, highs = (taken[name] for name in (point, low, high))
    breaks = nice_breaks(*_around_zero(lows, highs))
    data = {
        "point": points,
        "low": lows,
        "high": highs,
        "row": row_names(taken[label]),
        "text": [compact(number, unit) for number in points],
    }
    plot = (
        lp.ggplot(data)
        + lp.geom_segment(
            lp.aes(x="low", xend="high", y="row", yend="row"),
            color=COLOURS["band"],
            size=3.2,
        )
        + lp.geom_point(lp.aes(x="point", y="row"), color=SERIES[0], size=4)
        + end_text("high", breaks, gap=0.022)
        + value_axis(breaks, unit, room=0.14, lead=0.018)
    )
    alt = _ranking_alt(title, taken[label], zip(points, lows, highs, strict=True), unit)
    # named so that the table beside the picture knows whose ends they are
    behind = [label, point, f"{point}_low", f"{point}_high"]
    return Chart(
        title,
        alt,
        finish_rows(plot, data["row"], alt),
        frame[[label, point, low, high]].set_axis(behind, axis=1),
        headers or {label: label.capitalize(), point: "Estimate"},
        {point: unit},
    )


def row_names(texts: Iterable[object]) -> list[str]:
    """Labels made safe, and told apart where they are equal."""
    seen: dict[str, int] = {}
    names = []
    for text in texts:
        name = safe_label(text)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    return names


def _around_zero(*columns: list[float]) -> tuple[float, float]:
    low, high = reach(*columns)
    return min(0.0, low), max(0.0, high)


def end_text(column: str, breaks: list[float], gap: float = 0.012) -> object:
    """Values written just beyond the end of each bar."""
    import lets_plot as lp

    return lp.geom_text(
        lp.aes(x=column, y="row", label="text"),
        hjust=0,
        nudge_x=gap * (breaks[-1] - breaks[0]),
        color=COLOURS["ink"],
        size=5.6,
    )


def value_axis(breaks: list[float], unit: str, room: float, lead: float = 0.0) -> object:
    """Axis of amounts, with room at its end for the values written there, and before it."""
    import lets_plot as lp

    # room at the end keeps the written values inside the picture, a lead keeps dots whole
    span = breaks[-1] - breaks[0]
    return lp.scale_x_continuous(
        breaks=breaks,
        labels=value_labels(breaks, unit),
        limits=[breaks[0] - lead * span, breaks[-1] + room * span],
        expand=[0, 0],
    )


def finish_rows(plot: object, names: list[str], alt: str) -> str:
    """Draw a chart of rows, the first at the top."""
    import lets_plot as lp

    height = _FRAME_HEIGHT + _ROW_HEIGHT * len(names)
    ordered = plot + lp.scale_y_discrete(limits=names[::-1], expand=[0, 0.6])
    return draw(ordered, height=height, alt=alt, grid="x")


def _ranking_alt(
    title: str, names: Sequence[object], numbers: Iterable[tuple[float, float, float]], unit: str
) -> str:
    parts = [
        f"{name} {format_interval(Interval(*three), unit, short=True)}"
        for name, three in zip(names[:8], numbers, strict=False)
    ]
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    return f"{title}. {', '.join(parts)}{more}."
