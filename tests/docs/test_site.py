"""The site builds without a warning, holds everything there is, and asks nobody for anything."""

import re
from collections import defaultdict
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote, urlsplit

import click
import pytest

from reference import public_names, public_packages
from reports import report_names, sections
from techalign.cli.main import techalign
from techalign.intake.mapping import SHIPPED_MAPPINGS
from techalign.intake.rows import ROW_MODELS
from tests.docs.site import built_site

ROOT = Path(__file__).parents[2]
LOADED = {("link", "href"), ("script", "src"), ("img", "src"), ("iframe", "src"),
          ("source", "src"), ("object", "data"), ("img", "srcset"), ("use", "href")}  # fmt: skip


@pytest.fixture(scope="module")
def site(pytestconfig: pytest.Config) -> Path:
    return built_site(pytestconfig)


class _Page(HTMLParser):
    """What a page loads, where it leads, and which places it has."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.loads: list[str] = []
        self.links: list[str] = []
        self.places: set[str] = set()
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        for name, value in attrs:
            if value is None:
                continue
            if (tag, name) in LOADED and ("rel", "canonical") not in attrs:
                self.loads.append(value)
            elif tag == "a" and name == "href":
                self.links.append(value)
            if name == "id":
                self.places.add(value)


@pytest.fixture(scope="module")
def pages(site: Path) -> dict[Path, _Page]:
    return {path: _Page(path) for path in sorted(site.rglob("*.html"))}


def test_every_public_name_stands_in_the_reference(pages: dict[Path, _Page]) -> None:
    there = set().union(*(page.places for page in pages.values()))
    wanted = {
        f"{home}.{name}" for package in public_packages() for home, name in public_names(package)
    }
    assert len(wanted) > 400
    assert not wanted - there


def test_every_command_table_section_and_format_has_its_place(
    site: Path, pages: dict[Path, _Page]
) -> None:
    guide = site / "guide"
    commands = techalign.list_commands(click.Context(techalign))
    assert not {*commands} - pages[guide / "commands.html"].places
    for name, model in ROW_MODELS.items():
        subject = model.__module__.rsplit(".", 1)[-1]
        path = guide / "tables" / f"{subject}.html"
        assert name in pages[path].places
        text = path.read_text()
        assert all(f"<code>{field}</code>" in text for field in model.model_fields)
    for report in report_names():
        _, *rest = sections(report)
        path = guide / "reports" / f"{report}.html"
        headings = set(re.findall(r"<h2 [^>]*>(.*?)<a ", path.read_text()))
        assert {s.heading for s in rest} - headings <= {"Where the figures come from"}
    importing = (guide / "importing.html").read_text()
    assert all(f"<code>{name}</code>" in importing for name in SHIPPED_MAPPINGS)
    assert (guide / "troubleshooting.html").read_text().count("<tr>") > 80


def test_no_page_loads_anything_from_elsewhere(site: Path, pages: dict[Path, _Page]) -> None:
    for path, page in pages.items():
        foreign = [url for url in page.loads if urlsplit(url).scheme not in {"", "data"}]
        assert not foreign, path
        assert not [url for url in page.loads if url.startswith("//")], path
    for path in site.rglob("*.css"):
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"(url\(|@import)\s*[\"']?(https?:)?//", text), path


def test_every_link_leads_somewhere(pages: dict[Path, _Page]) -> None:
    broken = defaultdict(list)
    for path, page in pages.items():
        for link in page.links:
            parts = urlsplit(link)
            if parts.scheme or path.name == "404.html":
                continue
            target = (path.parent / unquote(parts.path)).resolve() if parts.path else path
            if target.is_dir():
                target /= "index.html"
            if not target.exists() or (
                parts.fragment
                and target in pages
                and unquote(parts.fragment) not in pages[target].places | {"__top"}
            ):
                broken[path.name].append(link)
    assert not broken


@pytest.mark.parametrize("name", ["README.md", "CONTRIBUTING.md"])
def test_the_pages_at_the_top_lead_somewhere(name: str) -> None:
    links = re.findall(r"\]\(([^)#]+)\)", (ROOT / name).read_text())
    assert links
    assert not [link for link in links if not urlsplit(link).scheme and not (ROOT / link).exists()]


def test_figures_named_on_method_pages_were_printed() -> None:
    printed = " ".join(
        path.read_text() for path in (ROOT / "docs" / "method" / "printed").glob("*.txt")
    )
    text = (ROOT / "docs" / "method" / "index.md").read_text()
    figures = re.findall(r"`(\d[\d.]*%?)`", text)
    assert len(figures) > 15
    # printed with more digits than named, or with as many
    missing = [f for f in figures if not re.search(rf"(?<![\d.]){re.escape(f)}", printed)]
    assert not missing
