"""What the spending tables say to do: by when, what it is worth, and why.

The tables show dates, seats, doubles and prices; an owner needs the sentence that follows from
them. Money is what acting can change within a year, never the whole of what is committed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Any

import numpy as np

from techalign.decision import Decision, first_things_first
from techalign.errors import ModelError
from techalign.numbers.formatting import format_date, format_value
from techalign.numbers.intervals import Interval
from techalign.spending.agreements import (
    RISE_KEY,
    Desk,
    fit,
    read_agreements,
    renewal_decisions,
)
from techalign.spending.benchmarks import BenchmarkRange, benchmark_decisions
from techalign.spending.budget import budget_decisions
from techalign.spending.forecast import SpendForecast
from techalign.spending.ledger import LedgerSummary
from techalign.spending.marketing import MarketingMix, marketing_decisions
from techalign.spending.purpose import PurposeSplit
from techalign.spending.recurring.streams import Streams
from techalign.spending.renewals import Overlaps, Renewals
from techalign.spending.seats import seat_decisions
from techalign.spending.spelling import REDACTED
from techalign.text import folded

__all__ = ["SpendingFindings", "spending_decisions"]

SMALL_SHARE = 1 / 2000
"""Doubles of one supplier below this share of a year's spending are checked together."""
REGULAR_DAYS = 3
"""An amount doubled on so many days is how the supplier bills, not a mistake."""
_Row = dict[Hashable, Any]


@dataclass(frozen=True, kw_only=True)
class SpendingFindings:
    """What the spending models found, of one client and one day.

    Parameters
    ----------
    summary : LedgerSummary
    renewals : Renewals
        Its assumed uplift is the usual rise of software prices.
    overlaps : Overlaps
    streams : Streams
    purpose : PurposeSplit, optional
        Prices of suppliers known to sell something else than technology are then not held
        against the usual rise of software prices.
    forecast : SpendForecast, optional
        Then next year's budget is among what to ask.
    usual : BenchmarkRange, optional
        Then spending outside of what others spend is.
    mix : MarketingMix, optional
        Then advertising that reaches few for its money is.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.spending import find_renewals, find_streams, merge_vendors, overlap
    >>> from techalign.spending import summarise_ledger
    >>> day = dt.date(2026, 6, 30)
    >>> ledger = pd.DataFrame({"date": pd.to_datetime(["2026-03-03"]), "vendor_raw": "Harbor Rent",
    ...     "amount": 4200.0, "currency": "", "account": "", "memo": ""})
    >>> contracts = pd.DataFrame({
    ...     "vendor": ["Cobalt Docs"], "capability": ["file storage"],
    ...     "start": pd.to_datetime(["2025-10-01"]), "end": pd.to_datetime(["2026-09-30"]),
    ...     "notice_days": [30], "auto_renew": [True], "annual_price": [1000.0],
    ...     "seats_paid": [10.0], "seats_active": [8.0], "uplift": [0.05]})
    >>> catalogue = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    >>> names = merge_vendors(ledger["vendor_raw"], catalogue)
    >>> found = SpendingFindings(
    ...     summary=summarise_ledger(ledger, names, "USD", day),
    ...     renewals=find_renewals(
    ...         contracts, day, rate=0.1, assumed_uplift=Interval(0.08, 0.03, 0.12)),
    ...     overlaps=overlap(contracts, day, migration=0.0),
    ...     streams=find_streams(ledger.assign(vendor=names.apply(ledger["vendor_raw"])), day))
    >>> found.renewals.seat_waste, found.purpose is None
    (200.0, True)
    """

    summary: LedgerSummary
    renewals: Renewals
    overlaps: Overlaps
    streams: Streams
    purpose: PurposeSplit | None = None
    forecast: SpendForecast | None = None
    usual: BenchmarkRange | None = None
    mix: MarketingMix | None = None


