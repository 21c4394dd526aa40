"""How likely each vendor is to cease: published survival by sector, at the vendor's own age.

The tables give the total at nine ages and each sector at two. The total's curve supplies the
shape: ``rho`` is kept, ``lam`` and ``theta`` are chosen so that the sector's two points are met
exactly. The bands are the spread between cohorts of all sectors; they say how much times differ,
not how much one vendor differs from its sector.

Three routes, in this order, and every vendor's row says which one was taken:

1. a young, venture-owned technology vendor: the closure rate of a directory of such vendors,
   if it is passed in. It is recorded late and so rather too low: the upper end is the sector's;
2. founding year known: the sector's curve, given the age reached;
3. founding year missing, or after the day asked about: the sector's curve averaged over the ages
   a steady stream of new businesses would have, up to an assumed oldest.

The tables count every size together. Where the effect of size is passed in (``company_size``), it
multiplies the hazard of a sector's curve; the rate of young technology vendors has an effect of its
own, measured in the same directory. A vendor of unknown size is taken as the average of all.

Being bought is another end. Its chance is shown beside that of ceasing and never added to it.

References
----------
[1] US Bureau of Labor Statistics, Business Employment Dynamics, Table 7: survival of private
    sector establishments by opening year.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from math import exp, log, log1p
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.survival.burr import BurrCurve, fit_burr_to_survival
from techalign.vendors.company_size import SizeEffect

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "ChanceBasis",
    "Chances",
    "SectorCurve",
    "bought_chances",
    "reference_survival",
    "sector_curves",
    "vendor_ages",
    "vendor_chances",
    "vendor_sizes",
]


COLUMNS = ("sector", "age", "survival", "low", "high", "source")

YOUNG = 15.0
"""Age up to which the rate of young technology vendors is used: the directory's oldest."""

LARGEST = 1000.0
"""People beyond which the rate of young technology vendors is held: hardly any listed has more."""


@dataclass(frozen=True, eq=False, kw_only=True)
class ChanceBasis:
    """What chances rest on beside published survival.

    Attributes
    ----------
    rates : DataFrame or None
        Columns event, rate (per year), population, source; the row ``closure`` serves for young
        technology vendors, ``acquisition`` for their chance to be bought. With people and
        size_exponent, exponent_low, exponent_high: the size a rate belongs to, and how it changes
        with size.
    sizes : SizeEffect or None
        How a sector's hazard depends on the column ``size`` of the vendors.
    hazard_range : (low, high)
        Factors on the sector's hazard that a client's vendors may lie within.
    oldest : float
        Oldest age of a vendor whose founding year is missing, years.
    rate_low : float
        Lower end of the rate ``closure`` as a factor.
    """

    rates: pd.DataFrame | None = None
    sizes: SizeEffect | None = None
    hazard_range: tuple[float, float] = (0.5, 1.5)
    oldest: float = 50.0
    rate_low: float = 0.7

    def __post_init__(self) -> None:
        if not 0 < self.hazard_range[0] <= 1 <= self.hazard_range[1]:
            raise ModelError("hazard_range", "must be low <= 1 <= high", value=self.hazard_range)
        for name, value, good in (
            ("oldest", self.oldest, self.oldest > 0),
            ("rate_low", self.rate_low, 0 < self.rate_low <= 1),
        ):
            if not good:
                raise ModelError(name, "is out of bounds", value=value)


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

    Examples
    --------
    >>> curve = BurrCurve(5.0, 1.0, 1.0)
    >>> found = SectorCurve(
    ...     sector="all", curve=curve, low=curve.scaled(1.2), high=curve.scaled(0.8), source="BLS")
    >>> found.survival(5.0)
    Interval(point=0.5, low=0.43527528164806206, high=0.5743491774985175, level=1.0)
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
        People employed, not negative. The tables count every size together, so it moves nothing
        here; the note says so.

    Returns
    -------
    SectorCurve

    Raises
    ------
    ModelError
        If a column or the rows of ``all`` are missing, a fraction is out of bounds, or the size
        is negative.

    Examples
    --------
    Half of a year's founders are there after five years; of those, 8 % close in the next:

    >>> import pandas as pd
    >>> facts = pd.DataFrame(
    ...     [("all", age, s, 0.95 * s, 1.05 * s, "BLS")
    ...      for age, s in {1: 0.787, 2: 0.679, 5: 0.492, 10: 0.338}.items()],
    ...     columns=["sector", "age", "survival", "low", "high", "source"])
    >>> found = reference_survival(facts)
    >>> round(found.survival(5.0).point, 2), round(found.pd(5.0, 1.0).point, 2)
    (0.49, 0.08)
    """
    found = sector_curves(facts, [sector])[sector]
    if size is None:
        return found
    if not 0 <= size < np.inf:
        raise ModelError("size", "must be a number of people of at least 0", value=size)
    note = "Survival is published for all sizes together: this curve is not moved by the size."
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
            sector=sector_used, curve=own, low=own.scaled(worst), high=own.scaled(best),
            source=source, note=note,
        )  # fmt: skip
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

    NaN where the year is missing or lies after ``as_of``: such a vendor has no age yet that a
    curve could be asked for.
    """
    founded = vendors["founded"].to_numpy(float)
    now = as_of.year + (as_of.timetuple().tm_yday - 1) / 365.25
    return np.where(founded > as_of.year, np.nan, np.maximum(now - founded - 0.5, 0.0))


