"""What the partner tables say to do: close the gap to plan, back up a partner, stop waiting.

The tables show chances and ramps; an owner needs the sentence that follows from them. Money is
margin and not sales, and of the coming 12 months, because a sale that does not come costs the
client no more than what it would have earned on it.
"""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd

from techalign.decision import Decision, first_things_first, fit
from techalign.errors import ModelError
from techalign.numbers.arrays import Floats, places_of
from techalign.numbers.intervals import Interval, interval_of
from techalign.partners.activation import Activation
from techalign.partners.care import PartnerCare, care_decisions
from techalign.partners.coming_year import (
    YEAR,
    ComingYear,
    months_in_words,
    percent,
    rests_on,
)
from techalign.partners.gap import gap_to_plan
from techalign.partners.lead_time import LeadTime, last_day_to_recruit
from techalign.partners.outlook import PartnerOutlook
from techalign.partners.posterior import curve
from techalign.partners.ramp import RampFit
from techalign.partners.silent import ask_for_costs, keeping_costs, stop_waiting

__all__ = ["partner_decisions"]

QUARTER = 3
LARGE_SHARE = 0.3
"""A partner that brings more of the coming sales than this is one to be backed up."""


def partner_decisions(
    outlook: PartnerOutlook,
    partners: pd.DataFrame,
    investment: pd.DataFrame,
    care: PartnerCare | None = None,
    lead: LeadTime | None = None,
    *,
    as_of: dt.date,
    currency: str,
    owner: str,
) -> list[Decision]:
    """Say what to do about the plan and the partners, the most pressing first.

    A plan that is more likely missed than met is worth the margin on what is short. A partner
    with a large share of the coming sales is worth at most its margin of a year times the
    chance that it stops within it. A silent partner is let go where keeping it costs more than
    its chance to start, and what it brings besides sales, are worth. What follows from how
    partners are looked after is added by :func:`~techalign.partners.care.care_decisions`.

    Parameters
    ----------
    outlook : PartnerOutlook
        Of N partners, S draws and H months; of more than 12 months the first 12 count.
    partners : DataFrame
        Columns ``partner``, ``margin`` (0 to 1).
    investment : DataFrame
        Columns ``partner``, ``month``, ``amount`` (money), ``kind``; rows of nobody in
        ``partners`` are spent on all. Where it tells nothing of the last six months, costs
        are asked for.
    care : PartnerCare, optional
        How partners are looked after, where known.
    lead : LeadTime, optional
        When more recruiting would have had to begin; a start that is still to come is the gap's
        last day.
    as_of : date
        The day of the review.
    currency : str
        The client's, three letters.
    owner : str
        Person or role that decides.

    Returns
    -------
    list of Decision
        Empty where nothing is found.

    Raises
    ------
    ModelError
        If ``partners`` lacks one of the outlook's.

    Examples
    --------
    >>> from techalign.partners import OutlookOptions, assess_partners
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS")
    >>> partners = pd.DataFrame({
    ...     "partner": ["Alder", "Birch"], "segment": "volume", "margin": 0.3,
    ...     "signed": pd.to_datetime(["2025-01-05", "2025-02-05"]), "ended": pd.NaT})
    >>> sales = pd.DataFrame({
    ...     "partner": "Alder", "month": months, "revenue": 5000.0, "deals": 10.0})
    >>> costs = pd.DataFrame({
    ...     "partner": "Birch", "month": months, "amount": 300.0, "kind": "manage"})
    >>> plan = pd.DataFrame({
    ...     "month": months + pd.DateOffset(years=1), "target": 12000.0, "direct": 5000.0})
    >>> day = dt.date(2025, 12, 31)
    >>> outlook = assess_partners(
    ...     partners, sales, costs, plan, day, 0.1, np.random.default_rng(1),
    ...     OutlookOptions(draws=200))
    >>> decisions = partner_decisions(
    ...     outlook, partners, costs, as_of=day, currency="USD", owner="Dana")
    >>> for decision in decisions:
    ...     print(decision.what)
    Close the gap to plan: partners fall $29.9k short in 12 months (74% likely)
    Back up Alder: 96% of partner sales come from there
    Stop waiting for Birch: 11 months without a sale, 4% to start
    """
    name = outlook.panel.partner
    year = ComingYear(
        outlook=outlook,
        draws=outlook.draws[:, :, :YEAR],
        margin=_margins(outlook, partners),
        besides=care.network.of(name) if care else np.zeros(len(name)),
        as_of=as_of,
        currency=currency,
        owner=owner,
    )
    costs = keeping_costs(outlook, investment, set(partners["partner"]))
    found = [
        *_close_gap(year, lead),
        *_back_up(year),
        *stop_waiting(year, costs),
        *ask_for_costs(year, costs),
    ]
    if care is not None:
        found += care_decisions(care, outlook, partners, currency, owner)
    return first_things_first(found, as_of)


def _margins(outlook: PartnerOutlook, partners: pd.DataFrame) -> Floats:
    row = places_of(outlook.panel.partner, partners["partner"])
    if (row < 0).any():
        raise ModelError("partners", "lacks a partner", value=outlook.panel.partner[row < 0][0])
    margin: Floats = partners["margin"].to_numpy(dtype=float)[row]
    return margin


