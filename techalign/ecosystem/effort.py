"""Hunting against farming: how to split the time for selling, and when farming does not pay.

With N customers, trust T from 0 to 1 and a share f of the time spent on farming,

    N' = a(1 - f) - dN + ρfTN,        T' = kf(1 - T) - l(1 - f)T,

and whoever comes by themselves beside that. Leaving d may answer to trust, d(1 + κ(1 - T/T0)).
For a fixed f trust tends to T* = kf / (kf + l(1 - f)), and farming compounds only if ρfT* > d;
below that it is a second, slower way to hunt. Trust is exact here, and customers are exact within
each month on its mean trust.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.ecosystem.stages import StageFlow
from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval, interval_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "HuntOrFarm",
    "SellingRates",
    "hunt_or_farm",
    "payback_months",
    "selling_rates",
    "trust_in_the_end",
]

_WEEKS = 52
_GRID = 21  # splits tried, in steps of 5 %
_STEP = 0.2  # further from what is done now, the business's own counts say little


@dataclass(frozen=True, eq=False)
class SellingRates:
    """What a business's own counts say of its selling, as S draws; rates are a year's.

    Attributes
    ----------
    hunted : array, shape (S,)
        a: customers won a year if all time went to hunting.
    coming : array, shape (S,)
        Customers a year that come by themselves, whatever the time is spent on.
    leaving : array, shape (S,)
        d: share of customers that leave in a year, less those that are recommended anyway.
    referring : array, shape (S,)
        ρ: customers that one customer brings a year at full farming and full trust.
    caring : array, shape (S,)
        κ: how many more of the leaving leave when trust falls by its whole; an assumption.
    building, fading : array, shape (S,)
        k, l: how fast trust grows and fades; assumptions.
    customers : float
        N now.
    trust : float
        T now, 0 to 1.
    split : float
        f now, 0 to 1.
    margin : float
        Money that a customer brings a year.
    """

    hunted: Floats
    coming: Floats
    leaving: Floats
    referring: Floats
    caring: Floats
    building: Floats
    fading: Floats
    customers: float
    trust: float
    split: float
    margin: float

    def __post_init__(self) -> None:
        for name in ("trust", "split"):
            if not 0.0 <= getattr(self, name) <= 1.0:
                raise ModelError(name, "must be from 0 to 1", value=getattr(self, name))
        for name in ("hunted", "coming", "referring", "caring", "building", "fading"):
            if (getattr(self, name) < 0).any():
                raise ModelError(name, "must not be negative", value=getattr(self, name).min())


@dataclass(frozen=True, eq=False)
class HuntOrFarm:
    """The best split of the time for selling over a horizon.

    Attributes
    ----------
    split : float
        Share of time on farming now.
    best : float
        The share that brings most margin on average over the horizon.
    step : float
        The same among shares at most 0.2 from the present one, as far as counts can tell.
    curve : DataFrame
        ``farming`` and ``margin`` with ``margin_low, margin_high``: money over the horizon.
    gain : Interval
        Money over the horizon of the step against the present split.
    first_year : Interval
        The same of the first 12 months: what has to be lived through.
    pays : float
        Share of draws in which the step brings more than the present split.
    compounds : float
        Share of draws in which farming at the best split compounds: ρfT* > d.
    crossing_months : Interval
        Months until the best split has brought more in total than hunting alone; infinite
        where it never does within the horizon.
    never : float
        Share of draws in which it never does.
    years : float
    """

    split: float
    best: float
    step: float
    curve: pd.DataFrame
    gain: Interval
    first_year: Interval
    pays: float
    compounds: float
    crossing_months: Interval
    never: float
    years: float


def trust_in_the_end(split: float, building: float, fading: float) -> float:
    """T* = kf / (kf + l(1 - f)): where trust tends to for a fixed split.

    Parameters
    ----------
    split : float
        f, share of time on farming, 0 to 1.
    building, fading : float
        k, l a year.

    Returns
    -------
    float
        From 0 to 1.

    Examples
    --------
    >>> trust_in_the_end(0.5, 1.0, 1.0), trust_in_the_end(0.0, 1.0, 1.0)
    (0.5, 0.0)
    """
    up, down = building * split, fading * (1.0 - split)
    return up / (up + down) if up + down > 0 else 0.0


def selling_rates(
    flow: StageFlow,
    selling: pd.DataFrame,
    trust: float,
    rng: np.random.Generator,
    *,
    building: Interval,
    fading: Interval,
    share: Interval,
    caring: Interval,
) -> SellingRates:
    """Read the rates of hunting and farming off the stages and the week of those who sell.

    Customers won a year are those that the stages send on; the part that referrals bring is
    farming's, the rest is hunting's, each per share of time now spent on it.

    Parameters
    ----------
    flow : StageFlow
        Of S draws.
    selling : DataFrame
        Columns ``hunting_hours``, ``farming_hours`` (a week).
    trust : float
        How well clients do with the business, 0 to 1.
    rng : Generator
    building, fading : Interval
        Assumed k and l a year, with their ranges.
    share : Interval
        Assumed share of new customers that the time spent on them brought; the rest came anyway.
    caring : Interval
        Assumed κ: how much leaving answers to trust.

    Returns
    -------
    SellingRates

    Raises
    ------
    ModelError
        If there are no hours or no customers, or nothing at all goes to one of the two.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from techalign.ecosystem import stage_flow
    >>> flows = pd.DataFrame(
    ...     [("2026-05-01", "outside", "suspect", 40), ("2026-05-01", "prospect", "client", 5),
    ...      ("2026-05-01", "advocate", "prospect", 2)],
    ...     columns=["month", "from_stage", "to_stage", "count"])
    >>> flows["month"] = pd.to_datetime(flows["month"])
    >>> players = pd.DataFrame({
    ...     "player": ["suspects", "prospects", "clients", "advocates"],
    ...     "count": [200, 40, 90, 12], "margin": [None, None, 300.0, 300.0]})
    >>> flow = stage_flow(flows, players, dt.date(2026, 6, 30), np.random.default_rng(1))
    >>> week = pd.DataFrame({"hunting_hours": [12.0], "farming_hours": [4.0]})
    >>> rates = selling_rates(
    ...     flow, week, 0.6, np.random.default_rng(2),
    ...     building=Interval(0.8, 0.3, 2.0),
    ...     fading=Interval(0.5, 0.2, 1.2), share=Interval(0.6, 0.2, 1.0),
    ...     caring=Interval(0.5, 0.0, 1.5))
    >>> rates.split, rates.customers, rates.margin
    (0.25, 102.0, 300.0)
    """
    hunting, farming = (float(selling[c].sum()) for c in ("hunting_hours", "farming_hours"))
    if not hunting > 0 or not farming > 0:
        raise ModelError(
            "selling", "tells of no time for one of hunting and farming",
            value=f"{hunting:g} and {farming:g} hours",
            remedy="What has never been tried cannot be learnt from the counts.",
        )  # fmt: skip
    customers = float(flow.counts[2:].sum())
    if not customers > 0 or not trust > 0:
        raise ModelError("players", "tell of no customers, or of no trust", value=customers)
    split = farming / (hunting + farming)
    came = flow.inflow[:, 0] + flow.inflow[:, 1]
    brought = np.einsum("i,sij->s", flow.counts, flow.referrals)
    referred = np.divide(brought, came + brought, out=np.zeros_like(came), where=came > 0)
    won = 12.0 * flow.counts[1] * flow.moves[:, 1, 2] + 12.0 * flow.inflow[:, 2]
    lost = 1.0 - flow.moves[:, 2:].sum(axis=2)
    weight = flow.counts[2:] / customers
    size = len(won)
    drawn = (building, fading, share, share, caring)
    grows, fades, hunts, farms, cares = (
        rng.triangular(r.low, r.point, r.high, size) for r in drawn
    )
    found, sent = won * (1.0 - referred), won * referred
    return SellingRates(
        hunted=found * hunts / (1.0 - split),
        coming=found * (1.0 - hunts),
        leaving=-12.0 * np.log1p(-np.minimum(lost @ weight, 0.999))
        - sent * (1 - farms) / customers,
        referring=sent * farms / (split * trust * customers),
        caring=cares,
        building=grows,
        fading=fades,
        customers=customers,
        trust=trust,
        split=split,
        margin=float(flow.margin[2:] @ weight),
    )


def hunt_or_farm(
    rates: SellingRates, *, years: float = 3.0, discount_rate: float = 0.1
) -> HuntOrFarm:
    """Find the split of the time for selling that brings most, and when it overtakes hunting.

    Parameters
    ----------
    rates : SellingRates
        Of S draws.
    years : float
        The horizon.
    discount_rate : float
        Per year.

    Returns
    -------
    HuntOrFarm

    Raises
    ------
    ModelError
        If the horizon is shorter than a year.

    Examples
    --------
    Where trust builds at once and one farmed customer brings two a year, farming wins; where
    nobody refers, all time goes to hunting:

    >>> made = lambda rho: SellingRates(
    ...     *(np.full(10, x) for x in (20.0, 0.0, 0.2, rho, 0.0, 4.0, 0.5)),
    ...     customers=50.0, trust=0.5, split=0.3, margin=100.0)
    >>> hunt_or_farm(made(2.0)).best, hunt_or_farm(made(0.0)).best
    (1.0, 0.0)
    """
    import pandas as pd

    if not years >= 1:
        raise ModelError("years", "must be at least 1", value=years)
    grid = np.linspace(0.0, 1.0, _GRID)
    tried = np.unique(np.append(grid, rates.split))
    paths = _customers(rates, tried, round(12 * years))
    worth = (1.0 + discount_rate) ** (-(np.arange(paths.shape[2]) + 0.5) / 12.0)
    monthly = paths * (rates.margin / 12.0 * worth)
    total = monthly.sum(axis=2)
    best = int(total.mean(axis=1).argmax())
    now = int(np.abs(tried - rates.split).argmin())
    ends = [interval_of(row) for row in total]
    near = np.abs(tried - rates.split) <= _STEP + 1e-9
    step = int(np.where(near, total.mean(axis=1), -np.inf).argmax())
    gain = total[step] - total[now]
    crossing = _crossing(monthly[best] - monthly[0])
    up, down = rates.building * tried[best], rates.fading * (1.0 - tried[best])
    in_the_end = up / np.maximum(up + down, 1e-12)
    leave = rates.leaving * (1.0 + rates.caring * (1.0 - in_the_end / max(rates.trust, 1e-9)))
    return HuntOrFarm(
        split=rates.split,
        best=float(tried[best]),
        step=float(tried[step]),
        curve=pd.DataFrame({
            "farming": tried, "margin": [e.point for e in ends],
            "margin_low": [e.low for e in ends], "margin_high": [e.high for e in ends],
        }),
        gain=interval_of(gain),
        first_year=interval_of((monthly[step] - monthly[now])[:, :12].sum(axis=1)),
        pays=float((gain > 0).mean()),
        compounds=float((rates.referring * tried[best] * in_the_end > leave).mean()),
        crossing_months=interval_of(crossing),
        never=float(np.isinf(crossing).mean()),
        years=years,
    )  # fmt: skip


def payback_months(rates: SellingRates, hunting_hours: float, hourly_wage: float) -> Floats:
    """Months until a customer that was hunted has paid for the selling time it took, shape (S,).

    That is 12 × (hours a year × wage / customers hunted a year) / margin a year.

    Parameters
    ----------
    rates : SellingRates
        Of S draws.
    hunting_hours : float
        A week, of all who sell.
    hourly_wage : float
        Money.

    Returns
    -------
    array, shape (S,)
        Infinite where hunting wins nobody or a customer brings nothing.

    Raises
    ------
    ModelError
        If the hours or the wage are negative.

    Examples
    --------
    Ten hours a week at 20 are 10,400 a year; 20 customers of 1,040 a year are paid in 6 months:

    >>> rates = SellingRates(
    ...     *(np.array([x]) for x in (40.0, 0.0, 0.2, 0.1, 0.0, 1.0, 0.5)),
    ...     customers=50.0, trust=0.5, split=0.5, margin=1040.0)
    >>> payback_months(rates, 10.0, 20.0).round(6).tolist()
    [6.0]
    """
    if hunting_hours < 0 or hourly_wage < 0:
        raise ModelError("hunting_hours", "and the wage must not be negative",
                         value=min(hunting_hours, hourly_wage))  # fmt: skip
    yearly = rates.hunted * (1.0 - rates.split) * rates.margin
    spent = _WEEKS * hunting_hours * hourly_wage
    return np.asarray(
        np.divide(12.0 * spent, yearly, out=np.full(len(yearly), np.inf), where=yearly > 0)
    )


def _customers(rates: SellingRates, splits: Floats, months: int) -> Floats:
    """Mean customers in each month, shape (F, S, months)."""
    f = splits[:, None]
    up, down = rates.building * f, rates.fading * (1.0 - f)
    speed = np.maximum(up + down, 1e-12)
    end = up / speed
    step = 1.0 / 12.0
    fade = np.exp(-speed * step)
    held = -np.expm1(-speed * step) / (speed * step)  # mean of exp(-speed t) over a month
    away = rates.trust - end
    won = rates.hunted * (1.0 - f) + rates.coming
    # leaving answers to trust: d(1 + κ(1 - T/T0))
    away_by = rates.leaving * (1.0 + rates.caring)
    pull = rates.referring * f + rates.leaving * rates.caring / max(rates.trust, 1e-9)
    n = np.full(f.shape[:1] + rates.hunted.shape, rates.customers)
    out = np.empty((*n.shape, months))
    for month in range(months):
        growth = (pull * (end + away * held) - away_by) * step
        small = np.abs(growth) < 1e-9
        safe = np.where(small, 1.0, growth)
        more = np.expm1(safe)
        ratio = np.where(small, 1.0, more / safe)
        after = n * (1.0 + np.where(small, 0.0, more)) + won * step * ratio
        out[..., month] = (n + after) / 2.0
        n = after
        away = away * fade
    return out


def _crossing(ahead: Floats) -> Floats:
    """Months until a running sum turns positive for good, shape (S,); infinite if never."""
    total = ahead.cumsum(axis=1)
    behind = total <= 0
    last = behind.shape[1] - behind[:, ::-1].argmax(axis=1)
    months = np.where(behind.any(axis=1), last.astype(float) + 1.0, 1.0)
    return np.where(behind[:, -1], np.inf, months)
