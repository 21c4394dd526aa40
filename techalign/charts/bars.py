"""Bars and point ranges: one row per label, the label written on the left."""

from __future__ import annotations

import pandas as pd

from techalign.charts.axes import nice_breaks, value_labels
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
    "label_rows",
    "ranges",
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

    data = label_rows(frame, label, [value])
    breaks = _span(data[value], data[value])
    data["text"] = [compact(v, unit) for v in data[value]]
    data["end"] = data[value].clip(lower=0.0)
    plot = (
        lp.ggplot(drawn(data, value, "row", "end", "text"), lp.aes(value, "row"))
        + lp.geom_bar(
            stat="identity", orientation="y", width=0.7, fill=SERIES[0], size=0, tooltips="none"
        )
        + end_text("end", breaks)
        + value_axis(breaks, unit, room=0.12)
    )
    alt = _ranking_alt(title, frame, label, value, unit, (value, value))
    return Chart(
        title,
        alt,
        finish_rows(plot, data, alt),
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

    data = label_rows(frame, label, [point, low, high])
    breaks = _span(data[low], data[high])
    data["text"] = [compact(v, unit) for v in data[point]]
    plot = (
        lp.ggplot(drawn(data, point, low, high, "row", "text"))
        + lp.geom_segment(
            lp.aes(x=low, xend=high, y="row", yend="row"),
            color=COLOURS["band"],
            size=3.2,
            tooltips="none",
        )
        + lp.geom_point(lp.aes(x=point, y="row"), color=SERIES[0], size=4, tooltips="none")
        + end_text(high, breaks, gap=0.022)
        + value_axis(breaks, unit, room=0.14, lead=0.018)
    )
    alt = _ranking_alt(title, frame, label, point, unit, (low, high))
    # named so that the table beside the picture knows whose ends they are
    behind = [label, point, f"{point}_low", f"{point}_high"]
    return Chart(
        title,
        alt,
        finish_rows(plot, data, alt),
        frame[[label, point, low, high]].set_axis(behind, axis=1),
        headers or {label: label.capitalize(), point: "Estimate"},
        {point: unit},
    )


def label_rows(frame: pd.DataFrame, label: str, numbers: list[str]) -> pd.DataFrame:
    """Copy the columns needed, with labels made safe and unique."""
    data = frame[numbers].astype(float).reset_index(drop=True)
    seen: dict[str, int] = {}
    names = []
    for text in frame[label]:
        name = safe_label(text)
        seen[name] = seen.get(name, 0) + 1
        names.append(name if seen[name] == 1 else f"{name} ({seen[name]})")
    data["row"] = names
    return data


def _span(low: pd.Series[float], high: pd.Series[float]) -> list[float]:
    return nice_breaks(min(0.0, float(low.min())), max(0.0, float(high.max())))


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


def finish_rows(plot: object, data: pd.DataFrame, alt: str) -> str:
    """Draw a chart of rows, the first at the top."""
    import lets_plot as lp

    height = _FRAME_HEIGHT + _ROW_HEIGHT * len(data)
    ordered = plot + lp.scale_y_discrete(limits=list(data["row"])[::-1], expand=[0, 0.6])
    return draw(ordered, height=height, alt=alt, grid="x")


def _ranking_alt(
    title: str, frame: pd.DataFrame, label: str, value: str, unit: str, ends: tuple[str, str]
) -> str:
    if frame.empty:
        return f"{title}. No rows."
    shown = frame.head(8)
    numbers = zip(*(shown[name].astype(float) for name in (value, *ends)), strict=True)
    texts = [format_interval(Interval(*three), unit, short=True) for three in numbers]
    parts = [f"{name} {text}" for name, text in zip(shown[label], texts, strict=True)]
    more = f" and {len(frame) - 8} more" if len(frame) > 8 else ""
    return f"{title}. {', '.join(parts)}{more}."
