"""What is kept of each job: a JSON record beside the report, written last.

A record that another version wrote or that has been damaged is named, left aside and stops
nothing: its report counts as not made.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, Literal, Self, TypeVar

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    SerializeAsAny,
    ValidationError,
    ValidationInfo,
    model_validator,
)

from techalign.client.brand import Look
from techalign.errors import ParameterError
from techalign.numbers.intervals import Interval
from techalign.review.block import Block, block_kinds, said_of
from techalign.storage import is_remote, read_plain, write_whole

__all__ = [
    "Ends",
    "FigureRecord",
    "Found",
    "HeadlineRecord",
    "Record",
    "Status",
    "client_records",
    "find_records",
    "read_record",
    "read_records",
    "ready_pages",
    "write_record",
]

Status = Literal["ok", "failed", "not enabled"]
Kind = TypeVar("Kind", bound=Block)
RECORDS = "records"
"""Part of what a review was made from: the records of the client's other reports."""

_FROZEN = ConfigDict(frozen=True, extra="forbid", ser_json_inf_nan="strings")


class Ends(BaseModel):
    """A number with the ends of its range, which may be infinite."""

    model_config = _FROZEN

    point: float
    low: float
    high: float
    level: float


class FigureRecord(BaseModel):
    """A headline number, with its text and its interval's as they were shown."""

    model_config = _FROZEN

    label: str
    value: Ends | float
    unit: str
    source: str
    text: str
    interval: str
    gap: str = ""

    @property
    def ends(self) -> Interval:
        """The number with its ends, which are itself where it is exact."""
        if isinstance(self.value, Ends):
            return Interval(self.value.point, self.value.low, self.value.high, self.value.level)
        return Interval(self.value, self.value, self.value, 1.0)


def _blocks(raw: Any, info: ValidationInfo) -> Any:
    """Blocks as they were recorded, each as its own kind."""
    del info  # pydantic hands it to every validator
    if not isinstance(raw, dict):
        return raw
    kinds = block_kinds()
    for name in raw:
        if name not in kinds:
            raise ValueError(f"'{name}' is no kind of block; there are {', '.join(sorted(kinds))}")
    return {
        name: block if isinstance(block, Block) else kinds[name].model_validate(block)
        for name, block in raw.items()
    }


class HeadlineRecord(BaseModel):
    """A report's sentence and figures, and the blocks its notebook handed on."""

    model_config = _FROZEN

    sentence: str = ""
    figures: tuple[FigureRecord, ...] = ()
    recorded: Annotated[dict[str, SerializeAsAny[Block]], BeforeValidator(_blocks)] = Field(
        default_factory=dict
    )


class Record(BaseModel):
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
    made_from : dict of str to str
        Its parts, short, by name: what tells a later run what has changed.
    page : str
        The page's path, relative to the output folder: one folder, one file, and no way out.
    page_sha256 : str
    bytes : int
        The page's size.
    seconds : dict of str to float
        Of execute and render.
    headline : HeadlineRecord
    inputs : list of (file, sha256)
    version : str
    made_later : bool
        Whether the review was not held then: the record was made for comparison afterwards.
    look : Look
        Names, colours and logos that the client's pages bear.
    """

    model_config = _FROZEN

    client: str
    client_name: str
    notebook: str
    title: str
    as_of: Annotated[str, Field(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    status: Status
    message: str = ""
    cell: int = 0
    key: str = ""
    made_from: dict[str, str] = Field(default_factory=dict)
    page: Annotated[str, Field(pattern=r"^([^/\\\\]+/[^/\\\\]+\.html)?$")] = ""
    page_sha256: str = ""
    bytes: int = 0
    seconds: dict[str, float] = Field(default_factory=dict)
    headline: HeadlineRecord = HeadlineRecord()
    inputs: tuple[tuple[str, str], ...] = ()
    version: str = ""
    made_later: bool = False
    look: Look = Look()

    @model_validator(mode="after")
    def _page_is_the_clients(self) -> Self:
        if self.page and self.page.partition("/")[0] != self.client:
            raise ValueError("page lies outside the client's folder")
        for field in ("client", "notebook"):
            name = getattr(self, field)
            if name in {"", ".", ".."} or not {"/", "\\", "\0"}.isdisjoint(name):
                raise ValueError(f"{field} is no name of a folder or file")
        return self

    @property
    def is_front(self) -> bool:
        """Whether its page is the client's front page, which is made from the other records."""
        return self.page.endswith("/index.html")

    def block(self, kind: type[Kind]) -> Kind | None:
        """What the notebook handed on of a kind; None if it did not."""
        found = self.headline.recorded.get(kind.name) if self.status == "ok" else None
        return found if isinstance(found, kind) else None

    def rows(self, kind: type[Block]) -> tuple[Any, ...]:
        """Rows the notebook handed on of a kind; none if it did not."""
        found = self.block(kind)
        return found.rows if found else ()

    @property
    def figures(self) -> tuple[FigureRecord, ...]:
        """The headline's numbers; none where there is no report."""
        return self.headline.figures if self.status == "ok" else ()


