"""Headers as they are compared: without case, blanks, stars, and the currency in brackets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

__all__ = ["best_header", "header_currency", "header_hits", "header_key", "repeated_headers"]

_CURRENCY = re.compile(
    r"[(\[]\s*(?:([A-Z]{3}|EUROS?|[Ee]uros?)|R\$|[$£€₹¥₺円]|kr\.?|zł|Kč|TL|Ft)\s*[)\]]"
)
_BEHIND = re.compile(
    r"[\s_]+(?:(?:in|en)\s+)?(EUR|euros?|USD|GBP|CHF|INR|CAD|AUD|SEK|NOK|DKK|PLN|CZK|HUF|TRY|JPY|BRL)$",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """Give what of a header is compared.

    Examples
    --------
    >>> header_key("*Transaction Date"), header_key("Withdrawal Amount (INR )")
    ('transactiondate', 'withdrawalamount')
    """
    bare = _BEHIND.sub("", _CURRENCY.sub("", header).strip())
    return _LETTERS.sub("", bare.casefold()) or header.strip().casefold()


def header_currency(header: str) -> str:
    """The currency a header names in brackets or behind, three letters; empty for none.

    Examples
    --------
    >>> header_currency("Bedrag (EUR)"), header_currency("Montant(EUROS)"), header_currency("Sum")
    ('EUR', 'EUR', '')
    """
    match = _CURRENCY.search(header) or _BEHIND.search(header.strip())
    code = (match[1] or "").upper() if match else ""
    return "EUR" if code.startswith("EURO") else code


def header_hits(record: Iterable[object], expected: Collection[str]) -> int:
    """Count the cells of a record that are headers hoped for."""
    wanted = _keys(tuple(expected))
    return len(wanted & {header_key(str(cell)) for cell in record if isinstance(cell, str)})


def best_header(records: Iterable[Sequence[object]], expected: Collection[str]) -> tuple[int, int]:
    """The most headers hoped for that one record has, and the first record's place that has them.

    Parameters
    ----------
    records : iterable of sequences
    expected : collection of str
        Headers hoped for.

    Examples
    --------
    >>> best_header([["Bank of Oak"], ["Date", "Sum"], ["2026-01-05", "9.50"]], ["date", "sum"])
    (2, 1)
    """
    most, at = 0, 0
    for i, record in enumerate(records):
        if len(record) > most:  # a shorter one cannot have more
            hits = header_hits(record, expected)
            if hits > most:
                most, at = hits, i
    return most, at


@lru_cache(maxsize=64)
def _keys(expected: tuple[str, ...]) -> frozenset[str]:
    return frozenset(map(header_key, expected))


def repeated_headers(names: Sequence[str]) -> list[str]:
    """The first group of headers that are equal, or equal but for case; empty where none are."""
    seen: dict[str, list[str]] = {}
    for name in names:
        if name:
            seen.setdefault(" ".join(name.casefold().split()), []).append(name)
    return next((group for group in seen.values() if len(group) > 1), [])
