"""The review on paper: a cover, the summary on one sheet, each report in short, an appendix.

A page on a screen may be long, because what is not wanted is folded or passed by; on paper the same
words were eighty sheets. Here each section of a report is its first sentence and the first of what
it shows, a picture or the head of a table; assumptions and registers of all reports stand once, in
an appendix. Everything comes from the pages, so that paper and screen cannot disagree.
"""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from techalign import __version__
from techalign.client.brand import Look
from techalign.html import css_text, escape, unbroken
from techalign.report.page import environment, stylesheet

if TYPE_CHECKING:
    from lxml.html import HtmlElement

__all__ = ["paper_html"]

_SENTENCE = re.compile(r"(?<=[.?!]) +(?=[A-Z])")
_ROWS = 4  # of a table in the body
_COLUMNS = 5  # of its columns, an interval counted by itself
_DECISIONS = 3
_TALL = 0.95  # height by width of a picture whose texts half a sheet would make too small to read
_WHAT_IF = "What if?"
_FOR_THE_SCREEN = "Values used"
"""How the caption of a list begins that repeats the assumptions with what may be turned."""
_OF_EVERYBODY = "Published"
"""How the caption of published figures begins, which are the same for every client."""
_REGISTER = 10  # rows of a table in the appendix
_FEW = 4  # columns of one that stands beside itself
_TABLES = "Data used"
_RUN_ON = ("Assumptions", _TABLES)
_SHORT = {
    "assumption; No public data: ": "assumed: ",
    "assumption; No public data": "assumed",
    "assumption; ": "assumed: ",
    "published statistic; ": "published: ",
}
_SOURCES = "where the figures come from"
_KEPT_NOTES = {"warn", "bad"}


@dataclass
class _Part:
    """One report in short, as HTML."""

    anchor: str
    title: str
    head: str = ""
    decide: str = ""
    sections: list[tuple[str, str]] = field(default_factory=list)


def paper_html(pages: Sequence[Path], name: str, as_of: str, look: Look) -> str:
    """Put a client's pages into a document to print.

    Parameters
    ----------
    pages : sequence of Path
        As :func:`~techalign.review.records.ready_pages` gives them, the front page among them.
    name, as_of : str
        Whose review it is, and its day as people write it.
    look : Look
        Names, colours and logos.

    Returns
    -------
    str
        A whole HTML document; its style sheet numbers the printed pages.
    """
    roots = {page.stem: _read(page) for page in pages}
    front = roots.pop("index")
    registers: dict[tuple[str, tuple[str, ...]], HtmlElement] = {}
    parts = [_part(stem, root, registers) for stem, root in roots.items()]
    return (
        environment()
        .get_template("paper.html.j2")
        .render(
            css=stylesheet(),
            name=name,
            as_of=as_of,
            look=look,
            header=css_text(f"{name}: technology review"),
            day=css_text(as_of),
            adviser=css_text(look.practice or f"Made with techalign {__version__}"),
            summary=_sheet(front, set(roots)),
            parts=parts,
            registers=[_whole(table) for table in registers.values()],
        )
    )


def _read(page: Path) -> HtmlElement:
    from lxml.html import document_fromstring

    root = document_fromstring(page.read_text("utf-8"))
    (main,) = root.findall(".//main")
    title = root.find(".//header//h1")
    main.set("data-title", "" if title is None else _text(title))
    return main


def _sheet(main: HtmlElement, known: set[str]) -> str:
    """The front page, its links leading to places in this document."""
    for link in main.iter("a"):
        stem = (link.get("href") or "").partition(".html")[0]
        if stem in known:
            link.set("href", f"#{stem}")
        else:
            link.attrib.pop("href", None)
    for part in main.xpath('.//*[contains(@class, "calendar")]'):
        part.drop_tree()
    return "".join(_html(child) for child in main)


