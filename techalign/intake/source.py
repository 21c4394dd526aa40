"""From a file's bytes to raw cells with their line numbers, whatever container holds them.

Nothing is interpreted here but the container: what kind of file, encoding, sheet, header line.
What was settled is kept as notes, so that a person can see how the file was read.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import zlib
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from techalign.errors import TableError
from techalign.intake.days import looks_like_day
from techalign.intake.delimited import csv_records
from techalign.intake.grouped import GROUP, is_group_line, name_groups
from techalign.intake.headers import best_header, header_hits, repeated_headers
from techalign.intake.statements import journal_records, statement_kind, statement_records
from techalign.intake.values import looks_like_number
from techalign.intake.workbook import counts_from_1904, workbook_records
from techalign.storage import LARGEST

__all__ = ["LeftOut", "RaggedRow", "Records", "Source", "read_records", "read_source", "shape"]

_HEADER_WINDOW = 100  # bank exports put account lines above the header
_WORKBOOKS = {".xlsx", ".xlsm", ".xls", ".xlsb", ".ods"}
_TEXTS = {
    ".csv",
    ".tsv",
    ".tab",
    ".txt",
    ".asc",
    ".iif",
    ".qif",
    ".se",
    ".si",
    ".sie",
    ".ofx",
    ".qfx",
    ".qbo",
    ".sta",
    ".940",
    ".mt940",
    ".xml",
}


@dataclass(frozen=True)
class RaggedRow:
    """A row whose number of fields is not the header's."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class LeftOut:
    """A row that is no payment: a total of others, or one that never took place.

    ``amount`` is its money in the ledger's sign, None where it has none or repeats that of
    other rows; ``row`` is the raw row.
    """

    line: int
    reason: str
    amount: object
    currency: str
    row: dict[str, object]


@dataclass(frozen=True)
class Records:
    """The records of a file before its header is known."""

    file: str
    sha256: str
    records: list[Sequence[object]]
    lines: list[int]
    notes: tuple[str, ...]
    since_1904: bool = False


@dataclass(frozen=True)
class Source:
    """The raw cells of one file.

    ``columns`` maps each header to its cells (text from CSV, native values from workbooks and
    Parquet); ``lines`` gives each row's line in the file, from 1; ``ragged`` holds the rows
    that do not fit the header, which has ``width`` fields in the file; ``left_out`` the rows
    that are no payments; ``notes`` says how the file was read; ``title`` is what stands above
    the header; ``since_1904`` whether numbers that stand for days are counted from 1904.
    """

    file: str
    sha256: str
    columns: dict[str, list[object]]
    lines: list[int]
    ragged: tuple[RaggedRow, ...] = ()
    notes: tuple[str, ...] = ()
    header: tuple[str, ...] = field(default=())
    width: int = 0
    left_out: tuple[LeftOut, ...] = ()
    headless: bool = False
    title: str = ""
    since_1904: bool = False


def read_source(
    file: str,
    data: bytes,
    *,
    sheet: str = "",
    expected: Collection[str] = (),
    none_yet: str = "",
) -> Source:
    """Read a file's bytes into raw cells.

    Parameters
    ----------
    file : str
        Name shown in errors; its ending tells the kind where its content does not.
    data : bytes
        The file's content.
    sheet : str
        Sheet to prefer in a workbook; the one with most expected headers where there is none
        of that name.
    expected : collection of str
        Headers hoped for, used to find the header below a preamble.
    none_yet : str
        What a header without rows means; where it means nothing, that is an error.

    Returns
    -------
    Source

    Raises
    ------
    TableError
        If the file is empty, has no rows, or is not what its ending says.
    """
    found = read_records(file, data, sheet=sheet, expected=expected)
    return shape(found, expected, none_yet=none_yet)


def read_records(
    file: str, data: bytes, *, sheet: str = "", expected: Collection[str] = ()
) -> Records:
    """Read a file's bytes into records; parameters and errors as for :func:`read_source`."""
    if not data:
        raise TableError("is empty", where=file, remedy="Export it again, or remove it.")
    try:
        return _read(file, data, sheet, expected)
    except TableError:
        raise
    except Exception as error:  # what a damaged file makes its library raise is anybody's guess
        said = " ".join(str(error).split())[:200] or type(error).__name__
        raise TableError(
            f"cannot be read: {said}", where=file,
            remedy="Open it in the program it came from and save it again.",
        ) from error  # fmt: skip