def spending_decisions(
    findings: SpendingFindings,
    *,
    as_of: dt.date,
    currency: str,
    owner: str,
    depends: Mapping[str, float] | None = None,
    yearly_revenue: float | None = None,
    nonrenewal_chance: Interval | None = None,
    endings: Mapping[str, tuple[Interval, Interval]] | None = None,
) -> list[Decision]:
    """Say what to do about agreements, seats, doubles and prices, the most pressing first.

    An agreement that renews by itself is worth the price rise that acting avoids, in the first
    year of the next term. One that ends is worth the revenue behind it times the chance that
    no new one comes. A tool to leave takes its seats and its renewal with it; of the tool
    kept, only seats that nobody who moves needs are given up.

    Parameters
    ----------
    findings : SpendingFindings
    as_of : date
        The day of the review, the same as the findings'.
    currency : str
        The client's, three letters, the same as the findings'.
    owner : str
        Person or role that decides.
    depends : mapping of str to float, optional
        Vendor to the share of yearly revenue that stops with it, 0 to 1. Names match without
        regard to case, width and spacing.
    yearly_revenue : float, optional
        Money; without it, or without a chance, endings are valued by their price rise alone.
    nonrenewal_chance : Interval, optional
        Assumption: chance that an agreement that ends is not renewed, 0 to 1.
    endings : mapping of str to (Interval, Interval), optional
        Vendor to that chance for this vendor, and to the money its end costs until others do its
        work. Of a vendor not among them, all of its revenue is taken to stop for a year.

    Returns
    -------
    list of Decision

    Raises
    ------
    ModelError
        If the findings are of another day or currency, or a chance or share is not within
        0 and 1.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.spending import find_renewals, find_streams, merge_vendors, overlap
    >>> from techalign.spending import summarise_ledger
    >>> day, usual = dt.date(2026, 6, 30), Interval(0.08, 0.03, 0.12)
    >>> ledger = pd.DataFrame({
    ...     "date": pd.to_datetime(["2026-03-03", "2026-03-03"]), "vendor_raw": "Harbor Rent",
    ...     "amount": 4200.0, "currency": "", "account": "", "memo": "March"})
    >>> contracts = pd.DataFrame({
    ...     "vendor": ["Cobalt Docs"], "capability": ["file storage"],
    ...     "start": pd.to_datetime(["2025-10-01"]), "end": pd.to_datetime(["2026-09-30"]),
    ...     "notice_days": [30], "auto_renew": [True], "annual_price": [1000.0],
    ...     "seats_paid": [10.0], "seats_active": [8.0], "uplift": [0.05]})
    >>> catalogue = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    >>> names = merge_vendors(ledger["vendor_raw"], catalogue)
    >>> found = SpendingFindings(
    ...     summary=summarise_ledger(ledger, names, "USD", day),
    ...     renewals=find_renewals(contracts, day, rate=0.1, assumed_uplift=usual),
    ...     overlaps=overlap(contracts, day, migration=0.0),
    ...     streams=find_streams(ledger.assign(vendor=names.apply(ledger["vendor_raw"])), day))
    >>> for decision in spending_decisions(found, as_of=day, currency="USD", owner="Dana"):
    ...     print(decision.what, decision.value.point)
    Ask Harbor Rent for $4,200 back: paid twice on 3 Mar 2026 4200.0
    Give up 2 of 10 seats of Cobalt Docs by 31 Aug 2026 200.0
    Give notice or renegotiate Cobalt Docs (file storage) by 31 Aug 2026 50.0
    """
    _check(findings, as_of, currency, depends or {}, nonrenewal_chance)
    revenue = yearly_revenue or 0.0
    desk = Desk(
        as_of=as_of,
        currency=currency,
        owner=owner,
        stakes={folded(name): (share, share * revenue) for name, share in (depends or {}).items()},
        chance=nonrenewal_chance,
        technology=_technology(findings.purpose),
        endings={folded(name): cost for name, cost in (endings or {}).items()},
    )
    agreements = read_agreements(findings.renewals)
    seats = seat_decisions(desk, agreements, findings.overlaps, renewal_decisions(desk, agreements))
    staying = [agreement for agreement in agreements if agreement.key not in seats.left]
    gone = {vendor for vendor, _ in seats.left} - {agreement.key[0] for agreement in staying}
    leases = {agreement.key[0] for agreement in staying if agreement.is_lease}
    prices = _crept(desk, findings, gone | leases)
    twice = _paid_twice(desk, findings.summary)
    asked = [
        *(budget_decisions(desk, findings.forecast) if findings.forecast else []),
        *(benchmark_decisions(desk, findings.usual) if findings.usual else []),
        *(marketing_decisions(desk, findings.mix) if findings.mix else []),
    ]
    return first_things_first([*seats.renewals, *seats.decisions, *prices, *twice, *asked], as_of)


def _check(
    findings: SpendingFindings,
    as_of: dt.date,
    currency: str,
    depends: Mapping[str, float],
    chance: Interval | None,
) -> None:
    days = (findings.summary.as_of, findings.renewals.as_of, findings.streams.as_of)
    if set(days) != {as_of}:
        raise ModelError("as_of", "is not the day of the findings", value=as_of)
    if findings.summary.currency != currency:
        raise ModelError("currency", "is not the currency of the findings", value=currency)
    if chance is not None and not 0.0 <= chance.low <= chance.point <= chance.high <= 1.0:
        raise ModelError("nonrenewal_chance", "must be within 0 and 1", value=chance)
    for vendor, share in depends.items():
        if not 0.0 <= share <= 1.0:
            raise ModelError(f"depends[{vendor}]", "must be from 0 to 1", value=share)


def _technology(purpose: PurposeSplit | None) -> Mapping[str, bool] | None:
    """Tell of each vendor whether some of its money is known to be for technology."""
    if purpose is None:
        return None
    known: dict[str, bool] = {}
    rows = zip(purpose.assignment["vendor"], purpose.assignment["technology"], strict=True)
    for vendor, technology in dict.fromkeys(rows):
        key = folded(vendor)
        known[key] = known.get(key, False) or technology == "yes"
    return known


