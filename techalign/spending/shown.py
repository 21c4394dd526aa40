"""The name of a supplier as it is shown: as people write it, without a ledger's bookkeeping.

Ledgers write ``FERNHILL IT 304`` and ``SQ *JOE'S COFFEE``; a reader looks for Fernhill IT and
Joe's Coffee. Of several spellings the one whose words other names use too is the right one, so
that a slip of the keys is not shown although it was booked more often.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Mapping
from itertools import islice

from techalign.spending.leaders import NUMBERED, Follower
from techalign.spending.spelling import NOISE_WORDS, ends_in_legal_form, normalise_name, word_set

__all__ = ["best_spellings", "shown_name"]

SPELLINGS = 5
"""So many spellings, the most frequent first, are looked at for the best writing."""
_SMALL = word_set("and of for the in on at to by with from de la le du des van von der und et &")
_CAPITALS = word_set(
    "abc aa bbc bmw bp bt cbc ccs cic eu fc gmc hc hmrc hp hr hsbc ibm ict isp it itv kpmg nhs "
    "opc pc pfi plc pwc rac rnib rspb sme tnt tv uk upvc ups us usa ymca ywca aig adp att cdw"
)
_CASED = {
    "ltd": "Ltd",
    "plc": "plc",
    "inc": "Inc",
    "co": "Co",
    "st": "St",
    "dr": "Dr",
    "mr": "Mr",
    "mrs": "Mrs",
    "llp": "LLP",
    "llc": "LLC",
    "gmbh": "GmbH",
}
_VOWELS = frozenset("aeiouy")
# of three letters that begin with a vowel most are abbreviations (IRS, ITV); these are words
_SHORT_WORDS = word_set(
    "ace ada add air ale all amy and ann ant ape arc are arm art ash ask eco egg elm end era eve "
    "eye ice ink inn its ivy oak oat odd off oil old one orb our out own use"
)
_CARD_OPENING = re.compile(r"^[A-Za-z]{1,9}\s*\*\s*(?=\S{3,})")
_MENDED = ("slip of the keys", "cut short", "spacing", NUMBERED)
_INITIALS = re.compile(r"(?<![\w'])[^\W\d_]")
_PIECE = re.compile(r"\S+")


def best_spellings(
    followers: Mapping[str, Follower],
    written: Mapping[str, Mapping[str, int]],
    usage: Mapping[str, int],
) -> dict[str, str]:
    """Choose, of the normalised spellings of a supplier, the one that is written right.

    Parameters
    ----------
    followers : mapping of str to Follower
        From ``find_followers``.
    written : mapping of str to mapping of str to int
        Names as written and how often, per normalised name.
    usage : mapping of str to int
        In how many names each word occurs.

    Returns
    -------
    dict of str to str
        Spelling to show per leader, where it is not the leader itself.

    Examples
    --------
    >>> best_spellings({"oak asociation": Follower("oak asociaton", "slip of the keys")},
    ...     {"oak asociation": {"Oak Asociation": 1}, "oak asociaton": {"OAK ASOCIATON": 9}},
    ...     {"oak": 2, "asociation": 4, "asociaton": 1})
    {'oak asociaton': 'oak asociation'}
    """
    groups: dict[str, list[str]] = defaultdict(list)
    for key, (leader, reason) in followers.items():
        if key in written and leader in written and reason in _MENDED:
            groups[leader].append(key)
    best = {}
    for leader, keys in groups.items():
        found = leader
        for key in sorted(keys):
            if _better(key, found, usage):
                found = key
        if found != leader:
            best[leader] = found
    return best


def shown_name(key: str, written: Mapping[str, int]) -> str:
    """Write a supplier's name as people do.

    Parameters
    ----------
    key : str
        Its normalised name.
    written : mapping of str to int
        The names as written that normalise to it, and how often each occurs; the most
        frequent first.

    Returns
    -------
    str
        The most frequent of those in ordinary writing, without card or bank openings and
        reference numbers, and without a legal form where one of them goes without it; capitals
        become ordinary writing where no other spelling is known.

    Examples
    --------
    >>> shown_name("joes coffee", {"SQ *JOE'S COFFEE": 7, "JOE'S COFFEE LTD 4471": 1})
    "Joe's Coffee"
    >>> shown_name("university of leeds", {"UNIVERSITY OF LEEDS": 2, "University of Leeds": 1})
    'University of Leeds'
    >>> shown_name("keen tooling", {"Keen Tooling, LLC": 3, "KEEN TOOLING": 1})
    'Keen Tooling'
    """
    plain: dict[str, int] = defaultdict(int)
    for raw, times in islice(written.items(), SPELLINGS):
        plain[_without_bookkeeping(raw, key)] += times
    name = max(plain, key=lambda n: (not _one_case(n), plain[n], n))
    if not all(ends_in_legal_form(n) for n in plain):
        name = _without_legal_form(name, key)
    if name.isupper():
        return _ordinary(name)
    *words, last = name.split()
    if last.isupper() and ends_in_legal_form(name):
        return " ".join([*words, _cased(last, first=False)])
    return name


def _better(key: str, other: str, usage: Mapping[str, int]) -> bool:
    """Whether one spelling is right and the other a slip, or cut, or numbered."""
    if _is_shortened(other, key):
        return True
    if _is_shortened(key, other):
        return False
    words, others = key.split(), other.split()
    if words == others[:-1]:
        return True
    own = [usage.get(w, 0) for w in words if w not in others]
    their = [usage.get(w, 0) for w in others if w not in words]
    if not own or not their or min(own) == min(their):
        return False
    return min(own) > min(their)


def _is_shortened(short: str, long: str) -> bool:
    return len(long) > len(short) and long.startswith(short) and long[len(short)] != " "


def _without_bookkeeping(raw: str, key: str) -> str:
    """Take off what stands before and behind the name, as long as the name stays the same."""
    name = " ".join(raw.split())
    opened = _CARD_OPENING.sub("", name) if "*" in name else name
    if opened != name and _key(opened) == key:
        name = opened
    pieces = _PIECE.findall(name)
    while len(pieces) > 1 and any(c.isdigit() for c in pieces[-1]):
        shorter = " ".join(pieces[:-1])
        if _key(shorter) != key:
            break
        pieces.pop()
    shown = " ".join(pieces)
    if shown.count("(") > shown.count(")") and _key(shown[: shown.rindex("(")]) == key:
        shown = shown[: shown.rindex("(")]
    return shown.rstrip(" -,*#:;/") or raw


def _without_legal_form(name: str, key: str) -> str:
    """Take off ``, Ltd`` and its like, as long as the name stays the same."""
    while ends_in_legal_form(name):
        shorter = name.rsplit(" ", 1)[0].rstrip(" ,")
        if _key(shorter) != key:
            break
        name = shorter
    return name


def _key(name: str) -> str:
    return normalise_name(name, NOISE_WORDS)


def _one_case(name: str) -> bool:
    return name.isupper() or name.islower()


def _ordinary(name: str) -> str:
    return " ".join(_cased(piece, first=i == 0) for i, piece in enumerate(name.split()))


def _cased(piece: str, *, first: bool) -> str:
    """Ordinary writing of a word in capitals; what cannot be spoken is an abbreviation."""
    word = piece.casefold()
    core = word.strip("().,-'&/")
    if core in _CASED:
        return word.replace(core, _CASED[core])
    if core in _SMALL and not first:
        return word
    spoken = len(core) > 3 or (len(core) == 3 and (core[0] not in "aeiou" or core in _SHORT_WORDS))
    if core in _CAPITALS or not _VOWELS & set(core) or any(c.isdigit() for c in core):
        return piece
    if "." in core or not spoken:
        return piece
    return _INITIALS.sub(lambda m: m[0].upper(), word)
