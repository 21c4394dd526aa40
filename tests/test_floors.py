"""The house: each floor imports only from below, without circles; nothing is heavy at start."""

import ast
import importlib
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "techalign"
FLOORS = [
    {"numbers", "decision", "storage", "html", "text", "errors", "warm", "__init__"},
    {"client", "intake"},
    {"survival", "losses"},
    {"spending", "vendors", "partners", "ecosystem", "alignment"},
    {"charts"},
    {"report"},
    {"review"},
    {"batch"},
    {"cli", "workbench", "__main__"},
]
STATISTICS = FLOORS[2]
MODELS = FLOORS[3]
MODULES = sorted(PACKAGE.rglob("*.py"))


def _name(path: Path) -> str:
    return ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")


NAMES = {_name(path) for path in MODULES}


def _part(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def _floor(part: str) -> int:
    return next(i for i, parts in enumerate(FLOORS) if part in parts)


@cache
def _parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text())


@cache
def _nodes(path: Path) -> list[ast.AST]:
    return list(ast.walk(_parsed(path)))


@cache
def _imports(path: Path) -> set[str]:
    found = set()
    for node in _nodes(path):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            # modules, not names, taken from a package
            found |= {f"{node.module}.{alias.name}" for alias in node.names} & NAMES
    return found


def _may_import(part: str, other: str) -> bool:
    if part in MODELS | STATISTICS:
        # models are independent of one another and know no files; so are statistics
        below = FLOORS[0] | (STATISTICS if part in MODELS else set())
        return other in {part} | below
    return _floor(other) <= _floor(part)


def test_a_module_imports_only_from_its_own_floor_or_below() -> None:
    upward = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path in MODULES
        for name in sorted(_imports(path))
        if name.startswith("techalign.") and not _may_import(_part(path), name.split(".")[1])
    ]
    assert upward == []


def test_modules_say_why_they_exist() -> None:
    silent = [path.relative_to(PACKAGE) for path in MODULES if not ast.get_docstring(_parsed(path))]
    assert silent == []


def test_no_module_imports_itself_through_others() -> None:
    """At any depth, late imports and those for types included; packages only re-export."""
    left = {_name(path): _imports(path) for path in MODULES if path.name != "__init__.py"}
    left = {name: {other for other in found if other in left} for name, found in left.items()}
    while free := {name for name, found in left.items() if not found & left.keys() - {name}}:
        left = {name: found - free for name, found in left.items() if name not in free}
    assert not left, f"a circle among {', '.join(sorted(left))}"


@pytest.mark.parametrize("part", sorted(MODELS))
def test_models_neither_read_nor_print(part: str) -> None:
    calls = {
        node.func.id if isinstance(node.func, ast.Name) else node.func.attr
        for path in (PACKAGE / part).rglob("*.py")
        for node in _nodes(path)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute)
    }
    assert not calls & {"print", "open", "read_csv", "read_text", "read_bytes", "read_parquet"}


def _is_command(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    """Tell whether a function's parameters are the options of a command."""
    return any("command(" in ast.unparse(decorator) for decorator in node.decorator_list)


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    named = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
    return sum(arg.arg not in {"self", "cls"} for arg in named)


def test_no_function_takes_more_than_eight_parameters() -> None:
    many = [
        f"{path.relative_to(PACKAGE)}: {node.name} takes {_parameters(node)}"
        for path in MODULES
        for node in _nodes(path)
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and _parameters(node) > 8
        and not _is_command(node)
    ]
    assert many == []


def test_exported_names_exist() -> None:
    for path in MODULES:
        name = _name(path)
        if name.endswith("__main__"):
            continue
        module = importlib.import_module(name)
        for exported in getattr(module, "__all__", []):
            assert hasattr(module, exported), f"{name}.{exported}"


def test_importing_the_package_loads_nothing_heavy() -> None:
    code = "import sys, techalign; print(sorted({'numpy', 'pandas', 'scipy'} & set(sys.modules)))"
    out = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout
    assert out.strip() == "[]"
