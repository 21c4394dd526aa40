"""Tables to bytes, in the manner of a client's programs, the same bytes every time."""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
import zipfile
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.parquet as pq
from openpyxl import Workbook

from recipes.blocks import Cells
from recipes.recipe import AS_OF, Dialect
from techalign.intake.columns import field_kind
from techalign.intake.rows import ROW_MODELS

__all__ = ["columns_of", "file_bytes", "kind_of", "localised"]

_STAMP = dt.datetime(AS_OF.year, AS_OF.month, AS_OF.day)


def columns_of(table: str, rows: Sequence[Cells]) -> list[str]:
    """Give the columns that a table's rows use, in the order of the row model."""
    return [name for name in ROW_MODELS[table].model_fields if any(name in row for row in rows)]


def kind_of(table: str, column: str) -> str:
    """Tell whether a column holds a ``date``, a ``number`` or ``text``."""
    kind = field_kind(ROW_MODELS[table], column)
    if kind == "date":
        return "date"
    return "number" if kind in {"money", "float", "int"} else "text"


def localised(table: str, column: str, cell: str, dialect: Dialect, *, native: bool) -> object:
    """Turn a cell (``2025-03-01``, ``1234.50``) into what the client's program would write."""
    kind = kind_of(table, column)
    if not cell or kind == "text":
        return (cell or None) if native else cell
    if kind == "date":
        day = dt.date.fromisoformat(cell)
        return day if native else day.strftime(dialect.date)
    if native:
        return int(cell) if re.fullmatch(r"-?\d+", cell) else float(cell)
    return cell.replace(".", dialect.decimal)


def file_bytes(
    ending: str, columns: Sequence[str], rows: Sequence[Sequence[object]], dialect: Dialect
) -> bytes:
    """Write rows in the format an ending stands for.

    Parameters
    ----------
    ending : str
        ``csv``, ``tsv``, ``xlsx`` or ``parquet``.
    columns : sequence of str
        Header.
    rows : sequence of sequences
        Cells; text for ``csv`` and ``tsv``, native values otherwise.
    dialect : Dialect
        Encoding, delimiter and line ends.

    Returns
    -------
    bytes
    """
    if ending == "xlsx":
        return _workbook(columns, rows)
    if ending == "parquet":
        return _parquet(columns, rows)
    out = io.StringIO(newline="")
    delimiter = "\t" if ending == "tsv" else dialect.delimiter
    writer = csv.writer(out, delimiter=delimiter, lineterminator=dialect.newline)
    writer.writerow(columns)
    writer.writerows(rows)
    return out.getvalue().encode(dialect.encoding)


def _workbook(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    book = Workbook()
    sheet = book.active
    sheet.title = "Ledger"
    sheet.append(list(columns))
    for row in rows:
        sheet.append(list(row))
    for cells in sheet.iter_rows(min_row=2, max_col=1):
        cells[0].number_format = "mm/dd/yyyy"
    book.properties.creator = "bookkeeping"
    book.properties.created = _STAMP
    first = io.BytesIO()
    book.save(first)
    return _without_clock(first.getvalue())


def _without_clock(data: bytes) -> bytes:
    """Set every time in a workbook to one day, and store it so that no zlib matters."""
    out = io.BytesIO()
    stamp = _STAMP.strftime("%Y-%m-%dT%H:%M:%SZ").encode()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w") as new:
        for name in sorted(old.namelist()):
            content = old.read(name)
            if name == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:modified[^>]*>)[^<]*", rb"\g<1>" + stamp, content)
            entry = zipfile.ZipInfo(name, date_time=_STAMP.timetuple()[:6])
            entry.create_system = 3
            new.writestr(entry, content)
    return out.getvalue()


def _parquet(columns: Sequence[str], rows: Sequence[Sequence[object]]) -> bytes:
    table = pa.table({name: [row[i] for row in rows] for i, name in enumerate(columns)})
    out = io.BytesIO()
    pq.write_table(table, out, compression="none", version="2.6", store_schema=False)
    return out.getvalue()
