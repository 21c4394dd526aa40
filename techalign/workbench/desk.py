"""A client's desk: copies of the notebooks with the client chosen, and a first page to start from.

The notebooks themselves stay as they are shipped. A copy that somebody has changed is kept; one
that nobody has is made again, so that it follows the notebook it is from.
"""

from __future__ import annotations

import ast
import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from techalign.batch.notebook import notebook_title, read_notebook, tags_of
from techalign.errors import ParameterError
from techalign.storage import write_whole

__all__ = ["FIRST", "ROOT", "Desk", "chosen", "environment_of", "lay_out", "link_to"]

FIRST = "workbench.ipynb"
"""The page that opens first: the button that runs, and the tables to edit."""
_MARK = "techalign"
_FOLDED: Mapping[str, Any] = {"jupyter": {"source_hidden": True}}
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")
ROOT = "TECHALIGN_LAB_ROOT"
"""Environment variable with the folder that JupyterLab serves."""


@dataclass(frozen=True)
class Desk:
    """Where a client's notebooks lie.

    Attributes
    ----------
    folder : Path
    first : Path
        The page to start from.
    kept : tuple of str
        Notebooks that somebody has changed, which therefore stay as they are.
    """

    folder: Path
    first: Path
    kept: tuple[str, ...]


def lay_out(folder: Path, client: str, clients_dir: Path, notebooks_dir: Path, out: Path) -> Desk:
    """Lay the notebooks out for one client.

    Parameters
    ----------
    folder : Path
        Of this client's desk; made if it is not there.
    client : str
        Its id.
    clients_dir, notebooks_dir : Path
    out : Path
        Where a run puts reports.

    Returns
    -------
    Desk

    Raises
    ------
    ParameterError
        If a notebook cannot be read, or there is none.
    """
    sources = sorted(notebooks_dir.glob("*.ipynb"))
    if not sources:
        raise ParameterError("holds no notebook", where=str(notebooks_dir))
    folder.mkdir(parents=True, exist_ok=True)
    values = {"client": client, "clients_dir": str(clients_dir), "reports_dir": str(out)}
    kept = []
    for source in sources:
        notebook = read_notebook(source)
        for cell in notebook["cells"]:
            if "parameters" in tags_of(cell):
                cell["source"] = chosen("".join(cell["source"]), values)
            elif cell["cell_type"] == "code":  # folded, so that it reads like the page
                cell["metadata"] |= _FOLDED
        kept += _put(folder / source.name, notebook)
    titles = {source.name: notebook_title(source) for source in sources}
    kept += _put(folder / FIRST, _first_page(client, titles, clients_dir, notebooks_dir, out))
    return Desk(folder, folder / FIRST, tuple(kept))


def chosen(source: str, values: Mapping[str, str]) -> str:
    r"""A cell of parameters with other defaults; its comments stay.

    Parameters
    ----------
    source : str
        Assignments, one a line.
    values : mapping of str to str
        New values by name; what the cell does not name is left out.

    Returns
    -------
    str

    Examples
    --------
    >>> chosen('client: str = "a"  # whose\nyears: int = 3', {"client": "b"})
    "client: str = 'b'  # whose\nyears: int = 3"
    """
    lines = source.splitlines()
    for node in ast.walk(ast.parse(source)):
        name: ast.expr | None = node.target if isinstance(node, ast.AnnAssign) else None
        if isinstance(node, ast.Assign) and len(node.targets) == 1:
            name = node.targets[0]
        value = getattr(node, "value", None)
        if not isinstance(name, ast.Name) or name.id not in values or value is None:
            continue
        row = value.lineno - 1
        if value.end_lineno == value.lineno:
            line = lines[row].encode()  # columns are counted in bytes
            new = repr(values[name.id]).encode()
            lines[row] = (line[: value.col_offset] + new + line[value.end_col_offset :]).decode()
    return "\n".join(lines)


