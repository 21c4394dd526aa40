"""Seats as a console counts them: a line a product, or a line a person and when it was there last.

A seat is paid where a licence was bought or given out; it is used where it is given out, or better,
where its person has been there within ninety days of the day the list was made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from techalign.errors import MappingError, TableError
from techalign.intake.headers import header_key
from techalign.intake.left_out import filtered_rows
from techalign.intake.mapping import Mapping, Seats
from techalign.intake.source import Source
from techalign.intake.values import read_dates, read_numbers, settle_dates, settle_marks

__all__ = ["IDLE_DAYS", "CountedSeats", "count_seats"]

IDLE_DAYS = 90
"""Days without a sign of use after which a seat counts as not in use."""
_NO = {"", "false", "no", "0", "none", "unlicensed", "[]", "suspended", "archived"}


@dataclass(frozen=True)
class CountedSeats:
    """Seats of one vendor.

    Attributes
    ----------
    vendor : str
    paid, active : int or None
        None where the file does not tell.
    rows : int
        Lines read, of which ``aside`` could not be.
    aside : tuple of (int, str)
        Line and reason of each that does not count.
    notes : tuple of str
        How each column was taken.
    sure : frozenset of str
        Which of "paid" and "active" the file counts itself: a list of people does not tell how
        many seats were bought, one of products not who was there.
    """

    vendor: str
    paid: int | None
    active: int | None
    rows: int
    aside: tuple[tuple[int, str], ...]
    notes: tuple[str, ...]
    sure: frozenset[str] = frozenset({"paid", "active"})


def count_seats(mapping: Mapping, source: Source, today: dt.date) -> CountedSeats:
    """Count the seats of a console's list.

    Parameters
    ----------
    mapping : Mapping
        With ``seats``.
    source : Source
    today : date
        Meant where the list does not say of what day it is.

    Returns
    -------
    CountedSeats

    Raises
    ------
    MappingError
        If the file has none of the headers that are needed.
    TableError
        If not one line counts.
    """
    seats = mapping.seats
    if seats is None:
        raise MappingError("counts no seats", where=source.file)
    left = filtered_rows(mapping, {}, source, {}, [None] * len(source.lines))
    aside = {source.lines[i]: reason for i, (reason, _) in left.items()}
    aside |= {row.line: f"has {len(row.cells)} fields" for row in source.ragged}
    rows = [i for i in range(len(source.lines)) if i not in left]
    by_person = bool(seats.user)
    count = _people if by_person else _products
    paid, active, wrong, notes = count(seats, source, rows, today)
    aside |= wrong
    if not rows or len(wrong) == len(rows):
        first = next(iter(aside.items()), (0, "there is none"))
        raise TableError(
            f"not one of its {len(source.lines)} lines counts as a seat; the first {first[1]}",
            where=f"{source.file}:{first[0]}", remedy="Name the right columns in a mapping file.",
        )  # fmt: skip
    every = len(source.lines) + len(source.ragged)
    return CountedSeats(
        seats.vendor, paid, active, every, tuple(sorted(aside.items())),
        (*source.notes, *notes), _sure(seats),
    )  # fmt: skip


def _sure(seats: Seats) -> frozenset[str]:
    if not seats.user:
        return frozenset({"paid"})
    return frozenset({"paid", "active"} if seats.billed else {"active"})


_Counted = tuple[int | None, int | None, dict[int, str], list[str]]


def _products(seats: Seats, source: Source, rows: list[int], today: dt.date) -> _Counted:
    """Add up the lines of products."""
    del today  # counts of products are of whatever day the list was made
    header = _header(source, seats.paid, needed="paid")
    given = _header(source, seats.active)
    wrong: dict[int, str] = {}
    paid = _sum(source, header, rows, wrong)
    active = _sum(source, given, rows, wrong) if given else None
    notes = [f"{header} read as seats paid", *([f"{given} read as seats in use"] if given else [])]
    return paid, active, wrong, notes


def _sum(source: Source, header: str, rows: list[int], wrong: dict[int, str]) -> int:
    cells = source.columns[header]
    numbers = read_numbers(cells, settle_marks(cells, stated=None).choice)[0]
    total = 0
    for i in rows:
        number = numbers[i]
        if not isinstance(number, Decimal) or number % 1:
            wrong[source.lines[i]] = f"{header} is no whole number: '{cells[i]}'"
        elif source.lines[i] not in wrong:
            total += int(number)
    return total


def _people(seats: Seats, source: Source, rows: list[int], today: dt.date) -> _Counted:
    """Count the people with a licence, and those who were there lately."""
    user = _header(source, seats.user, needed="user")
    licensed = _header(source, seats.licensed)
    seen = [h for option in seats.last_seen if (h := _header(source, [option]))]
    wrong: dict[int, str] = {}
    if licensed:
        for i in rows:
            cell = str(source.columns[licensed][i] or "").strip()
            if cell.casefold() in _NO:
                wrong[source.lines[i]] = f"has no licence: {licensed} is '{cell}'"
    rows = [i for i in rows if source.lines[i] not in wrong]
    people = {str(source.columns[user][i] or "").strip().casefold() for i in rows} - {""}
    notes = [f"{user} read as the person"]
    notes += [f"{licensed} read as the licence"] if licensed else []
    paid = len(people) if seats.billed else None
    if not seen:
        return paid, None, wrong, notes
    day = _day_of(seats, source, today)
    since = day - dt.timedelta(days=IDLE_DAYS)
    last = [_days(source, header) for header in seen]
    there = {
        str(source.columns[user][i] or "").strip().casefold()
        for i in rows
        if any((found := column[i]) is not None and found >= since for column in last)
    } - {""}
    notes.append(f"in use: {', '.join(seen)} within {IDLE_DAYS} days of {day}")
    return paid, len(there), wrong, notes


def _day_of(seats: Seats, source: Source, today: dt.date) -> dt.date:
    header = _header(source, seats.day)
    days = [day for day in _days(source, header) if day is not None] if header else []
    return max(days, default=today)


def _days(source: Source, header: str) -> list[dt.date | None]:
    cells = source.columns[header]
    read = read_dates(cells, settle_dates(cells, stated=None, currency=None).choice)
    return [day if isinstance(day, dt.date) else None for day in read]


def _header(source: Source, options: Sequence[str], needed: str = "") -> str:
    by_key = {header_key(header): header for header in source.header}
    found = next((by_key[header_key(o)] for o in options if header_key(o) in by_key), "")
    if needed and not found:
        raise MappingError(
            f"has no column for seats.{needed} (looked for {', '.join(options)})",
            where=source.file, remedy="Name the right one in a mapping file.",
        )  # fmt: skip
    return found
