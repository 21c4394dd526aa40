"""What a practice has itself seen of how long vendors last, drawn towards the published curve.

An adviser's clients together name some hundred vendors and see a few of them end. That is too
little for a curve of its own and too much to leave unused: the fit starts at the published curve
and moves as far as the practice's own years carry it. Vendors come under observation when they
enter a register, often old, and leave it by closing or by being bought, whichever comes first.

References
----------
[1] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., ch. 5. CRC Press: shrinkage.
[2] Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov
    chains based on censored observations. Scandinavian Journal of Statistics 5, 141-150.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.survival import (
    CumulativeIncidence,
    LifetimeFit,
    Lifetimes,
    LogRank,
    cumulative_incidence,
    fit_lifetime,
    kaplan_meier,
    log_rank,
    prior_from_curve,
)
from techalign.vendors.chances import reference_survival

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PracticeExperience", "moved_survival", "practice_experience"]


AGES = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 25.0)
"""Ages in years at which curves are compared: those of the published table, and beyond."""

_DAYS_PER_YEAR = 365.25


@dataclass(frozen=True, eq=False, kw_only=True)
class PracticeExperience:
    """A practice's life table of vendors beside the published curve.

    Attributes
    ----------
    as_of : date
    companies, closed, acquired : int
        Under observation, and how they ended.
    years : float
        Lived under observation, all together.
    left_out : int
        Companies without a founding year or without the day they entered a register.
    weight : float
        Of the practice's own data in the curve: 0 none, 1 all.
    hazard_ratio : dict of float to float
        Age in years to the fitted cumulative hazard over the published one.
    curve : DataFrame
        age (years), own, own_low, own_high (product-limit estimate with its 80 % interval, given
        that the youngest age under observation was reached), fitted, published (survival), bought
        (chance to have been bought by then).
    sectors : LogRank or None
        Test of whether companies of different sectors close equally often at the same age; None
        where fewer than two sectors were seen, or nobody closed.
    fit : LifetimeFit
    incidence : CumulativeIncidence

    Examples
    --------
    Made by :func:`practice_experience`, which shows it.

    >>> "hazard_ratio" in PracticeExperience.__dataclass_fields__
    True
    """

    as_of: dt.date
    companies: int
    closed: int
    acquired: int
    years: float
    left_out: int
    weight: float
    hazard_ratio: dict[float, float]
    curve: pd.DataFrame
    fit: LifetimeFit
    incidence: CumulativeIncidence
    sectors: LogRank | None = None

    @property
    def sector_sentence(self) -> str:
        """Whether sectors differ in what this practice has seen; "" where it cannot be told."""
        if self.sectors is None:
            return ""
        found = self.sectors
        parts = "; ".join(
            f"{group} {seen:.0f} against {expected:.1f}"
            for group, seen, expected in zip(
                found.groups, found.observed, found.expected, strict=True
            )
        )
        verdict = (
            "sectors differ by more than chance"
            if found.p_value < 0.05
            else "no difference between sectors beyond chance"
        )
        return f"{verdict} (log-rank p = {found.p_value:.2g}); closed against expected: {parts}"


def practice_experience(
    companies: pd.DataFrame, facts: pd.DataFrame, as_of: dt.date
) -> PracticeExperience:
    """Fit a practice's own life table of vendors, drawn towards the published curve.

    Parameters
    ----------
    companies : DataFrame
        One row per company: founded (year), since (day it entered a register), ceased (day it
        closed, NaT), acquired (day it was bought, NaT); sector, if sectors are to be compared.
    facts : DataFrame
        Published survival, see :func:`reference_survival`.
    as_of : date
        Last day of observation.

    Returns
    -------
    PracticeExperience

    Raises
    ------
    ModelError
        If no company has both a founding year and a day of entry before ``as_of``.

    Examples
    --------
    >>> import pandas as pd
    >>> day = pd.Timestamp
    >>> ours = pd.DataFrame({
    ...     "founded": [2000.0, 2015.0, 2019.0], "since": [day("2016-01-01")] * 3,
    ...     "ceased": [pd.NaT, day("2024-05-01"), pd.NaT], "acquired": [pd.NaT] * 3})
    >>> facts = pd.DataFrame({
    ...     "sector": "all", "age": [1, 5, 10], "survival": [0.79, 0.49, 0.34],
    ...     "low": [0.75, 0.45, 0.32], "high": [0.81, 0.52, 0.35], "source": "published"})
    >>> found = practice_experience(ours, facts, dt.date(2026, 6, 30))
    >>> found.companies, found.closed, 0.0 < found.weight < 0.5
    (3, 1, True)
    """
    known = companies[companies["founded"].notna() & companies["since"].notna()]
    entry, stop, event = _observed(known, as_of)
    seen = stop > entry
    if not seen.any():
        raise ModelError(
            "companies", "hold none with a founding year and a day of entry before the day asked",
            value=len(companies), remedy="Fill in founded and since in the vendors tables.",
        )  # fmt: skip
    entry, stop, event = entry[seen], stop[seen], event[seen]
    lifetimes = Lifetimes(entry, stop, event == "closed")
    published = reference_survival(facts, "all")
    prior = prior_from_curve(published.curve, source=published.source)
    fit = fit_lifetime(lifetimes, "burr", prior=prior)
    incidence = cumulative_incidence(Lifetimes(entry, stop, event != ""), event)
    ratio = fit.curve.cumulative_hazard(np.array(AGES)) / published.curve.cumulative_hazard(
        np.array(AGES)
    )
    return PracticeExperience(
        as_of=as_of,
        companies=int(seen.sum()),
        closed=int((event == "closed").sum()),
        acquired=int((event == "acquired").sum()),
        years=float((stop - entry).sum()),
        left_out=len(companies) - int(seen.sum()),
        weight=1.0 - fit.prior_weight,
        hazard_ratio={age: float(r) for age, r in zip(AGES, ratio, strict=True)},
        curve=_curve(lifetimes, fit, published.curve.survival(np.array(AGES)), incidence),
        fit=fit,
        incidence=incidence,
        sectors=_between_sectors(lifetimes, known, seen),
    )


def _between_sectors(
    lifetimes: Lifetimes, known: pd.DataFrame, seen: NDArray[np.bool_]
) -> LogRank | None:
    """Log-rank test between the sectors of those under observation."""
    if "sector" not in known.columns or not lifetimes.events:
        return None
    sector = known["sector"].to_numpy(str)[seen]
    return log_rank(lifetimes, sector) if np.unique(sector).size > 1 else None


def moved_survival(
    facts: pd.DataFrame, hazard_ratio: Mapping[float, float], source: str = ""
) -> pd.DataFrame:
    """Move the published survival of every sector as a practice's own experience moved the total.

    Cumulative hazards are multiplied by the ratio at their age, interpolated between the ages
    given and constant beyond them.

    Parameters
    ----------
    facts : DataFrame
        sector, age (years), survival, low, high (0 to 1, NaN unknown), source.
    hazard_ratio : mapping of float to float
        Age in years to the ratio; empty leaves the table as it is.
    source : str
        Added to the source of each row.

    Returns
    -------
    DataFrame
        The same columns.

    Examples
    --------
    >>> import pandas as pd
    >>> facts = pd.DataFrame({"sector": ["all"], "age": [5], "survival": [0.49], "low": [0.45],
    ...                       "high": [0.52], "source": ["published"]})
    >>> round(float(moved_survival(facts, {5.0: 2.0})["survival"].iloc[0]), 4)
    0.2401
    """
    if not hazard_ratio:
        return facts
    ages = sorted(hazard_ratio)
    ratio = np.interp(facts["age"].to_numpy(float), ages, [hazard_ratio[age] for age in ages])
    moved = {name: facts[name].to_numpy(float) ** ratio for name in ("survival", "low", "high")}
    said = [f"{text}; {source}" if source else text for text in facts["source"]]
    return facts.assign(**moved, source=said)


def _observed(known: pd.DataFrame, as_of: dt.date) -> tuple[Floats, Floats, NDArray[np.str_]]:
    """Ages at entry and at the end of observation, and how each ended ("" while it is there)."""
    day = np.datetime64(as_of)
    # a founding year counts from its middle
    born = (known["founded"].to_numpy(float) - 1970.0 + 0.5) * _DAYS_PER_YEAR
    since, ceased, acquired = (
        known[name].to_numpy("datetime64[D]") for name in ("since", "ceased", "acquired")
    )
    ends = np.stack([np.where(np.isnat(e) | (e > day), day, e) for e in (ceased, acquired)])
    end = ends.min(axis=0)
    event = np.where(end == day, "", np.where(ceased == end, "closed", "acquired"))
    event[(ceased == day) & (end == day)] = "closed"
    ages = [(each.astype(float) - born) / _DAYS_PER_YEAR for each in (since, end)]
    return np.maximum(ages[0], 0.0), np.maximum(ages[1], 0.0), event


def _curve(
    lifetimes: Lifetimes, fit: LifetimeFit, published: Floats, incidence: CumulativeIncidence
) -> pd.DataFrame:
    import pandas as pd

    own = kaplan_meier(lifetimes)
    youngest = float(np.min(lifetimes.entry))
    # ages nobody was under observation at tell nothing
    seen = [age for age in AGES if youngest < age <= float(np.max(lifetimes.stop))]
    ranges = {age: own.interval(age) for age in seen}
    place = {name: k for k, name in enumerate(incidence.causes)}
    bought = incidence.at(np.array(AGES))[place["acquired"]] if "acquired" in place else 0.0
    return pd.DataFrame(
        {
            "age": AGES,
            "own": [ranges[a].point if a in ranges else np.nan for a in AGES],
            "own_low": [ranges[a].low if a in ranges else np.nan for a in AGES],
            "own_high": [ranges[a].high if a in ranges else np.nan for a in AGES],
            "fitted": fit.curve.survival(np.array(AGES)),
            "published": published,
            "bought": bought,
        }
    )
