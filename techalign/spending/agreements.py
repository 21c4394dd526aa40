"""What to do about agreements that renew or end: which ones, by when, and what it is worth.

The dates and sums are those of the renewals; what is added is which of them an owner can still
act on, and what acting can change within a year: never the whole of what is committed.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from techalign.decision import Basis, Decision, fit
from techalign.numbers.formatting import compact, format_date, format_value
from techalign.numbers.intervals import Interval
from techalign.spending.renewals import LONG_YEARS, SHORT_YEARS, Renewals
from techalign.text import folded

__all__ = [
    "Agreement",
    "Desk",
    "fit",
    "read_agreements",
    "renewal_decisions",
    "with_notes",
]

AHEAD = dt.timedelta(days=182)
"""Agreements to begin with within two quarters are decided on now."""
NEXT_REVIEW = dt.timedelta(days=92)
"""The longest quarter."""
RISE_KEY = "saas_list_inflation"
_CHOSEN: tuple[Basis, tuple[str, ...]] = ("judgement", ("agreement_not_renewed",))

EVIDENCE = "Renewals: act by these dates"
AgreementKey = tuple[str, str]


@dataclass(frozen=True, kw_only=True)
class Desk:
    """What all decisions of one client share.

    Parameters
    ----------
    as_of : date
    currency : str
    owner : str
    stakes : mapping of str to (float, float)
        Folded vendor name to the share of revenue that stops with it, and that in money a year.
    chance : Interval or None
        Chance that an agreement that ends is not renewed.
    endings : mapping of str to (Interval, Interval)
        Folded vendor name to that chance for this vendor, and to what its end would cost until
        others do its work.
    technology : mapping of str to bool, or None
        Folded vendor name to whether it is known to sell technology; None where nothing is known.
    """

    as_of: dt.date
    currency: str
    owner: str
    stakes: Mapping[str, tuple[float, float]]
    chance: Interval | None
    technology: Mapping[str, bool] | None
    endings: Mapping[str, tuple[Interval, Interval]] = field(default_factory=dict)

    def decide(self, *, by: dt.date | None, value: Interval, **said: Any) -> Decision:
        """Fill in what is common; past a last day within the quarter, all of it is lost."""
        lost = by is not None and by <= self.as_of + NEXT_REVIEW
        return Decision(
            area="spending",
            owner=self.owner,
            unit=self.currency,
            by=by,
            value=value,
            waiting=value if lost else None,
            **said,
        )

    def ask(self, **said: Any) -> Decision:
        """Fill in what is common of a question without money yet."""
        return Decision(
            area="spending", kind="ask", owner=self.owner, unit=self.currency, by=None, **said
        )

    def money(self, amount: float) -> str:
        """Write an amount in few characters."""
        return compact(amount, self.currency)


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """One row of the renewals, in what decisions need of it."""

    vendor: str
    capability: str
    start: dt.date
    end: dt.date
    act_by: dt.date
    last_cancel: dt.date
    auto_renew: bool
    price: float
    years: float
    uplift: float
    stated: bool
    exposure: float
    rise: Interval
    paid: float
    active: float
    waste: float

    @property
    def key(self) -> AgreementKey:
        """Vendor and work, the same however they are written."""
        return folded(self.vendor), folded(self.capability)

    @property
    def is_lease(self) -> bool:
        """Whether it runs long and ends by itself, as premises and franchises do."""
        return not self.auto_renew and self.years > LONG_YEARS

    @property
    def unused(self) -> float:
        """Seats paid for and not in use; 0 where they are not counted."""
        return self.paid - self.active if self.waste > 0 else 0.0

    def price_of(self, seats: float) -> float:
        """Money a year for some of the seats."""
        return self.price * seats / self.paid if seats else 0.0

    def missed(self, today: dt.date) -> bool:
        """Whether the day for notice has passed."""
        return self.last_cancel < today

    def last_day(self, today: dt.date) -> dt.date:
        """Last day for notice; once it has passed, the end, until which one can still talk."""
        return self.end if self.missed(today) else self.last_cancel


def read_agreements(renewals: Renewals) -> list[Agreement]:
    """Read the agreements that have not ended, the first to act on first."""
    live = renewals.frame[renewals.frame["status"] != "ended"]
    return [
        Agreement(
            vendor=row["vendor"],
            capability=row["capability"],
            start=row["start"].date(),
            end=row["end"].date(),
            act_by=row["act_by"].date(),
            last_cancel=row["last_cancel"].date(),
            auto_renew=bool(row["auto_renew"]),
            price=float(row["annual_price"]),
            years=float(row["term_years"]),
            uplift=float(row["uplift"]),
            stated=bool(row["uplift_stated"]),
            exposure=float(row["exposure"]),
            rise=_rise(row, 1.0 if row["uplift_stated"] else renewals.assumed_uplift.level),
            paid=float(row["seats_paid"]),
            active=float(row["seats_active"]),
            waste=float(row["seat_waste"]),
        )
        for row in live.to_dict("records")
    ]


def _rise(row: Mapping[Hashable, Any], level: float) -> Interval:
    """Give what the price rise adds in the first year of the next term."""
    first_year = row["annual_price"] * min(row["term_years"], 1.0)
    ends = (max(row[name], 0.0) for name in ("uplift", "uplift_low", "uplift_high"))
    point, low, high = (float(first_year * uplift) for uplift in ends)
    return Interval(point, low, high, level)


def renewal_decisions(desk: Desk, agreements: Sequence[Agreement]) -> dict[AgreementKey, Decision]:
    """Decide on agreements that renew by themselves and on those that end, one per vendor and work.

    Parameters
    ----------
    desk : Desk
    agreements : sequence of Agreement

    Returns
    -------
    dict of (str, str) to Decision
        By the agreements' keys. Begin within two quarters, or have begun already; what renews by
        itself and is past its day for notice, or rolls on from month to month, is left out; what
        ends is not.
    """
    due: dict[AgreementKey, list[Agreement]] = defaultdict(list)
    for agreement in agreements:
        # once a renewal is too late to stop there is nothing to decide; an end is never too late
        open_still = not agreement.auto_renew or not agreement.missed(desk.as_of)
        rolling = agreement.auto_renew and agreement.years <= SHORT_YEARS
        if open_still and not rolling and agreement.act_by <= desk.as_of + AHEAD:
            due[agreement.key].append(agreement)
    found: dict[AgreementKey, Decision] = {}
    staked: set[str] = set()
    for key, group in sorted(due.items(), key=lambda item: min(a.end for a in item[1])):
        ending = [agreement for agreement in group if not agreement.auto_renew]
        if not ending:
            found[key] = _renew(desk, group)
            continue
        # what stops with a vendor stops once, however many of its agreements end
        at_stake = desk.stakes.get(key[0], (0.0, 0.0)) if key[0] not in staked else (0.0, 0.0)
        staked.add(key[0])
        found[key] = _end(desk, ending, at_stake)
    return found


def _renew(desk: Desk, group: Sequence[Agreement]) -> Decision:
    first = min(group, key=lambda agreement: agreement.last_cancel)
    basis, assumes = _rise_basis(desk, group)
    day = format_date(first.last_cancel)
    committed = desk.money(sum(agreement.exposure for agreement in group))
    return desk.decide(
        what=fit(
            (first.vendor, first.capability),
            f"Give notice or renegotiate {{}} ({{}}) by {day}",
            f"Give notice or renegotiate {{0}} by {day}",
        ),
        kind="decide",
        subject=first.vendor,
        topic=first.capability,
        by=first.last_cancel,
        value=_added([agreement.rise for agreement in group]),
        reversible=False,
        because=f"Otherwise it renews by itself after {format_date(first.end)} and commits you to "
        f"{committed} for {_span(first.years)}, {_rise_words(first)}.",
        evidence=EVIDENCE,
        basis=basis,
        assumes=assumes,
    )


def _end(desk: Desk, group: Sequence[Agreement], at_stake: tuple[float, float]) -> Decision:
    first = min(group, key=lambda agreement: agreement.end)
    ends = format_date(first.end)
    notice = f"the day for notice ({format_date(first.last_cancel)}) has passed"
    when = f", {notice}," if first.missed(desk.as_of) else f" and stops after {ends},"
    value, words, basis, assumes = _worth_of_end(desk, group, at_stake)
    return desk.decide(
        what=fit(
            (first.capability, first.vendor),
            f"Renegotiate the {{}} of {{}} before it ends on {ends}",
            f"Renegotiate {{1}} before it ends on {ends}",
        ),
        kind="decide",
        subject=first.vendor,
        topic=f"end of {first.capability}",
        by=first.last_day(desk.as_of),
        value=value,
        reversible=False,
        because=f"It does not renew by itself{when} and {words}.",
        evidence=EVIDENCE,
        basis=basis,
        assumes=assumes,
    )


def _worth_of_end(
    desk: Desk, group: Sequence[Agreement], at_stake: tuple[float, float]
) -> tuple[Interval, str, Basis, tuple[str, ...]]:
    """Give the money, in numbers and in words, and what it rests on."""
    share, money = at_stake
    stops = f"{format_value(share, '%')} of revenue"
    cost = desk.endings.get(folded(group[0].vendor))
    if money > 0 and cost is not None:
        likely, loss = cost
        words = (
            f"{stops}, {desk.money(money)} a year, stops with it; until it is replaced that costs "
            f"{desk.money(loss.point)}, and the worth counts a chance of "
            f"{format_value(likely.point, '%')} that no new agreement comes"
        )
        ends = (likely.point * loss.point, likely.low * loss.low, likely.high * loss.high)
        return Interval(*ends, 1.0), words, *_CHOSEN
    if money > 0 and desk.chance is not None:
        chance = format_value(desk.chance.point, "%")
        words = (
            f"{stops}, {desk.money(money)} a year, stops with it; the worth counts a chance of "
            f"{chance} that no new agreement comes"
        )
        return desk.chance.scaled(money), words, *_CHOSEN
    price = sum(agreement.exposure for agreement in group)
    words = f"a new term would cost {desk.money(price)}, {_rise_words(group[0])}"
    if share > 0:
        words += f", and {stops} stops with it"
    rise = _added([agreement.rise for agreement in group])
    return rise, words, *_rise_basis(desk, group)


def _rise_basis(desk: Desk, group: Sequence[Agreement]) -> tuple[Basis, tuple[str, ...]]:
    """Say what a price rise rests on: the contract, or what software prices do."""
    assumed = [agreement for agreement in group if not agreement.stated]
    if not assumed:
        return "measured", ()
    known = desk.technology or {}
    software = all(known.get(a.key[0], True) and not a.is_lease for a in assumed)
    return "published" if software else "judgement", (RISE_KEY,)


def _rise_words(agreement: Agreement) -> str:
    percent = format_value(abs(agreement.uplift), "%")
    if agreement.stated:
        if not agreement.uplift:
            return "at the same price"
        return f"with a price {'rise' if agreement.uplift > 0 else 'fall'} of {percent}"
    return f"taking a price rise of {percent}, that of software, as it states none"


def _span(years: float) -> str:
    months = max(round(years * 12), 1)
    if months < 12:
        return f"{months} month{'s' if months > 1 else ''}"
    rounded = max(round(years, 1), 1.0)
    return "a year" if rounded == 1 else f"{rounded:g} years"


def _added(money: Sequence[Interval]) -> Interval:
    """Add intervals that move together, as an assumed rise would."""
    point, low, high = (sum(getattr(one, end) for one in money) for end in ("point", "low", "high"))
    return Interval(point, low, high, min(one.level for one in money))


def with_notes(decision: Decision, notes: Sequence[str]) -> Decision:
    """Add to a decision's reason what it takes along."""
    if not notes:
        return decision
    return replace(decision, because="; ".join([decision.because.removesuffix("."), *notes]) + ".")
