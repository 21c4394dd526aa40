"""Reports with group lines and totals; rows that repeat the money of others."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

from techalign.errors import InputError

Taken = Callable[..., Any]


def _rows(foreign: Any, *columns: str) -> list[list[object]]:
    return foreign.table.clean[list(columns)].to_numpy().tolist()


def test_a_group_is_the_account_where_there_is_a_supplier_column(taken: Taken) -> None:
    text = (
        "Oak Ltd,,,,,\nTransaction Detail by Account,,,,,\n,,,,,\n,Date,Num,Name,Memo,Amount\n"
        "Software,,,,,\n,2026-01-05,1,Adobe,plan,79.99\n   Cloud,,,,,\n,2026-01-06,2,AWS,vm,5.00\n"
        "   Total for Cloud,,,,,5.00\nTotal for Software,,,,,84.99\nTOTAL,,,,,84.99\n"
    )
    foreign = taken(text, mapping='[columns]\ndate="Date"\nvendor_raw=["Name","Memo"]\n'
                    'amount="Amount"\n')  # fmt: skip
    assert _rows(foreign, "vendor_raw", "account", "amount") == [
        ["Adobe", "Software", 79.99],
        ["AWS", "Cloud", 5.0],
    ]
    assert [row.amount for row in foreign.table.left_out] == [None] * 3
    assert foreign.table.totals[0].input == Decimal("84.99")


def test_a_group_is_the_supplier_in_a_report_by_supplier(taken: Taken) -> None:
    text = (
        "Payables by Contact\n\nDate,Reference,Details,Total\nOak Ltd\n"
        "05/01/2026,1,plan,10.00\n06/01/2026,2,more,5.00\nTotal Oak Ltd,,,15.00\n"
        "Elm Ltd\n07/01/2026,3,net,20.00\nTotal Elm Ltd,,,20.00\nTotal,,,35.00\n"
    )
    foreign = taken(text, currency="GBP")
    assert _rows(foreign, "vendor_raw", "amount") == [
        ["Oak Ltd", 10.0], ["Oak Ltd", 5.0], ["Elm Ltd", 20.0]
    ]  # fmt: skip


def test_files_without_a_header_can_be_mapped_by_number(taken: Taken) -> None:
    text = "2026-01-05,Oak Ltd,10.00,x\n2026-01-06,Elm Ltd,20.00,y\n"
    with pytest.raises(InputError, match=r"export\.csv:1: has no header line: .*Oak Ltd"):
        taken(text)
    foreign = taken(text, mapping="[columns]\ndate = 1\nvendor_raw = 2\namount = 3\n")
    assert _rows(foreign, "vendor_raw", "amount") == [["Oak Ltd", 10.0], ["Elm Ltd", 20.0]]
    assert foreign.table.clean.index.tolist() == [1, 2]


def test_a_ragged_line_is_told_against_the_files_own_header(taken: Taken) -> None:
    text = "Date,Supplier,Amount,A,B,C\n2026-01-05,Oak,10,,,\n2026-01-06,Elm,20,1\n"
    assert taken(text).table.quarantine["reason"].tolist() == ["has 4 fields, the header has 6"]


def test_a_footer_below_a_column_without_a_name_is_no_group(taken: Taken) -> None:
    text = ",Date,Description,Amount\n1,2026-01-05,Oak,10\n2,2026-01-06,Elm,20\nLegends used,,,\n"
    table = taken(text).table
    assert table.clean["vendor_raw"].tolist() == ["Oak", "Elm"]
    assert table.quarantined_rows == 1


def test_group_lines_may_stand_in_the_suppliers_own_column(taken: Taken) -> None:
    text = (
        "Vendor,Date,Num,Amount\nOak,,,\n,2026-01-05,1,5\n,2026-01-06,2,6\nTotal Oak,,,11\n"
        "Elm,,,\n,2026-01-07,3,7\nTotal Elm,,,7\nTotal,,,18\n"
    )
    assert _rows(taken(text), "vendor_raw", "amount") == [["Oak", 5.0], ["Oak", 6.0], ["Elm", 7.0]]
