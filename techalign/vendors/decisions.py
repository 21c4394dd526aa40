"""What the vendor tables say to do: what to buy, to test, to decide and to ask.

The tables show chances, losses and protections; an owner needs the sentence that follows from
them. Money is what acting takes off the loss of an average year, never the loss itself: a company
that may cease in one year of twenty is not worth what its end would cost.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Hashable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from techalign.decision import Decision, first_things_first, fit
from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.formatting import compact, format_date, format_value
from techalign.numbers.intervals import Interval
from techalign.text import folded
from techalign.vendors.assessment import VendorRisk, expected_losses
from techalign.vendors.early_warning import EarlyWarnings
from techalign.vendors.hubs import parse_hubs
from techalign.vendors.mitigation import MitigationPlans

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["vendor_decisions"]

Record = dict[Hashable, Any]

FIRST = 3
"""Companies to look at first: more plans than that nobody makes beside the work."""
LARGE_SHARE = 1 / 1000
"""Share of yearly revenue from which an average year's loss deserves a plan: at a margin of a
tenth it is a hundredth of the profit."""
SMALL_SHARE = 1 / 10_000
"""Share of yearly revenue below which testing an export takes more time than it saves."""
FELT_SHARE = 1 / 100
"""Share of yearly revenue from which a loss is felt if it comes: half a week's revenue."""
BULK = 0.5
"""Share of revenue from which a company cannot be replaced without another business."""
RIDES = 0.5
"""Chance to fall with another company of the register from which the plan is that one's."""
SHARED = 3
"""Companies on a supplier from which it is shared; fewer are mostly its own further services."""
RECENT_YEARS = 0.5
"""Events of the last two quarters are asked about: those of the last one may be heard of late."""


@dataclass(frozen=True, kw_only=True)
class _Desk:
    """What all decisions of one client share."""

    risk: VendorRisk
    currency: str
    owner: str
    revenue: float

    def decide(self, by: dt.date | None = None, **said: Any) -> Decision:
        return Decision(area="vendors", owner=self.owner, by=by, unit=self.currency, **said)

    def money(self, amount: float) -> str:
        return compact(amount, self.currency)


