"""A notebook's parameters: read from its tagged cell, checked before anything starts.

The cell tagged ``parameters`` holds annotated assignments with a comment each::

    horizon_months: int = 12  # months to forecast [1, 60]

papermill itself takes any value for any name: ``months: int`` accepts "not a number".
"""

from __future__ import annotations

import ast
import io
import json
import re
import tokenize
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from techalign.errors import ParameterError

__all__ = [
    "Parameter",
    "check_parameters",
    "notebook_parameters",
    "notebook_title",
    "parse_assignments",
]

_BOUNDS = re.compile(r"\[\s*(-?[\d._]+)\s*,\s*(-?[\d._]+)\s*\]")
_TRUE, _FALSE = {"yes", "true", "1", "on"}, {"no", "false", "0", "off"}


@dataclass(frozen=True)
class Parameter:
    """One parameter of a notebook.

    Attributes
    ----------
    name : str
    kind : str
        "str", "int", "float" or "bool"; "Secret" for the name of an environment variable
        that holds one; "any" where the cell does not say.
    default : object
    help : str
        The comment behind it.
    low, high : float or None
        Bounds, from ``[low, high]`` in the comment.
    """

    name: str
    kind: str
    default: Any
    help: str
    low: float | None = None
    high: float | None = None


def notebook_parameters(path: Path) -> dict[str, Parameter]:
    """Read a notebook's parameters.

    Parameters
    ----------
    path : Path
        The notebook.

    Returns
    -------
    dict
        Parameters by name, in their order; empty if no cell is tagged ``parameters``.

    Raises
    ------
    ParameterError
        If the file is not a notebook or the tagged cell is not plain assignments.
    """
    source = _tagged_source(_read_notebook(path))
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ParameterError(
            f"its parameters cell is not valid Python: {error.msg}", where=path.name
        ) from error
    comments = _comments(source)
    found = {}
    for node in tree.body:
        parameter = _parameter(node, comments)
        if parameter is not None:
            found[parameter.name] = parameter
    return found


def notebook_title(path: Path) -> str:
    """The first level-one heading of a notebook; its file's name if there is none."""
    for cell in _read_notebook(path)["cells"]:
        if cell["cell_type"] == "markdown":
            for line in "".join(cell["source"]).splitlines():
                if line.startswith("# "):
                    return line[2:].strip()
    return path.stem.replace("_", " ").capitalize()


def check_parameters(
    known: Mapping[str, Parameter], given: Mapping[str, object], notebook: str
) -> dict[str, object]:
    """Check given values against a notebook's parameters.

    Parameters
    ----------
    known : mapping
        As :func:`notebook_parameters` gives them.
    given : mapping
        Values by name; text is converted to the parameter's type.
    notebook : str
        The notebook's name, for the error.

    Returns
    -------
    dict
        The values, converted.

    Raises
    ------
    ParameterError
        If a name is unknown, or a value has the wrong type or is out of bounds.
    """
    checked = {}
    for name, value in given.items():
        if name not in known:
            raise ParameterError(
                f"has no parameter '{name}'",
                where=notebook,
                remedy=f"It has {', '.join(known) or 'none'}.",
            )
        checked[name] = _converted(known[name], value, notebook)
    return checked


def _read_notebook(path: Path) -> dict[str, Any]:
    try:
        loaded: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        loaded["cells"] = list(loaded["cells"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ParameterError(
            "cannot be read as a notebook", where=str(path), remedy="Check the path."
        ) from error
    if loaded.get("nbformat") != 4 or not all(map(_is_cell, loaded["cells"])):
        raise ParameterError(
            "is not a whole notebook of format 4",
            where=str(path),
            remedy="Open it in JupyterLab and save it.",
        )
    return loaded


def _is_cell(cell: Any) -> bool:
    needed = {"cell_type", "metadata", "source"}
    if isinstance(cell, dict) and cell.get("cell_type") == "code":
        needed |= {"outputs", "execution_count"}
    return isinstance(cell, dict) and needed <= cell.keys() and isinstance(cell["metadata"], dict)


def _tagged_source(notebook: Mapping[str, Any]) -> str:
    for cell in notebook["cells"]:
        if "parameters" in cell.get("metadata", {}).get("tags", []):
            return "".join(cell["source"])
    return ""


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _parameter(node: ast.stmt, comments: Mapping[int, str]) -> Parameter | None:
    if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
        name, value = node.target.id, node.value
        kind = ast.unparse(node.annotation).strip("'")  # "Secret" stands in quotes
    elif isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
        name, kind, value = node.targets[0].id, "any", node.value
    else:
        return None
    default = ast.literal_eval(value) if value is not None else None
    if kind not in {"str", "int", "float", "bool", "Secret"}:
        kind = "any"
    text = comments.get(node.end_lineno or node.lineno, "")
    bounds = _BOUNDS.search(text)
    low, high = (float(bounds[1]), float(bounds[2])) if bounds else (None, None)
    return Parameter(name, kind, default, text.strip(), low, high)


def _converted(parameter: Parameter, value: object, notebook: str) -> object:
    result = _typed(parameter.kind, value)
    if result is None:
        raise ParameterError(
            f"must be {parameter.kind}",
            where=f"{notebook}: parameter '{parameter.name}'",
            value=value,
            remedy=parameter.help,
        )
    below = parameter.low is not None and float(str(result)) < parameter.low
    above = parameter.high is not None and float(str(result)) > parameter.high
    if below or above:
        raise ParameterError(
            f"must be between {parameter.low:g} and {parameter.high:g}",
            where=f"{notebook}: parameter '{parameter.name}'",
            value=value,
            remedy=parameter.help,
        )
    return result


def _typed(kind: str, value: object) -> object:
    """Convert a value to a parameter's type; None if it is not of that type."""
    if kind == "any":
        return value
    if kind == "bool":
        text = str(value).casefold()
        return True if text in _TRUE else False if text in _FALSE else None
    if kind in {"str", "Secret"}:
        return value if isinstance(value, str) else None
    if isinstance(value, bool):
        return None
    try:
        return int(str(value)) if kind == "int" else _finite(str(value))
    except ValueError:
        return None


def _finite(text: str) -> float | None:
    number = float(text)
    return number if abs(number) < float("inf") else None


def parse_assignments(texts: Sequence[str]) -> dict[str, str]:
    """Split ``name=value`` texts from the command line.

    Raises
    ------
    ParameterError
        If one has no "=".
    """
    pairs = {}
    for text in texts:
        name, equals, value = text.partition("=")
        if not equals or not name.isidentifier():
            raise ParameterError(
                "is not name=value", where="-p", value=text, remedy="Write -p horizon_months=24."
            )
        pairs[name] = value
    return pairs
