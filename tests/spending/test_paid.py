"""Agreements of the list that the ledger no longer bears out."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from techalign.spending import PaidAgreements, check_paid, merge_vendors, overlap
from tests.spending.tables import contract, payment

DAY = dt.date(2026, 6, 30)
CATALOGUE = pd.DataFrame(columns=["name", "aliases", "capability", "category"])


def checked(
    vendor_days: dict[str, pd.DatetimeIndex], *contracts: dict[str, object], day: dt.date = DAY
) -> PaidAgreements:
    rows = pd.DataFrame(
        [payment(f"{d:%Y-%m-%d}", name, 50.0) for name, days in vendor_days.items() for d in days]
    )
    rows["date"] = pd.to_datetime(rows["date"])
    names = merge_vendors(rows["vendor_raw"], CATALOGUE)
    rows["vendor"] = names.apply(rows["vendor_raw"])
    return check_paid(pd.DataFrame(list(contracts)), rows, names, day)


def months(first: str, count: int, step: int = 1) -> pd.DatetimeIndex:
    return pd.date_range(first, periods=count, freq=pd.DateOffset(months=step))


CHAT = {"vendor": "Slack", "capability": "team chat", "seats_paid": 42.0, "seats_active": 12.0}
OTHER = {"vendor": "Zoom", "capability": "team chat", "seats_paid": 10.0, "seats_active": 4.0}


def test_what_nobody_pays_any_more_is_asked_for_and_saves_nothing() -> None:
    paid = {"Slack": months("2024-01-24", 14), "Zoom": months("2024-01-05", 30)}
    found = checked(paid, contract(**CHAT), contract(**OTHER))
    assert found.unpaid["vendor"].tolist() == ["Slack"]
    assert found.contracts["seats_paid"].isna().tolist() == [True, False]
    assert overlap(found.running, DAY, migration=0.0).frame.empty
    (question,) = found.questions(currency="EUR", owner="Kai")
    assert (question.kind, question.owner, question.value) == ("ask", "Kai", None)
    assert question.what == "Find out whether the agreement with Slack still runs"
    assert "no payment to it after 24 Feb 2025" in question.because


@pytest.mark.parametrize(
    "days",
    [
        months("2024-01-24", 29),  # one bill late
        months("2023-08-24", 3, step=12),  # paid once a year
        months("2025-07-24", 1),  # paid once, less than thirteen months ago
    ],
)
def test_what_may_still_be_due_is_not_asked_for(days: pd.DatetimeIndex) -> None:
    found = checked({"Slack": days, "Zoom": months("2024-01-05", 30)}, contract(**CHAT))
    assert found.unpaid.empty
    assert len(found.running) == 1


def test_the_ledgers_end_counts_and_not_the_day_of_the_review() -> None:
    both = {"Slack": months("2024-01-24", 14), "Zoom": months("2024-01-05", 14)}
    assert checked(both, contract(**CHAT)).unpaid.empty


def test_what_is_paid_elsewhere_or_has_ended_is_not_asked_for() -> None:
    paid = {"Slack": months("2024-01-24", 14), "Zoom": months("2024-01-05", 30)}
    over = contract(**CHAT, end="2025-02-28", auto_renew=False)
    found = checked(paid, over, contract(**CHAT | {"vendor": "Paid by another card"}))
    assert found.unpaid.empty
