"""The rows of a ledger that are for technology, each with its category of the budget.

``classify_purpose`` splits one year; a budget needs all of them, with the year before to compare
and the months that hold no data told from those that cost nothing.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.spending.ledger import last_12_months, own_currency
from techalign.spending.names import VendorNames
from techalign.spending.purpose import (
    PurposeTables,
    contract_categories,
    decide_purpose,
    usual_categories,
)

__all__ = ["TechnologyRows", "technology_rows"]

OTHER = "other technology"


@dataclass(frozen=True)
class TechnologyRows:
    """Payments for technology and the agreements behind them.

    Attributes
    ----------
    frame : DataFrame
        One row per payment, with the ledger's index: date, vendor, amount, category.
    agreements : DataFrame
        One row per contract for technology: vendor, category, start, end, auto_renew,
        annual_price, uplift.
    observed : tuple of date
        First day of each month in which the ledger has a row of any kind.

    Examples
    --------
    >>> from techalign.spending import merge_vendors
    >>> catalogue = pd.DataFrame({"name": ["Zoom"], "aliases": [""], "capability": ["meetings"],
    ...     "category": ["office software"]})
    >>> ledger = pd.DataFrame({
    ...     "date": pd.to_datetime(["2026-03-03", "2026-04-03"]), "vendor_raw": ["ZOOM.US", "Acme"],
    ...     "amount": [300.0, 100.0], "account": ["", "Rent"]})
    >>> opinions = {"technology": [True], "purpose": ["contain"], "nature": ["run"]}
    >>> tables = PurposeTables(
    ...     catalogue=catalogue,
    ...     category_purpose=pd.DataFrame({"category": ["office software"], **opinions}),
    ...     account_rules=pd.DataFrame(columns=["pattern", *opinions]),
    ...     contracts=pd.DataFrame(columns=["vendor", "capability", "start", "end", "auto_renew",
    ...         "annual_price", "uplift"]),
    ...     initiatives=pd.DataFrame(columns=["id", "purpose"]))
    >>> names = merge_vendors(ledger["vendor_raw"], catalogue)
    >>> found = technology_rows(
    ...     ledger, names, tables, client_currency="USD", as_of=dt.date(2026, 6, 30))
    >>> found.frame["category"].tolist(), len(found.observed)
    (['office software'], 2)
    >>> found.by_supplier(dt.date(2026, 6, 30)).to_numpy().tolist()
    [['Zoom', 'office software', 300.0, 0.0]]
    """

    frame: pd.DataFrame
    agreements: pd.DataFrame
    observed: tuple[dt.date, ...]

    def by_supplier(self, as_of: dt.date) -> pd.DataFrame:
        """Give the money of each supplier of technology.

        Parameters
        ----------
        as_of : date
            The last 12 months end on this day, inclusive.

        Returns
        -------
        DataFrame
            vendor, category (of most of its money), last_12_months, previous_12_months (money; of
            the months whose like a year later hold data), the dearest first; only suppliers paid
            or credited in the last 12 months.
        """
        rows = self.frame
        last = last_12_months(rows["date"], as_of)
        before = last_12_months(rows["date"], as_of - pd.DateOffset(years=1))
        month = rows["date"].to_numpy(dtype="datetime64[M]").astype(np.int64)
        held = np.array(self.observed, dtype="datetime64[M]").astype(np.int64)
        before &= np.isin(month + 12, held)
        vendor, vendors = pd.factorize(rows["vendor"].to_numpy(object), sort=True)
        kind, kinds = pd.factorize(rows["category"].to_numpy(object), sort=True)
        amount = rows["amount"].to_numpy(float)
        width = max(len(kinds), 1)
        part, at = np.unique(vendor * width + kind, return_inverse=True)
        recent = np.bincount(at, np.where(last, amount, 0.0), part.size)
        # each vendor's parts, and of them the one with most money first
        dearest = np.lexsort((-recent, part // width))
        whose, first = np.unique(part[dearest] // width, return_index=True)
        category = kinds[part[dearest[first]] % width]
        paid, paid_before = (
            np.bincount(vendor, np.where(inside, amount, 0.0), whose.size)
            for inside in (last, before)
        )
        order = np.argsort(-paid, kind="stable")
        order = order[np.bincount(vendor[last.to_numpy()], minlength=whose.size)[order] > 0]
        return pd.DataFrame(
            {
                "vendor": vendors[order],
                "category": category[order],
                "last_12_months": paid[order],
                "previous_12_months": paid_before[order],
            }
        )


def technology_rows(
    ledger: pd.DataFrame,
    names: VendorNames,
    tables: PurposeTables,
    *,
    client_currency: str,
    as_of: dt.date,
) -> TechnologyRows:
    """Pick the payments known to be for technology and give each its category.

    The category is that of the vendor's contract or of its entry in the catalogue, and otherwise
    the account it was booked to.

    Parameters
    ----------
    ledger : DataFrame
        Rows of the ledger table; those in another currency or after ``as_of`` are left out.
    names : VendorNames
    tables : PurposeTables
    client_currency : str
    as_of : date

    Returns
    -------
    TechnologyRows

    Raises
    ------
    ModelError
        As :func:`classify_purpose`.

    Examples
    --------
    See :class:`TechnologyRows`.
    """
    kept = own_currency(ledger, client_currency) & (ledger["date"] <= pd.Timestamp(as_of))
    rows = ledger[kept].assign(vendor=lambda f: names.apply(f["vendor_raw"]))
    decided = decide_purpose(rows, names, tables)
    technology = (decided["technology"] == "yes").to_numpy()
    used = rows[technology]
    known = set(
        tables.category_purpose.loc[tables.category_purpose["technology"].astype(bool), "category"]
    )
    catalogue = zip(tables.catalogue["name"], tables.catalogue["category"], strict=True)
    category = {name: kind for name, kind in reversed(list(catalogue)) if kind in known}
    signed = contract_categories(names, tables.contracts, tables.catalogue)
    category |= {vendor: kind for vendor, kind in signed.items() if kind in known}
    account = used["account"].fillna("") if "account" in used else pd.Series("", index=used.index)
    said = list(zip(used["vendor"], account, strict=True))
    category_of = {what: category.get(what[0]) or _booked(what[1], known) for what in set(said)}
    frame = pd.DataFrame(
        {
            "date": used["date"],
            "vendor": used["vendor"],
            "amount": used["amount"].astype(float),
            "category": [category_of[what] for what in said],
        },
        index=used.index,
    ).astype({"category": object})
    months = np.unique(rows["date"].to_numpy(dtype="datetime64[M]"))
    return TechnologyRows(
        frame=frame,
        agreements=_agreements(names, tables, known, set(frame["vendor"])),
        observed=tuple(month.astype("datetime64[D]").item() for month in months),
    )


def _booked(account: str, known: set[str]) -> str:
    """The account, or the category that is written the same but for its capitals."""
    plain = " ".join(str(account).split())
    return plain.lower() if plain.lower() in known else plain or OTHER


def _agreements(
    names: VendorNames, tables: PurposeTables, known: set[str], vendors: set[str]
) -> pd.DataFrame:
    contracts = tables.contracts.assign(vendor=names.apply(tables.contracts["vendor"]))
    usual = usual_categories(tables.catalogue)
    kinds = [usual.get(str(capability).casefold(), "") for capability in contracts["capability"]]
    named = zip(kinds, contracts["vendor"], strict=True)
    technical = [kind in known or vendor in vendors for kind, vendor in named]
    contracts = contracts.assign(category=[kind if kind in known else OTHER for kind in kinds])
    columns = ["vendor", "category", "start", "end", "auto_renew", "annual_price", "uplift"]
    return contracts.loc[technical, columns]
