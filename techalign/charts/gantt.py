"""A roadmap: one bar per piece of work, from its start to its end, named by its phase."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from techalign.charts.axes import date_breaks, year_fraction
from techalign.charts.bars import row_names
from techalign.charts.chart import Chart, empty_chart
from techalign.charts.plot import draw
from techalign.charts.text import text_width
from techalign.charts.theme import COLOURS, SERIES, WIDTH
from techalign.numbers.formatting import format_date

__all__ = ["gantt"]

_TEXT = 12.0


def gantt(
    frame: pd.DataFrame,
    *,
    label: str,
    start: str,
    end: str,
    phase: str,
    title: str,
    headers: dict[str, str],
    today: dt.date | None = None,
    empty: str = "",
) -> Chart:
    """Draw a roadmap.

    Parameters
    ----------
    frame : DataFrame
        One row per piece of work, drawn from the top.
    label, phase : str
        Columns of text. The phase is written beside its bar and colours it; phases beyond the
        fifth share a colour.
    start, end : str
        Columns of dates.
    title : str
    headers : dict
        Headings of the four columns.
    today : date, optional
        Drawn as a vertical line.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    import lets_plot as lp

    data = pd.DataFrame(
        {
            "from": [year_fraction(day) for day in frame[start]],
            "to": [year_fraction(day) for day in frame[end]],
            "row": row_names(frame[label]),
            "phase": [str(name) for name in frame[phase]],
        }
    )
    first, last = float(data["from"].min()), float(data["to"].max())
    ends = [*frame[start], *frame[end], *([pd.Timestamp(today)] if today else [])]
    positions, labels = date_breaks(min(ends), max(ends))
    low, high = min([first, *positions]), max([last, *positions])
    side = max(text_width(name, 13.0) for name in data["row"])
    per_pixel = (high - low) / max(WIDTH - side - 40, 100.0)
    room = max((text_width(name, _TEXT) for name in data["phase"]), default=0.0) + 24
    data["at"] = data["to"] + 6 * per_pixel
    phases = list(dict.fromkeys(data["phase"]))
    plot = lp.ggplot(data)
    if today:
        now = pd.DataFrame({"x": [year_fraction(today)]})
        plot += lp.geom_vline(lp.aes(xintercept="x"), data=now, color=COLOURS["alert"], size=1)
    for number, name in enumerate(phases):
        plot += lp.geom_segment(
            lp.aes(x="from", xend="to", y="row", yend="row"), data=data[data["phase"] == name],
            color=SERIES[min(number, len(SERIES) - 1)], size=6,
        )  # fmt: skip
    plot = (
        plot
        + lp.geom_text(
            lp.aes(x="at", y="row", label="phase"), hjust=0, size=5.4, color=COLOURS["ink"]
        )
        + lp.scale_x_continuous(
            breaks=positions, labels=labels, limits=[low, high + room * per_pixel * 1.35]
        )
        + lp.scale_y_discrete(limits=list(data["row"])[::-1], expand=[0, 0.6])
    )
    said = [
        f"{row[label]} ({row[phase]}): {format_date(row[start])} to {format_date(row[end])}"
        for _, row in frame.head(8).iterrows()
    ]
    alt = f"{title}. {'; '.join(said)}."
    svg = draw(plot, height=64 + 28 * len(data), alt=alt, grid="x")
    return Chart(title, alt, svg, frame[[label, phase, start, end]], headers)
