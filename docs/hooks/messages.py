"""The list of messages about wrong input, with what to do: read from where they are raised."""

from __future__ import annotations

import ast
import inspect
from collections.abc import Iterator
from pathlib import Path

import techalign
from techalign import errors

_PACKAGE = Path(str(techalign.__file__)).parent
_KINDS = {
    name: kind
    for name in errors.__all__
    if issubclass(kind := getattr(errors, name), errors.InputError)
}


def messages_table() -> str:
    """Write every message with a remedy, by kind; ``…`` stands for what differs."""
    found: dict[str, dict[str, str]] = {name: {} for name in _KINDS}
    for path in sorted(_PACKAGE.rglob("*.py")):
        for kind, problem, remedy in _raised(ast.parse(path.read_text(encoding="utf-8"))):
            found[kind].setdefault(problem, remedy)
    lines = []
    for kind, messages in found.items():
        if messages:
            lines += [f"### {(inspect.getdoc(_KINDS[kind]) or '').splitlines()[0]}", ""]
            lines += ["| what is said | what to do |", "|---|---|"]
            lines += [f"| {_cell(p)} | {_cell(r)} |" for p, r in sorted(messages.items())]
            lines.append("")
    return "\n".join(lines)


def _raised(tree: ast.Module) -> Iterator[tuple[str, str, str]]:
    for node in ast.walk(tree):
        if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Name)):
            continue
        remedy = next((word.value for word in node.keywords if word.arg == "remedy"), None)
        if node.func.id in _KINDS and node.args and remedy is not None:
            problem, to_do = _text(node.args[0]), _text(remedy)
            # what is put together elsewhere says nothing here
            if problem.strip("… ") and to_do.strip("… "):
                yield node.func.id, problem, to_do


def _text(node: ast.expr) -> str:
    if isinstance(node, ast.Constant):
        return str(node.value)
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(value) for value in node.values)
    if isinstance(node, ast.BinOp):
        return _text(node.left) + _text(node.right)
    return "…"


def _cell(text: str) -> str:
    for sign in "\\|<*_[":
        text = text.replace(sign, f"&#{ord(sign)};")
    return " ".join(text.split())
