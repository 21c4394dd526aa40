"""Whether two normalised names are the same supplier, and if not, why a person should look.

String similarity alone is not enough: ``token_set_ratio`` is 100 for any name that contains
another ("north systems", "north systems academy trust"). Each difference must therefore be
explained as one that writing causes: spacing, order, a slip of the keys, a cut field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Verdict", "compare_names", "opens_with"]

CUT_MIN = 12
"""A name cut within its last word must be at least this long to be believed (characters)."""
CUT_FIELD = 18
"""From this length on (the field width of many bank exports) whole words may be missing."""
SLIP_SHARE = 0.1
"""A misspelling is at most this much as frequent as the word meant (or occurs once)."""
KNOWN_WORD = 5
"""A word in so many names is known: a neighbour that occurs once is a slip of it."""


@dataclass(frozen=True)
class Verdict:
    """Whether two names are the same supplier, with the reason in words."""

    same: bool
    reason: str


def compare_names(a: str, b: str, usage: Mapping[str, int]) -> Verdict:
    """Judge whether two normalised names differ only in how they were written.

    Parameters
    ----------
    a, b : str
        Normalised names.
    usage : mapping of str to int
        In how many distinct names each word occurs: a word met elsewhere is no slip.

    Returns
    -------
    Verdict
    """
    if a == b:
        return Verdict(True, "same words")
    words_a, words_b = a.split(), b.split()
    if {w for w in words_a if _has_digit(w)} != {w for w in words_b if _has_digit(w)}:
        return Verdict(False, "the numbers in the names differ")
    if len(a) > 3 and a.replace(" ", "") == b.replace(" ", ""):
        return Verdict(True, "spacing")
    only_a = list((Counter(words_a) - Counter(words_b)).elements())
    only_b = list((Counter(words_b) - Counter(words_a)).elements())
    if not only_a and not only_b:
        return Verdict(True, "order of words")
    if _is_cut(a, b) or _is_cut(b, a):
        return Verdict(True, "cut short")
    if not only_a or not only_b:
        return Verdict(False, f"one name adds {_shown(only_a or only_b)}")
    if len(only_a) == len(only_b) <= 2:
        return _judge_slips(only_a, only_b, len(words_a), usage)
    return Verdict(False, f"{_shown(only_a)} against {_shown(only_b)}")


def opens_with(name: str, opening: str, harmless: frozenset[str]) -> Verdict:
    """Judge whether a statement line that opens with a catalogue name belongs to it.

    Two words of opening are taken as proof; one word ("apple", "box") is not, unless what
    follows is harmless.

    Parameters
    ----------
    name, opening : str
        Normalised names.
    harmless : frozenset of str
        Words that may follow a one-word opening, e.g. the vendor's capability.

    Returns
    -------
    Verdict
    """
    words, first = name.split(), opening.split()
    if words[: len(first)] != first:
        return Verdict(False, "")
    rest = words[len(first) :]
    if len(first) >= 2 or all(word in harmless or word.isdigit() for word in rest):
        return Verdict(True, "opens with the catalogue's name")
    return Verdict(False, f"one name adds {_shown(rest)}")


def _judge_slips(
    only_a: list[str], only_b: list[str], length: int, usage: Mapping[str, int]
) -> Verdict:
    for x, y in zip(only_a, only_b, strict=True):
        if length > 1 and min(len(x), len(y)) > 3 and (x + "s" == y or y + "s" == x):
            continue
        rare, common = sorted((usage.get(x, 0), usage.get(y, 0)))
        if not _is_slip(x, y, alone=length == 1, known=rare <= 1 and common >= KNOWN_WORD):
            return Verdict(False, f"{x!r} against {y!r}")
        if rare > max(1.0, SLIP_SHARE * common):
            return Verdict(False, f"{x!r} and {y!r} both occur in other names")
    return Verdict(True, "slip of the keys")


def _is_slip(x: str, y: str, *, alone: bool, known: bool) -> bool:
    """Allow one slip in five letters, two in ten; more freely next to a well-known word."""
    from rapidfuzz.distance import OSA

    shorter = min(len(x), len(y))
    same_start = x[0] == y[0]
    least = 7 if alone else 4 if known and same_start else 5
    if shorter < least or not (same_start or known):
        return False
    return OSA.distance(x, y) <= (2 if shorter >= 10 and not alone else 1)


def _is_cut(short: str, long: str) -> bool:
    if len(short) < CUT_MIN or " " not in short or not long.startswith(short):
        return False
    within_word = long[len(short)] != " "
    return within_word and (len(short) >= CUT_FIELD or " " not in long[len(short) :])


def _has_digit(word: str) -> bool:
    return any(c.isdigit() for c in word)


def _shown(words: list[str]) -> str:
    return "'" + " ".join(words) + "'"
