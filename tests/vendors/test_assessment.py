import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.losses import loss_distribution
from techalign.numbers.intervals import Interval
from techalign.vendors import (
    VendorAssumptions,
    assess_vendors,
    early_warnings,
    mitigate,
    reference_survival,
)

DAY = dt.date(2026, 7, 1)
START_UP = {"vendor": "Cobalt", "sector": "information", "owner_kind": "venture", "founded": 2023.0}


@pytest.fixture
def assess(vendors, facts):
    def call(*rows, horizons=(1.0, 3.0), warnings=None, **assumed):
        return assess_vendors(
            vendors(*rows), facts, DAY, horizons=horizons, warnings=warnings,
            assumptions=VendorAssumptions(**assumed),
        )  # fmt: skip

    return call


def test_probability_is_the_sector_curve_at_the_vendors_age(assess, facts):
    row = assess({}).table.iloc[0]
    curve = reference_survival(facts, "professional").curve
    assert row["age"] == pytest.approx(17.0, abs=0.01)
    assert row["pd_1"] == pytest.approx(curve.pd(row["age"], 1.0))
    assert row["pd_3"] == pytest.approx(curve.pd(row["age"], 3.0))
    assert (row["basis"], row["flag"]) == ("BLS", "")


def test_every_estimate_has_its_range(assess, rates):
    table = assess({}, START_UP, {"founded": np.nan}, rates=rates).table
    for name in ("pd_1", "pd_3", "lgd", "expected_loss"):
        assert (table[f"{name}_low"] < table[name]).all(), name
        assert (table[name] < table[f"{name}_high"]).all(), name


def test_no_founding_year_is_averaged_and_flagged(assess, facts):
    found = assess({"founded": np.nan})
    row, curve = found.table.iloc[0], reference_survival(facts, "professional").curve
    assert curve.pd(30.0, 1.0) < row["pd_1"] < curve.pd(0.5, 1.0)
    ages = np.linspace(0, 50, 20_001)
    average = np.average(curve.pd(ages, 1.0), weights=curve.survival(ages))
    assert row["pd_1"] == pytest.approx(average, rel=0.01)
    assert found.flags["vendor"].tolist() == ["Harbor Payroll"]
    assert "Founding year missing" in row["flag"]


def test_young_technology_vendors_use_the_directory_if_given(assess, rates):
    with_rates, without = assess(START_UP, rates=rates), assess(START_UP)
    row = with_rates.table.iloc[0]
    assert row["pd_1"] == pytest.approx(1 - np.exp(-0.043))
    assert row["pd_1_high"] == pytest.approx(without.table.iloc[0]["pd_1"])
    # the directory's windows varied by three tenths
    assert row["pd_1_low"] == pytest.approx(1 - np.exp(-0.7 * 0.043))
    assert row["pd_3_low"] == pytest.approx(1 - np.exp(-3 * 0.7 * 0.043))
    assert "directory" in row["basis"]
    old = assess(START_UP | {"founded": 1990.0}, rates=rates).table.iloc[0]
    assert old["basis"] == "BLS"


def test_the_chain_adds_up(assess):
    found = assess({}, START_UP, {"vendor": "C", "sector": "astrology"})
    table = found.table
    assert table["expected_loss"].sum() == pytest.approx(found.losses.el)
    measures = found.measures([0.99]).set_index("measure")
    assert measures.loc["expected loss", "point"] == pytest.approx(found.losses.el)
    assert (measures["low"] <= measures["point"]).all()
    assert (measures["point"] <= measures["high"]).all()
    parts = found.contributions(0.99)
    assert parts["contribution"].sum() == pytest.approx(found.losses.es(0.99))
    assert parts["share"].sum() == pytest.approx(1)
    assert parts["contribution"].is_monotonic_decreasing
    assert found.concentration.loc["revenue_share", "hhi"] == pytest.approx(1 / 3)
    assert found.flags["vendor"].tolist() == ["C"]
    assert list(table.index) == [2, 3, 4]


def test_what_is_assumed_is_listed(assess):
    table = assess({}, rho=0.2, hazard_range=(0.8, 1.25)).assumptions.set_index("assumption")
    assert table.loc["correlation of vendors", "value"] == 0.2
    assert table.loc["hazard against the sector's", ["low", "high"]].tolist() == [0.8, 1.25]
    assert (table["kind"] == "assumption").all()


