"""From a file's bytes to raw cells with their line numbers: CSV, XLSX and Parquet.

Nothing is interpreted here but the container: encoding, delimiter, sheet, header line.
What was settled is kept as notes, so that a person can see how the file was read.
"""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import zlib
from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath

from techalign.errors import TableError
from techalign.storage import LARGEST

__all__ = ["RaggedRow", "Source", "read_source"]

DELIMITERS = ",;\t|"
_DELIMITER_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}
WIDEST = 2_000
"""Columns of a sheet; a table has a few dozen, and a stray cell may lie at the 16,384th."""
LONGEST_GAP = 10_000
"""Empty rows within a sheet, beyond which what follows is a stray cell."""
_HEADER_WINDOW = 30  # bank exports put account lines above the header
_SAMPLE_LINES = 60


@dataclass(frozen=True)
class RaggedRow:
    """A row whose number of fields is not the header's."""

    line: int
    cells: tuple[str, ...]


@dataclass(frozen=True)
class Source:
    """The raw cells of one file.

    ``columns`` maps each header to its cells (text from CSV, native values from XLSX and
    Parquet); ``lines`` gives each row's line in the file, from 1; ``ragged`` holds the rows
    that do not fit the header; ``notes`` says how the file was read.
    """

    file: str
    sha256: str
    columns: dict[str, list[object]]
    lines: list[int]
    ragged: tuple[RaggedRow, ...] = ()
    notes: tuple[str, ...] = ()
    header: tuple[str, ...] = field(default=())


def read_source(
    file: str, data: bytes, *, sheet: str = "", expected: Collection[str] = ()
) -> Source:
    """Read a file's bytes into raw cells.

    Parameters
    ----------
    file : str
        Name shown in errors; its ending tells the kind (``.csv .tsv .txt .xlsx .parquet``,
        each but the last two also with ``.gz``).
    data : bytes
        The file's content.
    sheet : str
        Sheet to prefer in a workbook; the first one where there is none of that name.
    expected : collection of str
        Headers hoped for, used to find the header below a preamble.

    Returns
    -------
    Source

    Raises
    ------
    TableError
        If the file is empty, has no rows, or is not what its ending says.
    """
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


def _read(file: str, data: bytes, sheet: str, expected: Collection[str]) -> Source:
    digest = hashlib.sha256(data).hexdigest()
    suffixes = [part.lower() for part in PurePosixPath(file).suffixes]
    if suffixes and suffixes[-1] == ".gz":
        data = _gunzip(file, data)
        suffixes.pop()
    kind = suffixes[-1] if suffixes else ".csv"
    notes: list[str] = []
    if kind in {".xlsx", ".xlsm"}:
        records, lines = _xlsx_records(file, data, sheet)
    elif kind == ".parquet":
        records, lines = _parquet_records(file, data)
    elif kind in {".csv", ".tsv", ".txt"}:
        records, lines = _csv_records(file, data, notes)
    else:
        raise TableError(
            f"has an ending that is not read here: {kind}",
            where=file,
            remedy="Save it as .csv, .xlsx or .parquet.",
        )
    return _shape(file, digest, records, lines, expected, notes)


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


def _csv_records(
    file: str, data: bytes, notes: list[str]
) -> tuple[list[Sequence[object]], list[int]]:
    text, encoding = _decode(file, data)
    notes.append(f"encoding {encoding}")
    delimiter = _delimiter(text)
    notes.append(f"delimiter {_DELIMITER_NAMES[delimiter]}")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    records: list[Sequence[object]] = []
    ends = [0]
    try:
        for record in reader:
            records.append(record)
            ends.append(reader.line_num)
    except csv.Error as error:
        raise TableError(
            f"cannot be read as CSV: {error}",
            where=f"{file}:{reader.line_num}",
            remedy="Look at the quotation marks on that line.",
        ) from error
    # a quoted cell can span lines: the row is where it starts
    return records, [end + 1 for end in ends[:-1]]


