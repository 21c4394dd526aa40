"""Text as files have it: quotation marks left open, NUL bytes, UTF-16 without a mark."""

from collections.abc import Callable
from typing import Any

import pytest

from techalign.errors import TableError
from techalign.intake.source import read_source

Taken = Callable[..., Any]

ROWS = [
    "Transaction date,Vendor,Amount,Memo",
    "2026-01-05,Oak,10.00,plan",
    "2026-01-14,Elm,20.00,{}27 inch",
    "2026-01-20,Ash,30.00,{}net",
    "2026-02-05,Oak,40.00,plan",
]


@pytest.mark.parametrize("column", [0, 1, 3])
def test_a_quotation_mark_that_stays_open_is_refused_with_its_line(column: int) -> None:
    cells = ["2026-01-14", "Elm", "20.00", "27 inch"]
    cells[column] = '"' + cells[column]
    lines = [*ROWS[:2], ",".join(cells), ROWS[4], ROWS[4]]
    with pytest.raises(TableError, match=r"a\.csv:3: opens a quotation mark"):
        read_source("a.csv", "\n".join(lines).encode())


def test_one_that_the_next_mark_closes_by_chance_is_refused_too() -> None:
    text = "\n".join(ROWS).format('"', '"') + "\n"
    with pytest.raises(TableError, match=r"a\.csv:3: opens a quotation mark that swallows rows"):
        read_source("a.csv", text.encode())


def test_the_line_is_right_below_a_cell_of_several_lines() -> None:
    text = 'a,b\n1,"two\nlines"\n"x,2\n'
    with pytest.raises(TableError, match=r"a\.csv:4: opens a quotation mark"):
        read_source("a.csv", text.encode())


def test_a_cell_of_several_lines_stays_one(taken: Taken) -> None:
    text = 'Date,Vendor,Amount,Memo\n2026-01-05,Oak,10.00,"for Ann,\n12 High St, Leeds\nthanks"\n'
    assert taken(text).table.clean["memo"].tolist() == ["for Ann,\n12 High St, Leeds\nthanks"]


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be", "utf-16"])
def test_utf16_is_known_with_and_without_its_mark(taken: Taken, encoding: str) -> None:
    text = "Date;Supplier;Amount\r\n05.01.2026;Käfer;10,50\r\n"
    table = taken(text.encode(encoding)).table
    assert table.clean["vendor_raw"].tolist() == ["Käfer"]
    assert "encoding UTF-16" in table.notes


def test_nul_bytes_and_mixed_line_ends(taken: Taken) -> None:
    data = b"Date,Vendor,Amount\r\n2026-01-05,Oak\x00\x00,1.00\r2026-01-06,Elm,2.00\n"
    table = taken(data).table
    assert table.clean["vendor_raw"].tolist() == ["Oak", "Elm"]
    assert "2 NUL bytes removed" in table.notes


@pytest.mark.parametrize(
    ("data", "what"),
    [
        (b"PK\x03\x04" + bytes(50), ".xlsx"),
        (b"\xd0\xcf\x11\xe0" + bytes(50), "old Excel"),
        (b"%PDF-1.7\n" + bytes(50), "PDF"),
        (bytes(100), ""),
        (bytes(range(256)) * 3, ""),
    ],
)
def test_binary_is_refused_and_named(data: bytes, what: str) -> None:
    with pytest.raises(TableError, match="holds binary data") as caught:
        read_source("a.csv", data)
    assert what in caught.value.remedy


def test_quoted_headers_after_blanks(taken: Taken) -> None:
    text = '"Date", "Supplier", "Amount"\n"2026-01-05", "Oak, Ltd", "1,000.50"\n'
    assert taken(text).table.clean["amount"].tolist() == [1000.5]
