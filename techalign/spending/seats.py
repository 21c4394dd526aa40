"""Seats that nobody uses, and work that is bought twice.

Both ask for less of the same agreements: a tool to leave takes its seats and its renewal with it,
and spare seats of the tool to keep may be needed by those who move. The same money stands in one
decision only, the larger one, which says what it takes along.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from techalign.decision import Decision
from techalign.numbers.formatting import format_date, format_value
from techalign.numbers.intervals import Interval
from techalign.spending.agreements import (
    EVIDENCE,
    Agreement,
    AgreementKey,
    Desk,
    fit,
    with_notes,
)
from techalign.spending.renewals import Overlaps
from techalign.text import folded

__all__ = ["SeatDecisions", "seat_decisions"]

# what a standing decision takes along: by "seats" or "renewal", and the agreement's key
_Notes = Mapping[tuple[str, AgreementKey], Sequence[str]]


@dataclass(frozen=True)
class _Double:
    """One capability bought more than once, with the agreements to keep and to leave."""

    capability: str
    saving: Interval
    kept: tuple[Agreement, ...]
    left: tuple[Agreement, ...]

    @property
    def movers(self) -> float:
        """Seats in use that move to the vendor kept; NaN where one left does not count them."""
        return sum(agreement.active for agreement in self.left)


@dataclass(frozen=True)
class SeatDecisions:
    """What to stop paying for, and what becomes of the renewals by it.

    Attributes
    ----------
    decisions : tuple of Decision
        Work bought twice and unused seats, in no order.
    renewals : tuple of Decision
        The renewals that are not settled by leaving a vendor.
    left : frozenset of (str, str)
        Keys of the agreements to leave.
    """

    decisions: tuple[Decision, ...]
    renewals: tuple[Decision, ...]
    left: frozenset[AgreementKey]


def seat_decisions(
    desk: Desk,
    agreements: Sequence[Agreement],
    overlaps: Overlaps,
    renewals: Mapping[AgreementKey, Decision],
) -> SeatDecisions:
    """Say which tools to leave and which seats to give up.

    Of a tool to keep, only seats that nobody who moves needs are given up. Where leaving a tool
    saves less than its renewal is worth, the renewal stands and the double does not.

    Parameters
    ----------
    desk : Desk
    agreements : sequence of Agreement
    overlaps : Overlaps
    renewals : mapping of (str, str) to Decision
        By the agreements' keys.

    Returns
    -------
    SeatDecisions
    """
    doubles, notes = _settle(desk, _doubles(overlaps, agreements, desk.as_of), renewals)
    left = frozenset(agreement.key for double in doubles for agreement in double.left)
    return SeatDecisions(
        decisions=(
            *(_stop_double(desk, double, renewals) for double in doubles),
            *_unused_seats(desk, [a for a in agreements if a.key not in left], doubles, notes),
        ),
        renewals=tuple(
            with_notes(decision, notes.get(("renewal", key), []))
            for key, decision in renewals.items()
            if key not in left
        ),
        left=left,
    )


def _doubles(
    overlaps: Overlaps, agreements: Sequence[Agreement], as_of: dt.date
) -> Iterator[_Double]:
    begun = [agreement for agreement in agreements if agreement.start <= as_of]
    for row in overlaps.frame[overlaps.frame["saving"] > 0].to_dict("records"):
        kept = folded(row["kept"])
        of = [agreement for agreement in begun if agreement.key[1] == folded(row["capability"])]
        left = tuple(agreement for agreement in of if agreement.key[0] != kept)
        if left:
            saving = Interval(row["saving"], row["saving_low"], row["saving_high"], 1.0)
            stays = tuple(agreement for agreement in of if agreement.key[0] == kept)
            yield _Double(row["capability"], saving, stays, left)


def _settle(
    desk: Desk, doubles: Iterator[_Double], renewals: Mapping[AgreementKey, Decision]
) -> tuple[list[_Double], _Notes]:
    """Let the larger of two decisions on the same money stand, and note the other in it."""
    standing: list[_Double] = []
    notes: dict[tuple[str, AgreementKey], list[str]] = defaultdict(list)
    for double in doubles:
        waste = sum(agreement.price_of(agreement.unused) for agreement in double.left)
        most = max(double.left, key=lambda agreement: agreement.unused)
        rivals = [(waste, ("seats", most.key))]
        rivals += [
            (renewals[agreement.key].net, ("renewal", agreement.key))
            for agreement in double.left
            if agreement.key in renewals
        ]
        worth, rival = max(rivals)
        # what is left may have no seat in use: rounding then must not decide
        if worth <= double.saving.point * (1.0 + 1e-9):
            standing.append(double)
            continue
        notes[rival].append(
            f"paying twice for {double.capability} ({desk.money(double.saving.point)} a year) is "
            "part of the same decision"
        )
    return standing, notes


def _stop_double(
    desk: Desk, double: _Double, renewals: Mapping[AgreementKey, Decision]
) -> Decision:
    kept = double.kept[0].vendor
    leave = ", ".join(dict.fromkeys(agreement.vendor for agreement in double.left))
    cost = desk.money(sum(agreement.price for agreement in (*double.kept, *double.left)))
    saving = desk.money(double.saving.point)
    stop = "Stop paying twice for {}: keep {}, leave {}"
    decision = desk.decide(
        what=fit(
            (double.capability, kept, leave),
            f"{stop} ({saving} a year)",
            f"{stop} ({saving})",
            stop,
        ),
        kind="stop",
        subject=double.capability,
        topic="double",
        by=min(agreement.last_day(desk.as_of) for agreement in double.left),
        value=double.saving,
        because=f"{kept} and {leave} do the same work for {cost} a year.",
        evidence="Work bought more than once",
        basis="measured",
    )
    return with_notes(decision, _taken_along(desk, double, renewals))


def _taken_along(
    desk: Desk, double: _Double, renewals: Mapping[AgreementKey, Decision]
) -> list[str]:
    """Say what the decision to leave a vendor makes needless, so that nothing counts twice."""
    notes = []
    for agreement in double.left:
        if agreement.unused:
            notes.append(f"{_unused(desk, agreement, agreement.unused)} within it")
        if agreement.key in renewals:
            notes.append(f"the renewal of {agreement.vendor} is settled with it")
        share, _ = desk.stakes.get(agreement.key[0], (0.0, 0.0))
        if share > 0:
            notes.append(f"{format_value(share, '%')} of revenue stops with {agreement.vendor}")
        if agreement.active != agreement.active:
            notes.append(f"how many use {agreement.vendor} is not known, so ask who uses which")
    for agreement in double.kept:
        needed = agreement.unused - _spare(agreement, double.movers)
        if needed > 0:
            notes.append(f"{_unused(desk, agreement, needed)} kept for those who move")
    return notes


def _unused(desk: Desk, agreement: Agreement, count: float) -> str:
    money = desk.money(agreement.price_of(count))
    are = "is" if count == 1 else "are"
    return f"{_seats(count)} unused at {agreement.vendor} ({money} a year) {are}"


def _spare(agreement: Agreement, movers: float) -> float:
    """Count unused seats that those who move do not need; none where it is not known."""
    return max(agreement.unused - movers, 0.0) if movers == movers else 0.0


def _seats(count: float) -> str:
    return "1 seat" if count == 1 else f"{count:g} seats"


# Seats that nobody uses.


def _unused_seats(
    desk: Desk,
    agreements: Sequence[Agreement],
    doubles: Sequence[_Double],
    notes: _Notes,
) -> Iterator[Decision]:
    """Give up seats, one decision per vendor."""
    movers = {agreement.key: double.movers for double in doubles for agreement in double.kept}
    spare: dict[str, list[tuple[Agreement, float]]] = defaultdict(list)
    for agreement in agreements:
        count = _spare(agreement, movers.get(agreement.key, 0.0))
        if count > 0:
            spare[agreement.key[0]].append((agreement, count))
    for rows in spare.values():
        more = [note for agreement, _ in rows for note in notes.get(("seats", agreement.key), [])]
        yield with_notes(_give_up(desk, rows), more)


def _give_up(desk: Desk, rows: Sequence[tuple[Agreement, float]]) -> Decision:
    today = desk.as_of
    first = min((agreement for agreement, _ in rows), key=lambda a: a.last_day(today))
    money = sum(agreement.price_of(count) for agreement, count in rows)
    sure = sum(
        agreement.price_of(count) for agreement, count in rows if not agreement.missed(today)
    )
    missed = sure < money
    unused, paid = sum(count for _, count in rows), sum(agreement.paid for agreement, _ in rows)
    day = format_date(first.last_day(today))
    late = "; the day for notice has passed, so ask before the term renews" if missed else ""
    return desk.decide(
        what=fit((first.vendor,), f"Give up {unused:g} of {_seats(paid)} of {{}} by {day}"),
        kind="act",
        subject=first.vendor,
        topic="seats",
        by=first.last_day(today),
        # after the day for notice a supplier may agree, but need not
        value=Interval(money, sure, money, 0.8 if missed else 1.0),
        because=f"{_seats(unused)} that nobody needs {'costs' if unused == 1 else 'cost'} "
        f"{desk.money(money)} a year{late}.",
        evidence=EVIDENCE,
        basis="judgement" if missed else "measured",
    )
