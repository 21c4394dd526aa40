"""``techalign diff``: what changed between two reviews."""

from __future__ import annotations

from pathlib import Path

import click

from techalign.cli.completing import complete_clients
from techalign.cli.options import Place, example
from techalign.cli.telling import say

NOW = "now"


@click.command(
    "diff",
    epilog=example("techalign diff machine-shop 2026Q1 2026Q2", "techalign diff clinic 2026Q1 now"),
)
@click.argument("client", shell_complete=complete_clients)
@click.argument("old")
@click.argument("new")
@click.option("--all", "everything", is_flag=True, help="Show also what moved within its noise.")
@click.option(
    "--out", type=Place(), default="reports", show_default=True, help="Where the reports are."
)
def command(client: str, old: str, new: str, everything: bool, out: Path) -> None:
    """Compare the headline numbers of CLIENT in quarter OLD with those in NEW.

    A change counts when each of the two numbers lies outside the other's interval. NEW may be
    "now", the present reports.
    """
    from techalign.client.folder import check_client_id
    from techalign.review.history import changes, read_quarter
    from techalign.review.records import read_records

    check_client_id(client)
    before = read_quarter(out, client, old)
    after = (
        [record for record in read_records(out) if record.client == client]
        if new == NOW
        else read_quarter(out, client, new)
    )
    every = changes(before, after)
    found = [change for change in every if not change.gap]
    firm = [change for change in found if change.beyond]
    for change in found if everything else firm:
        noise = "" if change.beyond else "  (within its noise)"
        say(f"{change.title}: {change.label}{noise}")
        say(f"  {change.before} -> {change.after}   {change.change}")
    for change in every:
        if change.gap:
            say(f"{change.title}: {change.not_compared}")
            say(f"  {change.before} -> {change.after}")
    say(
        f"{len(firm)} of {len(found)} headline numbers changed beyond their noise "
        f"from {old} to {new}"
    )
