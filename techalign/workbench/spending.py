"""What if: technology spending with unused seats or double purchases cut, or prices rising more."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pandas as pd

from techalign import charts, spending
from techalign.client import Client, Reference
from techalign.numbers.formatting import compact, format_interval
from techalign.numbers.intervals import Interval
from techalign.report import Figure
from techalign.workbench.controls import ASSUMED, Control, Outcome, assumed

__all__ = ["SpendingModel", "spending_controls"]


def spending_controls() -> tuple[Control, ...]:
    """The section's own controls: how much of what is paid for in vain is given up.

    Returns
    -------
    tuple of Control
    """
    return (
        Control(
            name="cut_unused_seats", label="Seats not in use that are given up", value=0.0, low=0.0,
            high=1.0, unit="%", step=0.05, source="this page: none",
        ),
        Control(
            name="drop_overlaps", label="The same work bought twice that is given up", value=0.0,
            low=0.0, high=1.0, unit="%", step=0.05, source="this page: none",
        ),
    )  # fmt: skip


@dataclass(eq=False)
class SpendingModel:
    """From values of the controls to the coming year; what does not move is kept.

    Parameters
    ----------
    book : Client
    facts : Reference
    rows : DataFrame
        The ledger with its suppliers' names, as the notebook looks for recurring charges in it.
    technology : TechnologyRows
        What of the ledger is technology.
    overlaps : Overlaps
    contracts : DataFrame
        The agreements, as far as the ledger bears them out.
    """

    book: Client
    facts: Reference
    rows: pd.DataFrame
    technology: spending.TechnologyRows
    overlaps: spending.Overlaps
    contracts: pd.DataFrame
    _held: tuple[object, spending.SpendForecast] | None = field(
        default=None, init=False, repr=False
    )

    def __call__(self, values: Mapping[str, float]) -> Outcome:
        """The outcome at values of all controls."""
        book, facts = self.book, assumed(self.facts, values)
        renewals = spending.find_renewals(
            self.contracts, book.as_of, rate=book.profile.discount_rate,
            assumed_uplift=facts.assumption("saas_list_inflation"),
            lead_days=int(facts.assumption("renewal_lead_days").point),
        )  # fmt: skip
        return self._told(self._forecast(facts, values), renewals, values)

    def _forecast(self, facts: Reference, values: Mapping[str, float]) -> spending.SpendForecast:
        """The forecast, which hangs on two assumptions alone."""
        keys = ("unseen_price_rise", "technology_spending_growth")
        key = tuple(values[f"{ASSUMED}{name}"] for name in keys)
        if self._held is not None and self._held[0] == key:
            return self._held[1]
        rise, growth = (facts.assumption(name).point for name in keys)
        streams = spending.find_streams(
            self.rows, self.book.as_of, client_currency=self.book.profile.currency, unseen_rise=rise
        )
        found = spending.forecast_spend(
            self.technology.frame, self.book.as_of, streams=streams,
            agreements=self.technology.agreements, observed=self.technology.observed,
            options=spending.ForecastOptions(growth=growth),
        )  # fmt: skip
        self._held = (key, found)
        return found

    def _told(
        self,
        found: spending.SpendForecast,
        renewals: spending.Renewals,
        values: Mapping[str, float],
    ) -> Outcome:
        currency, source = self.book.profile.currency, "the model of this page"
        doubled = float(self.overlaps.frame["saving"].sum())
        cut = values["cut_unused_seats"] * renewals.seat_waste + values["drop_overlaps"] * doubled
        year = found.total
        left = Interval(year.point - cut, year.low - cut, year.high - cut, year.level)
        renewing = renewals.exposure(365)
        to_act = renewals.frame.loc[renewals.frame["status"] == "act now"]
        sentence = (
            f"Technology should cost {format_interval(year, currency, short=True)} in the next "
            f"twelve months"
        )
        if cut:
            saved, rest = compact(cut, currency), format_interval(left, currency, short=True)
            sentence += f"; {saved} of it could be given up, which leaves {rest}"
        sentence += (
            f". Agreements worth {compact(renewing.point, currency)} renew by themselves within a "
            f"year, and {len(to_act)} of all are to be decided now."
        )
        return Outcome(
            sentence=sentence,
            figures=(
                Figure("Technology, next 12 months", year, currency, source),
                Figure("Given up", cut, currency, source),
                Figure("What is left", left, currency, source),
                Figure("Renewing by themselves within a year", renewing, currency, source),
                Figure("Agreements to be decided now", float(len(to_act)), "", source),
            ),
            charts=(
                charts.fan(
                    found.history.tail(36),
                    found.months.rename(columns={"expected": "point"}),
                    title=f"Technology spending per month: paid, and expected ({currency})",
                    unit=currency, level=year.level, value_header="Technology spending",
                    empty="No payment for technology is known.",
                ),
            ),
        )  # fmt: skip
