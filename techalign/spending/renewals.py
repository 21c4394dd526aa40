"""Contracts: when to act, what the next term would cost, what is paid for and not used.

A notice date that is missed costs a term. The date to act by leaves 90 days before the last
day to cancel, for comparing offers.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise
from operator import itemgetter

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.cashflows import xnpv
from techalign.numbers.intervals import Interval
from techalign.numbers.periods import DAYS_PER_YEAR, months_between

__all__ = [
    "ACT_BY_DAYS",
    "LONG_YEARS",
    "SHORT_YEARS",
    "Overlaps",
    "Renewals",
    "find_renewals",
    "overlap",
]

ACT_BY_DAYS = 90
"""Days before the last day to cancel at which to begin, so that offers can be compared."""
SHORT_YEARS = 0.26
"""Terms to which this is the longest may be left at the end of each: nobody compares before."""
LONG_YEARS = 3.0
"""An agreement that ends by itself after more years is a lease or a franchise, not software."""

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
    "days_left",
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
_AS_WRITTEN = (
    "vendor",
    "capability",
    "auto_renew",
    "annual_price",
    "notice_days",
    "seats_paid",
    "seats_active",
)


@dataclass(frozen=True)
class Renewals:
    """Contracts with their dates and money.

    Attributes
    ----------
    frame : DataFrame
        One row per contract, the first to act on first, same index as the table: vendor,
        capability, start and end (of the current term), terms_rolled (terms that have
        renewed by themselves since the table's), term_years, auto_renew, annual_price,
        notice_days, act_by, last_cancel, days_left (until the last day to cancel, or the end of
        what ends by itself; NaN once it is past), status, uplift, uplift_low, uplift_high (price
        rise at renewal), uplift_stated (in the contract, otherwise assumed; none is assumed where
        the term is longer than `LONG_YEARS` and ends by itself), exposure,
        exposure_low, exposure_high (price of the whole next term), committed (money still
        owed until the end), committed_pv, seats_paid, seats_active, seat_waste (money a year
        for seats not in use; NaN where seats are not known).

        Status: ``upcoming`` before act_by; ``act now`` from act_by to the last day to cancel
        (to the end, for a contract that ends by itself); ``overdue to cancel`` after that
        day: the next term is lost, the price is not; ``rolls over`` for an upcoming contract
        whose written end is past; ``short terms`` for one that renews by itself for a quarter
        or less, which stands after all others; ``ended``.
    as_of : date
    assumed_uplift : Interval
        Used where the contract states none.

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "vendor": ["Acme", "Beta"], "capability": "backup",
    ...     "start": pd.to_datetime("2025-09-01"), "end": pd.to_datetime("2026-08-31"),
    ...     "notice_days": 30, "auto_renew": True, "annual_price": [1200.0, 500.0],
    ...     "seats_paid": [12.0, 5.0], "seats_active": [9.0, 5.0], "uplift": [0.05, float("nan")]})
    >>> day, usual = dt.date(2026, 6, 30), Interval(0.08, 0.03, 0.12)
    >>> renewals = find_renewals(contracts, day, rate=0.1, assumed_uplift=usual)
    >>> renewals.seat_waste, renewals.exposure(365)
    (300.0, Interval(point=1800.0, low=1775.0, high=1820.0, level=0.8))
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

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "vendor": ["Acme", "Beta"], "capability": "backup",
    ...     "start": pd.to_datetime("2025-09-01"), "end": pd.to_datetime("2026-08-31"),
    ...     "notice_days": 30, "auto_renew": True, "annual_price": [1200.0, 500.0],
    ...     "seats_paid": [12.0, 5.0], "seats_active": [9.0, 5.0], "uplift": [0.05, float("nan")]})
    >>> day, usual = dt.date(2026, 6, 30), Interval(0.08, 0.03, 0.12)
    >>> overlap(contracts, day, migration=100.0).saving
    Interval(point=400.0, low=400.0, high=1100.0, level=1.0)
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
    contracts: pd.DataFrame,
    as_of: dt.date,
    *,
    rate: float,
    assumed_uplift: Interval,
    lead_days: int = ACT_BY_DAYS,
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
    lead_days : int
        Days before the last day to cancel at which to begin; an assumption.

    Returns
    -------
    Renewals

    Raises
    ------
    ModelError
        If the rate is not above -1.

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "vendor": ["Acme", "Beta"], "capability": "backup",
    ...     "start": pd.to_datetime("2025-09-01"), "end": pd.to_datetime("2026-08-31"),
    ...     "notice_days": 30, "auto_renew": True, "annual_price": [1200.0, 500.0],
    ...     "seats_paid": [12.0, 5.0], "seats_active": [9.0, 5.0], "uplift": [0.05, float("nan")]})
    >>> day, usual = dt.date(2026, 6, 30), Interval(0.08, 0.03, 0.12)
    >>> row = find_renewals(contracts, day, rate=0.1, assumed_uplift=usual).frame.iloc[0]
    >>> print(row["vendor"], row["status"], row["last_cancel"].date(), row["exposure"])
    Acme act now 2026-08-01 1260.0
    """
    if rate <= -1:
        raise ModelError("rate", "must be above -1", value=rate)
    auto = contracts["auto_renew"].to_numpy(dtype=bool)
    written = list(zip(contracts["start"], contracts["end"], strict=True))
    terms = [
        _current_term(start.date(), end.date(), as_of, bool(renews))
        for (start, end), renews in zip(written, auto, strict=True)
    ]
    start, end = (np.array([term[k] for term in terms], dtype="datetime64[ns]") for k in (0, 1))
    years = np.array([_term_years(*ends) for ends in written], dtype=float)
    notice = contracts["notice_days"].to_numpy(dtype=np.int64).astype("timedelta64[D]")
    last_cancel = end - notice
    columns = {
        **{name: contracts[name].to_numpy() for name in _AS_WRITTEN},
        "start": start,
        "end": end,
        "terms_rolled": np.array([term[2] for term in terms], dtype=np.int64),
        "term_years": years,
        "act_by": last_cancel - np.timedelta64(lead_days, "D"),
        "last_cancel": last_cancel,
    }
    short = auto & (years <= SHORT_YEARS)
    columns["act_by"] = np.where(short, last_cancel, columns["act_by"])
    columns["status"] = status = _status(columns, np.datetime64(as_of), short)
    left = (_decide_until(columns) - np.datetime64(as_of)) / np.timedelta64(1, "D")
    columns["days_left"] = np.where(left >= 0, left, np.nan)
    columns |= _exposure(columns, contracts["uplift"].to_numpy(dtype=float), assumed_uplift)
    committed = [_commitment(*row, as_of, rate) for row in _daily_prices(terms, columns)]
    columns["committed"], columns["committed_pv"] = (
        np.array(committed, dtype=float).reshape(-1, 2).T
    )
    columns["seat_waste"] = _seat_waste(columns)
    vendor, _ = pd.factorize(columns["vendor"], sort=True)
    order = np.lexsort((vendor, columns["act_by"], status == "short terms", status == "ended"))
    frame = pd.DataFrame(
        {name: columns[name][order] for name in _COLUMNS}, index=contracts.index[order]
    )
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


def _decide_until(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    """The last day on which something can be decided: to cancel, or what follows the end."""
    return np.where(columns["auto_renew"], columns["last_cancel"], columns["end"])


def _status(
    columns: Mapping[str, np.ndarray], today: np.datetime64, short: np.ndarray
) -> np.ndarray:
    decide_until = _decide_until(columns)
    cases = [
        today > columns["end"],
        short,
        today > decide_until,
        today >= columns["act_by"],
        columns["terms_rolled"] > 0,
    ]
    words = ["ended", "short terms", "overdue to cancel", "act now", "rolls over"]
    return np.select(cases, words, default="upcoming").astype(object)


def _exposure(
    columns: Mapping[str, np.ndarray], written: np.ndarray, assumed: Interval
) -> dict[str, np.ndarray]:
    """Give the price rise, written or assumed, and the price of the whole next term."""
    stated = ~np.isnan(written)
    # premises and franchises do not rise as software does: without a stated rise none is assumed
    lease = ~columns["auto_renew"].astype(bool) & (columns["term_years"] > LONG_YEARS)
    term_price = columns["annual_price"] * columns["term_years"]
    next_term = np.where(columns["status"] == "ended", 0.0, term_price)
    added = {"uplift_stated": stated}
    for suffix, value in (("", assumed.point), ("_low", assumed.low), ("_high", assumed.high)):
        uplift = np.where(stated, written, np.where(lease, 0.0, value))
        added[f"uplift{suffix}"] = uplift
        added[f"exposure{suffix}"] = next_term * (1.0 + uplift)
    return added


def _seat_waste(columns: Mapping[str, np.ndarray]) -> np.ndarray:
    paid = columns["seats_paid"]
    unused = np.maximum(paid - columns["seats_active"], 0.0)
    waste = columns["annual_price"] * unused / np.where(paid == 0, np.nan, paid)
    return np.where(columns["status"] == "ended", 0.0, waste)


def _daily_prices(
    terms: list[tuple[pd.Timestamp, pd.Timestamp, int]], columns: Mapping[str, np.ndarray]
) -> Iterator[tuple[pd.Timestamp, pd.Timestamp, float]]:
    """Give each term's ends and what a day of it costs."""
    prices = (columns["annual_price"] * columns["term_years"]).tolist()
    for (start, end, _), price in zip(terms, prices, strict=True):
        yield start, end, price / ((end - start).days + 1)


