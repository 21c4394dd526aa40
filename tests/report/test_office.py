"""Decks, documents and workbooks, opened again by the programs' own libraries."""

import datetime as dt
import io
import shutil
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from docx import Document
from openpyxl import load_workbook
from pptx import Presentation

from techalign.errors import InputError
from techalign.report import office
from techalign.report.contents import Contents, read_contents
from techalign.report.deck import MOST_SLIDES, make_deck
from techalign.report.document import make_document
from techalign.report.sheets import make_sheets

DAY = dt.date(2026, 6, 30)
CLIENT = "channel-software"
FORMS: dict[str, Callable[[Contents, list[Contents], dt.date], bytes]] = {
    "pptx": make_deck,
    "docx": make_document,
    "xlsx": make_sheets,
}
HOSTILE = "=cmd|' /C calc'!A0 <script>alert(1)</script> &amp; ﷽"


@pytest.fixture(scope="module")
def pages(reports: Path) -> list[Contents]:
    folder = reports / CLIENT
    rest = sorted(page for page in folder.glob("*.html") if page.stem != "index")
    return [read_contents(page) for page in (folder / "index.html", *rest)]


@pytest.fixture(scope="module")
def made(pages: list[Contents]) -> dict[str, bytes]:
    front, *others = pages
    return {form: make(front, others, DAY) for form, make in FORMS.items()}


def _slide_texts(deck: Any) -> list[str]:
    texts = []
    for slide in deck.slides:
        said = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        said += [
            cell.text
            for shape in slide.shapes if shape.has_table
            for row in shape.table.rows for cell in row.cells
        ]  # fmt: skip
        texts.append("\n".join(said))
    return texts


def test_the_deck_begins_with_what_to_decide_and_stays_short(
    made: dict[str, bytes], pages: list[Contents]
) -> None:
    texts = _slide_texts(Presentation(io.BytesIO(made["pptx"])))
    assert len(texts) <= MOST_SLIDES
    chosen = office.agenda(pages[0]).decisions
    assert len(chosen) == 3
    assert all(each.what in texts[0] and each.facts in texts[1] for each in chosen)
    dates, questions = office.agenda(pages[0]).dates, office.agenda(pages[0]).questions
    assert len(dates) > 3
    assert all(text in texts[2] for text in (*dates, *questions))
    titles = [text.partition("\n")[0] for text in texts]
    assert titles[3:5] == ["In numbers", "Since the last review"]


def test_a_deck_has_native_tables_and_pictures_that_say_what_they_show(
    made: dict[str, bytes],
) -> None:
    deck = Presentation(io.BytesIO(made["pptx"]))
    shapes = [shape for slide in deck.slides for shape in slide.shapes]
    assert sum(shape.has_table for shape in shapes) >= 2
    pictures = [shape for shape in shapes if shape.shape_type == 13]
    assert len(pictures) >= 3
    assert all(p._element.nvPicPr.cNvPr.get("descr") for p in pictures)
    right = max(shape.left + shape.width for shape in shapes)
    assert right <= deck.slide_width


def test_the_document_is_the_review_with_room_for_what_is_agreed(
    made: dict[str, bytes], pages: list[Contents]
) -> None:
    document = Document(io.BytesIO(made["docx"]))
    heads = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    assert heads == ["Agenda", "The review"]
    assert not document.inline_shapes  # all of it can be edited
    found = office.agenda(pages[0])
    decide, dates, ask, *_, numbers = document.tables
    assert [row.cells[0].text for row in decide.rows[1:]] == [d.what for d in found.decisions]
    assert decide.rows[0].cells[-1].text == "Agreed"
    assert {row.cells[-1].text for row in decide.rows[1:]} == {""}
    assert [": ".join(c.text for c in row.cells) for row in dates.rows[1:]] == list(found.dates)
    assert [row.cells[0].text for row in ask.rows[1:]] == list(found.questions)
    labels = [item.text for item in pages[0].items if item.kind == "label"]
    assert [": ".join(c.text for c in row.cells) for row in numbers.rows[1:]] == labels
    # everything that the page says stands in it somewhere, once
    texts = [p.text for p in document.paragraphs]
    points = [i.text for i in pages[0].items if i.kind == "point"]
    left = [t for t in points if t not in {*texts, *found.dates, *found.questions}]
    assert left == []
    assert len(points) == len(set(points))


def test_the_whole_document_holds_every_report_and_its_registers_last(
    pages: list[Contents],
) -> None:
    document = Document(io.BytesIO(make_document(pages[0], pages[1:], DAY, whole=True)))
    heads = [p.text for p in document.paragraphs if p.style.name == "Heading 1"]
    reports = [*(page.title for page in pages[1:]), "Appendix: registers and assumptions"]
    assert heads == ["Agenda", "The review", *reports]
    tables = [sheet for page in pages for sheet in page.tables()]
    drawn = [p.numbers for page in pages for p in page.pictures() if p.numbers]
    labelled = sum(any(i.kind == "label" for i in page.items) for page in pages)
    assert len(document.tables) == len(tables) - len(drawn) + labelled + 3  # of the agenda


