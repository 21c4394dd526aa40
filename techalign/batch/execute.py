"""Execute one notebook in a warm kernel and tell what came of it as a value."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from techalign.batch.preload import await_template, template_settings
from techalign.batch.redaction import redact
from techalign.warm.run import NotebookRun, run_notebook

__all__ = ["CellError", "Executed", "execute", "start_template"]

OUTPUT_LIMIT = 20_000_000
"""Characters a notebook may put out; a page of that size is of use to nobody."""

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


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
) -> Executed:
    """Execute a notebook in a kernel and a working directory of its own.

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

    Returns
    -------
    Executed
        A notebook that was stopped by an exception is a result, too.
    """
    try:
        run = await run_notebook(
            notebook,
            parameters,
            cwd=cwd,
            kernel_name="python3",
            timeout=timeout,
            memory_limit=memory_limit,
            output_limit=OUTPUT_LIMIT,
            settings=template_settings(),
        )
    except ValueError as unfit:  # papermill's word for a notebook it cannot prepare
        return Executed(notebook, CellError("ValueError", str(unfit), 0, ""), 0.0)
    run.notebook.cells = [cell for cell in run.notebook.cells if not _is_error_marker(cell)]
    error = _error_of(run)
    if error is not None:
        error = CellError(**redact(asdict(error), secrets))
    return Executed(redact(run.notebook, secrets), error, run.seconds)


async def start_template() -> None:
    """Have the template ready, so that no report's time limit pays for its start."""
    await asyncio.to_thread(await_template)


def _error_of(run: NotebookRun) -> CellError | None:
    from papermill.exceptions import PapermillExecutionError

    failure = run.failure
    if failure is None:
        return None
    cell = _cell_number(run)
    if isinstance(failure, PapermillExecutionError):
        message, trace = failure.evalue, "\n".join(failure.traceback)
        return CellError(failure.ename, _ANSI.sub("", message), cell, _ANSI.sub("", trace))
    return CellError(type(failure).__name__, _ANSI.sub("", str(failure)), cell, "")


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
