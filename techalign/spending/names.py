"""Which of the names in a ledger are the same vendor.

Four steps, from certain to doubtful: equal after normalising; linked to a name the client's own
tables use (an anchor); linked to a catalogue of known vendors; clustered around an anchor or the
more frequent name (``leaders``). Likeness of the text (Jaro-Winkler [1]) proposes, ``likeness``
disposes, and what is similar but not explained goes to a review list.

References
----------
[1] Winkler (1990), "String comparator metrics and enhanced decision rules in the
    Fellegi-Sunter model of record linkage", ASA Survey Research Methods.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.spending.leaders import find_followers, near_names, word_usage
from techalign.spending.likeness import compare_names, opens_with
from techalign.spending.shown import best_spellings, shown_name
from techalign.spending.spelling import NOISE_WORDS, REDACTED, is_redacted, normalise, word_set
from techalign.text import folded

__all__ = ["VendorNames", "merge_vendors"]

CATALOGUE_LIKENESS = 0.85
"""From here a name may be another way to write one of the catalogue's."""
_WORDS = re.compile(r"\w+")
# what a statement line may say after a one-word brand
_BILLING_WORDS = word_set(
    "software services service systems cloud store shop app apps pro premium business plus "
    "standard monthly annual yearly renewal licence license plan team teams direct"
)


@dataclass(frozen=True)
class VendorNames:
    """Names as written, each with the vendor it belongs to.

    Attributes
    ----------
    frame : DataFrame
        One row per distinct raw name, sorted by it: raw, vendor (name to show), vendor_id,
        how (known: the analyst said so; exact: same words as the vendor's name; catalogue:
        linked to a known vendor; cluster: another way to write a more frequent name; own:
        the vendor's own name), score (Jaro-Winkler similarity to the vendor's name, 0 to 1).
    review : DataFrame
        Pairs that look alike but were not merged: raw, candidate (a vendor), score, reason.
        Best candidate only, most alike first.
    noise_words : frozenset of str
        Words left out when names were normalised.
    by_key : mapping of str to str
        Vendor of each normalised name, for names not met before.

    Examples
    --------
    >>> catalogue = pd.DataFrame({"name": ["Zoom"], "aliases": ["Zoom Video Communications"],
    ...     "capability": ["meetings"], "category": ["software"]})
    >>> names = merge_vendors(["Hillcrest Computers", "ZOOM.US"], catalogue)
    >>> names.vendors
    2
    >>> names.apply(pd.Series(["HILLCREST COMPUTERS LTD", "Nobody"])).tolist()
    ['Hillcrest Computers', 'Nobody']
    """

    frame: pd.DataFrame
    review: pd.DataFrame
    noise_words: frozenset[str]
    by_key: Mapping[str, str] = field(repr=False)

    @property
    def vendors(self) -> int:
        """Number of distinct vendors."""
        return int(self.frame["vendor"].nunique())

    def apply(self, raw: pd.Series[str]) -> pd.Series[str]:
        """Give each name its vendor.

        Parameters
        ----------
        raw : Series of str, shape (n,)
            Names from any table. A name not met before follows a vendor with the same
            normalised words, and otherwise stays as it is.

        Returns
        -------
        Series of str, shape (n,)
            Vendor names, same index.
        """
        by_raw = dict(zip(self.frame["raw"], self.frame["vendor"], strict=True))
        codes, distinct = pd.factorize(raw.astype(object), use_na_sentinel=False)
        unknown = [name for name in distinct if name not in by_raw]
        if unknown:
            by_raw |= self._follow(unknown)
        vendors = np.array([by_raw[name] for name in distinct], dtype=object)
        return pd.Series(vendors[codes], index=raw.index, name="vendor", dtype=object)

    def decisions(self) -> dict[str, str]:
        """Give raw name to vendor; pass as ``known`` next time and no vendor changes its id."""
        return dict(zip(self.frame["raw"], self.frame["vendor"], strict=True))

    def _follow(self, names: list[str]) -> dict[str, str]:
        keys = normalise(names, noise_words=self.noise_words)
        return {
            name: REDACTED if is_redacted(str(name)) else self.by_key.get(key, name)
            for name, key in zip(names, keys, strict=True)
        }


