"""Headers as they are compared: without case, blanks, stars, and the currency in brackets."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from functools import lru_cache

__all__ = ["header_currency", "header_hits", "header_key", "repeated_headers"]

_CURRENCY = re.compile(r"[(\[]\s*(?:([A-Z]{3})|[$£€₹¥])\s*[)\]]")
_LETTERS = re.compile(r"[\W_]+")


@lru_cache(maxsize=4096)
def header_key(header: str) -> str:
    """Give what of a header is compared.

    Examples
    --------
    >>> header_key("*Transaction Date"), header_key("Withdrawal Amount (INR )")
    ('transactiondate', 'withdrawalamount')
    """
    bare = _CURRENCY.sub("", header)
    return _LETTERS.sub("", bare.casefold()) or header.strip().casefold()


def header_currency(header: str) -> str:
    """The currency a header names in brackets, three letters; empty where it names none."""
    match = _CURRENCY.search(header)
    return (match[1] or "") if match else ""


def header_hits(record: Iterable[object], expected: Collection[str]) -> int:
    """Count the cells of a record that are headers hoped for."""
    wanted = _keys(tuple(expected))
    return len(wanted & {header_key(str(cell)) for cell in record if isinstance(cell, str)})


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
