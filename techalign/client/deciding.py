"""Keep in a client's folder what became of a decision."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from techalign.client.changing import open_table
from techalign.intake.proposals import cell_text

__all__ = ["keep_decision"]


def keep_decision(clients_dir: Path, client_id: str, given: Mapping[str, object]) -> Path:
    """Write one decision's row into ``decisions.csv``, anew or in place of what stood there.

    Parameters
    ----------
    clients_dir : Path
    client_id : str
    given : mapping
        Columns of the decisions table; ``id`` and ``status`` must be among them. What is left
        out or None keeps what the table says.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TableError
        If the table is there in another form than CSV, or holds rows that cannot be read.
    """
    table = open_table(clients_dir, client_id, "decisions")
    row = next((each for each in table.rows if each["id"] == str(given["id"])), None)
    if row is None:
        row = {}
        table.rows.append(row)
    row |= {name: cell_text(value) for name, value in given.items() if value is not None}
    return table.write()
