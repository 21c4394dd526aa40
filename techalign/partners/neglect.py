"""What becomes of partners on whom nothing is spent any more, read off the client's own sales.

A channel that sells is taken for granted: it goes on for a while, so that nobody sees it run down.
Quarters in which nothing was spent on a partner by name are compared with those in which something
was, over all partners together, and what is known beforehand is weighed in.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.numbers.arrays import Flags, Floats
from techalign.numbers.intervals import Interval, width_of
from techalign.numbers.periods import month_index
from techalign.partners.assumptions import PartnerAssumptions
from techalign.partners.panel import PartnerPanel

__all__ = ["NEGLECT_KEYS", "Neglect", "QuarterPairs", "lost_in_a_year", "neglect", "pair_quarters"]

NEGLECT_KEYS = ("neglect_decay_monthly",)
QUARTER = 3
RAMPED_UP = 9
"""Months since the first sale before which growth is the ramp's and says nothing of care."""
_GROWTH_SD = 0.03
_CARE = ("enable", "manage", "market funds")


@dataclass(frozen=True, kw_only=True)
class QuarterPairs:
    """Two quarters running of one partner; P pairs.

    Parameters
    ----------
    before, after : ndarray, shape (P,)
        Orders of either quarter.
    alone : ndarray, shape (P,)
        Share of the months of both in which nothing was spent on the partner, 0 to 1.
    """

    before: Floats
    after: Floats
    alone: Floats


@dataclass(frozen=True, kw_only=True)
class Neglect:
    """How fast sales decay when a partner is left alone, and who is.

    Parameters
    ----------
    rate : Interval
        λ, decay per month of being left alone, with its 80 % range; below zero it grows.
    rate_sd : float
        Standard deviation of λ.
    pairs : int
        Pairs of quarters it rests on; ``pairs_alone`` of them mostly without care.
    pairs_alone : int
    table : DataFrame
        Partners that sell, whose agreement runs and whose care is written down by name, the
        longest left alone first: ``partner``, ``alone`` (months since anything was spent),
        ``at_risk`` (share of the coming year's sales lost if it stays so, with ends),
        ``care`` (money spent on it in the twelve months up to the last time).
    unknown : int
        Partners that sell and on whom nothing was ever spent by name, or once only where care is
        paid for all together: nobody can tell.
    """

    rate: Interval
    rate_sd: float
    pairs: int
    pairs_alone: int
    table: pd.DataFrame
    unknown: int


def neglect(
    panel: PartnerPanel, investment: pd.DataFrame, assumptions: PartnerAssumptions
) -> Neglect:
    """Estimate the decay of partners left alone, and list who is left alone now.

    Of two quarters with n₁ and n₂ orders, n₂ | n₁ + n₂ is binomial with
    logit p = 3(g - λ s), s the share of months alone: the nuisance of each partner's level is gone
    [1]. The likelihood is tempered by the spread beyond the binomial; g ~ N(0, 0.03²), λ has the
    law of the assumption; the mode and its curvature are found by Newton's method.

    Parameters
    ----------
    panel : PartnerPanel
        N partners, T months. Where orders are unknown, sales in units of the median month count.
    investment : DataFrame
        Columns ``partner``, ``month``, ``amount`` (money), ``kind``. Recruiting is no care, and
        what is spent on all together tells nothing of one.
    assumptions : PartnerAssumptions

    Returns
    -------
    Neglect

    References
    ----------
    [1] Przyborowski, J. and Wilenski, H. (1940). Homogeneity of results in testing samples from
        Poisson series. Biometrika 31, 313-323.

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> orders = np.full((1, 36), 8.0)
    >>> panel = panel_of(orders * 100.0, np.array([0]), deals=orders, first_month=2023 * 12)
    >>> spent = pd.DataFrame({
    ...     "partner": "partner 0", "month": pd.date_range("2023-01-01", periods=30, freq="MS"),
    ...     "amount": 50.0, "kind": "market funds"})
    >>> known = PartnerAssumptions(
    ...     rows={"neglect_decay_monthly": Interval(0.02, 0.0, 0.04, 1.0)})
    >>> found = neglect(panel, spent, known)
    >>> found.table[["partner", "alone", "care"]].values.tolist()
    [['partner 0', 6, 600.0]]
    >>> found.pairs, bool(found.rate.point < 0.02)  # nothing was lost in half a year alone
    (4, True)
    """
    cared, amount = _care(panel, investment)
    known = _by_name(investment, amount)
    pairs = pair_quarters(panel, cared, known)
    rate, deviation = _decay(pairs, assumptions["neglect_decay_monthly"])
    sells = panel.active & ~panel.ended
    table = _who(panel, amount, rate, sells & known)
    return Neglect(
        rate=rate,
        rate_sd=deviation,
        pairs=len(pairs.alone),
        pairs_alone=int((pairs.alone > 0.5).sum()),
        table=table,
        unknown=int((sells & ~known).sum()),
    )


def _care(panel: PartnerPanel, investment: pd.DataFrame) -> tuple[Flags, Floats]:
    """Months in which something was spent on each partner by name, and how much: (N, T) each."""
    rows = investment[investment["kind"].isin(_CARE) & (investment["amount"] > 0)]
    row = pd.Index(panel.partner).get_indexer(pd.Index(rows["partner"]))
    column = month_index(rows["month"]).to_numpy().astype(np.int64) - panel.first_month
    use = (row >= 0) & (column >= 0) & (column < panel.revenue.shape[1])
    amount = np.zeros(panel.revenue.shape)
    np.add.at(amount, (row[use], column[use]), rows["amount"].to_numpy(dtype=float)[use])
    # what is spent once a quarter, as funds are, cares for the two months after it as well
    cared = amount > 0
    for later in range(1, QUARTER):
        cared[:, later:] |= amount[:, :-later] > 0
    return cared, amount


