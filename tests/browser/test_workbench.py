"""The workbench in a real JupyterLab: what is moved, kept, run and edited there, and its end."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from techalign.client.scenarios import read_scenarios
from techalign.workbench.controls import WhatIf
from tests.browser.test_lab import _CONTRAST, _ENDED, _choose, _menu
from tests.workbench.conftest import section  # noqa: F401  a fixture

pytestmark = pytest.mark.browser
expect.set_options(timeout=30_000)

Made = Callable[..., tuple[WhatIf, dict[str, Any]]]
ROOT = Path(__file__).parents[2]
TOKEN = "for-this-test"
MORE = "'.ta-controls .widget-label, .ta-controls .widget-readout, .ta-grid th, .ta-grid small, "
READABLE = _CONTRAST.replace("'.ta svg text", MORE + ".ta svg text")


@dataclass
class Lab:
    """A workbench that has been started as people start it."""

    place: Path
    address: str
    process: subprocess.Popen[bytes]

    @property
    def client(self) -> Path:
        return self.place / "datasets" / "clients" / "machine-shop"

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


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """``techalign lab machine-shop`` over a copy of the workbook, ended by Ctrl-C."""
    place = tmp_path_factory.mktemp("workbench")
    shutil.copytree(ROOT / "notebooks", place / "notebooks")
    clients = place / "datasets" / "clients"
    shutil.copytree(ROOT / "datasets" / "clients" / "machine-shop", clients / "machine-shop")
    shutil.copy(ROOT / "datasets" / "clients" / "experience.json", clients)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    own = {name: str(place / f".{name.lower()}") for name in homes}
    command = [
        sys.executable, "-m", "techalign", "lab", "machine-shop", "--no-browser", "--",
        f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", "--allow-root",
    ]  # fmt: skip
    with (place / "log").open("w") as log:
        process = subprocess.Popen(
            command, cwd=place, env={**os.environ, **own, "PYTHONPATH": str(ROOT)},
            stdout=log, stderr=log,
            # as from a terminal, even where the tests run in the background
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
    started = Lab(place, f"http://127.0.0.1:{port}", process)
    try:
        for _ in range(240):
            try:
                status = f"{started.address}/api/status?token={TOKEN}"
                urllib.request.urlopen(status, timeout=1).close()
                break
            except OSError:
                time.sleep(0.25)
        else:
            pytest.fail((place / "log").read_text()[-2000:])
        yield started
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
            process.wait(60)


def _open(lab: Lab, browser: Browser, name: str) -> tuple[Page, list[str]]:
    """A notebook of the client's desk, run to its end; the page, and errors it tells of."""
    page = browser.new_page(viewport={"width": 1300, "height": 1400})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    address = f"{lab.address}/lab/tree/lab/machine-shop/{name}.ipynb?token={TOKEN}&reset"
    page.goto(address, timeout=60_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_selector(".jp-StatusBar-TextItem >> text=/Idle$/", timeout=60_000)
    _menu(page, "Run", "Run All Cells")
    wait = _ENDED.replace("> 5", "> 1")
    page.wait_for_function(wait, timeout=60_000)
    assert page.locator(".jp-OutputArea-output .ansi-red-fg").count() == 0
    return page, said


def _slider(page: Page, label: str) -> Any:
    row = page.locator(".ta-controls .widget-hslider", has_text=label)
    row.scroll_into_view_if_needed()
    return row.locator(".noUi-handle")


def test_a_moved_control_is_answered_by_the_model_kept_and_run(
    lab: Lab,
    browser: Browser,
    section: Made,  # noqa: F811
) -> None:
    page, said = _open(lab, browser, "vendor_risk")
    what, _ = section("vendor_risk", clients=lab.client.parent)
    stated = page.locator(".ta p.lead[role=status]")
    expect(stated).to_have_text(what.at({}).sentence)
    # what is shown stays in its place: nothing is taken away and put there again
    page.evaluate(
        "document.querySelectorAll('.jp-OutputArea .widget-html').forEach(e => e.own = 1)"
    )
    for years in (2.0, 3.0):  # one step after the other, each answered
        _slider(page, "Years to look ahead").press("ArrowRight")
        expect(stated).to_have_text(what.at({"horizon_years": years}).sentence)
    caption = page.locator(".jp-OutputArea figcaption >> text=/within 3 years/")
    assert caption.count() == 1  # the chart is the new one, in the place of the old
    assert page.evaluate("document.querySelector('.lead[role=status]').closest('.widget-html').own")
    page.get_by_text(re.compile(r"^Assumptions \(\d+\)$")).click()
    name = "assumptions.switching_cost_factor"
    _slider(page, "Cost of moving").press("ArrowRight")
    step = next(each for each in what.assumptions if each.name == name)
    moved = {"horizon_years": 3.0, name: step.value + step.step}
    expect(stated).to_have_text(what.at(moved).sentence)
    page.get_by_placeholder("its name").fill("Three years")
    page.get_by_role("button", name="Keep this scenario").click()
    expect(page.get_by_text("Kept as scenarios/three-years.toml")).to_be_visible()
    (kept,) = read_scenarios(lab.client, what.facts).kept
    assert what.moved_by(kept) == pytest.approx(moved)
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        _choose(page, theme)
        assert page.evaluate(READABLE) == []
    assert not said
    page.close()

    command = [sys.executable, "-m", "techalign", "run", "--notebook", "vendor_risk"]
    done = subprocess.run(
        command, cwd=lab.place, env={**os.environ, "PYTHONPATH": str(ROOT)}, capture_output=True,
        check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    page = browser.new_page()
    page.goto((lab.place / "reports" / "machine-shop" / "vendor_risk.html").as_uri())
    table = page.locator("table", has_text="each scenario that was kept").first
    for outcome in (what.at({}), what.at(moved)):
        for figure in outcome.figures:
            expect(table).to_contain_text(figure.text)
    page.close()


def test_the_roadmap_is_searched_elsewhere_and_the_last_move_counts(
    lab: Lab,
    browser: Browser,
    section: Made,  # noqa: F811
) -> None:
    page, said = _open(lab, browser, "plan")
    what, _ = section("plan", clients=lab.client.parent)
    handle = _slider(page, "Caution")
    for _ in range(4):
        handle.press("ArrowRight")
    expect(page.locator(".ta p.lead[role=status]")).to_have_text(
        what.at({"caution": 0.2}).sentence, timeout=30_000
    )
    expect(page.locator(".ta-busy")).to_have_count(0)
    assert not said
    page.close()


def test_a_client_is_run_and_its_tables_are_edited_from_the_first_page(
    lab: Lab, browser: Browser
) -> None:
    page, said = _open(lab, browser, "workbench")
    page.locator(".widget-dropdown select").first.select_option("mitigations")
    file = lab.client / "mitigations.csv"
    before = file.read_bytes()
    cell = page.get_by_label("loss_factor, row 2")
    cell.fill("1.5")
    cell.press("Tab")
    beside = page.locator(".ta-grid td", has=cell).locator("small")
    expect(beside).to_contain_text("1")
    save = page.get_by_role("button", name="Save the table")
    expect(save).to_be_disabled()
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        _choose(page, theme)
        assert page.evaluate(READABLE) == []
    assert file.read_bytes() == before
    cell.fill("0.55")
    cell.press("Tab")
    expect(save).to_be_enabled()
    expect(beside).to_be_empty()
    save.click()
    expect(page.get_by_text("mitigations.csv is saved")).to_be_visible()
    assert file.read_text().splitlines()[2].endswith(",0.55")
    assert (lab.client / ".previous" / "mitigations.csv").read_bytes() == before

    page.get_by_role("button", name="Run machine-shop").click()
    link = page.get_by_role("link", name="All pages")
    expect(link).to_be_visible(timeout=90_000)
    with page.expect_popup() as opened:
        link.click()
    expect(opened.value.locator("h1")).to_have_count(1)
    assert "machine-shop" in opened.value.content()
    opened.value.close()
    assert not said
    page.close()


def test_ctrl_c_ends_it_and_leaves_no_process(lab: Lab) -> None:
    """The last of this file: kernels with sliders, a solver and a run have been at work."""
    assert len(lab.processes()) > 3
    lab.process.send_signal(signal.SIGINT)
    assert lab.process.wait(60) == 0
    for _ in range(50):
        if not lab.processes():
            break
        time.sleep(0.1)
    assert lab.processes() == []
