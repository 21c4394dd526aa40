"""The money of each supplier of technology, beside a sum by hand."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.numbers.streams import random_stream
from techalign.spending import TechnologyRows

DAY = dt.date(2026, 6, 30)


def _rows(count: int) -> pd.DataFrame:
    rng = random_stream("tests", "technology", str(count))
    days = pd.Timestamp(DAY) - pd.to_timedelta(rng.integers(0, 900, count), unit="D")
    return pd.DataFrame({
        "date": days, "vendor": rng.choice(["Oak", "Elm", "Ash", "Fir", "Yew"], count),
        "amount": rng.integers(-200, 900, count).astype(float),
        "category": rng.choice(["software", "hosting", "devices"], count),
    })  # fmt: skip


def _by_hand(rows: pd.DataFrame, observed: tuple[dt.date, ...]) -> list[tuple[object, ...]]:
    now: dict[str, dict[str, float]] = {}
    before: dict[str, float] = {}
    for row in rows.itertuples():
        age = (pd.Timestamp(DAY) - row.date).days
        by_kind = now.setdefault(row.vendor, {}) if age < 365 else {}
        by_kind[row.category] = by_kind.get(row.category, 0.0) + row.amount
        later = (row.date + pd.DateOffset(years=1)).replace(day=1).date()
        if 365 <= age < 730 and later in observed:
            before[row.vendor] = before.get(row.vendor, 0.0) + row.amount
    told = [
        (vendor, min(kinds, key=lambda kind: (-kinds[kind], kind)), sum(kinds.values()),
         before.get(vendor, 0.0))
        for vendor, kinds in sorted(now.items())
    ]  # fmt: skip
    return sorted(told, key=lambda row: -row[2])


@pytest.mark.parametrize("count", [0, 1, 7, 60, 400])
def test_the_money_of_a_supplier_is_that_of_its_rows(count: int) -> None:
    rows = _rows(count)
    months = tuple(
        np.unique(rows["date"].to_numpy("datetime64[M]")).astype("datetime64[D]").tolist()
    )
    observed = months[::2]  # of every other month the ledger holds nothing else
    found = TechnologyRows(rows, pd.DataFrame(), observed).by_supplier(DAY)
    assert [tuple(row) for row in found.itertuples(index=False)] == _by_hand(rows, observed)
