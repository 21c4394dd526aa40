"""All pages of all sample clients in a real browser, and every chart with hard data."""

import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.checks import COLOURS, CONTRAST, OVERLAPS, SCROLLING, axe_violations
from tests.browser.gallery import gallery_page
from tests.browser.screenshots import shoot
from tests.report.interval_form import deviations

pytestmark = pytest.mark.browser
ROOT = Path(__file__).parents[2]
CLIENTS = sorted(p.name for p in (ROOT / "datasets" / "clients").iterdir() if p.is_dir())
REPORTS = sorted(p.stem for p in (ROOT / "notebooks").glob("*.ipynb") if p.stem != "review")
PAGES = [
    "index",
    "portfolio",
    *(f"{client}/{name}" for client in CLIENTS for name in ("index", *REPORTS)),
]
SECOND = [
    "index",
    "portfolio",
    "shared",
    *(f"channel-software/{name}" for name in ("index", *REPORTS)),
]
SCALES = (1.0, 1234.0, 1e9)
Open = Callable[..., tuple[Page, list[str]]]


@pytest.fixture
def open_page(browser: Browser) -> Open:
    """Open a file and collect its requests, console errors and dialogs."""

    def opened(
        path: Path, *, width: int = 1280, dark: bool = False, scripts: bool = True
    ) -> tuple[Page, list[str]]:
        page = browser.new_page(
            viewport={"width": width, "height": 900},
            color_scheme="dark" if dark else "light",
            java_script_enabled=scripts,
        )
        seen: list[str] = []
        page.on("request", lambda request: seen.append(f"request {request.url}"))
        page.on("console", lambda message: seen.append(f"console {message.text}"))
        page.on("dialog", lambda dialog: seen.append(f"dialog {dialog.message}"))
        page.goto(path.as_uri())
        return page, seen

    return opened


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_quiet_whole_accessible_and_readable(
    name: str, reports: Path, open_page: Open
) -> None:
    """One visit answers all: on a phone, on paper, in light and in the dark."""
    path = reports / f"{name}.html"
    page, seen = open_page(path)
    assert seen == [f"request {path.as_uri()}"]
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    assert _on_a_phone(page) == FITS_A_PHONE
    assert _on_a_tablet(page) == FITS_A_TABLET
    assert _on_paper(page) == FITS
    assert _on_a_screen(page) == READABLE
    assert len(seen) == 1, "none of these visits asked for anything or said anything"
    page.close()


@pytest.mark.parametrize("name", SECOND)
def test_pages_of_a_second_review_are_accessible_and_readable(
    name: str, reviewed: Path, open_page: Open
) -> None:
    path = reviewed / f"{name}.html"
    assert deviations(path.read_text("utf-8")) == []
    page, seen = open_page(path)
    assert _on_a_screen(page) == READABLE
    assert seen == [f"request {path.as_uri()}"]
    if name.split("/")[-1] in REPORTS:
        text = page.locator("main").inner_text()
        assert "Since last review" in text
        assert "since 2026 Q1" in text
        assert "Code of this step" in text
    page.close()


FITS: dict[str, object] = {"wider by": 0, "axe": []}
FITS_A_TABLET = {"wider by": 0, "scrolled sideways": [], "texts": {"cut": [], "hit": []}}
FITS_A_PHONE = {
    **FITS,
    "scrolled sideways": [],
    "texts": {"cut": [], "hit": []},
    "cells in parts": [],
}
READABLE: dict[str, object] = {
    "axe in light": [],
    "texts": {"cut": [], "hit": []},
    "contrast in light": [],
    "axe in the dark": [],
    "contrast in the dark": [],
}


def _on_a_phone(page: Page) -> dict[str, object]:
    """Pixels that stick out, and what scrolls sideways without the keyboard reaching it."""
    page.set_viewport_size({"width": 360, "height": 900})
    return {
        "wider by": page.evaluate(_TOO_WIDE),
        "axe": axe_violations(page, SCROLLING),
        "scrolled sideways": page.evaluate(_SCROLLS),
        "texts": page.evaluate(OVERLAPS),
        "cells in parts": page.evaluate(_IN_PARTS),
    }


def _on_a_tablet(page: Page) -> dict[str, object]:
    """What a tablet held upright cuts or lets overlap, or makes people scroll sideways for."""
    page.set_viewport_size({"width": 768, "height": 900})
    return {
        "wider by": page.evaluate(_TOO_WIDE),
        "scrolled sideways": page.evaluate(_SCROLLS),
        "texts": page.evaluate(OVERLAPS),
    }