def _part(
    stem: str, main: HtmlElement, registers: dict[tuple[str, tuple[str, ...]], HtmlElement]
) -> _Part:
    part = _Part(stem, main.get("data-title", stem))
    lead, figures = main.find('p[@class="lead"]'), main.find("dl")
    part.head = "".join(_html(each) for each in (lead, figures) if each is not None)
    decisions = main.find('section[@class="decisions"]')
    if decisions is not None:
        part.decide = _decisions(decisions)
    heading = ""
    blocks: list[HtmlElement] = []
    for block in [*_blocks(main), None]:
        if block is None or block.tag == "h2":
            if _is_wanted(heading, blocks) and (said := _section(blocks)):
                part.sections.append((heading, said))
            heading, blocks = ("" if block is None else _text(block)), []
        elif block.tag == "details":
            _register(block, registers)
        else:
            blocks.append(block)
    return part


def _is_wanted(heading: str, blocks: list[HtmlElement]) -> bool:
    """Sources stand in the appendix, and nobody turns a control on paper: what was kept, stays."""
    if heading == _WHAT_IF:
        return any(block.tag == "table" for block in blocks)
    return bool(heading) and heading.casefold() != _SOURCES


def _blocks(element: HtmlElement) -> Iterator[HtmlElement]:
    """What a report shows, in its order; what compares reviews stands on the summary."""
    for child in element:
        is_register = child.tag == "details" and "whole" in (child.get("class") or "")
        if is_register or child.tag in {"h2", "h3", "p", "figure", "table", "ul"}:
            yield child
        elif child.tag == "div":
            yield from _blocks(child)


def _decisions(section: HtmlElement) -> str:
    items = section.findall(".//ol/li")
    shown = []
    for item in items[:_DECISIONS]:
        do, *facts = (p for p in item.findall("p") if "why" not in (p.get("class") or ""))
        shown.append(f"<li><b>{escape(_text(do))}</b> {unbroken(' '.join(map(_text, facts)))}</li>")
    if not shown:
        return ""
    left = len(items) - len(shown)
    more = f'<p class="source">{left} more in the report.</p>' if left > 0 else ""
    listed = f'<ol class="short">{"".join(shown)}</ol>{more}'
    return f'<div class="head"><h3>What to decide</h3>{listed}</div>'


def _section(blocks: Sequence[HtmlElement]) -> str:
    """A section's first sentence, its warnings, and the first of what it shows; "" if nothing."""
    words = [b for b in blocks if b.tag == "p" and not b.get("class")]
    said = [escape(_SENTENCE.split(_text(words[0]), maxsplit=1)[0])] if words else []
    notes = [
        b for b in blocks if b.tag == "p" and set((b.get("class") or "").split()) & _KEPT_NOTES
    ]
    said += [f"<b>{escape(_text(note))}</b>" for note in notes]
    text = f"<p>{' '.join(said)}</p>" if said else ""
    figure = next((b for b in blocks if b.tag == "figure" and b.find(".//svg") is not None), None)
    if figure is not None:
        return text + _picture(figure)
    table = next((b for b in blocks if b.tag == "table"), None)
    if table is not None:
        return text + _head_of(table, _ROWS)
    # what only says what it would be about is left out, as what it lacks is told in the report
    return text if notes else ""


def _picture(figure: HtmlElement) -> str:
    drawn = figure.findall(".//svg")[-1]  # the narrow drawing, which a column holds
    caption, numbers = figure.find("figcaption"), figure.find(".//table")
    title = "" if caption is None else escape(_text(caption))
    _, _, width, height = map(float, (drawn.get("viewbox") or "0 0 1 1").split())
    if height > _TALL * width and numbers is not None:  # many rows would be too small to read
        heading = numbers.find("caption")
        if heading is not None and caption is not None:
            heading.text, heading.attrib["class"] = _text(caption), ""
        return _head_of(numbers, _ROWS + 1)
    return f"<figure><figcaption>{title}</figcaption>{_html(drawn)}</figure>"


def _head_of(table: HtmlElement, most: int) -> str:
    """A table's first rows and its sum, and how many rows there are."""
    short = copy.deepcopy(table)
    rows = short.findall("tbody/tr")
    for row in rows[most:]:
        row.drop_tree()
    left = [_more_rows(len(rows) - most)] if len(rows) > most else []
    left += ["more columns"] if _narrowed(short) else []
    more = f'<p class="source">{" and ".join(left)} in the report.</p>' if left else ""
    return _html(short) + more


