"""From a report's record and its kept predecessors to the sections about the last review."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from techalign.review.history import changes, review_name
from techalign.review.records import Record
from techalign.review.subject import Earlier, Register, subjects
from techalign.text import some_of

if TYPE_CHECKING:
    from techalign.report.page import Section
    from techalign.review.since import Since

__all__ = ["review_sections"]

_NAMED = 8  # new or gone rows named in a sentence


def review_sections(now: Record, earlier: Earlier) -> list[Section]:
    """Tell what changed since the last review, and how what it foretold has come out.

    Parameters
    ----------
    now : Record
        Of the report to be rendered, with its headline.
    earlier : mapping of str to sequence of Record
        Kept records of the same report, by quarter, the earliest first.

    Returns
    -------
    list of Section
        None for a report without headline numbers.
    """
    if not now.headline.figures:
        return []
    from techalign.review.since import since_section

    if not earlier:
        return [since_section(None)]
    quarter = max(earlier)
    told = (subject.scores(now, earlier) for subject in subjects() if subject.scores)
    return [
        since_section(_since(now, earlier[quarter], quarter)),
        *(section for section in told if section is not None),
    ]


def _since(now: Record, before: Sequence[Record], quarter: str) -> Since:
    import pandas as pd

    from techalign.review.since import Since

    names = ("label", "before", "after", "change", "was", "now", "unit", "beyond")
    found = changes(before, [now])
    rows = [[getattr(c, n) for n in names] for c in found if not c.gap]
    registers = [register for subject in subjects() for register in subject.registers]
    said = [
        text
        for register in registers
        for old in before
        if (text := _came_and_went(old, now, register))
    ]
    said = [c.not_compared for c in found if c.gap] + said
    frame = pd.DataFrame(rows, columns=list(names))
    later = any(record.made_later for record in before)
    return Since(review_name(quarter), frame, later, tuple(said))


def _came_and_went(old: Record, new: Record, register: Register) -> str:
    """Who is new in a register and who is gone."""
    blocks = [record.block(register.block) for record in (old, new)]
    if blocks[0] is None or blocks[1] is None:
        return ""
    were, are = (
        list(dict.fromkeys(str(getattr(row, register.key)) for row in block.rows))
        for block in blocks
        if block is not None
    )
    parts = []
    came, went = ([n for n in a if n not in b] for a, b in ((are, were), (were, are)))
    for how, names in (("new", came), ("no longer there", went)):
        if names:
            noun = register.one if len(names) == 1 else register.several
            parts.append(f"{len(names)} {noun} {how}: {some_of(names, _NAMED)}.")
    return " ".join(parts)
