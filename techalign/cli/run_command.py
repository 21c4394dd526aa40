"""``techalign run``: the main job."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from techalign.cli.options import clients_dir_option, example

if TYPE_CHECKING:
    from techalign.batch.jobs import Job
    from techalign.batch.records import Record


@click.command(
    "run",
    epilog=example(
        "techalign run",
        "techalign run machine-shop clinic --notebook spending",
        "techalign run -p as_of=2026-06-30 -j 4",
    )
    + "\n\nExit code 0: all good. 1: some reports failed. 2: wrong usage or input.",
)
@click.argument("clients", nargs=-1)
@click.option("--notebook", "notebooks", multiple=True, help="Only this notebook (repeatable).")
@click.option("-p", "given", multiple=True, metavar="NAME=VALUE", help="A notebook parameter.")
@click.option(
    "-j", "workers", type=click.IntRange(1), default=os.cpu_count() or 1, help="Jobs at once."
)
@click.option(
    "--notebooks-dir",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("notebooks"),
    show_default=True,
    help="Folder of notebooks.",
)
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path("reports"),
    show_default=True,
    help="Where the reports go.",
)
@clients_dir_option
def command(
    clients: tuple[str, ...],
    notebooks: tuple[str, ...],
    given: tuple[str, ...],
    workers: int,
    notebooks_dir: Path,
    out: Path,
    clients_dir: Path,
) -> None:
    """Make the reports of the CLIENTS (all by default) and an index over them."""
    from techalign.batch.jobs import find_notebooks, plan_jobs
    from techalign.batch.parameters import parse_assignments
    from techalign.batch.run import run_jobs, write_index
    from techalign.client.folder import list_clients, load_client

    for client in clients:
        load_client(clients_dir, client)  # a client named by hand must be readable
    jobs = plan_jobs(
        clients or list_clients(clients_dir),
        find_notebooks(notebooks_dir, notebooks),
        clients_dir=clients_dir,
        out=out,
        given=parse_assignments(given),
        strict=bool(clients),
    )
    with _Progress(jobs) as progress:
        records = run_jobs(jobs, workers=workers, done=progress.tell)
    failed = [record for record in records if record.status == "failed"]
    for record in failed:
        click.echo(f"failed: {record.client} {record.notebook}: {record.message}", err=True)
        click.echo(f"  retry: techalign run {record.client} --notebook {record.notebook}", err=True)
    click.echo(f"{len(records) - len(failed)} of {len(records)} reports made")
    click.echo(write_index(out))
    sys.exit(1 if failed else 0)


class _Progress:
    """A bar with rate and time left on a terminal, a line per report elsewhere."""

    def __init__(self, jobs: list[Job]) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self._total = len(jobs)
        self._ended = 0
        self._bar = None
        console = Console(stderr=True)
        if console.is_terminal:
            self._bar = Progress(
                TextColumn("{task.description}"),
                BarColumn(),
                MofNCompleteColumn(),
                TimeRemainingColumn(),
                console=console,
            )
            self._task = self._bar.add_task("reports", total=self._total)

    def __enter__(self) -> _Progress:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(self, *exception: object) -> None:
        if self._bar:
            self._bar.stop()

    def tell(self, record: Record) -> None:
        """Tell that a job has ended."""
        self._ended += 1
        line = f"{record.client} {record.notebook}: {record.status} ({record.seconds:.1f} s)"
        if self._bar:
            self._bar.update(self._task, completed=self._ended, description=line)
        else:
            click.echo(f"[{self._ended}/{self._total}] {line}", err=True)
