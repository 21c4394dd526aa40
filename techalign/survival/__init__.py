"""Life-time statistics: how long things last, from data that are late, cut off or only bracketed.

Usable with any life times; nothing here knows what a vendor is. What is in which file:

==================  ===============================================================================
lifetimes           ``Lifetimes``: late entry, right and interval censoring, checked at the door
kaplan_meier        curves without shape: Kaplan and Meier, Greenwood, Turnbull, beta product
interval_censoring  cells in which such a curve can fall, and the climb to its maximum likelihood
log_rank            whether groups differ: Mantel, Finkelstein
cox                 proportional hazards: partial likelihood with Efron's ties, profile likelihood
burr                Burr XII with its limits Weibull and log-logistic: curve and likelihood
piecewise           hazards constant between ages
parametric          ``fit_lifetime``: these families with covariates, also drawn towards a prior
prior               beliefs centred on a published curve
competing_risks     Aalen and Johansen's incidence, fits by cause
landmarks           dated snapshots of a register, followed for a horizon
hazard_panel        logistic hazard year by year, with events
covariates          what regressions share: scaling, what no data can tell, ``pd`` and ``survival``
newton              Newton's method with a safeguard; logistic likelihood
==================  ===============================================================================

Importing this package loads numpy only; scipy and pandas come when a function needs them.
"""

from __future__ import annotations

from techalign.survival.burr import BurrCurve, fit_burr_to_survival
from techalign.survival.competing_risks import (
    CauseFits,
    CumulativeIncidence,
    cumulative_incidence,
    fit_causes,
)
from techalign.survival.cox import CoxFit
from techalign.survival.hazard_panel import HazardPanelFit, fit_hazard_panel
from techalign.survival.kaplan_meier import KaplanMeier, kaplan_meier
from techalign.survival.landmarks import Landmarks, landmarks
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.log_rank import LogRank, log_rank
from techalign.survival.parametric import LifetimeFit, fit_lifetime
from techalign.survival.prior import LifetimePrior, prior_from_curve

__all__ = [
    "BurrCurve",
    "CauseFits",
    "CoxFit",
    "CumulativeIncidence",
    "HazardPanelFit",
    "KaplanMeier",
    "Landmarks",
    "LifetimeFit",
    "LifetimePrior",
    "Lifetimes",
    "LogRank",
    "cumulative_incidence",
    "fit_burr_to_survival",
    "fit_causes",
    "fit_hazard_panel",
    "fit_lifetime",
    "kaplan_meier",
    "landmarks",
    "log_rank",
    "prior_from_curve",
]