def vendor_decisions(
    risk: VendorRisk,
    mitigation: MitigationPlans,
    warnings: EarlyWarnings | None = None,
    *,
    yearly_revenue: float,
    currency: str,
    owner: str,
    lead_days: int = 90,
) -> list[Decision]:
    """Say what to do about companies that may cease or leave, the most pressing first.

    A protection is worth the loss it avoids in an average year; of several for one company the
    one that leaves most after its cost is named. A tested export is worth what it saves of the
    records, a replacement that stands ready what it saves of moving and of the weeks until work
    is normal, in an average year. A supplier shared by many is worth at most what falls through
    it. Recent events at companies whose end would be felt become questions.

    An agreement that ends within a year is to be settled before it does, the more so the more its
    end may cost; a service whose counted outages are felt needs another way to work meanwhile.

    Days are given for agreements only: nothing in the tables says when a company will cease.

    Parameters
    ----------
    risk : VendorRisk
    mitigation : MitigationPlans
        Made of the same risk.
    warnings : EarlyWarnings, optional
        Of the same day; without them nothing is asked.
    yearly_revenue : float
        The client's, money, positive: what is large is judged by it.
    currency : str
        The client's, three letters.
    owner : str
        Person or role that decides.
    lead_days : int
        Days before an agreement's end by which to have settled what follows. An assumption.

    Returns
    -------
    list of Decision
        Their ranges are the ends of the assumptions' ranges.

    Raises
    ------
    ModelError
        If the revenue is not positive, the warnings are of another day, or a protection is for a
        company that is not in the register.

    Examples
    --------
    >>> import datetime as dt
    >>> import pandas as pd
    >>> from techalign.vendors import assess_vendors, mitigation_plans
    >>> day = dt.date(2026, 6, 30)
    >>> register = pd.DataFrame({
    ...     "vendor": ["Cobalt Docs", "Mill Foundry"], "relation": "indirect",
    ...     "role": ["documents", "castings"], "founded": [2023.0, 1990.0],
    ...     "sector": "all", "owner_kind": "private", "criticality": 4,
    ...     "revenue_share_depending": [0.05, 0.3], "records_held": [12000.0, 0.0],
    ...     "record_value": 1.5, "switching_cost": 2500.0, "retooling_cost": 0.0, "prepaid": 0.0,
    ...     "weeks_out": 4.0, "margin_per_week": 4000.0, "hubs": "", "export_tested": False,
    ...     "escrow": False, "second_source": False})
    >>> survival = pd.DataFrame({
    ...     "sector": "all", "age": [1, 3, 5, 10], "survival": [0.79, 0.6, 0.49, 0.34],
    ...     "low": [0.75, 0.56, 0.45, 0.32], "high": [0.81, 0.63, 0.52, 0.36],
    ...     "source": "published"})
    >>> risk = assess_vendors(register, survival, day)
    >>> offers = pd.DataFrame({
    ...     "vendor": ["Cobalt Docs"], "option": ["monthly export"], "yearly_cost": [180.0],
    ...     "probability_factor": [1.0], "loss_factor": [0.4]})
    >>> plans = mitigation_plans(risk.losses, risk.table["vendor"], offers)
    >>> for decision in vendor_decisions(
    ...     risk, plans, yearly_revenue=300_000.0, currency="USD", owner="Dana"
    ... ):
    ...     print(decision.what, round(decision.value.point))
    Protect Cobalt Docs: monthly export, for $180 a year 2222
    Line up a replacement for Mill Foundry: worth up to $221 a year 221
    """
    if not 0 < yearly_revenue < np.inf:
        raise ModelError("yearly_revenue", "must be positive", value=yearly_revenue)
    if warnings is not None and warnings.as_of != risk.as_of:
        raise ModelError("warnings", "are of another day than the risk", value=warnings.as_of)
    desk = _Desk(risk=risk, currency=currency, owner=owner, revenue=yearly_revenue)
    offers = mitigation.best.options
    places = {_key(name): row for row, name in enumerate(risk.table["vendor"])}
    for name in offers["vendor"]:
        if _key(name) not in places:
            raise ModelError("mitigation", "is for a company not in the register", value=name)
    bought = {_key(offer["vendor"]): offer for offer in _best_offers(offers, "net")}
    rivals = {_key(offer["vendor"]): offer for offer in _best_offers(offers, "el_avoided")}
    protections = [_protect(desk, places[key], offer, rivals[key]) for key, offer in bought.items()]
    named = Counter(map(_key, offers["vendor"]))
    replacements = _replacements(desk, set(bought), named)
    exports = _exports(desk, set(bought))
    questions = _questions(desk, warnings, places)
    return first_things_first(
        [
            *protections, *replacements, *exports, *_split(desk), *_renewals(desk, lead_days),
            *_outages(desk), *questions,
        ],
        risk.as_of,
    )  # fmt: skip


def _key(name: object) -> str:
    return folded(str(name))


def _intervals(risk: VendorRisk, money: dict[str, Floats]) -> list[Interval]:
    """What an average year has of it, one row per vendor."""
    found = expected_losses(risk.year, money)
    rows = zip(found["point"].tolist(), found["low"].tolist(), found["high"].tolist(), strict=True)
    return [Interval(point, low, high, 1.0) for point, low, high in rows]


# Protections worth their cost.


def _best_offers(offers: pd.DataFrame, by: str) -> list[Record]:
    """Of each company's protections that pay for themselves the one with most of a column."""
    paying = offers[offers["net"] > 0].sort_values(by, ascending=False, kind="stable")
    return paying[~paying["vendor"].map(_key).duplicated()].to_dict("records")


