"""What more or less money would bring: the best plan for each budget.

The curve has no plan above it within the distance proven for each point [1]; where it is flat, more
money brings nothing, because people or owners are what is short.

References
----------
[1] Markowitz 1952, Portfolio selection, J. of Finance 7: the efficient frontier.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from techalign.spending.plan.initiatives import Initiatives
from techalign.spending.plan.roadmap import PlanLimits, Replacements, plan_roadmap

__all__ = ["STEPS", "frontier"]

STEPS = (0.0, 0.25, 0.5, 0.75, 1.0, 1.5, 2.0)
"""Budgets, as multiples of the client's."""
_COLUMNS = ["money", "spent", "tasks", "worth", "worth_low", "worth_high", "worst", "bound", "fits"]


def frontier(
    initiatives: Initiatives,
    limits: PlanLimits,
    replacements: Replacements | None = None,
    steps: Sequence[float] = STEPS,
) -> pd.DataFrame:
    """Plan for several budgets and compare what the plans are worth.

    Parameters
    ----------
    initiatives : Initiatives
    limits : PlanLimits
        The client's; money is changed, all else stays. The time of its search is for all together.
    replacements : Replacements, optional
    steps : sequence of float
        Budgets, as multiples of the client's, ascending.

    Returns
    -------
    DataFrame, one row per budget, none where there is nothing to plan
        ``money`` (a quarter), ``spent`` (in all), ``tasks`` (number), ``worth`` with ``worth_low``
        and ``worth_high`` (money, over the futures), ``worst`` (mean of the worst twentieth),
        ``bound`` (no plan is worth more), ``fits`` (whether all that must be done does), ``more``
        (what the plan gains on the budget before, by unit of money spent in addition; NaN where
        nothing more is spent).

    Examples
    --------
    See :func:`~techalign.spending.plan_roadmap` for where initiatives and limits come from.
    """
    rows: list[dict[str, object]] = []
    if initiatives.frame.empty and (replacements is None or replacements.frame.empty):
        steps = ()
    effort = replace(limits.effort, seconds=limits.effort.seconds / max(len(steps), 1))
    for step in steps if limits.money > 0 else steps[:1]:  # twice nothing is nothing
        given = replace(limits, money=step * limits.money, effort=effort)
        plan = plan_roadmap(initiatives, given, replacements)
        rows.append(
            {
                "money": step * limits.money,
                "spent": float(plan.tasks["money"].sum()),
                "tasks": len(plan.tasks),
                "worth": plan.total.point,
                "worth_low": plan.total.low,
                "worth_high": plan.total.high,
                "worst": plan.worst,
                "bound": plan.schedule.bound,
                "fits": plan.short.empty,
            }
        )
    frame = pd.DataFrame(rows, columns=_COLUMNS)
    spent, gained = frame["spent"].diff(), frame["worth"].diff()
    return frame.assign(more=np.where(spent > 0, gained / spent.where(spent > 0), np.nan))
