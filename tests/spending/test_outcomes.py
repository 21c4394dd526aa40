"""What payments show since a decision was carried out, against sums made by hand."""

import datetime as dt

import pandas as pd
import pytest

from techalign.decision import Outcome
from techalign.spending import merge_vendors, spending_outcomes

TODAY = dt.date(2026, 6, 30)
CATALOGUE = pd.DataFrame(columns=["name", "aliases", "capability", "category"])


def _found(
    name: str, rows: list[tuple[str, str, float]], changed: str = "2026-01-01",
    begins: str | None = None, status: str = "done", doubled: tuple[float, ...] = (),
) -> Outcome | None:  # fmt: skip
    kept = pd.DataFrame({"id": [name], "status": status, "changed": pd.to_datetime([changed])})
    rows = [("2024-01-02", "Elm", 9.0), *rows]
    ledger = pd.DataFrame(rows, columns=["date", "vendor_raw", "amount"]).assign(currency="")
    ledger["date"] = pd.to_datetime(ledger["date"])
    starts = pd.to_datetime([begins] if begins else [])
    terms = pd.DataFrame({"vendor": ["Oak"] * len(starts), "start": starts, "seat_waste": 60.0})
    doubles = pd.DataFrame({"vendor": ["Oak"] * len(doubled), "repeated": list(doubled)})
    names = merge_vendors(ledger["vendor_raw"], CATALOGUE)
    found = spending_outcomes(kept, ledger, names, terms, doubles, as_of=TODAY, currency="USD")
    assert set(found) <= {name}
    return found.get(name)


def _monthly(before: float, since: float) -> list[tuple[str, str, float]]:
    months = pd.date_range("2025-01-15", "2026-06-15", freq="30D")
    return [(f"{m:%Y-%m-%d}", "Oak", before if m.year == 2025 else since) for m in months]


def test_an_agreement_that_was_left_costs_nothing_since() -> None:
    rows = [row for row in _monthly(100.0, 0.0) if row[2]]
    found = _found("spending-stop-oak-worth", rows)
    assert found is not None
    assert found.brought == sum(amount for day, _, amount in rows if day > "2025-01-01")
    assert "nothing since" in found.said


def test_bills_that_fall_by_half_bring_half_a_year() -> None:
    found = _found("spending-decide-oak-price", _monthly(100.0, 50.0))
    assert found is not None
    assert not found.from_promise
    before = sum(a for d, _, a in _monthly(100.0, 50.0) if "2025-01-01" < d <= "2025-06-30")
    now = sum(a for d, _, a in _monthly(100.0, 50.0) if "2026-01-01" < d <= "2026-06-30")
    year = sum(a for d, _, a in _monthly(100.0, 50.0) if "2025-01-01" < d <= "2026-01-01")
    assert found.brought == pytest.approx(year * (1 - now / before))
    assert found.brought > 0


@pytest.mark.parametrize(
    ("begins", "brought", "said"),
    [
        ("2025-07-01", None, "not begun"),
        ("2026-06-01", None, "too few"),
        ("2026-02-01", 0.0, "was paid"),
    ],
)
def test_a_rise_to_be_avoided_is_told_once_the_next_term_runs(
    begins: str, brought: float | None, said: str
) -> None:
    rows = [(f"2025-{m:02}-15", "Oak", 100.0) for m in range(1, 13)]
    rows += [(f"2026-{m:02}-15", "Oak", 100.0) for m in range(1, 7)]
    found = _found("spending-decide-oak-backup", rows, begins=begins)
    assert found is not None
    assert found.brought == brought
    assert said in found.said
    assert found.from_promise == (brought is not None)


@pytest.mark.parametrize(
    ("rows", "changed", "brought"),
    [
        ([("2026-02-03", "Oak", -411.0)], "2026-01-15", 411.0),
        ([("2025-12-20", "OAK", -50.0), ("2026-02-03", "Oak", -61.0)], "2026-01-15", 111.0),
        ([("2026-02-03", "Oak", -522.0)], "2026-01-15", 522.0),  # all of it at once
        ([("2026-02-03", "Oak", -77.0)], "2026-01-15", 0.0),  # for something else
        ([("2025-03-03", "Oak", -411.0)], "2026-01-15", 0.0),  # of another year
        ([("2026-01-03", "Oak", 411.0)], "2026-01-15", 0.0),
        ([("2026-01-03", "Oak", 411.0)], "2026-06-01", None),  # may still come
        ([("2026-07-03", "Oak", -411.0), ("2026-01-03", "Oak", 1.0)], "2026-01-15", 0.0),  # later
    ],
)
def test_money_asked_back_is_what_was_credited(
    rows: list[tuple[str, str, float]], changed: str, brought: float | None
) -> None:
    found = _found("spending-act-oak-paid-twice", rows, changed, doubled=(411.0, 50.0, 61.0))
    assert found is not None
    assert found.brought == brought


def test_of_seats_the_agreement_says_what_is_still_paid_for_nobody() -> None:
    found = _found("spending-act-oak-seats", _monthly(1.0, 1.0), begins="2026-01-01")
    assert found is not None
    assert (found.brought, found.from_promise) == (-60.0, True)
    assert "$60 a year is paid for seats not in use" in found.said


def test_what_payments_cannot_tell_is_left_open_with_its_reason() -> None:
    rare = _found("spending-stop-oak-worth", [("2024-11-01", "Oak", 100.0)])
    assert rare is not None
    assert (rare.brought, "no bill of a year before" in rare.said) == (None, True)
    young = _found("spending-stop-oak-worth", _monthly(1.0, 1.0), changed="2024-06-01")
    assert young is not None
    assert "does not reach back" in young.said
    assert _found("spending-act-oak-seats", _monthly(1.0, 1.0)) is None  # no agreement tells
    assert _found("vendors-act-oak-export", _monthly(1.0, 1.0)) is None
    assert _found("spending-stop-ash-worth", _monthly(1.0, 1.0)) is None
    assert _found("spending-stop-oak-worth", _monthly(1.0, 1.0), status="agreed") is None
