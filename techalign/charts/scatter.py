"""Two quantities against each other, with the points' names written where there is room."""

from __future__ import annotations

import pandas as pd

from techalign.charts.axes import nice_breaks, reach, value_labels
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
    taken = drawn(frame, label, x, y)
    rows = [
        row for row in zip(*(taken[name] for name in (label, x, y)), strict=True)
        if row[1] == row[1] and row[2] == row[2]
    ]  # fmt: skip
    if not rows:
        return empty_chart(title, empty, frame.head(0))
    import lets_plot as lp

    labels, xs, ys = (list(column) for column in zip(*rows, strict=True))
    low, high = reach(xs)
    across = nice_breaks(min(0.0, low), high, 6)
    low, high = reach(ys)
    up = nice_breaks(min(0.0, low), high)
    side = max(text_width(text, _TEXT) for text in value_labels(up, units[1])) + 34
    panel = (WIDTH - side - 12, _HEIGHT - 62.0)
    wide, tall = across[-1] - across[0], up[-1] - up[0]
    points = [
        ((right - across[0]) / wide * panel[0], (above - up[0]) / tall * panel[1])
        for right, above in zip(xs, ys, strict=True)
    ]
    names = [fit_text(safe_label(name), _TEXT, panel[0] * 0.55) for name in labels]
    placed = _place(points, names, panel)
    plot = lp.ggplot() + lp.geom_point(
        lp.aes("x", "y"),
        data={"x": xs, "y": ys},
        color=SERIES[0],
        size=4,
        alpha=0.85,
    )
    if placed:
        plot += lp.geom_text(
            lp.aes("x", "y", label="text"),
            data={
                "x": [across[0] + px / panel[0] * wide for px, _, _ in placed],
                "y": [up[0] + py / panel[1] * tall for _, py, _ in placed],
                "text": [name for _, _, name in placed],
            },
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
    shown = pd.DataFrame({label: labels, x: xs, y: ys})
    said = [
        f"{name}: {compact(right, units[0])} and {compact(above, units[1])}"
        for name, right, above in rows[:8]
    ]
    alt = f"{title}. {headers[1]} and {headers[2]}: {'; '.join(said)}."
    svg = draw(plot, height=_HEIGHT, alt=alt, x_title=headers[1], y_title=headers[2])
    return Chart(
        title, alt, svg, shown,
        dict(zip([label, x, y], headers, strict=True)), {x: units[0], y: units[1]},
    )  # fmt: skip


def _place(
    points: list[tuple[float, float]], names: list[str], panel: tuple[float, float]
) -> list[tuple[float, float, str]]:
    """Put names right of, left of, above or below their points; leave out what does not fit."""
    taken: list[Box] = [(px - 6, px + 6, py - 6, py + 6) for px, py in points]
    placed = []
    for i, ((px, py), name) in enumerate(zip(points, names, strict=True)):
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
                placed.append((left, middle, name))
                break
    return placed


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[1] + 3 and b[0] < a[1] + 3 and a[2] < b[3] and b[2] < a[3]
