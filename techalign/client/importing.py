"""Import a foreign export into a client's folder, with its quarantine and its origin beside it."""

from __future__ import annotations

import json
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from techalign.client.devices import with_end_of_support
from techalign.client.folder import find_table, load_client, read_profile
from techalign.client.reference import load_reference
from techalign.client.references import REGISTERS
from techalign.client.repeats import NEAR_DAYS, counted_twice, known_rows, same_but_for_text
from techalign.client.seats import keep_seats
from techalign.client.written import earlier_imports, marked, with_earlier, write_imported
from techalign.errors import ClientError, MappingError, TableError
from techalign.intake.mapped import apply_mapping
from techalign.intake.mapping import Mapping, shipped_mapping
from techalign.intake.read import garbage_collection_paused
from techalign.intake.recognition import known_headers, recognise
from techalign.intake.rows import ROW_MODELS
from techalign.intake.seats import CountedSeats, count_seats
from techalign.intake.source import Source, read_records, shape
from techalign.intake.table import Table, check_table
from techalign.storage import LARGEST, file_names, unreachable

__all__ = ["Imported", "Reading", "import_seats", "import_table", "read_foreign"]


@dataclass(frozen=True)
class Reading:
    """How a person wants a file to be read.

    Attributes
    ----------
    sheet : str
        The workbook's sheet; empty lets the headers choose.
    mostly_credits : bool
        Whether a ledger with more money in than out is meant.
    write : bool
        False only tells how the file would be taken.
    """

    sheet: str = ""
    mostly_credits: bool = False
    write: bool = True


@dataclass(frozen=True)
class Imported:
    """What an import did.

    Attributes
    ----------
    table : Table
        The file's own rows, checked.
    mapping : str
        The shipped mapping used, or "own".
    written : tuple of Path
        Files written; none where only told.
    already : int
        Clean rows that the client's table had already and that were not added again.
    warnings : tuple of str
        What a person should look at.
    """

    table: Table
    mapping: str
    written: tuple[Path, ...]
    already: int = 0
    warnings: tuple[str, ...] = ()


