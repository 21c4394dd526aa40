"""Reviews of earlier quarters, made now from what was dated then."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLIENT = "juice-bar"


def _run(out: Path, *more: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "techalign", "run", CLIENT, "--notebook", "spending"]
    return subprocess.run(
        [*command, "--out", str(out), *more], cwd=ROOT, capture_output=True, text=True, check=False
    )


def _figures(record: Path) -> dict[str, str]:
    figures = json.loads(record.read_text())["headline"]["figures"]
    return {figure["label"]: figure["text"] for figure in figures}


@pytest.fixture(scope="module")
def out(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("backfill") / "reports"
    done = _run(folder, "--reviews", "3")
    assert done.returncode == 0, done.stderr
    assert "2 of 2 reports of earlier reviews kept to compare with" in done.stderr
    return folder


def test_each_earlier_quarter_is_made_from_what_was_dated_up_to_then(
    out: Path, tmp_path: Path
) -> None:
    history = out / CLIENT / "history"
    assert sorted(path.name for path in history.iterdir()) == ["2025Q4", "2026Q1", "2026Q2"]
    held = _run(tmp_path / "held", "-p", "as_of=2026-03-31")
    assert held.returncode == 0
    then = _figures(history / "2026Q1" / "spending.json")
    assert then == _figures(tmp_path / "held" / CLIENT / "spending.json")
    assert then != _figures(out / CLIENT / "spending.json")
    assert json.loads((history / "2026Q1" / "spending.json").read_text())["made_later"]


@pytest.mark.parametrize("page", ["spending", "index"])
def test_a_page_that_compares_with_one_says_that_it_was_made_afterwards(
    out: Path, page: str
) -> None:
    html = (out / CLIENT / f"{page}.html").read_text("utf-8")
    assert "The review of 2026 Q1 was made afterwards" in html
    assert "This is the first review" not in html


def test_a_second_run_makes_nothing_and_changes_nothing(out: Path) -> None:
    before = {path: path.read_bytes() for path in out.rglob("*.*") if path.is_file()}
    done = _run(out, "--reviews", "3")
    assert "1 of 1 reports made, 1 of them up to date" in done.stdout
    assert "earlier reviews" not in done.stderr
    assert {path: path.read_bytes() for path in out.rglob("*.*") if path.is_file()} == before


def test_a_review_that_was_held_is_never_replaced(tmp_path: Path) -> None:
    out = tmp_path / "reports"
    assert _run(out, "-p", "as_of=2026-03-31").returncode == 0
    kept = out / CLIENT / "history" / "2026Q1" / "spending.json"
    held = kept.read_bytes()
    done = _run(out, "--reviews", "3")
    assert "1 of 1 reports of earlier reviews kept" in done.stderr
    assert kept.read_bytes() == held
    assert "was made afterwards" not in (out / CLIENT / "spending.html").read_text("utf-8")
