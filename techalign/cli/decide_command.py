"""``techalign decide``: what becomes of a decision."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from techalign.cli.completing import complete_clients
from techalign.cli.options import Place, clients_dir_option, example
from techalign.cli.telling import say

_DAY = click.DateTime(["%Y-%m-%d"])


@click.command(
    "decide",
    epilog=example(
        "techalign decide machine-shop",
        "techalign decide machine-shop spending-act-autodesk-seats --status agreed --owner Ann",
        "techalign decide machine-shop spending-act-autodesk-seats --status declined "
        "--note 'needed for the interns' --on 2026-07-09",
    ),
)
@click.argument("client", shell_complete=complete_clients)
@click.argument("decision", required=False, metavar="[ID]")
@click.option(
    "--status",
    type=click.Choice(["open", "agreed", "done", "declined"]),
    help="Where it stands now.",
)
@click.option("--owner", help="Who does it.")
@click.option("--by", type=_DAY, help="Until when, as 2026-08-14.")
@click.option("--note", help="What was said of it.")
@click.option("--on", "day", type=_DAY, help="The day it was said or done; today unless given.")
@click.option(
    "--out", type=Place(), default="reports", show_default=True, help="Where the reports are."
)
@clients_dir_option
def command(
    client: str,
    decision: str | None,
    status: str | None,
    owner: str | None,
    by: dt.datetime | None,
    note: str | None,
    day: dt.datetime | None,
    out: Path,
    clients_dir: Path,
) -> None:
    """List the decisions that CLIENT's reports put, or keep what becomes of the one with ID.

    It is kept in decisions.csv in the client's folder; the next run shows it on the pages.
    """
    from techalign.client.deciding import keep_decision
    from techalign.client.folder import check_client_id, load_client
    from techalign.numbers.formatting import format_date
    from techalign.report.decisions import standings
    from techalign.review.decisions import find_decision, known_decisions

    check_client_id(client)
    known = known_decisions(out, client)
    if decision is None:
        kept = standings(load_client(clients_dir, client, tables=["decisions"]).table("decisions"))
        for name, (row, _) in known.items():
            say(f"{name}: {kept[name].status if name in kept else row.status}")
            say(f"  {row.what}")
        say(f"{len(known)} decisions; keep what becomes of one with --status")
        return
    if not any((status, owner, by, note)):
        raise click.UsageError("Say what becomes of it: --status, --owner, --by or --note.")
    changed = day.date() if day else dt.date.today()
    if changed > dt.date.today():
        raise click.UsageError("--on is the day it was said or done: it cannot lie ahead.")
    row, first_seen = find_decision(known, client, decision)
    keep_decision(
        clients_dir,
        client,
        {
            "id": row.id,
            "what": row.what,
            "first_seen": first_seen,
            "status": status or ("agreed" if owner or by else row.kept_status),
            "owner": owner,
            "by": by.date() if by else None,
            "note": note,
            "changed": changed,
            "value": row.value.point if row.value else None,
        },
    )
    say(
        f"{row.id}: {status or 'kept'} on {format_date(changed)}. "
        f"Run 'techalign run {client}' to show it on the pages."
    )
