"""What a ledger alone suggests about agreements, suppliers, devices and the seven players.

Nothing here is known: it is a first proposal, to spare a person the typing. Every cell is to be
confirmed or corrected, and whoever shows a number that rests on one says so. What a ledger cannot
tell (who is affected when a supplier ceases, seats, ends of support) is left empty.

A charge that comes back is proposed as an agreement that rolls on at its rhythm: the shortest term
that its payments allow, so that nothing is said to be bound that may not be.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.spending.recurring.streams import Streams
from techalign.spending.spelling import REDACTED

__all__ = ["LedgerKnown", "propose_assets", "propose_contracts", "propose_players",
           "propose_vendors"]  # fmt: skip

_STEP = {
    "weekly": pd.DateOffset(weeks=1), "fortnightly": pd.DateOffset(weeks=2),
    "monthly": pd.DateOffset(months=1), "quarterly": pd.DateOffset(months=3),
    "half-yearly": pd.DateOffset(months=6), "yearly": pd.DateOffset(years=1),
}  # fmt: skip
_LARGEST = 15  # suppliers without a running charge, by money of twelve months
_NOT_VENDORS = frozenset({"taxes and government"})
_DEVICES = frozenset({"computers"})
_LEAST_PRICE = 250.0  # of a purchase, below which it is no device to plan for
_USUAL = {"relation": "indirect", "sector": "all", "criticality": 3}  # of a supplier nobody knows
_SETTLED = pd.Timedelta(days=60)  # a first payment so soon after the ledger began tells no start


@dataclass(frozen=True)
class LedgerKnown:
    """A ledger and what is known of its suppliers.

    Attributes
    ----------
    ledger : DataFrame, n rows
        Ledger rows with the column ``vendor``, see :meth:`VendorNames.apply`; in the client's
        currency.
    catalogue : DataFrame
        name, capability, category of known suppliers.
    facts : DataFrame
        name, founded (year), size (people), owner_kind of known suppliers, where a source tells.
    defaults : DataFrame
        category, relation, sector, criticality (1 to 5).
    as_of : date
    """

    ledger: pd.DataFrame
    catalogue: pd.DataFrame
    facts: pd.DataFrame
    defaults: pd.DataFrame
    as_of: dt.date

    @property
    def last_year(self) -> pd.DataFrame:
        """Rows of the twelve months to ``as_of``."""
        day = self.ledger["date"]
        end = pd.Timestamp(self.as_of)
        return self.ledger[(day > end - pd.DateOffset(years=1)) & (day <= end)]

    def of(self, column: str) -> dict[str, str]:
        """A column of the catalogue by the supplier's name."""
        return dict(zip(self.catalogue["name"], self.catalogue[column], strict=True))


def propose_contracts(
    streams: Streams, known: LedgerKnown, *, notice_days: int = 30
) -> pd.DataFrame:
    """Propose an agreement for each running charge of a fixed price.

    Parameters
    ----------
    streams : Streams
    known : LedgerKnown
    notice_days : int
        Of terms of a year and more, where nobody knows it; shorter ones have none.

    Returns
    -------
    DataFrame
        vendor, capability, start, end (days), notice_days, auto_renew, annual_price (money a
        year), the dearest first.

    Examples
    --------
    >>> from techalign.spending import find_streams
    >>> ledger = pd.DataFrame({
    ...     "date": pd.date_range("2025-07-05", periods=12, freq=pd.DateOffset(months=1)),
    ...     "vendor": "Zoom", "amount": 16.0, "currency": "", "account": ""})
    >>> catalogue = pd.DataFrame(
    ...     {"name": ["Zoom"], "capability": ["video meetings"], "category": ["office software"]})
    >>> none = pd.DataFrame({"name": [], "category": []})
    >>> day = dt.date(2026, 6, 30)
    >>> found = propose_contracts(
    ...     find_streams(ledger, day), LedgerKnown(ledger, catalogue, none, none, day))
    >>> found[["vendor", "capability", "annual_price", "notice_days"]].values.tolist()
    [['Zoom', 'video meetings', 192.0, 0]]
    """
    running = streams.active("fixed")
    running = running[running["vendor"] != REDACTED]
    capability, accounts = known.of("capability"), _usual_accounts(known.last_year)
    rows = []
    for stream in running.itertuples():
        long, vendor = stream.cadence == "yearly", str(stream.vendor)
        # the term that runs, so that it rolls on by one payment's length
        begins = pd.Timestamp(str(stream.last))
        rows.append({
            "vendor": vendor,
            # a work that is not known is no other supplier's: nothing is bought twice by a guess
            "capability": capability.get(vendor)
            or f"{accounts.get(vendor, 'service')} of {vendor}",
            "start": begins,
            "end": (begins + _STEP.get(str(stream.cadence), _STEP["monthly"]))
            - pd.Timedelta(days=1),
            "notice_days": notice_days if long else 0,
            "auto_renew": True,
            "annual_price": round(float(str(stream.yearly_cost)), 2),
        })  # fmt: skip
    columns = ["vendor", "capability", "start", "end", "notice_days", "auto_renew", "annual_price"]
    found = pd.DataFrame(rows, columns=columns)
    # two prices of one supplier that began on one day are one agreement
    together = {"end": "max", "notice_days": "max", "auto_renew": "first", "annual_price": "sum"}
    found = found.groupby(["vendor", "capability", "start"], as_index=False).agg(together)
    return found[columns].sort_values("annual_price", ascending=False, ignore_index=True)


