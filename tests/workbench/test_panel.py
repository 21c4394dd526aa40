"""The panel without a browser: a moved slider says what the model says, and is kept."""

import asyncio
import contextlib
import shutil
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from techalign.client.scenarios import read_scenarios
from techalign.html import escape
from techalign.workbench.controls import ASSUMED, Control, Outcome, WhatIf
from techalign.workbench.panel import Panel, form_of
from tests.workbench.conftest import CLIENTS

Made = Callable[..., tuple[WhatIf, dict[str, Any]]]


@pytest.fixture
def what(section: Made, tmp_path: Path) -> WhatIf:
    """The section of vendor risk for a client whose folder may be changed."""
    shutil.copytree(CLIENTS / "machine-shop", tmp_path / "machine-shop")
    shutil.copy(CLIENTS / "experience.json", tmp_path)
    return section("vendor_risk", clients=tmp_path)[0]


def test_a_moved_slider_redraws_what_it_changes(what: WhatIf) -> None:
    shown = Panel(what)
    before = shown.stated.value, shown.pictures.value
    assert escape(what.at({}).sentence) in before[0]
    shown.sliders["horizon_years"].value = 3
    said = what.at({"horizon_years": 3.0})
    assert escape(said.sentence) in shown.stated.value != before[0]
    assert all(chart.svg in shown.pictures.value for chart in said.charts)


def test_assumptions_have_sliders_once_their_list_is_opened(what: WhatIf) -> None:
    shown = Panel(what)
    name = f"{ASSUMED}switching_cost_factor"
    assert name not in shown.sliders
    next(c for c in shown.box.children if hasattr(c, "selected_index")).selected_index = 0
    assert {each.name for each in what.assumptions} <= shown.sliders.keys()
    shown.sliders[name].value = 2.0
    assert escape(what.at({name: 2.0}).sentence) in shown.stated.value


@pytest.mark.parametrize(
    ("unit", "step", "value", "written"),
    [
        ("hours", 20.0, 1540.0, "1,540"), ("USD", 500.0, 27_000.0, "27,000"),
        ("", 0.25, 0.25, "0.25"), ("%", 0.005, 0.11, "11.0%"), ("%", 0.05, 0.05, "5%"),
        ("%", 1e-5, 2e-4, "0.020%"), ("years", 0.1, 10.0, "10.0"),
    ],
)  # fmt: skip
def test_a_value_is_written_with_the_decimals_of_its_steps(
    unit: str, step: float, value: float, written: str
) -> None:
    control = Control(
        name="n", label="N", value=value, low=0.0, high=2 * value, unit=unit, step=step
    )
    assert format(value, form_of(control)) == written


def test_what_changes_nothing_is_said_to(what: WhatIf) -> None:
    shown = Panel(what)
    next(c for c in shown.box.children if hasattr(c, "selected_index")).selected_index = 0
    shown.sliders[f"{ASSUMED}escrow_factor"].value = 0.9  # nobody has an escrow
    assert "changes nothing" in shown.said.value
    shown.sliders["horizon_years"].value = 2
    assert "changes nothing" not in shown.said.value


def test_a_scenario_is_kept_shown_and_gone_back_to(what: WhatIf) -> None:
    shown = Panel(what)
    shown.name.value = "Far ahead"
    shown.keep_values()
    assert not (what.folder / "scenarios").exists()  # nothing is turned
    shown.sliders["horizon_years"].value = 4
    shown.keep_values()
    (kept,) = read_scenarios(what.folder, what.facts).kept
    assert (kept.title, kept.values) == ("Far ahead", {"horizon_years": 4.0})
    assert shown.sliders["horizon_years"].value == 4  # keeping moves nothing
    shown.chosen.value = "as in this page"
    assert escape(what.at({}).sentence) in shown.stated.value
    shown.chosen.value = "Far ahead"
    assert shown.sliders["horizon_years"].value == 4
    assert escape(what.at({"horizon_years": 4.0}).sentence) in shown.stated.value


