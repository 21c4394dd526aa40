"""What a channel costs before it pays: net present value, peak cash need and payback.

Partners are paid for long before they sell, so an average per month hides the question an
owner asks: how deep will the hole be, and when are we out of it? The money spent so far
belongs to the answer, hence cash flows start with the first month on record.

References
----------
[1] Brealey, R. A., Myers, S. C., Allen, F. (2020). Principles of Corporate Finance, 13th ed.,
    chapters 2 and 5. McGraw-Hill. Flows are placed in the middle of their month.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Floats
from techalign.numbers.intervals import Interval, interval_of
from techalign.numbers.periods import month_index
from techalign.partners.gap import simulated_chance
from techalign.partners.panel import PartnerPanel

__all__ = ["ChannelEconomics", "ChannelPlan", "cashflow", "economics", "plan_from_tables"]


@dataclass(frozen=True, kw_only=True)
class ChannelPlan:
    """What the channel earns on a sale and what it costs, past and planned.

    Parameters
    ----------
    margin : ndarray, shape (N,)
        Client's margin on each partner's sales, 0 to 1.
    mdf : float
        Market development funds, as a share of coming sales.
    dso_months : int
        Months from a sale to its cash.
    past_revenue : ndarray, shape (N, P)
        Sales to date, money per month.
    past_cost : ndarray, shape (P,)
        Money spent to date per month, market funds included.
    first_month : int
        Calendar number of the first of the P months.
    recruit, enable, manage, fixed : float or ndarray of shape (H,)
        Coming costs, money per month.
    costs_known : bool
        False where no cost is on record: what then remains is earned, not net of anything.

    Examples
    --------
    >>> plan = ChannelPlan(
    ...     margin=np.array([0.3]), mdf=0.0, dso_months=1, past_revenue=np.array([[0.0, 100.0]]),
    ...     past_cost=np.array([60.0, 10.0]), manage=10.0)
    >>> plan.past_months
    2
    """

    margin: Floats
    mdf: float
    dso_months: int
    past_revenue: Floats
    past_cost: Floats
    first_month: int = 0
    recruit: ArrayLike = 0.0
    enable: ArrayLike = 0.0
    manage: ArrayLike = 0.0
    fixed: ArrayLike = 0.0
    costs_known: bool = True

    @property
    def past_months(self) -> int:
        """P, months on record."""
        return int(self.past_cost.size)


@dataclass(frozen=True, kw_only=True)
class ChannelEconomics:
    """Value, exposure and payback, draw by draw.

    Parameters
    ----------
    npv : ndarray, shape (S,)
        Value of all months at the start of the first, money.
    npv_ahead : ndarray, shape (S,)
        Value of the coming months at today: what a decision can still change.
    peak : ndarray, shape (S,)
        Deepest cumulative outlay, money, 0 or more.
    payback : ndarray, shape (S,)
        Months from the first outlay until the cumulative cash is back at zero after its
        deepest point; infinite if not within the horizon, 0 if it never went below.
    cumulative : ndarray, shape (S, T)
        Undiscounted cumulative cash.

    Examples
    --------
    >>> found = economics(np.array([[-60.0, -10.0, 20.0, 80.0], [-60.0, -10.0, 20.0, 10.0]]), 0.1)
    >>> found.peak.tolist(), found.payback.tolist()
    ([70.0, 70.0], [4.0, inf])
    >>> found.p_payback
    0.5
    >>> found.intervals()["payback"].high
    inf
    """

    npv: Floats
    npv_ahead: Floats
    peak: Floats
    payback: Floats
    cumulative: Floats

    @property
    def p_payback(self) -> float:
        """P(paid back within the horizon)."""
        return float(simulated_chance(np.isfinite(self.payback)))

    def intervals(self, level: float = 0.8) -> dict[str, Interval]:
        """Intervals of ``npv``, ``npv_ahead``, ``peak`` and ``payback``."""
        names = ("npv", "npv_ahead", "peak", "payback")
        return {name: interval_of(getattr(self, name), level) for name in names}


def cashflow(draws: Floats, plan: ChannelPlan) -> Floats:
    """Cash per month, CF = (margin - mdf) R_{t-dso} - recruit - enable - manage - fixed.

    Parameters
    ----------
    draws : ndarray, shape (S, N, H)
        Coming sales as :func:`techalign.partners.forecast.forecast` gives them.
    plan : ChannelPlan
        With N partners and P months of history.

    Returns
    -------
    ndarray, shape (S, P + H)
        Money per month. Past months are the same in all draws, their market funds being part
        of ``past_cost``; cash of the last ``dso_months`` of sales falls beyond the horizon and
        is left out.

    Raises
    ------
    ModelError
        If shapes disagree or ``dso_months`` is negative.

    Examples
    --------
    >>> plan = ChannelPlan(
    ...     margin=np.array([0.3]), mdf=0.0, dso_months=1, past_revenue=np.array([[0.0, 100.0]]),
    ...     past_cost=np.array([60.0, 10.0]), manage=10.0)
    >>> print(cashflow(np.array([[[200.0, 300.0]]]), plan))  # paid for a month after each sale
    [[-60. -10.  20.  50.]]
    """
    count, horizon = draws.shape[1:]
    if plan.margin.shape != (count,) or plan.past_revenue.shape != (count, plan.past_months):
        raise ModelError(
            "plan", f"must describe {count} partners and its own months", value=plan.margin.shape
        )
    if plan.dso_months < 0:
        raise ModelError("plan.dso_months", "must be 0 or more", value=plan.dso_months)
    ahead = np.einsum("snh,n->sh", draws, plan.margin - plan.mdf)
    past = np.broadcast_to(plan.margin @ plan.past_revenue, (len(draws), plan.past_months))
    earned = np.concatenate([past, ahead], axis=1)
    cash = np.zeros_like(earned)
    cash[:, plan.dso_months :] = earned[:, : max(earned.shape[1] - plan.dso_months, 0)]
    coming = np.zeros(horizon)
    for cost in (plan.recruit, plan.enable, plan.manage, plan.fixed):
        coming = coming + np.asarray(cost, dtype=float)
    result: Floats = cash - np.concatenate([plan.past_cost, coming])
    return result


def economics(cash: Floats, rate: float, past_months: int = 0) -> ChannelEconomics:
    """Value drawn cash flows, NPV = Σ CF_t (1 + r)^{-(t + 1/2)/12} [1].

    Parameters
    ----------
    cash : ndarray, shape (S, T)
        Money per month.
    rate : float
        Discount rate per year, above -1.
    past_months : int
        How many of the T months lie in the past, 0 to T.

    Returns
    -------
    ChannelEconomics

    Raises
    ------
    ModelError
        If ``rate`` is not above -1 or ``past_months`` not in 0 to T.

    Examples
    --------
    >>> found = economics(np.array([[-1000.0, -1000.0, 1500.0, 1500.0]]), 0.1, past_months=2)
    >>> print(found.npv.round(), found.npv_ahead.round())
    [945.] [2976.]
    """
    months = cash.shape[1]
    if rate <= -1:
        raise ModelError("rate", "must be above -1", value=rate)
    if not 0 <= past_months <= months:
        raise ModelError("past_months", f"must lie in 0 to {months}", value=past_months)
    discount = (1.0 + rate) ** (-(np.arange(months) + 0.5) / 12.0)
    cumulative = cash.cumsum(axis=1)
    lowest = cumulative.min(axis=1, initial=0.0)
    return ChannelEconomics(
        npv=cash @ discount,
        npv_ahead=cash[:, past_months:] @ discount[: months - past_months],
        peak=-lowest,
        payback=_payback(cash, cumulative),
        cumulative=cumulative,
    )


def _payback(cash: Floats, cumulative: Floats) -> Floats:
    draws, months = cash.shape
    if not months:
        return np.zeros(draws)
    start = (cash < 0).argmax(axis=1)
    deepest = cumulative.argmin(axis=1)
    clock = np.arange(months)
    back = (clock > deepest[:, None]) & (cumulative >= 0)
    # the whole month in which the sum turns is counted
    took = np.where(back.any(axis=1), back.argmax(axis=1) + 1.0 - start, np.inf)
    return np.where(cumulative.min(axis=1) < 0, took, 0.0)


def plan_from_tables(
    panel: PartnerPanel,
    partners: pd.DataFrame,
    investment: pd.DataFrame,
    *,
    dso_months: int = 1,
    fixed: float = 0.0,
    run_rate_months: int = 6,
) -> ChannelPlan:
    """Read margins and costs off the tables, coming costs being those of the last months.

    Parameters
    ----------
    panel : PartnerPanel
        N partners, T months.
    partners : DataFrame
        Columns ``partner``, ``margin``.
    investment : DataFrame
        Columns ``partner``, ``month``, ``amount``, ``kind``; months after the panel's last one
        are left out.
    dso_months : int
        Months from a sale to its cash.
    fixed : float
        Coming fixed cost, money per month.
    run_rate_months : int
        Months whose average cost is carried forward: an assumption.

    Returns
    -------
    ChannelPlan
        Its history begins with the first investment or with the panel, whichever is earlier,
        and ends with the panel. Market funds become ``mdf``, their share of the sales of
        the last ``run_rate_months`` (0 when there were none), at most 1. Costs count as known
        when a row of the panel's time or before is among ``investment``.

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> panel = panel_of(np.array([[0.0, 100.0, 100.0]]), np.array([0]), first_month=2026 * 12)
    >>> partners = pd.DataFrame({"partner": ["partner 0"], "margin": [0.4]})
    >>> spent = pd.DataFrame({
    ...     "partner": "all", "month": pd.to_datetime(["2025-11-05", "2026-02-01", "2026-03-01"]),
    ...     "amount": [90.0, 30.0, 20.0], "kind": ["recruit", "manage", "market funds"]})
    >>> plan = plan_from_tables(panel, partners, spent, run_rate_months=2)
    >>> plan.past_cost.tolist(), plan.manage, plan.mdf
    ([90.0, 0.0, 0.0, 30.0, 20.0], 15.0, 0.1)
    >>> plan_from_tables(panel, partners, spent.iloc[:0]).costs_known
    False
    """
    number = month_index(investment["month"]).to_numpy().astype(np.int64)
    start = int(number.min(initial=panel.first_month))
    lead = panel.first_month - start
    revenue = np.pad(panel.revenue, ((0, 0), (lead, 0)))
    spent = _spent(investment, number - start, revenue.shape[1])
    recent = slice(max(revenue.shape[1] - run_rate_months, 0), None)
    width = max(revenue[:, recent].shape[1], 1)
    rate = {kind: float(cost[recent].sum()) / width for kind, cost in spent.items()}
    sales = float(revenue[:, recent].sum()) / width
    row = pd.Index(partners["partner"]).get_indexer(pd.Index(panel.partner))
    margin = np.append(partners["margin"].to_numpy(dtype=float), np.nan)[row]
    return ChannelPlan(
        margin=np.where(np.isnan(margin), 0.0, margin),
        mdf=min(rate["market funds"] / sales, 1.0) if sales > 0 else 0.0,
        dso_months=dso_months,
        past_revenue=revenue,
        past_cost=np.sum(list(spent.values()), axis=0),
        first_month=start,
        recruit=rate["recruit"],
        enable=rate["enable"],
        manage=rate["manage"],
        fixed=fixed,
        costs_known=bool((number < panel.first_month + panel.revenue.shape[1]).any()),
    )


def _spent(investment: pd.DataFrame, column: Counts, months: int) -> dict[str, Floats]:
    """Money per month and kind, each of shape (months,)."""
    amount, kinds = investment["amount"].to_numpy(dtype=float), investment["kind"].to_numpy()
    spent = {}
    for kind in ("recruit", "enable", "manage", "market funds"):
        chosen = (column < months) & np.asarray(kinds == kind, dtype=bool)
        spent[kind] = np.zeros(months)
        np.add.at(spent[kind], column[chosen], amount[chosen])
    return spent
