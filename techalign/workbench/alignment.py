"""What if: alignment with goals weighed otherwise, or another assumption."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import pandas as pd

from techalign import alignment, charts
from techalign.alignment.assessment import assume_again
from techalign.client import Client, Reference
from techalign.numbers.formatting import format_interval
from techalign.numbers.streams import random_stream
from techalign.report import Figure
from techalign.workbench.controls import WEIGHT, Control, Outcome, assumed

__all__ = ["AlignmentModel", "goal_controls"]


def goal_controls(found: alignment.AlignmentFound) -> tuple[Control, ...]:
    """A control for each goal's weight; only their proportions count.

    Parameters
    ----------
    found : AlignmentFound

    Returns
    -------
    tuple of Control
    """
    if found.weights is None:
        return ()
    rows = found.weights.weights
    return tuple(
        Control(
            name=f"{WEIGHT}{goal}", label=f"Weight of “{goal}”", value=float(weight), low=0.0,
            high=1.0, unit="%", step=0.01, source="goals and comparisons",
        )
        for goal, weight in zip(rows["goal"], rows["weight"], strict=True)
    )  # fmt: skip


@dataclass(eq=False)
class AlignmentModel:
    """From values of the controls to what alignment says; what does not move is kept.

    Parameters
    ----------
    book : Client
        With the tables in ``asked``.
    facts : Reference
    asked : tuple of str
    """

    book: Client
    facts: Reference
    asked: tuple[str, ...]
    _held: tuple[object, alignment.AlignmentFound] | None = field(
        default=None, init=False, repr=False
    )

    def __call__(self, values: Mapping[str, float]) -> Outcome:
        """The outcome at values of all controls."""
        found = self._weighed(self._found(values), values)
        return self._told(found)

    def _found(self, values: Mapping[str, float]) -> alignment.AlignmentFound:
        """What the models find; at other assumptions only what hangs on them is made again."""
        key = {name: value for name, value in values.items() if not name.startswith(WEIGHT)}
        if self._held is not None and self._held[0] == key:
            return self._held[1]
        book, facts = self.book, assumed(self.facts, values)
        profile = book.profile
        tables = {name: book.table(name) for name in self.asked}
        setting = alignment.AlignmentSetting(
            as_of=book.as_of, setting=profile.setting, currency=profile.currency,
            yearly_revenue=profile.yearly_revenue, hourly_wage=profile.hourly_wage,
        )  # fmt: skip
        given = alignment.facts_of(
            facts.assumption, facts.assessment_items, facts.sector_profiles,
            facts.challenge_remedies, profile.employees, facts.size_weights,
        )  # fmt: skip
        if self._held is None:
            stream = random_stream(book.id, "alignment")
            found = alignment.assess_alignment(tables, setting, given, stream)
        else:
            found = assume_again(self._held[1], tables, setting, given)
        self._held = (key, found)
        return found

    def _weighed(
        self, found: alignment.AlignmentFound, values: Mapping[str, float]
    ) -> alignment.AlignmentFound:
        """The same with weights as turned, which are then taken as certain."""
        if found.weights is None or found.alignment is None:
            return found
        rows = found.weights.weights
        turned = [values[f"{WEIGHT}{goal}"] for goal in rows["goal"]]
        if all(map(math.isclose, turned, rows["weight"])) or not sum(turned) > 0:
            return found
        share = pd.Series(turned, index=rows.index) / sum(turned)
        given = rows.assign(weight=share, weight_low=share, weight_high=share)
        weights = alignment.AhpWeights(given, math.nan, "")
        book = self.book
        goals, links = book.table("goals"), book.table("links")
        known = links[links["goal"].isin(goals["goal"])]
        aligned = alignment.alignment_index(goals, known, weights, book.table("initiatives"))
        return replace(
            found, weights=weights, alignment=aligned, gaps=alignment.gaps(aligned, book.as_of)
        )

    def _told(self, found: alignment.AlignmentFound) -> Outcome:
        currency, source = self.book.profile.currency, "the model of this page"
        told = alignment.told(found, self.book.table("initiatives"), currency)
        sentence = told.sentence
        if told.cyber is not None:
            money = format_interval(told.cyber, currency, short=True)
            sentence += f" Cyber incidents cost {money} in an average year."
        advantage = told.resources["half_life"].mean() if len(told.resources) else None
        return Outcome(
            sentence=sentence,
            figures=(
                Figure("How far technology carries what matters", told.index, "%", source),
                Figure("Repeated work that tools could take over", told.saving, currency, source),
                Figure("Cyber incidents in an average year", told.cyber, currency, source),
                Figure("Cyber incidents in a bad year", told.bad_year, currency, source),
                Figure("Half of an advantage lasts", advantage, "years", source),
            ),
            charts=(
                charts.bars(
                    told.gaps,
                    label=("goal", "Goal"),
                    value=("priority", "Priority"),
                    title="What to close first: weight, times what is not carried, times what "
                    "can be done",
                    unit="%",
                    empty="Every goal is carried in full.",
                ),
            ),
        )
