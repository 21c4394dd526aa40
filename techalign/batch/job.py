"""One job from its plan to its page and record, whatever happens to it."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError

from techalign import __version__
from techalign.batch.jobs import Job
from techalign.batch.keys import file_fingerprint
from techalign.client.secrets import secret_value
from techalign.review.block import said_of
from techalign.review.history import report_history
from techalign.review.records import (
    HeadlineRecord,
    Record,
    Status,
    read_record,
    write_record,
)
from techalign.storage import write_whole

if TYPE_CHECKING:
    from techalign.batch.execute import CellError

__all__ = ["Limits", "finished_record", "run_job", "write_failure"]

_LONGEST_MESSAGE = 400  # characters; the trace has the rest
_PATH = re.compile(r"(?:/[^\s/:\"'<>]+)+/([^\s/:\"'<>]+)")


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


async def run_job(job: Job, notebook: Any, cwd: Path, limits: Limits) -> Record:
    """Execute, render and record one job.

    Parameters
    ----------
    job : Job
    notebook : NotebookNode
        The job's notebook, as read.
    cwd : Path
        An empty directory of this job's alone.
    limits : Limits

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
    )
    _write_log(job, executed.notebook)
    if executed.error is not None:
        return _stopped(job, executed.error, executed.seconds)
    return _ready(job, executed.notebook, executed.seconds)


def _ready(job: Job, notebook: Any, seconds: float) -> Record:
    """Render the page of a notebook that went through."""
    from techalign.report.page import PageInfo, headline_of, inputs_of, render_report
    from techalign.review.sections import review_sections

    started = time.perf_counter()
    _hide_paths(notebook)
    inputs = inputs_of(notebook)
    try:
        headline = HeadlineRecord.model_validate(headline_of(notebook))
    except ValidationError as error:  # rows that were put out past the call that checks them
        where, reason, _ = said_of(error)
        message = f"what the notebook records is not as it must be: {where}: {reason}"
        return _notice(job, "failed", message, {"execute": seconds})
    record = _record(job, "ok", "").model_copy(update={"headline": headline, "inputs": inputs})
    page = render_report(
        notebook,
        PageInfo(job.client_name, dt.date.fromisoformat(job.as_of), inputs),
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
    page = render_notice(
        job.title,
        PageInfo(job.client_name, dt.date.fromisoformat(job.as_of)),
        _without_paths(message),
        tone="bad" if failed else "info",
        place=f"Notebook {job.name}, cell {cell}." if cell else "",
        retry=f"techalign run {job.client} --notebook {job.name}" if failed else "",
        trace=_without_paths(trace),
    )
    record = _record(job, status, message).model_copy(update={"cell": cell})
    return _finish(job, page, record, seconds)


def _without_paths(text: str) -> str:
    """Cut folders from a text: a page must not tell where it was made."""
    return _PATH.sub(r"\1", text)


def _hide_paths(notebook: Any) -> None:
    """Cut folders from warnings, which name the file they come from."""
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            if output.get("name") == "stderr":
                output["text"] = _without_paths(output["text"])


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
        page=f"{job.client}/{job.page.name}",
        version=__version__,
    )


def _finish(job: Job, page: str, record: Record, seconds: dict[str, float]) -> Record:
    """Write the page, then the record: a record therefore stands for a whole page."""
    raw = page.encode()
    known = {
        "page_sha256": hashlib.sha256(raw).hexdigest(),
        "bytes": len(raw),
        "seconds": {name: round(taken, 4) for name, taken in seconds.items()},
    }
    record = record.model_copy(update=known)
    job.folder.mkdir(parents=True, exist_ok=True)
    write_whole(job.page, page)
    write_record(record, job.folder)
    return record


def _write_log(job: Job, notebook: Any) -> None:
    logs = job.folder / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    # in one line: indented, as nbformat writes it, it takes as long as the page
    write_whole(logs / f"{job.name}.ipynb", json.dumps(notebook, ensure_ascii=False))
