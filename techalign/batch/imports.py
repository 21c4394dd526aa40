"""Import what running a notebook takes, without what it does not."""

from __future__ import annotations

import importlib
import sys

__all__ = ["import_notebook_tools"]

_GRAMMAR = "rfc3987_syntax"


def import_notebook_tools() -> None:
    """Import papermill's and nbformat's common base, jsonschema, in a tenth of the time.

    jsonschema looks for an optional package that checks internationalised web addresses, and
    JupyterLab brings it along. On import that package compiles a grammar for a second, in every
    process, though no notebook's schema asks for it. It stays importable for whoever needs it.
    """
    if _GRAMMAR in sys.modules or "jsonschema" in sys.modules:
        return
    sys.modules[_GRAMMAR] = None  # type: ignore[assignment]
    try:
        importlib.import_module("jsonschema")
    finally:
        del sys.modules[_GRAMMAR]
