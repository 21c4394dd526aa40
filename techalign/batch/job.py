"""One job from its plan to its page and record, whatever happens to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from traceback import format_exception
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from techalign import __version__
from techalign.batch.jobs import Job
from techalign.batch.keys import file_fingerprint
from techalign.batch.machine import Machine, hide_in_error, hide_in_notebook, this_machine
from techalign.batch.preload import PRELOAD
from techalign.client.secrets import secret_value
from techalign.errors import InputError
from techalign.html import without_controls
from techalign.review.block import said_of
from techalign.review.history import report_history
from techalign.review.records import (
    HeadlineRecord,
    Record,
    Status,
    read_record,
    write_record,
)
from techalign.storage import as_place, make_folder, read_inside, unreachable, write_whole

if TYPE_CHECKING:
    from techalign.batch.execute import CellError

__all__ = ["Limits", "finished_record", "run_job", "write_failure"]

_LONGEST_MESSAGE = 400  # characters; the trace has the rest
_TEXTS = frozenset({".csv", ".toml", ".tsv", ".txt"})


@dataclass(frozen=True)
class Limits:
    """What one report may take: seconds of time and bytes of memory; None for no limit."""

    timeout: float | None = None
    memory: int | None = None


def finished_record(job: Job) -> Record | None:
    """The record of a report that is there, whole, and made from the same things."""
    record = read_record(job.folder / f"{job.name}.json")
    if record is None or record.status == "failed" or record.key != job.key or not job.key:
        return None
    return record if file_fingerprint(job.page) == record.page_sha256 else None


async def run_job(
    job: Job,
    notebook: Any,
    cwd: Path,
    limits: Limits,
    preload: tuple[str, ...] = PRELOAD,
) -> Record:
    """Execute, render and record one job.

    Parameters
    ----------
    job : Job
    notebook : NotebookNode
        The job's notebook, as read.
    cwd : Path
        An empty directory of this job's alone.
    limits : Limits
    preload : tuple of str
        Modules that its kernel should find imported.

    Returns
    -------
    Record
        Written beside the page, too.

    Raises
    ------
    OSError
        If the page cannot be written.
    """
    if job.problem:
        return write_failure(job, job.problem)
    try:
        return await _made(job, notebook, cwd, limits, preload)
    except Exception as error:  # whatever a notebook hands on, it is its own report that fails
        if unreachable(error) is not None:
            raise
        said = str(error) if isinstance(error, InputError) else _raised(error)
        trace = "" if isinstance(error, InputError) else "".join(format_exception(error))
        return _notice(job, "failed", said, {}, trace=trace)


def _raised(error: Exception) -> str:
    """What to say of an error nobody foresaw; the failure's page has where it happened."""
    reason = " ".join(f"{type(error).__name__}: {error}".split())[:_LONGEST_MESSAGE]
    return f"what it put out could not be made into a page: {reason}"


async def _made(
    job: Job, notebook: Any, cwd: Path, limits: Limits, preload: tuple[str, ...]
) -> Record:
    """Execute and render one job."""
    # papermill takes a second to import, which a run with nothing to do should not spend
    from techalign.batch.beside import beside
    from techalign.batch.execute import execute

    executed = await execute(
        notebook,
        job.parameters,
        cwd=cwd,
        timeout=limits.timeout,
        memory_limit=limits.memory,
        secrets=[secret_value(variable) for variable in job.secrets],
        # which need not lie on every worker
        files=beside(job.notebook, job.parameters) if job.notebook.is_file() else None,
        preload=preload,
    )
    _write_log(job, executed.notebook)
    if executed.error is not None:
        return _stopped(job, executed.error, executed.seconds)
    return _ready(job, executed.notebook, executed.seconds)


