"""A new subject is its own files: nothing of what is there already is edited."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from tests.conftest import PARAMETERS

ROOT = Path(__file__).parents[2]

ROWS = '''"""How many birds the client has seen."""

from __future__ import annotations

import datetime as dt
from typing import ClassVar

from techalign.intake.rows.common import Row, column


class SightingRow(Row):
    """One day's count."""

    table: ClassVar = "sightings"
    enables: ClassVar = "how many birds there are"

    day: dt.date = column("the day", ["2026-01-02", "2026-01-03"])
    birds: int = column("how many", [3, 4], ge=0)
'''
MODEL = '''"""Birds."""

from techalign.decision import Decision
from techalign.numbers.intervals import Interval


def bird_decisions(sightings, currency):
    """Feed them."""
    worth = float(sightings["birds"].sum())
    return [
        Decision(
            what=f"Feed {worth:g} birds", area="ecosystem", kind="act", subject="birds",
            owner="the owner", by=None, value=Interval(worth, worth, worth), unit=currency,
            because="They sing.", evidence="Birds", basis="measured",
        )
    ]
'''
SUBJECT = '''"""Birds in the review."""

from typing import ClassVar

from techalign.review.block import Block, BlockRow, Label, Money
from techalign.review.subject import Part, Register, Subject


class BirdRow(BlockRow):
    day: Label
    birds: Money


class Birds(Block):
    name: ClassVar = "birds"
    rows: tuple[BirdRow, ...]


def _summary(records, today):
    count = sum(row.birds for record in records for row in record.rows(Birds))
    return Part("Birds", f"<p>{count:g} birds by {today}</p>")


def _portfolio(clients):
    return {"USD": [Part("Birds of all", f"<p>{len(clients)} clients have birds</p>")]}


SUBJECT = Subject(
    name="birds", blocks=(Birds,), registers=(Register(Birds, "day", "bird day", "bird days"),),
    summary=_summary, portfolio=_portfolio,
)
'''
CELLS = (
    "from techalign import report, review\nfrom techalign.client import load_client\n"
    "from techalign.birds.count import bird_decisions",
    "book = load_client(clients_dir, client, tables=['sightings', 'decisions'], as_of=as_of)\n"
    "book.require('sightings')\nseen = book.table('sightings')",
    "report.headline('Birds.', [report.Figure('Birds', float(seen['birds'].sum()), '', 'x')])",
    "report.decisions(bird_decisions(seen, book.profile.currency), book)",
    "review.record('birds', seen.assign(text=seen['day'].dt.strftime('%d %b')),"
    " columns={'text': 'day', 'birds': 'birds'})",
)


def test_a_subject_in_files_of_its_own_is_on_every_page(tmp_path: Path) -> None:
    package = tmp_path / "techalign"
    shutil.copytree(ROOT / "techalign", package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "datasets" / "reference", tmp_path / "datasets" / "reference")
    before = {path: path.read_bytes() for path in package.rglob("*.py")}
    (package / "intake" / "rows" / "birds.py").write_text(ROWS)
    (package / "birds").mkdir()
    (package / "birds" / "__init__.py").write_text('"""Birds."""\n')
    (package / "birds" / "count.py").write_text(MODEL)
    (package / "review" / "birds.py").write_text(SUBJECT)
    v4 = nbformat.v4
    cells = [v4.new_markdown_cell("# Birds"),
             v4.new_code_cell(PARAMETERS, metadata={"tags": ["parameters"]}),
             *(v4.new_code_cell(cell) for cell in CELLS)]  # fmt: skip
    kernel = {"name": "python3", "display_name": "P", "language": "python"}
    (tmp_path / "notebooks").mkdir()
    made = v4.new_notebook(cells=cells, metadata={"kernelspec": kernel})
    nbformat.write(made, tmp_path / "notebooks" / "birds.ipynb")
    for command in (["new", "acme", "--clients-dir", "clients"],
                    ["run", "--clients-dir", "clients", "-p", "as_of=2026-03-31"],
                    ["run", "--clients-dir", "clients", "-p", "as_of=2026-06-30"]):  # fmt: skip
        done = subprocess.run(
            [sys.executable, "-m", "techalign", *command], cwd=tmp_path, capture_output=True,
            env={**os.environ, "PYTHONPATH": str(tmp_path)},
            text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, done.stdout + done.stderr
        if command[0] == "new":
            example = tmp_path / "clients" / "acme" / "examples" / "sightings.csv"
            example.rename(example.parents[1] / example.name)
    assert before == {path: path.read_bytes() for path in before}
    out = tmp_path / "reports"
    assert "1 clients have birds" in (out / "portfolio.html").read_text()
    front = (out / "acme" / "index.html").read_text()
    assert "7 birds by 2026-06-30" in front
    assert "Feed 7 birds" in front
    page = (out / "acme" / "birds.html").read_text()
    assert "Feed 7 birds" in page
    assert "What became of the last decisions" in page
