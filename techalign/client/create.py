"""A new client's folder: a profile to fill in and an example of every table."""

from __future__ import annotations

import shutil
from pathlib import Path

from techalign.client.folder import check_client_id
from techalign.errors import ClientError
from techalign.intake.examples import example_csv, with_examples
from techalign.storage import is_remote, write_whole

__all__ = ["create_client"]

_PROFILE = """\
# What is known of the client beside its tables. Change every line that is not true.
name = "{name}"
sector = "professional"        # {sectors}
setting = "services"           # manufacturing, services, retail or health care
currency = "{currency}"
employees = 12
yearly_revenue = 1_400_000
hourly_wage = 32.0             # what an hour of staff time costs
discount_rate = 0.10           # per year
# owner = "Ann Oak"            # who decides, where nothing names another
# as_of = 2026-06-30           # the day the reports speak of; today when left out

# [reading]                    # only if the files leave it open
# date_order = "day-first"     # or "month-first"
# decimal = ","                # or "."
"""
_SECTORS = (
    "information, professional, administrative, wholesale, finance, manufacturing, "
    "retail, health, agriculture or all"
)


def create_client(clients_dir: Path, client_id: str, *, name: str, currency: str) -> Path:
    """Write a client's folder with a filled-in example of every table.

    Parameters
    ----------
    clients_dir : Path
        The folder of client folders; made if it is not there.
    client_id : str
        The new folder's name.
    name : str
        The client's name as it is written.
    currency : str
        Three letters.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    ClientError
        If the id is not valid, or the folder exists.
    """
    folder = clients_dir / check_client_id(client_id)
    remote = is_remote(folder)
    # in a store files appear one by one, the profile last
    if (folder / "client.toml" if remote else folder).exists():
        raise ClientError(
            "exists already", where=str(folder), remedy="Choose another id, or edit its files."
        )
    # built aside and renamed: an interrupted run leaves no half-made client
    building = folder if remote else clients_dir / f".new-{client_id}"
    if not remote:
        shutil.rmtree(building, ignore_errors=True)
        building.mkdir(parents=True)
    safe = name.replace("\\", " ").replace('"', "'")
    text = _PROFILE.format(name=safe, currency=currency, sectors=_SECTORS)
    for table in with_examples():
        write_whole(building / f"{table}.csv", example_csv(table))
    write_whole(building / "client.toml", text)
    if not remote:
        building.rename(folder)
    return folder
