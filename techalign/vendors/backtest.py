"""How probabilities of ceasing did once the outcome is known, in a register or anywhere else.

A vendor that has ceased keeps its row in the register, with the day: it no longer counts among
those at risk, but it is what the chances are judged by. Looking back is kinder than a real
forecast in one way, and harsher in another: vendors dropped from the register without a day are
missing from it, and one that the client had not yet chosen then could not have ceased unseen.

References
----------
[1] Brier, G. W. (1950). Verification of forecasts expressed in terms of probability. Monthly
    Weather Review 78(1), 1-3.
[2] Hanley, J. A. and McNeil, B. J. (1982). The meaning and use of the area under a receiver
    operating characteristic (ROC) curve. Radiology 143(1), 29-36.
[3] Cox, D. R. (1958). Two further applications of a model for binary regression. Biometrika
    45(3/4), 562-565: calibration slope and intercept.
[4] Tasche, D. (2003). A traffic lights approach to PD validation: the number of failures under
    one common factor.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.losses.distribution import loss_distribution
from techalign.numbers.arrays import Floats
from techalign.survival.newton import logistic_objective, maximise
from techalign.vendors.assessment import still_there
from techalign.vendors.assumptions import VendorAssumptions
from techalign.vendors.chances import Chances, vendor_ages, vendor_chances

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "Backtest",
    "Calibration",
    "CountTest",
    "LookBack",
    "auc",
    "backtest",
    "brier",
    "calibration",
    "count_test",
    "log_loss",
    "look_back",
]


# a forecast of exactly 0 or 1 that fails would cost infinitely much
SMALLEST = 1e-12

FARTHEST = 5
"""Years a look back reaches at most."""


@dataclass(frozen=True, eq=False)
class Calibration:
    """Whether the stated probabilities happen as often as stated.

    Attributes
    ----------
    slope, intercept : float
        Of a logistic regression of the outcome on the log odds forecast [3]: 1 and 0 if
        calibrated; a slope below 1 means forecasts too extreme. NaN if nothing or everything
        happened, or all forecasts are equal.
    slope_error, intercept_error : float
        Standard errors.
    groups : DataFrame
        Equal-sized groups by forecast: count, forecast (mean), observed (share), events.

    Examples
    --------
    Of a forecast of 20 % nothing happened, of one of 40 % half did:

    >>> found = calibration([0.2, 0.4] * 20, [False, True, False, False] * 10, groups=2)
    >>> found.groups[["forecast", "observed"]].to_numpy().round(2).tolist()
    [[0.2, 0.0], [0.4, 0.5]]
    """

    slope: float
    intercept: float
    slope_error: float
    intercept_error: float
    groups: pd.DataFrame


@dataclass(frozen=True)
class CountTest:
    """Whether there are more failures than the model can explain [4].

    Attributes
    ----------
    expected : float
        Failures expected.
    observed : int
    limit : int
        Number not exceeded with probability ``level`` under the model.
    p_value : float
        Probability of at least ``observed`` failures under the model.
    level : float

    Examples
    --------
    >>> found = count_test([0.08] * 50, 9, rho=0.0)
    >>> found.expected, found.observed, found.limit
    (4.0, 9, 7)
    >>> round(found.p_value, 4)
    0.0167
    """

    expected: float
    observed: int
    limit: int
    p_value: float
    level: float


@dataclass(frozen=True, eq=False)
class Backtest:
    """Everything at once.

    Attributes
    ----------
    brier, log_loss, auc : float
        Of the forecasts.
    brier_constant, log_loss_constant : float
        Of the observed share forecast for everybody, which only hindsight knows.
    calibration : Calibration
    count : CountTest

    Examples
    --------
    >>> found = backtest([0.1, 0.8, 0.5], [False, True, True])
    >>> round(found.brier, 3), round(found.brier_constant, 3), found.auc
    (0.1, 0.222, 1.0)
    """

    brier: float
    log_loss: float
    auc: float
    brier_constant: float
    log_loss_constant: float
    calibration: Calibration
    count: CountTest


def backtest(
    pd: ArrayLike, outcome: ArrayLike, rho: ArrayLike = 0.15, *, level: float = 0.95
) -> Backtest:
    """Score probabilities by what happened.

    Parameters
    ----------
    pd : array_like, shape (n,)
        Forecasts, 0 to 1; at least one.
    outcome : array_like of bool, shape (n,)
        Whether each ceased.
    rho, level
        See :func:`count_test`.

    Returns
    -------
    Backtest

    Raises
    ------
    ModelError
        If lengths differ, there is no row, or a value is out of bounds.

    Examples
    --------
    >>> backtest([0.02, 0.05, 0.4], [False, False, True]).count.observed
    1
    """
    p, y = _pair(pd, outcome)
    if p.size == 0:
        raise ModelError("pd", "must hold at least one forecast")
    share = np.full(p.size, y.mean())
    return Backtest(
        brier=brier(p, y), log_loss=log_loss(p, y), auc=auc(p, y),
        brier_constant=brier(share, y), log_loss_constant=log_loss(share, y),
        calibration=calibration(p, y), count=count_test(p, int(y.sum()), rho=rho, level=level),
    )  # fmt: skip


def brier(pd: ArrayLike, event: ArrayLike) -> float:
    """Mean squared error of the probabilities [1].

    Parameters
    ----------
    pd : array_like, shape (n,)
        Forecasts, 0 to 1.
    event : array_like of bool, shape (n,)
        What happened.

    Returns
    -------
    float

    Examples
    --------
    >>> round(brier([0.1, 0.8, 0.5], [False, True, True]), 3)
    0.1
    """
    p, y = _pair(pd, event)
    return float(np.mean((p - y) ** 2))


def log_loss(pd: ArrayLike, event: ArrayLike) -> float:
    """Mean negative logarithm of the probability given to what happened; see :func:`brier`.

    Parameters
    ----------
    pd : array_like, shape (n,)
        Forecasts, 0 to 1.
    event : array_like of bool, shape (n,)
        What happened.

    Returns
    -------
    float

    Examples
    --------
    >>> round(log_loss([0.1, 0.8, 0.5], [False, True, True]), 3)
    0.341
    """
    p, y = _pair(pd, event)
    p = np.clip(p, SMALLEST, 1.0 - SMALLEST)
    return float(-np.mean(y * np.log(p) + (1.0 - y) * np.log1p(-p)))


def auc(pd: ArrayLike, event: ArrayLike) -> float:
    """Probability that one who ceased had the higher forecast, ties counting half [2].

    Parameters
    ----------
    pd : array_like, shape (n,)
        Forecasts, 0 to 1.
    event : array_like of bool, shape (n,)
        What happened.

    Returns
    -------
    float
        0.5 is guessing; NaN if nothing or everything happened.

    Examples
    --------
    In three of four pairs the one who ceased had the higher forecast:

    >>> auc([0.1, 0.3, 0.2, 0.4], [False, False, True, True])
    0.75
    """
    p, y = _pair(pd, event)
    gone, here = np.sort(p[y == 1]), np.sort(p[y == 0])
    if gone.size == 0 or here.size == 0:
        return float("nan")
    below = np.searchsorted(here, gone, side="left").sum()
    tied = np.searchsorted(here, gone, side="right").sum() - below
    return float((below + tied / 2.0) / (gone.size * here.size))


def calibration(pd: ArrayLike, event: ArrayLike, *, groups: int = 10) -> Calibration:
    """Calibration slope and intercept [3] and a table by groups of the forecast.

    Parameters
    ----------
    pd : array_like, shape (n,)
        Forecasts, 0 to 1.
    event : array_like of bool, shape (n,)
    groups : int
        Rows of the table, at most.

    Returns
    -------
    Calibration

    Examples
    --------
    >>> found = calibration([0.1, 0.1, 0.1, 0.3, 0.3, 0.3], [0, 1, 0, 0, 1, 1], groups=2)
    >>> found.groups["events"].tolist()
    [1, 2]
    """
    from pandas import DataFrame
    from scipy.special import logit

    p, y = _pair(pd, event)
    order = np.argsort(p, kind="stable")
    parts = [part for part in np.array_split(order, groups) if part.size]
    table = DataFrame(
        {
            "count": [part.size for part in parts],
            "forecast": [float(p[part].mean()) for part in parts],
            "observed": [float(y[part].mean()) for part in parts],
            "events": [int(y[part].sum()) for part in parts],
        }
    )
    z = logit(np.clip(p, SMALLEST, 1.0 - SMALLEST))
    if p.size == 0 or np.ptp(z) < 1e-9 or y.min() == y.max():
        nan = float("nan")
        return Calibration(
            slope=nan, intercept=nan, slope_error=nan, intercept_error=nan, groups=table
        )
    design = np.column_stack([np.ones_like(z), z])

    found = maximise(logistic_objective(design, y), np.array([0.0, 1.0]))
    error = np.sqrt(np.diag(np.linalg.inv(-found.hessian)))
    return Calibration(
        slope=float(found.argument[1]), intercept=float(found.argument[0]),
        slope_error=float(error[1]), intercept_error=float(error[0]), groups=table,
    )  # fmt: skip


def count_test(
    pd: ArrayLike, observed: int, *, rho: ArrayLike = 0.15, level: float = 0.95
) -> CountTest:
    """Compare the number of failures with its distribution under a common factor.

    Parameters
    ----------
    pd : array_like, shape (n,)
        Forecasts, 0 to 1.
    observed : int
        Failures seen.
    rho : array_like, shape () or (n,)
        Correlation; 0 gives the test that takes vendors as independent.
    level : float
        Probability the limit holds, 0 to 1.

    Returns
    -------
    CountTest

    Examples
    --------
    Eight failures among a hundred are too many for independent vendors, and not under one factor:

    >>> round(count_test([0.035] * 100, 8, rho=0.0).p_value, 3)
    0.024
    >>> round(count_test([0.035] * 100, 8, rho=0.15).p_value, 3)
    0.124
    """
    p = np.atleast_1d(np.asarray(pd, dtype=float))
    if not 0 <= observed <= p.size:
        raise ModelError("observed", f"must be 0 to {p.size}", value=observed)
    count = loss_distribution(p, np.ones_like(p), rho=rho, grid=max(p.size, 1))
    return CountTest(
        expected=float(p.sum()),
        observed=int(observed),
        limit=round(count.var(level)),
        p_value=float(count.exceed(observed - 1)),
        level=level,
    )


def _pair(pd: ArrayLike, event: ArrayLike) -> tuple[Floats, Floats]:
    p, y = np.asarray(pd, dtype=float), np.asarray(event, dtype=float)
    if p.ndim != 1 or p.shape != y.shape:
        raise ModelError("event", "must have one value for each pd", value=y.shape)
    for name, values, good in (
        ("pd", p, (p >= 0) & (p <= 1)),
        ("event", y, np.isin(y, (0.0, 1.0))),
    ):
        if not good.all():
            row = int(np.flatnonzero(~good)[0])
            raise ModelError(f"{name}[{row}]", "is out of bounds", value=values[row])
    return p, y


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

    Examples
    --------
    >>> import datetime as dt, pandas as pd
    >>> nothing = LookBack(
    ...     since=dt.date(2025, 7, 1), years=1, table=pd.DataFrame(), scores=None)
    >>> nothing.sentence
    ''
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
    assumptions: VendorAssumptions | None = None,
) -> LookBack:
    """Chances as they would have been given before the first vendor ceased, and the outcome.

    Parameters
    ----------
    vendors : DataFrame
        The vendors table with the column ceased.
    facts, as_of, assumptions
        See ``assess_vendors``; the correlation says what number of failures is usual.

    Returns
    -------
    LookBack
        Over as many whole years as hold everybody who ceased, at most five.

    Examples
    --------
    One of two vendors has ceased since:

    >>> import datetime as dt, pandas as pd
    >>> facts = pd.DataFrame(
    ...     [("all", age, s, 0.95 * s, 1.05 * s, "BLS")
    ...      for age, s in {1: 0.787, 2: 0.679, 5: 0.492, 10: 0.338}.items()],
    ...     columns=["sector", "age", "survival", "low", "high", "source"])
    >>> register = pd.DataFrame({
    ...     "vendor": ["Stays", "Went"], "founded": [2000.0, 2015.0], "sector": "all",
    ...     "owner_kind": "private", "hubs": "", "ceased": pd.to_datetime([None, "2024-03-01"])})
    >>> past = look_back(register, facts, dt.date(2026, 7, 1))
    >>> past.since.isoformat(), past.table["vendor"].tolist()
    ('2023-07-01', ['Went', 'Stays'])
    >>> past.sentence.startswith("Of 2 companies on 2023-07-01, ")
    True
    """
    given = assumptions or VendorAssumptions()
    ceased = still_there(vendors, as_of)[1]
    ago = (np.datetime64(as_of) - ceased["date"].to_numpy("datetime64[D]")).astype(float) / 365.25
    recent = ago[ago < FARTHEST]
    years = max(int(np.floor(recent.max())) + 1, 1) if recent.size else 1
    since = _years_before(as_of, years)
    if not recent.size:
        nobody = np.zeros(0)
        chances = Chances(nobody, nobody, nobody)
        table = _table(vendors.iloc[:0], chances, nobody.astype(bool), np.zeros(0, dtype=object))
        return LookBack(since=since, years=years, table=table, scores=None)
    day = np.datetime64(since)
    end = vendors["ceased"].to_numpy("datetime64[D]")
    known = ~(vendors["founded"].to_numpy(float) > since.year) & ~(end <= day)
    then = vendors[known]
    chances = vendor_chances(
        then, facts, vendor_ages(then, since), (float(years),), given.basis
    )[0][float(years)]  # fmt: skip
    gone = end[known] <= np.datetime64(as_of)
    table = _table(then, chances, gone, then["ceased"].where(gone))
    scores = backtest(chances.point, gone, given.rho_ends[0])
    shown = table.sort_values(["ceased", "pd"], ascending=False, kind="stable")
    return LookBack(since=since, years=years, table=shown, scores=scores)


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
