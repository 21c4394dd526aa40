"""The whole ecosystem at once: every model that a client's tables allow, in their order."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from techalign.ecosystem.connections import (
    MessageReach,
    Touchpoints,
    message_reach,
    touchpoints,
)
from techalign.ecosystem.coupling import Health, HealthOptions, health
from techalign.ecosystem.effort import HuntOrFarm, hunt_or_farm, payback_months, selling_rates
from techalign.ecosystem.foretold import Foretold, foretold
from techalign.ecosystem.one_way import OneWayCost, fresh_pressure, one_way_cost, pressure_felt
from techalign.ecosystem.readiness import Readiness, ready_to_expand
from techalign.ecosystem.stages import StageFlow, StagePrior, stage_flow
from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EcosystemAssumptions", "EcosystemFound", "EcosystemSetting", "assess_ecosystem"]


_SAID = 100  # forecasts that a share somebody has given stands for


@dataclass(frozen=True, kw_only=True)
class EcosystemAssumptions:
    """What nobody has data for, each with its range; see the functions that take them."""

    coupling: Interval
    elasticity: Interval
    building: Interval
    fading: Interval
    share: Interval
    caring: Interval
    extra_churn: Interval
    kept: Interval
    prior_months: Interval = field(default=Interval(24.0, 6.0, 60.0))


@dataclass(frozen=True, kw_only=True)
class EcosystemSetting:
    """The client's own figures that no table of these holds.

    Attributes
    ----------
    as_of : date
    hourly_wage : float
        Money.
    discount_rate : float
        Per year.
    years : float
        Horizon of hunting and farming.
    free_capacity : float or None
        Share of the scarcest capacity that is free.
    forecast_cover : float or None
        Share of past forecasts that came true inside their range, where somebody has kept count;
        None: as the monthly counts tell of new customers.
    """

    as_of: dt.date
    hourly_wage: float
    discount_rate: float = 0.1
    years: float = 3.0
    free_capacity: float | None = None
    forecast_cover: float | None = None


@dataclass(frozen=True, kw_only=True)
class EcosystemFound:
    """What the models found; None where a table is missing or says too little."""

    health: Health | None = None
    flow: StageFlow | None = None
    split: HuntOrFarm | None = None
    payback: Floats | None = None
    one_way: OneWayCost | None = None
    pressure: pd.DataFrame | None = None
    gate: Readiness | None = None
    links: Touchpoints | None = None
    message: MessageReach | None = None
    notes: tuple[str, ...] = ()


def assess_ecosystem(
    tables: Mapping[str, pd.DataFrame],
    setting: EcosystemSetting,
    assumed: EcosystemAssumptions,
    rng: np.random.Generator,
) -> EcosystemFound:
    """Run every model of the ecosystem that the tables allow.

    Parameters
    ----------
    tables : mapping of str to DataFrame
        ``players``, ``flows``, ``selling``, ``one_way``, ``touchpoints``, ``message``; an empty
        one or one that is not there turns off what needs it.
    setting : EcosystemSetting
    assumed : EcosystemAssumptions
    rng : Generator

    Returns
    -------
    EcosystemFound

    Examples
    --------
    >>> import pandas as pd
    >>> tools = pd.DataFrame({"tool": ["fax"], "from_player": ["associates"], "live": [True],
    ...                       "to_player": ["clients"], "yearly_cost": [240.0]})
    >>> assumed = EcosystemAssumptions(**dict.fromkeys(
    ...     ("coupling", "elasticity", "building", "fading", "share", "caring", "extra_churn",
    ...      "kept"), Interval(0.5, 0.1, 0.9)))
    >>> setting = EcosystemSetting(as_of=dt.date(2026, 6, 30), hourly_wage=20.0)
    >>> found = assess_ecosystem({"touchpoints": tools}, setting, assumed, np.random.default_rng(1))
    >>> found.health is None, len(found.links.missing)
    (True, 7)
    """
    there = {name: table for name, table in tables.items() if len(table)}
    notes: list[str] = []
    if "selling" in there:
        there["selling"], outdated = fresh_pressure(there["selling"], setting.as_of)
        notes.extend(outdated)
    flow = _flow(there, (setting, assumed), rng, notes)
    whole = None
    if "players" in there:
        try:
            options = HealthOptions(coupling=assumed.coupling, elasticity=assumed.elasticity)
            whole = health(there["players"], setting.as_of, rng, options, flow=flow)
        except ModelError:
            notes.append(_what_is_known(there["players"]))
    split, payback = _split(there, flow, whole, (setting, assumed), rng, notes)
    pushed = None
    if "one_way" in there:
        pushed = one_way_cost(
            there["one_way"],
            there.get("selling"),
            setting.hourly_wage,
            assumed.extra_churn,
            assumed.kept,
        )
    gate = None
    if whole is not None:
        gate = ready_to_expand(
            whole, split=split, one_way=pushed, forecasts=_forecasts(there, setting),
            payback=payback, free_capacity=setting.free_capacity,
        )  # fmt: skip
    links = touchpoints(there["touchpoints"]) if "touchpoints" in there else None
    reach = message_reach(there["message"], setting.as_of) if "message" in there else None
    return EcosystemFound(
        health=whole, flow=flow, split=split, payback=payback, one_way=pushed, gate=gate,
        pressure=pressure_felt(there["selling"]) if "selling" in there else None,
        links=links, message=reach,
        notes=(*notes, *(whole.notes if whole else ()), *(flow.notes if flow else ())),
    )  # fmt: skip


def _what_is_known(players: pd.DataFrame) -> str:
    """Say what the players table does tell where it cannot tell of anybody's health."""
    counted = players[players["count"].notna()]
    known = ", ".join(
        f"{count:,.0f} {player}" for player, count in counted[["player", "count"]].to_numpy()
    )
    if not known:
        return (
            "Of no part is it known how many there are of those needed, or, within a year, how "
            "they do: so of the health of the whole nothing can be told yet."
        )
    return (
        f"Counted are {known}. How many a healthy business of this size needs is not said of "
        "them, and nobody has been asked within a year how they do: so of the health of the "
        "whole nothing can be told yet. One of the two is enough to begin with."
    )


