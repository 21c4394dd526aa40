"""Adding rows to a table by adding lines gives the file that writing it anew would give."""

import hashlib
from pathlib import Path

import pandas as pd
import pytest

from techalign.client import written
from techalign.client.create import create_client
from techalign.client.importing import import_table

HEAD = "Transaction date,Vendor,Amount,Memo\n"
FIRST = "2026-01-05,Oak,12.50,plan\n2026-01-06,Elm,3,\n"
MORE = '2026-02-05,Oak,12.50,plan\n2026-02-06,"Fir, Ltd",-4.25,=back\n'


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    create_client(tmp_path / "c", "acme", name="Acme", currency="USD")
    _import(tmp_path / "c", HEAD + FIRST)
    return tmp_path / "c"


def _import(clients: Path, text: str, existing: str = "append") -> str:
    path = clients.parent / "x.csv"
    path.write_text(text)
    import_table(path, clients, "acme", existing=existing)
    return (clients / "acme" / "ledger.csv").read_text()


def test_added_lines_are_what_writing_anew_would_give(
    clients: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (clients / "acme" / "ledger.csv").read_text()
    added = _import(clients, HEAD + FIRST + MORE)
    assert added.startswith(before)
    assert added.count("\n") == 5
    origin = (clients / "acme" / "ledger.source.json").read_text()
    assert hashlib.sha256(added.encode()).hexdigest() in origin
    monkeypatch.setattr(written, "_with_lines_added", lambda *_: None)
    (clients / "acme" / "ledger.csv").write_text(before)
    assert _import(clients, HEAD + MORE) == added


@pytest.mark.parametrize("touch", ["another form", "a new column", "a row set aside"])
def test_a_file_that_somebody_touched_is_written_anew(clients: Path, touch: str) -> None:
    file = clients / "acme" / "ledger.csv"
    more = HEAD + MORE
    if touch == "another form":
        file.write_text("date;vendor_raw;amount\n05.01.2026;Oak;12,50\n26.01.2026;Elm;3,00\n")
    elif touch == "a new column":
        more = "Transaction date,Vendor,Amount,Account\n2026-02-05,Oak,12.50,Software\n"
    else:
        file.write_text(file.read_text() + "tbc,Ash,1,\n")
    _import(clients, more)
    frame = pd.read_csv(file)
    assert frame["amount"].tolist()[:2] == [12.5, 3.0]
    assert frame["date"].tolist()[0] == "2026-01-05"
    assert "Ash" not in frame["vendor_raw"].tolist()
