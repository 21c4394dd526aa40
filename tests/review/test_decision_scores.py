"""Decisions that are done, against what earlier reviews promised of them."""

from typing import Any

import pytest

from techalign.numbers.intervals import Interval
from techalign.review.decision_scores import finished, practice
from techalign.review.decisions import became
from techalign.review.records import Record
from tests.review.made import DECISION, figure, made

THEN, NOW, DONE = "2026-03-31", "2026-06-30", "2026-04-10"
OAK = str(DECISION["id"])


def _record(day: str, *rows: dict[str, Any], **block: Any) -> Record:
    return made(
        day, [figure("a", 1.0)], notebook="spending",
        decisions={"unit": "USD", "rows": list(rows), **block},
    )  # fmt: skip


def _row(**given: Any) -> dict[str, Any]:
    return {**DECISION, **given}


def _worth(point: float) -> dict[str, float]:
    return {"point": point, "low": point, "high": point, "level": 1.0}


def _kept(name: str = OAK, changed: str | None = DONE) -> dict[str, Any]:
    return {name: {"status": "done", "changed": changed}}


@pytest.mark.parametrize(
    ("left", "brought", "inside", "said"),
    [
        (None, 400.0, True, "brought $400 (within that): the records no longer show it"),
        (100.0, 300.0, True, "within that"),
        (300.0, 100.0, False, "brought $100 (less): the records still show $300 of it"),
        (450.0, -50.0, False, "less"),
    ],
)
def test_what_the_tables_themselves_show_is_scored_by_what_the_tables_still_show(
    left: float | None, brought: float, inside: bool, said: str
) -> None:
    idle = {"topic": "idle"}
    rows = [] if left is None else [_row(value=_worth(left), status="done", **idle)]
    now = _record(NOW, *rows, kept=_kept())
    (one,) = finished([now], {"2026Q1": [_record(THEN, _row(**idle))]})
    assert (one.brought, one.inside) == (brought, inside)
    assert one.promised == Interval(400.0, 300.0, 500.0, 0.8)
    assert said in one.sentence


def test_payments_since_tell_where_the_notebook_handed_them_on() -> None:
    name = "spending-decide-oak-backup"
    then = _record(THEN, _row(id=name, kind="decide", topic="backup"))
    for brought, from_promise, want in [
        (90.0, False, 90.0),
        (-150.0, True, 250.0),
        (None, False, None),
    ]:
        since = {
            name: {"brought": brought, "from_promise": from_promise, "said": "Oak was paid $1"}
        }
        (one,) = finished([_record(NOW, kept=_kept(name), since=since)], {"2026Q1": [then]})
        assert one.brought == want
        assert "Oak was paid $1" in one.said


def test_seats_that_move_elsewhere_are_no_loss() -> None:
    for waste, want in [(100.0, 300.0), (900.0, 0.0)]:
        since = {OAK: {"brought": -waste, "from_promise": True, "said": "seats"}}
        (one,) = finished(
            [_record(NOW, kept=_kept(), since=since)], {"2026Q1": [_record(THEN, _row())]}
        )
        assert one.brought == want


def test_a_credit_counts_up_to_what_was_asked_back() -> None:
    name = "spending-act-oak-paid-twice"
    then = _record(THEN, _row(id=name, topic="paid twice"))
    since = {name: {"brought": 900.0, "said": "Oak credited $900"}}
    (one,) = finished([_record(NOW, kept=_kept(name), since=since)], {"2026Q1": [then]})
    assert one.brought == 400.0


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({"area": "vendors", "topic": "export"}, "does not happen"),
        ({"topic": "gap"}, "many reasons"),
        ({"topic": "start"}, "no table measures it"),
    ],
)
def test_what_cannot_be_told_is_said_so_and_not_scored(given: dict[str, Any], why: str) -> None:
    now, then = _record(NOW, kept=_kept()), _record(THEN, _row(**given))
    (one,) = finished([now], {"2026Q1": [then]})
    assert (one.brought, one.inside) == (None, False)
    assert "cannot be told" in one.sentence
    assert why in one.sentence
    html = practice({"acme": [now]}, {"acme": {"2026Q1": [then]}}).html
    assert "1 decision was done; of 0 the tables can tell" in html


def test_the_promise_is_the_one_last_shown_before_it_was_done() -> None:
    earlier = {
        quarter: [_record(day, _row(value=_worth(money)))]
        for quarter, day, money in [
            ("2025Q3", "2025-09-30", 10.0), ("2025Q4", "2025-12-31", 20.0), ("2026Q1", THEN, 30.0),
        ]
    }  # fmt: skip
    for changed, promise in [
        ("2026-01-05", 20.0),
        (DONE, 30.0),
        ("2025-08-01", 10.0),
        (None, 30.0),
    ]:
        (one,) = finished([_record(NOW, kept=_kept(changed=changed))], earlier)
        assert one.promised.point == promise
    assert finished([_record(NOW, kept=_kept("spending-act-unheard-of"))], earlier) == []
    assert finished([_record(NOW, kept=_kept())], {}) == []


def test_the_front_page_tells_what_was_brought_first_and_of_a_year() -> None:
    old = _record("2025-12-31", _row())
    last = _record(THEN, _row(id="spending-act-elm-seats", what="Give up 1 seat of Elm"))
    for changed, told in [("2026-01-10", True), ("2025-06-01", False)]:
        said = became(
            [_record(NOW, kept=_kept(changed=changed))], {"2025Q4": [old], "2026Q1": [last]}
        )
        assert ("Give up 2 seats of Oak: done" in said[0]) is told
        assert said[-1].startswith("Give up 1 seat of Elm: the records no longer show it")


def test_the_practice_adds_up_what_came_by_currency() -> None:
    then, now = _record(THEN, _row(topic="idle")), _record(NOW, kept=_kept())
    row = _row(unit="EUR", topic="idle", value=_worth(350.0))
    euros = made(NOW, [figure("a", 1.0)], client="birch", notebook="spending",
                 decisions={"unit": "EUR", "kept": _kept(), "rows": [row]})  # fmt: skip
    before = made(THEN, [figure("a", 1.0)], client="birch", notebook="spending",
                  decisions={"unit": "EUR", "rows": [_row(unit="EUR", topic="idle")]})  # fmt: skip
    clients = {"acme": [now], "birch": [euros], "new": [now]}
    html = practice(clients, {"acme": {"2026Q1": [then]}, "birch": {"2026Q1": [before]}}).html
    assert "2 decisions were done; of 2 the tables can tell what came of it, and 1 brought" in html
    assert "$400 was promised and $400 came" in html
    assert "€400 was promised and €50 came" in html
    assert "No decision that was done" in practice({"acme": [now]}, {}).html
