"""Proposals from a ledger: marked, confirmed by a simple edit, never over what somebody wrote."""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.client import load_client, load_reference
from techalign.client.create import create_client
from techalign.errors import InputError

COLUMNS = ("date", "vendor_raw", "amount", "account")


def _ledger(months: int = 12) -> list[tuple[str, str, str, str]]:
    rows = []
    for n in range(months):
        month = f"{2025 + (6 + n) // 12}-{(6 + n) % 12 + 1:02d}"
        rows += [(f"{month}-05", "ZOOM.US", "16.00", "Software"),
                 (f"{month}-11", "Northside Rent Ltd", "900", "Rent"),
                 (f"{month}-20", "Oak Timber", f"{400 + 37 * n}", "Materials")]  # fmt: skip
    return [*rows, ("2025-09-03", "Dropbox", "199", "Software"),
            ("2025-10-08", "Dell", "1450", "Computer equipment")]  # fmt: skip


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    folder = create_client(tmp_path, "acme", name="Acme", currency="USD", facts={"employees": 9})
    _write(folder / "ledger.csv", _ledger())
    profile = folder / "client.toml"
    profile.write_text(f"as_of = 2026-06-30\n{profile.read_text()}")
    return tmp_path


def _write(path: Path, rows: list[tuple[str, ...]]) -> None:
    with path.open("w", newline="") as file:
        csv.writer(file).writerows([COLUMNS, *rows])


