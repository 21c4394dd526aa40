"""Two quantities against each other, with the points' names written where there is room."""

from __future__ import annotations

import pandas as pd

from techalign.charts.axes import nice_breaks, value_labels
from techalign.charts.bridge import drawn
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.svg import safe_label
from techalign.charts.text import fit_text, text_width
from techalign.charts.theme import COLOURS, SERIES, WIDTH
from techalign.numbers.formatting import compact

__all__ = ["scatter"]

_HEIGHT = 360
_TEXT = 12.0
_LINE = 16.0
Box = tuple[float, float, float, float]  # left, right, bottom, top in pixels


def scatter(
    frame: pd.DataFrame,
    *,
    label: str,
    x: str,
    y: str,
    title: str,
    units: tuple[str, str],
    headers: tuple[str, str, str],
    empty: str = "",
) -> Chart:
    """Draw a named point per row.

    Parameters
    ----------
    frame : DataFrame
        One row per point, the most important first: it is named first, and a name that would
        cover another is left to the data table.
    label, x, y : str
        Columns of text and of two numbers.
    title : str
    units : (str, str)
        Of x and y.
    headers : (str, str, str)
        Of label, x and y; the last two name the axes.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    known = frame.dropna(subset=[x, y])
    if known.empty:
        return empty_chart(title, empty, known)
    import lets_plot as lp

    across = nice_breaks(min(0.0, float(known[x].min())), float(known[x].max()), 6)
    up = nice_breaks(min(0.0, float(known[y].min())), float(known[y].max()))
    data = known[[x, y]].astype(float).set_axis(["x", "y"], axis=1).reset_index(drop=True)
    side = max(text_width(text, _TEXT) for text in value_labels(up, units[1])) + 34
    panel = (WIDTH - side - 12, _HEIGHT - 62.0)
    data["px"] = (data["x"] - across[0]) / (across[-1] - across[0]) * panel[0]
    data["py"] = (data["y"] - up[0]) / (up[-1] - up[0]) * panel[1]
    names = [fit_text(safe_label(name), _TEXT, panel[0] * 0.55) for name in known[label]]
    placed = _place(data, names, panel)
    placed["x"] = across[0] + placed["px"] / panel[0] * (across[-1] - across[0])
    placed["y"] = up[0] + placed["py"] / panel[1] * (up[-1] - up[0])
    plot = lp.ggplot() + lp.geom_point(
        lp.aes("x", "y"),
        data=drawn(data, "x", "y"),
        color=SERIES[0],
        size=4,
        alpha=0.85,
        tooltips="none",
    )
    if len(placed):
        plot += lp.geom_text(
            lp.aes("x", "y", label="text"),
            data=drawn(placed, "x", "y", "text"),
            hjust=0,
            size=5.4,
            color=COLOURS["ink"],
        )
    plot = (
        plot
        + lp.scale_x_continuous(
            breaks=across, labels=value_labels(across, units[0]),
            limits=[across[0], across[-1]], expand=[0.02, 0],
        )
        + lp.scale_y_continuous(
            breaks=up, labels=value_labels(up, units[1]), limits=[up[0], up[-1]], expand=[0.03, 0]
        )
    )  # fmt: skip
    shown = known[[label, x, y]]
    said = [
        f"{row[label]}: {compact(row[x], units[0])} and {compact(row[y], units[1])}"
        for _, row in shown.head(8).iterrows()
    ]
    alt = f"{title}. {headers[1]} and {headers[2]}: {'; '.join(said)}."
    svg = draw(plot, height=_HEIGHT, alt=alt, x_title=headers[1], y_title=headers[2])
    return Chart(
        title, alt, svg, shown,
        dict(zip([label, x, y], headers, strict=True)), {x: units[0], y: units[1]},
    )  # fmt: skip


def _place(data: pd.DataFrame, names: list[str], panel: tuple[float, float]) -> pd.DataFrame:
    """Put names right of, left of, above or below their points; leave out what does not fit."""
    taken: list[Box] = [
        (px - 6, px + 6, py - 6, py + 6) for px, py in zip(data.px, data.py, strict=True)
    ]
    rows = []
    for i, (px, py, name) in enumerate(zip(data.px, data.py, names, strict=True)):
        wide = text_width(name, _TEXT)
        others = taken[:i] + taken[i + 1 :]
        for left, middle in (
            (px + 9, py), (px - 9 - wide, py),
            (px - wide / 2, py + _LINE), (px - wide / 2, py - _LINE),
        ):  # fmt: skip
            box = (left, left + wide, middle - _LINE / 2, middle + _LINE / 2)
            inside = left >= 0 and box[1] <= panel[0] and box[2] >= 0 and box[3] <= panel[1]
            if inside and not any(_meet(box, other) for other in others):
                taken.append(box)
                rows.append((left, middle, name))
                break
    return pd.DataFrame(rows, columns=["px", "py", "text"])


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[1] + 3 and b[0] < a[1] + 3 and a[2] < b[3] and b[2] < a[3]
