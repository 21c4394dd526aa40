"""A deck for the meeting: at most twelve slides, decisions first, native tables, charts."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from techalign.report.contents import Contents, Item, Sheet
from techalign.report.office import (
    LONGEST_TITLE,
    Agenda,
    agenda,
    cut,
    lead,
    logo_png,
    merged,
    paged,
    picture_png,
    sections,
    timeless,
)

__all__ = ["MOST_SLIDES", "make_deck"]

MOST_SLIDES = 12
_ROWS, _LETTERS = 8, 90  # of a table on a slide, and of a cell
_REPORTS = 6
_ROW = 0.4  # inches a row of a table is high
_LOOKS_BACK = ("Since the last review", "What became of")
_COMPARES = "Then and now"
_INK, _ACCENT, _SOFT = "1D2733", "1F5FA8", "5A6672"
_WIDE, _HIGH = 13.333, 7.5  # inches


def make_deck(front: Contents, pages: Sequence[Contents], day: dt.date) -> bytes:
    """Make a deck of a client's front page and reports.

    Parameters
    ----------
    front : Contents
        Of the client's front page.
    pages : sequence of Contents
        Of the reports, in the order to show them.
    day : date
        The day of the review.

    Returns
    -------
    bytes
        A PowerPoint file.

    Raises
    ------
    InputError
        If there is a chart and no font to write its words with.
    """
    from pptx import Presentation
    from pptx.util import Inches

    deck = Presentation()
    deck.slide_width, deck.slide_height = Inches(_WIDE), Inches(_HIGH)
    deck.core_properties.title = f"{front.title}: {front.subtitle}"[:LONGEST_TITLE]
    deck.core_properties.author = "techalign"
    found = agenda(front)
    _first(deck, front, found, pages)
    _decisions(deck, found)
    _dates(deck, found)
    _numbers(deck, front)
    _since(deck, front)
    for page in pages[:_REPORTS]:
        _report(deck, page)
    for slide in deck.slides:
        _colour(slide, front.colours)
    written = io.BytesIO()
    deck.save(written)
    return timeless(written.getvalue(), day)


def _slide(deck: Any, title: str) -> Any:
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    slide = deck.slides.add_slide(deck.slide_layouts[5])  # title only
    box = slide.shapes.title
    box.left, box.top, box.width, box.height = (Inches(n) for n in (0.6, 0.35, 12.1, 0.9))
    box.text_frame.text = cut(title, 110)
    paragraph = box.text_frame.paragraphs[0]
    paragraph.alignment = 1  # left
    paragraph.font.size, paragraph.font.bold = Pt(28), True
    paragraph.font.color.rgb = RGBColor.from_string(_INK)
    return slide


def _texts(slide: Any, said: Sequence[tuple[str, int, bool]], top: float, height: float) -> None:
    """Lines of text: what is said, its size in points, and whether it is strong."""
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    box = slide.shapes.add_textbox(Inches(0.6), Inches(top), Inches(12.1), Inches(height))
    frame = box.text_frame
    frame.word_wrap = True
    for number, (text, size, strong) in enumerate(said):
        paragraph = frame.paragraphs[0] if number == 0 else frame.add_paragraph()
        paragraph.text = text
        paragraph.font.size, paragraph.font.bold = Pt(size), strong
        paragraph.font.color.rgb = RGBColor.from_string(_INK if strong or size > 14 else _SOFT)
        paragraph.space_after = Pt(6)


def _first(deck: Any, front: Contents, found: Agenda, pages: Sequence[Contents]) -> None:
    """Whose review it is, and what the meeting is for."""
    from pptx.util import Inches

    lines = [(front.subtitle, 16, False), ("To decide", 18, True)]
    lines += [(cut(each.what, 130), 16, False) for each in found.decisions]
    if not found.decisions:
        lines.append(("No decision is due, as far as the tables tell.", 16, False))
    if found.dates:
        lines += [("Next dates", 18, True)]
        lines += [(cut(text, 130), 16, False) for text in found.dates[:3]]
    if found.questions:
        lines += [("To find out and agree on", 18, True)]
        lines += [(cut(text, 150), 16, False) for text in found.questions[:3]]
    lines += [("Reports", 18, True), ("; ".join(page.title for page in pages), 16, False)]
    slide = _slide(deck, front.title)
    _texts(slide, lines, 1.3, 5.7)
    right = Inches(_WIDE - 0.4)
    for logo in reversed(front.logos):
        drawn = slide.shapes.add_picture(
            io.BytesIO(logo_png(logo)), 0, Inches(0.25), height=Inches(0.6)
        )
        drawn.left = right = right - drawn.width - Inches(0.15)


def _decisions(deck: Any, found: Agenda) -> None:
    slide = _slide(deck, "Decide this quarter")
    lines = []
    for number, each in enumerate(found.decisions, 1):
        lines += [(f"{number}. {each.what}", 20, True), (each.facts, 15, False)]
        lines += [(cut(each.why, 240), 13, False)]
    if not lines:
        lines = [("No report names a decision that is due, as far as the tables tell.", 18, False)]
    _texts(slide, lines, 1.4, 5.6)


def _dates(deck: Any, found: Agenda) -> None:
    """What comes next, and what is to be found out."""
    lines = [(cut(text, 130), 18, False) for text in found.dates]
    if found.questions:
        lines += [("To find out and agree on", 22, True)] if lines else []
        lines += [(cut(text, 150), 18, False) for text in found.questions]
    if lines:
        _texts(
            _slide(deck, "Next dates" if found.dates else "To find out and agree on"),
            lines,
            1.4,
            5.6,
        )


def _numbers(deck: Any, front: Contents) -> None:
    """The headline's numbers, and under them the first table of the front page."""
    labels = [item.text for item in front.items if item.kind == "label"]
    shown = [(heading, item.sheet) for heading, items in sections(front) for item in items
             if item.sheet is not None]  # fmt: skip
    if labels:
        rows = tuple(text.partition(": ")[::2] for text in labels)
        slide, top = _slide(deck, "In numbers"), 2.0 + _ROW * (len(rows) + 1)
        _table(slide, Sheet("", ("What", "Number"), rows))
        for heading, sheet in shown[:1]:
            _texts(slide, [(heading, 18, True)], top - 0.4, 0.4)
            _table(slide, sheet, top=top + 0.1)
    elif shown:
        _table(_slide(deck, shown[0][0]), shown[0][1])


