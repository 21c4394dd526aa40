"""The records of earlier reviews, kept per quarter, and what changed since.

A report's record is copied to ``CLIENT/history/2026Q2/NOTEBOOK.json``, the quarter being that
of the day the report speaks of. Within a quarter the latest run counts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from techalign.client.brand import Look
from techalign.errors import ParameterError
from techalign.numbers.formatting import (
    format_estimate,
    format_interval,
    format_money,
    format_value,
)
from techalign.review.records import (
    FigureRecord,
    Record,
    find_records,
    read_record,
    write_record,
)
from techalign.storage import read_plain

__all__ = [
    "Change",
    "changes",
    "earlier_records",
    "history_fingerprint",
    "keep_history",
    "quarter_of",
    "quarters_kept",
    "read_quarter",
    "records_fingerprint",
    "report_history",
    "review_name",
]

_QUARTER = re.compile(r"\d{4}Q[1-4]")
_FORGOTTEN: dict[str, object] = {
    "key": "", "page_sha256": "", "bytes": 0, "seconds": {}, "look": Look(),
}  # fmt: skip
_LEAST = 0.02  # change of an exact number that is worth telling
_LEAST_POINTS = 0.03  # of a share or a chance: so much differ two draws of futures


@dataclass(frozen=True)
class Change:
    """One headline number at two reviews.

    Attributes
    ----------
    notebook, title, label : str
        Whose headline, and what the number is.
    before, after : str
        Both, with their intervals, written for people.
    change : str
        The difference, signed; points where the number is a share.
    unit : str
    was, now : float
        Both points.
    beyond : bool
        Whether it is larger than its noise: each of the two lies outside the other's interval.
        A number without an interval must have moved by more than two parts in a hundred, a share
        or a chance by more than three points: so much differ two draws of futures. Never where
        there is a gap.
    gap : str
        What is missing of one of the two, so that their difference says nothing; else "".
    """

    notebook: str
    title: str
    label: str
    before: str
    after: str
    change: str
    unit: str
    was: float
    now: float
    beyond: bool
    gap: str = ""

    @property
    def not_compared(self) -> str:
        """A sentence that says so, or ""."""
        return f"{self.label}: not compared, because {self.gap}." if self.gap else ""


def quarter_of(day: str) -> str:
    """Quarter of an ISO day, as ``2026Q2``."""
    date = dt.date.fromisoformat(day)
    return f"{date.year}Q{(date.month + 2) // 3}"


def review_name(quarter: str) -> str:
    """A quarter as it is said: ``2026 Q2``."""
    return f"{quarter[:4]} {quarter[4:]}"


def keep_history(records: Iterable[Record], out: Path) -> None:
    """Copy the records of reports that are ready to their quarter.

    What is kept is what later reviews compare with, and nothing that differs between two runs
    on the same tables: later reports are made from it, and made again when it changes.
    """
    for record in records:
        if record.status != "ok":
            continue
        folder = out / record.client / "history" / quarter_of(record.as_of)
        copy = record.model_copy(update=_FORGOTTEN)
        # a copy that is there already is not written again: a store answers slowly
        if read_record(folder / f"{record.notebook}.json") != copy:
            folder.mkdir(parents=True, exist_ok=True)
            write_record(copy, folder)


def history_fingerprint(folder: Path, quarters: Sequence[str], notebook: str) -> str:
    """Fingerprint of the kept records a report compares itself with; "" if there are none.

    Parameters
    ----------
    folder : Path
        The client's folder of reports.
    quarters : sequence of str
        The quarters before the report's own.
    notebook : str
        The notebook's name.
    """
    digest, found = hashlib.sha256(), False
    for quarter in quarters:
        try:
            kept = read_plain(folder / "history" / quarter / f"{notebook}.json")
        except OSError:
            continue
        digest.update(f"{quarter}\0".encode() + kept)
        found = True
    return digest.hexdigest() if found else ""


def records_fingerprint(out: Path, records: Sequence[Record]) -> str:
    """Fingerprint of a client's records and of those kept of earlier quarters.

    Parameters
    ----------
    out : Path
        The output folder.
    records : sequence of Record
        The present ones.
    """
    if not records:
        return ""
    client, now = records[0].client, quarter_of(max(record.as_of for record in records))
    before = [quarter for quarter in quarters_kept(out, client) if quarter < now]
    parts = [
        f"{r.notebook} {r.status} {r.key} {r.page_sha256} "
        + history_fingerprint(out / client, before, r.notebook)
        for r in sorted(records, key=lambda record: record.notebook)
    ]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def report_history(folder: Path, notebook: str, as_of: str) -> dict[str, list[Record]]:
    """One report's kept records of quarters before a day, by quarter, the earliest first."""
    now = quarter_of(as_of)
    found = {
        quarter: read_record(folder / "history" / quarter / f"{notebook}.json")
        for quarter in quarters_kept(folder.parent, folder.name)
        if quarter < now
    }
    return {quarter: [record] for quarter, record in found.items() if record is not None}


