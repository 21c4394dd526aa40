"""While it is watched, an open page shows what its table and its notebook say now."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.cli.watching import watching

pytestmark = pytest.mark.browser


def test_an_open_page_reloads_when_its_table_or_its_notebook_changes(
    workbook: Path, notebook: Callable[..., Path], browser: Browser
) -> None:
    code = "len(load_client(clients_dir, client, tables=['ledger'], as_of=as_of).table('ledger'))"
    notebook("one", f"from techalign.client import load_client\nprint({code}, 'rows')")
    with watching(workbook) as watched:
        watched.until("watching; pages at")
        page = browser.new_page()
        errors: list[str] = []
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.goto(f"{watched.url()}acme/one.html")
        expect(page.get_by_text("4 rows")).to_be_visible()
        page.evaluate("window.still = true")
        other = browser.new_page()
        other.goto(f"{watched.url()}acme/one.html?other")
        ledger = workbook / "clients" / "acme" / "ledger.csv"
        first, *rows = ledger.read_text().splitlines()
        ledger.write_text("\n".join([first, *rows, rows[0]]) + "\n")
        expect(page.get_by_text("5 rows")).to_be_visible(timeout=30_000)
        expect(other.get_by_text("5 rows")).to_be_visible(timeout=30_000)
        assert page.evaluate("window.still") is None
        notebook("one", f"from techalign.client import load_client\nprint({code}, 'payments')")
        expect(page.get_by_text("5 payments")).to_be_visible(timeout=30_000)
        assert errors == []
        watched.process.send_signal(signal.SIGINT)
        assert watched.process.wait(60) == 0
        page.close()
        other.close()