def vendor_chances(
    vendors: pd.DataFrame,
    facts: pd.DataFrame,
    ages: Floats,
    horizons: tuple[float, ...],
    basis: ChanceBasis,
) -> tuple[dict[float, Chances], list[str], list[str]]:
    """Probabilities for each horizon, with source and flag of each vendor.

    Parameters
    ----------
    vendors : DataFrame
        Rows of the vendors table.
    facts : DataFrame
        Published survival, see :func:`reference_survival`.
    ages : ndarray, shape (n,)
        Years, NaN where unknown.
    horizons : tuple of float
        Years.
    basis : ChanceBasis

    Returns
    -------
    chances : dict of float to Chances
    sources, flags : list of str, length n
    """
    sectors = [str(sector) for sector in vendors["sector"]]
    curves = sector_curves(facts, sectors) if sectors else {}
    closure = _rate(basis.rates, "closure")
    young = _young_technology(vendors, ages) & (closure is not None)
    found: dict[float, Chances] = {}
    by_sector = np.zeros((len(horizons), 3, len(sectors)))
    for sector, curve in curves.items():
        rows = np.flatnonzero([one == sector for one in sectors])
        by_sector[:, :, rows] = _from_sector(curve, ages[rows], horizons, basis)
    size = vendor_sizes(vendors)
    if basis.sizes is not None:
        # a hazard multiplied: the chance to stay is taken to that power
        by_sector = -np.expm1(basis.sizes.factors(size, ages) * np.log1p(-by_sector))
    for horizon, ends in zip(horizons, by_sector, strict=True):
        if closure is not None:
            low, point, high = closure.hazards(size[young]) * horizon
            ends[2, young] = np.maximum(ends[1, young], -np.expm1(-high))
            ends[1, young], ends[0, young] = -np.expm1(-point), -np.expm1(-low * basis.rate_low)
            ends[2, young] = np.maximum(ends[1, young], ends[2, young])
        found[horizon] = Chances(*ends)
    sources = [
        closure.source
        if is_young and closure is not None
        else _basis(curves[sector], people, basis.sizes)
        for is_young, sector, people in zip(young, sectors, size, strict=True)
    ]
    founded = vendors["founded"].to_numpy(float)
    flags = [
        _flag(curves[sector], age, year, basis.oldest, young=is_young)
        for sector, age, year, is_young in zip(sectors, ages, founded, young, strict=True)
    ]
    if basis.sizes is not None:
        missing = np.isnan(size)
        for row in np.flatnonzero(missing):
            flags[row] = f"{flags[row]} Size missing: taken as the average of all.".strip()
    return found, sources, flags


def bought_chances(
    vendors: pd.DataFrame,
    ages: Floats,
    horizons: tuple[float, ...],
    basis: ChanceBasis,
) -> dict[float, Chances]:
    """Chances to be bought or merged for each horizon: another end, never added to ceasing.

    Parameters
    ----------
    vendors, ages, horizons, basis
        See :func:`vendor_chances`.

    Returns
    -------
    dict of float to Chances
        NaN where nothing is published.
    """
    rate = _rate(basis.rates, "acquisition")
    young = _young_technology(vendors, ages) & (rate is not None)
    hazards = np.full((3, len(vendors)), np.nan)
    if basis.sizes is not None:
        hazards[:] = basis.sizes.bought(vendor_sizes(vendors), ages)
    if rate is not None:
        hazards[:, young] = rate.hazards(vendor_sizes(vendors)[young])
    return {horizon: Chances(*-np.expm1(-hazards * horizon)) for horizon in horizons}


