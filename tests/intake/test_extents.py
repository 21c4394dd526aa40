"""Workbooks that reach far, and the other forms: refused in a line, or read the same."""

import io
import re
import subprocess
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook

from techalign.errors import InputError

Taken = Callable[..., Any]
HEADER = ["Transaction date", "Vendor", "Amount", "Memo"]


def _book(*rows: list[object], **cells: object) -> bytes:
    book = Workbook()
    page = book.active
    page.append(HEADER)
    for row in rows:
        page.append(row)
    for place, value in cells.items():
        page[place] = value
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _edited(data: bytes, name: str, pattern: bytes, by: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for part in old.namelist():
            text = old.read(part)
            new.writestr(part, re.sub(pattern, by, text) if name in part else text)
    return file.getvalue()


ROW = ["2026-01-05", "Oak", 12.5, ""]


@pytest.mark.parametrize(
    ("place", "said"),
    [
        ("XFD2", "has a cell in column 16,384; at most 2,000 are read"),
        ("A1048576", "has more than 10,000 empty rows before the next cell"),
        ("XFD1048576", "has more than 10,000 empty rows"),
        ("C30000", "a.xlsx:2: has more than 10,000 empty rows"),
    ],
)
def test_a_stray_cell_is_refused_before_room_is_made(taken: Taken, place: str, said: str) -> None:
    with pytest.raises(InputError) as caught:
        taken(_book(ROW, **{place: "stray"}), name="a.xlsx")
    assert said in str(caught.value)


def test_far_cells_with_a_look_and_no_value_are_nothing(taken: Taken) -> None:
    data = _edited(
        _book(ROW), "sheets/", rb"</sheetData>",
        b'<row r="1048576"><c r="A1048576" s="0"/><c r="XFD1048576" s="0"/></row></sheetData>',
    )  # fmt: skip
    assert taken(data, name="a.xlsx").table.clean["amount"].tolist() == [12.5]


def test_too_many_cells_are_refused(taken: Taken) -> None:
    rows = "".join(f'<row r="{n}"><c r="A{n}"><v>1</v></c></row>' for n in range(3, 45_000))
    data = _edited(
        _book(ROW, BVA2="x"), "sheets/", rb"</sheetData>", f"{rows}</sheetData>".encode()
    )
    with pytest.raises(InputError, match=r"has cells in 44,999 rows and 1,9\d\d columns"):
        taken(data, name="a.xlsx")


def test_whole_numbers_errors_and_what_xml_escapes_are_as_written(taken: Taken) -> None:
    data = _book(
        ["2026-01-05", "Oak & Elm <x>", 12, 4711], ["2026-01-06", "#REF!", 5.5, "#N/A"],
        ["2026-01-07", "Fir", '=SUM(A1:A2)&"<"', ""],
    )  # fmt: skip
    foreign = taken(data, name="a.xlsx")
    clean = foreign.table.clean
    assert clean[["vendor_raw", "memo"]].to_numpy().tolist() == [["Oak & Elm <x>", "4711"]]
    aside = foreign.table.quarantine
    assert aside["value"].tolist() == ["#REF!", '=SUM(A1:A2)&"<"']
    assert "is a formula whose value was not saved" in aside["reason"].tolist()


def test_hidden_and_merged_are_read_as_they_stand(taken: Taken) -> None:
    book = Workbook()
    page = book.active
    for row in (HEADER, ROW, ["2026-01-06", "Elm", 3, ""]):
        page.append(row)
    page.merge_cells("D2:D3")
    book.create_sheet("Cover").append(["nothing"])
    page.sheet_state = "hidden"
    book.active = 1
    file = io.BytesIO()
    book.save(file)
    assert taken(file.getvalue(), name="a.xlsx").table.clean["amount"].tolist() == [12.5, 3.0]


ODS = (
    '<?xml version="1.0"?><office:document-content '
    'xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0" '
    'xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0" '
    'xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0" office:version="1.2">'
    '<office:body><office:spreadsheet><table:table table:name="Ledger">{}</table:table>'
    "</office:spreadsheet></office:body></office:document-content>"
)


def _ods(rows: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr("content.xml", ODS.format(rows))
        packed.writestr("META-INF/manifest.xml",
                        '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:'
                        'manifest:1.0"><manifest:file-entry manifest:full-path="/" '
                        'manifest:media-type="application/vnd.oasis.opendocument.spreadsheet"/>'
                        "</manifest:manifest>")  # fmt: skip
    return file.getvalue()


def _text(*cells: str, more: str = "") -> str:
    inner = "".join(
        f'<table:table-cell office:value-type="string" {more}><text:p>{c}</text:p>'
        "</table:table-cell>" for c in cells
    )  # fmt: skip
    return f"<table:table-row>{inner}</table:table-row>"


FIRST = _text(*HEADER[:3])
PAID = (
    '<table:table-row><table:table-cell office:value-type="date" office:date-value="2026-01-05"/>'
    '<table:table-cell office:value-type="string"><text:p>Oak</text:p></table:table-cell>'
    '<table:table-cell office:value-type="float" office:value="12.5"/></table:table-row>'
)
TAIL = ('<table:table-row table:number-rows-repeated="1048570"><table:table-cell '
        'table:number-columns-repeated="16384"/></table:table-row>')  # fmt: skip


def test_an_open_document_is_read(taken: Taken) -> None:
    table = taken(_ods(FIRST + PAID + TAIL), name="a.ods").table
    assert table.clean["date"].dt.strftime("%Y-%m-%d").tolist() == ["2026-01-05"]
    assert table.clean["amount"].tolist() == [12.5]


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (FIRST + PAID + TAIL + PAID, "empty rows before the next cell"),
        (FIRST + PAID.replace("<table:table-row>",
                              '<table:table-row table:number-rows-repeated="900000000">', 1),
         "empty rows before the next cell"),
        (FIRST + PAID + _text("x", more='table:number-columns-repeated="900000"'),
         "at most 2,000 are read"),
    ],
)  # fmt: skip
def test_an_open_document_that_repeats_itself_without_end_is_refused(
    taken: Taken, rows: str, said: str
) -> None:
    with pytest.raises(InputError, match=said):
        taken(_ods(rows), name="a.ods")


