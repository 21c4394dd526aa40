"""What there is to do about the companies a client depends on, each with what it is worth.

Five things are looked for: protections on offer that pay for themselves; exports nobody has
tested; companies among the costliest for which nothing is on offer; a supplier that several
companies share; and news of a company whose end would be expensive. About one company only the
decision that leaves most is kept: a second source and a tested export save some of the same money,
and two sums for one loss would be counted twice.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from techalign.decision import LONGEST, Decision, DecisionKind, first_things_first
from techalign.numbers.formatting import compact, format_date, format_value
from techalign.numbers.intervals import Interval
from techalign.vendors.early_warning import EarlyWarnings
from techalign.vendors.hubs import hub_losses, parse_hubs
from techalign.vendors.mitigation import MitigationPlans

if TYPE_CHECKING:
    import pandas as pd

    from techalign.vendors.assessment import VendorRisk

__all__ = ["vendor_decisions"]

FIRST = 3
"""Companies by expected loss among which a second source is looked for: as many as an owner takes
up at one review."""

LARGE = 0.001
"""Expected loss a year as a share of revenue from which on it is worth a decision of its own. Of a
business that keeps a tenth of its revenue it is a hundredth of a year's profit: a day's work."""

COSTLY = 0.01
"""Loss if it happens as a share of revenue from which on news of a company, or a supplier that
several share, is worth a thought: at the same margin more than a month's profit."""

WORTH_AN_HOUR = 0.0002
"""Expected loss a year as a share of revenue from which on what costs hours and no money is worth
naming: a business takes so much in less than half an hour of its year."""

CARRIES = 0.5
"""Share of revenue from which on a company is what the business is built on (its franchisor, its
landlord): there is no second source for that, only the question what would take its place."""

RECENT_DAYS = 182
"""Days for which news counts as new: two quarters, so that no review misses any."""

CLOSE = 1.1
"""What a protection saves as a multiple of its cost up to which the two are about the same: the
adviser's own figures are not surer than that."""

ASSUMED_OF_PART = {
    "switching": "switching_cost_factor",
    "retooling": "switching_cost_factor",
    "prepaid": "prepaid_lost",
    "margin": "weeks_out_factor",
}

QUESTION = {
    "ownership": "what its new owner plans",
    "structure": "what its reorganisation changes for you",
    "personnel": "who does the work of those who left",
    "policy": "what its new terms mean for you",
    "environment": "how it copes with what has changed around it",
}


@dataclass(frozen=True, kw_only=True)
class _Case:
    """What every decision of one client needs."""

    risk: VendorRisk
    owner: str
    unit: str
    revenue: float

    def vendor(self, row: int) -> dict[str, Any]:
        """What the tables say of the vendor in a row, from 0."""
        rows = (self.risk.register.iloc[row], self.risk.table.iloc[row])
        return {str(key): value for one in rows for key, value in one.items()}

    def chance(self, row: int) -> Interval:
        """To cease within a year, by itself or with a hub."""
        every = (self.risk.losses, self.risk.losses_low, self.risk.losses_high)
        return Interval(*(float(losses.chance[row]) for losses in every))

    def money(self, value: float) -> str:
        return compact(value, self.unit)

    def decide(
        self, kind: DecisionKind, subject: str, what: tuple[str, str], **more: Any
    ) -> Decision:
        """A decision about ``subject``, whose name stands between the two parts of ``what``."""
        before, after = what
        name = _cut(subject, LONGEST - len(before) - len(after))
        return Decision(
            what=f"{before}{name}{after}", area="vendors", kind=kind, subject=subject,
            owner=self.owner, unit=self.unit, **({"by": None, "basis": "judgement"} | more),
        )  # fmt: skip