def test_assumptions_carry_their_source(assess):
    told = pd.DataFrame(
        [
            ("hub_failure_probability", "assumption", "ours"),
            ("prepaid_lost", "measured", "a court"),
            ("vendor_hazard_against_sector", "assumption", "one directory"),
        ],
        columns=["key", "kind", "source"],
    )
    found = assess({"hubs": "Nimbus:0.3"}, sources=told).assumptions
    table = found.set_index("assumption")
    assert table.loc["a hub fails", ["value", "source"]].tolist() == [0.01, "ours"]
    assert table.loc["prepaid lost", ["kind", "source"]].tolist() == ["measured", "a court"]
    assert "directory" in table.loc["hazard against the sector's", "source"]
    assert table.loc["escrow factor", "source"].startswith("No public data")


def test_outside_hubs_fail_in_hard_times_like_the_vendors(assess):
    rows = [{"vendor": f"V{i}", "hubs": "Nimbus:0.8"} for i in range(6)]
    found = assess(*rows, rho=0.3, hub_pd=0.05)
    independent = loss_distribution(
        found.losses.pd, found.losses.loss, rho=0.3, hubs=([0.05], [[0.8]] * 6)
    )
    assert found.losses.es(0.999) > independent.es(0.999)
    assert found.hubs["chance"].iloc[0] == pytest.approx(0.05)


def test_a_hub_has_the_chance_it_has_as_a_vendor_whoever_runs_on_it(assess):
    host = {"vendor": "Nimbus", "founded": 2010.0, "size": 40.0, "sector": "information"}
    as_vendor = assess(host, {"hubs": "Nimbus:0.5"})
    known = pd.DataFrame([host | {"owner_kind": "private", "vendor": "NIMBUS"}])
    elsewhere = assess({"hubs": "Nimbus:0.5; Stratus:0.1"}, known=known)
    chance = elsewhere.hubs.set_index("hub")["chance"]
    assert chance["Nimbus"] == pytest.approx(as_vendor.table["pd_1"].iloc[0])
    assert chance["Stratus"] == pytest.approx(0.01)
    told = elsewhere.assumptions.set_index("assumption").loc["Nimbus fails in a year"]
    assert told["low"] < told["value"] < told["high"]


def test_horizons_name_their_columns_and_a_year_is_always_lost(assess):
    found = assess({}, horizons=(0.5, 5))
    assert {"pd_0.5", "pd_5", "pd_5_high"} <= set(found.table.columns)
    assert "pd_1" not in found.table.columns
    assert found.losses.el == pytest.approx(assess({}).losses.el)


def test_founded_this_year_and_founded_in_the_future(assess):
    assert assess({"founded": 2026.0}).table["age"].iloc[0] == pytest.approx(0.0, abs=0.01)
    future, unknown = (assess({}, {"founded": year}) for year in (2027.0, np.nan))
    row = future.table.iloc[1]
    assert np.isnan(row["age"])
    assert row["pd_1"] == unknown.table["pd_1"].iloc[1]
    assert row["flag"] == (
        "Founding year 2027 lies after the day of this review: averaged over ages up to 50 years."
    )
    assert future.losses.el == unknown.losses.el


def test_vendor_without_loss_stays_in_the_table(assess):
    nothing = dict.fromkeys(("records_held", "switching_cost", "retooling_cost"), 0.0)
    nothing |= dict.fromkeys(("prepaid", "weeks_out"), 0.0)
    row = assess(nothing).table.iloc[0]
    assert (row["expected_loss"], row["expected_loss_high"]) == (0.0, 0.0)


def test_empty_table_gives_empty_results(assess):
    found = assess()
    assert found.table.empty
    assert {"pd_1", "pd_3_high", "lgd", "expected_loss", "basis", "flag"} <= set(found.table)
    assert found.losses.el == 0
    assert found.contributions().empty
    assert found.flags.empty


CLOUD = "NimbusCloud:0.3"


