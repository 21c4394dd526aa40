"""Small tables from which the tests of decisions start."""

from __future__ import annotations

import datetime as dt

import pandas as pd

from techalign.decision import Decision
from techalign.intake.rows.spending import ContractRow, LedgerRow
from techalign.intake.table import empty_table
from techalign.numbers.intervals import Interval
from techalign.spending import (
    PurposeSplit,
    SpendingFindings,
    find_renewals,
    find_streams,
    merge_vendors,
    overlap,
    spending_decisions,
    summarise_ledger,
)

TODAY = dt.date(2026, 6, 30)
USUAL = Interval(0.08, 0.03, 0.12)
CHANCE = Interval(0.10, 0.02, 0.30)
CATALOGUE = pd.DataFrame(columns=["name", "aliases", "capability", "category"], dtype=object)


def contract(**changes: object) -> dict[str, object]:
    """One agreement: ends on 30 September 2026, 30 days of notice, 1,000 a year, 5 % more then."""
    row = {
        "vendor": "Cobalt Docs",
        "capability": "file storage",
        "start": "2025-10-01",
        "end": "2026-09-30",
        "notice_days": 30,
        "auto_renew": True,
        "annual_price": 1000.0,
        "seats_paid": float("nan"),
        "seats_active": float("nan"),
        "uplift": 0.05,
    } | changes
    return row | {name: pd.Timestamp(str(row[name])) for name in ("start", "end")}


def payment(date: str, vendor: str, amount: float, **changes: object) -> dict[str, object]:
    """One row of the ledger."""
    row = {"date": pd.Timestamp(date), "vendor_raw": vendor, "amount": amount}
    return row | {"currency": "", "account": "", "memo": ""} | changes


def findings(
    contracts: list[dict[str, object]],
    payments: list[dict[str, object]] | None = None,
    *,
    migration: float = 0.0,
    purpose: PurposeSplit | None = None,
) -> SpendingFindings:
    """What the models find in the tables."""
    agreed = pd.DataFrame(contracts) if contracts else empty_table(ContractRow)
    ledger = pd.DataFrame(payments) if payments else empty_table(LedgerRow)
    names = merge_vendors(ledger["vendor_raw"], CATALOGUE)
    charged = ledger.assign(vendor=names.apply(ledger["vendor_raw"]))
    return SpendingFindings(
        summary=summarise_ledger(ledger, names, "USD", TODAY),
        renewals=find_renewals(agreed, TODAY, rate=0.1, assumed_uplift=USUAL),
        overlaps=overlap(agreed, TODAY, migration=migration),
        streams=find_streams(charged, TODAY, client_currency="USD"),
        purpose=purpose,
    )


def purpose_of(vendor: str, technology: list[str]) -> PurposeSplit:
    """What is known of a vendor's payments, one word for each: yes, no or unknown."""
    return PurposeSplit(
        matrix=pd.DataFrame(),
        assignment=pd.DataFrame({"vendor": [vendor] * len(technology), "technology": technology}),
        technology=0.0,
        technology_at_most=0.0,
        share_unclassified=0.0,
        share_by_source=pd.Series(dtype=float),
    )


def decide(found: SpendingFindings, **more: object) -> dict[str, Decision]:
    """The decisions by id, in their order."""
    made = spending_decisions(found, as_of=TODAY, currency="USD", owner="Dana", **more)  # type: ignore[arg-type]
    by_id = {decision.id: decision for decision in made}
    assert len(by_id) == len(made)
    return by_id


def ends(money: Interval | None) -> tuple[float, float, float]:
    """Low, point and high."""
    assert money is not None
    return money.low, money.point, money.high