def _flow(
    there: Mapping[str, pd.DataFrame],
    given: tuple[EcosystemSetting, EcosystemAssumptions],
    rng: np.random.Generator,
    notes: list[str],
) -> StageFlow | None:
    if not {"flows", "players"} <= there.keys():
        return None
    setting, assumed = given
    try:
        return stage_flow(
            there["flows"], there["players"], setting.as_of, rng,
            discount_rate=setting.discount_rate,
            prior=StagePrior(weight=assumed.prior_months.point),
        )  # fmt: skip
    except ModelError as error:
        notes.append(f"{error}")
        return None


def _split(
    there: Mapping[str, pd.DataFrame],
    flow: StageFlow | None,
    whole: Health | None,
    given: tuple[EcosystemSetting, EcosystemAssumptions],
    rng: np.random.Generator,
    notes: list[str],
) -> tuple[HuntOrFarm | None, Floats | None]:
    """Hunting and farming, where counts, hours and how clients do are all known; and payback."""
    if flow is None or whole is None or "selling" not in there or not flow.margin[2:].any():
        return None, None
    setting, assumed = given
    trust = float(whole.parts.set_index("player")["felt"]["clients"])
    if trust != trust:
        notes.append("How clients do is not known, so hunting and farming cannot be compared.")
        return None, None
    try:
        rates = selling_rates(
            flow, there["selling"], trust, rng,
            building=assumed.building, fading=assumed.fading, share=assumed.share,
            caring=assumed.caring,
        )  # fmt: skip
    except ModelError as error:
        notes.append(f"{error}")
        return None, None
    hours = float(there["selling"]["hunting_hours"].sum())
    split = hunt_or_farm(rates, years=setting.years, discount_rate=setting.discount_rate)
    return split, payback_months(rates, hours, setting.hourly_wage)


def _forecasts(there: Mapping[str, pd.DataFrame], setting: EcosystemSetting) -> Foretold | None:
    """How forecasts came true: as somebody says, or as the monthly counts do."""
    if setting.forecast_cover is not None:
        return Foretold(_SAID, round(setting.forecast_cover * _SAID))
    return foretold(there["flows"], setting.as_of) if "flows" in there else None
