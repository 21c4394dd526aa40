"""A timeline of agreements: when each ends, and by when one has to act."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from techalign.charts.axes import date_breaks, year_fraction
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.pixels import diamonds
from techalign.charts.rows import boxes_in_rows, day_line, row_panel, rows_picture
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import format_date

__all__ = ["timeline"]


def timeline(
    frame: pd.DataFrame,
    *,
    label: Shown,
    start: Shown,
    mark: Shown,
    end: Shown,
    today: dt.date,
    title: str,
    empty: str = "",
) -> Chart:
    """Draw one bar per row from ``start`` to ``end`` with a diamond at ``mark``.

    Parameters
    ----------
    frame : DataFrame
        One row per agreement, drawn from the top.
    label, start, mark, end : str or (str, str)
        Columns, text and three dates, each by its name or by (name, heading).
    today : date
        Drawn as a vertical line; bars begin there at the earliest.
    title : str
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "vendor": ["Ledger"], "start": pd.to_datetime(["2025-09-01"]),
    ...     "notice": pd.to_datetime(["2026-06-01"]), "end": pd.to_datetime(["2026-08-31"])})
    >>> chart = timeline(
    ...     frame, label="vendor", start=("start", "From"), mark=("notice", "Act by"), end="end",
    ...     today=dt.date(2026, 3, 31), title="Agreements")
    >>> print(chart.alt)
    Agreements. Ledger: act by 1 Jun 2026, ends 31 Aug 2026.
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    headers = dict(map(named, (label, start, mark, end)))
    label, start, mark, end = headers
    taken = drawn(frame, *headers)
    names, now = taken[label], pd.Timestamp(today)
    since, acts, ends = (
        [year_fraction(day) for day in days]
        for days in ([max(now, day) for day in taken[start]], taken[mark], taken[end])
    )
    here = year_fraction(today)
    first, last = min([*acts, here]), max(ends)
    margin = 0.02 * (last - first or 1.0)
    axis = date_breaks(min([*taken[mark], now]), max(taken[end]))
    across = first - margin, last + margin

    def draw(width: float) -> str:
        panel = row_panel(names, across, row=28.0, width=width)
        parts = [
            day_line(panel, here, COLOURS["alert"], 2.2, len(names)),
            boxes_in_rows(panel, since, ends, [COLOURS["band"]] * len(ends), 8.8),
            diamonds([(panel.x(act), panel.y(i)) for i, act in enumerate(acts)], SERIES[1]),
        ]
        return rows_picture(panel, names, axis, parts, alt)

    said = [
        f"{name}: act by {format_date(act)}, ends {format_date(last)}"
        for name, act, last in zip(taken[label], taken[mark], taken[end], strict=True)
    ][:8]
    alt = f"{title}. {'; '.join(said)}."
    return Chart(
        title, alt, data=frame[list(headers)], headers=headers, units={}, **two_widths(draw)
    )
