"""Strengths to threats: as computed, and as the adviser's table adds, rewords and takes out."""

from pathlib import Path

import pandas as pd
import pytest

from techalign.alignment import swot
from techalign.client import load_client
from techalign.errors import ModelError

COMPUTED = [
    ("threat", "No room left: tills", "full at 4% growth"),
    ("strength", "Technology carries “stay open”", "75% (60% to 85%)"),
    ("weakness", "Systems that hang on one person or nobody", "3"),
]


def _edits(*rows: tuple[str, str, str, bool, str]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["kind", "entry", "replaces", "keep", "why"])


def test_without_edits_every_entry_names_its_number_and_strengths_come_first() -> None:
    found = swot(COMPUTED)
    assert found.entries["kind"].tolist() == ["strength", "weakness", "threat"]
    assert set(found.entries["number"]) == {number for _, _, number in COMPUTED}
    assert set(found.entries["said_by"]) == {"your numbers"}
    assert found.notes == ()
    for wrong in (("luck", "a", "1"), ("threat", "a", " ")):
        with pytest.raises(ModelError):
            swot([wrong])


def test_an_added_entry_is_the_advisers_and_a_reworded_one_keeps_its_number() -> None:
    found = swot(COMPUTED, _edits(
        ("strength", "Regulars bring friends", "", True, "heard at the counter"),
        ("opportunity", "More tills fit in", "no room left: TILLS", True, "measured"),
    ))  # fmt: skip
    rows = {row["text"]: row for _, row in found.entries.iterrows()}
    assert len(rows) == 4
    assert rows["Regulars bring friends"]["said_by"] == "the adviser's judgement"
    moved = rows["More tills fit in"]
    assert (moved["kind"], moved["number"]) == ("opportunity", "full at 4% growth; measured")
    assert "in the adviser's words" in moved["said_by"]
    assert found.notes == ()


def test_what_is_taken_out_is_told_with_the_reason() -> None:
    # straight quotation marks are those a keyboard has
    found = swot(COMPUTED, _edits(
        ("strength", 'technology carries "stay open"', "", False, "the generator is sold."),
    ))  # fmt: skip
    assert len(found.entries) == 2
    (note,) = found.notes
    assert "“Technology carries “stay open””" in note
    assert note.endswith(": the generator is sold.")


def test_an_edit_of_what_the_numbers_do_not_say_is_never_silent() -> None:
    found = swot(COMPUTED, _edits(
        ("threat", "gone", "", False, "old"), ("threat", "Rents rise", "Dear rooms", True, "lease"),
    ))  # fmt: skip
    assert len(found.entries) == 4
    assert len(found.notes) == 2
    assert "not taken out" in found.notes[0]
    assert "Dear rooms" in found.notes[1]
    assert found.entries.set_index("text").loc["Rents rise", "said_by"] == "the adviser's judgement"


def test_the_adviser_alone_may_speak() -> None:
    found = swot([], _edits(("threat", "Rents rise", "", True, "lease")))
    assert found.entries["number"].tolist() == ["lease"]


def test_the_table_is_read_with_care(tmp_path: Path) -> None:
    folder = tmp_path / "acme"
    folder.mkdir()
    (folder / "client.toml").write_text(
        (Path(__file__).parents[2] / "datasets/clients/juice-bar/client.toml").read_text()
    )
    (folder / "swot.csv").write_text(
        "kind;entry;why;replaces;keep\nThreat;Rents rise;lease;;\nluck;a;b;;\n"
        "threat;no reason;;;\nstrength;Old;sold;;no\nthreat;Rents rise;again;;\n"
    )
    table = load_client(tmp_path, "acme", tables=["swot"]).tables["swot"]
    assert table.clean[["kind", "entry", "keep"]].to_numpy().tolist() == [
        ["threat", "Rents rise", True], ["strength", "Old", False],
    ]  # fmt: skip
    assert table.quarantine["line"].tolist() == [3, 4, 6]