def _protect(desk: _Desk, row: int, offer: Record, rival: Record) -> Decision:
    point, low, high = (
        float(desk.risk.table[name].iloc[row])
        for name in ("expected_loss", "expected_loss_low", "expected_loss_high")
    )
    avoided, cost = float(offer["el_avoided"]), float(offer["yearly_cost"])
    # what remains is a share of the loss: its range is the loss's
    value = Interval(avoided, avoided * low / point, avoided * high / point, 1.0)
    late, least, most = (max(end - cost, 0.0) / 4.0 for end in (value.point, value.low, value.high))
    vendor = str(desk.risk.table["vendor"].iloc[row])
    price = f"for {desk.money(cost)} a year" if cost > 0 else "at no cost"
    return desk.decide(
        what=fit((str(offer["option"]), vendor), "Protect {1}: {0}, " + price),
        kind="protect",
        subject=vendor,
        topic=str(offer["option"]),
        value=value,
        cost=Interval(cost, cost, cost, 1.0) if cost > 0 else None,
        waiting=Interval(late, least, most, 1.0),
        because=_why_protect(desk, offer, rival, point, pays_low=value.low > cost),
        evidence="What is worth buying",
        basis="judgement",
    )


def _why_protect(
    desk: _Desk, offer: Record, rival: Record, expected: float, *, pays_low: bool
) -> str:
    said = (
        f"It stands for {desk.money(expected)} of the loss of an average year, and this takes away "
        f"{desk.money(offer['el_avoided'])} of it"
    )
    if rival["option"] != offer["option"]:
        more, dearer = (rival[c] - offer[c] for c in ("el_avoided", "yearly_cost"))
        said += (
            f'; "{rival["option"]}" would take away {desk.money(more)} more and cost '
            f"{desk.money(dearer)} more"
        )
    tail = "" if pays_low else ", but at the low end of the ranges it costs more than it saves"
    return f"{said}{tail}."


# Companies to look at first.


def _replacements(desk: _Desk, bought: set[str], named: Counter[str]) -> Iterator[Decision]:
    """Plan for the largest losses that nothing on offer makes smaller for less than it saves."""
    risk = desk.risk
    saved = _intervals(risk, _saved_by_second_source(risk))
    losses = risk.table["expected_loss"].to_numpy(float)
    rides = _rides(risk)
    for row in np.argsort(-losses, kind="stable")[:FIRST].tolist():
        key = _key(risk.table["vendor"].iloc[row])
        large = losses[row] >= LARGE_SHARE * desk.revenue
        if large and key not in bought and not rides[row] and saved[row].point > 0:
            yield _replace(desk, row, saved[row], named[key])


def _replace(desk: _Desk, row: int, saved: Interval, offers: int) -> Decision:
    of = desk.risk.table.iloc[row]
    share = float(of["revenue_share"])
    plan, worth = (
        ("Plan how to go on without {}: ", f"{format_value(share, '%')} of revenue stops with it")
        if share >= BULK
        else ("Line up a replacement for {}: ", f"worth up to {desk.money(saved.point)} a year")
    )
    protection = {
        0: "no protection is named for it",
        1: "the protection named for it costs more than it saves",
    }.get(offers, f"none of the {offers} protections named for it is worth its cost")
    return desk.decide(
        what=fit((str(of["vendor"]),), plan + worth),
        kind="decide",
        subject=str(of["vendor"]),
        topic="replacement",
        value=saved,
        because=f"Its end would cost {desk.money(of['lgd'])}, {desk.money(of['expected_loss'])} "
        f"a year on average, and {protection}; a replacement that stands ready is worth it "
        f"up to {desk.money(saved.point)} a year.",
        evidence="Which to look at first",
        basis="judgement",
        assumes=("second_source_factor",),
    )


def _saved_by_second_source(risk: VendorRisk) -> dict[str, Floats]:
    """Money that a second supplier would save if the first ceased: moving and lost margin."""
    without = ~risk.register["second_source"].to_numpy(bool)
    left, eased = risk.exposure.assumptions.second_source_factor, ["switching", "margin"]
    point, low, high = (
        getattr(risk.exposure, part)[eased].to_numpy(float) * (1.0 - remains) * without[:, None]
        for part, remains in (("parts", left.point), ("low", left.high), ("high", left.low))
    )
    return _within_loss(risk, point, low, high)


