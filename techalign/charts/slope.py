"""What changed between two reviews: a line per row from the earlier to the later value."""

from __future__ import annotations

import pandas as pd

from techalign.charts.axes import reach
from techalign.charts.chart import Chart, Shown, drawn, empty_chart, named, two_widths
from techalign.charts.pixels import EDGE, dots, lines, picture, texts
from techalign.charts.text import fit_text, safe_label, spread, text_width
from techalign.charts.theme import COLOURS, NARROW, SERIES, WIDTH
from techalign.numbers.formatting import compact

__all__ = ["slope"]

_TEXT = 12.0  # what room is kept for
_SIZE = 10.8
_Line = tuple[float, float, float, float]
_LEFT, _RIGHT = 366.0, 550.0  # where the lines begin and end, in pixels
_TOP = 30.0
_GAP = 19.0
_EACH, _HEADED = 52.0, 20.0  # pixels of a row and of its name, in a narrow picture


def slope(
    frame: pd.DataFrame,
    *,
    label: Shown,
    before: Shown,
    after: Shown,
    title: str,
    unit: str,
    beyond: str = "",
    empty: str = "",
) -> Chart:
    """Draw the change of each row, with its name and both values written beside the line.

    Parameters
    ----------
    frame : DataFrame
        One row per line, at most some fifteen.
    label, before, after : str or (str, str)
        Columns of text and of numbers, each by its name or by (name, heading); the headings of
        the last two name the sides, such as ``("was", "2026 Q1")``.
    title, unit : str
    beyond : str
        Column of booleans: whether the change is larger than its noise. Other lines are thin
        and dashed. All are drawn alike without it.
    empty : str
        The sentence shown where there is nothing to draw.

    Returns
    -------
    Chart

    Examples
    --------
    >>> frame = pd.DataFrame({"vendor": ["Ledger", "Mail"], "q1": [0.02, 0.10], "q2": [0.04, 0.09]})
    >>> chart = slope(
    ...     frame, label="vendor", before=("q1", "2026 Q1"), after=("q2", "2026 Q2"),
    ...     title="Chance to cease", unit="%")
    >>> print(chart.alt)
    Chance to cease. Ledger: 2% to 4%; Mail: 10% to 9%
    """
    if frame.empty:
        return empty_chart(title, empty, frame)
    headers = dict(map(named, (label, before, after)))
    label, before, after = headers
    when = headers[before], headers[after]
    taken = drawn(frame, *headers)
    values = taken[before], taken[after]
    firm = [bool(each) for each in frame[beyond]] if beyond else [True] * len(frame)
    alt = f"{title}. " + "; ".join(
        f"{name}: {compact(first, unit)} to {compact(last, unit)}"
        for name, first, last in zip(taken[label], *values, strict=True)
    )

    def draw(width: float) -> str:
        if width < WIDTH:
            return _narrow(taken[label], values, firm, when, unit, alt)
        height = _TOP + 16 + max(8 * _GAP, _GAP * len(frame))
        return picture(_parts(taken[label], values, firm, when, unit, height), height + 8, alt)

    return Chart(
        title,
        alt,
        data=frame[list(headers)],
        headers=headers,
        units={before: unit, after: unit},
        **two_widths(draw),
    )


def _narrow(
    names: list[str],
    values: tuple[list[float], list[float]],
    firm: list[bool],
    when: tuple[str, str],
    unit: str,
    alt: str,
) -> str:
    """Draw each row by itself: its name, and below it the line with a value at either end."""
    room = NARROW - EDGE - 4
    low, high = reach(*values)
    rise = (_EACH - _HEADED - 14) / (high - low if high > low else 1.0)
    sides = [[compact(value, unit) for value in side] for side in values]
    left = max(text_width(text, _TEXT) for text in [*sides[0], when[0]]) + 10
    right = room - max(text_width(text, _TEXT) for text in [*sides[1], when[1]]) - 10
    bottoms = [_TOP + _EACH * (i + 1) - 10 for i in range(len(names))]
    first, last = (
        [bottom - (value - low) * rise for bottom, value in zip(bottoms, side, strict=True)]
        for side in values
    )
    steps = [(left, a, right, b) for a, b in zip(first, last, strict=True)]
    named = [
        (0.0, bottom - _EACH + 20, fit_text(safe_label(name), _TEXT, room))
        for bottom, name in zip(bottoms, names, strict=True)
    ]
    parts = [
        lines(_chosen(steps, [not each for each in firm]), COLOURS["soft"], 2.0, 8.0),
        lines(_chosen(steps, firm), SERIES[0], 4.0),
        dots([(left, y) for y in first] + [(right, y) for y in last], SERIES[0]),
        texts(named, _SIZE, "start"),
        texts([(left - 8, y, t) for y, t in zip(first, sides[0], strict=True)], _SIZE, "end"),
        texts([(right + 8, y, t) for y, t in zip(last, sides[1], strict=True)], _SIZE, "start"),
        texts([(left - 8, 12.0, when[0])], _SIZE, "end", COLOURS["soft"]),
        texts([(right + 8, 12.0, when[1])], _SIZE, "start", COLOURS["soft"]),
    ]
    return picture(parts, _TOP + _EACH * len(names) + 4, alt, NARROW)


def _parts(
    names: list[str],
    values: tuple[list[float], list[float]],
    firm: list[bool],
    when: tuple[str, str],
    unit: str,
    height: float,
) -> list[str]:
    """Draw the lines, and on each side their points, names and values, moved apart."""
    low, high = reach(*values)
    rise = (height - _TOP - 24) / (high - low if high > low else 1.0)
    ends = [[12 + (value - low) * rise for value in side] for side in values]
    tops = [[height - end for end in side] for side in ends]
    steps = [(_LEFT, first, _RIGHT, last) for first, last in zip(*tops, strict=True)]
    parts = [
        lines(_chosen(steps, [not each for each in firm]), COLOURS["soft"], 2.0, 8.0),
        lines(_chosen(steps, firm), SERIES[0], 4.0),
    ]
    placed = zip((_LEFT, _RIGHT), (-1, 1), when, strict=True)
    sides = zip(placed, _written(names, values, unit), ends, tops, strict=True)
    for (place, sign, name), written, wanted, reached in sides:
        beside = place + sign * 14
        moved = [height - y for y in spread(wanted, _GAP, 10, height - _TOP)]
        leads = [(place, y, beside, to) for y, to in zip(reached, moved, strict=True)]
        anchor = "end" if sign < 0 else "start"
        parts += [
            dots([(place, y) for y in reached], SERIES[0]),
            lines(leads, COLOURS["soft"], 1.1),
            texts([(beside, y, t) for y, t in zip(moved, written, strict=True)], _SIZE, anchor),
            texts([(place + sign * 8, 12.0, name)], _SIZE, anchor, COLOURS["soft"]),
        ]
    return parts


def _chosen(steps: list[_Line], which: list[bool]) -> list[_Line]:
    return [step for step, is_one in zip(steps, which, strict=True) if is_one]


def _written(
    names: list[str], values: tuple[list[float], list[float]], unit: str
) -> tuple[list[str], list[str]]:
    """Each side's texts: the names are on the left, as long as there is room for them."""
    left, right = ([compact(value, unit) for value in side] for side in values)
    room = [_LEFT - 40 - text_width(text, _TEXT) for text in left]
    named = [
        f"{fit_text(safe_label(name), _TEXT, width)}  {text}"
        for name, width, text in zip(names, room, left, strict=True)
    ]
    return named, right
