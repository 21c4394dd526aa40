"""Unused seats and work bought twice: the same money in one decision only, worked by hand."""

from __future__ import annotations

import datetime as dt

import pytest

from techalign.numbers.intervals import Interval
from tests.spending.tables import CHANCE, contract, decide, ends, findings

SEATS = "spending-act-cobalt-docs-seats"
DOUBLE = "spending-stop-design-double"


def design(vendor: str, price: float, paid: float, active: float, **more: object) -> dict:
    return contract(
        vendor=vendor,
        capability="design",
        annual_price=price,
        seats_paid=paid,
        seats_active=active,
        **{"start": "2026-06-01", "end": "2027-05-31"} | more,
    )


def test_seats_nobody_uses() -> None:
    made = decide(findings([contract(seats_paid=10.0, seats_active=8.0)]))
    seats = made[SEATS]
    assert seats.what == "Give up 2 of 10 seats of Cobalt Docs by 31 Aug 2026"
    assert seats.value == Interval(200.0, 200.0, 200.0, 1.0)
    assert (seats.kind, seats.basis, seats.by) == ("act", "measured", dt.date(2026, 8, 31))
    assert seats.waiting == seats.value
    assert seats.because == "2 seats that nobody needs cost $200 a year."


@pytest.mark.parametrize(
    ("paid", "active"),
    [(float("nan"), 3.0), (10.0, float("nan")), (0.0, 0.0), (5.0, 5.0), (5.0, 9.0)],
)
def test_seats_not_counted_or_all_used_are_none_to_give_up(paid: float, active: float) -> None:
    assert SEATS not in decide(findings([contract(seats_paid=paid, seats_active=active)]))


def test_after_the_day_for_notice_the_supplier_need_not_agree() -> None:
    late = contract(
        start="2025-07-16", end="2026-07-15", seats_paid=10.0, seats_active=9.0, notice_days=60
    )
    (seats,) = decide(findings([late])).values()
    assert seats.by == dt.date(2026, 7, 15)
    assert ends(seats.value) == pytest.approx((0.0, 100.0, 100.0))
    assert seats.basis == "judgement"
    assert seats.because.endswith("passed, so ask before the term renews.")


def test_seats_of_one_vendor_are_one_decision_and_those_of_ended_agreements_none() -> None:
    first = contract(seats_paid=10.0, seats_active=8.0)
    other = contract(
        capability="signing", annual_price=300.0, seats_paid=3.0, seats_active=2.0, end="2026-10-31"
    )
    ended = contract(
        capability="fax", auto_renew=False, end="2026-05-31", seats_paid=9.0, seats_active=0.0
    )
    made = decide(findings([first, other, ended]))
    assert made[SEATS].what == "Give up 3 of 13 seats of Cobalt Docs by 31 Aug 2026"
    assert ends(made[SEATS].value) == pytest.approx((300.0, 300.0, 300.0))
    assert not any("fax" in name for name in made)


def test_a_tool_to_leave_takes_its_seats_along_and_those_who_move_need_some() -> None:
    kept = design("SolidWorks", 6000.0, paid=6.0, active=3.0)
    left = design("Autodesk", 9000.0, paid=3.0, active=1.0)
    made = decide(findings([kept, left]))
    assert set(made) == {DOUBLE, "spending-act-solidworks-seats"}
    double = made[DOUBLE]
    assert double.what == (
        "Stop paying twice for design: keep SolidWorks, leave Autodesk ($9k a year)"
    )
    assert (double.kind, double.subject, double.by) == ("stop", "design", dt.date(2027, 5, 1))
    # keeping the dearer one saves 6,000; keeping the one with most seats in use 9,000
    assert double.value == Interval(9000.0, 6000.0, 9000.0, 1.0)
    assert "2 seats unused at Autodesk ($6k a year) are within it" in double.because
    assert "1 seat unused at SolidWorks ($1k a year) is kept for those who move" in double.because
    # three seats are not in use, one of them is needed by who moves
    assert ends(made["spending-act-solidworks-seats"].value) == (2000.0, 2000.0, 2000.0)


def test_where_it_is_not_known_who_moves_no_seat_of_the_tool_kept_is_given_up() -> None:
    kept = design("SolidWorks", 6000.0, paid=6.0, active=3.0)
    unknown = float("nan")
    made = decide(findings([kept, design("Autodesk", 9000.0, paid=unknown, active=unknown)]))
    assert set(made) == {DOUBLE}
    assert "how many use Autodesk is not known" in made[DOUBLE].because
    assert "3 seats unused at SolidWorks ($3k a year) are kept" in made[DOUBLE].because


