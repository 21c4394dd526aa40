"""What an import writes: the table, what was set aside, and where each row came from.

Rows are added to a table by adding lines to its file where nobody has touched that file since: a
large ledger is not written again for a few new rows. A checksum beside it tells.
"""

from __future__ import annotations

import hashlib
import io
import json
from pathlib import Path
from typing import Any

import pandas as pd

from techalign.intake.proposals import MARKS, marks
from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import Table
from techalign.storage import spreadsheet_safe, write_whole

__all__ = ["earlier_imports", "marked", "with_earlier", "write_imported"]

_CHECKSUM = "table_sha256"


def marked(table: Table) -> pd.DataFrame:
    """Clean rows with the marks of their proposals, where there are any."""
    if not table.proposed:
        return table.clean
    listed = [
        marks({name: row[name] for name in table.proposed.get(line, ())})
        for line, row in zip(table.clean.index, table.clean.to_dict("records"), strict=True)
    ]
    return table.clean.assign(**{MARKS: listed})


def with_earlier(folder: Path, name: str, found: list[pd.DataFrame]) -> pd.DataFrame:
    """What earlier imports have set aside, with what this one adds."""
    earlier = folder / f"{name}.quarantine.csv"
    kept = []
    if earlier.exists():
        # pandas takes a place in a store for a file's name
        held = io.StringIO(earlier.read_text("utf-8"))
        kept = [pd.read_csv(held, dtype=str, keep_default_na=False)]
    frames = [frame.astype(str).map(spreadsheet_safe) for frame in (*kept, *found) if len(frame)]
    return pd.concat(frames).drop_duplicates() if frames else found[-1]


def earlier_imports(folder: Path, name: str) -> list[dict[str, Any]]:
    """The imports a table's origin file lists; none where it was typed in, or its origin lost."""
    facts = _origin(folder, name)
    listed = facts.get("imports", [facts] if facts else [])
    return [item for item in listed if isinstance(item, dict)]


def _origin(folder: Path, name: str) -> dict[str, Any]:
    try:
        facts = json.loads((folder / f"{name}.source.json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def write_imported(
    folder: Path,
    name: str,
    old: Table | None,
    new: pd.DataFrame,
    quarantine: pd.DataFrame,
    imports: list[dict[str, Any]],
) -> tuple[Path, ...]:
    """Write an import's files into a client's folder.

    Parameters
    ----------
    folder : Path
    name : str
        The table.
    old : Table or None
        What the rows are added to; None begins the table anew.
    new : DataFrame
        Rows to write, with the marks of their proposals, see :func:`marked`.
    quarantine : DataFrame
        What was set aside, of all imports.
    imports : list of dict
        Facts of each import, the latest last.

    Returns
    -------
    tuple of Path
        The files that are there now.
    """
    target = folder / f"{name}.csv"
    aside = folder / f"{name}.quarantine.csv"
    origin = folder / f"{name}.source.json"
    text = _with_lines_added(target, old, new, _origin(folder, name).get(_CHECKSUM))
    if text is None:
        every = new if old is None else pd.concat([marked(old), new])
        text = every[_columns(name, every)].to_csv(index=False, lineterminator="\n")
    write_whole(target, text)
    if quarantine.empty:
        aside.unlink(missing_ok=True)
    else:
        safe = quarantine.map(spreadsheet_safe)
        write_whole(aside, safe.to_csv(index=False, lineterminator="\n"))
    listed = {"imports": imports, _CHECKSUM: hashlib.sha256(text.encode()).hexdigest()}
    write_whole(origin, json.dumps(listed, indent=2, ensure_ascii=False) + "\n")
    return tuple(path for path in (target, aside, origin) if path.exists())


def _with_lines_added(
    target: Path, old: Table | None, new: pd.DataFrame, checksum: object
) -> str | None:
    """The file's text with the new rows as further lines; None where it must be written anew."""
    if old is None or old.sha256 != checksum or len(old.quarantine):
        return None
    there = target.read_text(encoding="utf-8")
    columns = there.partition("\n")[0].split(",")
    if not {*_columns(old.name, new)} <= {*columns} <= {*new.columns}:
        return None
    return there + new[columns].to_csv(index=False, header=False, lineterminator="\n")


def _columns(name: str, frame: pd.DataFrame) -> list[str]:
    """Columns that are required, or in which something stands."""
    fields = ROW_MODELS[name].model_fields
    needed = {column for column, field in fields.items() if field.is_required()}
    filled = [frame[column].fillna("") != "" for column in frame.columns]
    return [
        str(column)
        for column, full in zip(frame.columns, filled, strict=True)
        if column in needed or full.any()
    ]