def quarters_kept(out: Path, client: str) -> list[str]:
    """Quarters of which a client's records are kept, the earliest first."""
    folder = out / client / "history"
    if not folder.is_dir():
        return []
    return sorted(p.name for p in folder.iterdir() if _QUARTER.fullmatch(p.name))


def read_quarter(out: Path, client: str, quarter: str) -> list[Record]:
    """Read a client's records of one quarter.

    Parameters
    ----------
    out : Path
    client : str
    quarter : str
        As ``2026Q2``.

    Raises
    ------
    ParameterError
        If nothing is kept of that quarter.
    """
    kept = quarters_kept(out, client)
    if quarter not in kept:
        raise ParameterError(
            "is no quarter of which reports are kept",
            where=client,
            value=quarter,
            remedy=f"There are {', '.join(kept)}." if kept else "Run the reports first.",
        )
    folder = out / client / "history" / quarter
    return list(find_records(sorted(folder.glob("*.json"))).records)


def earlier_records(out: Path, records: Sequence[Record]) -> dict[str, list[Record]]:
    """A client's kept records of all quarters before that of its present reports.

    Returns
    -------
    dict of str to list of Record
        By quarter, the earliest first.
    """
    ready = [record for record in records if record.status == "ok"]
    if not ready:
        return {}
    client, now = ready[0].client, quarter_of(max(record.as_of for record in ready))
    return {
        quarter: read_quarter(out, client, quarter)
        for quarter in quarters_kept(out, client)
        if quarter < now
    }


def changes(before: Sequence[Record], after: Sequence[Record]) -> list[Change]:
    """Compare the headline numbers of two reviews; those beyond noise come first.

    Parameters
    ----------
    before, after : sequence of Record
        Of one client. Numbers are matched by report, label and unit; what only one of the two
        has is left out.

    Returns
    -------
    list of Change
    """
    old = {(r.notebook, f.label, f.unit): f for r in before for f in r.figures}
    found = []
    for record in after:
        for figure in record.figures:
            earlier = old.get((record.notebook, figure.label, figure.unit))
            if earlier is not None:
                found.append(_change(record, earlier, figure))
    return sorted(found, key=lambda change: not change.beyond)


def _change(record: Record, old: FigureRecord, new: FigureRecord) -> Change:
    was, now = old.ends, new.ends
    exact = was.low == was.high and now.low == now.high
    gap = new.gap or old.gap
    outside = not now.low <= was.point <= now.high and not was.low <= now.point <= was.high
    return Change(
        notebook=record.notebook,
        title=record.title,
        label=new.label,
        # anew from the numbers: an earlier version may have written them otherwise
        before=format_interval(was, old.unit),
        after=format_interval(now, new.unit),
        change="–" if gap else _difference(now.point - was.point, new.unit, exact=exact),
        unit=new.unit,
        was=was.point,
        now=now.point,
        beyond=not gap and (_moved(was.point, now.point, new.unit) if exact else outside),
        gap=gap,
    )


def _moved(was: float, now: float, unit: str) -> bool:
    by = abs(now - was)
    return by > _LEAST * abs(was) and (unit != "%" or by > _LEAST_POINTS)


def _difference(by: float, unit: str, *, exact: bool) -> str:
    if by != by or by in (float("inf"), float("-inf")):
        return "–"
    sign = "+" if by > 0 else ""
    if unit == "%":
        text = format_value(by * 100, "")
        return f"{sign}{text} points" if text not in {"0", "\u22120"} else "0 points"
    return sign + (format_money if exact else format_estimate)(by, unit)