def _read(file: str, data: bytes, sheet: str, expected: Collection[str]) -> Records:
    digest = hashlib.sha256(data).hexdigest()
    suffixes = [part.lower() for part in PurePosixPath(file).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        data = _gunzip(file, data)
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ".csv"
    notes: list[str] = []
    if kind == ".xls" and _is_text(data):
        notes.append("text under the ending .xls")
        kind = ".csv"
    if kind in _WORKBOOKS and not _is_web_page(data):
        records, lines = journal_records(
            file, *workbook_records(file, data, sheet, expected, notes), notes
        )
    elif kind == ".parquet":
        records, lines = _parquet_records(file, data)
    elif statement := statement_kind(data):
        records, lines = statement_records(file, data, statement, notes)
    elif kind in _TEXTS:
        records, lines = csv_records(file, data, notes, expected)
    else:
        raise _unread(file, data, kind)
    since_1904 = kind in _WORKBOOKS and counts_from_1904(data)
    return Records(file, digest, records, lines, tuple(notes), since_1904)


def _unread(file: str, data: bytes, kind: str) -> TableError:
    if _is_web_page(data):
        return TableError(
            f"is a web page under the ending {kind}", where=file,
            remedy="Open it in a spreadsheet program and save it as .xlsx.",
        )  # fmt: skip
    return TableError(
        f"has an ending that is not read here: {kind}",
        where=file,
        remedy="Save it as .csv, .xlsx or .parquet.",
    )


def _is_text(data: bytes) -> bool:
    """Banks give a list of tabs the ending of a workbook, so that a spreadsheet opens it."""
    begins = data[:2000]
    return not (begins.startswith((b"PK", b"\xd0\xcf\x11\xe0", b"\t\x08", b"\t\x04", b"\t\x02"))
                or b"\x00" in begins or _is_web_page(data) or begins.lstrip()[:1] == b"<") and any(
                    mark in begins for mark in (b"\t", b",", b";"))  # fmt: skip


def _is_web_page(data: bytes) -> bool:
    begins = data[:2000].lower()
    return not begins.startswith(b"pk") and (b"<html" in begins or b"<table" in begins)


def _gunzip(file: str, data: bytes) -> bytes:
    try:
        with gzip.GzipFile(fileobj=io.BytesIO(data)) as packed:
            text = packed.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error) as error:
        raise TableError(
            f"is not a whole gzip file: {error}", where=file, remedy="Fetch it again."
        ) from error
    if len(text) > LARGEST:
        raise TableError(f"unpacks to more than {LARGEST:,} bytes", where=file, remedy="Split it.")
    return text


def _parquet_records(file: str, data: bytes) -> tuple[list[Sequence[object]], list[int]]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    try:
        # not read_table: it starts a pool of threads, which for a client's table takes longer
        table = pq.ParquetFile(pa.BufferReader(data)).read(use_threads=False)
    except pa.ArrowException as error:
        raise TableError(
            f"cannot be read as Parquet: {error}", where=file, remedy="Write it again."
        ) from error
    columns = [column.to_pylist() for column in table.columns]
    records: list[Sequence[object]] = [tuple(table.column_names), *zip(*columns, strict=True)]
    return records, list(range(len(records)))


def shape(
    found: Records, expected: Collection[str], *, mapped: bool = False, none_yet: str = ""
) -> Source:
    """Find the header and lay the rows out under it.

    Parameters
    ----------
    found : Records
    expected : collection of str
        Headers hoped for.
    mapped : bool
        Whether a mapping follows: then a file may have no header line, and reports with
        group lines get a column of the groups' names.
    none_yet : str
        What a header without rows means.

    Returns
    -------
    Source

    Raises
    ------
    TableError
        If there is no header, no row where that means nothing, or two headers are the same.
    """
    records, lines, notes = found.records, found.lines, list(found.notes)
    at = _header_row(records, expected)
    if at is None:
        raise TableError("has no header line", where=found.file, remedy="Export it again.")
    headless = mapped and _is_data(records[at]) and not header_hits(records[at], expected)
    width = max(map(len, records)) if headless else len(_trimmed(records[at]))
    names = [] if headless else [_cell_text(cell) for cell in _trimmed(records[at])]
    if headless:
        at -= 1
        notes.append("no header line: columns are numbered")
    elif at:
        notes.append(f"header on line {lines[at]}")
    if below := [] if headless else _second_header(records, at, expected):
        at, width = at + 1, max(width, len(below))
        names = [*names, *[""] * (width - len(names))]
        names = [b or n for n, b in zip(names, below, strict=False)] + names[len(below) :]
        notes.append(f"the header goes on in line {lines[at]}")
    names = _without_copies(found.file, names, records[at + 1 :])
    title = " ".join(_cell_text(cell) for row in records[: max(at, 0)] for cell in row if cell)
    names = [names[i] if i < len(names) and names[i] else f"column {i + 1}" for i in range(width)]
    rows, kept, ragged = _rows(records[at + 1 :], lines[at + 1 :], width, mapped)
    blank = len(records) - at - 1 - len(rows) - len(ragged)
    if blank:
        notes.append(f"{blank} lines without any value passed over")
    groups = name_groups(rows, names) if mapped and not headless else None
    if groups:
        notes.append(f"{len(rows) - len(groups.rows)} group lines read as names of their rows")
        kept = [kept[i] for i in groups.rows]
        rows = [[*rows[i], name] for i, name in zip(groups.rows, groups.names, strict=True)]
        names = [*names, GROUP]
    if not rows and not ragged:
        if not none_yet or headless:
            raise TableError(
                "has a header but no rows", where=found.file, remedy="Add rows, or remove the file."
            )
        notes.append(f"holds no rows: read as {none_yet}")
    cells: Iterable[Sequence[object]] = zip(*rows, strict=True) if rows else [()] * len(names)
    columns = dict(zip(names, map(list, cells), strict=True))
    return Source(
        found.file, found.sha256, columns, kept, tuple(ragged), tuple(notes), tuple(names),
        width, headless=headless, title=title, since_1904=found.since_1904,
    )  # fmt: skip


