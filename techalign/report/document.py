"""The review as an editable document: the agenda to fill in, then the sheet that decides.

An adviser edits it before it is sent, so it is short, and its tables are tables. The reports behind
it are many pages that nobody edits; they follow where they are asked for.
"""

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
_SHARES = {"Decision": (0.3, 0.53, 0.17), "When": (0.2, 0.8), "Question": (0.6, 0.4)}
"""Of the width, for each column of the tables of an agenda, by their first heading."""
_IN_AGENDA = frozenset({"next dates", "to find out and agree on"})
_LINK_ONLY = frozenset({"calendar"})  # what only a page can follow


def make_document(
    front: Contents, pages: Sequence[Contents], day: dt.date, *, whole: bool = False
) -> bytes:
    """Make a document of a client's front page, and of the reports where they are wanted.

    Parameters
    ----------
    front : Contents
        Of the client's front page.
    pages : sequence of Contents
        Of the reports, in the order to show them.
    day : date
        The day of the review.
    whole : bool
        Add each report, and registers and assumptions as an appendix.

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
    _coloured(document, front.colours)
    _running(document, front)
    if front.logos:
        run = document.add_paragraph().add_run()
        for logo in front.logos:
            run.add_picture(io.BytesIO(logo_png(logo)), height=Inches(0.5))
    document.add_heading(front.title, 0)
    document.add_paragraph(front.subtitle)
    if said := lead(front):
        document.add_paragraph(said, style="Intense Quote")
    _agenda(document, front)
    _review(document, front)
    if whole:
        _reports(document, pages)
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


def _coloured(document: Any, colours: Sequence[str]) -> None:
    """Headings in the colour that pages have them in."""
    from docx.shared import RGBColor

    if colours:
        for name in ("Title", "Heading 1", "Heading 2", "Heading 3", "Heading 4"):
            colour = RGBColor.from_string(colours[0].lstrip("#").upper())
            document.styles[name].font.color.rgb = colour


def _agenda(document: Any, front: Contents) -> None:
    """What the meeting is for, with room for what is agreed."""
    found = agenda(front)
    document.add_heading("Agenda", 1)
    document.add_heading("To decide", 2)
    rows = tuple((each.what, "\n".join((each.facts, each.why)), "") for each in found.decisions)
    if rows:
        heads = ("Decision", "Who, by when, what it is worth, and why", "Agreed")
        _table(document, Sheet("", heads, rows))
    else:
        document.add_paragraph("No decision is due, as far as the tables tell.")
    if found.dates:
        document.add_heading("Next dates", 2)
        dates = (text.partition(": ") for text in found.dates)
        _table(
            document, Sheet("", ("When", "What"), tuple((when, what) for when, _, what in dates))
        )
    if found.questions:
        document.add_heading("To find out and agree on", 2)
        asked = tuple((text, "") for text in found.questions)
        _table(document, Sheet("", ("Question", "Answer"), asked))


def _review(document: Any, front: Contents) -> None:
    """What the front page says beside the agenda, in its order."""
    document.add_heading("The review", 1)
    for heading, items in sections(front):
        said = [i for i in items if "lead" not in i.marks and not i.marks & _LINK_ONLY]
        if any("do" in item.marks for item in items):  # why these, which the agenda does not say
            said = [item for item in said if "source" in item.marks]
        if said and heading.casefold() not in _IN_AGENDA:
            document.add_heading(heading, 2)
            _pieces(document, said)


def _reports(document: Any, pages: Sequence[Contents]) -> None:
    """Each report, then what they fold."""
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


def _pieces(document: Any, items: Sequence[Item]) -> None:
    from docx.shared import Inches

    labels = tuple(item.text.partition(": ")[::2] for item in items if item.kind == "label")
    if labels:
        _table(document, Sheet("", ("What", "Number"), labels))
    for item in items:
        if item.kind == "label":
            continue
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
            run.bold = "do" in item.marks
            run.italic = "source" in item.marks


def _table(document: Any, sheet: Sheet, *, caption: bool = True) -> None:
    from docx.oxml import OxmlElement
    from docx.shared import Inches, Pt

    headings, rows = merged(sheet)
    if caption and sheet.caption:
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
    shares = _SHARES.get(headings[0], ())
    table.autofit = not shares
    for place, share in enumerate(shares):
        # programs disagree about which of the two they obey
        table.columns[place].width = Inches(_WIDTH * share)
        for cell in table.columns[place].cells:
            cell.width = Inches(_WIDTH * share)
    document.add_paragraph()
