"""Names and texts that come from people's files: compared as people mean them, shown safely."""

from __future__ import annotations

import re
import unicodedata

__all__ = ["folded", "visible"]

_BLANKS = re.compile(r"\s+")
_UNSEEN = {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}


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
    if name.isascii():
        return _BLANKS.sub(" ", name).strip().casefold()
    plain = unicodedata.normalize("NFKC", name)
    seen = "".join(c for c in plain if unicodedata.category(c) != "Cf")
    return _BLANKS.sub(" ", seen).strip().casefold()


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
        c if c == "\n" or unicodedata.category(c) not in _UNSEEN
        else c.encode("unicode_escape").decode()
        for c in text
    )  # fmt: skip
