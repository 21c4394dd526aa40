import json
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from techalign.batch.records import read_records
from techalign.cli.main import techalign
from techalign.errors import InputError

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
    assert records["good"].headline["figures"][0]["text"] == "7 months"
    folder = workbook / "reports" / "acme"
    failed = (folder / "bad.html").read_text()
    assert "the sum is wrong &lt;b&gt;" in failed
    assert "techalign run acme --notebook bad" in failed
    assert "partners.csv" in (folder / "needs.html").read_text()
    index = (workbook / "reports" / "index.html").read_text()
    assert "Months: <b>7 months</b>" in index
    assert "1 failed" in index
    for page in folder.glob("*.html"):
        assert str(workbook) not in page.read_text(), "a page tells no local path"


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
