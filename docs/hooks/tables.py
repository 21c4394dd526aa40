"""Pages of the tables a client's folder can hold, from the row models, and of its profile."""

from __future__ import annotations

import datetime as dt
import importlib
import inspect
import types
from decimal import Decimal
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from techalign.client.profile import Profile
from techalign.intake.rows import ROW_MODELS, Row
from techalign.intake.rows.common import Name, Text

_KINDS = {
    dt.date: "a day, as 2026-06-30",
    bool: "yes or no",
    int: "a whole number",
    float: "a number",
    Decimal: "money, in the client's currency",
    str: "text",
}
_LONGEST = {constraint.max_length for kind in (Name, Text) for constraint in kind.__metadata__}


def table_pages() -> dict[str, str]:
    """Write one page for each file of row models, and one for the profile."""
    pages = {"guide/tables/client.md": _profile_page()}
    for subject, models in _by_subject().items():
        pages[f"guide/tables/{subject}.md"] = _subject_page(subject, models)
    return pages


def _by_subject() -> dict[str, list[type[Row]]]:
    subjects: dict[str, list[type[Row]]] = {}
    for model in ROW_MODELS.values():
        subjects.setdefault(model.__module__.rsplit(".", 1)[-1], []).append(model)
    return subjects


def _subject_page(subject: str, models: list[type[Row]]) -> str:
    module = inspect.getdoc(importlib.import_module(models[0].__module__)) or ""
    lines = [f"# Tables: {subject}", "", module.split("\n\n")[0], ""]
    for model in models:
        lines += [f"## {model.table}", "", inspect.getdoc(model) or "", ""]
        if model.enables:
            lines += [f"It makes it possible to say {model.enables}.", ""]
        lines += [*_rules(model), *_fields(model, _examples(model)), ""]
    return "\n".join(lines)


def _rules(model: type[Row]) -> list[str]:
    said = []
    if model.key:
        said.append(f"No two rows may share the same {_listed(model.key)}.")
    else:
        said.append("Rows may repeat; exact repeats are kept and flagged.")
    if model.reconciles:
        said.append(f"The sum of `{model.reconciles}` is reconciled to the cent.")
    if not model.begins:
        said.append("A new client's folder begins without it.")
    return [" ".join(said), ""]


def _listed(names: tuple[str, ...]) -> str:
    return " and ".join(f"`{name}`" for name in names)


def _examples(model: type[Row]) -> dict[str, str]:
    return {
        name: f"`{cell}`" if (cell := _cell((field.examples or [None])[0])) else ""
        for name, field in model.model_fields.items()
    }


def _cell(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return "" if value is None else str(value)


def _fields(model: type[BaseModel], examples: dict[str, str] | None = None) -> list[str]:
    lines = [
        "| field | what to write | kind and unit | when left out | example |",
        "|---|---|---|---|---|",
    ]
    for name, field in model.model_fields.items():
        cells = [
            f"`{name}`",
            field.description or "",
            kind_of(field),
            "must be there" if field.is_required() else _default(field),
            (examples or {}).get(name, ""),
        ]
        lines.append(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |")
    return lines


def _default(field: FieldInfo) -> str:
    default = field.get_default(call_default_factory=True)
    if default is None or default == "":
        return "not known"
    if isinstance(default, bool):
        return "yes" if default else "no"
    return "as the files show" if isinstance(default, BaseModel) else f"`{default}`"


def kind_of(field: FieldInfo) -> str:
    """Say in words what a cell may hold, with its unit and bounds.

    Examples
    --------
    >>> kind_of(ROW_MODELS["vendors"].model_fields["criticality"])
    'a whole number from 1 to 5'
    """
    annotation, inner = _without_none(field.annotation)
    if get_origin(annotation) is Literal:
        return "one of " + ", ".join(f"`{choice}`" for choice in get_args(annotation))
    bounds = {key: value for item in [*field.metadata, *inner] for key, value in _bounds(item)}
    if annotation is float and bounds == {"ge": 0.0, "le": 1.0}:
        return "a share from 0 to 1, or as 25%"
    kind = _KINDS.get(annotation, "text")
    if annotation is dt.date:
        return kind
    said = " ".join(_said(bounds))
    between = ", " if annotation is Decimal else " "
    return f"{kind}{between}{said}" if said else kind


def _bounds(item: object) -> list[tuple[str, Any]]:
    names = ("ge", "gt", "le", "lt")
    found = [(n, getattr(item, n)) for n in names if getattr(item, n, None) is not None]
    longest = getattr(item, "max_length", None)
    if longest is not None and longest not in _LONGEST:
        found.append(("longest", longest))
    if getattr(item, "pattern", None):
        found.append(("pattern", item.pattern))  # type: ignore[attr-defined]
    return found


def _said(bounds: dict[str, Any]) -> list[str]:
    low = bounds.get("ge", bounds.get("gt"))
    said = []
    if low is not None and "le" in bounds:
        said.append(f"from {low} to {bounds['le']}")
    elif low is not None:
        said.append(f"above {low}" if "gt" in bounds else f"of at least {low}")
    elif "le" in bounds:
        said.append(f"of at most {bounds['le']}")
    if "lt" in bounds:
        said.append(f"below {bounds['lt']}")
    if bounds.get("pattern") == "^[A-Z]{3}$":
        said.append("of three capital letters, as USD")
    if "longest" in bounds:
        said.append(f"of at most {bounds['longest']} characters")
    return said


def _without_none(annotation: Any) -> tuple[Any, list[Any]]:
    """Give the type in a union with None, and the constraints that stand on it there."""
    if get_origin(annotation) not in {Union, types.UnionType}:
        return annotation, []
    kind = next(kind for kind in get_args(annotation) if kind is not type(None))
    return (
        (get_args(kind)[0], [*kind.__metadata__]) if get_origin(kind) is Annotated else (kind, [])
    )


def _profile_page() -> str:
    reading = Profile.model_fields["reading"].annotation
    assert isinstance(reading, type)
    lines = [
        "# The profile, client.toml",
        "",
        *(inspect.getdoc(Profile) or "").replace("``", "`").split("\n"),
        "",
        *_fields(Profile),
        "",
        "## [reading]",
        "",
        inspect.getdoc(reading) or "",
        "",
        *_fields(reading),
    ]
    return "\n".join(lines)
