"""The part of a picture between its axes: numbers to pixels, lines and labels at round numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from techalign.charts.pixels import EDGE, lines, texts
from techalign.charts.text import fit_text, text_width
from techalign.charts.theme import COLOURS, WIDTH

__all__ = [
    "NAME",
    "VALUE",
    "WIDE",
    "Panel",
    "grid_across",
    "grid_up",
    "labels_below",
    "labels_beside",
    "right_end",
    "room_beside",
    "title_above",
    "title_below",
    "upright",
]

NAME = 13.0
"""Font size of names of rows."""
VALUE = 11.2
"""Font size of what is written beside shapes."""
WIDE = 12.0
"""Font size for which room is kept beside shapes: other fonts are wider."""
_BEYOND = EDGE + 20.0
_TICK = 12.0
_APART = 10.0


@dataclass(frozen=True)
class Panel:
    """Where shapes lie.

    Attributes
    ----------
    left, right, top, bottom : float
        Edges in pixels.
    across, up : (float, float)
        The numbers at the left and right edge, and at the bottom and top edge.
    width : float
        Pixels of the whole picture.
    """

    left: float
    right: float
    top: float
    bottom: float
    across: tuple[float, float]
    up: tuple[float, float]
    width: float = WIDTH

    @property
    def is_narrow(self) -> bool:
        """Whether it belongs to the drawing for a phone."""
        return self.width < WIDTH

    def x(self, number: float) -> float:
        """Pixels from the left of the picture."""
        low, high = self.across
        return self.left + (number - low) / (high - low) * (self.right - self.left)

    def y(self, number: float) -> float:
        """Pixels from the top of the picture."""
        low, high = self.up
        return self.bottom - (number - low) / (high - low) * (self.bottom - self.top)


def right_end(width: float) -> float:
    """Where a panel ends in a picture of so many pixels."""
    return width - _BEYOND


def upright(panel: Panel, at: float, colour: str, width: float) -> str:
    """Draw a line from the bottom to the top.

    Parameters
    ----------
    panel : Panel
    at : float
        Its number on the axis below.
    colour : str
    width : float
        Of the line, in pixels.
    """
    x = panel.x(at)
    return lines([(x, panel.top, x, panel.bottom)], colour, width)


def grid_across(panel: Panel, breaks: Sequence[float]) -> str:
    """Draw upright lines at numbers of the axis below.

    Parameters
    ----------
    panel : Panel
    breaks : sequence of float
        Numbers of the axis.

    Returns
    -------
    str
        SVG, as of all functions here that draw.
    """
    ends = [(panel.x(each), panel.top, panel.x(each), panel.bottom) for each in breaks]
    return lines(ends, COLOURS["grid"], 0.7)


def grid_up(panel: Panel, breaks: Sequence[float]) -> str:
    """Draw level lines at numbers of the axis on the left.

    Parameters
    ----------
    panel : Panel
    breaks : sequence of float
        Numbers of the axis.
    """
    ends = [(panel.left, panel.y(each), panel.right, panel.y(each)) for each in breaks]
    return lines(ends, COLOURS["grid"], 0.7)


def labels_below(panel: Panel, breaks: Sequence[float], labels: Sequence[str]) -> str:
    """Write labels of the axis below: every second, third and so on if all were too close.

    Parameters
    ----------
    panel : Panel
    breaks : sequence of float, shape (n,)
        Numbers of the axis, ascending.
    labels : sequence of str, shape (n,)
    """
    wide = [text_width(label, _TICK) for label in labels]
    kept = next(
        (s for s in range(1, len(labels)) if _fit([panel.x(b) for b in breaks[::s]], wide[::s])),
        max(len(labels), 1),
    )
    # the outermost ones stay inside the picture
    places = [
        (min(max(panel.x(each), width / 2 - EDGE + 4), panel.width - EDGE - 4 - width / 2), label)
        for each, label, width in zip(breaks[::kept], labels[::kept], wide[::kept], strict=True)
    ]
    written = [(x, panel.bottom + 14, label) for x, label in places]
    return texts(written, _TICK, "middle", COLOURS["soft"])


def _fit(middles: Sequence[float], wide: Sequence[float]) -> bool:
    return all(
        later - earlier >= (first + second) / 2 + _APART
        for earlier, later, first, second in zip(middles, middles[1:], wide, wide[1:], strict=False)
    )


def labels_beside(panel: Panel, breaks: Sequence[float], labels: Sequence[str]) -> str:
    """Write labels of the axis on the left.

    Parameters
    ----------
    panel : Panel
    breaks : sequence of float, shape (n,)
        Numbers of the axis.
    labels : sequence of str, shape (n,)
    """
    written = [
        (panel.left - 8, panel.y(each), label) for each, label in zip(breaks, labels, strict=True)
    ]
    return texts(written, _TICK, "end", COLOURS["soft"])


def room_beside(labels: Sequence[str]) -> float:
    """Return the pixels that labels on the left take.

    Parameters
    ----------
    labels : sequence of str
    """
    return max((text_width(label, _TICK) for label in labels), default=0.0) + 8


def title_below(panel: Panel, title: str) -> str:
    """Say what the axis below shows.

    Parameters
    ----------
    panel : Panel
    title : str
    """
    room = panel.width - EDGE - 4
    said = fit_text(title, _TICK, room)
    wide = text_width(said, _TICK)
    middle = min((panel.left + panel.right) / 2, room - wide / 2)
    return texts(
        [(max(middle, wide / 2), panel.bottom + 34, said)], _TICK, "middle", COLOURS["soft"]
    )


def title_above(panel: Panel, title: str) -> str:
    """Say what the axis on the left shows, above it, where it need not be turned to be read.

    Parameters
    ----------
    panel : Panel
    title : str
    """
    said = fit_text(title, _TICK, panel.width - EDGE - 4)
    return texts([(0.0, panel.top - 16, said)], _TICK, "start", COLOURS["soft"])