def _on_paper(page: Page) -> dict[str, object]:
    """Pixels that stick out of A4 without its margins, at 96 pixels an inch."""
    page.set_viewport_size({"width": 703, "height": 900})
    page.emulate_media(media="print")
    return {"wider by": page.evaluate(_TOO_WIDE), "axe": []}


def _on_a_screen(page: Page) -> dict[str, object]:
    """Everything unfolded; in the dark only colours are another."""
    page.set_viewport_size({"width": 1280, "height": 900})
    page.emulate_media(media="screen", color_scheme="light")
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    found: dict[str, object] = {"axe in light": axe_violations(page)}
    found["texts"] = page.evaluate(OVERLAPS)
    found["contrast in light"] = _too_faint(page)
    page.emulate_media(color_scheme="dark")
    found["axe in the dark"] = axe_violations(page, COLOURS)
    found["contrast in the dark"] = _too_faint(page)
    return found


def _too_faint(page: Page) -> list[object]:
    worst = page.evaluate(CONTRAST)
    return [] if worst["ratio"] >= 4.5 else [worst]


_TOO_WIDE = """() => Math.max(
  0, document.documentElement.scrollWidth - document.documentElement.clientWidth)"""


@pytest.mark.parametrize("scale", SCALES)
def test_charts_of_hard_data_are_readable(scale: float, tmp_path: Path, open_page: Open) -> None:
    path = tmp_path / "gallery.html"
    path.write_text(gallery_page(scale), encoding="utf-8")
    page, _ = open_page(path)
    assert page.locator("svg.ta-svg").count() >= 12
    assert _on_a_screen(page) == READABLE
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 360, "height": 900})
    assert page.evaluate(OVERLAPS) == {"cut": [], "hit": []}
    assert page.evaluate(_SCROLLS) == []
    page.close()


_SCROLLS = """() => [...document.querySelectorAll('.ta-pic, .scroll')].filter(
  e => e.checkVisibility() && e.scrollWidth > e.clientWidth + 1).map(e => e.ariaLabel)"""
"""What has to be scrolled sideways."""

_IN_PARTS = """() => [...document.querySelectorAll('td, th')].filter(
  e => getComputedStyle(e).display.includes('grid') &&
       [...e.childNodes].filter(n => n.textContent.trim()).length > 1).map(e => e.textContent)"""
"""Cells of cards that would set one text on several lines."""


@pytest.mark.parametrize("client", ["channel-software", "machine-shop", "carrier-store"])
def test_a_summary_with_changes_is_one_sheet_of_paper_too(
    client: str, reviewed: Path, open_page: Open
) -> None:
    page, _ = open_page(reviewed / client / "index.html")
    printed = page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/Count (\d+)", printed) == [b"1"]
    page.close()


@pytest.mark.parametrize("name", ["channel-software/vendor_risk", "machine-shop/spending"])
def test_no_printed_page_is_nearly_empty_or_ends_with_a_heading(
    name: str, reviewed: Path, open_page: Open
) -> None:
    page, _ = open_page(reviewed / f"{name}.html")
    printed = page.pdf(prefer_css_page_size=True, outline=True, tagged=True)
    assert len(_BOOKMARK.findall(printed)) > 10
    assert _at_the_foot(printed) == []
    assert _nearly_empty(printed) == []
    # a heading that its text leaves behind is seen
    page.add_style_tag(content="@media print{main p,main .scroll,main figure{break-before:page}}")
    apart = page.pdf(prefer_css_page_size=True, outline=True, tagged=True)
    assert len(_nearly_empty(apart)) > 5
    page.close()


_BOOKMARK = re.compile(
    rb"/Title \(((?:[^()\\]|\\.)*)\)[^>]*?/Dest \[\d+ 0 R /XYZ [\d.]+ ([\d.]+) 0\]", re.S
)
_ROOM = 16 / 25.4 * 72  # points that stand below a heading at least, a line and the next
_MARGIN = 12 / 25.4 * 72
_LITTLE = 1000  # bytes of what a page draws: a heading alone takes half


def _at_the_foot(printed: bytes) -> list[str]:
    """Headings at the end of a printed page or column, by its bookmarks."""
    found = _BOOKMARK.findall(printed)
    return [title.decode("latin1") for title, y in found if float(y) < _MARGIN + _ROOM]


def _nearly_empty(printed: bytes) -> list[int]:
    """Which printed pages, other than the last, draw next to nothing."""
    drawn = re.findall(rb"\n<</Type /Page\n.*?/Contents (\d+) 0 R", printed, re.S)
    lengths = [
        int(re.findall(rb"\n%s 0 obj\n<<[^>]*?/Length (\d+)" % number, printed)[0])
        for number in drawn
    ]
    return [n for n, length in enumerate(lengths[:-1], 1) if length < _LITTLE]


