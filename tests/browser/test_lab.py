"""The notebooks in a real JupyterLab: they run, and look as the page does, light and dark."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
TOKEN = "for-this-test"
NOTEBOOKS = sorted({path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} - {"review"})
_ENDED = """() => {
    const prompts = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')];
    return prompts.length > 5 && prompts.every(p => !p.textContent.includes('*'))
        && /\\d/.test(prompts.at(-1).textContent);
}"""
# text against what lies behind it, as the eye meets them; pictures' text by its fill
_CONTRAST = """() => {
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
        '.ta svg text, .ta td, .ta th, .ta p, .ta dt, .ta dd, .ta figcaption, .ta summary')];
    return texts.filter(e => e.textContent.trim() && e.checkVisibility()).map(e => {
        const style = getComputedStyle(e);
        const ink = numbers(e.closest('svg') ? style.fill : style.color);
        const [a, b] = [light(ink), light(behind(e))].sort((x, y) => y - x);
        return [(a + .05) / (b + .05), e.textContent.trim().slice(0, 40)];
    }).filter(([ratio]) => ratio < (4.5));
}"""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A JupyterLab on loopback over a copy of the notebooks; gives its address."""
    place = tmp_path_factory.mktemp("lab")
    shutil.copytree(ROOT / "notebooks", place / "notebooks")
    shutil.copytree(ROOT / "datasets", place / "datasets")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    homes = ("JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "IPYTHONDIR")
    own = {name: str(place / name.lower()) for name in homes}
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root",
        f"--ServerApp.port={port}", "--ServerApp.ip=127.0.0.1",
        f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={place}",
        "--LabApp.news_url=", "--LabApp.extension_manager=readonly",
        "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate",
    ]  # fmt: skip
    with (place / "log").open("w") as log:
        server = subprocess.Popen(
            command, env={**os.environ, **own, "PYTHONPATH": str(ROOT)}, stdout=log, stderr=log
        )
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(120):
            try:
                urllib.request.urlopen(f"{address}/api/status?token={TOKEN}", timeout=1).close()
                break
            except OSError:
                time.sleep(0.5)
        else:
            pytest.fail((place / "log").read_text()[-2000:])
        yield address
    finally:
        server.terminate()
        server.wait(30)


@pytest.mark.parametrize("name", NOTEBOOKS)
def test_a_notebook_runs_and_reads_like_its_page_in_both_themes(
    lab: str, browser: Browser, name: str
) -> None:
    page = browser.new_page(viewport={"width": 1300, "height": 1400})
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text) if message.type == "error" else 0)
    page.goto(f"{lab}/lab/tree/notebooks/{name}.ipynb?token={TOKEN}&reset", timeout=60_000)
    page.wait_for_selector(".jp-Notebook .jp-CodeCell", timeout=60_000)
    page.wait_for_selector(".jp-StatusBar-TextItem >> text=/Idle$/", timeout=60_000)
    _menu(page, "Run", "Run All Cells")
    page.wait_for_function(_ENDED, timeout=60_000)
    assert page.locator(".jp-OutputArea-output .ansi-red-fg").count() == 0
    assert not said
    # money between two dollar signs is no formula
    assert page.locator(".jp-OutputArea mjx-container, .jp-OutputArea .MathJax").count() == 0
    lead = str(page.text_content(".jp-OutputArea .lead"))
    assert "$" in lead or name in {"alignment", "ecosystem"}  # which speak of shares
    for theme in ("JupyterLab Light", "JupyterLab Dark"):
        _choose(page, theme)
        assert page.evaluate(_CONTRAST) == []
    first = page.locator(".ta table:not(.n1,.d1) tbody th").first
    assert first.evaluate("e => getComputedStyle(e).textAlign") == "left"
    boxes = page.locator(".ta .figures > div").evaluate_all(
        "all => all.map(e => [e.getBoundingClientRect().top, e.getBoundingClientRect().width])"
    )
    assert len({round(top) for top, _ in boxes}) < len(boxes)  # beside one another, in rows
    page.close()


def _menu(page: Page, *names: str) -> None:
    page.click(f".lm-MenuBar-item >> text=/^{names[0]}$/")
    for name in names[1:-1]:
        page.hover(f".lm-Menu-item >> text=/^{name}$/")
    page.click(f".lm-Menu-item >> text=/^{names[-1]}$/")


def _choose(page: Page, theme: str) -> None:
    _menu(page, "Settings", "Theme", theme)
    page.wait_for_function(
        "light => document.body.dataset.jpThemeLight === light",
        arg="true" if theme.endswith("Light") else "false",
    )
