"""Exports of consoles and sales tools: seats into agreements, devices, partners' sales.

Each file in ``tests/intake/consoles`` has its program's form; the contents are invented.
"""

import csv
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.client import load_client, load_reference
from techalign.client.create import create_client
from techalign.client.importing import read_foreign
from techalign.errors import InputError
from techalign.intake.mapping import SHIPPED_MAPPINGS, shipped_mapping

FORMS = Path(__file__).parents[1] / "intake" / "consoles"
DEVICES = ("intune", "ninjaone", "datto", "lansweeper")


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    folder = create_client(tmp_path, "acme", name="Acme", currency="USD")
    profile = folder / "client.toml"
    profile.write_text(f"as_of = 2026-06-30\n{profile.read_text()}")
    (folder / "contracts.csv").write_text(
        "vendor,capability,start,end,notice_days,auto_renew,annual_price\n"
        "Microsoft 365,office suite,2025-09-01,2026-08-31,30,yes,1584\n"
        "Google Workspace,mail,2025-09-01,2026-08-31,30,yes,900\n"
        "Zoom,calls,2025-09-01,2026-08-31,30,yes,300\n"
    )
    (folder / "partners.csv").write_text(
        "partner,kind,segment,signed,margin\nBirch,reseller,volume,2025-01-01,0.2\n"
    )
    return tmp_path


def _import(clients: Path, file: str | Path, *more: str) -> Result:
    path = FORMS / file if isinstance(file, str) else file
    where = ["--client", "acme", "--clients-dir", str(clients)]
    return CliRunner().invoke(techalign, ["import", str(path), *where, *more])


