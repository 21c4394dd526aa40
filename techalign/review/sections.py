"""From a report's record and its kept predecessors to the sections about the last review."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from techalign.review.history import changes, recorded_block, recorded_rows, review_name
from techalign.review.records import Record

if TYPE_CHECKING:
    import pandas as pd

    from techalign.report.page import Section
    from techalign.review.scores import VendorScores
    from techalign.review.since import Since

__all__ = ["review_sections", "shown_scores"]

_NAMED = 8  # new or gone rows named in a sentence
_REGISTERS = {"vendors": ("vendor", "company"), "dates": ("what", "agreement")}


def review_sections(now: Record, earlier: Mapping[str, Sequence[Record]]) -> list[Section]:
    """Tell what changed since the last review, and how its forecasts did.

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
    if not now.headline.get("figures"):
        return []
    from techalign.review.since import since_section

    if not earlier:
        return [since_section(None)]
    quarter = max(earlier)
    return [since_section(_since(now, earlier[quarter], quarter)), *_forecasts(now, earlier)]


def shown_scores(scores: VendorScores) -> pd.DataFrame:
    """Scores per review with the review's name and the usual range in brackets."""
    if scores.chances.empty:
        return scores.chances.head(0)
    found = scores.by_review()
    usual = [
        f"({low} to {high})" if high > low else ""
        for low, high in zip(found["low"], found["high"], strict=True)
    ]
    return found.assign(expected_ends=usual, review=[review_name(q) for q in found["review"]])


def _since(now: Record, before: Sequence[Record], quarter: str) -> Since:
    import pandas as pd

    from techalign.review.since import Since

    names = ("label", "before", "after", "change", "was", "now", "unit", "beyond")
    rows = [[getattr(c, n) for n in names] for c in changes(before, [now])]
    said = [
        text for name in _REGISTERS for old in before if (text := _came_and_went(old, now, name))
    ]
    frame = pd.DataFrame(rows, columns=list(names))
    return Since(review_name(quarter), frame, tuple(said))


def _came_and_went(old: Record, new: Record, name: str) -> str:
    """Who is new in a register and who is gone."""
    if not recorded_block(old, name) or not recorded_block(new, name):
        return ""
    key, noun = _REGISTERS[name]
    were, are = (
        list(dict.fromkeys(str(row[key]) for row in recorded_rows(r, name))) for r in (old, new)
    )
    parts = []
    came, went = ([n for n in a if n not in b] for a, b in ((are, were), (were, are)))
    for how, names in (("new", came), ("no longer there", went)):
        if names:
            more = f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""
            plural = noun if len(names) == 1 else noun.replace("company", "companie") + "s"
            parts.append(f"{len(names)} {plural} {how}: {', '.join(names[:_NAMED])}{more}.")
    return " ".join(parts)


def _forecasts(now: Record, earlier: Mapping[str, Sequence[Record]]) -> list[Section]:
    from techalign.review.since import chances_section, forecasts_section

    sections = []
    block = recorded_block(now, "forecast")
    if block is not None:
        from techalign.review.calibration import calibrate

        scored = calibrate([now], earlier)
        last = scored.forecasts[scored.forecasts["review"] == max(earlier)]
        sections.append(forecasts_section(scored.sentence, last, str(block["unit"])))
    if recorded_block(now, "vendors") is not None:
        from techalign.review.scores import score_vendors

        scores = score_vendors([now], earlier)
        left = (
            f" {scores.left} compan{'ies are' if scores.left != 1 else 'y is'} no longer in the "
            "register, and it is not said whether by ceasing: not counted."
            if scores.left
            else ""
        )
        sections.append(chances_section(scores.sentence + left, shown_scores(scores)))
    return sections
