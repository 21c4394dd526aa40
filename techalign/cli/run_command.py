"""``techalign run``: the main job."""

from __future__ import annotations

import json
import os
import shlex
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from techalign.cli.interrupts import ignore_from_now, raise_again
from techalign.cli.main import INTERRUPTED
from techalign.cli.options import Local, Place, clients_dir_option, example
from techalign.cli.telling import say

if TYPE_CHECKING:
    from techalign.batch.jobs import Job
    from techalign.batch.run import Outcome
    from techalign.review.records import Record


_NEEDED_AGAIN = frozenset(
    {"given", "timeout", "memory", "show_code", "notebooks_dir", "out", "clients_dir"}
)


def _jobs_at_once() -> int:
    """Two more than the processors this process may use: while a kernel starts, others compute."""
    try:
        processors = len(os.sched_getaffinity(0))
    except AttributeError:  # not Linux
        processors = os.cpu_count() or 1
    return processors + 2


@click.command(
    "run",
    epilog=example(
        "techalign run",
        "techalign run machine-shop clinic --notebook spending",
        "techalign run -p as_of=2026-06-30 -j 4",
        "techalign run machine-shop --reviews 4",
        "techalign run --clients-dir s3://firm/clients --out s3://firm/reports --cluster 4",
    )
    + "\n\nExit code 0: all good. 1: some reports failed. 2: wrong usage or input.",
)
@click.argument("clients", nargs=-1)
@click.option("--notebook", "notebooks", multiple=True, help="Only this notebook (repeatable).")
@click.option("-p", "given", multiple=True, metavar="NAME=VALUE", help="A notebook parameter.")
@click.option(
    "-j",
    "workers",
    type=click.IntRange(1),
    default=_jobs_at_once,
    help="Jobs at once.  [default: two more than there are processors]",
)
@click.option(
    "--timeout",
    type=click.FloatRange(0, min_open=True),
    default=600.0,
    show_default=True,
    help="Seconds per report.",
)
@click.option("--memory", type=click.IntRange(1), help="Megabytes a report may take.")
@click.option("--cluster", type=click.IntRange(1), help="Start so many Dask workers and use them.")
@click.option("--scheduler", default="", help="Use the Dask cluster at this address.")
@click.option(
    "--reviews",
    type=click.IntRange(1, 40),
    default=1,
    show_default=True,
    help="Reviews to have, one a quarter: those before the present one are made from the rows "
    "dated up to then, unless they were kept.",
)
@click.option("--force", is_flag=True, help="Make reports again that are up to date.")
@click.option("--fail-fast", is_flag=True, help="Start no further report after a failure.")
@click.option("--show-code", is_flag=True, help="Put each step's code into the pages, folded.")
@click.option("--json", "as_json", is_flag=True, help="Tell of each report as a line of JSON.")
@click.option(
    "--notebooks-dir",
    type=Local(file_okay=False),
    default=Path("notebooks"),
    show_default=True,
    help="Folder of notebooks.",
)
@click.option(
    "--out",
    type=Place(),
    default="reports",
    show_default=True,
    help="Where the reports go: a folder, or a URL (s3://…).",
)
@clients_dir_option
def command(
    clients: tuple[str, ...],
    notebooks: tuple[str, ...],
    given: tuple[str, ...],
    workers: int,
    timeout: float,
    memory: int | None,
    cluster: int | None,
    scheduler: str,
    reviews: int,
    force: bool,
    fail_fast: bool,
    show_code: bool,
    as_json: bool,
    notebooks_dir: Path,
    out: Path,
    clients_dir: Path,
) -> None:
    """Make the reports of the CLIENTS (all by default) and an index over them.

    A report that is there already, made from the same tables, parameters, notebook and code,
    is not made again.
    """
    if not (cluster or scheduler):
        from techalign.batch.preload import begin_template
        from techalign.warm.room import kernels_at_once

        workers, fewer = kernels_at_once(workers)
        if fewer:
            say(fewer, err=True)
        if force or _is_new(out):
            begin_template()  # it takes longer to start than the jobs to plan
    from techalign.batch.job import Limits
    from techalign.batch.jobs import REVIEW, find_notebooks, from_records, plan_jobs
    from techalign.batch.parameters import parse_assignments
    from techalign.batch.run import Cluster, output_lock, run_jobs
    from techalign.client.folder import list_clients, load_client
    from techalign.review.pages import write_pages

    for client in clients:
        load_client(clients_dir, client)  # a client named by hand must be readable
    parameters = parse_assignments(given)
    plan = partial(
        plan_jobs,
        clients or list_clients(clients_dir),
        _with_review(find_notebooks(notebooks_dir, notebooks), notebooks_dir / f"{REVIEW}.ipynb"),
        clients_dir=clients_dir,
        out=out,
        given=parameters,
        strict=bool(clients),
        show_code=show_code,
    )
    jobs, fronts = _apart(plan())
    limits = Limits(timeout, None if memory is None else memory * 1024 * 1024)
    where = Cluster(cluster, scheduler) if cluster or scheduler else None
    run = partial(run_jobs, workers=workers, limits=limits, cluster=where)
    if reviews > 1:
        _backfill(jobs, run, reviews, clients_dir, out, parameters)
        jobs, fronts = _apart(plan())  # what they are compared with is there now
    progress = _Progress(len(jobs), as_json=as_json)
    raise_again()
    with output_lock(out):
        try:
            with progress:
                outcome = run(jobs, done=progress.tell, force=force, fail_fast=fail_fast)
            # the review reads what the others have handed on, also where one has failed
            reviews_made = run(list(map(from_records, fronts)), done=_quietly, force=force)
        except KeyboardInterrupt:
            ignore_from_now()
            say(f"stopped; {progress.ended} reports are whole, run again for the rest", err=True)
            sys.exit(INTERRUPTED)
        pages = write_pages(out)
    for said in pages.set_aside:
        say(f"record set aside: {said}", err=True)
    for record in reviews_made.failed:
        say(f"failed: {record.client} {record.notebook}: {record.message}", err=True)
    _summarise(outcome, len(jobs), pages.index, as_json)
    sys.exit(1 if outcome.failed or reviews_made.failed else 0)


