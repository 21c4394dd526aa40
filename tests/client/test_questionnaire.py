"""The questionnaire is written, read back, and written again without losing an answer."""

import csv
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from techalign.client import load_client, load_reference
from techalign.client.people import PEOPLE
from techalign.client.questionnaire import write_questionnaire
from techalign.errors import TableError
from tests.example_client import example_client


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_all_questions_are_asked_and_answers_stay(tmp_path: Path, kind: str) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    if kind == "xlsx":
        (folder / "assessment.csv").unlink()
    place = write_questionnaire(tmp_path, "acme", kind)
    before = load_client(tmp_path, "acme", tables=["assessment"]).table("assessment")
    assert set(load_reference().assessment_items["item"]) <= set(before["item"])
    again = write_questionnaire(tmp_path, "acme", kind)
    assert again == place
    after = load_client(tmp_path, "acme", tables=["assessment"]).table("assessment")
    assert before.equals(after)
    unanswered = after[after["level"].isna()]
    assert len(unanswered) >= len(after) - 7  # not answered is not zero


def test_a_filled_in_sheet_is_read(tmp_path: Path) -> None:
    (example_client(tmp_path, "acme", name="Acme", currency="USD") / "assessment.csv").unlink()
    place = write_questionnaire(tmp_path, "acme")
    book = openpyxl.load_workbook(place)
    book.active["D2"], book.active["E2"], book.active["F2"] = 4, "plan of May", "2026-05-20"
    book.save(place)
    read = load_client(tmp_path, "acme", tables=["assessment"]).table("assessment")
    assert read["level"].iloc[0] == 4
    write_questionnaire(tmp_path, "acme")
    kept = load_client(tmp_path, "acme", tables=["assessment"]).table("assessment")
    assert kept["evidence"].iloc[0] == "plan of May"


def test_nothing_is_overwritten_that_could_not_be_read(tmp_path: Path) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    with pytest.raises(TableError, match="answers so far"):
        write_questionnaire(tmp_path, "acme", "xlsx")
    (folder / "assessment.csv").write_text("item,level,evidence,date\nkpi,seven,x,2026-05-20\n")
    with pytest.raises(TableError, match="lost"):
        write_questionnaire(tmp_path, "acme", "csv")
    with pytest.raises(TableError, match="kind"):
        write_questionnaire(tmp_path, "acme", "doc")


WRITTEN = {
    "2 - now and then": 2, "3": 3, "4 – most": 4, 5.0: 5, "0": 0, " 3 ": 3, "level 2": 2,
    "4/5": 4, "1 not really": 1, "2: a list": 2, "3 of 5": 3, "n/a": None, "?": None,
    "don’t know": None,
}  # fmt: skip
"""A level as people write it, and what it says."""


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_sheet_that_people_have_worked_on_is_read(tmp_path: Path, kind: str) -> None:
    """Rows moved, blank rows, a title above, a column more, numbers and days as text."""
    (example_client(tmp_path, "acme", name="Acme", currency="USD") / "assessment.csv").unlink()
    place = write_questionnaire(tmp_path, "acme", kind)
    head, body = _sheet(place)
    asked = {}
    for row, (written, level) in zip(body, WRITTEN.items(), strict=False):
        row[3:7] = [written, "seen", "2026-05-20", "Dana"]
        asked[row[0]] = level
    body.reverse()
    body.insert(3, [None] * len(head))
    head, body = [*head, "remarks"], [[*row, None] for row in body]
    _put(place, [["Acme, spring"], [], head, *body])
    read = load_client(tmp_path, "acme", tables=["assessment"])
    assert not len(read.tables["assessment"].quarantine)
    levels = read.table("assessment").set_index("item")["level"]
    for item, level in asked.items():
        found = levels.get(item)
        assert found == level or (level is None and (found is None or found != found)), item
    before = _in_order(read.table("assessment"))
    assert write_questionnaire(tmp_path, "acme") == place  # of the kind that is there
    after = load_client(tmp_path, "acme", tables=["assessment"]).table("assessment")
    assert before.equals(_in_order(after))


@pytest.mark.parametrize("written", ["sometimes", "7", "2-3", "-1", "2.5", "2 or 3", "2 2"])
def test_what_is_no_level_is_never_guessed(tmp_path: Path, written: str) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    (folder / "assessment.csv").write_text(
        f"item,level,evidence,date\nkpi,{written},x,2026-05-20\nroadmap,3,x,2026-05-20\n"
    )
    table = load_client(tmp_path, "acme", tables=["assessment"]).tables["assessment"]
    assert len(table.quarantine) == 1
    assert table.clean["item"].tolist() == ["roadmap"]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_days_are_read_as_owners_write_them(tmp_path: Path, kind: str) -> None:
    (example_client(tmp_path, "acme", name="Acme", currency="USD") / "assessment.csv").unlink()
    place = write_questionnaire(tmp_path, "acme", kind)
    head, body = _sheet(place)
    march = ("3 March 2026", "03.03.2026", "March 3, 2026", "2026-03-03")
    days = (*march, "13/03/2026", "in spring")
    for row, day in zip(body, days, strict=False):
        row[3:7] = ["3", "seen", day, "Dana"]
    _put(place, [["Acme, spring"], [], head, *body])
    table = load_client(tmp_path, "acme", tables=["assessment"]).tables["assessment"]
    of_people = table.clean["item"].str.startswith("people_")
    read = table.clean["date"][~of_people].dropna().dt.strftime("%d %m %Y").tolist()
    assert read == ["03 03 2026"] * 4 + ["13 03 2026"]
    (row,) = table.quarantine[["column", "value"]].to_numpy().tolist()
    assert row == ["date", "in spring"]  # no day is made up


def test_an_owner_answers_in_twenty_minutes() -> None:
    """Reading at 200 words a minute, 8 seconds to choose, 12 to write what shows it.

    Of people a number and each of the two words or so takes four; their levels are read once.
    """
    items = load_reference().assessment_items
    levels = ["lowest", "level_1", "level_2", "level_3", "level_4", "highest"]
    chosen = items[items["item"] != "people_suspects"]
    assert (chosen[levels] != "").all().all()
    assert all(len(set(row)) == 6 for row in chosen[levels].to_numpy().tolist())
    people = items[items["area"] == "people"]
    assert people["group"].tolist() == list(PEOPLE)
    read = items["question"].tolist()
    read += items[items["area"] != "people"][levels].to_numpy().ravel().tolist()
    read += chosen[chosen["area"] == "people"][levels].to_numpy()[0].tolist()
    words = sum(len(text.split()) for text in read)
    seconds = words / 200 * 60 + len(chosen) * 20 + len(people) * 4 + (len(people) - 1) * 8
    assert (len(items), words) == (43, 944)  # as the guide says
    assert seconds / 60 <= 20


def _in_order(answers: pd.DataFrame) -> pd.DataFrame:
    """Those with a level; the sheet puts rows on people last, wherever somebody moved them."""
    return answers.dropna(subset="level").sort_values("item", ignore_index=True)


def _sheet(place: Path) -> tuple[list[object], list[list[object]]]:
    if place.suffix == ".csv":
        with place.open(newline="") as file:
            rows: list[list[object]] = [list(row) for row in csv.reader(file)]
    else:
        rows = [list(row) for row in openpyxl.load_workbook(place).worksheets[0].values]
    return rows[0], rows[1:]


def _put(place: Path, rows: list[list[object]]) -> None:
    if place.suffix == ".csv":
        with place.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        return
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.active.merge_cells("A1:G1")
    book.save(place)