def _by_name(investment: pd.DataFrame, amount: Floats) -> Flags:
    """Partners of whom it can be told whether they are looked after, shape (N,).

    Where care is paid for all together, a start paid for by name tells nothing of what came after.
    """
    care = investment[investment["kind"].isin(_CARE) & (investment["amount"] > 0)]
    for_all = bool((care["partner"].str.casefold() == "all").any())
    known: Flags = (amount > 0).sum(axis=1) >= (2 if for_all else 1)
    return known


def pair_quarters(panel: PartnerPanel, cared: Flags, known: Flags) -> QuarterPairs:
    """Cut each partner's months, counted back from the last, into pairs of quarters side by side.

    Parameters
    ----------
    panel : PartnerPanel
        N partners, T months.
    cared : ndarray of bool, shape (N, T)
        Months in which something was spent on the partner.
    known : ndarray of bool, shape (N,)
        Partners of whom it can be told.

    Returns
    -------
    QuarterPairs
        Of months under contract, at least nine months after the first sale; no month stands in
        two pairs, and pairs without an order are left out.
    """
    orders, (count, months) = _orders(panel), panel.revenue.shape
    blocks = months // (2 * QUARTER)
    tail = slice(months - 2 * QUARTER * blocks, None)

    def cut(array: Floats | Flags) -> Floats:
        return np.asarray(array[:, tail], dtype=float).reshape(count, blocks, 2, QUARTER)

    ramped = np.arange(months) >= panel.first_sale[:, None] + RAMPED_UP
    ripe = panel.mask & ramped & (panel.active & known)[:, None]
    sums = cut(orders).sum(axis=3)
    use = cut(ripe).all(axis=(2, 3)) & (sums.sum(axis=2) > 0)
    alone = 1.0 - cut(cared).mean(axis=(2, 3))
    return QuarterPairs(before=sums[..., 0][use], after=sums[..., 1][use], alone=alone[use])


def _orders(panel: PartnerPanel) -> Floats:
    if panel.deals is not None:
        return panel.deals
    sold = np.where(panel.revenue > 0, panel.revenue, np.nan)
    middle = np.ones(len(sold))
    if panel.active.any():
        middle[panel.active] = np.nanmedian(sold[panel.active], axis=1)
    units: Floats = panel.revenue / middle[:, None]
    return units


def _decay(pairs: QuarterPairs, assumed: Interval) -> tuple[Interval, float]:
    """Mode and spread of λ given the pairs; the assumption itself where there are none."""
    mean = np.array([0.0, assumed.point])
    sd = np.array([_GROWTH_SD, (assumed.high - assumed.low) / (2.0 * width_of(0.8))])
    precision, at = np.diag(sd**-2.0), mean.copy()
    design = QUARTER * np.stack([np.ones_like(pairs.alone), -pairs.alone], axis=1)
    total = pairs.before + pairs.after
    temper = _temper(pairs)
    curvature = precision
    for _ in range(12):
        p = 1.0 / (1.0 + np.exp(-design @ at))
        pull = design.T @ (pairs.after - total * p) / temper - precision @ (at - mean)
        weight = total * p * (1.0 - p) / temper
        curvature = design.T @ (weight[:, None] * design) + precision
        at = at + np.linalg.solve(curvature, pull)
    deviation = float(np.sqrt(np.linalg.inv(curvature)[1, 1]))
    off = width_of(0.8) * deviation
    return Interval(float(at[1]), float(at[1] - off), float(at[1] + off)), deviation


def _temper(pairs: QuarterPairs) -> float:
    """How many times wider than binomial the pairs lie, 1 or more (Pearson's statistic)."""
    total = pairs.before + pairs.after
    if len(total) < 3:
        return 1.0
    p = float(pairs.after.sum() / total.sum())
    spread = (pairs.after - total * p) ** 2 / (total * max(p * (1.0 - p), 1e-9))
    return max(float(spread.sum() / (len(total) - 2)), 1.0)


def _who(panel: PartnerPanel, amount: Floats, rate: Interval, keep: Flags) -> pd.DataFrame:
    """Who is left alone now, for how long, and what it may cost."""
    months = panel.revenue.shape[1]
    spent = amount[keep] > 0
    alone = spent[:, ::-1].argmax(axis=1) if months else np.zeros(0, dtype=int)
    clock, last = np.arange(months), months - 1 - alone[:, None]
    year = (clock <= last) & (clock > last - 12)
    risk = [lost_in_a_year(end) for end in (rate.point, rate.low, rate.high)]
    table = pd.DataFrame(
        {
            "partner": panel.partner[keep],
            "alone": alone,
            "at_risk": risk[0],
            "at_risk_low": risk[1],
            "at_risk_high": risk[2],
            "care": (amount[keep] * year).sum(axis=1),
        }
    )
    return table.sort_values("alone", ascending=False, kind="stable").reset_index(drop=True)


def lost_in_a_year(rate: float) -> float:
    """Share of a year's sales lost to a decay that goes on: 1 - (1 - e^{-12λ})/(12λ).

    Parameters
    ----------
    rate : float
        λ per month.

    Returns
    -------
    float
        0 to 1; 0 where sales grow.

    Examples
    --------
    >>> round(lost_in_a_year(0.01), 4), lost_in_a_year(-0.02)
    (0.0577, 0.0)
    """
    if rate <= 1e-9:
        return 0.0
    return float(1.0 + np.expm1(-12.0 * rate) / (12.0 * rate))
