"""A papermill engine on warm kernels: ``papermill in.ipynb out.ipynb --engine techalign``.

papermill stays the executor: parameters, cell metadata, errors and the output notebook are its
own. The engine changes where the kernel comes from (a fork of a template process, see
:mod:`techalign.batch.warm.provisioner`) and how often the output is written: papermill rewrites
the whole file twice per cell; here it is written at the end, and after `autosave_cell_every`
seconds of a long run.
"""

from __future__ import annotations

from typing import Any

from papermill.engines import NBClientEngine, NotebookExecutionManager
from papermill.log import logger
from papermill.utils import merge_kwargs, remove_args

from techalign.batch.warm.client import WarmNotebookClient

__all__ = ["SparingExecutionManager", "WarmEngine"]

_FORK_OPTIONS = ("preload", "watch", "files", "memory_limit")


class SparingExecutionManager(NotebookExecutionManager):  # type: ignore[misc]
    """papermill's record of a run, which saves when it is due rather than at every step."""

    def save(self, **kwargs: Any) -> None:
        """Write the notebook if `autosave_cell_every` seconds have passed since it was written."""
        elapsed = (self.now() - self.last_save_time).total_seconds()
        if self.autosave_cell_every and elapsed >= self.autosave_cell_every:
            self.save_now(**kwargs)

    def save_now(self, **kwargs: Any) -> None:
        """Write the notebook."""
        super().save(**kwargs)


class WarmEngine(NBClientEngine):  # type: ignore[misc]
    """Runs a notebook in a kernel forked from this process's template.

    Beside papermill's own, ``papermill.execute_notebook(..., engine_name="techalign")`` takes
    `preload`, `watch`, `files` (lists of str, see
    :class:`~techalign.batch.warm.owner.TemplateSettings`) and `memory_limit` (bytes).
    """

    @classmethod
    def execute_notebook(
        cls,
        nb: Any,
        kernel_name: str,
        output_path: str | None = None,
        progress_bar: Any = True,
        log_output: bool = False,
        autosave_cell_every: float = 30,
        **kwargs: Any,
    ) -> Any:
        """Run a notebook, as papermill's engines do.

        papermill itself writes the result, also of a notebook that failed in a cell; it is
        written here only if the run ends otherwise.
        """
        manager = SparingExecutionManager(
            nb,
            output_path=output_path,
            progress_bar=progress_bar,
            log_output=log_output,
            autosave_cell_every=autosave_cell_every,
        )
        manager.notebook_start()
        try:
            cls.execute_managed_notebook(manager, kernel_name, log_output=log_output, **kwargs)
        except BaseException:
            manager.notebook_complete()
            manager.save_now()
            raise
        manager.notebook_complete()
        return manager.nb

    @classmethod
    def execute_managed_notebook(
        cls,
        nb_man: NotebookExecutionManager,
        kernel_name: str,
        log_output: bool = False,
        stdout_file: Any = None,
        stderr_file: Any = None,
        start_timeout: int = 60,
        execution_timeout: int | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run the cells, with the arguments of papermill's own engine and the fork's."""
        fork_options = {
            name: kwargs.pop(name) for name in _FORK_OPTIONS if kwargs.get(name) is not None
        }
        traits = remove_args(["input_path", "timeout", "startup_timeout", *_FORK_OPTIONS], **kwargs)
        return WarmNotebookClient(
            nb_man,
            **merge_kwargs(
                traits,
                timeout=execution_timeout or kwargs.get("timeout"),
                startup_timeout=start_timeout,
                kernel_name=kernel_name,
                log=logger,
                log_output=log_output,
                stdout_file=stdout_file,
                stderr_file=stderr_file,
                fork_options=fork_options,
            ),
        ).execute()
