"""The command line. Each command lives in its own module and is imported when it is called."""

from __future__ import annotations

from techalign.cli.main import main

__all__ = ["main"]
