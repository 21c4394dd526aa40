"""Execute one notebook in a warm kernel and tell what came of it as a value."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from papermill.exceptions import PapermillExecutionError

from techalign.batch.beside import WHERE_IT_RUNS, Beside, copy_beside
from techalign.batch.notebook import kernel_of
from techalign.batch.preload import PRELOAD, await_template, template_settings
from techalign.batch.redaction import redact
from techalign.report.terminal import plain_text
from techalign.warm.client import TemplateLostError
from techalign.warm.owner import shared
from techalign.warm.run import NotebookRun, RunLimits, run_notebook

__all__ = ["STATIC", "CellError", "Executed", "execute", "start_template"]

STATIC = "TECHALIGN_STATIC"
"""Environment variable that tells a notebook that nobody is there to move anything."""

OUTPUT_LIMIT = 20_000_000
"""Characters a notebook may put out; a page of that size is of use to nobody."""


@dataclass(frozen=True)
class CellError:
    """What stopped a notebook: the kind, the message, the cell (from 1, 0 for none), the trace."""

    kind: str
    message: str
    cell: int
    trace: str


@dataclass(frozen=True)
class Executed:
    """An executed notebook, its error if it was stopped by one, and the seconds it took."""

    notebook: Any
    error: CellError | None
    seconds: float


async def execute(
    notebook: Any,
    parameters: Mapping[str, object],
    *,
    cwd: Path,
    timeout: float | None,
    memory_limit: int | None,
    secrets: Sequence[str] = (),
    files: Beside | None = None,
    preload: tuple[str, ...] = PRELOAD,
) -> Executed:
    """Execute a notebook in a kernel and a working directory of its own.

    If the process that its kernel was forked from is killed, by this notebook or by another, it is
    executed once more, in a kernel that shares no such process with others.

    Parameters
    ----------
    notebook : NotebookNode
        Not changed.
    parameters : mapping
        Checked values.
    cwd : Path
        An empty directory of this job's alone.
    timeout : float or None
        Seconds for the whole notebook.
    memory_limit : int or None
        Bytes of private memory.
    secrets : sequence of str
        Values that must not be in the result.
    files : Beside, optional
        What to copy into the directory.
    preload : tuple of str
        Modules that its kernel should find imported.

    Returns
    -------
    Executed
        A notebook that was stopped by an exception is a result, too.
    """
    files = files or Beside(cwd)
    limits = RunLimits(timeout, memory=memory_limit, output=OUTPUT_LIMIT)
    try:
        kernel = kernel_of(notebook)
        run = await _attempt(notebook, parameters, cwd, files, kernel, limits, preload)
    except Exception as unfit:  # it cannot be prepared, in one of the ways notebooks are odd
        return Executed(notebook, CellError(type(unfit).__name__, str(unfit), 0, ""), 0.0)
    run.notebook.cells = [cell for cell in run.notebook.cells if not _is_error_marker(cell)]
    error = _error_of(run, files)
    if error is not None:
        error = CellError(**redact(asdict(error), secrets))
    return Executed(redact(run.notebook, secrets), error, run.seconds)


async def _attempt(
    notebook: Any,
    parameters: Mapping[str, object],
    cwd: Path,
    files: Beside,
    kernel: str,
    limits: RunLimits,
    preload: tuple[str, ...],
) -> NotebookRun:
    settings = template_settings(preload)
    copy_beside(files, cwd)
    env = {**os.environ, STATIC: "1"}
    run = partial(
        run_notebook, notebook, parameters, cwd=cwd, env=env, kernel_name=kernel, limits=limits
    )
    first = await run(settings=settings)
    if not isinstance(first.failure, TemplateLostError):
        return first
    _empty(cwd)
    copy_beside(files, cwd)
    alone = replace(settings, apart=cwd.name)
    try:
        return await run(settings=alone)
    finally:
        await asyncio.to_thread(shared().end, alone)


def _empty(folder: Path) -> None:
    for entry in folder.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry, ignore_errors=True)
        else:
            entry.unlink(missing_ok=True)


async def start_template(preload: tuple[str, ...] = PRELOAD) -> None:
    """Have the template ready, so that no report's time limit pays for its start."""
    await asyncio.to_thread(await_template, preload)


def _error_of(run: NotebookRun, files: Beside) -> CellError | None:
    failure = run.failure
    if failure is None:
        return None
    cell = _cell_number(run)
    if isinstance(failure, PapermillExecutionError):
        if not failure.traceback:  # IPython printed what is wrong, and raised nothing
            return CellError("UsageError", _last_words(run), cell, "")
        message, trace = plain_text(failure.evalue), "\n".join(failure.traceback)
        said = _with_remedy(failure.ename, message, files)
        return CellError(failure.ename, said, cell, plain_text(trace))
    said = plain_text(str(failure))
    if isinstance(failure, TemplateLostError):
        said += ", again when it ran alone: by the notebook itself, it seems"
    return CellError(type(failure).__name__, said, cell, "")


def _with_remedy(kind: str, message: str, files: Beside) -> str:
    """What an error says, and what to do where a run differs from a notebook that is open."""
    if kind == "StdinNotImplementedError":
        return (
            "It asks for input, and in a run nobody is there to answer. "
            "Make what it asks for a parameter and give it with -p."
        )
    if kind not in {"FileNotFoundError", "ModuleNotFoundError"}:
        return message
    left = [name for name in files.too_large if Path(name).stem in message]
    if left:
        return (
            f"{message}. {left[0]} beside the notebook is too large to be copied. {WHERE_IT_RUNS}"
        )
    is_path = kind == "FileNotFoundError" and "'/" not in message
    if kind == "ModuleNotFoundError":
        return f"{message}. Install it where techalign is, or put it beside the notebook."
    return f"{message}. {WHERE_IT_RUNS}" if is_path else message


def _last_words(run: NotebookRun) -> str:
    """What the cell that stopped the notebook printed last, such as that a magic is unknown."""
    cells = run.notebook.cells[run.failed_cell :][:1] if run.failed_cell is not None else []
    printed = [out["text"] for cell in cells for out in cell.get("outputs", ())
               if out.get("name") == "stderr"]  # fmt: skip
    lines = [line for line in plain_text("".join(printed)).splitlines() if line.strip()]
    return lines[-1].removeprefix("UsageError: ") if lines else "the cell ended in an error"


def _cell_number(run: NotebookRun) -> int:
    """The failed cell as a person counts it, from 1, without the one papermill has put in."""
    if run.failed_cell is None:
        return 0
    before = run.notebook.cells[: run.failed_cell]
    own = [c for c in before if "injected-parameters" not in c.metadata.get("tags", [])]
    return len(own) + 1


def _is_error_marker(cell: Any) -> bool:
    """Papermill puts cells of its own into a failed notebook; the report has its own page."""
    tags = cell.get("metadata", {}).get("tags", [])
    return any(tag.startswith("papermill-error-cell") for tag in tags)
