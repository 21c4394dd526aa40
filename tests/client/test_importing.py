import csv
import json
import os
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from click.testing import CliRunner
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from techalign.cli.main import techalign
from techalign.client import load_client
from techalign.client.importing import import_table
from techalign.client.repeats import counted_twice
from techalign.errors import ClientError, InputError, TableError
from techalign.intake.rows import ROW_MODELS
from tests.command import techalign as techalign_here
from tests.example_client import example_client

EXPORT = (
    'Date,Description,Debit,Credit\n05 Jan 2026,Acme Ltd,"1,012.50",\n'
    "06 Jan 2026,Beta,,3.00\nsometime,Gamma,7.00,\n"
)

_TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    example_client(tmp_path / "clients", "acme", name="Acme", currency="GBP")
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


def _book(path: Path, rows: list[str]) -> Path:
    path.write_text("Date,Supplier,Amount\n" + "".join(f"{row}\n" for row in rows))
    return path


def test_an_import_of_nothing_changes_nothing_and_is_exit_code_2(clients: Path) -> None:
    import_table(clients.parent / "card.csv", clients, "acme", existing="replace")
    folder = clients / "acme"
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    bad = _book(clients.parent / "bad.csv", ["sometime,Oak,5", "2026-01-06,Oak,many"])
    command = ["import", str(bad), "--client", "acme", "--clients-dir", str(clients)]
    done = techalign_here([*command, "--replace"], os.environ)
    assert done.returncode == 2
    assert "not one of its 2 rows could be read" in done.stderr
    assert done.stderr.count("\n") == 1
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_explaining_writes_nothing(clients: Path) -> None:
    before = {path.name: path.read_bytes() for path in (clients / "acme").iterdir()}
    command = ["import", str(clients.parent / "card.csv"), "--client", "acme", "--explain"]
    result = CliRunner().invoke(techalign, [*command, "--clients-dir", str(clients)])
    assert result.exit_code == 0
    assert "Description read as vendor_raw" in result.output
    assert "money out is 'Debit' less 'Credit'" in result.output
    assert "line 2: date=2026-01-05 00:00:00, vendor_raw=Acme Ltd, amount=1012.5" in result.output
    assert "nothing was written" in result.output
    assert {path.name: path.read_bytes() for path in (clients / "acme").iterdir()} == before


def test_overlapping_months_add_only_what_is_new(clients: Path) -> None:
    january = ["2026-01-05,Oak,5", "2026-01-05,Oak,5", "2026-01-20,Elm,7"]
    jan = _book(clients.parent / "jan.csv", january)
    import_table(jan, clients, "acme", existing="replace")
    both = _book(clients.parent / "both.csv", [*january, "2026-01-05,Oak,5", "2026-02-05,Oak,5"])
    done = import_table(both, clients, "acme", existing="append")
    assert done.already == 3
    assert done.warnings == ()
    assert load_client(clients, "acme").table("ledger")["amount"].tolist() == [5, 5, 7, 5, 5]


def test_the_banks_own_id_is_the_identity(clients: Path) -> None:
    text = "Date,Payee,Amount,Transaction ID\n{},Oak,5,t1\n2026-01-06,Elm,5,t2\n"
    bank = clients.parent / "bank.csv"
    bank.write_text(text.format("2026-01-05"))
    import_table(bank, clients, "acme", existing="replace")
    # booked a day later under the same id, and one more of the same day, amount and text
    bank.write_text(text.format("2026-01-06").replace("Oak", "OAK LTD") + "2026-01-06,Elm,5,t3\n")
    done = import_table(bank, clients, "acme", existing="append")
    assert done.already == 2
    assert load_client(clients, "acme").table("ledger")["reference"].tolist() == ["t1", "t2", "t3"]


def test_bank_and_books_of_the_same_months_are_warned_of(clients: Path) -> None:
    amounts = [81.5, 19.99, 240.0, 33.1]
    books = clients.parent / "books.csv"
    books.write_text(
        "Date,Transaction Type,Name,Memo/Description,Account,Amount\n"
        + "".join(f"2026-01-{5 + i:02d},Bill,Oak,x,Software,{a}\n" for i, a in enumerate(amounts))
    )
    import_table(books, clients, "acme", existing="replace")
    card = clients.parent / "card.csv"
    card.write_text(
        "Date,Description,Debit,Credit\n"
        + "".join(f"2026-01-{7 + i:02d},OAK*SUBSCR,{a},\n" for i, a in enumerate(amounts))
    )
    done = import_table(card, clients, "acme", existing="append")
    (warning,) = done.warnings
    assert "card.csv (bank) and books.csv (books) both cover 2026-01" in warning
    assert "4 payments have the same amount within 5 days" in warning


