"""Whether two normalised names are the same supplier, and if not, why a person should look.

String similarity alone is not enough: ``token_set_ratio`` is 100 for any name that contains
another ("north systems", "north systems academy trust"). Each difference must therefore be
explained as one that writing causes: spacing, order, a slip of the keys, a cut field.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from techalign.spending.spelling import CUT_FIELD, word_set

__all__ = ["Verdict", "compare_names", "opens_with"]

CUT_MIN = 12
"""A name cut within its last word must be at least this long to be believed (characters)."""
SLIP_SHARE = 0.1
"""A misspelling is at most this much as frequent as the word meant (or occurs once)."""
KNOWN_WORD = 5
"""A word in so many names is known: a neighbour that occurs once is a slip of it."""
RARE_WORD = 3
"""A word in at most so many names tells its supplier from others."""
_JOINING = word_set("and of for the in at")
# said of a firm by some who book it and left out by others: its profession or what it is
_PROFESSION = word_set(
    "solicitors solicitor sols law lawyers accountants accountant accountancy architects surveyors "
    "barristers advocates attorneys chartered notaries opticians dentists vets"
)
_OFFICE = word_set(
    "in liquidation administration receivership client clients account accounts dept department "
    "head office remittance remittances ar ap adhoc invoices airtime formerly managed ac "
    "payments project"
)
_GENERIC = word_set(
    "services service serv enterprises consulting consultants consultancy associates partners "
    "partnership company co sales bookings business customers corporate professional direct retail "
    "stores store shop online order orders counter counters com"
)
_PLACE_OF_WORK = word_set("school nursery care nursing home hotel club centre church pharmacy day")


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
    if len(a) > 3 and a.replace(" ", "") == b.replace(" ", "") and not _only_digits(a):
        return Verdict(True, "spacing")
    if {w for w in words_a if _has_digit(w)} != {w for w in words_b if _has_digit(w)}:
        return Verdict(False, "the numbers in the names differ")
    only_a = list((Counter(words_a) - Counter(words_b)).elements())
    only_b = list((Counter(words_b) - Counter(words_a)).elements())
    if not only_a and not only_b:
        return Verdict(True, "order of words")
    if _is_cut(a, b) or _is_cut(b, a):
        return Verdict(True, "cut short")
    if all(word in _JOINING for word in only_a + only_b):
        return Verdict(True, "joining words")
    if not only_a or not only_b:
        added = only_a or only_b
        shorter = words_b if only_a else words_a
        opens = a.startswith(f"{b} ") or b.startswith(f"{a} ")
        if _is_said_of_it(added, shorter, usage) or (opens and _is_told(added, shorter, usage)):
            return Verdict(True, f"adds {_shown(added)}")
        return Verdict(False, f"one name adds {_shown(added)}")
    only_a = [word for word in only_a if word not in _JOINING] or only_a
    only_b = [word for word in only_b if word not in _JOINING] or only_b
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


def _is_told(added: list[str], shorter: list[str], usage: Mapping[str, int]) -> bool:
    """Whether the words before the added one tell the firm: three, or two before what it is."""
    words = [word for word in shorter if word not in _JOINING]
    if min((usage.get(word, 0) for word in words), default=0) > 2:
        return False
    return (len(words) >= 3 and len(added) == 1) or (
        len(words) == 2 and all(word in _PLACE_OF_WORK for word in added)
    )


def _is_said_of_it(added: list[str], shorter: list[str], usage: Mapping[str, int]) -> bool:
    """Whether what one name adds is how a firm is spoken of, and the rest tells which firm."""
    words = [word for word in shorter if word not in _JOINING]
    office = all(word in _OFFICE for word in added)
    if len(words) == 1 and len(words[0]) < 5 and not office:
        return False
    rarest = min((usage.get(word, 0) for word in words), default=0)
    profession = all(word in _PROFESSION or word in _JOINING for word in added)
    if office or (profession and (len(words) > 1 or rarest <= RARE_WORD)):
        return True
    generic = all(word in _GENERIC or word in _JOINING or word in _PROFESSION for word in added)
    told = len(words) > 1 or len(words[0]) >= 6
    return generic and told and rarest <= RARE_WORD


def _judge_slips(
    only_a: list[str], only_b: list[str], length: int, usage: Mapping[str, int]
) -> Verdict:
    for x, y in zip(only_a, only_b, strict=True):
        if length > 1 and _is_plural(x, y):
            continue
        rare, common = sorted((usage.get(x, 0), usage.get(y, 0)))
        if not _is_slip(x, y, alone=length == 1, known=rare <= 1 and common >= KNOWN_WORD):
            return Verdict(False, f"{x!r} against {y!r}")
        if rare > max(1.0, SLIP_SHARE * common):
            return Verdict(False, f"{x!r} and {y!r} both occur in other names")
    return Verdict(True, "slip of the keys")


def _is_plural(x: str, y: str) -> bool:
    short, long = sorted((x, y), key=len)
    return len(short) > 3 and (short + "s" == long or short[:-1] + "ies" == long)


def _is_slip(x: str, y: str, *, alone: bool, known: bool) -> bool:
    """Allow one slip in five letters, two in ten; more freely next to a well-known word."""
    from rapidfuzz.distance import OSA

    shorter = min(len(x), len(y))
    same_start = x[0] == y[0]
    least = 9 if alone else 4 if known and same_start else 5
    if shorter < least or not (same_start or known):
        return False
    return OSA.distance(x, y) <= (2 if shorter >= 10 and not alone else 1)


def _is_cut(short: str, long: str) -> bool:
    if len(short) < CUT_MIN or " " not in short or not long.startswith(short):
        return False
    within_word = long[len(short)] != " "
    return within_word and (len(short) >= CUT_FIELD or " " not in long[len(short) :])


def _only_digits(name: str) -> bool:
    return name.replace(" ", "").isdigit()


def _has_digit(word: str) -> bool:
    return any(c.isdigit() for c in word)


def _shown(words: list[str]) -> str:
    return "'" + " ".join(words) + "'"
