"""Charges that ended as another began: which are paired, and which are not."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from techalign.spending import find_streams, likely_renamed

AS_OF = dt.date(2025, 12, 31)


def monthly(
    vendor: str, price: float, first: str, count: int = 6, currency: str = ""
) -> pd.DataFrame:
    dates = pd.date_range(first, periods=count, freq=pd.DateOffset(months=1))
    return pd.DataFrame({"date": dates, "amount": price, "vendor": vendor, "currency": currency})


def paired(*charges: pd.DataFrame) -> list[list[object]]:
    ledger = pd.concat(charges, ignore_index=True)
    return likely_renamed(find_streams(ledger, AS_OF))[["before", "after"]].to_numpy().tolist()


OLD = monthly("Bright", 90.0, "2025-01-05")


def test_one_that_begins_where_another_ended_is_paired_with_the_nearest_price() -> None:
    near, far = monthly("Lumen", 91.0, "2025-07-05"), monthly("Other", 98.0, "2025-07-06")
    assert paired(OLD, near, far) == [["Bright", "Lumen"]]


@pytest.mark.parametrize(
    "after",
    [
        monthly("Lumen", 140.0, "2025-07-05"),
        monthly("Lumen", 90.0, "2025-09-05", 4),
        monthly("Lumen", 90.0, "2025-05-05", 8),
        monthly("Lumen", 90.0, "2025-07-05", currency="EUR"),
    ],
    ids=["another price", "after a pause", "beside it", "another currency"],
)
def test_what_is_not_alike_is_not_paired(after: pd.DataFrame) -> None:
    assert paired(OLD, after) == []


def test_without_charges_there_is_no_pair() -> None:
    assert paired(OLD.head(1)) == []
