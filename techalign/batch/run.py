"""Run many jobs at once in one event loop: a forked kernel each, a page and a record each."""

from __future__ import annotations

import asyncio
import hashlib
import importlib
import itertools
import shutil
import sys
import tempfile
from collections.abc import Callable, Coroutine, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any

from techalign.batch.job import Limits, finished_record, run_job
from techalign.batch.jobs import Job
from techalign.errors import InputError
from techalign.review.records import Record
from techalign.storage import find_bucket, is_remote, make_folder, unreachable

__all__ = ["Cluster", "Outcome", "import_notebook_tools", "output_lock", "run_jobs"]

_GRAMMAR = "rfc3987_syntax"


@dataclass(frozen=True)
class Cluster:
    """Where to run: ``workers`` processes to start here, or the ``scheduler`` to use."""

    workers: int | None = None
    scheduler: str = ""


@dataclass(frozen=True)
class Outcome:
    """What came of a run.

    Attributes
    ----------
    records : list of Record
        Of the jobs that ended, in the order of the jobs.
    reused : int
        Reports that were there already, made from the same things.
    left : int
        Jobs that were not started, after a failure with ``fail_fast``.
    """

    records: list[Record]
    reused: int
    left: int

    @property
    def failed(self) -> list[Record]:
        """Records of the jobs that failed."""
        return [record for record in self.records if record.status == "failed"]


def run_jobs(
    jobs: Sequence[Job],
    *,
    workers: int,
    done: Callable[[Record, bool], None],
    limits: Limits | None = None,
    force: bool = False,
    fail_fast: bool = False,
    cluster: Cluster | None = None,
) -> Outcome:
    """Run jobs, several at once.

    Parameters
    ----------
    jobs : sequence of Job
    workers : int
        Kernels at once, at least 1.
    done : callable
        Called with each record as its job ends, and whether it was there already.
    limits : Limits, optional
        What one report may take.
    force : bool
        Make reports again that are there already.
    fail_fast : bool
        Start no further job after one has failed.
    cluster : Cluster, optional
        Run on a Dask cluster instead of in this process.

    Returns
    -------
    Outcome

    Raises
    ------
    InputError
        If a report cannot be written; those written before are whole.
    """
    records: dict[int, Record] = {}
    for number, job in enumerate(jobs):
        record = None if force else finished_record(job)
        if record is not None:
            records[number] = record
            done(record, True)
    reused = len(records)
    waiting = [number for number in range(len(jobs)) if number not in records]

    def ended(number: int, record: Record) -> None:
        records[number] = record
        done(record, False)

    if waiting and cluster:
        from techalign.batch.cluster import run_on_cluster

        run_on_cluster(
            [(number, jobs[number]) for number in waiting],
            ended,
            limits=limits or Limits(),
            fail_fast=fail_fast,
            workers=cluster.workers,
            scheduler=cluster.scheduler,
        )
    elif waiting:
        batch = _Batch(jobs, workers, limits or Limits(), fail_fast)
        _run_to_end(batch.run(waiting, ended))
    return Outcome([records[n] for n in sorted(records)], reused, len(jobs) - len(records))


def _run_to_end(work: Coroutine[Any, Any, None]) -> None:
    """Run a coroutine, also where a loop is running already, as in a Jupyter notebook."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()


class _Batch:
    """The jobs of one run, the notebooks they share, and the order to stop."""

    def __init__(self, jobs: Sequence[Job], workers: int, limits: Limits, fail_fast: bool) -> None:
        self._jobs = jobs
        self._workers = workers
        self._limits = limits
        self._fail_fast = fail_fast
        self._notebooks: dict[Path, Any] = {}
        self._stopping = False

    async def run(self, waiting: Sequence[int], ended: Callable[[int, Record], None]) -> None:
        """Work through the waiting jobs with as many workers as allowed."""
        from techalign.batch.preload import begin_template, imported_by
        from techalign.warm.owner import shared

        preload = imported_by({self._jobs[number].notebook for number in waiting})
        begin_template(preload)
        import_notebook_tools()  # meanwhile
        from techalign.batch.execute import start_template
        from techalign.report.page import prepare

        prepare()
        await start_template(preload)

        queue = iter(waiting)
        folders = (shared().directory / f"job-{n}" for n in itertools.count())
        workers = range(min(self._workers, len(waiting)))
        try:
            async with asyncio.TaskGroup() as group:
                for _ in workers:
                    group.create_task(self._work(queue, folders, ended, preload))
                # while the kernels compute
                asyncio.get_running_loop().run_in_executor(
                    None, import_module, "techalign.review.pages"
                )
        except* InputError as errors:
            # one disk, one error: the others say the same
            raise errors.exceptions[0] from None

    async def _work(
        self,
        queue: Iterator[int],
        folders: Iterator[Path],
        ended: Callable[[int, Record], None],
        preload: tuple[str, ...],
    ) -> None:
        for number in queue:
            if self._stopping:
                return
            job, folder = self._jobs[number], next(folders)
            folder.mkdir()
            try:
                record = await run_job(job, self._notebook(job), folder, self._limits, preload)
            except Exception as error:
                reason = unreachable(error)
                if reason is None:
                    raise
                raise InputError(
                    f"cannot be written: {reason}",
                    where=str(job.page),
                    remedy="Reports written before are whole; run again to make the others.",
                ) from error
            finally:
                shutil.rmtree(folder, ignore_errors=True)
            self._stopping |= self._fail_fast and record.status == "failed"
            ended(number, record)

    def _notebook(self, job: Job) -> Any:
        from techalign.batch.notebook import notebook_node

        if job.notebook not in self._notebooks and not job.problem:
            self._notebooks[job.notebook] = notebook_node(job.notebook)
        return self._notebooks.get(job.notebook)


@contextmanager
def output_lock(out: Path) -> Iterator[None]:
    """Keep a second run out of an output folder, and sweep up what a killed one left.

    Raises
    ------
    InputError
        If another run holds the folder, or it cannot be written to.
    """
    from filelock import FileLock, Timeout

    try:
        find_bucket(out)
        make_folder(out)
        # a lock of the system, not a file that exists: it ends with its process
        lock = FileLock(_lock_file(out), timeout=0)
        lock.acquire()
    except Timeout as error:
        raise InputError(
            "another run is writing to this folder",
            where=str(out),
            remedy="Wait until it has ended, or name another folder with --out.",
        ) from error
    except OSError as error:
        raise InputError(
            f"cannot be written to: {error.strerror or error}",
            where=str(out),
            remedy="Name another folder with --out.",
        ) from error
    try:
        if not is_remote(out):
            for left in out.rglob(".*.part"):
                left.unlink(missing_ok=True)
        yield
    finally:
        lock.release()


def _lock_file(out: Path) -> Path:
    """The lock of an output folder; a store has none, so its URL's lock lies on this machine."""
    if not is_remote(out):
        return out / ".lock"
    name = hashlib.sha256(str(out).encode()).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"techalign-{name}.lock"


def import_notebook_tools() -> None:
    """Import papermill's and nbformat's common base, jsonschema, in a tenth of the time.

    jsonschema looks for an optional package that checks internationalised web addresses, and
    JupyterLab brings it along. On import that package compiles a grammar for a second, in every
    process, though no notebook's schema asks for it. It stays importable for whoever needs it.
    """
    if _GRAMMAR in sys.modules or "jsonschema" in sys.modules:
        return
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[_GRAMMAR]
