"""A new client's folder: a profile to complete, and examples apart that nothing reads."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import get_args

from techalign.client.folder import check_client_id
from techalign.client.profile import PROFILE_FACTS, parse_profile
from techalign.errors import ClientError
from techalign.intake.examples import example_csv, with_examples
from techalign.intake.rows.vendors import Sector
from techalign.storage import is_remote, write_whole

__all__ = ["EXAMPLES", "create_client"]

EXAMPLES = "examples"
"""Folder within a client's folder; no command reads what lies there."""

_PROFILE = """\
# What is known of the client beside its tables.
name = "{name}"
currency = "{currency}"
sector = "{sector}"        # {sectors}
setting = "{setting}"           # manufacturing, services, retail or health care
employees = {employees}
yearly_revenue = {yearly_revenue}
hourly_wage = {hourly_wage}             # what an hour of staff time costs
{unconfirmed}
discount_rate = 0.10           # per year
# owner = "Ann Oak"            # who decides, where nothing names another
# as_of = 2026-06-30           # the day the reports speak of; today when left out

# [reading]                    # only if the files leave it open
# date_order = "day-first"     # or "month-first"
# decimal = ","                # or "."
"""
_SECTORS = " or ".join([", ".join(get_args(Sector)[:-1]), get_args(Sector)[-1]])
# of a small business in general: pages say that they stand in for what nobody has told yet
_STAND_INS: dict[str, object] = {
    "sector": "all", "setting": "services", "employees": 10, "yearly_revenue": 1_500_000,
    "hourly_wage": 32.0,
}  # fmt: skip


def create_client(
    clients_dir: Path,
    client_id: str,
    *,
    name: str,
    currency: str,
    facts: Mapping[str, object] | None = None,
) -> Path:
    """Write a client's folder: a profile, no table, and examples of the tables apart.

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
    facts : mapping, optional
        What is known of :data:`techalign.client.profile.PROFILE_FACTS`. For what is left out
        or None a usual value stands in, and the profile's ``unconfirmed`` names it.

    Returns
    -------
    Path
        The new folder.

    Raises
    ------
    ClientError
        If the id, the currency or a fact is not valid, or the folder exists.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     made = create_client(
    ...         Path(folder), "acme", name="Acme", currency="USD", facts={"employees": 7})
    ...     sorted(path.name for path in made.iterdir())
    ['client.toml', 'examples']
    """
    folder = clients_dir / check_client_id(client_id)
    remote = is_remote(folder)
    text = _profile(name, currency, facts or {}, f"the profile of {client_id}")
    # in a store files appear one by one, the profile last
    if (folder / "client.toml" if remote else folder).exists():
        raise ClientError(
            "exists already", where=str(folder), remedy="Choose another id, or edit its files."
        )
    # built aside and renamed: an interrupted run leaves no half-made client
    building = folder if remote else clients_dir / f".new-{client_id}"
    if not remote:
        shutil.rmtree(building, ignore_errors=True)
        (building / EXAMPLES).mkdir(parents=True)
    for table in with_examples():
        write_whole(building / EXAMPLES / f"{table}.csv", example_csv(table))
    write_whole(building / "client.toml", text)
    if not remote:
        building.rename(folder)
    return folder


def _profile(name: str, currency: str, facts: Mapping[str, object], where: str) -> str:
    """The profile's text, read once so that what is wrong in it is refused before it is written."""
    given = {fact: facts[fact] for fact in PROFILE_FACTS if facts.get(fact) is not None}
    missing = [f'"{fact}"' for fact in PROFILE_FACTS if fact not in given]
    said = (
        "# Nobody has told these yet: the values above stand in for them, and the pages say so.\n"
        "# Correct a value and take its name out of this list.\n"
        f"unconfirmed = [{', '.join(missing)}]"
        if missing
        else ""
    )
    safe = name.replace("\\", " ").replace('"', "'")
    text = _PROFILE.format(
        name=safe, currency=currency, sectors=_SECTORS, unconfirmed=said, **(_STAND_INS | given)
    )
    parse_profile(text, where)
    return text