def test_counted_twice_matches_a_naive_count() -> None:
    rng = np.random.default_rng(3)
    old, new = (
        pd.DataFrame({
            "date": pd.Timestamp("2026-01-01") + pd.to_timedelta(rng.integers(0, 60, n), unit="D"),
            "amount": rng.integers(1, 30, n).astype(float),
        })
        for n in (60, 40)
    )  # fmt: skip
    naive = sum(
        any(
            a == b and abs((d - e).days) <= 5
            for d, b in zip(old["date"], old["amount"], strict=True)
        )
        for e, a in zip(new["date"], new["amount"], strict=True)
    )
    assert counted_twice(old, new) == naive


@settings(
    max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(st.tuples(_TEXT, _TEXT), min_size=1, max_size=3))
@example([("two\rlines", "a\r\nb"), ('="Oak"', "=1+1"), ("'quoted", "\u2028")])
def test_what_was_imported_is_what_is_read_again(
    clients: Path, texts: list[tuple[str, str]]
) -> None:
    book = clients.parent / "texts.csv"
    with book.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, quoting=csv.QUOTE_ALL)
        writer.writerow(["Date", "Vendor", "Amount", "Memo"])
        writer.writerows(["2026-01-05", vendor, "5.00", memo] for vendor, memo in texts)
    try:
        done = import_table(book, clients, "acme", existing="replace")
    except InputError:
        return
    again = load_client(clients, "acme", tables=["ledger"]).tables["ledger"]
    assert again.quarantine.empty
    columns = ["vendor_raw", "amount", "memo"]
    assert again.clean[columns].to_numpy().tolist() == done.table.clean[columns].to_numpy().tolist()


@pytest.mark.parametrize("name", sorted({*ROW_MODELS} - {"decisions"}))
def test_a_file_with_a_tables_own_columns_becomes_that_table(tmp_path: Path, name: str) -> None:
    """Every example that `techalign new` writes; headers as people write them."""
    example_client(tmp_path / "clients", "acme", name="Acme", currency="GBP")
    example_client(tmp_path / "clients", "beech", name="Beech", currency="GBP")
    given = tmp_path / "clients" / "acme" / f"{name}.csv"
    head, _, rows = given.read_text("utf-8").partition("\n")
    titled = ",".join(header.replace("_", " ").capitalize() for header in head.split(","))
    (tmp_path / "sheet.csv").write_text(f"{titled}\n{rows}", "utf-8")
    done = import_table(tmp_path / "sheet.csv", tmp_path / "clients", "beech", existing="replace")
    assert (done.mapping, done.table.name) == (name, name)
    theirs, ours = (
        load_client(tmp_path / "clients", id_, tables=(name,)).table(name)
        for id_ in ("acme", "beech")
    )
    filled = ["end_of_life"] if name == "assets" else []  # by what makers have announced
    pd.testing.assert_frame_equal(ours.drop(columns=filled), theirs.drop(columns=filled))


PIPELINE = "Partner;Stage;Created;Value;Seller\nOak;demo;2026-01-05;100;Kim\n"


def test_a_pipeline_with_a_column_more_is_no_ledger_of_costs(clients: Path) -> None:
    (clients.parent / "open.csv").write_text(PIPELINE)
    with pytest.raises(InputError, match=r"the table pipeline beside others.*--format pipeline"):
        import_table(clients.parent / "open.csv", clients, "acme", existing="replace")
    how = {"shipped": "pipeline", "existing": "replace"}
    done = import_table(clients.parent / "open.csv", clients, "acme", **how)  # type: ignore[arg-type]
    assert done.table.clean["value"].tolist() == [100.0]


def test_a_column_more_beside_an_agreements_is_told_and_one_less_is_named(clients: Path) -> None:
    head = "Vendor,Capability,Start,End,Notice days,Auto renew,Annual price,Remark"
    (clients.parent / "signed.csv").write_text(
        f"{head}\nOak,till,2026-01-05,2027-01-04,30,yes,9,x\n"
    )
    done = import_table(clients.parent / "signed.csv", clients, "acme", existing="replace")
    assert done.mapping == "contracts"
    assert "columns not used: Remark" in done.table.notes
    (clients.parent / "signed.csv").write_text(
        f"{head.replace('Auto renew,', '')}\nOak,till,2026-01-05,2027-01-04,30,9,x\n"
    )
    with pytest.raises(InputError, match="the table contracts and lacks auto_renew"):
        import_table(clients.parent / "signed.csv", clients, "acme", existing="replace")


def test_months_side_by_side_are_refused_with_what_to_do(clients: Path) -> None:
    (clients.parent / "wide.csv").write_text(
        "Partner,Jan 2026,Feb 2026,Mar 2026,Apr 2026\nOak,100,0,300,20\n"
    )
    with pytest.raises(InputError, match=r"Months stand side by side.*0 where nothing was sold"):
        import_table(clients.parent / "wide.csv", clients, "acme", existing="replace")
