"""A client's front page: what to decide, where the client stands, and the way to the reports."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import pandas as pd

from techalign import __version__
from techalign.numbers.formatting import format_date
from techalign.report.blocks import note, table
from techalign.report.page import environment, stylesheet
from techalign.report.words import in_brackets_of
from techalign.review.calendar import appointments
from techalign.review.decisions import front_part
from techalign.review.history import Change, changes, review_name
from techalign.review.records import Ends, FigureRecord, Record
from techalign.review.since import split_intervals
from techalign.review.subject import Earlier, subjects

__all__ = ["CALENDAR", "render_client"]

CALENDAR = "dates.ics"
"""The file beside the page that holds all its days."""

_FIGURES = 2  # of each report
_ROWS = 5  # of each table: the page is one page


def render_client(records: Sequence[Record], earlier: Earlier) -> str:
    """Render the front page as a whole HTML document.

    Parameters
    ----------
    records : sequence of Record
        Of one client, at least one.
    earlier : mapping of str to sequence of Record
        Records of earlier quarters; the last is compared with.
    """
    today = dt.date.fromisoformat(max(record.as_of for record in records))
    ready = [record for record in records if record.status == "ok"]
    shown = {record.title: record.figures[:_FIGURES] for record in ready if record.figures}
    told = (subject.sentence(ready, earlier) for subject in subjects() if subject.sentence)
    return (
        environment()
        .get_template("client.html.j2")
        .render(
            css=stylesheet(),
            name=records[0].client_name,
            as_of=format_date(today),
            decide=front_part(ready, today),
            groups=[(record, shown[record.title]) for record in ready if record.title in shown],
            brackets=in_brackets_of({title: _levels(some) for title, some in shown.items()}),
            parts=[subject.summary(ready, today) for subject in subjects() if subject.summary],
            calendar=CALENDAR if appointments(records) else "",
            changes=_changes(ready, earlier),
            forecasts=" ".join(filter(None, told)) if earlier else "",
            reports=[_line(record) for record in records],
            version=__version__,
        )
    )


def _levels(figures: Sequence[FigureRecord]) -> set[float]:
    """Probabilities of the intervals shown of a report."""
    return {f.value.level for f in figures if f.interval and isinstance(f.value, Ends)}


def _line(record: Record) -> dict[str, str]:
    """One report's line: its title, page and sentence, or why it is missing."""
    if record.status == "ok":
        said = record.headline.sentence
        return {"title": record.title, "href": f"{record.notebook}.html", "said": said}
    # a client need not read what went wrong in a notebook
    missing = record.message if record.status == "not enabled" else "could not be made this time."
    return {"title": record.title, "href": "", "said": missing}


def _changes(records: Sequence[Record], earlier: Earlier) -> str:
    if not earlier:
        return note("This is the first review. The next one will show what has changed.").html
    quarter = max(earlier)
    found = changes(earlier[quarter], records)
    firm = [change for change in found if change.beyond]
    same, since = len(found) - len(firm), review_name(quarter)
    rest = f"{same} other headline number{'s' if same != 1 else ''} moved no more than noise."
    if not firm:
        return note(f"Nothing has changed beyond its noise since {since}. {rest}").html
    shown = table(
        split_intervals(_frame(firm[:_ROWS])),
        caption=f"Changed since {since} by more than its noise",
        columns={"label": "What", "before": "Then", "after": "Now", "change": "Change"},
    ).html
    hidden = max(len(firm) - _ROWS, 0)
    more = f"{hidden} more changed. " if hidden else ""
    return shown + (f'<p class="source">{more}{rest}</p>' if same or more else "")


def _frame(some: Sequence[Change]) -> pd.DataFrame:
    columns = ("label", "before", "after", "change")
    return pd.DataFrame([[getattr(c, n) for n in columns] for c in some], columns=list(columns))
