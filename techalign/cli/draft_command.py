"""``techalign draft``: propose from the ledger what would otherwise be typed in."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import TYPE_CHECKING

import click

from techalign.cli.options import clients_dir_option, example
from techalign.cli.telling import say

if TYPE_CHECKING:
    import pandas as pd

    from techalign.client import Client

_STALE = dt.timedelta(days=60)  # a ledger that ends earlier than so before the day of review


@click.command(
    "draft",
    epilog=example(
        "techalign draft oak-street-dental",
        "techalign draft oak-street-dental --confirm players --confirm contracts/Zoom",
    ),
)
@click.argument("client")
@click.option(
    "--confirm",
    "confirmed",
    multiple=True,
    metavar="TABLE[/ROW]",
    help="Take a table's proposals, or those of one row, as confirmed.",
)
@clients_dir_option
def command(client: str, confirmed: tuple[str, ...], clients_dir: Path) -> None:
    """Propose CLIENT's agreements, vendors, devices and players from its ledger.

    Each proposed cell is listed in the row's column 'proposed' and reports say that it is not
    confirmed. Correct a cell, or take it out of the list, and it is confirmed. Nothing that is
    there is overwritten; called again, the command adds only what is new.
    """
    from techalign.client import load_client
    from techalign.client.drafting import add_proposals, confirm
    from techalign.errors import ClientError

    if confirmed:
        for name, cells in confirm(clients_dir, client, confirmed).items():
            say(f"{name}: {cells} cells confirmed")
        return
    tables = ["ledger", "contracts", "vendors", "vendor_names", "suppliers", "partners"]
    book = load_client(clients_dir, client, tables=tables)
    if not book.has("ledger"):
        raise ClientError(
            "has no ledger to read proposals off", where=client,
            remedy=f"Bring one in first: techalign import EXPORT --client {client}.",
        )  # fmt: skip
    total = 0
    for drafted in add_proposals(clients_dir, client, _proposals(book)):
        say(
            f"{client}/{drafted.table}.csv: {drafted.rows} rows proposed ({drafted.cells} cells), "
            f"{drafted.known} there or proposed before"
        )
        total += drafted.cells
    if total:
        say("Correct what is wrong, delete rows that are none; then, for what is right:")
        say(f"  techalign draft {client} --confirm TABLE")


def _proposals(book: Client) -> dict[str, pd.DataFrame]:
    from techalign.client import load_reference
    from techalign.errors import ClientError
    from techalign.spending import find_streams, merge_vendors
    from techalign.spending.proposals import (
        LedgerKnown,
        propose_assets,
        propose_contracts,
        propose_players,
        propose_vendors,
    )

    facts = load_reference()
    ledger, own = book.table("ledger"), book.profile.currency
    ledger = ledger[ledger["currency"].isin(["", own])]
    if ledger.empty:
        raise ClientError(
            f"has no payment in {own}, the client's currency", where=f"{book.id}/ledger",
            remedy="Set currency in client.toml.",
        )  # fmt: skip
    names = merge_vendors(
        ledger["vendor_raw"],
        facts.catalogue(book),
        known=dict(book.table("vendor_names")[["raw", "vendor"]].to_numpy()),
        anchors=[*book.table("contracts")["vendor"], *book.table("vendors")["vendor"]],
    )
    ledger = ledger.assign(vendor=names.apply(ledger["vendor_raw"]))
    day = _day(ledger["date"].max().date(), book)
    streams = find_streams(
        ledger, day, client_currency=own,
        unseen_rise=facts.assumption("unseen_price_rise").point,
    )  # fmt: skip
    known = LedgerKnown(
        ledger, facts.catalogue(book), facts.supplier_facts, facts.vendor_defaults, day
    )
    notice = int(facts.assumption("proposed_notice_days").point)
    moving = facts.assumption("proposed_moving_share").point
    return {
        "contracts": propose_contracts(streams, known, notice_days=notice),
        "vendors": propose_vendors(streams, known, moving_share=moving),
        "assets": propose_assets(streams, known),
        "players": propose_players(known, _counts(book)),
    }


def _day(last: dt.date, book: Client) -> dt.date:
    """The day of review, or the ledger's last where that lies further back."""
    if last + _STALE >= book.as_of:
        return book.as_of
    say(f"the ledger ends on {last}: proposed is what ran on that day")
    return last


def _counts(book: Client) -> dict[str, int]:
    """Players that the client's own tables and profile count."""
    told = "employees" not in book.profile.unconfirmed
    counts = {"associates": book.profile.employees} if told else {}
    return counts | ({"partners": len(book.table("partners"))} if book.has("partners") else {})
