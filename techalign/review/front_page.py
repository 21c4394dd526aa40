"""A client's front page: what to decide, where the client stands, and the way to the reports."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from techalign import __version__
from techalign.charts.theme import in_notebook
from techalign.client.brand import Look
from techalign.errors import MissingTableError
from techalign.html import escape
from techalign.numbers.formatting import format_date
from techalign.report.blocks import Block, note
from techalign.report.decisions import days_left
from techalign.report.page import LAB_MIME, PageInfo, cells_html, environment, stylesheet
from techalign.report.proposed import PROPOSED
from techalign.report.words import in_brackets_of
from techalign.review.calendar import appointments, next_days
from techalign.review.decisions import became, front_part, overdue, questions
from techalign.review.history import Change, changes, earlier_records, quarter_of, review_name
from techalign.review.records import Ends, FigureRecord, Record, client_records
from techalign.review.since import made_later
from techalign.review.subject import Earlier, Part, subjects
from techalign.storage import as_place
from techalign.text import listed

__all__ = [
    "CALENDAR",
    "Review",
    "ahead",
    "forces",
    "in_numbers",
    "open_review",
    "opening",
    "render_client",
    "render_review",
    "reports",
    "since_last",
]

CALENDAR = "dates.ics"
"""The file beside the page that holds all its days."""

_EMPTY_CELL = re.compile(r'<div id="cell-id=[^>]*>\s*</div>\s*|<h1[^>]*>.*?</h1>', re.DOTALL)
_FIGURES = 4
_DATES = 5  # the page is one page
_CLOSED = 3
_CHANGED = 3
_QUESTIONS = 3
_NEAR = 30  # days
_SOON = ' class="soon"'


@dataclass(frozen=True, eq=False)
class Review:
    """What a client's front page is made from.

    Attributes
    ----------
    records : tuple of Record
        The present ones, of reports that could not be made, too.
    earlier : mapping of str to sequence of Record
        Records of earlier quarters; the last is compared with.
    """

    records: tuple[Record, ...]
    earlier: Earlier

    @property
    def today(self) -> dt.date:
        """The day of the review."""
        return dt.date.fromisoformat(max(record.as_of for record in self.records))

    @property
    def ready(self) -> list[Record]:
        """Records of the reports there are."""
        return [record for record in self.records if record.status == "ok"]

    @property
    def changes(self) -> list[Change]:
        """Headline numbers then and now."""
        return changes(self.earlier[max(self.earlier)], self.ready) if self.earlier else []

    def __repr__(self) -> str:
        return f"<review of {len(self.records)} reports>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        del include, exclude  # both forms are always wanted
        days = [(r.title, dt.date.fromisoformat(r.as_of)) for r in self.records]
        made = ", ".join(f"{title} ({format_date(day)})" for title, day in days)
        said = f"Read from the reports as they were last made: {made}."
        return {"text/html": in_notebook(note(said).html), LAB_MIME: {}}


def open_review(client: str, reports_dir: str) -> Review:
    """Read the records of a client's reports, as they were last made.

    Parameters
    ----------
    client : str
    reports_dir : str
        The folder the reports are in, or its URL.

    Returns
    -------
    Review

    Raises
    ------
    MissingTableError
        If there is no report yet.
    """
    out = as_place(reports_dir)
    records = client_records(out, client)
    if not records:
        raise MissingTableError(
            (),
            f"There is no report of {client} yet: run the other notebooks first, with 'techalign "
            f"run {client}'.",
        )
    return Review(tuple(records), earlier_records(out, records))


def opening(review: Review) -> Block:
    """Where the client stands, in a sentence, and what to decide this quarter.

    Parameters
    ----------
    review : Review

    Returns
    -------
    Block
    """
    stands, decide = _stands(review.ready), front_part(review.ready, review.today)
    return _piece("opening", stands=stands, decide=decide, open=_unconfirmed(review.ready))


def ahead(review: Review) -> Block:
    """The next dates, and each subject's part: the largest risks, the plan, targets.

    Parameters
    ----------
    review : Review

    Returns
    -------
    Block
    """
    parts = [
        Part("Next dates", _dates(review.ready, review.today)),
        *_summaries(review.ready, review.today),
    ]
    calendar = CALENDAR if appointments(review.records) else ""
    return _piece("ahead", parts=parts, calendar=calendar)


def in_numbers(review: Review) -> Block:
    """The most telling headline numbers, with what moved beyond its noise.

    Parameters
    ----------
    review : Review

    Returns
    -------
    Block
    """
    shown = _numbers(review.ready)
    moved = {(c.notebook, c.label): c for c in review.changes}
    numbers = [_number(record, figure, moved) for record, figure in shown]
    return _piece("numbers", numbers=numbers, brackets=in_brackets_of(_levels(shown)))


def since_last(review: Review) -> Block:
    """What changed, how forecasts did, what became of decisions, and what to find out.

    Parameters
    ----------
    review : Review

    Returns
    -------
    Block
    """
    ready, earlier = review.ready, review.earlier
    told = (subject.sentence(ready, earlier) for subject in subjects() if subject.sentence)
    closed = became(ready, earlier)
    return _piece(
        "since",
        changes=_changes(review.changes, earlier) + _rhythm(earlier, review.today),
        forecasts=" ".join(filter(None, told)) if earlier else "",
        became=closed[:_CLOSED],
        more=max(len(closed) - _CLOSED, 0),
        questions=questions(ready, review.today)[:_QUESTIONS],
    )


def forces(review: Review) -> Block:
    """What the numbers of all reports say for and against the business, each with its number.

    Parameters
    ----------
    review : Review

    Returns
    -------
    Block
    """
    labels = {"strength": "Strengths", "weakness": "Weaknesses",
              "opportunity": "Opportunities", "threat": "Threats"}  # fmt: skip
    found: dict[str, list[dict[str, str]]] = {kind: [] for kind in labels}
    for record, figure in _every_figure(review.ready):
        value = figure.value.point if isinstance(figure.value, Ends) else figure.value
        for force in (force for subject in subjects() for force in subject.forces):
            if force.label == figure.label and force.least <= value <= force.most:
                number = f"{figure.label}: {figure.text}"
                said = {"text": force.text, "number": number, "href": f"{record.notebook}.html"}
                found[force.kind].append(said)
    kinds = [{"title": labels[kind], "rows": rows} for kind, rows in found.items() if rows]
    return _piece("forces", kinds=kinds)


def _every_figure(records: Sequence[Record]) -> list[tuple[Record, FigureRecord]]:
    return [(record, figure) for record in records for figure in record.figures]


def reports(review: Review) -> Block:
    """Each report in a sentence, or why it is missing.

    Parameters
    ----------
    review : Review

    Returns
    -------
    Block
    """
    return _piece("reports", reports=[_line(record) for record in review.records])


def _piece(name: str, **values: object) -> Block:
    return Block(environment().get_template("front.html.j2").render(piece=name, **values))


def render_client(records: Sequence[Record], earlier: Earlier) -> str:
    """Render the front page as the review's notebook shows it, where there is no such notebook.

    Parameters
    ----------
    records : sequence of Record
        Of one client, at least one.
    earlier : mapping of str to sequence of Record
        Records of earlier quarters; the last is compared with.

    Returns
    -------
    str
        A whole HTML document.
    """
    review = Review(tuple(records), earlier)
    blocks = (show(review) for show in (opening, ahead, in_numbers, since_last, forces, reports))
    return _page(
        "\n".join(block.html for block in blocks),
        records[0].client_name, review.today, records[0].look,
    )  # fmt: skip


def render_review(notebook: Any, info: PageInfo, *, show_code: bool = False) -> str:
    """Render the executed notebook of a review as the client's front page.

    Parameters
    ----------
    notebook : NotebookNode
    info : PageInfo
    show_code : bool
        Show each cell's code, folded.

    Returns
    -------
    str
        A whole HTML document.
    """
    body = cells_html(notebook, show_code=show_code)
    return _page(_EMPTY_CELL.sub("", body), info.client_name, info.as_of, info.look)


def _page(body: str, name: str, day: dt.date, look: Look) -> str:
    return (
        environment()
        .get_template("client.html.j2")
        .render(
            css=stylesheet(), name=name, as_of=format_date(day), body=body, look=look,
            version=__version__,
        )
    )  # fmt: skip


def _summaries(records: Sequence[Record], today: dt.date) -> list[Part]:
    """Each subject's part, of those that have something to say."""
    told = (subject.summary(records, today) for subject in subjects() if subject.summary)
    return [part for part in told if part.html]


