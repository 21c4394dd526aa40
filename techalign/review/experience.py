"""The practice's own experience with vendors: gathered from all clients, shown in the portfolio."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from techalign.client import load_client, load_reference
from techalign.client.experience import CurvePoint, Experience, SharedSupplier
from techalign.numbers.named_shares import named_shares
from techalign.report.blocks import note, table
from techalign.review.block import Block, BlockRow, Chance
from techalign.review.records import Record

if TYPE_CHECKING:
    import pandas as pd

    from techalign.vendors import PracticeExperience

__all__ = [
    "ExperienceCurve",
    "gather_companies",
    "practice_part",
    "seen_by_practice",
    "shared_suppliers",
]

_DAYS = ("since", "ceased", "acquired")
_ASKED = ("vendor", "founded", "size", "sector", "owner_kind", "hubs", *_DAYS)


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
        vendor, founded (year), sector, since (first day in any register), ceased, acquired.
    """
    return _companies(_vendor_rows(clients_dir, clients))


def _companies(rows: pd.DataFrame) -> pd.DataFrame:
    every = rows.assign(vendor=rows["merged"])[["vendor", "founded", "sector", *_DAYS]]
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
    # every record's reader imports this file, and only a command fits the table
    from techalign.vendors import company_survival, practice_experience

    facts, rows = load_reference(), _vendor_rows(clients_dir, clients)
    published = company_survival(facts.establishment_survival, facts.firm_death_rates)
    found = practice_experience(_companies(rows), published, as_of)
    return _kept(found, _known(rows))


def shared_suppliers(clients_dir: Path, clients: Sequence[str]) -> tuple[SharedSupplier, ...]:
    """What some client's vendors run on and is a vendor of any; parameters as before."""
    return _known(_vendor_rows(clients_dir, clients))


def _vendor_rows(clients_dir: Path, clients: Sequence[str]) -> pd.DataFrame:
    """All clients' vendors, their names and those of what they run on merged."""
    import pandas as pd

    from techalign.spending import merge_vendors  # as above

    frames = [
        load_client(clients_dir, client, tables=["vendors"]).table("vendors")[[*_ASKED]]
        for client in clients
    ]
    every = pd.concat(frames, ignore_index=True)
    hubs = [name for text in every["hubs"] for name, _ in named_shares(str(text))]
    written = pd.concat([every["vendor"], pd.Series(hubs, dtype=object)], ignore_index=True)
    if written.empty:
        return every.assign(merged=every["vendor"])
    merged = merge_vendors(written, load_reference().suppliers).apply(written)
    pairs = _pairs(every["hubs"], merged.iloc[len(every) :].tolist())
    return every.assign(
        merged=merged.iloc[: len(every)].to_numpy(), on=pd.Series(pairs, dtype=object)
    )


def _pairs(texts: pd.Series[str], merged: list[str]) -> list[list[tuple[str, str]]]:
    """What each vendor runs on, as written and merged; ``merged`` in the order of the texts."""
    left = iter(merged)
    return [[(name, next(left)) for name, _ in named_shares(str(text))] for text in texts]


def _known(rows: pd.DataFrame) -> tuple[SharedSupplier, ...]:
    """What others run on and is a vendor itself; where clients differ, the fullest row counts."""
    if "on" not in rows.columns:
        return ()
    written = dict(pair for pairs in rows["on"] for pair in pairs)
    known = rows.assign(told=rows[["founded", "size"]].notna().sum(axis=1))
    known = known.sort_values(["told", "merged"], ascending=[False, True], kind="stable")
    of = known.drop_duplicates("merged").set_index("merged")
    return tuple(
        SharedSupplier(
            vendor=name,
            founded=_whole(of.loc[merged, "founded"]),
            size=_whole(of.loc[merged, "size"]),
            sector=str(of.loc[merged, "sector"]),
            owner_kind=str(of.loc[merged, "owner_kind"]),
        )
        for name, merged in sorted(written.items())
        if merged in of.index
    )


def _whole(value: object) -> int | None:
    import pandas as pd

    return None if pd.isna(value) else int(value)  # type: ignore[call-overload]


def _kept(found: PracticeExperience, hubs: tuple[SharedSupplier, ...]) -> Experience:
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
        hubs=hubs,
        sectors=found.sector_sentence,
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