# The plan as a whole.


def _close_gap(year: ComingYear, lead: LeadTime | None) -> list[Decision]:
    """Close the gap, where the plan is more likely missed than met."""
    # the outlook's own gap may go further than a year
    short = gap_to_plan(year.draws, year.outlook.plan.iloc[: year.months])
    if short is None or short.probability <= 0.5 or not year.margin.size:
        return []
    sales = year.sales.sum(axis=1)
    earned = year.sales @ year.margin
    margin = np.divide(earned, sales, out=np.full(sales.shape, year.margin.mean()), where=sales > 0)
    value = interval_of(short.total * margin)
    planned = short.monthly.shape[1]
    span, chance = months_in_words(planned), percent(short.probability)
    size = short.interval().point
    by, recruit = last_day_to_recruit(
        lead if year.draws.shape == year.outlook.draws.shape else None
    )
    return [
        year.decide(
            what=f"Close the gap to plan: partners fall {year.money(size)} short in {span} "
            f"({chance} likely)",
            by=by,
            kind="decide",
            subject="plan",
            topic="gap",
            value=value,
            pays=short.probability,
            waiting=_cost_of_waiting(year.outlook, value, planned),
            because=f"The plan needs {year.money(short.needed)} from partners in {span} and they "
            f"should bring {year.money(short.needed - size)}; where they fall short, it is by "
            f"{year.money(short.expected_if_missed)} on average, and closing the whole gap would "
            f"bring {year.money(value.point)} of margin, before what it takes{recruit}.",
            evidence="Against the plan",
            **rests_on(year.outlook.activation),
        )
    ]


def _cost_of_waiting(outlook: PartnerOutlook, value: Interval, months: int) -> Interval | None:
    """Margin that is lost when the partners that close the gap are signed a quarter later.

    None where no partner has sold: nothing then tells how fast one starts.
    """
    if not outlook.activation.sold:
        return None
    whole = _sales_since_signing(outlook.activation, outlook.ramp, months)
    later = _sales_since_signing(outlook.activation, outlook.ramp, months - QUARTER)
    return value.scaled(1.0 - later / whole) if whole > 0 else None


def _sales_since_signing(activation: Activation, ramp: RampFit, months: int) -> float:
    """Sales of a typical volume partner in its first months under contract, money.

    Σ_m P(first sale in month m) Σ_{t < months - m} μ_t, on the population's mean curve; only
    ratios of it are used, so what its spread adds to the mean cancels to first order.
    """
    if months <= 0:
        return 0.0
    by = activation.p_activate(0.0, np.arange(months + 1.0))
    tenure = np.arange(float(months))[None, :, None] + 0.5
    mu = np.exp(curve(ramp.hyper.coef[0][None, :, None], tenure)[0, :, 0])
    return float(np.diff(by) @ np.cumsum(mu)[::-1])


# Dependence on one partner.


def _back_up(year: ComingYear) -> list[Decision]:
    """Back up the partner with a large share of the coming sales."""
    total = year.sales.sum(axis=1)
    sells = total > 0
    if not sells.any():
        return []
    share = (year.sales[sells] / total[sells, None]).mean(axis=0)
    largest = int(share.argmax())
    if share[largest] <= LARGE_SHARE or not year.outlook.panel.active[largest]:
        return []
    chance = _chance_to_stop(year.outlook.ramp, largest)
    # the client's own partner-months outweigh the belief beforehand
    own = year.outlook.ramp.hyper.churn_weight >= 2 * year.outlook.ramp.prior.churn_weight
    # a forecast of fewer months is carried on to a year, as the chance is one of a year
    a_year = YEAR / year.months
    margin = interval_of(year.sales[:, largest] * year.margin[largest]).scaled(a_year)
    name = str(year.outlook.panel.partner[largest])
    past = year.outlook.panel.revenue[:, -YEAR:]
    span, lost = months_in_words(past.shape[1]), year.money(margin.point)
    before = past[largest].sum() / max(past.sum(), 1e-9)
    return [
        year.decide(
            what=fit(
                [name], f"Back up {{}}: {percent(share[largest])} of partner sales come from there"
            ),
            kind="protect",
            subject=name,
            topic="dependence",
            value=margin.scaled(chance),
            because=f"It brought {percent(before)} of partner sales in the last {span}; it stops "
            f"within a year with a chance of {percent(chance)}, and then {lost} of margin a year "
            "is gone.",
            evidence="What they will bring",
            basis="measured" if own else "judgement",
        )
    ]


def _chance_to_stop(ramp: RampFit, row: int) -> float:
    """Chance that a partner does not sell any more in a year, or is silent for good already.

    1 - P(alive) E[(1 - δ)^12] with the monthly hazard δ of a beta law, and a beginner's beyond it,
    as in the forecast.
    """
    worth = ramp.hyper.churn_weight
    stays = (1.0 - ramp.hyper.churn) * worth
    ahead = np.arange(YEAR)
    stays_begun = np.prod(1.0 - ramp.hyper.early(ramp.tenure[row] + 1.0 + ahead))
    return float(1.0 - ramp.alive[row] * stays_begun * np.prod((stays + ahead) / (worth + ahead)))
