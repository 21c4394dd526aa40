"""Shapes and texts placed in pixels, written as SVG whose colours follow the page."""

from __future__ import annotations

import math
from collections.abc import Iterable
from itertools import groupby

from techalign.charts.theme import INK, WIDTH, themed
from techalign.html import escape

__all__ = [
    "EDGE",
    "areas",
    "diamonds",
    "dots",
    "lines",
    "paths",
    "picture",
    "rectangles",
    "texts",
]

EDGE = 12.0
"""Pixels left blank at the left of a picture."""


def picture(parts: Iterable[str], height: float, alt: str, width: float = WIDTH) -> str:
    """Put groups of shapes together.

    Parameters
    ----------
    parts : iterable of str
        Drawn one over the other.
    height : float
        In pixels.
    alt : str
        The text alternative.
    width : float
        In pixels; a picture of less than the house's is marked as its narrow drawing.

    Returns
    -------
    str
        An ``<svg>`` element with a view box instead of a size: it fills its page.
    """
    mark = "ta-svg ta-narrow" if width < WIDTH else "ta-svg"
    return (
        f'<svg class="{mark}" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(alt)}" font-family="system-ui,sans-serif" '
        f'fill="var(--ta-ink,{INK})"><g transform="translate({EDGE:g} 0)">{"".join(parts)}</g>'
        "</svg>"
    )


def rectangles(boxes: Iterable[tuple[float, float, float, float, str]], apart: float = 0.0) -> str:
    """Draw boxes.

    Parameters
    ----------
    boxes : iterable of (x, y, width, height, colour)
        From the upper left.
    apart : float
        Pixels of page that show between neighbours.

    Returns
    -------
    str
        A ``<g>`` element, as of all functions here but :func:`picture`. What has a place that is
        no number is left out.
    """
    # the colour once for neighbours that share it
    drawn = "".join(
        f'<g fill="{themed(colour)}">{"".join(map(_box, run))}</g>'
        for colour, run in groupby(filter(_known, boxes), key=lambda box: box[4])
    )
    between = f' stroke="{themed("#ffffff")}" stroke-width="{_short(apart)}"' if apart else ""
    return f"<g{between}>{drawn}</g>"


def lines(
    ends: Iterable[tuple[float, float, float, float]], colour: str, width: float, dash: float = 0.0
) -> str:
    """Draw straight lines.

    Parameters
    ----------
    ends : iterable of (x, y, x, y)
        In pixels from the left and the top, as everywhere here.
    colour : str
        Of the palette: it follows the page, as everywhere here.
    width, dash : float
        Of the line and of each dash, in pixels; 0 for none.
    """
    drawn = "".join(
        f'<line x1="{_short(x1)}" y1="{_short(y1)}" x2="{_short(x2)}" y2="{_short(y2)}"/>'
        for x1, y1, x2, y2 in filter(_known, ends)
    )
    return f"<g {_stroke(colour, width, dash)}>{drawn}</g>"


def paths(
    places: Iterable[tuple[float, float]], colour: str, width: float, dash: float = 0.0
) -> str:
    """Draw a line through points, interrupted where one is not a number.

    Parameters
    ----------
    places : iterable of (x, y)
    colour : str
    width, dash : float
        Of the line and of each dash, in pixels; 0 for none.
    """
    drawn = "".join(f'<polyline points="{points}"/>' for points in _stretches(places))
    return f'<g fill="none" {_stroke(colour, width, dash)}>{drawn}</g>'


def areas(places: Iterable[tuple[float, float, float]], colour: str, edge: str = "") -> str:
    """Fill what lies between two lines, interrupted where one is not a number.

    Parameters
    ----------
    places : iterable of (x, lower y, upper y)
    colour : str
    edge : str
        Colour of a thin line around it; "" for none.
    """
    drawn = []
    for is_known, part in groupby(places, _known):
        if is_known:
            stretch = list(part)
            there = [(x, upper) for x, _, upper in stretch]
            back = [(x, lower) for x, lower, _ in reversed(stretch)]
            drawn.append(f'<polygon points="{_points(there + back)}"/>')
    around = f" {_stroke(edge, 1.0, 0.0)}" if edge else ""
    return f'<g fill="{themed(colour)}"{around}>{"".join(drawn)}</g>'


def dots(places: Iterable[tuple[float, float]], colour: str, radius: float = 3.3) -> str:
    """Draw points.

    Parameters
    ----------
    places : iterable of (x, y)
    colour : str
    radius : float
        In pixels.
    """
    drawn = "".join(
        f'<circle cx="{_short(x)}" cy="{_short(y)}" r="{_short(radius)}"/>'
        for x, y in filter(_known, places)
    )
    return f'<g fill="{themed(colour)}">{drawn}</g>'


def diamonds(places: Iterable[tuple[float, float]], colour: str, radius: float = 4.5) -> str:
    """Draw squares that stand on a corner.

    Parameters
    ----------
    places : iterable of (x, y)
    colour : str
    radius : float
        From the middle to a corner, in pixels.
    """
    drawn = "".join(
        f'<polygon points="'
        f'{_points([(x, y - radius), (x + radius, y), (x, y + radius), (x - radius, y)])}"/>'
        for x, y in filter(_known, places)
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
        f'<text x="{_short(x)}" y="{_short(y + 0.36 * size)}">{escape(text)}</text>'
        for x, y, text in filter(_known, places)
    )
    ink = "" if colour == INK else f' fill="{themed(colour)}"'
    return f'<g font-size="{size:g}px" text-anchor="{anchor}"{ink}>{drawn}</g>'


def _box(box: tuple[float, float, float, float, str]) -> str:
    x, y, width, height = map(_short, box[:4])
    return f'<rect x="{x}" y="{y}" width="{width}" height="{height}"/>'


def _stroke(colour: str, width: float, dash: float) -> str:
    dashed = f' stroke-dasharray="{_short(dash)},{_short(dash)}"' if dash else ""
    return f'stroke="{themed(colour)}" stroke-width="{_short(width)}"{dashed}'


def _stretches(places: Iterable[tuple[float, float]]) -> list[str]:
    """Points of each stretch of a line that is known throughout."""
    return [_points(part) for is_known, part in groupby(places, _known) if is_known]


def _points(places: Iterable[tuple[float, float]]) -> str:
    written = " ".join([f"{x:.1f},{y:.1f}" for x, y in places])
    # as by _short, all numbers at once
    return written.replace(".0,", ",").replace(".0 ", " ").removesuffix(".0")


def _known(shape: tuple[float | str, ...]) -> bool:
    """Whether all places of a shape are numbers; what has none is left out."""
    numbers = shape[:-1] if isinstance(shape[-1], str) else shape
    return math.isfinite(sum(numbers))  # type: ignore[arg-type]


def _short(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")
