"""Every amount again, the long way, and what the samples' owners would be told."""

import csv
import datetime as dt
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_client, load_reference
from techalign.decision import LONGEST
from techalign.numbers.intervals import Interval
from techalign.vendors import (
    LossAssumptions,
    VendorAssumptions,
    assess_vendors,
    early_warnings,
    event_hazards,
    mitigation_plans,
    vendor_decisions,
)

ROOT = Path(__file__).parents[2]
DAY = dt.date(2026, 7, 1)
OPTION_COLUMNS = ["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"]
QUIET = {"records_held": 0.0, "export_tested": True, "switching_cost": 10.0, "margin_per_week": 0.0}
LOSS = LossAssumptions(
    records_lost_untested_export=Interval(0.6, 0.2, 1.0),
    records_lost_tested_export=Interval(0.05, 0.0, 0.15),
)


@pytest.fixture
def decide(vendors, facts):
    def call(*rows, options=(), events=(), revenue=100_000.0, ceased=None):
        table = vendors(*rows)
        if ceased is not None:
            table = table.assign(ceased=pd.to_datetime(pd.Series(ceased)).to_numpy())
        told = pd.DataFrame(events, columns=["vendor", "date", "kind", "note"])
        told["date"] = pd.to_datetime(told["date"])
        warnings = early_warnings(
            told, DAY, hazards={"ownership": Interval(1.0, 1.0, 1.0)},
            half_life=Interval(1.0, 0.5, 2.0),
        )  # fmt: skip
        risk = assess_vendors(
            table, facts, DAY, assumptions=VendorAssumptions(loss=LOSS), warnings=warnings
        )
        plans = mitigation_plans(
            risk.losses, risk.table["vendor"], pd.DataFrame(options, columns=OPTION_COLUMNS)
        )
        found = vendor_decisions(
            risk, plans, owner="Ann", currency="USD", yearly_revenue=revenue, warnings=warnings
        )
        return risk, {decision.id: decision for decision in found}

    return call


def expected_losses(facts, table):
    return assess_vendors(
        table, facts, DAY, assumptions=VendorAssumptions(loss=LOSS)
    ).table["expected_loss"]  # fmt: skip


def test_a_protection_is_worth_the_loss_it_avoids_and_costs_its_price(decide):
    risk, found = decide(
        QUIET | {"prepaid": 20_000.0},
        options=[("harbor payroll", "shorter term", 100.0, 1.0, 0.4),
                 ("harbor payroll", "too dear", 9_000.0, 1.0, 0.1)],
    )  # fmt: skip
    (decision,) = found.values()
    assert decision.id == "vendors-protect-harbor-payroll-shorter-term"
    assert decision.what == "Secure Harbor Payroll: shorter term, $100 a year"
    row = risk.table.iloc[0]
    ends = [0.6 * row[f"expected_loss{end}"] for end in ("", "_low", "_high")]
    value, waiting = decision.value, decision.waiting
    assert [value.point, value.low, value.high] == pytest.approx(ends)
    assert decision.cost.point == 100.0
    expected = [max(end - 100.0, 0.0) / 4 for end in ends]
    assert [waiting.point, waiting.low, waiting.high] == pytest.approx(expected)
    assert (decision.owner, decision.unit, decision.by) == ("Ann", "USD", None)
    assert decision.assumes == ("prepaid_lost",)
    assert decision.basis == "judgement"


def test_of_two_protections_the_one_that_leaves_more(decide):
    row = QUIET | {"prepaid": 20_000.0, "second_source": True}
    risk, _ = decide(row)
    loss = risk.table["expected_loss"].iloc[0]
    offers = [("Harbor Payroll", "cheap", 0.1 * loss, 1.0, 0.4),
              ("Harbor Payroll", "dear", 0.3 * loss, 1.0, 0.3)]  # fmt: skip
    (decision,) = decide(row, options=offers)[1].values()
    assert decision.topic == "cheap"
    assert decision.net == pytest.approx(0.5 * loss)
    # what the plans name, because it avoids more
    assert "names dear: $" in decision.because
    assert f"${0.2 * loss:.0f} more." in decision.because or "k more." in decision.because