def _rows(clients: Path, table: str) -> list[dict[str, str]]:
    with (clients / "acme" / f"{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _draft(clients: Path, *more: str) -> Result:
    return CliRunner().invoke(techalign, ["draft", "acme", "--clients-dir", str(clients), *more])


def test_every_proposed_cell_is_marked_and_counted(clients: Path) -> None:
    assert _draft(clients).exit_code == 0
    contracts = {row["vendor"]: row for row in _rows(clients, "contracts")}
    assert set(contracts) == {"Zoom", "Northside Rent Ltd"}
    zoom = contracts["Zoom"]
    assert (zoom["capability"], zoom["annual_price"]) == ("video meetings", "192")
    # nobody knows the work: the account says what it is for, and the name keeps it apart
    assert contracts["Northside Rent Ltd"]["capability"] == "Rent of Northside Rent Ltd"
    assert (zoom["start"], zoom["end"], zoom["notice_days"]) == ("2026-06-05", "2026-07-04", "0")
    vendors = {row["vendor"]: row for row in _rows(clients, "vendors")}
    assert set(vendors) >= {"Zoom", "Northside Rent Ltd", "Oak Timber", "Dropbox", "Dell"}
    assert vendors["Zoom"]["founded"] == "2011"
    assert vendors["Oak Timber"]["founded"] == vendors["Oak Timber"]["switching_cost"] == ""
    assert vendors["Oak Timber"]["role"] == "Materials"
    assert [row["cost"] for row in _rows(clients, "assets")] == ["1450"]
    players = {row["player"]: row["count"] for row in _rows(clients, "players")}
    assert players == {"associates": "9", "vendors": "3"}
    client = load_client(clients, "acme")
    for name, table in client.tables.items():
        filled = sum(bool(cell) for row in _rows(clients, name) for cell in row.values())
        known = 0 if name == "ledger" else 2 * len(table.clean) + (name == "players") * 2
        assert table.unconfirmed == (0 if name == "ledger" else filled - known), name
        assert table.quarantine.empty
    said = CliRunner().invoke(techalign, ["check", "acme", "--clients-dir", str(clients)]).output
    assert "12 cells in 2 rows are proposals that nobody has confirmed" in said
    assert "columns not used" not in said
    assert f"{sum(client.unconfirmed.values())} cells unconfirmed" in said
    assert "usual values stand in for sector, setting, yearly_revenue, hourly_wage" in said


def test_a_corrected_cell_and_one_taken_from_the_list_are_confirmed(clients: Path) -> None:
    _draft(clients)
    file = clients / "acme" / "contracts.csv"
    before = load_client(clients, "acme").unconfirmed["contracts"]
    # one value is corrected and its mark left; a date is written another way by a spreadsheet
    file.write_text(file.read_text().replace("2026-06-05,2026-07-04", "5 June 2026,2026-12-31", 1))
    assert load_client(clients, "acme").unconfirmed["contracts"] == before - 1
    file.write_text(file.read_text().replace("capability=video meetings; ", ""))
    assert load_client(clients, "acme").unconfirmed["contracts"] == before - 2


def test_again_adds_only_what_is_new(clients: Path) -> None:
    _draft(clients)
    folder = clients / "acme"
    mine = (folder / "vendors.csv").read_text().replace("Materials", "wood by lorry", 1)
    (folder / "vendors.csv").write_text(mine)
    kept = [line for line in (folder / "contracts.csv").read_text().splitlines(keepends=True)
            if "Northside" not in line]  # fmt: skip
    (folder / "contracts.csv").write_text("".join(kept))  # none of mine, says the person
    said = _draft(clients).output
    assert "contracts.csv: 0 rows proposed" in said
    assert (folder / "vendors.csv").read_text() == mine
    more = [(f"2026-{m:02d}-17", "Slack", "40", "Software") for m in range(1, 7)]
    _write(folder / "ledger.csv", [*_ledger(), *more])
    assert "contracts.csv: 1 rows proposed (6 cells), 2 there or proposed" in _draft(clients).output
    assert [row["vendor"] for row in _rows(clients, "contracts")] == ["Zoom", "Slack"]
    assert "wood by lorry" in (folder / "vendors.csv").read_text()


def test_what_is_there_is_carried_along(clients: Path) -> None:
    folder = clients / "acme"
    (folder / "contracts.csv").write_text(
        "vendor;capability;start;end;notice_days;auto_renew;annual_price;our note\n"
        "Zoom;calls;01.02.2026;31.01.2027;30;yes;1.234,50;ask Ann\n"
    )
    assert _draft(clients).exit_code == 0
    zoom, rent = _rows(clients, "contracts")
    assert (zoom["annual_price"], zoom["our note"], zoom["proposed"]) == ("1234.5", "ask Ann", "")
    assert rent["vendor"] == "Northside Rent Ltd"
    assert "annual_price=10800" in rent["proposed"]


def test_confirming_a_row_and_a_table(clients: Path) -> None:
    _draft(clients)
    said = _draft(clients, "--confirm", "contracts/zoom", "--confirm", "players").output
    assert "contracts/zoom: 6 cells confirmed" in said
    assert "players: 2 cells confirmed" in said
    left = load_client(clients, "acme").unconfirmed
    assert left["contracts"] == 6
    assert "players" not in left
    for wrong in ("ledger", "contracts/Nobody"):
        assert isinstance(_draft(clients, "--confirm", wrong).exception, InputError)
    assert "Name it as the table does: Zoom" in str(
        _draft(clients, "--confirm", "contracts/Zom").exception
    )
    (clients / "acme" / "contracts.csv").unlink()
    nothing = str(_draft(clients, "--confirm", "contracts").exception)
    assert "has no row of 'contracts'. The table is empty: nothing was proposed" in nothing


def test_nothing_is_lost_to_a_table_that_cannot_be_rewritten(clients: Path) -> None:
    folder = clients / "acme"
    text = "vendor,capability,start,end,notice_days,auto_renew,annual_price\nZoom,x,a,b,c,d,e\n"
    (folder / "contracts.csv").write_text(text)
    result = _draft(clients)
    assert isinstance(result.exception, InputError)
    assert "would lose them" in str(result.exception)
    assert (folder / "contracts.csv").read_text() == text
    assert not (folder / "vendors.csv").exists()


def test_a_ledger_that_ends_early_is_told_and_one_in_other_money_refused(clients: Path) -> None:
    profile = clients / "acme" / "client.toml"
    profile.write_text(profile.read_text().replace("as_of = 2026-06-30", "as_of = 2028-06-30"))
    said = _draft(clients).output
    assert "the ledger ends on 2026-06-20: proposed is what ran on that day" in said
    assert "contracts.csv: 2 rows proposed" in said
    ledger = clients / "acme" / "ledger.csv"
    head, *rows = ledger.read_text().splitlines()
    ledger.write_text("\n".join([f"{head},currency", *(f"{row},EUR" for row in rows)]))
    result = _draft(clients)
    assert "has no payment in USD" in str(result.exception)


def test_without_a_ledger_it_says_what_to_do_first(tmp_path: Path) -> None:
    create_client(tmp_path, "acme", name="Acme", currency="USD")
    said = CliRunner().invoke(techalign, ["draft", "acme", "--clients-dir", str(tmp_path)])
    assert isinstance(said.exception, InputError)
    assert "techalign import EXPORT --client acme" in str(said.exception)


def test_founding_years_and_sizes_name_their_source() -> None:
    facts = load_reference()
    known = set(facts.suppliers["name"])
    assert set(facts.supplier_facts["name"]) <= known
    assert facts.supplier_facts["name"].is_unique
    assert (facts.supplier_facts["source"] != "").all()
    assert facts.supplier_facts["founded"].between(1600, 2026).all()
    assert set(facts.vendor_defaults["category"]) == set(facts.category_purpose["category"])
