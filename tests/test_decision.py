"""What a decision must say, its id, and the order in which decisions are put."""

import datetime as dt
import itertools
from typing import Any

import pytest

from techalign.decision import Decision, first_things_first
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval

TODAY = dt.date(2026, 6, 30)


def make(subject: str, *money: float, **changed: Any) -> Decision:
    """A decision worth (point, low, high), or exactly the one amount given."""
    point, low, high = money if len(money) == 3 else (money[0],) * 3
    given: dict[str, Any] = {
        "what": f"Act on {subject}", "area": "spending", "kind": "act", "subject": subject,
        "owner": "the owner", "by": None, "value": Interval(point, low, high), "unit": "USD",
        "because": "It costs.", "evidence": "Seats", "basis": "measured",
    }  # fmt: skip
    return Decision(**given | changed)


def order(*some: Decision) -> list[str]:
    return [decision.subject for decision in first_things_first(some, TODAY)]


def test_an_id_is_about_the_thing_and_never_about_amounts_or_days() -> None:
    one = make("Kfz-Datenhaus Süd", 10.0, topic="notice")
    other = make("  kfz-datenhaus süd ", 99.0, topic="Notice", by=TODAY, owner="Ann")
    assert one.id == other.id == "spending-act-kfz-datenhaus-sud-notice"
    assert make("Kfz-Datenhaus Süd", 10.0, topic="seats").id != one.id
    # names without a Latin letter are told apart
    assert make("東京", 1.0).id != make("大阪", 1.0).id


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"what": "x" * 91}, "longer than 90"),
        ({"what": "  "}, "is empty"),
        ({"because": ""}, "decision.because"),
        ({"owner": ""}, "decision.owner"),
        ({"pays": 1.2}, "from 0 to 1"),
        ({"value": Interval(5.0, 6.0, 7.0)}, "low <= point <= high"),
        ({"cost": Interval(float("nan"), 1.0, 2.0)}, "low <= point <= high"),
        ({"value": None}, "is missing"),
        ({"unit": ""}, "decision.unit"),
    ],
)
def test_what_is_no_decision_is_refused(changed: dict[str, Any], problem: str) -> None:
    with pytest.raises(ModelError, match=problem):
        make("Oak", 1.0, **changed)


def test_waiting_costs_a_quarter_of_the_value_or_all_of_it_where_a_day_ends_it() -> None:
    soon, later = TODAY + dt.timedelta(30), TODAY + dt.timedelta(200)
    assert make("a", 400.0).score(TODAY).point == 100.0
    assert make("a", 400.0, cost=Interval(100.0, 100.0, 100.0)).score(TODAY).point == 75.0
    assert make("a", 400.0, by=soon).score(TODAY).point == 100.0
    assert make("a", 400.0, by=soon, reversible=False).score(TODAY).point == 400.0
    assert make("a", 400.0, by=later, reversible=False).score(TODAY).point == 100.0
    assert make("a", 400.0, pays=0.5).score(TODAY).point == 50.0
    waits = make("a", 400.0, waiting=Interval(30.0, 10.0, 50.0))
    assert (waits.score(TODAY).low, waits.score(TODAY).high) == (10.0, 50.0)
    assert make("a", 0.0, kind="ask", value=None).score(TODAY).point == 0.0


def test_money_decides_and_of_near_ties_what_cannot_be_undone() -> None:
    wide = (100.0, 50.0, 150.0)
    lasting = make("lasting", *wide, reversible=False, by=TODAY + dt.timedelta(300))
    bit_more = make("bit more", 110.0, 55.0, 160.0)
    assert order(bit_more, lasting) == ["lasting", "bit more"]
    much_more = make("much more", 900.0, 800.0, 1000.0)
    assert order(lasting, much_more, bit_more) == ["much more", "lasting", "bit more"]
    nearer = make("nearer", 100.0, 50.0, 150.0, by=TODAY + dt.timedelta(5))
    assert order(bit_more, nearer) == ["nearer", "bit more"]
    assert order(make("q", 1.0, kind="ask", value=None), make("small", 1.0)) == ["small", "q"]


@pytest.mark.parametrize("change", [0.99, 1.01])
def test_a_small_change_does_not_reshuffle_decisions_that_overlap(change: float) -> None:
    amounts = [(100, 60, 160), (104, 70, 150), (240, 130, 300), (230, 100, 330), (900, 890, 910)]
    some = [make(f"d{i}", *map(float, money)) for i, money in enumerate(amounts)]
    before = order(*some)
    for moved in range(len(some)):
        money = tuple(change * each for each in amounts[moved])
        again = order(*some[:moved], make(f"d{moved}", *money), *some[moved + 1 :])
        for a, b in itertools.combinations(range(len(some)), 2):
            shared = min(amounts[a][2], amounts[b][2]) - max(amounts[a][1], amounts[b][1])
            if shared > max(amounts[i][2] - amounts[i][1] for i in (a, b)) / 2:
                same = before.index(f"d{a}") < before.index(f"d{b}")
                assert same == (again.index(f"d{a}") < again.index(f"d{b}"))


def test_what_is_clearly_larger_never_comes_later_through_a_chain_of_near_ties() -> None:
    # each of these is a near-tie of the next, and the last is the first to be due
    chain = [make(f"d{i}", 100.0 / 1.3**i, 0.0, 200.0 / 1.3**i) for i in range(9)]
    soon = make("soon", 100.0 / 1.3**9, 0.0, 200.0 / 1.3**9, by=TODAY, reversible=True)
    assert order(*chain, soon).index("soon") > order(*chain, soon).index("d0")


def test_the_order_does_not_depend_on_how_decisions_come_in() -> None:
    some = [make(f"d{i}", float(10 + 7 * i % 30), 5.0, 60.0) for i in range(8)]
    assert order(*some) == order(*reversed(some))
