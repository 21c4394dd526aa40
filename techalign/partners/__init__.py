"""Partner ramps and channel economics: who will sell, how much, and whether it pays.

``assess_partners`` does it all: ``build_panel``, ``fit_activation`` and ``fit_ramp``,
``forecast``, then ``cashflow`` and ``economics``, ``gap``; ``partner_decisions`` says what to do
about it; ``backtest`` scores the same chain on the past.
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
from techalign.partners.backtest import backtest, baselines, crps_sample, score_draws
from techalign.partners.churn import fit_sbg, sbg_survival
from techalign.partners.decisions import partner_decisions
from techalign.partners.economics import (
    ChannelEconomics,
    ChannelPlan,
    cashflow,
    economics,
    plan_from_tables,
)
from techalign.partners.forecast import forecast
from techalign.partners.gap import PlanGap, gap
from techalign.partners.outlook import OutlookOptions, PartnerOutlook, assess_partners
from techalign.partners.panel import PartnerPanel, build_panel, panel_of
from techalign.partners.population import RampHyper, RampPrior
from techalign.partners.ramp import RampFit, fit_ramp

__all__ = [
    "Activation",
    "ActivationPrior",
    "ChannelEconomics",
    "ChannelPlan",
    "OutlookOptions",
    "PartnerAssumptions",
    "PartnerOutlook",
    "PartnerPanel",
    "PlanGap",
    "RampFit",
    "RampHyper",
    "RampPrior",
    "Waits",
    "assess_partners",
    "backtest",
    "baselines",
    "build_panel",
    "cashflow",
    "crps_sample",
    "economics",
    "fit_activation",
    "fit_ramp",
    "fit_sbg",
    "fit_waits",
    "forecast",
    "gap",
    "panel_of",
    "partner_decisions",
    "plan_from_tables",
    "sbg_survival",
    "score_draws",
    "waits_of",
]