def test_a_protection_that_hardly_pays_says_so(decide):
    risk, _ = decide(QUIET | {"prepaid": 20_000.0})
    price = round(0.6 * risk.table["expected_loss"].iloc[0] / 1.05, 2)
    _, found = decide(
        QUIET | {"prepaid": 20_000.0}, options=[("Harbor Payroll", "term", price, 1.0, 0.4)]
    )
    assert "hardly more than it costs" in next(iter(found.values())).because


def test_a_test_of_the_export_is_worth_the_records_it_saves(decide, vendors, facts):
    row = {"records_held": 30_000.0, "record_value": 2.0, "escrow": True, "second_source": True}
    risk, found = decide(row)
    decision = found["vendors-act-harbor-payroll-export"]
    before, after = (
        expected_losses(facts, vendors(row | {"export_tested": tested})).iloc[0]
        for tested in (False, True)
    )
    assert decision.value.point == pytest.approx(before - after)
    # chance, share of records and what an escrow leaves err independently: squares on the log
    share, escrow = 0.55, (0.5, 0.2, 1.0)
    low = share - np.hypot(0.4, 0.1), escrow[1], risk.losses_low.chance[0]
    high = share + np.hypot(0.4, 0.05), escrow[2], risk.losses_high.chance[0]
    point = share, escrow[0], risk.losses.chance[0]
    down, up = (
        np.sqrt(sum(np.log(end / middle) ** 2 for end, middle in zip(ends, point, strict=True)))
        for ends in (low, high)
    )
    middle = 60_000 * np.prod(point)
    assert decision.value.low == pytest.approx(middle * np.exp(-down))
    assert decision.value.high == pytest.approx(middle * np.exp(up))
    assert decision.what == "Test a full export from Harbor Payroll, which keeps $60k of records"
    assert decision.cost is None
    _, tested = decide(row | {"export_tested": True})
    assert not tested
    _, small = decide(row, revenue=1e9)
    assert not small


def test_a_second_source_is_worth_what_it_eases(decide, vendors, facts):
    rows = [QUIET | {"vendor": "Costly", "switching_cost": 9_000.0, "margin_per_week": 2_000.0},
            QUIET | {"vendor": "Small"}]  # fmt: skip
    risk, found = decide(*rows)
    (decision,) = found.values()
    assert decision.id == "vendors-decide-costly-second-source"
    before, after = (
        expected_losses(facts, vendors(rows[0] | {"second_source": ready}, rows[1])).iloc[0]
        for ready in (False, True)
    )
    assert decision.value.point == pytest.approx(before - after)
    assert 0 < decision.value.low < decision.value.point < decision.value.high
    assert decision.what == (
        f"Find a second source for Costly: ${risk.table['lgd'].iloc[0] / 1000:.1f}k if it ceases"
    )
    # not where one is ready, something is on offer, or it is small for the business
    _, ready = decide(rows[0] | {"second_source": True})
    _, offered = decide(rows[0], options=[("Costly", "insurance", 9_999.0, 1.0, 0.9)])
    _, large = decide(rows[0], revenue=1e8)
    assert not ready | offered | large


def test_what_the_business_is_built_on_is_a_question(decide):
    landlord = QUIET | {"vendor": "Elm Street", "role": "landlord", "switching_cost": 90_000.0,
                        "revenue_share_depending": 1.0}  # fmt: skip
    _, found = decide(landlord)
    (decision,) = found.values()
    assert (decision.kind, decision.value) == ("ask", None)
    assert (
        decision.what
        == "Find out what you would do without Elm Street: 100% of revenue hangs on it"
    )
    assert "landlord" in decision.because
    portal = QUIET | {"vendor": "Portal", "switching_cost": 50_000.0, "hubs": "Elm Street:0.9",
                      "revenue_share_depending": 0.9}  # fmt: skip
    assert set(decide(landlord, portal)[1]) == set(found)  # it goes with the other


