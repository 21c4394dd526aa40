"""The questionnaire as a sheet: questions in plain words, what each end means, answers so far."""

from __future__ import annotations

import csv
import io
from collections.abc import Hashable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from techalign.client.folder import find_table, load_client
from techalign.client.people import HIGHEST, people_asked
from techalign.client.reference import load_reference
from techalign.errors import TableError
from techalign.storage import file_names, spreadsheet_safe, write_whole

__all__ = ["write_questionnaire"]

_COLUMNS = (
    "item", "question", "levels", "level", "evidence", "date", "assessor", "count", "gets", "gives",
)  # fmt: skip
_WIDTHS = (18, 44, 40, 8, 30, 12, 16, 10, 24, 24)
_OF_PEOPLE = ("count", "gets", "gives")
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
    "Count, gets, gives: only in the rows on people, whose names begin with people_. Count: how "
    "many there are, roughly. Gets and gives: a word or two of what they get from you and give "
    "you. In the grey cells nothing is asked.",
)
"""How to answer, on a sheet of its own."""


def write_questionnaire(clients_dir: Path, client: str, kind: str = "") -> Path:
    """Write a client's questionnaire into its folder, filled in with the answers there are.

    Questions without an answer come last, in their order, the seven on people at the end; those
    are filled in from the client's players where it has some. The sheet is read back as the
    client's table of answers, and its rows on people as players.

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
    book = load_client(clients_dir, client, tables=["assessment", "players"])
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
    answers, players = book.table("assessment"), book.table("players")
    rows = _rows(answers, players, load_reference().assessment_items)
    if kind == "csv":
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\n").writerows([_COLUMNS, *rows])
        write_whole(place, text.getvalue())
    else:
        _write_sheet(place, rows)
    return place


def _rows(given: pd.DataFrame, players: pd.DataFrame, items: pd.DataFrame) -> list[list[str]]:
    """One row an answer, then one a question nobody has answered."""
    each = items[list(_LEVELS)].to_numpy().tolist()
    levels = ["\n".join(f"{k} {words}" for k, words in enumerate(row) if words) for row in each]
    asked = items.set_index("item")[["question"]].assign(levels=levels)
    rows = []
    for _, row in given.iterrows():
        said = asked.loc[row["item"]].tolist() if row["item"] in asked.index else ["", ""]
        people = [row["gets"], row["gives"]]
        rows.append([row["item"], *said, *_cells(row["level"], row["evidence"], row["date"]),
                     row["assessor"], _whole(row["count"]), *people])  # fmt: skip
    answered = set(given["item"])
    known = {row["player"]: row for row in players.to_dict("records")}
    for name in (name for name in asked.index if name not in answered):
        player = people_asked(name)
        filled = [""] * 7 if player not in known else _written(known[player])
        rows.append([str(name), *asked.loc[name].tolist(), *filled])
    rows.sort(key=lambda row: people_asked(row[0]) != "")
    return [[str(spreadsheet_safe(cell)) for cell in row] for row in rows]


def _written(row: dict[Hashable, Any]) -> list[str]:
    """What stands in the players table of one kind of people, as an answer."""
    level = row["health"] * HIGHEST
    rounded = level if pd.isna(level) else float(np.floor(level + 0.5))
    return [*_cells(rounded, row["evidence"], row["asked"]), "", _whole(row["count"]),
            row["gets"], row["gives"]]  # fmt: skip


def _cells(level: float, evidence: str, date: pd.Timestamp) -> list[str]:
    return [_whole(level), evidence, "" if pd.isna(date) else f"{date:%Y-%m-%d}"]


def _whole(number: float) -> str:
    return "" if pd.isna(number) else f"{int(number)}"


def _nothing_asked(row: list[str]) -> tuple[str, ...]:
    """Columns that a row asks nothing in."""
    player = people_asked(row[0])
    if not player:
        return _OF_PEOPLE
    return ("level", "gets", "gives") if player == "suspects" else ()


def _write_sheet(place: Path, rows: list[list[str]]) -> None:
    from openpyxl import Workbook
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    workbook = Workbook()
    sheet = workbook.active
    sheet.title = "Questions"
    sheet.append(list(_COLUMNS))
    for row in rows:
        sheet.append([int(cell) if column in ("level", "count") and cell else cell or None
                      for column, cell in zip(_COLUMNS, row, strict=True)])  # fmt: skip
    for letter, width in zip("ABCDEFGHIJ", _WIDTHS, strict=True):
        sheet.column_dimensions[letter].width = width
    for cells in sheet.iter_rows():
        for cell in cells:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    grey = PatternFill("solid", fgColor="E4E4E4")
    for number, row in enumerate(rows, 2):
        for name in _nothing_asked(row):
            sheet.cell(number, _COLUMNS.index(name) + 1).fill = grey
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
