"""The command line. Each command lives in its own module and is imported when it is called."""

from __future__ import annotations

from techalign.cli.interrupts import end_at_once

__all__ = ["main"]


def main() -> None:
    """Run the command line."""
    end_at_once()
    from techalign.cli.main import main as run

    run()
