"""Cells that a workbook's reader shows as empty: errors, and formulas without a saved value.

Such a cell is no empty one: a supplier called #REF! is set aside as an error of the spreadsheet,
and an amount whose formula was never reckoned as what it is. Each kind of workbook says it in its
own way; what cannot be followed is left as the reader shows it.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass

from techalign.intake.extents import (
    ODS_CELL,
    ODS_ROW,
    column_number,
    records_of,
    repeated,
    sheet_parts,
)

__all__ = ["SheetError", "Unshown", "unshown_cells"]

_FORMULA = re.compile(rb"<(?:\w+:)?f[ />]")
_ERROR = re.compile(
    rb'<(?:\w+:)?c\b(?=[^>]*\bt="e")[^>]*?\br="([A-Z]+)(\d+)"[^>]*>'
    rb"(?:<(?:\w+:)?f\b[^>]*?(?:/>|>[^<]*</(?:\w+:)?f>))?\s*<(?:\w+:)?v>([^<]*)<"
)
_ODS_TABLE = re.compile(
    rb'<table:table\b[^>]*?table:name="([^"]*)"[^>]*>(.*?)</table:table>', re.DOTALL
)
_ODS_FORMULA = re.compile(rb'table:formula="([^"]*)"')
_COMPOUND = b"\xd0\xcf\x11\xe0"
_LAST_SECTOR = 0xFFFFFFFA
_CODES = {
    0x00: "#NULL!", 0x07: "#DIV/0!", 0x0F: "#VALUE!", 0x17: "#REF!", 0x1D: "#NAME?",
    0x24: "#NUM!", 0x2A: "#N/A", 0x2B: "#GETTING_DATA",
}  # fmt: skip
_UNSAVED = re.compile(
    rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)(\d+)"[^>]*>\s*<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)'
    rb"\s*(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?\s*</(?:\w+:)?c>"
)


@dataclass(frozen=True)
class SheetError:
    """An error of a spreadsheet where a value should be, such as #REF!, or an unsaved formula."""

    text: str

    def __str__(self) -> str:
        return self.text


Unshown = list[tuple[int, int, object]]
"""Row, column and content of cells."""


def unshown_cells(data: bytes) -> dict[str, Unshown]:
    """Find the cells of a workbook that its reader shows as empty.

    Parameters
    ----------
    data : bytes
        An .xlsx, .xlsb, .ods or .xls file.

    Returns
    -------
    dict
        By sheet: row and column from 0, and a :class:`SheetError`.
    """
    if data.startswith(_COMPOUND):
        return _of_xls(data)
    if not data.startswith(b"PK"):
        return {}
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        names = set(packed.namelist())
        if "content.xml" in names:
            return _of_ods(packed.read("content.xml"))
        if "xl/workbook.bin" in names:
            return {
                name: _of_xlsb(packed.read(part))
                for name, part in _xlsb_parts(packed).items()
                if part in names
            }
        return {
            name: _unshown_cells(packed.read(part))
            for name, part in sheet_parts(packed).items()
            if part.endswith(".xml") and part in names
        }


def _unshown_cells(xml: bytes) -> Unshown:
    cells: Unshown = []
    if b't="e"' in xml:
        for letters, number, text in _ERROR.findall(xml):
            cells.append((*_place(letters, number), SheetError(text.decode("utf-8", "replace"))))
    if _FORMULA.search(xml):
        for letters, number, formula in _UNSAVED.findall(xml):
            said = html.unescape(formula.decode("utf-8", "replace"))
            cells.append((*_place(letters, number), SheetError(f"={said}")))
    return cells


def _place(letters: bytes, number: bytes) -> tuple[int, int]:
    return int(number) - 1, column_number(letters.decode())


def _of_ods(xml: bytes) -> dict[str, Unshown]:
    """Errors, which are texts of a kind of their own there, and formulas without any value."""
    found: dict[str, Unshown] = {}
    for table in _ODS_TABLE.finditer(xml):
        cells: Unshown = []
        row = 0
        for line in ODS_ROW.finditer(table[2]):
            times = repeated(line[1] or line[3] or b"")
            column = 0
            for attributes, text in _ods_cells(line[2] or b""):
                formula = _ODS_FORMULA.search(attributes)
                if b'value-type="error"' in attributes:
                    cells.append((row, column, SheetError(text)))
                elif formula and b"office:value-type" not in attributes and not text:
                    said = html.unescape(formula[1].decode("utf-8", "replace"))
                    text = f"={said.removeprefix('of:').lstrip('=')}"
                    cells.append((row, column, SheetError(text)))
                column += repeated(attributes)
            row += times
        found[html.unescape(table[1].decode("utf-8", "replace"))] = cells
    return found


def _ods_cells(row: bytes) -> Iterator[tuple[bytes, str]]:
    """Attributes of each cell of a row, and its text."""
    cells = list(ODS_CELL.finditer(row))
    for cell, after in zip(cells, [*cells[1:], None], strict=True):
        inside = b"" if cell[2] else row[cell.end() : after.start() if after else len(row)]
        text = re.sub(rb"<[^>]*>", b"", inside).decode("utf-8", "replace")
        yield cell[1], html.unescape(text).strip()


