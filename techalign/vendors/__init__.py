"""Vendor risk: how likely each vendor is to cease, what it would cost, and all of it together.

"Ceasing" is closing down or ending the product. It is not insolvency: the published statistics
count closures of every kind. Being acquired is a separate event.

``assess_vendors`` is the one call that needs all of it (``assessment``). Below it: ``chances``
(published survival, and each vendor's chance from it), ``company`` and ``company_size`` (from
establishments of all sizes to the company asked about), ``early_warning`` (what has happened at a
vendor), ``exposure`` (what its end costs), ``agreements`` and ``outages`` (what is short of
ceasing), ``hubs`` (what vendors run on), ``concentration`` and
``assumptions``. Above it: ``mitigation`` (which protections to buy), ``backtest`` (how chances did,
with a look back at those of the client's own vendors that have ceased) and ``decisions`` (what to
do). ``zscore`` reads a vendor's accounts.

The life-time statistics of ``techalign.survival`` and the distributions of ``techalign.losses``
are exported from here, too.

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
from techalign.vendors.agreements import (
    AgreementChances,
    AgreementEnds,
    agreement_ends,
    cost_of_ends,
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
from techalign.vendors.company import company_against_establishment, company_survival
from techalign.vendors.company_size import SizeEffect, size_effect
from techalign.vendors.concentration import Concentration, concentration
from techalign.vendors.decisions import vendor_decisions
from techalign.vendors.early_warning import EarlyWarnings, early_warnings, event_hazards
from techalign.vendors.experience import (
    PracticeExperience,
    moved_survival,
    practice_experience,
)
from techalign.vendors.exposure import Exposure, LossAssumptions, exposure
from techalign.vendors.hubs import parse_hubs, without_circles
from techalign.vendors.mitigation import (
    Mitigation,
    MitigationPlans,
    mitigate,
    mitigation_plans,
)
from techalign.vendors.outages import OutageAssumptions, outages
from techalign.vendors.to_find_out import ages_to_find
from techalign.vendors.zscore import AltmanScore, accounts_table, altman_zpp

__all__ = [
    "AgreementChances",
    "AgreementEnds",
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
    "OutageAssumptions",
    "PracticeExperience",
    "SectorCurve",
    "SimulatedLosses",
    "SizeEffect",
    "VendorAssumptions",
    "VendorRisk",
    "accounts_table",
    "ages_to_find",
    "agreement_ends",
    "altman_zpp",
    "assess_vendors",
    "auc",
    "backtest",
    "brier",
    "calibration",
    "company_against_establishment",
    "company_survival",
    "concentration",
    "conditional_pd",
    "cost_of_ends",
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
    "moved_survival",
    "outages",
    "parse_hubs",
    "practice_experience",
    "prior_from_curve",
    "reference_survival",
    "simulate_losses",
    "size_effect",
    "still_there",
    "vendor_decisions",
    "without_circles",
    "worst_case_rate",
]
