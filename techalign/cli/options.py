"""Options several commands share, so that they look and default the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

__all__ = ["clients_dir_option", "example"]


def clients_dir_option(function: Any) -> Any:
    """Add ``--clients-dir``, the folder of client folders."""
    return click.option(
        "--clients-dir",
        type=click.Path(path_type=Path, file_okay=False),
        default=Path("datasets/clients"),
        show_default=True,
        help="Folder of client folders.",
    )(function)


def example(*lines: str) -> str:
    """Format examples for a command's help, one per line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
