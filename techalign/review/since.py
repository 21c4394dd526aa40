"""The two sections a report owes its last review: what changed, and how the forecasts did.

They are put into the page when it is rendered, from the records kept per quarter; a notebook
knows nothing of earlier reviews.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from techalign.html import escape
from techalign.numbers.formatting import is_currency
from techalign.report.blocks import note, table
from techalign.report.page import Section
from techalign.text import listed

__all__ = [
    "Since",
    "scored_section",
    "since_section",
    "split_intervals",
]

_ALIKE = 2  # headline numbers of one unit that make a picture worth drawing
FIRST = (
    "This is the first review kept of this report. The next one will show what has changed "
    "since, and how the forecasts made now have done."
)


@dataclass(frozen=True, eq=False)
class Since:
    """What has changed since a review.

    Attributes
    ----------
    review : str
        The review compared with, as ``2026 Q1``.
    changes : DataFrame
        Headline numbers: label, before, after, change (texts), was, now, unit, beyond (whether
        the change is larger than its noise).
    later : bool
        Whether that review was not held then but made afterwards.
    said : tuple of str
        Further sentences, such as who is new in a register.
    """

    review: str
    changes: pd.DataFrame
    later: bool = False
    said: tuple[str, ...] = ()


def since_section(since: Since | None) -> Section:
    """Show what changed beyond noise first, then name what did not; None for a first review."""
    html = note(FIRST).html if since is None else _since(since)
    return Section("since-last-review", "Since last review", html, late=since is None)


def split_intervals(changes: pd.DataFrame) -> pd.DataFrame:
    """Changes with the brackets behind their numbers in columns of their own."""
    parts = {name: [str(t).partition(" (") for t in changes[name]] for name in ("before", "after")}
    points = {name: [point for point, _, _ in texts] for name, texts in parts.items()}
    ends = {
        f"{name}_ends": [f"({end}" if end else "" for _, _, end in texts]
        for name, texts in parts.items()
    }
    return changes.assign(**points, **ends, change_ends="")


def scored_section(html: str) -> Section:
    """Say how what the last review foretold has come out."""
    return Section("forecasts-of-last-review", "How the last review’s forecasts did", html)


def _since(since: Since) -> str:
    firm = since.changes[since.changes["beyond"].astype(bool)]
    calm = since.changes[~since.changes["beyond"].astype(bool)]
    columns = {"label": "What", "before": "Then", "after": "Now", "change": "Change"}
    if firm.empty:
        parts = [note(_calm(len(calm), since.review)).html]
    else:
        caption = f"Moved since {since.review} by more than noise"
        parts = [table(split_intervals(firm), caption=caption, columns=columns).html]
    parts += [_slope(since)]
    parts += [f"<p>{escape(text)}</p>" for text in since.said]
    parts += [f'<p class="source">{escape(made_later(since.review))}</p>'] if since.later else []
    if len(calm):
        if len(firm):
            parts.append(f"<p>{escape(_stayed(list(calm['label'])))}</p>")
        again = table(
            split_intervals(calm), caption="Moved no more than noise", columns=columns
        ).html
        these = "these" if len(calm) > 1 else "this"
        parts.append(f"<details><summary>Then and now of {these}</summary>{again}</details>")
    return "".join(parts)


def made_later(review: str) -> str:
    """What a reader must know of a review that was not held then."""
    return (
        f"The review of {review} was made afterwards, from what is dated up to then; what bears no "
        "date is taken as it is known today."
    )


def _slope(since: Since) -> str:
    """A picture of the money, where there is some that moved and something to see it against."""
    finite = since.changes[["was", "now"]].abs().max(axis=1) < float("inf")
    money = since.changes[finite & since.changes["unit"].map(is_currency)]
    if len(money) < _ALIKE or not money["beyond"].any():
        return ""
    from techalign import charts  # draws with a library that takes a while to import

    unit = str(money["unit"].iloc[0])
    alike = money[money["unit"] == unit]
    return charts.slope(
        alike,
        label=("label", "What"),
        before=("was", since.review),
        after=("now", "now"),
        beyond="beyond",
        title=f"Then and now, {unit}; a dashed line stayed within its noise",
        unit=unit,
    ).html


def _calm(count: int, review: str) -> str:
    if not count:
        return f"No headline number can be compared with that of {review}."
    who = (
        f"None of the {count} headline numbers has" if count > 1 else "The headline number has not"
    )
    return f"{who} moved beyond its noise since {review}."


def _stayed(labels: Sequence[str]) -> str:
    quoted = [f"“{label}”" for label in labels]
    if len(quoted) == 1:
        return f"The other moved no more than noise, if at all: {quoted[0]}."
    return f"The others moved no more than noise, if at all: {listed(quoted)}."
