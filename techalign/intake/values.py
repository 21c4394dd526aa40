"""Turn a column of cells into values, settling dates and decimal marks once per file.

A cell that cannot be read keeps its raw value: the row model then rejects it and the row is
quarantined with that value. No cell is read by a rule of its own: 03/04/2025 means the same
day in every row of a file, and 1.234 the same number.
"""

from __future__ import annotations

import datetime as dt
import re
import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal, NamedTuple

import pandas as pd

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "LONGEST_CELL",
    "Settled",
    "read_boolean",
    "read_dates",
    "read_numbers",
    "settle_dates",
    "settle_marks",
]

FIRST_DAY, LAST_DAY = dt.date(1700, 1, 1), dt.date(2199, 12, 31)
"""Days that a table may hold; what lies outside is a typing error, and pandas cannot hold it."""

LONGEST_CELL = 64
"""Characters of the longest text that is looked at as a number or a day."""

DateOrder = Literal["day-first", "month-first"]
Mark = Literal[".", ","]

_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u2007\u2009\u202f'’_"))
_SIGNS = {"$": "USD CAD AUD NZD SGD HKD MXN", "£": "GBP", "€": "EUR", "¥": "JPY CNY", "₹": "INR"}
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PLAIN_POINT = re.compile(r"-?[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})")
_PLAIN_ISO = re.compile(r"(?:19|20)[0-9]{2}-[0-9]{2}-[0-9]{2}")
_PLAIN_NUMERIC = re.compile(r"([0-9]{1,2})[/.\-]([0-9]{1,2})[/.\-]((?:19|20)[0-9]{2})")
_CORE = re.compile(r"[0-9.,]*[0-9][0-9.,]*")
_NUMERIC_DATE = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})(?:[ T,].*)?$")
_ISO_DATE = re.compile(r"\d{4}[-/]\d{1,2}[-/]\d{1,2}(?:[ T].*)?$|\d{8}$")
_ISO_MONTH = re.compile(r"(\d{4})[-/](\d{1,2})$")
_NAMED_DATE = re.compile(r"(?=.*\d)(?=.*[A-Za-z]{3})(?=.*(?:\d{4}|\d{1,2}[ \-/.]*$|[ \-']\d{2}))")
_TRUE = {"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"}
_FALSE = {"no", "n", "false", "0", "nein", "non"}


@dataclass(frozen=True)
class Settled:
    """A decision taken once for a file: the choice, and a note when it was not plain."""

    choice: str
    note: str = ""


class _Number(NamedTuple):
    """A number before its decimal mark is known."""

    negative: bool
    core: str
    currency: str  # currencies the sign allows, separated by blanks; empty: none shown


def settle_dates(
    cells: Iterable[object], *, stated: DateOrder | None, currency: str | None
) -> Settled:
    """Decide whether a file writes the day or the month first.

    Parameters
    ----------
    cells : iterable
        Every date cell of the file.
    stated : "day-first", "month-first" or None
        What a person has said; it wins.
    currency : str or None
        The client's currency, the last resort: US dollars suggest the month first.

    Returns
    -------
    Settled
        ``choice`` is the order; ``note`` is empty unless the file left it open.
    """
    if stated:
        return Settled(stated)
    pairs: Counter[tuple[int, int]] = Counter()
    for cell, count in Counter(cell for cell in cells if isinstance(cell, str)).items():
        if len(cell) > LONGEST_CELL:
            continue
        if match := _NUMERIC_DATE.match(cell.strip()):
            pairs[int(match[1]), int(match[2])] += count
    day_first = sum(n for (first, second), n in pairs.items() if first > 12 >= second)
    month_first = sum(n for (first, second), n in pairs.items() if second > 12 >= first)
    if day_first or month_first:
        choice = "day-first" if day_first >= month_first else "month-first"
        fewer = min(day_first, month_first)
        note = f"dates read {choice}; {fewer} of {day_first + month_first} plain ones say otherwise"
        return Settled(choice, note if fewer else "")
    choice = "month-first" if currency == "USD" else "day-first"
    if not pairs or all(first == second for first, second in pairs):
        return Settled(choice)
    return Settled(
        choice,
        f"all {sum(pairs.values())} dates can be read day-first or month-first; read {choice} "
        f"because the currency is {currency or 'not known'}. "
        'If that is wrong, set date_order = "day-first" or "month-first".',
    )


