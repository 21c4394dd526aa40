"""Notebooks are read, linted by eye-level rules, and executed as tests (see tests/batch)."""

import ast
import itertools
import json
from pathlib import Path

import pytest

from techalign.batch.parameters import notebook_parameters

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*.ipynb"))


def _cells(path: Path, kind: str) -> list[str]:
    cells = json.loads(path.read_text())["cells"]
    return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == kind]


def test_the_notebooks_are_there() -> None:
    wanted = {"spending", "plan", "vendor_risk", "partner_ramps", "ecosystem", "alignment"}
    wanted |= {"review"}
    assert {path.stem for path in NOTEBOOKS} >= wanted


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_no_definitions_and_no_outputs(path: Path) -> None:
    for cell in json.loads(path.read_text())["cells"]:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    for source in _cells(path, "code"):
        kinds = {type(node) for node in ast.walk(ast.parse(source))}
        assert not kinds & {ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.For, ast.While}


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_parameters_are_typed_and_commented(path: Path) -> None:
    parameters = notebook_parameters(path)
    if path.stem == "review":  # it reads reports, no tables
        assert list(parameters) == ["client", "reports_dir"]
    else:
        assert list(parameters)[:3] == ["client", "clients_dir", "as_of"]
    for parameter in parameters.values():
        assert parameter.kind in {"str", "int", "float", "bool"}
        assert parameter.help
        assert parameter.kind != "int" or parameter.low is not None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda p: p.stem)
def test_prose_leads_and_headings_are_in_order(path: Path) -> None:
    prose = _cells(path, "markdown")
    assert prose[0].startswith("# ")
    levels = [
        len(line) - len(line.lstrip("#"))
        for text in prose
        for line in text.splitlines()
        if line.startswith("#")
    ]
    assert levels[0] == 1
    assert levels.count(1) == 1
    assert all(later - earlier <= 1 for earlier, later in itertools.pairwise(levels))
