"""The documentation's site in a real browser: it asks its own server only, and can be searched."""

import functools
import http.server
import threading
from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, expect

from tests.docs.site import built_site

pytestmark = pytest.mark.browser
# one page of each kind: prose, tables, messages, formulas, a reference
PAGES = (
    "index",
    "guide/tables/vendors",
    "guide/troubleshooting",
    "method/vendors",
    "reference/survival",
)


class _Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing on the tests' own output."""


@pytest.fixture(scope="module")
def address(pytestconfig: pytest.Config) -> Iterator[str]:
    """The site, served on loopback."""
    out = built_site(pytestconfig)
    handler = functools.partial(_Quiet, directory=str(out))
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join(10)
    server.server_close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_site_asks_nobody_else_and_does_not_scroll_sideways(
    browser: Browser, address: str, scheme: str
) -> None:
    page = browser.new_page(viewport={"width": 400, "height": 800}, color_scheme=scheme)
    asked: list[str] = []
    said: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for name in PAGES:
        page.goto(f"{address}/{name}.html", wait_until="load")
        assert page.evaluate("document.documentElement.scrollWidth") <= 400, name
    assert [url for url in asked if not url.startswith((address, "data:", "blob:"))] == []
    assert said == []
    page.close()


@pytest.mark.parametrize("words", ["criticality", "loss_distribution"])
def test_a_search_finds_a_field_and_a_function(browser: Browser, address: str, words: str) -> None:
    page = browser.new_page()
    page.goto(f"{address}/index.html")
    page.locator(".md-search__input").click()
    # what is typed before the search is ready is not looked for
    ready = page.locator(".md-search-result__meta", has_text="Type to start searching")
    expect(ready).to_be_attached(timeout=120_000)
    # it listens to keys, and not to a value that is put there
    page.locator(".md-search__input").press_sequentially(words)
    hit = page.locator(".md-search-result__item", has_text=words)
    hit.first.wait_for(state="attached", timeout=60_000)
    page.close()