def read_dates(cells: Sequence[object], order: str) -> list[object]:
    """Read date cells in the settled order.

    Parameters
    ----------
    cells : sequence
        Text or native dates.
    order : "day-first" or "month-first"

    Returns
    -------
    list
        ``datetime.date``, None for an empty cell, the raw cell where it is not a date.
    """
    distinct = {cell for cell in cells if isinstance(cell, str)}
    texts = {cell: cell.strip() for cell in distinct}
    short = [cell for cell, text in texts.items() if text and len(cell) <= LONGEST_CELL]
    known = _parse_date_texts(short, order)
    read = {cell: known.get(cell, text or None) for cell, text in texts.items()}
    return [read[cell] if isinstance(cell, str) else _native_date(cell) for cell in cells]


def _native_date(cell: object) -> object:
    if isinstance(cell, dt.datetime):  # also pandas.Timestamp; NaT is not equal to itself
        return cell.date() if cell == cell else None
    return cell


def _parse_date_texts(texts: list[str], order: str) -> dict[str, dt.date]:
    found = _plain_dates(texts, order)
    texts = [text for text in texts if text not in found]
    iso = {t: t.strip() for t in texts if _ISO_DATE.match(t.strip())}
    found |= _to_dates(iso, pattern="ISO8601")
    month = {t: f"{m[1]}-{m[2]}" for t in texts if (m := _ISO_MONTH.match(t.strip()))}
    found |= _to_dates(month, pattern="%Y-%m")
    numeric = {t: m for t in texts if (m := _NUMERIC_DATE.match(t.strip()))}
    head = "%d/%m" if order == "day-first" else "%m/%d"
    for digits, year in ((4, "%Y"), (2, "%y")):
        part = {t: "/".join(m.groups()[:3]) for t, m in numeric.items() if len(m[3]) == digits}
        found |= _to_dates(part, pattern=f"{head}/{year}")
    named = {
        t: t.strip()
        for t in texts
        if t not in found and t not in numeric and _NAMED_DATE.match(t.strip())
    }
    return found | _to_dates(named, pattern="mixed", dayfirst=order == "day-first")


def _plain_dates(texts: list[str], order: str) -> dict[str, dt.date]:
    """Read the two ways most files write a day, 2025-03-04 and 4/3/2025, at a tenth the cost."""
    found = {}
    for text in texts:
        try:
            if _PLAIN_ISO.fullmatch(text):
                found[text] = dt.date.fromisoformat(text)
            elif match := _PLAIN_NUMERIC.fullmatch(text):
                first, second, year = map(int, match.groups())
                day, month = (first, second) if order == "day-first" else (second, first)
                found[text] = dt.date(year, month, day)
        except ValueError:  # a day the calendar lacks: the careful way refuses it too
            continue
    return found


def _to_dates(texts: dict[str, str], *, pattern: str, dayfirst: bool = False) -> dict[str, dt.date]:
    if not texts:
        return {}
    series = pd.Series(list(texts.values()), dtype="object")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # pandas warns that it falls back to dateutil: intended
        stamps = pd.to_datetime(
            series, format=pattern, dayfirst=dayfirst, errors="coerce", utc=True
        )
    return {
        raw: stamp.date() for raw, stamp in zip(texts, stamps, strict=True) if not pd.isna(stamp)
    }


def settle_marks(cells: Iterable[object], *, stated: Mark | None) -> Settled:
    """Decide whether a file writes a decimal point or a decimal comma.

    Parameters
    ----------
    cells : iterable
        Every number cell of the file.
    stated : "." or "," or None
        What a person has said; it wins.

    Returns
    -------
    Settled
        ``choice`` is the decimal mark; ``note`` is empty unless the file left it open.
    """
    if stated:
        return Settled(stated)
    votes: Counter[str] = Counter()
    for cell, count in Counter(cell for cell in cells if isinstance(cell, str)).items():
        if len(cell) <= LONGEST_CELL and _PLAIN_POINT.fullmatch(cell):  # most cells
            votes["."] += count
        elif (number := _dissect(cell)) is not None:
            votes[_mark_vote(number.core)] += count
    point, comma, either = votes["."], votes[","], votes["either"]
    if point or comma:
        choice = "." if point >= comma else ","
        fewer = min(point, comma)
        note = f"numbers read with decimal '{choice}'; {fewer} of {point + comma} say otherwise"
        return Settled(choice, note if fewer else "")
    if not either:
        return Settled(".")
    return Settled(
        ".",
        f"{either} numbers such as 1,234 or 1.234 can be read as thousands or decimals; read "
        'with a decimal point. If that is wrong, set decimal = ",".',
    )


