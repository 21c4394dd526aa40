"""A client's pages in a real browser: nothing fetched, nothing run, nothing cut off."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser
OVERLAPS = """
() => {
  const cut = [], hit = [];
  for (const svg of document.querySelectorAll('svg.ta-svg')) {
    const frame = svg.getBoundingClientRect();
    const boxes = [...svg.querySelectorAll('text')]
      .map(t => ({t: t.textContent.trim(), b: t.getBoundingClientRect()}))
      .filter(x => x.t && x.b.width > 0);
    for (const {t, b} of boxes)
      if (b.left < frame.left - 1 || b.right > frame.right + 1 ||
          b.top < frame.top - 1 || b.bottom > frame.bottom + 1) cut.push(t);
    for (let i = 0; i < boxes.length; i++) for (let j = i + 1; j < boxes.length; j++) {
      const p = boxes[i].b, q = boxes[j].b;
      if (p.left < q.right - 1 && q.left < p.right - 1 &&
          p.top < q.bottom - 2 && q.top < p.bottom - 2) hit.push(boxes[i].t + ' | ' + boxes[j].t);
    }
  }
  return {cut, hit};
}
"""


@pytest.fixture
def open_page(browser: Browser) -> Callable[..., tuple[Page, list[str]]]:
    """Open a file and collect its requests, console errors and dialogs."""

    def opened(path: Path, *, width: int = 1280, dark: bool = False) -> tuple[Page, list[str]]:
        page = browser.new_page(
            viewport={"width": width, "height": 900}, color_scheme="dark" if dark else "light"
        )
        seen: list[str] = []
        page.on("request", lambda request: seen.append(f"request {request.url}"))
        page.on("console", lambda message: seen.append(f"console {message.text}"))
        page.on("dialog", lambda dialog: seen.append(f"dialog {dialog.message}"))
        page.goto(path.as_uri())
        return page, seen

    return opened


NAMES = ("spending", "vendor_risk", "partner_ramps")


@pytest.mark.parametrize("name", [*NAMES, "index"])
def test_a_page_asks_for_nothing_and_says_nothing_to_the_console(
    name: str, reports: Path, open_page: Callable[..., tuple[Page, list[str]]]
) -> None:
    path = (
        reports / "index.html" if name == "index" else reports / "channel-software" / f"{name}.html"
    )
    page, seen = open_page(path)
    assert seen == [f"request {path.as_uri()}"]
    assert page.locator("h1").count() == 1
    assert page.locator("main").count() == 1
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_chart_texts_neither_overlap_nor_are_cut_off(
    name: str, reports: Path, open_page: Callable[..., tuple[Page, list[str]]]
) -> None:
    page, _ = open_page(reports / "channel-software" / f"{name}.html")
    assert page.locator("svg.ta-svg").count() >= 2
    assert page.evaluate(OVERLAPS) == {"cut": [], "hit": []}
    page.close()


@pytest.mark.parametrize("name", NAMES)
def test_a_phone_scrolls_down_only(
    name: str, reports: Path, open_page: Callable[..., tuple[Page, list[str]]]
) -> None:
    page, _ = open_page(reports / "channel-software" / f"{name}.html", width=360)
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    page.close()


def test_dark_pages_are_dark(
    reports: Path, open_page: Callable[..., tuple[Page, list[str]]]
) -> None:
    path = reports / "channel-software" / "spending.html"
    colours = []
    for dark in (False, True):
        page, _ = open_page(path, dark=dark)
        colours.append(page.evaluate("getComputedStyle(document.body).backgroundColor"))
        ink = page.evaluate("getComputedStyle(document.querySelector('svg.ta-svg text')).fill")
        assert ink not in colours
        page.close()
    assert colours == ["rgb(255, 255, 255)", "rgb(18, 23, 30)"]
