"""Hostile text in every text field of every table, in names and parameters: shown, never run."""

import csv
import html
import io
import itertools
import re
import shutil
from pathlib import Path
from typing import Literal

import nbformat
import pytest
from click.testing import CliRunner
from playwright.sync_api import Browser

from techalign.cli.main import techalign
from techalign.client import load_client
from techalign.html import escape
from techalign.intake.examples import example_csv
from techalign.intake.rows import ROW_MODELS
from tests.browser.checks import axe_violations
from tests.browser.hostile import HOSTILE
from tests.example_client import example_client

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
NAME = '<img src=x onerror=window.pwned=1> & "Sons"'


def _write_table(path: Path, table: str) -> None:
    """Row i holds string i in each of its text fields."""
    fields = ROW_MODELS[table].model_fields
    lines = csv.reader(io.StringIO(example_csv(table)))
    header, *examples = lines
    free = [name != "currency" and fields[name].annotation is str for name in header]
    # several recent months of sales for each partner, so that there is something to forecast
    months = [f"2026-0{m}-01" for m in (3, 4, 5, 6)] if table == "partner_revenue" else [""]
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(header)
        for number, text in enumerate(HOSTILE):
            example = examples[number % len(examples)]
            row = dict(zip(header, example, strict=True))
            row |= {name: text for name, hostile in zip(header, free, strict=True) if hostile}
            if "hubs" in row:  # a list with a form of its own; few, as each joins all its vendors
                hub = re.sub("[;:]", " ", HOSTILE[number % 3])
                row["hubs"] = f"Hub {hub}:0.3" if number < 40 else ""
            for month in months:
                writer.writerow((row | {"month": month} if month else row).values())


@pytest.fixture(scope="module")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All pages of a client whose every text is hostile."""
    root = tmp_path_factory.mktemp("hostile")
    folder = example_client(root / "clients", "acme", name="x", currency="USD")
    profile = (folder / "client.toml").read_text()
    quoted = NAME.replace('"', '\\"')
    (folder / "client.toml").write_text(profile.replace('name = "x"', f'name = "{quoted}"'))
    for table in ROW_MODELS:
        _write_table(folder / f"{table}.csv", table)
    shutil.copytree(ROOT / "notebooks", root / "notebooks")
    v4 = nbformat.v4
    echo = v4.new_notebook(
        cells=[
            v4.new_markdown_cell("# Echo"),
            v4.new_code_cell(
                'client: str = ""  # x\nclients_dir: str = ""  # x\nsaid: str = ""  # x',
                metadata={"tags": ["parameters"]},
            ),
            v4.new_code_cell("from techalign import report\nreport.note(said)"),
            v4.new_code_cell("raise ValueError(said)"),
        ],
        metadata={"kernelspec": {"name": "python3", "display_name": "P", "language": "python"}},
    )
    nbformat.write(echo, root / "notebooks" / "a <b onload=x> & 'c'.ipynb")
    out = str(root / "reports")
    places = f"--clients-dir {root}/clients --notebooks-dir {root}/notebooks --out {out}".split()
    result = CliRunner().invoke(
        techalign, ["run", *places, "-p", f"said={HOSTILE[0]}", "-p", "as_of=2026-06-30"]
    )
    assert result.exit_code == 1, (
        result.output,
        result.exception,
    )  # the echoing notebook fails on purpose
    assert "1 failed" in (root / "reports" / "index.html").read_text()
    target = str(root / "reports" / "shared.html")
    shared = CliRunner().invoke(
        techalign, ["share", "acme", "--form", "html", "--out", out, "--to", target]
    )
    assert shared.exit_code == 0, shared.output
    return root


def test_the_corpus_is_large() -> None:
    assert len(HOSTILE) >= 200


def test_nothing_runs_and_no_page_breaks(pages: Path, browser: Browser) -> None:
    found = sorted((pages / "reports").rglob("*.html"))
    notebooks = len(list((pages / "notebooks").glob("*.ipynb")))
    assert len(found) == notebooks + 3  # the other summary, the index, the portfolio
    for path in found:
        page = browser.new_page()
        seen: list[str] = []
        page.on("request", lambda request, seen=seen: seen.append(request.url))
        page.on("console", lambda message, seen=seen: seen.append(message.text))
        page.on("dialog", lambda dialog, seen=seen: seen.append(dialog.message))
        page.goto(path.as_uri())
        page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
        page.keyboard.press("Tab")
        page.mouse.move(200, 200)
        assert page.evaluate("window.pwned") is None, path.name
        assert seen == [path.as_uri()], path.name
        inside = page.evaluate(
            "[...document.body.children].map(e => e.tagName.toLowerCase()).join(' ')"
        )
        scripts = " script" if path.name == "index.html" and path.parent.name == "reports" else ""
        assert inside in {f"a header{n} main footer{scripts}" for n in ("", " nav")}, path.name
        allowed = "iframe, object, embed, form, base, link, img, a[href^='javascript' i]"
        assert page.locator(allowed).count() == 0, path.name
        handlers = page.evaluate(
            "[...document.querySelectorAll('*')].flatMap(e => [...e.attributes])"
            ".filter(a => a.name.startsWith('on')).length"
        )
        assert handlers == 0
        page.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_of_a_failure_is_accessible(
    scheme: Literal["light", "dark"], pages: Path, browser: Browser
) -> None:
    failed = [p for p in (pages / "reports" / "acme").glob("*.html") if "onload" in p.name]
    page = browser.new_page(color_scheme=scheme)
    page.goto(failed[0].as_uri())
    assert "This report could not be made this time." in page.locator("main").inner_text()
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    assert axe_violations(page) == []
    page.close()


def test_every_string_is_shown_as_text(pages: Path, browser: Browser) -> None:
    client = load_client(pages / "clients", "acme", tables=["vendors"])
    kept = client.table("vendors")["vendor"]
    assert len(kept) >= 200
    page = browser.new_page()
    page.goto((pages / "reports" / "acme" / "vendor_risk.html").as_uri())
    cells = page.evaluate("[...document.querySelectorAll('th[scope=row]')].map(e => e.textContent)")
    page.close()
    shown = {" ".join(cell.split()) for cell in cells}
    missing = [v for v in kept if " ".join(html.unescape(escape(v)).split()) not in shown]
    assert missing == []


def test_markup_in_names_and_parameters_is_text(pages: Path) -> None:
    for path in (pages / "reports").rglob("*.html"):
        text = path.read_text()
        assert "<img src=x" not in text, path.name
        assert all(t not in text for t in HOSTILE[:20] if t.startswith("<script>window"))


def test_no_string_is_lost_between_pages() -> None:
    assert all(a != b for a, b in itertools.combinations(HOSTILE, 2))
