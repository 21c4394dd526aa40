"""Options several commands share, so that they look and default the same everywhere."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from techalign.client.settings import Settings

__all__ = [
    "OWN_CLIENTS",
    "Local",
    "Place",
    "clients_dir_option",
    "example",
    "found_settings",
    "notebooks_dir_option",
    "out_option",
    "own_or_samples",
]


class Place(click.ParamType):  # type: ignore[type-arg]
    """A folder, or the URL of one in object storage."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Leave paths alone; open URLs."""
        del param, ctx  # nothing of theirs is needed
        from techalign.storage import as_place

        return as_place(value)


class Local(click.Path):
    """A path on this machine; what click would make of a URL is a folder named ``s3:``."""

    def __init__(self, *, dir_okay: bool = True, file_okay: bool = True) -> None:
        super().__init__(path_type=Path, dir_okay=dir_okay, file_okay=file_okay)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """Refuse URLs."""
        if isinstance(value, str) and "://" in value:
            self.fail(f"{value!r} is a URL, and a path on this machine is needed.", param, ctx)
        return super().convert(value, param, ctx)


OWN_CLIENTS = "clients"
"""Where a practice's own clients lie: apart from the samples, and never in a repository."""


def own_or_samples() -> str:
    """The folder of client folders where none is named: the practice's own, else the samples."""
    return OWN_CLIENTS if Path(OWN_CLIENTS).is_dir() else "datasets/clients"


def clients_dir_option(function: Any) -> Any:
    """Add ``--clients-dir``, the folder of client folders."""
    return click.option(
        "--clients-dir",
        type=Place(),
        default=own_or_samples,
        show_default=f"{OWN_CLIENTS}, or the samples where that is not there",
        help="Folder of client folders, or its URL (s3://…).",
    )(function)


def out_option(function: Any) -> Any:
    """Add ``--out``, the folder of reports, to a command that reads them."""
    return click.option(
        "--out", type=Place(), default="reports", show_default=True, help="Where the reports are."
    )(function)


def notebooks_dir_option(function: Any) -> Any:
    """Add ``--notebooks-dir``, the folder of notebooks."""
    return click.option(
        "--notebooks-dir",
        type=Local(file_okay=False),
        default=Path("notebooks"),
        show_default=True,
        help="Folder of notebooks.",
    )(function)


def found_settings() -> tuple[Settings, Path] | None:
    """The ``techalign.toml`` that holds here, read, with its path; None if there is none."""
    # a file's name, here without its module: that needs pydantic, which --help should not
    here = Path.cwd()
    if not any((folder / "techalign.toml").is_file() for folder in (here, *here.parents)):
        return None
    from techalign.client.settings import find_settings, read_settings

    path = find_settings(here)
    return (read_settings(path), path) if path else None


def example(*lines: str) -> str:
    """Format examples for a command's help, one per line."""
    return "\b\nExamples:\n" + "\n".join(f"  {line}" for line in lines)
