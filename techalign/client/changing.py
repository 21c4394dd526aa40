"""Change a table that is there, row by row, and lose nothing of it.

The table is written again in the standard form; columns that are none of the table's are carried
along as they are, and so are the marks of what was proposed and nobody has confirmed.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

from techalign.client.folder import find_table, load_client
from techalign.errors import TableError
from techalign.intake.proposals import MARKS, cell_text
from techalign.intake.rows import ROW_MODELS
from techalign.intake.source import read_source
from techalign.storage import file_names, read_inside, spreadsheet_safe, write_whole

__all__ = ["Changing", "open_table"]


@dataclass
class Changing:
    """A table's rows as text, to be changed and written.

    Attributes
    ----------
    path : Path
        The CSV file; it need not be there yet.
    name : str
        The table.
    rows : list of dict
        Cell text by column; with the marks of proposals and the file's further columns.
    extra : list of str
        Those further columns.
    """

    path: Path
    name: str
    rows: list[dict[str, str]] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)

    def write(self) -> Path:
        """Write the table: its required columns, and those in which something stands."""
        fields = ROW_MODELS[self.name].model_fields
        used = {name for row in self.rows for name, cell in row.items() if cell}
        columns = [name for name, f in fields.items() if f.is_required() or name in used]
        columns += [*self.extra, *([MARKS] if MARKS in used else [])]
        text = io.StringIO(newline="")
        writer = csv.DictWriter(text, columns, lineterminator="\n", extrasaction="ignore")
        writer.writeheader()
        for row in self.rows:
            safe = {name: spreadsheet_safe(row.get(name, "")) for name in columns}
            writer.writerow(safe)
        write_whole(self.path, text.getvalue())
        return self.path


def open_table(clients_dir: Path, client_id: str, name: str) -> Changing:
    """Read a client's table so that rows can be changed or added.

    Parameters
    ----------
    clients_dir : Path
    client_id : str
    name : str
        A table of :data:`techalign.intake.rows.ROW_MODELS`; it need not be there.

    Returns
    -------
    Changing

    Raises
    ------
    TableError
        If the table is there in another form than CSV, or holds rows that cannot be read and
        that would be lost.
    """
    client = load_client(clients_dir, client_id, tables=[name])
    folder = clients_dir / client_id
    there = find_table(folder, name, file_names(folder))
    changing = Changing(folder / f"{name}.csv", name)
    if there is None:
        return changing
    if there.name != changing.path.name:
        raise TableError(
            "is not a CSV file, so no row can be put into it", where=f"{client_id}/{there.name}",
            remedy=f"Save it as {name}.csv.",
        )  # fmt: skip
    table = client.tables[name]
    if table.quarantined_rows:
        raise TableError(
            f"holds {table.quarantined_rows} rows that cannot be read; writing it would lose them",
            where=f"{client_id}/{there.name}",
            remedy=f"See 'techalign check {client_id}' and mend them first.",
        )
    fields = tuple(ROW_MODELS[name].model_fields)
    source = read_source(there.name, read_inside(there, folder), sheet=name, expected=fields)
    known = {*fields, MARKS}
    changing.extra = [h for h in source.header if h.casefold().replace(" ", "_") not in known]
    raw = dict(zip(source.lines, range(len(source.lines)), strict=True))
    for line, cells in zip(table.clean.index, table.clean.to_dict("records"), strict=True):
        row = {str(column): cell_text(cell) for column, cell in cells.items()}
        row |= {h: str(source.columns[h][raw[line]] or "") for h in changing.extra}
        left = table.proposed.get(int(line), ())
        row[MARKS] = "; ".join(f"{n}={row[n].replace(';', ',')}" for n in left)
        changing.rows.append(row)
    return changing
