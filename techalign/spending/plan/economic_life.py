"""How long to keep a piece of technology: what a year of it costs, by the age at which it goes.

Notation: I price, C_k cost of year k of its life, S_L what it sells for at age L, r rate,
v = 1/(1 + r). The equivalent annual cost of keeping it L years is [1]

    EAC(L) = [I + Σ_{k≤L} C_k v^k - S_L v^L] r / (1 - v^L)

and the economic life is the L of least EAC. Costs of old technology grow with its age,
C(a) = C(0) e^{ga} with g = ln 2 / (years until they double). One is replaced when keeping it costs
more than a new one does in the long run, min EAC.

References
----------
[1] Sullivan, Wicks and Koelling, Engineering Economy, ch. 9: replacement analysis.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.formatting import format_ends, format_value
from techalign.numbers.intervals import Interval
from techalign.numbers.periods import DAYS_PER_YEAR, years_between

__all__ = ["EconomicLife", "Lifecycle", "economic_life", "equivalent_annual_cost", "lifecycle"]

OLDEST = 40  # years that are looked at
_AHEAD = 240  # months ahead in which the best day may lie
_SOON = 1.0  # year within which a best day is "due soon"


@dataclass(frozen=True, kw_only=True)
class EconomicLife:
    """The life at which a year costs least.

    Attributes
    ----------
    years : int
        L* of least equivalent annual cost.
    yearly : float
        That cost; money a year.
    by_life : ndarray, shape (K,)
        Equivalent annual cost of a life of 1 to K years.
    """

    years: int
    yearly: float
    by_life: Floats


def equivalent_annual_cost(
    price: float, costs: ArrayLike, salvage: ArrayLike, rate: float
) -> Floats:
    """What a year costs, for each number of years something is kept.

    Parameters
    ----------
    price : float
        I, money.
    costs : array_like, shape (K,)
        C_k, money at the end of each year.
    salvage : array_like, shape (K,) or float
        S_L, money.
    rate : float
        Per year, above -1; 0 counts later money in full.

    Returns
    -------
    ndarray, shape (K,)
        Money a year.

    Examples
    --------
    >>> float(equivalent_annual_cost(50_000.0, [13_000.0] * 3, 0.0, 0.05)[2].round(2))
    31360.43
    """
    yearly = np.asarray(costs, dtype=float)
    if not rate > -1:
        raise ModelError("rate", "must be above -1", value=rate)
    years = np.arange(1.0, yearly.size + 1.0)
    v = (1.0 + rate) ** -years
    total = price + np.cumsum(yearly * v) - np.asarray(salvage, dtype=float) * v
    per_year: Floats = total / years if rate == 0 else total * rate / (1.0 - v)
    return per_year


def economic_life(price: float, costs: ArrayLike, salvage: ArrayLike, rate: float) -> EconomicLife:
    """Find how many years to keep something, so that a year costs least.

    Parameters
    ----------
    price, costs, salvage, rate
        As for :func:`equivalent_annual_cost`, costs of shape (K,).

    Returns
    -------
    EconomicLife

    Examples
    --------
    A tenth of the price a year when new, doubling in ten years, nothing left at the end:

    >>> growth = np.log(2) / 10
    >>> economic_life(1.0, 0.1 * np.exp(growth * np.arange(40)), 0.0, 0.10).years
    15
    """
    by_life = equivalent_annual_cost(price, costs, salvage, rate)
    best = int(by_life.argmin())
    return EconomicLife(years=best + 1, yearly=float(by_life[best]), by_life=by_life)


@dataclass(frozen=True, kw_only=True)
class Lifecycle:
    """Each piece of technology: what keeping it costs, and the best day to replace it.

    Attributes
    ----------
    frame : DataFrame, m rows, the first to replace first
        ``technology``, ``vendor``, ``capability``, ``age`` (years), ``price``, ``keeping`` (money
        and staff time a year now), ``new`` (what a year of a new one costs in the long run),
        ``life`` (years to keep one), ``best`` (day), ``left`` with ``left_low``, ``left_high``
        (years until it), ``why``, ``waiting`` with ``waiting_low``, ``waiting_high`` (money: what
        the first year of waiting longer than that costs), ``support_end`` (day), ``support_left``
        with ``support_left_low``, ``support_left_high`` (years until it), ``support_in`` with
        ``support_in_ends`` (the same as words), ``support`` (how it is
        known), ``status`` ("due", "soon", "later", "no price").
    monthly : ndarray, shape (3, m, 240)
        What keeping each costs more than a new one in each month ahead, undiscounted: for costs
        that double as assumed, slowest, fastest.
    as_of : date
    rate : float
    """

    frame: pd.DataFrame
    monthly: Floats
    as_of: dt.date
    rate: float

    @property
    def due(self) -> pd.DataFrame:
        """What should be replaced now or within a year."""
        return self.frame[self.frame["status"].isin(["due", "soon"])]


def lifecycle(
    assets: pd.DataFrame,
    support: pd.DataFrame,
    as_of: dt.date,
    rate: float,
    wage: float,
    doubling_years: Interval,
    unsupported: Interval,
) -> Lifecycle:
    """Find the best day to replace each piece of technology.

    A new one is taken to cost what the old one did. Without an announced end of support only
    costs decide; with one, that day is the latest.

    Parameters
    ----------
    assets : DataFrame, m rows
        Columns of the table ``assets``.
    support : DataFrame, m rows
        As from :func:`~techalign.spending.end_of_life`: ``end``, ``end_low``, ``end_high``
        (days), ``known`` ("announced", "predicted", "unknown").
    as_of : date
    rate : float
        Per year.
    wage : float
        Money an hour of staff time costs.
    doubling_years : Interval
        Years until the cost of keeping something doubles.
    unsupported : Interval
        Cost a year of running on after the end of support, as a share of the price.

    Returns
    -------
    Lifecycle

    Examples
    --------
    >>> assets = pd.DataFrame({
    ...     "technology": ["Old server"], "vendor": "", "capability": "file server", "cost": 4000.0,
    ...     "in_service": pd.to_datetime(["2016-06-30"]), "salvage": 0.0, "yearly_cost": 900.0,
    ...     "staff_hours": 20.0, "end_of_life": pd.NaT})
    >>> never = pd.to_datetime([None])
    >>> support = pd.DataFrame({
    ...     "end": never, "end_low": never, "end_high": never, "known": "unknown"})
    >>> found = lifecycle(assets, support, dt.date(2026, 6, 30), 0.1, 25.0,
    ...     Interval(10.0, 6.0, 15.0), Interval(0.15, 0.05, 0.4))
    >>> found.frame[["life", "status"]].to_numpy().tolist()
    [[12, 'later']]
    """
    made = assets.reset_index(drop=True)
    age = np.array([years_between(day.date(), as_of) for day in made["in_service"]])
    scenarios = zip(
        (doubling_years.point, doubling_years.high, doubling_years.low),
        (unsupported.point, unsupported.low, unsupported.high),
        strict=True,
    )
    left = np.array([_years_left(day, as_of) for day in support["end"]])
    announced = (support["known"] == "announced").to_numpy()
    late = np.where(announced, left, np.inf)
    cases = [
        _Keeping.of(made, age, rate, wage, np.log(2.0) / years).decided(late, share)
        for years, share in scenarios
    ]
    frame = _told(made, support, age, wage, cases, as_of)
    order = np.lexsort([cases[0].best, (frame["status"] == "no price").to_numpy()])
    return Lifecycle(
        frame=frame.iloc[order].reset_index(drop=True),
        monthly=np.stack([case.excess for case in cases])[:, order],
        as_of=as_of,
        rate=rate,
    )


def _years_left(day: object, as_of: dt.date) -> float:
    return np.inf if pd.isna(day) else years_between(as_of, pd.Timestamp(day).date())  # type: ignore[call-overload, arg-type]


@dataclass(frozen=True, kw_only=True)
class _Decided:
    """Years until the best day, what a year more costs, and the excess by month."""

    best: Floats
    waiting: Floats
    new: Floats
    life: Floats
    excess: Floats


@dataclass(frozen=True, kw_only=True)
class _Keeping:
    """What keeping each costs, and what a new one would, for one growth of costs; shape (m,)."""

    price: Floats
    now: Floats
    loss: Floats
    fall: Floats
    new: Floats
    life: Floats
    rate: float
    growth: float

    @classmethod
    def of(
        cls, assets: pd.DataFrame, age: Floats, rate: float, wage: float, growth: float
    ) -> _Keeping:
        """Read the table; what it sells for is taken to have fallen at one rate since bought."""
        price = assets["cost"].to_numpy(dtype=float)
        now = (assets["yearly_cost"] + wage * assets["staff_hours"]).to_numpy(dtype=float)
        salvage = np.minimum(assets["salvage"].to_numpy(dtype=float), price)
        some = (salvage > 0) & (age > 0)
        ratio = np.divide(price, salvage, out=np.ones_like(price), where=some)
        fall = np.where(some, np.log(ratio) / np.maximum(age, 1e-9), np.inf)
        # mid-year costs of a new one, and what it would sell for
        years = np.arange(1, OLDEST + 1)
        begin = now * np.exp(-growth * age)
        costs = begin[:, None] * np.exp(growth * (years - 0.5))
        left = price[:, None] * np.exp(-fall[:, None] * years)
        found = [economic_life(p, c, s, rate) for p, c, s in zip(price, costs, left, strict=True)]
        falling = np.where(some, fall, 0.0)
        return cls(
            price=price, now=now, rate=rate, growth=growth, fall=falling,
            loss=np.where(some, salvage * (rate + falling), 0.0),
            new=np.array([each.yearly for each in found]),
            life=np.array([each.years for each in found], dtype=float),
        )  # fmt: skip

    def decided(self, late: Floats, unsupported: float) -> _Decided:
        """The month from which keeping costs more than a new one, all in all.

        ``late`` has the years until support ends, infinite where nothing is announced.
        """
        month = (np.arange(_AHEAD) + 0.5) / 12.0
        keep = self.now[:, None] * np.exp(self.growth * month)
        # what it would sell for falls on, at its rate so far
        decay = np.exp(-self.fall[:, None] * month)
        past = month >= late[:, None]
        extra = past * (unsupported * self.price)[:, None]
        excess = (keep + self.loss[:, None] * decay + extra - self.new[:, None]) / 12.0
        v = (1.0 + self.rate) ** -month
        summed = np.concatenate([np.zeros((len(excess), 1)), np.cumsum(excess * v, axis=1)], axis=1)
        best = np.minimum(summed.argmin(axis=1) / 12.0, np.maximum(late, 0.0))
        first = np.minimum(np.round(best * 12).astype(np.int64), _AHEAD - 12)
        waiting = np.array([row[at : at + 12].sum() for row, at in zip(excess, first, strict=True)])
        return _Decided(best=best, waiting=waiting, new=self.new, life=self.life, excess=excess)


def _told(
    assets: pd.DataFrame,
    support: pd.DataFrame,
    age: Floats,
    wage: float,
    cases: list[_Decided],
    as_of: dt.date,
) -> pd.DataFrame:
    point = cases[0]
    price = assets["cost"].to_numpy(dtype=float)
    best = np.stack([case.best for case in cases])
    waiting = np.stack([case.waiting for case in cases])
    status = np.select(
        [price <= 0, point.best <= 1 / 12, point.best <= _SOON],
        ["no price", "due", "soon"],
        "later",
    )
    ends = [_years_left(day, as_of) for day in support["end"]]
    until = [_until(support[name], as_of) for name in ("end", "end_low", "end_high")]
    announced = (support["known"] == "announced").to_numpy()
    return assets[["technology", "vendor", "capability"]].assign(
        age=age,
        price=price,
        keeping=(assets["yearly_cost"] + wage * assets["staff_hours"]).to_numpy(dtype=float),
        new=point.new,
        life=point.life.astype(int),
        best=_days(point.best, as_of),
        left=point.best,
        left_low=best.min(axis=0),
        left_high=best.max(axis=0),
        waiting=waiting[0],
        waiting_low=waiting.min(axis=0),
        waiting_high=waiting.max(axis=0),
        support_end=support["end"].to_numpy(),
        support_left=until[0],
        support_left_low=until[1],
        support_left_high=until[2],
        support_in=[_ahead(*row) for row in zip(*until, strict=True)],
        support_in_ends=[_between(*row) for row in zip(*until, strict=True)],
        support=support["known"].to_numpy(),
        why=[
            _why(*row)
            for row in zip(status, point.best, ends, announced.tolist(), strict=True)
        ],
        status=status,
    )  # fmt: skip


def _until(days: pd.Series[pd.Timestamp], as_of: dt.date) -> Floats:
    """Years until each day, NaN where there is none."""
    left = (days - pd.Timestamp(as_of)).dt.days / DAYS_PER_YEAR
    return np.asarray(left, dtype=np.float64)


def _ahead(left: float, low: float, high: float) -> str:
    """How far off an end is; of one that has passed, that it has."""
    del low, high  # their range stands beside it
    return "it has ended" if left < 0 else format_value(left, "years")


def _between(left: float, low: float, high: float) -> str:
    """The range of an end that lies ahead, in brackets."""
    text = format_ends(Interval(left, low, high), "years") if low < high and left >= 0 else ""
    return f"({text})" if text else ""


def _days(years: Floats, as_of: dt.date) -> pd.DatetimeIndex:
    return pd.DatetimeIndex(
        [pd.Timestamp(as_of) + pd.Timedelta(days=round(y * DAYS_PER_YEAR)) for y in years]
    )


def _why(status: str, best: float, end: float, announced: bool) -> str:
    """What decides the day."""
    if status == "no price":
        return "no price is known"
    if announced and end < 0:
        return "its security support has ended"
    if announced and end <= best + 1 / 12:
        return "its security support ends"
    if status == "due":
        return "keeping it costs more than a new one"
    if best >= _AHEAD / 12:
        return "keeping it stays cheaper"
    return "keeping it costs more from then on"
