"""What a template imports follows from the notebooks that are to run."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import nbformat
import pytest

from techalign.batch.execute import execute
from techalign.batch.preload import PRELOAD, imported_by
from techalign.warm.owner import DEFAULT_PRELOAD

NOTEBOOKS = Path(__file__).parents[2] / "notebooks"
CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"


def written(path: Path, *cells: str) -> Path:
    """A notebook of these code cells, beside a text that names a subject."""
    texts = [nbformat.v4.new_markdown_cell("Your vendors and partners, by techalign.")]
    codes = [nbformat.v4.new_code_cell(cell) for cell in cells]
    path.write_text(nbformat.writes(nbformat.v4.new_notebook(cells=[*texts, *codes])))
    return path


def test_a_notebook_without_the_package_waits_for_none_of_it(tmp_path: Path) -> None:
    own = written(tmp_path / "own.ipynb", "import pandas as pd", "%matplotlib inline")
    assert imported_by([own]) == DEFAULT_PRELOAD
    broken = tmp_path / "broken.ipynb"
    broken.write_text(json.dumps({"cells": 3}))
    assert imported_by([broken, tmp_path / "absent.ipynb"]) == DEFAULT_PRELOAD


@pytest.mark.parametrize(
    "line",
    ["from techalign import report, vendors", "import techalign.vendors as v",
     "from techalign import (\n    charts,\n    vendors,\n)"],
)  # fmt: skip
def test_it_brings_the_subject_that_is_named(line: str, tmp_path: Path) -> None:
    brought = imported_by([written(tmp_path / "own.ipynb", line)])
    assert {"techalign.vendors", "techalign.report", "techalign.review.vendors"} <= set(brought)
    assert not {"techalign.spending", "techalign.partners"} & set(brought)


def test_the_shipped_notebooks_together_bring_all() -> None:
    assert set(imported_by(NOTEBOOKS.glob("*.ipynb"))) == set(PRELOAD)


@pytest.mark.slow
@pytest.mark.parametrize(
    "name", ["alignment", "ecosystem", "partner_ramps", "plan", "spending", "vendor_risk"]
)
def test_alone_a_shipped_notebook_imports_nothing_late(name: str, tmp_path: Path) -> None:
    path = NOTEBOOKS / f"{name}.ipynb"
    nb = nbformat.read(path, 4)
    first = nbformat.v4.new_code_cell("import sys\nready = set(sys.modules)")
    last = nbformat.v4.new_code_cell("print(*sorted(set(sys.modules) - ready))")
    nb.cells = [first, *nb.cells, last]
    values = {"client": "channel-software", "clients_dir": str(CLIENTS)}
    preload = imported_by([path])
    done = asyncio.run(
        execute(nb, values, cwd=tmp_path, timeout=120, memory_limit=None, preload=preload)
    )
    assert done.error is None
    late = done.notebook.cells[-1].outputs[0].text.split()
    heavy = ("numpy", "pandas", "scipy", "techalign", "charset_normalizer", "rapidfuzz")
    assert [module for module in late if module.startswith(heavy)] == []


def test_a_spending_report_finds_what_follows_from_the_shipped_tables(tmp_path: Path) -> None:
    asked = (
        "from techalign.client import reference",
        "from techalign.spending import purpose, spelling",
        "known = (reference._read_once, purpose._expressions, spelling.normalise_name)",
        "print(*(each.cache_info().currsize for each in known))",
    )
    cell = nbformat.v4.new_code_cell("\n".join(asked))
    nb = nbformat.v4.new_notebook(cells=[cell])
    done = asyncio.run(execute(nb, {}, cwd=tmp_path, timeout=120, memory_limit=None))
    assert done.error is None
    tables, rules, names = map(int, done.notebook.cells[-1].outputs[0].text.split())
    assert tables == len(list((CLIENTS.parent / "reference").glob("*.csv")))
    assert rules == 1
    assert names > 500
