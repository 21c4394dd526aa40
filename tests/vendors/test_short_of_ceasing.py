"""The end of an agreement with a living partner, and services that are down."""

import datetime as dt
from itertools import product

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.vendors import (
    AgreementChances,
    OutageAssumptions,
    VendorAssumptions,
    agreement_ends,
    assess_vendors,
    exposure,
    mitigation_plans,
    outages,
    vendor_decisions,
)

DAY = dt.date(2026, 6, 30)
FRANCHISE = {
    "vendor": "Sunpress",
    "relation": "direct",
    "agreement_ends": pd.Timestamp("2026-12-31"),
    "not_renewed": 0.2,
    "worse_terms_cost": 9000.0,
}
NEVER = {"agreement_ends": pd.NaT, "not_renewed": np.nan, "worse_terms_cost": np.nan}


@pytest.fixture
def register(vendors):
    def made(*rows):
        table = vendors(*rows)
        return table.assign(
            **{name: [row.get(name, never) for row in rows] for name, never in NEVER.items()}
        )

    return made


def ends(table, day=DAY, **chances):
    return agreement_ends(table, exposure(table), day, AgreementChances(**chances))


def test_an_end_with_notice_costs_moving_tools_and_weeks_but_no_records(register):
    table = register(FRANCHISE)
    found = ends(table).table.set_index("what")
    parts = exposure(table).parts.iloc[0]
    assert parts["records"] > 0
    assert parts["prepaid"] > 0
    worth = parts[["switching", "retooling", "margin"]].sum()
    assert found.loc["not renewed", "loss"] == pytest.approx(worth)
    assert found.loc["not renewed", ["chance", "chance_low", "chance_high"]].tolist() == [0.2] * 3
    # it takes a renewal to have terms: 0.8 of a quarter
    assert found.loc["worse terms", "chance"] == pytest.approx(0.2)
    assert found.loc["worse terms", "expected_loss"] == pytest.approx(0.2 * 9000)
    assert found["days_left"].tolist() == [184, 184]


@pytest.mark.parametrize(
    ("day", "events", "notes"),
    [
        (dt.date(2026, 6, 30), 2, 0),
        (dt.date(2025, 12, 31), 2, 0),  # a year before, the day itself
        (dt.date(2025, 12, 30), 0, 0),
        (dt.date(2026, 12, 31), 0, 1),  # the day itself: over
        (dt.date(2028, 2, 29), 0, 1),
    ],
)
def test_what_ends_within_a_year_counts_and_what_has_ended_is_said(register, day, events, notes):
    found = ends(register(FRANCHISE), day)
    assert (len(found.table), len(found.notes)) == (events, notes)
    assert all("Sunpress ended on 31 Dec 2026" in note for note in found.notes)


@pytest.mark.parametrize(("end", "counted"), [("2027-02-10", True), ("2027-02-11", False)])
def test_a_year_is_a_year_in_february_too(register, end, counted):
    row = {**FRANCHISE, "agreement_ends": pd.Timestamp(end)}
    assert len(ends(register(row), dt.date(2026, 2, 10)).table) == 2 * counted


def test_who_has_not_judged_gets_the_assumption_with_its_range(register):
    row = {**FRANCHISE, "not_renewed": np.nan, "worse_terms_cost": np.nan}
    found = ends(register(row), not_renewed=Interval(0.1, 0.05, 0.4, 1.0)).table
    assert found[["judged", "chance", "chance_low", "chance_high"]].to_numpy().tolist() == [
        ["assumed", 0.1, 0.05, 0.4]
    ]


