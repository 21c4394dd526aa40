"""Agreements that the list says still run and that nobody has paid for long.

A list of agreements is written once and the ledger goes on: what was cancelled stays in the list,
renews there by itself, and a report would advise to keep it. Its seats cost nothing that can be
saved, and it does no work twice, until somebody says whether it runs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.decision import Decision, fit
from techalign.numbers.formatting import format_date
from techalign.spending.names import VendorNames

__all__ = ["PaidAgreements", "check_paid"]

_LONGER = 1.5
"""Times the longest wait between two payments after which none is to be expected any more."""
_LEAST_DAYS, _ONE_PAYMENT_DAYS = 100, 400


@dataclass(frozen=True)
class PaidAgreements:
    """Agreements as far as the ledger bears them out.

    Attributes
    ----------
    contracts : DataFrame
        Rows of the contracts table; of those nobody pays for any more, seats are not known.
    running : DataFrame
        The same without those.
    unpaid : DataFrame
        Those: vendor, last (day of the last payment).
    """

    contracts: pd.DataFrame
    running: pd.DataFrame
    unpaid: pd.DataFrame

    def questions(self, *, currency: str = "", owner: str = "the owner") -> list[Decision]:
        """Ask of each vendor that nobody pays any more whether its agreement still runs."""
        asked = self.unpaid.drop_duplicates("vendor")
        days = [day.date() for day in asked["last"]]
        return [
            Decision(
                what=fit([vendor], "Find out whether the agreement with {} still runs"),
                area="spending", kind="ask", subject=vendor, topic="paid no more", owner=owner,
                by=None, unit=currency, evidence="Renewals: act by these dates", basis="measured",
                because=f"The ledger has no payment to it after {format_date(day)}, "
                "longer than it ever waited for one. Until that is known, its seats do not count "
                "as paid in vain, nor its work as done twice.",
            )
            for vendor, day in zip(asked["vendor"].tolist(), days, strict=True)
        ]  # fmt: skip


def check_paid(
    contracts: pd.DataFrame, payments: pd.DataFrame, names: VendorNames, as_of: dt.date
) -> PaidAgreements:
    """Find the agreements that run by the list and that nobody has paid for long.

    Parameters
    ----------
    contracts : DataFrame
        Rows of the contracts table.
    payments : DataFrame
        Ledger rows with the column ``vendor``, see :meth:`VendorNames.apply`.
    names : VendorNames
        Of the ledger: what the agreements' vendors are called in it.
    as_of : date
        Later payments are left out.

    Returns
    -------
    PaidAgreements
        Nothing is said of a vendor that the ledger never names: it may be paid elsewhere.

    Examples
    --------
    >>> from techalign.spending.names import merge_vendors
    >>> days = pd.date_range("2025-01-05", periods=18, freq=pd.DateOffset(months=1))
    >>> rows = pd.DataFrame({
    ...     "date": [*days[:6], *days], "vendor_raw": ["Slack"] * 6 + ["Zoom"] * 18,
    ...     "amount": 50.0})
    >>> catalogue = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    >>> names = merge_vendors(rows["vendor_raw"], catalogue)
    >>> contracts = pd.DataFrame({"vendor": ["Slack", "Zoom"], "seats_paid": 9.0,
    ...     "seats_active": 4.0, "auto_renew": True, "end": pd.Timestamp("2025-12-31")})
    >>> rows = rows.assign(vendor=names.apply(rows["vendor_raw"]))
    >>> found = check_paid(contracts, rows, names, dt.date(2026, 6, 30))
    >>> found.unpaid["vendor"].tolist(), found.running["vendor"].tolist()
    (['Slack'], ['Zoom'])
    >>> found.questions()[0].what
    'Find out whether the agreement with Slack still runs'
    """
    day = pd.Timestamp(as_of)
    rows = payments[(payments["date"] <= day) & (payments["amount"] > 0)]
    vendor = names.apply(contracts["vendor"])
    paid = vendor.map(_last_payments(rows, vendor)).astype("datetime64[ns]")
    goes_on = contracts["auto_renew"].astype(bool) | (contracts["end"] >= day)
    gone = paid.notna() & goes_on
    bare = contracts.assign(
        **{name: contracts[name].mask(gone) for name in ("seats_paid", "seats_active")}
    )
    unpaid = pd.DataFrame({"vendor": contracts.loc[gone, "vendor"], "last": paid[gone]})
    return PaidAgreements(bare, contracts[~gone], unpaid.reset_index(drop=True))


def _last_payments(rows: pd.DataFrame, vendors: Iterable[str]) -> dict[str, pd.Timestamp]:
    """The last payment of each vendor that should have been paid again by the ledger's end."""
    end, theirs = rows["date"].max(), rows[rows["vendor"].isin(set(vendors))]
    paid, day = theirs["vendor"].to_numpy(dtype=object), theirs["date"].to_numpy()
    found = {}
    for vendor in sorted(set(paid)):
        days = np.unique(day[paid == vendor])
        waits = np.diff(days) / np.timedelta64(1, "D")
        usual = _LONGER * waits.max() if waits.size else _ONE_PAYMENT_DAYS
        if (end - pd.Timestamp(days[-1])).days > max(usual, _LEAST_DAYS):
            found[vendor] = pd.Timestamp(days[-1])
    return found
