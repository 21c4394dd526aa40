"""Bars made of parts, each part named at the first bar instead of in a legend."""

from __future__ import annotations

from typing import Any

import pandas as pd

from techalign.charts.axes import nice_breaks
from techalign.charts.bars import row_names, value_axis
from techalign.charts.bridge import drawn
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.text import row_of, text_width
from techalign.charts.theme import COLOURS, SERIES, WIDTH
from techalign.numbers.formatting import compact

__all__ = ["stacked_bars"]

_ROW = 26
_FRAME = 64
_TEXT = 12.0
_RECT = ("x0", "x1", "y0", "y1")
_ROOM = 0.14  # of the axis, beyond the longest bar, for the totals


def stacked_bars(
    frame: pd.DataFrame,
    *,
    label: str,
    groups: dict[str, str],
    title: str,
    unit: str,
    label_header: str = "",
    empty: str = "",
) -> Chart:
    """Draw horizontal bars made of parts.

    A part is named inside the first bar where there is room for it, and above it otherwise, with
    a line down to it. A part the first bar does not have is named with a spot of its colour, and
    so are all names above where they need several lines.

    Parameters
    ----------
    frame : DataFrame
        One row per bar; one numeric column per part, none negative.
    label : str
        Column of text.
    groups : dict
        Column of each part and its name, at most five.
    title, unit : str
    label_header : str
        Heading of the label column in the data table.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    columns = list(groups)
    data = frame[columns].astype(float).reset_index(drop=True)
    data["row"] = row_names(frame[label])
    totals = data[columns].sum(axis=1)
    breaks = nice_breaks(0.0, float(totals.max()))
    side = max(text_width(name, 13.0) for name in data["row"])
    per_pixel = breaks[-1] * (1 + _ROOM) / max(WIDTH - side - 24, 100.0)
    count = len(data)
    parts = _parts(data, groups)
    named = _names(parts[parts["y"] == count - 1], per_pixel, breaks[-1] * (1 + _ROOM))
    ends = pd.DataFrame({"x": totals, "y": range(count - 1, -1, -1)})
    ends["text"] = [compact(v, unit) for v in totals]
    ends["x"] += 8 * per_pixel
    plot = lp.ggplot()
    for number in range(len(columns)):
        plot += lp.geom_rect(
            lp.aes(xmin="x0", xmax="x1", ymin="y0", ymax="y1"),
            data=drawn(parts[(parts["part"] == number) & (parts["x1"] > parts["x0"])], *_RECT),
            fill=SERIES[number], color="#ffffff", size=0.6,
        )  # fmt: skip
    plot = _with_names(plot, named, count, per_pixel)
    outside = named[named["where"] != "inside"]
    above = 0 if outside.empty else 1 + int(outside["line"].max())
    plot = (
        plot
        + lp.geom_text(
            lp.aes("x", "y", label="text"), data=drawn(ends, "x", "y", "text"), hjust=0, size=5.6,
            color=COLOURS["ink"],
        )
        + value_axis(breaks, unit, room=_ROOM)
        + lp.scale_y_continuous(
            breaks=list(range(count - 1, -1, -1)), labels=list(data["row"]),
            limits=[-0.6, count - 0.4 + above], expand=[0, 0],
        )
    )  # fmt: skip
    alt = f"{title}. " + "; ".join(
        f"{name}: {text}" for name, text in zip(frame[label], ends["text"], strict=True)
    )
    return Chart(
        title,
        alt,
        draw(plot, height=_FRAME + _ROW * (count + above), alt=alt, grid="x"),
        frame[[label, *columns]],
        {label: label_header or label.capitalize(), **groups},
        dict.fromkeys(columns, unit),
    )


def _parts(data: pd.DataFrame, groups: dict[str, str]) -> pd.DataFrame:
    """Every part of every bar: its number, name, row and where it begins and ends."""
    ends = data[list(groups)].cumsum(axis=1)
    rows = [
        (number, groups[column], len(data) - 1 - i, float(ends[column].iloc[i] - width), width)
        for number, column in enumerate(groups)
        for i, width in enumerate(data[column].astype(float))
    ]
    parts = pd.DataFrame(rows, columns=["part", "name", "y", "x0", "width"])
    parts["x1"] = parts["x0"] + parts["width"]
    return parts.assign(y0=parts["y"] - 0.36, y1=parts["y"] + 0.36)


def _names(first: pd.DataFrame, per_pixel: float, end: float) -> pd.DataFrame:
    """Where each part of the first bar is named.

    ``where`` is "inside" the part, "above" it with a line down to it, or "apart" with a spot of
    its colour; ``left`` and ``line`` (from 0, upwards) place those outside. Where the names above
    need more than one line, all of them are set apart: lines down would cross other names.
    """
    wide = pd.Series([text_width(n, _TEXT) * per_pixel for n in first["name"]], index=first.index)
    found = first.assign(middle=(first["x0"] + first["x1"]) / 2, wide=wide, left=0.0, line=0)
    found["where"] = "above"
    found.loc[first["width"] > wide + 10 * per_pixel, "where"] = "inside"
    found.loc[first["width"] <= 0, "where"] = "apart"
    spot, gap = 18 * per_pixel, 12 * per_pixel
    outside = found["where"] != "inside"
    spots = spot * (found["where"] == "apart")
    if (found["wide"] + spots + gap)[outside].sum() > end:
        found.loc[outside, "where"] = "apart"
    # what the first bar lacks comes last
    out = found[outside].sort_values("where", kind="stable")
    room = (out["wide"] + spot * (out["where"] == "apart")).tolist()
    filled = 0.0
    lines: list[list[int]] = [[]]
    for i, need in enumerate(room):
        if lines[-1] and filled + need > end:
            lines.append([])
            filled = 0.0
        lines[-1].append(i)
        filled += need + gap
    wanted = (out["middle"] - out["wide"] / 2).where(out["where"] == "above", 0.0).tolist()
    for number, line in enumerate(lines):
        placed = row_of([wanted[i] for i in line], [room[i] for i in line], gap, end)
        found.loc[out.index[line], "left"] = placed
        found.loc[out.index[line], "line"] = len(lines) - 1 - number
    return found


def _with_names(plot: Any, named: pd.DataFrame, count: int, per_pixel: float) -> Any:
    import lets_plot as lp

    inside = named[named["where"] == "inside"]
    if len(inside):
        plot += lp.geom_text(
            lp.aes("middle", "y", label="name"),
            data=drawn(inside, "middle", "y", "name"),
            size=5.4,
            color="#ffffff",
        )
    outside = named[named["where"] != "inside"]
    spot = 18 * per_pixel * (outside["where"] == "apart")
    outside = outside.assign(x=outside["left"] + spot, at=count + 0.1 + outside["line"])
    if len(outside):
        plot += lp.geom_text(
            lp.aes("x", "at", label="name"),
            data=drawn(outside, "x", "at", "name"),
            hjust=0,
            size=5.4,
            color=COLOURS["ink"],
        )
    led = outside[outside["where"] == "above"]
    if len(led):
        lines = led.assign(x=led["left"] + led["wide"] / 2, top=count - 0.24, end=count - 0.64)
        plot += lp.geom_segment(
            lp.aes(x="x", y="top", xend="middle", yend="end"),
            data=drawn(lines, "x", "top", "middle", "end"), color=COLOURS["soft"], size=0.6,
        )  # fmt: skip
    for number, part in outside[outside["where"] == "apart"].groupby("part"):
        plot += lp.geom_point(
            lp.aes("left", "at"),
            data=drawn(part.assign(left=part["left"] + 6 * per_pixel), "left", "at"),
            color=SERIES[int(str(number))], shape=15, size=5,
        )  # fmt: skip
    return plot
