"""The ecosystem of a small business: seven players, how people move, what holds them back.

``assess_ecosystem`` does it all: ``stage_flow`` tells how strangers become advocates, ``health``
which part holds the rest back, ``hunt_or_farm`` how to split the time for selling,
``one_way_cost`` what pushed sales cost, ``touchpoints`` and ``message_reach`` what connects the
players, ``ready_to_expand`` whether to grow; ``ecosystem_decisions`` says what to do about it.
"""

from __future__ import annotations

from techalign.ecosystem.assessment import (
    EcosystemAssumptions,
    EcosystemFound,
    EcosystemSetting,
    assess_ecosystem,
)
from techalign.ecosystem.connections import (
    MessageReach,
    Touchpoints,
    message_reach,
    touchpoints,
)
from techalign.ecosystem.coupling import PLAYERS, Health, HealthOptions, coupled, health
from techalign.ecosystem.decisions import ecosystem_decisions
from techalign.ecosystem.effort import (
    HuntOrFarm,
    SellingRates,
    hunt_or_farm,
    payback_months,
    selling_rates,
    trust_in_the_end,
)
from techalign.ecosystem.foretold import Foretold, foretold
from techalign.ecosystem.one_way import OneWayCost, one_way_cost, pressure_felt
from techalign.ecosystem.readiness import ExpansionLimits, Readiness, ready_to_expand
from techalign.ecosystem.stages import STAGES, StageFlow, StagePrior, stage_flow
from techalign.ecosystem.told import Told, free_capacity, told

__all__ = [
    "PLAYERS",
    "STAGES",
    "EcosystemAssumptions",
    "EcosystemFound",
    "EcosystemSetting",
    "ExpansionLimits",
    "Foretold",
    "Health",
    "HealthOptions",
    "HuntOrFarm",
    "MessageReach",
    "OneWayCost",
    "Readiness",
    "SellingRates",
    "StageFlow",
    "StagePrior",
    "Told",
    "Touchpoints",
    "assess_ecosystem",
    "coupled",
    "ecosystem_decisions",
    "foretold",
    "free_capacity",
    "health",
    "hunt_or_farm",
    "message_reach",
    "one_way_cost",
    "payback_months",
    "pressure_felt",
    "ready_to_expand",
    "selling_rates",
    "stage_flow",
    "told",
    "touchpoints",
    "trust_in_the_end",
]
