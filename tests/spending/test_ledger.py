"""The ledger's totals against a row-by-row second implementation."""

from __future__ import annotations

import datetime as dt
import math

import pandas as pd
import pytest

from techalign.errors import MissingTableError, ModelError
from techalign.intake.rows.spending import LedgerRow
from techalign.intake.table import empty_table
from techalign.numbers.streams import random_stream
from techalign.spending.ledger import own_currency, summarise_ledger
from techalign.spending.names import VendorNames, merge_vendors

AS_OF = dt.date(2026, 3, 31)
NO_CATALOGUE = pd.DataFrame(columns=["name", "aliases", "capability", "category"], dtype=object)


def names_of(ledger: pd.DataFrame) -> VendorNames:
    return merge_vendors(ledger["vendor_raw"], NO_CATALOGUE)


def make_ledger(rows: list[tuple[str, str, float]], **columns: list[str]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["date", "vendor_raw", "amount"])
    frame["date"] = pd.to_datetime(frame["date"])
    for name in ("currency", "account", "memo", "purpose", "initiative"):
        frame[name] = columns.get(name, [""] * len(frame))
    frame.index = pd.Index(range(2, len(frame) + 2), name="line")
    return frame


def random_ledger() -> pd.DataFrame:
    rng = random_stream("ledger")
    n = 400
    dates = pd.Timestamp("2023-06-01") + pd.to_timedelta(rng.integers(0, 1100, n), unit="D")
    vendors = rng.choice(["Acme Ltd", "ACME", "Beta", "Gamma GmbH"], n)
    amounts = rng.integers(-20, 100, n).astype(float)
    rows = list(zip(dates.astype(str), vendors, amounts, strict=True))
    return make_ledger(rows, currency=list(rng.choice(["", "GBP", "EUR"], n)))


def test_a_ledger_all_in_another_currency_says_so_and_not_that_months_are_missing() -> None:
    ledger = make_ledger([("2026-01-05", "Acme", 5.0)], currency=["USD"])
    with pytest.raises(MissingTableError, match=r"No payment is in GBP.* but in USD"):
        summarise_ledger(ledger, names_of(ledger), "GBP", AS_OF)


def test_vendors_agree_with_adding_up_row_by_row() -> None:
    ledger = random_ledger()
    summary = summarise_ledger(ledger, names_of(ledger), "GBP", AS_OF)
    naive: dict[str, dict[str, float]] = {}
    for _, row in ledger.iterrows():
        if row["date"].date() > AS_OF or row["currency"] == "EUR":
            continue
        vendor = row["vendor_raw"].split(" ")[0].upper()
        totals = naive.setdefault(vendor, dict.fromkeys(("charges", "credits", "now", "then"), 0.0))
        totals["charges" if row["amount"] > 0 else "credits"] += row["amount"]
        if dt.date(2025, 3, 31) < row["date"].date():
            totals["now"] += row["amount"]
        elif dt.date(2024, 3, 31) < row["date"].date():
            totals["then"] += row["amount"]
    got = summary.vendors.set_index(summary.vendors["vendor"].str.split(" ").str[0].str.upper())
    assert set(got.index) == set(naive)
    for vendor, totals in naive.items():
        row = got.loc[vendor]
        assert row["charges"] == totals["charges"]
        assert row["credits"] == totals["credits"]
        assert row["total"] == totals["charges"] + totals["credits"]
        assert row["last_12_months"] == totals["now"]
        assert row["previous_12_months"] == totals["then"]
        assert row["change"] == totals["now"] - totals["then"]
    assert summary.vendors["share"].sum() == pytest.approx(1.0)
    assert summary.total == pytest.approx(summary.vendors["total"].sum())
    assert summary.monthly["total"].sum() == pytest.approx(summary.total)
    euro = ledger[(ledger["currency"] == "EUR") & (ledger["date"] <= "2026-03-31")]
    assert summary.other_currencies["currency"].tolist() == ["EUR"]
    assert summary.other_currencies["total"].iloc[0] == euro["amount"].sum()
    assert summary.later_rows == (ledger["date"] > "2026-03-31").sum() > 0


def test_a_short_ledger_has_no_change() -> None:
    ledger = make_ledger([("2025-01-10", "Acme", 10.0), ("2026-01-10", "Acme", 30.0)])
    summary = summarise_ledger(ledger, names_of(ledger), "GBP", AS_OF)
    assert summary.last_12_months == 30.0
    assert math.isnan(summary.previous_12_months)
    assert math.isnan(summary.change)
    assert summary.vendors["change"].isna().all()


