"""Real Chromium, the system's own: skipped where there is none, required in CI."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from playwright.sync_api import Browser, sync_playwright

FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One headless browser for all tests."""
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("chrome")
    if path is None:
        if os.environ.get("TECHALIGN_REQUIRE_BROWSER"):
            pytest.fail("Chromium is required here and was not found")
        pytest.skip("there is no Chromium on this machine (Debian: apt-get install chromium)")
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield started
        started.close()


@pytest.fixture(scope="session")
def reviewed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Two clients' pages at their second review, with code, and all of one client in one page."""
    base = tmp_path_factory.getbasetemp()
    out = (base if worker_id == "master" else base.parent) / "reviewed"
    with FileLock(f"{out}.lock"):
        if not (out / "shared.html").exists():
            clients = ["channel-software", "machine-shop", "carrier-store"]
            for day in ("2026-03-31", "2026-06-30"):
                _techalign("run", *clients, "-p", f"as_of={day}", "--show-code", out=out)
            to = str(out / "shared.html")
            _techalign("share", clients[0], "--form", "html", "--to", to, out=out)
    return out


def _techalign(*arguments: str, out: Path) -> None:
    command = [sys.executable, "-m", "techalign", *arguments, "--out", str(out)]
    root = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
