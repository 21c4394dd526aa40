"""``techalign new-notebook``: a small notebook of one's own, which runs as it is."""

from __future__ import annotations

import json
import os
import re
from pathlib import Path

import click

from techalign.cli.options import clients_dir_option, example, notebooks_dir_option
from techalign.cli.telling import say
from techalign.errors import InputError

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,63}")
_STARTER = Path(__file__).with_name("starter.ipynb")


@click.command(
    "new-notebook",
    epilog=example(
        "techalign new-notebook card_fees",
        "techalign new-notebook card_fees --title 'What cards cost'",
        "techalign run --notebook card_fees --open",
    ),
)
@click.argument("name")
@click.option("--title", default="", help="The report's title; by default from the name.")
@notebooks_dir_option
@clients_dir_option
def command(name: str, title: str, notebooks_dir: Path, clients_dir: Path) -> None:
    """Write a notebook NAME that reads a ledger and shows a chart and a table, to be changed.

    It is run with the others from then on, for every client.
    """
    if not _NAME.fullmatch(name):
        raise InputError(
            "is not a notebook's name",
            where="name",
            value=name,
            remedy="Use letters, digits and _, beginning with a letter, and no '.ipynb'.",
        )
    path = notebooks_dir / f"{name}.ipynb"
    if path.exists():
        raise InputError(
            "is there already", where=str(path), remedy="Choose another name, or open that one."
        )
    filled = _filled(title or name.replace("_", " ").capitalize(), notebooks_dir, clients_dir)
    try:
        notebooks_dir.mkdir(parents=True, exist_ok=True)
        path.write_text(filled, encoding="utf-8")
    except OSError as error:
        raise InputError(
            f"cannot be written: {error.strerror or error}",
            where=str(path),
            remedy="Name another folder with --notebooks-dir.",
        ) from error
    say(f"{path}: reads a client's ledger; change it in JupyterLab. Next:")
    say(f"  techalign run --notebook {name} --watch --open")


def _filled(title: str, notebooks_dir: Path, clients_dir: Path) -> str:
    """The starter with its title, and with a client that opens when it is run by hand."""
    clients = str(clients_dir)
    if "://" not in clients:
        clients = Path(os.path.relpath(clients_dir, notebooks_dir)).as_posix()
    found = sorted(clients_dir.glob("*/client.toml"))
    words = {
        "TITLE": " ".join(title.split()),
        "CLIENT": found[0].parent.name if found else "machine-shop",
        "CLIENTS_DIR": clients,
    }
    notebook = json.loads(_STARTER.read_text(encoding="utf-8"))
    for cell in notebook["cells"][:2]:
        cell["source"] = [
            re.sub(r"\b(TITLE|CLIENTS_DIR|CLIENT)\b", lambda found: words[found[0]], line)
            for line in cell["source"]
        ]
    return json.dumps(notebook, ensure_ascii=False, indent=1) + "\n"
