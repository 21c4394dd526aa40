"""Small forecasts side by side: a fan for each of many rows, read at one glance.

Each has its own height, as the largest would flatten all others; so the last value is written
above it with its range, and the shapes tell rise and fall, not who is large.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field

import pandas as pd

from techalign.charts.axes import reach_around_zero
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.panel import NAME, VALUE, WIDE, Panel
from techalign.charts.pixels import EDGE, areas, lines, paths, picture, texts
from techalign.charts.text import fit_text, safe_label, text_width
from techalign.charts.theme import COLOURS, SERIES, WIDTH
from techalign.numbers.formatting import compact, format_ends, format_interval, format_month
from techalign.numbers.intervals import Interval

__all__ = ["fans"]

_GUTTER = 14.0  # pixels between neighbours
_TALL = 40.0  # of the shapes
_TOP = 2.0
_LINE = 15.0
_BELOW = 18.0
_Point = tuple[float, float]
_BREAK = (float("nan"), float("nan"))


@dataclass(frozen=True)
class _Fan:
    """One label's values: by month before today, and (month, low, point, high) after it."""

    name: str
    past: list[_Point] = field(default_factory=list)
    ahead: list[tuple[float, float, float, float]] = field(default_factory=list)

    @property
    def last(self) -> Interval:
        """Its last value, with its ends."""
        _, low, point, high = self.ahead[-1]
        return Interval(point, low, high)


def fans(
    history: pd.DataFrame,
    forecast: pd.DataFrame,
    *,
    label: Shown,
    title: str,
    unit: str,
    level: float,
    value_header: str,
    empty: str = "",
) -> Chart:
    """Draw a small forecast for each label, in the order of the forecast.

    Parameters
    ----------
    history : DataFrame
        Column ``label``, ``month`` (datetime64) and ``value``; a label may be absent.
    forecast : DataFrame
        Column ``label``, ``month``, ``low``, ``point`` and ``high``, the rows of a label together
        and in order of time.
    label : str or (str, str)
        Column of text, by its name or by (name, heading).
    title, unit : str
    level : float
        Probability of the interval, 0 to 1.
    value_header : str
        What the value is, for the data table.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> months = pd.date_range("2026-01-01", periods=4, freq="3MS")
    >>> history = pd.DataFrame({
    ...     "partner": "Alder", "month": months[:2], "value": [900.0, 1000.0]})
    >>> ahead = pd.DataFrame({
    ...     "partner": "Alder", "month": months[2:], "low": [800.0, 700.0],
    ...     "point": [1050.0, 1100.0], "high": [1300.0, 1500.0]})
    >>> chart = fans(
    ...     history, ahead, label="partner", title="Sales a month", unit="USD", level=0.8,
    ...     value_header="Sales")
    >>> print(chart.alt)
    Sales a month. In Oct 2026, with its 80% range: Alder $1.1k ($700 to $1.5k).
    """
    if forecast.empty:
        return empty_chart(title, empty, forecast)
    name, heading = named(label)
    past, ahead = drawn(history, name, "month", "value"), drawn(forecast, name, "month", *_ENDS)
    small = {each: _Fan(safe_label(each)) for each in ahead[name]}
    for each, month, *values in zip(
        ahead[name], *(ahead[key] for key in ("month", *_ENDS)), strict=True
    ):
        small[each].ahead.append((_count(month), *values))
    for each, month, value in zip(past[name], past["month"], past["value"], strict=True):
        if each in small:
            small[each].past.append((_count(month), value))
    drawings = list(small.values())
    end = max(ahead["month"])
    some = [f"{each.name} {format_interval(each.last, unit, short=True)}" for each in drawings[:8]]
    more = f" and {len(drawings) - 8} more" if len(drawings) > 8 else ""
    alt = f"{title}. In {format_month(end)}, with its {level:.0%} range: {', '.join(some)}{more}."
    data = pd.DataFrame(
        [(each, *(getattr(fan.last, part) for part in _ENDS)) for each, fan in small.items()],
        columns=[name, *_ENDS],
    )
    return Chart(
        title,
        alt,
        data=data[[name, "point", "low", "high"]],
        headers={name: heading, "point": f"{value_header} in {format_month(end)}"},
        units={"point": unit},
        **two_widths(lambda width: _picture(drawings, unit, alt, width)),
    )


_ENDS = ("low", "point", "high")


def _count(month: dt.date) -> float:
    return month.year * 12.0 + month.month


def _picture(small: Sequence[_Fan], unit: str, alt: str, width: float) -> str:
    """All of them in columns, each below its name and its last value."""
    columns = 2 if width < WIDTH else 4
    room = float((width - 2 * EDGE - (columns - 1) * _GUTTER) // columns)
    said = [(compact(each.last.point, unit), _in_brackets(each.last, unit)) for each in small]
    # the range stands behind its value where that fits all, else below it
    beside = all(text_width(f"{point} {ends}", WIDE) <= room for point, ends in said)
    above = _LINE * (2.0 if beside else 3.0)
    row = above + _TALL + _BELOW
    months = [at for each in small for at, *_ in (*each.past, *each.ahead)]
    across = min(months), max(max(months), min(months) + 1.0)
    panels = []
    for i, each in enumerate(small):
        left, top = i % columns * (room + _GUTTER), _TOP + i // columns * row + above
        values = [*(value for _, value in each.past), *(v for _, *ends in each.ahead for v in ends)]
        up = reach_around_zero(values)
        panels.append(Panel(left, left + room, top, top + _TALL, across, up, width))
    names: list[tuple[float, float, str]] = []
    points: list[tuple[float, float, str]] = []
    ends: list[tuple[float, float, str]] = []
    for panel, each, (point, between) in zip(panels, small, said, strict=True):
        y = panel.top - above + _LINE / 2
        names.append((panel.left, y, fit_text(each.name, NAME, room)))
        points.append((panel.left, y + _LINE, f"{point} {between}" if beside else point))
        ends.append((panel.left, y + 2 * _LINE, between))
    return picture(
        [
            *_shapes(panels, small),
            texts(names, NAME, "start"),
            texts(points, VALUE, "start", COLOURS["soft"]),
            "" if beside else texts(ends, VALUE, "start", COLOURS["soft"]),
        ],
        _TOP + row * -(-len(small) // columns),
        alt,
        width,
    )


def _in_brackets(last: Interval, unit: str) -> str:
    ends = format_ends(last, unit, short=True)
    return f"({ends})" if ends else ""


def _shapes(panels: Sequence[Panel], small: Sequence[_Fan]) -> list[str]:
    """Zero, the band, and the line through both parts, of all at once."""
    zero, band, line = [], [], []
    for panel, each in zip(panels, small, strict=True):
        # whole pixels across: a page has hundreds of these points
        zero.append((panel.left, panel.y(0.0), panel.right, panel.y(0.0)))
        at = [float(round(panel.x(month))) for month, *_ in each.ahead]
        low, point, high = ([panel.y(v) for v in part] for part in _columns(each))
        band += [*zip(at, low, high, strict=True), (*_BREAK, _BREAK[0])]
        line += [(float(round(panel.x(month))), panel.y(value)) for month, value in each.past]
        line += [*zip(at, point, strict=True), _BREAK]
    return [
        lines(zero, COLOURS["grid"], 1.0),
        # the fill alone is too pale to be told from the page
        areas(band, COLOURS["band"], COLOURS["soft"]),
        paths(line, SERIES[0], 2.0),
    ]


def _columns(each: _Fan) -> list[list[float]]:
    return [[row[i] for row in each.ahead] for i in (1, 2, 3)]
