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
from difflib import get_close_matches
from pathlib import Path

import pandas as pd

from techalign.client.people import join_people
from techalign.client.profile import Profile, parse_profile
from techalign.client.references import REGISTERS, check_references
from techalign.client.spellings import spell_alike
from techalign.errors import ClientError, MissingTableError, TableError
from techalign.intake.proposals import DRAFTS
from techalign.intake.read import read_table
from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import Table, empty_table
from techalign.intake.values import FIRST_DAY, LAST_DAY
from techalign.storage import as_place, file_names, read_inside, unreachable

__all__ = [
    "TABLE_ENDINGS",
    "Client",
    "check_client_id",
    "find_table",
    "list_clients",
    "load_client",
    "read_profile",
    "unread_files",
]

TABLE_ENDINGS = (
    ".csv", ".csv.gz", ".tsv", ".tsv.gz", ".txt", ".xlsx", ".xlsm", ".xls", ".xlsb", ".ods",
    ".parquet",
)  # fmt: skip
_OTHER_ENDINGS = (".csv.zip", ".json", ".numbers")
_LARGEST_PROFILE = 1024**2  # bytes
_CLIENT_ID = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def _would_show(name: str, nothing: str) -> str:
    """What a page says where nothing of a table is there."""
    of, shows = name.replace("_", " "), ROW_MODELS[name].enables
    once = "can" if "could" in nothing else "is"
    return f"Nothing {nothing} of the {of}; once it {once}, this page shows {shows}."


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
    people_notes : tuple of str
        What of the questionnaire's answers on people does not count, or contradicts itself; only
        where the players were asked for.
    """

    id: str
    profile: Profile
    as_of: dt.date
    tables: Mapping[str, Table]
    asked: tuple[str, ...]
    people_notes: tuple[str, ...] = ()

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

    @property
    def unconfirmed(self) -> dict[str, int]:
        """Cells that were proposed and nobody has confirmed, by table; tables without left out."""
        return {name: t.unconfirmed for name, t in self.tables.items() if t.unconfirmed}

    def none_yet(self, name: str) -> str:
        """Say what a table means that is there and holds no rows; "" of any other."""
        table = self.tables.get(name)
        if table is None or table.rows_in or not ROW_MODELS[name].none_yet:
            return ""
        of = name.replace("_", " ")
        return f"The table of {of} holds no rows: read as {ROW_MODELS[name].none_yet}."

    def missing(self, name: str) -> str:
        """Say on a client's page why nothing of a table is shown, and what it would make possible.

        What is there and does not belong where it would be shown, such as a plan whose months are
        past, is not called missing.
        """
        if self.has(name):
            of = name.replace("_", " ")
            return f"Nothing recorded of the {of} falls within what is shown here."
        if said := self.none_yet(name):
            return said
        return _would_show(name, "could be read" if name in self.tables else "is recorded")

    def how_to_add(self, name: str) -> str:
        """Tell on a client's page what to write down, with which command, and what it would show.

        A page names no file: whoever reads it may never have seen one.
        """
        model, shows = ROW_MODELS[name], _would_show(name, "is recorded yet")
        if name == "assessment":
            return (
                f"{shows} The command “techalign questionnaire {self.id}” writes what an owner "
                "answers in twenty minutes."
            )
        if name == "players":
            return (
                "How the people do that this business lives by, customers, staff and suppliers "
                f"among them, has not been asked yet: the command “techalign questionnaire "
                f"{self.id}” writes what an owner answers in twenty minutes, and then this page "
                f"shows {model.enables}. How many there are, “techalign draft {self.id}” "
                "proposes from what was paid and received, for you to confirm."
            )
        asked = [
            f"{field.description}".partition(":")[0]
            for field in model.model_fields.values()
            if field.is_required()
        ]
        takes = f"{shows} It takes, one row each: {'; '.join(asked)}."
        if model.none_yet:
            takes += f" Handed in without a row it means {model.none_yet}."
        if name not in DRAFTS:
            return takes
        return (
            f"{takes} The command “techalign draft {self.id}” proposes it from what was paid and "
            "received, for you to confirm."
        )

    def require(self, *names: str) -> None:
        """Stop a report that makes no sense without these tables.

        Raises
        ------
        MissingTableError
            If one of them is missing, or holds no rows and that says nothing.
        TableError
            If one of them is there, and not one of its rows could be read.
        """
        for name in names:
            self._refuse_all_set_aside(name)
        absent = [name for name in names if not self.has(name) and not self.none_yet(name)]
        if absent:
            raise MissingTableError(absent, " ".join(self.how_to_add(name) for name in absent))

    def require_any(self, *names: str) -> None:
        """Stop a report that makes no sense unless at least one of these tables has rows.

        Raises
        ------
        MissingTableError
            If none of them is there, or those that are hold no rows.
        TableError
            If one of them is there, not one of its rows could be read, and no other has any.
        """
        if any(self.has(name) for name in names):
            return
        for name in names:
            self._refuse_all_set_aside(name)
        raise MissingTableError(list(names), " ".join(self.how_to_add(name) for name in names))

    def _refuse_all_set_aside(self, name: str) -> None:
        """A table of which nothing could be read is wrong, not missing."""
        table = self.tables.get(name)
        if table is None or len(table.clean) or table.quarantine.empty:
            return
        first = table.quarantine.iloc[0]
        raise TableError(
            f"not one of its {table.rows_in} rows could be read; the first: {first['reason']}",
            where=f"{table.file}:{first['line']}, column '{first['column']}'",
            value=first["value"] or None,
            remedy=f"See 'techalign check {self.id}'.",
        )


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
    """Names of all client folders, sorted; one that is no id is for its reader to refuse.

    Parameters
    ----------
    clients_dir : Path
        A folder of client folders. Hidden folders and plain files are not clients.

    Returns
    -------
    list of str
        Their ids.

    Raises
    ------
    ClientError
        If the folder is missing or holds no client.

    Examples
    --------
    >>> import tempfile
    >>> from techalign.client.create import create_client
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = create_client(Path(folder), "acme", name="Acme & Co", currency="USD")
    ...     list_clients(Path(folder))
    ['acme']
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
    return found


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
        If the id, the folder or the profile is wrong, or the store does not answer.
    TableError
        If a table's file cannot be read at all.

    Examples
    --------
    >>> import tempfile
    >>> from techalign.client.create import create_client
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = create_client(Path(folder), "acme", name="Acme & Co", currency="USD")
    ...     load_client(folder, "acme", tables=["ledger"], as_of="2026-06-30").profile.name
    'Acme & Co'
    """
    try:
        return _load(as_place(clients_dir) / check_client_id(client_id), tuple(tables), as_of)
    except Exception as error:
        reason = unreachable(error)
        if reason is None:
            raise
        raise ClientError(
            f"cannot be read: {reason}", where=client_id,
            remedy="Try again when it can be reached.",
        ) from None  # fmt: skip


def _load(folder: Path, asked: tuple[str, ...], as_of: str | dt.date) -> Client:
    profile = read_profile(folder)
    day = _day(as_of, profile)
    found: dict[str, Table] = {}
    present = file_names(folder)
    # what rows refer to, or are joined with, is read along, though nobody asked for it
    along = [REGISTERS[n] for n in asked if n in REGISTERS]
    along += ["assessment"] if "players" in asked else []
    for name in dict.fromkeys([*asked, *along]):
        path = find_table(folder, name, present)
        if path is not None:
            found[name] = read_table(
                name,
                f"{folder.name}/{path.name}",
                read_inside(path, folder),
                currency=profile.currency,
                date_order=profile.reading.date_order,
                decimal=profile.reading.decimal,
            )
    # a review of an earlier day finds rows that are later than it, and rightly so
    checked = check_references(spell_alike(found), max(day, profile.as_of or dt.date.today()))
    people, notes = join_people(checked, day) if "players" in asked else (checked, ())
    # answers that went into the players are among what a page was made from
    kept = {
        *asked,
        *(["assessment"] if people.get("players") is not checked.get("players") else []),
    }
    return Client(folder.name, profile, day, {n: t for n, t in people.items() if n in kept},
                  asked, notes)  # fmt: skip


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
        text = read_inside(file, folder, most=_LARGEST_PROFILE).decode("utf-8-sig")
    except FileNotFoundError as error:
        raise ClientError(
            "has no client.toml",
            where=folder.name,
            remedy="Copy one from another client, or start with 'techalign new'.",
        ) from error
    except UnicodeDecodeError as error:
        raise ClientError(
            f"cannot be read: {error}", where=f"{folder.name}/client.toml",
            remedy="Save it as UTF-8.",
        ) from error  # fmt: skip
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
        If the table is there twice, names in capitals included.
    """
    wanted = {f"{name}{ending}" for ending in TABLE_ENDINGS}
    found = [folder / file for file in sorted(present) if file.casefold() in wanted]
    if len(found) > 1:
        names = " and ".join(path.name for path in found)
        raise TableError(f"holds {names}", where=folder.name, remedy="Keep one of them.")
    return found[0] if found else None


