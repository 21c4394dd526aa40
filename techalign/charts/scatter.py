"""Two quantities against each other, with the points' names written where there is room."""

from __future__ import annotations

import pandas as pd

from techalign.charts.axes import nice_breaks, reach, value_labels
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.panel import (
    WIDE,
    Panel,
    grid_across,
    grid_up,
    labels_below,
    labels_beside,
    right_end,
    room_beside,
    title_above,
    title_below,
)
from techalign.charts.pixels import dots, picture, texts
from techalign.charts.text import fit_text, safe_label, text_width
from techalign.charts.theme import SERIES
from techalign.numbers.formatting import compact

__all__ = ["scatter"]

_HEIGHT = 360.0
_TOP = 30.0
_BOTTOM = 46.0
_TEXT = 10.8
_LINE = 16.0
Box = tuple[float, float, float, float]  # left, right, top, bottom in pixels


def scatter(
    frame: pd.DataFrame,
    *,
    label: Shown,
    x: Shown,
    y: Shown,
    title: str,
    units: tuple[str, str],
    empty: str = "",
) -> Chart:
    """Draw a named point per row.

    Parameters
    ----------
    frame : DataFrame
        One row per point, the most important first: it is named first, and a name that would
        cover another is left to the data table.
    label, x, y : str or (str, str)
        Columns of text and of two numbers, each by its name or by (name, heading); the headings
        of the last two name the axes.
    title : str
    units : (str, str)
        Of x and y.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "vendor": ["Ledger", "Mail"], "cost": [4200.0, 900.0], "chance": [0.02, 0.1]})
    >>> chart = scatter(
    ...     frame, label="vendor", x=("cost", "Cost a year"), y=("chance", "Chance to cease"),
    ...     title="Cost and risk", units=("USD", "%"))
    >>> print(chart.alt)
    Cost and risk. Cost a year and Chance to cease: Ledger: $4.2k and 2%; Mail: $900 and
    10%.
    """
    headers = dict(map(named, (label, x, y)))
    label, x, y = headers
    taken = drawn(frame, *headers)
    rows = [
        row for row in zip(*(taken[name] for name in headers), strict=True)
        if row[1] == row[1] and row[2] == row[2]
    ]  # fmt: skip
    if not rows:
        return empty_chart(title, empty, frame.head(0))
    labels, xs, ys = (list(column) for column in zip(*rows, strict=True))
    low, high = reach(xs)
    across = nice_breaks(min(0.0, low), high, 6)
    low, high = reach(ys)
    up = nice_breaks(min(0.0, low), high)

    def draw(width: float) -> str:
        panel = Panel(
            room_beside(value_labels(up, units[1])), right_end(width), _TOP, _HEIGHT - _BOTTOM,
            (across[0], across[-1]), (up[0], up[-1]), width,
        )  # fmt: skip
        points = [(panel.x(right), panel.y(above)) for right, above in zip(xs, ys, strict=True)]
        room = 0.55 * (panel.right - panel.left)
        names = [fit_text(safe_label(name), WIDE, room) for name in labels]
        parts = [
            grid_across(panel, across),
            grid_up(panel, up),
            dots(points, SERIES[0], 4.4),
            texts(_place(points, names, panel), _TEXT, "start"),
            labels_beside(panel, up, value_labels(up, units[1])),
            labels_below(panel, across, value_labels(across, units[0])),
            title_below(panel, headers[x]),
            title_above(panel, headers[y]),
        ]
        return picture(parts, _HEIGHT, alt, width)

    shown = pd.DataFrame({label: labels, x: xs, y: ys})
    said = [
        f"{name}: {compact(right, units[0])} and {compact(above, units[1])}"
        for name, right, above in rows[:8]
    ]
    alt = f"{title}. {headers[x]} and {headers[y]}: {'; '.join(said)}."
    shown_units = {x: units[0], y: units[1]}
    return Chart(title, alt, data=shown, headers=headers, units=shown_units, **two_widths(draw))


def _place(
    points: list[tuple[float, float]], names: list[str], panel: Panel
) -> list[tuple[float, float, str]]:
    """Put names right of, left of, above or below their points; leave out what does not fit."""
    taken: list[Box] = [(px - 6, px + 6, py - 6, py + 6) for px, py in points]
    placed = []
    for i, ((px, py), name) in enumerate(zip(points, names, strict=True)):
        wide = text_width(name, WIDE)
        others = taken[:i] + taken[i + 1 :]
        for left, middle in (
            (px + 9, py), (px - 9 - wide, py),
            (px - wide / 2, py - _LINE), (px - wide / 2, py + _LINE),
        ):  # fmt: skip
            box = (left, left + wide, middle - _LINE / 2, middle + _LINE / 2)
            inside = (
                panel.left <= left and box[1] <= panel.right
                and panel.top <= box[2] and box[3] <= panel.bottom
            )  # fmt: skip
            if inside and not any(_meet(box, other) for other in others):
                taken.append(box)
                placed.append((left, middle, name))
                break
    return placed


def _meet(a: Box, b: Box) -> bool:
    return a[0] < b[1] + 3 and b[0] < a[1] + 3 and a[2] < b[3] and b[2] < a[3]
