"""Real Chromium, the system's own: skipped where there is none, required in CI."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright
from xdist.remote import Producer
from xdist.scheduler import LoadScopeScheduling

from tests.kept import MAKES_REPORTS, ROOT, kept

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# the first is the same browser without its own windows, and takes a quarter less computing
BROWSERS = ("chromium-headless-shell", "chromium", "chromium-browser", "chrome")


class OneServerOneWorker(LoadScopeScheduling):
    """A file's tests go to one worker, which has its server; pages need none and go to any."""

    def _split_scope(self, nodeid: str) -> str:
        file = nodeid.partition("::")[0]
        return nodeid if Path(file).name == "test_pages.py" else file


def pytest_xdist_make_scheduler(config: pytest.Config, log: Producer) -> OneServerOneWorker:
    """Give the tests of this folder out so, whatever ``--dist`` says."""
    return OneServerOneWorker(config, log)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless browser for all tests."""
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    if path is None:
        if os.environ.get("TECHALIGN_REQUIRE_BROWSER"):
            pytest.fail("Chromium is required here and was not found")
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def reviewed(pytestconfig: pytest.Config) -> Path:
    """Three clients' pages at their second review, with code, and all of one in one page."""
    return kept(pytestconfig, "reviewed", MAKES_REPORTS, _review)


def _review(out: Path) -> None:
    clients = ["channel-software", "machine-shop", "carrier-store"]
    for day in ("2026-03-31", "2026-06-30"):
        _techalign("run", *clients, "-p", f"as_of={day}", "--show-code", out=out)
    _techalign("share", clients[0], "--form", "html", "--to", str(out / "shared.html"), out=out)


def _techalign(*arguments: str, out: Path) -> None:
    command = [sys.executable, "-m", "techalign", *arguments, "--out", str(out)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
