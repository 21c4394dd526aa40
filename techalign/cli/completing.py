"""What the shell may complete: clients, notebooks, formats, found where the command would look.

A mistake is no completion: while a line is being typed nothing must be printed.
"""

from __future__ import annotations

from pathlib import Path

import click
from click.core import ParameterSource

from techalign.cli.options import found_settings, own_or_samples
from techalign.errors import InputError

__all__ = ["complete_clients", "complete_notebooks", "complete_shapes"]


def complete_clients(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of client folders, without those on the line already."""
    named = ctx.params.get(str(param.name)) or ()
    folder = _folder(ctx, "clients_dir", own_or_samples())
    names = (path.name for path in _entries(folder) if (path / "client.toml").is_file())
    return [n for n in sorted(names) if n.startswith(incomplete) and n not in named]


def complete_notebooks(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of notebooks, as ``--notebook`` takes them, without those on the line already."""
    named = ctx.params.get(str(param.name)) or ()
    names = (p.stem for p in _entries(_folder(ctx, "notebooks_dir", "notebooks")) if _is_one(p))
    return [n for n in sorted(names) if n.startswith(incomplete) and n not in named]


def complete_shapes(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    """Names of the exports that ``techalign import --format`` knows."""
    del ctx, param  # the same wherever one stands
    shapes = Path(__file__).parents[1] / "intake" / "mappings"
    return sorted(p.stem for p in shapes.glob("*.toml") if p.stem.startswith(incomplete))


def _folder(ctx: click.Context, name: str, default: str) -> Path | None:
    """The folder that an option on the line, or the settings, or the option's default name."""
    if ctx.get_parameter_source(name) is ParameterSource.COMMANDLINE:
        return Path(str(ctx.params[name]))
    try:
        found = found_settings()
    except InputError:  # the command itself will say it
        return None
    named = found[0].folders(found[1].parent).get(name) if found else None
    return Path(named or default)


def _entries(folder: Path | None) -> list[Path]:
    if folder is None or "://" in str(folder):  # a shop far away answers in seconds
        return []
    try:
        return [path for path in folder.iterdir() if not path.name.startswith((".", "_"))]
    except OSError:
        return []


def _is_one(path: Path) -> bool:
    return path.suffix == ".ipynb" and path.is_file()
