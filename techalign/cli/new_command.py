"""``techalign new``: start a client."""

from __future__ import annotations

from pathlib import Path

import click

from techalign.cli.options import OWN_CLIENTS, Place, example
from techalign.cli.telling import say

_SECTORS = ("information", "professional", "administrative", "wholesale", "finance",
            "manufacturing", "retail", "health", "agriculture", "all")  # fmt: skip
_SETTINGS = ("manufacturing", "services", "retail", "health care")


@click.command(
    "new",
    epilog=example(
        "techalign new oak-street-dental --currency USD",
        "techalign new mill-lane --currency GBP --employees 14 --revenue 2100000",
    ),
)
@click.argument("client")
@click.option("--name", default="", help="The name as it is written; by default from the id.")
@click.option("--currency", default="USD", show_default=True, help="Three letters.")
@click.option(
    "--sector",
    type=click.Choice(_SECTORS),
    help="By which published statistics count it; all where none of the others fits.",
)
@click.option("--setting", type=click.Choice(_SETTINGS), help="The kind of business.")
@click.option("--employees", type=int, help="How many work there.")
@click.option("--revenue", type=float, help="A year's.")
@click.option("--wage", type=float, help="What an hour of staff time costs.")
@click.option(
    "--clients-dir",
    type=Place(),
    default=OWN_CLIENTS,
    show_default=True,
    help="Folder of client folders, or its URL (s3://…).",
)
def command(
    client: str,
    name: str,
    currency: str,
    sector: str | None,
    setting: str | None,
    employees: int | None,
    revenue: float | None,
    wage: float | None,
    clients_dir: Path,
) -> None:
    """Write a folder for CLIENT: a profile, no table, and examples of the tables apart."""
    from techalign.client.create import EXAMPLES, create_client
    from techalign.client.folder import read_profile

    folder = create_client(
        clients_dir,
        client,
        name=name or client.replace("-", " ").title(),
        currency=currency.upper(),
        facts={"sector": sector, "setting": setting, "employees": employees,
               "yearly_revenue": revenue, "hourly_wage": wage},
    )  # fmt: skip
    say(f"{folder}: client.toml, and in {EXAMPLES}/ one of every table, which nothing reads.")
    if missing := read_profile(folder).unconfirmed:
        say(f"Usual values stand in for {', '.join(missing)}, until client.toml has the client's.")
    where = "" if str(clients_dir) == OWN_CLIENTS else f" --clients-dir {clients_dir}"
    say(f"  techalign import EXPORT --client {client}{where}")
    say(f"  techalign draft {client}{where}")
    say(f"  techalign run {client}{where}")