def _rows(clients: Path, table: str) -> list[dict[str, str]]:
    with (clients / "acme" / f"{table}.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def _seats(clients: Path) -> dict[str, tuple[str, str]]:
    return {row["vendor"]: (row.get("seats_paid", ""), row.get("seats_active", ""))
            for row in _rows(clients, "contracts")}  # fmt: skip


@pytest.mark.parametrize("order", [1, -1])
def test_seats_bought_come_from_licences_and_those_in_use_from_activity(
    clients: Path, order: int
) -> None:
    said = [_import(clients, f"{name}.csv").output
            for name in ("microsoft-365-licences", "microsoft-365")[::order]][::order]  # fmt: skip
    assert _seats(clients)["Microsoft 365"] == ("14", "2")
    assert "14 paid, 10 in use; 3 lines = 2 counted + 1 not counted" in said[0]
    assert "Product Title is 'Microsoft Power Automate Free'" in said[0]
    assert "2 in use; 5 lines = 3 counted + 2 not counted" in said[1]
    assert "within 90 days of 2026-06-28" in said[1]


def test_every_account_of_google_is_paid(clients: Path) -> None:
    assert _import(clients, "google-workspace.csv").exit_code == 0
    assert _seats(clients)["Google Workspace"] == ("4", "1")


def test_other_numbers_of_seats_stay_unless_they_may_go(clients: Path) -> None:
    _import(clients, "microsoft-365-licences.csv")
    changed = clients / "again.csv"
    changed.write_text((FORMS / "microsoft-365-licences.csv").read_text().replace(",12,", ",11,"))
    refused = _import(clients, changed)
    assert "says 14 for seats_paid of Microsoft 365, and the file 13" in str(refused.exception)
    assert _seats(clients)["Microsoft 365"][0] == "14"
    assert _import(clients, changed, "--replace").exit_code == 0
    assert _seats(clients)["Microsoft 365"][0] == "13"


def test_seats_need_their_agreement_and_explaining_writes_nothing(clients: Path) -> None:
    before = (clients / "acme" / "contracts.csv").read_text()
    said = _import(clients, "microsoft-365.csv", "--explain").output
    assert "Assigned Products read as the licence" in said
    assert "nothing was written" in said
    assert (clients / "acme" / "contracts.csv").read_text() == before
    (clients / "acme" / "contracts.csv").unlink()
    refused = _import(clients, "microsoft-365.csv")
    assert isinstance(refused.exception, InputError)
    assert "techalign draft acme" in str(refused.exception)


def test_an_own_mapping_counts_seats_of_any_console(clients: Path, tmp_path: Path) -> None:
    own = tmp_path / "zoom.toml"
    own.write_text('table = "contracts"\n[seats]\nvendor = "zoom"\nuser = "Email"\n'
                   'licensed = "Type"\nlast_seen = "Last login"\nbilled = true\n')  # fmt: skip
    users = tmp_path / "users.csv"
    users.write_text("Email,Type,Last login\na@x.example,Licensed,2026-06-20\n"
                     "b@x.example,Licensed,2025-06-20\nc@x.example,None,2026-06-20\n")  # fmt: skip
    assert _import(clients, users, "--mapping", str(own)).exit_code == 0
    assert _seats(clients)["Zoom"] == ("2", "1")


@pytest.mark.parametrize("name", DEVICES)
def test_devices_have_their_system_warranty_and_a_price_to_confirm(
    clients: Path, name: str
) -> None:
    result = _import(clients, f"{name}.csv")
    assert result.exit_code == 0, result.output
    assert f"read with the {name} mapping" in result.output
    rows = _rows(clients, "assets")
    assert len(rows) == 2
    assert all(row["proposed"] == "cost=1000" and row["in_service"] for row in rows)
    assert load_client(clients, "acme").unconfirmed == {"assets": 2}
    ends = {row["operating_system"]: row.get("end_of_life", "") for row in rows}
    support = {"Windows Server 2016": "2027-01-12", "Server 2019": "2029-01-09",
               "Windows 10": "2025-10-14", "10.0.19045": "2025-10-14",
               "10.0.26100": "2026-10-13", "Windows 11 Prof": ""}  # fmt: skip
    for system, end in ends.items():
        assert end == next((day for part, day in support.items() if part in system), ""), system
    if name != "intune":
        assert any(row["warranty_end"] for row in rows)
    again = _import(clients, f"{name}.csv", "--append").output
    assert "2 rows were there already" in again
    assert len(_rows(clients, "assets")) == 2


def test_a_price_in_the_file_is_no_proposal(clients: Path) -> None:
    text = (FORMS / "ninjaone.csv").read_text().replace(",Last Contact", ",Purchase Amount")
    priced = clients / "priced.csv"
    priced.write_text(text.replace("2023-02-28,2026-06-28", "2023-02-28,4200")
                          .replace("2027-05-05,2026-06-28", "2027-05-05,"))  # fmt: skip
    assert _import(clients, priced).exit_code == 0
    rows = {row["technology"]: row for row in _rows(clients, "assets")}
    assert (rows["SRV-01"]["cost"], rows["SRV-01"]["proposed"]) == ("4200.0", "")
    assert (rows["PC-ANN"]["cost"], rows["PC-ANN"]["proposed"]) == ("1000.0", "cost=1000")


@pytest.mark.parametrize("name", ["hubspot", "salesforce", "pipedrive"])
def test_deals_become_sales_and_pipeline(clients: Path, name: str) -> None:
    result = _import(clients, f"{name}.csv")
    assert result.exit_code == 0, result.output
    (won, more), (still,) = _rows(clients, "partner_revenue"), _rows(clients, "pipeline")
    assert [won["month"], more["month"]] == ["2026-05-14", "2026-05-30"]
    assert float(won["revenue"]) + float(more["revenue"]) == 5000.5
    assert (still["partner"], still["created"], float(still["value"])) == (
        "Birch", "2026-06-02", 18000.0)  # fmt: skip
    assert "4 rows = 1 clean + 0 quarantined + 3 left out" in result.output
    assert "4 rows = 2 clean + 0 quarantined + 2 left out" in result.output


def test_deals_of_partners_that_are_not_in_the_register_are_told(clients: Path) -> None:
    (clients / "acme" / "partners.csv").write_text(
        "partner,kind,segment,signed,margin\nAlder,reseller,volume,2025-01-01,0.2\n"
    )
    said = CliRunner().invoke(
        techalign,
        ["import", str(FORMS / "hubspot.csv"), "--client", "acme", "--clients-dir", str(clients)],
    )
    assert "1 names are not in partners.csv" in said.stderr
    assert "Birch" in said.stderr


def test_open_deals_alone_are_no_fault(clients: Path) -> None:
    lines = (FORMS / "hubspot.csv").read_text().splitlines(keepends=True)
    alone = clients / "open.csv"
    alone.write_text(lines[0] + lines[3])
    result = _import(clients, alone)
    assert result.exit_code == 0
    assert len(_rows(clients, "pipeline")) == 1
    assert not (clients / "acme" / "partner_revenue.csv").exists()


def test_every_form_has_a_source_or_says_that_none_was_found() -> None:
    named = {path.stem for path in FORMS.iterdir()} & set(SHIPPED_MAPPINGS)
    assert named == {*DEVICES, "microsoft-365", "microsoft-365-licences", "google-workspace",
                     "pipedrive"}  # fmt: skip
    for name in named:
        assert shipped_mapping(name).source
    support = load_reference().os_support
    assert (support["source"] != "").all()


def test_seats_are_no_table_of_their_own() -> None:
    with pytest.raises(InputError, match="counts seats"):
        read_foreign(FORMS / "microsoft-365.csv", None)
