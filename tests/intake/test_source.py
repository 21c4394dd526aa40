import gzip
import io

import pandas as pd
import pytest
from openpyxl import Workbook

from techalign.errors import TableError
from techalign.intake.source import read_source

ROWS = "date,vendor_raw,amount\n2026-01-05,Café Ålpha,12.50\n2026-01-06,Beta,3\n"


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_delimiters_and_encodings_give_the_same_cells(delimiter: str, encoding: str) -> None:
    source = read_source("a.csv", ROWS.replace(",", delimiter).encode(encoding))
    assert source.columns == {
        "date": ["2026-01-05", "2026-01-06"],
        "vendor_raw": ["Café Ålpha", "Beta"],
        "amount": ["12.50", "3"],
    }
    assert source.lines == [2, 3]


def test_gzip_and_its_damage() -> None:
    assert read_source("a.csv.gz", gzip.compress(ROWS.encode())).lines == [2, 3]
    with pytest.raises(TableError, match=r"a\.csv\.gz: is not a whole gzip file"):
        read_source("a.csv.gz", gzip.compress(ROWS.encode())[:-9])


def test_a_decimal_comma_does_not_pass_for_the_delimiter() -> None:
    text = "date;vendor;amount\n01.02.2026;Müller GmbH;1.234,50\n02.02.2026;Weber;7,00\n"
    assert read_source("a.csv", text.encode()).columns["amount"] == ["1.234,50", "7,00"]


def test_quoted_line_breaks_keep_the_line_numbers_true() -> None:
    text = 'date,memo\n2026-01-01,"two\nlines"\n2026-01-02,one\n'
    source = read_source("a.csv", text.encode())
    assert source.lines == [2, 4]
    assert source.columns["memo"][0] == "two\nlines"


def test_preamble_is_found_by_the_expected_headers() -> None:
    text = "Account 12-34,,\nStatement,,\ndate,vendor_raw,amount\n2026-01-01,A,1\n"
    source = read_source("a.csv", text.encode(), expected=["date", "vendor_raw", "amount"])
    assert source.header == ("date", "vendor_raw", "amount")
    assert source.lines == [4]
    assert "header on line 3" in source.notes


def test_ragged_rows_are_kept_apart_and_blank_lines_counted() -> None:
    text = "a,b,c\n1,2\n1,2,3,4\n1,2,3,,\n,,\n\n4,5,6\n"
    source = read_source("a.csv", text.encode())
    assert [(row.line, row.cells) for row in source.ragged] == [
        (2, ("1", "2")),
        (3, ("1", "2", "3", "4")),
    ]
    assert source.lines == [4, 7]
    assert "2 lines without any value passed over" in source.notes


@pytest.mark.parametrize(
    ("name", "data", "problem"),
    [
        ("a.csv", b"", "is empty"),
        ("a.csv", b"a,b\n", "has a header but no rows"),
        ("a.csv", b"\n\n", "has no header line"),
        ("a.csv", b"PK\x03\x04\x00\x00", "holds binary data"),
        ("a.csv", b"a,a\n1,2\n", "has the column 'a' 2 times"),
        ("a.xlsx", b"not a workbook", "cannot be read as an Excel workbook"),
        ("a.parquet", b"not parquet", "cannot be read as Parquet"),
        ("a.pdf", b"%PDF", "has an ending that is not read here: .pdf"),
    ],
)
def test_what_cannot_be_read_is_one_line_naming_the_file(
    name: str, data: bytes, problem: str
) -> None:
    with pytest.raises(TableError) as caught:
        read_source(name, data)
    message = str(caught.value)
    assert message.startswith(f"{name}: {problem}")
    assert "\n" not in message


def test_workbook_prefers_the_named_sheet_and_keeps_native_values() -> None:
    book = Workbook()
    book.active.append(["nothing"])
    sheet = book.create_sheet("ledger")
    sheet.append(["date", "amount", "memo"])
    sheet.append([pd.Timestamp("2026-01-05").to_pydatetime(), 60.52, None])
    data = io.BytesIO()
    book.save(data)
    source = read_source("a.xlsx", data.getvalue(), sheet="ledger")
    assert source.columns["amount"] == [60.52]
    assert source.columns["memo"] == [None]
    assert source.lines == [2]


def test_parquet_columns() -> None:
    data = io.BytesIO()
    pd.DataFrame({"a": [1, 2], "b": ["x", None]}).to_parquet(data)
    source = read_source("a.parquet", data.getvalue())
    assert source.columns == {"a": [1, 2], "b": ["x", None]}
