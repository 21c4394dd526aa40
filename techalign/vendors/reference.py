"""Published survival of businesses, by sector, as curves one can ask for any age.

The tables give the total at nine ages and each sector at two. The total's curve supplies the
shape: ``rho`` is kept, ``lam`` and ``theta`` are chosen so that the sector's two points are met
exactly. The bands are the spread between cohorts of all sectors; they say how much times differ,
not how much one vendor differs from its sector.

Size does not move a curve: the tables at hand count establishments of every size. (The US Census
publishes yearly deaths of firms by coarse age, sector and size; they are not among the facts.)

References
----------
[1] US Bureau of Labor Statistics, Business Employment Dynamics, Table 7: survival of private
    sector establishments by opening year.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import exp, log, log1p
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.survival.burr import BurrCurve, fit_burr_to_survival

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SectorCurve", "reference_survival", "sector_curves"]

Floats = NDArray[np.float64]

COLUMNS = ("sector", "age", "survival", "low", "high", "source")


@dataclass(frozen=True)
class SectorCurve:
    """Survival of one sector's establishments.

    Attributes
    ----------
    sector : str
        The sector the curve is of; ``all`` if the one asked for is unknown.
    curve : BurrCurve
        Mean over cohorts.
    low, high : BurrCurve
        Survival of the worst and of the best cohort, so ``low`` has the higher hazard.
    source : str
        Where the figures come from.
    note : str
        Empty, or that another sector stands in, or that size is not told apart.
    """

    sector: str
    curve: BurrCurve
    low: BurrCurve
    high: BurrCurve
    source: str
    note: str = ""

    def survival(self, age: float) -> Interval:
        """Share of a cohort still there at ``age`` years; ends as in :meth:`pd`."""
        ends = [float(c.survival(age)) for c in (self.curve, self.low, self.high)]
        return Interval(ends[0], ends[1], ends[2], level=1.0)

    def pd(self, age: float, horizon: float) -> Interval:
        """Probability of closing within ``horizon`` years at ``age`` years.

        Returns
        -------
        Interval
            The ends are those of the best and the worst cohort (level 1: the whole range).
        """
        ends = [float(c.pd(age, horizon)) for c in (self.curve, self.high, self.low)]
        return Interval(ends[0], ends[1], ends[2], level=1.0)


def reference_survival(
    facts: pd.DataFrame, sector: str = "all", size: float | None = None
) -> SectorCurve:
    """Curve of one sector, to be asked for any age: ``.survival(age)``, ``.pd(age, horizon)``.

    Parameters
    ----------
    facts : DataFrame
        Columns sector, age (years), survival, low, high (fractions of a cohort, NaN where
        unknown), source. Sector ``all`` needs three ages and the range at one; a sector 5 and
        10 years.
    sector : str
        One of the table's sectors; any other gets ``all``, with a note.
    size : float, optional
        People employed, not negative. The tables count every size together, so it moves nothing;
        the note says so.

    Returns
    -------
    SectorCurve

    Raises
    ------
    ModelError
        If a column or the rows of ``all`` are missing, a fraction is out of bounds, or the size
        is negative.
    """
    found = sector_curves(facts, [sector])[sector]
    if size is None:
        return found
    if not 0 <= size < np.inf:
        raise ModelError("size", "must be a number of people of at least 0", value=size)
    note = "Survival is published for all sizes together: the size does not move it."
    return replace(found, note=f"{found.note} {note}".strip())


def sector_curves(facts: pd.DataFrame, sectors: list[str]) -> dict[str, SectorCurve]:
    """Curves of several sectors, the total fitted once; see :func:`reference_survival`.

    Parameters
    ----------
    facts : DataFrame
    sectors : list of str

    Returns
    -------
    dict of str to SectorCurve
        One for each sector asked for.
    """
    missing = [name for name in COLUMNS if name not in facts.columns]
    if missing:
        raise ModelError("facts", f"lack the columns {', '.join(missing)}")
    rows_of: dict[str, list[tuple[Any, ...]]] = {}
    for sector, *row in zip(*(facts[name].tolist() for name in COLUMNS), strict=True):
        rows_of.setdefault(sector, []).append(tuple(row))
    total = sorted(rows_of.get("all", []), key=lambda row: float(row[0]))
    if len(total) < 3:
        raise ModelError("facts", "need at least three ages of sector 'all'", value=len(total))
    age, survival, low, high = np.array([row[:4] for row in total], dtype=float).T
    curve = fit_burr_to_survival(age, survival)
    worst, best = _range(survival, low, high)
    found = {}
    for sector in dict.fromkeys(sectors):
        rows = rows_of.get(sector, [])
        own, note = curve, ""
        if sector != "all" and not rows:
            sector_used, rows = "all", rows_of["all"]
            note = f"No survival is published for sector {sector!r}: that of all stands in."
        else:
            sector_used = sector
            points = {row[0]: float(row[1]) for row in rows}
            own = curve if sector == "all" else _adapted(curve, points, sector)
        source = "; ".join(dict.fromkeys(str(row[4]) for row in rows))
        found[sector] = SectorCurve(
            sector_used, own, own.scaled(worst), own.scaled(best), source, note
        )
    return found


def _range(survival: Floats, low: Floats, high: Floats) -> tuple[float, float]:
    """Factors on the hazard of the worst and best cohort: mean over the ages that tell."""
    told = ~(np.isnan(low) | np.isnan(high))
    if not told.any():
        raise ModelError("facts", "need the range over cohorts of sector 'all' at one age")
    hazard = -np.log(survival[told])
    worst, best = -np.log(low[told]) / hazard, -np.log(high[told]) / hazard
    return float(np.mean(worst)), float(np.mean(best))


def _adapted(total: BurrCurve, points: dict[float, float], sector: str) -> BurrCurve:
    """The total's curve moved to a sector's survival at 5 and 10 years.

    H(10)/H(5) = log(1 + 2^rho w)/log(1 + w) with w = (5/lam)^rho/theta falls from 2^rho to 1
    as w grows, so bisection finds w, and H(5) then gives theta.
    """
    if not {5, 10} <= set(points):
        raise ModelError("facts", f"need ages 5 and 10 of sector {sector!r}", value=list(points))
    five, ten = (-log(points[age]) for age in (5, 10))
    if not 0 < five < ten:
        raise ModelError("facts", f"of sector {sector!r} do not fall", value=list(points.values()))
    stretch = 2.0**total.rho
    if ten / five >= stretch * (1 - 1e-6):
        # straighter than the total's shape allows: move the whole hazard instead
        both = total.cumulative_hazard([5.0, 10.0])
        return total.scaled(float(np.mean([five / both[0], ten / both[1]])))
    low, high = log(1e-9), log(1e9)
    for _ in range(60):
        middle = (low + high) / 2.0
        ratio = log1p(stretch * exp(middle)) / log1p(exp(middle))
        low, high = (middle, high) if ratio > ten / five else (low, middle)
    w = exp(low)
    theta = five / log1p(w)
    return BurrCurve(5.0 * (w * theta) ** (-1.0 / total.rho), total.rho, theta)
