"""Strengths, weaknesses, opportunities and threats: what the numbers say, edited by the adviser.

The table is filled from the other models, each entry with its number. What no number tells the
adviser adds; what is worded badly is reworded, and what misleads taken out with the reason. All of
it stays marked as judgement, and what was taken out is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from techalign.errors import ModelError
from techalign.numbers.formatting import format_interval
from techalign.numbers.intervals import Interval
from techalign.text import folded

if TYPE_CHECKING:
    import pandas as pd

    from techalign.alignment.found import AlignmentFound

__all__ = ["KINDS", "Swot", "swot", "swot_entries"]

KINDS = ("strength", "weakness", "opportunity", "threat")
"""The four kinds of entries, in the order a page shows them."""

Entry = tuple[str, str, str]
"""Kind, text, and the number behind it."""

_COMPUTED = "your numbers"
_REWORDED = "your numbers, in the adviser's words"
_JUDGED = "the adviser's judgement"


@dataclass(frozen=True, eq=False)
class Swot:
    """Strengths to threats.

    Attributes
    ----------
    entries : DataFrame
        ``kind, text, number`` (the number behind it, or what shows it), ``said_by`` (your numbers,
        or the adviser's judgement); strengths first.
    notes : tuple of str
        What the adviser took out, and edits of what the numbers do not say.
    """

    entries: pd.DataFrame
    notes: tuple[str, ...]


def swot(entries: Sequence[Entry], edits: pd.DataFrame | None = None) -> Swot:
    """Put strengths, weaknesses, opportunities and threats in order, edited by the adviser.

    Parameters
    ----------
    entries : sequence of (kind, text, number)
        As computed; ``kind`` is "strength", "weakness", "opportunity" or "threat".
    edits : DataFrame, optional
        Columns ``kind, entry, replaces`` (text of the computed entry it stands for; empty: that of
        the same text, or none), ``keep`` (False: that computed entry is taken out), ``why``.

    Returns
    -------
    Swot

    Raises
    ------
    ModelError
        If a kind is another one, or a computed entry names no number.

    Examples
    --------
    >>> import pandas as pd
    >>> edits = pd.DataFrame({"kind": ["strength", "threat"], "entry": ["Known for care", "Fire"],
    ...                       "replaces": ["Records", ""], "keep": True, "why": ["reviews", "oil"]})
    >>> found = swot([("threat", "A bad year", "$40k"), ("strength", "Records", "0.6")], edits)
    >>> found.entries[["text", "number"]].to_numpy().tolist()
    [['Known for care', '0.6; reviews'], ['A bad year', '$40k'], ['Fire', 'oil']]
    """
    import pandas as pd

    for kind, text, number in entries:
        if kind not in KINDS:
            raise ModelError("swot", "is no kind of entry", value=kind)
        if not number.strip():
            raise ModelError("swot", "names no number", value=text)
    rows = [(*entry, _COMPUTED) for entry in entries]
    notes: list[str] = []
    if edits is not None:
        columns = (edits[n].tolist() for n in ("kind", "entry", "replaces", "keep", "why"))
        for kind, text, replaces, keep, why in zip(*columns, strict=True):
            _edit(rows, (kind, text, why), (replaces or text, bool(replaces), keep), notes)
    rows.sort(key=lambda row: KINDS.index(row[0]))
    frame = pd.DataFrame(rows, columns=["kind", "text", "number", "said_by"])
    return Swot(frame, tuple(notes))


def _edit(
    rows: list[tuple[str, str, str, str]],
    said: Entry,
    meant: tuple[str, bool, bool],
    notes: list[str],
) -> None:
    """Take out, reword or add one entry; what is meant and not there is told."""
    (kind, text, why), (target, named, keep) = said, meant
    place = next((i for i, row in enumerate(rows) if _same(row[1]) == _same(target)), None)
    if not keep and place is None:
        notes.append(f"“{target}” is not among the strengths and threats, so it was not taken out.")
    elif not keep and place is not None:
        out = rows.pop(place)[1]
        reason = why.rstrip(".")
        notes.append(f"Of strengths and threats the adviser took out “{out}”: {reason}.")
    elif place is not None:
        number = rows[place][2]
        rows[place] = (kind, text, f"{number}; {why}", _REWORDED)
    else:
        if named:
            notes.append(
                f"“{text}” was to stand for “{target}”, which the numbers do not say: it stands as "
                "the adviser's judgement."
            )
        rows.append((kind, text, why, _JUDGED))


def _same(text: str) -> str:
    """A text without its case and quotation marks, which nobody copies alike."""
    return folded(text.translate(dict.fromkeys(map(ord, "“”„\"'’‘«»"))))


def swot_entries(found: AlignmentFound, money: str) -> list[Entry]:
    """Strengths to threats as far as the numbers tell, two of each source at most.

    Parameters
    ----------
    found : AlignmentFound
    money : str
        The currency, three letters.

    Returns
    -------
    list of (kind, text, number)
        The number with its range, where it has one.

    Examples
    --------
    >>> from techalign.alignment import AlignmentFound
    >>> swot_entries(AlignmentFound(), "USD")
    []
    """
    return [
        *_of_goals(found),
        *_of_means(found),
        *_of_work(found, money),
        *_of_outside(found, money),
    ]


def _of_goals(found: AlignmentFound) -> list[Entry]:
    if found.alignment is None:
        return []
    goals = found.alignment.goals.sort_values("coverage", kind="stable")
    carried, bare = goals[goals["coverage"] >= 0.7].tail(2), goals[goals["coverage"] < 0.4].head(2)
    return [
        *(("strength", f"Technology carries “{row['goal']}”", _ranged(row, "coverage", "%"))
          for _, row in carried.iterrows()),
        *(("weakness", f"Little technology carries “{row['goal']}”", _ranged(row, "coverage", "%"))
          for _, row in bare.iterrows()),
    ]  # fmt: skip


def _ranged(row: Any, name: str, unit: str) -> str:
    point, low, high = (float(row[f"{name}{end}"]) for end in ("", "_low", "_high"))
    return format_interval(Interval(point, low, high, 1.0), unit, short=True)


def _of_means(found: AlignmentFound) -> list[Entry]:
    out = []
    if found.resources is not None:
        lasting = found.resources[found.resources["kind"] == "lasting"].head(2)
        out += [
            (
                "strength",
                f"{row['resource']}: hard to copy",
                f"half of it lasts {_ranged(row, 'half_life', 'years')}",
            )
            for _, row in lasting.iterrows()
        ]
    if found.skills is not None and (alone := int((found.skills["runs"] <= 1).sum())):
        out.append(("weakness", "Systems that hang on one person or nobody", f"{alone}"))
    return out


def _of_work(found: AlignmentFound, money: str) -> list[Entry]:
    out = []
    if found.tasks is not None:
        rows = found.tasks[found.tasks["saved"] > 0].head(2)
        out += [
            (
                "opportunity",
                f"A tool could take over {row['task']}",
                f"{_ranged(row, 'saved', money)} a year",
            )
            for _, row in rows.iterrows()
        ]
    if found.links is not None:
        quick = found.links[found.links["payback"] < 2].head(1)
        out += [
            ("opportunity", f"Let {link} talk", f"pays back in {years:.1f} years")
            for link, years in zip(quick["link"], quick["payback"], strict=True)
        ]
    return out


def _of_outside(found: AlignmentFound, money: str) -> list[Entry]:
    out = []
    if found.cyber is not None:
        worst = format_interval(found.cyber.bad_year, money, short=True)
        out.append(("threat", "A bad year of cyber incidents, one in a hundred", worst))
    if found.brands is not None:
        rows = found.brands[found.brands["fit"] < 0.4].head(2)
        out += [
            ("threat", f"{name} does not fit how you want to be seen", f"fit {fit:.0%}")
            for name, fit in zip(rows["vendor"], rows["fit"], strict=True)
        ]
        best = found.brands[found.brands["upside"] > 0].sort_values("upside", ascending=False)
        out += [
            ("opportunity", f"{row['vendor']} brings more than it is paid for",
             f"{_ranged(row, 'upside', money)} a year")
            for _, row in best.head(1).iterrows()
        ]  # fmt: skip
    if found.headroom is not None:
        full = found.headroom[found.headroom["breaks"] < 0.1].head(2)
        out += [
            ("threat", f"No room left: {name}", f"full at {growth:.0%} growth")
            for name, growth in zip(full["resource"], full["breaks"], strict=True)
        ]
    return out