def read_foreign(
    path: Path,
    mapping: Mapping | None,
    *,
    shipped: str = "",
    currency: str | None = None,
    how: Reading | None = None,
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
    how : Reading, optional

    Returns
    -------
    table : Table
    name : str
        The shipped mapping used, or "own".

    Raises
    ------
    TableError, MappingError
        If the file cannot be read, not one of its rows is clean, or the mapping does not fit.
    """
    how = how or Reading()
    with garbage_collection_paused():
        # a large ledger's records and raw columns are let go as soon as they have been used
        source, chosen, name = _source(path, mapping, shipped, how)
        if chosen.seats is not None:
            raise MappingError(
                "counts seats, which are no rows of their own", where=path.name,
                remedy="Import it into a client that has the agreement.",
            )  # fmt: skip
        money = chosen.currency or currency
        source = apply_mapping(
            chosen, source, money, mostly_credits=how.mostly_credits, stand_ins=_stand_ins(chosen)
        )
        if chosen.table == "assets":
            source = with_end_of_support(source, load_reference().os_support)
        table = check_table(
            ROW_MODELS[chosen.table],
            source,
            currency=money,
            date_order=chosen.date_order,
            decimal=chosen.decimal,
            date_form=chosen.date_form,
        )
    _refuse_nothing_clean(table)
    return table, name


def _source(
    path: Path, mapping: Mapping | None, shipped: str, how: Reading
) -> tuple[Source, Mapping, str]:
    """A file's cells under its own headers, the mapping it fits, and that mapping's name."""
    known = mapping or (shipped_mapping(shipped) if shipped else None)
    expected = tuple(known.headers) if known else known_headers()
    sheet = f"!{how.sheet}" if how.sheet else known.table if known else "ledger"
    found = read_records(path.name, _bytes(path), sheet=sheet, expected=expected)
    source = shape(found, expected, mapped=True)
    name = "own" if mapping else shipped or recognise(source)
    return source, known or shipped_mapping(name), name


def _stand_ins(mapping: Mapping) -> dict[str, float]:
    """What stands in for a mapping's columns that a file may lack."""
    facts = load_reference() if mapping.stand_in else None
    try:
        return {c: facts.assumption(k).point for c, k in mapping.stand_in.items()} if facts else {}
    except KeyError as error:
        raise MappingError(
            str(error.args[0]), where="stand_in", remedy="Name a key of assumptions.csv."
        ) from error


def _bytes(path: Path) -> bytes:
    try:
        facts = path.stat()
        if not stat.S_ISREG(facts.st_mode):
            raise TableError("is not a plain file", where=str(path), remedy="Check the path.")
        if facts.st_size > LARGEST:
            raise TableError(
                f"is larger than {LARGEST:,} bytes", where=str(path), remedy="Split it."
            )
        return path.read_bytes()
    except OSError as error:
        raise TableError(
            f"cannot be opened: {unreachable(error)}", where=str(path), remedy="Check the path."
        ) from error


def _refuse_nothing_clean(table: Table) -> None:
    """An import of nothing is no success: what the client has stays."""
    if len(table.clean):
        return
    if table.quarantine.empty:
        first = table.left_out[0]
        raise TableError(
            f"holds no payments: all {table.rows_in} rows are left out; the first {first.reason}",
            where=f"{table.file}:{first.line}", remedy="Look at the filters of the mapping.",
        )  # fmt: skip
    first_wrong = table.quarantine.iloc[0]
    saved = "Open it in a spreadsheet program and save it, so that values are saved too."
    raise TableError(
        f"not one of its {table.rows_in} rows could be read; the first: {first_wrong['reason']}",
        where=f"{table.file}:{first_wrong['line']}, column '{first_wrong['column']}'",
        value=first_wrong["value"] or None,
        remedy=saved if "formula" in first_wrong["reason"]
        else "Name the right columns and forms in a mapping file; nothing was written.",
    )  # fmt: skip


def import_table(
    path: Path,
    clients_dir: Path,
    client_id: str,
    *,
    mapping: Mapping | None = None,
    shipped: str = "",
    existing: str = "refuse",
    how: Reading | None = None,
) -> Imported:
    """Import an export as one of a client's tables.

    The clean rows become ``TABLE.csv``; rows that could not be read or are no payments go to
    ``TABLE.quarantine.csv``; ``TABLE.source.json`` lists every import the table holds.

    Parameters
    ----------
    path : Path
        The export.
    clients_dir : Path
    client_id : str
    mapping, shipped, how
        As for :func:`read_foreign`.
    existing : "refuse", "replace" or "append"
        What to do if the client has the table already; appending adds only what is new.

    Returns
    -------
    Imported

    Raises
    ------
    InputError
        If the client, the file or the mapping is wrong, not one row is clean, or the table
        exists.
    """
    how = how or Reading()
    client = load_client(clients_dir, client_id, tables=())
    folder = clients_dir / client.id
    profile = read_profile(folder)
    table, name = read_foreign(path, mapping, shipped=shipped, currency=profile.currency, how=how)
    kind = (mapping or shipped_mapping(name)).kind
    if not how.write:
        return Imported(table, name, ())
    before = find_table(folder, table.name, file_names(folder))
    if before is not None and existing == "refuse":
        raise ClientError(
            f"has a {table.name} already",
            where=f"{folder.name}/{before.name}",
            remedy="Add --replace or --append.",
        )
    aside, imports, old = _set_aside(table), [], None
    already, warnings, new = 0, [], marked(table)
    if before is not None and existing == "append":
        old = load_client(clients_dir, client_id, tables=(table.name,)).tables[table.name]
        imports = earlier_imports(folder, table.name)
        known = known_rows(old.clean, table.clean, profile.currency)
        already = int(known.sum())
        warnings = _double_counting(old.clean, table.clean[~known], (table, kind), imports)
        new = new[~known]
        aside = with_earlier(folder, table.name, [old.quarantine, aside])
    facts = {"mapping": name, "kind": kind, **_facts(table, already)}
    written = write_imported(folder, table.name, old, new, aside, [*imports, facts])
    if before is not None and before != written[0]:
        before.unlink()
    warnings += _strangers(clients_dir, client_id, table.name)
    return Imported(table, name, written, already, tuple(warnings))


def import_seats(
    path: Path,
    clients_dir: Path,
    client_id: str,
    *,
    mapping: Mapping | None = None,
    shipped: str = "",
    existing: str = "refuse",
    how: Reading | None = None,
) -> tuple[CountedSeats, str, tuple[Path, ...]] | None:
    """Count a console's seats into the agreement they belong to.

    Parameters
    ----------
    path, clients_dir, client_id, mapping, shipped, existing, how
        As for :func:`import_table`.

    Returns
    -------
    tuple or None
        What was counted, the mapping's name and the file written; None if the file is of another
        kind.

    Raises
    ------
    InputError
        If the file or the mapping is wrong, or the client has no such agreement, several of them,
        or other numbers of seats in it and ``existing`` is not "replace".
    """
    how = how or Reading()
    source, chosen, name = _source(path, mapping, shipped, how)
    if chosen.seats is None:
        return None
    as_of = load_client(clients_dir, client_id, tables=()).as_of
    counted = count_seats(chosen, source, as_of)
    return counted, name, keep_seats(
        clients_dir, client_id, counted, replace=existing == "replace", write=how.write
    )  # fmt: skip


def _strangers(clients_dir: Path, client_id: str, name: str) -> list[str]:
    """Companies that an import names and their register does not: their rows count nowhere."""
    register = REGISTERS.get(name)
    if register is None:
        return []
    found = load_client(clients_dir, client_id, tables=(name, register)).tables[name].quarantine
    unknown = found.loc[found["reason"].str.contains(register, regex=False), "value"].unique()
    if not len(unknown):
        return []
    shown = ", ".join(map(str, unknown[:5])) + (" …" if len(unknown) > 5 else "")
    return [f"{len(unknown)} names are not in {register}.csv, and their rows count nowhere until "
            f"they are: {shown}"]  # fmt: skip


def _set_aside(table: Table) -> pd.DataFrame:
    """Rows in quarantine and rows left out, in the file's order."""
    left = [
        (table.file, row.line, "row", row.reason, "" if row.amount is None else str(row.amount),
         json.dumps(row.row, default=str, ensure_ascii=False))
        for row in table.left_out
    ]  # fmt: skip
    if not left:
        return table.quarantine
    frame = pd.DataFrame(left, columns=list(table.quarantine.columns))
    return pd.concat([table.quarantine, frame]).sort_values("line", kind="stable")


def _double_counting(
    old: pd.DataFrame, new: pd.DataFrame, source: tuple[Table, str], imports: list[dict[str, Any]]
) -> list[str]:
    """Warn where bank and bookkeeping of the same months would count payments twice."""
    table, source_kind = source
    if table.name != "ledger" or old.empty or new.empty:
        return []
    begins, ends = (max(old["date"].min(), new["date"].min()),
                    min(old["date"].max(), new["date"].max()))  # fmt: skip
    alike = same_but_for_text(old, new)
    texts = [
        f"{alike:,} rows have the day, supplier and amount of rows that are there already, and "
        "another text: look whether they are the same payments"
    ] if alike else []  # fmt: skip
    kinds = {str(item.get("kind", "")): str(item.get("file", "")) for item in imports}
    other = {kind: file for kind, file in kinds.items() if kind and kind != source_kind}
    twice = counted_twice(old, new)
    if begins > ends or not (twice or (other and source_kind)):
        return texts
    months = f"{begins:%Y-%m} to {ends:%Y-%m}" if f"{begins:%Y%m}" != f"{ends:%Y%m}" else (
        f"{begins:%Y-%m}")  # fmt: skip
    beside = f"{', '.join(other.values())} ({', '.join(other)})" if other else "the table"
    said = (
        f"{twice:,} payments have the same amount within {NEAR_DAYS} days in both. "
        if twice
        else ""
    )
    return [
        *texts,
        f"{table.file} ({source_kind or 'own mapping'}) and {beside} both cover {months}: "
        f"{said}A payment that is in the bank and in the books would be counted twice; keep one "
        "of them for these months, with --replace.",
    ]


def _facts(table: Table, already: int) -> dict[str, Any]:
    days = table.clean.get("date")
    return {
        "file": table.file,
        "sha256": table.sha256,
        "rows": table.rows_in,
        "clean": len(table.clean),
        "quarantined": table.quarantined_rows,
        "left_out": len(table.left_out),
        "already_there": already,
        "added": len(table.clean) - already,
        "days": [] if days is None else [f"{days.min():%Y-%m-%d}", f"{days.max():%Y-%m-%d}"],
        "totals": {
            t.currency: [str(t.input), str(t.clean), str(t.quarantined), str(t.left_out)]
            for t in table.totals
        },
        "notes": list(table.notes),
    }
