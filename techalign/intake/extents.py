"""How far a workbook's cells reach, before anything makes room for them.

A reader lays a sheet out as a full rectangle. One stray cell at the far corner of a sheet makes
that seventeen thousand million cells, which ends a process that has no chance to say why. What a
workbook states of its own extent need not be true, so the cells themselves are looked at.
"""

from __future__ import annotations

import html
import io
import re
import zipfile
from collections.abc import Iterator

from techalign.errors import TableError
from techalign.storage import LARGEST

__all__ = [
    "LONGEST_GAP",
    "ODS_CELL",
    "ODS_ROW",
    "WIDEST",
    "column_number",
    "records_of",
    "refuse_far_cells",
    "repeated",
    "sheet_parts",
]

WIDEST = 2_000
"""Columns of a sheet; a table has a few dozen, and a stray cell may lie at the 16,384th."""
LONGEST_GAP = 10_000
"""Empty rows within a sheet, beyond which what follows is a stray cell."""
MOST_CELLS = 60_000_000
"""Cells of the rectangle: a million rows of sixty columns."""
_LETTERS = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]+)')
_ROWS = re.compile(rb'<(?:\w+:)?row\b[^>]*?\br="(\d+)"')
_FILLED = re.compile(rb"<(?:\w+:)?(?:v|is|f)[ />]")
ODS_ROW = re.compile(
    rb"<table:table-row\b([^>]*)>(.*?)</table:table-row>|<table:table-row\b([^>]*)/>", re.DOTALL
)
"""A row of an .ods sheet: its attributes and cells, or the attributes of an empty one."""
ODS_CELL = re.compile(rb"<table:table-cell\b([^>]*?)(/?)>")
"""A cell of such a row: its attributes, and whether it holds nothing."""
_REPEATED = re.compile(rb'number-(?:rows|columns)-repeated="(\d+)"')
_RELATION = re.compile(rb"<(?:\w+:)?Relationship\b[^>]*>")
_SHEET = re.compile(rb"<(?:\w+:)?sheet\b[^>]*>")
_ATTRIBUTE = re.compile(r"""([\w:]+)\s*=\s*["']([^"']*)["']""")


def column_number(letters: str) -> int:
    """Number of a column from 0: A is 0, AA is 26.

    Examples
    --------
    >>> column_number("A"), column_number("AA"), column_number("XFD")
    (0, 26, 16383)
    """
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1


def refuse_far_cells(file: str, data: bytes) -> None:
    """Refuse a workbook whose cells reach further than any table does.

    Parameters
    ----------
    file : str
        The file's name, for messages.
    data : bytes
        An .xlsx, .xlsm, .xlsb or .ods file; of an .xls file the form itself sets the limit.

    Raises
    ------
    TableError
        If a cell lies far to the right or far below the others, or the workbook unpacks to more
        than can be read.
    """
    if not data.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        if sum(part.file_size for part in packed.infolist()) > LARGEST:
            raise TableError(
                f"unpacks to more than {LARGEST:,} bytes", where=file, remedy="Split it."
            )
        for part in packed.namelist():
            if part == "content.xml":
                _check_ods(file, packed.read(part))
            elif re.fullmatch(r".*worksheets/[^/]+\.xml", part):
                _check_xml(file, packed.read(part))
            elif re.fullmatch(r".*worksheets/[^/]+\.bin", part):
                _check_bin(file, packed.read(part))


