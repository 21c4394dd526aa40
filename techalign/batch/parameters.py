"""A notebook's parameters: read from its tagged cell, checked before anything starts.

The cell tagged ``parameters`` holds annotated assignments with a comment each::

    horizon_months: int = 12  # months to forecast [1, 60]

papermill itself takes any value for any name: ``months: int`` accepts "not a number".
"""

from __future__ import annotations

import ast
import io
import re
import tokenize
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from techalign.batch.notebook import OF_A_CLIENT, language_of, read_notebook, tags_of
from techalign.errors import ParameterError

__all__ = [
    "Expression",
    "Parameter",
    "check_parameters",
    "notebook_parameters",
    "parse_assignments",
]

_BOUNDS = re.compile(r"\[\s*(-?\d[\d_]*(?:\.\d*)?)\s*,\s*(-?\d[\d_]*(?:\.\d*)?)\s*\]")
_ASSIGNMENT = re.compile(
    r"^\s*(?:(?:let|var|val|const|local|export|my)\s+)?\$?(?P<name>[A-Za-z_]\w*)"
    r"(?:\s*:\s*\w+)?\s*(?:<-|=(?!=))\s*(?P<value>.*?)\s*(?:\s(?:#|//|--|%)\s(?P<help>.*))?$"
)
_MAGIC = "%!?"
_KINDS = {"str", "int", "float", "bool", "Secret"}
_CONSTANTS = {"True": True, "False": False, "None": None}
_TRUE, _FALSE = {"yes", "true", "1", "on"}, {"no", "false", "0", "off"}


@dataclass(frozen=True)
class Expression:
    """A default that only the notebook itself can find out: the code that does so."""

    code: str

    def __repr__(self) -> str:
        return self.code


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
        A value, or an :class:`Expression` where the cell has no literal.
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
        Parameters by name, in their order; empty if no cell is tagged ``parameters``. Of two such
        cells the first counts, as for papermill.

    Raises
    ------
    ParameterError
        If the file is not a notebook, or the tagged cell is not valid Python where it should be.
    """
    notebook = read_notebook(path)
    source = _tagged_source(notebook)
    if language_of(notebook) != "python":
        return _assigned(source)
    try:
        found = {parameter.name: parameter for parameter in _in_python(source)}
    except (SyntaxError, ValueError, RecursionError, MemoryError, tokenize.TokenError) as error:
        raise ParameterError(
            f"its parameters cell is not valid Python: {getattr(error, 'msg', error)}",
            where=path.name,
        ) from error
    for parameter in found.values():
        if parameter.kind == "Secret" and not isinstance(parameter.default, str):
            raise ParameterError(
                "must name an environment variable",
                where=f"{path.name}: parameter '{parameter.name}'",
                value=parameter.default,
                remedy="Write the variable's name in quotes.",
            )
    return found


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


def _tagged_source(notebook: Mapping[str, Any]) -> str:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code" and "parameters" in tags_of(cell):
            return "".join(cell["source"])
    return ""


def _in_python(source: str) -> Iterator[Parameter]:
    """The parameters of a cell in Python, in their order."""
    source = _without_magic(source)
    body, comments = ast.parse(source).body, _comments(source)
    # of several on a line, the comment is the last one's
    last = {node.end_lineno: node for node in body}
    for node in body:
        is_last = last[node.end_lineno] is node
        yield from _parameters(node, comments.get(node.end_lineno or 0, "") if is_last else "")


def _without_magic(source: str) -> str:
    """A cell's text; with the calls that IPython makes of its magic lines if it has some."""
    lines = source.splitlines()
    if not any(mark in line for line in lines for mark in _MAGIC):
        return source
    try:
        ast.parse(source)
    except SyntaxError:
        from IPython.core.inputtransformer2 import TransformerManager

        # a magic that is about the whole cell would make one text of it
        first, *rest = source.lstrip().splitlines()
        lines = ["" if first.startswith("%%") else first, *rest]
        return str(TransformerManager().transform_cell("\n".join(lines)))
    return source


def _assigned(source: str) -> dict[str, Parameter]:
    """What a cell in another language assigns, a line each; the type is for that to say."""
    found = (_ASSIGNMENT.match(line) for line in source.splitlines())
    return {
        match["name"]: Parameter(
            match["name"], "any", Expression(match["value"].rstrip(" ;")), match["help"] or ""
        )
        for match in found
        if match
    }


def _comments(source: str) -> dict[int, str]:
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.start[0]: t.string.lstrip("# ") for t in tokens if t.type == tokenize.COMMENT}


def _parameters(node: ast.stmt, text: str) -> Iterator[Parameter]:
    """The parameters that a statement assigns, with the comment behind it."""
    kind = "any"
    if isinstance(node, ast.AnnAssign):
        pairs = _pairs(node.target, node.value)
        kind = ast.unparse(node.annotation).strip("'")  # "Secret" stands in quotes
    elif isinstance(node, ast.Assign):
        pairs = [pair for target in node.targets for pair in _pairs(target, node.value)]
    else:
        return
    bounds = _BOUNDS.search(text)
    low, high = (float(bounds[1]), float(bounds[2])) if bounds else (None, None)
    for name, value in pairs:
        known = kind if kind in _KINDS else "any"
        yield Parameter(name, known, _default(value), text.strip(), low, high)


def _pairs(target: ast.expr, value: ast.expr | None) -> list[tuple[str, ast.expr | None]]:
    """The names in a target, each with its own part of the value where they can be told apart."""
    if isinstance(target, ast.Name):
        return [(target.id, value)]
    if not isinstance(target, ast.Tuple | ast.List):
        return []
    parts: Sequence[ast.expr | None] = [value] * len(target.elts)
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts):
        parts = value.elts
    return [
        pair for each, part in zip(target.elts, parts, strict=True) for pair in _pairs(each, part)
    ]


def _default(value: ast.expr | None) -> Any:
    """A literal's value; of anything else the code, which only the notebook can run."""
    if value is None:
        return None
    try:
        return ast.literal_eval(value)
    except (ValueError, TypeError, SyntaxError, MemoryError, RecursionError):
        return Expression(ast.unparse(value))


def _converted(parameter: Parameter, value: object, notebook: str) -> object:
    result = (
        _guessed(parameter, value) if parameter.kind == "any" else _typed(parameter.kind, value)
    )
    if result is None and parameter.kind != "any":
        raise ParameterError(
            f"must be {parameter.kind}",
            where=f"{notebook}: parameter '{parameter.name}'",
            value=value,
            remedy=parameter.help,
        )
    if not _is_within(parameter, result):
        raise ParameterError(
            f"must be between {parameter.low:g} and {parameter.high:g}",
            where=f"{notebook}: parameter '{parameter.name}'",
            value=value,
            remedy=parameter.help,
        )
    return result


def _is_within(parameter: Parameter, value: object) -> bool:
    low, high = parameter.low, parameter.high
    if low is None or high is None:
        return True
    try:
        return low <= float(str(value)) <= high
    except ValueError:
        return False


def _guessed(parameter: Parameter, value: object) -> object:
    """What papermill makes of a text for a parameter whose type nobody has said."""
    is_text = isinstance(parameter.default, str) or parameter.name in OF_A_CLIENT
    if is_text or not isinstance(value, str):
        return value
    if value in _CONSTANTS:
        return _CONSTANTS[value]
    for number in (int, float):
        try:
            return number(value)
        except ValueError:
            continue
    return value


def _typed(kind: str, value: object) -> object:
    """Convert a value to a parameter's type; None if it is not of that type."""
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
