"""A client is a folder: its profile, and whichever tables it has.

Layout::

    clients/machine-shop/client.toml
                         ledger.csv          (or .csv.gz, .tsv, .xlsx, .parquet)
                         contracts.csv
                         ...
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from techalign.client.profile import Profile, parse_profile
from techalign.errors import ClientError, MissingTableError, TableError
from techalign.intake.read import read_table
from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import Table, empty_table
from techalign.storage import as_place, file_names, is_remote

__all__ = [
    "TABLE_ENDINGS",
    "Client",
    "check_client_id",
    "find_table",
    "list_clients",
    "load_client",
    "read_profile",
]

TABLE_ENDINGS = (".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".xlsx", ".parquet")
_CLIENT_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


@dataclass(frozen=True)
class Client:
    """One client's profile and checked tables.

    Attributes
    ----------
    id : str
        The folder's name.
    profile : Profile
    as_of : date
        The day the analysis speaks of.
    tables : mapping of str to Table
        The tables that were asked for and are there.
    asked : tuple of str
        The tables that were asked for.
    """

    id: str
    profile: Profile
    as_of: dt.date
    tables: Mapping[str, Table]
    asked: tuple[str, ...]

    def table(self, name: str) -> pd.DataFrame:
        """Clean rows of a table; an empty frame with its columns if the client has none."""
        if name not in self.asked:
            raise KeyError(f"table {name!r} was not asked for when the client was loaded")
        if name in self.tables:
            return self.tables[name].clean
        return empty_table(ROW_MODELS[name])

    def has(self, name: str) -> bool:
        """Tell whether the client has this table, with at least one clean row."""
        return name in self.tables and not self.tables[name].clean.empty

    def missing(self, name: str) -> str:
        """Say in one sentence what adding a table would make possible."""
        model = ROW_MODELS[name]
        columns = [column for column, field in model.model_fields.items() if field.is_required()]
        return (
            f"There is no {name.replace('_', ' ')} table for this client. Adding {name}.csv "
            f"(with {', '.join(columns)}) would show {model.enables}."
        )

    def require(self, *names: str) -> None:
        """Stop a report that makes no sense without these tables.

        Raises
        ------
        MissingTableError
            If one of them is missing or has no clean rows.
        """
        absent = [name for name in names if not self.has(name)]
        if absent:
            raise MissingTableError(absent, " ".join(self.missing(name) for name in absent))


def check_client_id(client_id: str) -> str:
    """Return the id if it can be a folder's name.

    Raises
    ------
    ClientError
        If it holds anything but a-z, 0-9 and -, or starts or ends with -.
    """
    if not _CLIENT_ID.fullmatch(client_id):
        raise ClientError(
            "is not a client id",
            where="client",
            value=client_id,
            remedy="Use 1 to 64 of a-z, 0-9 and -, not starting or ending with -.",
        )
    return client_id


def list_clients(clients_dir: Path) -> list[str]:
    """Ids of all clients in a folder, sorted.

    Parameters
    ----------
    clients_dir : Path
        A folder of client folders. Hidden folders and plain files are not clients.

    Raises
    ------
    ClientError
        If the folder is missing or holds no client, or a client folder's name is not an id.
    """
    if not clients_dir.is_dir():
        raise ClientError(
            "is not a folder", where=str(clients_dir), remedy="Name the clients' folder."
        )
    found = sorted(
        path.name
        for path in clients_dir.iterdir()
        if path.is_dir() and not path.name.startswith((".", "_"))
    )
    if not found:
        raise ClientError(
            "holds no client",
            where=str(clients_dir),
            remedy="Make one with 'techalign new CLIENT'.",
        )
    return [check_client_id(name) for name in found]


def load_client(
    clients_dir: str | Path,
    client_id: str,
    *,
    tables: Iterable[str] = tuple(ROW_MODELS),
    as_of: str | dt.date = "",
) -> Client:
    """Load a client's profile and the tables asked for.

    Parameters
    ----------
    clients_dir : str or Path
        The folder of client folders, or its URL.
    client_id : str
        The client's folder.
    tables : iterable of str
        Which tables to read, if they are there; all by default.
    as_of : date or ISO text
        The day the analysis speaks of; empty means the profile's, or else today.

    Returns
    -------
    Client

    Raises
    ------
    ClientError
        If the id, the folder or the profile is wrong.
    TableError
        If a table's file cannot be read at all.
    """
    folder = as_place(clients_dir) / check_client_id(client_id)
    profile = read_profile(folder)
    asked = tuple(tables)
    found: dict[str, Table] = {}
    present = file_names(folder)
    for name in asked:
        path = find_table(folder, name, present)
        if path is not None:
            found[name] = read_table(
                name,
                f"{folder.name}/{path.name}",
                path.read_bytes(),
                currency=profile.currency,
                date_order=profile.reading.date_order,
                decimal=profile.reading.decimal,
            )
    return Client(client_id, profile, _day(as_of, profile), found, asked)


def read_profile(folder: Path) -> Profile:
    """Read ``client.toml`` of a client's folder.

    Raises
    ------
    ClientError
        If the folder or the file is missing, or the profile is wrong.
    """
    if not folder.is_dir():
        raise ClientError(
            "there is no such client",
            where=str(folder),
            remedy=f"Make it with 'techalign new {folder.name}'.",
        )
    file = folder / "client.toml"
    try:
        text = file.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise ClientError(
            "has no client.toml",
            where=folder.name,
            remedy="Copy one from another client, or start with 'techalign new'.",
        ) from error
    except (OSError, UnicodeDecodeError) as error:
        raise ClientError(f"cannot be read: {error}", where=f"{folder.name}/client.toml") from error
    return parse_profile(text, f"{folder.name}/client.toml")


def find_table(folder: Path, name: str, present: Collection[str]) -> Path | None:
    """Find a table's file in a client's folder, whatever its ending.

    Parameters
    ----------
    folder : Path
    name : str
        The table.
    present : collection of str
        Names of the folder's files.

    Raises
    ------
    TableError
        If the table is there twice, or its file lies outside the folder.
    """
    found = [folder / f"{name}{ending}" for ending in TABLE_ENDINGS if f"{name}{ending}" in present]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise TableError(f"holds {names}", where=folder.name, remedy="Keep one of them.")
    local = found and not is_remote(folder)
    if local and not found[0].resolve().is_relative_to(folder.resolve()):
        raise TableError(
            "is a link that leaves the client's folder",
            where=f"{folder.name}/{found[0].name}",
            remedy="Put the file itself there.",
        )
    return found[0] if found else None


def _day(as_of: str | dt.date, profile: Profile) -> dt.date:
    if isinstance(as_of, dt.date):
        return as_of
    if not as_of:
        return profile.as_of or dt.date.today()
    try:
        return dt.date.fromisoformat(as_of)
    except ValueError as error:
        raise ClientError(
            "is not a day", where="as_of", value=as_of, remedy="Write it as 2026-06-30."
        ) from error
