import json
import os
import shlex
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.cli.main import techalign
from techalign.errors import InputError
from techalign.review.records import read_records

GOOD = (
    "from techalign import report\n"
    "report.headline('In short.', [report.Figure('Months', float(months), 'months', 'given')])"
)
NEEDS = (
    "from techalign.client import load_client\n"
    "load_client(clients_dir, client, tables=['partners']).require('partners')"
)


def _run(workbook: Path, *arguments: str) -> Result:
    return CliRunner().invoke(
        techalign,
        [
            "run",
            *arguments,
            "--clients-dir",
            str(workbook / "clients"),
            "--notebooks-dir",
            str(workbook / "notebooks"),
            "--out",
            str(workbook / "reports"),
        ],
    )


def test_good_failing_and_missing_reports_side_by_side(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("good", GOOD, title="Good one")
    notebook("bad", "x = 1", "raise ValueError('the sum is wrong <b>')", title="Bad one")
    notebook("needs", NEEDS, title="Partners")
    (workbook / "clients" / "acme" / "partners.csv").unlink()
    result = _run(workbook, "-p", "months=7", "-j", "2")
    assert result.exit_code == 1
    assert result.stdout.splitlines()[-2:] == [
        "2 of 3 reports made",
        str(workbook / "reports" / "index.html"),
    ]
    assert "failed: acme bad: the sum is wrong <b>" in result.stderr
    assert "retry: techalign run acme --notebook bad" in result.stderr
    records = {record.notebook: record for record in read_records(workbook / "reports")}
    assert {n: r.status for n, r in records.items()} == {
        "good": "ok",
        "bad": "failed",
        "needs": "not enabled",
    }
    assert records["bad"].cell == 4
    assert records["good"].figures[0].text == "7 months"
    folder = workbook / "reports" / "acme"
    failed = (folder / "bad.html").read_text()
    assert "the sum is wrong &lt;b&gt;" in failed
    assert "techalign run acme --notebook bad" in failed
    asked = (folder / "needs.html").read_text()
    assert "Nothing is recorded yet of the partners" in asked
    assert ".csv" not in asked  # whoever reads the page may never have seen a file of it
    index = (workbook / "reports" / "index.html").read_text()
    assert 'href="acme/good.html"' in index
    assert "1 failed" in index
    for page in folder.glob("*.html"):
        assert str(workbook) not in page.read_text(), "a page tells no local path"


def test_the_command_to_retry_is_the_one_that_failed(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    path = notebook("bad", "assert months == 3")
    result = _run(workbook, "-p", "months=7", "--timeout", "60", "--show-code", "-j", "2")
    line = next(line for line in result.stderr.splitlines() if "retry:" in line)
    words = shlex.split(line.partition("techalign ")[2])
    assert {"months=7", "60.0", "--show-code", str(workbook / "reports")} <= set(words)
    assert "-j" not in words
    path.write_text(path.read_text().replace("months == 3", "months == 7"))
    again = CliRunner().invoke(techalign, words)
    assert again.exit_code == 0, again.stderr
    assert "1 of 1 reports made" in again.stdout


def test_a_notebook_of_which_parts_are_missing_stops_no_other(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    good = notebook("good", GOOD)
    cut = {"nbformat": 4, "nbformat_minor": 5, "cells": [{"cell_type": "code", "source": "1"}]}
    (workbook / "notebooks" / "cut.ipynb").write_text(json.dumps(cut))
    result = _run(workbook)
    assert result.exit_code == 1
    assert "acme cut: cut.ipynb: is not a whole notebook" in result.stderr
    assert "1 of 2 reports made" in result.stdout
    good.unlink()
    alone = _run(workbook)
    assert isinstance(alone.exception, InputError)
    assert "cut.ipynb: is not a whole notebook" in str(alone.exception)


def test_a_page_over_the_reports_that_was_deleted_comes_back(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("good", GOOD)
    _run(workbook)
    pages = [workbook / "reports" / name for name in ("portfolio.html", "acme/index.html")]
    for page in pages:
        before = page.read_bytes()
        page.unlink()
        assert "1 of them up to date" in _run(workbook).stdout
        assert page.read_bytes() == before


def test_what_a_notebook_prints_past_python_stays_in_the_notebook(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("loud", "import os, subprocess\nos.write(1, b'raw words\\n')\nprint('said')")
    command = [sys.executable, "-m", "techalign", "run", "--json", "--clients-dir", "clients"]
    # under its name ipykernel does not listen to descriptors
    env = {name: value for name, value in os.environ.items() if name != "PYTEST_CURRENT_TEST"}
    done = subprocess.run(command, cwd=workbook, env=env, capture_output=True, check=True)
    assert [json.loads(line) for line in done.stdout.splitlines()]
    assert b"raw words" in (workbook / "reports" / "acme" / "loud.html").read_bytes()


def test_a_warning_tells_no_folder(workbook: Path, notebook: Callable[..., Path]) -> None:
    notebook("warns", "import warnings\nwarnings.warn('look out')")
    _run(workbook)
    page = (workbook / "reports" / "acme" / "warns.html").read_text()
    assert "look out" in page
    assert "/tmp" not in page


def test_the_executed_notebook_is_kept_also_of_a_failed_report(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("bad", "print('before')", "1/0")
    _run(workbook)
    log = json.loads((workbook / "reports" / "acme" / "logs" / "bad.ipynb").read_text())
    outputs = [cell["outputs"] for cell in log["cells"] if cell.get("outputs")]
    assert outputs[0][0]["text"] in ("before\n", ["before\n"])
    assert outputs[1][0]["ename"] == "ZeroDivisionError"


def test_the_same_inputs_give_the_same_page(workbook: Path, notebook: Callable[..., Path]) -> None:
    notebook("good", GOOD)
    _run(workbook)
    page = workbook / "reports" / "acme" / "good.html"
    first = page.read_bytes()
    _run(workbook)
    assert page.read_bytes() == first


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["-p", "months=many"], "must be int"),
        (["-p", "monthz=3"], "has no parameter"),
        (["--notebook", "nothing"], "is not a notebook here"),
        (["nobody"], "there is no such client"),
        (["../acme"], "is not a client id"),
    ],
)
def test_wrong_usage_starts_nothing(
    workbook: Path, notebook: Callable[..., Path], arguments: list[str], problem: str
) -> None:
    notebook("good", GOOD)
    result = _run(workbook, *arguments)
    assert isinstance(result.exception, InputError)
    assert problem in str(result.exception)
    assert not (workbook / "reports").exists()


def test_a_broken_client_fails_alone_unless_it_was_named(
    workbook: Path, notebook: Callable[..., Path]
) -> None:
    notebook("good", GOOD)
    (workbook / "clients" / "broken").mkdir()
    (workbook / "clients" / "broken" / "client.toml").write_text("name =")
    result = _run(workbook)
    assert result.exit_code == 1
    assert "1 of 2 reports made" in result.stdout
    assert "broken/client.toml: is not valid TOML" in result.stderr
    named = _run(workbook, "broken")
    assert isinstance(named.exception, InputError)
