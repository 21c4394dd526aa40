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

_COLUMNS = ("item", "question", "levels", "level", "evidence", "date", "assessor")
_WIDTHS = (18, 44, 46, 8, 30, 12, 16)
_LEVELS = ("lowest", "level_1", "level_2", "level_3", "level_4", "highest")
_KINDS = ("csv", "xlsx")
_HOW = (
    "Twenty minutes are enough. Answer what you know, in any order.",
    "Level: the number before the words that fit best, 0 to 5. Leave it empty if you do not know: "
    "that is not counted as 0.",
    "Evidence: what shows it, in a few words: a document, a name, something that was done. An "
    "answer without it does not count.",
    "Date: the day of what shows it, as 2026-05-20. An answer counts for twelve months.",
    "Assessor: who answered. Two people may answer the same question: copy its row.",
)
"""How to answer, on a sheet of its own."""


def write_questionnaire(clients_dir: Path, client: str, kind: str = "") -> Path:
    """Write a client's questionnaire into its folder, filled in with the answers there are.

    Questions without an answer come last, in their order. The sheet is read back as the client's
    table of answers.

    Parameters
    ----------
    clients_dir : Path
        The folder of client folders.
    client : str
    kind : str
        "xlsx" or "csv"; "" for that of the answers there are, or "xlsx".

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
    there = find_table(folder, "assessment", file_names(folder))
    if not kind:
        before = "" if there is None else there.suffix.removeprefix(".")
        kind = before if before in _KINDS else "xlsx"
    if kind not in _KINDS:
        raise TableError("is no kind of sheet", where="questionnaire", value=kind,
                         remedy="It can be csv or xlsx.")  # fmt: skip
    book = load_client(clients_dir, client, tables=["assessment"])
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
    each = items[list(_LEVELS)].to_numpy().tolist()
    levels = ["\n".join(f"{k} {words}" for k, words in enumerate(row)) for row in each]
    asked = items.set_index("item")[["question"]].assign(levels=levels)
    rows = []
    for _, row in given.iterrows():
        said = asked.loc[row["item"]].tolist() if row["item"] in asked.index else ["", ""]
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
    from openpyxl.worksheet.datavalidation import DataValidation

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Questions"
    sheet.append(list(_COLUMNS))
    for row in rows:
        sheet.append([int(cell) if column == "level" and cell else cell or None
                      for column, cell in zip(_COLUMNS, row, strict=True)])  # fmt: skip
    for letter, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    sheet.freeze_panes = "A2"
    choice = DataValidation(
        type="whole", operator="between", formula1="0", formula2="5", allow_blank=True,
        errorTitle="A level", error="A whole number from 0 to 5, or nothing.",
    )  # fmt: skip
    sheet.add_data_validation(choice)
    choice.add(f"D2:D{len(rows) + 200}")
    how = workbook.create_sheet("How to answer")
    how.column_dimensions["A"].width = 100
    for line in _HOW:
        how.append([line])
        how.cell(how.max_row, 1).alignment = Alignment(wrap_text=True, vertical="top")
    workbook.save(place)