def _more_rows(count: int) -> str:
    return f"{count} more row{'s' if count != 1 else ''}"


def _narrowed(table: HtmlElement) -> bool:
    """Leave out the columns that half a sheet cannot hold; whether there were any."""
    heads = table.findall("thead//th")
    wide = [int(head.get("colspan") or 1) for head in heads]
    kept = max(n for n in range(1, len(wide) + 1) if n == 1 or sum(wide[:n]) <= _COLUMNS)
    for head in heads[kept:]:
        head.drop_tree()
    for row in [*table.findall("tbody/tr"), *table.findall("tfoot/tr")]:
        for cell in list(row)[sum(wide[:kept]) :]:
            cell.drop_tree()
    return kept < len(wide)


def _register(
    details: HtmlElement, registers: dict[tuple[str, tuple[str, ...]], HtmlElement]
) -> None:
    """Keep a table for the appendix: rows of several reports' like tables in one, each once."""
    table = details.find(".//table")
    if table is None:
        return
    caption = table.find("caption")
    if caption is not None and _text(caption).startswith((_FOR_THE_SCREEN, _OF_EVERYBODY)):
        return
    heads = tuple(_text(cell) for cell in table.findall("thead//th"))
    said = "" if caption is None else _text(caption)
    # what runs on as lines has no columns that would have to be the same
    key = (said, () if said.startswith(_RUN_ON) else heads)
    body = [row for part in details.findall(".//table") for row in part.findall("tbody/tr")]
    known = registers.setdefault(key, copy.deepcopy(table))
    tbody = known.find("tbody")
    if tbody is None:
        return
    there = {_text(row) for row in tbody}
    for row in body:
        if _text(row) not in there:
            tbody.append(copy.deepcopy(row))


def _whole(table: HtmlElement) -> str:
    """A register; one of texts runs on as lines, which takes a third of the paper."""
    caption = "" if table.find("caption") is None else _text(table.find("caption"))
    rows = table.findall("tbody/tr")
    if not caption.startswith(_RUN_ON):
        for row in rows[_REGISTER:]:
            row.drop_tree()
        left = len(rows) - _REGISTER
        more = f'<p class="source">{_more_rows(left)} in the report.</p>' if left > 0 else ""
        few = len(table.findall("thead//th")) <= _FEW
        return f"<div{' class=beside' * few}>{_html(table)}{more}</div>"
    lines = []
    if caption.startswith(_TABLES):
        said = "; ".join(_read_of(row) for row in rows)
        return f'<div class="head"><h3>{escape(caption)}</h3><p>{escape(said)}.</p></div>'
    for row in rows:
        first, *others = (_text(cell) for cell in row if cell.tag in {"th", "td"})
        said = "; ".join(filter(None, others)).replace("; (", " (")
        for long, short in _SHORT.items():  # what nearly every line would repeat
            said = said.replace(long, short)
        lines.append(f"<li><b>{escape(first)}</b>: {escape(said)}</li>")
    # the title flows with the lines, so that it cannot be left at the foot of a page
    return f'<ul class="run"><li class="title"><h3>{escape(caption)}</h3></li>{"".join(lines)}</ul>'


def _read_of(row: HtmlElement) -> str:
    """What was read of one table: its rows, what was set aside, and its money."""
    name, status, used, aside, *money = (_text(cell) for cell in row if cell.tag in {"th", "td"})
    if not status.startswith("read"):
        return f"{name}: {status}"
    said = f"{name}: {used} row{'s' if used != '1' else ''}"
    said += f", {aside} set aside" if aside != "0" else ""
    more = [status.partition("; ")[2], *(money if aside != "0" else [])]
    return " ".join([said, *(f"({each})" for each in more if each)])


def _html(element: HtmlElement) -> str:
    from lxml.html import tostring

    return str(tostring(element, encoding="unicode", with_tail=False))


def _text(element: HtmlElement) -> str:
    return " ".join(str(element.text_content()).split())
