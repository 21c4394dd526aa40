"""Life-time statistics: how long things last, from data that are late, cut off or only bracketed.

Usable with any life times; nothing here knows what a vendor is. ``Lifetimes`` is the data;
``kaplan_meier`` and ``log_rank`` draw and compare curves without shape; ``fit_lifetime`` fits five
families, also drawn towards a curve believed beforehand (``prior_from_curve``);
``cumulative_incidence`` and ``fit_causes`` are for competing ends; ``landmarks`` for dated
snapshots of a register; ``fit_hazard_panel`` for years with events.

Importing this package loads numpy only; scipy and pandas come when a function needs them.
"""

from __future__ import annotations

from techalign.survival.burr import (
    BurrCurve,
    fit_burr_to_survival,
)
from techalign.survival.competing_risks import (
    CauseFits,
    CumulativeIncidence,
    cumulative_incidence,
    fit_causes,
)
from techalign.survival.cox import (
    CoxFit,
)
from techalign.survival.hazard_panel import (
    HazardPanelFit,
    fit_hazard_panel,
)
from techalign.survival.kaplan_meier import (
    KaplanMeier,
    kaplan_meier,
)
from techalign.survival.landmarks import (
    Landmarks,
    landmarks,
)
from techalign.survival.lifetimes import (
    Lifetimes,
)
from techalign.survival.log_rank import (
    LogRank,
    log_rank,
)
from techalign.survival.parametric import (
    LifetimeFit,
    fit_lifetime,
)
from techalign.survival.prior import (
    LifetimePrior,
    prior_from_curve,
)

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
