"""What a supplier's name says once the bookkeeping around it is taken off.

The same supplier is written as ``SQ *JOE'S COFFEE``, ``Joe's Coffee Ltd`` and ``JOES COFFEE
4471``. Normalising decides more of the merge than the clustering that follows, so it is a
module of its own, and every list in it is data.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable

import pandas as pd

from techalign.text import seen

__all__ = [
    "NOISE_WORDS",
    "REDACTED",
    "ends_in_legal_form",
    "is_redacted",
    "normalise",
    "normalise_name",
    "word_set",
]

CUT_FIELD = 18
"""From this length on (the field width of many bank exports) words may be missing."""
REDACTED = "Redacted"
"""The one vendor all redacted names belong to."""


def word_set(text: str) -> frozenset[str]:
    """Give the words of a text: long lists of words read best as text."""
    return frozenset(text.split())


NOISE_WORDS = word_set(
    "group holdings holding international online payment payments invoice subscription "
    "subscriptions billing autopay recurring dd"
)
"""Words that do not tell suppliers apart; pass your own set to change them."""

_LEGAL = word_set(
    "ltd limited plc inc incorporated llc llp lp gmbh mbh pty pte sarl srl oyj aps kft bv nv "
    "corp corporation company cic ohg kgaa ulc"
)
# words elsewhere, legal forms at the end of a name
_LEGAL_AT_END = word_set(
    "co sa ag ab as se sas kg oy spa pc cc doo unlimited ltda sro zrt nyrt eood ood lda eurl sasu "
    "snc vof cv asbl sca ug gbr ek eg kk pvt bhd oo ou private"
)
# what a field's end may leave of a legal form or of a word that does not tell suppliers apart
_CUT_LEGAL = frozenset(
    word[:length]
    for word, least in (
        ("limited", 3),
        ("ltd", 1),
        ("group", 3),
        ("incorporated", 6),
        ("corporation", 6),
        ("company", 5),
        ("international", 6),
        ("holdings", 6),
    )
    for length in range(least, len(word))
)
_LEGAL_PHRASE = re.compile(
    r"\b(?:sp\.? ?z\.? ?o\.? ?o|s\. ?r\. ?o|d\. ?o\. ?o|sdn\.? bhd|a/s"
    r"|(?:public |private )?limited (?:liability )?(?:company|partnership)"
    r"|limited liability (?:company|partnership))\b\.?"
)
_COUNTRY_AT_END = word_set("uk gb gbr us usa ie irl eu emea europe britain")
_STATE_AT_END = word_set(
    "ak az ar ca ct dc fl ga il ks ky md mi mn mo ms mt nc nd ne nh nj nm nv ny oh ri sc sd tn "
    "tx ut va vt wa wi wv wy lu nl"
)
_CITY_OPENINGS = word_set("san santa los las new fort el palo menlo mountain redwood st")
_SHORT_FORMS = {
    "intl": "international",
    "mgmt": "management",
    "mgt": "management",
    "svc": "services",
    "svcs": "services",
    "serv": "services",
    "servs": "services",
    "assc": "assoc",
    "facebk": "facebook",
    "nrsy": "nursery",
    "partship": "partnership",
    "sols": "solicitors",
    "solictors": "solicitors",
    "yorks": "yorkshire",
    "bros": "brothers",
    "amzn": "amazon",
    "mktp": "marketplace",
    "mktplace": "marketplace",
    "msft": "microsoft",
    "ggl": "google",
}

_BANK_OPENING = re.compile(
    r"^(?:(?:card payment to|direct debit(?: to)?|standing order(?: to)?|pos purchase|pos debit"
    r"|checkcard \d*|debit card purchase|recurring payment|purchase authorized on|ach debit"
    r"|ach|pos|dd|so|bp|cd)\b[\s:.-]+)+"
)
_PROCESSOR = re.compile(
    r"^(?:sq|sqc|tst|sp|pp|paypal|pypl|py|stripe|st|izettle|iz|zettle|sumup|su|ic|dnh|fs|gpay"
    r"|google pay|apple pay|wpy|cko|eb|ebay|2co|2checkout|klarna|worldpay|wp|bt|ls|nyx|crv)\s*\*\s*"
)
_REFERENCE_AFTER_STAR = re.compile(r"\*\s*(?=\S*\d)\S*.*$")
_DIGIT = re.compile(r"\d")
_DATE = re.compile(r"\b\d{1,4}[/.-]\d{1,2}(?:[/.-]\d{2,4})\b")
_PHONE = re.compile(r"(?:\+?\d[\s.-]?)?\(?\d{3}\)?[\s.-]\d{3}[\s.-]\d{4}\b")
_STORE_NUMBER = re.compile(
    r"#\s*\w*\d\w*|\bno\.?\s*\d{3,}\b|\bstore\s+\d+\b|\bref\b[:.]?\s*\S*\d\S*"
    r"|\b(?:inv|invoice|acct|a/c|account|cust|customer|order|po)\b\.?\s*(?:no\.?|nr\.?|:)?\s*"
    r"\w*\d\w*"
)
_GLUED_NUMBER = re.compile(r"\b([a-z]{4,})(\d{3,})\b")
# a bookkeeper's note behind the name, not a part of it
_NOTE = re.compile(
    r"\s\(?(?:\((?:[a-z]{1,2}|rent|lease|service charge|client|old|new)\)"
    r"|(?:\(|-\s?)(?:do not use|use |formerly |in liquidation|in administration|part of )[^)]*\)?)$"
)
_DOMAIN = re.compile(
    r"\b(?:https?://)?(?:www\.)?([a-z0-9-]{2,})"
    r"\.(?:com|net|org|io|co\.uk|org\.uk|co|us|eu|de|app|ai)\b(?:/\S*)?"
)
_TRADING_AS = re.compile(r"\b(?:t\s?/\s?as?\b|trading as\b|d\s?/?b\s?/?a\b)")
_DOTTED = re.compile(r"\b(?:[a-z]\.){1,}[a-z]\b\.?")
# exports with a broken character set write an apostrophe as \xB4, ?, « or ´
_ESCAPED_BYTE = re.compile(r"\\x[0-9A-Fa-f]{2}")
_APOSTROPHES = frozenset("?«´`’'")
_LOST_APOSTROPHE = re.compile(r"(?<=\w)[?«´`’'](?=\w)")
# words that some pattern above may begin with, of a name that has letters alone
_BEGIN_A_PATTERN = word_set(
    "ach bhd bp card cd checkcard dba dd debit direct limited o pos purchase recurring so standing "
    "trading"
)
_NOT_WORD = re.compile(r"[\W_]+")
_LONG_CODE = re.compile(r"^(?=(?:.*\d){2})\w{6,}$")
_REDACTED = re.compile(
    r"^(?:redacted|withheld|anonymi[sz]ed)\b|\bname (?:withheld|removed|redacted)\b"
    r"|^(?:personal data|personal information|confidential|commercial(?:ly)? (?:confidential"
    r"|sensitiv)\w*|private individual|individual)$"
)


def normalise(
    names: Iterable[str] | pd.Series[str], *, noise_words: Iterable[str] = NOISE_WORDS
) -> pd.Series[str]:
    """Reduce names to lower-case words that tell suppliers apart.

    Accents, case, punctuation, legal forms, card-processor and bank openings, dates, phone
    numbers, trailing reference numbers, country and state are taken off. ``T/A`` stays as
    the word ``ta``. A name of which nothing would be left keeps its words.

    Parameters
    ----------
    names : iterable or Series of str, shape (n,)
        Names as written.
    noise_words : iterable of str
        Lower-case words to leave out as well.

    Returns
    -------
    Series of str, shape (n,)
        Normalised names; the index is that of a Series passed in.

    Examples
    --------
    >>> normalise(["SQ *JOE'S COFFEE", "Joes Coffee Ltd", "Société Générale S.A."]).tolist()
    ['joes coffee', 'joes coffee', 'societe generale']
    """
    noise = frozenset(noise_words)
    written = list(names)
    keys = {name: normalise_name(_text(name), noise) for name in dict.fromkeys(written)}
    index = names.index if isinstance(names, pd.Series) else None
    return pd.Series([keys[name] for name in written], index=index, dtype=object)


def is_redacted(name: str) -> bool:
    """Tell whether a name only says that the name was left out.

    Parameters
    ----------
    name : str
        A name as written, or normalised.
    """
    return bool(_REDACTED.search(" ".join(_NOT_WORD.sub(" ", seen(name).casefold()).split())))


def ends_in_legal_form(name: str) -> bool:
    """Tell whether the last of a name's words says only what kind of firm it is.

    Parameters
    ----------
    name : str
        A name as written.

    Examples
    --------
    >>> ends_in_legal_form("Keen Tooling, LLC"), ends_in_legal_form("Signage & Swag Co")
    (True, False)
    """
    words = name.casefold().split()
    last = words[-1].strip("().,") if len(words) > 1 else ""
    # "& Co" is how the firm is called
    return last != "co" and (last in _LEGAL or last in _LEGAL_AT_END)


def _text(name: object) -> str:
    return name if isinstance(name, str) else ""


@functools.lru_cache(maxsize=8192)  # the same names come again in other tables and reports
def normalise_name(name: str, noise: frozenset[str]) -> str:
    """Reduce one name, see :func:`normalise`; ``noise`` as there."""
    # most names hold little of what the patterns look for: a pattern is tried where a sign
    # that it needs is there, which halves the time
    mended = _ESCAPED_BYTE.sub("'", name) if "\\" in name else name
    if not _APOSTROPHES.isdisjoint(mended):
        mended = _LOST_APOSTROPHE.sub("", mended)
    folded = seen(mended).casefold()
    if not folded.isascii():
        folded = unicodedata.normalize("NFKD", folded)
        folded = "".join(c for c in folded if not unicodedata.combining(c))
    words, card_line = _words(folded)
    kept = _without_tail(words, card_line)
    kept = [_SHORT_FORMS.get(w, w) for w in kept]
    kept = [w for i, w in enumerate(kept) if w != "co" or i == 0 or kept[i - 1] != "and"]
    # "&" and leading "the" join names, they do not make them
    kept = [w for i, w in enumerate(kept) if w not in noise and not (w == "the" and i == 0)]
    while kept and kept[-1] in {"and", "ta"}:
        kept.pop()
    return " ".join(_join_initials(kept) or words or folded.split())


def _words(folded: str) -> tuple[list[str], bool]:
    """Split into words; the flag says that the text looks like a line of a card statement."""
    stripped = folded.strip()
    words = stripped.split()
    if "".join(words).isalpha() and _BEGIN_A_PATTERN.isdisjoint(words):
        return words, False
    cleaned = _BANK_OPENING.sub("", stripped)
    if "*" in cleaned:
        cleaned = _REFERENCE_AFTER_STAR.sub(" ", _PROCESSOR.sub("", cleaned))
    if ")" in cleaned or "(" in cleaned or " - " in cleaned:
        cleaned = _NOTE.sub("", cleaned)
    if _DIGIT.search(cleaned):
        cleaned = _GLUED_NUMBER.sub(r"\1 \2", cleaned)
        for pattern in (_DATE, _PHONE, _STORE_NUMBER):
            cleaned = pattern.sub(" ", cleaned)
    card_line = cleaned != stripped
    if "." in cleaned:
        cleaned = _DOMAIN.sub(r"\1", cleaned)
    cleaned = _LEGAL_PHRASE.sub(" ", cleaned) if _has_phrase(cleaned) else cleaned
    cleaned = _TRADING_AS.sub(" ta ", cleaned)
    if "." in cleaned:
        cleaned = _DOTTED.sub(lambda found: found[0].replace(".", ""), cleaned)
    cleaned = cleaned.replace("&", " and ").replace("+", " plus ")
    return _NOT_WORD.sub(" ", cleaned).split(), card_line


def _has_phrase(text: str) -> bool:
    return any(
        sign in text for sign in ("z o", "z.o", "s.", "s. r", "d.", "bhd", "a/s", "limited ")
    )


def _without_tail(words: list[str], card_line: bool) -> list[str]:
    """Take off legal forms, places and reference numbers, as long as a name is left."""
    kept = [w for w in words if w not in _LEGAL] or words
    while len(kept) > 1:
        last = kept[-1]
        cut = last == "lt" or (last in _CUT_LEGAL and sum(map(len, kept)) + len(kept) > CUT_FIELD)
        if cut or last in _LEGAL_AT_END or last in _COUNTRY_AT_END or _is_reference(last):
            kept = kept[:-1]
        elif card_line and last in _STATE_AT_END:
            city = 1 + (len(kept) > 3 and kept[-3] in _CITY_OPENINGS) if len(kept) > 2 else 0
            kept = kept[: -1 - city]
        else:
            break
    return kept


def _is_reference(word: str) -> bool:
    if word.isdigit():
        # a year or a round thousand is often part of the name
        return len(word) >= 4 and not (len(word) == 4 and word[:2] in {"19", "20"})
    return bool(_LONG_CODE.match(word))


def _join_initials(words: list[str]) -> list[str]:
    """Write initials together, so that ``M J Hassall`` and ``MJ Hassall`` are the same."""
    joined: list[str] = []
    previous_is_initial = False
    for word in words:
        initial = len(word) == 1 and word.isalpha()
        if initial and previous_is_initial:
            joined[-1] += word
        else:
            joined.append(word)
        previous_is_initial = initial
    return joined
