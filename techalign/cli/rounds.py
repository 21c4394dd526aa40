"""One round of ``techalign run``: what was asked for, planned anew, and made or only told.

A run is one round; while watching there is one after every change.
"""

from __future__ import annotations

import json
import shlex
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from techalign.batch.backfill import keep_backfill, plan_backfill
from techalign.batch.given import Source, gather, read_parameters_file
from techalign.batch.job import Limits
from techalign.batch.jobs import Job, from_records, plan_jobs
from techalign.batch.notebook import find_notebooks, with_review
from techalign.batch.parameters import parse_assignments
from techalign.batch.run import Cluster, Outcome, output_lock, run_jobs
from techalign.batch.why import standing
from techalign.cli.interrupts import ignore_from_now
from techalign.cli.progress import Progress, Voice, reasons_of
from techalign.cli.telling import say
from techalign.client.folder import list_clients, load_client
from techalign.review.pages import write_pages

if TYPE_CHECKING:
    from techalign.review.pages import Pages

__all__ = ["Asked", "Manner", "make", "summarise", "tell_only"]


@dataclass(frozen=True)
class Asked:
    """Which reports were asked for, and with what.

    Attributes
    ----------
    clients, notebooks : tuple of str
        Names; all if there are none.
    clients_dir, notebooks_dir, out : Path
    assumed : Source or None
        Parameters from the practice's settings.
    files : tuple of Path
        Parameters files, read anew in each round.
    assigned : tuple of str
        ``name=value`` texts.
    reviews : int
    show_code : bool
    """

    clients: tuple[str, ...]
    notebooks: tuple[str, ...]
    clients_dir: Path
    notebooks_dir: Path
    out: Path
    assumed: Source | None = None
    files: tuple[Path, ...] = ()
    assigned: tuple[str, ...] = ()
    reviews: int = 1
    show_code: bool = False

    def plan(self) -> tuple[list[Job], dict[str, object]]:
        """Plan the jobs; return them with the parameters given."""
        for client in self.clients:
            load_client(self.clients_dir, client)  # a client named by hand must be readable
        notebooks = find_notebooks(self.notebooks_dir, self.notebooks)
        notebooks = with_review(notebooks, self.notebooks_dir)
        files = [Source(str(path), read_parameters_file(path)) for path in self.files]
        assumed = [self.assumed] if self.assumed else []
        given = gather(notebooks, [*assumed, *files], parse_assignments(self.assigned))
        return self._jobs(notebooks, given), given

    def _jobs(self, notebooks: Sequence[Path], given: dict[str, object]) -> list[Job]:
        return plan_jobs(
            self.clients or list_clients(self.clients_dir),
            notebooks,
            clients_dir=self.clients_dir,
            out=self.out,
            given=given,
            strict=bool(self.clients),
            show_code=self.show_code,
        )


@dataclass(frozen=True)
class Manner:
    """How reports are made and told of."""

    workers: int
    limits: Limits
    voice: Voice
    cluster: Cluster | None = None
    force: bool = False
    fail_fast: bool = False
    changed_only: bool = False


@dataclass(frozen=True)
class Made:
    """What a round came to."""

    outcome: Outcome
    total: int
    pages: Pages
    reviews: Outcome


def make(asked: Asked, manner: Manner) -> Made:
    """Plan and make the reports, and write the pages over them.

    Parameters
    ----------
    asked : Asked
    manner : Manner

    Raises
    ------
    InputError
        If something that was asked for cannot be read, or nothing can be written.
    KeyboardInterrupt
        At Ctrl-C, after what is whole has been told; further ones are not heeded.
    """
    planned, given = asked.plan()
    jobs, fronts = _apart(planned)
    if asked.reviews > 1:
        _backfill(jobs, asked, manner, given)
        jobs, fronts = _apart(asked.plan()[0])  # what they are compared with is there now
    is_told = manner.voice is Voice.VERBOSE
    progress = Progress(
        len(jobs),
        manner.voice,
        reasons=reasons_of(jobs, force=manner.force) if is_told else {},
        changed_only=manner.changed_only,
    )
    with output_lock(asked.out):
        try:
            with progress:
                outcome = _run(jobs, manner, progress, force=manner.force)
            # a review reads what the others have handed on, also where one has failed
            quiet = Progress(len(fronts), Voice.QUIET)
            reviews = _run(list(map(from_records, fronts)), manner, quiet, force=manner.force)
        except KeyboardInterrupt:
            ignore_from_now()
            say(f"stopped; {progress.ended} reports are whole, run again for the rest", err=True)
            raise
        return Made(outcome, len(jobs), write_pages(asked.out), reviews)


