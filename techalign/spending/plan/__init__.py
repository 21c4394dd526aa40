"""From what was paid to the plan: what projects are worth, when to do them, what is old."""

from __future__ import annotations

from techalign.spending.plan.decisions import PlanFindings, plan_decisions
from techalign.spending.plan.dependencies import settle_dependencies
from techalign.spending.plan.initiatives import (
    InitiativeOptions,
    Initiatives,
    simulate_initiatives,
)
from techalign.spending.plan.roadmap import PlanLimits, Replacements, Roadmap, plan_roadmap
from techalign.spending.plan.schedule import Effort, Schedule

__all__ = [
    "Effort",
    "InitiativeOptions",
    "Initiatives",
    "PlanFindings",
    "PlanLimits",
    "Replacements",
    "Roadmap",
    "Schedule",
    "plan_decisions",
    "plan_roadmap",
    "settle_dependencies",
    "simulate_initiatives",
]
