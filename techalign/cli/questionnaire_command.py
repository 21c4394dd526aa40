"""``techalign questionnaire``: what to ask a client."""

from __future__ import annotations

from pathlib import Path

import click

from techalign.cli.completing import complete_clients
from techalign.cli.options import clients_dir_option, example
from techalign.cli.telling import say


@click.command(
    "questionnaire",
    epilog=example("techalign questionnaire machine-shop", "techalign questionnaire clinic --csv"),
)
@click.argument("client", shell_complete=complete_clients)
@click.option("--csv", "as_csv", is_flag=True, help="A CSV file instead of a workbook.")
@clients_dir_option
def command(client: str, as_csv: bool, clients_dir: Path) -> None:
    """Write the questionnaire into CLIENT's folder, filled in with the answers there are.

    An owner answers it in twenty minutes: a level from 0 to 5 for each question, what shows it,
    and the day. Reports read it from there.
    """
    from techalign.client.questionnaire import write_questionnaire

    say(write_questionnaire(clients_dir, client, "csv" if as_csv else ""))
