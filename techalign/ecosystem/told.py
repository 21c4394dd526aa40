"""What the models found as a page shows it: frames that are empty where a table is missing."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.ecosystem.assessment import EcosystemFound
from techalign.ecosystem.effort import HuntOrFarm
from techalign.numbers.arrays import Floats
from techalign.numbers.formatting import format_interval, format_value
from techalign.numbers.intervals import Interval, interval_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PLAIN", "Told", "free_capacity", "told"]

PLAIN = {
    "suspects": "strangers you could serve", "prospects": "those who enquire",
    "clients": "customers", "advocates": "customers who recommend you", "associates": "staff",
    "vendors": "suppliers", "partners": "those who help you sell or make",
}  # fmt: skip
"""The seven in the words of somebody who has not met them under their names."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Told:
    """The findings as sentences, intervals and frames; frames of a missing table are empty.

    Attributes
    ----------
    sentence : str
        Where the business stands.
    health, feeding, entrant, one_way : Interval or None
        Share, and money.
    parts, exchange, stages, splits, split_facts, channels, pressure : DataFrame
    grid, missing_links, core, message, ideal, conditions : DataFrame
    verdict : str
        Of the gate to growth.
    """

    sentence: str
    health: Interval | None
    feeding: Interval | None
    entrant: Interval | None
    one_way: Interval | None
    parts: pd.DataFrame
    exchange: pd.DataFrame
    stages: pd.DataFrame
    splits: pd.DataFrame
    split_facts: pd.DataFrame
    channels: pd.DataFrame
    pressure: pd.DataFrame
    grid: pd.DataFrame
    missing_links: pd.DataFrame
    core: pd.DataFrame
    message: pd.DataFrame
    ideal: pd.DataFrame
    conditions: pd.DataFrame
    verdict: str


def told(found: EcosystemFound) -> Told:
    """Put the findings into the forms that a page shows.

    Parameters
    ----------
    found : EcosystemFound

    Returns
    -------
    Told

    Examples
    --------
    >>> told(EcosystemFound()).sentence
    'Nobody has been asked within a year how any part of the business does.'
    """
    import pandas as pd

    nothing = pd.DataFrame()
    whole, flow, pushed, links = found.health, found.flow, found.one_way, found.links
    value = flow.value_per_entrant if flow is not None and flow.margin.any() else None
    parts = whole.parts if whole else nothing
    said = [parts[name].fillna("") != "" for name in ("gets", "gives")] if len(parts) else []
    written = parts[said[0] | said[1]] if said else nothing
    return Told(
        sentence=_sentence(found),
        health=whole.index if whole else None,
        feeding=whole.worth if whole else None,
        entrant=interval_of(value) if value is not None else None,
        one_way=pushed.cost if pushed else None,
        parts=parts if whole else pd.DataFrame(columns=["player", "fed", "pull"]),
        exchange=written.sort_values("player", kind="stable") if len(written) else nothing,
        stages=flow.table() if flow else nothing,
        splits=_curve(found.split) if found.split else nothing,
        split_facts=_facts(found.split, found.payback) if found.split else nothing,
        channels=pushed.channels if pushed else nothing,
        # also of a business that sells nothing by volume
        pressure=nothing if found.pressure is None else found.pressure,
        grid=links.grid if links else nothing,
        missing_links=links.missing if links else nothing,
        core=found.message.core if found.message else nothing,
        message=found.message.players if found.message else nothing,
        ideal=found.message.ideal if found.message else nothing,
        conditions=found.gate.conditions if found.gate else nothing,
        verdict=found.gate.verdict if found.gate else "Ready to grow?",
    )


def free_capacity(capacity: pd.DataFrame) -> float | None:
    """Share of the scarcest resource that is free, 0 to 1; None where nothing is known.

    Parameters
    ----------
    capacity : DataFrame
        Columns ``load``, ``capacity`` in the same unit, above 0.

    Returns
    -------
    float or None

    Examples
    --------
    >>> import pandas as pd
    >>> free_capacity(pd.DataFrame({"load": [80.0, 50.0], "capacity": [100.0, 100.0]}))
    0.2
    """
    if not len(capacity):
        return None
    free = 1.0 - capacity["load"].astype(float) / capacity["capacity"].astype(float)
    return round(max(float(free.min()), 0.0), 9)


def _sentence(found: EcosystemFound) -> str:
    whole = found.health
    if whole is None:
        return "Nobody has been asked within a year how any part of the business does."
    if not whole.bottleneck:
        return "Every part that was asked has what it needs."
    fed = float(whole.parts["fed"].iloc[0])
    return (
        f"The {whole.bottleneck} ({PLAIN[whole.bottleneck]}) hold the rest back: they have "
        f"{fed:.0%} of what they need."
    )


def _curve(split: HuntOrFarm) -> pd.DataFrame:
    names = {"margin": "point", "margin_low": "low", "margin_high": "high"}
    return split.curve.rename(columns=names)


def _facts(split: HuntOrFarm, payback: Floats | None) -> pd.DataFrame:
    import pandas as pd

    crossing = split.crossing_months
    never = f"it never does within {split.years:g} years in {split.never:.0%} of futures"
    when = never if crossing.point == float("inf") else (
        f"{format_interval(crossing, 'months')}; {never}" if split.never
        else format_interval(crossing, "months")
    )  # fmt: skip
    rows = [
        ("Time on present customers now", format_value(split.split, "%")),
        ("Share that brings most on average", format_value(split.best, "%")),
        ("Next step, no further than the counts can tell", format_value(split.step, "%")),
        ("Chance that this step brings more than the present split", format_value(split.pays, "%")),
        ("Chance that farming compounds at the best share", format_value(split.compounds, "%")),
        ("Until it has brought more than hunting alone", when),
    ]
    if payback is not None and np.isfinite(payback).all():
        said = format_interval(interval_of(payback), "months")
        rows.append(("Until a new customer has paid for the selling time it took", said))
    return pd.DataFrame(rows, columns=["what", "said"])
