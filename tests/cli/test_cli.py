"""The command line as a person meets it, in real processes where it matters."""

import re
import subprocess
import sys
from pathlib import Path
from typing import get_args

import pytest
from click.testing import CliRunner, Result

from techalign.cli import new_command
from techalign.cli.main import _COMMANDS, techalign
from techalign.client import load_client
from techalign.client.profile import Profile
from techalign.client.settings import read_settings
from techalign.errors import InputError
from tests.example_client import example_client


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(techalign, arguments)


@pytest.mark.parametrize("name", list(_COMMANDS))
def test_every_command_has_help_with_an_example(name: str) -> None:
    result = _run(name, "--help")
    assert result.exit_code == 0
    assert f"techalign {name}" in result.output.split("Examples:")[1]


def test_help_names_every_command_and_imports_none_of_the_heavy_libraries() -> None:
    code = (
        "import sys\n"
        "from techalign.cli import main\n"
        "sys.argv = ['techalign', '--help']\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        "heavy = {'pandas', 'numpy', 'scipy', 'papermill', 'pydantic', 'IPython'}\n"
        "print('heavy:', sorted(heavy & set(sys.modules)))\n"
    )
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert all(name in out for name in _COMMANDS)
    assert "heavy: []" in out


def test_errors_are_one_line_and_exit_code_2(tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "techalign", "check", "Bad!", "--clients-dir", str(tmp_path)],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert done.stderr.startswith("techalign: client: is not a client id (found 'Bad!')")
    assert done.stdout == ""


def test_a_client_from_new_to_check(tmp_path: Path) -> None:
    where = ["--clients-dir", str(tmp_path)]
    assert _run("new", "oak-street", *where, "--employees", "9").exit_code == 0
    folder = tmp_path / "oak-street"
    assert sorted(path.name for path in folder.iterdir()) == ["client.toml", "examples"]
    assert load_client(tmp_path, "oak-street").tables == {}
    assert "employees = 9\n" in (folder / "client.toml").read_text()
    (folder / "examples" / "ledger.csv").rename(folder / "ledger.csv")
    result = _run("check", "oak-street", *where)
    assert result.exit_code == 0
    assert "oak-street/ledger.csv: 4 rows = 4 clean + 0 quarantined" in result.output
    ledger = tmp_path / "oak-street" / "ledger.csv"
    ledger.write_text(ledger.read_text() + "31/31/2026,Acme,5,USD,,,,,\n")
    report = tmp_path / "bad.csv"
    result = _run("check", *where, "--quarantine", str(report))
    assert result.exit_code == 1
    assert "line 6, date: is not a date" in result.output
    assert "31/31/2026" in report.read_text()


def test_check_names_a_wrong_scenario(tmp_path: Path) -> None:
    where = ["--clients-dir", str(tmp_path)]
    _run("new", "oak-street", *where)
    kept = tmp_path / "oak-street" / "scenarios"
    kept.mkdir()
    (kept / "far.toml").write_text(
        'notebook = "vendor_risk"\ntitle = "Far"\nkept = 2026-07-01\n[values]\nhorizon_years = 99\n'
    )
    result = _run("check", "oak-street", *where)
    assert result.exit_code == 1
    assert "oak-street/scenarios/far.toml, field 'values.horizon_years'" in result.output
    assert "1 clients, 1 problems" in result.output


def test_check_names_sales_of_partners_by_the_quarter(tmp_path: Path) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    name = (folder / "partners.csv").read_text().splitlines()[1].split(",")[0]
    months = ("2025-03", "2025-06", "2025-09", "2025-12")
    rows = "".join(f"{name},{month}-01,500,1\n" for month in months)
    (folder / "partner_revenue.csv").write_text(f"partner,month,revenue,deals\n{rows}")
    result = _run("check", "acme", "--clients-dir", str(tmp_path))
    assert result.exit_code == 1
    assert "acme/partner_revenue.csv: partner_revenue.month: the sales are not by" in result.output
    assert "(found '3 months'). Give one row per partner and calendar month." in result.output