class _Spelling(NamedTuple):
    """A name as written, with what is known before any comparison."""

    raw: str
    times: int
    key: str
    redacted: bool


class _Link(NamedTuple):
    """What a normalised name was found to be."""

    vendor: str
    vendor_key: str
    how: str


def merge_vendors(
    raw_names: Iterable[str] | pd.Series[str],
    catalogue: pd.DataFrame,
    *,
    known: Mapping[str, str] | None = None,
    anchors: Iterable[str] = (),
    noise_words: Iterable[str] = NOISE_WORDS,
) -> VendorNames:
    """Find which names are the same vendor.

    Parameters
    ----------
    raw_names : iterable or Series of str, shape (n,)
        Names as written, repeated as often as they occur: the more frequent way to write a
        name leads. The order does not matter.
    catalogue : DataFrame
        Known vendors: name, aliases (separated by ;), capability, category. May be empty.
    known : mapping of str to str, optional
        Raw name to vendor, as decided by the analyst; these win.
    anchors : iterable of str
        Names of vendors in the client's other tables (contracts, vendors): names in the ledger
        follow them, and they are shown as written there. The vendors of ``known`` are such too.
    noise_words : iterable of str
        Lower-case words that do not tell vendors apart.

    Returns
    -------
    VendorNames

    Raises
    ------
    ModelError
        If the catalogue lacks a column.

    Examples
    --------
    >>> catalogue = pd.DataFrame({"name": ["Zoom"], "aliases": ["Zoom Video Communications"],
    ...     "capability": ["meetings"], "category": ["software"]})
    >>> raw = ["Hillcrest Computers", "Hillcrest Computers", "Hilcrest Computers", "ZOOM.US"]
    >>> names = merge_vendors(raw, catalogue)
    >>> names.frame[["raw", "vendor", "how"]].to_numpy().tolist()  # doctest: +NORMALIZE_WHITESPACE
    [['Hilcrest Computers', 'Hillcrest Computers', 'cluster'],
     ['Hillcrest Computers', 'Hillcrest Computers', 'own'],
     ['ZOOM.US', 'Zoom', 'exact']]
    """
    missing = [c for c in ("name", "aliases", "capability", "category") if c not in catalogue]
    if missing:
        raise ModelError("catalogue", f"has no column {', '.join(missing)}")
    noise = frozenset(noise_words)
    spellings = _spellings(raw_names, noise)
    known = _as_written(spellings, known or {})
    named = [spelling for spelling in spellings if not spelling.redacted]
    links = _link_known(named, known, noise)
    anchored = _anchor_keys([*known.values(), *anchors], links, noise)
    links |= _link_catalogue([*(s.key for s in named), *anchored], links, catalogue, noise)
    links |= {key: _Link(name, key, "exact") for key, name in anchored.items() if key not in links}
    links |= _link_openings(named, links, anchored)
    clusters, review = _cluster(named, links)
    return _assemble(spellings, review, links | clusters, known, noise)


def _spellings(raw_names: Iterable[str], noise: frozenset[str]) -> list[_Spelling]:
    """Give the distinct names, the most frequent first."""
    counts = Counter(pd.Series(list(raw_names), dtype=object).fillna("").tolist())
    ordered = sorted(counts, key=lambda raw: (-counts[raw], raw))
    keys = normalise(ordered, noise_words=noise)
    return [
        _Spelling(raw=raw, times=counts[raw], key=key, redacted=is_redacted(raw))
        for raw, key in zip(ordered, keys, strict=True)
    ]


def _as_written(spellings: Sequence[_Spelling], known: Mapping[str, str]) -> dict[str, str]:
    """What was decided of a name, for each way to write it: case and the unseen do not matter."""
    decided = {folded(raw): vendor for raw, vendor in known.items()}
    alike = {s.raw: decided[key] for s in spellings if (key := folded(s.raw)) in decided}
    return alike | dict(known)


