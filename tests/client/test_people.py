"""What an owner says of the seven kinds of people in the questionnaire is read as players."""

import csv
import datetime as dt
from pathlib import Path

import openpyxl
import pandas as pd
import pytest

from techalign.client import Client, load_client
from techalign.client.create import create_client
from techalign.client.people import PEOPLE
from techalign.client.questionnaire import write_questionnaire
from techalign.errors import MissingTableError, TableError
from tests.example_client import FACTS

DAY = "2026-06-30"
HEAD = ["item", "level", "evidence", "date", "assessor", "count", "gets", "gives"]
CLIENTS = ["people_clients", "4", "cards at the till", "2026-05-20", "Dana", "140", "", ""]


@pytest.fixture
def place(tmp_path: Path) -> Path:
    return create_client(tmp_path, "acme", name="Acme", currency="USD", facts=FACTS)


def _answered(folder: Path, *rows: list[str], players: str = "", day: str = DAY) -> Client:
    with (folder / "assessment.csv").open("w", newline="") as file:
        csv.writer(file).writerows([HEAD, *rows])
    if players:
        (folder / "players.csv").write_text(players)
    return load_client(folder.parent, "acme", tables=["players"], as_of=day)


def _player(book: Client, name: str = "clients") -> "pd.Series[object]":
    return book.table("players").set_index("player").loc[name]


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_what_is_filled_in_becomes_players_and_comes_back_next_quarter(
    place: Path, kind: str
) -> None:
    """Rows moved, blank ones between, a title above, a number or a level with words."""
    path = write_questionnaire(place.parent, "acme", kind)
    head, *body = _rows(path)
    at = {name: head.index(name) for name in head}
    filled = {
        "people_clients": ("4 - well", "cards", "3 March 2026", "about 140", "repairs", "orders"),
        "people_associates": ("2", "two left", "13.04.2026", "7", "pay, training", "skill"),
        "people_vendors": ("3/5", "yearly talk", "2026-05-02", "1,200 or so", "", ""),
        "people_partners": ("n/a", "", "", "?", "", ""),
        "people_suspects": ("", "", "", "3 500", "", ""),
    }
    names = ("level", "evidence", "date", "count", "gets", "gives")
    for row in body:
        for name, cell in zip(names, filled.get(str(row[0]), ()), strict=False):
            row[at[name]] = cell
    body.reverse()
    body.insert(3, [None] * len(head))
    _put(path, [["Acme, spring"], [], head, *body])
    book = load_client(place.parent, "acme", tables=["players", "assessment"], as_of=DAY)
    book.require("players")
    assert book.table("assessment").index.is_unique
    assert not len(book.tables["assessment"].quarantine)
    people = book.table("players").set_index("player")
    assert set(people.index) == {"clients", "associates", "vendors", "suspects"}
    assert people["health"].round(2).dropna().to_dict() == {
        "clients": 0.8, "associates": 0.4, "vendors": 0.6,
    }  # fmt: skip
    assert people["count"].to_dict() == {
        "suspects": 3500, "clients": 140, "associates": 7, "vendors": 1200,
    }  # fmt: skip
    assert people.loc["clients", ["evidence", "gets", "gives"]].tolist() == [
        "cards", "repairs", "orders",
    ]  # fmt: skip
    assert people["asked"].dt.date.dropna().tolist() == [
        dt.date(2026, 3, 3), dt.date(2026, 4, 13), dt.date(2026, 5, 2),
    ]  # fmt: skip
    assert write_questionnaire(place.parent, "acme") == path
    again = load_client(place.parent, "acme", tables=["players"], as_of=DAY).table("players")
    pd.testing.assert_frame_equal(
        again.reset_index(drop=True), book.table("players").reset_index(drop=True)
    )


def test_what_is_not_answered_is_not_zero(place: Path) -> None:
    write_questionnaire(place.parent, "acme", "csv")
    book = load_client(place.parent, "acme", tables=["players"], as_of=DAY)
    assert not book.has("players")
    with pytest.raises(MissingTableError) as error:
        book.require("players")
    first, _, rest = str(error.value).partition(". ")
    assert "“techalign questionnaire acme” writes what an owner answers" in first
    assert "“techalign draft acme” proposes" in rest
    assert ".csv" not in str(error.value)
    assert "players" not in str(error.value)


def test_an_answer_needs_evidence_and_a_day_that_has_come(place: Path) -> None:
    bare = [*CLIENTS]
    bare[2] = ""
    book = _answered(place, bare)
    assert pd.isna(_player(book)["health"])
    assert _player(book)["count"] == 140
    assert book.people_notes == (
        "How the clients do was answered without saying what shows it: that answer does not count.",
    )
    # an answer of May says nothing in a review of March
    early = _answered(place, CLIENTS, day="2026-03-31")
    assert not early.has("players")


