"""Contracts: when to act, what the next term would cost, what is paid for and not used.

A notice date that is missed costs a term. The date to act by leaves 90 days before the last
day to cancel, for comparing offers.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.cashflows import xnpv
from techalign.numbers.intervals import Interval
from techalign.numbers.periods import DAYS_PER_YEAR, months_between

__all__ = ["ACT_BY_DAYS", "Overlaps", "Renewals", "find_renewals", "overlap"]

ACT_BY_DAYS = 90
"""Days before the last day to cancel at which to begin (document 3)."""

_COLUMNS = [
    "vendor",
    "capability",
    "start",
    "end",
    "terms_rolled",
    "term_years",
    "auto_renew",
    "annual_price",
    "notice_days",
    "act_by",
    "last_cancel",
    "status",
    "uplift",
    "uplift_low",
    "uplift_high",
    "uplift_stated",
    "exposure",
    "exposure_low",
    "exposure_high",
    "committed",
    "committed_pv",
    "seats_paid",
    "seats_active",
    "seat_waste",
]


@dataclass(frozen=True)
class Renewals:
    """Contracts with their dates and money.

    Attributes
    ----------
    frame : DataFrame
        One row per contract, the first to act on first, same index as the table: vendor,
        capability, start and end (of the current term), terms_rolled (terms that have
        renewed by themselves since the table's), term_years, auto_renew, annual_price,
        notice_days, act_by, last_cancel, status, uplift, uplift_low, uplift_high (price rise
        at renewal), uplift_stated (in the contract, otherwise assumed), exposure,
        exposure_low, exposure_high (price of the whole next term), committed (money still
        owed until the end), committed_pv, seats_paid, seats_active, seat_waste (money a year
        for seats not in use; NaN where seats are not known).

        Status: ``upcoming`` before act_by; ``act now`` from act_by to the last day to cancel
        (to the end, for a contract that ends by itself); ``overdue to cancel`` after that
        day: the next term is lost, the price is not; ``rolls over`` for an upcoming contract
        whose written end is past; ``ended``.
    as_of : date
    assumed_uplift : Interval
        Used where the contract states none.
    """

    frame: pd.DataFrame
    as_of: dt.date
    assumed_uplift: Interval

    @property
    def committed(self) -> float:
        """Money owed until the current terms end."""
        return float(self.frame["committed"].sum())

    @property
    def seat_waste(self) -> float:
        """Money a year for seats not in use, where seats are known."""
        return float(self.frame["seat_waste"].sum())

    def exposure(self, within_days: int = 365) -> Interval:
        """Add up the next terms of contracts that renew by themselves within some days.

        The ends add up the ends of the rows: they move together, as an assumed rise would.
        """
        horizon = pd.Timestamp(self.as_of) + pd.Timedelta(days=within_days)
        due = self.frame[self.frame["auto_renew"] & (self.frame["end"] <= horizon)]
        point, low, high = (
            float(due[c].sum()) for c in ("exposure", "exposure_low", "exposure_high")
        )
        return Interval(point, low, high, self.assumed_uplift.level)

    def with_status(self, status: str) -> pd.DataFrame:
        """Give the contracts of one status."""
        return self.frame[self.frame["status"] == status]


@dataclass(frozen=True)
class Overlaps:
    """Capabilities that more than one vendor provides.

    Attributes
    ----------
    frame : DataFrame
        One row per capability, largest saving first: capability, vendors (names, separated
        by ;), count, cost (a year, all vendors), kept (vendor with the most seats in use,
        else the dearest), kept_cost, migration, saving (cost - kept_cost - migration, in the
        first year), saving_low, saving_high (the dearest or the cheapest vendor kept).
    """

    frame: pd.DataFrame

    @property
    def saving(self) -> Interval:
        """Sum of the savings that are positive; the interval is the choice of vendor."""
        point, low, high = (
            float(self.frame[c].clip(lower=0).sum())
            for c in ("saving", "saving_low", "saving_high")
        )
        return Interval(point, low, high, level=1.0)


def find_renewals(
    contracts: pd.DataFrame, as_of: dt.date, *, rate: float, assumed_uplift: Interval
) -> Renewals:
    """Work out dates, exposure, commitments and unused seats of each contract.

    Parameters
    ----------
    contracts : DataFrame
        Rows of the contracts table.
    as_of : date
    rate : float
        Discount rate per year, above -1.
    assumed_uplift : Interval
        Price rise at renewal, 0.07 for 7 %, where the contract states none.

    Returns
    -------
    Renewals

    Raises
    ------
    ModelError
        If the rate is not above -1.
    """
    if rate <= -1:
        raise ModelError("rate", "must be above -1", value=rate)
    terms = [
        _current_term(start.date(), end.date(), as_of, bool(auto))
        for start, end, auto in zip(
            contracts["start"], contracts["end"], contracts["auto_renew"], strict=True
        )
    ]
    frame = contracts.assign(
        start=pd.Series([t[0] for t in terms], contracts.index, dtype="datetime64[ns]"),
        end=pd.Series([t[1] for t in terms], contracts.index, dtype="datetime64[ns]"),
        terms_rolled=np.array([t[2] for t in terms], dtype=np.int64),
    )
    frame["term_years"] = [
        _term_years(start, end)
        for start, end in zip(contracts["start"], contracts["end"], strict=True)
    ]
    frame["term_years"] = frame["term_years"].astype(float)
    frame["last_cancel"] = frame["end"] - pd.to_timedelta(frame["notice_days"], unit="D")
    frame["act_by"] = frame["last_cancel"] - pd.Timedelta(days=ACT_BY_DAYS)
    frame["status"] = _status(frame, pd.Timestamp(as_of))
    frame = _add_exposure(frame, assumed_uplift)
    frame = _add_commitment(frame, as_of, rate)
    unused = (frame["seats_paid"] - frame["seats_active"]).clip(lower=0)
    frame["seat_waste"] = frame["annual_price"] * unused / frame["seats_paid"].replace(0, np.nan)
    frame.loc[frame["status"] == "ended", "seat_waste"] = 0.0
    frame = frame[_COLUMNS].assign(over=frame["status"] == "ended")
    frame = frame.sort_values(["over", "act_by", "vendor"]).drop(columns="over")
    return Renewals(frame=frame, as_of=as_of, assumed_uplift=assumed_uplift)


def _current_term(
    start: dt.date, end: dt.date, as_of: dt.date, auto: bool
) -> tuple[pd.Timestamp, pd.Timestamp, int]:
    """Roll a contract that renews by itself forward to the term that holds ``as_of``."""
    first, after = pd.Timestamp(start), pd.Timestamp(end) + pd.Timedelta(days=1)
    if not auto or end >= as_of:
        return first, pd.Timestamp(end), 0
    whole_months = start.day == after.day
    step = (
        pd.DateOffset(months=months_between(start, after.date()))
        if whole_months
        else pd.DateOffset(days=(after - first).days)
    )
    rolled = 0
    # multiples of the first term, because repeated month ends drift (31, 28, 28)
    while first + (rolled + 1) * step <= pd.Timestamp(as_of):
        rolled += 1
    last = first + (rolled + 1) * step - pd.Timedelta(days=1)
    return first + rolled * step, last, rolled


def _term_years(start: pd.Timestamp, end: pd.Timestamp) -> float:
    """Count whole months where the term is made of them: a year costs a year's price."""
    after = end + pd.Timedelta(days=1)
    if start.day == after.day:
        return months_between(start.date(), after.date()) / 12
    return float((after - start).days / DAYS_PER_YEAR)


def _status(frame: pd.DataFrame, today: pd.Timestamp) -> np.ndarray:
    auto = frame["auto_renew"].astype(bool)
    decide_until = frame["last_cancel"].where(auto, frame["end"])
    cases = [
        today > frame["end"],
        today > decide_until,
        today >= frame["act_by"],
        frame["terms_rolled"] > 0,
    ]
    words = ["ended", "overdue to cancel", "act now", "rolls over"]
    return np.select(cases, words, default="upcoming").astype(object)


def _add_exposure(frame: pd.DataFrame, assumed: Interval) -> pd.DataFrame:
    stated = frame["uplift"].notna()
    next_term = (frame["annual_price"] * frame["term_years"]).where(frame["status"] != "ended", 0.0)
    added = frame.assign(uplift_stated=stated)
    for suffix, value in (("", assumed.point), ("_low", assumed.low), ("_high", assumed.high)):
        uplift = frame["uplift"].where(stated, value)
        added[f"uplift{suffix}"] = uplift
        added[f"exposure{suffix}"] = next_term * (1.0 + uplift)
    return added


def _add_commitment(frame: pd.DataFrame, as_of: dt.date, rate: float) -> pd.DataFrame:
    """Add what is owed until the end, paid in equal parts at the start of each month."""
    owed, values = [], []
    term_price = frame["annual_price"] * frame["term_years"]
    per_day = term_price / ((frame["end"] - frame["start"]).dt.days + 1)
    for start, end, price in zip(frame["start"], frame["end"], per_day, strict=True):
        begin = max(start, pd.Timestamp(as_of))
        dates = pd.date_range(begin, end, freq=pd.DateOffset(months=1))
        edges = [*dates, end + pd.Timedelta(days=1)]
        parts = [price * (b - a).days for a, b in pairwise(edges)]
        owed.append(sum(parts))
        values.append(xnpv(rate, [0.0, *parts], [as_of, *(d.date() for d in dates)]))
    return frame.assign(
        committed=np.array(owed, dtype=float), committed_pv=np.array(values, dtype=float)
    )


def overlap(
    contracts: pd.DataFrame, as_of: dt.date, *, migration: float | Mapping[str, float]
) -> Overlaps:
    """Find capabilities bought from more than one vendor, and what one vendor would save.

    Parameters
    ----------
    contracts : DataFrame
        Rows of the contracts table; contracts that have ended take no part.
    as_of : date
    migration : float or mapping of str to float
        Assumption: money to move to the vendor kept, once, per capability. A capability the
        mapping lacks costs nothing. The kept vendor's price is taken as unchanged.

    Returns
    -------
    Overlaps
    """
    live = contracts[contracts["auto_renew"].astype(bool) | (contracts["end"] >= str(as_of))]
    live = live[live["start"] <= pd.Timestamp(as_of)]
    capability = live["capability"].str.strip().str.casefold()
    per_vendor = live.assign(capability=capability).groupby(["capability", "vendor"])
    costs = per_vendor.agg(cost=("annual_price", "sum"), seats=("seats_active", "sum"))
    rows = []
    for name, group in costs.reset_index().groupby("capability"):
        if len(group) < 2:
            continue
        kept = group.sort_values(["seats", "cost", "vendor"], ascending=[False, False, True]).iloc[
            0
        ]
        moving = migration.get(str(name), 0.0) if isinstance(migration, Mapping) else migration
        cost = group["cost"].sum() - moving
        rows.append(
            {
                "capability": name,
                "vendors": "; ".join(group["vendor"]),
                "count": len(group),
                "cost": group["cost"].sum(),
                "kept": kept["vendor"],
                "kept_cost": kept["cost"],
                "migration": moving,
                "saving": cost - kept["cost"],
                "saving_low": cost - group["cost"].max(),
                "saving_high": cost - group["cost"].min(),
            }
        )
    columns = "capability vendors count cost kept kept_cost migration saving saving_low saving_high"
    frame = pd.DataFrame(rows, columns=columns.split())
    numbers = ["cost", "kept_cost", "migration", "saving", "saving_low", "saving_high"]
    frame = frame.astype(dict.fromkeys(numbers, float) | {"count": int})
    return Overlaps(frame=frame.sort_values("saving", ascending=False, ignore_index=True))
