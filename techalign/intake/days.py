"""Days as people write them, in twenty-one languages; day or month first is settled once per file.

The day that is written is the day that is kept: a time and its zone are read over, never
reckoned with, because a payment of the evening of 31 March is a payment of March.
"""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "LONGEST_CELL",
    "DateOrder",
    "Settled",
    "counted_texts",
    "days_since_1904",
    "looks_like_day",
    "read_dates",
    "settle_dates",
]

FIRST_DAY = dt.date(1700, 1, 1)
"""First day a table may hold; what lies before is a typing error, and pandas cannot hold it."""

LAST_DAY = dt.date(2199, 12, 31)
"""Last day a table may hold."""

LONGEST_CELL = 64
"""Characters of the longest text that is looked at as a number or a day."""

DateOrder = Literal["day-first", "month-first", "year-first"]
"""Which part of a written day comes first."""

LANGUAGES = (
    "en",
    "de",
    "fr",
    "es",
    "it",
    "nl",
    "pt",
    "da",
    "sv",
    "nb",
    "pl",
    "cs",
    "tr",
    "fi",
    "hu",
    "ro",
    "sk",
    "el",
    "ru",
    "uk",
    "bg",
)
_OWN_WAYS = {
    "mrz": 3, "sept": 9, "maerz": 3, "fevr": 2, "aout": 8, "janner": 1, "jaenner": 1, "feber": 2,
}  # fmt: skip
"""Names of months that people use and that the Unicode consortium's lists (CLDR) lack."""
_FILLERS = {"de", "del", "of", "the", "den", "der", "di", "le", "il", "el", "st", "nd", "rd", "th"}
_FILLERS |= {"er", "am", "pm", "d", "o", "a", "uhr"}
_TIME = r"(?:[ T,]+\d{1,2}[:.h]\d{2}.*| ?T.*)?"
_PLAIN_ISO = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_PLAIN_NUMERIC = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]((?:19|20)[0-9]{2})")
_YEAR_FIRST = re.compile(rf"(\d{{4}})([-/.]) ?(\d{{1,2}})\2 ?(\d{{1,2}})\.?{_TIME}$")
_TOGETHER = re.compile(r"(\d{4})(\d{2})(\d{2})(?:[ T]?\d{4,6}.*)?$")
_HAN = re.compile(r"(\d{4})年 ?(\d{1,2})月 ?(\d{1,2})日.*$")
_MONTH_OF_YEAR = re.compile(r"(\d{1,2})[-/](\d{4})")
_ISO_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})$")
_NUMERIC = re.compile(
    rf"(\d{{1,2}})([/.\-' ]) ?(\d{{1,2}})[/.\-' ] ?(\d{{4}}|\d{{2}})\.?{_TIME}(?:,.*)?$"
)
_SERIAL = re.compile(r"\d{5}(?:[.,]\d+)?")
_CLOCK = re.compile(r"[ ,T]+\d{1,2}[:.h]\d{2}(?:[:.]\d{2})?.*$")
_TOKENS = re.compile(r"[^\W\d_]+|\d+")
_TO_1904 = 1462
_SERIALS = (25_569, 73_050)  # 1970-01-01 to 2099-12-31 as Excel counts days


@dataclass(frozen=True)
class Settled:
    """A decision taken once for a file: the choice, and a note when it was not plain."""

    choice: str
    note: str = ""


def counted_texts(cells: Iterable[object]) -> Counter[str]:
    """Count the texts of a column; a column of nothing else is counted without looking at it."""
    held = list(cells)
    if set(map(type, held)) == {str}:
        return Counter(held)  # type: ignore[arg-type]
    return Counter(cell for cell in held if isinstance(cell, str))


def settle_dates(
    cells: Iterable[object], *, stated: DateOrder | None, currency: str | None
) -> Settled:
    """Decide whether a file writes the day, the month or a two-digit year first.

    Parameters
    ----------
    cells : iterable
        Every date cell of the file.
    stated : "day-first", "month-first", "year-first" or None
        What a person has said; it wins.
    currency : str or None
        The client's currency, the last resort: US dollars suggest the month first.

    Returns
    -------
    Settled
        ``choice`` is the order; ``note`` is empty unless the file left it open.

    Examples
    --------
    >>> settle_dates(["13/01/2026", "02/03/2026"], stated=None, currency="USD").choice
    'day-first'
    """
    if stated:
        return Settled(stated)
    pairs: Counter[tuple[int, int]] = Counter()
    short_years: list[tuple[int, int]] = []
    for cell, count in counted_texts(cells).items():
        if len(cell) > LONGEST_CELL:
            continue
        if match := _NUMERIC.match(cell.strip()):
            pairs[int(match[1]), int(match[3])] += count
            if len(match[4]) == 2:
                short_years.append((int(match[1]), int(match[4])))
    if _years_come_first(short_years, pairs):
        return Settled("year-first", "dates read year-first: 26-01-05 is 5 January 2026")
    day_first = sum(n for (first, second), n in pairs.items() if first > 12 >= second)
    month_first = sum(n for (first, second), n in pairs.items() if second > 12 >= first)
    if day_first or month_first:
        choice = "day-first" if day_first >= month_first else "month-first"
        fewer = min(day_first, month_first)
        note = f"dates read {choice}; {fewer} of {day_first + month_first} plain ones say otherwise"
        return Settled(choice, note if fewer else "")
    return _by_currency(pairs, currency)