def _commitment(
    start: pd.Timestamp, end: pd.Timestamp, per_day: float, as_of: dt.date, rate: float
) -> tuple[float, float]:
    """Give what is owed until the end, paid in parts at the start of each month, and its value."""
    dates, month = [], pd.DateOffset(months=1)
    begin = max(start, pd.Timestamp(as_of))
    while begin <= end:
        dates.append(begin)
        begin += month
    edges = [*dates, end + pd.Timedelta(days=1)]
    parts = [per_day * (after - before).days for before, after in pairwise(edges)]
    return sum(parts), xnpv(rate, [0.0, *parts], [as_of, *(date.date() for date in dates)])


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

    Examples
    --------
    >>> contracts = pd.DataFrame({
    ...     "vendor": ["Acme", "Beta"], "capability": "backup",
    ...     "start": pd.to_datetime("2025-09-01"), "end": pd.to_datetime("2026-08-31"),
    ...     "notice_days": 30, "auto_renew": True, "annual_price": [1200.0, 500.0],
    ...     "seats_paid": [12.0, 5.0], "seats_active": [9.0, 5.0], "uplift": [0.05, float("nan")]})
    >>> day, usual = dt.date(2026, 6, 30), Interval(0.08, 0.03, 0.12)
    >>> row = overlap(contracts, day, migration=0.0).frame.iloc[0]
    >>> print(row["capability"], row["vendors"], row["kept"], row["saving"])
    backup Acme; Beta Acme 500.0
    """
    rows = []
    for name, vendors in _live_costs(contracts, as_of).items():
        if len(vendors) < 2:
            continue
        costs = [cost for _, cost, _ in vendors]
        kept, kept_cost, _ = min(vendors, key=lambda v: (-v[2], -v[1], v[0]))
        moving = migration.get(name, 0.0) if isinstance(migration, Mapping) else migration
        cost = sum(costs) - moving
        rows.append(
            {
                "capability": name,
                "vendors": "; ".join(vendor for vendor, *_ in vendors),
                "count": len(vendors),
                "cost": sum(costs),
                "kept": kept,
                "kept_cost": kept_cost,
                "migration": moving,
                "saving": cost - kept_cost,
                "saving_low": cost - max(costs),
                "saving_high": cost - min(costs),
            }
        )
    rows.sort(key=itemgetter("saving"), reverse=True)
    kinds = {"capability": object, "vendors": object, "count": int, "kept": object}
    columns = "capability vendors count cost kept kept_cost migration saving saving_low saving_high"
    frame = pd.DataFrame(
        {
            name: np.array([row[name] for row in rows], dtype=kinds.get(name, float))
            for name in columns.split()
        }
    )
    return Overlaps(frame=frame)


def _live_costs(
    contracts: pd.DataFrame, as_of: dt.date
) -> dict[str, list[tuple[str, float, float]]]:
    """Give by capability its vendors in order, each with its cost a year and seats in use."""
    today = pd.Timestamp(as_of)
    live = contracts["auto_renew"].to_numpy(dtype=bool) | (contracts["end"] >= today).to_numpy()
    live &= (contracts["start"] <= today).to_numpy()
    names = ("capability", "vendor", "annual_price", "seats_active")
    sums: dict[tuple[str, str], tuple[float, float]] = {}
    for capability, vendor, price, seats in zip(
        *(contracts[name].to_numpy()[live].tolist() for name in names), strict=True
    ):
        key = capability.strip().casefold(), vendor
        cost, used = sums.get(key, (0.0, 0.0))
        sums[key] = cost + price, used + (0.0 if math.isnan(seats) else seats)
    grouped: dict[str, list[tuple[str, float, float]]] = {}
    for (capability, vendor), (cost, used) in sorted(sums.items()):
        grouped.setdefault(capability, []).append((vendor, cost, used))
    return grouped
