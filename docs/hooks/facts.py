"""Tables of the site that are data of the project: assumptions, formats, questions, figures."""

from __future__ import annotations

import csv
import importlib
import inspect
from importlib.resources import files
from pathlib import Path

from docstrings import as_markdown
from techalign.intake.mapping import SHIPPED_MAPPINGS, Mapping, shipped_mapping
from unturned import NOT_TURNED, SOMETIMES

ROOT = Path(__file__).parents[2]
REFERENCE = ROOT / "datasets" / "reference"


def assumptions_table() -> str:
    """Write every assumption with its range, unit, kind and source."""
    rows = [
        (f"`{row['key']}`", row["value"], _range(row), row["unit"], row["kind"], row["source"])
        for row in _rows("assumptions")
    ]
    return _table(("key", "value", "range", "unit", "kind", "source"), rows)


def unturned_table() -> str:
    """Write the assumptions that no what-if section turns, or only for some clients."""
    said = [(f"`{key}`", why) for key, why in NOT_TURNED.items()]
    groups: dict[str, list[str]] = {}
    for key, why in SOMETIMES.items():
        groups.setdefault(why, []).append(f"`{key}`")
    return _table(("key", "why"), [*said, *((", ".join(k), why) for why, k in groups.items())])


def _range(row: dict[str, str]) -> str:
    return f"{row['low']} to {row['high']}" if row["low"] or row["high"] else ""


def questions_table() -> str:
    """Write the questionnaire's questions, with their lowest and highest level."""
    rows = _rows("assessment_items")
    names = [name for name in rows[0] if name not in {"source", "confidence"}]
    return _table(
        tuple(name.replace("_", " ") for name in names), [[r[n] for n in names] for r in rows]
    )


def formats_table() -> str:
    """Write the formats that ``techalign import`` knows, in the order in which it tries them."""
    rows = []
    for name in SHIPPED_MAPPINGS:
        mapping = shipped_mapping(name)
        text = (files("techalign.intake") / "mappings" / f"{name}.toml").read_text("utf-8")
        known_by = [f"`{group.replace('|', '` or `')}`" for group in mapping.required.headers]
        said = text.partition("\n")[0].removeprefix("# ")
        rows.append((f"`{name}`", said, f"`{mapping.table}`", ", ".join(known_by)))
    return _table(("format", "what wrote it", "becomes", "known by its columns"), rows)


def formula(module: str) -> str:
    """Give what a module says of itself: formulas, notation, numbered references."""
    said = inspect.getdoc(importlib.import_module(module)) or ""
    first, _, rest = said.partition("\n\n")
    text = as_markdown(rest).replace("References\n----------", "**References**")
    title = " ".join(first.split()).replace("``", "").replace('"', "'")
    where = f'In <autoref identifier="{module}" optional><code>{module}</code></autoref>.'
    lines = [f'???+ abstract "{title}"', "", *text.split("\n"), "", where]
    return "\n".join([*lines[:2], *(f"    {line}".rstrip() for line in lines[2:])])


def mapping_form() -> str:
    """Give the form of a mapping file, as the module that reads it has it."""
    said = inspect.getdoc(importlib.import_module(Mapping.__module__)) or ""
    form = said.partition("::\n")[2]
    return f"```toml\n{inspect.cleandoc(form)}\n```"


def printed(study: str) -> str:
    """Give what ``make validate`` printed of a study when it was last kept."""
    text = (ROOT / "docs" / "method" / "printed" / f"{study}.txt").read_text(encoding="utf-8")
    return f"```text\n{text.rstrip()}\n```"


def _rows(name: str) -> list[dict[str, str]]:
    with (REFERENCE / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _table(names: tuple[str, ...], rows: list[tuple[str, ...]] | list[list[str]]) -> str:
    lines = [f"| {' | '.join(names)} |", "|" + "---|" * len(names)]
    lines += [f"| {' | '.join(_cell(cell) for cell in row)} |" for row in rows]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")
