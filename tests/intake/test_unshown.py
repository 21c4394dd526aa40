"""Errors in old, binary and open workbooks are set aside as errors, and never lost as blanks."""

import io
import struct
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from techalign.errors import InputError
from techalign.intake.unshown import SheetError, unshown_cells

Taken = Callable[..., Any]
OLD = (Path(__file__).parent / "books" / "errors.xls").read_bytes()
SET_ASIDE = [[3, "#REF!"], [4, "#DIV/0!"]]


def _text(text: str) -> bytes:
    return len(text).to_bytes(4, "little") + text.encode("utf-16-le")


def _record(kind: int, content: bytes = b"") -> bytes:
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    return number + bytes([len(content)]) + content


def _binary_book(rows: list[list[str | float]]) -> bytes:
    """The least an .xlsb file needs: a text starting with # is written as that error."""
    codes = {"#REF!": 0x17, "#DIV/0!": 0x07, "#N/A": 0x2A}
    extent = (0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    sheet = _record(129) + _record(148, struct.pack("<4I", *extent)) + _record(145)
    for at, row in enumerate(rows):
        sheet += _record(0, at.to_bytes(4, "little") + b"\0" * 13)
        for column, cell in enumerate(row):
            begins = column.to_bytes(4, "little") + b"\0" * 4
            if isinstance(cell, float):
                sheet += _record(5, begins + struct.pack("<d", cell))
            elif cell in codes:
                sheet += _record(3, begins + bytes([codes[cell]]))
            elif cell:
                sheet += _record(6, begins + _text(cell))
    sheet += _record(146) + _record(130)
    book = _record(131) + _record(143)
    book += _record(156, b"\0" * 4 + (1).to_bytes(4, "little") + _text("rId1") + _text("Books"))
    book += _record(144) + _record(132)
    kind = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    head = '<?xml version="1.0" encoding="UTF-8"?>'
    near = "http://schemas.openxmlformats.org/package/2006"
    parts: dict[str, bytes | str] = {
        "xl/workbook.bin": book,
        "xl/worksheets/sheet1.bin": sheet,
        "xl/_rels/workbook.bin.rels": f'{head}<Relationships xmlns="{near}/relationships">'
        f'<Relationship Id="rId1" Type="{kind}/worksheet" Target="worksheets/sheet1.bin"/>'
        "</Relationships>",
        "_rels/.rels": f'{head}<Relationships xmlns="{near}/relationships"><Relationship '
        f'Id="rId1" Type="{kind}/officeDocument" Target="xl/workbook.bin"/></Relationships>',
        "[Content_Types].xml": f'{head}<Types xmlns="{near}/content-types"/>',
    }
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        for name, content in parts.items():
            packed.writestr(name, content)
    return file.getvalue()


def _open_book(rows: str) -> bytes:
    spaces = " ".join(
        f'xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{name}:1.0"'
        for name in ("office", "table", "text")
    )
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        packed.writestr(
            "content.xml",
            f'<office:document-content {spaces} xmlns:calcext="urn:org:documentfoundation:names:'
            'experimental:calc:xmlns:calcext:1.0"><office:body><office:spreadsheet>'
            f'<table:table table:name="Books">{rows}</table:table></office:spreadsheet>'
            "</office:body></office:document-content>",
        )
        packed.writestr(
            "META-INF/manifest.xml",
            '<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:'
            '1.0"><manifest:file-entry manifest:full-path="/" manifest:media-type='
            '"application/vnd.oasis.opendocument.spreadsheet"/></manifest:manifest>',
        )
    return file.getvalue()


def _open_row(*cells: str) -> str:
    made = []
    for cell in cells:
        if cell.startswith("#"):
            made.append(
                '<table:table-cell table:formula="of:=1/0" office:value-type="string" '
                f'office:string-value="" calcext:value-type="error"><text:p>{cell}</text:p>'
                "</table:table-cell>"
            )
        elif cell.startswith("="):
            made.append(f'<table:table-cell table:formula="of:{cell}"/>')
        elif cell.replace(".", "").isdigit():
            made.append(f'<table:table-cell office:value-type="float" office:value="{cell}"/>')
        else:
            made.append(
                f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p>'
                "</table:table-cell>"
            )
    return f"<table:table-row>{''.join(made)}</table:table-row>"


BOOKS = {
    "xls": OLD,
    "xlsb": _binary_book([
        ["Date", "Vendor", "Amount", "Memo"], ["2026-01-05", "Oak", 12.5, "#N/A"],
        ["2026-01-05", "#REF!", 2.0], ["2026-01-05", "Elm", "#DIV/0!"], ["2026-01-05", "Ash", 3.0],
    ]),
    "ods": _open_book(
        _open_row("Date", "Vendor", "Amount", "Memo")
        + _open_row("2026-01-05", "Oak", "12.5", "#N/A")
        + _open_row("2026-01-05", "#REF!", "2") + _open_row("2026-01-05", "Elm", "#DIV/0!")
        + _open_row("2026-01-05", "Ash", "3")
    ),
}  # fmt: skip


@pytest.mark.parametrize("form", list(BOOKS))
def test_errors_are_set_aside_as_errors_in_every_kind_of_workbook(taken: Taken, form: str) -> None:
    table = taken(BOOKS[form], name=f"a.{form}").table
    assert table.clean[["vendor_raw", "amount", "memo"]].to_numpy().tolist() == [
        ["Oak", 12.5, ""], ["Ash", 3.0, ""],
    ]  # fmt: skip
    assert set(table.quarantine["reason"]) == {"is an error of the spreadsheet"}
    assert table.quarantine[["line", "value"]].to_numpy().tolist() == SET_ASIDE


def test_an_open_document_whose_formulas_were_never_reckoned_says_so(taken: Taken) -> None:
    rows = _open_row("Date", "Vendor", "Amount") + _open_row("2026-01-05", "Oak", "=[.C9]*2")
    with pytest.raises(InputError, match="a formula whose value was not saved") as caught:
        taken(_open_book(rows), name="a.ods")
    assert "save it" in caught.value.remedy


def test_places_are_those_of_the_sheet() -> None:
    for form, data in BOOKS.items():
        cells = unshown_cells(data)["Books"]
        assert cells == [
            (1, 3, SheetError("#N/A")), (2, 1, SheetError("#REF!")), (3, 2, SheetError("#DIV/0!")),
        ], form  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.data())
def test_a_damaged_old_workbook_never_makes_the_search_fail(data: st.DataObject) -> None:
    spoilt = bytearray(OLD)
    for _ in range(data.draw(st.integers(1, 20))):
        spoilt[data.draw(st.integers(4, len(OLD) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.integers(0, len(spoilt)))
    assert isinstance(unshown_cells(b"\xd0\xcf\x11\xe0" + bytes(spoilt[4:cut])), dict)
