"""JupyterLab as an analyst has it: notebooks read as their pages do, and every control answers.

One server for all: each notebook is opened once, and everything is asked of it then.
"""

import re
import signal
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, expect

from techalign.client.scenarios import read_scenarios
from techalign.workbench.controls import Control, Outcome, WhatIf
from techalign.workbench.panel import step_of
from tests.browser.lab import CLIENT, ROOT, THEMES, UNREADABLE, Lab, handles, opened, started, theme
from tests.workbench.conftest import SAMPLES, section  # noqa: F401  a fixture

pytestmark = pytest.mark.browser
expect.set_options(timeout=120_000)

Made = Callable[..., tuple[WhatIf, dict[str, Any]]]
WORDS_ALONE = {"alignment", "ecosystem"}
"""Notebooks whose first sentence names no money."""


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    with started(tmp_path_factory.mktemp("workbench")) as found:
        yield found


def test_a_client_is_run_and_its_tables_are_edited_from_the_first_page(
    lab: Lab, browser: Browser
) -> None:
    page, said = opened(lab, browser, "workbench")
    assert page.locator(".Toastify__toast").count() == 0  # Lab asks nobody for news
    page.locator(".widget-dropdown select").first.select_option("mitigations")
    file = lab.client / "mitigations.csv"
    before = file.read_bytes()
    cell = page.get_by_label("loss_factor, row 2", exact=True)
    cell.fill("1.5")
    cell.press("Tab")
    beside = page.locator(".ta-grid td", has=cell).locator("small")
    expect(beside).to_contain_text("1")
    save = page.get_by_role("button", name="Save the table")
    expect(save).to_be_disabled()
    _readable_in_both_themes(page)
    assert file.read_bytes() == before
    cell.fill("0.55")
    cell.press("Tab")
    expect(save).to_be_enabled()
    expect(beside).to_be_empty()
    save.click()
    expect(page.get_by_text("mitigations.csv is saved")).to_be_visible()
    assert file.read_text().splitlines()[2].endswith(",0.55")
    assert (lab.client / ".previous" / "mitigations.csv").read_bytes() == before

    page.get_by_role("button", name=f"Run {CLIENT}").click()
    link = page.get_by_role("link", name="All pages")
    expect(link).to_be_visible()
    with page.expect_popup() as other:
        link.click()
    expect(other.value.locator("h1")).to_have_count(1)
    assert CLIENT in other.value.content()
    other.value.close()
    assert not said
    page.close()


def test_the_review_reads_what_the_run_has_made(lab: Lab, browser: Browser) -> None:
    lab.run(CLIENT, "--notebook", "vendor_risk", "--notebook", "spending")
    page, said = opened(lab, browser, "review")
    decisions = page.locator(".jp-OutputArea .decisions li")
    expect(decisions).not_to_have_count(0)
    _reads_like_its_page(page)
    assert not said
    page.close()


@pytest.mark.parametrize("name", sorted(SAMPLES))
def test_a_notebook_reads_like_its_page_and_every_control_is_answered_by_the_model(
    lab: Lab,
    browser: Browser,
    section: Made,  # noqa: F811
    name: str,
) -> None:
    what, _ = section(name, client=CLIENT, clients=lab.client.parent)
    page, said = opened(lab, browser, name)
    lead = str(page.text_content(".jp-OutputArea .lead"))
    assert "$" in lead or name in WORDS_ALONE
    _reads_like_its_page(page)
    values = _moved_one_after_the_other(page, what)
    if name == "vendor_risk":
        _kept_and_shown_by_a_run(page, what, values, lab)
    assert not said
    page.close()


def _reads_like_its_page(page: Page) -> None:
    # money between two dollar signs is no formula
    assert page.locator(".jp-OutputArea mjx-container, .jp-OutputArea .MathJax").count() == 0
    _readable_in_both_themes(page)
    first = page.locator(".ta table:not(.n1,.d1) tbody th").first
    assert first.evaluate("e => getComputedStyle(e).textAlign") == "left"
    boxes = page.locator(".ta .figures > div").evaluate_all(
        "all => all.map(e => [e.getBoundingClientRect().top, e.getBoundingClientRect().width])"
    )
    if boxes:
        assert len({round(top) for top, _ in boxes}) < len(boxes)  # beside one another, in rows


