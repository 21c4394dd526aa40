"""What is written into pictures, and how wide it will be before any browser has drawn it.

Labels are placed and shortened by this estimate. It follows DejaVu Sans, the widest of the
usual system fonts, so that a text that fits here fits in the others, too.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

__all__ = ["fit_text", "row_of", "safe_label", "spread", "text_width"]

# pixels a label may take of the picture's 720
_LABEL_ROOM = 345.0
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]+")

_NARROW = frozenset("iljI.,:;|!'`()[]{}/\\ -")
_WIDE = frozenset("MWmw@%—…")


def text_width(text: str, size: float) -> float:
    """Estimate the width of a text.

    Parameters
    ----------
    text : str
    size : float
        Font size in pixels.

    Returns
    -------
    float
        Pixels.
    """
    return size * sum(map(_em, text))


@lru_cache(maxsize=4096)
def _em(character: str) -> float:
    if unicodedata.combining(character):
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 1.05
    if character in _NARROW:
        return 0.4
    if character in _WIDE:
        return 1.0
    return 0.74 if character.isupper() else 0.635


def fit_text(text: str, size: float, room: float) -> str:
    """Shorten a text to a width; what is cut is replaced by an ellipsis.

    Parameters
    ----------
    text : str
    size, room : float
        Font size and width in pixels.
    """
    if text_width(text, size) <= room:
        return text
    kept = text
    while kept and text_width(kept + "…", size) > room:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def safe_label(text: object, limit: int = 44) -> str:
    """Prepare a label from data for a chart: one line, not too long.

    Parameters
    ----------
    text : object
        Anything; control characters and line breaks become blanks.
    limit : int
        Longer labels end in an ellipsis; the chart's data table has them whole.
    """
    label = " ".join(_CONTROL.sub(" ", str(text)).split())
    if len(label) > limit:
        label = label[: limit - 1].rstrip() + "…"
    return fit_text(label, 13.0, _LABEL_ROOM)


def spread(places: list[float], gap: float, low: float, high: float) -> list[float]:
    """Move places apart until neighbours keep a distance, in their order, as little as needed.

    Parameters
    ----------
    places : list of float
        Wanted places.
    gap : float
        Distance to keep; if there is no room for it, places are spaced evenly.
    low, high : float
        Where places may lie.

    Returns
    -------
    list of float
        In the order of ``places``.
    """
    order = sorted(range(len(places)), key=lambda i: (places[i], i))
    gap = min(gap, (high - low) / max(len(places) - 1, 1))
    moved = [0.0] * len(places)
    last = low - gap
    for i in order:
        moved[i] = last = max(places[i], last + gap)
    last = high + gap
    for i in reversed(order):
        moved[i] = last = min(moved[i], last - gap)
    return moved


def row_of(wanted: list[float], wide: list[float], gap: float, end: float) -> list[float]:
    """Place texts in a row from 0 to ``end``, in their order, near where they are wanted.

    Parameters
    ----------
    wanted, wide : list of float
        Left edges wanted, and widths.
    gap : float
        Distance to keep between neighbours; less if there is no room for it.
    end : float
        Right end of the row.

    Returns
    -------
    list of float
        Left edges.
    """
    if len(wide) > 1:
        gap = min(gap, max((end - sum(wide)) / (len(wide) - 1), 0.0))
    placed, last = [], -gap
    for left, width in zip(wanted, wide, strict=True):
        placed.append(max(left, last + gap, 0.0))
        last = placed[-1] + width
    last = end + gap
    for i in reversed(range(len(placed))):
        placed[i] = min(placed[i], last - gap - wide[i])
        last = placed[i]
    return placed
