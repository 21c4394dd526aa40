"""Monthly columns, and the chance of exceeding an amount."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.charts.axes import breaks_within, date_breaks, reach, reach_around_zero, value_labels
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.panel import (
    VALUE,
    WIDE,
    Panel,
    grid_across,
    grid_up,
    labels_below,
    labels_beside,
    right_end,
    room_beside,
)
from techalign.charts.pixels import lines, paths, picture, rectangles, texts
from techalign.charts.text import text_width
from techalign.charts.theme import COLOURS, SERIES
from techalign.numbers.formatting import compact, format_date

__all__ = ["columns", "exceedance"]

_HEIGHT = 260.0
_TOP = 10.0
_BOTTOM = 30.0
_LINE = 18.0
_COLUMN = 0.72  # of a month
_POINTS = 120
_FLAT = 4e-4  # of the height: less than a tenth of a pixel


def columns(
    frame: pd.DataFrame,
    *,
    month: str,
    value: Shown,
    title: str,
    unit: str,
    empty: str = "",
) -> Chart:
    """Draw one column per month.

    Parameters
    ----------
    frame : DataFrame
    month : str
        Column of datetime64.
    value : str or (str, str)
        Column of numbers, by its name or by (name, heading).
    title, unit : str
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({
    ...     "month": pd.date_range("2026-01-01", periods=3, freq="MS"),
    ...     "spent": [900.0, 1200.0, 800.0]})
    >>> chart = columns(
    ...     frame, month="month", value="spent", title="Technology spending", unit="USD")
    >>> print(chart.alt)
    Technology spending. 3 months from 1 Jan 2026; lowest $800, highest $1.2k.
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    value, heading = named(value)
    taken = drawn(frame, month, value)
    months, values = taken[month], taken[value]
    low, high = reach(values)
    up = reach_around_zero(values)
    alt = (
        f"{title}. {len(months)} months from {format_date(min(months))}; lowest "
        f"{compact(low, unit)}, highest {compact(high, unit)}."
    )
    return Chart(
        title,
        alt,
        data=frame[[month, value]],
        headers={month: "Month", value: heading},
        units={month: "month", value: unit},
        **two_widths(lambda width: _columns_picture(months, values, up, unit, alt, width)),
    )


def _columns_picture(
    months: list[dt.date],
    values: list[float],
    up: tuple[float, float],
    unit: str,
    alt: str,
    width: float,
) -> str:
    breaks = breaks_within(up)
    # whole numbers, so that every column is as wide as the next
    xs = [month.year * 12 + month.month - 1 for month in months]
    dates = zip(*date_breaks(min(months), max(months)), strict=True)
    shown = [(round(12 * at), label) for at, label in dates if round(12 * at) <= max(xs)]
    names = value_labels(breaks, unit)
    panel = Panel(
        room_beside(names), right_end(width), _TOP, _HEIGHT - _BOTTOM,
        (min(xs) - 0.5, max(xs) + 0.5), up, width,
    )  # fmt: skip
    boxes = [
        (
            panel.x(x - _COLUMN / 2), panel.y(max(value, 0.0)), panel.x(_COLUMN) - panel.x(0.0),
            abs(panel.y(value) - panel.y(0.0)), SERIES[0],
        )
        for x, value in zip(xs, values, strict=True)
    ]  # fmt: skip
    return picture(
        [
            grid_up(panel, breaks),
            rectangles(boxes),
            labels_beside(panel, breaks, names),
            labels_below(panel, [at for at, _ in shown], [label for _, label in shown]),
        ],
        _HEIGHT,
        alt,
        width,
    )


