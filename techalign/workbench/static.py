"""A what-if section in a report, where nothing moves: values used, and what scenarios change."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from techalign.client.scenarios import Scenario, read_scenarios
from techalign.numbers.formatting import format_value, is_currency
from techalign.report import Block, Column, Figure, note, table
from techalign.workbench.controls import Control, Outcome, WhatIf

__all__ = ["compared", "value_text", "values_used"]

_MOST = 4
"""Scenarios beside the base; a page is no wider."""


def values_used(what: WhatIf) -> Block:
    """The values of a section's controls, and the result of each kept scenario beside the base's.

    Parameters
    ----------
    what : WhatIf

    Returns
    -------
    Block
        Without scenarios one folded table, for which no model runs.
    """
    found = read_scenarios(what.folder, what.facts)
    kept = found.of(what.notebook)
    shown = kept[:_MOST]
    wrong = len(found.problems)
    parts = [note(f"Kept scenarios that cannot be read: {wrong}.", "warn").html] if wrong else []
    if shown:
        base = what.at({})
        others = {each.title: what.at(what.moved_by(each)) for each in shown}
        parts.append(compared(base, others).html)
    if len(kept) > _MOST:
        parts.append(note(f"{len(kept) - _MOST} more scenarios are kept and not shown.").html)
    parts.append(_values(what, shown).html)
    return Block("".join(parts))


def compared(
    base: Outcome,
    others: Mapping[str, Outcome],
    caption: str = "What if: the result as in this page, and in each scenario that was kept",
) -> Block:
    """The figures of the base and of scenarios, one column each.

    Parameters
    ----------
    base : Outcome
    others : mapping of str to Outcome
        By title.
    caption : str

    Returns
    -------
    Block

    Examples
    --------
    >>> base = Outcome(sentence="", figures=(Figure("Loss", 900.0, "USD", "model"),), charts=())
    >>> less = Outcome(sentence="", figures=(Figure("Loss", 500.0, "USD", "model"),), charts=())
    >>> "$500" in compared(base, {"Tight year": less}).html
    True
    """
    frame = {"what": [each.label for each in base.figures], "base": _written(base.figures)}
    columns: dict[str, str | tuple[str, str] | Column] = {
        "what": "Result",
        "base": "As in this page",
    }
    for number, (title, outcome) in enumerate(others.items()):
        frame[f"s{number}"] = _written(outcome.figures)
        columns[f"s{number}"] = title
    return table(
        pd.DataFrame(frame),
        caption=caption,
        columns=columns,
        source="the model of this page, at the values of each",
    )


def _written(figures: tuple[Figure, ...]) -> list[str]:
    return [
        f"{each.text} ({each.interval_text})" if each.interval_text else each.text
        for each in figures
    ]


def _values(what: WhatIf, kept: tuple[Scenario, ...]) -> Block:
    moved = [what.moved_by(each) for each in kept]
    turned = {name for values in moved for name in values}
    rows = [*what.controls, *(each for each in what.assumptions if each.name in turned)]
    frame = {
        "what": [each.label for each in rows],
        "base": [value_text(each.value, each) for each in rows],
        "ends": [_ends(each) for each in rows],
    }
    columns = {"what": "What", "base": "Value used", "ends": "Can be turned from"}
    for number, (scenario, values) in enumerate(zip(kept, moved, strict=True)):
        frame[f"s{number}"] = [
            value_text(values[each.name], each) if each.name in values else "the same"
            for each in rows
        ]
        columns[f"s{number}"] = scenario.title
    return table(
        pd.DataFrame(frame),
        caption="Values used, and how far they can be turned",
        columns=columns,
        empty="Nothing on this page can be turned yet.",
        source="this page; opened as a notebook it has controls for them, and for the assumptions",
        shown=0,
    )


def _ends(control: Control) -> str:
    low, high = (value_text(end, control) for end in (control.low, control.high))
    return f"{low.removesuffix(control.unit).strip()} to {high}"


def value_text(value: float, control: Control) -> str:
    """A control's value as people read it.

    Parameters
    ----------
    value : float
    control : Control
        Whose unit and step it is written in.

    Returns
    -------
    str

    Examples
    --------
    >>> from techalign.workbench.controls import Control
    >>> budget = Control(name="b", label="Budget", value=0.0, low=0.0, high=1.0, unit="USD")
    >>> value_text(1200.0, budget)
    '$1,200'
    """
    if control.unit == "%":
        return f"{100 * value:.3g}%".replace("-", "−")
    unit = control.unit.removesuffix("s") if value == 1 else control.unit
    if is_currency(control.unit):
        return format_value(round(value), control.unit)
    return f"{value:.4g} {unit}".strip().replace("-", "−")
