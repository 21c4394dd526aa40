"""Money that came in from those who are never paid: income, and no credit of a supplier.

A bank's export holds what customers paid beside what was paid to suppliers. Netted, the one would
lower what is spent by the other.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import pandas as pd

from techalign.spending.names import VendorNames
from techalign.spending.spelling import REDACTED
from techalign.text import folded

__all__ = ["Receipts", "without_receipts"]

_ADDED = {"amount": ("amount", "sum"), "rows": ("amount", "size"), "last": ("date", "max")}
"""What is told of each name, by column of the ledger and how it is added up."""


@dataclass(frozen=True)
class Receipts:
    """What came in from those who are never paid.

    Attributes
    ----------
    ledger : DataFrame
        The ledger's other rows.
    frame : DataFrame
        One row per name, the most money first: vendor, amount (money, above 0), rows, last (day).
    """

    ledger: pd.DataFrame
    frame: pd.DataFrame

    @property
    def left_out(self) -> str:
        """What to say beside a figure that these are not in; "" where there are none."""
        count = self.frame["vendor"].nunique()
        names = "1 name that is" if count == 1 else f"{count} names that are"
        return f"; money in from {names} never paid is left out" if count else ""


def without_receipts(ledger: pd.DataFrame, names: VendorNames, known: Iterable[str]) -> Receipts:
    """Part a ledger from what came in from those who are never paid.

    Parameters
    ----------
    ledger : DataFrame
        Rows of the ledger table, costs positive.
    names : VendorNames
        Of its suppliers.
    known : iterable of str
        Suppliers by name, of the catalogue and of the client's tables: what comes from them is a
        credit.

    Returns
    -------
    Receipts
        Nothing is parted where the ledger has no payment at all: it is then one of credits.

    Examples
    --------
    >>> from techalign.spending.names import merge_vendors
    >>> rows = pd.DataFrame({
    ...     "date": pd.to_datetime(["2026-03-03", "2026-03-09", "2026-04-01"]), "currency": "",
    ...     "vendor_raw": ["Acme", "Fennel Foods", "Acme"], "amount": [50.0, -900.0, -20.0]})
    >>> catalogue = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    >>> found = without_receipts(rows, merge_vendors(rows["vendor_raw"], catalogue), [])
    >>> found.ledger["amount"].tolist(), found.frame[["vendor", "amount"]].values.tolist()
    ([50.0, -20.0], [['Fennel Foods', 900.0]])
    """
    vendor, came = _from_strangers(ledger, names, known)
    if not came.any():
        return Receipts(ledger, pd.DataFrame(columns=["vendor", "currency", *_ADDED]))
    rows = ledger[came].assign(vendor=vendor[came], amount=-ledger.loc[came, "amount"])
    frame = rows.groupby(["vendor", "currency"], as_index=False).agg(**_ADDED)
    frame = frame.sort_values("amount", ascending=False, ignore_index=True)
    return Receipts(ledger[~came], frame)


def _from_strangers(
    ledger: pd.DataFrame, names: VendorNames, known: Iterable[str]
) -> tuple[pd.Series[str], pd.Series[bool]]:
    """Whom each row is from, and whether it is money of one that is neither known nor ever paid."""
    vendor, credit = ledger["vendor_raw"], ledger["amount"] < 0
    if not credit.any() or not (ledger["amount"] > 0).any():
        return vendor, credit & False
    vendor = names.apply(vendor)
    came = credit & ~vendor.isin(vendor[ledger["amount"] > 0])
    suppliers = {folded(name) for name in (*known, REDACTED)}
    strange = [name for name in vendor[came].unique() if folded(name) not in suppliers]
    return vendor, came & vendor.isin(strange)
