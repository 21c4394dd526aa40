"""A client's summary: one page on screen and on paper, in front of the client's reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from techalign import __version__
from techalign.numbers.formatting import format_date
from techalign.report.blocks import note, table
from techalign.report.page import environment, stylesheet
from techalign.report.words import in_brackets_of
from techalign.review.since import split_intervals

__all__ = ["ClientReport", "ClientSummary", "render_client"]

_FIGURES = 3  # of each report
_ROWS = 5  # of each table: the page is one page


@dataclass(frozen=True)
class ClientReport:
    """One report's line: its title, page, sentence and headline figures, or why it is missing."""

    title: str
    href: str
    sentence: str
    figures: tuple[Mapping[str, Any], ...] = ()
    ready: bool = True


@dataclass(frozen=True)
class ClientSummary:
    """What the page shows.

    Attributes
    ----------
    client_name : str
    as_of : date
    currency : str
    reports : tuple of ClientReport
    risks : DataFrame
        vendor, pd, loss, loss_low, loss_high, mean: largest yearly average first.
    dates : DataFrame
        what, act_by, last_day, money: the next first.
    changes : DataFrame
        title, label, before, after, change: those beyond noise.
    since : str
        The review compared with, or "".
    within_noise : int
        Headline numbers that did not change beyond noise.
    forecasts : str
        How past forecasts did, in a sentence, or "".
    """

    client_name: str
    as_of: dt.date
    currency: str
    reports: tuple[ClientReport, ...]
    risks: pd.DataFrame
    dates: pd.DataFrame
    changes: pd.DataFrame
    since: str
    within_noise: int
    forecasts: str = ""


def render_client(summary: ClientSummary) -> str:
    """Render the summary as a whole HTML document."""
    return (
        environment()
        .get_template("client.html.j2")
        .render(
            css=stylesheet(),
            name=summary.client_name,
            as_of=format_date(summary.as_of),
            groups=[(r, r.figures[:_FIGURES]) for r in summary.reports if r.figures],
            brackets=in_brackets_of({r.title: _levels(r) for r in summary.reports}),
            risks=_risks(summary),
            dates=_dates(summary),
            changes=_changes(summary),
            forecasts=summary.forecasts,
            reports=summary.reports,
            version=__version__,
        )
    )


def _levels(report: ClientReport) -> set[float]:
    """Probabilities of the intervals shown of a report."""
    return {
        float(figure["value"]["level"])
        for figure in report.figures[:_FIGURES]
        if figure["interval"]
    }


def _risks(summary: ClientSummary) -> str:
    shown = summary.risks.head(_ROWS)
    return table(
        shown,
        caption="Companies whose end would cost most, on average a year",
        columns={
            "vendor": "Company",
            "pd": ("Chance a year", "%"),
            "loss": ("If it ceases", summary.currency),
        },
        empty="No costs of a company ceasing are known; a vendors table would show them.",
    ).html


def _dates(summary: ClientSummary) -> str:
    today = pd.Timestamp(summary.as_of)
    missed = summary.dates["last_day"] < today
    shown = summary.dates[~missed].head(_ROWS)
    late = shown["act_by"] <= today
    acts = [
        "now" if past else format_date(day) for past, day in zip(late, shown["act_by"], strict=True)
    ]
    found = table(
        shown.assign(act_by=acts),
        caption="Agreements to decide on next",
        columns={
            "act_by": "Act by",
            "what": "Supplier",
            "last_day": "Last day to cancel",
            "money": ("Next term", summary.currency),
        },
        empty="No date to act by lies ahead, or no contracts table says so.",
    ).html
    gone = int(missed.sum())
    if not gone:
        return found
    said = (
        f"{gone} more: the last day to cancel has passed."
        if gone > 1
        else ("1 more: its last day to cancel has passed.")
    )
    return f'{found}<p class="source">{said}</p>'


def _changes(summary: ClientSummary) -> str:
    if not summary.since:
        return note("This is the first review. The next one will show what has changed.").html
    same = summary.within_noise
    rest = f"{same} other headline number{'s' if same != 1 else ''} moved no more than noise."
    if summary.changes.empty:
        return note(f"Nothing has changed beyond its noise since {summary.since}. {rest}").html
    shown = table(
        split_intervals(summary.changes.head(_ROWS)),
        caption=f"Changed since {summary.since} by more than its noise",
        columns={"label": "What", "before": "Then", "after": "Now", "change": "Change"},
    ).html
    hidden = max(len(summary.changes) - _ROWS, 0)
    more = f"{hidden} more changed. " if hidden else ""
    return shown + (f'<p class="source">{more}{rest}</p>' if same or more else "")
