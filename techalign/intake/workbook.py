"""From a workbook to records: every sheet is read or named as unread, whatever it says of itself.

Sheets with the same header, in whatever order, are one table (a sheet a month). A formula whose
value was not saved is kept as its text, so that it is set aside as what it is and never taken for
an empty cell.
"""

from __future__ import annotations

import datetime as dt
import io
import re
import zipfile
from collections.abc import Collection, Sequence

from techalign.errors import TableError
from techalign.intake.days import looks_like_day
from techalign.intake.extents import LONGEST_GAP, WIDEST, refuse_far_cells
from techalign.intake.headers import best_header, header_hits, header_key
from techalign.intake.unshown import Unshown, unshown_cells

__all__ = ["counts_from_1904", "workbook_records"]

Rows = list[tuple[object, ...]]
_FEWEST_SHARED = 3
"""Headers that two sheets share at least, if one of them has more: a day, a name, an amount."""


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
    sheets, hidden = _sheets(file, data)
    filled = {name: rows for name, rows in sheets.items() if any(rows)}
    if not filled:
        raise TableError("holds no sheet with cells", where=file, remedy="Save a sheet of cells.")
    chosen = _chosen(file, filled, sheet, expected)
    records: list[Sequence[object]] = []
    ranges = []
    shared = [_names(_header(filled[name], expected)) for name in chosen]
    every = list(dict.fromkeys(key for names in shared for key in names if key))
    for name, names in zip(chosen, shared, strict=True):
        rows = filled[name]
        if names != shared[0] or any(key not in shared[0] for key in every):
            rows = _in_order(rows, names, every)
        if records:  # the first sheet's header stands for all
            at = _header_at(filled[name], expected)
            rows = [() for _ in rows[: at + 1]] + rows[at + 1 :]
        elif len(every) > len(names):
            at = _header_at(filled[name], expected)
            rows = [*rows[:at], _all_headers(every, chosen, filled, expected), *rows[at + 1 :]]
        ranges.append(f"'{name}' is rows {len(records) + 1:,} to {len(records) + len(rows):,}")
        records += rows
    if len(chosen) > 1:
        notes.append(f"{len(chosen)} sheets of one header read as one table: {', '.join(ranges)}")
    if unseen := [f"'{name}'" for name in chosen if name in hidden]:
        notes.append(f"check: {', '.join(unseen)} is hidden in the workbook, and counted")
    unread = [f"'{name}'" for name in filled if name not in chosen]
    rows_unread = [n for n in filled if n not in chosen and _holds_payments(filled[n])]
    if rows_unread and len(chosen) < len(filled):
        said = ", ".join(f"'{name}'" for name in rows_unread)
        notes.append(f"check: {said} hold days and amounts too under other headers, not counted")
    if unread:
        notes.append(f"sheets not read: {', '.join(unread)} (--sheet chooses)")
    width = max(map(len, records), default=0)  # a sheet's rows may end at their last filled cell
    padded: list[Sequence[object]] = [
        (*row, *[None] * (width - len(row))) if len(row) < width else row for row in records
    ]
    return padded, list(range(1, len(padded) + 1))


def counts_from_1904(data: bytes) -> bool:
    """Tell whether a workbook's days are counted from 1904, as those of old Macs are."""
    if not data.startswith(b"PK"):
        return False
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as packed:
            book = packed.read("xl/workbook.xml")
    except (KeyError, OSError, ValueError, zipfile.BadZipFile):
        return False
    return re.search(rb'date1904="(?:1|true)"', book) is not None


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
    keys = set(_names(headers[first])) - {""}
    return [
        name
        for name, header in headers.items()
        if name == first or _same_table(keys, set(_names(header)) - {""}, sheets[name])
    ]


def _same_table(first: set[str], other: set[str], rows: Rows) -> bool:
    """Headers are the same in whatever order, or one sheet has a few more beside them."""
    if first == other:
        return True
    return len(first & other) >= _FEWEST_SHARED and (
        (first <= other or other <= first) and _holds_payments(rows)
    )


def _names(header: Sequence[object]) -> list[str]:
    return [header_key(str(cell)) if cell not in (None, "") else "" for cell in header]


def _in_order(rows: Rows, names: list[str], every: list[str]) -> Rows:
    """A sheet's cells under the columns that all sheets have together."""
    places = [names.index(key) if key in names else -1 for key in every]
    return [
        tuple(row[at] if 0 <= at < len(row) else None for at in places) if row else row
        for row in rows
    ]


def _all_headers(
    every: list[str], chosen: list[str], sheets: dict[str, Rows], expected: Collection[str]
) -> tuple[object, ...]:
    """The header of all sheets together, each as the first sheet that has it writes it."""
    written: dict[str, object] = {}
    for name in chosen:
        header = _header(sheets[name], expected)
        for key, cell in zip(_names(header), header, strict=True):
            written.setdefault(key, cell)
    return tuple(written[key] for key in every)


def _holds_payments(rows: Rows) -> bool:
    """Whether most rows of a sheet have both a day and an amount."""
    filled = [row for row in rows if row]
    both = [
        row for row in filled
        if any(isinstance(c, dt.date) or (isinstance(c, str) and looks_like_day(c)) for c in row)
        and any(type(c) in (int, float) for c in row)
    ]  # fmt: skip
    return len(both) > len(filled) / 3


def _header(rows: Rows, expected: Collection[str]) -> Sequence[object]:
    return rows[_header_at(rows, expected)]


def _header_at(rows: Rows, expected: Collection[str]) -> int:
    first = next(i for i, row in enumerate(rows) if row)
    return first + best_header(rows[first : first + 30], expected)[1]


def _sheets(file: str, data: bytes) -> tuple[dict[str, Rows], set[str]]:
    """Rows of each sheet, and the sheets that a person does not see."""
    from python_calamine import CalamineWorkbook, SheetTypeEnum, SheetVisibleEnum

    try:
        refuse_far_cells(file, data)
        book = CalamineWorkbook.from_filelike(io.BytesIO(data))
        pages = [p for p in book.sheets_metadata if p.typ == SheetTypeEnum.WorkSheet]
        unshown = unshown_cells(data)
        sheets = {
            page.name: _with_unshown(
                [_cells(row) for row in book.get_sheet_by_name(page.name).iter_rows()],
                unshown.get(page.name, []),
            )
            for page in pages
        }
        return sheets, {p.name for p in pages if p.visible != SheetVisibleEnum.Visible}
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
