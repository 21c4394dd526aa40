"""A roadmap: one bar per piece of work, from its start to its end, named by its phase."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from techalign.charts.axes import date_breaks, year_fraction
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.rows import boxes_in_rows, day_line, row_panel, rows_picture, texts_at_ends
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import format_date

__all__ = ["gantt"]


def gantt(
    frame: pd.DataFrame,
    *,
    label: Shown,
    start: Shown,
    end: Shown,
    phase: Shown,
    title: str,
    today: dt.date | None = None,
    empty: str = "",
) -> Chart:
    """Draw a roadmap.

    Parameters
    ----------
    frame : DataFrame
        One row per piece of work, drawn from the top.
    label, phase : str or (str, str)
        Columns of text, each by its name or by (name, heading). The phase is written beside its
        bar and colours it; phases beyond the fifth share a colour.
    start, end : str or (str, str)
        Columns of dates, likewise.
    title : str
    today : date, optional
        Drawn as a vertical line.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "work": ["New ledger", "Move the mail"], "phase": ["Now", "Next"],
    ...     "start": pd.to_datetime(["2026-01-01", "2026-04-01"]),
    ...     "end": pd.to_datetime(["2026-03-31", "2026-05-31"])})
    >>> chart = gantt(
    ...     frame, label="work", start="start", end="end", phase="phase", title="Roadmap",
    ...     today=dt.date(2026, 2, 1))
    >>> print(chart.alt)
    Roadmap. New ledger (Now): 1 Jan 2026 to 31 Mar 2026; Move the mail (Next): 1 Apr 2026
    to 31 May 2026.
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    headers = dict(map(named, (label, phase, start, end)))
    label, phase, start, end = headers
    taken = drawn(frame, *headers)
    names, phases = taken[label], [str(name) for name in taken[phase]]
    starts, ends = ([year_fraction(day) for day in taken[name]] for name in (start, end))
    days = [*taken[start], *taken[end], *([pd.Timestamp(today)] if today else [])]
    positions, labels = date_breaks(min(days), max(days))
    first, last = min([year_fraction(min(days)), *positions]), year_fraction(max(days))
    across = first, max(last, first + 1 / 12)
    number = {name: i for i, name in enumerate(dict.fromkeys(phases))}
    colours = [SERIES[min(number[name], len(SERIES) - 1)] for name in phases]

    def draw(width: float) -> str:
        panel = row_panel(names, across, ends=ends, written=phases, row=28.0, width=width)
        parts = [
            day_line(panel, year_fraction(today), COLOURS["alert"], 2.2, len(names))
            if today
            else "",
            boxes_in_rows(panel, starts, ends, colours, 13.2),
            texts_at_ends(panel, ends, phases),
        ]
        return rows_picture(panel, names, (positions, labels), parts, alt)

    said = [
        f"{row[label]} ({row[phase]}): {format_date(row[start])} to {format_date(row[end])}"
        for _, row in frame.head(8).iterrows()
    ]
    alt = f"{title}. {'; '.join(said)}."
    return Chart(
        title, alt, data=frame[list(headers)], headers=headers, units={}, **two_widths(draw)
    )
