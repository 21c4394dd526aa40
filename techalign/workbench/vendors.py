"""What if: vendor risk at another correlation, horizon, budget for protections, or assumption."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass

from techalign import charts, vendors
from techalign.client import Client, Experience, Reference
from techalign.losses import LossDistribution
from techalign.numbers.formatting import compact
from techalign.numbers.intervals import Interval
from techalign.report import Figure
from techalign.text import folded
from techalign.vendors.assumptions import KEYS
from techalign.vendors.exposure import LossAssumptions
from techalign.vendors.mitigation import Mitigation, mitigate
from techalign.workbench.controls import ASSUMED, Control, Outcome, assumed, in_steps

__all__ = ["VendorModel", "vendor_assumptions", "vendor_controls"]

_CORRELATION = f"{ASSUMED}vendor_failure_correlation"
_HAZARD = f"{ASSUMED}vendor_hazard_against_sector"
_SHOWN = 12
_FIXED = {"oldest", "rate_low"}
"""What has no range to turn it in."""
ENDS = ("", "_low", "_high")


def vendor_controls(best: Mitigation, currency: str) -> tuple[Control, ...]:
    """The section's own controls: money for protections, and years to look ahead.

    Parameters
    ----------
    best : Mitigation
        All protections that pay for themselves; what they cost is the base.
    currency : str

    Returns
    -------
    tuple of Control
    """
    most = max(2.0 * best.cost, float(best.options["yearly_cost"].sum()), 1000.0)
    return (
        Control(
            name="mitigation_budget", label="Money for protections a year", value=best.cost,
            low=0.0, high=most, unit=currency, step=in_steps(most),
            source="cost of everything that pays for itself",
        ),
        Control(
            name="horizon_years", label="Years to look ahead", value=1.0, low=1.0, high=10.0,
            unit="years", source="this page",
        ),
    )  # fmt: skip


def vendor_assumptions(warned: bool) -> tuple[str, ...]:
    """Keys of the assumptions the chances and losses rest on.

    Parameters
    ----------
    warned : bool
        Whether there are events, whose effects are assumed.

    Returns
    -------
    tuple of str
    """
    loss = (entry.name for entry in dataclasses.fields(LossAssumptions))
    events = (
        *(f"{kind}_hazard" for kind in (
            "ownership_change", "structure_change", "personnel_change", "policy_change",
            "environment_change",
        )),
        "event_half_life",
    )  # fmt: skip
    return (*(key for name, key in KEYS.items() if name not in _FIXED), *loss,
            *(events if warned else ()))  # fmt: skip


@dataclass(eq=False)
class VendorModel:
    """From values of the controls to what vendor risk says; what does not move is kept.

    Parameters
    ----------
    book : Client
        With its tables ``vendors``, ``vendor_events`` and ``mitigations``.
    facts : Reference
    practice : Experience
    """

    book: Client
    facts: Reference
    practice: Experience

    def __post_init__(self) -> None:
        table = vendors.company_against_establishment(
            self.facts.establishment_survival, self.facts.firm_death_rates
        )
        self._company = table
        self._sizes = vendors.size_effect(
            self.facts.firm_exit_by_size, self.facts.firm_size_by_age, self.facts.vendor_rates
        )
        self._published = vendors.company_survival(
            self.facts.establishment_survival, self.facts.firm_death_rates
        )
        self._held: tuple[object, vendors.VendorRisk] | None = None

    def __call__(self, values: Mapping[str, float]) -> Outcome:
        """The outcome at values of all controls."""
        risk = self._risk(values)
        options = risk.of_present(self.book.table("mitigations"))
        there = {folded(str(name)) for name in risk.table["vendor"]}
        known = options["vendor"].map(folded).isin(there)
        bought = mitigate(
            risk.losses, risk.table["vendor"], options[known], values["mitigation_budget"]
        )
        return self._told(risk, bought, values["horizon_years"])

    def _risk(self, values: Mapping[str, float]) -> vendors.VendorRisk:
        """The assessment; moving the budget alone does not make it again."""
        key = {name: value for name, value in values.items() if name != "mitigation_budget"}
        if self._held is not None and self._held[0] == key:
            return self._held[1]
        facts = assumed(self.facts, values)
        hazards, half_life = vendors.event_hazards(facts.assumptions)
        warnings = vendors.early_warnings(
            self.book.table("vendor_events"), self.book.as_of, hazards=hazards, half_life=half_life
        )
        factor = values.get(_HAZARD, 1.0)
        ratio = self.practice.hazard_ratio or ({1.0: 1.0} if factor != 1.0 else {})
        survival = vendors.moved_survival(
            self._published, {age: r * factor for age, r in ratio.items()}, self.practice.source
        )
        risk = vendors.assess_vendors(
            self.book.table("vendors"), survival, self.book.as_of,
            horizons=(values["horizon_years"],),
            assumptions=vendors.VendorAssumptions.from_table(
                facts.assumptions, rates=facts.vendor_rates, sizes=self._sizes,
                company=self._company, known=self.practice.known_hubs(),
            ),
            warnings=warnings,
        )  # fmt: skip
        self._held = (key, risk)
        return risk

    def _told(self, risk: vendors.VendorRisk, bought: Mitigation, years: float) -> Outcome:
        currency = self.book.profile.currency
        measures = risk.measures((0.99,)).set_index("measure")
        rows = measures.loc[["expected loss", "value at risk 99 %"], ["point", "low", "high"]]
        average, bad = (Interval(p, low, high, 1.0) for p, low, high in rows.to_numpy(float))
        chance = f"pd_{years:g}"
        point, low, high = (float(risk.table[f"{chance}{end}"].sum()) for end in ENDS)
        ceasing = Interval(point, low, high, 1.0)
        outages = risk.outages[[f"cost{end}" for end in ENDS]].sum().to_numpy(float)
        point, low, high = map(float, outages)
        down = Interval(point, low, high, 1.0) if len(risk.outages) else None
        span = "a year" if years == 1 else f"{years:g} years"
        after = bought.after
        sentence = (
            f"Of {len(risk.table)} companies, {ceasing.point:.2g} should cease within {span} on "
            f"average. Those that do cost {compact(risk.losses.el, currency)} in an average year, "
            f"and {compact(risk.losses.var(0.99), currency)} or more in one year out of a hundred. "
            f"Protections for {compact(bought.cost, currency)} a year would bring the average down "
            f"to {compact(bought.el_after, currency)}."
        )
        source = "the model of this page"
        return Outcome(
            sentence=sentence,
            figures=(
                Figure("Expected loss a year", average, currency, source),
                Figure("Loss in a bad year (1 in 100)", bad, currency, source),
                Figure("Companies that should cease", ceasing, "", source),
                Figure("Outages of services that work stops without", down, currency, source),
                Figure("Protections cost a year", bought.cost, currency, source),
                Figure("Expected loss once protected", bought.el_after, currency, source),
            ),
            charts=(_chances(risk, chance, span), _losses(after, bought, currency)),
        )


def _chances(risk: vendors.VendorRisk, chance: str, span: str) -> charts.Chart:
    return charts.ranges(
        risk.table.sort_values(chance, ascending=False).head(_SHOWN),
        label=("vendor", "Company"),
        point=(chance, f"Chance within {span}"),
        low=f"{chance}_low",
        high=f"{chance}_high",
        title=f"Chance of ceasing within {span}, with its range",
        unit="%",
        empty="No company is in the register.",
    )


def _losses(after: LossDistribution, bought: Mitigation, currency: str) -> charts.Chart:
    return charts.exceedance(
        after.amounts,
        after.exceed(after.amounts),
        title=f"Chance of losing more than an amount in a year, once protected ({currency})",
        unit=currency,
        marks={"average": bought.el_after, "1 year in 100": after.var(0.99)},
    )
