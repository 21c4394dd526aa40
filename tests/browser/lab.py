"""A real JupyterLab as people start it, and what is asked of a notebook that is open in it."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Browser, Page

ROOT = Path(__file__).parents[2]
TOKEN = "for-this-test"
CLIENT = "machine-shop"
THEMES = ("JupyterLab Light", "JupyterLab Dark")

# what Lab itself knows of the cells: a folded one shows no number
_CELLS = """(() => {
    const panel = window.jupyterapp.shell.currentWidget;
    const code = panel.content.widgets.map(w => w.model).filter(m => m.type === 'code');
    const kernel = panel.sessionContext.session && panel.sessionContext.session.kernel;
    return {
        ended: code.length > 0 && code.every(m => m.executionCount !== null)
            && kernel && kernel.status === 'idle',
        errors: code.flatMap(m => m.outputs.toJSON()).filter(o => o.output_type === 'error')
            .map(o => o.ename + ': ' + o.evalue),
    };
})()"""

# text against what lies behind it, as the eye meets them; pictures' text by its fill
UNREADABLE = """() => {
    const numbers = colour => (colour.match(/[\\d.]+/g) || []).map(Number);
    const light = ([r, g, b]) => [r, g, b].map(c => c / 255)
        .map(c => c <= .03928 ? c / 12.92 : ((c + .055) / 1.055) ** 2.4)
        .reduce((sum, c, i) => sum + c * [.2126, .7152, .0722][i], 0);
    // a chart's text may be written on a bar
    const bar = text => {
        const t = text.getBoundingClientRect(), x = (t.left + t.right) / 2;
        const y = (t.top + t.bottom) / 2;
        const holds = b => b.left <= x && x <= b.right && b.top <= y && y <= b.bottom;
        const found = [...text.closest('svg').querySelectorAll('rect')]
            .filter(r => holds(r.getBoundingClientRect())).at(-1);
        return found && numbers(getComputedStyle(found).fill);
    };
    const behind = element => {
        const drawn = element.closest('svg') && bar(element);
        if (drawn && drawn.length >= 3) return drawn.slice(0, 3);
        for (let e = element; e; e = e.parentElement) {
            const [r, g, b, a = 1] = numbers(getComputedStyle(e).backgroundColor);
            if (a > .5) return [r, g, b];
        }
        return [255, 255, 255];
    };
    const texts = [...document.querySelectorAll(
        '.ta-controls .widget-label, .ta-controls .widget-readout, .ta-grid th, .ta-grid small, '
        + '.ta svg text, .ta td, .ta th, .ta p, .ta dt, .ta dd, .ta figcaption, .ta summary')];
    return texts.filter(e => e.textContent.trim() && e.checkVisibility()).map(e => {
        const style = getComputedStyle(e);
        const ink = numbers(e.closest('svg') ? style.fill : style.color);
        const [a, b] = [light(ink), light(behind(e))].sort((x, y) => y - x);
        return [(a + .05) / (b + .05), e.textContent.trim().slice(0, 40)];
    }).filter(([ratio]) => ratio < (4.5));
}"""


@dataclass
class Lab:
    """A workbook with one client, and ``techalign lab`` over it."""

    place: Path
    address: str
    process: subprocess.Popen[bytes]

    @property
    def client(self) -> Path:
        return self.place / "datasets" / "clients" / CLIENT

    def processes(self) -> list[int]:
        """Those that were started with it, by what only their environment holds."""
        mark = f"TECHALIGN_LAB_ROOT={self.place}".encode()
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                if mark in (folder / "environ").read_bytes().split(b"\0"):
                    found.append(int(folder.name))
            except OSError:
                continue
        return found

    def run(self, *arguments: str) -> None:
        """``techalign run`` in the workbook."""
        command = [sys.executable, "-m", "techalign", "run", *arguments]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        done = subprocess.run(
            command, cwd=self.place, env=environment, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr


@contextlib.contextmanager
def started(place: Path) -> Iterator[Lab]:
    """``techalign lab machine-shop`` over a copy of the workbook, ended by Ctrl-C."""
    shutil.copytree(ROOT / "notebooks", place / "notebooks")
    clients = place / "datasets" / "clients"
    shutil.copytree(ROOT / "datasets" / "clients" / CLIENT, clients / CLIENT)
    shutil.copy(ROOT / "datasets" / "clients" / "experience.json", clients)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    own = {name: str(place / f".{name.lower()}") for name in homes}
    command = [
        sys.executable, "-m", "techalign", "lab", CLIENT, "--no-browser", "--",
        f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", "--allow-root",
        "--LabApp.expose_app_in_browser=True",
    ]  # fmt: skip
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=place, env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
            stdout=log, stderr=log,
            # as from a terminal, even where the tests run in the background
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
    found = Lab(place, f"http://127.0.0.1:{port}", process)
    try:
        for _ in range(480):
            with contextlib.suppress(OSError):
                status = f"{found.address}/api/status?token={TOKEN}"
                urllib.request.urlopen(status, timeout=5).close()
                break
            time.sleep(0.25)
        else:
            raise AssertionError((place / "log").read_text()[-2000:])
        yield found
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(120)


def opened(lab: Lab, browser: Browser, name: str) -> tuple[Page, list[str]]:
    """A notebook of the client's desk, run to its end; the page, and errors it tells of."""
    page = browser.new_page(viewport={"width": 1300, "height": 1400})
    page.set_default_timeout(120_000)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    page.goto(f"{lab.address}/lab/tree/lab/{CLIENT}/{name}.ipynb?token={TOKEN}&reset")
    page.wait_for_selector(".jp-Notebook .jp-CodeCell")
    page.wait_for_selector(".jp-StatusBar-TextItem >> text=/Idle$/")
    page.click(".lm-MenuBar-item >> text=/^Run$/")
    page.click(".lm-Menu-item >> text=/^Run All Cells$/")
    page.wait_for_function(f"{_CELLS}.ended")
    assert page.evaluate(f"{_CELLS}.errors") == []
    return page, said


def theme(page: Page, name: str) -> None:
    """Choose one of Lab's themes."""
    page.evaluate("t => window.jupyterapp.commands.execute('apputils:change-theme', {theme: t})",
                  name)  # fmt: skip
    page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light",
        arg="true" if name.endswith("Light") else "false",
    )


def handles(page: Page) -> Any:
    """The sliders of a what-if section, in the order of its controls."""
    return page.locator(".ta-controls .widget-hslider")
