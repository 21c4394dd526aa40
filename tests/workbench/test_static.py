"""Kept scenarios in a report, and what is wrong with a scenario's file."""

import datetime as dt
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from techalign.batch.keys import client_parts
from techalign.client import load_reference
from techalign.client.scenarios import keep_scenario, read_scenarios
from techalign.errors import ClientError
from techalign.workbench.controls import ASSUMED, WhatIf
from techalign.workbench.static import values_used
from tests.workbench.conftest import CLIENTS

Made = Callable[..., tuple[WhatIf, dict[str, Any]]]
TODAY = dt.date(2026, 7, 1)
HEAD = 'notebook = "vendor_risk"\ntitle = "A"\nkept = 2026-07-01\n'


@pytest.fixture
def clients(tmp_path: Path) -> Path:
    """A folder with one client that may be changed."""
    shutil.copytree(CLIENTS / "machine-shop", tmp_path / "machine-shop")
    shutil.copy(CLIENTS / "experience.json", tmp_path)
    return tmp_path


def test_a_kept_scenario_stands_beside_the_base_in_the_report(section: Made, clients: Path) -> None:
    what, _ = section("vendor_risk", clients=clients)
    before = client_parts(what.folder)
    name = f"{ASSUMED}vendor_failure_correlation"
    turned = {**what.base, "mitigation_budget": 0.0, name: 0.3}
    path = keep_scenario(what.folder, what.scenario("Tight year", turned, TODAY), what.facts)
    assert path.name == "tight-year.toml"
    assert client_parts(what.folder) != before  # its reports are made again
    shown = values_used(what).html
    base, other = what.at({}), what.at({"mitigation_budget": 0.0, name: 0.3})
    assert "Tight year" in shown
    for outcome in (base, other):
        assert all(figure.text in shown for figure in outcome.figures)
    assert base.figures[1].text != other.figures[1].text


def test_what_is_kept_reads_back_the_same(clients: Path) -> None:
    from techalign.client.scenarios import Scenario

    folder, facts = clients / "machine-shop", load_reference()
    kept = Scenario(
        notebook="alignment", title='Both "sides" = 1', kept=TODAY, values={},
        assumptions={"discount_rate": 0.07}, weights={"Grow; fast “now”": 2.5},
    )  # fmt: skip
    keep_scenario(folder, kept, facts)
    assert read_scenarios(folder, facts).kept == (kept,)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("notebook = ", "not valid TOML"),
        ('title = "A"\nkept = 2026-07-01', "field 'notebook'"),
        (HEAD.replace("vendor_risk", "vendors"), "no what-if section"),
        (HEAD + "[values]\nbudget = 1.0", "nothing of that name"),
        (HEAD + '[values]\nhorizon_years = "two"', "values.horizon_years"),
        (HEAD + "[values]\nhorizon_years = 99", "must be from 1 to 10"),
        (HEAD + "[values]\nmitigation_budget = -1", "must be 0 or more"),
        (HEAD + "[values]\nmitigation_budget = nan", "values.mitigation_budget"),
        (HEAD + "[assumptions]\nvendor_failure_correlation = 0.9", "from 0.05 to 0.3"),
        (HEAD + "[assumptions]\nluck = 0.9", "no such assumption"),
        (HEAD + "more = 1", "field 'more'"),
    ],
)
def test_a_wrong_scenario_is_named_with_its_file_and_field(
    clients: Path, text: str, said: str
) -> None:
    folder = clients / "machine-shop"
    (folder / "scenarios").mkdir()
    (folder / "scenarios" / "a.toml").write_text(text)
    found = read_scenarios(folder, load_reference())
    assert not found.kept
    (problem,) = found.problems
    assert problem.startswith("machine-shop/scenarios/a.toml")
    assert said in problem


def test_nothing_is_written_that_could_not_be_read(section: Made, clients: Path) -> None:
    what, _ = section("vendor_risk", clients=clients)
    for title, values in (
        ("", {"horizon_years": 2.0}),
        ("!", {"horizon_years": 2.0}),
        ("x" * 61, {"horizon_years": 2.0}),
        ("Far", {"horizon_years": 99.0}),
    ):
        kept = what.scenario(title, {**what.base, **values}, TODAY)
        with pytest.raises(ClientError):
            keep_scenario(what.folder, kept, what.facts)
    assert not (what.folder / "scenarios").exists()
