"""Vendor risk: how likely each vendor is to cease, what it would cost, and all of it together.

"Ceasing" is closing down or ending the product. It is not insolvency: the published statistics
count closures of every kind. Being acquired is a separate event.

``assess_vendors`` is the one call a notebook makes. Below it, from the bottom up:
``Lifetimes`` and ``kaplan_meier`` (data), ``BurrCurve`` and ``reference_survival`` (published
curves), ``fit_lifetime`` (own data drawn towards them), ``exposure`` (loss given the event),
``loss_distribution`` (all vendors together), ``concentration``, and the backtests.

Importing this package loads numpy and scipy.special only.
"""

from __future__ import annotations

from techalign.vendors.backtest import (
    Calibration,
    CountTest,
    auc,
    brier,
    calibration,
    count_test,
    log_loss,
)
from techalign.vendors.burr import BurrCurve, fit_burr_to_survival
from techalign.vendors.concentration import Concentration, concentration
from techalign.vendors.exposure import Exposure, LossAssumptions, exposure
from techalign.vendors.factor import conditional_pd, worst_case_rate
from techalign.vendors.fit import LifetimeFit, fit_lifetime
from techalign.vendors.kaplan_meier import KaplanMeier, kaplan_meier
from techalign.vendors.lifetimes import Lifetimes
from techalign.vendors.portfolio import LossDistribution, loss_distribution
from techalign.vendors.prior import LifetimePrior, prior_from_curve
from techalign.vendors.reference import SectorCurve, reference_survival
from techalign.vendors.register import VendorRisk, assess_vendors

__all__ = [
    "BurrCurve",
    "Calibration",
    "Concentration",
    "CountTest",
    "Exposure",
    "KaplanMeier",
    "LifetimeFit",
    "LifetimePrior",
    "Lifetimes",
    "LossAssumptions",
    "LossDistribution",
    "SectorCurve",
    "VendorRisk",
    "assess_vendors",
    "auc",
    "brier",
    "calibration",
    "concentration",
    "conditional_pd",
    "count_test",
    "exposure",
    "fit_burr_to_survival",
    "fit_lifetime",
    "kaplan_meier",
    "log_loss",
    "loss_distribution",
    "prior_from_curve",
    "reference_survival",
    "worst_case_rate",
]