def _put(path: Path, notebook: Mapping[str, Any]) -> list[str]:
    """Write a notebook, unless somebody has changed the one that lies there."""
    if path.exists():
        there = read_notebook(path)
        mark = there["metadata"].get(_MARK)
        if not isinstance(mark, dict) or mark.get("of") != _hash(there):
            return [path.name]
    made = dict(notebook)
    made["metadata"] = {**notebook["metadata"], _MARK: {"of": _hash(notebook)}}
    write_whole(path, json.dumps(made, ensure_ascii=False, indent=1) + "\n")
    return []


def _hash(notebook: Mapping[str, Any]) -> str:
    cells = [(cell["cell_type"], "".join(cell["source"])) for cell in notebook["cells"]]
    return hashlib.sha256(json.dumps(cells).encode()).hexdigest()


def _first_page(
    client: str, titles: Mapping[str, str], clients_dir: Path, notebooks_dir: Path, out: Path
) -> dict[str, Any]:
    links = "\n".join(f"- [{title}]({name})" for name, title in titles.items())
    places = {"clients_dir": clients_dir, "notebooks_dir": notebooks_dir, "out": out}
    said = "".join(f"    {name}={str(place)!r},\n" for name, place in places.items())
    cells = [
        _cell("markdown", f"# Workbench: {client}\n\nNotebooks of this client:\n\n{links}\n\n"
              "Run all cells from the menu Run. Code is folded: click the dots beside a cell to "
              "see it, or choose View, Expand All Code."),
        _cell("markdown", "## Make its reports"),
        _cell("code", "from techalign.workbench.run_panel import run_panel\n\n"
              f"run_panel(\n    {client!r},\n{said})"),
        _cell("markdown", "## Its tables\n\nChange a cell and leave it: what is wrong with it is "
              "said beside it. Nothing is saved before all of the table can be read; the version "
              "before is kept."),
        _cell("code", "from techalign.workbench.table_panel import tables_panel\n\n"
              f"tables_panel({client!r}, clients_dir={str(clients_dir)!r})"),
    ]  # fmt: skip
    kernel = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
    named = [{**cell, "id": str(number)} for number, cell in enumerate(cells)]
    return {
        "cells": named, "metadata": {"kernelspec": kernel}, "nbformat": 4, "nbformat_minor": 5,
    }  # fmt: skip


def _cell(kind: str, source: str) -> dict[str, Any]:
    cell: dict[str, Any] = {"cell_type": kind, "metadata": {}, "source": source.splitlines(True)}
    if kind != "code":
        return cell
    return cell | {"execution_count": None, "outputs": [], "metadata": dict(_FOLDED)}


def environment_of(environment: Mapping[str, str]) -> dict[str, str]:
    """What JupyterLab and its notebooks find set: where settings lie, and one thread a notebook.

    By these settings JupyterLab asks nobody for news; whoever uses it may change them. Arrays here
    are small: threads of the linear algebra would take longer to start than to be done without.

    Parameters
    ----------
    environment : mapping of str to str
        Whose own folders are looked in, too.

    Returns
    -------
    dict of str to str
        Those that the environment has set stay.

    Examples
    --------
    >>> found = environment_of({"JUPYTER_CONFIG_PATH": "/etc/ours", "OMP_NUM_THREADS": "4"})
    >>> found["JUPYTER_CONFIG_PATH"].startswith("/etc/ours"), found["OMP_NUM_THREADS"]
    (True, '4')
    """
    name, own = "JUPYTER_CONFIG_PATH", str(Path(__file__).with_name("jupyter"))
    place = os.pathsep.join(filter(None, [environment.get(name), own]))
    return {**dict.fromkeys(_THREADS, "1"), **environment, name: place}


def link_to(place: Path) -> str | None:
    """Address of a file that the JupyterLab of ``techalign lab`` serves.

    Parameters
    ----------
    place : Path

    Returns
    -------
    str or None
        None if it does not serve it.
    """
    root = os.environ.get(ROOT)
    if not root or not place.resolve().is_relative_to(root):
        return None
    return f"/files/{place.resolve().relative_to(root).as_posix()}"
