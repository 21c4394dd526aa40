"""Editing a table: the same problems as check finds, nothing bad saved, the version before kept."""

import shutil
from pathlib import Path

import pytest

from techalign.client import load_client
from techalign.client.editing import PREVIOUS, open_sheet, problems_of, save_sheet
from techalign.errors import TableError

CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    """A folder with one client that may be changed."""
    shutil.copytree(CLIENTS / "machine-shop", tmp_path / "machine-shop")
    return tmp_path


def _with(rows: tuple[tuple[str, ...], ...], row: int, column: int, text: str) -> list[list[str]]:
    changed = [list(each) for each in rows]
    changed[row][column] = text
    return changed


@pytest.mark.slow
def test_every_sample_table_that_can_be_opened_has_the_problems_that_check_finds() -> None:
    opened = 0
    for folder in sorted(p for p in CLIENTS.iterdir() if p.is_dir()):
        client = load_client(CLIENTS, folder.name)
        for name, table in client.tables.items():
            try:
                sheet = open_sheet(CLIENTS, folder.name, name)
            except TableError:
                continue
            opened += 1
            wanted = {(c, r) for c, r in table.quarantine[["column", "reason"]].to_numpy()}
            found = {(p.column, p.reason) for p in problems_of(sheet, sheet.rows)}
            assert found == wanted, (folder.name, name)
    assert opened > 40


def test_a_good_edit_is_saved_and_the_version_before_is_kept(clients: Path) -> None:
    sheet = open_sheet(clients, "machine-shop", "mitigations")
    before = sheet.path.read_bytes()
    cost = sheet.header.index("yearly_cost")
    saved = save_sheet(sheet, _with(sheet.rows, 1, cost, "777"))
    assert saved.rows[1][cost] == "777"
    assert open_sheet(clients, "machine-shop", "mitigations").rows == saved.rows
    read = load_client(clients, "machine-shop", tables=["mitigations"]).table("mitigations")
    assert read["yearly_cost"].tolist()[1] == 777.0
    assert (sheet.folder / PREVIOUS / "mitigations.csv").read_bytes() == before
    again = save_sheet(saved, saved.rows[:-1])
    assert len(again.rows) == len(saved.rows) - 1


def test_a_bad_edit_is_named_by_cell_and_not_saved(clients: Path) -> None:
    sheet = open_sheet(clients, "machine-shop", "mitigations")
    before = sheet.path.read_bytes()
    bad = _with(sheet.rows, 2, sheet.header.index("loss_factor"), "1.5")
    (problem,) = problems_of(sheet, bad)
    assert (problem.row, problem.column) == (2, "loss_factor")
    with pytest.raises(TableError, match="row 3, column 'loss_factor'"):
        save_sheet(sheet, bad)
    assert sheet.path.read_bytes() == before
    assert not (sheet.folder / PREVIOUS).exists()


def test_an_empty_row_is_left_out_and_moves_no_message(clients: Path) -> None:
    sheet = open_sheet(clients, "machine-shop", "mitigations")
    bad = _with(sheet.rows, 2, sheet.header.index("loss_factor"), "much")
    bad.insert(1, [""] * len(sheet.header))
    assert [problem.row for problem in problems_of(sheet, bad)] == [3]


def test_a_reference_to_what_is_not_there_is_told_beside_its_cell(clients: Path) -> None:
    sheet = open_sheet(clients, "machine-shop", "mitigations")
    found = problems_of(sheet, _with(sheet.rows, 0, sheet.header.index("vendor"), "Nobody Ltd"))
    assert [(each.row, each.column) for each in found] == [(0, "vendor")]


def test_what_somebody_else_has_changed_is_not_overwritten(clients: Path) -> None:
    sheet = open_sheet(clients, "machine-shop", "mitigations")
    sheet.path.write_bytes(sheet.path.read_bytes() + b"\n")
    with pytest.raises(TableError, match="changed by somebody else"):
        save_sheet(sheet, sheet.rows)


def test_a_table_that_is_not_there_yet_begins_with_its_columns(clients: Path) -> None:
    (clients / "machine-shop" / "mitigations.csv").unlink()
    sheet = open_sheet(clients, "machine-shop", "mitigations")
    assert (sheet.rows, sheet.header[0]) == ((), "vendor")
    assert problems_of(sheet, [["x", *[""] * (len(sheet.header) - 1)]])