def unread_files(folder: Path) -> dict[str, str]:
    """Find the files in a client's folder that look like tables and are none.

    Parameters
    ----------
    folder : Path

    Returns
    -------
    dict of str to str
        Each file's name, and the table whose name is closest or "".
    """
    tables = {f"{name}{ending}" for name in ROW_MODELS for ending in TABLE_ENDINGS}
    # what an import writes beside its table
    beside = (".quarantine.csv", ".source.json")
    known = tables | {f"{name}{ending}" for name in ROW_MODELS for ending in beside}
    found = {}
    for name in sorted(file_names(folder)):
        plain = name.casefold()
        stem = plain.partition(".")[0]
        other = plain.endswith(_OTHER_ENDINGS) and stem in ROW_MODELS
        if name.startswith(".") or plain in known or not (other or plain.endswith(TABLE_ENDINGS)):
            continue
        found[name] = next(iter(get_close_matches(stem, ROW_MODELS, n=1, cutoff=0.7)), "")
    return found


def _day(as_of: str | dt.date, profile: Profile) -> dt.date:
    if not as_of:
        return profile.as_of or dt.date.today()
    try:
        day = as_of if isinstance(as_of, dt.date) else dt.date.fromisoformat(as_of)
    except ValueError as error:
        raise ClientError(
            "is not a day", where="as_of", value=as_of, remedy="Write it as 2026-06-30."
        ) from error
    if not FIRST_DAY <= day <= LAST_DAY:
        raise ClientError(
            f"is not a day from {FIRST_DAY.year} to {LAST_DAY.year}", where="as_of", value=as_of,
            remedy="Write it as 2026-06-30.",
        )  # fmt: skip
    return day