def test_a_name_that_cannot_be_kept_is_told_and_writes_nothing(what: WhatIf) -> None:
    shown = Panel(what)
    shown.sliders["horizon_years"].value = 4
    shown.name.value = "?!"
    shown.keep_values()
    assert "Not kept" in shown.said.value
    assert not (what.folder / "scenarios").exists()


class Held:
    """A slow worker whose answers come when the test says so, even to what was cancelled."""

    def __init__(self, what: WhatIf) -> None:
        self.what = what
        self.asked: list[tuple[float, asyncio.Event]] = []
        self.fails: type[Exception] | None = None

    async def call(self, values: Mapping[str, float]) -> Outcome:
        """The answer, once its event is set."""
        event = asyncio.Event()
        self.asked.append((values["horizon_years"], event))
        with contextlib.suppress(asyncio.CancelledError):  # as if it was computed already
            await event.wait()
        await event.wait()
        if self.fails is not None:
            raise self.fails("gone")
        return self.what.at(values)

    def end(self) -> None:
        """Let all go, so that nothing waits when the test is over."""
        for _, event in self.asked:
            event.set()


async def _turns() -> None:
    for _ in range(10):  # of the loop, in which everything that can go on does
        await asyncio.sleep(0)


async def _raced(what: WhatIf) -> None:
    shown = Panel(replace(what, slow=frozenset({"horizon_years"})))
    held = Held(what)
    shown._worker = held  # type: ignore[assignment]
    try:
        await _moved_about(what, shown, held)
    finally:
        shown.close()


async def _moved_about(what: WhatIf, shown: Panel, held: Held) -> None:
    years = shown.sliders["horizon_years"]
    said = {n: escape(what.at({"horizon_years": float(n)}).sentence) for n in (1, 2, 3, 4)}
    for moved in (2, 3):
        years.value = moved
        await _turns()
    assert [asked for asked, _ in held.asked] == [2.0, 3.0]
    held.asked[0][1].set()  # done between the move that cancelled it and the answer to that
    await _turns()
    assert said[1] in shown.stated.value
    assert "ta-busy" in shown.said.value
    held.asked[1][1].set()
    await _turns()
    assert said[3] in shown.stated.value
    assert not shown.said.value
    # a move back to what is known at once, with an answer still to come
    years.value = 4
    await _turns()
    years.value = 1
    held.asked[2][1].set()
    await _turns()
    assert said[1] in shown.stated.value
    # what goes wrong, however, is said, and the next move is answered
    held.fails = OSError
    years.value = 2
    await _turns()
    held.asked[3][1].set()
    await _turns()
    assert "cannot be computed: gone" in shown.said.value
    held.fails = None
    years.value = 3
    await _turns()
    held.asked[4][1].set()
    await _turns()
    assert said[3] in shown.stated.value


def test_an_answer_belongs_to_the_last_move_whenever_it_comes(
    what: WhatIf, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("techalign.workbench.panel._QUIET", 0)
    asyncio.run(_raced(what))


async def _last_of(what: WhatIf) -> None:
    shown = Panel(replace(what, slow=frozenset({"horizon_years"})))
    for years in (2, 3, 4):
        shown.sliders["horizon_years"].value = years
        await asyncio.sleep(0)
    assert "ta-busy" in shown.said.value  # the stated result is still that of the base
    assert escape(what.at({}).sentence) in shown.stated.value
    task = shown._task
    assert task is not None
    await task
    assert escape(what.at({"horizon_years": 4.0}).sentence) in shown.stated.value
    # what is quick, or the base again, is answered at once, and no slow answer comes after it
    shown.sliders["horizon_years"].value = 5
    late = shown._task
    assert late is not None
    shown.sliders["horizon_years"].value = 1
    assert escape(what.at({}).sentence) in shown.stated.value
    with pytest.raises(asyncio.CancelledError):
        await late
    assert escape(what.at({}).sentence) in shown.stated.value
    shown.close()


def test_of_slow_moves_the_last_is_computed_elsewhere(what: WhatIf) -> None:
    asyncio.run(_last_of(what))