def _link_known(
    named: Sequence[_Spelling], known: Mapping[str, str], noise: frozenset[str]
) -> dict[str, _Link]:
    """Let names that normalise like a decided one follow it; the most frequent decides."""
    links: dict[str, _Link] = {}
    decided = [spelling for spelling in named if spelling.raw in known]
    vendors = [known[spelling.raw] for spelling in decided]
    vendor_keys = normalise(vendors, noise_words=noise)
    for spelling, vendor, vendor_key in zip(decided, vendors, vendor_keys, strict=True):
        links.setdefault(spelling.key, _Link(vendor, vendor_key, "exact"))
    for key, vendor in zip(vendor_keys, vendors, strict=True):
        links.setdefault(key, _Link(vendor, key, "exact"))
    return links


def _anchor_keys(
    anchors: Sequence[str], linked: Mapping[str, _Link], noise: frozenset[str]
) -> dict[str, str]:
    """Give the names of the client's tables by what they normalise to; the first is shown."""
    names = [name for name in dict.fromkeys(anchors) if _is_name(name)]
    anchored: dict[str, str] = {}
    for key, name in zip(normalise(names, noise_words=noise), names, strict=True):
        if key and key not in linked:
            anchored.setdefault(key, name)
    return anchored


def _is_name(name: object) -> bool:
    return isinstance(name, str) and bool(name.strip()) and not is_redacted(name)


def _link_openings(
    named: Sequence[_Spelling], linked: Mapping[str, _Link], anchored: Mapping[str, str]
) -> dict[str, _Link]:
    """Let a statement line that opens with an anchor and says no more than a bill follow it."""
    by_first_word: dict[str, list[str]] = defaultdict(list)
    for key in sorted(anchored, key=len, reverse=True):
        by_first_word[key.split(" ")[0]].append(key)
    links = {}
    for key in dict.fromkeys(s.key for s in named):
        for anchor in () if key in linked else by_first_word[key.split(" ")[0]]:
            rest = key[len(anchor) :].split()
            if key.startswith(f"{anchor} ") and all(w in _BILLING_WORDS for w in rest):
                links[key] = _Link(linked[anchor].vendor, linked[anchor].vendor_key, "cluster")
                break
    return links


def _link_catalogue(
    keys: Iterable[str],
    linked: Mapping[str, _Link],
    catalogue: pd.DataFrame,
    noise: frozenset[str],
) -> dict[str, _Link]:
    vendors, does = _catalogue_keys(catalogue, noise)
    open_keys = [k for k in dict.fromkeys(keys) if k and k not in linked]
    links = {k: _Link(vendors[k], k, "exact") for k in open_keys if k in vendors}
    rest = [k for k in open_keys if k not in vendors]
    usage = word_usage(rest)
    by_first_word: dict[str, list[str]] = defaultdict(list)
    for key in sorted(vendors, key=len, reverse=True):
        by_first_word[key.split(" ")[0]].append(key)
    for key, candidates in near_names(rest, list(vendors), CATALOGUE_LIKENESS):
        openings = by_first_word[key.split(" ")[0]]
        match = next((c for c in candidates if compare_names(key, c, usage).same), None) or next(
            (c for c in openings if opens_with(key, c, _harmless(does[vendors[c]])).same), None
        )
        if match is not None:
            links[key] = _Link(vendors[match], match, "catalogue")
    return links


def _catalogue_keys(
    catalogue: pd.DataFrame, noise: frozenset[str]
) -> tuple[dict[str, str], dict[str, str]]:
    """Give vendor by normalised name or alias, and what each vendor does."""
    does: dict[str, str] = {}
    written: list[tuple[str, str]] = []  # every name before any alias: a name wins over an alias
    rows = list(catalogue[["name", "aliases", "capability", "category"]].itertuples(index=False))
    for name, _, capability, category in rows:
        does[name] = f"{capability} {category}"
        written.append((name, name))
    for name, aliases, *_ in rows:
        written += [(alias.strip(), name) for alias in str(aliases or "").split(";")]
    keys = normalise([text for text, _ in written], noise_words=noise)
    vendors: dict[str, str] = {}
    for key, (_, name) in zip(keys, written, strict=True):
        vendors.setdefault(key, name)
    vendors.pop("", None)
    return vendors, does


def _harmless(does: str) -> frozenset[str]:
    """Give the words that may follow a vendor's name: what it does, and words of billing."""
    return _BILLING_WORDS.union(_WORDS.findall(does.casefold()))