def test_two_answers_that_contradict_each_other_are_listed_and_the_lower_counts(
    place: Path,
) -> None:
    other = [*CLIENTS[:1], "1", "letters", "2026-05-28", "Lee", "160", "", ""]
    old = [*CLIENTS[:1], "0", "a bad year", "2024-05-28", "Lee", "", "", ""]
    book = _answered(place, CLIENTS, other, old)
    assert _player(book)["health"] == 0.2
    assert _player(book)["count"] == 160  # of two days the later
    (note,) = book.people_notes
    assert note == (
        "Answers to how the clients do contradict each other: Dana says 4 of 5 and Lee says "
        "1 of 5. The lower counts."
    )
    near = [*other[:1], "3", *other[2:]]
    assert _answered(place, CLIENTS, near).people_notes == ()
    same_day = [*CLIENTS[:5], "90", "", ""]
    same_day[4] = "Lee"
    (note,) = _answered(place, CLIENTS, same_day).people_notes
    assert note.endswith("Dana counts 140 and Lee counts 90: 90 is taken.")


def test_the_later_of_the_sheet_and_what_is_written_counts(place: Path) -> None:
    head = "player,count,required,health,evidence,asked,weight,gets\n"
    older = head + "clients,120,150,0.3,calls,2026-02-01,2,repairs\n"
    book = _answered(place, CLIENTS, players=older)
    row = _player(book)
    assert (row["health"], row["count"], row["required"]) == (0.8, 140, 150)
    assert (row["weight"], row["gets"], row["evidence"]) == (2, "repairs", "cards at the till")
    (note,) = book.people_notes
    assert "80% on 20 May 2026, 30% on 1 Feb 2026. The later counts." in note
    newer = head + "clients,120,150,0.75,calls,2026-06-01,2,repairs\nvendors,3,,,,,,\n"
    book = _answered(place, CLIENTS, players=newer)
    assert _player(book)[["health", "count"]].tolist() == [0.75, 120]
    assert book.people_notes == ()
    assert _player(book, "vendors")["count"] == 3
    assert len(book.tables["assessment"].clean) == 1  # what the page is made from names it


def test_players_that_are_known_come_filled_in_and_do_not_change_by_it(place: Path) -> None:
    (place / "players.csv").write_text(
        "player,count,required,health,evidence,asked\nclients,120,150,0.7,calls,2026-02-01\n"
    )
    before = load_client(place.parent, "acme", tables=["players"]).table("players")
    path = write_questionnaire(place.parent, "acme", "csv")
    head, *body = _rows(path)
    row = dict(zip(head, next(r for r in body if r[0] == "people_clients"), strict=True))
    assert (row["level"], row["count"], row["date"]) == ("4", "120", "2026-02-01")
    after = load_client(place.parent, "acme", tables=["players"]).table("players")
    pd.testing.assert_frame_equal(before, after)  # 0.7 is not rounded to a level


def test_an_answer_confirms_what_was_proposed(place: Path) -> None:
    proposed = "player,count,proposed\nclients,120,count=120\nvendors,4,count=4\n"
    table = _answered(place, CLIENTS, players=proposed).tables["players"]
    assert table.unconfirmed == 1
    assert table.clean.set_index("player").loc["clients", "count"] == 140


@pytest.mark.parametrize("written", ["100-150", "many", "-3", "2.5"])
def test_what_is_no_number_of_people_is_never_guessed(place: Path, written: str) -> None:
    wrong = [*CLIENTS]
    wrong[5] = written
    book = _answered(place, wrong)
    with pytest.raises(TableError, match="not one of its 1 rows could be read"):
        book.require("players")


def test_rows_on_people_are_no_measure_of_technology(place: Path) -> None:
    from techalign.alignment import answers
    from techalign.client import load_reference

    _answered(place, CLIENTS)
    given = load_client(place.parent, "acme", tables=["assessment"]).table("assessment")
    found = answers(given, load_reference().assessment_items, dt.date(2026, 6, 30))
    assert len(found.items) == 36
    assert found.notes == ()


def test_cells_in_which_nothing_is_asked_are_grey(place: Path) -> None:
    sheet = openpyxl.load_workbook(write_questionnaire(place.parent, "acme")).active
    last = [[cell.fill.fgColor.rgb == "00E4E4E4" for cell in row] for row in sheet.iter_rows()]
    assert [row[0].value for row in sheet.iter_rows()][-7:] == [f"people_{p}" for p in PEOPLE]
    assert last[1] == [False] * 7 + [True] * 3
    assert last[-1] == [False] * 10
    assert last[-7][3]
    assert not last[-7][7]


def _rows(place: Path) -> list[list[object]]:
    if place.suffix == ".csv":
        with place.open(newline="") as file:
            return [list(row) for row in csv.reader(file)]
    return [list(row) for row in openpyxl.load_workbook(place).worksheets[0].values]


def _put(place: Path, rows: list[list[object]]) -> None:
    if place.suffix == ".csv":
        with place.open("w", newline="") as file:
            csv.writer(file).writerows(rows)
        return
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    book.save(place)
