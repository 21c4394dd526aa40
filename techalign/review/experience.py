"""The practice's own experience with vendors: gathered from all clients, shown in the portfolio."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from techalign.client import load_client, load_reference
from techalign.client.experience import CurvePoint, Experience
from techalign.report.blocks import note, table
from techalign.review.block import Block, BlockRow, Chance
from techalign.review.records import Record
from techalign.spending import merge_vendors
from techalign.vendors import PracticeExperience, practice_experience

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ExperienceCurve", "gather_companies", "practice_part", "seen_by_practice"]

_DAYS = ("since", "ceased", "acquired")


class CurveRow(BlockRow):
    """Survival at an age in years, see :class:`techalign.client.experience.CurvePoint`."""

    age: float
    own: Chance | None
    own_low: Chance | None
    own_high: Chance | None
    fitted: Chance
    published: Chance
    bought: Chance


class ExperienceCurve(Block):
    """The practice's curve beside the published one, as a report used it."""

    name: ClassVar = "experience"
    rows: tuple[CurveRow, ...]


def gather_companies(clients_dir: Path, clients: Sequence[str]) -> pd.DataFrame:
    """One row per company of all clients' vendors tables, the same company counted once.

    Parameters
    ----------
    clients_dir : Path
    clients : sequence of str

    Returns
    -------
    DataFrame
        vendor, founded (year), since (first day in any register), ceased, acquired.
    """
    import pandas as pd

    frames = [
        load_client(clients_dir, client, tables=["vendors"]).table("vendors")[
            ["vendor", "founded", *_DAYS]
        ]
        for client in clients
    ]
    every = pd.concat(frames, ignore_index=True)
    if every.empty:
        return every
    every["vendor"] = merge_vendors(every["vendor"], load_reference().suppliers).apply(
        every["vendor"]
    )
    return every.groupby("vendor", sort=True).agg("min").reset_index()


def seen_by_practice(clients_dir: Path, clients: Sequence[str], as_of: dt.date) -> Experience:
    """Fit the practice's own life table and put it into the form that is kept.

    Parameters
    ----------
    clients_dir : Path
    clients : sequence of str
    as_of : date
        Last day of observation.

    Raises
    ------
    ModelError
        If no company has both a founding year and a day of entry.
    """
    companies = gather_companies(clients_dir, clients)
    found = practice_experience(companies, load_reference().establishment_survival, as_of)
    return _kept(found)


def _kept(found: PracticeExperience) -> Experience:
    rows = found.curve.astype(object).where(found.curve.notna(), None).to_dict("records")
    return Experience(
        as_of=found.as_of,
        companies=found.companies,
        closed=found.closed,
        acquired=found.acquired,
        left_out=found.left_out,
        years=round(found.years, 3),
        weight=round(found.weight, 6),
        hazard_ratio=found.hazard_ratio,
        curve=tuple(CurvePoint.model_validate(row) for row in rows),
    )


def practice_part(records: Sequence[Record]) -> str:
    """The practice's curve beside the published one, as HTML; from the latest report that has it.

    Parameters
    ----------
    records : sequence of Record
        Present records of all clients.
    """
    having = [record for record in records if record.rows(ExperienceCurve)]
    if not having:
        return note(
            "Vendors' chances rest on published statistics alone. With the days in the columns "
            "since, ceased and acquired of the vendors tables, 'techalign experience' adds what "
            "this practice has seen itself."
        ).html
    block = max(having, key=lambda record: record.as_of).block(ExperienceCurve)
    assert block is not None  # those that have it were chosen
    frame = block.frame()
    shown = frame.assign(
        own=frame["own"].astype(float),
        own_low=frame["own_low"].astype(float),
        own_high=frame["own_high"].astype(float),
    )
    return table(
        shown,
        caption="Companies still there at an age: seen by this practice, and published",
        columns={
            "age": ("Age", "years"),
            "own": ("Seen here", "%"),
            "published": ("Published", "%"),
            "fitted": ("Used in reports", "%"),
            "bought": ("Bought by then", "%"),
        },
        level=0.8,
        source="all clients' vendors tables; late entry and competing ends counted",
    ).html