def _since(deck: Any, front: Contents) -> None:
    """What changed, how forecasts did, and what became of the last decisions."""
    lines: list[tuple[str, int, bool]] = []
    for heading, items in sections(front):
        if heading.startswith(_LOOKS_BACK):
            lines += [(heading, 18, True)] if lines else []
            for item in items:
                said = f"• {item.text}" if item.kind == "point" else item.text
                lines.append((cut(said, 240), 14 if "source" in item.marks else 16, False))
    if lines:
        _texts(_slide(deck, "Since the last review"), lines, 1.3, 5.8)


def _colour(slide: Any, colours: Sequence[str]) -> None:
    """The title and the heads of tables in the colours that pages have."""
    from pptx.dml.color import RGBColor

    if not colours:
        return
    words, ground = (RGBColor.from_string(each.lstrip("#").upper()) for each in colours)
    slide.shapes.title.text_frame.paragraphs[0].font.color.rgb = words
    for shape in slide.shapes:
        if shape.has_table:
            for cell in shape.table.rows[0].cells:
                cell.fill.fore_color.rgb = ground


def _report(deck: Any, page: Contents) -> None:
    """One slide of a report: what it says, and its first chart or else its first table."""
    from pptx.util import Inches

    slide = _slide(deck, page.title)
    _texts(slide, [(cut(lead(page), 330), 16, False)], 1.2, 1.2)
    pictures = page.pictures()
    if not pictures:
        first = next((i for i in page.items if _is_shown(i)), None)
        if first is not None and first.sheet is not None:
            _table(slide, first.sheet, top=2.5)
        return
    # what changed has a slide of its own
    chart = next((p for p in pictures if not p.title.startswith(_COMPARES)), pictures[0])
    image = slide.shapes.add_picture(
        io.BytesIO(picture_png(chart)), Inches(0.6), Inches(2.9), height=Inches(4.2)
    )
    if image.width > Inches(12.1):
        image.height = int(image.height * Inches(12.1) / image.width)
        image.width = Inches(12.1)
    image._element.nvPicPr.cNvPr.set("descr", chart.alt)  # what a screen reader says
    _texts(slide, [(cut(chart.title, 140), 14, True)], 2.45, 0.4)


def _is_shown(item: Item) -> bool:
    return item.sheet is not None and not item.sheet.folded


def _table(slide: Any, sheet: Sheet, top: float = 1.5) -> None:
    from pptx.dml.color import RGBColor
    from pptx.util import Inches, Pt

    headings, rows = merged(sheet)
    rows, left = paged(rows, _ROWS)
    shape = slide.shapes.add_table(
        len(rows) + 1, len(headings), Inches(0.6), Inches(top), Inches(12.1),
        Inches(_ROW * (len(rows) + 1)),
    )  # fmt: skip
    table = shape.table
    for number, row in enumerate([headings, *rows]):
        for place, text in enumerate(row):
            cell = table.cell(number, place)
            cell.text = cut(text, _LETTERS)
            cell.text_frame.paragraphs[0].font.size = Pt(13)
            if number == 0:
                cell.fill.solid()
                cell.fill.fore_color.rgb = RGBColor.from_string(_ACCENT)
    said = [sheet.caption] + ([f"{left} more rows are in the report."] if left else [])
    if any(said):
        below = top + 1.1 * _ROW * (len(rows) + 1) + 0.2
        _texts(slide, [(cut(". ".join(filter(None, said)), 200), 12, False)], below, 0.5)
