"""Ledgers and contracts at the edge: one row, credits alone, silence, changed names, leases."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.decision import Decision
from techalign.spending import (
    ForecastOptions,
    LedgerSummary,
    PurposeTables,
    SpendForecast,
    classify_purpose,
    find_regular_payees,
    find_renewals,
    find_streams,
    forecast_spend,
    merge_vendors,
    spending_decisions,
    summarise_ledger,
    technology_rows,
)
from techalign.spending.decisions import SpendingFindings
from techalign.spending.renewals import overlap
from tests.spending.tables import TODAY, USUAL, contract, payment

FACTS = load_reference()


def chain(
    payments: list[dict[str, object]], contracts: list[dict[str, object]], day: dt.date
) -> tuple[LedgerSummary, SpendForecast, list[Decision]]:
    """Everything the page computes, from payments and contracts."""
    columns = ["date", "vendor_raw", "amount", "currency", "account", "memo"]
    ledger = pd.DataFrame(payments, columns=columns)
    ledger["date"] = pd.to_datetime(ledger["date"])
    signed = pd.DataFrame(contracts, columns=list(contract()))
    names = merge_vendors(ledger["vendor_raw"], FACTS.suppliers, anchors=signed["vendor"])
    tables = PurposeTables(
        catalogue=FACTS.suppliers,
        category_purpose=FACTS.category_purpose,
        account_rules=FACTS.account_rules,
        contracts=signed,
        initiatives=pd.DataFrame(columns=["id", "purpose"]),
    )
    said = {"client_currency": "USD", "as_of": day}
    summary = summarise_ledger(ledger, names, "USD", day)
    purpose = classify_purpose(ledger, names, tables, **said)
    streams = find_streams(ledger.assign(vendor=names.apply(ledger["vendor_raw"])), day)
    technology = technology_rows(ledger, names, tables, **said)
    budget = forecast_spend(
        technology.frame,
        day,
        streams=streams,
        agreements=technology.agreements,
        observed=technology.observed,
        options=ForecastOptions(growth=0.0),
    )
    renewals = find_renewals(signed, day, rate=0.1, assumed_uplift=USUAL)
    found = SpendingFindings(
        summary=summary,
        renewals=renewals,
        overlaps=overlap(signed, day, migration=0.0),
        streams=streams,
        purpose=purpose,
        forecast=budget,
    )
    decisions = spending_decisions(found, as_of=day, currency="USD", owner="Dana")
    return summary, budget, decisions


def monthly(vendor: str, amount: float, first: str, months: int) -> list[dict[str, object]]:
    dates = pd.date_range(first, periods=months, freq=pd.DateOffset(months=1))
    return [payment(str(day.date()), vendor, amount, account="Software") for day in dates]


def test_one_row() -> None:
    summary, budget, decisions = chain(
        [payment("2026-05-05", "Slack", 90.0, account="Software")], [], TODAY
    )
    assert summary.last_12_months == 90.0
    assert np.isnan(summary.change)
    assert budget.total.high - budget.total.low > budget.total.point  # one payment tells little
    assert decisions == []


def test_credits_alone_give_no_budget() -> None:
    summary, budget, decisions = chain(monthly("Slack", -20.0, "2026-01-05", 6), [], TODAY)
    assert summary.last_12_months == -120.0
    assert budget.total.point == 0.0
    assert decisions == []


def test_a_single_month() -> None:
    rows = [payment(f"2026-06-{d:02}", "Slack", 10.0 + d, account="Software") for d in (2, 9, 20)]
    _, budget, decisions = chain(rows, [], TODAY)
    assert budget.total.point == pytest.approx(12 * sum(10.0 + d for d in (2, 9, 20)))
    assert budget.total.high - budget.total.low > budget.total.point
    assert (budget.missing, decisions) == ((), [])


def test_half_a_year_tells_more_of_a_year_than_a_month_and_less_than_two_years() -> None:
    widths = []
    for months, begins in ((1, "2026-06-05"), (6, "2026-01-05"), (24, "2024-07-05")):
        rows = [
            row | {"amount": 100.0 + 70.0 * (at % 3), "vendor_raw": f"Shop {at % 4}"}
            for at, row in enumerate(monthly("Shop", 1.0, begins, months))
        ]
        total = chain(rows, [], TODAY)[1].total
        widths.append((total.high - total.low) / total.point)
    assert widths[0] > 1.5 * widths[1] > 1.5 * widths[2]


def test_another_currency_is_in_no_sum() -> None:
    own = monthly("Slack", 50.0, "2025-07-05", 12)
    other = [row | {"currency": "EUR"} for row in monthly("DATEV", 70.0, "2025-07-05", 12)]
    summary, budget, _ = chain(own + other, [], TODAY)
    assert summary.last_12_months == 600.0
    assert summary.other_currencies["currency"].tolist() == ["EUR"]
    ledger = pd.DataFrame(own + other).assign(vendor=lambda rows: rows["vendor_raw"])
    streams = find_streams(ledger, TODAY, client_currency="USD")
    assert streams.active()["vendor"].tolist() == ["Slack"]
    assert streams.foreign[["vendor", "currency"]].to_numpy().tolist() == [["DATEV", "EUR"]]
    payees = find_regular_payees(ledger, TODAY, client_currency="USD")
    assert payees.frame["vendor"].tolist() == ["Slack"]
    assert budget.total.point == pytest.approx(600.0)


def test_a_name_that_changes_is_one_supplier_once_the_client_says_so() -> None:
    rows = monthly("Hartley Data", 100.0, "2025-01-05", 9)
    rows += monthly("HARTLEY DATA LTD 4471", 100.0, "2025-10-05", 9)
    ledger = pd.DataFrame(rows)
    names = merge_vendors(ledger["vendor_raw"], FACTS.suppliers)
    assert names.vendors == 1
    renamed = ledger.replace({"vendor_raw": {"HARTLEY DATA LTD 4471": "Oakfield Cloud"}})
    said = {"Oakfield Cloud": "Hartley Data"}
    assert merge_vendors(renamed["vendor_raw"], FACTS.suppliers).vendors == 2
    assert merge_vendors(renamed["vendor_raw"], FACTS.suppliers, known=said).vendors == 1


def test_silence_after_the_last_row_is_no_saving() -> None:
    day = dt.date(2026, 9, 30)
    summary, budget, decisions = chain(monthly("Slack", 100.0, "2024-01-05", 30), [], day)
    assert [month.month for month in summary.silent_months] == [7, 8, 9]
    assert summary.change == 0.0
    assert budget.total.point == pytest.approx(1200.0, rel=0.02)
    assert summary.span == "9 months with data among the twelve months to 30 Sep 2026"
    aside = next(d for d in decisions if d.topic == "budget")
    assert "no data for 3 months" in aside.because


def test_fewer_seats_at_a_higher_price_are_still_a_rise() -> None:
    rows = [*monthly("Slack", 200.0, "2025-01-05", 9), *monthly("Slack", 210.0, "2025-10-05", 9)]
    seats = contract(vendor="Slack", seats_paid=8.0, seats_active=5.0, annual_price=2520.0)
    _, budget, decisions = chain(rows, [seats], TODAY)
    assert any(d.topic == "seats" for d in decisions)
    # nine months ahead of the 5 % the contract states; the rest at the price of today
    assert 2520.0 < budget.total.point < 2520.0 * 1.05


def test_past_its_notice_date_an_agreement_renews_and_its_rise_is_in_the_budget() -> None:
    late = contract(vendor="Slack", start="2025-07-20", end="2026-07-19", notice_days=60)
    _, budget, decisions = chain(monthly("Slack", 100.0, "2024-07-05", 24), [late], TODAY)
    assert budget.total.point == pytest.approx(1200.0 + 11 * 5.0)
    assert not [d for d in decisions if d.what.startswith("Give notice")]


def test_a_long_franchise_has_no_day_to_cancel_and_no_software_price_rise() -> None:
    franchise = contract(
        vendor="Brand House", capability="franchise", start="2016-10-01", end="2026-09-30",
        auto_renew=False, uplift=float("nan"), annual_price=24_000.0,
    )  # fmt: skip
    rows = monthly("Slack", 100.0, "2025-07-05", 12)
    _, budget, decisions = chain(rows, [franchise], TODAY)
    assert budget.total.point == pytest.approx(1200.0)
    assert not [d for d in decisions if d.what.startswith("Give notice")]
    found = find_renewals(pd.DataFrame([franchise]), TODAY, rate=0.1, assumed_uplift=USUAL)
    (row,) = found.frame.to_dict("records")
    assert (row["uplift"], row["exposure"], row["exposure_high"]) == (0.0, 240_000.0, 240_000.0)


def test_suppliers_of_technology_are_compared_in_the_months_that_hold_data() -> None:
    day = dt.date(2026, 9, 30)
    ledger = pd.DataFrame(
        [*monthly("Slack", 100.0, "2024-01-05", 30), *monthly("Rent", 9.0, "2024-01-05", 30)]
    )
    ledger["date"] = pd.to_datetime(ledger["date"])
    ledger.loc[ledger["vendor_raw"] == "Rent", "account"] = "Rent"
    names = merge_vendors(ledger["vendor_raw"], FACTS.suppliers)
    tables = PurposeTables(
        catalogue=FACTS.suppliers,
        category_purpose=FACTS.category_purpose,
        account_rules=FACTS.account_rules,
        contracts=pd.DataFrame(columns=list(contract())),
        initiatives=pd.DataFrame(columns=["id", "purpose"]),
    )
    found = technology_rows(ledger, names, tables, client_currency="USD", as_of=day)
    told = found.by_supplier(day)[["vendor", "last_12_months", "previous_12_months"]]
    # nothing is known of July to September 2026, so nothing of those months of 2025 is compared
    assert told.to_numpy().tolist() == [["Slack", 900.0, 900.0]]
