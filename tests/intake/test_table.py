import datetime as dt
import json
from decimal import Decimal

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techalign.errors import TableError
from techalign.intake.columns import field_kind
from techalign.intake.examples import example_csv
from techalign.intake.read import read_table
from techalign.intake.rows import ROW_MODELS
from techalign.intake.table import Table, empty_table


def _ledger(body: str, currency: str = "USD") -> Table:
    text = "date,vendor_raw,amount,currency,account,memo\n" + body
    return read_table("ledger", "ledger.csv", text.encode(), currency=currency)


def test_bad_rows_are_quarantined_with_place_reason_value_and_the_whole_row() -> None:
    table = _ledger(
        "2026-01-05,Acme,12.50,,Software,\n"
        "30/02/2026,Acme,10,,,\n"
        "2026-01-06,Acme,,,,\n"
        "2026-01-07,,8.00,,,\n"
        "2026-01-08,Acme,£4.00,,,\n"
        "2026-01-09,Acme,twelve,,,\n"
        "2026-01-10,Acme\n"
    )
    assert table.rows_in == 7
    assert list(table.clean.index) == [2]
    found = [tuple(row) for row in table.quarantine[["line", "column", "reason", "value"]].values]
    assert found == [
        (3, "date", "is not a date (read day-first)", "30/02/2026"),
        (4, "amount", "is empty", ""),
        (5, "vendor_raw", "is empty", ""),
        (6, "amount", "the sign says GBP, the row's currency is USD", "4.00"),
        (7, "amount", "is not a number (decimal mark '.')", "twelve"),
        (8, "row", "has 2 fields, the header has 6", ""),
    ]
    assert json.loads(table.quarantine["row"].iloc[0])["vendor_raw"] == "Acme"
    total = table.totals[0]
    assert (total.input, total.clean, total.quarantined) == (
        Decimal("34.50"),
        Decimal("12.50"),
        Decimal("22.00"),
    )
    assert table.unread_amounts == 3


def test_equal_cells_of_a_long_column_are_one_text() -> None:
    rows = "".join(f"2026-01-{i:02},Oak  ,{i}.50,EUR\n" for i in range(1, 29))
    table = read_table("ledger", "l.csv", f"date,vendor_raw,amount,currency\n{rows}".encode())
    for name in ("vendor_raw", "currency"):
        assert len(table.clean) == 28
        assert len(set(map(id, table.clean[name]))) == 1


def test_exact_repeats_are_shown_and_kept() -> None:
    table = _ledger("2026-01-05,Acme,5,,,\n2026-01-05,Acme,5,,,\n2026-01-05,Acme,6,,,\n")
    assert len(table.clean) == 3
    assert list(table.repeats.index) == [3]


def test_currencies_are_totalled_apart() -> None:
    table = _ledger("2026-01-05,Acme,5,,,\n2026-01-05,Acme,7,eur,,\n")
    assert [(t.currency, t.input) for t in table.totals] == [("EUR", 7), ("USD", 5)]
    assert list(table.clean["currency"]) == ["", "EUR"]


def test_unique_keys_name_the_first_line() -> None:
    text = example_csv("vendors") + example_csv("vendors").splitlines()[1] + "\n"
    table = read_table("vendors", "vendors.csv", text.encode())
    assert len(table.clean) == 2
    assert table.quarantine["reason"].tolist() == ["repeats vendor of line 2"]


def test_a_missing_column_names_the_nearest_header() -> None:
    with pytest.raises(TableError, match=r"has no column 'vendor_raw'.*'vendor raww' looks like"):
        read_table("ledger", "l.csv", b"date,vendor raww,amount\n2026-01-01,A,1\n")


def test_headers_match_without_regard_to_case_and_blanks() -> None:
    table = read_table("ledger", "l.csv", b"Date,Vendor Raw,AMOUNT,extra\n2026-01-01,A,1,x\n")
    assert len(table.clean) == 1
    assert "columns not used: extra" in table.notes


@pytest.mark.parametrize("name", list(ROW_MODELS))
def test_examples_are_clean_and_empty_tables_have_the_same_types(name: str) -> None:
    table = read_table(name, f"{name}.csv", example_csv(name).encode(), currency="USD")
    assert table.quarantine.empty
    assert len(table.clean) >= 1
    empty = empty_table(ROW_MODELS[name])
    assert list(empty.columns) == list(table.clean.columns)
    assert empty.dtypes.to_dict() == table.clean.dtypes.to_dict()


@pytest.mark.parametrize("name", list(ROW_MODELS))
def test_every_column_has_help_and_as_many_examples_as_the_others(name: str) -> None:
    fields = ROW_MODELS[name].model_fields
    assert ROW_MODELS[name].enables
    assert len({len(field.examples or []) for field in fields.values()}) == 1
    assert all(field.description for field in fields.values())


def test_field_kinds() -> None:
    ledger, vendors = ROW_MODELS["ledger"], ROW_MODELS["vendors"]
    assert [field_kind(ledger, n) for n in ("date", "amount", "currency", "purpose")] == [
        "date",
        "money",
        "text",
        "choice",
    ]
    assert [
        field_kind(vendors, n) for n in ("founded", "brand_pace", "escrow", "weeks_out", "relation")
    ] == ["int", "int", "bool", "float", "choice"]


AMOUNTS = st.decimals(min_value=-(10**6), max_value=10**6, places=2)
CELLS = st.one_of(
    st.tuples(st.dates(dt.date(2000, 1, 1), dt.date(2050, 1, 1)).map(str), AMOUNTS.map(str)),
    st.tuples(st.sampled_from(["", "n/a", "2025-02-30"]), AMOUNTS.map(str)),
    st.tuples(st.just("2025-01-01"), st.sampled_from(["", "x", "1.2.3"])),
)


@given(st.lists(CELLS, min_size=1, max_size=30))
def test_rows_and_money_always_reconcile(cells: list[tuple[str, str]]) -> None:
    table = _ledger("".join(f"{day},Acme,{amount},,,\n" for day, amount in cells))
    assert table.rows_in == len(cells) == len(table.clean) + table.quarantined_rows
    read = [Decimal(a) for _, a in cells if a.replace("-", "").replace(".", "", 1).isdigit()]
    assert sum((t.input for t in table.totals), Decimal(0)) == sum(read, Decimal(0))
    for total in table.totals:
        assert total.input == total.clean + total.quarantined
        assert float(total.clean) == pytest.approx(table.clean["amount"].sum())


def test_clean_frames_have_model_ready_types() -> None:
    table = _ledger("2026-01-05,Acme,12.50,,Software,\n")
    assert table.clean["date"].dtype == "datetime64[ns]"
    assert table.clean["amount"].dtype == "float64"
    assert table.clean["memo"].tolist() == [""]
    assert isinstance(table.clean, pd.DataFrame)