def vendor_decisions(
    risk: VendorRisk,
    mitigation: MitigationPlans,
    *,
    owner: str,
    currency: str,
    yearly_revenue: float,
    warnings: EarlyWarnings | None = None,
) -> list[Decision]:
    """Find what to do about the companies a client depends on.

    Parameters
    ----------
    risk : VendorRisk
        See :func:`assess_vendors`.
    mitigation : MitigationPlans
        Protections on offer to vendors of ``risk``, see :func:`mitigation_plans`.
    owner : str
        Who decides: a person or a role.
    currency : str
        Of all money in ``risk``, such as ``"USD"``.
    yearly_revenue : float
        Money a year, positive: what is large is measured by it.
    warnings : EarlyWarnings, optional
        Events, see :func:`early_warnings`.

    Returns
    -------
    list of Decision
        What waiting costs most first, questions without money last. Ranges combine those of the
        chance, the loss and the effect as independent.

    Examples
    --------
    A small register without protections on offer:

    >>> import datetime as dt, pandas as pd
    >>> from techalign.vendors import assess_vendors, mitigation_plans
    >>> facts = pd.DataFrame(
    ...     [("all", age, s, 0.95 * s, 1.05 * s, "BLS")
    ...      for age, s in {1: 0.787, 5: 0.492, 10: 0.338, 15: 0.255}.items()],
    ...     columns=["sector", "age", "survival", "low", "high", "source"])
    >>> vendor = {
    ...     "vendor": "Cobalt Docs", "relation": "indirect", "role": "documents",
    ...     "founded": 2023.0, "sector": "all", "owner_kind": "private", "hubs": "",
    ...     "revenue_share_depending": 0.1, "records_held": 30_000.0, "record_value": 2.0,
    ...     "switching_cost": 1500.0, "retooling_cost": 0.0, "prepaid": 0.0,
    ...     "weeks_out": 0.0, "margin_per_week": 0.0, "export_tested": False,
    ...     "escrow": False, "second_source": False}
    >>> risk = assess_vendors(pd.DataFrame([vendor]), facts, dt.date(2026, 7, 1))
    >>> nothing = pd.DataFrame(
    ...     columns=["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"])
    >>> plans = mitigation_plans(risk.losses, risk.table["vendor"], nothing)
    >>> found = vendor_decisions(
    ...     risk, plans, owner="the owner", currency="USD", yearly_revenue=1e6)
    >>> [decision.what for decision in found]
    ['Test a full export from Cobalt Docs, which keeps $60k of records']
    """
    case = _Case(risk=risk, owner=owner, unit=currency, revenue=yearly_revenue)
    found = [
        *_protections(case, mitigation.best.options),
        *_tests(case),
        *_costliest(case, mitigation.best.options),
    ]
    kept = [*_one_each(case, found), *_shared(case), *_news(case, warnings)]
    return first_things_first(kept, risk.as_of)


