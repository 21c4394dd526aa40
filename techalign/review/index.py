"""The consultant's index over all clients: what failed first, then by name.

The page works without scripts. A small one, allowed by its hash in the page's policy, adds
sorting and a filter.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from techalign import __version__
from techalign.numbers.formatting import compact, format_ends
from techalign.report.page import environment, stylesheet
from techalign.review.records import FigureRecord

__all__ = ["IndexReport", "IndexRow", "render_index"]

_WORDS = {"ok": "ready", "failed": "failed", "not enabled": "needs data"}
_TONES = {"ok": "ok", "failed": "failed", "not enabled": "off"}
_SHOWN = 2  # headline figures of each report


@dataclass(frozen=True)
class IndexReport:
    """One report: its title and page, what came of it, and its headline figures as recorded."""

    title: str
    href: str
    status: str
    message: str = ""
    figures: tuple[FigureRecord, ...] = ()

    @property
    def file(self) -> str:
        """The page's file, the same for every client."""
        return self.href.rpartition("/")[2]


@dataclass(frozen=True)
class IndexRow:
    """One client: its reports, the review compared with, and what changed beyond noise."""

    client: str
    client_name: str
    reports: tuple[IndexReport, ...]
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
    # a column for each notebook: two may bear one title
    columns = sorted({(report.title, report.file) for row in rows for report in row.reports})
    ordered = sorted(rows, key=lambda row: (not row.failed, row.client_name.casefold()))
    script = _script()
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return (
        environment()
        .get_template("index.html.j2")
        .render(
            css=stylesheet(),
            titles=[title for title, _ in columns],
            clients=[_client(row, [file for _, file in columns]) for row in ordered],
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


def _client(row: IndexRow, files: Sequence[str]) -> dict[str, object]:
    by_file = {report.file: report for report in row.reports}
    count = {s: sum(r.status == s for r in row.reports) for s in _WORDS}
    worst = next(s for s in ("failed", "ok", "not enabled") if count[s] or s == "not enabled")
    return {
        "id": row.client,
        "name": row.client_name,
        "status": ", ".join(f"{n} {_WORDS[s]}" for s, n in count.items() if n),
        "tone": _TONES[worst],
        "rank": f"{0 if row.failed else 1}{count['not enabled']:03}",
        "cells": [_cell(by_file.get(file)) for file in files],
        "changes": row.changes,
        "since": f"{row.since[:4]} {row.since[4:]}" if row.since else "",
    }


def _cell(report: IndexReport | None) -> dict[str, object]:
    if report is None:
        return {"sort": ""}
    figures = report.figures[:_SHOWN]
    return {
        "href": report.href,
        "title": report.title,
        "status": _WORDS[report.status],
        "tone": _TONES[report.status],
        "ready": report.status == "ok",
        # the first sentence says what is wrong; the page has the rest
        "message": report.message.split(". ")[0],
        "figures": [_short(figure) for figure in figures],
        "sort": f"{figures[0].ends.point}" if figures else "",
    }


def _short(figure: FigureRecord) -> dict[str, str]:
    """A headline number in few characters, and its interval."""
    ends = format_ends(figure.ends, figure.unit, short=True)
    text = compact(figure.ends.point, figure.unit)
    return {"label": figure.label, "text": text, "interval": ends}


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
