"""The consultant's index over all clients: what failed first, then by name.

The page works without scripts. A small one, allowed by its hash in the page's policy, adds
sorting and a filter.
"""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from techalign import __version__
from techalign.decision import Decision
from techalign.numbers.formatting import format_interval
from techalign.report.decisions import days_left
from techalign.report.page import environment, stylesheet
from techalign.review.calendar import Appointment
from techalign.review.history import quarter_of, review_name

__all__ = ["IndexReport", "IndexRow", "render_index"]

_WORDS = {"ok": "ready", "failed": "failed", "not enabled": "needs data"}
_TONES = {"ok": "ok", "failed": "failed", "not enabled": "off"}


@dataclass(frozen=True)
class IndexReport:
    """One report: its title and page, and what came of it."""

    title: str
    href: str
    status: str
    message: str = ""


@dataclass(frozen=True)
class IndexRow:
    """One client, as a consultant works from it.

    Attributes
    ----------
    client, client_name : str
    reports : tuple of IndexReport
    as_of : date, optional
        The day of its review.
    next_date : Appointment, optional
        The next day of an agreement.
    overdue : int
        Decisions whose day has passed without an answer.
    decision : Decision, optional
        The first to take.
    since : str
        The quarter compared with, or "".
    changes : tuple of str
        What moved beyond its noise since then.
    """

    client: str
    client_name: str
    reports: tuple[IndexReport, ...]
    as_of: dt.date | None = None
    next_date: Appointment | None = None
    overdue: int = 0
    decision: Decision | None = None
    since: str = ""
    changes: tuple[str, ...] = ()

    @property
    def failed(self) -> bool:
        """Whether any report failed."""
        return any(report.status == "failed" for report in self.reports)


def render_index(rows: Sequence[IndexRow]) -> str:
    """Render the index.

    Parameters
    ----------
    rows : sequence of IndexRow

    Returns
    -------
    str
        A whole HTML document.
    """
    ordered = sorted(rows, key=lambda row: (not row.failed, row.client_name.casefold()))
    newest = max((row.as_of for row in rows if row.as_of), default=None)
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            css=stylesheet(),
            clients=[_client(row, newest) for row in ordered],
            summary=_summary(rows),
            script=script,
            digest=digest,
            version=__version__,
        )
    )


@cache
def _script() -> str:
    from importlib.resources import files

    return (files("techalign.report") / "templates" / "index.js").read_text("utf-8")


def _behind(row: IndexRow, newest: dt.date | None) -> str:
    """The quarter of a client's review, if others have had a later one."""
    if row.as_of is None or newest is None:
        return ""
    own = quarter_of(row.as_of.isoformat())
    return review_name(own) if own < quarter_of(newest.isoformat()) else ""


def _client(row: IndexRow, newest: dt.date | None) -> dict[str, object]:
    count = {s: sum(r.status == s for r in row.reports) for s in _WORDS}
    worst = next(s for s in ("failed", "ok", "not enabled") if count[s] or s == "not enabled")
    return {
        "id": row.client,
        "name": row.client_name,
        "behind": _behind(row, newest),
        "status": ", ".join(f"{n} {_WORDS[s]}" for s, n in count.items() if n),
        "tone": _TONES[worst],
        "rank": f"{0 if row.failed else 1}{count['not enabled']:03}",
        "next": _next(row),
        "overdue": row.overdue,
        "decision": _decision(row.decision),
        "reports": [_report(report) for report in row.reports],
        "changes": row.changes,
        "since": f"{row.since[:4]} {row.since[4:]}" if row.since else "",
    }


def _next(row: IndexRow) -> dict[str, str] | None:
    if row.next_date is None or row.as_of is None:
        return None
    day = row.next_date.day
    left = days_left(day, row.as_of)
    return {"sort": f"{(day - row.as_of).days}", "left": left, "title": row.next_date.title}


def _decision(decision: Decision | None) -> dict[str, str] | None:
    if decision is None:
        return None
    value = decision.value
    worth = format_interval(value, decision.unit, short=True) if value else ""
    return {
        "id": decision.id,
        "what": decision.what,
        "worth": worth,
        "sort": f"{value.point}" if value else "",
    }


def _report(report: IndexReport) -> dict[str, object]:
    return {
        "href": report.href,
        "title": report.title,
        "status": _WORDS[report.status],
        "tone": _TONES[report.status],
        "ready": report.status == "ok",
        # the first sentence says what is wrong; what a client lacks, which many do, is on its page
        "message": report.message.split(". ")[0] if report.status == "failed" else "",
    }


def _summary(rows: Sequence[IndexRow]) -> str:
    every = [report.status for row in rows for report in row.reports]
    count = {status: every.count(status) for status in _WORDS}
    parts = [
        f"{count['ok']} report{'s' if count['ok'] != 1 else ''} ready for "
        f"{len(rows)} client{'s' if len(rows) != 1 else ''}"
    ]
    if count["failed"]:
        parts.append(f"{count['failed']} failed")
    if count["not enabled"]:
        parts.append(f"{count['not enabled']} need{'s' * (count['not enabled'] == 1)} more data")
    return ", ".join(parts) + "."
