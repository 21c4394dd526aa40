"""Counted seats into the agreement they belong to."""

from __future__ import annotations

from pathlib import Path

from techalign.client.changing import open_table
from techalign.errors import ClientError
from techalign.intake.seats import CountedSeats
from techalign.text import folded

__all__ = ["keep_seats"]


def keep_seats(
    clients_dir: Path, client_id: str, counted: CountedSeats, *, replace: bool, write: bool
) -> tuple[Path, ...]:
    """Write a vendor's seats into its row of the contracts table.

    Parameters
    ----------
    clients_dir : Path
    client_id : str
    counted : CountedSeats
    replace : bool
        Whether other numbers that stand there may go.
    write : bool
        False only checks that it could be written.

    Returns
    -------
    tuple of Path
        The file, if it was written.

    Raises
    ------
    ClientError
        If there is no such agreement, more than one, or one with other numbers.
    """
    table = open_table(clients_dir, client_id, "contracts")
    where = f"{client_id}/contracts.csv"
    rows = [row for row in table.rows if folded(row["vendor"]) == folded(counted.vendor)]
    if len(rows) != 1:
        many = "no agreement" if not rows else f"{len(rows)} agreements"
        raise ClientError(
            f"holds {many} with {counted.vendor}, into which its seats could be written",
            where=where,
            remedy=f"Let 'techalign draft {client_id}' propose it, or add it."
            if not rows
            else "Name the vendor of one of them otherwise, and give a mapping with that name.",
        )
    (row,) = rows
    for what, value in (("paid", counted.paid), ("active", counted.active)):
        name, text = f"seats_{what}", "" if value is None else str(value)
        there = row.get(name, "")
        if not text or (there and what not in counted.sure):
            continue
        # who was there is told by nothing else, and takes the place of who might have been
        if there not in ("", text) and not replace and what == "paid":
            raise ClientError(
                f"says {there} for {name} of {counted.vendor}, and the file {value}",
                where=where, remedy="Add --replace to take the file's.",
            )  # fmt: skip
        row[name] = text
    return (table.write(),) if write else ()
