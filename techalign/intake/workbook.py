"""From a workbook to records: every sheet is read or named as unread, whatever it says of itself.

Sheets with the same header are one table (a sheet a month). A formula whose value was not saved
is kept as its text, so that it is set aside as what it is and never taken for an empty cell.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from techalign.errors import TableError
from techalign.intake.headers import header_hits, header_key

__all__ = ["SheetError", "workbook_records"]

WIDEST = 2_000
"""Columns of a sheet; a table has a few dozen, and a stray cell may lie at the 16,384th."""
LONGEST_GAP = 10_000
"""Empty rows within a sheet, beyond which what follows is a stray cell."""
_ERRORS = {"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#SPILL!"}
_UNSAVED = re.compile(
    rb'<c r="([A-Z]+)(\d+)"[^>]*>\s*<f[^>]*?(?:/>|>([^<]*)</f>)\s*(?:<v ?/>|<v></v>)?\s*</c>'
)

Rows = list[tuple[object, ...]]


@dataclass(frozen=True)
class SheetError:
    """An error of a spreadsheet where a value should be, such as #REF!."""

    text: str

    def __str__(self) -> str:
        return self.text


def workbook_records(
    file: str, data: bytes, sheet: str, expected: Collection[str], notes: list[str]
) -> tuple[list[Sequence[object]], list[int]]:
    """Read the table of a workbook.

    Parameters
    ----------
    file : str
        The file's name, for messages.
    data : bytes
        Its content.
    sheet : str
        The sheet to read, if there is one of that name; with ``!`` before it, it must be there.
    expected : collection of str
        Headers hoped for: the sheet that has most of them is read, and all that share its header.
    notes : list of str
        Sheets read and not read are told here.

    Returns
    -------
    records : list of sequences
        Native values, None for an empty cell.
    lines : list of int
        Rows from 1; where several sheets are read, counted on from sheet to sheet.

    Raises
    ------
    TableError
        If it is no workbook, has no cells, or has not the sheet asked for.
    """
    sheets = _sheets(file, data)
    filled = {name: rows for name, rows in sheets.items() if any(rows)}
    if not filled:
        raise TableError("holds no sheet with cells", where=file, remedy="Save a sheet of cells.")
    chosen = _chosen(file, filled, sheet, expected)
    records: list[Sequence[object]] = []
    ranges = []
    for name in chosen:
        rows = filled[name]
        if records:  # the first sheet's header stands for all
            at = _header_at(rows, expected)
            rows = [() for _ in rows[: at + 1]] + rows[at + 1 :]
        ranges.append(f"'{name}' is rows {len(records) + 1:,} to {len(records) + len(rows):,}")
        records += rows
    if len(chosen) > 1:
        notes.append(f"{len(chosen)} sheets of one header read as one table: {', '.join(ranges)}")
    unread = [f"'{name}'" for name in filled if name not in chosen]
    if unread:
        notes.append(f"sheets not read: {', '.join(unread)} (--sheet chooses)")
    width = max(map(len, records), default=0)  # a sheet's rows may end at their last filled cell
    padded: list[Sequence[object]] = [
        (*row, *[None] * (width - len(row))) if len(row) < width else row for row in records
    ]
    return padded, list(range(1, len(padded) + 1))


def _chosen(file: str, sheets: dict[str, Rows], sheet: str, expected: Collection[str]) -> list[str]:
    """Names of the sheets that hold the table."""
    asked = sheet.removeprefix("!")
    by_folded = {name.casefold(): name for name in sheets}
    if asked.casefold() in by_folded:
        return [by_folded[asked.casefold()]]
    if sheet.startswith("!"):
        raise TableError(
            f"has no sheet '{asked}' with cells", where=file,
            remedy=f"It has {', '.join(sheets)}.",
        )  # fmt: skip
    headers = {name: _header(rows, expected) for name, rows in sheets.items()}
    first = max(sheets, key=lambda name: header_hits(headers[name], expected))
    keys = [header_key(str(cell)) for cell in headers[first] if cell is not None]
    return [
        name
        for name, header in headers.items()
        if name == first or [header_key(str(c)) for c in header if c is not None] == keys
    ]


def _header(rows: Rows, expected: Collection[str]) -> Sequence[object]:
    return rows[_header_at(rows, expected)]


def _header_at(rows: Rows, expected: Collection[str]) -> int:
    first = next(i for i, row in enumerate(rows) if row)
    window = range(first, min(len(rows), first + 30))
    return max(window, key=lambda i: (header_hits(rows[i], expected), -i))


def _sheets(file: str, data: bytes) -> dict[str, Rows]:
    from openpyxl import load_workbook

    try:
        book = load_workbook(io.BytesIO(data), read_only=True, data_only=True)
    except Exception as error:
        # openpyxl raises whatever zipfile, the XML parser or itself raised
        raise TableError(
            f"cannot be read as an Excel workbook: {error}",
            where=file,
            remedy="Open it in a spreadsheet program and save it as .xlsx again.",
        ) from error
    sheets: dict[str, Rows] = {}
    for page in book.worksheets:
        page.reset_dimensions()  # what a workbook says of its extent need not be true
        rows = _rows(file, page.iter_rows(values_only=True))
        sheets[page.title] = _with_unsaved(rows, data, getattr(page, "_worksheet_path", ""))
    book.close()
    return sheets


def _rows(file: str, found: Iterable[Sequence[object]]) -> Rows:
    rows: Rows = []
    empty = 0
    for row in found:
        cells = _trimmed(row)
        if len(cells) > WIDEST:
            raise TableError(
                f"has a cell in column {len(cells):,}; at most {WIDEST:,} are read",
                where=f"{file}:{len(rows) + 1}", remedy="Delete the columns far to the right.",
            )  # fmt: skip
        rows.append(cells)
        empty = 0 if cells else empty + 1
        if empty > LONGEST_GAP:
            raise TableError(
                f"has more than {LONGEST_GAP:,} empty rows before the next cell",
                where=f"{file}:{len(rows)}", remedy="Delete the rows far below the table.",
            )  # fmt: skip
    return rows


def _trimmed(row: Sequence[object]) -> tuple[object, ...]:
    end = len(row)
    while end and (row[end - 1] is None or row[end - 1] == ""):
        end -= 1
    cells = row[:end]
    if any(cell in _ERRORS for cell in cells if isinstance(cell, str)):
        return tuple(SheetError(c) if isinstance(c, str) and c in _ERRORS else c for c in cells)
    return tuple(cells)


def _with_unsaved(rows: Rows, data: bytes, path: str) -> Rows:
    """Put the text of formulas without a saved value where openpyxl shows nothing."""
    if not path:
        return rows
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        xml = packed.read(path.lstrip("/"))
    if b"<f" not in xml:
        return rows
    for letters, number, formula in _UNSAVED.findall(xml):
        at, column = int(number) - 1, _column(letters.decode())
        if at >= len(rows) or column >= WIDEST:
            continue
        row = [*rows[at], *[None] * (column + 1 - len(rows[at]))]
        row[column] = f"={formula.decode('utf-8', 'replace')}"
        rows[at] = tuple(row)
    return rows


def _column(letters: str) -> int:
    number = 0
    for letter in letters:
        number = number * 26 + ord(letter) - 64
    return number - 1
