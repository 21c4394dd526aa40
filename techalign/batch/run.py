"""Run many jobs at once: every job ends in a page and a record, whatever happens to it."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path

from techalign import __version__
from techalign.batch.execute import CellError, execute
from techalign.batch.jobs import Job
from techalign.batch.records import Record, Status, read_records, write_record
from techalign.intake.files import write_whole

__all__ = ["run_job", "run_jobs", "write_index"]


def run_jobs(jobs: Sequence[Job], *, workers: int, done: Callable[[Record], None]) -> list[Record]:
    """Run jobs in parallel processes.

    Parameters
    ----------
    jobs : sequence of Job
    workers : int
        Processes, at least 1.
    done : callable
        Called with each record as its job ends.

    Returns
    -------
    list of Record
        In the order of ``jobs``.
    """
    records: dict[int, Record] = {}
    for number, record in _as_they_end(jobs, workers):
        records[number] = record
        done(record)
    return [records[number] for number in range(len(jobs))]


def _as_they_end(jobs: Sequence[Job], workers: int) -> Iterator[tuple[int, Record]]:
    if workers == 1 or len(jobs) == 1:
        yield from ((number, run_job(job)) for number, job in enumerate(jobs))
        return
    # spawn: a forked child would inherit whatever threads the caller has
    context = get_context("spawn")
    pool = ProcessPoolExecutor(min(workers, len(jobs)), mp_context=context)
    try:
        futures = {pool.submit(run_job, job): number for number, job in enumerate(jobs)}
        for future in as_completed(futures):
            number = futures[future]
            error = future.exception()
            if error is None:
                yield number, future.result()
            else:
                yield number, _failed(jobs[number], f"the worker process ended: {error}")
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def run_job(job: Job) -> Record:
    """Execute, render and record one job.

    Parameters
    ----------
    job : Job

    Returns
    -------
    Record
        Written beside the page, too.
    """
    from techalign.report.page import (
        PageInfo,
        headline_of,
        inputs_of,
        render_report,
    )

    if job.problem:
        return _failed(job, job.problem)
    started = time.perf_counter()
    executed = execute(job.notebook, job.parameters)
    job.folder.mkdir(parents=True, exist_ok=True)
    _write_log(job, executed.notebook)
    if executed.error is not None:
        return _stopped(job, executed.error, time.perf_counter() - started)
    inputs = inputs_of(executed.notebook)
    info = PageInfo(job.client_name, dt.date.fromisoformat(job.as_of), inputs)
    page = render_report(executed.notebook, info)
    record = replace(
        _record(job, "ok", "", page, time.perf_counter() - started),
        headline=headline_of(executed.notebook),
        inputs=[list(pair) for pair in inputs],
    )
    return _finish(job, page, record)


def write_index(out: Path) -> Path:
    """Write ``index.html`` over all records below the output folder.

    Parameters
    ----------
    out : Path

    Returns
    -------
    Path
        The index page.
    """
    from techalign.report.index import IndexRow, render_index

    rows = [
        IndexRow(
            client=record.client,
            client_name=record.client_name,
            title=record.title,
            href=record.page,
            status=record.status,
            text=record.message or _figures_text(record),
        )
        for record in read_records(out)
    ]
    write_whole(out / "index.html", render_index(rows))
    return out / "index.html"


def _figures_text(record: Record) -> str:
    figures = record.headline.get("figures", [])
    return "; ".join(f"{figure['label']}: {figure['text']}" for figure in figures)


def _stopped(job: Job, error: CellError, seconds: float) -> Record:
    if error.kind == "MissingTableError":
        return _notice(job, "not enabled", error.message, seconds=seconds)
    message = error.message if error.kind.endswith("Error") else f"{error.kind}: {error.message}"
    return _notice(
        job, "failed", message or error.kind, seconds=seconds, cell=error.cell, trace=error.trace
    )


def _failed(job: Job, message: str) -> Record:
    job.folder.mkdir(parents=True, exist_ok=True)
    return _notice(job, "failed", message)


def _notice(
    job: Job, status: Status, message: str, *, seconds: float = 0.0, cell: int = 0, trace: str = ""
) -> Record:
    from techalign.report.page import PageInfo, render_notice

    failed = status == "failed"
    page = render_notice(
        job.title,
        PageInfo(job.client_name, dt.date.fromisoformat(job.as_of)),
        message,
        tone="bad" if failed else "info",
        place=f"Notebook {job.name}, cell {cell}." if cell else "",
        retry=f"techalign run {job.client} --notebook {job.name}" if failed else "",
        trace=_without_paths(trace),
    )
    return _finish(job, page, replace(_record(job, status, message, page, seconds), cell=cell))


def _without_paths(trace: str) -> str:
    """Cut folders from a trace: a page must not tell where it was made."""
    import re

    return re.sub(r"(?:/[^\s/:\"'<>]+)+/([^\s/:\"'<>]+)", r"\1", trace)


def _record(job: Job, status: Status, message: str, page: str, seconds: float) -> Record:
    return Record(
        client=job.client,
        client_name=job.client_name,
        notebook=job.name,
        title=job.title,
        as_of=job.as_of,
        status=status,
        message=message,
        cell=0,
        seconds=round(seconds, 3),
        page=f"{job.client}/{job.page.name}",
        bytes=len(page.encode()),
        version=__version__,
    )


def _finish(job: Job, page: str, record: Record) -> Record:
    write_whole(job.page, page)
    write_record(record, job.folder)
    return record


def _write_log(job: Job, notebook: object) -> None:
    import nbformat

    logs = job.folder / "logs"
    logs.mkdir(exist_ok=True)
    write_whole(logs / f"{job.name}.ipynb", nbformat.writes(notebook))