def _stands(records: Sequence[Record]) -> str:
    """Where the client stands, in one sentence."""
    told = (subject.stands(records) for subject in subjects() if subject.stands)
    clauses = [clause for clause in told if clause]
    if not clauses:
        return ""
    first, last = ", ".join(clauses[:-1]), clauses[-1]
    return f"{records[0].client_name} {first}{', and ' if first else ''}{last}."


def _unconfirmed(records: Sequence[Record]) -> str:
    """Which reports have numbers that rest on proposals; "" where none has."""
    titles = [r.title for r in records if any(PROPOSED in f.source for f in r.figures)]
    if not titles:
        return ""
    return (
        f"What is said here of {' and '.join(titles).lower()} rests in part on values that were "
        f"{PROPOSED} by anybody; the reports say of each number whether it does."
    )


def _dates(records: Sequence[Record], today: dt.date) -> str:
    """What is overdue and what comes next, with the days left; of an agreement its next day."""
    rows = [
        f"<li>{days_left(each.day, today)}: {escape(each.what)}, by {format_date(each.day)}</li>"
        for each in overdue(records, today)
    ]
    ahead = next_days(records, today)
    rows += [
        f"<li><b{_SOON * ((each.day - today).days <= _NEAR)}>{days_left(each.day, today)}</b>: "
        f"{escape(_dated(each.title, each.day))}{_behind(each.money)}</li>"
        for each in ahead
    ]
    if not rows:
        return "<p>No day to act on lies ahead, as far as the tables tell.</p>"
    more = len(rows) - _DATES
    rest = f'<p class="source">{more} more in the reports.</p>' if more > 0 else ""
    return f'<ul class="dates">{"".join(rows[:_DATES])}</ul>{rest}'