def _cluster(
    named: Sequence[_Spelling], linked: Mapping[str, _Link]
) -> tuple[dict[str, _Link], pd.DataFrame]:
    """Cluster the names not linked yet around leaders, and list what may belong together."""
    written: dict[str, dict[str, int]] = defaultdict(dict)
    for spelling in named:
        written[spelling.key][spelling.raw] = spelling.times
    counts = dict.fromkeys(linked, 0) | {key: sum(r.values()) for key, r in written.items()}
    followers, doubts = find_followers(counts, linked.keys())
    best = best_spellings(followers, written, word_usage(counts))
    for key, (leader, _) in followers.items():
        if leader not in counts:  # what numbered names have in common, never written alone
            written[leader] |= written[key]
    open_leaders = [k for k in written if k not in linked and k not in followers]
    leaders = {k: link.vendor for k, link in linked.items()}
    leaders |= {k: shown_name(best.get(k, k), written[best.get(k, k)]) for k in open_leaders}
    links = {k: _Link(leaders[k], best.get(k, k), "own") for k in open_leaders}
    for key, (leader, _) in followers.items():
        vendor_key = linked[leader].vendor_key if leader in linked else best.get(leader, leader)
        links[key] = _Link(leaders[leader], vendor_key, "cluster")
    review = [
        (next(iter(written[d.key])), leaders[d.candidate], d.score, d.reason)
        for d in sorted(doubts, key=lambda d: (-d.score, d.key))
    ]
    frame = pd.DataFrame(review, columns=["raw", "candidate", "score", "reason"])
    return links, frame.astype({"score": float})


def _assemble(
    spellings: Sequence[_Spelling],
    review: pd.DataFrame,
    links: Mapping[str, _Link],
    known: Mapping[str, str],
    noise: frozenset[str],
) -> VendorNames:
    by_raw = sorted(spellings)
    decided = [_decide(spelling, links, known) for spelling in by_raw]
    vendors = [vendor for vendor, _, _ in decided]
    shown = sorted(set(vendors))
    keys = dict(zip(shown, normalise(shown, noise_words=noise), strict=True))
    ids = _vendor_ids(keys)
    frame = pd.DataFrame(
        {
            "raw": np.array([spelling.raw for spelling in by_raw], dtype=object),
            "vendor": np.array(vendors, dtype=object),
            "vendor_id": np.array([ids[vendor] for vendor in vendors], dtype=object),
            "how": np.array([how for _, how, _ in decided], dtype=object),
            "score": np.array([score for _, _, score in decided], dtype=float),
        }
    )
    by_key = {spelling.key: vendor for spelling, vendor in zip(by_raw, vendors, strict=True)}
    by_key |= {keys[vendor]: vendor for vendor in dict.fromkeys(vendors)}
    return VendorNames(frame=frame, review=review, noise_words=noise, by_key=by_key)


def _decide(
    spelling: _Spelling, links: Mapping[str, _Link], known: Mapping[str, str]
) -> tuple[str, str, float]:
    """Give vendor, how and score of one name."""
    from rapidfuzz.distance import JaroWinkler

    raw, _, key, redacted = spelling
    if raw in known:
        return known[raw], "known", 1.0
    if redacted:
        return REDACTED, "exact", 1.0
    if not key:
        return raw, "own", 1.0
    link = links[key]
    how = "exact" if link.how == "own" and raw != link.vendor else link.how
    return link.vendor, how, float(JaroWinkler.normalized_similarity(key, link.vendor_key))


def _vendor_ids(keys: Mapping[str, str]) -> dict[str, str]:
    """Make ids from the vendors' own words; only where those clash, from the full name."""
    ids = {vendor: key.replace(" ", "-") for vendor, key in keys.items()}
    clash = Counter(ids.values())
    ids = {v: _slug(v) if clash[i] > 1 else i for v, i in ids.items()}
    seen: Counter[str] = Counter()
    for vendor, slug in ids.items():
        seen[slug] += 1
        ids[vendor] = slug if seen[slug] == 1 else f"{slug}-{seen[slug]}"
    return ids


def _slug(text: str) -> str:
    return "-".join(re.findall(r"\w+", text.casefold()))