def _rows(
    records: list[Sequence[object]], lines: list[int], width: int, mapped: bool
) -> tuple[list[Sequence[object]], list[int], list[RaggedRow]]:
    if set(map(len, records)) == {width} and all(map(any, records)):
        return list(records), list(lines), []
    rows: list[Sequence[object]] = []
    kept: list[int] = []
    ragged: list[RaggedRow] = []
    for record, line in zip(records, lines, strict=True):
        row = record if len(record) == width else _fitted(record, width, mapped)
        if row is None:
            ragged.append(RaggedRow(line, tuple(map(_cell_text, record))))
        elif any(row) or any(cell is not None and cell != "" for cell in row):
            rows.append(row)
            kept.append(line)
    return rows, kept, ragged


def _header_row(records: list[Sequence[object]], expected: Collection[str]) -> int | None:
    window = records[:_HEADER_WINDOW]
    first = next((i for i, record in enumerate(window) if _trimmed(record)), None)
    most, at = best_header(window, expected)
    return at if most else first


def _second_header(
    records: list[Sequence[object]], at: int, expected: Collection[str]
) -> list[str]:
    """A second header line, as below a merged cell: it names columns that the first leaves open."""
    if at + 1 >= len(records) or header_hits(records[at + 1], expected) < 2:
        return []
    first = [_cell_text(cell) for cell in records[at]]
    below = [_cell_text(cell) for cell in _trimmed(records[at + 1])]
    names_more = any(text and not "".join(first[i : i + 1]) for i, text in enumerate(below))
    return below if names_more and not _is_data(records[at + 1]) else []


def _is_data(record: Sequence[object]) -> bool:
    """A header has neither a day nor an amount in it; a row of data has both."""
    texts = [_cell_text(cell) for cell in record]
    days = {i for i, text in enumerate(texts) if looks_like_day(text)}
    return bool(days) and any(
        looks_like_number(text) for i, text in enumerate(texts) if i not in days
    )


def _without_copies(file: str, names: list[str], records: Sequence[Sequence[object]]) -> list[str]:
    """A column that stands twice with the same cells is one; with others it is refused."""
    while repeated := repeated_headers(names):
        first, second = [i for i, name in enumerate(names) if name in repeated][:2]
        if names[first] == names[second] and all(
            row[first] == row[second] for row in records if len(row) > second
        ):
            names[second] = ""
            continue
        alike = len(set(repeated)) == 1
        shown = f"'{repeated[0]}'" if alike else " and ".join(f"'{name}'" for name in repeated)
        raise TableError(
            f"has the column {shown} {len(repeated)} times" if alike
            else f"has the columns {shown}, equal but for case",
            where=file,
            remedy="Rename or remove one of them.",
        )  # fmt: skip
    return names


def _fitted(record: Sequence[object], width: int, mapped: bool) -> Sequence[object] | None:
    """Pad or trim a row whose difference from the header is only empty cells; else None."""
    trimmed = _trimmed(record)
    if not trimmed:
        return [""] * width
    if len(record) > width and len(trimmed) <= width:
        return record[:width]
    if mapped and len(trimmed) <= width and is_group_line(trimmed):
        return [*trimmed, *[""] * (width - len(trimmed))]
    return None


def _trimmed(record: Iterable[object]) -> list[object]:
    cells = list(record)
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()
    return cells


def _cell_text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
