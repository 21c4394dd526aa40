"""The ledger told straight: who was paid how much, what looks paid twice, what is left apart.

Credits net against charges, exact duplicates are shown and not removed, and money in another
currency is added up apart, because converting it needs a rate that nobody has stated.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import MissingTableError, ModelError
from techalign.numbers.formatting import format_date
from techalign.spending.names import VendorNames
from techalign.text import listed

__all__ = ["LedgerSummary", "find_duplicates", "last_12_months", "own_currency", "summarise_ledger"]

_DUPLICATE_KEY = ["date", "vendor_raw", "amount", "account", "memo"]
_SUMS = ("rows", "total", "charges", "credits")


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
        the ledger does not reach back 24 months). Months of which the ledger holds no row take
        no part in a comparison, nor do the same months of the other year: silence is no saving.
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
    silent_months : tuple of date
        First days of the whole months among the last 12 of which the ledger holds no row.

    Examples
    --------
    >>> from techalign.spending import merge_vendors
    >>> ledger = pd.DataFrame({
    ...     "date": pd.to_datetime(["2026-03-03", "2026-03-03", "2026-05-01"]),
    ...     "vendor_raw": ["Acme Ltd", "Acme Ltd", "ACME"], "amount": [50.0, 50.0, -20.0],
    ...     "currency": "", "account": "", "memo": ""})
    >>> catalogue = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    >>> names = merge_vendors(ledger["vendor_raw"], catalogue)
    >>> summary = summarise_ledger(ledger, names, "USD", dt.date(2026, 6, 30))
    >>> summary.repeated_money, summary.repeated_rows
    (50.0, 1)
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
    silent_months: tuple[dt.date, ...] = ()

    @property
    def gap(self) -> str:
        """What is missing of the last 12 months, as a clause; "" if nothing is."""
        months = [f"{month:%b %Y}" for month in self.silent_months]
        named = (
            listed(months) if len(months) <= 3 else f"{len(months)} months, the last {months[-1]}"
        )
        return f"the ledger has no data for {named}" if months else ""

    @property
    def months_held(self) -> int:
        """How many of the last 12 months the ledger holds rows of, or are not over yet."""
        return 12 - len(self.silent_months)

    @property
    def span(self) -> str:
        """The last 12 months in words, or the months with data among them."""
        which = "months" if self.months_held > 1 else "month"
        held = f"{self.months_held} {which} with data among the " if self.silent_months else ""
        return f"{held}twelve months to {format_date(self.as_of)}"

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
        known = self.vendors[self.vendors["change"].notna()]
        change, vendor = known["change"].to_numpy(), known["vendor"].to_numpy()
        order = np.argsort(-np.abs(change), kind="stable")
        named, others = order[:n], order[n:]
        named = named[change[named] != 0]
        named = named[np.argsort(-change[named], kind="stable")]
        told = list(zip(vendor[named], change[named].tolist(), strict=True))
        others = others[change[others] != 0]
        if others.size:
            rest = f"{others.size} others" if others.size > 1 else str(vendor[others[0]])
            told.append((rest, float(change[others].sum())))
        return pd.DataFrame(told, columns=["vendor", "change"]).astype({"change": float})


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

    Raises
    ------
    MissingTableError
        If there are payments, and none in the client's currency: what cannot be converted
        cannot be added up.

    Examples
    --------
    >>> from techalign.spending import merge_vendors
    >>> ledger = pd.DataFrame({
    ...     "date": pd.to_datetime(["2026-03-03", "2026-03-03", "2026-05-01"]),
    ...     "vendor_raw": ["Acme Ltd", "Acme Ltd", "ACME"], "amount": [50.0, 50.0, -20.0],
    ...     "currency": "", "account": "", "memo": ""})
    >>> catalogue = pd.DataFrame(columns=["name", "aliases", "capability", "category"])
    >>> names = merge_vendors(ledger["vendor_raw"], catalogue)
    >>> summary = summarise_ledger(ledger, names, "USD", dt.date(2026, 6, 30))
    >>> summary.total, summary.last_12_months, summary.vendors["charges"].tolist()
    (80.0, 80.0, [100.0])
    """
    own = own_currency(ledger, client_currency)
    seen = ledger["date"] <= pd.Timestamp(as_of)
    rows = ledger[own & seen].assign(vendor=lambda f: names.apply(f["vendor_raw"]))
    if rows.empty and not own.any() and seen.any():
        found = sorted(set(ledger["currency"]))
        raise MissingTableError(
            ("ledger",),
            f"No payment is in {client_currency}, the client's currency, but in "
            f"{', '.join(found)}, and nothing here is converted. Enter payments in "
            f"{client_currency}, or name the other currency as the client's.",
        )
    year = last_12_months(rows["date"], as_of)
    previous = last_12_months(rows["date"], as_of - pd.DateOffset(years=1))
    first, last = rows["date"].min(), rows["date"].max()
    # a window the ledger covers in part would show a rise that did not happen
    complete = bool(first <= pd.Timestamp(as_of) - pd.DateOffset(years=2, days=-31))
    silent, compared = _silent_months(rows["date"], as_of)
    recent = float(rows.loc[year, "amount"].sum())
    before = rows.loc[previous & compared, "amount"].sum() if complete else float("nan")
    change = rows.loc[year & compared, "amount"].sum() - before
    return LedgerSummary(
        as_of=as_of,
        currency=client_currency,
        vendors=_per_vendor(rows, names, year, (previous, compared) if complete else None),
        monthly=_per_month(rows),
        duplicates=find_duplicates(rows),
        other_currencies=_per_currency(ledger[~own & seen]),
        total=float(rows["amount"].sum()),
        last_12_months=recent,
        previous_12_months=float(before),
        change=float(change),
        first=None if rows.empty else first.date(),
        last=None if rows.empty else last.date(),
        later_rows=int((~seen).sum()),
        silent_months=silent,
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
    own: pd.Series[bool] = ledger["currency"].fillna("").isin(["", client_currency])
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
    places: dict[tuple[object, ...], list[int]] = {}
    for i, key in enumerate(zip(*(repeated[name] for name in _DUPLICATE_KEY), strict=True)):
        places.setdefault(key, []).append(i)
    first = repeated.take([group[0] for group in places.values()])
    times = np.array([len(group) for group in places.values()], dtype=np.int64)
    amount = first["amount"].to_numpy()
    every_amount = rows["amount"].to_numpy().tolist()
    paid = zip(rows["vendor"], every_amount, strict=True)
    refunded = {(vendor, -money) for vendor, money in paid if money < 0}
    lines = repeated.index.tolist()
    charged = list(zip(first["vendor"], amount.tolist(), strict=True))
    groups = pd.DataFrame(
        {
            **{name: first[name].to_numpy() for name in ("date", "vendor", *_DUPLICATE_KEY[1:])},
            "rows": times,
            "repeated": amount * (times - 1),
            "credited": np.array([pair in refunded for pair in charged], dtype=bool),
            "lines": pd.Series(
                [tuple(lines[i] for i in group) for group in places.values()], dtype=object
            ),
        }
    )
    return groups.sort_values("repeated", ascending=False, kind="stable", ignore_index=True)


def _silent_months(
    dates: pd.Series[pd.Timestamp], as_of: dt.date
) -> tuple[tuple[dt.date, ...], pd.Series[bool]]:
    """Give the whole months without a row, and which dates lie in months to be compared."""
    month = dates.to_numpy(dtype="datetime64[M]").astype(np.int64)
    # a part of a month may well hold no row, so months begin the day after ``as_of``'s
    end = np.datetime64(as_of + dt.timedelta(days=1), "M").astype(np.int64)
    held = set(month.tolist())
    last = [m for m in range(end - 12, end) if m not in held]
    before = [m for m in range(end - 24, end - 12) if m not in held]
    left_out = np.array([*last, *before], dtype=np.int64)
    twins = np.concatenate([left_out, np.array(last) - 12, np.array(before) + 12])
    days = tuple(np.datetime64(m, "M").astype("datetime64[D]").item() for m in last)
    return days, pd.Series(~np.isin(month, twins), index=dates.index)


def _per_vendor(
    rows: pd.DataFrame,
    names: VendorNames,
    year: pd.Series[bool],
    before_and_compared: tuple[pd.Series[bool], pd.Series[bool]] | None,
) -> pd.DataFrame:
    codes, vendors = pd.factorize(rows["vendor"].to_numpy(), sort=True, use_na_sentinel=False)
    ids = dict(zip(names.frame["vendor"], names.frame["vendor_id"], strict=True))
    amount = rows["amount"].to_numpy(dtype=float)
    windows = {"last_12_months": np.where(year, amount, 0.0)}
    if before_and_compared is not None:
        previous, compared = before_and_compared
        windows["previous_12_months"] = np.where(previous & compared, amount, 0.0)
        windows["comparable"] = np.where(year & compared, amount, 0.0)
    sums = _add_up(rows, codes, len(vendors), **windows)
    unknown = np.full(len(vendors), np.nan)
    before = sums.get("previous_12_months", unknown)
    total = sums["total"].sum()
    order = np.lexsort((-sums["total"], -sums["last_12_months"]))
    columns = {
        "vendor": vendors,
        "vendor_id": np.array([ids.get(vendor, "") for vendor in vendors], dtype=object),
        **{name: sums[name] for name in _SUMS},
        **_first_and_last(rows, codes),
        "share": sums["total"] / total if total else np.full(len(vendors), np.nan),
        "last_12_months": sums["last_12_months"],
        "previous_12_months": before,
        "change": sums.get("comparable", unknown) - before,
    }
    return pd.DataFrame({name: values[order] for name, values in columns.items()})


def _per_month(rows: pd.DataFrame) -> pd.DataFrame:
    month = rows["date"].to_numpy(dtype="datetime64[M]").astype(np.int64)
    every = np.arange(month.min(), month.max() + 1) if month.size else month
    sums = _add_up(rows, month - every[:1], every.size)
    first_days = every.astype("datetime64[M]").astype("datetime64[ns]")
    return pd.DataFrame({"month": first_days, **sums})


def _per_currency(rows: pd.DataFrame) -> pd.DataFrame:
    named = rows["currency"] if "currency" in rows else pd.Series("", index=rows.index)
    codes, currencies = pd.factorize(named.to_numpy(dtype=object), sort=True)
    sums = _add_up(rows, codes, len(currencies))
    return pd.DataFrame({"currency": currencies, **sums, **_first_and_last(rows, codes)})


def _add_up(
    rows: pd.DataFrame, group: np.ndarray, groups: int, **windows: np.ndarray
) -> dict[str, np.ndarray]:
    """Count rows and add up money per group, numbered from 0; 0 for a group without rows."""
    amount = rows["amount"].to_numpy(dtype=float)
    money = {
        "total": amount,
        "charges": np.maximum(amount, 0.0),
        "credits": np.minimum(amount, 0.0),
        **windows,
    }
    if not len(rows):
        return {"rows": np.zeros(groups, np.int64), **{name: np.zeros(groups) for name in money}}
    # pandas carries what rounding takes from one addition over to the next; bincount does not
    summed = pd.DataFrame(money).groupby(group).sum()
    sums = {name: np.zeros(groups) for name in money}
    for name, values in sums.items():
        values[summed.index] = summed[name]
    return {"rows": np.bincount(group, minlength=groups), **sums}


def _first_and_last(rows: pd.DataFrame, group: np.ndarray) -> dict[str, np.ndarray]:
    order = np.argsort(group, kind="stable")
    start = np.flatnonzero(np.diff(group[order], prepend=-1))
    dates = rows["date"].to_numpy()[order]
    return {
        "first": np.minimum.reduceat(dates, start),
        "last": np.maximum.reduceat(dates, start),
    }
