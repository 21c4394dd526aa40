"""What if: partner ramps with more partners signed, at another effort, margin or start."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from techalign import charts, partners
from techalign.client import Client, Reference
from techalign.numbers.formatting import compact, format_chance, format_interval
from techalign.numbers.intervals import interval_of
from techalign.numbers.streams import random_stream
from techalign.partners.assumptions import ACTIVATION_KEYS
from techalign.partners.gap import gap_to_plan
from techalign.partners.pipeline import PIPELINE_KEYS
from techalign.partners.priors import ORDER_KEYS, RAMP_KEYS
from techalign.partners.signing import Signed, sign_newcomers
from techalign.report import Figure
from techalign.workbench.controls import ASSUMED, Control, Outcome, assumed

__all__ = ["SLOW", "PartnerModel", "partner_controls"]

SLOW = frozenset(f"{ASSUMED}{key}" for key in (*RAMP_KEYS, *ORDER_KEYS))
"""What makes the fit of all ramps anew: a fifth of a second for sixty partners."""


def partner_controls() -> tuple[Control, ...]:
    """The section's own controls: partners signed a month, from when, at what effort and margin.

    Returns
    -------
    tuple of Control
    """
    here = "this page: as things go now"
    return (
        Control(
            name="signed_a_month", label="More partners signed a month", value=0.0, low=0.0,
            high=5.0, step=0.25, source=here,
        ),
        Control(
            name="start_month", label="Signing begins after", value=0.0, low=0.0, high=12.0,
            unit="months", source=here,
        ),
        Control(
            name="effort_factor", label="Money put into each new partner, times that of today’s",
            value=1.0, low=0.0, high=3.0, step=0.05, source="partner investment table",
        ),
        Control(
            name="margin_change", label="Margin on coming sales, more or less", value=0.0, low=-0.3,
            high=0.3, unit="%", step=0.005, source="partners table",
        ),
    )  # fmt: skip


@dataclass(eq=False)
class PartnerModel:
    """From values of the controls to what partners bring; what does not move is kept.

    Parameters
    ----------
    book : Client
        With its tables of partners, ``channel_plan`` and ``pipeline``.
    facts : Reference
    horizon_months, dso_months : int
        As in the notebook's parameters.
    """

    book: Client
    facts: Reference
    horizon_months: int
    dso_months: int
    _held: tuple[tuple[object, ...], partners.PartnerOutlook] | None = field(
        default=None, init=False, repr=False
    )
    _new: tuple[partners.PartnerOutlook, partners.Newcomer] | None = field(
        default=None, init=False, repr=False
    )

    def __call__(self, values: Mapping[str, float]) -> Outcome:
        """The outcome at values of all controls."""
        outlook = self._fitted(values)
        rate = values["signed_a_month"]
        newcomer = self._newcomer(outlook) if rate > 0 else _nobody(outlook)
        signed = sign_newcomers(
            newcomer, rate, int(values["start_month"]), random_stream(self.book.id, "signing"),
            effort=values["effort_factor"],
        )  # fmt: skip
        return self._told(self._with(outlook, signed, values["margin_change"]), signed)

    def _fitted(self, values: Mapping[str, float]) -> partners.PartnerOutlook:
        """The outlook of those signed, of which an assumption makes only its own part anew."""
        key = tuple(
            tuple(values.get(f"{ASSUMED}{name}") for name in names)
            for names in ((*RAMP_KEYS, *ORDER_KEYS), ACTIVATION_KEYS, PIPELINE_KEYS)
        )
        if self._held is not None and self._held[0] == key:
            return self._held[1]
        before, old = self._held or ((), None)
        same = [one == other for one, other in zip(key, before, strict=False)]
        ramps, starts, opportunities = same or [False] * len(key)
        book = self.book
        known = partners.PartnerAssumptions.from_table(assumed(self.facts, values).assumptions)
        outlook = partners.assess_partners(
            book.table("partners"), book.table("partner_revenue"),
            book.table("partner_investment"), book.table("channel_plan"), book.as_of,
            book.profile.discount_rate, random_stream(book.id, "partner_ramps"),
            partners.OutlookOptions(
                horizon_months=self.horizon_months, dso_months=self.dso_months, assumptions=known,
                pipeline=book.table("pipeline"),
                panel=old.panel if old else None,
                ramp=old.ramp if old and ramps else None,
                activation=old.activation if old and starts else None,
                opened=old.pipeline if old and opportunities else None,
            ),
        )  # fmt: skip
        self._held = (key, outlook)
        return outlook

    def _newcomer(self, outlook: partners.PartnerOutlook) -> partners.Newcomer:
        """One newly signed partner, drawn once for each outlook."""
        if self._new is not None and self._new[0] is outlook:
            return self._new[1]
        draws, _, horizon = outlook.draws.shape
        newcomer = partners.newcomer_of(
            outlook, self.book.table("partners"), self.book.table("partner_investment"),
            random_stream(self.book.id, "newcomers"), (draws, horizon),
        )  # fmt: skip
        self._new = (outlook, newcomer)
        return newcomer

    def _with(
        self, outlook: partners.PartnerOutlook, signed: Signed, margin: float
    ) -> partners.PartnerOutlook:
        """The outlook with newcomers as one more partner, and their costs."""
        if not (signed.months.size or margin):
            return outlook
        book = self.book
        table = book.table("partners")
        moved = table.assign(margin=(table["margin"] + margin).clip(0.0, 1.0))
        costs = partners.plan_from_tables(
            outlook.panel, moved, book.table("partner_investment"), dso_months=self.dso_months
        )
        own = float(np.median(moved["margin"].to_numpy(dtype=float)))
        costs = replace(
            costs,
            margin=np.append(costs.margin, own),
            past_revenue=np.vstack([costs.past_revenue, np.zeros((1, costs.past_months))]),
            fixed=np.asarray(costs.fixed, dtype=float) + signed.cost,
        )
        draws = np.concatenate([outlook.draws, signed.sales[:, None, :]], axis=1)
        flows = partners.cashflow(draws, costs)
        return replace(
            outlook,
            draws=draws,
            economics=partners.economics(flows, book.profile.discount_rate, costs.past_months),
            gap=gap_to_plan(draws, outlook.plan),
        )

    def _told(self, outlook: partners.PartnerOutlook, signed: Signed) -> Outcome:
        currency = self.book.profile.currency
        total = interval_of(outlook.total)
        months = self.horizon_months
        money = outlook.economics.intervals() if outlook.costs_known else {}
        source = "the model of this page"
        gap = outlook.gap
        sentence = (
            f"In the next {months} months partners should bring "
            f"{format_interval(total, currency, short=True)}"
        )
        if signed.months.size:
            sentence += (
                f", {len(signed.months)} new ones among them, who cost "
                f"{compact(float(signed.cost.sum()), currency)}"
            )
        if gap is not None:
            sentence += f"; the chance that the plan is missed is {format_chance(gap.probability)}"
        return Outcome(
            sentence=f"{sentence}.",
            figures=(
                Figure(f"Partner sales, next {months} months", total, currency, source),
                Figure("New partners", float(len(signed.months)), "", source),
                Figure("Cost of new partners", float(signed.cost.sum()), currency, source),
                Figure(
                    "Chance that the plan is missed", gap.probability if gap else None, "%", source
                ),
                Figure("Worth of the coming months", money.get("npv_ahead"), currency, source),
            ),
            charts=(
                charts.fan(
                    outlook.history(), outlook.ahead(),
                    title=f"Sales through all partners per month, with the 80% range ({currency})",
                    unit=currency, level=0.8, value_header="Sales",
                ),
            ),
        )  # fmt: skip


def _nobody(outlook: partners.PartnerOutlook) -> partners.Newcomer:
    """Who brings nothing, where nobody is to be signed."""
    draws, _, horizon = outlook.draws.shape
    return partners.Newcomer(sales=np.zeros((draws, horizon)), margin=0.0, entry=0.0, keep=0.0)
