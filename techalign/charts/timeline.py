"""A timeline of agreements: when each ends, and by when one has to act."""

from __future__ import annotations

import datetime as dt
from collections import Counter

import pandas as pd

from techalign.charts.axes import date_breaks, year_fraction
from techalign.charts.bridge import drawn
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.svg import safe_label
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import format_date

__all__ = ["timeline"]


def timeline(
    frame: pd.DataFrame,
    *,
    label: str,
    start: str,
    mark: str,
    end: str,
    today: dt.date,
    title: str,
    headers: dict[str, str],
    empty: str = "",
) -> Chart:
    """Draw one bar per row from ``start`` to ``end`` with a diamond at ``mark``.

    Parameters
    ----------
    frame : DataFrame
        One row per agreement, drawn from the top.
    label, start, mark, end : str
        Columns: text and three dates.
    today : date
        Drawn as a vertical line; bars begin there at the earliest.
    title : str
    headers : dict
        Headings of the four columns.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    taken = drawn(frame, label, start, mark, end)
    now = pd.Timestamp(today)
    rows = _told_apart([safe_label(text) for text in taken[label]])
    data = {
        "row": rows,
        "from": [year_fraction(max(now, day)) for day in taken[start]],
        "mark": [year_fraction(day) for day in taken[mark]],
        "to": [year_fraction(day) for day in taken[end]],
    }
    positions, labels = date_breaks(min([*taken[mark], now]), max(taken[end]))
    plot = (
        lp.ggplot(data)
        + lp.geom_vline(
            lp.aes(xintercept="x"),
            data={"x": [year_fraction(today)]},
            color=COLOURS["alert"],
            size=1,
        )
        + lp.geom_segment(
            lp.aes(x="from", xend="to", y="row", yend="row"),
            color=COLOURS["band"],
            size=4,
        )
        + lp.geom_point(lp.aes(x="mark", y="row"), color=SERIES[1], shape=18, size=6)
        + lp.scale_x_continuous(breaks=positions, labels=labels)
        + lp.scale_y_discrete(limits=rows[::-1], expand=[0, 0.6])
    )
    said = [
        f"{name}: act by {format_date(act)}, ends {format_date(last)}"
        for name, act, last in zip(taken[label], taken[mark], taken[end], strict=True)
    ][:8]
    alt = f"{title}. {'; '.join(said)}."
    svg = draw(plot, height=64 + 28 * len(rows), alt=alt, grid="x")
    return Chart(title, alt, svg, frame[[label, start, mark, end]], headers)


def _told_apart(names: list[str]) -> list[str]:
    """Tell equal labels apart by their order, without showing it."""
    seen: Counter[str] = Counter()
    apart = []
    for name in names:
        apart.append(name + "\u200b" * seen[name])
        seen[name] += 1
    return apart
