"""A table as colour: rows against columns, the value written in each cell."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd

from techalign.charts.chart import Chart, Shown, empty_chart, named, two_widths
from techalign.charts.pixels import EDGE, picture, rectangles, texts
from techalign.charts.text import fit_text, safe_label, text_width
from techalign.charts.theme import HEAT, NARROW, WIDTH
from techalign.numbers.formatting import compact

__all__ = ["heat_map"]

_CELL = 30.0
_TEXT = 12.0  # what room is kept for
_SIZE = 10.8
_SUM = "sum of the row"
_HEAD = 84.0  # pixels of a column for its heading, at the most, in a narrow picture
_LOW, _NAMED = 22.0, 18.0  # pixels of its cells and of its names above them


def heat_map(
    frame: pd.DataFrame,
    *,
    label: Shown,
    columns: dict[str, str],
    title: str,
    unit: str,
    total: str = "",
    empty: str = "",
) -> Chart:
    """Draw a cell per row and column, darker where the value is larger.

    A cell of zero is empty; a dash stands for what is not known.

    Parameters
    ----------
    frame : DataFrame
        One row per line, drawn from the top; numbers, NaN where there is none.
    label : str or (str, str)
        Column of text, by its name or by (name, heading).
    columns : dict
        Numeric column to its heading, at most ten.
    title, unit : str
    total : str
        Heading of a last column with the sum of each row, not coloured; none by default.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "tool": ["Ledger", "Mail"], "q1": [900.0, 300.0], "q2": [1200.0, 250.0]})
    >>> chart = heat_map(
    ...     frame, label="tool", columns={"q1": "Q1", "q2": "Q2"}, title="Spending", unit="USD",
    ...     total="Both")
    >>> print(chart.alt)
    Spending. Ledger: most in Q2, $1.2k; Mail: most in Q1, $300
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    label, heading = named(label)
    taken = [str(text) for text in frame[label]]
    values = frame[list(columns)].to_numpy(float)
    steps = _steps(values).tolist()
    alt = f"{title}. " + "; ".join(
        _said(name, row, list(columns.values()), unit)
        for name, row in zip(taken, values.tolist(), strict=True)
    )
    if total:
        values = np.column_stack([values, np.nansum(values, axis=1)])
        columns = {**columns, _SUM: total}
    heads, rows = list(columns.values()), values.tolist()

    def draw(width: float) -> str:
        if width < WIDTH:
            return _narrow(taken, heads, rows, steps, unit, alt)
        parts = _parts(taken, heads, rows, steps, unit)
        return picture(parts, _CELL * (len(taken) + 1) + 8, alt)

    return Chart(
        title,
        alt,
        data=pd.DataFrame(
            {label: frame[label].tolist(), **dict(zip(columns, values.T, strict=True))}
        ),
        headers={label: heading, **columns},
        units=dict.fromkeys(columns, unit),
        **two_widths(draw),
    )


def _narrow(
    names: list[str],
    heads: list[str],
    values: list[list[float]],
    steps: list[list[int]],
    unit: str,
    alt: str,
) -> str:
    """Draw the columns in blocks, one below the other, each with the rows' names above them."""
    room = NARROW - EDGE - 4
    written = [[_shown(value, unit, room) for value in row] for row in values]
    widest = max(text_width(text, _TEXT) for row in written for text in row) + 6
    asked = min(max(text_width(safe_label(head), _TEXT) for head in heads) + 6, _HEAD)
    most = max(int(room // max(widest, asked)), 1)
    blocks = -(-len(heads) // most)
    at_once = -(-len(heads) // blocks)
    width, tall = room / at_once, _LOW + _NAMED
    parts, top = [], 0.0
    for first in range(0, len(heads), at_once):
        places = range(first, min(first + at_once, len(heads)))
        middles = {j: (j - first + 0.5) * width for j in places}
        tops = [top + _LOW + i * tall + _NAMED for i in range(len(names))]
        parts += [
            rectangles(
                [
                    (middles[j] - width / 2, y, width, _LOW, HEAT[steps[i][j]])
                    for i, y in enumerate(tops)
                    for j in places
                    if j < len(steps[i])
                ],
                2.2,
            ),
            texts(
                [
                    (middles[j], y + _LOW / 2, written[i][j])
                    for i, y in enumerate(tops)
                    for j in places
                ]
                + [
                    (middles[j], top + _LOW / 2, fit_text(safe_label(heads[j]), _TEXT, width - 4))
                    for j in places
                ],
                _SIZE,
                "middle",
            ),
            texts(
                [
                    (0.0, y - _NAMED / 2, fit_text(safe_label(name), _TEXT, room))
                    for y, name in zip(tops, names, strict=True)
                ],
                _SIZE,
                "start",
            ),
        ]
        top += _LOW + tall * len(names) + _NAMED
    return picture(parts, top, alt, NARROW)


def _parts(
    names: list[str], heads: list[str], values: list[list[float]], steps: list[list[int]], unit: str
) -> list[str]:
    """Draw the cells, what is written in and above them, and the names of the rows."""
    names = [safe_label(name) for name in names]
    left = min(max(text_width(name, _TEXT) for name in names) + 14, 330.0)
    width = (WIDTH - EDGE - 4 - left) / len(heads)
    middles = [left + (j + 0.5) * width for j in range(len(heads))]
    cells = [
        (left + j * width, _CELL * (i + 1), width, _CELL, HEAT[step])
        for i, row in enumerate(steps)
        for j, step in enumerate(row)
    ]
    written = [
        (middles[j], _CELL * (i + 1.5), _shown(value, unit, width - 4))
        for i, row in enumerate(values)
        for j, value in enumerate(row)
    ]
    above = [
        (middle, _CELL / 2, fit_text(safe_label(head), _TEXT, width - 6))
        for middle, head in zip(middles, heads, strict=True)
    ]
    beside = [
        (left - 8, _CELL * (i + 1.5), fit_text(name, _TEXT, left - 12))
        for i, name in enumerate(names)
    ]
    return [
        rectangles(cells, 2.2),
        texts(written + above, _SIZE, "middle"),
        texts(beside, _SIZE, "end"),
    ]


def _shown(value: float, unit: str, room: float) -> str:
    if not value:
        return ""
    return fit_text(compact(value, unit), _TEXT, room) if math.isfinite(value) else "–"


def _said(name: str, row: list[float], heads: list[str], unit: str) -> str:
    most = max(range(len(row)), key=lambda j: -math.inf if math.isnan(row[j]) else row[j])
    if not any(row):
        return f"{name}: nothing"
    return f"{name}: most in {heads[most]}, {compact(row[most], unit)}"


def _steps(values: np.ndarray) -> np.ndarray:
    """Which of the colours each value gets; a missing one gets the palest."""
    known = values[np.isfinite(values)]
    low, high = (known.min(), known.max()) if known.size else (0.0, 0.0)
    share = (np.nan_to_num(values, nan=low) - low) / (high - low if high > low else 1.0)
    steps: np.ndarray = np.minimum((share * len(HEAT)).astype(int), len(HEAT) - 1)
    return steps