def test_hubs_of_the_table_count(assess):
    rows = ({"hubs": CLOUD}, START_UP | {"hubs": "nimbuscloud:0.5; Stratus:0.1"}, {"vendor": "C"})
    # without hard times the products below are exact
    plain, found = assess(*({**row, "hubs": ""} for row in rows)), assess(*rows, rho=0.0)
    assert plain.hubs.empty
    assert plain.register["runs_on"].tolist() == ["", "", ""]
    assert found.register["runs_on"].iloc[1:].tolist() == ["NimbusCloud (50%), Stratus (10%)", ""]
    assert plain.worst_hub == ""
    assert "pd_with_hubs" not in plain.table
    assert found.worst_hub == "NimbusCloud"
    assert found.hubs["hub"].tolist() == ["NimbusCloud", "Stratus"]
    assert found.hubs["vendors"].tolist() == [2, 1]
    assert found.hubs["names"].iloc[0] == "Harbor Payroll, Cobalt"
    row, lgd = found.hubs.iloc[0], found.table["lgd"].to_numpy()
    pd_ = found.table["pd_1"].to_numpy()
    takes, other = np.array([0.3, 0.5, 0.0]), np.array([0.0, 0.1, 0.0])
    falls = 1 - (1 - pd_) * (1 - takes) * (1 - 0.01 * other)
    assert row["loss_if_down"] == pytest.approx(falls @ lgd, rel=1e-6)
    stands = 1 - (1 - pd_) * (1 - 0.01 * other)
    assert row["expected_loss"] == pytest.approx(0.01 * (falls - stands) @ lgd, rel=1e-6)
    assert found.losses.el > plain.losses.el
    assert found.table["expected_loss"].sum() == pytest.approx(found.losses.el)
    with_hubs = 1 - (1 - pd_) * (1 - 0.01 * takes) * (1 - 0.01 * other)
    assert found.table["pd_with_hubs"].to_numpy() == pytest.approx(with_hubs, rel=1e-6)
    assert "a hub fails" in set(found.assumptions["assumption"])
    assert (found.losses_low.el < found.losses.el) & (found.losses.el < found.losses_high.el)


def test_hub_probabilities_by_name_and_a_hub_that_is_a_vendor(assess):
    found = assess({"hubs": "Cobalt:0.4"}, START_UP, hub_pd={})
    assert found.hubs["chance"].tolist() == pytest.approx([found.table["pd_1"].iloc[1]])
    assert not found.assumptions["assumption"].str.contains("hub").any()
    named = assess({"hubs": CLOUD}, hub_pd={"NimbusCloud": 0.02})
    assert named.hubs["chance"].tolist() == pytest.approx([0.02])
    assert "NimbusCloud fails in a year" in set(named.assumptions["assumption"])


def test_a_circle_loses_its_weakest_link_and_says_so(assess):
    circle = ({"hubs": "Cobalt:0.4; Nimbus:0.2"}, START_UP | {"hubs": "Harbor Payroll:0.1"})
    found = assess(*circle)
    straight = assess(circle[0], START_UP)
    assert found.losses.el == straight.losses.el
    assert found.register["hubs"].tolist() == ["Cobalt:0.4; Nimbus:0.2", ""]
    assert found.notes == (
        "Cobalt runs on Harbor Payroll runs on Cobalt: a circle. Its weakest link is left out: "
        "that Cobalt falls with Harbor Payroll (10%).",
    )
    assert straight.notes == ()


def test_warnings_raise_the_hazard_while_they_last(assess):
    events = pd.DataFrame(
        {"vendor": ["Harbor Payroll"], "date": pd.to_datetime(["2026-07-01"]),
         "kind": ["ownership"], "note": ["sold"]}
    )  # fmt: skip
    hazards = {"ownership": Interval(1.5, 0.9, 3.0)}
    warned = early_warnings(events, DAY, hazards=hazards, half_life=Interval(1.0, 0.5, 2.0))
    plain, found = assess({}, START_UP), assess({}, START_UP, warnings=warned)
    for horizon in (1, 3):
        factor = warned.factors(["Harbor Payroll"], horizon)["point"][0]
        before, after = (r.table[f"pd_{horizon}"] for r in (plain, found))
        assert after.iloc[0] == pytest.approx(1 - (1 - before.iloc[0]) ** factor)
        assert after.iloc[1] == before.iloc[1]
    assert found.losses.el > plain.losses.el
    names = set(found.assumptions["assumption"])
    assert {"hazard after ownership event", "half-life of an event"} <= names


def test_heavier_joint_tail(assess):
    rows = [{"vendor": f"V{i}"} for i in range(12)]
    plain, heavy = assess(*rows), assess(*rows, copula="t", nu=3.0)
    assert heavy.losses.es(0.99) > plain.losses.es(0.99)
    assert heavy.losses.el == pytest.approx(plain.losses.el)
    assert "heaviness of the joint tail" in set(heavy.assumptions["assumption"])


def test_mitigation_of_a_register(assess):
    found = assess({"hubs": CLOUD}, START_UP)
    options = pd.DataFrame(
        [("cobalt", "export", 10.0, 1.0, 0.3)],
        columns=["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"],
    )
    plan = mitigate(found.losses, found.table["vendor"], options, 100.0)
    saved = 0.7 * found.table["expected_loss"].iloc[1]
    assert plan.el_before - plan.el_after == pytest.approx(saved, rel=1e-6)


def test_refusals(assess):
    with pytest.raises(ModelError, match="horizons"):
        assess({}, horizons=())
    with pytest.raises(ModelError, match="hazard_range"):
        assess({}, hazard_range=(1.2, 1.5))