def _apart(jobs: Sequence[Job]) -> tuple[list[Job], list[Job]]:
    """Reports, and the reviews that are made from them."""
    return [j for j in jobs if not j.is_front], [j for j in jobs if j.is_front]


def _run(jobs: Sequence[Job], manner: Manner, progress: Progress, *, force: bool) -> Outcome:
    return run_jobs(
        jobs,
        workers=manner.workers,
        done=progress.tell,
        limits=manner.limits,
        force=force,
        fail_fast=manner.fail_fast,
        cluster=manner.cluster,
    )


def _backfill(jobs: Sequence[Job], asked: Asked, manner: Manner, given: dict[str, object]) -> None:
    """Make the records of earlier reviews that nobody has kept."""
    with tempfile.TemporaryDirectory(prefix="techalign-") as staging, output_lock(asked.out):
        earlier = _earlier(jobs, asked, Path(staging), given)
        if not earlier:
            return
        quiet = manner.voice is Voice.QUIET
        progress = Progress(len(earlier), Voice.QUIET if quiet else Voice.PLAIN)
        try:
            with progress:
                outcome = _run(earlier, manner, progress, force=False)
        except KeyboardInterrupt:
            ignore_from_now()
            say("stopped while making earlier reviews; none of them was kept", err=True)
            raise
        kept = keep_backfill(outcome.records, asked.out)
    if not quiet:
        say(f"{kept} of {len(earlier)} reports of earlier reviews kept to compare with", err=True)


def _earlier(
    jobs: Sequence[Job], asked: Asked, staging: Path, given: dict[str, object]
) -> list[Job]:
    return plan_backfill(
        jobs,
        reviews=asked.reviews,
        clients_dir=asked.clients_dir,
        staging=staging,
        given=given,
    )


def summarise(made: Made, manner: Manner, again: Sequence[str]) -> None:
    """Tell what failed, how to try again, what was made, and where it is.

    Parameters
    ----------
    made : Made
    manner : Manner
    again : sequence of str
        The options a second try needs.
    """
    for said in made.pages.set_aside:
        say(f"record set aside: {said}", err=True)
    outcome = made.outcome
    for record in (*outcome.failed, *made.reviews.failed):
        say(f"failed: {record.client} {record.notebook}: {record.message}", err=True)
        words = ["techalign", "run", record.client, "--notebook", record.notebook, *again]
        say(f"  retry: {shlex.join(words)}", err=True)
    if outcome.left:
        say(f"{outcome.left} reports were not started", err=True)
    good = len(outcome.records) - len(outcome.failed)
    if manner.voice is Voice.JSON:
        summary = {"made": good, "total": made.total, "failed": len(outcome.failed)}
        index = str(made.pages.index)
        say(json.dumps({**summary, "reused": outcome.reused, "index": index}))
    elif manner.voice is not Voice.QUIET:
        up_to_date = f", {outcome.reused} of them up to date" if outcome.reused else ""
        idle = ": nothing to do" if outcome.reused == made.total else ""
        say(f"{good} of {made.total} reports made{up_to_date}{idle}")
        say(made.pages.index)


def tell_only(asked: Asked, manner: Manner) -> None:
    """Tell what would be made and why; make and write nothing.

    Parameters
    ----------
    asked : Asked
    manner : Manner
        Of it, what is forced and how much is told.
    """
    planned, given = asked.plan()
    jobs, fronts = _apart(planned)
    found = [(job, standing(job, force=manner.force).reasons) for job in jobs]
    begun = {job.client for job, reasons in found if reasons}
    fronts = [from_records(front) for front in fronts if front.client not in begun]
    found += [(front, standing(front, force=manner.force).reasons) for front in fronts]
    for job, reasons in found:
        would = bool(reasons)
        if manner.voice is Voice.JSON:
            said = {"client": job.client, "notebook": job.name, "would_make": would}
            say(json.dumps({**said, "reasons": reasons, "problem": job.problem}))
        elif would or manner.voice is Voice.VERBOSE:
            fails = f"; it would fail: {job.problem}" if job.problem else ""
            why = f"would be made: {', '.join(reasons)}" if would else "up to date"
            say(f"{job.client} {job.name}: {why}{fails}")
    count = sum(bool(reasons) for _, reasons in found)
    earlier = 0
    if asked.reviews > 1:
        with tempfile.TemporaryDirectory(prefix="techalign-") as staging:
            earlier = len(_earlier(jobs, asked, Path(staging), given))
    if manner.voice is Voice.JSON:
        say(json.dumps({"would_make": count, "total": len(jobs), "earlier": earlier}))
        return
    if earlier:
        say(f"{earlier} reports of earlier reviews would be made to compare with")
    say(f"{count} of {len(jobs)} reports would be made; nothing was")