def test_a_long_table_is_whole_on_paper(reports: Path, open_page: Open) -> None:
    page, _ = open_page(reports / "channel-software" / "vendor_risk.html", width=703)
    heights = """() => [...document.querySelectorAll('details.more tbody tr')]
      .map(row => row.checkVisibility({contentVisibilityAuto: true}) ? row.offsetHeight : 0)"""
    folded = page.evaluate(heights)
    assert len(folded) > 20
    assert set(folded) == {0}
    page.emulate_media(media="print")
    # the browser may still be laying out
    page.wait_for_function(f"Math.min(...({heights})()) > 0", polling=100, timeout=10_000)
    # what only a screen can open stays away
    assert page.locator("figure details").first.is_hidden()
    page.close()


def test_the_summary_before_all_reports_is_one_sheet_of_paper_too(
    reviewed: Path, open_page: Open
) -> None:
    page, _ = open_page(reviewed / "shared.html", width=703)
    page.emulate_media(media="print")
    bottom = page.evaluate("document.querySelector('article.one').getBoundingClientRect().bottom")
    # A4 without its margins is 273 mm high
    assert bottom <= 273 / 25.4 * 96
    page.close()


def test_the_index_is_read_without_scrolling_sideways_on_a_phone(
    reports: Path, open_page: Open
) -> None:
    page, _ = open_page(reports / "index.html", width=360)
    links = page.locator("table.clients a")
    assert links.count() > 20
    assert all(links.nth(i).bounding_box()["x"] < 300 for i in range(links.count()))
    wide = "() => { const d = document.querySelector('.scroll'); return d.scrollWidth }"
    assert page.evaluate(wide) <= 360
    assert axe_violations(page) == []
    page.close()


@pytest.mark.parametrize("client", CLIENTS)
def test_a_clients_summary_is_one_sheet_of_paper(
    client: str, reports: Path, open_page: Open
) -> None:
    page, _ = open_page(reports / client / "index.html")
    printed = page.pdf(prefer_css_page_size=True)
    assert re.findall(rb"/Count (\d+)", printed) == [b"1"]
    page.close()


@pytest.mark.parametrize(
    "name",
    ["index", "portfolio", *(f"machine-shop/{name}" for name in ("index", *REPORTS))],
)
def test_the_keyboard_reaches_every_link_and_fold(
    name: str, reports: Path, open_page: Open
) -> None:
    page, _ = open_page(reports / f"{name}.html")
    wanted = page.evaluate(
        """() => { const all = [...document.querySelectorAll(
            'a[href], summary, button, input, select, [tabindex="0"]')]
          .filter(e => e.checkVisibility());
          all.forEach((e, i) => e.dataset.stop = i); return all.length }"""
    )
    reached = set()
    for _ in range(wanted + 2):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.dataset.stop"))
    assert {str(i) for i in range(wanted)} <= reached
    page.close()


