"""The questionnaire as a sheet: questions in plain words, what each end means, answers so far."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import pandas as pd

from techalign.client.folder import find_table, load_client
from techalign.client.reference import load_reference
from techalign.errors import TableError
from techalign.storage import file_names, spreadsheet_safe, write_whole

__all__ = ["write_questionnaire"]

_COLUMNS = (
    "item", "question", "lowest", "highest", "level", "evidence", "date", "assessor",
)  # fmt: skip
_KINDS = ("csv", "xlsx")


def write_questionnaire(clients_dir: Path, client: str, kind: str = "xlsx") -> Path:
    """Write a client's questionnaire into its folder, filled in with the answers there are.

    Questions without an answer come last, in their order. The sheet is read back as the client's
    table of answers.

    Parameters
    ----------
    clients_dir : Path
        The folder of client folders.
    client : str
    kind : str
        "xlsx" or "csv".

    Returns
    -------
    Path
        ``assessment.xlsx`` or ``assessment.csv`` in the client's folder.

    Raises
    ------
    TableError
        If the kind is another one, the answers there are lie in a file of another kind, or some
        of them could not be read and would be lost.

    Examples
    --------
    >>> import tempfile
    >>> from techalign.client.create import create_client
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = create_client(Path(folder), "acme", name="Acme", currency="USD")
    ...     written = write_questionnaire(Path(folder), "acme", "csv")
    ...     book = load_client(folder, "acme", tables=["assessment"])
    ...     answered = int(book.table("assessment")["level"].notna().sum())
    >>> written.name, answered
    ('assessment.csv', 0)
    """
    folder = clients_dir / client
    if kind not in _KINDS:
        raise TableError("is no kind of sheet", where="questionnaire", value=kind,
                         remedy="It can be csv or xlsx.")  # fmt: skip
    book = load_client(clients_dir, client, tables=["assessment"])
    there = find_table(folder, "assessment", file_names(folder))
    place = folder / f"assessment.{kind}"
    if there is not None and there.name != place.name:
        raise TableError(
            "holds the answers so far", where=f"{client}/{there.name}",
            remedy=f"Ask for {there.suffix.removeprefix('.')}, or remove it.",
        )  # fmt: skip
    if there is not None and len(book.tables["assessment"].quarantine):
        raise TableError(
            "has answers that cannot be read and would be lost", where=f"{client}/{there.name}",
            remedy=f"See 'techalign check {client}' and put them right.",
        )  # fmt: skip
    rows = _rows(book.table("assessment"), load_reference().assessment_items)
    if kind == "csv":
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([_COLUMNS, *rows])
        write_whole(place, text.getvalue())
    else:
        _write_sheet(place, rows)
    return place


def _rows(given: pd.DataFrame, items: pd.DataFrame) -> list[list[str]]:
    """One row an answer, then one a question nobody has answered."""
    asked = items.set_index("item")[["question", "lowest", "highest"]]
    rows = []
    for _, row in given.iterrows():
        said = asked.loc[row["item"]].tolist() if row["item"] in asked.index else ["", "", ""]
        level = "" if pd.isna(row["level"]) else f"{int(row['level'])}"
        day = "" if pd.isna(row["date"]) else f"{row['date']:%Y-%m-%d}"
        rows.append([row["item"], *said, level, row["evidence"], day, row["assessor"]])
    answered = set(given["item"])
    rows += [[str(name), *asked.loc[name].tolist(), "", "", "", ""]
             for name in asked.index if name not in answered]  # fmt: skip
    return [[str(spreadsheet_safe(cell)) for cell in row] for row in rows]


def _write_sheet(place: Path, rows: list[list[str]]) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Questions"
    sheet.append(list(_COLUMNS))
    for row in rows:
        sheet.append([int(cell) if column == "level" and cell else cell or None
                      for column, cell in zip(_COLUMNS, row, strict=True)])  # fmt: skip
    for letter, width in zip("ABCDEFGH", (18, 52, 30, 36, 8, 30, 12, 16), strict=True):
        sheet.column_dimensions[letter].width = width
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    workbook.save(place)
