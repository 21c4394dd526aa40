"""How one amount becomes another: a step per row, each beginning where the last ended."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from techalign.charts.axes import nice_breaks, reach_around_zero, value_labels
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.rows import boxes_in_rows, row_panel, rows_picture, texts_at_ends
from techalign.charts.theme import SERIES
from techalign.numbers.formatting import compact

__all__ = ["waterfall"]

_STEP = 17.6  # pixels
_COLOUR = {"rise": SERIES[0], "fall": SERIES[1], "total": SERIES[4]}


def waterfall(
    frame: pd.DataFrame,
    *,
    label: Shown,
    value: Shown,
    title: str,
    unit: str,
    start: tuple[str, float] | None = None,
    end: str = "Total",
    empty: str = "",
) -> Chart:
    """Draw steps from a start to an end, each with its signed amount.

    Parameters
    ----------
    frame : DataFrame
        One row per step, drawn from the top.
    label, value : str or (str, str)
        Columns of text and of signed numbers, each by its name or by (name, heading).
    title, unit : str
    start : (name, amount), optional
        What the steps begin from; nothing by default.
    end : str
        Name of the last row, the sum.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({"why": ["Prices", "Seats"], "change": [300.0, -120.0]})
    >>> chart = waterfall(
    ...     frame, label="why", value="change", title="What changed", unit="USD",
    ...     start=("2025", 1000.0), end="2026")
    >>> print(chart.alt)
    What changed. 2025 $1k; Prices +$300; Seats −$120; 2026 $1.2k
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    (label, label_heading), (value, heading) = named(label), named(value)
    taken = drawn(frame, label, value)
    steps = _steps(zip(taken[label], taken[value], strict=True), start, end)
    names, values, lows, highs, kinds = (list(column) for column in zip(*steps, strict=True))
    across = reach_around_zero(lows, highs)
    breaks = nice_breaks(*across)
    texts = [
        ("+" if kind == "rise" and v > 0 else "") + compact(v, unit)
        for kind, v in zip(kinds, values, strict=True)
    ]
    colours = [_COLOUR[kind] for kind in kinds]

    def draw(width: float) -> str:
        panel = row_panel(names, across, ends=highs, written=texts, width=width)
        parts = [
            boxes_in_rows(panel, lows, highs, colours, _STEP),
            texts_at_ends(panel, highs, texts),
        ]
        return rows_picture(panel, names, (breaks, value_labels(breaks, unit)), parts, alt)

    said = "; ".join(f"{name} {text}" for name, text in zip(names, texts, strict=True))
    alt = f"{title}. {said}"
    shown = pd.DataFrame({"name": names, "value": values})
    return Chart(
        title,
        alt,
        data=shown,
        headers={"name": label_heading, "value": heading},
        units={"value": unit},
        **two_widths(draw),
    )


def _steps(
    changes: Iterable[tuple[str, float]], start: tuple[str, float] | None, end: str
) -> list[tuple[str, float, float, float, str]]:
    """Each row's name, amount, both ends and kind."""
    reached = start[1] if start else 0.0
    rows = [(start[0], reached, min(0.0, reached), max(0.0, reached), "total")] if start else []
    for name, value in changes:
        after = reached + value
        kind = "rise" if value >= 0 else "fall"
        rows.append((name, value, min(reached, after), max(reached, after), kind))
        reached = after
    rows.append((end, reached, min(0.0, reached), max(0.0, reached), "total"))
    return rows
