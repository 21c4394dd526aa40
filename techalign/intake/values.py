"""Turn a column of cells into numbers and booleans, settling decimal marks once per file.

A cell that cannot be read keeps its raw value: the row model then rejects it and the row is
quarantined with that value. No cell is read by a rule of its own: 1.234 is the same number in
every row of a file, as 03/04/2025 is the same day (see :mod:`techalign.intake.days`).
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Literal, NamedTuple

from techalign.intake.days import (
    FIRST_DAY,
    LAST_DAY,
    LONGEST_CELL,
    DateOrder,
    Settled,
    counted_texts,
    read_dates,
    settle_dates,
)

__all__ = [
    "FIRST_DAY",
    "LAST_DAY",
    "LONGEST_CELL",
    "DateOrder",
    "Mark",
    "Settled",
    "looks_like_number",
    "read_boolean",
    "read_dates",
    "read_numbers",
    "settle_dates",
    "settle_marks",
]

Mark = Literal[".", ","]
"""The decimal mark of a number."""

_SPACES = dict.fromkeys(map(ord, " \t\u00a0\u2007\u2009\u202f'’_\u200e\u200f\u2066\u2069"))
_DASHES = {ord(dash): "-" for dash in "\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"}
_DOLLARS = "USD CAD AUD NZD SGD HKD MXN"
_SIGNS = {
    "$": _DOLLARS, "£": "GBP", "€": "EUR", "¥": "JPY CNY", "₹": "INR", "₩": "KRW", "₽": "RUB",
    "₪": "ILS", "₺": "TRY", "₴": "UAH", "฿": "THB", "₫": "VND", "₱": "PHP", "zł": "PLN",
    "Kč": "CZK", "kč": "CZK", "Ft": "HUF", "kr": "SEK NOK DKK ISK", "kr.": "DKK SEK NOK ISK",
    "Kr": "SEK NOK DKK ISK", "Rs": "INR PKR LKR NPR MUR", "Rs.": "INR PKR LKR NPR MUR",
    "TL": "TRY", "Euro": "EUR", "euro": "EUR", "euros": "EUR", "Euros": "EUR", "円": "JPY",
    "Lei": "RON", "лв": "BGN", "лв.": "BGN", "грн": "UAH", "руб": "RUB", "руб.": "RUB",
    "RM": "MYR", "Rp": "IDR", "Fr.": "CHF", "SFr.": "CHF", "lei": "RON", "R": "ZAR",
    "US$": "USD", "$US": "USD", "C$": "CAD", "CA$": "CAD", "$CA": "CAD", "A$": "AUD",
    "AU$": "AUD", "NZ$": "NZD", "S$": "SGD", "SG$": "SGD", "HK$": "HKD", "MX$": "MXN",
    "R$": "BRL", "NT$": "TWD",
}  # fmt: skip
_PLAIN = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")
_PLAIN_POINT = re.compile(r"-?[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,})")
_SCIENTIFIC = re.compile(r"[-+]?[0-9]+(?:\.[0-9]+)?[eE][-+]?[0-9]{1,3}")
_BARE_MARK = re.compile(r"\d([.,])[ \-–]*$")
_CORE = re.compile(r"[0-9.,]*[0-9][0-9.,]*")
_NO_CENTS = re.compile(r"[.,]-+$|/-$")  # 1.234,- and 1,234/- are whole amounts
_SIDE = re.compile(r"(CR|DR|DB)\.?$", re.IGNORECASE)
_CODE = re.compile(r"[A-Za-z]{3}")
_SIGN_AND_CODE = re.compile(r"(\D*?)([A-Za-z]{3})")
_TRUE = {"yes", "y", "true", "1", "x", "ja", "oui", "si", "sí"}
_FALSE = {"no", "n", "false", "0", "nein", "non"}


class _Number(NamedTuple):
    """A number before its decimal mark is known."""

    negative: bool
    core: str
    currency: str  # currencies the sign allows, separated by blanks; empty: none shown


def settle_marks(cells: Iterable[object], *, stated: Mark | None, cents: bool = False) -> Settled:
    """Decide whether a file writes a decimal point or a decimal comma.

    Parameters
    ----------
    cells : iterable
        Every number cell of the file.
    stated : "." or "," or None
        What a person has said; it wins.
    cents : bool
        Whether they are money of a currency with two decimals: then three digits behind the
        only mark of a number are thousands.

    Returns
    -------
    Settled
        ``choice`` is the decimal mark; ``note`` is empty unless the file left it open.

    Examples
    --------
    >>> settle_marks(["1.234", "2.500"], stated=None, cents=True).choice
    ','
    """
    if stated:
        return Settled(stated)
    votes = _votes(cells)
    point, comma, either = votes["."], votes[","], votes["either"]
    if point or comma:
        choice = "." if point >= comma else ","
        fewer = min(point, comma)
        note = f"numbers read with decimal '{choice}'; {fewer} of {point + comma} say otherwise"
        return Settled(choice, note if fewer else "")
    if not either:
        return Settled(".")
    points, commas = votes["grouped by ."], votes["grouped by ,"]
    if cents and not (points and commas):
        choice, shown = (",", "1.234") if points else (".", "1,234")
        return Settled(
            choice,
            f"check: amounts such as {shown} read as thousands, as money has two decimals; if "
            f'that is wrong, state decimal = "{"." if points else ","}" in a mapping file',
        )
    return Settled(
        ".",
        f"{either} numbers such as 1,234 or 1.234 can be read as thousands or decimals; read "
        'with a decimal point. If that is wrong, set decimal = ",".',
    )


def _votes(cells: Iterable[object]) -> Counter[str]:
    """Count what each cell proves of the decimal mark; of an open one, which mark it has."""
    votes: Counter[str] = Counter()
    for cell, count in counted_texts(cells).items():
        if len(cell) > LONGEST_CELL:
            continue
        if _PLAIN_POINT.fullmatch(cell):  # most cells
            votes["."] += count
        elif match := _BARE_MARK.search(cell):
            votes[match[1]] += count  # 1.234,- has a decimal comma and no cents
        elif (number := _dissect(cell)) is not None:
            vote = _mark_vote(number.core)
            votes[vote] += count
            if vote == "either":
                votes["grouped by ." if "." in number.core else "grouped by ,"] += count
    return votes


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
        brackets, any dash before or behind for a negative, ``CR``/``DR``, or a percent sign;
        a dash alone is the accountant's zero.
    mark : "." or ","

    Returns
    -------
    values : list
        ``Decimal``, None for an empty cell, the raw cell where it is not a number.
    currencies : list of str
        For each cell the currencies its sign allows, separated by blanks; "" for none.

    Examples
    --------
    >>> read_numbers(["$(67.00)", "1,234.50 Cr.", "Rs. 1,23,456/-", " $ -   "], ".")[0]
    [Decimal('-67.00'), Decimal('-1234.50'), Decimal('123456.0'), Decimal('0.0')]
    """
    kinds = set(map(type, cells))
    if kinds <= {Decimal, type(None)}:  # a mapping has read them already
        return list(cells), [""] * len(cells)
    known = {text: _read_number(text, mark) for text in counted_texts(cells)}
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
    if _SCIENTIFIC.fullmatch(raw):
        return Decimal(raw), ""
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
    text = _NO_CENTS.sub("", cell.translate(_SPACES).translate(_DASHES))
    side = _SIDE.search(text)
    text = text[: side.start()] if side else text
    match = _CORE.search(text)
    if match is None:
        return _nothing(text) if side is None else None
    rest, negative = _unsigned(text[: match.start()], text[match.end() :])
    core = match[0]
    if rest.endswith((".", ",")) or (core.startswith(".") and _SIGNS.get(f"{rest}.")):
        core = core.lstrip(".")  # the point of "Rs.1,234"
        rest = rest if rest in _SIGNS or rest.endswith(".") else f"{rest}."
    if negative is None or (core.endswith((".", ",")) and len(core) > 1 and not core[-2].isdigit()):
        return None
    if side:
        negative = negative != (side[1].upper() == "CR")
    if rest == "":
        return _Number(negative, core, "")
    code = _SIGN_AND_CODE.fullmatch(rest)
    if code and code[2].upper() in _SIGNS.get(code[1], ""):
        rest = code[2]  # "$5.00 USD" says it twice
    currency = _SIGNS.get(rest) or (rest.upper() if _CODE.fullmatch(rest) else "")
    return _Number(negative, core, currency) if currency else None


def _unsigned(before: str, after: str) -> tuple[str, bool | None]:
    """What is left around a number without its sign; None for the sign where it has two."""
    negative = False
    if ("(" in before and ")" in after) or ("<" in before and ">" in after):
        opened = "(" if "(" in before else "<"
        before = before.replace(opened, "", 1)
        after = after.replace(")" if opened == "(" else ">", "", 1)
        negative = True
    rest = before + after
    if rest.count("-") > 1 or (negative and "-" in rest):
        return rest, None
    negative = negative or "-" in rest
    return rest.replace("-", "").replace("+", "", 1), negative


def _nothing(text: str) -> _Number | None:
    """A dash alone, or with a currency sign, is how accountants write zero."""
    sign = text.strip("-")
    if text.count("-") != 1 or (sign and sign not in _SIGNS):
        return None
    return _Number(False, "0", _SIGNS.get(sign, ""))


def looks_like_number(text: str) -> bool:
    """Tell whether a text is an amount in some form, whatever the decimal mark."""
    stripped = text.strip()
    return bool(stripped) and any(
        isinstance(_read_number(stripped, mark)[0], Decimal) for mark in (".", ",")
    )


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
