"""From establishments to the companies that clients ask about, and from then to now.

Survival is published for establishments, as a mean over the cohorts of thirty years. The census
counts deaths of whole firms by age in recent years [1]. Their cumulative hazard over that of
establishments at the same age is the difference between a place and a company, and between then
and now; every sector's survival is moved by it. Firms of twenty years die a tenth more often than
establishments; the surviving places of chains are not counted among them.

References
----------
[1] US Census Bureau, Business Dynamics Statistics: firm deaths and firms by firm age.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.vendors.chances import reference_survival
from techalign.vendors.experience import moved_survival

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["company_against_establishment", "company_survival"]


AGES = (1.0, 2.0, 3.0, 4.0, 5.0, 7.0, 10.0, 15.0, 20.0, 25.0, 35.0)
"""Ages in years at which survival of companies is given: the establishments', and beyond."""

LAST = 35
"""Age up to which the death rate of the open last class of ages is followed, years."""


def company_survival(establishments: pd.DataFrame, deaths: pd.DataFrame) -> pd.DataFrame:
    """Move published survival of establishments to that of companies in recent years.

    Parameters
    ----------
    establishments : DataFrame
        sector, age (years), survival, low, high (0 to 1, NaN unknown), source; see
        ``reference_survival``.
    deaths : DataFrame
        age_low, age_high (years, NaN for the open last class), rate (deaths of firms a year among
        those that would have reached that age, 0 to 1), source. A firm is dated by its first
        count, half a year after its start on average.

    Returns
    -------
    DataFrame
        The same columns; rows of sector ``all`` at every one of ``AGES``.

    Raises
    ------
    ModelError
        If the classes of ages leave a gap or a rate is out of bounds.

    Examples
    --------
    >>> import pandas as pd
    >>> places = pd.DataFrame({
    ...     "sector": "all", "age": [1, 5, 10], "survival": [0.79, 0.49, 0.34],
    ...     "low": [0.75, 0.45, 0.32], "high": [0.81, 0.52, 0.35], "source": "places"})
    >>> deaths = pd.DataFrame({
    ...     "age_low": [1.0, 6.0], "age_high": [5.0, None], "rate": [0.12, 0.07],
    ...     "source": "firms"})
    >>> moved = company_survival(places, deaths).set_index("age")["survival"]
    >>> moved[[1.0, 5.0, 10.0, 35.0]].round(2).tolist()
    [0.82, 0.49, 0.33, 0.05]
    """
    import pandas as pd

    curve = reference_survival(establishments).curve
    knots, hazard = _life_table(deaths, float(curve.cumulative_hazard(0.5)))
    ratio = np.interp(AGES, knots, hazard) / curve.cumulative_hazard(np.array(AGES))
    total = establishments[establishments["sector"] == "all"]
    missing = [age for age in AGES if age not in set(total["age"])]
    more = pd.DataFrame({
        "sector": "all", "age": missing, "survival": curve.survival(np.array(missing)),
        "low": np.nan, "high": np.nan, "source": total["source"].iloc[0],
    })  # fmt: skip
    columns = list(more.columns)
    every = pd.concat([total[columns], more]) if missing else total[columns]
    others = establishments.loc[establishments["sector"] != "all", columns]
    said = f"as companies by {deaths['source'].iloc[0]}"
    moved = dict(zip(AGES, ratio.tolist(), strict=True))
    return moved_survival(
        pd.concat([every.sort_values("age"), others], ignore_index=True), moved, said
    )


def company_against_establishment(establishments: pd.DataFrame, deaths: pd.DataFrame) -> Interval:
    """How often companies die against establishments of the same age.

    Parameters
    ----------
    establishments, deaths
        See :func:`company_survival`.

    Returns
    -------
    Interval
        Ratio of the yearly hazards: the median over the classes of ages, and their whole range.

    Examples
    --------
    >>> import pandas as pd
    >>> places = pd.DataFrame({
    ...     "sector": "all", "age": [1, 5, 10], "survival": [0.79, 0.49, 0.34],
    ...     "low": [0.75, 0.45, 0.32], "high": [0.81, 0.52, 0.35], "source": "places"})
    >>> deaths = pd.DataFrame({
    ...     "age_low": [1.0, 6.0], "age_high": [5.0, None], "rate": [0.12, 0.07],
    ...     "source": "firms"})
    >>> company_against_establishment(places, deaths).low > 0.8
    True
    """
    curve = reference_survival(establishments).curve
    knots, hazard = _life_table(deaths, float(curve.cumulative_hazard(0.5)))
    ratio = np.diff(hazard) / np.diff(curve.cumulative_hazard(knots))
    return Interval(float(np.median(ratio)), float(ratio.min()), float(ratio.max()), level=1.0)


def _life_table(deaths: pd.DataFrame, first: float) -> tuple[Floats, Floats]:
    """Ages, and the cumulative hazard of firms at them; ``first`` is that at half a year."""
    rows = deaths.sort_values("age_low")
    begin, rate = rows["age_low"].to_numpy(float), rows["rate"].to_numpy(float)
    end = rows["age_high"].fillna(LAST).to_numpy(float)
    if not ((rate >= 0) & (rate < 1)).all():
        row = int(np.flatnonzero(~((rate >= 0) & (rate < 1)))[0])
        raise ModelError(f"deaths.rate[{row}]", "must be at least 0 and below 1", value=rate[row])
    if begin[0] != 1 or (begin[1:] != end[:-1] + 1).any():
        raise ModelError("deaths", "must hold every age from 1 on, once", value=begin.tolist())
    # who is counted at age a for the first time in a year has lived a half year more than a - 1
    grown = first + np.cumsum(-np.log1p(-rate) * (end - begin + 1.0))
    knots, hazard = np.append(0.5, end + 0.5), np.append(first, grown)
    # beyond the last class its rate goes on
    further = LAST + 1.0
    beyond = hazard[-1] - np.log1p(-rate[-1]) * (further - knots[-1])
    return np.append(knots, further), np.append(hazard, beyond)
