"""Twice is once: which rows of an import are in the table already, and what looks counted twice."""

from __future__ import annotations

from collections.abc import Hashable

import numpy as np
import pandas as pd

from techalign.text import folded

__all__ = ["NEAR_DAYS", "counted_twice", "known_rows", "same_but_for_text"]

NEAR_DAYS = 5
"""Days between an entry in the books and the bank's line of the same payment."""
_EDITED = {"purpose", "initiative", "reference", "account"}
"""What people change after a payment: of one filed under another account there is still one."""
_LEAST, _SHARE = 3, 0.3  # payments that coincide, from which on it is no coincidence


def known_rows(old: pd.DataFrame, new: pd.DataFrame, currency: str) -> np.ndarray:
    """Tell which rows of an import are in the table already.

    A row is known by the file's own id and its amount; where either side has no id, by day,
    amount, currency, supplier and text, counted: of two coffees of one day both
    stay, and a third is new.

    Parameters
    ----------
    old, new : DataFrame
        Clean rows of one table.
    currency : str
        Meant where a row names none.

    Returns
    -------
    ndarray of bool, shape (len(new),)

    Examples
    --------
    >>> rows = pd.DataFrame({"vendor": ["Oak", "Oak"], "price": [5.0, 5.0]})
    >>> known_rows(rows.iloc[:1], rows, "USD").tolist()
    [True, False]
    """
    if old.empty or new.empty:
        return np.zeros(len(new), dtype=bool)
    alike = old[_could_match(old, new)]
    old_text, new_text = (_text_keys(frame, currency) for frame in (alike, new))
    if "reference" not in new:
        return _counted(old_text, new_text)
    new_ids = new["reference"].to_numpy()
    named = new_ids != ""
    known = np.zeros(len(new), dtype=bool)
    if not named.all():
        known[~named] = _counted(old_text, new_text[~named])
    if named.any():
        old_pairs, new_pairs = (
            pd.MultiIndex.from_arrays([frame["reference"], frame["amount"].round(2)])
            for frame in (old, new)
        )
        held = old_pairs[(old["reference"] != "").to_numpy()]
        by_id = _counted(held.to_numpy(), new_pairs[named].to_numpy())
        by_text = _counted(old_text[(alike["reference"] == "").to_numpy()], new_text[named])
        known[named] = by_id | by_text
    return known


def _could_match(old: pd.DataFrame, new: pd.DataFrame) -> np.ndarray:
    """Rows of one day and amount that the import has too: few, where texts would be many."""
    mask = np.ones(len(old), dtype=bool)
    for name in new.columns:
        if new[name].dtype.kind == "M":
            mask &= old[name].isin(new[name]).to_numpy()
        elif new[name].dtype.kind == "f":
            mask &= old[name].round(4).isin(new[name].round(4)).to_numpy()
    return mask


def _counted(old: np.ndarray, new: np.ndarray) -> np.ndarray:
    """The n-th of equal keys is known where the old ones have n of them."""
    held = pd.Series(old).value_counts()
    series = pd.Series(new)
    nth = series.groupby(series, sort=False).cumcount().to_numpy()
    return np.asarray(nth < series.map(held).fillna(0).to_numpy())


def _text_keys(frame: pd.DataFrame, currency: str) -> np.ndarray:
    columns = [name for name in frame.columns if name not in _EDITED]
    parts: list[list[Hashable]] = []
    for name in columns:
        cells = frame[name]
        if cells.dtype.kind == "f":
            parts.append(cells.round(4).fillna(np.inf).tolist())
        elif cells.dtype == object:
            blank = currency.casefold() if name == "currency" else ""
            known = {text: folded(str(text)) or blank for text in cells.unique()}
            parts.append(list(map(known.__getitem__, cells)))
        else:
            parts.append(cells.tolist())
    keys = np.empty(len(frame), dtype=object)
    keys[:] = list(zip(*parts, strict=True))
    return keys


def counted_twice(old: pd.DataFrame, new: pd.DataFrame) -> int:
    """Count payments of an import that an earlier one has with another text some days apart.

    Parameters
    ----------
    old, new : DataFrame
        Ledger rows; those of ``new`` are not in ``old``.

    Returns
    -------
    int
        0 where they are too few to be more than coincidence.
    """
    costs = new[new["amount"] > 0]
    if costs.empty or old.empty:
        return 0
    days: dict[float, list[int]] = {}
    alike = old[old["amount"].round(2).isin(costs["amount"].round(2))]
    for amount, day in zip(alike["amount"].round(2), _day_numbers(alike), strict=True):
        days.setdefault(amount, []).append(day)
    held = {amount: np.sort(found) for amount, found in days.items()}
    twice = 0
    for amount, day in zip(costs["amount"].round(2), _day_numbers(costs), strict=True):
        found = held.get(amount)
        if found is None:
            continue
        at = int(np.searchsorted(found, day - NEAR_DAYS))
        twice += at < len(found) and found[at] <= day + NEAR_DAYS
    return twice if twice >= max(_LEAST, _SHARE * len(costs)) else 0


def same_but_for_text(old: pd.DataFrame, new: pd.DataFrame) -> int:
    """Count new rows with the day, supplier and amount of old ones and another text.

    Parameters
    ----------
    old, new : DataFrame
        Ledger rows; those of ``new`` are not in ``old``.
    """
    if old.empty or new.empty:
        return 0

    old_pairs, new_pairs = (_day_and_cents(frame) for frame in (old, new))
    old, new = old[np.isin(old_pairs, new_pairs)], new[np.isin(new_pairs, old_pairs)]
    if old.empty or new.empty:
        return 0

    def keys(frame: pd.DataFrame, *more: str) -> np.ndarray:
        names = (map(folded, frame[name]) for name in ("vendor_raw", *more))
        found = np.empty(len(frame), dtype=object)
        found[:] = list(zip(_day_and_cents(frame).tolist(), *names, strict=True))
        return found

    same = set(keys(old, "memo"))  # one more of the same text is one more payment
    other = new[[key not in same for key in keys(new, "memo")]]
    return int(_counted(keys(old), keys(other)).sum()) if len(other) else 0


def _day_and_cents(frame: pd.DataFrame) -> np.ndarray:
    """One whole number for a day and an amount; those of a ledger are far below its limits."""
    cents = (frame["amount"] * 100).round().to_numpy().astype(np.int64)
    return np.asarray(_day_numbers(frame), dtype=np.int64) * 10**13 + cents


def _day_numbers(frame: pd.DataFrame) -> list[int]:
    return [int(day) for day in frame["date"].to_numpy().astype("datetime64[D]").astype(np.int64)]
