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

__all__ = ["clean_svg", "framed", "safe_label", "themed", "words"]

# invisible and without width; keeps lets-plot from reading a label as a link or as LaTeX
_JOINER = "\u2060"
_MARKUP = re.compile(r"<(?=/?[aA])|\\(?=[()])")
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")
_WORDS = re.compile(r"<tspan>([^<]*)</tspan>")
_LONG_NUMBER = re.compile(r"(\d+\.\d(?:\d+(?:E-?\d+)?|E-?\d+))")
_COLOUR = re.compile(r'rgb\((\d+),(\d+),(\d+)\)|#([0-9a-fA-F]{6})(?=")')
# what draws nothing, or says what holds anyway
_SAID = (
    ' stroke-opacity="1"', ' fill-opacity="1"', ' buffered-rendering="static"',
    "font-family:sans-serif;",
)  # fmt: skip
_IDLE = re.compile(
    r' (?:class|clip-bounds-jfx)="[^"]*"| transform="(?:rotate\(0 [^"]*|translate\(0 0 \) ?)"'
    r'| stroke="[^"]*"(?=(?: fill="[^"]*")? stroke-width="0")| stroke-width="0"'
)
_OF_TEXT = re.compile(
    r'(<text style=")(?:fill:#[0-9a-f]{6};)?([^"]*") y="0"'
    rf'(?: fill="var\(--ta-ink,{INK}\)")?'
)
_CLOSED = re.compile(r"></(?:line|rect|path|circle|polyline)>")
_EMPTY = re.compile(r"<g[^<>]*></g>|<path/>")
_ID = re.compile(r' id="([^"]*)"')
_USED = re.compile(r"\(#([^()]*)\)")
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
    body = svg[root.end() : svg.rindex("</svg>")].rpartition("</style>")[2]
    # every other piece is a label's words, which stay as they are
    pieces = _WORDS.split("".join(map(str.strip, body.split("\n"))).replace(_JOINER, ""))
    markup = _with_stable_ids(_leaner("\0".join(pieces[::2])), pieces[1::2])
    pieces[::2] = markup.split("\0")
    return framed("".join(pieces), float(size["width"]), float(size["height"]), alt)


def framed(body: str, width: float, height: float, alt: str) -> str:
    """Make an ``<svg>`` element of what is drawn: it fills its page and speaks its alternative."""
    return (
        f'<svg class="ta-svg" viewBox="0 0 {width:g} {height:g}" role="img" '
        f'aria-label="{escape(alt)}" font-family="system-ui,sans-serif" '
        f'fill="var(--ta-ink,{INK})">{body}</svg>'
    )


def words(label: str) -> str:
    """Write a label of :func:`safe_label` as markup, without what it has for lets-plot alone."""
    return escape(label.replace(_JOINER, ""))


def _leaner(body: str) -> str:
    """The same picture in fewer bytes: a page of a dozen is sent by mail."""
    numbers = _LONG_NUMBER.split(body)
    numbers[1::2] = [f"{float(number):.1f}" for number in numbers[1::2]]
    # by now each number has one decimal
    body = "".join(numbers).replace(".0", "").replace('"-0"', '"0"').replace("-0 ", "0 ")
    for idle in _SAID:
        body = body.replace(idle, "")
    body = _IDLE.sub("", body).replace(' ) "', ')"').replace(" ) rotate", ") rotate")
    colours = {found: _variable(found) for found in set(_COLOUR.findall(body))}
    body = _COLOUR.sub(lambda match: colours[match.groups("")], body)
    body = _CLOSED.sub("/>", _OF_TEXT.sub(r"\1\2", body))
    while (less := _EMPTY.sub("", body)) != body:
        body = less
    return body


def _variable(found: tuple[str, str, str, str]) -> str:
    *rgb, six = found
    return themed(f"#{six.lower()}" if six else "#" + "".join(f"{int(c):02x}" for c in rgb))


def themed(colour: str) -> str:
    """Give a colour the name under which a page may change it."""
    if colour == "#ffffff":
        return "var(--bg,#fff)"  # gaps between shapes show the page
    if colour in {"#000000", "#474747"}:
        colour = INK  # what lets-plot draws with unless told
    for name, value in COLOURS.items():
        if value == colour:
            return f"var(--ta-{name},{colour})"
    return colour


def _with_stable_ids(body: str, words: list[str]) -> str:
    """Name the ids after the content without them, so that equal charts are equal bytes."""
    used = set(_USED.findall(body))
    content = "\0".join([_ID.sub("", _USED.sub("", body)), *words])
    prefix = "c" + hashlib.sha256(content.encode()).hexdigest()[:8]
    names = {old: f"{prefix}-{i}" for i, old in enumerate(dict.fromkeys(_ID.findall(body)))}
    body = _ID.sub(lambda m: f' id="{names[m[1]]}"' if m[1] in used else "", body)
    body = _USED.sub(lambda m: f"(#{names.get(m[1], m[1])})", body)
    # what nothing refers to draws nothing
    return _UNUSED.sub("", body).replace("<defs></defs>", "")