def test_a_shared_supplier_is_worth_what_it_causes(decide, vendors, facts):
    rows = [QUIET | {"vendor": name, "prepaid": 20_000.0, "hubs": "Nimbus:0.5",
                     "second_source": True} for name in ("A", "B")]  # fmt: skip
    risk, found = decide(*rows)
    (decision,) = found.values()
    alone = expected_losses(facts, vendors(*({**row, "hubs": ""} for row in rows))).sum()
    assert decision.value.point == pytest.approx(risk.table["expected_loss"].sum() - alone)
    assert decision.what == "Decide what to keep off Nimbus: 2 of your companies fall with it"
    assert decision.value.low < decision.value.point < decision.value.high
    assert not decide(rows[0])[1]  # one alone shares nothing
    # a hub that carries the business cannot be left
    carrier = QUIET | {"vendor": "Nimbus", "revenue_share_depending": 0.9, "second_source": True}
    assert not decide(*rows, carrier)[1]


def test_news_of_a_costly_company_is_a_question(decide):
    row = QUIET | {"prepaid": 20_000.0, "second_source": True}
    told = [("HARBOR PAYROLL", "2026-03-02", "ownership", "sold"),
            ("Harbor Payroll", "2026-01-02", "ownership", "rumours")]  # fmt: skip
    _, found = decide(row, events=told)
    (decision,) = found.values()
    assert decision.what == "Ask Harbor Payroll what its new owner plans"
    assert decision.because.startswith("On 2 Mar 2026 its ownership changed (sold); ")
    assert not decide(row, events=[("Harbor Payroll", "2025-12-30", "ownership", "")])[1]
    assert not decide(row, events=told, revenue=1e8)[1]
    assert not decide(row, events=[("Stranger", "2026-03-02", "ownership", "")])[1]


SOURCE = QUIET | {"vendor": "Costly", "switching_cost": 9_000.0, "margin_per_week": 2_000.0}
NEWS = [("Harbor Payroll", "2026-03-02", "ownership", "")]


@pytest.mark.parametrize(
    ("row", "events", "part", "share"),
    [
        (SOURCE, (), "expected_loss", 0.001),
        (QUIET | {"prepaid": 20_000.0, "second_source": True}, NEWS, "lgd", 0.01),
        ({"second_source": True, "record_value": 100.0}, (), "value", 0.0002),
    ],
)
def test_what_is_large_is_measured_by_revenue(decide, row, events, part, share):
    risk, found = decide(row, events=events, revenue=1.0)
    (decision,) = found.values()
    amount = decision.value.point if part == "value" else risk.table[part].iloc[0]
    assert decide(row, events=events, revenue=0.999 * amount / share)[1]
    assert not decide(row, events=events, revenue=1.001 * amount / share)[1]


def test_hubs_are_large_by_the_year_they_fail_and_by_what_they_cause(decide):
    rows = [QUIET | {"vendor": name, "prepaid": 20_000.0, "hubs": "Nimbus:0.5",
                     "second_source": True} for name in ("A", "B")]  # fmt: skip
    hub = decide(*rows)[0].hubs.iloc[0]
    most = min(hub["loss_if_down"] / 0.01, hub["expected_loss"] / 0.0002)
    assert decide(*rows, revenue=0.999 * most)[1]
    assert not decide(*rows, revenue=1.001 * most)[1]


def test_only_the_first_three_are_looked_at(decide):
    rows = [SOURCE | {"vendor": name, "switching_cost": 9_000.0 + 100.0 * i}
            for i, name in enumerate("ABCD")]  # fmt: skip
    assert {d.subject for d in decide(*rows)[1].values()} == {"B", "C", "D"}


@pytest.mark.parametrize(("share", "kind"), [(0.49, "decide"), (0.5, "ask")])
def test_half_of_revenue_carries_the_business(decide, share, kind):
    (decision,) = decide(SOURCE | {"revenue_share_depending": share})[1].values()
    assert decision.kind == kind


