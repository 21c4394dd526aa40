"""What the payments show since a decision was carried out.

A decision names money; a year later an owner may ask whether it came. Payments can say so of
money asked back, of suppliers left, and of prices: always the days since against the same days a
year before, because bills come in their own months. Agreements say so of seats.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.decision import Outcome, find_subject
from techalign.numbers.formatting import format_date, format_value
from techalign.spending.names import VendorNames

__all__ = ["LEAST_DAYS", "spending_outcomes"]

LEAST_DAYS = 60
"""Days of payments after a decision below which nothing is said of it."""

_YEAR = 365
_STOPPED = 0.01  # of what was paid before: less than that is a rest, not a bill


@dataclass(frozen=True)
class _Done:
    """A decision that was carried out, with the payments to its supplier."""

    vendor: str
    topic: str
    stop: bool
    day: dt.date
    paid: pd.DataFrame
    doubled: frozenset[float]
    begins: dt.date | None
    first: dt.date
    as_of: dt.date
    currency: str

    def between(self, start: dt.date, end: dt.date) -> float:
        """Money paid, net of credits, after one day and up to another."""
        days = self.paid["date"].dt.date
        return float(self.paid.loc[(days > start) & (days <= end), "amount"].sum())

    def money(self, amount: float) -> str:
        return format_value(round(amount), self.currency)


def spending_outcomes(
    kept: pd.DataFrame,
    ledger: pd.DataFrame,
    names: VendorNames,
    agreements: pd.DataFrame,
    doubles: pd.DataFrame,
    *,
    as_of: dt.date,
    currency: str,
) -> dict[str, Outcome]:
    """Say of decisions about suppliers that are done what the payments since show.

    Parameters
    ----------
    kept : DataFrame
        Clean rows of the decisions table: id, status, changed (date or NaT).
    ledger : DataFrame
        date, vendor_raw, amount (money, credits negative), currency ("" or the client's;
        others are left out).
    names : VendorNames
        Whose names are one supplier.
    agreements : DataFrame
        vendor, start (of the current term), seat_waste (money a year for seats not in use, or
        NaN).
    doubles : DataFrame
        vendor, repeated (money): groups of identical rows, see
        :class:`techalign.spending.LedgerSummary`.
    as_of : date
        The day of the review.
    currency : str
        The client's, three letters.

    Returns
    -------
    dict of str to Outcome
        By id; only of decisions of this subject that payments can say anything about.

    Examples
    --------
    >>> from techalign.spending import merge_vendors
    >>> kept = pd.DataFrame({"id": ["spending-stop-oak-price"], "status": ["done"],
    ...     "changed": pd.to_datetime(["2026-01-10"])})
    >>> ledger = pd.DataFrame({
    ...     "date": pd.to_datetime(["2025-01-09", "2025-02-01", "2025-08-01"]),
    ...     "vendor_raw": ["Elm", "Oak", "Oak"], "amount": 600.0, "currency": ""})
    >>> catalogue = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    >>> names = merge_vendors(["Elm", "Oak"], catalogue)
    >>> none = pd.DataFrame(columns=["vendor", "start", "repeated"])
    >>> day = dt.date(2026, 6, 30)
    >>> found = spending_outcomes(kept, ledger, names, none, none, as_of=day, currency="USD")
    >>> found["spending-stop-oak-price"].brought, found["spending-stop-oak-price"].said
    (1200.0, 'Oak was paid $600 in the same days a year before, and nothing since')
    """
    done = kept[(kept["status"] == "done") & kept["changed"].notna()]
    if ledger.empty or done.empty:
        return {}
    own = ledger[ledger["currency"].isin(["", currency]) & (ledger["date"].dt.date <= as_of)]
    own = own.assign(vendor=names.apply(own["vendor_raw"]))
    vendors = sorted(set(own["vendor"]))
    outcomes: dict[str, Outcome] = {}
    for name, changed in zip(done["id"], done["changed"], strict=True):
        area, kind, *_ = f"{name}--".split("-")
        if area != "spending":
            continue
        agreed = find_subject(name, agreements["vendor"])
        if agreed is not None and agreed[1] == "seats":
            mine = agreements[agreements["vendor"] == agreed[0]]
            outcomes[name] = _given_up(mine, currency)
        elif (about := find_subject(name, vendors)) is not None and about[1] != "seats":
            vendor, topic = about
            starts = agreements.loc[agreements["vendor"] == vendor, "start"]
            one = _Done(
                vendor=vendor,
                topic=topic,
                stop=kind == "stop" or topic == "price",
                day=pd.Timestamp(changed).date(),
                paid=own[own["vendor"] == vendor],
                doubled=_amounts(doubles, vendor),
                begins=None if starts.empty else starts.max().date(),
                first=own["date"].min().date(),
                as_of=as_of,
                currency=currency,
            )
            outcomes[name] = _credited(one) if topic == "paid-twice" else _paid(one)
    return outcomes


def _given_up(rows: pd.DataFrame, currency: str) -> Outcome:
    """What is still paid for seats that nobody uses."""
    if rows["seat_waste"].isna().all():
        return Outcome(brought=None, said="the agreement no longer says how many seats are in use")
    waste = float(rows["seat_waste"].sum())
    left = f"{format_value(round(waste), currency)} a year is" if waste else "nothing is"
    said = f"{left} paid for seats not in use"
    return Outcome(brought=-waste, from_promise=True, said=said)


def _amounts(doubles: pd.DataFrame, vendor: str) -> frozenset[float]:
    """What was paid too much at a vendor, one by one and all together."""
    mine = doubles.loc[(doubles["vendor"] == vendor) & (doubles["repeated"] > 0), "repeated"]
    every = [float(amount) for amount in mine]
    return frozenset(round(amount, 2) for amount in (*every, sum(every)) if amount)


def _credited(one: _Done) -> Outcome:
    """Whether money asked back has come: credits of just such amounts, the last weeks' included.

    A supplier may give credits of other amounts every month; those are not for what was doubled.
    """
    since = one.day - dt.timedelta(days=LEAST_DAYS)
    fits = one.paid["amount"].round(2).isin([-amount for amount in one.doubled])
    rows = one.paid[fits & (one.paid["date"].dt.date > since)]
    if len(rows):
        money, last = -float(rows["amount"].sum()), rows["date"].max().date()
        return Outcome(
            brought=money,
            said=f"{one.vendor} credited {one.money(money)}, last on {format_date(last)}",
        )
    if (one.as_of - one.day).days < LEAST_DAYS:
        return Outcome(brought=None, said=f"{one.vendor} has given no credit of that amount yet")
    return Outcome(brought=0.0, said=f"{one.vendor} has given no credit of that amount since")


def _paid(one: _Done) -> Outcome:
    """Payments since against the same days a year before, taken to a whole year."""
    start = one.day
    if not one.stop and one.begins is not None:
        if one.begins <= one.day:
            return Outcome(brought=None, said="the next term has not begun yet")
        start = one.begins - dt.timedelta(days=1)
    days = (one.as_of - start).days
    if days < LEAST_DAYS:
        return Outcome(
            brought=None, said=f"there are payments of {max(days, 0)} days since, too few to tell"
        )
    span = dt.timedelta(days=min(days, _YEAR))
    year = dt.timedelta(days=_YEAR)
    before, now = one.between(start - year, start - year + span), one.between(start, start + span)
    whole = one.between(start - year, start)
    if one.first > start - year:
        return Outcome(brought=None, said="the ledger does not reach back a year before it")
    if before <= 0 or whole <= 0:
        return Outcome(brought=None, said="no bill of a year before falls into the days since")
    if now <= _STOPPED * before:
        said = f"{one.vendor} was paid {one.money(before)} in the same days a year before, "
        return Outcome(brought=whole, said=f"{said}and nothing since")
    fall = float(np.round(whole * (1.0 - now / before), 2))
    return Outcome(
        brought=fall,
        from_promise=not one.stop,
        said=f"{one.vendor} was paid {one.money(now)} in the {span.days} days since, "
        f"{one.money(before)} in the same days a year before",
    )
