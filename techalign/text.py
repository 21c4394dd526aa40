"""Names and texts that come from people's files: compared as people mean them, shown safely."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence

__all__ = ["folded", "listed", "seen", "some_of", "visible"]

_BLANKS = re.compile(r"\s+")
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}
# what Unicode calls ignorable though it is no format character (fillers, joiners, variation
# selectors), and the empty Braille cell: none of them leaves ink
_NO_INK = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U0001d159\U000e0000-\U000e0fff]"
)


def folded(name: str) -> str:
    r"""A name as it is compared: without regard to case, width, blanks and what cannot be seen.

    Parameters
    ----------
    name : str

    Returns
    -------
    str

    Examples
    --------
    >>> folded("Nimbra\u200b  CLOUD ") == folded("nimbra cloud")
    True
    """
    if name.isascii() and name.isprintable():
        return _BLANKS.sub(" ", name).strip().casefold()
    plain = seen(unicodedata.normalize("NFKC", name)).casefold()
    # folding can take letters apart again
    return _BLANKS.sub(" ", unicodedata.normalize("NFKC", plain)).strip()


def listed(parts: Sequence[str]) -> str:
    """Parts as a sentence lists them.

    Parameters
    ----------
    parts : sequence of str

    Returns
    -------
    str
        "" of none.

    Examples
    --------
    >>> listed(["till"]), listed(["till", "books", "shop"])
    ('till', 'till, books and shop')
    """
    first, last = ", ".join(parts[:-1]), "".join(parts[-1:])
    return f"{first} and {last}" if first else last


def some_of(parts: Sequence[str], most: int, mark: str = ", ") -> str:
    """The first of some parts, and how many more there are.

    Parameters
    ----------
    parts : sequence of str
    most : int
        Parts to name.
    mark : str
        Between two; "; " where parts may hold commas.

    Returns
    -------
    str

    Examples
    --------
    >>> some_of(["till", "books", "shop"], 2), some_of(["till"], 2)
    ('till, books and 1 more', 'till')
    """
    more = f" and {len(parts) - most} more" if len(parts) > most else ""
    return mark.join(parts[:most]) + more


def seen(text: str) -> str:
    r"""A text without what leaves no trace on paper: format and control characters, fillers.

    Parameters
    ----------
    text : str
        Blanks of any kind stay.

    Returns
    -------
    str

    Examples
    --------
    >>> seen("Oak\u200b\x7f\ufe0f Ltd")
    'Oak Ltd'
    """
    if text.isascii() and text.isprintable():
        return text
    bare = _NO_INK.sub("", text)
    return "".join(c for c in bare if c.isspace() or unicodedata.category(c) not in {"Cc", "Cf"})


def visible(text: str) -> str:
    r"""A text for a terminal: what would move a cursor or hide shows as ``\x1b`` or ``\u202e``.

    Line feeds stay, so that a text of several lines remains one.

    Parameters
    ----------
    text : str

    Returns
    -------
    str

    Examples
    --------
    >>> print(visible("Oak\x1b[31m"))
    Oak\x1b[31m
    """
    if text.isascii() and text.isprintable():
        return text
    return "".join(
        c if c == "\n" or not (unicodedata.category(c) in _UNSEEN or _is_filler(c))
        else c.encode("unicode_escape").decode()
        for c in text
    )  # fmt: skip


def _is_filler(sign: str) -> bool:
    """What leaves no ink where it stands; the selector after an emoji colours it and is none."""
    return sign not in "\ufe0e\ufe0f" and _NO_INK.match(sign) is not None
