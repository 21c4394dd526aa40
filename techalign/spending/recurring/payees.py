"""Suppliers who are paid month after month, whatever the amounts.

``streams`` looks for like amounts at like intervals, which is how subscriptions are billed. In a
larger ledger most of the money that comes back is paid otherwise: several bills a month, of any
amount, to the same suppliers. Here the calendar is looked at and the amount is not.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.spending.ledger import own_currency
from techalign.spending.spelling import REDACTED

__all__ = ["RegularPayees", "find_regular_payees"]

YEAR = 12
MONTHLY = 11
"""Paid in so many of the last twelve months with data: a monthly payee."""


@dataclass(frozen=True)
class RegularPayees:
    """Suppliers paid in nearly every month, every quarter or the same month of each year.

    Attributes
    ----------
    frame : DataFrame
        One row per supplier, the most money first: vendor, rhythm (monthly, quarterly, yearly),
        months_paid (of ``months_seen``), last_12_months (money of those months, a full year's),
        share (of the money of all suppliers), last (day).
    months_seen : int
        Months with data among which was looked; at most 12.
    share : float
        Share of the money of those months that the suppliers of the frame hold, 0 to 1.

    Examples
    --------
    >>> step = pd.DateOffset(months=1)
    >>> rows = pd.DataFrame({"date": pd.date_range("2025-01-09", periods=12, freq=step),
    ...     "vendor": "Oak IT", "amount": 10.0 + np.arange(12)})
    >>> found = find_regular_payees(rows, dt.date(2025, 12, 31))
    >>> found.frame[["vendor", "rhythm", "months_paid"]].to_numpy().tolist()
    [['Oak IT', 'monthly', 12]]
    """

    frame: pd.DataFrame
    months_seen: int
    share: float


def find_regular_payees(
    rows: pd.DataFrame,
    as_of: dt.date,
    *,
    observed: Collection[dt.date] | None = None,
    client_currency: str = "",
) -> RegularPayees:
    """Find the suppliers paid regularly in the last twelve months with data.

    Parameters
    ----------
    rows : DataFrame
        date, vendor, amount (money; credits, redacted names and later rows take no part).
    as_of : date
    observed : collection of date, optional
        Days in months with data; by default the months with a row.
    client_currency : str
        Rows in another currency take no part; by default all do.

    Returns
    -------
    RegularPayees
        Empty where fewer than six months have data.

    Raises
    ------
    ModelError
        If a column is missing.

    Examples
    --------
    >>> step = pd.DateOffset(months=3)
    >>> rows = pd.DataFrame({"date": pd.date_range("2025-01-09", periods=4, freq=step),
    ...     "vendor": "Oak Rent", "amount": 900.0})
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS").date
    >>> find_regular_payees(rows, dt.date(2025, 12, 31), observed=months).frame["rhythm"].tolist()
    ['quarterly']
    """
    missing = [c for c in ("date", "vendor", "amount") if c not in rows]
    if missing:
        raise ModelError("rows", f"has no column {', '.join(missing)}")
    used = rows[(rows["date"] <= pd.Timestamp(as_of)) & (rows["amount"] > 0)]
    used = used[used["vendor"] != REDACTED]
    if client_currency:
        used = used[own_currency(used, client_currency)]
    days = used["date"] if observed is None else pd.Series(pd.to_datetime(list(observed)))
    seen = np.unique(days[days <= pd.Timestamp(as_of)].to_numpy(dtype="datetime64[M]"))
    code, vendors = pd.factorize(used["vendor"].to_numpy(dtype=object), sort=True)
    at = np.searchsorted(seen, used["date"].to_numpy(dtype="datetime64[M]"))
    money = np.zeros((len(vendors), seen.size))
    np.add.at(money, (code, at), used["amount"].to_numpy(dtype=float))
    recent = money[:, -YEAR:]
    width = recent.shape[1]
    rhythm = _rhythm(money > 0, seen) if width >= YEAR // 2 else np.full(len(vendors), "")
    kept = np.flatnonzero(rhythm != "")
    paid = recent.sum(axis=1) * (YEAR / max(width, 1))
    kept = kept[np.argsort(-paid[kept], kind="stable")]
    total = float(paid.sum())
    last = used.groupby("vendor")["date"].max()
    frame = pd.DataFrame(
        {
            "vendor": vendors[kept],
            "rhythm": rhythm[kept].astype(object),
            "months_paid": (recent[kept] > 0).sum(axis=1),
            "last_12_months": paid[kept],
            "share": paid[kept] / total if total else np.zeros(len(kept)),
            "last": last.reindex(vendors[kept]).to_numpy(),
        }
    )
    return RegularPayees(frame, width, float(paid[kept].sum()) / total if total else 0.0)


def _rhythm(paid: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """Name each supplier's rhythm, empty for none."""
    recent = paid[:, -YEAR:]
    width = recent.shape[1]
    monthly = recent.sum(axis=1) >= int(np.ceil(width * MONTHLY / YEAR))
    quarters = [recent[:, max(width - 3 * q - 3, 0) : width - 3 * q].any(axis=1) for q in range(4)]
    quarterly = np.logical_and.reduce(quarters) & (width == YEAR)
    calendar = seen.astype(np.int64) % YEAR
    yearly = np.zeros(len(paid), dtype=bool)
    if seen.size > YEAR:
        before = paid[:, -2 * YEAR : -YEAR]
        months, months_before = calendar[-YEAR:], calendar[-2 * YEAR : -YEAR]
        apart = np.abs(months[:, None] - months_before[None, :])
        near = (np.minimum(apart, YEAR - apart) <= 1).astype(np.int64)
        again = ((recent @ near) > 0) & before
        yearly = again.any(axis=1) & (recent.sum(axis=1) <= 2) & (before.sum(axis=1) <= 2)
    names = np.full(len(paid), "", dtype=object)
    names[yearly], names[quarterly], names[monthly] = "yearly", "quarterly", "monthly"
    return names
