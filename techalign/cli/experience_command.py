"""``techalign experience``: what this practice has itself seen of vendors."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import click

from techalign.cli.options import clients_dir_option, example
from techalign.cli.telling import say


@click.command(
    "experience", epilog=example("techalign experience", "techalign experience --as-of 2026-06-30")
)
@click.option(
    "--as-of",
    type=click.DateTime(["%Y-%m-%d"]),
    help="Last day of observation, as 2026-06-30; today by default.",
)
@clients_dir_option
def command(as_of: dt.datetime | None, clients_dir: Path) -> None:
    """Count how long the vendors of all clients have lasted, and keep it beside the clients.

    Reports use it from then on, drawn towards the published survival of businesses, until this
    command is called again. It needs the columns founded and since of the vendors tables, and
    ceased or acquired where a company has ended.
    """
    from techalign.client.experience import write_experience
    from techalign.client.folder import list_clients
    from techalign.errors import InputError, ModelError
    from techalign.review.experience import seen_by_practice

    day = as_of.date() if as_of else dt.date.today()
    try:
        found = seen_by_practice(clients_dir, list_clients(clients_dir), day)
    except ModelError as error:
        raise InputError(str(error), where=str(clients_dir)) from error
    file = write_experience(found, clients_dir)
    say(
        f"{found.companies} companies under observation over {found.years:,.0f} company-years: "
        f"{found.closed} closed, {found.acquired} bought; {found.left_out} left out for want of a "
        "founding year or a day of entry"
    )
    say(f"weight of the practice's own data in the curve: {found.weight:.0%}")
    if found.sectors:
        say(found.sectors)
    if found.hubs:
        say(f"shared suppliers known as vendors: {', '.join(one.vendor for one in found.hubs)}")
    say(file)
