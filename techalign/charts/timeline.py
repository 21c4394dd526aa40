"""A timeline of agreements: when each ends, and by when one has to act."""

from __future__ import annotations

import datetime as dt

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

    begin = [max(pd.Timestamp(today), s) for s in frame[start]]
    data = pd.DataFrame(
        {
            "row": [safe_label(text) for text in frame[label]],
            "from": [year_fraction(day) for day in begin],
            "mark": [year_fraction(day) for day in frame[mark]],
            "to": [year_fraction(day) for day in frame[end]],
        }
    )
    data["row"] = _unique(data["row"])
    first = min([*frame[mark], pd.Timestamp(today)])
    positions, labels = date_breaks(first, max(frame[end]))
    now = pd.DataFrame({"x": [year_fraction(today)]})
    plot = (
        lp.ggplot(drawn(data, *data.columns))
        + lp.geom_vline(
            lp.aes(xintercept="x"), data=drawn(now, "x"), color=COLOURS["alert"], size=1
        )
        + lp.geom_segment(
            lp.aes(x="from", xend="to", y="row", yend="row"),
            color=COLOURS["band"],
            size=4,
            tooltips="none",
        )
        + lp.geom_point(
            lp.aes(x="mark", y="row"), color=SERIES[1], shape=18, size=6, tooltips="none"
        )
        + lp.scale_x_continuous(breaks=positions, labels=labels)
        + lp.scale_y_discrete(limits=list(data["row"])[::-1], expand=[0, 0.6])
    )
    rows = [
        f"{row[label]}: act by {format_date(row[mark])}, ends {format_date(row[end])}"
        for _, row in frame.head(8).iterrows()
    ]
    alt = f"{title}. {'; '.join(rows)}."
    svg = draw(plot, height=64 + 28 * len(data), alt=alt, grid="x")
    return Chart(title, alt, svg, frame[[label, start, mark, end]], headers)


def _unique(names: pd.Series[str]) -> list[str]:
    """Tell equal labels apart by their order, without showing it."""
    count = names.groupby(names).cumcount()
    return [name + "\u200b" * int(n) for name, n in zip(names, count, strict=True)]
