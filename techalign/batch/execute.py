"""Execute one notebook with papermill and tell what came of it as a value."""

from __future__ import annotations

import re
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["CellError", "Executed", "execute"]

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


@dataclass(frozen=True)
class CellError:
    """What stopped a notebook: the exception, its message, the cell and the trace."""

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


def execute(path: Path, parameters: Mapping[str, object]) -> Executed:
    """Execute a notebook in a kernel and a working directory of its own.

    Parameters
    ----------
    path : Path
        The notebook; it is not changed.
    parameters : mapping
        Checked values.

    Returns
    -------
    Executed
        A notebook that was stopped by an exception is a result, too.
    """
    import nbformat
    import papermill
    from papermill.exceptions import PapermillExecutionError

    started = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="techalign-") as private:
        output = Path(private) / "executed.ipynb"
        work = Path(private) / "work"
        work.mkdir()
        error = None
        try:
            papermill.execute_notebook(
                str(path),
                str(output),
                parameters=dict(parameters),
                cwd=str(work),
                progress_bar=False,
                kernel_name="python3",
            )
        except PapermillExecutionError as stopped:
            error = CellError(
                stopped.ename,
                _ANSI.sub("", stopped.evalue),
                stopped.cell_index,
                _ANSI.sub("", "\n".join(stopped.traceback)),
            )
        notebook = nbformat.read(output, as_version=4)
    notebook.cells = [c for c in notebook.cells if not _is_papermill_error(c)]
    return Executed(notebook, error, time.perf_counter() - started)


def _is_papermill_error(cell: Any) -> bool:
    """Papermill puts cells of its own into a failed notebook; the report has its own page."""
    tags = cell.get("metadata", {}).get("tags", [])
    return any(tag.startswith("papermill-error-cell") for tag in tags)