def test_the_losses_hold_the_ends_of_agreements_beside_ceasing(register, facts):
    other = {"vendor": "Cobalt", "switching_cost": 700.0, "hubs": "Sunpress:0.4"}
    table = register(FRANCHISE, other)
    assumed = VendorAssumptions(rho=0.0)
    risk = assess_vendors(table, facts, DAY, assumptions=assumed, grid=20_000)
    alone = assess_vendors(
        table.drop(columns=list(NEVER)), facts, DAY, assumptions=assumed, grid=20_000
    )
    added = risk.agreements.table["expected_loss"].sum()
    assert risk.losses.el == pytest.approx(alone.losses.el + added)
    pd.testing.assert_frame_equal(risk.table, alone.table)
    # a naive second way: every combination of what may happen, one by one
    own, loss = risk.losses.pd, risk.losses.loss
    total = {}
    for happened in product((False, True), repeat=4):
        chance = np.prod(np.where(happened, own, 1 - own))
        with_hub = [(chance, happened)]
        if happened[0] and not happened[1]:
            with_hub = [(0.6 * chance, happened), (0.4 * chance, (True, True, *happened[2:]))]
        for share, state in with_hub:
            money = round(float(loss @ np.array(state)), 6)
            total[money] = total.get(money, 0.0) + share
    amounts = np.array(sorted(total))
    for amount in (100.0, 3000.0, 9500.0, 12_000.0):
        naive = sum(total[money] for money in amounts if money > amount)
        assert risk.losses.exceed(amount) == pytest.approx(naive, abs=2e-3)


def test_a_vendor_carries_its_agreements_in_the_worst_years(register, facts):
    risk = assess_vendors(register(FRANCHISE, {"vendor": "Cobalt"}), facts, DAY)
    share = risk.contributions(0.9)
    assert set(share["vendor"]) == {"Sunpress", "Cobalt"}
    assert share["contribution"].sum() == pytest.approx(risk.losses.es(0.9), rel=1e-6)
    assert share["vendor"].iloc[0] == "Sunpress"


def test_the_decision_has_a_day_before_the_end(register, facts):
    risk = assess_vendors(register(FRANCHISE), facts, DAY)
    offers = pd.DataFrame(
        columns=["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"]
    ).astype({"yearly_cost": float, "probability_factor": float, "loss_factor": float})
    plans = mitigation_plans(risk.losses, risk.table["vendor"], offers)
    asked = {"yearly_revenue": 100_000.0, "currency": "USD", "owner": "Dana", "lead_days": 60}
    found = {d.topic: d for d in vendor_decisions(risk, plans, **asked)}["agreement"]
    assert found.by == dt.date(2026, 11, 1)
    assert found.value.point == pytest.approx(risk.agreements.table["expected_loss"].sum())
    assert "184 days" in found.because


SERVICES = pd.DataFrame(
    {
        "vendor": ["Till", "Maker", "Cards", "Free", "Landlord"],
        "relation": ["indirect", "direct", "indirect", "indirect", "indirect"],
        "sector": ["information", "information", "finance", "information", "all"],
        "criticality": [4, 5, 3, 5, 5],
        "margin_per_week": [4000.0, 4000.0, 400.0, 0.0, 4000.0],
        "outage_hours": [np.nan, np.nan, 20.0, np.nan, np.nan],
        "outage_cost_hour": [50.0, np.nan, np.nan, np.nan, np.nan],
    }
)


def test_outages_of_critical_services_and_of_those_counted():
    found = outages(SERVICES).set_index("vendor")
    assert found.index.tolist() == ["Till", "Cards"]
    assert found.loc["Till", ["hours", "cost_hour", "basis"]].tolist() == [8.8, 50.0, "as promised"]
    assert found.loc["Till", "cost"] == pytest.approx(8.8 * 0.35 * 50)
    assert found.loc["Cards", "cost"] == pytest.approx(20 * 0.35 * 10)


def test_the_range_of_an_outage_holds_what_simulation_of_its_parts_holds():
    """Both ends within a fifth of the 5 and 95 % points of lognormal parts with these ends."""
    given = OutageAssumptions()
    rng, z = np.random.default_rng(7), 1.6449

    def drawn(v):
        up, down = np.log(v.high / v.point), np.log(v.point / v.low)
        normal = rng.standard_normal(200_000)
        return v.point * np.exp(np.where(normal > 0, up, down) * normal / z)

    cost = drawn(given.hours) * drawn(given.at_work) * 50.0
    row = outages(SERVICES).iloc[0]
    low, high = np.quantile(cost, [0.05, 0.95])
    assert row["cost_low"] == pytest.approx(low, rel=0.2)
    assert row["cost_high"] == pytest.approx(high, rel=0.2)


@pytest.mark.parametrize("bad", [{"hours": (1, -1, 2)}, {"at_work": (0.5, 0.4, 1.2)}])
def test_assumptions_out_of_bounds_are_refused(bad):
    with pytest.raises(ModelError, match="out of bounds"):
        OutageAssumptions(**{name: Interval(*ends, 1.0) for name, ends in bad.items()})
