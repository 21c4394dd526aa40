"""All days of a client's review for a calendar: decisions to take, agreements to act on."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING

from techalign.html import without_controls
from techalign.numbers.formatting import format_interval, format_money
from techalign.review.decisions import Decided, DecisionRow
from techalign.review.records import Record
from techalign.review.spending import AgreementRow, Agreements

if TYPE_CHECKING:
    from icalendar import Event

    from techalign.review.subject import Earlier

__all__ = ["Appointment", "appointments", "client_calendar", "review_day"]

_REMIND = dt.timedelta(days=14)
_GONE = {"done", "declined"}
_DECISION = "decision "


@dataclass(frozen=True)
class Appointment:
    """One day: what it is, why, and a name that is the same in every review.

    ``over`` says that nothing is left to do: a calendar that had it before strikes it out;
    ``money`` is what an agreement's next term costs, as text; ``about`` is whom it concerns.
    """

    name: str
    day: dt.date
    title: str
    text: str
    over: bool = False
    money: str = ""
    about: str = ""


def appointments(records: Sequence[Record]) -> list[Appointment]:
    """The days that a client's reports name, the next first.

    Parameters
    ----------
    records : sequence of Record
        Of one client; reports that are not ready have none.

    Returns
    -------
    list of Appointment
        From the day of the review on: one for each decision with a day, and two for each
        agreement, the day to act by, and the day it ends or the last day to cancel it.
    """
    ready = [record for record in records if record.status == "ok"]
    found = [day for record in ready for day in (*_decided(record), *_agreed(record))]
    # of a day that has passed a calendar need not be told; what it has of earlier reviews stays
    ahead = {each.name: each for each in found if each.over or each.day >= review_day(records)}
    return sorted(ahead.values(), key=lambda each: (each.day, each.name))


def next_days(records: Sequence[Record], today: dt.date) -> list[Appointment]:
    """The next day of each agreement, and the days of decisions, the first to come first.

    A decision about an agreement stands there only where its day comes before the agreement's.

    Parameters
    ----------
    records : sequence of Record
        Of one client.
    today : date
    """
    coming = [each for each in appointments(records) if not each.over and each.day >= today]
    days: dict[str, Appointment] = {}
    first: dict[str, dt.date] = {}
    for each in coming:
        whose, _, _ = each.name.rpartition(": ")
        if whose:
            days.setdefault(whose, each)
            first.setdefault(each.about, each.day)
    for each in coming:
        if each.name.startswith(_DECISION) and each.day < first.get(each.about, dt.date.max):
            days[each.name] = each
    return sorted(days.values(), key=lambda each: (each.day, each.name))


def review_day(records: Sequence[Record]) -> dt.date:
    """The latest day that a client's reports speak of."""
    return max((dt.date.fromisoformat(r.as_of) for r in records), default=dt.date.min)


def _struck_out(records: Sequence[Record], earlier: Earlier) -> Iterator[Appointment]:
    """Days ahead that an earlier review put into calendars and nothing names any longer.

    Only where the report that named it is there again: one that failed has said nothing.
    """
    today = review_day(records)
    there = {record.notebook for record in records if record.status == "ok"}
    named = {each.name for each in appointments(records)}
    found: dict[str, Appointment] = {}
    for quarter in sorted(earlier):
        for record in (record for record in earlier[quarter] if record.notebook in there):
            for each in appointments([record]):
                if each.name not in named and each.day >= today:
                    found[each.name] = replace(each, over=True)
    yield from sorted(found.values(), key=lambda each: (each.day, each.name))


def _decided(record: Record) -> Iterator[Appointment]:
    for row in record.rows(Decided):
        if row.by is not None:
            over = row.status in _GONE
            yield Appointment(
                f"{_DECISION}{row.id}", row.by, f"Decide: {row.what}", _why(row), over,
                about=row.subject,
            )  # fmt: skip


def _why(row: DecisionRow) -> str:
    worth = (
        f"Worth {format_interval(row.value.interval, row.unit)} in a year. " if row.value else ""
    )
    return f"{worth}{row.because} Who: {row.owner}."


def _agreed(record: Record) -> Iterator[Appointment]:
    block = record.block(Agreements)
    for row in block.rows if block else ():
        about = f"{row.what} ({row.purpose})" if row.purpose else row.what
        name = f"agreement {row.what}/{row.purpose}"
        money = format_money(row.money, block.unit) if block else ""
        cost = f"The next term costs {money}."
        made = partial(Appointment, money=money, about=row.what)
        yield made(f"{name}: act by", row.act_by, f"Decide on {about}", _terms(row, cost))
        if row.renews:
            last = f"Last day to cancel {about}"
            yield made(f"{name}: cancel", row.last_day, last, cost)
        else:
            yield made(f"{name}: ends", row.end, f"{about} ends", cost)


def _terms(row: AgreementRow, money: str) -> str:
    if row.renews:
        return f"It renews by itself unless cancelled by {row.last_day:%-d %b %Y}. {money}"
    return f"It ends on {row.end:%-d %b %Y} and does not renew by itself. {money}"


def client_calendar(records: Sequence[Record], earlier: Earlier | None = None) -> str:
    """Write a client's days as iCalendar [1]_, to be imported into any calendar.

    Names of events are the same in every review, and each review's number is higher than the
    last one's, so importing again moves events and adds none twice. What is done, declined or
    no longer found is cancelled.

    Parameters
    ----------
    records : sequence of Record
        Of one client.
    earlier : mapping of str to sequence of Record, optional
        Of its earlier reviews, by quarter: what they put into calendars.

    Returns
    -------
    str
        The text of an ``.ics`` file; the same records give the same text.

    References
    ----------
    .. [1] RFC 5545, Internet Calendaring and Scheduling Core Object Specification.
    """
    from icalendar import Calendar

    calendar = Calendar()
    calendar.add("prodid", "-//techalign//review//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    if records:
        calendar.add("x-wr-calname", f"{records[0].client_name}: technology review")
        review = review_day(records)
        for each in (*appointments(records), *_struck_out(records, earlier or {})):
            calendar.add_component(_event(each, records[0].client, review))
    return without_controls(str(calendar.to_ical(), "utf-8"))


def _event(each: Appointment, client: str, review: dt.date) -> Event:
    from icalendar import Alarm, Event

    event = Event()
    # a name may hold anything, an identifier must not
    named = hashlib.sha256(f"{client} {each.name}".encode()).hexdigest()[:32]
    event.add("uid", f"{named}@techalign")
    event.add("dtstamp", dt.datetime.combine(review, dt.time(), dt.UTC))
    event.add("sequence", review.toordinal())
    event.add("dtstart", each.day)
    event.add("dtend", each.day + dt.timedelta(days=1))
    event.add("summary", each.title)
    event.add("description", each.text)
    event.add("transp", "TRANSPARENT")  # the day is not taken up by it
    event.add("status", "CANCELLED" if each.over else "CONFIRMED")
    if not each.over:
        alarm = Alarm()
        alarm.add("action", "DISPLAY")
        alarm.add("description", each.title)
        alarm.add("trigger", -_REMIND)
        event.add_component(alarm)
    return event
