"""What if: the ecosystem with another split of the time for selling, or another assumption."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from techalign import charts, ecosystem
from techalign.client import Client, Reference
from techalign.numbers.formatting import compact, format_interval
from techalign.numbers.intervals import Interval
from techalign.numbers.streams import random_stream
from techalign.report import Figure
from techalign.workbench.controls import Control, Outcome, assumed, rate_control

__all__ = ["EcosystemModel", "ecosystem_controls"]

_TABLES = ("players", "flows", "selling", "one_way", "touchpoints", "message")


def ecosystem_controls(
    found: ecosystem.EcosystemFound, book: Client, years: int
) -> tuple[Control, ...]:
    """The section's own controls: time on present customers, years looked at, discount rate.

    Parameters
    ----------
    found : EcosystemFound
        Without a comparison of hunting and farming there is nothing of one's own to turn.
    book : Client
    years : int
        As in the notebook's parameters.

    Returns
    -------
    tuple of Control
    """
    if found.split is None:
        return (rate_control(book),)
    return (
        Control(
            name="farming_share", label="Selling time on present customers",
            value=found.split.split, low=0.0, high=1.0, unit="%", step=0.05,
            source="selling table",
        ),
        Control(
            name="horizon_years", label="Years looked at", value=float(years), low=1.0, high=10.0,
            unit="years", source="this page",
        ),
        rate_control(book),
    )  # fmt: skip


@dataclass(eq=False)
class EcosystemModel:
    """From values of the controls to what the ecosystem says; what does not move is kept.

    Parameters
    ----------
    book : Client
        With the ecosystem's tables and ``capacity``.
    facts : Reference
    keys : mapping of str to str
        The model's assumptions by their keys in the table.
    years : int
    forecast_cover : float or None
    """

    book: Client
    facts: Reference
    keys: Mapping[str, str]
    years: int
    forecast_cover: float | None
    _held: tuple[object, ecosystem.EcosystemFound] | None = field(
        default=None, init=False, repr=False
    )

    def __call__(self, values: Mapping[str, float]) -> Outcome:
        """The outcome at values of all controls."""
        return self._told(self._found(values), values)

    def _found(self, values: Mapping[str, float]) -> ecosystem.EcosystemFound:
        key = {name: value for name, value in values.items() if name != "farming_share"}
        if self._held is not None and self._held[0] == key:
            return self._held[1]
        book, facts = self.book, assumed(self.facts, values)
        found = ecosystem.assess_ecosystem(
            {name: book.table(name) for name in _TABLES},
            ecosystem.EcosystemSetting(
                as_of=book.as_of, hourly_wage=book.profile.hourly_wage,
                discount_rate=values["discount_rate"],
                years=values.get("horizon_years", self.years),
                free_capacity=ecosystem.free_capacity(book.table("capacity")),
                forecast_cover=self.forecast_cover,
            ),
            ecosystem.EcosystemAssumptions(
                **{name: facts.assumption(key) for name, key in self.keys.items()}
            ),
            random_stream(book.id, "ecosystem"),
        )  # fmt: skip
        self._held = (key, found)
        return found

    def _told(self, found: ecosystem.EcosystemFound, values: Mapping[str, float]) -> Outcome:
        told = ecosystem.told(found)
        currency, source = self.book.profile.currency, "the model of this page"
        sentence = told.sentence
        figures = [
            Figure("Health of the whole", told.health, "%", source),
            Figure("Margin that feeding the weakest part brings", told.feeding, currency, source),
            Figure("Value of one more stranger", told.entrant, currency, source),
            Figure("Cost of selling in one direction", told.one_way, currency, source),
        ]
        drawn: tuple[charts.Chart, ...] = (_fed(told),)
        split = found.split
        if split is not None:
            share = values["farming_share"]
            brings, now = _margin(split, share), _margin(split, split.split)
            sentence += (
                f" With {share:.0%} of selling time on present customers, they bring "
                f"{format_interval(brings, currency, short=True)} in {split.years:g} years; with "
                f"the {split.split:.0%} of today {compact(now.point, currency)}. Most is brought "
                f"by {split.best:.0%}."
            )
            label = "Margin from customers at this split"
            figures.insert(0, Figure(label, brings, currency, source))
            drawn = (_curve(told, split, currency), *drawn)
        return Outcome(sentence=sentence, figures=tuple(figures), charts=drawn)


def _margin(split: ecosystem.HuntOrFarm, share: float) -> Interval:
    """Margin at a share; the model's own at each of those it has tried, between them a line."""
    tried = split.curve["farming"].to_numpy(dtype=float)
    point, low, high = (
        float(np.interp(share, tried, split.curve[name].to_numpy(dtype=float)))
        for name in ("margin", "margin_low", "margin_high")
    )
    return Interval(point, low, high)


def _curve(told: ecosystem.Told, split: ecosystem.HuntOrFarm, currency: str) -> charts.Chart:
    return charts.curve(
        told.splits,
        x=("farming", "Share of selling time on present customers"),
        x_unit="%",
        title=f"Margin over {split.years:g} years by share of time on present customers, 80% range",
        unit=currency,
        value_header="Margin",
    )


def _fed(told: ecosystem.Told) -> charts.Chart:
    return charts.bars(
        told.parts,
        label=("player", "Players"),
        value=("pull", "Share of what holds back"),
        title="Share of what holds the whole back",
        unit="%",
        empty="Nobody has been asked how they do.",
    )
