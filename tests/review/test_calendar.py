"""A client's days in a calendar: read by another library, the same event in every review."""

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import vobject

from techalign.review.calendar import appointments, client_calendar, next_days
from techalign.review.records import Record, read_records
from tests.review.made import DECISION, made

AGREEMENT = {
    "what": "Oak; Mail, Ltd", "purpose": "mail", "act_by": "2026-08-01", "last_day": "2026-09-01",
    "end": "2026-12-31", "renews": True, "money": 1200.0, "money_low": 1200.0,
    "money_high": 1300.0,
}  # fmt: skip


def _record(as_of: str = "2026-06-30", **changes: Any) -> Record:
    because = {"because": "Nobody uses them.\nEND:VEVENT"}
    return made(
        as_of,
        notebook="spending",
        dates=[AGREEMENT | changes.get("agreement", {})],
        decisions=[DECISION | because | changes.get("decision", {})],
    )


def _events(text: str) -> dict[str, Any]:
    (calendar,) = vobject.readComponents(text)
    return {event.uid.value: event for event in calendar.vevent_list}


def test_another_library_reads_every_day_as_it_was_meant() -> None:
    events = _events(client_calendar([_record()]))
    found = {(e.dtstart.value, e.summary.value) for e in events.values()}
    assert found == {
        (dt.date(2026, 8, 1), "Decide on Oak; Mail, Ltd (mail)"),
        (dt.date(2026, 8, 14), "Decide: Give up 2 seats of Oak"),
        (dt.date(2026, 9, 1), "Last day to cancel Oak; Mail, Ltd (mail)"),
    }
    (decided,) = [e for e in events.values() if e.summary.value.startswith("Decide:")]
    assert "Worth $400 ($300 to $500) in a year. Nobody uses them." in decided.description.value
    assert decided.valarm.trigger.value == dt.timedelta(days=-14)


def test_importing_again_moves_an_event_and_adds_none() -> None:
    before = _events(client_calendar([_record()]))
    later = {"act_by": "2026-08-20", "money": 1250.0}
    after = _events(client_calendar([_record("2026-07-31", agreement=later)]))
    assert before.keys() == after.keys()
    for uid, event in after.items():
        assert int(event.sequence.value) > int(before[uid].sequence.value)
    moved = {u: e.dtstart.value for u, e in after.items() if e.dtstart.value.day == 20}
    assert len(moved) == 1


def test_a_day_that_no_report_names_any_longer_is_struck_out() -> None:
    before = _record()
    now = made("2026-07-31", notebook="spending", dates=[AGREEMENT])
    events = _events(client_calendar([now], {"2026Q2": [before]}))
    assert events.keys() == _events(client_calendar([before])).keys()
    (gone,) = [e for e in events.values() if e.summary.value.startswith("Decide: Give up")]
    assert gone.status.value == "CANCELLED"
    assert "valarm" not in gone.contents
    assert int(gone.sequence.value) == dt.date(2026, 7, 31).toordinal()


def test_a_report_that_failed_strikes_nothing_out_nor_does_what_has_passed() -> None:
    before = _record()
    failed = made("2026-07-31", notebook="spending").model_copy(update={"status": "failed"})
    other = made("2026-07-31", notebook="plan")
    assert "VEVENT" not in client_calendar([failed, other], {"2026Q2": [before]})
    late = made("2027-01-31", notebook="spending")
    assert "VEVENT" not in client_calendar([late], {"2026Q2": [before]})


def test_what_is_done_is_struck_out_and_rings_no_bell() -> None:
    (event,) = [
        each
        for each in _events(client_calendar([_record(decision={"status": "done"})])).values()
        if each.summary.value.startswith("Decide:")
    ]
    assert event.status.value == "CANCELLED"
    assert not hasattr(event, "valarm")


def test_a_decision_stands_among_the_next_days_unless_its_agreement_comes_first() -> None:
    today = dt.date(2026, 6, 30)
    vendor = AGREEMENT["what"]
    early = DECISION | {"id": "a", "what": "Ask", "subject": vendor, "by": "2026-07-04"}
    late = DECISION | {"id": "b", "what": "Cut", "subject": vendor, "by": "2026-12-24"}
    other = DECISION | {"id": "c", "what": "Start", "subject": "Till", "by": "2026-12-24"}
    done = other | {"id": "d", "status": "done"}
    record = made(notebook="spending", dates=[AGREEMENT], decisions=[early, late, other, done])
    titles = [each.title for each in next_days([record], today)]
    assert titles[0] == "Decide: Ask"
    assert vendor in titles[1]
    assert titles[2:] == ["Decide: Start"]


def test_days_that_have_passed_and_other_reports_failures_are_left_out() -> None:
    passed = _record(agreement={"act_by": "2026-05-01"})
    assert [a.day for a in appointments([passed])] == [dt.date(2026, 8, 14), dt.date(2026, 9, 1)]
    assert appointments([passed.model_copy(update={"status": "failed"})]) == []


def _text(records: Sequence[Record]) -> str:
    return client_calendar([r for r in records if r.client == "one-make-garage"])


def test_a_sample_clients_file_is_its_own_and_the_same_twice(reports: Path) -> None:
    path = reports / "one-make-garage" / "dates.ics"
    assert path.read_bytes().decode() == _text(read_records(reports))
    assert len(_events(path.read_text("utf-8"))) > 5
    page = (reports / "one-make-garage" / "index.html").read_text("utf-8")
    assert 'href="dates.ics"' in page