def _by_currency(pairs: Counter[tuple[int, int]], currency: str | None) -> Settled:
    choice = "month-first" if currency == "USD" else "day-first"
    if not pairs or all(first == second for first, second in pairs):
        return Settled(choice)
    return Settled(
        choice,
        f"all {sum(pairs.values())} dates can be read day-first or month-first; read {choice} "
        f"because the currency is {currency or 'not known'}. "
        'If that is wrong, set date_order = "day-first" or "month-first".',
    )


def _years_come_first(short: list[tuple[int, int]], pairs: Counter[tuple[int, int]]) -> bool:
    """A statement has few years and many days: the place with few values holds the year."""
    if not short or len(short) < len(pairs):
        return False
    firsts, lasts = ({pair[k] for pair in short} for k in (0, 1))
    if any(first > 31 for first in firsts):
        return True
    few = len(firsts) <= 2 < len(lasts) and min(firsts) > 12
    return few and all(second <= 12 for _, second in pairs)


def read_dates(cells: Sequence[object], order: str, form: str = "") -> list[object]:
    """Read date cells in the settled order.

    Parameters
    ----------
    cells : sequence
        Text, native dates, or the day numbers of a spreadsheet.
    order : "day-first", "month-first" or "year-first"
    form : str
        The form a person has stated, as of :meth:`datetime.datetime.strptime`; "" for none.

    Returns
    -------
    list
        ``datetime.date``, None for an empty cell, the raw cell where it is not a date.

    Examples
    --------
    >>> read_dates(["5 janv. 2026", "2026-03-31T22:30:00-04:00", 46027], "day-first")
    [datetime.date(2026, 1, 5), datetime.date(2026, 3, 31), datetime.date(2026, 1, 5)]
    """
    distinct = {cell for cell in cells if isinstance(cell, str)}
    texts = {cell: cell.strip().lstrip("'") for cell in distinct}  # '2026-01-05: kept as text
    short = [cell for cell, text in texts.items() if text and len(cell) <= LONGEST_CELL]
    known = _parse_stated(short, form) if form else _parse_texts(short, order)
    if not form:
        known |= {c: day for c in short if c not in known and (day := _month_of_year(texts[c]))}
    read = {cell: known.get(cell, text or None) for cell, text in texts.items()}
    return [read[cell] if isinstance(cell, str) else _native_date(cell) for cell in cells]


def _month_of_year(text: str) -> dt.date | None:
    """The first day of a month as 09/2026; it is read where a day is wanted, and suggests none."""
    match = _MONTH_OF_YEAR.fullmatch(text)
    return _day(match[2], match[1], "1") if match else None


def looks_like_day(text: str) -> bool:
    """Tell whether a text is a day in some form, whatever the order."""
    return 0 < len(text) <= LONGEST_CELL and bool(_parse_texts([text], "day-first") or
                                                   _parse_texts([text], "month-first"))  # fmt: skip


def days_since_1904(cells: Sequence[object]) -> list[object]:
    """Numbers that stand for days, counted from 1904, as they are counted elsewhere.

    Examples
    --------
    >>> days_since_1904([44565, "5 Jan 2026"])
    [46027, '5 Jan 2026']
    """
    return [
        cell + _TO_1904 if isinstance(cell, int | float) and cell < _SERIALS[1] else cell
        for cell in cells
    ]


def _native_date(cell: object) -> object:
    if isinstance(cell, dt.datetime):  # also pandas.Timestamp; NaT is not equal to itself
        return cell.date() if cell == cell else None
    if isinstance(cell, int | float) and not isinstance(cell, bool) and cell == cell:
        return _counted_day(float(cell)) or _number_as_day(cell)
    return cell


def _counted_day(number: float) -> dt.date | None:
    if not _SERIALS[0] <= number < _SERIALS[1]:
        return None
    return dt.date(1899, 12, 30) + dt.timedelta(days=int(number))


def _number_as_day(cell: float) -> object:
    """A number such as 20260105 is a day written together."""
    text = f"{cell:.0f}" if cell == int(cell) else ""
    match = _TOGETHER.fullmatch(text) if len(text) == 8 else None
    return (_day(*match.groups()) if match else None) or cell


def _parse_stated(texts: list[str], form: str) -> dict[str, dt.date]:
    found = {}
    for text in texts:
        try:
            found[text] = dt.datetime.strptime(text.strip(), form).date()
        except ValueError:  # stays raw, and is set aside with the stated form
            continue
    return found