def _within_loss(risk: VendorRisk, point: Floats, low: Floats, high: Floats) -> dict[str, Floats]:
    """Add up parts saved, their ranges as independent; under a cap less is saved, (n,).

    Parameters
    ----------
    point, low, high : ndarray, shape (n, parts)
    """
    total = point.sum(axis=1)
    ends = {
        "point": total,
        "low": np.maximum(total - np.sqrt(((point - low) ** 2).sum(axis=1)), 0.0),
        "high": total + np.sqrt(((high - point) ** 2).sum(axis=1)),
    }
    loss = risk.exposure.lgd["point"].to_numpy(float)
    beyond = risk.exposure.parts.to_numpy(float).sum(axis=1) - loss
    return {end: np.maximum(saved - np.maximum(beyond, 0.0), 0.0) for end, saved in ends.items()}


def _rides(risk: VendorRisk) -> list[bool]:
    """Whether a vendor mostly falls with another of the register, whose plan is then the plan."""
    hubs = parse_hubs(risk.register)
    own = np.array([row >= 0 for row in hubs.own], dtype=bool)
    return [bool(falls.any()) for falls in hubs.takes[:, own] >= RIDES]


# Exports nobody has tested.


def _exports(desk: _Desk, bought: set[str]) -> Iterator[Decision]:
    """Test exports; where a protection is bought, it already takes the same loss away."""
    saved = _intervals(desk.risk, _saved_by_test(desk.risk))
    given = desk.risk.exposure.assumptions
    lost, still = (
        format_value(share.point, "%")
        for share in (given.records_lost_untested_export, given.records_lost_tested_export)
    )
    for row, value in enumerate(saved):
        of = desk.risk.register.iloc[row]
        vendor = str(of["vendor"])
        if value.point < SMALL_SHARE * desk.revenue or _key(vendor) in bought:
            continue
        records = format_value(float(of["records_held"]))
        yield desk.decide(
            what=fit(
                (vendor,), f"Test a full export from {{}}: worth {desk.money(value.point)} a year"
            ),
            kind="act",
            subject=vendor,
            topic="export",
            value=value,
            because=f"It keeps {records} records of yours and nobody has tested that they can be "
            f"taken out: if it ceases, {lost} of them are taken as lost, after a test {still}.",
            evidence="What it would cost",
            basis="judgement",
            assumes=("records_lost_untested_export", "records_lost_tested_export"),
        )


def _saved_by_test(risk: VendorRisk) -> dict[str, Floats]:
    """Money that a tested export would save if the company ceased."""
    of, given = risk.register, risk.exposure.assumptions
    before, after = given.records_lost_untested_export, given.records_lost_tested_export
    untested = ~of["export_tested"].to_numpy(bool)
    worth = of["records_held"].to_numpy(float) * of["record_value"].to_numpy(float) * untested
    escrow = of["escrow"].to_numpy(bool)
    point, low, high = (
        worth * np.where(escrow, remains, 1.0) * max(fewer, 0.0)
        for remains, fewer in (
            (given.escrow_factor.point, before.point - after.point),
            (given.escrow_factor.low, before.low - after.high),
            (given.escrow_factor.high, before.high - after.low),
        )
    )
    return _within_loss(risk, point[:, None], low[:, None], high[:, None])


# A supplier that many of the companies run on.


def _split(desk: _Desk) -> Iterator[Decision]:
    """Decide about the worst supplier shared by several, if much falls through it."""
    hubs = desk.risk.hubs
    for hub in hubs[hubs["vendors"] >= SHARED].head(1).to_dict("records"):
        point, high = (
            max(losses.el - losses.without_hub(hub["hub"]).el, 0.0)
            for losses in (desk.risk.losses, desk.risk.losses_high)
        )
        if point < LARGE_SHARE * desk.revenue:
            continue
        yield desk.decide(
            what=fit(
                (str(hub["hub"]),),
                f"Decide what to move off {{}}: {hub['vendors']} companies run on it",
            ),
            kind="decide",
            subject=str(hub["hub"]),
            topic="shared supplier",
            # where they move may fail as well: then bad years fall apart, the average stays
            value=Interval(point, 0.0, max(high, point), 1.0),
            because=f"A year in which it falls would cost {desk.money(hub['loss_if_down'])}; "
            f"{desk.money(point)} in an average year comes through the companies on it, the most "
            "that moving them can save.",
            evidence="How much hangs on few, and what they share",
            basis="judgement",
            assumes=("hub_takedown_probability", "hub_failure_probability"),
        )