def test_every_table_is_a_sheet_with_numbers_as_numbers(
    made: dict[str, bytes], pages: list[Contents]
) -> None:
    book = load_workbook(io.BytesIO(made["xlsx"]))
    sheets = [(page.title, sheet) for page in pages for sheet in page.tables()]
    assert len(book.sheetnames) == len(sheets) + 1
    for name, (title, sheet) in zip(book.sheetnames[1:], sheets, strict=True):
        page = book[name]
        assert page["A1"].value == f"{title}: {sheet.caption}"
        assert page.max_row == len(sheet.rows) + 3
    kinds = [cell.data_type for page in book for row in page.iter_rows() for cell in row]
    assert kinds.count("n") > 500
    assert "f" not in kinds


def test_the_folded_rows_of_a_table_are_in_its_sheet_and_the_sum_is_last() -> None:
    rows = "".join(f"<tr><th>r{i}<td>$1,{i:03}" for i in range(3))
    contents = read_contents(
        "<main><table><caption>Cost</caption><thead><tr><th>A<th>B</thead>"
        f"<tbody>{rows}</tbody><tfoot><tr><th>All<td>$9,000</tfoot></table><details class=more>"
        "<table><caption>Cost, continued</caption><thead><tr><th>A<th>B</thead><tbody>"
        "<tr><th>r3<td>$1,003</tbody></table></details></main>"
    )
    (sheet,) = contents.tables()
    assert [row[0] for row in sheet.rows] == ["r0", "r1", "r2", "r3", "All"]


def test_an_interval_is_two_numbers() -> None:
    contents = read_contents(
        "<main><table><caption>Cost</caption><thead><tr><th>A<th colspan=2>B<th>Day</thead><tbody>"
        "<tr><th>x<td>$1,200<td>($900 to $2.5k)<td>3 Jul 2026</tbody></table></main>"
    )
    page = load_workbook(io.BytesIO(make_sheets(contents, [], DAY))).worksheets[1]
    head, row = [[cell.value for cell in each] for each in page.iter_rows(min_row=3)]
    assert head == ["A", "B", "range, from", "to", "Day"]
    assert row == ["x", 1200, 900, 2500, dt.datetime(2026, 7, 3)]


@pytest.mark.parametrize("form", FORMS)
def test_hostile_texts_stay_texts(form: str) -> None:
    from html import escape

    said = escape(HOSTILE)
    contents = read_contents(
        f"<header><h1>{said}</h1></header><main><h2>{said}</h2><p class=lead>{said}</p>"
        f"<table><caption>{said}</caption><thead><tr><th>{said}</thead><tbody><tr><th>{said}"
        "</tbody></table></main>"
    )
    written = FORMS[form](contents, [contents], DAY)
    with zipfile.ZipFile(io.BytesIO(written)) as archive:
        xml = "".join(archive.read(n).decode() for n in archive.namelist() if n.endswith(".xml"))
    assert "<script" not in xml
    if form == "xlsx":
        cells = [c for page in load_workbook(io.BytesIO(written)) for r in page for c in r]
        assert {c.data_type for c in cells if c.value and "calc" in str(c.value)} == {"s"}


@pytest.mark.parametrize("form", FORMS)
def test_the_same_pages_give_the_same_bytes(
    form: str, made: dict[str, bytes], pages: list[Contents]
) -> None:
    assert FORMS[form](pages[0], pages[1:], DAY) == made[form]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_of_other_clients_or_of_this_machine_is_in_it(
    form: str, made: dict[str, bytes]
) -> None:
    with zipfile.ZipFile(io.BytesIO(made[form])) as archive:
        text = b"".join(archive.read(name) for name in archive.namelist())
    for word in (b"Dunmore", b"/home/", b"/work/", b"/tmp/", str(Path.home()).encode() + b"/"):
        assert word not in text


def test_without_a_font_no_picture_is_made_without_its_words(
    pages: list[Contents], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(office, "_PROBE", "<svg xmlns='http://www.w3.org/2000/svg'>"
                        "<desc>{}</desc><rect width='9' height='9'/></svg>")  # fmt: skip
    with pytest.raises(InputError, match="no font is installed"):
        make_deck(pages[0], pages[1:], DAY)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("soffice") is None, reason="there is no LibreOffice here")
@pytest.mark.parametrize("form", FORMS)
def test_an_office_program_opens_it(form: str, made: dict[str, bytes], tmp_path: Path) -> None:
    source = tmp_path / f"review.{form}"
    source.write_bytes(made[form])
    subprocess.run(
        ["soffice", f"-env:UserInstallation=file://{tmp_path}/profile", "--headless",
         "--convert-to", "pdf", "--outdir", str(tmp_path), str(source)],
        check=True, capture_output=True, timeout=120,
    )  # fmt: skip
    assert (tmp_path / "review.pdf").read_bytes().startswith(b"%PDF")