def _xlsb_parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """Where each sheet of an .xlsb file lies: BrtBundleSh, record 156, names id and sheet [1].

    [1] Microsoft, [MS-XLSB], 2.4.304.
    """
    relations = packed.read("xl/_rels/workbook.bin.rels").decode("utf-8", "replace")
    targets = {}
    for tag in re.findall(r"<(?:\w+:)?Relationship\b[^>]*>", relations):
        said = dict(re.findall(r"""(\w+)=["']([^"']*)["']""", tag))
        targets[said.get("Id", "")] = said.get("Target", "").removeprefix("/xl/")
    book, parts = packed.read("xl/workbook.bin"), {}
    for kind, at in records_of(book):
        if kind == 156:
            relation, after = _wide_text(book, at + 8)
            name, _ = _wide_text(book, after)
            parts[name] = f"xl/{targets.get(relation, '')}"
    return parts


def _wide_text(data: bytes, at: int) -> tuple[str, int]:
    """A text with its length before it, and where it ends."""
    end = at + 4 + 2 * int.from_bytes(data[at : at + 4], "little")
    return data[at + 4 : end].decode("utf-16-le", "replace"), end


def _of_xlsb(data: bytes) -> Unshown:
    """Errors written as such (record 3) and as what a formula gave (record 11)."""
    cells: Unshown = []
    row = 0
    for kind, at in records_of(data):
        if kind == 0:
            row = int.from_bytes(data[at : at + 4], "little")
        elif kind in (3, 11) and at + 8 < len(data):
            column = int.from_bytes(data[at : at + 4], "little")
            cells.append((row, column, _error(data[at + 8])))
    return cells


def _error(code: int) -> SheetError:
    return SheetError(_CODES.get(code, "#ERROR!"))


def _of_xls(data: bytes) -> dict[str, Unshown]:
    """Errors of an old workbook: BOOLERR, and FORMULA with an error for its result [2].

    [2] Microsoft, [MS-XLS], 2.4.24 and 2.4.127.
    """
    stream = _workbook_stream(data)
    found: dict[str, Unshown] = {}
    for kind, at, size in _old_records(stream, 0):
        if kind == 0x85 and size > 8:  # BOUNDSHEET: where a sheet begins, and its name
            begins = int.from_bytes(stream[at : at + 4], "little")
            wide = 1 + (stream[at + 7] & 1)
            raw = stream[at + 8 : at + 8 + wide * stream[at + 6]]
            found[raw.decode("utf-16-le" if wide == 2 else "latin-1", "replace")] = list(
                _old_errors(stream, begins)
            )
    return found


def _old_errors(stream: bytes, begins: int) -> Iterator[tuple[int, int, object]]:
    for kind, at, size in _old_records(stream, begins):
        place = (
            int.from_bytes(stream[at : at + 2], "little"),
            int.from_bytes(stream[at + 2 : at + 4], "little"),
        )
        if kind == 0x205 and size >= 8 and stream[at + 7]:
            yield *place, _error(stream[at + 6])
        elif (
            kind == 0x6 and stream[at + 12 : at + 14] == b"\xff\xff" and stream[at + 6] == 2
        ):  # eight bytes of result: an error, not a number
            yield *place, _error(stream[at + 8])


def _old_records(stream: bytes, at: int) -> Iterator[tuple[int, int, int]]:
    """Kind of each record up to the end of a part, where its content begins, and its length."""
    while at + 4 <= len(stream):
        kind = int.from_bytes(stream[at : at + 2], "little")
        size = int.from_bytes(stream[at + 2 : at + 4], "little")
        if kind == 0x0A:
            return
        yield kind, at + 4, size
        at += 4 + size


def _workbook_stream(data: bytes) -> bytes:
    """The one stream of a compound file that holds the workbook; empty where it is not found [3].

    [3] Microsoft, [MS-CFB], 2.2 to 2.6.
    """

    def word(at: int) -> int:
        return int.from_bytes(data[at : at + 4], "little")

    size = 1 << min(word(0x1E) & 0xFFFF, 12)
    table = [word(0x4C + 4 * i) for i in range(109)]
    fat = b"".join(data[(s + 1) * size : (s + 2) * size] for s in table if s < _LAST_SECTOR)

    def chain(sector: int) -> bytes:
        parts: list[bytes] = []
        while sector < _LAST_SECTOR and len(parts) * size <= len(data):
            parts.append(data[(sector + 1) * size : (sector + 2) * size])
            sector = int.from_bytes(fat[4 * sector : 4 * sector + 4] or b"\xff" * 4, "little")
        return b"".join(parts)

    folder = chain(word(0x30))
    for at in range(0, len(folder), 128):
        entry = folder[at : at + 128]
        name = entry[: max(int.from_bytes(entry[64:66], "little") - 2, 0)]
        if name.decode("utf-16-le", "replace") in {"Workbook", "Book"}:
            length = int.from_bytes(entry[120:124], "little")
            return chain(int.from_bytes(entry[116:120], "little"))[:length]
    return b""