# What is short of ceasing.


def _renewals(desk: _Desk, lead_days: int) -> Iterator[Decision]:
    """Settle what follows on each agreement that ends within a year, if its end would be felt."""
    for vendor, events in desk.risk.agreements.table.groupby("vendor", sort=False):
        ends = [float(events[f"expected_loss{end}"].sum()) for end in ("", "_low", "_high")]
        if float(events["loss"].max()) < FELT_SHARE * desk.revenue or ends[0] <= 0:
            continue
        first = events.iloc[0]
        day = first["ends"].date()
        said = " and ".join(
            f"{desk.money(e['loss'])} if it is {_happens(e['what'])} "
            f"({format_value(e['chance'], '%')})"
            for e in events.to_dict("records")
        )
        yield desk.decide(
            by=max(day - dt.timedelta(days=lead_days), desk.risk.as_of),
            what=fit(
                (str(vendor),), f"Settle with {{}} before {format_date(day)} whether to go on"
            ),
            kind="decide",
            subject=str(vendor),
            topic="agreement",
            # settling it may still end in a no
            value=Interval(ends[0], 0.0, ends[2], 1.0),
            because=f"The agreement ends in {first['days_left']} days, and would cost {said}.",
            evidence="Agreements that end",
            basis="judgement",
            assumes=("agreement_not_renewed",) if (events["judged"] == "assumed").any() else (),
        )


def _happens(what: str) -> str:
    return "renewed on worse terms" if what == "worse terms" else what


def _outages(desk: _Desk) -> Iterator[Decision]:
    """Another way to work for the service whose counted outages cost most, if they are felt."""
    counted = desk.risk.outages[desk.risk.outages["basis"] == "counted"]
    for row in counted.head(1).to_dict("records"):
        if row["cost"] < LARGE_SHARE * desk.revenue:
            continue
        yield desk.decide(
            what=fit(
                (str(row["vendor"]),),
                f"Find a way to work while {{}} is down: {desk.money(row['cost'])} a year",
            ),
            kind="protect",
            subject=str(row["vendor"]),
            topic="outage",
            value=Interval(row["cost"], 0.0, row["cost_high"], 1.0),
            because=f"You counted {row['hours']:.0f} hours in which it was down, and an hour of "
            f"work without it costs {desk.money(row['cost_hour'])}: the most that can be saved.",
            evidence="When a service is down",
            basis="judgement",
            assumes=("outage_hours_next_year", "outage_hours_at_work"),
        )


# Events to ask about.


def _questions(
    desk: _Desk, warnings: EarlyWarnings | None, places: dict[str, int]
) -> Iterator[Decision]:
    """Ask about the latest event of each company whose end would be felt."""
    if warnings is None:
        return
    asked: set[str] = set()
    for event in warnings.table.to_dict("records"):
        key = _key(event["vendor"])
        if key in asked or key not in places or event["years_ago"] > RECENT_YEARS:
            continue
        asked.add(key)
        of = desk.risk.table.iloc[places[key]]
        if of["lgd"] >= FELT_SHARE * desk.revenue:
            yield _ask(desk, of, event)


def _ask(desk: _Desk, of: pd.Series[Any], event: Record) -> Decision:
    note = str(event["note"]).strip() or f"a change of {event['kind']}"
    return desk.decide(
        what=fit((note, str(of["vendor"])), "Ask {1} what this means: {0}"),
        kind="ask",
        subject=str(of["vendor"]),
        topic=str(event["kind"]),
        because=f"It became known on {format_date(event['date'].date())}; the end of this company "
        f"would cost {desk.money(of['lgd'])}, and its chance is taken as "
        f"{event['factor']:.1f} times the usual because of it.",
        evidence="Warnings",
        basis="judgement",
        assumes=(f"{event['kind']}_change_hazard", "event_half_life"),
    )
