"""Why a report would be made: each thing it is made from, changed once, is named."""

from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign

Write = Callable[..., Path]


def _run(workbook: Path, *more: str) -> Result:
    where = [f"--clients-dir={workbook / 'clients'}", f"--notebooks-dir={workbook / 'notebooks'}"]
    return CliRunner().invoke(techalign, ["run", *where, f"--out={workbook / 'out'}", *more])


def _tree(folder: Path) -> dict[Path, bytes]:
    return {p: p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


@pytest.fixture
def made(workbook: Path, notebook: Write) -> Path:
    """A workbook whose one report is made."""
    profile = workbook / "clients" / "acme" / "client.toml"
    # above the tables that may stand in it
    profile.write_text("as_of = 2026-06-30\n" + profile.read_text())
    (workbook / "notebooks" / "rates.csv").write_text("a\n1\n")
    notebook("one", "print(open('rates.csv').read())")
    assert _run(workbook).exit_code == 0
    return workbook


def test_what_was_never_made_is_told_and_nothing_is_written(
    workbook: Path, notebook: Write
) -> None:
    notebook("one", "1 / 0")
    before = _tree(workbook)
    done = _run(workbook, "--dry-run")
    assert done.exit_code == 0
    assert "acme one: would be made: never made" in done.stdout
    assert "1 of 1 reports would be made; nothing was" in done.stdout
    assert _tree(workbook) == before
    assert _run(workbook).exit_code == 1
    assert "failed last time (division by zero" in _run(workbook, "--dry-run").stdout


def test_up_to_date_is_nothing_to_make(made: Path) -> None:
    done = _run(made, "--dry-run")
    assert done.stdout.splitlines() == ["0 of 1 reports would be made; nothing was"]
    assert "acme one: up to date" in _run(made, "--dry-run", "-v").stdout
    assert "--force was given" in _run(made, "--dry-run", "--force").stdout
    assert "nothing to do" in _run(made).stdout


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("clients/acme/ledger.csv", "ledger.csv changed"),
        ("clients/acme/client.toml", "client.toml changed"),
        ("clients/experience.json", "experience.json is new"),
        ("notebooks/one.ipynb", "the notebook changed"),
        ("notebooks/rates.csv", "a file beside the notebook changed"),
        ("out/acme/one.html", "its page was changed"),
    ],
)
def test_the_one_thing_that_changed_is_named(file: str, said: str, made: Path) -> None:
    path = made / file
    path.write_bytes(path.read_bytes() + b"\n" if path.exists() else b"{}")
    assert f"acme one: would be made: {said}\n" in _run(made, "--dry-run").stdout


def test_a_table_or_page_that_is_gone_and_other_parameters_are_named(made: Path) -> None:
    said = _run(made, "--dry-run", "-p", "as_of=2026-09-30", "-p", "months=6", "--show-code").stdout
    assert "the day it speaks of: 2026-09-30 for 2026-06-30" in said
    assert "parameter months is given" in said
    assert "its code is to be shown" in said
    (made / "clients" / "acme" / "ledger.csv").unlink()
    assert "ledger.csv is gone" in _run(made, "--dry-run").stdout
    (made / "out" / "acme" / "one.json").unlink()
    assert "never made" in _run(made, "--dry-run").stdout


def test_a_page_that_is_gone_is_named(made: Path) -> None:
    (made / "out" / "acme" / "one.html").unlink()
    assert "its page is gone" in _run(made, "--dry-run").stdout


def test_as_json_it_is_a_line_for_each_report(made: Path) -> None:
    (made / "clients" / "acme" / "ledger.csv").unlink()
    first, last = _run(made, "--dry-run", "--json").stdout.splitlines()
    assert '"would_make": true, "reasons": ["ledger.csv is gone"]' in first
    assert last == '{"would_make": 1, "total": 1, "earlier": 0}'
