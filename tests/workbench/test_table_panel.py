"""The tables' panel without a browser: problems beside cells, saving only what is right."""

import shutil
from pathlib import Path
from typing import Any

import pytest
from comm.base_comm import BaseComm

from techalign.errors import ClientError
from techalign.workbench.table_panel import TablesPanel

CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"


@pytest.fixture
def shown(tmp_path: Path) -> TablesPanel:
    """The panel of a client that may be changed, on its protections."""
    shutil.copytree(CLIENTS / "machine-shop", tmp_path / "machine-shop")
    panel = TablesPanel("machine-shop", tmp_path)
    panel.name.value = "mitigations"
    return panel


def _set(panel: TablesPanel, row: int, column: str, text: str) -> None:
    rows = [list(each) for each in panel.grid.rows]
    rows[row][[each["name"] for each in panel.grid.header].index(column)] = text
    panel.grid.rows = rows


def test_a_bad_cell_is_told_and_cannot_be_saved(shown: TablesPanel) -> None:
    assert shown.sheet is not None
    before = shown.sheet.path.read_bytes()
    assert shown.save.disabled  # nothing is changed yet
    assert all(each["help"] for each in shown.grid.header)
    _set(shown, 1, "loss_factor", "1.5")
    (problem,) = shown.grid.problems
    assert (problem["row"], problem["column"]) == (1, "loss_factor")
    assert shown.save.disabled
    shown.keep()  # as if it could be pressed
    assert shown.sheet.path.read_bytes() == before
    _set(shown, 1, "loss_factor", "0.5")
    assert (shown.grid.problems, shown.save.disabled) == ([], False)
    shown.keep()
    assert shown.sheet.path.read_text().splitlines()[2].endswith(",0.5")


def test_a_row_is_added_and_an_empty_one_is_not_saved(shown: TablesPanel) -> None:
    count = len(shown.grid.rows)
    shown.add()
    assert len(shown.grid.rows) == count + 1
    assert shown.grid.problems == []  # it says nothing yet
    _set(shown, count, "vendor", "Ledgerforge ERP")
    assert {each["row"] for each in shown.grid.problems} == {count}
    _set(shown, count, "vendor", "")
    shown.keep()
    assert len(shown.grid.rows) == count


def test_a_table_that_cannot_be_edited_here_says_why(shown: TablesPanel) -> None:
    assert shown.sheet is not None
    shown.sheet.path.write_text("vendor;option\nA;b\nC;d\n")
    shown.name.value = "vendors"
    shown.name.value = "mitigations"
    assert "commas" in shown.told.value
    assert shown.save.disabled
    assert shown.grid.rows == []


def test_a_client_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ClientError):
        TablesPanel("nobody", tmp_path)


def test_rows_and_their_header_reach_the_browser_together(shown: TablesPanel) -> None:
    sent: list[set[str]] = []

    class Browser(BaseComm):  # type: ignore[misc]
        """What a browser is sent."""

        def publish_msg(self, msg_type: str, data: Any = None, **_: Any) -> None:
            if msg_type == "comm_msg":
                sent.append(set(data["state"]))

    shown.grid.comm = Browser(target_name="jupyter.widget")
    shown.name.value = "vendors"
    shown.name.value = "assessment"
    assert {"header", "rows"} <= sent[0]
    assert not [names for names in sent if ("header" in names) != ("rows" in names)]
