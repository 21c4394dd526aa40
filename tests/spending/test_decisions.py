"""What the ledger says to do, and all decisions of a client together, worked by hand."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pytest

from techalign import spending
from techalign.client import load_client, load_reference
from techalign.decision import Decision
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending import SpendingFindings, spending_decisions
from tests.spending.tables import (
    CHANCE,
    TODAY,
    contract,
    decide,
    ends,
    findings,
    payment,
    purpose_of,
)

RENT = "spending-act-ironbridge-estates-paid-twice"
SMALL = "spending-act-small-payments-paid-twice"
PRICE = "spending-decide-cobalt-docs-price"
# a year's spending of about 200,000, so that 100 is a small double
PLENTY = [payment("2026-05-29", "Tri-Rivers Metals", 200_000.0)]


def twice(date: str, vendor: str, amount: float, times: int = 2, **more: object) -> list:
    return [payment(date, vendor, amount, **more)] * times


def monthly(vendor: str, price: float, rises: dict[str, float], **more: object) -> list:
    """Charges from July 2024 to June 2026; a price rises on the months named."""
    charges = []
    for month in pd.date_range("2024-07-05", "2026-06-05", freq="MS") + pd.Timedelta(days=4):
        price *= 1.0 + rises.get(f"{month:%Y-%m}", 0.0)
        charges.append(payment(f"{month:%Y-%m-%d}", vendor, round(price, 2), **more))
    return charges


def test_a_payment_made_twice_is_asked_back() -> None:
    made = decide(findings([], [*PLENTY, *twice("2026-03-03", "Ironbridge Estates", 4200.0)]))
    assert set(made) == {RENT}
    rent = made[RENT]
    assert rent.what == "Ask Ironbridge Estates for $4,200 back: paid twice on 3 Mar 2026"
    # it may be two real bills, and no model says how likely that is
    assert rent.value == Interval(4200.0, 0.0, 4200.0, 0.8)
    assert (rent.kind, rent.by, rent.pays, rent.reversible) == ("act", None, None, True)
    assert rent.evidence == "To look at"


def test_one_decision_per_vendor_with_the_sum() -> None:
    rows = [*PLENTY, *twice("2026-03-03", "Ironbridge Estates", 4200.0, times=3)]
    assert decide(findings([], rows))[RENT].what == (
        "Ask Ironbridge Estates for $8,400 back: paid 3 times on 3 Mar 2026"
    )
    rows += twice("2025-01-10", "IRONBRIDGE ESTATES LTD", 600.0)
    both = decide(findings([], rows))[RENT]
    assert both.what == (
        "Ask Ironbridge Estates for $9,000 back: doubled in 2 cases, last on 3 Mar 2026"
    )
    assert ends(both.value) == (0.0, 9000.0, 9000.0)


def test_what_was_credited_or_is_a_credit_or_in_another_currency_is_not_asked_back() -> None:
    rows = [*PLENTY, *twice("2026-03-03", "Ironbridge Estates", 4200.0)]
    rows += [payment("2026-03-20", "Ironbridge Estates", -4200.0)]
    rows += twice("2026-02-03", "Delegate Staffing", -900.0)
    rows += twice("2026-02-04", "Shell Deutschland", 900.0, currency="EUR")
    assert not decide(findings([], rows))


def test_a_supplier_that_always_bills_two_of_a_kind_is_not_asked() -> None:
    days = ["2026-04-05", "2026-05-05", "2026-06-05"]
    rows = [*PLENTY, *(row for day in days for row in twice(day, "Cobalt Docs", 700.0))]
    assert not decide(findings([], rows))
    # two days may still be two mistakes
    assert decide(findings([], rows[:-2]))["spending-act-cobalt-docs-paid-twice"].net == 1400.0


def test_the_same_amount_month_after_month_is_no_double_payment() -> None:
    assert not decide(findings([], monthly("Cobalt Docs", 700.0, {})))


def test_small_doubles_are_checked_together() -> None:
    rows = [*PLENTY, *twice("2026-03-03", "UPS", 40.0), *twice("2026-03-04", "Shell", 60.0)]
    rows += twice("2026-03-05", "Redacted", 5000.0)
    rows += twice("2026-03-06", "Keenedge Tooling", 101.0)
    rows += twice("2026-03-07", "Corvane Alloys", 109.0)
    made = decide(findings([], rows))
    # spending is 200,000 + 2 x 5,310: a two-thousandth of it is 105.3, between 101 and 109
    assert set(made) == {SMALL, "spending-act-corvane-alloys-paid-twice"}
    assert made[SMALL].what == "Check 4 small payments perhaps made twice: $5,201 in all"
    assert ends(made[SMALL].value) == (0.0, 5201.0, 5201.0)
    alone = decide(findings([], rows[:3]))
    assert set(alone) == {"spending-act-ups-paid-twice"}


def test_a_price_that_surely_rose_faster_than_usual_is_questioned() -> None:
    steady = {f"{m:%Y-%m}": 0.015 for m in pd.date_range("2024-08", "2026-06", freq="MS")}
    found = findings([], monthly("Cobalt Docs", 1000.0, steady))
    made = decide(found)
    assert set(made) == {PRICE}
    price = made[PRICE]
    row = found.streams.frame.iloc[0]
    # 23 rises of 1.5 % in 700 days: 1.015 ** (23 * 365.25 / 700) = 1.196
    assert row["creep"] == pytest.approx(0.196, abs=0.001)
    assert price.what == "Ask Cobalt Docs why its price rises 20% a year"
    cost = row["latest_amount"] * 12
    by_hand = [cost * (1 - 1.08 / (1 + row[name])) for name in ("creep_low", "creep", "creep_high")]
    assert ends(price.value) == pytest.approx(tuple(by_hand))
    assert price.value is not None
    assert price.value.low > 0
    assert price.value.level == 0.8
    assert (price.kind, price.basis, price.assumes) == (
        "decide",
        "published",
        ("saas_list_inflation",),
    )
    # one rise of the same size is not sure to come again
    assert not decide(findings([], monthly("Cobalt Docs", 1000.0, {"2025-07": 0.36})))
    # and money in another currency is not the client's
    euros = monthly("Cobalt Docs", 1000.0, steady, currency="EUR")
    assert not decide(findings([], [*PLENTY, *euros]))


def test_prices_that_software_says_nothing_of_are_not_questioned() -> None:
    steady = {f"{m:%Y-%m}": 0.015 for m in pd.date_range("2024-08", "2026-06", freq="MS")}
    rows = monthly("Cobalt Docs", 1000.0, steady)
    lease = contract(vendor="COBALT docs", start="2022-01-01", end="2029-12-31", auto_renew=False)
    assert not decide(findings([lease], rows))
    for technology, asked in (
        (["yes", "no"], True),
        (["no"], False),
        (["unknown"], False),
        ([], False),
    ):
        purpose = purpose_of("Cobalt Docs", technology)
        assert (PRICE in decide(findings([], rows, purpose=purpose))) is asked


def test_the_price_of_a_tool_to_leave_is_not_questioned() -> None:
    steady = {f"{m:%Y-%m}": 0.015 for m in pd.date_range("2024-08", "2026-06", freq="MS")}
    rows = monthly("Cobalt Docs", 1000.0, steady)
    many, few = {"seats_paid": 9.0, "seats_active": 9.0}, {"seats_paid": 2.0, "seats_active": 2.0}
    both = [contract(**few, annual_price=17e3), contract(vendor="Boxwood Vault", **many)]
    assert set(decide(findings(both, rows))) == {
        "spending-stop-file-storage-double",
        "spending-decide-boxwood-vault-file-storage",
    }


def test_a_client_with_nothing_has_nothing_to_decide() -> None:
    assert decide(findings([])) == {}


def test_the_most_pressing_comes_first_and_ids_do_not_move_with_amounts() -> None:
    rows = [*PLENTY, *twice("2026-03-03", "Ironbridge Estates", 4200.0)]
    first = decide(findings([contract(annual_price=90_000.0)], rows))
    assert list(first) == ["spending-decide-cobalt-docs-file-storage", RENT]
    rows += twice("2026-04-03", "Ironbridge Estates", 90_000.0)
    assert list(decide(findings([contract()], rows))) == [
        RENT,
        "spending-decide-cobalt-docs-file-storage",
    ]


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"as_of": dt.date(2026, 7, 1)}, "as_of"),
        ({"currency": "EUR"}, "currency"),
        ({"nonrenewal_chance": Interval(0.5, 0.1, 1.2)}, "nonrenewal_chance"),
        ({"depends": {"Cobalt Docs": 72.0}}, "depends"),
    ],
)
def test_what_does_not_fit_the_findings_is_an_error(change: dict, where: str) -> None:
    asked = {"as_of": TODAY, "currency": "USD", "owner": "Dana"} | change
    with pytest.raises(ModelError, match=where):
        spending_decisions(findings([contract()]), **asked)


CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"


def of_sample(client: str) -> dict[str, Decision]:
    """The decisions of a sample client, by id and in their order."""
    tables = ["ledger", "contracts", "suppliers", "vendor_names", "vendors"]
    facts, book = load_reference(), load_client(CLIENTS, client, tables=tables, as_of="2026-06-30")
    ledger, contracts, vendors = (book.table(t) for t in ("ledger", "contracts", "vendors"))
    known = dict(book.table("vendor_names")[["raw", "vendor"]].to_numpy())
    names = spending.merge_vendors(ledger["vendor_raw"], facts.catalogue(book), known=known)
    currency, usual = book.profile.currency, facts.assumption("saas_list_inflation")
    charged = ledger.assign(vendor=names.apply(ledger["vendor_raw"]))
    made = spending_decisions(
        SpendingFindings(
            summary=spending.summarise_ledger(ledger, names, currency, TODAY),
            renewals=spending.find_renewals(contracts, TODAY, rate=0.1, assumed_uplift=usual),
            overlaps=spending.overlap(contracts, TODAY, migration=0.0),
            streams=spending.find_streams(charged, TODAY, client_currency=currency),
        ),
        as_of=TODAY,
        currency=currency,
        owner="the owner",
        depends=dict(zip(vendors["vendor"], vendors["revenue_share_depending"], strict=True)),
        yearly_revenue=book.profile.yearly_revenue,
        nonrenewal_chance=CHANCE,
    )
    return {decision.id: decision for decision in made}


def test_a_garage_first_sees_the_licence_that_its_revenue_hangs_on() -> None:
    first = next(iter(of_sample("one-make-garage").values()))
    assert first.what == (
        "Renegotiate the brand licence of Falkenburg Motorenwerke before it ends on 31 Dec 2026"
    )
    # 72 % of 1,190,000 is 856,800
    assert ends(first.value) == pytest.approx((17_136.0, 85_680.0, 257_040.0))


def test_a_software_firm_first_sees_its_map_data() -> None:
    first = next(iter(of_sample("channel-software").values()))
    assert first.subject == "Atlas Map Data"
    # 40 % of 11,600,000 is 4,640,000; it ends before the next review
    assert ends(first.value) == pytest.approx((92_800.0, 464_000.0, 1_392_000.0))
    assert first.waiting == first.value


def test_a_machine_shop_sees_its_rent_its_double_work_and_its_seats() -> None:
    made = of_sample("machine-shop")
    rent = made["spending-act-ironbridge-estates-paid-twice"]
    assert rent.what.startswith("Ask Ironbridge Estates for $14,783 back")
    double = made["spending-stop-design-double"]
    assert ends(double.value) == (5886.0, 9526.0, 9526.0)
    seats = {d.subject: d.net for d in made.values() if d.topic == "seats"}
    assert seats == pytest.approx(
        {"Microsoft 365": 5821 * 5 / 21, "RingCentral": 4274 / 4, "Zoom": 384.0}
    )
    # with two seats at Autodesk, left, and one at SolidWorks, needed: 11,151 in all
    assert "2 seats unused at Autodesk ($6.4k a year)" in double.because
    assert "1 seat unused at SolidWorks ($2k a year)" in double.because
    assert sum(seats.values()) + 9526 * 2 / 3 + 5886 / 3 == pytest.approx(11_151, abs=1.0)
