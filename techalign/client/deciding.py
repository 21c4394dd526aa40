"""Keep in a client's folder what became of a decision."""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping
from pathlib import Path

from techalign.client.folder import find_table, load_client
from techalign.errors import TableError
from techalign.intake.rows import ROW_MODELS
from techalign.storage import file_names, spreadsheet_safe, write_whole

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
    client = load_client(clients_dir, client_id, tables=["decisions"])
    folder = clients_dir / client_id
    there = find_table(folder, "decisions", file_names(folder))
    target = folder / "decisions.csv"
    if there is not None and there.name != target.name:
        raise TableError(
            "is not a CSV file, so no row can be put into it", where=f"{client_id}/{there.name}",
            remedy="Save it as decisions.csv, or enter the row there.",
        )  # fmt: skip
    table = client.tables.get("decisions")
    if table is not None and table.quarantined_rows:
        raise TableError(
            f"holds {table.quarantined_rows} rows that cannot be read; writing it would lose them",
            where=f"{client_id}/decisions.csv",
            remedy=f"See 'techalign check {client_id}' and mend them first.",
        )
    columns = list(ROW_MODELS["decisions"].model_fields)
    rows = {
        str(row["id"]): {name: _cell(row[name]) for name in columns}
        for row in client.table("decisions").to_dict("records")
    }
    row = rows.setdefault(str(given["id"]), dict.fromkeys(columns, ""))
    row |= {name: _cell(value) for name, value in given.items() if value is not None}
    text = io.StringIO(newline="")
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    for each in rows.values():
        writer.writerow({name: spreadsheet_safe(cell) for name, cell in each.items()})
    write_whole(target, text.getvalue())
    return target


def _cell(value: object) -> str:
    if value is None or value != value:
        return ""
    return f"{value:%Y-%m-%d}" if isinstance(value, dt.date) else str(value)
