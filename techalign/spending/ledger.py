"""The ledger told straight: who was paid how much, what looks paid twice, what is left apart.

Credits net against charges, exact duplicates are shown and not removed, and money in another
currency is added up apart, because converting it needs a rate that nobody has stated.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.spending.names import VendorNames

__all__ = ["LedgerSummary", "find_duplicates", "last_12_months", "own_currency", "summarise_ledger"]

_DUPLICATE_KEY = ["date", "vendor_raw", "amount", "account", "memo"]


@dataclass(frozen=True)
class LedgerSummary:
    """What the ledger adds up to.

    Attributes
    ----------
    as_of : date
        Later rows are left out, and counted in ``later_rows``.
    currency : str
        The client's currency, in which all money but ``other_currencies`` is.
    vendors : DataFrame
        One row per vendor, most expensive of the last 12 months first: vendor, vendor_id,
        rows, total (charges + credits), charges, credits (negative), first, last (dates),
        share (of the total), last_12_months, previous_12_months, change (money; NaN where
        the ledger does not reach back 24 months).
    monthly : DataFrame
        One row per calendar month, none left out: month (first day), rows, total, charges,
        credits.
    duplicates : DataFrame
        One row per group of identical rows: date, vendor, vendor_raw, amount, account, memo,
        rows, repeated (amount x (rows - 1)), credited (whether the vendor has an equal
        credit), lines (of the file).
    other_currencies : DataFrame
        One row per currency that is not the client's: currency, rows, total, charges,
        credits, first, last.
    total, last_12_months : float
        Money, net of credits.
    previous_12_months, change : float
        Money; NaN where the ledger does not reach back 24 months.
    first, last : date or None
        First and last day with a row.
    later_rows : int
        Rows dated after ``as_of``.
    """

    as_of: dt.date
    currency: str
    vendors: pd.DataFrame
    monthly: pd.DataFrame
    duplicates: pd.DataFrame
    other_currencies: pd.DataFrame
    total: float
    last_12_months: float
    previous_12_months: float
    change: float
    first: dt.date | None
    last: dt.date | None
    later_rows: int

    @property
    def repeated_money(self) -> float:
        """Money of repeated charges, were every one of them paid twice by mistake."""
        repeated = self.duplicates["repeated"]
        return float(repeated[repeated > 0].sum())

    @property
    def repeated_rows(self) -> int:
        """Number of rows that repeat an earlier one exactly."""
        return int((self.duplicates["rows"] - 1).sum())

    def top(self, n: int = 10) -> pd.DataFrame:
        """Give the ``n`` vendors with the most money in the last 12 months."""
        return self.vendors.head(n)

    def steps(self, n: int = 8) -> pd.DataFrame:
        """Split the change from the previous 12 months to the last by vendor.

        Parameters
        ----------
        n : int
            Vendors with the largest changes, up or down, to name; the rest is one row.

        Returns
        -------
        DataFrame
            vendor, change (money; adds up to :attr:`change`), the largest rise first and the
            rest last. Empty where the ledger does not reach back 24 months.
        """
        known = self.vendors.dropna(subset=["change"])
        order = known["change"].abs().sort_values(ascending=False, kind="stable").index
        named = known.loc[order[:n], ["vendor", "change"]]
        named = named[named["change"] != 0].sort_values("change", ascending=False, kind="stable")
        others = known.loc[order[n:]]
        if others.empty:
            return named.reset_index(drop=True)
        rest = {"vendor": f"{len(others)} others", "change": float(others["change"].sum())}
        return pd.concat([named, pd.DataFrame([rest])], ignore_index=True)


def summarise_ledger(
    ledger: pd.DataFrame, names: VendorNames, client_currency: str, as_of: dt.date
) -> LedgerSummary:
    """Add up a ledger per vendor, per month and per currency.

    Parameters
    ----------
    ledger : DataFrame
        Rows of the ledger table.
    names : VendorNames
        From :func:`merge_vendors`.
    client_currency : str
        Meant where a row names no currency.
    as_of : date
        The last 12 months end on this day, inclusive.

    Returns
    -------
    LedgerSummary
    """
    own = own_currency(ledger, client_currency)
    seen = ledger["date"] <= pd.Timestamp(as_of)
    rows = ledger[own & seen].assign(vendor=lambda f: names.apply(f["vendor_raw"]))
    year = last_12_months(rows["date"], as_of)
    previous = last_12_months(rows["date"], as_of - pd.DateOffset(years=1))
    first, last = rows["date"].min(), rows["date"].max()
    # a window the ledger covers in part would show a rise that did not happen
    complete = bool(first <= pd.Timestamp(as_of) - pd.DateOffset(years=2, days=-31))
    vendors = _per_vendor(rows, year, previous if complete else None)
    ids = names.frame.drop_duplicates("vendor").set_index("vendor")["vendor_id"]
    vendors.insert(1, "vendor_id", vendors["vendor"].map(ids).fillna("").astype(object))
    recent = float(rows.loc[year, "amount"].sum())
    before = float(rows.loc[previous, "amount"].sum()) if complete else float("nan")
    return LedgerSummary(
        as_of=as_of,
        currency=client_currency,
        vendors=vendors,
        monthly=_per_month(rows),
        duplicates=find_duplicates(rows),
        other_currencies=_per_currency(ledger[~own & seen]),
        total=float(rows["amount"].sum()),
        last_12_months=recent,
        previous_12_months=before,
        change=recent - before,
        first=None if rows.empty else first.date(),
        last=None if rows.empty else last.date(),
        later_rows=int((~seen).sum()),
    )


def own_currency(ledger: pd.DataFrame, client_currency: str) -> pd.Series[bool]:
    """Tell which rows are in the client's currency; an empty currency is the client's.

    Parameters
    ----------
    ledger : DataFrame, n rows
        With or without a column ``currency``.
    client_currency : str
        Three letters.

    Returns
    -------
    Series of bool, shape (n,)

    Raises
    ------
    ModelError
        If the client's currency is empty.
    """
    if not client_currency:
        raise ModelError("client_currency", "must be three letters", value=client_currency)
    if "currency" not in ledger:
        return pd.Series(True, index=ledger.index)
    named = ledger["currency"].fillna("").astype(object)
    own: pd.Series[bool] = (named == "") | (named == client_currency)
    return own


def last_12_months(dates: pd.Series[pd.Timestamp], as_of: dt.date) -> pd.Series[bool]:
    """Tell which dates lie in the 12 months that end on ``as_of``, inclusive."""
    end = pd.Timestamp(as_of)
    inside: pd.Series[bool] = (dates > end - pd.DateOffset(years=1)) & (dates <= end)
    return inside


def find_duplicates(rows: pd.DataFrame) -> pd.DataFrame:
    """Group rows that agree in date, raw vendor, amount, account and memo.

    Parameters
    ----------
    rows : DataFrame
        Rows of the ledger with the column ``vendor``.

    Returns
    -------
    DataFrame
        As :attr:`LedgerSummary.duplicates`, the most repeated money first.
    """
    repeated = rows[rows.duplicated(_DUPLICATE_KEY, keep=False)]
    grouped = repeated.assign(line=repeated.index).groupby(_DUPLICATE_KEY, sort=False)
    groups = grouped.agg(
        vendor=("vendor", "first"),
        rows=("line", "size"),
        lines=("line", tuple),
    ).reset_index()
    groups["repeated"] = groups["amount"] * (groups["rows"] - 1)
    credits_ = rows.loc[rows["amount"] < 0, ["vendor", "amount"]]
    refunded = pd.MultiIndex.from_frame(credits_.assign(amount=-credits_["amount"]))
    groups["credited"] = pd.MultiIndex.from_frame(groups[["vendor", "amount"]]).isin(refunded)
    groups = groups.sort_values("repeated", ascending=False, kind="stable", ignore_index=True)
    columns = ["date", "vendor", *_DUPLICATE_KEY[1:], "rows", "repeated", "credited", "lines"]
    return groups[columns]


def _per_vendor(
    rows: pd.DataFrame, year: pd.Series[bool], previous: pd.Series[bool] | None
) -> pd.DataFrame:
    frame = _split(rows)
    frame["last_12_months"] = rows["amount"].where(year, 0.0)
    frame["previous_12_months"] = (
        np.nan if previous is None else rows["amount"].where(previous, 0.0)
    )
    frame["vendor"] = rows["vendor"]
    grouped = frame.groupby("vendor", sort=True)
    vendors = grouped.agg(
        rows=("total", "size"),
        total=("total", "sum"),
        charges=("charges", "sum"),
        credits=("credits", "sum"),
        first=("date", "min"),
        last=("date", "max"),
        last_12_months=("last_12_months", "sum"),
    )
    # min_count keeps a previous year nobody can know as NaN instead of 0
    vendors["previous_12_months"] = grouped["previous_12_months"].sum(min_count=1)
    vendors["change"] = vendors["last_12_months"] - vendors["previous_12_months"]
    total = vendors["total"].sum()
    vendors.insert(6, "share", vendors["total"] / total if total else np.nan)
    order = ["last_12_months", "total"]
    return vendors.reset_index().sort_values(order, ascending=False, ignore_index=True)


def _per_month(rows: pd.DataFrame) -> pd.DataFrame:
    frame = _split(rows)
    frame["month"] = rows["date"].dt.to_period("M")
    monthly = frame.groupby("month").agg(
        rows=("total", "size"),
        total=("total", "sum"),
        charges=("charges", "sum"),
        credits=("credits", "sum"),
    )
    if not monthly.empty:
        every = pd.period_range(monthly.index.min(), monthly.index.max(), freq="M", name="month")
        monthly = monthly.reindex(every, fill_value=0)
    monthly = monthly.reset_index()
    monthly["month"] = monthly["month"].dt.to_timestamp()
    return monthly


def _per_currency(rows: pd.DataFrame) -> pd.DataFrame:
    frame = _split(rows)
    frame["currency"] = rows.get("currency", "")
    totals = frame.groupby("currency").agg(
        rows=("total", "size"),
        total=("total", "sum"),
        charges=("charges", "sum"),
        credits=("credits", "sum"),
        first=("date", "min"),
        last=("date", "max"),
    )
    return totals.reset_index()


def _split(rows: pd.DataFrame) -> pd.DataFrame:
    amount = rows["amount"].astype(float)
    return pd.DataFrame(
        {
            "date": rows["date"],
            "total": amount,
            "charges": amount.clip(lower=0.0),
            "credits": amount.clip(upper=0.0),
        },
        index=rows.index,
    )
