"""``techalign new``: start a client."""

from __future__ import annotations

from pathlib import Path

import click

from techalign.cli.options import clients_dir_option, example
from techalign.cli.telling import say


@click.command("new", epilog=example("techalign new oak-street-dental --name 'Oak Street Dental'"))
@click.argument("client")
@click.option("--name", default="", help="The name as it is written; by default from the id.")
@click.option("--currency", default="USD", show_default=True, help="Three letters.")
@clients_dir_option
def command(client: str, name: str, currency: str, clients_dir: Path) -> None:
    """Write a folder for CLIENT with a profile and a filled-in example of every table."""
    from techalign.client.create import create_client

    shown = name or client.replace("-", " ").title()
    folder = create_client(clients_dir, client, name=shown, currency=currency.upper())
    say(f"{folder}: client.toml and example tables. Replace the examples, then:")
    say(f"  techalign check {client}")
