"""A client's table as it is being edited: its cells as text, what is wrong with each, saving.

Nothing here reads differently from ``techalign check``: the cells are written as the file would
hold them and read as a file is. What has an error is not saved, and the version before is kept.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from techalign.client.folder import find_table, read_profile
from techalign.client.references import REGISTERS, check_references
from techalign.errors import InputError, TableError
from techalign.intake.delimited import csv_records
from techalign.intake.read import read_table
from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import Table
from techalign.storage import file_names, make_folder, read_inside, write_whole

__all__ = ["LONGEST", "PREVIOUS", "Problem", "Sheet", "open_sheet", "problems_of", "save_sheet"]

LONGEST = 1_000
"""Rows that can be edited in a notebook; a spreadsheet serves better beyond."""

PREVIOUS = ".previous"
"""Folder, in the client's, that holds each table as it was before it was last saved."""


@dataclass(frozen=True)
class Problem:
    """What is wrong: in which row (from 0) and column, and why; row -1 for the table as a whole."""

    row: int
    column: str
    reason: str


@dataclass(frozen=True, kw_only=True)
class Sheet:
    """One table's cells.

    Attributes
    ----------
    name : str
        The table.
    folder : Path
        The client's.
    header : tuple of str
    rows : tuple of tuple of str
        As long as the header, each.
    read : bytes
        The file as it was when it was opened; empty for one that is not there yet.
    """

    name: str
    folder: Path
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    read: bytes

    @property
    def path(self) -> Path:
        """Its file."""
        return self.folder / f"{self.name}.csv"

    def text(self, rows: Sequence[Sequence[str]]) -> str:
        """The file that would hold these rows; empty ones are left out."""
        out = io.StringIO(newline="")
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self.header)
        writer.writerows([" ".join(cell.split()) for cell in row] for row in rows if any(row))
        return out.getvalue()


def open_sheet(clients_dir: Path, client: str, name: str) -> Sheet:
    """Open a client's table for editing.

    Parameters
    ----------
    clients_dir : Path
    client : str
    name : str
        The table; one that is not there yet has its columns and no row.

    Returns
    -------
    Sheet

    Raises
    ------
    TableError
        If it is no plain CSV file with commas, or longer than :data:`LONGEST`.
    """
    folder = clients_dir / client
    path = find_table(folder, name, file_names(folder))
    if path is None:
        columns = tuple(ROW_MODELS[name].model_fields)
        return Sheet(name=name, folder=folder, header=columns, rows=(), read=b"")
    where = f"{client}/{path.name}"
    if path.name != f"{name}.csv":
        raise TableError(
            "is not a CSV file, so it cannot be edited here", where=where,
            remedy="Edit it where it was made, or save it as CSV.",
        )  # fmt: skip
    data = read_inside(path, folder)
    notes: list[str] = []
    records, _ = csv_records(where, data, notes)
    if not any("delimiter comma" in note for note in notes) or data[:2] in (
        b"\xff\xfe",
        b"\xfe\xff",
    ):
        raise TableError(
            "is not separated by commas, so it cannot be edited here", where=where,
            remedy="Edit it where it was made.",
        )  # fmt: skip
    header, *rows = ([str(cell) for cell in record] for record in records)
    if len(rows) > LONGEST:
        raise TableError(
            f"has {len(rows):,} rows; up to {LONGEST:,} can be edited here", where=where,
            remedy="Edit it in a spreadsheet.",
        )  # fmt: skip
    if any(len(row) != len(header) for row in rows):
        raise TableError(
            "has rows of different lengths, so it cannot be edited here", where=where,
            remedy=f"Mend it first: techalign check {client}.",
        )  # fmt: skip
    return Sheet(
        name=name, folder=folder, header=tuple(header), rows=tuple(map(tuple, rows)), read=data
    )


def problems_of(sheet: Sheet, rows: Sequence[Sequence[str]]) -> tuple[Problem, ...]:
    """What ``techalign check`` would say of these rows, cell by cell.

    Parameters
    ----------
    sheet : Sheet
    rows : sequence of sequence of str

    Returns
    -------
    tuple of Problem
        In the order of the rows.
    """
    try:
        table = _read(sheet, rows)
    except InputError as error:
        return (Problem(-1, "", str(error)),)
    # the file's lines, of which the first is the header's, back to rows: empty ones are not in it
    there = [number for number, row in enumerate(rows) if any(row)]
    found = (
        Problem(there[line - 2] if 0 <= line - 2 < len(there) else -1, str(column), str(reason))
        for line, column, reason in zip(
            table.quarantine["line"].astype(int), table.quarantine["column"],
            table.quarantine["reason"], strict=True,
        )
    )  # fmt: skip
    return tuple(sorted(found, key=lambda each: (each.row, each.column)))


def _read(sheet: Sheet, rows: Sequence[Sequence[str]]) -> Table:
    """The rows as a report would read them, references to the client's other tables included."""
    profile = read_profile(sheet.folder)
    given: Mapping[str, bytes] = {sheet.name: sheet.text(rows).encode()}
    present = file_names(sheet.folder)
    found = {}
    register = REGISTERS.get(sheet.name)
    for name in (sheet.name, *([register] if register else [])):
        path = find_table(sheet.folder, name, present) if name not in given else sheet.path
        if path is None:
            continue
        data = given.get(name) or read_inside(path, sheet.folder)
        found[name] = read_table(
            name, f"{sheet.folder.name}/{path.name}", data, currency=profile.currency,
            date_order=profile.reading.date_order, decimal=profile.reading.decimal,
        )  # fmt: skip
    day = max(dt.date.today(), profile.as_of or dt.date.today())
    return check_references(found, day)[sheet.name]


def save_sheet(sheet: Sheet, rows: Sequence[Sequence[str]]) -> Sheet:
    """Save the rows, whole or not at all; the version before is kept.

    Parameters
    ----------
    sheet : Sheet
        As it was opened.
    rows : sequence of sequence of str

    Returns
    -------
    Sheet
        As it lies there now.

    Raises
    ------
    TableError
        If a row cannot be read, or somebody else has changed the file since it was opened.
    """
    where = f"{sheet.folder.name}/{sheet.path.name}"
    wrong = problems_of(sheet, rows)
    if wrong:
        first = wrong[0]
        at = f"row {first.row + 1}, column '{first.column}'" if first.row >= 0 else "the table"
        raise TableError(
            f"is not saved: {at}: {first.reason}", where=where,
            remedy=f"Mend what is wrong ({len(wrong)}).",
        )  # fmt: skip
    now = sheet.path.read_bytes() if sheet.path.exists() else b""
    if now != sheet.read:
        raise TableError("has been changed by somebody else", where=where, remedy="Open it again.")
    text = sheet.text(rows)
    if now:
        before = sheet.folder / PREVIOUS
        make_folder(before)
        # bytes, as they were: the file need not be UTF-8
        part = before / f".{sheet.path.name}.part"
        part.write_bytes(now)
        part.replace(before / sheet.path.name)
    write_whole(sheet.path, text)
    kept = tuple(tuple(" ".join(c.split()) for c in row) for row in rows if any(row))
    return Sheet(
        name=sheet.name, folder=sheet.folder, header=sheet.header, rows=kept, read=text.encode()
    )
