"""Pictures laid out in pixels: what has no axes needs no plot and is written as it stands."""

from __future__ import annotations

import math
from collections.abc import Iterable

from techalign.charts.svg import framed, themed, words
from techalign.charts.theme import INK, WIDTH

__all__ = ["EDGE", "dots", "lines", "picture", "rectangles", "texts"]

EDGE = 12.0
"""Pixels left blank at the left, as much as at a plot's."""


def picture(parts: Iterable[str], height: float, alt: str) -> str:
    """Put groups of shapes together.

    Parameters
    ----------
    parts : iterable of str
        Drawn one over the other.
    height : float
        In pixels; the width is the house's.
    alt : str
        The text alternative.

    Returns
    -------
    str
        An ``<svg>`` element as the plots have it.
    """
    return framed(f'<g transform="translate({EDGE:g} 0)">{"".join(parts)}</g>', WIDTH, height, alt)


def rectangles(boxes: Iterable[tuple[float, float, float, float, str]]) -> str:
    """Draw boxes with the page showing between them: left, top, width, height and colour."""
    drawn = "".join(
        f'<rect x="{_short(x)}" y="{_short(y)}" width="{_short(width)}" height="{_short(height)}" '
        f'fill="{themed(colour)}"/>'
        for x, y, width, height, colour in filter(_known, boxes)
    )
    return f'<g stroke="{themed("#ffffff")}" stroke-width="2.2">{drawn}</g>'


def lines(
    ends: Iterable[tuple[float, float, float, float]], colour: str, width: float, dash: float = 0.0
) -> str:
    """Draw lines from (x, y) to (x, y), dashed if a dash has a length."""
    drawn = "".join(
        f'<line x1="{_short(x1)}" y1="{_short(y1)}" x2="{_short(x2)}" y2="{_short(y2)}"/>'
        for x1, y1, x2, y2 in filter(_known, ends)
    )
    dashed = f' stroke-dasharray="{_short(dash)},{_short(dash)}"' if dash else ""
    return f'<g stroke="{themed(colour)}" stroke-width="{_short(width)}"{dashed}>{drawn}</g>'


def dots(places: Iterable[tuple[float, float]], colour: str) -> str:
    """Draw points."""
    drawn = "".join(
        f'<circle cx="{_short(x)}" cy="{_short(y)}" r="3.3"/>' for x, y in filter(_known, places)
    )
    return f'<g fill="{themed(colour)}">{drawn}</g>'


def texts(
    places: Iterable[tuple[float, float, str]], size: float, anchor: str, colour: str = INK
) -> str:
    """Write texts, each beside its place and centred on its height.

    Parameters
    ----------
    places : iterable of (x, y, text)
    size : float
        Of the font, in pixels.
    anchor : str
        Which part of a text its place is: "start", "middle" or "end".
    colour : str
        The ink's by default.
    """
    drawn = "".join(
        f'<text x="{_short(x)}" y="{_short(y + 0.36 * size)}">{words(text)}</text>'
        for x, y, text in filter(_known, places)
    )
    ink = "" if colour == INK else f' fill="{themed(colour)}"'
    return f'<g font-size="{size:g}px" text-anchor="{anchor}"{ink}>{drawn}</g>'


def _known(shape: tuple[float | str, ...]) -> bool:
    """Whether all places of a shape are numbers; what has none is left out."""
    return all(isinstance(place, str) or math.isfinite(place) for place in shape)


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
