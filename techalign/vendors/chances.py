"""Each vendor's probability of ceasing, from its age and sector, with the source it rests on.

Three routes, in this order, and every vendor's row says which one was taken:

1. a young, venture-owned technology vendor: the closure rate of a directory of such vendors,
   if it is passed in. It is recorded late and so rather too low: the upper end is the sector's;
2. founding year known: the sector's curve, given the age reached;
3. founding year missing or still to come: the sector's curve averaged over the ages a steady
   stream of new businesses would have, up to ``OLDEST`` years.

The size of a vendor is not used: the published tables at hand do not tell survival by size.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from techalign.numbers.intervals import Interval
from techalign.survival.burr import BurrCurve
from techalign.vendors.reference import SectorCurve, sector_curves

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Chances", "vendor_ages", "vendor_chances"]

Floats = NDArray[np.float64]

OLDEST = 50.0
"""Oldest age of a vendor whose founding year is missing, years. An assumption."""

YOUNG = 15.0
"""Age up to which the rate of young technology vendors is used: the directory's oldest."""

RATE_LOW = 0.7
"""Lower end of that rate as a factor: its windows of 4 to 10 months varied by so much."""


@dataclass(frozen=True, eq=False)
class Chances:
    """Probabilities of ceasing within one horizon.

    Attributes
    ----------
    low, point, high : ndarray, shape (n,)
        0 to 1.
    """

    low: Floats
    point: Floats
    high: Floats


def vendor_ages(vendors: pd.DataFrame, as_of: dt.date) -> Floats:
    """Ages in years; a founding year counts from its middle.

    NaN where it is missing or lies after ``as_of``: then the age is not known, and one mistyped
    year is no reason to judge nobody.
    """
    founded = vendors["founded"].to_numpy(float)
    founded = np.where(founded > as_of.year, np.nan, founded)
    now = as_of.year + (as_of.timetuple().tm_yday - 1) / 365.25
    return np.maximum(now - founded - 0.5, 0.0)


def vendor_chances(
    vendors: pd.DataFrame,
    facts: pd.DataFrame,
    ages: Floats,
    horizons: tuple[float, ...],
    *,
    rates: pd.DataFrame | None,
    hazard_range: tuple[float, float],
) -> tuple[dict[float, Chances], list[str], list[str]]:
    """Probabilities for each horizon, with basis and flag of each vendor.

    Parameters
    ----------
    vendors : DataFrame
        Rows of the vendors table.
    facts : DataFrame
        Published survival, see :func:`techalign.vendors.reference_survival`.
    ages : ndarray, shape (n,)
        Years, NaN where unknown.
    horizons : tuple of float
        Years.
    rates : DataFrame or None
        Columns event, rate (per year), population, source; the row ``closure`` is used.
    hazard_range : tuple of float
        Factors on the sector's hazard that a vendor's population may lie within.

    Returns
    -------
    chances : dict of float to Chances
    basis, flag : list of str, length n
    """
    sectors = [str(sector) for sector in vendors["sector"]]
    curves = sector_curves(facts, sectors) if sectors else {}
    closure = _closure(rates)
    young = _young_technology(vendors, ages) & (closure is not None)
    found: dict[float, Chances] = {}
    by_sector = np.zeros((len(horizons), 3, len(sectors)))
    for sector, curve in curves.items():
        rows = np.flatnonzero([one == sector for one in sectors])
        by_sector[:, :, rows] = _from_sector(curve, ages[rows], horizons, hazard_range)
    for horizon, ends in zip(horizons, by_sector, strict=True):
        if closure is not None:
            point = -np.expm1(-closure[0] * horizon)
            ends[2, young] = np.maximum(ends[1, young], point)
            ends[1, young], ends[0, young] = point, -np.expm1(-closure[0] * RATE_LOW * horizon)
        found[horizon] = Chances(*ends)
    source = "" if closure is None else closure[1]
    basis = [
        source if is_young else curves[sector].source
        for is_young, sector in zip(young, sectors, strict=True)
    ]
    founded = vendors["founded"].tolist()
    flags = [
        _flag(curves[sector], age, year, is_young)
        for sector, age, year, is_young in zip(sectors, ages, founded, young, strict=True)
    ]
    return found, basis, flags


def _closure(rates: pd.DataFrame | None) -> tuple[float, str] | None:
    """Yearly closure rate of young technology vendors and its source, if given."""
    events = [] if rates is None else rates["event"].tolist()
    if rates is None or "closure" not in events:
        return None
    row = events.index("closure")
    rate, population, source = (rates[name].iloc[row] for name in ("rate", "population", "source"))
    return float(rate), f"{population}: {source}"


def _young_technology(vendors: pd.DataFrame, ages: Floats) -> NDArray[np.bool_]:
    kinds = zip(vendors["sector"].tolist(), vendors["owner_kind"].tolist(), strict=True)
    technology = np.array([kind == ("information", "venture") for kind in kinds], dtype=bool)
    young: NDArray[np.bool_] = technology & ~(ages > YOUNG)
    return young


def _from_sector(
    sector: SectorCurve,
    ages: Floats,
    horizons: tuple[float, ...],
    hazard_range: tuple[float, float],
) -> Floats:
    """Low, point and high at each age for each horizon; shape (H, 3, n)."""
    curves = (
        sector.high.scaled(hazard_range[0]),
        sector.curve,
        sector.low.scaled(hazard_range[1]),
    )
    unknown = np.isnan(ages)
    known, years = np.where(unknown, 0.0, ages), np.array(horizons)[:, None]
    ends = np.stack([curve.pd(known, years) for curve in curves], axis=1)
    if unknown.any():
        averages = (_age_unknown(curves, horizon) for horizon in horizons)
        ends[:, :, unknown] = np.array([[a.low, a.point, a.high] for a in averages])[..., None]
    return ends


def _age_unknown(curves: tuple[BurrCurve, BurrCurve, BurrCurve], horizon: float) -> Interval:
    """Average over the ages of a steady stream; the ends add the 10 to 90 % range of ages."""
    age = np.arange(0.125, OLDEST, 0.25)
    weight = curves[1].survival(age)
    weight /= weight.sum()
    by_age = [curve.pd(age, horizon) for curve in curves]
    # the probability falls with age, so the quantile of ages picks that of probabilities
    old, new = np.searchsorted(np.cumsum(weight), [0.9, 0.1])
    return Interval(float(weight @ by_age[1]), float(by_age[0][old]), float(by_age[2][new]))


def _flag(curve: SectorCurve, age: float, founded: float, young: bool) -> str:
    flags = [] if young or not curve.note else [curve.note]
    if np.isnan(age):
        missing = founded is None or np.isnan(founded)
        flags.append(
            ("Founding year missing: " if missing else f"Founding year {founded:.0f} is to come: ")
            + ("taken as young." if young else f"averaged over ages up to {OLDEST:.0f} years.")
        )
    return " ".join(flags)