def _decode(file: str, data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        try:
            return data.decode("utf-16"), "UTF-16"
        except UnicodeDecodeError as error:
            raise TableError(
                f"is not whole UTF-16 text: {error.reason} at byte {error.start}", where=file,
                remedy="Export it again, as UTF-8 if there is a choice.",
            ) from error  # fmt: skip
    if b"\x00" in data[:4096]:
        raise TableError(
            "holds binary data, not text",
            where=file,
            remedy="If it is a spreadsheet, give it the ending .xlsx.",
        )
    try:
        return data.decode("utf-8-sig"), "UTF-8"
    except UnicodeDecodeError:
        # cp1252 is what Windows programs write when it is not UTF-8; its five unassigned
        # bytes are kept as replacement characters and so end up visible, not lost
        return data.decode("cp1252", errors="replace"), "Windows-1252"


def _delimiter(text: str) -> str:
    """Choose the delimiter that splits most sample lines into the same number of cells."""
    sample = text[:65536].splitlines()[:_SAMPLE_LINES]

    def score(delimiter: str) -> tuple[int, int]:
        widths = Counter(len(row) for row in csv.reader(sample, delimiter=delimiter) if row)
        width, rows = max(widths.items(), key=lambda item: (item[0] > 1, item[1]), default=(1, 0))
        return (rows if width > 1 else 0, width)

    return max(DELIMITERS, key=score)


def _xlsx_records(file: str, data: bytes, sheet: str) -> tuple[list[Sequence[object]], list[int]]:
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
    if not book.worksheets:
        raise TableError("holds no sheet with cells", where=file, remedy="Save a sheet of cells.")
    page = book[sheet] if sheet in book.sheetnames else book.worksheets[0]
    page.reset_dimensions()  # what a workbook says of its extent need not be true
    rows: list[tuple[object, ...]] = []
    empty = 0
    for row in page.iter_rows(values_only=True):
        cells = tuple(_trimmed(row))
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
    book.close()
    width = max(map(len, rows), default=0)  # a sheet's rows may end at their last filled cell
    records: list[Sequence[object]] = [row + (None,) * (width - len(row)) for row in rows]
    return records, list(range(1, len(records) + 1))


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


def _shape(
    file: str,
    digest: str,
    records: list[Sequence[object]],
    lines: list[int],
    expected: Collection[str],
    notes: list[str],
) -> Source:
    at = _header_row(records, expected)
    if at is None:
        raise TableError("has no header line", where=file, remedy="Export it again.")
    if at:
        notes.append(f"header on line {lines[at]}")
    header = _trimmed(records[at])
    names = [_cell_text(cell) for cell in header]
    _check_header(file, names)
    width = len(names)
    rows: list[Sequence[object]] = []
    kept: list[int] = []
    ragged: list[RaggedRow] = []
    for record, line in zip(records[at + 1 :], lines[at + 1 :], strict=True):
        row = record if len(record) == width else _fitted(record, width)
        if row is None:
            ragged.append(RaggedRow(line, tuple(map(_cell_text, record))))
        elif any(row) or any(cell is not None and cell != "" for cell in row):
            rows.append(row)
            kept.append(line)
    blank = len(records) - at - 1 - len(rows) - len(ragged)
    if blank:
        notes.append(f"{blank} lines without any value passed over")
    if not rows and not ragged:
        raise TableError(
            "has a header but no rows", where=file, remedy="Add rows, or remove the file."
        )
    cells: Iterable[Sequence[object]] = zip(*rows, strict=True) if rows else [()] * width
    columns = dict(zip(names, map(list, cells), strict=True))
    return Source(file, digest, columns, kept, tuple(ragged), tuple(notes), tuple(names))


def _header_row(records: list[Sequence[object]], expected: Collection[str]) -> int | None:
    wanted = {name.casefold() for name in expected}
    best: tuple[int, int] | None = None
    for i, record in enumerate(records[:_HEADER_WINDOW]):
        if not _trimmed(record):
            continue
        hits = len(wanted & {_cell_text(cell).casefold() for cell in record})
        if best is None or hits > best[0]:
            best = (hits, i)
    return None if best is None else best[1]


def _check_header(file: str, names: list[str]) -> None:
    for name, count in Counter(names).items():
        if count > 1 and name:
            raise TableError(
                f"has the column '{name}' {count} times",
                where=file,
                remedy="Rename or remove one of them.",
            )


def _fitted(record: Sequence[object], width: int) -> Sequence[object] | None:
    """Pad or trim a row whose difference from the header is only empty cells; else None."""
    trimmed = _trimmed(record)
    if not trimmed:
        return [""] * width
    if len(record) > width and len(trimmed) <= width:
        return record[:width]
    return None


def _trimmed(record: Iterable[object]) -> list[object]:
    cells = list(record)
    while cells and (cells[-1] is None or cells[-1] == ""):
        cells.pop()
    return cells


def _cell_text(cell: object) -> str:
    return "" if cell is None else str(cell).strip()
