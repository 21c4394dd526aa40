"""Renewal dates, exposure, commitments and overlap, worked by hand."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.intake.rows.spending import ContractRow
from techalign.intake.table import empty_table
from techalign.numbers.intervals import Interval
from techalign.spending.renewals import Renewals, find_renewals, overlap

ASSUMED = Interval(0.08, 0.04, 0.12)


def contract(**changes: object) -> dict[str, object]:
    return {
        "vendor": "Acme",
        "capability": "backup",
        "start": pd.Timestamp("2025-09-01"),
        "end": pd.Timestamp("2026-08-31"),
        "notice_days": 30,
        "auto_renew": True,
        "annual_price": 1200.0,
        "seats_paid": 12.0,
        "seats_active": 9.0,
        "uplift": 0.05,
    } | changes


def renew(as_of: str, *contracts: dict[str, object], rate: float = 0.1) -> Renewals:
    frame = pd.DataFrame(list(contracts) or [contract()])
    return find_renewals(frame, dt.date.fromisoformat(as_of), rate=rate, assumed_uplift=ASSUMED)


@pytest.mark.parametrize(
    ("as_of", "auto", "status", "left"),
    [
        ("2026-05-02", True, "upcoming", 91.0),
        ("2026-05-03", True, "act now", 90.0),
        ("2026-08-01", True, "act now", 0.0),
        ("2026-08-02", True, "overdue to cancel", np.nan),
        ("2026-08-31", True, "overdue to cancel", np.nan),
        ("2026-09-01", True, "rolls over", 334.0),
        ("2026-08-02", False, "act now", 29.0),
        ("2026-08-31", False, "act now", 0.0),
        ("2026-09-01", False, "ended", np.nan),
    ],
)
def test_status_and_days_left_by_day(as_of: str, auto: bool, status: str, left: float) -> None:
    row = renew(as_of, contract(auto_renew=auto)).frame.iloc[0]
    assert row["status"] == status
    assert row["days_left"] == pytest.approx(left, nan_ok=True)


def test_what_renews_from_month_to_month_is_never_urgent_and_stands_last() -> None:
    monthly = contract(
        vendor="Rolling", start=pd.Timestamp("2026-07-01"), end=pd.Timestamp("2026-07-31"),
        notice_days=0,
    )  # fmt: skip
    frame = renew("2026-07-20", contract(), monthly).frame
    assert frame["vendor"].tolist() == ["Acme", "Rolling"]
    row = frame.iloc[1]
    assert (row["status"], row["days_left"]) == ("short terms", 11.0)
    assert row["act_by"] == row["last_cancel"] == pd.Timestamp("2026-07-31")
    once = renew("2026-07-20", monthly | {"auto_renew": False}).frame.iloc[0]
    assert once["status"] == "act now"


def test_dates_and_exposure() -> None:
    row = renew("2026-03-01").frame.iloc[0]
    assert row["last_cancel"] == pd.Timestamp("2026-08-01")
    assert row["act_by"] == pd.Timestamp("2026-05-03")
    assert row["exposure"] == pytest.approx(1200 * 1.05)
    assert row["exposure_low"] == row["exposure"] == row["exposure_high"]
    assert row["uplift_stated"]
    assert row["seat_waste"] == pytest.approx(300.0)


def test_an_assumed_uplift_brings_its_range() -> None:
    long = contract(uplift=np.nan, end=pd.Timestamp("2028-08-31"), seats_paid=np.nan)
    row = renew("2026-03-01", long).frame.iloc[0]
    term = 1200 * 3
    assert not row["uplift_stated"]
    got = [row["exposure_low"], row["exposure"], row["exposure_high"]]
    assert got == pytest.approx([term * 1.04, term * 1.08, term * 1.12])
    assert np.isnan(row["seat_waste"])


def test_a_contract_past_its_end_rolls_to_the_current_term() -> None:
    row = renew("2029-02-15").frame.iloc[0]
    assert row["terms_rolled"] == 3
    assert row["start"] == pd.Timestamp("2028-09-01")
    assert row["end"] == pd.Timestamp("2029-08-31")
    month_end = contract(start=pd.Timestamp("2025-01-31"), end=pd.Timestamp("2025-02-28"))
    odd = renew("2025-06-10", month_end).frame.iloc[0]
    assert odd["start"] <= pd.Timestamp("2025-06-10") <= odd["end"]
    weekly = contract(start=pd.Timestamp("2025-01-01"), end=pd.Timestamp("2025-01-10"))
    ten_days = renew("2025-02-01", weekly).frame.iloc[0]
    assert (ten_days["start"], ten_days["terms_rolled"]) == (pd.Timestamp("2025-01-31"), 3)
    assert ten_days["term_years"] == pytest.approx(10 / 365.25)


def test_commitment_and_its_present_value() -> None:
    result = renew("2026-05-20", rate=0.1)
    dates = [dt.date(2026, 5, 20), dt.date(2026, 6, 20), dt.date(2026, 7, 20), dt.date(2026, 8, 20)]
    days = [31, 30, 31, 12]
    parts = [1200 * d / 365 for d in days]
    value = sum(p / 1.1 ** ((d - dates[0]).days / 365) for p, d in zip(parts, dates, strict=True))
    assert result.committed == pytest.approx(1200 * 104 / 365)
    assert result.frame["committed_pv"].iloc[0] == pytest.approx(value)
    free = renew("2026-05-20", rate=0.0).frame.iloc[0]
    assert free["committed_pv"] == pytest.approx(free["committed"])
    future = renew("2025-01-01", rate=0.1).frame.iloc[0]
    assert future["committed"] == pytest.approx(1200.0)
    assert future["committed_pv"] < future["committed"]


def test_ended_contracts_owe_and_waste_nothing() -> None:
    result = renew("2027-01-01", contract(auto_renew=False))
    row = result.frame.iloc[0]
    assert (row["committed"], row["committed_pv"], row["exposure"]) == (0.0, 0.0, 0.0)
    assert result.seat_waste == 0.0


def test_the_first_to_act_on_comes_first_and_exposure_counts_automatic_renewals() -> None:
    result = renew(
        "2026-03-01",
        contract(vendor="Late", end=pd.Timestamp("2027-12-31")),
        contract(vendor="Ended", end=pd.Timestamp("2025-12-31"), auto_renew=False),
        contract(vendor="Soon", uplift=np.nan),
        contract(vendor="Lapses", auto_renew=False),
    )
    assert result.frame["vendor"].tolist() == ["Lapses", "Soon", "Late", "Ended"]
    soon = result.frame.set_index("vendor").loc["Soon"]
    total = result.exposure(within_days=365)
    assert (total.low, total.point, total.high) == tuple(
        soon[["exposure_low", "exposure", "exposure_high"]]
    )
    assert total.level == ASSUMED.level
    assert result.with_status("ended")["vendor"].tolist() == ["Ended"]


def test_more_seats_in_use_than_paid_is_no_waste() -> None:
    result = renew(
        "2026-03-01", contract(seats_active=20.0), contract(seats_paid=0.0, seats_active=0.0)
    )
    assert result.seat_waste == 0.0


def test_overlap_by_hand() -> None:
    rows = [
        contract(vendor="A", annual_price=500.0, seats_active=10.0),
        contract(vendor="A", annual_price=100.0, seats_active=2.0, capability="Backup "),
        contract(vendor="B", annual_price=900.0, seats_active=3.0),
        contract(vendor="C", annual_price=300.0, seats_active=np.nan),
        contract(vendor="Old", end=pd.Timestamp("2025-12-31"), auto_renew=False),
        contract(vendor="Next", start=pd.Timestamp("2026-06-01")),
        contract(vendor="A", capability="crm"),
    ]
    found = overlap(pd.DataFrame(rows), dt.date(2026, 3, 1), migration={"backup": 250.0})
    assert len(found.frame) == 1
    row = found.frame.iloc[0]
    assert (row["capability"], row["vendors"], row["count"]) == ("backup", "A; B; C", 3)
    assert (row["cost"], row["kept"], row["kept_cost"]) == (1800.0, "A", 600.0)
    assert (row["saving_low"], row["saving"], row["saving_high"]) == (650.0, 950.0, 1250.0)
    assert found.saving == Interval(950.0, 650.0, 1250.0, 1.0)
    costly = overlap(pd.DataFrame(rows), dt.date(2026, 3, 1), migration=5000.0)
    assert costly.frame["saving"].iloc[0] == -3800.0
    assert costly.saving.point == 0.0


def test_a_client_without_contracts_and_wrong_rate() -> None:
    empty = empty_table(ContractRow)
    result = find_renewals(empty, dt.date(2026, 3, 1), rate=0.1, assumed_uplift=ASSUMED)
    assert result.frame.empty
    assert result.committed == result.seat_waste == result.exposure().point == 0.0
    assert overlap(empty, dt.date(2026, 3, 1), migration=0.0).frame.empty
    with pytest.raises(ModelError, match="rate"):
        find_renewals(empty, dt.date(2026, 3, 1), rate=-1.0, assumed_uplift=ASSUMED)
