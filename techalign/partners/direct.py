"""What partners do besides selling, and how fast a firm could grow without them.

A partner's discount looks like a saving until its quotes, checks and waiting for money have to be
done by someone else. And a firm that hires spends its best people's time on interviews: growth of
the staff has a ceiling, whatever the demand.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.numbers.intervals import Interval
from techalign.partners.assumptions import PartnerAssumptions

__all__ = [
    "DIRECT_KEYS",
    "HIRING_KEYS",
    "GoingDirect",
    "HiringCeiling",
    "going_direct",
    "hiring_ceiling",
]

DIRECT_KEYS = ("direct_bad_debt", "direct_announcement_loss")
HIRING_KEYS = (
    "interviewing_share_of_time",
    "working_hours_month",
    "interview_hours_per_hire",
    "attrition_monthly",
)


@dataclass(frozen=True, kw_only=True)
class GoingDirect:
    """What it would cost a year to do without partners.

    Parameters
    ----------
    work : DataFrame
        ``partner``, ``service``, ``hours`` and ``cost`` a year.
    waiting : float
        Interest on what customers owe until they pay, money a year.
    bad_debt : Interval
        What they never pay, money a year. An assumption.
    sales : float
        Sales through partners in the last twelve months, money.
    announcement : Interval
        Sales lost in the year partners hear of it, money. An assumption.
    """

    work: pd.DataFrame
    waiting: float
    bad_debt: Interval
    sales: float
    announcement: Interval

    @property
    def cost(self) -> Interval:
        """All of it but the announcement, money a year."""
        fixed = float(self.work["cost"].sum()) + self.waiting
        bad = self.bad_debt
        return Interval(fixed + bad.point, fixed + bad.low, fixed + bad.high, bad.level)

    @property
    def margin(self) -> Interval | None:
        """Share of sales that going direct must add to break even; None without sales."""
        return self.cost.scaled(1.0 / self.sales) if self.sales > 0 else None


def going_direct(
    services: pd.DataFrame, sales: float, rate: float, assumptions: PartnerAssumptions
) -> GoingDirect:
    """Price the work partners do besides selling.

    Parameters
    ----------
    services : DataFrame
        Columns ``partner``, ``service``, ``volume`` (a year), ``hours_each``, ``wage`` (money an
        hour), ``dso_days``. The longest wait for money is taken for all sales.
    sales : float
        Sales through partners in the last twelve months, money.
    rate : float
        Discount rate per year.
    assumptions : PartnerAssumptions

    Returns
    -------
    GoingDirect

    Examples
    --------
    Six thousand quotes of half an hour, and customers who pay after 45 days:

    >>> services = pd.DataFrame({
    ...     "partner": ["all"], "service": ["quotes"], "volume": [6000.0], "hours_each": [0.5],
    ...     "wage": [35.0], "dso_days": [45.0]})
    >>> known = PartnerAssumptions(rows={
    ...     "direct_bad_debt": Interval(0.01, 0.0, 0.02, 1.0),
    ...     "direct_announcement_loss": Interval(0.3, 0.1, 0.6, 1.0)})
    >>> found = going_direct(services, 1_000_000.0, 0.1, known)
    >>> round(found.cost.point), round(found.margin.point, 4)
    (127329, 0.1273)
    """
    hours = services["volume"] * services["hours_each"]
    work = services[["partner", "service"]].assign(hours=hours, cost=hours * services["wage"])
    days = float(services["dso_days"].max()) if len(services) else 0.0
    return GoingDirect(
        work=work.sort_values("cost", ascending=False, kind="stable"),
        waiting=sales * days / 365.0 * rate,
        bad_debt=assumptions["direct_bad_debt"].scaled(sales),
        sales=sales,
        announcement=assumptions["direct_announcement_loss"].scaled(sales),
    )


@dataclass(frozen=True, kw_only=True)
class HiringCeiling:
    """How fast a staff can grow, and what that leaves undone.

    Parameters
    ----------
    growth : Interval
        Largest growth of the staff, share a month; its ends take all assumptions at their worst
        and best.
    needed : float
        Growth of direct sales, share a month, that would reach the plan's target without
        partners by its last month.
    unserved : Interval
        Sales of the plan that direct growth at the ceiling would leave undone, money.
    months : int
        Months of the plan looked at.
    """

    growth: Interval
    needed: float
    unserved: Interval
    months: int

    @property
    def caps(self) -> bool:
        """Whether the plan without partners would ask for more than the ceiling."""
        return self.needed > self.growth.point


def hiring_ceiling(plan: pd.DataFrame, assumptions: PartnerAssumptions) -> HiringCeiling | None:
    """Compare the plan with growth at the ceiling, H'/H = φ w / κ - a.

    Parameters
    ----------
    plan : DataFrame
        ``target`` and ``direct``, money per coming month, NaN where the plan says nothing.
    assumptions : PartnerAssumptions
        Share φ of time spent on interviews, w hours a month, κ interview hours a hire, a leaving.

    Returns
    -------
    HiringCeiling or None
        None where the plan covers no coming month with direct sales.

    Examples
    --------
    >>> known = PartnerAssumptions(rows={
    ...     "interviewing_share_of_time": Interval(0.25, 0.1, 0.35),
    ...     "working_hours_month": Interval(160.0, 150.0, 168.0),
    ...     "interview_hours_per_hire": Interval(300.0, 100.0, 400.0),
    ...     "attrition_monthly": Interval(0.015, 0.008, 0.03)})
    >>> plan = pd.DataFrame({"target": [100.0, 200.0], "direct": [90.0, 90.0]})
    >>> found = hiring_ceiling(plan, known)
    >>> round(found.growth.point, 3), found.caps
    (0.118, True)
    """
    covered = plan[plan["target"].notna() & plan["direct"].gt(0)]
    if covered.empty:
        return None
    share, hours, each, leaving = (assumptions[key] for key in HIRING_KEYS)
    growth = Interval(
        share.point * hours.point / each.point - leaving.point,
        share.low * hours.low / each.high - leaving.high,
        share.high * hours.high / each.low - leaving.low,
        1.0,
    )
    months = np.arange(len(covered))
    target, start = covered["target"].to_numpy(dtype=float), float(covered["direct"].iloc[0])
    span = max(len(covered) - 1, 1)

    def undone(rate: float) -> float:
        return float(np.maximum(target - start * (1.0 + rate) ** months, 0.0).sum())

    return HiringCeiling(
        growth=growth,
        needed=float((max(target[-1], 1e-9) / start) ** (1.0 / span) - 1.0),
        unserved=Interval(undone(growth.point), undone(growth.high), undone(growth.low), 1.0),
        months=len(covered),
    )
