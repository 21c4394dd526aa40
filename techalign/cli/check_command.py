"""``techalign check``: what is wrong in the clients' tables, before a report is made."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from techalign.cli.completing import complete_clients
from techalign.cli.options import Place, clients_dir_option, example
from techalign.cli.telling import say
from techalign.errors import InputError


@click.command(
    "check",
    epilog=example("techalign check", "techalign check oak-street-dental --quarantine bad.csv")
    + "\n\nExit code 0: every row is clean. 1: rows are quarantined. 2: a table cannot be read.",
)
@click.argument("clients", nargs=-1, shell_complete=complete_clients)
@click.option("--most", default=20, show_default=True, help="Problems to print per table.")
@click.option(
    "--quarantine",
    type=Place(),
    help="Write all problems to this CSV file, or its URL.",
)
@clients_dir_option
def command(
    clients: tuple[str, ...], most: int, quarantine: Path | None, clients_dir: Path
) -> None:
    """Read every table and scenario of the CLIENTS (all by default) and say what is wrong."""
    import pandas as pd

    from techalign.cli.telling import left_out, tell_table
    from techalign.client.brand import look_of, read_practice
    from techalign.client.folder import list_clients, load_client, unread_files
    from techalign.client.reference import load_reference
    from techalign.client.scenarios import read_scenarios
    from techalign.storage import spreadsheet_safe, write_whole

    ids = clients or list_clients(clients_dir)
    problems: list[pd.DataFrame] = []
    unreadable = unconfirmed = scenarios = 0
    practice = read_practice(Path())
    reference = load_reference()
    for client_id in ids:
        try:
            client = load_client(clients_dir, client_id)
            look_of(client.profile.brand, clients_dir / client_id, *practice)
        except InputError as error:
            if len(ids) == 1:
                raise
            say(f"{error}", err=True)
            unreadable += 1
            continue
        for name, closest in unread_files(clients_dir / client_id).items():
            meant = f"; did you mean {closest}.csv?" if closest else ""
            say(f"warning: {client_id}/{name} is no table and not read{meant}", err=True)
        unconfirmed += sum(client.unconfirmed.values())
        if facts := client.profile.unconfirmed:
            said = ", ".join(facts)
            say(f"{client_id}/client.toml: usual values stand in for {said}: nobody has told them")
        wrong = [*read_scenarios(clients_dir / client_id, reference).problems,
                 *left_out(client, reference)]  # fmt: skip
        for problem in wrong:
            say(problem)
        scenarios += len(wrong)
        for table in client.tables.values():
            tell_table(table, most=most)
            problems.append(table.quarantine)
    found = pd.concat(problems) if problems else pd.DataFrame()
    if quarantine is not None:
        safe = found.map(spreadsheet_safe)
        write_whole(quarantine, safe.to_csv(index=False, lineterminator="\n"))
        say(f"wrote {quarantine}")
    count = len(found) + scenarios
    say(f"{len(ids)} clients, {count:,} problems, {unreadable} clients unreadable"
        + (f", {unconfirmed:,} cells unconfirmed" if unconfirmed else ""))  # fmt: skip
    sys.exit(2 if unreadable else 1 if count else 0)
