"""The records of earlier reviews, kept per quarter, and what changed since.

A report's record is copied to ``CLIENT/history/2026Q2/NOTEBOOK.json``, the quarter being that
of the day the report speaks of. Within a quarter the latest run counts.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from techalign.errors import ParameterError
from techalign.numbers.formatting import (
    format_estimate,
    format_interval,
    format_money,
    format_value,
)
from techalign.numbers.intervals import Interval
from techalign.review.records import Record, read_record, write_record

__all__ = [
    "Change",
    "changes",
    "earlier_records",
    "history_fingerprint",
    "keep_history",
    "quarter_of",
    "quarters_kept",
    "read_quarter",
    "recorded_block",
    "recorded_rows",
    "report_history",
    "review_name",
]

_QUARTER = re.compile(r"\d{4}Q[1-4]")
_LEAST = 0.02  # change of an exact number that is worth telling


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
        A number without an interval must have moved by more than two parts in a hundred.
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
        copy = replace(record, key="", page_sha256="", bytes=0, seconds={})
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
            kept = (folder / "history" / quarter / f"{notebook}.json").read_bytes()
        except OSError:
            continue
        digest.update(f"{quarter}\0".encode() + kept)
        found = True
    return digest.hexdigest() if found else ""


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
    found = (read_record(path) for path in sorted(folder.glob("*.json")))
    return [record for record in found if record is not None]


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
    old = {(r.notebook, f["label"], f["unit"]): f for r in before for f in _figures(r)}
    found = []
    for record in after:
        for figure in _figures(record):
            earlier = old.get((record.notebook, figure["label"], figure["unit"]))
            if earlier is not None:
                found.append(_change(record, earlier, figure))
    return sorted(found, key=lambda change: not change.beyond)


def recorded_block(record: Record, name: str) -> dict[str, Any] | None:
    """What a notebook handed on under a name, ``unit`` and ``rows``; None if it did not."""
    block: dict[str, Any] | None = record.headline.get("recorded", {}).get(name)
    return block


def recorded_rows(record: Record, name: str) -> list[dict[str, Any]]:
    """Rows a notebook handed on under a name; none if it did not."""
    return list((recorded_block(record, name) or {}).get("rows", []))


def _figures(record: Record) -> list[dict[str, Any]]:
    return list(record.headline.get("figures", [])) if record.status == "ok" else []


def _change(record: Record, old: dict[str, Any], new: dict[str, Any]) -> Change:
    (was, was_low, was_high), (now, low, high) = _ends(old["value"]), _ends(new["value"])
    exact = was_low == was_high and low == high
    outside = not low <= was <= high and not was_low <= now <= was_high
    return Change(
        record.notebook,
        record.title,
        new["label"],
        _written(old),
        _written(new),
        _difference(now - was, new["unit"], exact=exact),
        new["unit"],
        was,
        now,
        abs(now - was) > _LEAST * abs(was) if exact else outside,
    )


def _ends(value: object) -> tuple[float, float, float]:
    """Point, low and high; infinities were recorded as text."""
    if isinstance(value, dict):
        return float(value["point"]), float(value["low"]), float(value["high"])
    number = float(str(value))
    return number, number, number


def _written(figure: dict[str, Any]) -> str:
    """The number anew from its value: an earlier version may have written it otherwise."""
    point, low, high = _ends(figure["value"])
    return format_interval(Interval(point, low, high), figure["unit"])


def _difference(by: float, unit: str, *, exact: bool) -> str:
    if by != by or by in (float("inf"), float("-inf")):
        return "–"
    sign = "+" if by > 0 else ""
    if unit == "%":
        text = format_value(by * 100, "")
        return f"{sign}{text} points" if text not in {"0", "\u22120"} else "0 points"
    return sign + (format_money if exact else format_estimate)(by, unit)
