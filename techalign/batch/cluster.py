"""Run jobs on a Dask cluster: each worker process has a kernel template of its own.

Workers write pages and records themselves, so the output must be a place all of them reach: a
shared folder or object storage. A worker that dies costs its jobs another try, not a report.
"""

from __future__ import annotations

import asyncio
import json
import logging
import shutil
import signal
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import resource_tracker
from pathlib import Path
from queue import SimpleQueue
from typing import Any

from techalign.batch.job import Limits, run_job, write_failure
from techalign.batch.jobs import Job
from techalign.batch.notebook import notebook_node
from techalign.errors import InputError
from techalign.review.records import Record
from techalign.warm.owner import shared

__all__ = ["run_on_cluster"]

TRIES = 3
PATIENCE = 10
"""Seconds for a scheduler to answer."""

_INTERRUPTED = object()


def run_on_cluster(
    jobs: Sequence[tuple[int, Job]],
    ended: Callable[[int, Record], None],
    *,
    limits: Limits,
    fail_fast: bool,
    workers: int | None = None,
    scheduler: str = "",
) -> None:
    """Run jobs on a Dask cluster.

    Parameters
    ----------
    jobs : sequence of (number, Job)
    ended : callable
        Called with each job's number and record.
    limits : Limits
        What one report may take.
    fail_fast : bool
        Start no further job after one has failed.
    workers : int, optional
        Start a cluster of so many processes on this machine.
    scheduler : str
        Use the cluster at this address, such as ``tcp://10.0.0.5:8786``.

    Raises
    ------
    InputError
        If Dask is not installed or the scheduler does not answer.
    """
    ends: SimpleQueue[Any] = SimpleQueue()
    with _interrupts_noted(ends), _connected(workers, scheduler) as client:
        notebooks = {
            path: json.dumps(notebook_node(path))
            for path in {j.notebook for _, j in jobs if not j.problem}
        }
        futures = {
            client.submit(
                _run_here, job, notebooks.get(job.notebook, ""), limits, pure=False, retries=TRIES
            ): (number, job)
            for number, job in jobs
        }
        for future in futures:
            future.add_done_callback(ends.put)
        for _ in range(len(futures)):
            future = ends.get()
            if future is _INTERRUPTED:
                raise KeyboardInterrupt
            number, job = futures[future]
            record = _record_of(future, job)
            ended(number, record)
            if fail_fast and record.status == "failed":
                client.cancel(list(futures))
                return


@contextmanager
def _interrupts_noted(ends: SimpleQueue[Any]) -> Iterator[None]:
    """Let Ctrl-C be one of the things a run waits for, not an exception at any instruction.

    Dask counts every garbage collection in a callback, and an exception in there is lost.
    """
    try:
        before = signal.signal(signal.SIGINT, lambda *_: ends.put(_INTERRUPTED))
    except ValueError:  # not the main thread, which alone is interrupted
        yield
        return
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
    while not ends.empty():  # it came while the cluster was put away
        if ends.get() is _INTERRUPTED:
            raise KeyboardInterrupt


@contextmanager
def _connected(workers: int | None, scheduler: str) -> Iterator[Any]:
    """A client of the scheduler, or of a cluster that is started here and ends with the run."""
    try:
        import dask
        from distributed import Client, LocalCluster
    except ImportError as error:
        raise InputError(
            "needs the package distributed",
            where="--scheduler" if scheduler else "--cluster",
            remedy="Install it with pip install 'techalign[cluster]'.",
        ) from error
    if scheduler:
        try:
            client = Client(scheduler, timeout=PATIENCE)
        except (OSError, ValueError) as error:
            raise InputError(
                "no scheduler answers there", where="--scheduler", value=scheduler
            ) from error
        with client:
            yield client
        return
    # two jobs a worker: one computes while the other's kernel starts or ends
    shape = {"n_workers": workers, "threads_per_worker": 2, "dashboard_address": "127.0.0.1:0"}
    with (
        # of all its parts, so that what one leaves that is stopped at its work goes with it
        tempfile.TemporaryDirectory(prefix="techalign-", ignore_cleanup_errors=True) as folder,
        _holding_interrupts() as hold,
        dask.config.set({"temporary-directory": folder}),
        LocalCluster(**shape, silence_logs=logging.CRITICAL, env={"TMPDIR": folder}) as cluster,
        Client(cluster) as client,
    ):
        hold(False)
        try:
            yield client
        finally:
            hold(True)


@contextmanager
def _holding_interrupts() -> Iterator[Callable[[bool], None]]:
    """Let Ctrl-C wait while a cluster starts and ends; gives what lets it through meanwhile.

    What starts is then ended in order. Workers inherit that they get none: a terminal sends it
    to all its processes, and they would tell at length where it met them.
    """
    if sys.platform == "win32":
        yield bool
        return

    def hold(held: bool) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK if held else signal.SIG_UNBLOCK, {signal.SIGINT})

    # whoever starts it first lets interrupts through again in that thread, as a side effect
    resource_tracker.ensure_running()
    hold(True)
    try:
        yield hold
    finally:
        hold(False)


def _record_of(future: Any, job: Job) -> Record:
    error = future.exception()
    if error is None:
        record: Record = future.result()
        return record
    return write_failure(job, f"the cluster gave up on it: {error}")


def _run_here(job: Job, notebook: str, limits: Limits) -> Record:
    """Run a job in this worker, in a directory of its own."""
    import nbformat

    # in the directory that a template removes if this worker is killed
    folder = Path(tempfile.mkdtemp(prefix="job-", dir=shared().directory))
    try:
        node = nbformat.reads(notebook, as_version=4) if notebook else None
        return asyncio.run(run_job(job, node, folder, limits))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