def _readable_in_both_themes(page: Page) -> None:
    for name in reversed(THEMES):
        theme(page, name)
        assert page.evaluate(UNREADABLE) == [], name


def _moved_one_after_the_other(page: Page, what: WhatIf) -> dict[str, float]:
    """Move each control by a step, those before it staying moved; the values in the end."""
    _shows(page, what.at({}))
    # what is shown stays in its place: nothing is taken away and put there again
    page.evaluate("document.querySelectorAll('.widget-html').forEach(e => e.own = 1)")
    page.get_by_text(re.compile(r"^Assumptions \(\d+\)$")).click()
    controls = (*what.controls, *what.assumptions)
    expect(handles(page)).to_have_count(len(controls))
    values: dict[str, float] = {}
    for number, control in enumerate(controls):
        row = handles(page).nth(number)
        expect(row.locator(".widget-label")).to_contain_text(control.label)
        step = step_of(control)
        up = control.value + step <= control.high + 1e-9
        stood = str(row.locator(".noUi-origin").get_attribute("style"))
        row.locator(".noUi-handle").press("ArrowRight" if up else "ArrowLeft")
        expect(row.locator(".noUi-origin")).not_to_have_attribute("style", stood)
        values[control.name] = control.value + (step if up else -step)
        _shows(page, what.at(values), control)
    assert page.evaluate("document.querySelector('.lead[role=status]').closest('.widget-html').own")
    assert page.locator(".ta .note.bad").count() == 0
    return values


def _shows(page: Page, outcome: Outcome, moved: Control | None = None) -> None:
    """The panel states the outcome: its sentence, and its figures beside those of the page."""
    said = f"{moved.label} was moved" if moved else "as in the page"
    expect(page.locator(".ta-busy"), said).to_have_count(0)
    stated = page.locator(".ta p.lead[role=status]")
    expect(stated, said).to_have_text(outcome.sentence)
    now = page.locator(".ta table", has_text="with the values above").locator("tbody tr")
    shown = [f"{f.text} ({f.interval_text})" if f.interval_text else f.text
             for f in outcome.figures]  # fmt: skip
    expect(now.locator("td:nth-child(3)"), said).to_have_text(shown)


def _kept_and_shown_by_a_run(page: Page, what: WhatIf, values: dict[str, float], lab: Lab) -> None:
    """What is kept is what was turned, and the next run shows it beside the base."""
    page.get_by_placeholder("its name").fill("Everything at once")
    page.get_by_role("button", name="Keep this scenario").click()
    expect(page.get_by_text("Kept as scenarios/everything-at-once.toml")).to_be_visible()
    (kept,) = read_scenarios(lab.client, what.facts).kept
    assert what.moved_by(kept) == pytest.approx(values)
    lab.run("--notebook", "vendor_risk")
    assert page.context.browser is not None
    other = page.context.browser.new_page()
    other.goto((lab.place / "reports" / CLIENT / "vendor_risk.html").as_uri())
    table = other.locator("table", has_text="each scenario that was kept").first
    for outcome in (what.at({}), what.at(values)):
        for figure in outcome.figures:
            expect(table).to_contain_text(figure.text)
    other.close()


def test_ctrl_c_ends_it_and_leaves_no_process(lab: Lab) -> None:
    """The last of this file: kernels with sliders, a solver and a run have been at work."""
    assert len(lab.processes()) >= 1
    lab.process.send_signal(signal.SIGINT)
    assert lab.process.wait(120) == 0
    for _ in range(100):
        if not lab.processes():
            break
        time.sleep(0.1)
    assert lab.processes() == []


def test_every_notebook_is_opened() -> None:
    assert {path.stem for path in (ROOT / "notebooks").glob("*.ipynb")} == {*SAMPLES, "review"}