def figure_of(records: Sequence[Record], label: str) -> FigureRecord | None:
    """The headline number of that label in the first report that has one."""
    return next((f for r in records for f in r.figures if f.label == label), None)


@dataclass(frozen=True)
class Found:
    """Records that could be read, and what is said of those that could not."""

    records: tuple[Record, ...]
    set_aside: tuple[str, ...]


def write_record(record: Record, folder: Path) -> None:
    """Write a record into the client's folder of reports."""
    # a line for each part: indented throughout, it takes ten times as long
    parts = (
        f' "{name}": {json.dumps(value, ensure_ascii=False, sort_keys=True)}'
        for name, value in sorted(record.model_dump(mode="json").items())
    )
    write_whole(folder / f"{record.notebook}.json", "{\n" + ",\n".join(parts) + "\n}\n")


def read_record(path: Path) -> Record | None:
    """Read one record; None if there is none, or it is not one that can be read."""
    found = find_records([path]).records
    return found[0] if found else None


def find_records(paths: Sequence[Path]) -> Found:
    """Read records, and say which cannot be read and why.

    Parameters
    ----------
    paths : sequence of Path
        Of files that may not be there.
    """
    records, aside = [], []
    for path in paths:
        try:
            raw = read_plain(path)
        except OSError:
            continue
        place = "/".join(path.parts[-4:] if "history" in path.parts else path.parts[-2:])
        try:
            record = Record.model_validate_json(raw)
            if record.client not in path.parts[-4:]:  # in its folder, or kept below it
                aside.append(f"{place}: is of another client, {record.client!r}")
                continue
            records.append(record)
        except ValidationError as error:
            where, reason, _ = said_of(error)
            aside.append(f"{place}: {where}: {reason}" if where else f"{place}: {reason}")
    return Found(tuple(records), tuple(aside))


def read_records(out: Path) -> list[Record]:
    """Read all records below an output folder, by client and notebook."""
    return [r for r in find_records(sorted(out.glob("*/*.json"))).records if not r.is_front]


def client_records(out: Path, client: str) -> list[Record]:
    """Read the records of a client's reports, by notebook.

    Parameters
    ----------
    out : Path
        The output folder.
    client : str
    """
    found = find_records(sorted((out / client).glob("*.json"))).records
    return [record for record in found if not record.is_front]


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
    there = [page for page in pages if page.exists()]
    for page in [] if is_remote(out) else there:
        if not page.resolve().is_relative_to(out.resolve()) or not page.is_file():
            raise ParameterError(
                "is no page of this folder but leads elsewhere", where=f"{client}/{page.name}",
                remedy="Delete it, and make the report again.",
            )  # fmt: skip
    return there, left_out
