"""Strengths, weaknesses, opportunities and threats: what the numbers say, edited by the adviser.

The table is filled from the other models, each entry with its number. What no number tells the
adviser adds; what is worded badly is reworded, and what misleads taken out with the reason. All of
it stays marked as judgement, and what was taken out is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from techalign.errors import ModelError
from techalign.numbers.formatting import format_interval
from techalign.numbers.frames import rows_of
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
    rows = rows_of(found.alignment.goals, "goal", *_ends("coverage"))
    rows.sort(key=lambda row: row[1])
    carried, bare = [row for row in rows if row[1] >= 0.7], [row for row in rows if row[1] < 0.4]
    return [
        *(("strength", f"Technology carries “{goal}”", _ranged(ends, "%"))
          for goal, *ends in carried[-2:]),
        *(("weakness", f"Little technology carries “{goal}”", _ranged(ends, "%"))
          for goal, *ends in bare[:2]),
    ]  # fmt: skip


def _ends(name: str) -> tuple[str, str, str]:
    return name, f"{name}_low", f"{name}_high"


def _ranged(ends: Sequence[float], unit: str) -> str:
    point, low, high = map(float, ends)
    return format_interval(Interval(point, low, high, 1.0), unit, short=True)


def _of_means(found: AlignmentFound) -> list[Entry]:
    out = []
    if found.resources is not None:
        rows = rows_of(found.resources, "kind", "resource", *_ends("half_life"))
        lasting = [row for row in rows if row[0] == "lasting"]
        out += [
            ("strength", f"{name}: hard to copy", f"half of it lasts {_ranged(ends, 'years')}")
            for _, name, *ends in lasting[:2]
        ]
    alone = 0 if found.skills is None else sum(runs <= 1 for runs in found.skills["runs"].tolist())
    if alone:
        out.append(("weakness", "Systems that hang on one person or nobody", f"{alone}"))
    return out


def _of_work(found: AlignmentFound, money: str) -> list[Entry]:
    out = []
    if found.tasks is not None:
        saving = [row for row in rows_of(found.tasks, "task", *_ends("saved")) if row[1] > 0]
        out += [
            ("opportunity", f"A tool could take over {name}", f"{_ranged(ends, money)} a year")
            for name, *ends in saving[:2]
        ]
    if found.links is not None:
        quick = [row for row in rows_of(found.links, "link", "payback") if row[1] < 2]
        out += [
            ("opportunity", f"Let {link} talk", f"pays back in {years:.1f} years")
            for link, years in quick[:1]
        ]
    return out


def _of_outside(found: AlignmentFound, money: str) -> list[Entry]:
    out = []
    if found.cyber is not None:
        worst = format_interval(found.cyber.bad_year, money, short=True)
        out.append(("threat", "A bad year of cyber incidents, one in a hundred", worst))
    if found.brands is not None:
        strange = [row for row in rows_of(found.brands, "vendor", "fit") if row[1] < 0.4]
        out += [
            ("threat", f"{name} does not fit how you want to be seen", f"fit {fit:.0%}")
            for name, fit in strange[:2]
        ]
        gains = [row for row in rows_of(found.brands, "vendor", *_ends("upside")) if row[1] > 0]
        if gains:
            name, *ends = max(gains, key=lambda row: row[1])
            out.append(("opportunity", f"{name} brings more than it is paid for",
                        f"{_ranged(ends, money)} a year"))  # fmt: skip
    if found.headroom is not None:
        full = [row for row in rows_of(found.headroom, "resource", "breaks") if row[1] < 0.1]
        out += [
            ("threat", f"No room left: {name}", f"full at {growth:.0%} growth")
            for name, growth in full[:2]
        ]
    return out
