import json
from pathlib import Path

import pandas as pd
import pytest

from techalign.client import load_client
from techalign.client.create import create_client
from techalign.client.importing import import_table
from techalign.errors import ClientError, TableError

EXPORT = (
    'Date,Description,Debit,Credit\n05 Jan 2026,Acme Ltd,"1,012.50",\n'
    "06 Jan 2026,Beta,,3.00\nsometime,Gamma,7.00,\n"
)


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    create_client(tmp_path / "clients", "acme", name="Acme", currency="GBP")
    (tmp_path / "card.csv").write_text(EXPORT)
    return tmp_path / "clients"


def test_an_import_keeps_clean_quarantine_and_origin(clients: Path) -> None:
    done = import_table(clients.parent / "card.csv", clients, "acme", existing="replace")
    folder = clients / "acme"
    assert {path.name for path in done.written} == {
        "ledger.csv",
        "ledger.quarantine.csv",
        "ledger.source.json",
    }
    assert load_client(clients, "acme").table("ledger")["amount"].tolist() == [1012.5, -3.0]
    aside = pd.read_csv(folder / "ledger.quarantine.csv")
    assert aside[["file", "line", "column", "value"]].to_numpy().tolist() == [
        ["card.csv", 4, "date", "sometime"]
    ]
    (origin,) = json.loads((folder / "ledger.source.json").read_text())["imports"]
    assert origin["totals"] == {"GBP": ["1016.50", "1009.50", "7.00", "0"]}
    assert origin["rows"] == origin["clean"] + origin["quarantined"] == 3


def test_an_existing_table_is_not_overwritten_unasked(clients: Path) -> None:
    before = (clients / "acme" / "ledger.csv").read_bytes()
    with pytest.raises(ClientError, match="--replace or --append"):
        import_table(clients.parent / "card.csv", clients, "acme")
    assert (clients / "acme" / "ledger.csv").read_bytes() == before


def test_twice_is_once(clients: Path) -> None:
    card = clients.parent / "card.csv"
    import_table(card, clients, "acme", existing="replace")
    again = import_table(card, clients, "acme", existing="append")
    assert again.already == 2
    assert len(load_client(clients, "acme").table("ledger")) == 2
    card.write_text(EXPORT + "06 Jan 2026,Beta,,3.00\n07 Jan 2026,Delta,9.00,\n")
    more = import_table(card, clients, "acme", existing="append")
    assert more.already == 2
    client = load_client(clients, "acme")
    assert client.table("ledger")["amount"].tolist() == [1012.5, -3.0, -3.0, 9.0]
    imports = json.loads((clients / "acme" / "ledger.source.json").read_text())["imports"]
    assert [item["added"] for item in imports] == [2, 0, 2]
    assert len(pd.read_csv(clients / "acme" / "ledger.quarantine.csv")) == 1


def test_a_missing_file_writes_nothing(clients: Path) -> None:
    before = sorted(p.name for p in (clients / "acme").iterdir())
    with pytest.raises(TableError, match=r"nothing\.csv: cannot be opened"):
        import_table(clients.parent / "nothing.csv", clients, "acme", existing="replace")
    assert sorted(p.name for p in (clients / "acme").iterdir()) == before
