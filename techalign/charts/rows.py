"""Charts of rows: a name on the left of each, amounts or days along the bottom."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from techalign.charts.panel import (
    NAME,
    VALUE,
    WIDE,
    Panel,
    grid_across,
    labels_below,
    right_end,
    upright,
)
from techalign.charts.pixels import EDGE, lines, picture, rectangles, texts
from techalign.charts.text import fit_text, safe_label, text_width
from techalign.charts.theme import WIDTH

__all__ = ["ROW", "boxes_in_rows", "day_line", "row_panel", "rows_picture", "texts_at_ends"]

ROW = 26.0
_TOP = 8.0
_BOTTOM = 30.0
_LEAST = 40.0
_NAMED = 16.0  # pixels of a name above its row, where there is no room beside it
_ABOVE = 18.0  # from the middle of a row up to its name
_CLEAR = 9.0  # from the middle of a name to the line that leaves it out


def row_panel(
    names: Sequence[object],
    across: tuple[float, float],
    *,
    ends: Sequence[float] = (),
    written: Sequence[str] = (),
    gap: float = 6.0,
    row: float = ROW,
    above: float = 0.0,
    width: float = WIDTH,
) -> Panel:
    """Make room for rows, their names, and what is written beyond the end of each.

    Parameters
    ----------
    names : sequence
        From the top.
    across : (float, float)
        The numbers the axis has to hold.
    ends : sequence of float
        Where each row's shape ends.
    written : sequence of str
        What is written there.
    gap : float
        Pixels between both.
    row, above : float
        Pixels of a row, and above the first.
    width : float
        Of the picture. In a narrow one names stand above their rows instead of beside them.

    Returns
    -------
    Panel
        Row ``i`` lies at height ``i``, from 0 at the top.
    """
    narrow, right = width < WIDTH, right_end(width)
    left = 0.0 if narrow else max(text_width(safe_label(name), NAME) for name in names) + 8
    row += _NAMED if narrow else 0.0
    low, high = across
    room = right - left
    per_pixel = (high - low) / room
    for end, text in zip(ends, written, strict=True):
        kept = max(room - gap - text_width(text, WIDE), _LEAST)
        per_pixel = max(per_pixel, (end - low) / kept) if end == end else per_pixel
    top = _TOP + above + (_NAMED / 2 if narrow else 0.0)
    count = len(names)
    reached = (low, low + per_pixel * room)
    return Panel(left, right, top, top + row * count, reached, (count - 0.5, -0.5), width)


def rows_picture(
    panel: Panel,
    names: Iterable[object],
    axis: tuple[Sequence[float], Sequence[str]],
    parts: Iterable[str],
    alt: str,
) -> str:
    """Draw the rows' names and axis, and shapes between them.

    Parameters
    ----------
    panel : Panel
        What :func:`row_panel` gave.
    names : iterable
        From the top.
    axis : (breaks, labels)
        Those beyond the panel are left out.
    parts : iterable of str
        The shapes.
    alt : str
        The text alternative.
    """
    low, high = panel.across
    slack = 1e-9 * (high - low)
    shown = [pair for pair in zip(*axis, strict=True) if low - slack <= pair[0] <= high + slack]
    breaks, labels = [at for at, _ in shown], [label for _, label in shown]
    if panel.is_narrow:
        room = panel.width - EDGE - 4
        named = [
            (0.0, panel.y(i) - _ABOVE, fit_text(safe_label(name), NAME, room))
            for i, name in enumerate(names)
        ]
    else:
        named = [(panel.left - 8, panel.y(i), safe_label(name)) for i, name in enumerate(names)]
    return picture(
        [
            grid_across(panel, breaks),
            *parts,
            texts(named, NAME, "start" if panel.is_narrow else "end"),
            labels_below(panel, breaks, labels),
        ],
        panel.bottom + _BOTTOM,
        alt,
        panel.width,
    )


def day_line(panel: Panel, at: float, colour: str, width: float, count: int) -> str:
    """Draw a line down all rows, which leaves out the names that stand above them.

    Parameters
    ----------
    panel : Panel
        What :func:`row_panel` gave.
    at : float
        Its number on the axis below.
    colour : str
    width : float
        Of the line, in pixels.
    count : int
        How many rows there are.
    """
    if not panel.is_narrow:
        return upright(panel, at, colour, width)
    x, names = panel.x(at), [panel.y(i) - _ABOVE for i in range(count)]
    below = [name - _CLEAR for name in names[1:]] + [panel.bottom]
    pieces = [(x, name + _CLEAR, x, end) for name, end in zip(names, below, strict=True)]
    return lines(pieces, colour, width)


def boxes_in_rows(
    panel: Panel,
    starts: Sequence[float],
    ends: Sequence[float],
    colours: Sequence[str],
    tall: float,
) -> str:
    """Draw a box in each row.

    Parameters
    ----------
    panel : Panel
        What :func:`row_panel` gave.
    starts, ends : sequence of float, shape (n,)
        Numbers of the axis below, ``starts <= ends``.
    colours : sequence of str, shape (n,)
    tall : float
        Pixels.
    """
    drawn = zip(starts, ends, colours, strict=True)
    return rectangles(
        (panel.x(start), panel.y(i) - tall / 2, panel.x(end) - panel.x(start), tall, colour)
        for i, (start, end, colour) in enumerate(drawn)
    )


def texts_at_ends(
    panel: Panel, ends: Sequence[float], written: Sequence[str], gap: float = 6.0
) -> str:
    """Write a text just beyond the end of each row's shape.

    Parameters
    ----------
    panel : Panel
        What :func:`row_panel` gave.
    ends : sequence of float, shape (n,)
        Numbers of the axis below.
    written : sequence of str, shape (n,)
    gap : float
        Pixels between both.
    """
    places = [
        (panel.x(end) + gap, panel.y(i), text)
        for i, (end, text) in enumerate(zip(ends, written, strict=True))
    ]
    return texts(places, VALUE, "start")