def test_the_renewal_of_a_tool_to_leave_is_settled_with_it() -> None:
    kept = design("SolidWorks", 6000.0, paid=3.0, active=3.0)
    left = design("Autodesk", 900.0, paid=1.0, active=1.0, start="2025-10-01", end="2026-09-30")
    made = decide(findings([kept, left]), depends={"autodesk": 0.1})
    assert set(made) == {DOUBLE}
    assert made[DOUBLE].by == dt.date(2026, 8, 31)
    assert made[DOUBLE].waiting == made[DOUBLE].value
    assert "the renewal of Autodesk is settled with it" in made[DOUBLE].because
    assert "10% of revenue stops with Autodesk" in made[DOUBLE].because


def test_a_renewal_worth_more_than_the_double_absorbs_it() -> None:
    kept = design("SolidWorks", 6000.0, paid=3.0, active=3.0)
    left = design(
        "Autodesk",
        900.0,
        paid=1.0,
        active=1.0,
        end="2026-09-30",
        start="2025-10-01",
        auto_renew=False,
    )
    made = decide(
        findings([kept, left]),
        depends={"Autodesk": 0.5},
        yearly_revenue=1e6,
        nonrenewal_chance=CHANCE,
    )
    assert set(made) == {"spending-decide-autodesk-end-of-design"}
    (ending,) = made.values()
    assert ending.because.endswith(
        "; paying twice for design ($900 a year) is part of the same decision."
    )


def test_seats_worth_more_than_the_double_absorb_it() -> None:
    kept = design("SolidWorks", 6000.0, paid=3.0, active=3.0)
    left = design("Autodesk", 900.0, paid=3.0, active=1.0)
    # moving costs 500, so leaving saves 400 and two of three seats 600
    made = decide(findings([kept, left], migration=500.0))
    assert set(made) == {"spending-act-autodesk-seats"}
    (seats,) = made.values()
    assert ends(seats.value) == pytest.approx((600.0, 600.0, 600.0))
    assert "paying twice for design ($400 a year) is part of the same decision" in seats.because


def test_a_double_that_costs_more_to_end_than_it_saves_is_none() -> None:
    rows = [design("SolidWorks", 6000.0, 3.0, 3.0), design("Autodesk", 900.0, 1.0, 1.0)]
    assert not decide(findings(rows, migration=1000.0))
    rows[1] |= {"seats_paid": 3.0}
    (seats,) = decide(findings(rows, migration=1000.0)).values()
    assert seats.because == "2 seats that nobody needs cost $600 a year."


def test_all_but_one_are_left_the_first_to_end_first_and_none_that_has_not_begun() -> None:
    rows = [
        design("SolidWorks", 6000.0, 9.0, 9.0),
        design("Autodesk", 900.0, 1.0, 1.0),
        design("Onshape", 300.0, 1.0, 1.0, start="2026-01-01", end="2026-12-31"),
        design("Rhino", 700.0, 1.0, 1.0, start="2026-07-01", end="2027-06-30"),
    ]
    made = decide(findings(rows))
    assert made[DOUBLE].what == (
        "Stop paying twice for design: keep SolidWorks, leave Onshape, Autodesk ($1.2k a year)"
    )
    assert made[DOUBLE].by == dt.date(2026, 12, 1)
    assert made[DOUBLE].net == 1200.0


def test_one_vendor_written_in_two_ways_is_no_double() -> None:
    rows = [design("SolidWorks", 6000.0, 3.0, 3.0), design("SOLIDWORKS ", 900.0, 1.0, 1.0)]
    assert not decide(findings(rows))


def test_names_that_do_not_fit_cost_the_amount_before_they_are_cut() -> None:
    kept = design("Watchtarn Metrics", 6000.0, 3.0, 3.0)
    left = design("Tracepine Monitoring Service", 900.0, 1.0, 1.0)
    stop = (
        "Stop paying twice for design: keep Watchtarn Metrics, leave Tracepine Monitoring Service"
    )
    assert decide(findings([kept, left]))[DOUBLE].what == stop
    shorter = left | {"vendor": "Tracepine Monitoring"}
    assert decide(findings([kept, shorter]))[DOUBLE].what == (
        "Stop paying twice for design: keep Watchtarn Metrics, leave Tracepine Monitoring ($900)"
    )
