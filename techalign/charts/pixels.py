"""Pictures laid out in pixels: what has no axes needs no plot and is written as it stands."""

from __future__ import annotations

from collections.abc import Iterable

from techalign.charts.svg import framed, themed, words
from techalign.charts.theme import WIDTH

__all__ = ["EDGE", "picture", "rectangles", "texts"]

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
        for x, y, width, height, colour in boxes
    )
    return f'<g stroke="{themed("#ffffff")}" stroke-width="2.2">{drawn}</g>'


def texts(places: Iterable[tuple[float, float, str]], size: float, anchor: str) -> str:
    """Write texts, each beside its place and centred on its height.

    Parameters
    ----------
    places : iterable of (x, y, text)
    size : float
        Of the font, in pixels.
    anchor : str
        Which part of a text its place is: "start", "middle" or "end".
    """
    drawn = "".join(
        f'<text x="{_short(x)}" y="{_short(y + 0.36 * size)}">{words(text)}</text>'
        for x, y, text in places
    )
    return f'<g font-size="{size:g}px" text-anchor="{anchor}">{drawn}</g>'


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