def _apart(jobs: Sequence[Job]) -> tuple[list[Job], list[Job]]:
    """Reports, and the reviews that are made from them."""
    return [j for j in jobs if not j.is_front], [j for j in jobs if j.is_front]


def _with_review(notebooks: list[Path], review: Path) -> list[Path]:
    """The notebooks to run, and the review, which follows any of them."""
    return notebooks if review in notebooks or not review.is_file() else [*notebooks, review]


def _quietly(record: Record, reused: bool) -> None:
    """A review is told of when it fails: it comes with the reports."""
    del record, reused


def _backfill(
    jobs: Sequence[Job],
    run: Callable[..., Outcome],
    reviews: int,
    clients_dir: Path,
    out: Path,
    given: dict[str, str],
) -> None:
    """Make the records of earlier reviews that nobody has kept."""
    from techalign.batch.backfill import keep_backfill, plan_backfill
    from techalign.batch.run import output_lock

    with tempfile.TemporaryDirectory(prefix="techalign-") as staging, output_lock(out):
        earlier = plan_backfill(
            jobs, reviews=reviews, clients_dir=clients_dir, staging=Path(staging), given=given
        )
        if not earlier:
            return
        progress = _Progress(len(earlier), as_json=False)
        try:
            with progress:
                outcome = run(earlier, done=progress.tell)
        except KeyboardInterrupt:
            ignore_from_now()
            say("stopped while making earlier reviews; none of them was kept", err=True)
            sys.exit(INTERRUPTED)
        kept = keep_backfill(outcome.records, out)
    say(f"{kept} of {len(earlier)} reports of earlier reviews kept to compare with", err=True)


def _is_new(out: Path) -> bool:
    """Whether a folder holds no pages of an earlier run, all of which may be up to date."""
    return "://" not in str(out) and not (out / ".pages").exists()


def _again() -> list[str]:
    """The options given on the command line that a second try needs, too."""
    context = click.get_current_context()
    words: list[str] = []
    for option in context.command.params:
        name = str(option.name)
        given = context.get_parameter_source(name) is ParameterSource.COMMANDLINE
        if not given or name not in _NEEDED_AGAIN:
            continue
        value = context.params[name]
        for each in value if isinstance(value, tuple) else (value,):
            words += [option.opts[-1], *([] if each is True else [str(each)])]
    return words


def _summarise(outcome: Outcome, total: int, index: Path, as_json: bool) -> None:
    again = _again()
    for record in outcome.failed:
        say(f"failed: {record.client} {record.notebook}: {record.message}", err=True)
        words = ["techalign", "run", record.client, "--notebook", record.notebook, *again]
        say(f"  retry: {shlex.join(words)}", err=True)
    if outcome.left:
        say(f"{outcome.left} reports were not started", err=True)
    good = len(outcome.records) - len(outcome.failed)
    if as_json:
        summary = {"made": good, "total": total, "failed": len(outcome.failed)}
        say(json.dumps({**summary, "reused": outcome.reused, "index": str(index)}))
        return
    up_to_date = f", {outcome.reused} of them up to date" if outcome.reused else ""
    say(f"{good} of {total} reports made{up_to_date}")
    say(index)


class _Progress:
    """A bar with rate and time left on a terminal, a line per report elsewhere."""

    def __init__(self, total: int, *, as_json: bool) -> None:
        from rich.console import Console
        from rich.progress import (
            BarColumn,
            MofNCompleteColumn,
            Progress,
            TextColumn,
            TimeRemainingColumn,
        )

        self.ended = 0
        self._total = total
        self._as_json = as_json
        self._bar = None
        self._started = time.monotonic()
        console = Console(stderr=True)
        if console.is_terminal and not as_json:
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

    def tell(self, record: Record, reused: bool) -> None:
        """Tell that a job has ended."""
        self.ended += 1
        if self._as_json:
            said = {"client": record.client, "notebook": record.notebook, "status": record.status}
            more = {"reused": reused, "message": record.message, "page": record.page}
            say(json.dumps({**said, **more, "seconds": record.seconds}))
            return
        how = "up to date" if reused else f"{sum(record.seconds.values()):.1f} s"
        line = f"{record.client} {record.notebook}: {record.status} ({how})"
        rate = self.ended / max(time.monotonic() - self._started, 1e-9)
        if self._bar:
            described = f"{rate:.1f}/s  {line}"
            self._bar.update(self._task, completed=self.ended, description=described)
        else:
            say(f"[{self.ended}/{self._total}] {line}", err=True)
