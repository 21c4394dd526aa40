"""The questionnaire is written, read back, and written again without losing an answer."""

from pathlib import Path

import openpyxl
import pytest

from techalign.client import load_client, load_reference
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
    assert len(unanswered) >= len(after) - 2  # not answered is not zero


def test_a_filled_in_sheet_is_read(tmp_path: Path) -> None:
    (example_client(tmp_path, "acme", name="Acme", currency="USD") / "assessment.csv").unlink()
    place = write_questionnaire(tmp_path, "acme")
    book = openpyxl.load_workbook(place)
    book.active["E2"], book.active["F2"], book.active["G2"] = 4, "plan of May", "2026-05-20"
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
