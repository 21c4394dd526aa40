"""Options several commands share, so that they look and default the same everywhere."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["Place", "clients_dir_option", "example"]


class Place(click.ParamType):  # type: ignore[type-arg]
    """A folder, or the URL of one in object storage."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Leave paths alone; open URLs."""
        del param, ctx  # nothing of theirs is needed
        from techalign.storage import as_place

        return as_place(value)


def clients_dir_option(function: Any) -> Any:
    """Add ``--clients-dir``, the folder of client folders."""
    return click.option(
        "--clients-dir",
        type=Place(),
        default="datasets/clients",
        show_default=True,
        help="Folder of client folders, or its URL (s3://…).",
    )(function)


def example(*lines: str) -> str:
    """Format examples for a command's help, one per line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
