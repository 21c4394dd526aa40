"""Suppliers paid month after month, whatever the amounts."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.spending import find_regular_payees, find_streams

END = dt.date(2025, 12, 31)
MONTHS = pd.date_range("2024-01-10", periods=24, freq=pd.DateOffset(months=1))


def paid(vendor: str, months: list[int]) -> pd.DataFrame:
    """Unlike amounts in the numbered months from January 2024."""
    amounts = [float(100 + 137 * ((5 * i) % 11)) for i in range(len(months))]
    return pd.DataFrame({"date": MONTHS[months], "vendor": vendor, "amount": amounts})


ROWS = pd.concat(
    [
        paid("Every month", list(range(24))),
        paid("All but one", [m for m in range(12, 24) if m != 17]),
        paid("Each quarter", [12, 17, 18, 23]),
        paid("Each March", [2, 14]),
        paid("Twice", [13, 20]),
        paid("Long ago", [0, 1, 2, 3]),
    ],
    ignore_index=True,
)


def test_the_rhythm_is_read_from_the_calendar() -> None:
    found = find_regular_payees(ROWS, END)
    assert found.frame.set_index("vendor")["rhythm"].to_dict() == {
        "Every month": "monthly",
        "All but one": "monthly",
        "Each quarter": "quarterly",
        "Each March": "yearly",
    }
    total = ROWS.loc[ROWS["date"] > "2024-12-31", "amount"].sum()
    assert found.share == pytest.approx(found.frame["last_12_months"].sum() / total)
    # of amounts so unlike the search for like amounts finds a fraction
    streams = find_streams(ROWS.assign(currency=""), END)
    assert streams.yearly_total < found.frame["last_12_months"].sum() / 2


def test_months_without_data_are_not_months_without_payment() -> None:
    gap = ROWS[~ROWS["date"].dt.month.isin([5, 6])]
    found = find_regular_payees(gap, END).frame.set_index("vendor")
    assert found.loc["Every month", "rhythm"] == "monthly"
    observed = [day.date() for day in MONTHS]
    counted = find_regular_payees(gap, END, observed=observed).frame.set_index("vendor")
    assert counted.loc["Every month", "rhythm"] != "monthly"


def test_too_few_months_tell_nothing() -> None:
    found = find_regular_payees(paid("New", [20, 21, 22, 23]), END)
    assert found.frame.empty
    assert found.share == 0.0


def test_a_missing_column_is_named() -> None:
    with pytest.raises(ModelError, match="vendor"):
        find_regular_payees(ROWS.drop(columns="vendor"), END)
