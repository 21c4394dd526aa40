"""Charges that belong together, against a naive second implementation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from techalign.spending.recurring.bands import (
    CADENCE_DAYS,
    charge_rows,
    find_bands,
    paid_in_weekly_runs,
)
from tests.spending.recurring.seeded import END, seeded


def naive_bands(ledger: pd.DataFrame) -> set[frozenset[int]]:
    """The same rules, one vendor and one band at a time."""
    found: set[frozenset[int]] = set()
    weekly = ledger.loc[ledger["amount"] > 0, "date"].dt.dayofweek.value_counts(normalize=True)
    runs = weekly.max() >= 0.5
    for _, rows in ledger[ledger["amount"] > 0].groupby("vendor"):
        left = rows
        for gap in (0.225, 1e-4):
            ordered = left.sort_values("amount")
            band = (np.log(ordered["amount"]).diff() > gap).cumsum()
            for _, part in ordered.groupby(band):
                if naive_is_stream(part, runs, exact=gap < 0.01, today=ledger["date"].max()):
                    found.add(frozenset(part.index))
                    left = left.drop(part.index)
    return found


def naive_is_stream(part: pd.DataFrame, runs: bool, *, exact: bool, today: pd.Timestamp) -> bool:
    price = part.groupby("date")["amount"].mean().sort_index()
    gaps = pd.Series(price.index).diff().dt.days.dropna()
    if gaps.empty or (price.index[-1] - price.index[0]).days < 42:
        return False
    cadence = min(CADENCE_DAYS, key=lambda c: abs(np.log(gaps.median() / CADENCE_DAYS[c])))
    length = CADENCE_DAYS[cadence]
    tolerance = max(3.5, 0.1 * length, 7.0 if runs and length >= 28 else 0.0)
    spread = np.log(price).diff().abs().median()
    fixed = spread <= (0.10 if cadence == "yearly" else 0.05)
    least = (2 if fixed else 4) if cadence == "yearly" else 3
    overdue = (today - price.index[-1]).days > length + tolerance
    return bool(
        len(price) >= max(least, 3 if exact or overdue else 2)
        and abs(gaps.median() - length) <= tolerance
        and ((gaps - length).abs() <= tolerance).mean() >= 0.7
        and spread <= 0.5
    )


@pytest.mark.parametrize(
    "seed", [1, *(pytest.param(seed, marks=pytest.mark.slow) for seed in (2, 3))]
)
def test_bands_agree_with_the_naive_implementation(seed: int) -> None:
    ledger = seeded(seed, vendors=40)
    rows = charge_rows(ledger, ledger["date"] <= END, "")
    today = (ledger["date"].max() - pd.Timestamp(0)).days
    runs = paid_in_weekly_runs(rows.day)
    band = find_bands(rows, today=today, weekly_runs=runs)
    got = {frozenset(ledger.index[rows.position[band == b]]) for b in np.unique(band[band >= 0])}
    assert len(got) > 10
    assert got == naive_bands(ledger)
