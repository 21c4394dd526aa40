"""What the site holds that is written nowhere else: MkDocs calls these while it builds.

Nothing of it is kept in the repository: tables, commands, sections, messages and assumptions are
read from the code and its data each time, so a page cannot say what the code no longer does.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mkdocs.structure.files import File

from commands import commands_page
from facts import (
    ROOT,
    assumptions_table,
    formats_table,
    formula,
    mapping_form,
    printed,
    questions_table,
    unturned_table,
)
from messages import messages_table
from reference import public_packages, reference_page
from reports import report_names, report_page
from tables import table_pages

if TYPE_CHECKING:
    from mkdocs.config.defaults import MkDocsConfig
    from mkdocs.structure.files import Files

DOCS = ROOT / "docs"
_INSERTED: dict[str, Callable[..., str]] = {
    "assumptions": assumptions_table,
    "formats": formats_table,
    "formula": formula,
    "mapping": mapping_form,
    "messages": messages_table,
    "printed": printed,
    "questions": questions_table,
    "unturned": unturned_table,
}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put the generated pages where the navigation leaves room for them."""
    rooms = {
        "{tables}": [*table_pages()],
        "{reports}": [f"guide/reports/{name}.md" for name in report_names()],
        "{reference}": [_reference_path(p.__name__) for p in public_packages()],
    }
    config.nav = _filled(config.nav, rooms)
    # a page that nobody has placed stands at the end of the guide, and is not lost
    found = (path for folder in (DOCS, DOCS / "guide") for path in sorted(folder.glob("*.md")))
    named = str(config.nav)
    rest = [str(path.relative_to(DOCS)) for path in found]
    config.nav = _filled(config.nav, {"{more}": [path for path in rest if path not in named]})
    return config


def _filled(nav: Any, rooms: dict[str, list[str]]) -> Any:
    if isinstance(nav, list):
        return [entry for part in nav for entry in rooms.get(str(part), [_filled(part, rooms)])]
    if isinstance(nav, dict):
        return {title: _filled(part, rooms) for title, part in nav.items()}
    return nav


def _reference_path(package: str) -> str:
    return f"reference/{package.removeprefix('techalign.')}.md"


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the generated pages to those that people wrote."""
    pages = {"guide/commands.md": commands_page(), **table_pages()}
    pages |= {_reference_path(p.__name__): reference_page(p) for p in public_packages()}
    pages |= {f"guide/reports/{name}.md": report_page(name) for name in report_names()}
    for name in ("CHANGELOG", "CONTRIBUTING"):
        text = (ROOT / f"{name}.md").read_text(encoding="utf-8")
        # links of the repository's top folder, seen from docs
        pages[f"{name.lower()}.md"] = text.replace("](docs/", "](")
    for path, text in pages.items():
        # what is generated holds what people wrote of the same page
        if (written := files.get_file_from_path(path)) is not None:
            files.remove(written)
        files.append(File.generated(config, path, content=text))
    return files


def on_page_markdown(markdown: str, **_: Any) -> str:
    """Replace ``{{ name }}`` and ``{{ name of }}`` by what the project holds."""
    return re.sub(r"^\{\{ (\w+)(?: ([\w.]+))? \}\}$", _inserted, markdown, flags=re.MULTILINE)


def _inserted(found: re.Match[str]) -> str:
    name, of = found.groups()
    return _INSERTED[name](*filter(None, [of]))
