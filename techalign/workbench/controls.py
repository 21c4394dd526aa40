"""What can be turned in a what-if section, and what comes of it."""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from techalign.charts import Chart
from techalign.client import Client, Reference
from techalign.client.scenarios import Scenario
from techalign.report import Figure
from techalign.report.words import in_words

__all__ = ["Control", "Outcome", "WhatIf", "assumption_controls", "in_steps", "rate_control"]

_STEPS = 100
ASSUMED = "assumptions."
WEIGHT = "weights."


@dataclass(frozen=True, kw_only=True)
class Control:
    """One number to turn.

    Attributes
    ----------
    name : str
        ``horizon_years``; of an assumption ``assumptions.KEY``; of a goal ``weights.GOAL``.
    label : str
        What people read.
    value, low, high : float
        In the base, and the ends.
    unit : str
        A currency, ``%`` (of a share from 0 to 1), or a word.
    step : float
    source : str
        Where the base value comes from.
    """

    name: str
    label: str
    value: float
    low: float
    high: float
    unit: str = ""
    step: float = 1.0
    source: str = ""


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a model says at some values of the controls.

    Attributes
    ----------
    sentence : str
        The result as it is stated.
    figures : tuple of Figure
        Its numbers, the same and in the same order at all values.
    charts : tuple of Chart
    """

    sentence: str
    figures: tuple[Figure, ...]
    charts: tuple[Chart, ...]


@dataclass(frozen=True, kw_only=True)
class WhatIf:
    """A notebook's what-if section: what can be turned, and the model behind it.

    Attributes
    ----------
    notebook : str
    folder : Path
        The client's, where scenarios are kept.
    as_of : date
    facts : Reference
    controls : tuple of Control
        The notebook's own, and below them rows of the assumptions table.
    assumptions : tuple of Control
    model : callable
        Values of all controls, by name, to the outcome. It can be pickled, for a process of its
        own.
    slow : frozenset of str
        Controls that, once moved, take long: then it is computed in a process of its own, that a
        further move ends.
    """

    notebook: str
    folder: Path
    as_of: dt.date
    facts: Reference
    controls: tuple[Control, ...]
    assumptions: tuple[Control, ...] = ()
    model: Callable[[Mapping[str, float]], Outcome] = field(repr=False)
    slow: frozenset[str] = frozenset()

    @property
    def base(self) -> dict[str, float]:
        """Every control's value in the base."""
        return {each.name: each.value for each in (*self.controls, *self.assumptions)}

    def at(self, moved: Mapping[str, float]) -> Outcome:
        """The outcome with some controls moved and all others as in the base."""
        return self.model({**self.base, **moved})

    def moved_by(self, scenario: Scenario) -> dict[str, float]:
        """What a scenario moves here, by the names of the controls."""
        there = self.base
        named = {
            **scenario.values,
            **{f"{ASSUMED}{key}": value for key, value in scenario.assumptions.items()},
            **{f"{WEIGHT}{goal}": value for goal, value in scenario.weights.items()},
        }
        return {name: value for name, value in named.items() if name in there}

    def scenario(self, title: str, values: Mapping[str, float], today: dt.date) -> Scenario:
        """What differs from the base, as a scenario to keep."""
        base = self.base
        moved = {name: float(v) for name, v in values.items() if not math.isclose(v, base[name])}
        parts: dict[str, dict[str, float]] = {"values": {}, "assumptions": {}, "weights": {}}
        for name, value in moved.items():
            part, _, key = name.partition(".")
            (parts[part] if key else parts["values"])[key or name] = value
        return Scenario(notebook=self.notebook, title=title.strip(), kept=today, **parts)


def assumption_controls(facts: Reference, keys: Iterable[str]) -> tuple[Control, ...]:
    """A control for each assumption that has a range, in the words of the assumptions table.

    Parameters
    ----------
    facts : Reference
    keys : iterable of str
        As the notebook lists them; those without a range cannot be turned.

    Returns
    -------
    tuple of Control

    Examples
    --------
    >>> from techalign.client import load_reference
    >>> found = assumption_controls(load_reference(), ["discount_rate", "vendor_oldest_age"])
    >>> [(each.name, each.value, each.low, each.high, each.unit) for each in found]
    [('assumptions.discount_rate', 0.1, 0.06, 0.18, '%')]
    """
    names = list(dict.fromkeys(keys))
    rows = facts.assumptions_used(names)
    found = []
    for key, row in zip(names, rows.to_dict("records"), strict=True):
        value, low, high = (float(row[name]) for name in ("value", "low", "high"))
        if math.isnan(low) or math.isnan(high) or low >= high:
            continue
        label, unit = in_words(str(row["what"]), str(row["unit"]))
        found.append(
            Control(
                name=f"{ASSUMED}{key}", label=label, value=value, low=low, high=high,
                unit=unit, step=in_steps(high - low), source=str(row["source"]),
            )
        )  # fmt: skip
    return tuple(found)


def in_steps(span: float) -> float:
    """A round step that divides a span into about a hundred.

    Parameters
    ----------
    span : float
        From the lowest to the highest value.

    Returns
    -------
    float

    Examples
    --------
    >>> in_steps(0.25), in_steps(48_000.0), in_steps(7.0)
    (0.005, 500.0, 0.1)
    """
    if span <= 0:
        return 1.0
    rough = span / _STEPS
    power = 10.0 ** math.floor(math.log10(rough))
    step = next(n for n in (1.0, 2.0, 5.0, 10.0) if n * power >= rough * (1 - 1e-9)) * power
    return float(f"{step:.6g}")


def rate_control(book: Client) -> Control:
    """The discount rate, which the profile states.

    Parameters
    ----------
    book : Client

    Returns
    -------
    Control
    """
    return Control(
        name="discount_rate", label="Later money counts less, a year",
        value=book.profile.discount_rate, low=0.0, high=0.4, unit="%", step=0.005,
        source="client.toml",
    )  # fmt: skip


def with_rate(book: Client, values: Mapping[str, float]) -> Client:
    """The client with another discount rate."""
    profile = book.profile.model_copy(update={"discount_rate": values["discount_rate"]})
    return replace(book, profile=profile)


def assumed(facts: Reference, values: Mapping[str, float], keys: Sequence[str] = ()) -> Reference:
    """The reference tables with the assumptions that are turned; ``keys`` limits them."""
    turned = {
        name.removeprefix(ASSUMED): value
        for name, value in values.items()
        if name.startswith(ASSUMED)
    }
    return facts.assuming({k: v for k, v in turned.items() if not keys or k in keys})