def _mark_vote(core: str) -> str:
    """Tell which decimal mark a number proves: '.', ',', 'either' or none."""
    last = max(core.rfind("."), core.rfind(","))
    if last < 0:
        return "none"
    mark, other = core[last], "," if core[last] == "." else "."
    if other in core:
        return mark if core.count(mark) == 1 else "none"
    if core.count(mark) > 1:
        # 1.234.567: the mark groups thousands, so the other one is decimal
        return other if _well_grouped(core.split(mark)) else "none"
    before, after = core[:last], core[last + 1 :]
    if len(after) != 3 or len(before) > 3 or before in {"", "0"}:
        return mark
    return "either"


def read_numbers(cells: Sequence[object], mark: str) -> tuple[list[object], list[str]]:
    """Read number cells with the settled decimal mark.

    Parameters
    ----------
    cells : sequence
        Text or native numbers. Text may carry thousands marks, a currency sign or code,
        brackets or a trailing minus for a negative, ``CR``/``DR``, or a percent sign.
    mark : "." or ","

    Returns
    -------
    values : list
        ``Decimal``, None for an empty cell, the raw cell where it is not a number.
    currencies : list of str
        For each cell the currencies its sign allows, separated by blanks; "" for none.
    """
    distinct = {cell for cell in cells if isinstance(cell, str)}
    known = {cell: _read_number(cell, mark) for cell in distinct}
    read = [known[c] if isinstance(c, str) else (_native_number(c), "") for c in cells]
    return [value for value, _ in read], [currency for _, currency in read]


def _native_number(cell: object) -> object:
    if isinstance(cell, bool | Decimal) or cell is None:
        return cell
    if isinstance(cell, float):
        # repr gives the shortest text that means this float: 60.52, not 60.5200000000000031
        return Decimal(repr(cell)) if cell == cell else None
    return Decimal(cell) if isinstance(cell, int) else cell


def _read_number(cell: str, mark: str) -> tuple[object, str]:
    if len(cell) > LONGEST_CELL:
        return cell.strip() or None, ""
    if mark == "." and _PLAIN_POINT.fullmatch(cell):
        return (-Decimal(cell[1:]) if cell[0] == "-" else Decimal(cell)), ""
    raw = cell.strip()
    if not raw:
        return None, ""
    percent = raw.endswith("%")
    number = _dissect(raw.removesuffix("%"))
    if number is None:
        return raw, ""
    thousands = "," if mark == "." else "."
    whole, _, fraction = number.core.partition(mark)
    groups = whole.split(thousands)
    if not _well_grouped(groups) or mark in fraction or thousands in fraction:
        return raw, number.currency
    value = Decimal(f"{''.join(groups) or '0'}.{fraction or '0'}")
    value = -value if number.negative else value
    return (value / 100 if percent else value), number.currency


def _well_grouped(groups: list[str]) -> bool:
    """Groups of three, or of two before the last three as India writes them."""
    return len(groups) == 1 or (
        1 <= len(groups[0]) <= 3
        and len(groups[-1]) == 3
        and all(len(group) in (2, 3) for group in groups[1:-1])
    )


def _dissect(cell: str) -> _Number | None:
    """Split a number's text into sign, digits with marks, and currency; None if it is none."""
    if len(cell) > LONGEST_CELL:
        return None
    if _PLAIN.fullmatch(cell):  # most cells: spares them the careful way
        return _Number(cell[0] == "-", cell.lstrip("-"), "")
    text = cell.translate(_SPACES).replace("\u2212", "-")
    negative = False
    if text.startswith("(") and text.endswith(")"):
        text, negative = text[1:-1], True
    match = _CORE.search(text)
    if match is None:
        return None
    before, core, after = text[: match.start()], match[0], text[match.end() :]
    rest = before + after
    if rest.count("-") > 1 or (negative and "-" in rest):
        return None
    negative = negative or "-" in rest
    rest = rest.replace("-", "").replace("+", "", 1)
    if after.upper() in {"CR", "DR"}:
        negative, rest = negative != (after.upper() == "CR"), before.replace("-", "")
    if rest == "":
        return _Number(negative, core, "")
    currency = _SIGNS.get(rest) or (rest.upper() if re.fullmatch(r"[A-Za-z]{3}", rest) else "")
    return _Number(negative, core, currency) if currency else None


def read_boolean(cell: object) -> object:
    """Read yes/no, true/false or 1/0; None for an empty cell, the raw cell otherwise."""
    if isinstance(cell, str):
        text = cell.strip().casefold()
        if not text:
            return None
        return True if text in _TRUE else False if text in _FALSE else cell.strip()
    if isinstance(cell, (int, float)) and cell in (0, 1):
        return bool(cell)
    return cell
