"""What a page says, taken apart again: for decks, documents and sheets made of the same words.

The page is the one place where a number is written for people; every other form of a report is
made from it, so that no two forms can disagree.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["Contents", "Item", "Picture", "Sheet", "read_contents"]

_TEXTS = {"p": "text", "li": "point", "h2": "heading", "h3": "heading", "pre": "text"}
_CONTINUED = ", continued"  # how a table names its folded rest
_COLOURS = re.compile(r"--brand:(#[0-9a-fA-F]{6});--ground:(#[0-9a-fA-F]{6})")
_PASSED_BY = {"nav", "script", "style", "svg", "summary", "header", "footer"}


@dataclass(frozen=True)
class Sheet:
    """A table as its page shows it: the caption, the headings, and rows of texts.

    The last row is the sum where ``summed``; a number and its interval are two columns, the
    second without a heading.
    """

    caption: str
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    summed: bool = False
    folded: bool = False


@dataclass(frozen=True)
class Picture:
    """A chart: its title, what it shows in words, its SVG and the numbers behind it."""

    title: str
    alt: str
    svg: str
    numbers: Sheet | None = None


@dataclass(frozen=True)
class Item:
    """A piece of a page in its order: ``kind`` is heading, text, point, label, table or chart."""

    kind: str
    text: str = ""
    level: int = 0
    sheet: Sheet | None = None
    picture: Picture | None = None
    marks: frozenset[str] = field(default_factory=frozenset)


@dataclass(frozen=True)
class Contents:
    """A page's title, its day and whose it is, its pieces in order, and logos as ``data:`` URLs.

    ``colours`` are that of headings and that of grounds with white words, as ``#rrggbb``; none
    where nobody has chosen any.
    """

    title: str
    subtitle: str
    items: tuple[Item, ...]
    logos: tuple[str, ...] = ()
    colours: tuple[str, ...] = ()

    def tables(self) -> list[Sheet]:
        """Every table, and the numbers behind every chart, in the page's order."""
        found = []
        for item in self.items:
            if item.sheet is not None:
                found.append(item.sheet)
            elif item.picture is not None and item.picture.numbers is not None:
                found.append(item.picture.numbers)
        return found

    def pictures(self) -> list[Picture]:
        """Every chart that is drawn."""
        return [item.picture for item in self.items if item.picture is not None]


def read_contents(page: Path | str) -> Contents:
    """Take a report's page, or a client's front page, apart.

    Parameters
    ----------
    page : Path or str
        The file, or its HTML.

    Returns
    -------
    Contents

    Examples
    --------
    >>> found = read_contents(
    ...     "<body><header><p>Oak Ltd</p><h1>Spending</h1></header><main><h2>Now</h2>"
    ...     "<p class='note'>All paid.</p><table><caption>Paid</caption><thead><tr><th>What</th>"
    ...     "<th colspan=2>Cost</th></tr></thead><tbody><tr><th>Mail<td>$12<td>($9 to $14)"
    ...     "</tbody></table></main></body>")
    >>> found.title, [item.kind for item in found.items]
    ('Spending', ['heading', 'text', 'table'])
    >>> found.tables()[0].headings, found.tables()[0].rows
    (('What', 'Cost', ''), (('Mail', '$12', '($9 to $14)'),))
    """
    from lxml.html import document_fromstring

    html = page if isinstance(page, str) else page.read_text("utf-8")
    root = document_fromstring(html)
    title = root.find(".//header//h1")
    around = [_text(part) for part in root.findall(".//header//p")]
    (main,) = root.findall(".//main") or [root]
    items: list[Item] = []
    for item in _items(main):
        first = items[-1].sheet if items else None  # the folded rows follow their table
        if first and item.sheet and item.sheet.caption.endswith(_CONTINUED):
            items[-1] = replace(items[-1], sheet=_joined(first, item.sheet))
        else:
            items.append(item)
    return Contents(
        "" if title is None else _text(title), ", ".join(filter(None, around)), tuple(items),
        tuple(image.get("src", "") for image in root.findall(".//header//img")),
        next((m.groups() for m in map(_COLOURS.search, root.xpath(".//style/text()")) if m), ()),
    )  # fmt: skip


def _joined(first: Sheet, more: Sheet) -> Sheet:
    """A table with the rows that its page folds; the sum stays the last row."""
    own, foot = (first.rows[:-1], first.rows[-1:]) if first.summed else (first.rows, ())
    return replace(first, rows=(*own, *more.rows, *foot))


def _items(element: HtmlElement, *, folded: bool = False) -> Iterator[Item]:
    for child in element:
        if not isinstance(child.tag, str) or child.tag in _PASSED_BY:
            continue
        classes = frozenset((child.get("class") or "").split())
        if child.tag == "table":
            yield Item("table", sheet=_sheet(child, folded=folded), marks=classes)
        elif child.tag == "figure":
            yield from _picture(child)
        elif child.tag in _TEXTS and not child.findall(".//p"):
            if said := _text(child):
                level = int(child.tag[1]) - 1 if child.tag[0] == "h" else 0
                yield Item(_TEXTS[child.tag], said, level, marks=classes)
        elif child.tag == "dl":
            yield from _figures(child, classes)
        else:
            summary = child.find("summary")
            if summary is not None and "forces" in classes:  # the one that is named like a section
                yield Item("heading", _text(summary), 1)
            within = folded or (child.tag == "details" and "whole" in classes)
            yield from _items(child, folded=within)


def _figures(element: HtmlElement, classes: frozenset[str]) -> Iterator[Item]:
    """The headline's numbers: a label with its value and its interval."""
    groups = element.findall("div") or [element]
    for group in groups:
        label = group.find("dt")
        said = " ".join(_text(part) for part in group.findall("dd") if part.get("class") != "s")
        if label is not None:
            yield Item("label", f"{_text(label)}: {said}", marks=classes)


def _picture(element: HtmlElement) -> Iterator[Item]:
    from lxml.etree import tostring

    drawn = element.find(".//svg")
    caption = element.find("figcaption")
    title = "" if caption is None else _text(caption)
    table = element.find(".//table")
    if drawn is None:
        yield from _items(element)
        return
    svg = tostring(drawn, encoding="unicode", with_tail=False)
    # an HTML parser knows no capitals; the two names that matter have them
    svg = svg.replace("viewbox=", "viewBox=").replace("<svg ", f'<svg xmlns="{_SVG}" ', 1)
    numbers = None if table is None else _sheet(table)
    yield Item("chart", picture=Picture(title, drawn.get("aria-label") or title, svg, numbers))


_SVG = "http://www.w3.org/2000/svg"


def _sheet(table: HtmlElement, *, folded: bool = False) -> Sheet:
    caption = table.find("caption")
    headings: list[str] = []
    for cell in table.findall("thead//th"):
        headings += [_text(cell), *[""] * (int(cell.get("colspan") or 1) - 1)]
    rows = [_row(row) for row in table.findall("tbody//tr")]
    foot = [_row(row) for row in table.findall("tfoot//tr")]
    return Sheet(
        "" if caption is None else _text(caption),
        tuple(headings),
        (*rows, *foot),
        summed=bool(foot),
        folded=folded,
    )


def _row(row: HtmlElement) -> tuple[str, ...]:
    return tuple(_text(cell) for cell in row if cell.tag in {"th", "td"})


def _text(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())
