"""Rows that name what is not there, or speak of days to come, are set aside with their money."""

import datetime as dt
from decimal import Decimal

import pytest

from techalign.client.references import REGISTERS, check_references
from techalign.intake.read import read_table
from techalign.intake.table import Table

TODAY = dt.date(2026, 6, 30)


def _tables(**texts: str) -> dict[str, Table]:
    return {
        name: read_table(name, f"{name}.csv", text.encode(), currency="USD")
        for name, text in texts.items()
    }


PARTNERS = (
    "partner,kind,segment,signed,margin\n"
    "Oak,reseller,volume,2025-01-01,0.3\nElm,reseller,volume,2027-01-01,0.3\n"
)


@pytest.fixture
def checked() -> dict[str, Table]:
    sales = (
        "partner,month,revenue\noak ,2026-01-01,10.50\nElm,2026-01-01,5.00\nAsh,2026-01-01,2.25\n"
    )
    return check_references(_tables(partners=PARTNERS, partner_revenue=sales), TODAY)


def test_each_row_is_kept_or_set_aside_with_its_reason(checked: dict[str, Table]) -> None:
    sales = checked["partner_revenue"]
    assert list(sales.clean["partner"]) == ["oak"]
    assert dict(zip(sales.quarantine["value"], sales.quarantine["reason"], strict=True)) == {
        "Elm": "is in a row of the partners table that was set aside",
        "Ash": "is not in the partners table",
    }
    signed = checked["partners"].quarantine
    assert list(signed["reason"]) == ["is after the day of the review, 2026-06-30"]


def test_the_money_still_adds_up(checked: dict[str, Table]) -> None:
    (total,) = checked["partner_revenue"].totals
    assert (total.clean, total.quarantined) == (Decimal("10.50"), Decimal("7.25"))
    assert total.input == total.clean + total.quarantined


def test_of_a_register_that_is_not_there_nothing_is_said() -> None:
    events = "vendor,date,kind\nOak,2026-01-05,layoff\n"
    tables = _tables(vendor_events=events)
    after = check_references(tables, TODAY)
    assert len(after["vendor_events"].clean) == len(tables["vendor_events"].clean)
    assert REGISTERS["vendor_events"] == "vendors"
