"""A papermill engine on warm kernels: ``papermill in.ipynb out.ipynb --engine techalign``.

papermill stays the executor: parameters, cell metadata, errors and the output notebook are its
own. The engine changes where the kernel comes from (a fork of a template process, see
:mod:`techalign.warm.provisioner`) and how often the output is written: papermill rewrites
the whole file twice per cell; here it is written at the end, and after `autosave_cell_every`
seconds of a long run.

papermill loads its engines while it is being imported itself, perhaps by another module of this
package. So this module imports nothing at its top that imports papermill, and the engine has
papermill's methods without being derived from its class.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from papermill.engines import NotebookExecutionManager

__all__ = ["WarmEngine"]

_FORK_OPTIONS = ("preload", "watch", "files", "memory_limit")


class WarmEngine:
    """Runs a notebook in a kernel forked from this process's template.

    Beside papermill's own, ``papermill.execute_notebook(..., engine_name="techalign")`` takes
    `preload`, `watch`, `files` (lists of str, see
    :class:`~techalign.warm.owner.TemplateSettings`) and `memory_limit` (bytes).
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
        from techalign.warm.client import SparingExecutionManager

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
        from papermill.log import logger
        from papermill.utils import merge_kwargs, remove_args

        from techalign.warm.client import WarmNotebookClient

        fork_options = {
            name: kwargs[name] for name in _FORK_OPTIONS if kwargs.get(name) is not None
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

    @classmethod
    def nb_kernel_name(cls, nb: Any, name: str | None = None) -> Any:
        """Return the name of the notebook's kernel, or `name`."""
        from papermill.utils import nb_kernel_name

        return nb_kernel_name(nb, name)

    @classmethod
    def nb_language(cls, nb: Any, language: str | None = None) -> Any:
        """Return the notebook's language, or `language`."""
        from papermill.utils import nb_language

        return nb_language(nb, language)
