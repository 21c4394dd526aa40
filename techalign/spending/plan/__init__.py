"""From what was paid to the plan: what projects are worth, when to do them, what is old."""

from __future__ import annotations

from techalign.spending.plan.decisions import PlanFindings, plan_decisions
from techalign.spending.plan.dependencies import settle_dependencies
from techalign.spending.plan.differentiation import differentiation_value, value_of_advantages
from techalign.spending.plan.economic_life import (
    EconomicLife,
    Lifecycle,
    economic_life,
    equivalent_annual_cost,
    lifecycle,
)
from techalign.spending.plan.financing import compare_financing, grants
from techalign.spending.plan.frontier import frontier
from techalign.spending.plan.headline import plan_headline, worth_source
from techalign.spending.plan.initiatives import (
    InitiativeOptions,
    Initiatives,
    simulate_initiatives,
)
from techalign.spending.plan.options import ChoiceOptions, OptionsCompared, compare_options
from techalign.spending.plan.replacements import plan_replacements
from techalign.spending.plan.roadmap import PlanLimits, Replacements, Roadmap, plan_roadmap
from techalign.spending.plan.schedule import Effort, Schedule
from techalign.spending.plan.sensitivity import (
    BENEFIT,
    COST,
    RATE,
    SUCCESS,
    WAGE,
    YEARS,
    plan_worth,
    sobol,
    tornado,
)
from techalign.spending.plan.support_life import SupportLife, end_of_life, fit_support_life

__all__ = [
    "BENEFIT",
    "COST",
    "RATE",
    "SUCCESS",
    "WAGE",
    "YEARS",
    "ChoiceOptions",
    "EconomicLife",
    "Effort",
    "InitiativeOptions",
    "Initiatives",
    "Lifecycle",
    "OptionsCompared",
    "PlanFindings",
    "PlanLimits",
    "Replacements",
    "Roadmap",
    "Schedule",
    "SupportLife",
    "compare_financing",
    "compare_options",
    "differentiation_value",
    "economic_life",
    "end_of_life",
    "equivalent_annual_cost",
    "fit_support_life",
    "frontier",
    "grants",
    "lifecycle",
    "plan_decisions",
    "plan_headline",
    "plan_replacements",
    "plan_roadmap",
    "plan_worth",
    "settle_dependencies",
    "simulate_initiatives",
    "sobol",
    "tornado",
    "value_of_advantages",
    "worth_source",
]
