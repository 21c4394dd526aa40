"""What the partner tables say to do: close the gap to plan, back up a partner, stop waiting.

The tables show chances and ramps; an owner needs the sentence that follows from them. Money is
margin and not sales, and of the coming 12 months, because a sale that does not come costs the
client no more than what it would have earned on it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd

from techalign.decision import Basis, Decision, first_things_first, fit
from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats
from techalign.numbers.formatting import compact, format_value
from techalign.numbers.intervals import Interval, interval_of
from techalign.numbers.periods import month_index
from techalign.partners.activation import Activation
from techalign.partners.care import PartnerCare, care_decisions
from techalign.partners.gap import gap_to_plan
from techalign.partners.lead_time import LeadTime, last_day_to_recruit
from techalign.partners.outlook import PartnerOutlook
from techalign.partners.posterior import curve
from techalign.partners.ramp import RampFit

__all__ = ["partner_decisions"]

YEAR = 12
QUARTER = 3
LARGE_SHARE = 0.3
"""A partner that brings more of the coming sales than this is one to be backed up."""
RECENT_MONTHS = 6
"""Costs of so many months are taken to go on, as in the channel's economics."""
KEEPING = ("manage", "market funds")
"""What a partner costs as long as it is kept; recruiting and enabling are spent."""
FEW_STARTS = 5
"""With fewer first sales seen, starting rests more on other firms than on the client."""
_OF_OTHERS = ("partner_never_sells", "partner_start_months")