def test_the_first_stop_skips_to_the_summary_and_contents_come_after_it(
    reports: Path, open_page: Open
) -> None:
    page, _ = open_page(reports / "machine-shop" / "vendor_risk.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "skip"
    page.keyboard.press("Enter")
    assert page.evaluate("location.hash") == "#main"
    # what to decide comes first, each with its link to the evidence; then the contents
    decisions = page.locator("main .decisions a:visible, main .decisions summary").count()
    assert decisions > 0
    for _ in range(decisions):
        page.keyboard.press("Tab")
        assert page.evaluate("!!document.activeElement.closest('main .decisions')")
    page.keyboard.press("Tab")
    assert page.evaluate("!!document.activeElement.closest('main nav.toc')")
    order = page.evaluate("[...document.querySelector('main').children].map(e => e.tagName)")
    assert order.index("DL") < order.index("SECTION") < order.index("NAV") < order.index("DIV")
    page.close()


@pytest.mark.parametrize(
    "name", ["index", "portfolio", *(f"machine-shop/{name}" for name in ("index", *REPORTS))]
)
def test_a_page_is_whole_without_scripts(name: str, reports: Path, open_page: Open) -> None:
    path = reports / f"{name}.html"
    texts = []
    for scripts in (True, False):
        page, _ = open_page(path, scripts=scripts)
        # what only a script can offer is the index's finder; sorting draws its arrows in CSS
        texts.append([t for t in page.locator("main").all_inner_texts()[0].split() if t])
        pictures = page.locator("svg.ta-svg:not(.ta-narrow):not(details svg)")
        assert all(pictures.nth(i).is_visible() for i in range(pictures.count()))
        page.close()
    assert set(texts[1]) <= set(texts[0])
    if name != "index":
        assert texts[0] == texts[1]


def test_a_text_cut_by_an_inner_frame_is_seen(tmp_path: Path, open_page: Open) -> None:
    path = tmp_path / "cut.html"
    path.write_text(
        '<svg class="ta-svg" viewBox="0 0 400 100" width="400"><defs><clipPath id="c">'
        '<rect x="0" y="0" width="60" height="100"/></clipPath></defs>'
        '<g clip-path="url(#c)"><text x="10" y="30">longer than sixty pixels</text></g>'
        '<text x="10" y="80">whole</text><text x="12" y="82">over</text></svg>'
    )
    page, _ = open_page(path)
    found = page.evaluate(OVERLAPS)
    assert found["cut"] == ["longer than sixty pixels"]
    assert found["hit"] == ["whole | over"]
    page.close()


def test_the_index_sorts_and_filters(reports: Path, open_page: Open) -> None:
    page, seen = open_page(reports / "index.html")
    rows = page.locator("tbody tr")
    column = page.locator("thead th", has_text="Decide first")
    column.locator("button").click()
    amounts = [float(v) for v in page.evaluate(_VALUES) if v]
    assert amounts == sorted(amounts)
    assert column.get_attribute("aria-sort") == "ascending"
    column.locator("button").click()
    assert [float(v) for v in page.evaluate(_VALUES) if v] == amounts[::-1]
    page.locator("input[type=search]").fill("juice")
    assert page.locator("[role=status]").text_content() == f"1 of {rows.count()} clients"
    assert page.locator("tbody tr:visible").count() == 1
    assert len(seen) == 1
    page.close()


_VALUES = """() => { const heads = [...document.querySelectorAll('thead th')];
  const i = heads.findIndex(h => h.textContent.includes("Decide first"));
  return [...document.querySelectorAll('tbody tr')].map(r => r.cells[i].dataset.v) }"""


def test_the_index_is_whole_without_scripts(reports: Path, open_page: Open) -> None:
    page, _ = open_page(reports / "index.html", scripts=False)
    assert page.locator("tbody tr").count() == len(CLIENTS)
    assert page.locator(".tools").is_hidden()
    page.close()


def test_a_changed_script_would_not_run(reports: Path, tmp_path: Path, open_page: Open) -> None:
    path = tmp_path / "index.html"
    text = (reports / "index.html").read_text("utf-8")
    path.write_text(text.replace('"use strict";', '"use strict"; window.pwned = 1;'))
    page, seen = open_page(path)
    assert page.evaluate("window.pwned") is None
    assert any("Content Security Policy" in said for said in seen)
    page.close()


def test_dark_pages_are_dark(reports: Path, open_page: Open) -> None:
    path = reports / "channel-software" / "spending.html"
    colours = []
    for dark in (False, True):
        page, _ = open_page(path, dark=dark)
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        ink = page.evaluate("getComputedStyle(document.querySelector('svg.ta-svg text')).fill")
        assert ink not in colours
        page.close()
    assert colours == ["rgb(255, 255, 255)", "rgb(18, 23, 30)"]


def test_screenshots_are_written(reports: Path, tmp_path: Path, browser: Browser) -> None:
    few = tmp_path / "reports" / "juice-bar"
    few.mkdir(parents=True)
    shutil.copy(reports / "juice-bar" / "index.html", few)
    out = tmp_path / "shots"
    out.mkdir()
    written = shoot(browser, few.parent, out)
    assert len(written) == 5
    assert all(path.stat().st_size > 1000 for path in written)


@pytest.mark.parametrize("client", ["channel-software", "machine-shop"])
def test_the_whole_review_is_less_than_twelve_numbered_pages_with_bookmarks(
    client: str, reviewed: Path, tmp_path: Path
) -> None:
    target = tmp_path / "review.pdf"
    command = [sys.executable, "-m", "techalign", "share", client, "--form", "pdf"]
    command += ["--out", str(reviewed), "--to", str(target)]
    subprocess.run(command, cwd=ROOT, check=True, capture_output=True)
    printed = target.read_bytes()
    count = max(map(int, re.findall(rb"/Type /Pages\s*/Count (\d+)", printed)))
    assert 6 <= count < 12
    assert b"/Outlines" in printed
    assert _at_the_foot(printed) == []
    assert _nearly_empty(printed) == []
    assert b"D:20260630000000" in printed
