"""What if: the roadmap with more or less money and time, another appetite for risk, or other odds.

The search takes up to some seconds, so it runs in a process of its own
(:mod:`techalign.workbench.worker`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd

from techalign import charts, spending
from techalign.client import Client, Reference
from techalign.numbers.formatting import format_interval
from techalign.numbers.streams import random_stream
from techalign.report import Figure
from techalign.workbench.controls import (
    Control,
    Outcome,
    assumed,
    in_steps,
    rate_control,
    with_rate,
)

__all__ = ["PlanModel", "plan_controls"]


def plan_controls(limits: spending.PlanLimits, book: Client) -> tuple[Control, ...]:
    """The section's own controls: money and hours a quarter, appetite for risk, discount rate.

    Parameters
    ----------
    limits : PlanLimits
        Of the base.
    book : Client

    Returns
    -------
    tuple of Control
    """
    money, hours = (max(3.0 * each, 100.0) for each in (limits.money, limits.hours))
    given = "parameters, or shares of revenue and working hours"
    return (
        Control(
            name="money_a_quarter", label="Money for projects a quarter", value=limits.money,
            low=0.0, high=money, unit=book.profile.currency, step=in_steps(money), source=given,
        ),
        Control(
            name="hours_a_quarter", label="Hours of people for projects a quarter",
            value=limits.hours, low=0.0, high=hours, unit="hours", step=in_steps(hours),
            source=given,
        ),
        Control(
            name="caution", label="Caution: weight of the worst twentieth of futures",
            value=limits.caution, low=0.0, high=1.0, unit="%", step=0.05, source="parameters",
        ),
        rate_control(book),
    )  # fmt: skip


@dataclass(eq=False)
class PlanModel:
    """From values of the controls to the best plan; projects are simulated once for each rate.

    Parameters
    ----------
    book : Client
        With ``initiatives`` and ``assets``.
    facts : Reference
    limits : PlanLimits
        Of the base; money and hours that are shares move with their assumption unless turned.
    shared : tuple of bool
        Whether the base's money, and its hours, are such shares.
    """

    book: Client
    facts: Reference
    limits: spending.PlanLimits
    shared: tuple[bool, bool] = (True, True)
    _held: tuple[object, spending.Initiatives, spending.Replacements] | None = field(
        default=None, init=False, repr=False
    )

    def __call__(self, values: Mapping[str, float]) -> Outcome:
        """The outcome at values of all controls."""
        facts = assumed(self.facts, values)
        initiatives, replacements = self._simulated(facts, values)
        limits = self._limits(facts, values)
        plan = spending.plan_roadmap(initiatives, limits, replacements)
        return self._told(plan, initiatives, facts)

    def _limits(self, facts: Reference, values: Mapping[str, float]) -> spending.PlanLimits:
        profile = self.book.profile
        money, hours = values["money_a_quarter"], values["hours_a_quarter"]
        if self.shared[0] and money == self.limits.money:
            money = facts.assumption("project_money_share").point * profile.yearly_revenue / 4
        if self.shared[1] and hours == self.limits.hours:
            share = facts.assumption("project_hours_share").point
            month = facts.assumption("working_hours_month").point
            hours = share * profile.employees * month * 3
        synergy = facts.assumption("project_synergy").point
        return replace(
            self.limits, money=money, hours=hours, caution=values["caution"], synergy=synergy
        )

    def _simulated(
        self, facts: Reference, values: Mapping[str, float]
    ) -> tuple[spending.Initiatives, spending.Replacements]:
        """Projects and replacements; money, hours and caution leave them as they are."""
        limited = {"money_a_quarter", "hours_a_quarter", "caution"}
        key = {name: value for name, value in values.items() if name not in limited}
        if self._held is not None and self._held[0] == key:
            return self._held[1:]
        book = with_rate(self.book, values)
        profile = book.profile
        projects, _ = spending.settle_dependencies(book.table("initiatives"))
        projects = _believed(projects, facts)
        initiatives = spending.simulate_initiatives(
            projects, book.as_of, profile.discount_rate, profile.hourly_wage,
            random_stream(book.id, "plan"),
            spending.InitiativeOptions(
                horizon_quarters=int(4 * facts.assumption("plan_horizon_years").point),
                purpose_correlation=facts.assumption("benefits_move_together").point,
                overrun=facts.assumption("project_cost_factor"),
            ),
        )  # fmt: skip
        assets = book.table("assets")
        old = spending.lifecycle(
            assets, spending.end_of_life(assets, facts.support_life, book.as_of), book.as_of,
            profile.discount_rate, profile.hourly_wage,
            facts.assumption("old_technology_doubling_years"),
            facts.assumption("unsupported_yearly_share"),
        )  # fmt: skip
        replacements = spending.plan_replacements(
            old, projects["replaces"].str.split(";").explode(), quarters=self.limits.quarters,
            horizon_quarters=initiatives.options.horizon_quarters, owner=profile.owner,
        )  # fmt: skip
        self._held = (key, initiatives, replacements)
        return initiatives, replacements

    def _told(
        self, plan: spending.Roadmap, initiatives: spending.Initiatives, facts: Reference
    ) -> Outcome:
        currency, source = self.book.profile.currency, "the model of this page"
        name, count = self.book.profile.name, len(plan.tasks)
        money = float(plan.quarters["money"].sum())
        sentence = (
            f"{name} can do {count} of {count + len(plan.left)} projects and replacements. Less "
            f"what they cost, they should be worth "
            f"{format_interval(plan.total, currency, short=True)}. {plan.sentence}"
        )
        lasting = _advantages(initiatives, facts)
        return Outcome(
            sentence=sentence,
            figures=(
                Figure("Worth of the plan, less cost", plan.total, currency, source),
                Figure("Worth in the worst twentieth of futures", plan.worst, currency, source),
                Figure("Money the plan spends", money, currency, source),
                Figure("Projects and replacements in it", float(count), "", source),
                Figure("Advantages, as rivals copy them", lasting, currency, source),
            ),
            charts=(
                charts.gantt(
                    plan.tasks,
                    label=("name", "Project"),
                    start=("start", "Start"),
                    end=("end", "End"),
                    phase=("owner", "Owner"),
                    title="What to do when, and who leads it",
                    today=self.book.as_of,
                    empty="Nothing fits the plan.",
                ),
            ),
        )


def _believed(projects: pd.DataFrame, facts: Reference) -> pd.DataFrame:
    """Projects with benefits and chances of success at the factors by which estimates are off."""
    benefit, success = (facts.assumption(key).point for key in ("benefit_factor", "success_factor"))
    if benefit == success == 1.0:
        return projects
    names = ("benefit_low", "benefit_mode", "benefit_high")
    return projects.assign(
        **{name: projects[name] * benefit for name in names},
        p_success=np.minimum(projects["p_success"] * success, 1.0),
    )


def _advantages(initiatives: spending.Initiatives, facts: Reference) -> float:
    """What projects meant to stand apart bring as rivals copy them."""
    lives = {
        kind: facts.assumption(f"imitation_half_life_{kind}")
        for kind in ("weak", "middle", "strong")
    }
    return float(spending.value_of_advantages(initiatives, lives)["copied"].sum())
