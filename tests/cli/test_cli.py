"""The command line as a person meets it, in real processes where it matters."""

import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import _COMMANDS, techalign
from techalign.errors import InputError


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
    assert _run("new", "oak-street", *where).exit_code == 0
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


def test_check_goes_on_past_an_unreadable_client_and_exits_2(tmp_path: Path) -> None:
    where = ["--clients-dir", str(tmp_path)]
    _run("new", "one", *where)
    _run("new", "two", *where)
    (tmp_path / "one" / "ledger.csv").write_bytes(b"")
    result = CliRunner().invoke(techalign, ["check", *where])
    assert result.exit_code == 2
    assert "one/ledger.csv: is empty" in result.stderr
    assert "two/ledger.csv: 4 rows" in result.stdout


def test_init_writes_a_workbook_once(tmp_path: Path) -> None:
    assert _run("init", str(tmp_path / "wb")).exit_code == 0
    assert (tmp_path / "wb" / "notebooks" / "spending.ipynb").is_file()
    clients = tmp_path / "wb" / "datasets" / "clients"
    folders = [path for path in clients.iterdir() if path.is_dir()]
    assert len(folders) == 8
    assert all((folder / "client.toml").is_file() for folder in folders)
    again = _run("init", str(tmp_path / "wb"))
    assert isinstance(again.exception, InputError)


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
