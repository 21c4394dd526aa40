"""Workbooks: all sheets, true extents, values that were saved, days as numbers."""

import datetime as dt
import io
import re
import zipfile
from collections.abc import Callable
from typing import Any

import pytest
from openpyxl import Workbook

from techalign.client.importing import Reading
from techalign.errors import InputError

Taken = Callable[..., Any]
HEADER = ["Transaction date", "Vendor", "Amount", "Memo"]


def _book(**sheets: list[list[object]]) -> bytes:
    book = Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def _rows(month: int, count: int) -> list[list[object]]:
    return [[dt.datetime(2026, month, day + 1), "Oak", 10.0 * month, ""] for day in range(count)]


def _edited(data: bytes, pattern: bytes, by: bytes) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(file, "w") as new:
        for name in old.namelist():
            part = old.read(name)
            new.writestr(name, re.sub(pattern, by, part) if "sheets/" in name else part)
    return file.getvalue()


def test_a_sheet_a_month_is_one_table(taken: Taken) -> None:
    data = _book(
        Jan=[HEADER, *_rows(1, 2)], Notes=[["call Ann"]],
        Feb=[["Oak Ltd"], [], HEADER, *_rows(2, 3)], Mar=[HEADER],
    )  # fmt: skip
    table = taken(data, name="a.xlsx").table
    assert table.clean["amount"].tolist() == [10, 10, 20, 20, 20]
    assert table.clean.index.tolist() == [2, 3, 7, 8, 9]
    notes = " ".join(table.notes)
    assert "3 sheets of one header read as one table: 'Jan' is rows 1 to 3, 'Feb'" in notes
    assert "sheets not read: 'Notes'" in notes


def test_the_sheet_with_the_headers_is_read_and_one_can_be_named(taken: Taken) -> None:
    other = ["Transaction date", "Vendor", "Amount", "Class"]
    data = _book(Cover=[["Report"]], Books=[HEADER, *_rows(1, 2)], Old=[other, *_rows(3, 1)])
    assert taken(data, name="a.xlsx").table.clean["amount"].tolist() == [10, 10]
    named = taken(data, name="a.xlsx", how=Reading(sheet="old"))
    assert named.table.clean["amount"].tolist() == [30]
    with pytest.raises(InputError, match="has no sheet 'New' with cells"):
        taken(data, name="a.xlsx", how=Reading(sheet="New"))


def test_a_stated_extent_is_not_believed(taken: Taken) -> None:
    data = _edited(
        _book(S=[HEADER, *_rows(1, 9)]), rb'<dimension ref="[^"]*"', b'<dimension ref="A1:D3"'
    )
    assert len(taken(data, name="a.xlsx").table.clean) == 9


def test_formulas_without_saved_values_are_said_so(taken: Taken) -> None:
    rows = [[day, "Oak", f"=A{i}*2", ""] for i, (day, *_) in enumerate(_rows(1, 3), 2)]
    with pytest.raises(InputError, match="a formula whose value was not saved") as caught:
        taken(_book(S=[HEADER, *rows]), name="a.xlsx")
    assert "save it" in caught.value.remedy
    some = taken(_book(S=[HEADER, *rows[:1], *_rows(2, 2)]), name="a.xlsx").table
    assert some.quarantine[["line", "value"]].to_numpy().tolist() == [[2, "=A2*2"]]


def test_errors_of_the_spreadsheet_are_no_suppliers(taken: Taken) -> None:
    day = dt.datetime(2026, 1, 5)
    rows = [[day, "Oak", 1, "#N/A"], [day, "#REF!", 2, ""], [day, "Elm", "#N/A", ""]]
    table = taken(_book(S=[HEADER, *rows]), name="a.xlsx").table
    assert table.clean[["vendor_raw", "memo"]].to_numpy().tolist() == [["Oak", ""]]
    assert set(table.quarantine["reason"]) == {"is an error of the spreadsheet"}


def test_days_as_numbers(taken: Taken) -> None:
    data = _book(S=[HEADER, [46027, "Oak", 1, ""], [46036.5, "Elm", 2, ""]])
    days = taken(data, name="a.xlsx").table.clean["date"]
    assert days.dt.strftime("%Y-%m-%d").tolist() == ["2026-01-05", "2026-01-14"]


def test_a_web_page_under_the_ending_of_a_workbook_is_refused(taken: Taken) -> None:
    with pytest.raises(InputError, match="is a web page under the ending"):
        taken("<html><table><tr><td>Date</td></tr></table></html>", name="a.xls")