@pytest.mark.slow
@pytest.mark.parametrize("form", ["xls", "ods"])
def test_what_an_office_program_writes_is_read_the_same(
    taken: Taken, tmp_path: Path, form: str
) -> None:
    (tmp_path / "a.xlsx").write_bytes(_book(ROW, ["2026-02-05", "Elm", -3, "back"]))
    command = [
        "soffice", "--headless", f"-env:UserInstallation=file://{tmp_path}/profile",
        "--convert-to", form, "--outdir", str(tmp_path), str(tmp_path / "a.xlsx"),
    ]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True, timeout=120)
    except (OSError, subprocess.SubprocessError):
        pytest.skip("no LibreOffice here")
    made = taken((tmp_path / f"a.{form}").read_bytes(), name=f"a.{form}").table.clean
    assert made["amount"].tolist() == [12.5, -3.0]
    assert made["vendor_raw"].tolist() == ["Oak", "Elm"]


@pytest.mark.parametrize("form", ["xlsx", "xls", "xlsb", "ods"])
@pytest.mark.parametrize("data", [b"", b"PK\x03\x04", b"PK\x05\x06" + b"\0" * 18, b"text, more\n",
                                  b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600])  # fmt: skip
def test_what_is_no_workbook_is_refused_in_a_line(taken: Taken, form: str, data: bytes) -> None:
    with pytest.raises(InputError) as caught:
        taken(data, name=f"a.{form}")
    assert str(caught.value).startswith(f"a.{form}: ")
    assert "\n" not in str(caught.value)
