"""Bars made of parts, each part spots at the first bar instead of in a legend."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from techalign.charts.axes import nice_breaks, reach_around_zero, value_labels
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.panel import WIDE, Panel
from techalign.charts.pixels import lines, rectangles, texts
from techalign.charts.rows import ROW, row_panel, rows_picture, texts_at_ends
from techalign.charts.text import row_of, text_width
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import compact

__all__ = ["stacked_bars"]

_TEXT = 10.8
_BAR = 18.7  # pixels
_SPOT = 18.0  # pixels of a spot of colour and the gap behind it
_GAP = 12.0  # pixels between names


class _Name(NamedTuple):
    """Where a part of the first bar is spots, in pixels.

    ``where`` is "inside" the part, "above" it with a line down to it, or "apart" with a spot of
    its colour. ``line`` counts from 0, upwards, for those outside.
    """

    text: str
    colour: str
    where: str
    middle: float
    wide: float
    left: float = 0.0
    line: int = 0

    @property
    def room(self) -> float:
        """Pixels it takes in a line."""
        return self.wide + (_SPOT if self.where == "apart" else 0.0)


def stacked_bars(
    frame: pd.DataFrame,
    *,
    label: Shown,
    groups: dict[str, str],
    title: str,
    unit: str,
    empty: str = "",
) -> Chart:
    """Draw horizontal bars made of parts.

    A part is spots inside the first bar where there is room for it, and above it otherwise, with
    a line down to it. A part the first bar does not have is spots with a spot of its colour, and
    so are all names above where they need several lines.

    Parameters
    ----------
    frame : DataFrame
        One row per bar; one numeric column per part, none negative.
    label : str or (str, str)
        Column of text, by its name or by (name, heading).
    groups : dict
        Column of each part and its name, at most five.
    title, unit : str
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "year": ["2025", "2026"], "run": [900.0, 950.0], "grow": [100.0, 300.0]})
    >>> chart = stacked_bars(
    ...     frame, label="year", groups={"run": "Run", "grow": "Grow"}, title="Spending",
    ...     unit="USD")
    >>> print(chart.alt)
    Spending. 2025: $1k; 2026: $1.2k
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    label, heading = named(label)
    taken = drawn(frame, label, *groups)
    names = taken[label]
    rows = list(zip(*(taken[column] for column in groups), strict=True))
    totals = [sum(row) for row in rows]
    across = reach_around_zero(totals)
    breaks = nice_breaks(*across)
    written = [compact(total, unit) for total in totals]

    def draw(width: float) -> str:
        low = row_panel(names, across, ends=totals, written=written, gap=8.0, width=width)
        spots = _names(low, _parts(low, rows[0]), list(groups.values()))
        above = ROW * max((name.line + 1 for name in spots if name.where != "inside"), default=0)
        above += _GAP / 2 if above and low.is_narrow else 0.0
        panel = replace(low, top=low.top + above, bottom=low.bottom + above)
        boxes = [
            (left, panel.y(i) - _BAR / 2, right - left, _BAR, SERIES[number])
            for i, row in enumerate(rows)
            for number, (left, right) in enumerate(_parts(panel, row))
            if right > left
        ]
        parts = [
            rectangles(boxes, 1.3),
            *_written(panel, spots),
            texts_at_ends(panel, totals, written, 8.0),
        ]
        return rows_picture(panel, names, (breaks, value_labels(breaks, unit)), parts, alt)

    alt = f"{title}. " + "; ".join(
        f"{name}: {text}" for name, text in zip(names, written, strict=True)
    )
    return Chart(
        title,
        alt,
        data=frame[[label, *groups]],
        headers={label: heading, **groups},
        units=dict.fromkeys(groups, unit),
        **two_widths(draw),
    )


def _parts(panel: Panel, values: tuple[float, ...]) -> list[tuple[float, float]]:
    """Left and right of each part of a bar, in pixels."""
    reached, parts = 0.0, []
    for value in values:
        parts.append((panel.x(reached), panel.x(reached + value)))
        reached += value
    return parts


def _names(panel: Panel, parts: list[tuple[float, float]], names: list[str]) -> list[_Name]:
    """Choose where each part is spots.

    Where the names above need more than one line, all of them are set apart: lines down would
    cross other names; so they would in a narrow picture, where rows have their names above them.
    """
    room = panel.right - panel.left
    spots = []
    for number, ((left, right), name) in enumerate(zip(parts, names, strict=True)):
        wide = text_width(name, WIDE)
        where = "inside" if right - left > wide + 10 else "above" if right > left else "apart"
        spots.append(_Name(name, SERIES[number], where, (left + right) / 2, wide))
    inside = [name for name in spots if name.where == "inside"]
    # what the first bar lacks comes last
    outside = sorted((n for n in spots if n.where != "inside"), key=lambda n: n.where == "apart")
    if panel.is_narrow or sum(name.room + _GAP for name in outside) > room:
        outside = [name._replace(where="apart") for name in outside]
    return inside + _placed(outside, parts[0][0], room)


def _placed(names: list[_Name], start: float, room: float) -> list[_Name]:
    """Put names into as few lines as hold them, the first line at the top."""
    filled = 0.0
    rows: list[list[_Name]] = [[]]
    for name in names:
        if rows[-1] and filled + name.room > room:
            rows.append([])
            filled = 0.0
        rows[-1].append(name)
        filled += name.room + _GAP
    placed = []
    for line, row in enumerate(reversed(rows)):
        wanted = [n.middle - start - n.wide / 2 if n.where == "above" else 0.0 for n in row]
        lefts = row_of(wanted, [name.room for name in row], _GAP, room)
        placed += [
            name._replace(left=start + left, line=line)
            for name, left in zip(row, lefts, strict=True)
        ]
    return placed


def _written(panel: Panel, spots: list[_Name]) -> list[str]:
    """Draw the names of the parts, the lines down from them and the spots before them."""
    inside = [(n.middle, panel.y(0), n.text) for n in spots if n.where == "inside"]
    heights = [panel.top - ROW * (name.line + 0.5) for name in spots]
    above = [(n, y) for n, y in zip(spots, heights, strict=True) if n.where == "above"]
    apart = [(n, y) for n, y in zip(spots, heights, strict=True) if n.where == "apart"]
    top = panel.y(0) - _BAR / 2
    leads = [(n.left + n.wide / 2, y + 8, n.middle, top) for n, y in above]
    squares = [(n.left, y - 5.5, 11.0, 11.0, n.colour) for n, y in apart]
    beside = [
        (n.left + (_SPOT if n.where == "apart" else 0.0), y, n.text) for n, y in above + apart
    ]
    return [
        texts(inside, _TEXT, "middle", "#ffffff"),
        lines(leads, COLOURS["soft"], 1.3),
        rectangles(squares),
        texts(beside, _TEXT, "start"),
    ]