def exceedance(
    amounts: np.ndarray,
    probability: np.ndarray,
    *,
    title: str,
    unit: str,
    marks: dict[str, float],
    empty: str = "",
) -> Chart:
    """Draw the chance that a loss is at least as large as each amount.

    Parameters
    ----------
    amounts : ndarray, shape (k,)
        Money, ascending.
    probability : ndarray, shape (k,)
        Chance of at least that amount, 0 to 1.
    title, unit : str
    marks : dict
        Name and amount of points worth a line, e.g. the expected loss.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> chart = exceedance(
    ...     np.array([0.0, 1000.0, 5000.0]), np.array([0.4, 0.2, 0.01]), title="Loss in a year",
    ...     unit="USD", marks={"expected": 600.0})
    >>> print(chart.alt)
    Loss in a year. expected $600.
    >>> chart.data["chance"].tolist()
    [0.4, 0.2, 0.01]
    """
    if amounts.size == 0:
        return empty_chart(title, empty, pd.DataFrame())
    kept = _telling(amounts, probability)
    curve = {"amount": amounts[kept].tolist(), "chance": probability[kept].tolist()}
    named = [f"{name} {compact(amount, unit)}" for name, amount in marks.items()]
    alt = f"{title}. {'; '.join(named)}."
    labelled = list(zip(marks.values(), named, strict=True))
    drawings = two_widths(lambda width: _curve_picture(curve, labelled, unit, alt, width))
    picked = np.unique(np.linspace(0, len(kept) - 1, 12).round().astype(int)).tolist()
    shown = pd.DataFrame({name: [part[i] for i in picked] for name, part in curve.items()})
    headers = {"amount": "Loss of at least", "chance": "Chance in a year"}
    units = {"amount": unit, "chance": "%"}
    return Chart(title, alt, data=shown, headers=headers, units=units, **drawings)


def _curve_picture(
    curve: dict[str, list[float]],
    marks: list[tuple[float, str]],
    unit: str,
    alt: str,
    width: float,
) -> str:
    furthest = reach_around_zero(curve["amount"], (at for at, _ in marks))
    highest = reach_around_zero(curve["chance"])
    across, up = breaks_within(furthest), breaks_within(highest)
    names = value_labels(up, "%")
    left, right = room_beside(names), right_end(width)
    panel = Panel(left, right, _TOP, _HEIGHT - _BOTTOM, furthest, highest, width)
    points = zip(curve["amount"], curve["chance"], strict=True)
    # each line begins beside its own name, so that it strikes out no name above
    tops = [(panel.x(at), panel.top + _LINE * i) for i, (at, _) in enumerate(marks)]
    parts = [lines([(x, top, x, panel.bottom)], COLOURS["soft"], 1.8, 6.0) for x, top in tops]
    parts.append(paths([(panel.x(x), panel.y(y)) for x, y in points], SERIES[0], 3.5))
    for i, (at, name) in enumerate(marks):
        # written on the side of its line where there is room for it
        far = panel.x(at) + 8 + text_width(name, WIDE) > panel.right
        place = (panel.x(at) + (-6 if far else 6), panel.top + 8 + _LINE * i, name)
        parts.append(texts([place], VALUE, "end" if far else "start"))
    return picture(
        [
            grid_across(panel, across),
            grid_up(panel, up),
            *parts,
            labels_beside(panel, up, names),
            labels_below(panel, across, value_labels(across, unit)),
        ],
        _HEIGHT,
        alt,
        width,
    )


def _telling(across: np.ndarray, up: np.ndarray) -> np.ndarray:
    """Places of the points that make a curve: evenly along both axes, and as many as are seen."""
    places = [
        np.linspace(0, len(across) - 1, _POINTS).round().astype(int),
        np.searchsorted(-up, -np.linspace(up.max(), up.min(), _POINTS)).clip(max=len(up) - 1),
    ]
    found: np.ndarray = np.unique(np.concatenate(places))
    # where the curve is straight its ends say it all; halves at a time, so that no bend is lost
    for _ in range(4 if len(found) > 2 else 0):
        x, y = across[found] / max(across[-1], 1e-300), up[found] / max(up.max(), 1e-300)
        line = y[:-2] + (y[2:] - y[:-2]) * (x[1:-1] - x[:-2]) / np.maximum(x[2:] - x[:-2], 1e-300)
        straight = np.abs(y[1:-1] - line) < _FLAT
        straight[1::2] = False
        found = found[np.r_[True, ~straight, True]]
    return found