def propose_vendors(
    streams: Streams, known: LedgerKnown, *, moving_share: float = 0.25
) -> pd.DataFrame:
    """Propose the suppliers to rely on: those with a running charge, and the largest others.

    Parameters
    ----------
    streams : Streams
    known : LedgerKnown
    moving_share : float
        Assumption: cost of moving to another supplier, as a part of a year's price; only of
        those with a running charge of a fixed price.

    Returns
    -------
    DataFrame
        vendor, relation, role, founded, size, sector, owner_kind, criticality (1 to 5),
        switching_cost, prepaid (money), since (day); None where nothing is known. The most money
        first.
    """
    year = known.last_year
    paid = year.groupby("vendor")["amount"].sum()
    running = streams.active()
    named = set(running.loc[running["currency"] == "", "vendor"])
    category = known.of("category")
    shown = paid[[category.get(str(v)) not in _NOT_VENDORS and v != REDACTED for v in paid.index]]
    shown = shown[shown > 0].sort_values(ascending=False, kind="stable")
    fixed_price = set(running.loc[running["kind"] == "fixed", "vendor"])
    keep = [v for i, v in enumerate(shown.index) if v in named or i < _LARGEST]
    fixed = running[running["cadence"] == "yearly"].groupby("vendor")["yearly_cost"].sum()
    first = known.ledger.groupby("vendor")["date"].min()
    began = known.ledger["date"].min()
    accounts = _usual_accounts(year)
    facts = known.facts.set_index("name").to_dict("index")
    by_category = known.defaults.set_index("category").to_dict("index")
    rows = []
    for vendor in keep:
        usual = by_category.get(category.get(vendor, ""), _USUAL)
        fact = facts.get(vendor, {})
        rows.append({
            "vendor": vendor,
            "relation": usual["relation"],
            "role": known.of("capability").get(vendor) or accounts.get(vendor, ""),
            "founded": _whole(fact.get("founded")),
            "size": _whole(fact.get("size")),
            "sector": usual["sector"],
            "owner_kind": fact.get("owner_kind"),
            "criticality": int(str(usual["criticality"])),
            # goods can be bought elsewhere tomorrow; what runs has to be moved
            "switching_cost": round(float(shown[vendor]) * moving_share, 2)
            if vendor in fixed_price
            else None,
            # of what is paid a year ahead, on average half is still to come
            "prepaid": round(float(fixed[vendor]) / 2, 2) if vendor in fixed.index else None,
            "since": first[vendor] if first[vendor] > began + _SETTLED else None,
        })  # fmt: skip
    columns = ["vendor", "relation", "role", "founded", "size", "sector", "owner_kind",
               "criticality", "switching_cost", "prepaid", "since"]  # fmt: skip
    return pd.DataFrame(rows, columns=columns, dtype=object)


def propose_assets(streams: Streams, known: LedgerKnown) -> pd.DataFrame:
    """Propose the devices that were bought: single purchases from those who sell computers.

    Parameters
    ----------
    streams : Streams
        Its charges are rents and subscriptions, no purchases.
    known : LedgerKnown

    Returns
    -------
    DataFrame
        technology, vendor, capability, cost (money), in_service (day), the latest first.
    """
    category, capability = known.of("category"), known.of("capability")
    rows = known.ledger[~known.ledger.index.isin(streams.membership[streams.membership >= 0].index)]
    bought = rows[
        rows["vendor"].map(lambda v: category.get(v) in _DEVICES).astype(bool)
        & (rows["amount"] >= _LEAST_PRICE)
    ]
    grouped = bought.groupby(["vendor", "date"], as_index=False).agg({"amount": "sum"})
    grouped = grouped.sort_values("date", ascending=False, kind="stable")
    day = grouped["date"]
    what = [capability.get(str(v), "computers") for v in grouped["vendor"]]
    titles = [f"{w[:1].upper()}{w[1:]} from {v}, {d:%d %b %Y}"
              for w, v, d in zip(what, grouped["vendor"], day, strict=True)]  # fmt: skip
    return pd.DataFrame(
        {"technology": titles, "vendor": grouped["vendor"].to_numpy(), "capability": what,
         "cost": grouped["amount"].round(2).to_numpy(), "in_service": day.to_numpy()}
    )  # fmt: skip


def propose_players(known: LedgerKnown, counts: Mapping[str, int]) -> pd.DataFrame:
    """Propose how many vendors there are, and of other players what a table or the profile counts.

    Parameters
    ----------
    known : LedgerKnown
    counts : mapping of str to int
        Player to number, such as the partners of the partners table.

    Returns
    -------
    DataFrame
        player, count, evidence.
    """
    paid = known.last_year.query("amount > 0")
    many = paid.groupby("vendor").size()
    rows = [(player, count, "the client's tables") for player, count in counts.items()]
    if len(many):
        rows.append(("vendors", int((many >= 2).sum()), "paid twice or more in twelve months"))
    return pd.DataFrame(rows, columns=["player", "count", "evidence"])


def _usual_accounts(rows: pd.DataFrame) -> dict[str, str]:
    """The account that most of a supplier's payments were booked to."""
    booked = rows[rows["account"] != ""]
    counts = booked.groupby("vendor")["account"].agg(lambda told: str(told.mode().iloc[0]))
    return {str(vendor): str(account) for vendor, account in counts.items()}


def _whole(value: object) -> int | None:
    number = float("nan") if value is None else float(str(value))
    return None if np.isnan(number) else int(number)