def vendor_sizes(vendors: pd.DataFrame) -> Floats:
    """People each vendor employs; NaN where unknown."""
    if "size" not in vendors.columns:
        return np.full(len(vendors), np.nan)
    found: Floats = vendors["size"].to_numpy(float, na_value=np.nan)
    return found


def _basis(curve: SectorCurve, size: float, sizes: SizeEffect | None) -> str:
    return curve.source if sizes is None or np.isnan(size) else f"{curve.source}; {sizes.source}"


@dataclass(frozen=True)
class _Rate:
    """A yearly rate of young technology vendors, and how it changes with size."""

    rate: float
    source: str
    people: float  # the size it belongs to; NaN where no effect of size is known
    exponents: tuple[float, float, float]

    def hazards(self, size: Floats) -> Floats:
        """Low, point and high of the yearly rate; (3, n)."""
        ratio = np.clip(size, 1.0, LARGEST) / self.people
        ratio = np.where(np.isnan(ratio), 1.0, ratio)
        low, point, high = (self.rate * ratio**exponent for exponent in self.exponents)
        return np.stack([np.minimum(low, high), point, np.maximum(low, high)])


def _rate(rates: pd.DataFrame | None, event: str) -> _Rate | None:
    """The rate of one kind of end, if given."""
    rows = [] if rates is None else rates.loc[rates["event"] == event].to_dict("records")
    if not rows:
        return None
    row = rows[0]
    names = ("exponent_low", "size_exponent", "exponent_high")
    low, point, high = (float(row.get(name, 0.0)) for name in names)
    return _Rate(
        rate=float(row["rate"]),
        source=f"{row['population']}: {row['source']}",
        people=float(row.get("people", np.nan)),
        exponents=(low, point, high),
    )


def _young_technology(vendors: pd.DataFrame, ages: Floats) -> NDArray[np.bool_]:
    kinds = zip(vendors["sector"].tolist(), vendors["owner_kind"].tolist(), strict=True)
    technology = np.array([kind == ("information", "venture") for kind in kinds], dtype=bool)
    young: NDArray[np.bool_] = technology & ~(ages > YOUNG)
    return young


def _from_sector(
    sector: SectorCurve,
    ages: Floats,
    horizons: tuple[float, ...],
    basis: ChanceBasis,
) -> Floats:
    """Low, point and high at each age for each horizon; shape (H, 3, n)."""
    curves = (
        sector.high.scaled(basis.hazard_range[0]),
        sector.curve,
        sector.low.scaled(basis.hazard_range[1]),
    )
    unknown = np.isnan(ages)
    known, years = np.where(unknown, 0.0, ages), np.array(horizons)[:, None]
    ends = np.stack([curve.pd(known, years) for curve in curves], axis=1)
    if unknown.any():
        averages = (_age_unknown(curves, horizon, basis.oldest) for horizon in horizons)
        ends[:, :, unknown] = np.array([[a.low, a.point, a.high] for a in averages])[..., None]
    return ends


def _age_unknown(
    curves: tuple[BurrCurve, BurrCurve, BurrCurve], horizon: float, oldest: float
) -> Interval:
    """Average over the ages of a steady stream; the ends add the 10 to 90 % range of ages."""
    age = np.arange(0.125, oldest, 0.25)
    weight = curves[1].survival(age)
    weight /= weight.sum()
    by_age = [curve.pd(age, horizon) for curve in curves]
    # the probability falls with age, so the quantile of ages picks that of probabilities
    old, new = np.searchsorted(np.cumsum(weight), [0.9, 0.1])
    return Interval(float(weight @ by_age[1]), float(by_age[0][old]), float(by_age[2][new]))


def _flag(curve: SectorCurve, age: float, founded: float, oldest: float, *, young: bool) -> str:
    flags = [] if young or not curve.note else [curve.note]
    if np.isnan(age):
        why = (
            "Founding year missing"
            if np.isnan(founded)
            else f"Founding year {founded:.0f} lies after the day of this review"
        )
        used = "taken as young" if young else f"averaged over ages up to {oldest:.0f} years"
        flags.append(f"{why}: {used}.")
    return " ".join(flags)
