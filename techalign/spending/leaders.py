"""Leader clustering: each normalised name is compared with more frequent or better known ones.

Compared with leaders only, one doubtful pair cannot chain two suppliers together. Likeness of
the text (Jaro-Winkler at least .88, words in another order, a trading name, a number at the
end) proposes; ``likeness`` disposes, and what it cannot explain goes to a review list.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import NamedTuple

import numpy as np

from techalign.spending.likeness import compare_names
from techalign.spending.spelling import word_set

__all__ = ["Doubt", "Follower", "find_followers", "near_names", "word_usage"]

CLUSTER_LIKENESS = 0.88
"""From here a name may be another way to write a more frequent one."""
RATIO = 90.0
"""Of 100: from here on letters or words a pair that is not merged is listed for review."""
REVIEW_LIKENESS = 0.94
"""From here a pair is listed for review whatever its ratio."""
OTHER_WORDS = 80.0
"""Of 100: two words less alike than this are two words; their names are not even doubtful."""
NUMBERED = "a number at the end"
"""The reason of a name that only adds a reference or store number."""
COMMON_WORD = 3
"""A word in more names than this does not tell a supplier by itself."""
OPENING_WORD = 8
"""The same for a name of several words with which the other opens."""
# what stands before a number that tells one from the other: Troop 4 is not Troop 5
_NUMBERED = word_set(
    "area block branch cell channel chapter class company district division flat formula gate "
    "lane level local lodge no number phase pier platform plot post region retail road room route "
    "school sector site street studio team terminal troop trustee unit ward zone"
)


class Follower(NamedTuple):
    """A normalised name that is another way to write its leader."""

    leader: str
    reason: str


class Doubt(NamedTuple):
    """A normalised name that may be its candidate: Jaro-Winkler score, and why not merged."""

    key: str
    candidate: str
    score: float
    reason: str


def find_followers(
    counts: Mapping[str, int], fixed: Collection[str]
) -> tuple[dict[str, Follower], list[Doubt]]:
    """Find which names are another way to write one that leads.

    Parameters
    ----------
    counts : mapping of str to int
        How often each normalised name occurs; 0 for one that is only known from elsewhere.
    fixed : collection of str
        Those whose supplier is known already: they lead, and follow nobody.

    Returns
    -------
    dict of str to Follower
        Only the names that follow; a leader may be what several numbered names have in common.
    list of Doubt
        The most alike leader of each name that may follow and does not.

    Examples
    --------
    >>> followers, doubts = find_followers(
    ...     {"hillcrest computers": 9, "hilcrest computers": 1, "hillcrest computers trust": 1}, {})
    >>> followers["hilcrest computers"].leader, doubts[0].reason
    ('hillcrest computers', "one name adds 'trust'")
    """
    followers = _numbered(counts, fixed)
    shared: Counter[str] = Counter()
    for key, (leader, _) in followers.items():
        shared[leader] += counts[key]
    counts = {k: counts.get(k, 0) + shared[k] for k in [*counts, *shared]}
    ordered = sorted(counts, key=lambda k: (k not in fixed, -counts[k], k))
    open_keys = [k for k in ordered if k and k not in followers]
    usage = word_usage(open_keys)
    pairs = _candidate_pairs(open_keys)
    leading = {k for k in open_keys if k in fixed}
    doubts: list[Doubt] = []
    for key in open_keys:
        if key in fixed:
            continue
        found = _best([pair for pair in pairs.get(key, []) if pair[1] in leading], key, usage)
        if isinstance(found, Follower):
            followers[key] = found
        else:
            leading.add(key)
            doubts += [found] if found else []
    for key, (leader, reason) in followers.items():
        if leader in followers:  # a name without its number follows another name
            followers[key] = Follower(followers[leader].leader, reason)
    return followers, doubts


def word_usage(keys: Iterable[str]) -> Counter[str]:
    """Count in how many normalised names each word occurs."""
    return Counter(word for key in keys for word in set(key.split()))


def near_names(
    keys: list[str], others: list[str], likeness: float
) -> Iterator[tuple[str, list[str]]]:
    """Give for each normalised name the others that are alike, most alike first.

    Parameters
    ----------
    keys, others : list of str
    likeness : float
        Least Jaro-Winkler similarity, 0 to 1.

    Yields
    ------
    tuple of str and list of str
    """
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cdist

    scores = cdist(keys, others, scorer=JaroWinkler.normalized_similarity, score_cutoff=likeness)
    for i, key in enumerate(keys):
        hits = np.flatnonzero(scores[i])
        yield key, [others[j] for j in hits[np.argsort(-scores[i, hits], kind="stable")]]


def _numbered(counts: Mapping[str, int], fixed: Collection[str]) -> dict[str, Follower]:
    """Let a name with a reference or store number at its end follow the name without it."""
    stems: dict[str, list[str]] = defaultdict(list)
    for key in counts:
        stem = "" if key in fixed else _stem(key)
        if stem:
            stems[stem].append(key)
    return {
        key: Follower(stem, NUMBERED)
        for stem, keys in stems.items()
        # the plain name is there, or the number varies: several references of one supplier
        if stem in counts or (len(keys) > 1 and _telling(stem, keys))
        for key in keys
    }


def _stem(key: str) -> str:
    """A name without the number at its end; nothing where the number may be the name's own."""
    words = key.split()
    kept = list(words)
    while len(kept) > 1 and _is_number(kept[-1]):
        kept.pop()
    if len(kept) == len(words) or kept[-1] in _NUMBERED:
        return ""
    digits = "".join(c for c in words[len(kept)] if c.isdigit())
    year = len(digits) == 4 and digits[:2] in {"19", "20"}
    stem = " ".join(kept)
    short = len(kept) == 1 and (len(digits) < 3 or year)
    return "" if short or sum(c.isalpha() for c in stem) < 3 else stem


