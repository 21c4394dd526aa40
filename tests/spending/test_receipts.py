"""Customers on a bank's export are no suppliers with credits."""

from __future__ import annotations

import pandas as pd

from techalign.spending import merge_vendors, summarise_ledger, without_receipts
from techalign.spending.receipts import Receipts
from techalign.spending.spelling import REDACTED
from tests.spending.tables import CATALOGUE, TODAY, payment


def split(*rows: dict[str, object], known: tuple[str, ...] = ()) -> Receipts:
    ledger = pd.DataFrame(list(rows))
    return without_receipts(ledger, merge_vendors(ledger["vendor_raw"], CATALOGUE), known)


def test_what_customers_pay_does_not_lower_spending() -> None:
    found = split(
        payment("2026-05-05", "Shell", 500.0),
        payment("2026-05-09", "Shell", -40.0),
        payment("2026-05-20", "Fennel Foods", -9000.0),
        payment("2026-06-20", "Fennel Foods", -8000.0),
        payment("2026-06-21", "Harbour Hotels", -70.0, currency="EUR"),
    )
    assert found.ledger["amount"].tolist() == [500.0, -40.0]
    assert found.frame[["vendor", "currency", "amount", "rows"]].to_numpy().tolist() == [
        ["Fennel Foods", "", 17_000.0, 2],
        ["Harbour Hotels", "EUR", 70.0, 1],
    ]
    assert found.left_out == "; money in from 2 names that are never paid is left out"
    names = merge_vendors(found.ledger["vendor_raw"], CATALOGUE)
    assert summarise_ledger(found.ledger, names, "USD", TODAY).last_12_months == 460.0


def test_a_known_supplier_that_only_pays_back_gives_a_credit() -> None:
    rows = (payment("2026-05-05", "Shell", 500.0), payment("2026-05-09", "Adobe", -40.0))
    assert len(split(*rows, known=("ADOBE",)).ledger) == 2
    assert split(*rows).frame["vendor"].tolist() == ["Adobe"]


def test_a_ledger_of_credits_alone_stays_whole_and_nameless_rows_stay() -> None:
    assert len(split(payment("2026-05-05", "Slack", -20.0)).ledger) == 1
    found = split(payment("2026-05-05", "Shell", 9.0), payment("2026-05-06", REDACTED, -5.0))
    assert found.frame.empty
    assert found.left_out == ""