def _dated(title: str, day: dt.date) -> str:
    """A title with its day, unless it says it."""
    return title if format_date(day) in title else f"{title}, {format_date(day)}"


def _behind(money: str) -> str:
    return f"; next term {escape(money)}" if money else ""


def _numbers(records: Sequence[Record]) -> list[tuple[Record, FigureRecord]]:
    """The most telling headline numbers: of each report its first, then others."""
    wanted = {label: n for subject in subjects() for n, label in enumerate(subject.numbers)}
    ranked = [
        (wanted.get(figure.label, _FIGURES + n), place, record, figure)
        for place, record in enumerate(records)
        for n, figure in enumerate(record.figures)
    ]
    chosen = sorted(ranked, key=lambda each: each[:2])[:_FIGURES]
    return [
        (record, figure) for _, place, record, figure in sorted(chosen, key=lambda each: each[1])
    ]


def _number(
    record: Record, figure: FigureRecord, found: Mapping[tuple[str, str], Change]
) -> dict[str, str]:
    """One headline number with what became of it since the last review."""
    change = found.get((record.notebook, figure.label))
    return {
        "href": f"{record.notebook}.html",
        "label": figure.label,
        "text": figure.text,
        "interval": figure.interval,
        "change": change.change if change is not None and change.beyond else "",
        "open": PROPOSED if PROPOSED in figure.source else "",
        "gap": figure.gap,
    }


def _levels(shown: Sequence[tuple[Record, FigureRecord]]) -> dict[str, set[float]]:
    """Probabilities of the intervals shown, by report."""
    levels: dict[str, set[float]] = {record.title: set() for record, _ in shown}
    for record, figure in shown:
        if figure.interval and isinstance(figure.value, Ends):
            levels[record.title].add(figure.value.level)
    return levels


def _line(record: Record) -> dict[str, str]:
    """One report's line: its title, page and sentence, or why it is missing."""
    if record.status == "ok":
        said = record.headline.sentence
        return {"title": record.title, "href": f"{record.notebook}.html", "said": said}
    # a client need not read what went wrong in a notebook, nor how a file is called
    off = record.status == "not enabled"
    missing = "not part of this review." if off else "could not be made this time."
    return {"title": record.title, "href": "", "said": missing}


def _rhythm(earlier: Earlier, today: dt.date) -> str:
    """When the next review is due, and which have been left out: one is due each quarter."""
    now = _number_of(quarter_of(today.isoformat()))
    held = [_number_of(quarter) for quarter in earlier]
    missed = [n for n in range(min(held, default=now), now) if n not in held]
    names = [f"{n // 4} Q{n % 4 + 1}" for n in missed]
    due = dt.date((now + 2) // 4, (now + 2) % 4 * 3 + 1, 1) - dt.timedelta(days=1)
    said = f"The next review is due by {format_date(due)}."
    if names:
        several = "those" if len(names) > 1 else "that"
        were = "were" if len(names) > 1 else "was"
        said += f" One is due each quarter: {several} of {listed(names)} {were} not held."
    return f'<p class="source">{said}</p>'


def _number_of(quarter: str) -> int:
    """A quarter as a number that counts on by one."""
    return int(quarter[:4]) * 4 + int(quarter[-1]) - 1


def _whole(amount: str) -> str:
    """An amount as HTML that is not broken behind its sign or before its unit."""
    return f'<span class="whole">{escape(amount)}</span>'


def _changes(every: Sequence[Change], earlier: Earlier) -> str:
    if not earlier:
        return note("This is the first review. The next one will show what has changed.").html
    quarter = max(earlier)
    found = [change for change in every if not change.gap]
    firm = [change for change in found if change.beyond]
    same, since = len(found) - len(firm), review_name(quarter)
    later = [made_later(since)] * any(record.made_later for record in earlier[quarter])
    later += [change.not_compared for change in every if change.gap]
    said = "".join(f'<p class="source">{escape(text)}</p>' for text in later)
    rest = f"{same} other headline number{'s' if same != 1 else ''} moved no more than noise."
    if not firm:
        return note(f"Nothing has changed beyond its noise since {since}. {rest}").html + said
    items = "".join(
        f"<li>{escape(c.label)}: {_whole(c.after)}, {_whole(c.change)} from {_whole(c.before)}</li>"
        for c in firm[:_CHANGED]
    )
    hidden = max(len(firm) - _CHANGED, 0)
    more = f"{hidden} more changed. " if hidden else ""
    shown = f"<p>Changed since {since} by more than its noise:</p><ul>{items}</ul>"
    return shown + (f'<p class="source">{more}{rest}</p>' if same or more else "") + said
