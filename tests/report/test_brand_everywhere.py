"""Names, contact, colours and logos of practice and client in every form that is sent."""

import base64
import datetime as dt
import io
import re
from pathlib import Path

import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE

from techalign.client.brand import Look
from techalign.report.page import PageInfo, render_notice
from techalign.report.share import share_html, share_office, share_paper
from techalign.review.calendar import client_calendar
from techalign.review.front_page import render_client
from tests.review.made import DECISION, made

DAY = dt.date(2026, 6, 30)
NASTY = "=cmd|' /C calc'!A0 \"}</style><script>alert(1)</script><img src=x onerror=alert(2)>"
SVG = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 9 9"><path d="M0 0h9v9z"/></svg>'
DRAWING = base64.b64encode(SVG.encode()).decode()
LOOK = Look(
    practice=NASTY, contact=NASTY, colours=("#123a5a", "#0b5d4e"),
    logo=f"data:image/svg+xml;base64,{DRAWING}",
)  # fmt: skip
AGREEMENT = {"what": NASTY, "act_by": "2026-07-01", "last_day": "2026-09-04", "end": "2026-12-31",
             "renews": True, "money": 9.0, "money_low": 9.0, "money_high": 9.0}  # fmt: skip


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A front page of hostile names."""
    record = made(
        notebook="spending", dates=[AGREEMENT], decisions=[DECISION | {"what": NASTY[:80]}]
    )
    record = record.model_copy(update={"client_name": NASTY, "look": LOOK})
    (tmp_path / "index.html").write_text(render_client([record], {}))
    return tmp_path / "index.html"


def _is_harmless(html: str) -> None:
    assert "<script" not in html
    assert not re.search(r"<img(?! alt=\"[^\"]*\" src=\"data:)", html)
    assert html.count("<style>") == html.count("</style>")


def test_pages_and_the_document_to_print_show_them_as_text(page: Path) -> None:
    html = page.read_text()
    notice = render_notice("T", PageInfo(NASTY, DAY, look=LOOK), "m")
    paper = share_paper([page], NASTY, DAY, LOOK)
    for made_html in (html, notice, paper, share_html([page], NASTY, LOOK)):
        _is_harmless(made_html)
        assert "--brand:#123a5a;--ground:#0b5d4e" in made_html
        assert "=cmd|" in made_html
    assert LOOK.logo in html
    assert LOOK.logo in paper


def test_decks_documents_and_sheets_show_them_as_text(page: Path) -> None:
    deck = Presentation(io.BytesIO(share_office([page], "pptx", DAY)))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    assert [s for s in deck.slides[0].shapes if s.shape_type == MSO_SHAPE_TYPE.PICTURE]
    said = " ".join(shape.text_frame.text for shape in shapes if shape.has_text_frame)
    assert "<script>alert(1)</script>" in said
    document = Document(io.BytesIO(share_office([page], "docx", DAY)))
    assert any("<script>alert(1)" in each.text for each in document.paragraphs)
    assert document.inline_shapes
    book = load_workbook(io.BytesIO(share_office([page], "xlsx", DAY)))
    cells = [cell for sheet in book for row in sheet.iter_rows() for cell in row]
    assert not [cell for cell in cells if cell.data_type == "f"]


def test_a_calendar_keeps_a_hostile_name_on_one_line_of_text() -> None:
    name = f"{NASTY}\r\nBEGIN:VALARM\r\nATTACH:http://example.org/"
    record = made(notebook="spending", dates=[AGREEMENT | {"what": name}])
    text = client_calendar([record])
    raw = text if isinstance(text, str) else text.decode()
    unfolded = re.sub(r"\r?\n[ \t]", "", raw)
    assert not re.search(r"^ATTACH", unfolded, re.MULTILINE)
