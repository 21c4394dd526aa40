"""What the plan says to do: start, drop or question a project, find money, replace, choose.

Values are of the coming 12 months, as for all decisions; whether a project pays is judged over the
whole time it is valued for, and the sentence says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from techalign.decision import Decision, first_things_first
from techalign.numbers.arrays import Floats
from techalign.numbers.formatting import (
    compact,
    format_chance,
    format_date,
    format_interval,
    format_value,
)
from techalign.numbers.intervals import Interval, interval_of
from techalign.spending.agreements import fit
from techalign.spending.plan.dependencies import ids_in
from techalign.spending.plan.economic_life import Lifecycle
from techalign.spending.plan.initiatives import Initiatives
from techalign.spending.plan.options import OptionsCompared
from techalign.spending.plan.quarters import QUARTERS, quarters_from
from techalign.spending.plan.roadmap import Roadmap
from techalign.text import folded

__all__ = ["PlanFindings", "plan_decisions"]

_ASSUMES = ("project_cost_factor", "plan_horizon_years", "benefits_move_together")
_HOPELESS = 0.5
"""A project less likely to pay than this, and worth less than nothing on average, is questioned."""


@dataclass(frozen=True, kw_only=True)
class PlanFindings:
    """What the planning models found, of one client and one day.

    Parameters
    ----------
    initiatives : Initiatives
    roadmap : Roadmap
        Of these initiatives.
    lifecycle : Lifecycle, optional
        Of the client's technology.
    options : OptionsCompared, optional
        Of providers.
    grants : DataFrame, optional
        That the initiatives may get, see ``grants``.
    """

    initiatives: Initiatives
    roadmap: Roadmap
    lifecycle: Lifecycle | None = None
    options: OptionsCompared | None = None
    grants: pd.DataFrame | None = None


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """What all decisions of one client share."""

    findings: PlanFindings
    as_of: dt.date
    currency: str
    owner: str

    def decide(self, *, owner: str, **said: Any) -> Decision:
        """Fill in what is common."""
        return Decision(area="spending", unit=self.currency, owner=owner or self.owner, **said)

    def money(self, amount: float) -> str:
        """Write an amount in few characters."""
        return compact(amount, self.currency)


def plan_decisions(
    findings: PlanFindings, *, as_of: dt.date, currency: str, owner: str
) -> list[Decision]:
    """Say what to start, drop, question and pay for, the most pressing first.

    Parameters
    ----------
    findings : PlanFindings
    as_of : date
        The day of the review.
    currency : str
        The client's, three letters.
    owner : str
        Person or role that decides where a project names nobody.

    Returns
    -------
    list of Decision

    Examples
    --------
    >>> from techalign.spending import PlanLimits, plan_roadmap, simulate_initiatives
    >>> table = pd.DataFrame({
    ...     "id": ["crm"], "name": ["Customer database"], "owner": "Dana", "purpose": "generate",
    ...     "cost_per_quarter": 4000.0, "hours_per_quarter": 120.0, "benefit_low": 3000.0,
    ...     "benefit_mode": 14000.0, "benefit_high": 30000.0, "p_success": 0.6,
    ...     "earliest": pd.NaT, "deadline": pd.NaT, "duration": 2, "after": "",
    ...     "mandatory": False, "synergy_with": "", "tags": ""})
    >>> day = dt.date(2026, 6, 30)
    >>> made = simulate_initiatives(table, day, 0.1, 25.0, np.random.default_rng(1))
    >>> plan = plan_roadmap(made, PlanLimits(money=5000.0, hours=150.0))
    >>> found = plan_decisions(
    ...     PlanFindings(initiatives=made, roadmap=plan), as_of=day, currency="USD", owner="Lee")
    >>> [(each.what, each.owner) for each in found]
    [('Start Customer database in Q3 2026', 'Dana')]
    """
    desk = _Desk(findings=findings, as_of=as_of, currency=currency, owner=owner)
    found = [
        *_short(desk), *_start(desk), *_drop(desk), *_replace(desk), *_choose(desk),
        *_apply(desk),
    ]  # fmt: skip
    return first_things_first(found, as_of)


def _short(desk: _Desk) -> Iterator[Decision]:
    """Ask for what is missing where not even what must be done fits."""
    plan = desk.findings.roadmap
    if plan.short.empty:
        return
    first = plan.short.iloc[0]
    amount = _amount(desk, first["what"], float(first["missing"]))
    more = len(plan.short) - 1
    others = f", and {more} more time{'s' if more > 1 else ''}" if more else ""
    go = f"without {' and '.join(plan.drop)} it would fit" if plan.drop else "nothing else fits"
    yield desk.decide(
        owner="",
        what=fit(
            (plan.drop[0] if plan.drop else "what must be done",),
            f"Find {amount} for {first['when']}, or do without {{}}"
            + (f" and {len(plan.drop) - 1} more" if len(plan.drop) > 1 else ""),
        ),
        kind="ask",
        subject="plan",
        topic="short",
        by=quarters_from(desk.findings.initiatives.first, 0),
        because=f"What must be done does not fit: {first['when']} is {amount} short{others}; {go}.",
        evidence="The plan by quarter",
        basis="judgement",
    )


def _amount(desk: _Desk, what: str, missing: float) -> str:
    if what == "money":
        return format_value(np.ceil(missing), desk.currency)
    return f"{np.ceil(missing):,.0f} hours" if what == "hours" else f"someone beside {what}"


def _start(desk: _Desk) -> Iterator[Decision]:
    """Start what the plan begins in its first quarter."""
    plan, made = desk.findings.roadmap, desk.findings.initiatives
    now = plan.tasks[(plan.tasks["quarter"] == 0) & (plan.tasks["kind"] == "project")]
    row = {name: i for i, name in enumerate(made.frame["id"])}
    soon = made.npv(np.zeros(len(made.frame), dtype=np.int64))
    later = made.npv(np.ones(len(made.frame), dtype=np.int64))
    for task in now.to_dict("records"):
        i = row[task["id"]]
        brings, costs = _first_year(made, i)
        waiting = _around(soon[i] - later[i], plan.level)
        yield desk.decide(
            owner=str(task["owner"]),
            what=fit((str(task["name"]),), f"Start {{}} in {task['when']}"),
            kind="act",
            subject=str(task["name"]),
            topic="start",
            by=_first_month_end(made),
            value=_around(brings, plan.level),
            cost=_around(costs, plan.level),
            hours=float(task["hours"]),
            pays=float(task["pays"]),
            waiting=waiting if waiting.point > 0 else None,
            because=_why_start(desk, task, i),
            evidence="The plan by quarter",
            basis="judgement",
            assumes=_ASSUMES,
        )


def _why_start(desk: _Desk, task: dict[Any, Any], row: int) -> str:
    made = desk.findings.initiatives
    years = made.options.horizon_quarters / QUARTERS
    ends = Interval(task["value"], task["value_low"], task["value_high"])
    must = made.frame["mandatory"].iloc[row]
    due = made.frame["deadline"].iloc[row]
    lead = "Of all plans that fit money, hours and owners, the best one starts with it"
    if must:
        by = f" by {format_date(due)}" if not pd.isna(due) else ""
        late = not pd.isna(due) and task["end"] > due
        lead = (
            f"It had to be done{by}, which can no longer be kept; the plan starts with it"
            if late
            else f"It must be done{by}, and the best plan starts with it"
        )
    return (
        f"{lead}; over {years:g} years and less its cost it is worth "
        f"{format_interval(ends, desk.currency, short=True)}, and it pays in "
        f"{format_chance(task['pays'])} of futures."
    )


def _drop(desk: _Desk) -> Iterator[Decision]:
    """Drop, or question where it must be done, what costs more than it brings."""
    plan, made = desk.findings.roadmap, desk.findings.initiatives
    npv = made.npv()
    planned = set(plan.tasks["id"])
    for i, project in enumerate(made.frame.to_dict("records")):
        mean, pays = float(npv[i].mean()), float((npv[i] > 0).mean())
        must = bool(project["mandatory"])
        if mean >= 0 or pays >= _HOPELESS or (project["id"] in planned and not must):
            continue
        years = made.options.horizon_quarters / QUARTERS
        value = _around(-npv[i] / years, plan.level)
        loss = desk.money(-mean)
        what = (
            f"Ask whether {{}} has to be done: it costs {loss} more than it brings"
            if must
            else f"Drop {{}}: it costs {loss} more than it brings"
        )
        yield desk.decide(
            owner=str(project["owner"] or ""),
            what=fit((str(project["name"]),), what, what.split(":")[0]),
            kind="decide" if must else "stop",
            subject=str(project["name"]),
            topic="worth",
            by=None,
            value=value,
            pays=1.0 - pays,
            because=f"Done, it pays in {format_chance(pays)} of futures; over {years:g} years it "
            f"costs {loss} more than it brings, on average; a year's part of that is what dropping "
            "it is worth"
            + (". Only what it must be done for can make up for that." if must else "."),
            evidence="What each project is worth",
            basis="judgement",
            assumes=_ASSUMES,
        )


def _replace(desk: _Desk) -> Iterator[Decision]:
    """Replace what is due, or will be within the year, and no project of the plan replaces."""
    life = desk.findings.lifecycle
    if life is None:
        return
    named = {
        folded(name)
        for cell in desk.findings.initiatives.frame.get("replaces", [])
        for name in ids_in(cell)
    }
    for i, row in enumerate(life.frame.to_dict("records")):
        ahead = life.monthly[:, i]
        if row["status"] not in {"due", "soon"} or folded(row["technology"]) in named:
            continue
        start = max(round((row["best"].date() - desk.as_of).days / 30.4), 0)
        quarter = _ends(ahead[:, start : start + 3].sum(axis=1))
        if quarter.point <= 0:
            continue
        year = _ends(ahead[:, start : start + 12].sum(axis=1))  # from the day it is due
        yield _replace_one(desk, row, year, quarter)


def _replace_one(desk: _Desk, row: dict[Any, Any], year: Interval, quarter: Interval) -> Decision:
    due = row["status"] == "due"
    price = float(row["price"])
    when = "now" if due else f"by {format_date(row['best'])}"
    return desk.decide(
        owner="",
        what=fit((str(row["technology"]),), f"Replace {{}} {when} ({desk.money(price)})"),
        kind="act",
        subject=str(row["technology"]),
        topic="replace",
        by=None if due else row["best"].date(),
        value=year,
        cost=Interval(price, price, price, 1.0),
        waiting=quarter,
        because=f"It is {row['age']:.0f} years old and {row['why']}: keeping it costs "
        f"{desk.money(float(row['keeping']))} a year, a new one {desk.money(float(row['new']))}, "
        f"its price spread over its life{_beside(row['why'])}.{_planned(desk, row)}",
        evidence="What is old",
        basis="judgement",
        assumes=("old_technology_doubling_years", "unsupported_yearly_share"),
    )


def _beside(why: str) -> str:
    """What is neither in the cost of keeping nor in that of a new one."""
    return (
        "; what may happen without support comes on top of keeping it" if "support" in why else ""
    )


def _planned(desk: _Desk, row: dict[Any, Any]) -> str:
    """When the plan does it, if that is a quarter or more after its best day."""
    tasks = desk.findings.roadmap.tasks
    mine = tasks[tasks["name"] == f"New: {row['technology']}"]
    quarter = pd.Timedelta(days=92)
    if mine.empty or mine["start"].iloc[0] <= max(row["best"], pd.Timestamp(desk.as_of)) + quarter:
        return ""
    return f" The plan by quarter does it in {mine['when'].iloc[0]}."


def _choose(desk: _Desk) -> Iterator[Decision]:
    """Change to the provider that costs less, cost of changing counted."""
    compared = desk.findings.options
    if compared is None:
        return
    for row in compared.choices.to_dict("records"):
        if row["keeps"] or not row["told"]:
            continue
        saving = Interval(row["saving"], row["saving_low"], row["saving_high"], compared.level)
        quarter = saving.scaled(0.25)
        changing = float(row["changing"])
        saved = desk.money(saving.point)
        yield desk.decide(
            owner="",
            what=fit(
                (str(row["best"]), str(row["decision"])),
                f"Choose {{}} for {{}}: it saves {saved} a year",
                "Choose {} for {}",
            ),
            kind="decide",
            subject=str(row["decision"]),
            topic="provider",
            by=None,
            value=saving,
            cost=Interval(changing, changing, changing, 1.0),
            pays=float(row["chance"]),
            waiting=quarter if quarter.point > 0 else None,
            because=f"All that a provider costs is {saved} a year less than with {row['other']}, "
            f"the cost of changing spread over the years; what decides is {row['decides']}.",
            evidence="Which provider to choose",
            basis="judgement",
            assumes=("estimate_factor", "decision_value_share", "leave_per_waiting_hour"),
        )


def _apply(desk: _Desk) -> Iterator[Decision]:
    """Ask for the grants that have a day."""
    rows = desk.findings.grants
    for row in [] if rows is None else rows[rows["until"].notna()].to_dict("records"):
        day = row["until"].date()
        grant = desk.money(row["grant"])
        yield desk.decide(
            owner=str(row["owner"]),
            what=fit(
                (str(row["name"]),),
                f"Apply by {format_date(day)} for the grant of {grant} towards {{}}",
                f"Apply by {format_date(day)} for the grant towards {{}}",
            ),
            kind="act",
            subject=str(row["name"]),
            topic="grant",
            by=day,
            # one grant comes or does not: the ends are both
            value=Interval(row["expected"], 0.0, row["grant"], 1.0),
            because=f"The project costs {desk.money(row['cost'])}; the grant comes in "
            f"{format_value(row['chance'], '%')} of such cases"
            f"{', as you judge' if row['judged'] == 'you' else ', as assumed'}.",
            evidence="Grants",
            basis="judgement",
            assumes=() if row["judged"] == "you" else ("grant_success",),
        )


def _ends(cases: Floats) -> Interval:
    """The assumed case and the range of all."""
    return Interval(float(cases[0]), float(cases.min()), float(cases.max()), 1.0)


def _first_year(made: Initiatives, row: int) -> tuple[Floats, Floats]:
    """What a project started now brings and costs in its first 12 months, in each future."""
    quarters = int(made.duration[row])
    brings = made.works[row] * max(QUARTERS - quarters, 0) / QUARTERS
    costs = made.overrun[row] * made.cost[row] * min(quarters, QUARTERS)
    return brings, costs


def _around(draws: Floats, level: float) -> Interval:
    """The mean with the range of the draws, widened to hold it."""
    ends, mean = interval_of(draws, level), float(draws.mean())
    return Interval(mean, min(ends.low, mean), max(ends.high, mean), level)


def _first_month_end(made: Initiatives) -> dt.date:
    """The last day on which what starts in the first quarter still ends with it, about."""
    first = made.first
    month = first.month % 12 + 1
    return dt.date(first.year + (month == 1), month, 1) - dt.timedelta(days=1)
