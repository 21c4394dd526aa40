"""Kept what-if scenarios: values an analyst has turned, as small files in the client's folder.

A scenario says what differs from the client's own tables and the shipped assumptions, and nothing
else, so that it still means the same when those change::

    clients/machine-shop/scenarios/tight-year.toml

    notebook = "vendor_risk"
    title = "Tight year"
    kept = 2026-07-01

    [values]
    mitigation_budget = 500.0

    [assumptions]
    vendor_failure_correlation = 0.3
"""

from __future__ import annotations

import datetime as dt
import math
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from techalign.client.reference import Reference
from techalign.errors import ClientError, InputError
from techalign.storage import make_folder, read_inside, write_whole

__all__ = ["BOUNDS", "FOLDER", "Scenario", "Scenarios", "keep_scenario", "read_scenarios"]

FOLDER = "scenarios"
_LARGEST = 65_536  # bytes
_MOST = 200  # files
_FILE = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.toml")
_ENDLESS = math.inf

BOUNDS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "vendor_risk": {"mitigation_budget": (0.0, _ENDLESS), "horizon_years": (1.0, 10.0)},
    "plan": {
        "money_a_quarter": (0.0, _ENDLESS),
        "hours_a_quarter": (0.0, _ENDLESS),
        "discount_rate": (0.0, 1.0),
        "caution": (0.0, 1.0),
    },
    "partner_ramps": {
        "signed_a_month": (0.0, 100.0),
        "start_month": (0.0, 36.0),
        "margin_change": (-1.0, 1.0),
        "effort_factor": (0.0, 10.0),
    },
    "ecosystem": {
        "farming_share": (0.0, 1.0),
        "horizon_years": (1.0, 10.0),
        "discount_rate": (0.0, 1.0),
    },
    "alignment": {},
    "spending": {"cut_unused_seats": (0.0, 1.0), "drop_overlaps": (0.0, 1.0)},
}
"""What can be turned in each notebook beside assumptions and weights: least and most."""

Number = Annotated[float, Field(allow_inf_nan=False, strict=False)]


class _File(BaseModel):
    """A scenario's file."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    notebook: str = Field(min_length=1)
    title: str = Field(min_length=1, max_length=60)
    kept: dt.date
    values: dict[str, Number] = Field(default_factory=dict)
    assumptions: dict[str, Number] = Field(default_factory=dict)
    weights: dict[str, Annotated[float, Field(ge=0, le=1000)]] = Field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """Values that differ from the base.

    Attributes
    ----------
    notebook : str
        Whose what-if section kept it.
    title : str
        What people call it.
    kept : date
    values, assumptions, weights : mapping of str to float
        What is turned: controls of the notebook, rows of the assumptions table, goals.
    """

    notebook: str
    title: str
    kept: dt.date
    values: Mapping[str, float]
    assumptions: Mapping[str, float]
    weights: Mapping[str, float]

    @property
    def file(self) -> str:
        """Name of its file.

        Examples
        --------
        >>> Scenario(notebook="plan", title="Tight year, 2nd", kept=dt.date(2026, 7, 1),
        ...          values={}, assumptions={}, weights={}).file
        'tight-year-2nd.toml'
        """
        return f"{'-'.join(re.findall('[a-z0-9]+', self.title.casefold()))[:60].strip('-')}.toml"


@dataclass(frozen=True)
class Scenarios:
    """A client's kept scenarios in the order of their files, and what is wrong with others."""

    kept: tuple[Scenario, ...]
    problems: tuple[str, ...]

    def of(self, notebook: str) -> tuple[Scenario, ...]:
        """Those of one notebook."""
        return tuple(each for each in self.kept if each.notebook == notebook)


def read_scenarios(folder: Path, facts: Reference) -> Scenarios:
    """Read a client's kept scenarios; one that is wrong is named and stops nothing.

    Parameters
    ----------
    folder : Path
        The client's folder.
    facts : Reference
        The ranges within which assumptions may lie.

    Returns
    -------
    Scenarios

    Examples
    --------
    >>> import tempfile
    >>> from techalign.client.reference import load_reference
    >>> with tempfile.TemporaryDirectory() as place:
    ...     read_scenarios(Path(place), load_reference())
    Scenarios(kept=(), problems=())
    """
    place = folder / FOLDER
    try:
        names = sorted(path.name for path in place.iterdir() if not path.name.startswith("."))
    except (FileNotFoundError, NotADirectoryError):
        return Scenarios((), ())
    kept: list[Scenario] = []
    problems: list[str] = []
    for name in names[:_MOST]:
        try:
            kept.append(_read(place / name, folder, facts))
        except InputError as error:
            problems.append(str(error))
    if len(names) > _MOST:
        problems.append(f"{folder.name}/{FOLDER} holds {len(names)} files; {_MOST} are read.")
    return Scenarios(tuple(kept), tuple(problems))


