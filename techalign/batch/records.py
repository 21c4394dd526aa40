"""What is kept of each job: a JSON record beside the report."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any, Literal

from techalign.intake.files import write_whole

__all__ = ["Record", "Status", "read_records", "write_record"]

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
    seconds : float
        Execution and rendering.
    page : str
        The page's path, relative to the output folder.
    bytes : int
        The page's size.
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
    seconds: float
    page: str
    bytes: int
    headline: dict[str, Any] = field(default_factory=dict)
    inputs: list[list[str]] = field(default_factory=list)
    version: str = ""


def write_record(record: Record, folder: Path) -> None:
    """Write a record into the client's folder of reports."""
    text = json.dumps(asdict(record), indent=1, ensure_ascii=False, sort_keys=True)
    write_whole(folder / f"{record.notebook}.json", text + "\n")


def read_records(out: Path) -> list[Record]:
    """Read all records below an output folder, by client and notebook."""
    records = []
    for path in sorted(out.glob("*/*.json")):
        loaded = json.loads(path.read_text(encoding="utf-8"))
        records.append(Record(**loaded))
    return records