def _protections(case: _Case, options: pd.DataFrame) -> list[Decision]:
    """Of each company's options that avoid more than they cost the one that leaves most.

    A plan takes what avoids most within its budget, which may be a dearer option that leaves
    less; the reason then names it, so that the page does not contradict itself.
    """
    by_row: dict[int, list[dict[str, Any]]] = {}
    for option in options[options["net"] > 0].to_dict("records"):
        row = _rows_by_name(case.risk)[str(option["vendor"]).strip().casefold()]
        by_row.setdefault(row, []).append({str(key): value for key, value in option.items()})
    found = []
    for row, offers in by_row.items():
        best = max(offers, key=lambda offer: offer["net"])
        option, cost, avoided = (best[c] for c in ("option", "yearly_cost", "el_avoided"))
        vendor, chance = case.vendor(row), case.chance(row)
        # the effect is as sure as the loss it is a share of
        value = _expected(vendor).scaled(float(avoided / vendor["expected_loss"]))
        waiting = (max(end - cost, 0.0) / 4.0 for end in (value.point, value.low, value.high))
        price = f", {case.money(cost)} a year" if cost else ""
        room = LONGEST - len(f"Secure : {price}") - min(len(vendor["vendor"]), LONGEST // 2)
        found.append(case.decide(
            "protect", vendor["vendor"], ("Secure ", f": {_cut(str(option), room)}{price}"),
            topic=str(option), by=_last_day(vendor), value=value, waiting=Interval(*waiting),
            cost=Interval(cost, cost, cost, 1.0) if cost else None,
            because=f"{_at_stake(case, vendor, chance)}; this would save {case.money(avoided)} in "
            "an average year" + (f" for {case.money(cost)}" if cost else "")
            + (", hardly more than it costs." if avoided < CLOSE * cost else ".")
            + "".join(_dearer(case, best, offer) for offer in offers if offer["chosen"]),
            evidence="What is worth buying", assumes=(_leans_on(case, row),),
        ))  # fmt: skip
    return found


def _dearer(case: _Case, best: dict[str, Any], planned: dict[str, Any]) -> str:
    if planned["option"] == best["option"]:
        return ""
    option, names = planned["option"], ("el_avoided", "yearly_cost")
    saved, spent = (case.money(planned[name] - best[name]) for name in names)
    return f" The plan without a budget names {option}: {saved} more saved for {spent} more."


def _tests(case: _Case) -> list[Decision]:
    """Exports nobody has tried, of records that would cost something to rebuild."""
    given, found = case.risk.exposure.assumptions, []
    untested, tested = given.records_lost_untested_export, given.records_lost_tested_export
    spared = _difference(untested, tested)
    certain = Interval(1.0, 1.0, 1.0)
    for row in range(len(case.risk.table)):
        vendor = case.vendor(row)
        held = float(vendor["records_held"] * vendor["record_value"])
        if held <= 0 or vendor["export_tested"]:
            continue
        chance, escrow = case.chance(row), given.escrow_factor if vendor["escrow"] else certain
        value = _capped(case, row, held, _product(chance, spared, escrow))
        if value.point < WORTH_AN_HOUR * case.revenue:
            continue
        found.append(case.decide(
            "act", vendor["vendor"],
            ("Test a full export from ", f", which keeps {case.money(held)} of records"),
            topic="export", by=_last_day(vendor), value=value,
            because=f"Rebuilding what {vendor['vendor']} keeps would cost {case.money(held)}, and "
            f"nobody has tried to get it out; if it ceases (a chance of {_percent(chance)} a "
            "year), what was never exported is likely gone.",
            evidence="What it would cost",
            assumes=("records_lost_untested_export", "records_lost_tested_export"),
        ))  # fmt: skip
    return found


def _costliest(case: _Case, options: pd.DataFrame) -> list[Decision]:
    """The costliest companies against whose end nothing is on offer, or nothing that pays."""
    offered, bought = (
        {str(name).strip().casefold() for name in rows["vendor"]}
        for rows in (options, options[options["chosen"]])
    )
    expected, found = case.risk.table["expected_loss"].to_numpy(), []
    for row in np.argsort(-expected, kind="stable")[:FIRST].tolist():
        vendor = case.vendor(row)
        name = str(vendor["vendor"]).strip().casefold()
        if vendor["second_source"] or expected[row] < LARGE * case.revenue:
            continue
        if vendor["revenue_share"] >= CARRIES:
            if name not in bought and not _goes_with_another(case, row):
                found.append(_without_it(case, vendor, case.chance(row)))
        elif name not in offered:
            found += _second_source(case, vendor, row)
    return found


def _goes_with_another(case: _Case, row: int) -> bool:
    """Whether it runs on one that the business is built on as well: one question serves both."""
    hubs, shares = parse_hubs(case.risk.register), case.risk.table["revenue_share"].to_numpy()
    below = (other for other, takes in zip(hubs.own, hubs.takes[row], strict=True) if takes > 0)
    return any(shares[other] >= CARRIES for other in below if other >= 0)


def _second_source(case: _Case, vendor: dict[str, Any], row: int) -> list[Decision]:
    at_stake, ending = case.risk.exposure, _last_day(vendor)
    ends = (at_stake.parts, at_stake.low, at_stake.high)
    money = _sum(*(
        Interval(*(float(frame[part].iloc[row]) for frame in ends))
        for part in ("switching", "margin")
    ))  # fmt: skip
    if money.point <= 0:
        return []
    spared = _difference(Interval(1.0, 1.0, 1.0), at_stake.assumptions.second_source_factor)
    share = _product(case.chance(row), spared, money.scaled(1.0 / money.point))
    value = _capped(case, row, money.point, share)
    before = "" if ending is None else f" before {format_date(ending)}"
    return [
        case.decide(
            "decide", vendor["vendor"],
            ("Find a second source for ", f"{before}: {case.money(vendor['lgd'])} if it ceases"),
            topic="second source", by=ending, value=value,
            because=f"{_at_stake(case, vendor, case.chance(row))}, and nothing is on offer "
            f"against it yet; with another supplier ready, {case.money(value.point)} of the "
            f"{case.money(vendor['expected_loss'])} this costs in an average year would go.",
            evidence="Which to look at first",
            assumes=("second_source_factor", _leans_on(case, row)),
        )
    ]  # fmt: skip


def _without_it(case: _Case, vendor: dict[str, Any], chance: Interval) -> Decision:
    """What the business is built on has no second source: a question instead."""
    share = format_value(float(vendor["revenue_share"]), "%")
    return case.decide(
        "ask", vendor["vendor"],
        ("Find out what you would do without ", f": {share} of revenue hangs on it"),
        topic="without it", by=_last_day(vendor), basis="published",
        because=f"{_at_stake(case, vendor, chance)}; what its contract says of an end, and who "
        "could take its place, decides how bad that would be.",
        evidence="Which to look at first",
    )  # fmt: skip


def _shared(case: _Case) -> list[Decision]:
    """The supplier that several companies share, if its failure would be expensive."""
    table = case.risk.table
    shares = {
        str(name).strip().casefold(): share
        for name, share in zip(table["vendor"], table["revenue_share"], strict=True)
    }
    every = case.risk.hubs.to_dict("records")
    several = [
        hub for hub in every
        if hub["vendors"] > 1 and shares.get(hub["hub"].casefold(), 0.0) < CARRIES
        and hub["loss_if_down"] >= COSTLY * case.revenue
        and hub["expected_loss"] >= WORTH_AN_HOUR * case.revenue
    ]  # fmt: skip
    if not several:
        return []
    worst = {str(key): value for key, value in several[0].items()}
    is_vendor = worst["hub"].casefold() in shares
    value = _of_hub(case, worst)
    return [
        case.decide(
            "decide", worst["hub"],
            ("Decide what to keep off ", f": {worst['vendors']} of your companies fall with it"),
            topic="shared supplier", value=value,
            because=f"{worst['names']} run on {worst['hub']}: the year it fails (a chance of "
            f"{format_value(worst['chance'], '%')}) costs {case.money(worst['loss_if_down'])}. "
            "Each company that moves takes its part of the value away, less the risk of what it "
            "moves to, which is not counted.",
            evidence="How much hangs on few, and what they share",
            assumes=() if is_vendor else ("hub_failure_probability",),
        )
    ]  # fmt: skip


def _of_hub(case: _Case, worst: dict[str, Any]) -> Interval:
    """Expected loss a year that the hub causes, with the range of its chance and of all losses."""
    risk, point = case.risk, float(worst["expected_loss"])
    k = parse_hubs(risk.register).names.index(worst["hub"])
    low, high = (float(hub_losses(d)[2][k]) for d in (risk.losses_low, risk.losses_high))
    return Interval(point, min(low, point), max(high, point))


def _news(case: _Case, warnings: EarlyWarnings | None) -> list[Decision]:
    """The latest event of each company whose end would be expensive."""
    if warnings is None:
        return []
    rows, found = _rows_by_name(case.risk), {}
    table = warnings.table
    for name, day, kind, note in zip(
        *(table[c].tolist() for c in ("vendor", "date", "kind", "note")), strict=True
    ):
        row = rows.get(str(name).strip().casefold())
        days = (case.risk.as_of - day.date()).days
        if row is None or row in found or days > RECENT_DAYS:
            continue
        vendor = case.vendor(row)
        if vendor["lgd"] < COSTLY * case.revenue:
            continue
        told = f" ({note})" if note else ""
        found[row] = case.decide(
            "ask", vendor["vendor"], ("Ask ", f" {QUESTION.get(kind, 'what its news means')}"),
            topic="news",
            because=f"On {format_date(day)} its {kind} changed{told}; if it ceases, that costs "
            f"{case.money(vendor['lgd'])}, and nobody has data on how much such news matters.",
            evidence="Warnings", assumes=(f"{kind}_change_hazard", "event_half_life"),
        )  # fmt: skip
    return list(found.values())


def _one_each(case: _Case, decisions: list[Decision]) -> list[Decision]:
    """Of decisions about one company the one that leaves most, with a word on the others."""
    by_subject: dict[str, list[Decision]] = {}
    for decision in decisions:
        if decision.kind != "ask":
            by_subject.setdefault(decision.subject, []).append(decision)
    kept = [decision for decision in decisions if decision.kind == "ask"]
    for several in by_subject.values():
        best, *others = sorted(several, key=lambda d: (-d.net, d.id))
        also = [_beside(case, other) for other in others]
        more = f" It saves some of the same money as {' and '.join(also)}." if also else ""
        kept.append(replace(best, because=best.because + more))
    return kept


def _beside(case: _Case, other: Decision) -> str:
    names = {"act": "a test of its export", "decide": "a second source"}
    saved = case.money(other.value.point if other.value else 0.0)
    price = f" for {case.money(other.cost.point)}" if other.cost else ""
    return f"{names.get(other.kind, other.topic)} (saves {saved}{price})"


def _rows_by_name(risk: VendorRisk) -> dict[str, int]:
    return {str(n).strip().casefold(): row for row, n in enumerate(risk.table["vendor"])}


def _expected(vendor: dict[str, Any]) -> Interval:
    ends = (vendor[f"expected_loss{end}"] for end in ("", "_low", "_high"))
    return Interval(*map(float, ends))


def _at_stake(case: _Case, vendor: dict[str, Any], chance: Interval) -> str:
    role = f" ({vendor['role']})" if vendor["role"] else ""
    return (
        f"If {vendor['vendor']}{role} ceases, it costs {case.money(vendor['lgd'])}, with a chance "
        f"of {_percent(chance)} a year"
    )


def _percent(chance: Interval) -> str:
    return format_value(chance.point, "%")


def _last_day(vendor: dict[str, Any]) -> dt.date | None:
    """The day its end is announced for; otherwise none presses."""
    day = vendor.get("ceased")
    return None if day is None or day != day else day.date()


def _leans_on(case: _Case, row: int) -> str:
    """The assumption behind the largest part of a vendor's loss."""
    part = str(case.risk.exposure.parts.iloc[row].to_numpy(float).argmax())
    name = str(case.risk.exposure.parts.columns[int(part)])
    tested = "tested" if case.vendor(row)["export_tested"] else "untested"
    return ASSUMED_OF_PART.get(name, f"records_lost_{tested}_export")


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else text[: room - 1].rstrip(" ,") + "…"


def _capped(case: _Case, row: int, money: float, share: Interval) -> Interval:
    """Expected money saved a year, where a cap on the loss may leave less of it to be saved."""
    lgd = float(case.risk.table["lgd"].iloc[row])
    beyond = float(case.risk.exposure.parts.iloc[row].sum()) - lgd
    chance = case.chance(row).point
    saved = share.point / chance * money if chance else 0.0
    part = max(saved - beyond, 0.0) / saved if saved else 0.0
    return share.scaled(money * part)


def _sum(*some: Interval) -> Interval:
    """Of independent amounts: their distances add in squares."""
    point = sum(one.point for one in some)
    down = float(np.hypot.reduce([one.point - one.low for one in some]))
    up = float(np.hypot.reduce([one.high - one.point for one in some]))
    return Interval(point, point - down, point + up)


def _difference(one: Interval, other: Interval) -> Interval:
    """Of independent shares, at least 0 and at most the whole."""
    found = _sum(one, Interval(-other.point, -other.high, -other.low))
    return Interval(found.point, max(found.low, 0.0), min(found.high, 1.0))


def _product(*some: Interval) -> Interval:
    """Of independent factors: their distances add in squares on the logarithm."""
    point = float(np.prod([one.point for one in some]))
    if point <= 0:
        return Interval(0.0, 0.0, 0.0)
    with np.errstate(divide="ignore"):
        down = np.hypot.reduce([np.log(one.low / one.point) for one in some])
        up = np.hypot.reduce([np.log(one.high / one.point) for one in some])
    return Interval(point, float(point * np.exp(-down)), float(point * np.exp(up)))
