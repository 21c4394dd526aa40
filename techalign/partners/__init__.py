"""Partner ramps and channel economics: who will sell, how much, and whether it pays.

``build_panel`` → ``fit_activation`` and ``fit_ramp`` → ``forecast`` → ``cashflow`` and
``economics``, ``gap``; ``backtest`` scores the same chain on the past.
"""

from __future__ import annotations

from techalign.partners.activation import (
    Activation,
    ActivationPrior,
    Waits,
    fit_activation,
    fit_waits,
    waits_of,
)
from techalign.partners.backtest import backtest, baselines, crps_sample, score_draws
from techalign.partners.book import PartnerOutlook, assess_partners, plan_months, summarise_draws
from techalign.partners.churn import fit_sbg, sbg_survival
from techalign.partners.concentration import gini, top_share
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
from techalign.partners.growth import bass_cdf, bass_cdf_integral
from techalign.partners.outage import outage_months, without_outages
from techalign.partners.panel import PartnerPanel, build_panel, panel_of, stacked
from techalign.partners.population import RampHyper, RampPrior
from techalign.partners.ramp import RampFit, fit_ramp

__all__ = [
    "Activation",
    "ActivationPrior",
    "ChannelEconomics",
    "ChannelPlan",
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
    "bass_cdf",
    "bass_cdf_integral",
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
    "gini",
    "outage_months",
    "panel_of",
    "partner_decisions",
    "plan_from_tables",
    "plan_months",
    "sbg_survival",
    "score_draws",
    "stacked",
    "summarise_draws",
    "top_share",
    "waits_of",
    "without_outages",
]
