"""The consultant's index over all clients' reports: what failed first, then by name."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import groupby

from techalign import __version__
from techalign.report.page import environment, stylesheet

__all__ = ["IndexRow", "render_index"]

_TONES = {"ok": "ok", "failed": "failed", "not enabled": "off"}
_WORDS = {"ok": "ready", "failed": "failed", "not enabled": "needs data"}


@dataclass(frozen=True)
class IndexRow:
    """One report's line: whose, which, where, what came of it and its numbers in words."""

    client: str
    client_name: str
    title: str
    href: str
    status: str
    text: str


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
    clients = []
    ordered = sorted(rows, key=lambda row: (row.client, row.title))
    for client, group in groupby(ordered, key=lambda row: row.client):
        reports = [
            {
                "href": row.href,
                "title": row.title,
                "status": _WORDS[row.status],
                "tone": _TONES[row.status],
                "text": row.text,
                "failed": row.status == "failed",
            }
            for row in group
        ]
        clients.append(
            {
                "id": client,
                "name": next(row.client_name for row in rows if row.client == client),
                "reports": reports,
                "failed": any(report["failed"] for report in reports),
            }
        )
    clients.sort(key=lambda client: (not client["failed"], str(client["name"]).casefold()))
    return (
        environment()
        .get_template("index.html.j2")
        .render(css=stylesheet(), clients=clients, summary=_summary(rows), version=__version__)
    )


def _summary(rows: Sequence[IndexRow]) -> str:
    count = {status: sum(row.status == status for row in rows) for status in _WORDS}
    parts = [f"{count['ok']} reports ready for {len({row.client for row in rows})} clients"]
    if count["failed"]:
        parts.append(f"{count['failed']} failed")
    if count["not enabled"]:
        parts.append(f"{count['not enabled']} need more data")
    return ", ".join(parts) + "."