def sheet_parts(packed: zipfile.ZipFile) -> dict[str, str]:
    """Where in an .xlsx file each sheet lies, by its name."""
    root = next((n for n in packed.namelist() if n.endswith("workbook.xml")), "")
    if not root:
        return {}
    folder, _, name = root.rpartition("/")
    relations = packed.read(f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels")
    ids = (_attributes(tag) for tag in _RELATION.findall(relations))
    targets = {each.get("Id", ""): each.get("Target", "") for each in ids}
    parts = {}
    for tag in _SHEET.findall(packed.read(root)):
        said = _attributes(tag)
        of = next((v for k, v in said.items() if k.endswith(":id")), "")
        target = targets.get(of, "")
        path = target.lstrip("/") if target.startswith("/") else f"{folder}/{target}".lstrip("/")
        parts[said.get("name", "")] = path
    return parts


def _attributes(tag: bytes) -> dict[str, str]:
    text = tag.decode("utf-8", "replace")
    return {name: html.unescape(value) for name, value in _ATTRIBUTE.findall(text)}


def _check_xml(file: str, xml: bytes) -> None:
    rows = [int(number) for number in _ROWS.findall(xml)]
    last = 0
    for number in rows:
        if number - last > LONGEST_GAP:
            # a row far below may have a look and no value: it makes no room
            start = next(m.start() for m in _ROWS.finditer(xml) if int(m[1]) == number)
            if _FILLED.search(xml, start):
                raise _far_below(file, last)
            break
        last = number
    widest = max((column_number(found.decode()) for found in set(_LETTERS.findall(xml))), default=0)
    if widest >= WIDEST and (wide := _filled_beyond(xml)):
        raise _far_right(file, wide)
    _check_area(file, max(last, len(rows)), min(widest, WIDEST) + 1)


def _filled_beyond(xml: bytes) -> int:
    """The column, from 1, of a cell with a value beyond the widest; 0 for none."""
    cell = re.compile(rb'<(?:\w+:)?c\b[^>]*?\br="([A-Z]{3})\d+"[^>]*>\s*<(?:\w+:)?(?:v|is|f)\b')
    beyond = (column_number(found.decode()) + 1 for found in cell.findall(xml))
    return next((number for number in beyond if number > WIDEST), 0)


def _check_ods(file: str, xml: bytes) -> None:
    empty = 0
    for found in ODS_ROW.finditer(xml):
        times = repeated(found[1] or found[3] or b"")
        width, filled = 0, 0
        for attributes, _ in ODS_CELL.findall(found[2] or b""):
            width += repeated(attributes)
            if b"value-type" in attributes or b"formula" in attributes:
                filled = width
        if not filled:
            empty += times
            continue
        if empty > LONGEST_GAP or times > LONGEST_GAP:
            raise _far_below(file, 0)
        if filled > WIDEST:
            raise _far_right(file, filled)
        empty = 0


def repeated(attributes: bytes) -> int:
    """How many rows or cells of an .ods sheet one element stands for."""
    found = _REPEATED.search(attributes)
    return int(found[1]) if found else 1


def _check_bin(file: str, data: bytes) -> None:
    """Rows and cells of an .xlsb sheet: records of a kind, a length and their content [1].

    [1] Microsoft, [MS-XLSB], 2.1.4: BrtRowHdr is record 0, cells are records 1 to 11.
    """
    last, row, widest = 0, 0, 0
    for kind, start in records_of(data):
        if kind == 0:
            row = int.from_bytes(data[start : start + 4], "little")
        elif kind <= 11 and kind != 1:  # 1 is a blank one
            if row - last > LONGEST_GAP:
                raise _far_below(file, last)
            last = row
            widest = max(widest, int.from_bytes(data[start : start + 4], "little"))
            if widest >= WIDEST:
                raise _far_right(file, widest + 1)
    _check_area(file, last + 1, widest + 1)


def records_of(data: bytes) -> Iterator[tuple[int, int]]:
    """Kind of each record of an .xlsb part, and where its content begins."""
    at, end = 0, len(data)
    while at < end:
        kind = data[at]
        at += 1
        if kind & 0x80 and at < end:
            kind = (kind & 0x7F) | (data[at] & 0x7F) << 7
            at += 1
        size, shift = 0, 0
        while at < end and shift <= 21:
            byte = data[at]
            at += 1
            size |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80:
                break
        yield kind, at
        at += size


def _check_area(file: str, rows: int, columns: int) -> None:
    if rows * columns > MOST_CELLS:
        raise TableError(
            f"has cells in {rows:,} rows and {columns:,} columns, more than {MOST_CELLS:,} in all",
            where=file, remedy="Delete the columns beside the table, or save it as CSV.",
        )  # fmt: skip


def _far_below(file: str, last: int) -> TableError:
    return TableError(
        f"has more than {LONGEST_GAP:,} empty rows before the next cell",
        where=f"{file}:{last}" if last else file, remedy="Delete the rows far below the table.",
    )  # fmt: skip


def _far_right(file: str, column: int) -> TableError:
    return TableError(
        f"has a cell in column {column:,}; at most {WIDEST:,} are read",
        where=file, remedy="Delete the columns far to the right.",
    )  # fmt: skip
