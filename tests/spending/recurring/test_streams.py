"""Recurring charges: a seeded ledger with the truth, cases worked by hand, edges."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.intake.rows.spending import LedgerRow
from techalign.intake.table import empty_table
from techalign.spending.recurring.streams import find_streams
from tests.spending.recurring.seeded import AS_OF, seeded


@pytest.mark.slow
def test_streams_are_found_again() -> None:
    pure, whole, recurring = [], 0, 0
    for seed in (11, 12, 13, 14):
        ledger = seeded(seed)
        membership = find_streams(ledger, AS_OF).membership
        joint = pd.crosstab(membership, ledger["truth"]).drop(index=-1)
        rows = joint.sum(axis=1)
        joint = joint.drop(columns=-1)
        share = joint.max(axis=1) / rows
        size = ledger["truth"].value_counts()[joint.columns]
        pure.append(share >= 0.8)
        whole += int((joint[share >= 0.8].max() / size >= 0.6).sum())
        recurring += int(ledger["truth"].max()) + 1
    assert pd.concat(pure).mean() >= 0.92
    assert whole / recurring >= 0.82


def monthly(
    vendor: str, prices: list[float], first: str = "2025-01-05", **more: object
) -> pd.DataFrame:
    dates = pd.date_range(first, periods=len(prices), freq=pd.DateOffset(months=1))
    frame = pd.DataFrame({"date": dates, "amount": prices, "vendor": vendor, "currency": ""})
    return frame.assign(**more)


def test_one_subscription_in_full() -> None:
    ledger = monthly("Acme", [100.0] * 12 + [110.0] * 3)
    row = find_streams(ledger, AS_OF).frame.iloc[0]
    years = (pd.Timestamp("2026-03-05") - pd.Timestamp("2025-01-05")).days / 365.25
    assert (row["cadence"], row["kind"], row["charges"]) == ("monthly", "fixed", 15)
    assert row["latest_amount"] == 110.0
    assert row["yearly_cost"] == pytest.approx(1320.0)
    assert row["creep"] == pytest.approx(1.1 ** (1 / years) - 1)
    assert row["creep_low"] < row["creep"] < row["creep_high"]
    assert row["regularity"] == 1.0
    assert row["active"]
    assert row["next_due"] == pd.Timestamp("2026-04-04")


def test_a_leap_in_price_is_one_stream() -> None:
    ledger = monthly("Acme", [100.0] * 8 + [160.0] * 7)
    streams = find_streams(ledger, AS_OF)
    assert len(streams.frame) == 1
    assert streams.frame["charges"].iloc[0] == 15
    assert (streams.membership == 0).all()
    two = find_streams(monthly("Acme", [100.0] * 8 + [260.0] * 7), AS_OF)
    assert len(two.frame) == 2


def test_weekly_payment_runs_widen_the_tolerance() -> None:
    due = pd.date_range("2024-01-01", "2026-03-01", freq="MS")
    paid = due + pd.to_timedelta((2 - due.dayofweek) % 7, unit="D")
    ledger = pd.DataFrame({"date": paid, "amount": 50.0, "vendor": "Acme", "currency": ""})
    streams = find_streams(ledger, AS_OF)
    assert streams.weekly_runs
    assert streams.frame["cadence"].tolist() == ["monthly"]
    other = [monthly(f"V{i}", [10.0] * 27, f"2024-01-0{i}") for i in range(1, 8)]
    spread = pd.concat([ledger, *other], ignore_index=True)
    plain = find_streams(spread, AS_OF)
    assert not plain.weekly_runs
    assert "Acme" not in set(plain.frame["vendor"])


def test_bills_of_like_amounts_are_told_apart_by_exact_price() -> None:
    ledger = pd.concat(
        [monthly("Lease", [100.0] * 12), monthly("Lease", [105.0] * 12, "2025-01-12")],
        ignore_index=True,
    )
    streams = find_streams(ledger, dt.date(2025, 12, 31))
    assert sorted(streams.frame["latest_amount"]) == [100.0, 105.0]


def test_a_second_seat_is_no_rise_in_price() -> None:
    seats = pd.concat([monthly("Acme", [20.0] * 14), monthly("Acme", [20.0] * 6, "2025-09-05")])
    row = find_streams(seats.reset_index(drop=True), AS_OF).frame.iloc[0]
    assert row["creep"] == 0.0
    assert row["yearly_cost"] == pytest.approx(480.0)


def test_a_bill_booked_twice_at_the_end_is_no_doubled_price() -> None:
    ledger = monthly("Acme", [100.0] * 15)
    twice = pd.concat([ledger, ledger.tail(1)], ignore_index=True)
    row = find_streams(twice, AS_OF).frame.iloc[0]
    assert (row["latest_amount"], row["yearly_cost"]) == (100.0, 1200.0)
    # what comes twice in a row is a second seat
    row = find_streams(pd.concat([twice, ledger.iloc[-2:-1]], ignore_index=True), AS_OF).frame.iloc[
        0
    ]
    assert (row["latest_amount"], row["yearly_cost"]) == (200.0, 2400.0)


def test_a_missing_charge_counts_only_as_far_as_the_ledger_reaches() -> None:
    ended = monthly("Ended", [10.0] * 6)
    running = monthly("Running", [10.0] * 12)
    late = dt.date(2026, 12, 31)
    both = find_streams(pd.concat([ended, running], ignore_index=True), late)
    assert both.seen_to == dt.date(2025, 12, 5)
    assert both.frame.set_index("vendor")["active"].to_dict() == {"Ended": False, "Running": True}
    assert both.yearly_total == both.yearly_fixed == pytest.approx(120.0)
    assert len(both.active("fixed")) == 1


def test_yearly_charges_need_a_steady_price() -> None:
    dates = pd.to_datetime(["2024-05-01", "2025-05-03"])
    frame = pd.DataFrame({"date": dates, "vendor": "A", "currency": ""})
    steady = find_streams(frame.assign(amount=[100.0, 107.0]), AS_OF)
    assert steady.frame["cadence"].tolist() == ["yearly"]
    assert find_streams(frame.assign(amount=[100.0, 120.0]), AS_OF).frame.empty
    other = monthly("B", [5.0] * 2, "2026-07-01")
    overdue = pd.concat([frame.assign(amount=100.0), other], ignore_index=True)
    assert find_streams(overdue, dt.date(2026, 12, 31)).frame.empty


def test_credits_redactions_and_other_currencies() -> None:
    ledger = pd.concat(
        [
            monthly("Redacted", [10.0] * 8),
            monthly("Credit", [-10.0] * 8),
            monthly("Euro", [10.0] * 15, currency="EUR"),
            monthly("Own", [10.0] * 15, currency="GBP"),
        ],
        ignore_index=True,
    )
    streams = find_streams(ledger, AS_OF, client_currency="GBP")
    assert streams.frame.set_index("vendor")["currency"].to_dict() == {"Euro": "EUR", "Own": ""}
    assert streams.yearly_total == pytest.approx(120.0)


def test_a_client_without_a_ledger_and_wrong_arguments() -> None:
    empty = empty_table(LedgerRow).assign(vendor=pd.Series(dtype=object))
    streams = find_streams(empty, AS_OF)
    assert streams.frame.empty
    assert streams.seen_to is None
    assert streams.yearly_total == 0.0
    with pytest.raises(ModelError, match="vendor"):
        find_streams(empty.drop(columns="vendor"), AS_OF)
    with pytest.raises(ModelError, match="level"):
        find_streams(empty, AS_OF, level=1.0)


def test_what_falls_due_after_the_ledgers_end_is_ahead_and_not_late() -> None:
    paid = monthly("Acme", [100.0] * 15)
    silent = find_streams(paid, dt.date(2026, 8, 31)).frame.iloc[0]
    assert silent["active"]
    assert silent["next_due"] == pd.Timestamp("2026-09-04")
    # a ledger that goes on without it: it is late
    other = monthly("Oak", [1.0], first="2026-04-07")
    late = find_streams(pd.concat([paid, other], ignore_index=True), dt.date(2026, 4, 7))
    row = late.frame.iloc[0]
    assert (row["active"], row["next_due"]) == (True, pd.Timestamp("2026-04-04"))


def paid_until(vendor: str, last: str, prices: list[float]) -> pd.DataFrame:
    """A monthly bill whose last charges lie before ``last``, the day the ledger ends."""
    ends = monthly("The rest", [1.0], first=last)
    return pd.concat([monthly(vendor, prices), ends], ignore_index=True)


def found_of(ledger: pd.DataFrame) -> pd.DataFrame:
    return find_streams(ledger, ledger["date"].max().date()).frame


def test_a_monthly_charge_goes_on_with_one_bill_missing_and_ends_with_the_second() -> None:
    prices = [100.0, 101.0] * 6  # the last on 5 December 2025
    for last, active, due in (
        ("2026-01-06", True, "2026-01-04"),
        ("2026-01-31", True, "2026-02-04"),
        ("2026-02-06", True, "2026-02-04"),
        ("2026-02-28", False, "2026-01-04"),
        ("2026-12-31", False, "2026-01-04"),
    ):
        row = found_of(paid_until("Acme", last, prices)).iloc[0]
        assert (row["active"], row["next_due"]) == (active, pd.Timestamp(due)), last


def test_a_gap_of_two_months_within_leaves_one_charge() -> None:
    ledger = monthly("Acme", [100.0] * 6 + [103.0] * 6).drop(index=6)
    row = found_of(ledger).iloc[0]
    assert (len(found_of(ledger)), row["charges"], row["active"]) == (1, 11, True)


def test_what_ended_and_is_taken_out_again_months_later_had_ended_meanwhile() -> None:
    before = monthly("Acme", [100.0] * 10)  # to October 2025
    again = monthly("Acme", [100.0] * 5, first="2026-07-05")
    silent = pd.concat([before, monthly("The rest", [1.0], first="2026-03-31")], ignore_index=True)
    assert found_of(silent)["active"].tolist() == [False]
    assert found_of(pd.concat([before, again], ignore_index=True))["active"].tolist() == [True]


@pytest.mark.parametrize("step", [pd.DateOffset(months=3), pd.DateOffset(weeks=2)])
def test_of_no_other_rhythm_one_bill_may_be_missing(step: pd.DateOffset) -> None:
    dates = pd.date_range("2024-01-05", periods=8, freq=step)
    paid = pd.DataFrame({"date": dates, "amount": 100.0, "vendor": "Acme", "currency": ""})
    missing = dates[-1] + step + pd.DateOffset(days=14)
    ends = monthly("The rest", [1.0], first=f"{missing:%Y-%m-%d}")
    assert found_of(pd.concat([paid, ends], ignore_index=True))["active"].tolist() == [False]


def test_a_metered_bill_that_is_missing_has_ended() -> None:
    prices = [100.0, 130.0, 90.0, 120.0] * 3
    row = found_of(paid_until("Power", "2026-01-31", prices)).iloc[0]
    assert (row["kind"], row["active"]) == ("metered", False)