def _parse_texts(texts: list[str], order: str) -> dict[str, dt.date]:
    found: dict[str, dt.date] = {}
    for text in texts:
        day = _plain(text, order) or _parse(text.strip(), order)
        if day is not None:
            found[text] = day
    left = [text.strip() for text in texts if text not in found]
    if len(left) >= 3 and not found and all(_SERIAL.fullmatch(text) for text in left):
        # a column of nothing but five digits: days as a spreadsheet counts them
        counted = {text: _counted_day(float(text.strip().replace(",", "."))) for text in texts}
        found = {text: day for text, day in counted.items() if day}
    return found


def _plain(text: str, order: str) -> dt.date | None:
    """Read the two ways most files write a day, 2025-03-04 and 4/3/2025, at a tenth the cost."""
    try:
        if _PLAIN_ISO.fullmatch(text):
            return dt.date.fromisoformat(text)
        if match := _PLAIN_NUMERIC.fullmatch(text):
            first, second, year = map(int, match.groups())
            day, month = (first, second) if order != "month-first" else (second, first)
            return dt.date(year, month, day)
    except ValueError:  # a day the calendar lacks: the careful way refuses it too
        pass
    return None


def _parse(text: str, order: str) -> dt.date | None:
    if match := _YEAR_FIRST.match(text):
        return _day(match[1], match[3], match[4])
    if match := _TOGETHER.match(text) or _HAN.match(text):
        return _day(*match.groups())
    if match := _ISO_MONTH.match(text):
        return _day(match[1], match[2], "1")
    if match := _NUMERIC.match(text):
        first, second, third = match[1], match[3], match[4]
        if order == "year-first" and len(third) == 2:
            return _day(_full_year(first), second, third)
        day, month = (second, first) if order == "month-first" else (first, second)
        return _day(_full_year(third), month, day)
    return _named(text, order)


def _day(year: str, month: str, day: str) -> dt.date | None:
    try:
        return dt.date(int(year), int(month), int(day))
    except ValueError:
        return None


def _full_year(text: str) -> str:
    """Two digits mean 1969 to 2068, as POSIX has it."""
    if len(text) > 2:
        return text
    return f"{19 if int(text) >= 69 else 20}{int(text):02d}"


def _named(text: str, order: str) -> dt.date | None:
    """Read 5 January 2026, Jan 5 '26, 13-Mar-26, 5 de enero de 2026, Jan 2026."""
    tokens = _TOKENS.findall(_CLOCK.sub("", text))
    words = [_bare(token) for token in tokens if not token[0].isdigit()]
    digits = [token for token in tokens if token[0].isdigit()]
    if len(digits) not in (1, 2):  # "n/a" is no day, and need not be looked up in all languages
        return None
    months = [number for word in words if (number := _month(word))]
    if len(months) != 1 or not all(_month(word) or _passed_over(word) for word in words):
        return None
    if len(digits) == 1 and len(digits[0]) == 4:
        return _day(digits[0], str(months[0]), "1")
    if len(digits) != 2 or any(len(token) not in (1, 2, 4) for token in digits):
        return None
    year_leads = len(digits[0]) == 4 or order == "year-first"
    year, day = digits if year_leads else reversed(digits)
    return None if len(day) > 2 or len(year) == 1 else _day(_full_year(year), str(months[0]), day)


def _bare(word: str) -> str:
    """Lower case without accents: März, MARZ and marz are one."""
    parts = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in parts if not unicodedata.combining(c))


def _month(word: str) -> int | None:
    """The month of that name: of most files an English one, which spares the other languages."""
    return _months(("en",)).get(word) or _months(LANGUAGES).get(word)


def _passed_over(word: str) -> bool:
    """Whether a word may stand in a date without saying anything."""
    return word in _FILLERS or word in _weekdays(("en",)) or word in _weekdays(LANGUAGES)


@cache
def _months(languages: tuple[str, ...]) -> dict[str, int]:
    """Month names and their beginnings of three letters or more, where all languages agree."""
    votes: dict[str, set[int]] = {}
    for name, number in _names("months", languages):
        for length in range(min(3, len(name)), len(name) + 1):
            votes.setdefault(name[:length], set()).add(number)
    agreed = {name: found.pop() for name, found in votes.items() if len(found) == 1}
    return agreed | _OWN_WAYS


@cache
def _weekdays(languages: tuple[str, ...]) -> frozenset[str]:
    return frozenset(
        name[:length] for name, _ in _names("days", languages) for length in range(2, len(name) + 1)
    )


def _names(kind: str, languages: tuple[str, ...]) -> list[tuple[str, int]]:
    from babel import Locale  # 15 ms, and most files write numbers

    found = []
    for language in languages:
        contexts = getattr(Locale.parse(language), kind)
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in contexts[context][width].items():
                    found += [(part, number) for part in _TOKENS.findall(_bare(name))]
    return found
