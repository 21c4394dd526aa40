"""What the pages tell a reader to type does what they say."""

import csv
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.blocks import blocks_of, run_blocks

ROOT = Path(__file__).parents[2]
DOCS = ROOT / "docs"
MONTHLY = (
    ("Microsoft 365", "Software", -132.00, 12),
    ("QuickBooks Online", "Software", -55.00, 5),
    ("Comcast Business", "Internet", -189.90, 18),
    ("Zoom", "Software", -159.90, 21),
    ("Oakdale Property", "Rent", -2400.00, 3),
)


def _write_ledger(target: Path) -> None:
    """Two years of a reader's payments: one price rise, a few purchases, one impossible day."""
    rows = []
    for month in range(24):
        day = f"{(6 + month) % 12 + 1:02}/{{:02}}/{2024 + (6 + month) // 12}"
        rows += [(day.format(on), name, kind, f"{cost:.2f}") for name, kind, cost, on in MONTHLY]
        storage = -180.0 if month < 12 else -201.60
        rows.append((day.format(25), "Dropbox", "Software", f"{storage:.2f}"))
        if month % 3 == 1:
            rows.append((day.format(15), "Best Buy", "Computers", f"{-300 - month * 17:.2f}"))
    rows.append(("13/45/2025", "Staples", "Office", "-48.10"))
    with target.open("w", newline="") as file:
        csv.writer(file).writerows([("Date", "Description", "Category", "Amount"), *rows])


def test_the_tutorial_does_with_a_readers_ledger_what_it_says(tmp_path: Path) -> None:
    _write_ledger(tmp_path / "ledger.csv")
    run_blocks(DOCS / "tutorial.md", tmp_path)
    page = (tmp_path / "workbook" / "oak-street.html").read_text()
    assert "Ann Oak" in page
    # nothing of the examples has reached the client
    assert "Harbor Payroll" not in page


@pytest.fixture(scope="module")
def workbook(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A workbook with one sample client, reported on at two reviews, as the guide has it."""
    folder = tmp_path_factory.mktemp("workbook")
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    shutil.copytree(ROOT / "datasets" / "reference", folder / "datasets" / "reference")
    client = Path("datasets") / "clients" / "machine-shop"
    shutil.copytree(ROOT / client, folder / client)
    command = [sys.executable, "-m", "techalign", "run", "--notebook", "spending", "--reviews", "2"]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder


GUIDES = [page for page in sorted((DOCS / "guide").glob("*.md")) if [*blocks_of(page)]]


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_a_guide_does_what_it_says(page: Path, workbook: Path) -> None:
    run_blocks(page, workbook)


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A reader's own copy of the project, with one sample client."""
    for folder in ("techalign", "notebooks"):  # as compiled as they are: each command would
        shutil.copytree(ROOT / folder, tmp_path / folder)
    shutil.copytree(ROOT / "datasets" / "reference", tmp_path / "datasets" / "reference")
    client = Path("datasets") / "clients" / "machine-shop"
    shutil.copytree(ROOT / client, tmp_path / client)
    return tmp_path


@pytest.mark.parametrize("page", sorted((DOCS / "howto").glob("*.md")), ids=lambda page: page.stem)
def test_a_how_to_does_what_it_says(page: Path, checkout: Path) -> None:
    assert [*blocks_of(page)], f"{page.name} shows nothing to do"
    run_blocks(page, checkout)