@dataclass(frozen=True, kw_only=True)
class _Year:
    """The coming 12 months at most, and what all decisions of one client share.

    ``draws`` (S, N, H), money per month; ``margin`` (N,), 0 to 1; ``besides`` (N,), money a year
    that each brings besides sales.
    """

    outlook: PartnerOutlook
    draws: Floats
    margin: Floats
    besides: Floats
    as_of: dt.date
    currency: str
    owner: str

    @cached_property
    def sales(self) -> Floats:
        """Sales of each partner over the months, shape (S, N), money."""
        totals: Floats = self.draws.sum(axis=2)
        return totals

    @property
    def months(self) -> int:
        """Months ahead, 12 or fewer."""
        return int(self.draws.shape[2])

    def decide(self, by: dt.date | None = None, **said: Any) -> Decision:
        """Fill in what is common."""
        return Decision(area="partners", owner=self.owner, unit=self.currency, by=by, **said)

    def money(self, amount: float) -> str:
        """Write an amount in few characters."""
        return compact(amount, self.currency)


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
    Close the gap to plan: partners fall $28.9k short in 12 months (76% likely)
    Back up Alder: 96% of partner sales come from there
    Stop waiting for Birch: 11 months without a sale, 4% to start
    """
    name = outlook.panel.partner
    year = _Year(
        outlook=outlook,
        draws=outlook.draws[:, :, :YEAR],
        margin=_margins(outlook, partners),
        besides=care.network.of(name) if care else np.zeros(len(name)),
        as_of=as_of,
        currency=currency,
        owner=owner,
    )
    costs = _keeping_costs(outlook, investment, set(partners["partner"]))
    found = [
        *_close_gap(year, lead),
        *_back_up(year),
        *_stop_waiting(year, costs),
        *_ask(year, costs),
    ]
    if care is not None:
        found += care_decisions(care, outlook, partners, currency, owner)
    return first_things_first(found, as_of)


def _margins(outlook: PartnerOutlook, partners: pd.DataFrame) -> Floats:
    row = pd.Index(partners["partner"]).get_indexer(pd.Index(outlook.panel.partner))
    if (row < 0).any():
        raise ModelError("partners", "lacks a partner", value=outlook.panel.partner[row < 0][0])
    margin: Floats = partners["margin"].to_numpy(dtype=float)[row]
    return margin


def _rests_on(activation: Activation) -> dict[str, Any]:
    """Tell what the chances to start rest on: the client's own first sales, or other firms'."""
    own = activation.sold >= FEW_STARTS
    basis: Basis = "measured" if own else "published"
    return {"basis": basis, "assumes": () if own else _OF_OTHERS}


# The plan as a whole.


def _close_gap(year: _Year, lead: LeadTime | None) -> list[Decision]:
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
    span, chance = _months(planned), _percent(short.probability)
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
            **_rests_on(year.outlook.activation),
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


def _back_up(year: _Year) -> list[Decision]:
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
    span, lost = _months(past.shape[1]), year.money(margin.point)
    before = past[largest].sum() / max(past.sum(), 1e-9)
    return [
        year.decide(
            what=fit(
                [name], f"Back up {{}}: {_percent(share[largest])} of partner sales come from there"
            ),
            kind="protect",
            subject=name,
            topic="dependence",
            value=margin.scaled(chance),
            because=f"It brought {_percent(before)} of partner sales in the last {span}; it stops "
            f"within a year with a chance of {_percent(chance)}, and then {lost} of margin a year "
            "is gone.",
            evidence="What they will bring",
            basis="measured" if own else "judgement",
        )
    ]


def _chance_to_stop(ramp: RampFit, row: int) -> float:
    """Chance that a partner does not sell any more in a year, or is silent for good already.

    1 - P(alive) E[(1 - δ)^12] with the monthly hazard δ of a beta law, as in the forecast.
    """
    worth = ramp.hyper.churn_weight
    stays = (1.0 - ramp.hyper.churn) * worth
    ahead = np.arange(YEAR)
    return float(1.0 - ramp.alive[row] * np.prod((stays + ahead) / (worth + ahead)))


# Partners to stop waiting for.


@dataclass(frozen=True, kw_only=True)
class _Keeping:
    """What each partner costs a year to keep, shape (N,), money; ``known`` tells where.

    ``own`` is spent on it alone, ``share`` its equal part of what is spent on all.
    """

    own: Floats
    share: float
    known: Flags


def _keeping_costs(outlook: PartnerOutlook, spent: pd.DataFrame, listed: set[str]) -> _Keeping:
    """Read the costs of the last six months off the table and carry them on for a year."""
    panel = outlook.panel
    end = panel.first_month + panel.revenue.shape[1]
    month = month_index(spent["month"]).to_numpy().astype(np.int64)
    recent = (month >= end - RECENT_MONTHS) & (month < end)
    rows = spent[recent & spent["kind"].isin(KEEPING).to_numpy()]
    shared = rows[~rows["partner"].isin(listed)]
    named = rows.groupby("partner")["amount"].sum().reindex(panel.partner)
    signed = panel.revenue.shape[1] - panel.contract_month
    span = np.clip(signed, 1, RECENT_MONTHS)
    running = max(int((~panel.ended).sum()), 1)
    return _Keeping(
        own=named.fillna(0.0).to_numpy(dtype=float) / span * YEAR,
        share=float(shared["amount"].sum()) / RECENT_MONTHS * YEAR / running,
        known=named.notna().to_numpy() | (not shared.empty),
    )


def _silent(outlook: PartnerOutlook) -> Flags:
    """Mark partners under contract that have never sold, shape (N,)."""
    return ~outlook.panel.active & ~outlook.panel.ended


def _stop_waiting(year: _Year, costs: _Keeping) -> Iterator[Decision]:
    """Let go what costs more to keep than its chance to start is worth."""
    silent, panel = _silent(year.outlook), year.outlook.panel
    age = panel.revenue.shape[1] - panel.contract_month
    chances = year.outlook.activation.p_activate(age, float(YEAR), panel.strategic, panel.cycles)
    segments = np.unique(panel.segment[silent & costs.known])
    sold = {kind: _first_year(year.draws[:, silent & (panel.segment == kind)]) for kind in segments}
    for row in np.flatnonzero(silent & costs.known):
        first_year = sold[panel.segment[row]] * float(year.margin[row])
        own = float(costs.own[row])
        # the time of those who look after all is freed, not surely saved: half of it counts
        saved = own + costs.share / 2.0
        lost = float(chances[row]) * first_year + float(year.besides[row])
        if lost < saved:
            yield _let_go(year, int(row), (own, costs.share), (float(chances[row]), first_year))


def _let_go(
    year: _Year, row: int, cost: tuple[float, float], start: tuple[float, float]
) -> Decision:
    """Stop waiting for one partner: its own cost and share of all, its chance and first year."""
    (own, share), (chance, first_year) = cost, start
    besides = float(year.besides[row])
    saved, lost = own + share / 2.0, chance * first_year + besides
    name = str(year.outlook.panel.partner[row])
    waited = year.outlook.panel.revenue.shape[1] - int(year.outlook.panel.contract_month[row])
    rests: dict[str, Any] = _rests_on(year.outlook.activation)
    if share:
        rests["basis"] = "judgement"
    brings = year.sales[:, row] * year.margin[row] + besides
    return year.decide(
        what=fit(
            [name],
            f"Stop waiting for {{}}: {_months(waited)} without a sale, {_percent(chance)} to start",
        ),
        kind="stop",
        subject=name,
        topic="no sale",
        value=Interval(saved - lost, own - lost, own + share - lost),
        pays=float((brings < saved).mean()) if year.months == YEAR else None,
        because=_why_let_go(year, cost, start, besides),
        evidence="When signed partners start to sell",
        **rests,
    )


def _why_let_go(
    year: _Year, cost: tuple[float, float], start: tuple[float, float], besides: float
) -> str:
    (own, share), (chance, first_year) = cost, start
    prices = [f"{year.money(own)} a year of its own"] if own else []
    if share:
        prices.append(f"up to {year.money(share)} a year as its part of what is spent on all")
    worth = f"; one that starts brings {year.money(first_year)} of margin in its first year"
    more = f"; besides sales it brings {year.money(besides)} a year" if besides else ""
    return (
        f"Its chance to start within a year is {_percent(chance)}{worth if first_year else ''}"
        f"{more}, "
        f"and keeping it costs {' and '.join(prices)}."
    )


def _first_year(draws: Floats) -> float:
    """Expected sales of a partner in the 12 months from its first sale, money.

    Pooled over the futures, shape (S, n, H), in which one of n silent partners starts; each
    month since the first sale is averaged over the futures that reach it, and the last month
    reached stands for later ones. 0 where none starts.
    """
    futures = draws.reshape(-1, draws.shape[2])
    futures = futures[(futures > 0).any(axis=1)]
    if not futures.size:
        return 0.0
    start = (futures > 0).argmax(axis=1)
    month = np.arange(draws.shape[2]) - start[:, None]
    reached = month >= 0
    count = np.bincount(month[reached])
    means = np.bincount(month[reached], weights=futures[reached]) / count
    return float(means.sum() + (YEAR - means.size) * means[-1])


def _ask(year: _Year, costs: _Keeping) -> list[Decision]:
    """Ask once what silent partners cost, where the table does not tell."""
    count = int((_silent(year.outlook) & ~costs.known).sum())
    if not count:
        return []
    who, verb = (
        ("a signed partner", "costs") if count == 1 else (f"{count} signed partners", "cost")
    )
    return [
        year.decide(
            what=f"Note what {who} without a sale {verb} to keep each month",
            kind="ask",
            subject="silent partners",
            topic="cost",
            because="What was spent on them in the last six months is not on record, so nobody can "
            "tell whether waiting costs more than they may bring.",
            evidence="When signed partners start to sell",
            basis="measured",
        )
    ]


# Words.


def _percent(chance: float) -> str:
    """Write a chance in whole per cent; what rounds to never or always is not said to be so."""
    if chance < 0.005:
        return "under 1%"
    if 0.995 <= chance < 1.0:
        return "over 99%"
    return format_value(round(chance, 2), "%")


def _months(count: int) -> str:
    return "1 month" if count == 1 else f"{count} months"
