"""From a workbook to records: every sheet is read or named as unread, whatever it says of itself.

Sheets with the same header are one table (a sheet a month). A formula whose value was not saved
is kept as its text, so that it is set aside as what it is and never taken for an empty cell.
"""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Collection, Sequence

from techalign.errors import TableError
from techalign.intake.extents import LONGEST_GAP, WIDEST, refuse_far_cells
from techalign.intake.headers import header_hits, header_key
from techalign.intake.unshown import Unshown, unshown_cells

__all__ = ["workbook_records"]

Rows = list[tuple[object, ...]]


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
    rows_unread = [n for n in filled if n not in chosen and _holds_payments(filled[n])]
    if rows_unread and len(chosen) < len(filled):
        names = ", ".join(f"'{name}'" for name in rows_unread)
        notes.append(f"check: {names} hold days and amounts too under other headers, not counted")
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


def _holds_payments(rows: Rows) -> bool:
    """Whether most rows of a sheet have both a day and an amount."""
    filled = [row for row in rows if row]
    both = [
        row for row in filled
        if any(isinstance(c, dt.date) for c in row) and any(type(c) in (int, float) for c in row)
    ]  # fmt: skip
    return len(both) > len(filled) / 3


def _header(rows: Rows, expected: Collection[str]) -> Sequence[object]:
    return rows[_header_at(rows, expected)]


def _header_at(rows: Rows, expected: Collection[str]) -> int:
    first = next(i for i, row in enumerate(rows) if row)
    window = range(first, min(len(rows), first + 30))
    return max(window, key=lambda i: (header_hits(rows[i], expected), -i))


def _sheets(file: str, data: bytes) -> dict[str, Rows]:
    from python_calamine import CalamineWorkbook, SheetTypeEnum

    try:
        refuse_far_cells(file, data)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        pages = [p.name for p in book.sheets_metadata if p.typ == SheetTypeEnum.WorkSheet]
        hidden = unshown_cells(data)
        return {
            name: _with_unshown(
                [_cells(row) for row in book.get_sheet_by_name(name).iter_rows()],
                hidden.get(name, []),
            )
            for name in pages
        }
    except TableError:
        raise
    except BaseException as error:
        # a damaged file makes the reader panic, which is no Exception
        if not isinstance(error, Exception) and type(error).__name__ != "PanicException":
            raise
        raise TableError(
            f"cannot be read as an Excel workbook: {' '.join(str(error).split())[:200]}",
            where=file,
            remedy="Open it in a spreadsheet program and save it as .xlsx again.",
        ) from error


def _cells(row: Sequence[object]) -> tuple[object, ...]:
    """A row's cells up to its last filled one; a workbook writes whole numbers as others."""
    end = len(row)
    while end and (row[end - 1] is None or row[end - 1] == ""):
        end -= 1
    return tuple(
        [
            None if cell == "" else int(cell) if type(cell) is float and cell.is_integer() else cell
            for cell in row[:end]
        ]
    )


def _with_unshown(rows: Rows, cells: Unshown) -> Rows:
    for at, column, content in cells:
        if column >= WIDEST or at > len(rows) + LONGEST_GAP:
            continue
        rows += [()] * (at + 1 - len(rows))
        row = [*rows[at], *[None] * (column + 1 - len(rows[at]))]
        row[column] = content
        rows[at] = tuple(row)
    return rows
