"""``techalign init``: write a workbook to work in."""

from __future__ import annotations

import shutil
from pathlib import Path

import click

from techalign.cli.options import OWN_CLIENTS, Local, example
from techalign.cli.telling import say
from techalign.errors import InputError

_SETTINGS = """\
# Read by every command that is started here or in a folder below. What is given on the command
# line comes before it.
# clients_dir = "clients"  # without it: clients, or the samples while that is not there
notebooks_dir = "notebooks"
out = "reports"

# [run]
# jobs = 4
# timeout = 300            # seconds per report

# [parameters]             # for every notebook that has one of that name
# as_of = 2026-06-30
"""


@click.command("init", epilog=example("techalign init workbook", "cd workbook && techalign run"))
@click.argument("directory", type=Local(file_okay=False))
def command(directory: Path) -> None:
    """Write the notebooks, the sample clients and a techalign.toml into DIRECTORY."""
    from techalign.client.shipped import shipped

    if directory.exists() and any(directory.iterdir()):
        raise InputError(
            "is not empty", where=str(directory), remedy="Name a new or an empty folder."
        )
    hidden = shutil.ignore_patterns(".*", "planted.csv")
    shutil.copytree(shipped("notebooks"), directory / "notebooks", ignore=hidden)
    shutil.copytree(
        shipped("datasets") / "clients", directory / "datasets" / "clients", ignore=hidden
    )
    (directory / "reports").mkdir(exist_ok=True)
    (directory / "techalign.toml").write_text(_SETTINGS, encoding="utf-8")
    (directory / ".gitignore").write_text(f"/{OWN_CLIENTS}/\n/reports/\n", encoding="utf-8")
    say(f"{directory}: notebooks and sample clients. Next:")
    say(f"  cd {directory} && techalign run")