def _telling(stem: str, keys: list[str]) -> bool:
    """Whether the numbers look like references: long ones, or many after one name."""
    digits = [sum(c.isdigit() for c in key[len(stem) :]) for key in keys]
    return min(digits) >= 3 or len(keys) >= 4


def _is_number(word: str) -> bool:
    digits = sum(c.isdigit() for c in word)
    return digits == len(word) or (digits >= 2 and digits * 2 >= len(word))


def _best(
    pairs: list[tuple[float, str]], key: str, usage: Mapping[str, int]
) -> Follower | Doubt | None:
    doubt = None
    for score, other in pairs:
        same, reason = _judge(key, other, usage)
        if same:
            return Follower(other, reason)
        if doubt is None:
            doubt = Doubt(key, other, score, reason)
    return doubt if doubt is not None and doubt.reason else None


def _judge(key: str, other: str, usage: Mapping[str, int]) -> tuple[bool, str]:
    """Accept, or give the reason to review; no reason means not worth reviewing."""
    from rapidfuzz import fuzz
    from rapidfuzz.distance import JaroWinkler

    if _share_trading_name(key, other):
        return True, "trading name"
    verdict = compare_names(key, other, usage)
    if verdict.same:
        return True, verdict.reason
    proposed = max(fuzz.ratio(key, other), fuzz.token_set_ratio(key, other)) >= RATIO
    alike = JaroWinkler.normalized_similarity(key, other) >= REVIEW_LIKENESS
    doubtful = (proposed or alike) and not _two_suppliers(key, other, usage)
    return False, verdict.reason if doubtful else ""


def _share_trading_name(a: str, b: str) -> bool:
    if " ta " not in a and " ta " not in b:
        return False
    parts_a, parts_b = a.split(" ta "), b.split(" ta ")
    if a in parts_b or b in parts_a:
        return True
    return any(" " in part and part in parts_b for part in parts_a[1:])


def _two_suppliers(a: str, b: str, usage: Mapping[str, int]) -> bool:
    """Whether no person need look: words of their own, numbers of their own, a common word only."""
    from rapidfuzz import fuzz

    words_a, words_b = a.split(), b.split()
    if all(any(c.isdigit() for c in name) for name in (a, b)):
        return True
    only_a = [w for w in words_a if w not in words_b]
    only_b = [w for w in words_b if w not in words_a]
    if only_a and only_b:
        return fuzz.ratio(" ".join(only_a), " ".join(only_b)) < OTHER_WORDS
    shorter, added = (words_a, only_b) if only_b else (words_b, only_a)
    rarest = min(usage.get(word, 0) for word in shorter)
    if len(shorter) == 1:
        return rarest > COMMON_WORD or len(added) > 2
    opens = a.startswith(b) or b.startswith(a)
    return rarest > (OPENING_WORD if opens else COMMON_WORD)


def _candidate_pairs(keys: list[str]) -> dict[str, list[tuple[float, str]]]:
    """Give for each name the earlier ones it may be, most alike first.

    Names are compared within their first letter: a slip there is rare, and comparing all
    with all costs ten times as much.
    """
    from rapidfuzz.distance import JaroWinkler
    from rapidfuzz.process import cdist

    rank = {key: i for i, key in enumerate(keys)}
    blocks: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        blocks[key[0]].append(key)
    pairs: dict[str, dict[str, float]] = defaultdict(dict)
    scorer = JaroWinkler.normalized_similarity
    for block in blocks.values():
        scores = cdist(block, block, scorer=scorer, score_cutoff=CLUSTER_LIKENESS)
        for i, j in np.argwhere(np.tril(scores, -1)):
            pairs[block[i]][block[j]] = float(scores[i, j])
    for later, earlier in _same_written_otherwise(keys, rank):
        pairs[later][earlier] = float(scorer(later, earlier))
    return {
        key: sorted(((s, o) for o, s in found.items()), key=lambda p: (-p[0], rank[p[1]]))
        for key, found in pairs.items()
    }


def _same_written_otherwise(keys: list[str], rank: Mapping[str, int]) -> Iterator[tuple[str, str]]:
    """Give pairs that may be equal although Jaro-Winkler misses them: order, spacing, T/A."""
    forms: dict[str, list[str]] = defaultdict(list)
    for key in keys:
        own = {" ".join(sorted(key.split())), key.replace(" ", "")}
        own |= {part for part in key.split(" ta ") if len(part) >= 6}
        for form in own:
            forms[form].append(key)
    for group in forms.values():
        for i, later in enumerate(group):
            for earlier in group[:i]:
                a, b = sorted((later, earlier), key=rank.__getitem__)
                yield b, a
