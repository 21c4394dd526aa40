"""Vendor risk: how likely each vendor is to cease, what it would cost, and all of it together.

"Ceasing" is closing down or ending the product. It is not insolvency: the published statistics
count closures of every kind. Being acquired is a separate event.

``assess_vendors`` is the one call a notebook makes. Below it, from the bottom up:
``Lifetimes``, ``kaplan_meier`` and ``log_rank`` (data), ``BurrCurve`` and ``reference_survival``
(published curves), ``fit_lifetime`` (own data drawn towards them, five families),
``cumulative_incidence`` and ``fit_causes`` (closing against being acquired), ``landmarks``
(dated snapshots of a register, followed for the horizon asked about),
``fit_hazard_panel`` (year by year, with events), ``altman_zpp`` (from accounts), ``exposure``
(loss given the event), ``loss_distribution`` with ``parse_hubs`` (all vendors together) and
``simulate_losses`` (cascades), ``concentration``, ``early_warnings``, ``mitigate``,
``backtest``, and ``look_back`` for those of the client's own vendors that have ceased.

Importing this package loads numpy only; scipy and pandas come when a function needs them.
"""

from __future__ import annotations

from techalign.losses import (
    Grid,
    Hubs,
    LossDistribution,
    SimulatedLosses,
    conditional_pd,
    loss_distribution,
    simulate_losses,
    worst_case_rate,
)
from techalign.survival import (
    BurrCurve,
    CauseFits,
    CoxFit,
    CumulativeIncidence,
    HazardPanelFit,
    KaplanMeier,
    Landmarks,
    LifetimeFit,
    LifetimePrior,
    Lifetimes,
    LogRank,
    cumulative_incidence,
    fit_burr_to_survival,
    fit_causes,
    fit_hazard_panel,
    fit_lifetime,
    kaplan_meier,
    landmarks,
    log_rank,
    prior_from_curve,
)
from techalign.vendors.assessment import VendorRisk, assess_vendors, still_there
from techalign.vendors.assumptions import VendorAssumptions
from techalign.vendors.backtest import (
    Backtest,
    Calibration,
    CountTest,
    LookBack,
    auc,
    backtest,
    brier,
    calibration,
    count_test,
    log_loss,
    look_back,
)
from techalign.vendors.chances import SectorCurve, reference_survival
from techalign.vendors.concentration import Concentration, concentration
from techalign.vendors.decisions import vendor_decisions
from techalign.vendors.early_warning import EarlyWarnings, early_warnings, event_hazards
from techalign.vendors.exposure import Exposure, LossAssumptions, exposure
from techalign.vendors.hubs import parse_hubs, without_circles
from techalign.vendors.mitigation import (
    Mitigation,
    MitigationPlans,
    mitigate,
    mitigation_plans,
)
from techalign.vendors.zscore import AltmanScore, altman_zpp

__all__ = [
    "AltmanScore",
    "Backtest",
    "BurrCurve",
    "Calibration",
    "CauseFits",
    "Concentration",
    "CountTest",
    "CoxFit",
    "CumulativeIncidence",
    "EarlyWarnings",
    "Exposure",
    "Grid",
    "HazardPanelFit",
    "Hubs",
    "KaplanMeier",
    "Landmarks",
    "LifetimeFit",
    "LifetimePrior",
    "Lifetimes",
    "LogRank",
    "LookBack",
    "LossAssumptions",
    "LossDistribution",
    "Mitigation",
    "MitigationPlans",
    "SectorCurve",
    "SimulatedLosses",
    "VendorAssumptions",
    "VendorRisk",
    "altman_zpp",
    "assess_vendors",
    "auc",
    "backtest",
    "brier",
    "calibration",
    "concentration",
    "conditional_pd",
    "count_test",
    "cumulative_incidence",
    "early_warnings",
    "event_hazards",
    "exposure",
    "fit_burr_to_survival",
    "fit_causes",
    "fit_hazard_panel",
    "fit_lifetime",
    "kaplan_meier",
    "landmarks",
    "log_loss",
    "log_rank",
    "look_back",
    "loss_distribution",
    "mitigate",
    "mitigation_plans",
    "parse_hubs",
    "prior_from_curve",
    "reference_survival",
    "simulate_losses",
    "still_there",
    "vendor_decisions",
    "without_circles",
    "worst_case_rate",
]