def test_check_says_what_reports_leave_out_though_every_row_is_right(tmp_path: Path) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    (folder / "vendors.csv").write_text(
        "vendor,relation,sector,criticality,hubs\nOak,direct,retail,3,elm:0.4\n"
        "Elm,direct,retail,3,Ash:0.3\nAsh,direct,retail,3,OAK:0.2\n"
    )
    (folder / "vendor_events.csv").unlink()
    (folder / "mitigations.csv").unlink()
    plan = (folder / "initiatives.csv").read_text()
    (folder / "initiatives.csv").write_text(plan.replace(",backup,", ",vault,"))
    (folder / "assessment.csv").write_text("item,level\nGOALS_written,3\nfavourite colour,3\n")
    done = CliRunner().invoke(techalign, ["check", "acme", "--clients-dir", str(tmp_path)])
    assert done.exit_code == 1
    said = done.stdout
    assert re.search(r"^acme/vendors.csv: \w+ runs on \w+ runs on .*: a circle\. Its weakest", said)
    assert "acme/initiatives.csv: Customer database is not planned: it waits for 'vault'" in said
    assert "acme/assessment.csv: no question is called 'favourite colour'" in said
    assert said.splitlines()[-1].startswith("1 clients, 3 problems"), said


def test_check_says_which_goals_are_none_and_that_weights_weigh_nothing(tmp_path: Path) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    (folder / "goals.csv").write_text("goal,weight\nA,0\nB,0\n")
    (folder / "links.csv").write_text("goal,technology,support,fit\nA,till,1,1\nC,app,1,1\n")
    (folder / "judgements.csv").write_text("judge,goal_a,goal_b,ratio\nAnn,A,C,2\n")
    done = CliRunner().invoke(techalign, ["check", "acme", "--clients-dir", str(tmp_path)])
    assert done.exit_code == 1
    assert "acme/links.csv: 'app' is said to serve 'C', which is no goal on the list" in done.stdout
    assert "acme/judgements.csv: 1 rows = 0 clean + 1 quarantined" in done.stdout
    assert "acme/goals.csv: the weights sum to zero: give each goal a number" in done.stdout


def test_check_names_agreements_that_end_on_two_days(tmp_path: Path) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    contracts = (
        "vendor,capability,start,end,notice_days,auto_renew,annual_price\n"
        "Elm Motors,brand licence,2022-01-01,2026-12-31,90,no,900\n"
        "ELM motors,service,2022-01-01,2027-03-31,90,no,90\nOak,sign-in,2025-01-01,2026-09-30,30,"
        "yes,50\n"
    )
    (folder / "contracts.csv").write_text(contracts)

    def said(elm: str, oak: str) -> str:
        (folder / "vendors.csv").write_text(
            "vendor,relation,role,sector,criticality,agreement_ends\n"
            f"Elm Motors,direct,maker,manufacturing,5,{elm}\nOak,indirect,it,information,2,{oak}\n"
            "Ash,indirect,it,information,2,2027-01-01\n"
        )
        arguments = ["check", "acme", "--clients-dir", str(tmp_path)]
        return CliRunner().invoke(techalign, arguments).stdout

    assert (
        "acme/vendors.csv: line 2: the agreement with Elm Motors ends on 2027-05-31 here, and on "
        "2026-12-31 and 2027-03-31 among the contracts"
    ) in said("2027-05-31", "")
    assert "among the contracts" not in said("2027-03-31", "2026-09-30")


def test_check_names_technologies_that_are_another_but_for_a_letter(tmp_path: Path) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    (folder / "goals.csv").write_text("goal,weight\nA,1\n")
    (folder / "skills.csv").write_text("system,person,level\nTillWise (2),Kim,3\n")
    (folder / "links.csv").write_text(
        "goal,technology,support,fit\nA,Tilwise,1,1\nA,tillwise,1,1\nA,rota on paper,1,1\n"
    )
    said = CliRunner().invoke(techalign, ["check", "acme", "--clients-dir", str(tmp_path)]).stdout
    assert said.count("is no technology known elsewhere") == 1
    assert (
        "acme/links.csv: 'Tilwise' is no technology known elsewhere and counts as one of its own: "
        "is 'TillWise (2)' meant?"
    ) in said


