"""Keep proposals in a client's tables: marked, never over what somebody wrote, and never twice.

``draft.json`` in the client's folder remembers what has been proposed, so that a row which
somebody has deleted does not come back.
"""

from __future__ import annotations

import difflib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from techalign.client.changing import Changing, open_table
from techalign.errors import ClientError
from techalign.intake.proposals import DRAFTS, MARKS, cell_text, marks
from techalign.intake.rows import ROW_MODELS
from techalign.storage import write_whole
from techalign.text import folded

__all__ = ["Drafted", "add_proposals", "confirm"]

_MEMORY = "draft.json"


@dataclass(frozen=True)
class Drafted:
    """What was proposed of one table.

    ``rows`` and ``cells`` are new; ``known`` proposals were made before or stand there already.
    """

    table: str
    rows: int
    cells: int
    known: int


def add_proposals(
    clients_dir: Path, client_id: str, proposals: Mapping[str, pd.DataFrame]
) -> list[Drafted]:
    """Add what is new of some proposals to a client's tables, every cell marked.

    Parameters
    ----------
    clients_dir : Path
    client_id : str
    proposals : mapping of str to DataFrame
        Rows by table, one of :data:`DRAFTS`; empty cells propose nothing.

    Returns
    -------
    list of Drafted
        One a table, in the order given.

    Raises
    ------
    TableError
        If one of the tables is no CSV file, or holds rows that cannot be read; then none is
        written.
    """
    memory = _remembered(clients_dir / client_id)
    opened = {name: open_table(clients_dir, client_id, name) for name in proposals}
    drafted = []
    for name, frame in proposals.items():
        table, key = opened[name], DRAFTS[name]
        there = {folded(row[key]) for row in table.rows} | set(memory.get(name, []))
        rows = [row for row in frame.to_dict("records") if folded(str(row[key])) not in there]
        new = [_marked({str(n): cell for n, cell in row.items()}, key) for row in rows]
        cells = sum(row[MARKS].count("=") for row in new)
        drafted.append(Drafted(name, len(new), cells, len(frame) - len(new)))
        if new:
            table.rows += new
            table.write()
            memory[name] = sorted({*memory.get(name, []), *(folded(row[key]) for row in new)})
    if any(one.rows for one in drafted):
        write_whole(
            clients_dir / client_id / _MEMORY,
            json.dumps(memory, indent=1, ensure_ascii=False) + "\n",
        )
    return drafted


def confirm(clients_dir: Path, client_id: str, named: Iterable[str]) -> dict[str, int]:
    """Take tables, or single rows of them, as confirmed.

    Parameters
    ----------
    clients_dir : Path
    client_id : str
    named : iterable of str
        ``contracts`` for all of a table, ``contracts/Zoom`` for the rows of one supplier.

    Returns
    -------
    dict of str to int
        Cells confirmed, by what was named.

    Raises
    ------
    ClientError
        If a table is none that is proposed, or has no such row.
    """
    found = {}
    opened: dict[str, Changing] = {}
    for one in named:
        name, _, row = one.partition("/")
        if name not in DRAFTS:
            raise ClientError(
                "is no table that is drafted", where="--confirm", value=one,
                remedy=f"It can be {', '.join(DRAFTS)}, or contracts/SUPPLIER.",
            )  # fmt: skip
        if name not in opened:
            opened[name] = open_table(clients_dir, client_id, name)
        table = opened[name]
        meant = [r for r in table.rows if not row or folded(r[DRAFTS[name]]) == folded(row)]
        if not meant:
            raise ClientError(
                f"has no row of '{row or name}'", where=f"{client_id}/{name}.csv",
                remedy=_named([r[DRAFTS[name]] for r in table.rows], row),
            )  # fmt: skip
        found[one] = sum(r.get(MARKS, "").count("=") for r in meant)
        for r in meant:
            r[MARKS] = ""
    for table in opened.values():
        table.write()
    return found


def _marked(row: dict[str, object], key: str) -> dict[str, str]:
    """A row's cells as text; all but the one it is known by are proposals."""
    cells = {name: cell_text(cell) for name, cell in row.items()}
    proposed = {name: cell for name, cell in row.items() if name != key and name != "evidence"}
    return {**cells, MARKS: marks(proposed)}


def _remembered(folder: Path) -> dict[str, list[str]]:
    try:
        said = json.loads((folder / _MEMORY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    if not isinstance(said, dict):
        return {}
    return {name: [str(key) for key in said[name]] for name in ROW_MODELS
            if isinstance(said.get(name), list)}  # fmt: skip


def _named(there: Sequence[str], wanted: str) -> str:
    """What can be confirmed in a table, nearest first."""
    if not there:
        return "The table is empty: nothing was proposed for it, so nothing is to be confirmed."
    near = difflib.get_close_matches(wanted, there, n=3, cutoff=0.4) or there[:3]
    return f"Name it as the table does: {', '.join(near)}."
