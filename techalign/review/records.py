"""What is kept of each job: a JSON record beside the report, written last."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from techalign.errors import ParameterError
from techalign.storage import write_whole

__all__ = ["Record", "Status", "read_record", "read_records", "ready_pages", "write_record"]

Status = Literal["ok", "failed", "not enabled"]


@dataclass(frozen=True)
class Record:
    """What came of one job.

    Attributes
    ----------
    client, client_name, notebook, title, as_of : str
    status : "ok", "failed" or "not enabled"
    message : str
        Why there is no report, for the reader; empty when there is one.
    cell : int
        The cell that failed, from 1; 0 if none did.
    key : str
        Fingerprint of all the report was made from.
    page : str
        The page's path, relative to the output folder.
    page_sha256 : str
    bytes : int
        The page's size.
    seconds : dict of str to float
        Of execute and render.
    headline : dict
        The headline sentence and figures.
    inputs : list of [file, sha256]
    version : str
    """

    client: str
    client_name: str
    notebook: str
    title: str
    as_of: str
    status: Status
    message: str
    cell: int
    key: str
    page: str
    page_sha256: str
    bytes: int
    seconds: dict[str, float] = field(default_factory=dict)
    headline: dict[str, Any] = field(default_factory=dict)
    inputs: list[list[str]] = field(default_factory=list)
    version: str = ""


def write_record(record: Record, folder: Path) -> None:
    """Write a record into the client's folder of reports."""
    # a line for each part: indented throughout, it takes ten times as long
    parts = (
        f' "{name}": {json.dumps(value, ensure_ascii=False, sort_keys=True)}'
        for name, value in sorted(vars(record).items())
    )
    write_whole(folder / f"{record.notebook}.json", "{\n" + ",\n".join(parts) + "\n}\n")


def read_record(path: Path) -> Record | None:
    """Read one record; None if there is none, or another version wrote it differently."""
    try:
        return Record(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        return None


def read_records(out: Path) -> list[Record]:
    """Read all records below an output folder, by client and notebook."""
    found = (read_record(path) for path in sorted(out.glob("*/*.json")))
    return [record for record in found if record is not None]


def ready_pages(out: Path, client: str) -> tuple[list[Path], list[Record]]:
    """Find what can be sent of a client.

    Parameters
    ----------
    out : Path
        The output folder.
    client : str

    Returns
    -------
    pages : list of Path
        The summary and every report that is ready.
    left_out : list of Record
        Reports that are not.

    Raises
    ------
    ParameterError
        If there is no report to send.
    """
    records = [record for record in read_records(out) if record.client == client]
    ready = [record for record in records if record.status == "ok"]
    if not ready:
        raise ParameterError(
            "has no report to send",
            where=client,
            remedy=f"Make them with 'techalign run {client}'.",
        )
    pages = [out / client / "index.html", *(out / record.page for record in ready)]
    left_out = [record for record in records if record.status != "ok"]
    return [page for page in pages if page.exists()], left_out
