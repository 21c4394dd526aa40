"""Turn lets-plot's SVG into a small, stable, themable and harmless fragment.

What lets-plot writes carries random ids, a style sheet per chart, fifteen digits per
coordinate, and links for labels that look like HTML. None of that belongs into a page whose
bytes must be the same for the same inputs and whose text comes from clients' files.
"""

from __future__ import annotations

import hashlib
import re

from techalign.charts.markup import escape
from techalign.charts.text import fit_text
from techalign.charts.theme import COLOURS, INK

# pixels a label may take of the picture's 720
LABEL_ROOM = 345.0

__all__ = ["clean_svg", "safe_label"]

# invisible and without width; keeps lets-plot from reading a label as a link or as LaTeX
_JOINER = "\u2060"
_MARKUP = re.compile(r"<(?=/?[aA])|\\(?=[()])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_STYLE = re.compile(r"<style.*?</style>", re.DOTALL)
_ID = re.compile(r'\bid="([A-Za-z][A-Za-z0-9]{6})"')
_LONG_NUMBER = re.compile(r"-?\d+\.\d{2,}(?:[eE]-?\d+)?")
_NOISE = re.compile(
    r' (?:stroke-opacity|fill-opacity)="1\.0"| buffered-rendering="static"'
    r'| clip-bounds-jfx="[^"]*"| class="(?:axis|plot|legend|facet)[a-z-]*"'
    r'| style="fill:#[0-9a-f]{6};|font-family:sans-serif;'
)
_RGB = re.compile(r"rgb\((\d+),(\d+),(\d+)\)|#[0-9a-fA-F]{6}\b(?=[\";])")
# what draws nothing, or says what holds anyway
_IDLE = re.compile(
    r' transform="(?:rotate\(0(?:\.0)? [^"]*|translate\(0(?:\.0)? 0(?:\.0)? ?\) ?)"'
    r'| stroke="[^"]*"(?=(?: fill="[^"]*")? stroke-width="0(?:\.0)?")| stroke-width="0(?:\.0)?"'
)
_OF_TEXT = re.compile(rf' y="0(?:\.0)?"| fill="var\(--ta-ink,{INK}\)"')
_TAG = re.compile(r"<[^<>]+>")
_TSPAN = re.compile(r"<tspan>([^<]*)</tspan>")
_EMPTY = re.compile(r"<g></g>|<path/>|<g/>")
_WHOLE = re.compile(r'(="-?\d+)\.0(?=")')
_MOVE = re.compile(r'"translate\((-?[\d.]+?)(?:\.0)? (-?[\d.]+?)(?:\.0)? ?\) ?"')
_UNUSED = re.compile(r"<clipPath(?![^>]* id=)[^>]*>.*?</clipPath>", re.DOTALL)
_ROOT = re.compile(r"<svg[^>]*>")
_SIZE = re.compile(r'(width|height)="([\d.]+)"')


def safe_label(text: object, limit: int = 44) -> str:
    """Prepare a label from data so that a chart shows it as text.

    Parameters
    ----------
    text : object
        Anything; control characters and line breaks become blanks.
    limit : int
        Longer labels end in an ellipsis; the chart's data table has them whole.
    """
    label = " ".join(_CONTROL.sub(" ", str(text)).split())
    if len(label) > limit:
        label = label[: limit - 1].rstrip() + "…"
    label = fit_text(label, 13.0, LABEL_ROOM)
    return _MARKUP.sub(lambda match: match[0] + _JOINER, label)


def clean_svg(svg: str, alt: str) -> str:
    """Clean one chart.

    Parameters
    ----------
    svg : str
        What lets-plot's ``to_svg`` gave.
    alt : str
        The text alternative.

    Returns
    -------
    str
        An ``<svg>`` element with a view box instead of a size, a label, ids derived from its
        content and colours as CSS variables; no style sheet, no link.
    """
    root = _ROOT.search(svg)
    if root is None:
        raise ValueError("no <svg> element")
    size = dict(_SIZE.findall(root[0]))
    body = _STYLE.sub("", svg[root.end() : svg.rindex("</svg>")])
    body = body.replace(_JOINER, "")
    body = _NOISE.sub(lambda m: ' style="' if "style" in m[0] else "", body)
    body = re.sub(r">\n\s*<", "><", body)
    body = re.sub(r"></(?:line|rect|path|circle|polyline)>", "/>", body)
    body = _LONG_NUMBER.sub(_shortened, body)
    body = _RGB.sub(_variable, body)
    body = _leaner(body)
    body = _with_stable_ids(body)
    return (
        f'<svg class="ta-svg" viewBox="0 0 {float(size["width"]):g} {float(size["height"]):g}" '
        f'role="img" aria-label="{escape(alt)}" font-family="system-ui,sans-serif" '
        f'fill="var(--ta-ink,{INK})">{body.strip()}</svg>'
    )


def _leaner(body: str) -> str:
    """The same picture in fewer bytes: a page of a dozen is sent by mail."""
    body = _EMPTY.sub("", _TSPAN.sub(r"\1", _TAG.sub(_leaner_tag, body)))
    while (less := _EMPTY.sub("", body)) != body:
        body = less
    return body


def _leaner_tag(match: re.Match[str]) -> str:
    """One tag; a text's own words lie outside of it."""
    tag = _IDLE.sub("", match[0])
    if tag.startswith("<text"):
        tag = _OF_TEXT.sub("", tag)
    return _MOVE.sub(r'"translate(\1 \2)"', _WHOLE.sub(r"\1", tag))


def _shortened(match: re.Match[str]) -> str:
    text = f"{float(match[0]):.1f}"
    text = text.removesuffix(".0")
    return "0" if text == "-0" else text


def _variable(match: re.Match[str]) -> str:
    rgb = match.groups()
    colour = match[0].lower() if rgb[0] is None else "#" + "".join(f"{int(c):02x}" for c in rgb)
    if colour == "#ffffff":
        return "var(--bg,#fff)"  # gaps between shapes show the page
    if colour in {"#000000", "#474747"}:
        colour = INK  # what lets-plot draws with unless told
    for name, value in COLOURS.items():
        if value == colour:
            return f"var(--ta-{name},{colour})"
    return colour


def _with_stable_ids(body: str) -> str:
    """Name the ids after the content without them, so that equal charts are equal bytes."""
    found = list(dict.fromkeys(_ID.findall(body)))
    blank = body
    for old in found:
        blank = blank.replace(old, "id")
    prefix = "c" + hashlib.sha256(blank.encode()).hexdigest()[:8]
    for number, old in enumerate(found):
        if f"#{old}" in body:
            body = body.replace(f'id="{old}"', f'id="{prefix}-{number}"')
            body = body.replace(f"#{old})", f"#{prefix}-{number})")
        else:
            body = body.replace(f' id="{old}"', "")
    # what nothing refers to draws nothing
    return _UNUSED.sub("", body).replace("<defs></defs>", "")
