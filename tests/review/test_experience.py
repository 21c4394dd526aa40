"""What a practice has seen is gathered from all clients, kept in a file, and used from then on."""

import re
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.client import load_experience
from techalign.client.experience import EXPERIENCE
from techalign.errors import InputError
from techalign.review.experience import gather_companies
from tests.example_client import example_client

ROOT = Path(__file__).parents[2]
HEAD = "vendor,relation,role,founded,sector,criticality,since,ceased,acquired,switching_cost\n"
ROWS = {
    "acme": "Secretive Oak Ltd,direct,maker,2001,retail,5,2015-01-01,,,9000\n"
    "Nimbra Cloud,indirect,host,2008,information,4,2018-05-01,2025-11-01,,100\n",
    "bolt": "NIMBRA CLOUD INC.,indirect,host,,information,4,2016-05-01,2025-11-01,,100\n"
    "Elm Apps,indirect,web,2019,information,2,2021-01-01,,2024-02-03,50\n",
}


@pytest.fixture(scope="module")
def practice(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two clients that share a company, with their vendor reports made before and after."""
    place = tmp_path_factory.mktemp("practice")
    for client, rows in ROWS.items():
        folder = example_client(place / "clients", client, name=client.title(), currency="USD")
        (folder / "vendors.csv").write_text(HEAD + rows)
        for name in ("mitigations", "vendor_events"):
            (folder / f"{name}.csv").unlink()
    assert _call(place, "run").exit_code == 0
    return place


def _call(place: Path, command: str) -> Result:
    more = {"experience": ["--as-of", "2026-06-30"]}.get(
        command,
        ["--out", str(place / "reports"), "--notebook", "vendor_risk", "-p", "as_of=2026-06-30",
         "--notebooks-dir", str(ROOT / "notebooks")],
    )  # fmt: skip
    return CliRunner().invoke(techalign, [command, "--clients-dir", str(place / "clients"), *more])


def test_a_company_of_two_clients_is_one_with_what_either_knows(practice: Path) -> None:
    found = gather_companies(practice / "clients", ["acme", "bolt"])
    assert len(found) == 3
    (cloud,) = found[found["ceased"].notna()].to_dict("records")
    assert (cloud["founded"], cloud["since"]) == (2008, pd.Timestamp("2016-05-01"))
    assert cloud["ceased"] == pd.Timestamp("2025-11-01")


def test_reports_use_it_once_it_is_written_and_only_then(practice: Path) -> None:
    page = practice / "reports" / "acme" / "vendor_risk.html"
    before = page.read_text()
    assert "what the adviser has seen" not in before
    said = _call(practice, "experience")
    assert said.exit_code == 0, said.exception
    assert "3 companies under observation" in said.stdout
    assert "1 closed, 1 bought; 0 left out" in said.stdout
    assert "up to date" not in _call(practice, "run").stdout
    after = page.read_text()
    assert "3 companies over" in after
    assert "1 closed and 1 were bought" in after
    weight = load_experience(practice / "clients").weight
    assert f"counts for {weight:.0%} of the curve" in after
    # the chance of the same company has moved
    chance = re.compile(r"Secretive Oak Ltd<td[^>]*>([\d.]+%)")
    assert "Secretive Oak Ltd" in after
    assert chance.findall(before) != chance.findall(after) or before != after
    assert "2 of 2 reports made, 2 of them up to date" in _call(practice, "run").stdout
    assert "Seen here" in (practice / "reports" / "portfolio.html").read_text()


def test_a_client_reads_a_curve_and_counts_and_nobody_elses_names(practice: Path) -> None:
    _call(practice, "experience")
    kept = (practice / "clients" / EXPERIENCE).read_text()
    for name in ("Secretive", "Nimbra", "Elm", "acme", "bolt", "Acme", "Bolt"):
        assert name not in kept
    _call(practice, "run")
    page = (practice / "reports" / "bolt" / "vendor_risk.html").read_text()
    assert "Secretive" not in page
    assert "acme" not in page.casefold()


@pytest.mark.parametrize("text", ["", "{", '{"weight": 3}', '{"colour": 1}'])
def test_a_damaged_file_is_named_with_its_remedy(tmp_path: Path, text: str) -> None:
    (tmp_path / EXPERIENCE).write_text(text)
    with pytest.raises(InputError, match=r"experience\.json: cannot be read.*techalign experience"):
        load_experience(tmp_path)


def test_clients_without_the_days_are_told_which_columns_it_takes(tmp_path: Path) -> None:
    folder = example_client(tmp_path / "clients", "acme", name="Acme", currency="USD")
    (folder / "vendors.csv").write_text("vendor,relation,sector,criticality\nOak,direct,retail,5\n")
    result = _call(tmp_path, "experience")
    assert isinstance(result.exception, InputError)
    assert "Fill in founded and since in the vendors tables" in str(result.exception)


def test_a_shared_supplier_has_one_chance_in_all_reports_of_the_sample_clients() -> None:
    """Nimbra Cloud is a vendor of one client and what vendors of others run on."""
    clients = ROOT / "datasets" / "clients"
    known = load_experience(clients).known_hubs().set_index("vendor")
    row = known.loc["Nimbra Cloud"]
    assert (row["founded"], row["size"], row["sector"]) == (2009, 2400, "information")
    assert load_experience(clients).sentences == []