def test_duplicates_are_shown_and_kept() -> None:
    rows = [("2026-01-10", "Acme", 50.0)] * 3 + [("2026-01-10", "Acme Ltd", 50.0)]
    rows += [("2026-02-01", "Beta", 8.0)] * 2 + [("2026-02-09", "Beta", -8.0)]
    rows += [("2026-02-02", "Gamma", 5.0), ("2026-02-02", "Gamma", 5.0)]
    memo = [""] * 7 + ["first", "second"]
    ledger = make_ledger(rows, memo=memo)
    summary = summarise_ledger(ledger, names_of(ledger), "GBP", AS_OF)
    assert summary.total == 218.0
    shown = summary.duplicates[["vendor_raw", "rows", "repeated", "credited", "lines"]]
    assert shown.to_numpy().tolist() == [
        ["Acme", 3, 100.0, False, (2, 3, 4)],
        ["Beta", 2, 8.0, True, (6, 7)],
    ]
    assert summary.repeated_money == 108.0
    assert summary.repeated_rows == 3


def test_months_without_rows_are_zero() -> None:
    ledger = make_ledger([("2025-11-30", "Acme", 10.0), ("2026-02-01", "Acme", -4.0)])
    monthly = summarise_ledger(ledger, names_of(ledger), "GBP", AS_OF).monthly
    assert monthly["month"].dt.strftime("%Y-%m").tolist() == [
        "2025-11",
        "2025-12",
        "2026-01",
        "2026-02",
    ]
    assert monthly["total"].tolist() == [10.0, 0.0, 0.0, -4.0]
    assert monthly["credits"].tolist() == [0.0, 0.0, 0.0, -4.0]


def test_a_client_without_a_ledger() -> None:
    ledger = empty_table(LedgerRow)
    summary = summarise_ledger(ledger, names_of(ledger), "GBP", AS_OF)
    assert summary.total == 0.0
    assert summary.first is None
    for frame in (
        summary.vendors,
        summary.monthly,
        summary.duplicates,
        summary.other_currencies,
        summary.top(),
    ):
        assert frame.empty
    assert summary.repeated_rows == 0


def test_the_clients_currency_must_be_named() -> None:
    with pytest.raises(ModelError, match="client_currency"):
        own_currency(random_ledger(), "")


@pytest.mark.parametrize("n", [1, 2, 8])
def test_the_steps_of_a_change_add_up_to_it(n: int) -> None:
    ledger = random_ledger()
    summary = summarise_ledger(ledger, names_of(ledger), "GBP", AS_OF)
    steps = summary.steps(n)
    assert steps["change"].sum() == pytest.approx(summary.change)
    # by hand: now less then, per vendor, the largest first whatever its sign
    now, then = (dict.fromkeys(summary.vendors["vendor"], 0.0) for _ in range(2))
    names = names_of(ledger).apply(ledger["vendor_raw"])
    for (_, row), vendor in zip(ledger.iterrows(), names, strict=True):
        if row["currency"] == "EUR":
            continue
        day = row["date"].date()
        if dt.date(2025, 3, 31) < day <= AS_OF:
            now[vendor] += row["amount"]
        elif dt.date(2024, 3, 31) < day <= dt.date(2025, 3, 31):
            then[vendor] += row["amount"]
    changes = sorted(((now[v] - then[v], v) for v in now), key=lambda c: -abs(c[0]))
    named = [v for _, v in sorted(changes[:n], key=lambda c: -c[0])]
    assert steps["vendor"].tolist()[: len(named)] == named
    assert len(steps) == min(n, len(now)) + (len(now) > n)


def test_a_short_ledger_has_no_steps() -> None:
    ledger = make_ledger([("2026-01-05", "Acme", 10.0)])
    assert summarise_ledger(ledger, names_of(ledger), "GBP", AS_OF).steps().empty


def test_months_without_data_are_no_saving() -> None:
    dates = pd.date_range("2024-01-05", "2026-03-31", freq=pd.DateOffset(months=1))
    ledger = pd.DataFrame({"date": dates, "vendor_raw": "Harbor Rent", "amount": 7000.0})
    ledger = ledger.assign(currency="", account="", memo="")
    names = names_of(ledger)
    found = summarise_ledger(ledger, names, "USD", dt.date(2026, 6, 30))
    assert [day.month for day in found.silent_months] == [4, 5, 6]
    assert found.last_12_months == 9 * 7000.0
    assert found.previous_12_months == 9 * 7000.0
    assert found.change == 0.0
    assert found.vendors["change"].tolist() == [0.0]
    whole = summarise_ledger(ledger, names, "USD", dt.date(2026, 3, 31))
    assert whole.silent_months == ()
    assert whole.previous_12_months == 12 * 7000.0
