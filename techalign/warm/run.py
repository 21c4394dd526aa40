"""Run one notebook as a coroutine, so that one process runs many at once.

papermill's own entry point blocks, changes the process's working directory and is one notebook
per thread. Here the working directory and the environment are the kernel's own, a failure is a
value, and ``asyncio.gather`` with a semaphore is a batch::

    async def batch(jobs):
        few, limits = asyncio.Semaphore(4), RunLimits(timeout=60)

        async def one(job):
            async with few:
                return await run_notebook(job.notebook, job.values, cwd=job.folder, limits=limits)

        return await asyncio.gather(*map(one, jobs))
"""

from __future__ import annotations

import asyncio
import contextlib
import copy
import os
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jupyter_client.kernelspec import get_kernel_spec
from nbformat import NotebookNode
from papermill import __version__ as papermill_version
from papermill.exceptions import PapermillExecutionError
from papermill.execute import raise_for_execution_errors, remove_error_markers
from papermill.parameterize import parameterize_notebook
from papermill.utils import nb_kernel_name, nb_language

from techalign.warm.client import SparingExecutionManager, WarmNotebookClient
from techalign.warm.memory import stuck_at_limit
from techalign.warm.owner import TemplateSettings

__all__ = [
    "MemoryLimitError",
    "NotebookRun",
    "NotebookTimeoutError",
    "OutputLimitError",
    "RunLimits",
    "run_notebook",
]

_EXPECTED = "raises-exception"


class NotebookTimeoutError(Exception):
    """A notebook as a whole took longer than it was given."""


class MemoryLimitError(Exception):
    """A notebook was stuck at its memory limit, each object asked of a system that refuses."""


class OutputLimitError(Exception):
    """A notebook put out more than it may: a page could not hold it."""


@dataclass(frozen=True)
class RunLimits:
    """What one notebook may take; None for no limit.

    Parameters
    ----------
    timeout : float or None
        Seconds for the notebook as a whole, after which its process group is killed.
    cell_timeout : int or None
        Seconds for each cell.
    start_timeout : int
        Seconds for the kernel to answer.
    memory : int or None
        Bytes of private memory the kernel may add to what its template holds. A kernel that asks
        for more gets a ``MemoryError``; for forked kernels only.
    output : int or None
        Characters of output after which the kernel is killed.
    """

    timeout: float | None = None
    cell_timeout: int | None = None
    start_timeout: int = 60
    memory: int | None = None
    output: int | None = None


@dataclass(frozen=True)
class NotebookRun:
    """A notebook that has been run, to its end or not.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook with what it put out, in papermill's form, also if it failed.
    failure : Exception or None
        Why it did not reach its end: a ``PapermillExecutionError`` of a cell, a
        :class:`NotebookTimeoutError`, an :class:`OutputLimitError`, nbclient's
        ``DeadKernelError`` or ``CellTimeoutError``, a
        :class:`~techalign.warm.client.TemplateLostError`, or whatever kept the kernel from
        starting.
    failed_cell : int or None
        The position of the cell that failed or was running, in the notebook as it was given with
        its parameters injected; None if there is none to blame.
    seconds : float
        Wall-clock time from the request of a kernel to its end.
    """

    notebook: NotebookNode
    failure: Exception | None
    failed_cell: int | None
    seconds: float

    @property
    def succeeded(self) -> bool:
        """Whether all cells ran."""
        return self.failure is None

    def raise_for_failure(self) -> None:
        """Raise the failure, if there is one."""
        if self.failure is not None:
            raise self.failure


async def run_notebook(
    notebook: NotebookNode,
    parameters: Mapping[str, Any] | None = None,
    *,
    cwd: str | os.PathLike[str] | None = None,
    env: Mapping[str, str] | None = None,
    kernel_name: str | None = None,
    limits: RunLimits | None = None,
    settings: TemplateSettings | None = None,
    allow_errors: bool = False,
) -> NotebookRun:
    """Run a notebook in a kernel of its own; any number may run in one event loop.

    Parameters
    ----------
    notebook : NotebookNode
        The notebook; it is not changed.
    parameters : mapping, optional
        Values for papermill to inject after the cell tagged ``parameters``.
    cwd : path, optional
        The kernel's working directory; this process's by default.
    env : mapping, optional
        The kernel's whole environment; this process's by default.
    kernel_name : str, optional
        The kernelspec; the one the notebook names by default.
    limits : RunLimits, optional
        What it may take; by default only a minute for its kernel to answer.
    settings : TemplateSettings, optional
        What the template imports and watches; by default the provisioner's defaults.
    allow_errors : bool
        Whether to go on after a cell that fails.

    Returns
    -------
    NotebookRun
        The executed notebook, and the failure as a value. Only cancellation is raised, after the
        kernel has been killed.
    """
    limits = limits or RunLimits()
    nb = _prepared(notebook, parameters or {}, kernel_name)
    manager = SparingExecutionManager(nb, output_path=None, progress_bar=False)
    client = WarmNotebookClient(
        manager,
        kernel_name=nb_kernel_name(nb, kernel_name),
        timeout=limits.cell_timeout,
        startup_timeout=limits.start_timeout,
        allow_errors=allow_errors,
        fork_options=_fork_options(settings, limits.memory),
    )
    client.output_limit = limits.output
    start_options: dict[str, Any] = {"env": dict(os.environ if env is None else env)}
    if cwd is not None:
        start_options["cwd"] = os.fspath(cwd)
    started = time.perf_counter()
    manager.notebook_start()
    failure: Exception | None = None
    try:
        with Path(os.devnull).open("wb") as nowhere:  # what it prints is in the notebook
            await _within(client, limits, {**start_options, "stdout": nowhere})
    except Exception as error:
        failure = error
    finally:
        manager.notebook_complete()
    if client.flooded:  # the cell may have ended before its kernel was killed
        failure = OutputLimitError(f"its output is longer than {limits.output:,} characters")
    if failure is None and not allow_errors:
        failure = _cell_failure(manager.nb)
    return NotebookRun(manager.nb, failure, client.unfinished_cell, time.perf_counter() - started)