def test_check_goes_on_past_an_unreadable_client_and_exits_2(tmp_path: Path) -> None:
    where = ["--clients-dir", str(tmp_path)]
    for client in ("one", "two"):
        example_client(tmp_path, client, name=client, currency="USD")
    (tmp_path / "one" / "ledger.csv").write_bytes(b"")
    result = CliRunner().invoke(techalign, ["check", *where])
    assert result.exit_code == 2
    assert "one/ledger.csv: is empty" in result.stderr
    assert "two/ledger.csv: 4 rows" in result.stdout


def test_new_offers_the_sectors_and_settings_that_the_profile_takes() -> None:
    offered = {option.name: option.type for option in new_command.command.params}
    for name in ("sector", "setting"):
        annotation = Profile.model_fields[name].annotation
        taken = [
            value
            for part in (annotation, *get_args(annotation))
            for value in get_args(part)
            if isinstance(value, str)
        ]
        assert list(getattr(offered[name], "choices", ())) == taken, name


@pytest.mark.parametrize(
    "wrong", [("--currency", "EURO"), ("--currency", "€"), ("--employees", "0"), ("--wage", "0")]
)
def test_new_refuses_what_the_profile_would_not_hold(tmp_path: Path, wrong: list[str]) -> None:
    result = _run("new", "one", "--clients-dir", str(tmp_path / "c"), *wrong)
    assert isinstance(result.exception, InputError)
    assert not (tmp_path / "c").exists()


def test_new_refuses_a_sector_that_no_statistics_count(tmp_path: Path) -> None:
    result = _run("new", "one", "--clients-dir", str(tmp_path / "c"), "--sector", "x")
    assert result.exit_code == 2
    assert "'x' is not one of 'information'" in result.output
    assert not (tmp_path / "c").exists()


def test_own_clients_lie_apart_from_the_samples(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert "datasets/clients" in str(_run("check").exception)
    assert _run("new", "one").exit_code == 0
    assert (tmp_path / "clients" / "one" / "client.toml").exists()
    assert "1 clients, 0 problems" in _run("check").output


def test_init_writes_a_workbook_once(tmp_path: Path) -> None:
    assert _run("init", str(tmp_path / "wb")).exit_code == 0
    assert (tmp_path / "wb" / "notebooks" / "spending.ipynb").is_file()
    assert "/clients/" in (tmp_path / "wb" / ".gitignore").read_text()
    clients = tmp_path / "wb" / "datasets" / "clients"
    folders = [path for path in clients.iterdir() if path.is_dir()]
    assert len(folders) == 8
    assert all((folder / "client.toml").is_file() for folder in folders)
    settings, path = read_settings(tmp_path / "wb" / "techalign.toml"), tmp_path / "wb"
    assert all(Path(place).is_dir() for place in settings.folders(path).values())
    again = _run("init", str(tmp_path / "wb"))
    assert isinstance(again.exception, InputError)


def test_the_formats_are_listed_with_their_sources() -> None:
    result = _run("import", "x", "--client", "x", "--format", "list")
    assert result.exit_code == 0
    assert "amex (ledger)" in result.output
    assert "Card Member" in result.output


def test_import_with_a_mapping_file(tmp_path: Path) -> None:
    where = ["--clients-dir", str(tmp_path / "c")]
    _run("new", "one", *where)
    (tmp_path / "pay.csv").write_text("paid,who,sum\n2026-01-02,Acme,5\n")
    (tmp_path / "m.toml").write_text(
        '[columns]\ndate = "paid"\nvendor_raw = "who"\namount = "sum"\n'
    )
    arguments = ["import", str(tmp_path / "pay.csv"), "--client", "one", *where]
    unknown = _run(*arguments)
    assert isinstance(unknown.exception, InputError)
    done = _run(*arguments, "--mapping", str(tmp_path / "m.toml"), "--replace")
    assert done.exit_code == 0
    assert "1 rows = 1 clean + 0 quarantined" in done.output