# Payments that were probably made twice.


def _paid_twice(desk: Desk, summary: LedgerSummary) -> list[Decision]:
    """Ask for money back, one decision per vendor; the small ones are checked together."""
    frame = summary.duplicates
    likely = frame[(frame["amount"] > 0) & ~frame["credited"]].sort_values("date", kind="stable")
    cases: dict[str, list[_Row]] = defaultdict(list)
    for row in likely.to_dict("records"):
        cases[folded(row["vendor"])].append(row)
    groups = {key: group for key in sorted(cases) if (group := _by_mistake(cases[key]))}
    least = SMALL_SHARE * max(summary.last_12_months, 0.0)
    nameless = {"", folded(REDACTED)}
    small = [
        key for key, group in groups.items() if key in nameless or _sum(group, "repeated") < least
    ]
    if len(small) == 1 and small[0] not in nameless:
        small = []
    decisions = [_ask_back(desk, group) for key, group in groups.items() if key not in small]
    together = [row for key in small for row in groups[key]]
    return decisions + ([_check_small(desk, together)] if small else [])


def _by_mistake(cases: list[_Row]) -> list[_Row]:
    """Leave out the amounts of a supplier that come doubled too often for a mistake."""
    days: dict[float, set[object]] = defaultdict(set)
    for row in cases:
        days[row["amount"]].add(row["date"])
    return [row for row in cases if len(days[row["amount"]]) < REGULAR_DAYS]


def _sum(rows: Sequence[_Row], column: str) -> float:
    return float(np.sum([row[column] for row in rows]))


def _ask_back(desk: Desk, group: Sequence[_Row]) -> Decision:
    latest = group[-1]
    money = _sum(group, "repeated")
    times = "twice" if latest["rows"] == 2 else f"{latest['rows']} times"
    day = format_date(latest["date"].date())
    when = (
        f"paid {times} on {day}"
        if len(group) == 1
        else f"doubled in {len(group)} cases, last on {day}"
    )
    return desk.decide(
        what=fit(
            (latest["vendor"],), f"Ask {{}} for {format_value(money, desk.currency)} back: {when}"
        ),
        kind="act",
        subject=latest["vendor"],
        topic="paid twice",
        by=None,
        value=Interval(money, 0.0, money, 0.8),
        because="The ledger has identical rows of one day and amount and no credit for them; "
        "they may be two real bills, so compare the invoices first.",
        evidence="To look at",
        basis="measured",
    )


def _check_small(desk: Desk, rows: Sequence[_Row]) -> Decision:
    money = _sum(rows, "repeated")
    shown = format_value(money, desk.currency)
    cases = "1 small payment" if len(rows) == 1 else f"{len(rows)} small payments"
    return desk.decide(
        what=f"Check {cases} perhaps made twice: {shown} in all",
        kind="act",
        subject="small payments",
        topic="paid twice",
        by=None,
        value=Interval(money, 0.0, money, 0.8),
        because="The ledger has identical rows for them and no credit; each supplier's sum is "
        "below a two-thousandth of a year's spending, or its name is not known.",
        evidence="To look at",
        basis="measured",
    )


# Prices that crept beyond the usual.


def _crept(
    desk: Desk, findings: SpendingFindings, not_judged: AbstractSet[str]
) -> Iterator[Decision]:
    """Question prices that surely rose faster than software prices do, one per vendor."""
    usual = findings.renewals.assumed_uplift.point
    running = findings.streams.active()
    fast = running[running["creep_low"] > usual]
    groups: dict[str, list[_Row]] = defaultdict(list)
    for row in fast.to_dict("records"):
        key = folded(row["vendor"])
        technology = desk.technology is None or desk.technology.get(key, False)
        if technology and key not in not_judged:
            groups[key].append(row)
    for rows in groups.values():
        yield _ask_why(desk, rows, usual, findings.streams.level)


def _ask_why(desk: Desk, rows: Sequence[_Row], usual: float, level: float) -> Decision:
    dearest = max(reversed(rows), key=lambda row: row["yearly_cost"])
    cost = np.array([row["yearly_cost"] for row in rows])
    point, low, high = (
        float((cost * (1.0 - (1.0 + usual) / (1.0 + np.array([row[name] for row in rows])))).sum())
        for name in ("creep", "creep_low", "creep_high")
    )
    rise, normal = (format_value(round(rate, 3), "%") for rate in (dearest["creep"], usual))
    return desk.decide(
        what=fit((dearest["vendor"],), f"Ask {{}} why its price rises {rise} a year"),
        kind="decide",
        subject=dearest["vendor"],
        topic="price",
        by=None,
        value=Interval(point, low, high, level),
        because=f"It costs {desk.money(float(cost.sum()))} a year, {desk.money(point)} more than "
        f"after a rise of {normal}, which is usual for software; more seats on the bill would "
        "look the same.",
        evidence="Charges that come back",
        basis="published",
        assumes=(RISE_KEY,),
    )
