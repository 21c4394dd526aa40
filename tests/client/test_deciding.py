"""One row of decisions.csv is written and the others stay as they were."""

from pathlib import Path

import pytest

from techalign.client.deciding import keep_decision
from techalign.client.folder import load_client
from techalign.errors import TableError
from tests.example_client import example_client

ROW = "id,status,owner,note\nspending.oak,open,Ann,ask twice\nspending.elm,agreed,Bob,\n"


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    example_client(tmp_path, "acme", name="Acme", currency="USD")
    return tmp_path


def _kept(clients: Path) -> dict[str, tuple[str, str, str]]:
    table = load_client(clients, "acme", tables=["decisions"]).table("decisions")
    rows = table.astype(object).where(table.notna(), "").to_dict("records")
    return {row["id"]: (row["status"], row["owner"], row["note"]) for row in rows}


def test_what_is_not_said_stays_and_other_rows_too(clients: Path) -> None:
    (clients / "acme" / "decisions.csv").write_text(ROW)
    path = keep_decision(clients, "acme", {"id": "spending.oak", "status": "done", "note": None})
    assert path.name == "decisions.csv"
    assert _kept(clients) == {
        "spending.oak": ("done", "Ann", "ask twice"),
        "spending.elm": ("agreed", "Bob", ""),
    }


def test_the_first_decision_makes_the_table(clients: Path) -> None:
    (clients / "acme" / "decisions.csv").unlink(missing_ok=True)
    keep_decision(clients, "acme", {"id": "a.b", "status": "declined", "owner": "=cmd()"})
    assert list(_kept(clients)) == ["a.b"]
    # a spreadsheet that opens the file must not run what somebody entered
    assert "'=cmd()" in (clients / "acme" / "decisions.csv").read_text()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("decisions.csv", ROW + "spending.ash,perhaps,,\n", "holds 1 rows that cannot be read"),
        ("decisions.csv.gz", "", "is not a CSV file"),
    ],
)
def test_a_table_it_cannot_keep_whole_is_left_alone(
    clients: Path, name: str, text: str, said: str
) -> None:
    import gzip

    (clients / "acme" / "decisions.csv").unlink(missing_ok=True)
    path = clients / "acme" / name
    path.write_bytes(text.encode() if text else gzip.compress(ROW.encode()))
    before = path.read_bytes()
    with pytest.raises(TableError, match=said):
        keep_decision(clients, "acme", {"id": "spending.oak", "status": "done"})
    assert path.read_bytes() == before