def _ready(job: Job, notebook: Any, seconds: float) -> Record:
    """Render the page of a notebook that went through."""
    from techalign.report.page import PageInfo, headline_of, inputs_of, render_report
    from techalign.review.front_page import render_review
    from techalign.review.sections import review_sections

    started = time.perf_counter()
    hide_in_notebook(notebook, _machine_of(job), known=_known_to_client(job))
    inputs = inputs_of(notebook)
    try:
        headline = HeadlineRecord.model_validate(headline_of(notebook))
    except ValidationError as error:  # rows that were put out past the call that checks them
        where, reason, _ = said_of(error)
        message = f"what the notebook records is not as it must be: {where}: {reason}"
        return _notice(job, "failed", message, {"execute": seconds})
    record = _record(job, "ok", "").model_copy(update={"headline": headline, "inputs": inputs})
    info = PageInfo(job.client_name, dt.date.fromisoformat(job.as_of), inputs, job.look)
    if job.is_front:
        page = render_review(notebook, info, show_code=job.show_code)
    else:
        page = render_report(
            notebook,
            info,
            sections=review_sections(record, report_history(job.folder, job.name, job.as_of)),
            show_code=job.show_code,
        )
    spent = {"execute": seconds, "render": time.perf_counter() - started}
    return _finish(job, page, record, spent)


def write_failure(job: Job, message: str) -> Record:
    """Write the page and record of a job that could not be run at all."""
    return _notice(job, "failed", message, {})


def _stopped(job: Job, error: CellError, seconds: float) -> Record:
    spent = {"execute": seconds}
    if error.kind == "MissingTableError":
        return _notice(job, "not enabled", error.message, spent)
    message = " ".join(_said(error).split())
    if len(message) > _LONGEST_MESSAGE:
        message = f"{message[: _LONGEST_MESSAGE - 2]} …"
    return _notice(job, "failed", message, spent, cell=error.cell, trace=error.trace)


def _said(error: CellError) -> str:
    """The message; with the kind of error where it is a word, such as a missing key's."""
    if not error.message:
        return error.kind
    is_word = error.kind == "KeyError" or len(error.message.split()) == 1
    return f"{error.kind}: {error.message}" if is_word else error.message


def _notice(
    job: Job,
    status: Status,
    message: str,
    seconds: dict[str, float],
    *,
    cell: int = 0,
    trace: str = "",
) -> Record:
    from techalign.report.page import PageInfo, render_notice

    failed = status == "failed"
    machine = _machine_of(job)
    message = hide_in_error(message, machine)
    page = render_notice(
        job.title,
        PageInfo(job.client_name, dt.date.fromisoformat(job.as_of), look=job.look),
        message,
        tone="bad" if failed else "info",
        place=f"Notebook {job.name}, cell {cell}." if cell else "",
        retry=f"techalign run {job.client} --notebook {job.name}" if failed else "",
        trace=hide_in_error(trace, machine),
    )
    record = _record(job, status, message).model_copy(update={"cell": cell})
    return _finish(job, page, record, seconds)


def _machine_of(job: Job) -> Machine:
    places = (job.folder.parent, job.notebook.parent, job.parameters.get("clients_dir", ""))
    return this_machine(*map(str, places))


def _known_to_client(job: Job) -> Callable[[str], bool]:
    """Whether a name stands in the client's own files; those are read when it is first asked."""

    @cache
    def held() -> bytes:
        folder = as_place(str(job.parameters.get("clients_dir", ""))) / job.client
        try:
            files = sorted(p for p in folder.iterdir() if p.suffix in _TEXTS)
            return b"\n".join(read_inside(path, folder) for path in files)
        except (OSError, InputError):
            return b""

    return lambda name: name.encode() in held()


def _record(job: Job, status: Status, message: str) -> Record:
    return Record(
        client=job.client,
        client_name=job.client_name,
        notebook=job.name,
        title=job.title,
        as_of=job.as_of,
        status=status,
        message=message,
        key=job.key,
        made_from=job.made_from,
        page=f"{job.client}/{job.page.name}",
        version=__version__,
        look=job.look,
    )


def _finish(job: Job, page: str, record: Record, seconds: dict[str, float]) -> Record:
    """Write the page, then the record: a record therefore stands for a whole page."""
    page = without_controls(page)
    raw = page.encode("utf-8", "backslashreplace")
    known = {
        "page_sha256": hashlib.sha256(raw).hexdigest(),
        "bytes": len(raw),
        "seconds": {name: round(taken, 4) for name, taken in seconds.items()},
    }
    record = record.model_copy(update=known)
    make_folder(job.folder)
    write_whole(job.page, page)
    write_record(record, job.folder)
    return record


def _write_log(job: Job, notebook: Any) -> None:
    logs = job.folder / "logs"
    make_folder(logs)
    # in one line: indented, as nbformat writes it, it takes as long as the page
    write_whole(logs / f"{job.name}.ipynb", json.dumps(notebook, ensure_ascii=False))
