"""Partner ramps and channel economics: who will sell, how much, and whether it pays.

``assess_partners`` does it all: ``build_panel``, ``fit_activation`` and ``fit_ramp``,
``forecast``, then ``cashflow`` and ``economics``, ``gap``; ``lead_time`` says when recruiting
would have had to begin, ``partner_decisions`` says what to do
about it; ``backtest`` scores the same chain on the past. Beside the chain stand ``detect_drop``,
``going_direct``, ``hiring_ceiling``, ``trust_score``, ``reciprocity``, ``event_effects`` and
``changes_to_avoid``;
``assess_care`` puts ``credit_for_wins``, ``charter``, ``neglect`` and ``network_value`` together.
"""

from __future__ import annotations

from techalign.partners.activation import (
    Activation,
    Waits,
    fit_activation,
    fit_waits,
    waits_of,
)
from techalign.partners.assumptions import ActivationPrior, PartnerAssumptions
from techalign.partners.backtest import backtest, baselines, score_draws
from techalign.partners.care import CARE_TABLES, PartnerCare, assess_care, care_decisions
from techalign.partners.charter import Charter, charter
from techalign.partners.churn import fit_sbg, sbg_survival
from techalign.partners.credit import Credit, credit_for_wins
from techalign.partners.decisions import partner_decisions
from techalign.partners.detector import Drops, detect_drop
from techalign.partners.direct import GoingDirect, HiringCeiling, going_direct, hiring_ceiling
from techalign.partners.economics import (
    ChannelEconomics,
    ChannelPlan,
    cashflow,
    economics,
    plan_from_tables,
)
from techalign.partners.forecast import forecast
from techalign.partners.gap import PlanGap, gap
from techalign.partners.lead_time import LeadTime, lead_time
from techalign.partners.neglect import Neglect, neglect
from techalign.partners.network import NetworkValue, Prices, network_value
from techalign.partners.outlook import OutlookOptions, PartnerOutlook, assess_partners
from techalign.partners.panel import PartnerPanel, build_panel, check_calendar, panel_of
from techalign.partners.pipeline import Pipeline, pipeline_forecast
from techalign.partners.population import RampHyper
from techalign.partners.priors import OrderPrior, RampPrior
from techalign.partners.quarters import PartnerQuarters, partner_quarters
from techalign.partners.ramp import RampFit, fit_ramp
from techalign.partners.routes import (
    ROUTE_KEYS,
    Newcomer,
    Routes,
    compare_routes,
    newcomer_of,
)
from techalign.partners.scores import crps_sample
from techalign.partners.trust import (
    changes_to_avoid,
    event_effects,
    reciprocity,
    trust_evidence,
    trust_score,
)

__all__ = [
    "CARE_TABLES",
    "ROUTE_KEYS",
    "Activation",
    "ActivationPrior",
    "ChannelEconomics",
    "ChannelPlan",
    "Charter",
    "Credit",
    "Drops",
    "GoingDirect",
    "HiringCeiling",
    "LeadTime",
    "Neglect",
    "NetworkValue",
    "Newcomer",
    "OrderPrior",
    "OutlookOptions",
    "PartnerAssumptions",
    "PartnerCare",
    "PartnerOutlook",
    "PartnerPanel",
    "PartnerQuarters",
    "Pipeline",
    "PlanGap",
    "Prices",
    "RampFit",
    "RampHyper",
    "RampPrior",
    "Routes",
    "Waits",
    "assess_care",
    "assess_partners",
    "backtest",
    "baselines",
    "build_panel",
    "care_decisions",
    "cashflow",
    "changes_to_avoid",
    "charter",
    "check_calendar",
    "compare_routes",
    "credit_for_wins",
    "crps_sample",
    "detect_drop",
    "economics",
    "event_effects",
    "fit_activation",
    "fit_ramp",
    "fit_sbg",
    "fit_waits",
    "forecast",
    "gap",
    "going_direct",
    "hiring_ceiling",
    "lead_time",
    "neglect",
    "network_value",
    "newcomer_of",
    "panel_of",
    "partner_decisions",
    "partner_quarters",
    "pipeline_forecast",
    "plan_from_tables",
    "reciprocity",
    "sbg_survival",
    "score_draws",
    "trust_evidence",
    "trust_score",
    "waits_of",
]
