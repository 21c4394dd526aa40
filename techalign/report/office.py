"""A client's review as people pass it on in an office: a deck, a document, a workbook of tables.

All three are made of the pages' own words (:mod:`techalign.report.contents`) and begin with what
the meeting is for: the decisions, the dates and what is still to be answered.
"""

from __future__ import annotations

import base64
import datetime as dt
import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

from techalign.errors import InputError
from techalign.report.contents import Contents, Item, Picture, Sheet

__all__ = [
    "LONGEST_TITLE", "Agenda", "Decided", "agenda", "cut", "lead", "logo_png", "merged", "paged",
    "picture_png", "sections", "timeless",
]  # fmt: skip

LONGEST_TITLE = 255
"""Characters of a title that an office file takes among its properties."""
_EARLIEST = (1980, 1, 1, 0, 0, 0)  # that an archive can hold
_FALLBACK = re.compile(r"var\(--[\w-]+,\s*([^()]+)\)")
_MODIFIED = re.compile(rb"(<dcterms:(?:modified|created)[^>]*>)[^<]*")
_FAMILIES = (
    "DejaVu Sans",
    "Liberation Sans",
    "Noto Sans",
    "Arial",
    "Helvetica",
    "Segoe UI",
    "Ubuntu",
    "Cantarell",
    "Roboto",
    "Open Sans",
    "FreeSans",
    "Nimbus Sans",
    "Verdana",
    "sans-serif",
)
"""Fonts of charts in decks and documents: the first that is installed."""
_PROBE = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">'
    '<text x="5" y="30" font-size="30" font-family="sans-serif">{}</text></svg>'
)


@dataclass(frozen=True)
class Decided:
    """One decision as the front page has it: what to do, who and by when, and why."""

    what: str
    facts: str
    why: str


@dataclass(frozen=True)
class Agenda:
    """What a meeting is for: decisions first, then dates, then what is to be found out."""

    decisions: tuple[Decided, ...]
    dates: tuple[str, ...]
    questions: tuple[str, ...]


def agenda(front: Contents) -> Agenda:
    """Take the agenda from a client's front page.

    Parameters
    ----------
    front : Contents
        Of the page ``index.html``.

    Examples
    --------
    >>> from techalign.report.contents import read_contents
    >>> front = read_contents(
    ...     "<main><h2>Decide this quarter</h2><ol><li><p class=do>Leave Oak</p>"
    ...     "<p class=facts>Who Ann; by 1 May.</p><p class=why>It is dear.</p></li></ol>"
    ...     "<h2>To find out and agree on</h2><ul><li>Who keeps the keys?</li></ul></main>")
    >>> found = agenda(front)
    >>> found.decisions[0].what, found.questions
    ('Leave Oak', ('Who keeps the keys?',))
    """
    decisions: list[Decided] = []
    dates, questions, heading = [], [], ""
    for item in front.items:
        if item.kind == "heading":
            heading = item.text.casefold()
        elif "do" in item.marks:
            decisions.append(Decided(item.text, "", ""))
        elif decisions and "facts" in item.marks:
            decisions[-1] = replace(decisions[-1], facts=item.text)
        elif decisions and "why" in item.marks:  # without the link, which only a page can follow
            decisions[-1] = replace(decisions[-1], why=item.text.partition(" More: ")[0])
        elif item.kind == "point" and "dates" in heading:
            dates.append(item.text)
        elif item.kind == "point" and "find out" in heading:
            questions.append(item.text)
    return Agenda(tuple(decisions), tuple(dates), tuple(questions))


def sections(contents: Contents) -> Iterator[tuple[str, list[Item]]]:
    """A page's pieces under their headings of the first level."""
    heading, pieces = "", list[Item]()
    for item in contents.items:
        if item.kind == "heading" and item.level == 1:
            if pieces:
                yield heading, pieces
            heading, pieces = item.text, []
        else:
            pieces.append(item)
    if pieces:
        yield heading, pieces


def lead(contents: Contents) -> str:
    """A page's first sentence."""
    return next((i.text for i in contents.items if "lead" in i.marks), "")


def picture_png(picture: Picture, width: int = 1600) -> bytes:
    """Draw a chart as a picture of points, for programs that know no SVG.

    Parameters
    ----------
    picture : Picture
    width : int
        Pixels.

    Raises
    ------
    InputError
        If no font is installed: every word would be missing without a remark.
    """
    from resvg_py import svg_to_bytes

    family = _installed(_PROBE)
    if not family:
        raise InputError(
            "no font is installed, so the words of the charts cannot be drawn",
            where="pictures of charts",
            remedy="Install one, such as the package fonts-dejavu-core, or share html or pdf.",
        )
    # colours of a page may follow its light; a picture has one
    svg = _FALLBACK.sub(r"\1", picture.svg)
    return bytes(
        svg_to_bytes(svg_string=svg, width=width, background="#ffffff", sans_serif_family=family)
    )


@cache
def _installed(probe: str) -> str:
    """A font that writes letters, or "".

    The system's settings may name one for "sans-serif" that is not installed; a browser then takes
    the next, what draws here takes none.
    """
    from resvg_py import svg_to_bytes

    for family in _FAMILIES:
        drawn, blank = (
            svg_to_bytes(svg_string=probe.format(text), sans_serif_family=family)
            for text in ("M", "")
        )
        if drawn != blank:
            return family
    return ""


def logo_png(address: str, height: int = 240) -> bytes:
    """A logo as a picture of points.

    Parameters
    ----------
    address : str
        Its ``data:`` URL, PNG or SVG, as :func:`~techalign.client.brand.look_of` makes it.
    height : int
        Pixels, of a drawing.
    """
    kind, _, data = address.partition(";base64,")
    raw = base64.b64decode(data)
    if kind == "data:image/png":
        return raw
    from resvg_py import svg_to_bytes

    return bytes(
        svg_to_bytes(
            svg_string=raw.decode("utf-8"),
            height=height,
            sans_serif_family=_installed(_PROBE) or None,
        )
    )


def timeless(archive: bytes, day: dt.date) -> bytes:
    """An office file with its clocks set to the day of the review: the same words, the same bytes.

    Parameters
    ----------
    archive : bytes
        Of a deck, document or workbook: all three are archives of XML.
    day : date
    """
    written = io.BytesIO()
    stamp = f"{day:%Y-%m-%d}T00:00:00Z".encode()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(written, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "docProps/core.xml":
                content = _MODIFIED.sub(rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, _EARLIEST)
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.external_attr = 0o644 << 16
            new.writestr(entry, content)
    return written.getvalue()


def cut(text: str, most: int) -> str:
    """A text of at most so many characters, cut at a blank."""
    if len(text) <= most:
        return text
    return text[: most - 1].rsplit(" ", 1)[0].rstrip(" ,;:") + "…"


def merged(sheet: Sheet) -> tuple[list[str], list[list[str]]]:
    """A table with each number and its interval in one cell, as a page shows them side by side."""
    headings: list[str] = []
    places: list[list[int]] = []
    for place, heading in enumerate(sheet.headings):
        if heading or not places:
            headings.append(heading)
            places.append([place])
        else:
            places[-1].append(place)
    rows = [
        [" ".join(filter(None, (row[i] for i in group if i < len(row)))) for group in places]
        for row in sheet.rows
    ]
    return headings, rows


def paged(rows: Sequence[list[str]], most: int) -> tuple[list[list[str]], int]:
    """The first rows, and how many are left out."""
    return list(rows[:most]), max(len(rows) - most, 0)
