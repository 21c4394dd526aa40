"""The pages over the reports, made from their records after every run."""

from __future__ import annotations

import hashlib
from importlib import import_module
from itertools import groupby
from pathlib import Path

from techalign.review.client_page import summarise_client
from techalign.review.history import changes, earlier_records, keep_history
from techalign.review.records import Record, read_records
from techalign.storage import is_remote, write_whole

__all__ = ["import_page_tools", "write_pages"]


def import_page_tools() -> None:
    """Import what the pages are made with, so that they need not wait for it."""
    for name in (
        "calibration",
        "client_page",
        "front_page",
        "index",
        "portfolio",
        "portfolio_page",
    ):
        import_module(f"techalign.review.{name}")


def write_pages(out: Path) -> Path:
    """Write each client's summary, the portfolio and the index; keep the records per quarter.

    Nothing is written if the reports are those the pages were made from.

    Parameters
    ----------
    out : Path
        The output folder.

    Returns
    -------
    Path
        The index page.
    """
    records = read_records(out)
    index, mark = out / "index.html", out / ".pages"
    made_from = _fingerprint(records)
    # far away each question takes as long as a page
    clients = set() if is_remote(out) else {record.client for record in records}
    pages = [index, out / "portfolio.html", *(out / client / "index.html" for client in clients)]
    is_current = mark.exists() and mark.read_text("utf-8") == made_from
    if is_current and all(page.exists() for page in pages):
        return index
    keep_history(records, out)
    by_client = {
        client: list(group) for client, group in groupby(records, key=lambda record: record.client)
    }
    earlier = {client: earlier_records(out, group) for client, group in by_client.items()}
    _write_clients(out, by_client, earlier)
    _write_portfolio(out, by_client, earlier)
    _write_index(index, by_client, earlier)
    write_whole(mark, made_from)
    return index


def _fingerprint(records: list[Record]) -> str:
    parts = [f"{r.client}/{r.notebook} {r.status} {r.key} {r.page_sha256}" for r in records]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


Clients = dict[str, list[Record]]
Earlier = dict[str, dict[str, list[Record]]]


def _write_clients(out: Path, clients: Clients, earlier: Earlier) -> None:
    from techalign.review.calibration import calibrate
    from techalign.review.front_page import render_client

    for client, records in clients.items():
        scored = calibrate(records, earlier[client]) if earlier[client] else None
        said = scored.sentence if scored and len(scored.forecasts) else ""
        page = render_client(summarise_client(records, earlier[client], said))
        write_whole(out / client / "index.html", page)


def _write_portfolio(out: Path, clients: Clients, earlier: Earlier) -> None:
    from techalign.review.portfolio import assemble_portfolio
    from techalign.review.portfolio_page import render_portfolio

    write_whole(out / "portfolio.html", render_portfolio(assemble_portfolio(clients, earlier)))


def _write_index(index: Path, clients: Clients, earlier: Earlier) -> None:
    from techalign.review.index import IndexReport, IndexRow, render_index

    rows = []
    for client, records in clients.items():
        since = max(earlier[client], default="")
        found = changes(earlier[client][since], records) if since else []
        rows.append(
            IndexRow(
                client=client,
                client_name=records[0].client_name,
                reports=tuple(
                    IndexReport(
                        r.title, r.page, r.status, r.message, tuple(r.headline.get("figures", []))
                    )
                    for r in records
                ),
                since=since,
                changes=tuple(f"{c.label}: {c.change}" for c in found if c.beyond),
            )
        )
    write_whole(index, render_index(rows))