def keep_scenario(folder: Path, scenario: Scenario, facts: Reference) -> Path:
    """Write a scenario's file, whole or not at all; one of the same notebook and title is replaced.

    Parameters
    ----------
    folder : Path
        The client's folder.
    scenario : Scenario
    facts : Reference

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ClientError
        If the title is empty or has no letters, a value is unknown or out of bounds, or another
        notebook keeps a scenario of that title.
    """
    place = folder / FOLDER
    path = place / scenario.file
    if not _FILE.fullmatch(path.name) or len(scenario.title.strip()) > 60:
        raise ClientError(
            "is not a scenario's name", where="scenario", value=scenario.title,
            remedy="Give it a name of 1 to 60 letters and digits.",
        )  # fmt: skip
    where = f"{folder.name}/{FOLDER}/{path.name}"
    _check(scenario, where, facts)
    try:
        before = _read(path, folder, facts)
    except FileNotFoundError:
        before = scenario
    if before.notebook != scenario.notebook:
        raise ClientError(
            f"is kept from {before.notebook}", where=where, remedy="Choose another name."
        )
    make_folder(place)
    write_whole(path, _written(scenario))
    return path


def _read(path: Path, folder: Path, facts: Reference) -> Scenario:
    where = f"{folder.name}/{FOLDER}/{path.name}"
    if not _FILE.fullmatch(path.name):
        raise ClientError(
            "is not a scenario's file", where=where,
            remedy="Name it in a-z, 0-9 and -, ending in .toml, or take it out.",
        )  # fmt: skip
    try:
        text = read_inside(path, folder, most=_LARGEST).decode("utf-8-sig")
        loaded = _File.model_validate(tomllib.loads(text))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError, RecursionError) as error:
        raise ClientError(
            f"is not valid TOML: {error}", where=where, remedy="Mend it, or keep it again."
        ) from error
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise ClientError(
            f"field '{field}': {first['msg']}", where=where,
            value=None if first["type"] == "missing" else first["input"],
            remedy=f"Set {field} in {where}.",
        ) from error  # fmt: skip
    scenario = Scenario(**dict(loaded))
    _check(scenario, where, facts)
    return scenario


def _check(scenario: Scenario, where: str, facts: Reference) -> None:
    bounds = BOUNDS.get(scenario.notebook)
    if bounds is None:
        raise ClientError(
            "there is no what-if section of that name", where=f"{where}, field 'notebook'",
            value=scenario.notebook, remedy=f"It is one of {', '.join(BOUNDS)}.",
        )  # fmt: skip
    for name, value in scenario.values.items():
        if name not in bounds:
            raise ClientError(
                f"{scenario.notebook} has nothing of that name to turn",
                where=f"{where}, field 'values'", value=name,
                remedy=f"There are {', '.join(bounds) or 'only assumptions and weights'}.",
            )  # fmt: skip
        _within(value, bounds[name], f"{where}, field 'values.{name}'")
    for name, value in scenario.assumptions.items():
        _within(value, _range(name, where, facts), f"{where}, field 'assumptions.{name}'")


def _range(name: str, where: str, facts: Reference) -> tuple[float, float]:
    try:
        ends = facts.assumption(name)
    except KeyError:
        raise ClientError(
            "there is no such assumption", where=f"{where}, field 'assumptions'", value=name,
            remedy="Take it out, or write it as in the assumptions table.",
        ) from None  # fmt: skip
    return ends.low, ends.high


def _within(value: float, bounds: tuple[float, float], where: str) -> None:
    low, high = bounds
    if not low <= value <= high:
        said = f"from {low:g} to {high:g}" if high < _ENDLESS else f"{low:g} or more"
        raise ClientError(f"must be {said}", where=where, value=value, remedy="Change it.")


def _written(scenario: Scenario) -> str:
    lines = [
        "# Kept from a what-if section; what is not named here is as in the tables.",
        f"notebook = {_quoted(scenario.notebook)}",
        f"title = {_quoted(scenario.title.strip())}",
        f"kept = {scenario.kept.isoformat()}",
    ]
    for part in ("values", "assumptions", "weights"):
        held: Mapping[str, float] = getattr(scenario, part)
        if held:
            lines += ["", f"[{part}]"]
            lines += [f"{_quoted(name)} = {float(value)!r}" for name, value in held.items()]
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    """A TOML string: its escapes are those of JSON."""
    import json

    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
