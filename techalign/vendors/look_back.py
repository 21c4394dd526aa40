"""Who of a client's vendors has ceased, and what the model would have said of them before.

A vendor that has ceased keeps its row in the register, with the day: it no longer counts among
those at risk, but it is what the chances are judged by. The look back is kinder than a real
forecast in one way, and harsher in another: vendors dropped from the register without a day are
missing from it, and one that the client had not yet chosen then could not have ceased unseen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.losses.hubs import without_hubs
from techalign.vendors.backtest import Backtest, backtest
from techalign.vendors.chances import Chances, vendor_ages, vendor_chances

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LookBack", "look_back", "still_there"]

FARTHEST = 5
"""Years the look back reaches at most."""


def still_there(vendors: pd.DataFrame, as_of: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Vendors there on a day, and those that have ceased by it.

    Parameters
    ----------
    vendors : DataFrame
        The vendors table; a table without the column ceased holds nobody who has.
    as_of : date

    Returns
    -------
    there : DataFrame
        The same columns; links to hubs that have ceased are taken out.
    ceased : DataFrame
        vendor, date; the latest first, index as in the table.
    """
    import pandas as pd

    gone = (
        vendors["ceased"].to_numpy("datetime64[D]") <= np.datetime64(as_of)
        if "ceased" in vendors.columns
        else np.zeros(len(vendors), dtype=bool)
    )
    if not gone.any():
        return vendors, pd.DataFrame(
            {"vendor": np.empty(0, dtype=object), "date": np.empty(0, dtype="datetime64[ns]")}
        )
    ceased = vendors.loc[gone, ["vendor", "ceased"]].rename(columns={"ceased": "date"})
    there = vendors[~gone]
    there = there.assign(hubs=without_hubs(there["hubs"], list(ceased["vendor"])))
    return there, ceased.sort_values("date", ascending=False, kind="stable")


@dataclass(frozen=True, eq=False)
class LookBack:
    """What the model would have said some years ago, and what happened.

    Attributes
    ----------
    since : date
        The day looked back to.
    years : int
        From then to now.
    table : DataFrame
        vendor, pd, pd_low, pd_high (chance to cease by now, as seen then), ceased, date (NaT for
        none); those that ceased first, then the likeliest. Empty where nobody has ceased in the
        last five years.
    scores : Backtest or None
        None where the table is empty.
    """

    since: dt.date
    years: int
    table: pd.DataFrame
    scores: Backtest | None

    @property
    def sentence(self) -> str:
        """Expected and observed, in words."""
        if self.scores is None:
            return ""
        count = self.scores.count
        verdict = (
            "more than chance explains: take the chances as too low"
            if count.p_value < 1.0 - count.level
            else "within what is usual"
        )
        span = f"{self.years} year{'s' if self.years > 1 else ''}"
        return (
            f"Of {len(self.table)} companies on {self.since.isoformat()}, {count.expected:.1f} "
            f"were expected to cease in {span}, and up to {count.limit} would have been nothing "
            f"unusual; {count.observed} did, {verdict}."
        )


def look_back(
    vendors: pd.DataFrame,
    facts: pd.DataFrame,
    as_of: dt.date,
    *,
    rates: pd.DataFrame | None = None,
    hazard_range: tuple[float, float] = (0.5, 1.5),
    rho: float = 0.15,
) -> LookBack:
    """Chances as they would have been given before the first vendor ceased, and the outcome.

    Parameters
    ----------
    vendors : DataFrame
        The vendors table with the column ceased.
    facts, as_of, rates, hazard_range
        See ``assess_vendors``.
    rho : float
        Correlation of vendors, for what number of failures is usual.

    Returns
    -------
    LookBack
        Over as many whole years as hold everybody who ceased, at most five.
    """
    ceased = still_there(vendors, as_of)[1]
    ago = (np.datetime64(as_of) - ceased["date"].to_numpy("datetime64[D]")).astype(float) / 365.25
    recent = ago[ago < FARTHEST]
    years = max(int(np.floor(recent.max())) + 1, 1) if recent.size else 1
    since = _years_before(as_of, years)
    if not recent.size:
        nobody = np.zeros(0)
        chances = Chances(nobody, nobody, nobody)
        table = _table(vendors.iloc[:0], chances, nobody.astype(bool), np.zeros(0, dtype=object))
        return LookBack(since, years, table, None)
    day = np.datetime64(since)
    end = vendors["ceased"].to_numpy("datetime64[D]")
    known = ~(vendors["founded"].to_numpy(float) > since.year) & ~(end <= day)
    then = vendors[known]
    chances = vendor_chances(
        then, facts, vendor_ages(then, since), (float(years),), rates=rates,
        hazard_range=hazard_range,
    )[0][float(years)]  # fmt: skip
    gone = end[known] <= np.datetime64(as_of)
    table = _table(then, chances, gone, then["ceased"].where(gone))
    scores = backtest(chances.point, gone, rho)
    shown = table.sort_values(["ceased", "pd"], ascending=False, kind="stable")
    return LookBack(since, years, shown, scores)


def _table(
    rows: pd.DataFrame, chances: Chances, ceased: NDArray[np.bool_], date: ArrayLike
) -> pd.DataFrame:
    import pandas as pd

    columns: dict[str, ArrayLike] = {
        "vendor": rows["vendor"], "pd": chances.point, "pd_low": chances.low,
        "pd_high": chances.high, "ceased": ceased, "date": date,
    }  # fmt: skip
    return pd.DataFrame(columns, index=rows.index)


def _years_before(day: dt.date, years: int) -> dt.date:
    try:
        return day.replace(year=day.year - years)
    except ValueError:  # 29 February
        return day.replace(year=day.year - years, day=28)
