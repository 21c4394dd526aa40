"""Import a foreign export into a client's folder, with its quarantine and its origin beside it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from techalign.client.folder import find_table, load_client, read_profile
from techalign.errors import ClientError, TableError
from techalign.intake.mapping import (
    SHIPPED_MAPPINGS,
    Mapping,
    apply_mapping,
    choose_mapping,
    shipped_mapping,
)
from techalign.intake.read import garbage_collection_paused
from techalign.intake.rows import ROW_MODELS
from techalign.intake.source import read_source
from techalign.intake.table import Table, check_table
from techalign.storage import file_names, spreadsheet_safe, write_whole

__all__ = ["Imported", "import_table", "read_foreign"]


@dataclass(frozen=True)
class Imported:
    """What an import did: the checked table, the mapping used and the files written."""

    table: Table
    mapping: str
    written: tuple[Path, ...]


def read_foreign(
    path: Path, mapping: Mapping | None, *, shipped: str = "", currency: str | None = None
) -> tuple[Table, str]:
    """Read a foreign export through a mapping.

    Parameters
    ----------
    path : Path
        The export.
    mapping : Mapping or None
        The user's mapping; None uses a shipped one.
    shipped : str
        Name of a shipped mapping; empty chooses by the file's headers.
    currency : str, optional
        The client's currency, meant where file and mapping name none.

    Returns
    -------
    table : Table
    name : str
        The shipped mapping used, or "own".

    Raises
    ------
    TableError, MappingError
        If the file cannot be read or the mapping does not fit.
    """
    try:
        data = path.read_bytes()
    except OSError as error:
        raise TableError(
            f"cannot be opened: {error.strerror}", where=str(path), remedy="Check the path."
        ) from error
    known = mapping or (shipped_mapping(shipped) if shipped else None)
    expected = known.headers if known else _all_headers()
    with garbage_collection_paused():
        source = read_source(path.name, data, expected=expected)
        name = "own" if mapping else shipped or choose_mapping(source.header)
        chosen = known or shipped_mapping(name)
        table = check_table(
            ROW_MODELS[chosen.table],
            apply_mapping(chosen, source),
            currency=chosen.currency or currency,
            date_order=chosen.date_order,
            decimal=chosen.decimal,
        )
    return table, name


def import_table(
    path: Path,
    clients_dir: Path,
    client_id: str,
    *,
    mapping: Mapping | None = None,
    shipped: str = "",
    existing: str = "refuse",
) -> Imported:
    """Import an export as one of a client's tables.

    The clean rows become ``TABLE.csv``; rows that could not be read go to
    ``TABLE.quarantine.csv``; ``TABLE.source.json`` says where they came from.

    Parameters
    ----------
    path : Path
        The export.
    clients_dir : Path
    client_id : str
    mapping, shipped
        As for :func:`read_foreign`.
    existing : "refuse", "replace" or "append"
        What to do if the client has the table already.

    Returns
    -------
    Imported

    Raises
    ------
    InputError
        If the client, the file or the mapping is wrong, or the table exists.
    """
    client = load_client(clients_dir, client_id, tables=())
    folder = clients_dir / client.id
    profile = read_profile(folder)
    table, name = read_foreign(path, mapping, shipped=shipped, currency=profile.currency)
    before = find_table(folder, table.name, file_names(folder))
    if before is not None and existing == "refuse":
        raise ClientError(
            f"has a {table.name} already",
            where=f"{folder.name}/{before.name}",
            remedy="Add --replace or --append.",
        )
    clean, quarantine = table.clean, table.quarantine
    if before is not None and existing == "append":
        old = load_client(clients_dir, client_id, tables=(table.name,)).tables[table.name]
        clean = pd.concat([old.clean, clean])
        earlier = folder / f"{table.name}.quarantine.csv"
        kept = [pd.read_csv(earlier, dtype=str)] if earlier.exists() else []
        quarantine = pd.concat([*kept, old.quarantine, quarantine])
    written = _write(folder, table, name, clean, quarantine)
    if before is not None and before != written[0]:
        before.unlink()
    return Imported(table, name, written)


def _write(
    folder: Path, table: Table, mapping: str, clean: pd.DataFrame, quarantine: pd.DataFrame
) -> tuple[Path, ...]:
    target = folder / f"{table.name}.csv"
    aside = folder / f"{table.name}.quarantine.csv"
    origin = folder / f"{table.name}.source.json"
    used = [
        name for name in clean.columns if clean[name].notna().any() and (clean[name] != "").any()
    ]
    required = [n for n, f in ROW_MODELS[table.name].model_fields.items() if f.is_required()]
    columns = [name for name in clean.columns if name in used or name in required]
    write_whole(target, clean[columns].to_csv(index=False, lineterminator="\n"))
    if quarantine.empty:
        aside.unlink(missing_ok=True)
    else:
        safe = quarantine.map(spreadsheet_safe)
        write_whole(aside, safe.to_csv(index=False, lineterminator="\n"))
    facts = {
        "file": table.file,
        "sha256": table.sha256,
        "mapping": mapping,
        "rows": table.rows_in,
        "clean": len(table.clean),
        "quarantined": table.quarantined_rows,
        "totals": {
            t.currency: [str(t.input), str(t.clean), str(t.quarantined)] for t in table.totals
        },
        "notes": list(table.notes),
    }
    write_whole(origin, json.dumps(facts, indent=2, ensure_ascii=False) + "\n")
    return tuple(path for path in (target, aside, origin) if path.exists())


def _all_headers() -> list[str]:
    return [header for name in SHIPPED_MAPPINGS for header in shipped_mapping(name).headers]
