"""The pages over the reports, made from their records after every run."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

from techalign.html import without_controls
from techalign.review.calendar import client_calendar, next_days, review_day
from techalign.review.decisions import overdue, to_take
from techalign.review.front_page import CALENDAR, render_client
from techalign.review.history import changes, earlier_records, keep_history, records_fingerprint
from techalign.review.index import IndexReport, IndexRow, render_index
from techalign.review.portfolio_page import render_portfolio
from techalign.review.records import RECORDS, Record, find_records
from techalign.review.subject import Clients, Earlier
from techalign.storage import is_remote, write_whole

__all__ = ["Pages", "write_pages"]


@dataclass(frozen=True)
class Pages:
    """The index page, and what is said of records that could not be read."""

    index: Path
    set_aside: tuple[str, ...]


def write_pages(out: Path) -> Pages:
    """Write each client's front page, the portfolio and the index; keep the records per quarter.

    Nothing is written if the reports are those the pages were made from.

    Parameters
    ----------
    out : Path
        The output folder.
    """
    found = find_records(sorted(out.glob("*/*.json")))
    aside = found.set_aside
    records = tuple(record for record in found.records if not record.is_front)
    fronts = {record.client: record for record in found.records if record.is_front}
    index, mark = out / "index.html", out / ".pages"
    made_from = _fingerprint(found.records, aside)
    # far away each question takes as long as a page
    clients = set() if is_remote(out) else {record.client for record in records}
    pages = [index, out / "portfolio.html", *(out / client / "index.html" for client in clients)]
    is_current = mark.exists() and mark.read_text("utf-8") == made_from
    if is_current and all(page.exists() for page in pages):
        return Pages(index, aside)
    keep_history(records, out)
    by_client = {
        client: list(group) for client, group in groupby(records, key=lambda record: record.client)
    }
    earlier = {client: earlier_records(out, group) for client, group in by_client.items()}
    for client, group in by_client.items():
        # the review's notebook has made it, unless there is none, or it has failed
        front = fronts.get(client)
        is_there = front is not None and front.status == "ok"
        kept = front.made_from.get(RECORDS, "") if front is not None and is_there else ""
        if kept != records_fingerprint(out, group):
            page = render_client(group, earlier[client])
            write_whole(out / client / "index.html", without_controls(page))
        write_whole(out / client / CALENDAR, client_calendar(group, earlier[client]))
    write_whole(out / "portfolio.html", without_controls(render_portfolio(by_client, earlier)))
    write_whole(index, without_controls(render_index(_index_rows(by_client, earlier))))
    write_whole(mark, made_from)
    return Pages(index, aside)


def _fingerprint(records: Sequence[Record], aside: Sequence[str]) -> str:
    parts = [f"{r.client}/{r.notebook} {r.status} {r.key} {r.page_sha256}" for r in records]
    return hashlib.sha256("\n".join([*parts, *aside]).encode()).hexdigest()


def _index_rows(clients: Clients, earlier: Mapping[str, Earlier]) -> list[IndexRow]:
    rows = []
    for client, records in clients.items():
        since = max(earlier[client], default="")
        found = changes(earlier[client][since], records) if since else []
        ready = [record for record in records if record.status == "ok"]
        today = review_day(records)
        rows.append(
            IndexRow(
                client=client,
                client_name=records[0].client_name,
                reports=tuple(IndexReport(r.title, r.page, r.status, r.message) for r in records),
                as_of=today,
                next_date=next(iter(next_days(ready, today)), None),
                overdue=len(overdue(ready, today)),
                decision=next(iter(to_take(ready, today)), None),
                since=since,
                changes=tuple(f"{c.label}: {c.change}" for c in found if c.beyond),
            )
        )
    return rows