def test_one_sum_for_one_loss(decide):
    row = {"records_held": 30_000.0, "record_value": 2.0}
    _, found = decide(row, options=[("Harbor Payroll", "export", 300.0, 1.0, 0.5)])
    (decision,) = found.values()
    assert decision.kind == "act"
    assert "It saves some of the same money as export (saves $" in decision.because
    assert "for $300)" in decision.because
    _, found = decide(row, options=[("Harbor Payroll", "export", 1.0, 1.0, 0.1)])
    (decision,) = found.values()
    assert decision.kind == "protect"
    assert "a test of its export (saves $" in decision.because


def test_an_announced_end_is_the_last_day(decide):
    row = QUIET | {"vendor": "Costly", "switching_cost": 9_000.0, "margin_per_week": 2_000.0}
    _, found = decide(row, ceased=["2026-11-30"])
    (decision,) = found.values()
    assert decision.by == dt.date(2026, 11, 30)
    assert "before 30 Nov 2026" in decision.what


def test_long_names_are_cut_to_a_sentence(decide):
    name, option = "Incorporated " * 8, "an option with a very long description " * 4
    _, found = decide(
        QUIET | {"vendor": name.strip(), "prepaid": 20_000.0},
        options=[(name, option, 100.0, 1.0, 0.4)],
        events=[(name, "2026-06-01", "ownership", "")],
    )
    assert len(found) == 2
    for decision in found.values():
        assert len(decision.what) <= LONGEST
        assert "…" in decision.what


def test_nothing_to_do(decide):
    assert decide()[1] == {}
    assert decide(QUIET)[1] == {}


CLIENTS = sorted(p.name for p in (ROOT / "datasets/clients").iterdir() if p.is_dir())


@pytest.mark.parametrize("client", CLIENTS)
def test_what_the_owners_of_the_samples_are_told(client):
    facts = load_reference()
    book = load_client(
        ROOT / "datasets/clients", client, tables=["vendors", "vendor_events", "mitigations"]
    )
    hazards, half_life = event_hazards(facts.assumptions)
    warnings = early_warnings(
        book.table("vendor_events"), book.as_of, hazards=hazards, half_life=half_life
    )
    risk = assess_vendors(
        book.table("vendors"), facts.establishment_survival, book.as_of, warnings=warnings,
        assumptions=VendorAssumptions(
            rates=facts.vendor_rates, loss=LossAssumptions.from_table(facts.assumptions)
        ),
    )  # fmt: skip
    plans = mitigation_plans(
        risk.losses, risk.table["vendor"], risk.of_present(book.table("mitigations"))
    )
    found = vendor_decisions(
        risk, plans, owner="the owner", currency=book.profile.currency,
        yearly_revenue=book.profile.yearly_revenue, warnings=warnings,
    )  # fmt: skip
    assert 3 <= len(found) <= 12
    assert len({decision.id for decision in found}) == len(found)
    notebook = json.loads((ROOT / "notebooks/vendor_risk.ipynb").read_text())
    headings = {
        line.removeprefix("## ").strip()
        for cell in notebook["cells"] if cell["cell_type"] == "markdown"
        for line in cell["source"] if line.startswith("## ")
    }  # fmt: skip
    with (ROOT / "datasets/reference/assumptions.csv").open() as file:
        keys = {row["key"] for row in csv.DictReader(file)}
    register = risk.register.set_index("vendor")
    with_money = [decision.subject for decision in found if decision.value]
    assert len(with_money) == len(set(with_money))
    # of everything that pays for itself something is said
    assert set(plans.best.chosen["vendor"]) <= set(with_money)
    for decision in found:
        assert decision.evidence in headings
        assert set(decision.assumes) <= keys
        if decision.value:
            assert 0 <= decision.value.low <= decision.value.point <= decision.value.high
        if decision.topic == "second source":
            assert register.loc[decision.subject, "revenue_share_depending"] < 0.5
