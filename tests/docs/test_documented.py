"""Every command, table, field and public name is documented, in the code and on the site."""

import inspect
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from types import ModuleType
from typing import Any

import click
import griffe
import pytest

from reference import public_names, public_packages
from tables import kind_of
from techalign.cli.main import techalign
from techalign.client.profile import Profile, ReadingOptions
from techalign.intake.rows import ROW_MODELS

ROOT = Path(__file__).parents[2]
# how a job is made and a file is read: commands call it, notebooks do not
INSIDE = ("techalign.batch", "techalign.intake")
# what would have to write files, ask servers or start processes to be shown, or shows what is a
# client's: notebooks call it
WITHOUT_EXAMPLE = (
    "techalign.storage",
    "techalign.warm",
    "techalign.workbench",
    "techalign.review.front_page",
)
SHOWN_ELSEWHERE = {"load_experience", "column_styles"}
COMMANDS = techalign.list_commands(click.Context(techalign))


@cache
def _package() -> Any:
    return griffe.load("techalign", search_paths=[ROOT])


def _missing(home: str, name: str) -> Iterator[str]:
    """What a name's docstring does not say."""
    found = _package()[f"{home}.{name}".removeprefix("techalign.")]
    if not found.docstring:
        yield "a docstring"
        return
    parsed = found.docstring.parse("numpy", warnings=False)
    sections = {section.kind.value: section.value for section in parsed}
    if not sections["text"].split("\n\n")[0].endswith((".", ":")):
        yield "a first sentence"
    if found.kind.value != "function" or home.startswith(INSIDE):
        return
    described = {
        part.strip().lstrip("*")
        for parameter in sections.get("parameters", [])
        for part in parameter.name.split(",")
    }
    yield from sorted({parameter.name for parameter in found.parameters} - described)
    if str(found.returns) != "None" and not sections.keys() & {"returns", "yields"}:
        yield "what it gives"
    shown = home.startswith(WITHOUT_EXAMPLE) or name in SHOWN_ELSEWHERE
    if not shown and "examples" not in sections:
        yield "an example"


@pytest.mark.parametrize("package", public_packages(), ids=lambda package: package.__name__)
def test_public_names_say_what_they_take_and_give(package: ModuleType) -> None:
    missing = {f"{home}.{name}": [*_missing(home, name)] for home, name in public_names(package)}
    assert not {name: said for name, said in missing.items() if said}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_command_says_what_it_does_and_each_of_its_options(name: str) -> None:
    command = techalign.get_command(click.Context(techalign), name)
    assert command is not None
    assert re.match(r"[A-Z][^\n]+", inspect.cleandoc(command.help or ""))
    assert "Example" in (command.epilog or "")
    for option in command.params:
        if isinstance(option, click.Option):
            assert option.help, f"techalign {name} {option.opts[0]}"


@pytest.mark.parametrize("model", [*ROW_MODELS.values(), Profile, ReadingOptions])
def test_a_table_says_what_to_write_in_each_field_and_in_which_unit(model: Any) -> None:
    assert inspect.getdoc(model)
    for name, field in model.model_fields.items():
        assert field.description, f"{model.__name__}.{name}"
        assert kind_of(field), f"{model.__name__}.{name}"


@pytest.mark.parametrize(
    ("table", "field", "kind"),
    [
        ("vendors", "criticality", "a whole number from 1 to 5"),
        ("vendors", "revenue_share_depending", "a share from 0 to 1, or as 25%"),
        ("vendors", "switching_cost", "money, in the client's currency, of at least 0"),
        ("vendors", "relation", "one of `direct`, `indirect`"),
        ("vendors", "since", "a day, as 2026-06-30"),
        ("vendors", "escrow", "yes or no"),
        ("ledger", "currency", "text of three capital letters, as USD"),
        ("vendors", "brand_pace", "a whole number from 1 to 5"),
    ],
)
def test_kinds_and_units_in_words(table: str, field: str, kind: str) -> None:
    assert kind_of(ROW_MODELS[table].model_fields[field]) == kind
