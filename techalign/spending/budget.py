"""What next year's budget gives to decide: how much to set aside, and which rise to question."""

from __future__ import annotations

from techalign.decision import Decision
from techalign.numbers.formatting import compact
from techalign.spending.agreements import Desk, fit
from techalign.spending.forecast import SpendForecast
from techalign.spending.recurring.due import HORIZON

__all__ = ["FEWEST_MONTHS", "budget_decisions"]

EVIDENCE = "Next year's budget"
NOTED_SHARE = 0.02
"""A rise below this share of the year's budget is not worth a question."""
FEWEST_MONTHS = 3
"""A payment or two say nothing of a year: nobody is asked to set money aside for them."""
_STANDS_OUT = 1.15
"""Times the mean month that the dearest one costs before it is worth naming."""
GROWTH_KEY = "technology_spending_growth"


def budget_decisions(desk: Desk, forecast: SpendForecast) -> list[Decision]:
    """Say what to set aside for technology, and ask for the reason of the rise that is sure.

    Parameters
    ----------
    desk : Desk
    forecast : SpendForecast

    Returns
    -------
    list of Decision
        Of kind "ask": a budget saves nothing by itself. Empty where nothing is expected,
        and where fewer than `FEWEST_MONTHS` months were seen.
    """
    total, months = forecast.total, forecast.months["month"]
    if total.point <= 0 or len(forecast.history) < FEWEST_MONTHS:
        return []
    span = f"{months.iloc[0]:%b %Y} to {months.iloc[-1]:%b %Y}"
    dearest = forecast.months.sort_values("expected").iloc[-1]
    stands_out = dearest["expected"] > _STANDS_OUT * forecast.months["expected"].mean()
    peak = (
        f"; {desk.money(dearest['expected'])} of it falls into {dearest['month']:%B}, the dearest "
        "month"
        if stands_out
        else ""
    )
    ends = f"{desk.money(total.low)} to {desk.money(total.high)}"
    silent = (
        f" The ledger has no data for {len(forecast.missing)} month"
        f"{'s' if len(forecast.missing) > 1 else ''}; these were left out, not taken as zero."
        if forecast.missing
        else ""
    )
    aside = desk.ask(
        what=f"Set {desk.money(total.point)} aside for technology, {span}",
        subject="technology budget",
        topic="budget",
        because=f"Eight years in ten it should be {ends}{peak}.{silent}",
        evidence=EVIDENCE,
        basis="measured",
        assumes=(GROWTH_KEY,),
    )
    return [aside, *_rises(desk, forecast)]


def _rises(desk: Desk, forecast: SpendForecast) -> list[Decision]:
    """Ask about the category whose rise is largest, of those that are surely dearer."""
    least = NOTED_SHARE * forecast.total.point
    rising = [
        row
        for row in forecast.by_category.to_dict("records")
        if row["last_year"] > 0
        and row["change"] >= least
        and row["expected"] > 0
        and row["low"] * (row["compared"] / row["expected"]) > row["last_year"]
    ]
    if not rising:
        return []
    row = max(reversed(rising), key=lambda row: row["change"])
    more = compact(row["change"], desk.currency)
    return [
        desk.ask(
            what=fit((row["category"],), f"Ask what will make {{}} cost {more} more next year"),
            subject=str(row["category"]),
            topic="budget",
            because=f"The {_months(forecast)} cost {desk.money(row['last_year'])}; in the same "
            f"months of the next year {desk.money(row['compared'])} is expected.",
            evidence=EVIDENCE,
            basis="measured",
            assumes=(GROWTH_KEY,),
        )
    ]


def _months(forecast: SpendForecast) -> str:
    """The months last year's money is of: only those with data are compared."""
    held = int(forecast.months["last_year"].notna().sum())
    return "last twelve months" if held >= HORIZON else f"{held} months with data of the last year"
