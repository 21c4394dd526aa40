"""Warm kernels: a fresh, isolated Python process per notebook, without the start of one.

A template process imports what notebooks import and is forked for each of them. Usable with any
notebook: as a papermill engine (:class:`~techalign.warm.engine.WarmEngine`), as a Jupyter
kernel provisioner (:class:`~techalign.warm.provisioner.ForkProvisioner`), and, for many
notebooks at once in one process, as the coroutine
:func:`~techalign.warm.run.run_notebook`.
"""

from __future__ import annotations

import importlib
from typing import Any

__all__ = [
    "DEFAULT_PRELOAD",
    "ColdKernelWarning",
    "ForkProvisioner",
    "MemoryLimitError",
    "NotebookRun",
    "NotebookTimeoutError",
    "OutputLimitError",
    "RunLimits",
    "TemplateError",
    "TemplateSettings",
    "WarmEngine",
    "run_notebook",
]

_HOMES = {
    "DEFAULT_PRELOAD": "owner",
    "ColdKernelWarning": "provisioner",
    "ForkProvisioner": "provisioner",
    "NotebookRun": "run",
    "MemoryLimitError": "run",
    "NotebookTimeoutError": "run",
    "OutputLimitError": "run",
    "RunLimits": "run",
    "TemplateError": "lease",
    "TemplateSettings": "owner",
    "WarmEngine": "engine",
    "run_notebook": "run",
}


def __getattr__(name: str) -> Any:
    # Lazily: the template imports this package too, and must not thereby preload papermill.
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(importlib.import_module(f"{__name__}.{_HOMES[name]}"), name)
