"""Pages about the reports: a notebook's sections, each explained by hand or by the notebook."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
WRITTEN = ROOT / "docs" / "guide" / "reports"


@dataclass
class Section:
    """One section of a report: its heading, its own prose, and what it shows."""

    heading: str
    prose: str
    shows: list[str] = field(default_factory=list)


def report_names() -> list[str]:
    """Notebooks in the order of a review; one that nobody has placed comes last."""
    order = ["spending", "plan", "vendor_risk", "partner_ramps", "ecosystem", "alignment"]
    names = sorted(path.stem for path in NOTEBOOKS.glob("*.ipynb"))
    return sorted(names, key=lambda n: (order.index(n) if n in order else len(order), n))


def sections(name: str) -> list[Section]:
    """Read a notebook's title and sections."""
    found: list[Section] = []
    for cell in json.loads((NOTEBOOKS / f"{name}.ipynb").read_text(encoding="utf-8"))["cells"]:
        text = "".join(cell["source"])
        if cell["cell_type"] == "markdown" and (match := re.match(r"#{1,2} (.+)\n?", text)):
            found.append(Section(match[1].strip(), text[match.end() :].strip()))
        elif cell["cell_type"] == "code" and found:
            found[-1].shows += _captions(ast.parse(text))
    return found


def _captions(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        for word in node.keywords if isinstance(node, ast.Call) else []:
            # a caption that is put together from the client's figures cannot be quoted
            if word.arg in {"caption", "title"} and isinstance(word.value, ast.Constant):
                yield str(word.value.value)


def report_page(name: str) -> str:
    """Write a report's page: what people wrote about it, and what nobody has yet."""
    head, *rest = sections(name)
    path = WRITTEN / f"{name}.md"
    written = f"# {head.heading}\n\n{head.prose}"
    if path.exists():
        written = path.read_text(encoding="utf-8")
    blocks = re.split(r"^## ", written, flags=re.MULTILINE)
    explained = {b.partition("\n")[0].strip(): b.partition("\n")[2].strip() for b in blocks[1:]}
    # sections every report has are explained on the page about all of them
    own = [section for section in rest if section.heading != "Where the figures come from"]
    lines = [blocks[0].strip(), ""]
    for section in own:
        lines += [f"## {section.heading}", "", explained.pop(section.heading, section.prose), ""]
        if section.shows:
            lines += ["It shows:", "", *(f"- {caption}" for caption in section.shows), ""]
    assert not explained, f"{path.name} explains what {name} does not have: {list(explained)}"
    return "\n".join(lines)
