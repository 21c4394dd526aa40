"""Why a report would be made: what differs from what the one that is there was made from."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from techalign.batch.job import finished_record
from techalign.batch.jobs import Job
from techalign.batch.keys import file_fingerprint
from techalign.review.records import Record, read_record

__all__ = ["Standing", "standing"]

_SAID = {
    "notebook": "the notebook",
    "beside": "a file beside the notebook",
    "history": "what was kept of earlier reviews",
    "techalign": "techalign itself",
    "libraries": "Python or an installed library",
    "records": "a report it sums up",
    "parameter look": "a name, colour or logo",
}
_LONGEST = 80  # characters of a failure's message


@dataclass(frozen=True)
class Standing:
    """How a job's report stands.

    Attributes
    ----------
    record : Record or None
        Of the report that is there.
    reasons : tuple of str
        Why it would be made; empty if it is up to date.
    when : float or None
        Seconds since 1970 at which the record was written; None where that is not known.
    """

    record: Record | None
    reasons: tuple[str, ...]
    when: float | None = None

    @property
    def status(self) -> str:
        """One of "never made" and "out of date", or what the record says, as "ok" or "failed"."""
        if self.record is None:
            return "never made"
        is_stale = self.reasons and self.record.status != "failed"
        return "out of date" if is_stale else self.record.status


def standing(job: Job, *, force: bool = False) -> Standing:
    """Compare a job with the report that is there.

    Parameters
    ----------
    job : Job
    force : bool
        Whether reports that are up to date are to be made, too.

    Returns
    -------
    Standing
    """
    path = job.folder / f"{job.name}.json"
    record = read_record(path)
    if record is None:
        return Standing(None, ("never made",))
    when = _written(path)
    if finished_record(job) is not None:
        return Standing(record, ("--force was given",) if force else (), when)
    return Standing(record, tuple(_reasons(job, record)), when)


def _written(path: Path) -> float | None:
    try:
        return float(path.stat().st_mtime) or None
    except (OSError, AttributeError, TypeError):  # stores say it in ways of their own, or not
        return None


def _reasons(job: Job, record: Record) -> Iterator[str]:
    if record.status == "failed":
        said = record.message
        cut = said if len(said) <= _LONGEST else f"{said[: _LONGEST - 2]} …"
        yield f"failed last time ({cut})"
    if record.key != job.key:
        yield from _changed(job, record) if record.made_from else ["made by an earlier version"]
        return
    now = file_fingerprint(job.page)
    if not now:
        yield "its page is gone"
    elif now != record.page_sha256 and record.status != "failed":
        yield "its page was changed"


def _changed(job: Job, record: Record) -> Iterator[str]:
    """What differs between the parts of two keys, each in words."""
    old, new = record.made_from, job.made_from
    if record.as_of != job.as_of:
        yield f"the day it speaks of: {job.as_of} for {record.as_of}"
    for name in sorted(old.keys() | new.keys()):
        if old.get(name) == new.get(name) or name == "parameter as_of":
            continue
        kind, _, of = name.partition(" ")
        if name == "show code":
            yield "its code is to be shown" if name in new else "its code is not to be shown"
        elif name not in old:
            yield f"{of} is new" if kind == "file" else f"{_noun(name)} is given"
        elif name not in new:
            yield f"{of} is gone" if kind == "file" else f"{_noun(name)} is no longer there"
        else:
            yield f"{_noun(name)} changed"


def _noun(name: str) -> str:
    return _SAID.get(name, name.removeprefix("file "))