async def _within(
    client: WarmNotebookClient, limits: RunLimits, start_options: dict[str, Any]
) -> None:
    """Run the cells; kill the kernel when time is up, or when this is cancelled.

    In a task of its own, because nbclient takes every cancellation for the kernel's death.
    """
    task = asyncio.ensure_future(client.run_cells(**start_options))
    timeout, limited = limits.timeout, limits.memory is not None
    stuck = asyncio.ensure_future(stuck_at_limit(lambda: client.kernel_pid)) if limited else None
    try:
        first = asyncio.FIRST_COMPLETED
        waited = {task, stuck} if stuck else {task}
        done, _ = await asyncio.wait(waited, timeout=timeout, return_when=first)
    except asyncio.CancelledError:
        await _abort(client, task)
        raise
    finally:
        if stuck:
            stuck.cancel()
    if task not in done:
        await _abort(client, task)
        if stuck in done:
            raise MemoryLimitError("the notebook needs more memory than it may take")
        raise NotebookTimeoutError(f"the notebook took longer than {timeout:g} seconds")
    task.result()


async def _abort(client: WarmNotebookClient, task: asyncio.Future[None]) -> None:
    await client.abort()
    _, waiting = await asyncio.wait({task}, timeout=5)
    if waiting:
        task.cancel()
    with contextlib.suppress(BaseException):
        await task


def _prepared(notebook: NotebookNode, parameters: Mapping[str, Any], kernel: str | None) -> Any:
    """Return a copy with papermill's metadata and the parameters injected."""
    nb = copy.deepcopy(notebook)
    nb.metadata.setdefault(
        "papermill",
        NotebookNode(
            default_parameters={},
            parameters={},
            environment_variables={},
            version=papermill_version,
        ),
    )
    name = nb_kernel_name(nb, kernel)
    if not (nb.metadata.get("kernelspec") or {}).get("name"):
        nb.metadata["kernelspec"] = {"name": name, "display_name": name}
    for cell in nb.cells:
        cell.metadata.setdefault("tags", [])
        cell.metadata.setdefault("papermill", NotebookNode())
    if parameters:
        language = _language(nb, name)
        nb = parameterize_notebook(nb, dict(parameters), kernel_name=kernel, language=language)
    return remove_error_markers(nb)


def _language(nb: NotebookNode, kernel: str) -> str:
    """The language a notebook says it is in; that of its kernel if it says none."""
    try:
        return str(nb_language(nb))
    except ValueError:
        return str(get_kernel_spec(kernel).language)


def _fork_options(settings: TemplateSettings | None, memory_limit: int | None) -> dict[str, Any]:
    options: dict[str, Any] = {} if memory_limit is None else {"memory_limit": memory_limit}
    if settings is not None:
        options["preload"] = list(settings.preload)
        options["watch"] = None if settings.watch is None else list(settings.watch)
        options["files"] = list(settings.files)
        options["apart"] = settings.apart
    return options


def _cell_failure(nb: NotebookNode) -> PapermillExecutionError | None:
    """Return the error papermill would raise, and mark the notebook as papermill would.

    An error in a cell that is tagged ``raises-exception`` is no failure: the tag is Jupyter's own,
    and the kernel's client has gone on after it.
    """
    expected = [cell for cell in nb.cells if _EXPECTED in cell.metadata.get("tags", [])]
    kept = [cell.get("outputs") for cell in expected]
    for cell in expected:
        cell.pop("outputs", None)
    try:
        raise_for_execution_errors(nb, None)
    except PapermillExecutionError as error:
        return error
    finally:
        for cell, outputs in zip(expected, kept, strict=True):
            if outputs is not None:
                cell["outputs"] = outputs
    return None
