"""The review as an editable document: the agenda, each report, registers in an appendix."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Sequence
from typing import Any

from techalign.report.contents import Contents, Item, Sheet
from techalign.report.office import (
    LONGEST_TITLE,
    agenda,
    lead,
    logo_png,
    merged,
    picture_png,
    sections,
    timeless,
)

__all__ = ["make_document"]

_WIDTH = 6.5  # inches between the margins
_IN_AGENDA = frozenset({"next dates", "to find out"})


def make_document(front: Contents, pages: Sequence[Contents], day: dt.date) -> bytes:
    """Make a document of a client's front page and reports.

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
        A Word file, all of it editable but the charts, which are pictures with a text.

    Raises
    ------
    InputError
        If there is a chart and no font to write its words with.
    """
    from docx import Document
    from docx.shared import Inches

    document = Document()
    for section in document.sections:
        section.left_margin = section.right_margin = Inches(1)
    document.core_properties.title = f"{front.title}: {front.subtitle}"[:LONGEST_TITLE]
    document.core_properties.author = "techalign"
    _running(document, front)
    if front.logos:
        run = document.add_paragraph().add_run()
        for logo in front.logos:
            run.add_picture(io.BytesIO(logo_png(logo)), height=Inches(0.5))
    document.add_heading(front.title, 0)
    document.add_paragraph(front.subtitle)
    _agenda(document, front)
    for heading, items in sections(front):
        if heading.casefold() not in _IN_AGENDA and not any("do" in i.marks for i in items):
            document.add_heading(heading, 2)
            _pieces(document, items)
    folded = []
    for page in pages:
        document.add_page_break()
        document.add_heading(page.title, 1)
        if said := lead(page):
            document.add_paragraph(said, style="Intense Quote")
        kept = [item for item in page.items if "lead" not in item.marks]
        _pieces(document, [i for i in kept if i.sheet is None or not i.sheet.folded])
        folded += [(page.title, i.sheet) for i in kept if i.sheet is not None and i.sheet.folded]
    if folded:
        document.add_page_break()
        document.add_heading("Appendix: registers and assumptions", 1)
    for title, sheet in folded:
        document.add_heading(f"{title}: {sheet.caption}", 2)
        _table(document, sheet, caption=False)
    written = io.BytesIO()
    document.save(written)
    return timeless(written.getvalue(), day)


def _running(document: Any, front: Contents) -> None:
    """A running head on each page, and its number below."""
    from docx.oxml import OxmlElement
    from docx.oxml.ns import qn

    section = document.sections[0]
    section.header.paragraphs[0].text = f"{front.title} · {front.subtitle}"
    run = section.footer.paragraphs[0].add_run()
    for kind, text in (("begin", ""), ("", "PAGE"), ("end", "")):
        part = OxmlElement("w:fldChar" if kind else "w:instrText")
        if kind:
            part.set(qn("w:fldCharType"), kind)
        part.text = text or None
        run._element.append(part)


def _agenda(document: Any, front: Contents) -> None:
    found = agenda(front)
    document.add_heading("To decide", 2)
    for each in found.decisions:
        document.add_paragraph(style="List Number").add_run(each.what).bold = True
        document.add_paragraph(each.facts, style="List Continue")
        document.add_paragraph(each.why, style="List Continue")
    if not found.decisions:
        document.add_paragraph("No decision is due, as far as the tables tell.")
    if found.dates:
        document.add_heading("Next dates", 2)
    for text in found.dates:
        document.add_paragraph(text, style="List Bullet")
    if found.questions:
        document.add_heading("To find out", 2)
    for text in found.questions:
        document.add_paragraph(text, style="List Bullet")


def _pieces(document: Any, items: Sequence[Item]) -> None:
    from docx.shared import Inches

    for item in items:
        if item.kind == "heading":
            document.add_heading(item.text, min(item.level + 1, 4))
        elif item.sheet is not None:
            _table(document, item.sheet)
        elif item.picture is not None:
            document.add_paragraph().add_run(item.picture.title).bold = True
            drawn = document.add_picture(io.BytesIO(picture_png(item.picture)), Inches(_WIDTH))
            drawn._inline.docPr.set("descr", item.picture.alt)  # what a screen reader says
        elif item.kind == "point":
            document.add_paragraph(item.text, style="List Bullet")
        else:
            run = document.add_paragraph().add_run(item.text)
            run.bold = "do" in item.marks or item.kind == "label"
            run.italic = "source" in item.marks


def _table(document: Any, sheet: Sheet, *, caption: bool = True) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Pt

    headings, rows = merged(sheet)
    if caption:
        document.add_paragraph(sheet.caption, style="Caption")
    table = document.add_table(rows=1, cols=len(headings), style="Light List Accent 1")
    for place, text in enumerate(headings):
        table.rows[0].cells[place].text = text
    # the headings again on every page that the table goes on to
    table.rows[0]._tr.get_or_add_trPr().append(OxmlElement("w:tblHeader"))
    for row in rows:
        cells = table.add_row().cells
        for place, text in enumerate(row):
            cells[place].text = text
    for row in table.rows:
        for cell in row.cells:
            for run in (run for paragraph in cell.paragraphs for run in paragraph.runs):
                run.font.size = Pt(9)
    document.add_paragraph()
