"""What is in the package is there for somebody: a page, a command, an analyst's notebook."""

import ast
import importlib
import json
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "techalign"


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts)


MODULES = {
    _name(path): path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.name not in {"__init__.py", "__main__.py"}
}
PEERS = {
    # an analyst's own figure, accepted where the house's charts cannot draw something
    "techalign.charts.figure",
    # discrete-time hazards with covariates, and the saving of a project that contains a cost:
    # for an analyst's own panel or project, which no table asks a client for
    "techalign.survival.hazard_panel",
    "techalign.spending.containment",
    # called from the first page of a client's desk, which workbench/desk.py writes
    "techalign.workbench.run_panel",
    "techalign.workbench.table_panel",
    # a batch's template imports it by its name, see batch/preload.py
    "techalign.batch.ready",
    "techalign.batch.ready_spending",
}
"""Modules that serve notebooks which people write themselves, or are imported by their names."""


def _defined(module: str, name: str) -> str:
    """The module that defines what a package hands on."""
    if f"{module}.{name}" in MODULES:
        return f"{module}.{name}"
    if module in MODULES or not module.startswith("techalign"):
        return module
    found = getattr(importlib.import_module(module), name, None)
    home = getattr(found, "__module__", None)
    if home in MODULES:
        return str(home)
    # a constant does not say where it comes from
    source = ast.parse(Path(str(importlib.import_module(module).__file__)).read_text())
    for node in ast.walk(source):
        if isinstance(node, ast.ImportFrom) and any(a.name == name for a in node.names):
            return str(node.module)
    return module


def _uses(source: str) -> Iterator[str]:
    """Modules that a piece of code takes something from."""
    tree = ast.parse(source)
    packages = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                yield _defined(node.module, alias.name)
                packages[alias.asname or alias.name] = f"{node.module}.{alias.name}"
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            package = packages.get(node.value.id, "")
            if (ROOT / package.replace(".", "/")).is_dir() and package.startswith("techalign"):
                yield _defined(package, node.attr)


def _starts() -> set[str]:
    """Where people and libraries come in: notebooks, commands, entry points, what is found."""
    found = {"techalign.cli.main"}
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        cells = json.loads(path.read_text())["cells"]
        code = ("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
        found |= set(_uses("\n".join(code)))
    for path in (ROOT / "tests" / "validation").glob("*.py"):  # what `make validate` prints
        found |= set(_uses(path.read_text()))
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    for group in project["entry-points"].values():
        found |= {value.partition(":")[0] for value in group.values()}
    for name, path in MODULES.items():
        by_folder = name.startswith("techalign.intake.rows.") or name.endswith("_command")
        subject = path.parent.name == "review" and "\nSUBJECT" in path.read_text()
        process = '__name__ == "__main__"' in path.read_text()
        if by_folder or subject or process:
            found.add(name)
    return found & MODULES.keys()


@pytest.fixture(scope="module")
def uses() -> dict[str, set[str]]:
    return {name: set(_uses(path.read_text())) & MODULES.keys() for name, path in MODULES.items()}


def test_every_module_is_reached(uses: dict[str, set[str]]) -> None:
    reached: set[str] = set()
    ahead = _starts() | PEERS
    while ahead:
        reached |= ahead
        ahead = set().union(*(uses[name] for name in ahead)) - reached
    assert sorted(MODULES.keys() - reached) == []


def test_a_module_with_one_user_and_no_test_of_its_own_is_a_section_of_that_user(
    uses: dict[str, set[str]],
) -> None:
    tests = list((ROOT / "tests").rglob("test_*.py"))
    starts = _starts()
    tested = {path.stem.removeprefix("test_") for path in tests}
    tested |= set().union(*(set(_uses(path.read_text())) for path in tests))
    users = {name: {user for user, used in uses.items() if name in used} for name in MODULES}
    lonely = [
        name
        for name, path in MODULES.items()
        if name not in starts
        and len(users[name] - {name}) == 1
        and name not in tested
        and path.stem not in tested
        and ">>>" not in path.read_text()
    ]
    assert lonely == []
