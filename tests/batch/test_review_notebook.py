"""The review's notebook: one page with the built-in one, an analyst's cell in it, and failures."""

import json
import re
import shutil
from pathlib import Path

import nbformat
import pytest
from click.testing import CliRunner

from techalign.cli.main import techalign
from techalign.review.front_page import render_client
from techalign.review.history import earlier_records
from techalign.review.records import client_records, read_record

ROOT = Path(__file__).parents[2]
CLIENT = "juice-bar"


@pytest.fixture
def place(tmp_path: Path, reports: Path) -> Path:
    """A folder of notebooks with the review alone, and one client's finished reports."""
    (tmp_path / "notebooks").mkdir()
    shutil.copy(ROOT / "notebooks" / "review.ipynb", tmp_path / "notebooks")
    shutil.copytree(reports / CLIENT, tmp_path / "reports" / CLIENT)
    return tmp_path


def _run(place: Path) -> tuple[int, str]:
    command = ["run", CLIENT, "--notebooks-dir", str(place / "notebooks"), "--out"]
    command += [str(place / "reports"), "--clients-dir", str(ROOT / "datasets" / "clients")]
    result = CliRunner().invoke(techalign, command)
    return result.exit_code, result.output + result.stderr


def _with_cell(place: Path, source: str) -> None:
    path = place / "notebooks" / "review.ipynb"
    notebook = nbformat.read(path, 4)
    notebook.cells.append(nbformat.v4.new_code_cell(source))
    nbformat.write(notebook, path)


def _text(page: str) -> str:
    return re.sub(r"\s+", " ", re.sub(r"<style.*?</style>|<[^>]+>", " ", page, flags=re.DOTALL))


def test_the_samples_front_pages_are_those_of_the_notebook(reports: Path) -> None:
    record = read_record(reports / CLIENT / "review.json")
    assert record is not None
    assert (record.status, record.page) == ("ok", f"{CLIENT}/index.html")
    present = client_records(reports, CLIENT)
    assert CLIENT in {r.client for r in present}
    assert "review" not in {r.notebook for r in present}
    built_in = render_client(present, earlier_records(reports, present))
    page = (reports / CLIENT / "index.html").read_text()
    assert _text(page) == _text(built_in)
    assert "Read from the reports" not in page  # said in JupyterLab alone
    log = json.loads((reports / CLIENT / "logs" / "review.ipynb").read_text())
    assert "Read from the reports as they were last made" in json.dumps(log)


def test_a_cell_that_an_analyst_adds_stands_on_the_front_page(place: Path) -> None:
    _with_cell(place, 'report_note = "Call on Monday"\nreport_note')
    code, said = _run(place)
    assert code == 0, said
    page = (place / "reports" / CLIENT / "index.html").read_text()
    assert "Call on Monday" in page
    assert "Decide this quarter" in page
    first = (place / "reports" / CLIENT / "review.json").read_bytes()
    assert _run(place)[0] == 0
    assert (place / "reports" / CLIENT / "review.json").read_bytes() == first


def test_a_review_that_fails_is_said_and_leaves_the_client_a_front_page(place: Path) -> None:
    _with_cell(place, "1 / 0")
    code, said = _run(place)
    assert code == 1
    assert "review: " in said
    assert "division by zero" in said
    page = (place / "reports" / CLIENT / "index.html").read_text()
    assert "Decide this quarter" in page
    assert "division" not in page


def test_a_report_that_failed_is_named_on_the_review(place: Path) -> None:
    path = place / "reports" / CLIENT / "spending.json"
    record = json.loads(path.read_text()) | {"status": "failed", "message": "KeyError: 'x'"}
    path.write_text(json.dumps(record))
    assert _run(place)[0] == 0
    page = (place / "reports" / CLIENT / "index.html").read_text()
    assert "Technology spending: could not be made this time." in _text(page)
    assert "KeyError" not in page
    made = read_record(place / "reports" / CLIENT / "review.json")
    assert made is not None
    assert made.status == "ok"
