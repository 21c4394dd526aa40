"""What vendor risk says to do; every amount is worked again with plain numbers."""

from __future__ import annotations

import dataclasses
import datetime as dt
import math
from pathlib import Path

import pandas as pd
import pytest

from techalign import vendors as v
from techalign.client import load_client, load_reference
from techalign.errors import ModelError
from techalign.numbers.formatting import compact
from techalign.numbers.intervals import Interval

DAY = dt.date(2026, 7, 1)
CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"
SAMPLES = sorted(path.parent.name for path in CLIENTS.glob("*/client.toml"))
HEADINGS = (Path(__file__).parents[2] / "notebooks" / "vendor_risk.ipynb").read_text()
ENDS = ("point", "low", "high")
NOTHING = dict.fromkeys(
    ("records_held", "switching_cost", "retooling_cost", "prepaid", "weeks_out"), 0.0
)
OFFERS = ["vendor", "option", "yearly_cost", "probability_factor", "loss_factor"]


def offers(*rows):
    return pd.DataFrame(list(rows), columns=OFFERS).astype(dict.fromkeys(OFFERS[2:], float))


@pytest.fixture
def decide(vendors, facts):
    def call(*rows, options=(), revenue=100_000.0, warnings=None, **assess):
        risk = v.assess_vendors(vendors(*rows), facts, DAY, warnings=warnings, **assess)
        plans = v.mitigation_plans(risk.losses, risk.table["vendor"], offers(*options))
        made = v.vendor_decisions(
            risk, plans, warnings, yearly_revenue=revenue, currency="USD", owner="Dana"
        )
        return risk, {decision.id: decision for decision in made}

    return call


def yearly(risk, row, money):
    """An average year's part, ends as independent errors of chance and money on the log."""
    at = {"low": risk.losses_low, "point": risk.losses, "high": risk.losses_high}
    chance = {end: float(at[end].chance[row]) for end in ENDS}
    point = chance["point"] * money["point"]
    found = {"point": point}
    for end, sign in (("low", -1.0), ("high", 1.0)):
        if money[end] <= 0.0:
            found[end] = 0.0
            continue
        far = [math.log(of[end] / of["point"]) for of in (chance, money)]
        found[end] = point * math.exp(sign * math.hypot(*far))
    return found


def by_second_source(risk, row):
    of, given = risk.register.iloc[row], risk.exposure.assumptions
    left = given.second_source_factor
    parts = []
    for base, factor in (
        (of["switching_cost"], given.switching_cost_factor),
        (of["margin_per_week"] * of["weeks_out"], given.weeks_out_factor),
    ):
        parts.append(
            (
                base * factor.point * (1 - left.point),
                base * factor.low * (1 - left.high),
                base * factor.high * (1 - left.low),
            )
        )
    point = sum(part[0] for part in parts)
    down = math.sqrt(sum((part[0] - part[1]) ** 2 for part in parts))
    up = math.sqrt(sum((part[2] - part[0]) ** 2 for part in parts))
    return yearly(risk, row, {"point": point, "low": max(point - down, 0), "high": point + up})


def by_test(risk, row):
    of, given = risk.register.iloc[row], risk.exposure.assumptions
    before, after = given.records_lost_untested_export, given.records_lost_tested_export
    worth, escrow = of["records_held"] * of["record_value"], bool(of["escrow"])
    fewer = {
        "point": before.point - after.point,
        "low": max(before.low - after.high, 0.0),
        "high": before.high - after.low,
    }
    kept = {end: getattr(given.escrow_factor, end) if escrow else 1.0 for end in ENDS}
    return yearly(risk, row, {end: worth * kept[end] * fewer[end] for end in ENDS})


def by_protection(risk, row, on_pd, on_loss):
    table, own = risk.table.iloc[row], float(risk.losses.pd[row])
    chance = float(risk.losses.chance[row])
    after = 1.0 - (1.0 - own * on_pd) * (1.0 - chance) / (1.0 - own)
    avoided = table["lgd"] * (chance - on_loss * after)
    remain = {"point": 1.0}
    for end in ("low", "high"):
        remain[end] = table[f"expected_loss_{end}"] / table["expected_loss"]
    return {end: avoided * remain[end] for end in ENDS}


def assert_money(interval, expected):
    found = {end: getattr(interval, end) for end in ENDS}
    assert found == pytest.approx(expected, rel=1e-9, abs=1e-9)


DOCS = NOTHING | {"vendor": "Docs", "records_held": 9000.0, "revenue_share_depending": 0.0}


def test_a_protection_is_worth_what_it_takes_off_the_average_year(decide):
    risk, made = decide(DOCS, options=[("docs", "monthly export", 120.0, 0.9, 0.4)])
    (bought,) = made.values()
    assert bought.what == "Protect Docs: monthly export, for $120 a year"
    assert (bought.kind, bought.basis, bought.pays, bought.by) == (
        "protect", "judgement", None, None,
    )  # fmt: skip
    expected = by_protection(risk, 0, 0.9, 0.4)
    assert_money(bought.value, expected)
    assert bought.cost == Interval(120.0, 120.0, 120.0, 1.0)
    assert_money(bought.waiting, {e: max(expected[e] - 120.0, 0.0) / 4.0 for e in ENDS})


def test_of_several_protections_the_one_that_leaves_most_is_named(decide):
    risk = decide(DOCS)[0]
    loss = float(risk.table["expected_loss"].iloc[0])
    # the second avoids more and pays for itself, but not for what it costs more
    options = [("Docs", "export", 100.0, 1.0, 0.5), ("Docs", "copy", loss * 0.6, 1.0, 0.3)]
    (bought,) = decide(DOCS, options=options)[1].values()
    assert bought.topic == "export"
    more = by_protection(risk, 0, 1.0, 0.3)["point"] - by_protection(risk, 0, 1.0, 0.5)["point"]
    dearer = compact(loss * 0.6 - 100.0, "USD")
    said = f'; "copy" would take away {compact(more, "USD")} more and cost {dearer} more'
    assert said in bought.because


def test_a_protection_without_cost_and_one_that_only_just_pays(decide):
    free = decide(DOCS, options=[("Docs", "ask for a copy", 0.0, 1.0, 0.9)])[1]
    (given,) = free.values()
    assert (given.cost, given.what) == (None, "Protect Docs: ask for a copy, at no cost")
    assert "costs more than it saves" not in given.because
    risk = decide(DOCS)[0]
    price = by_protection(risk, 0, 1.0, 0.5)["point"] - 1.0
    (close,) = decide(DOCS, options=[("Docs", "export", price, 1.0, 0.5)])[1].values()
    assert close.because.endswith("at the low end of the ranges it costs more than it saves.")


def test_an_export_is_tested_where_records_could_be_lost(decide):
    risk, made = decide(DOCS, DOCS | {"vendor": "Vault", "escrow": True})
    assert set(made) == {"vendors-act-docs-export", "vendors-act-vault-export"}
    for row, name in enumerate(("docs", "vault")):
        assert_money(made[f"vendors-act-{name}-export"].value, by_test(risk, row))
    test = made["vendors-act-docs-export"]
    assert (test.basis, test.evidence) == ("judgement", "What it would cost")
    assert "9,000 records" in test.because
    assert "100% of them are taken as lost, after a test 0%" in test.because


@pytest.mark.parametrize(
    "different", [{"export_tested": True}, {"records_held": 0.0}, {"record_value": 0.0}]
)
def test_no_export_is_tested_without_need(decide, different):
    assert decide(DOCS | different)[1] == {}


def test_a_test_that_saves_next_to_nothing_is_not_asked_for(decide):
    made = decide(DOCS)[1]
    (test,) = made.values()
    limit = test.value.point * 10_000
    assert decide(DOCS, revenue=limit * 0.999)[1].keys() == made.keys()
    assert decide(DOCS, revenue=limit * 1.001)[1] == {}


def test_a_cap_on_the_loss_caps_what_a_test_saves(decide):
    full = DOCS["records_held"] * 4.0
    risk, made = decide(DOCS | {"prepaid": 10_000.0}, cap=full)
    # 10,000 of the loss would be lost either way, and was beyond the cap
    (test,) = made.values()
    saved = full - 10_000.0
    assert test.value.point == pytest.approx(float(risk.losses.chance[0]) * saved)


FOUNDRY = NOTHING | {"vendor": "Foundry", "switching_cost": 9000.0, "weeks_out": 6.0}


def test_the_largest_losses_that_nothing_makes_smaller_get_a_replacement(decide):
    risk, made = decide(FOUNDRY)
    (plan,) = made.values()
    assert plan.id == "vendors-decide-foundry-replacement"
    assert_money(plan.value, by_second_source(risk, 0))
    assert plan.what.startswith("Line up a replacement for Foundry: worth up to $")
    assert "no protection is named for it" in plan.because
    assert plan.cost is None
    dear = [("Foundry", "spare moulds", 50_000.0, 1.0, 0.5)]
    (still,) = decide(FOUNDRY, options=dear)[1].values()
    assert "the protection named for it costs more than it saves" in still.because
    dear.append(("Foundry", "another foundry", 60_000.0, 1.0, 0.5))
    (yet,) = decide(FOUNDRY, options=dear)[1].values()
    assert "none of the 2 protections named for it is worth its cost" in yet.because


def test_what_the_business_hangs_on_is_not_simply_replaced(decide):
    for share, begins in ((0.5, "Plan how to go on without"), (0.49, "Line up a replacement")):
        (plan,) = decide(FOUNDRY | {"revenue_share_depending": share})[1].values()
        assert plan.what.startswith(begins)
    (plan,) = decide(FOUNDRY | {"revenue_share_depending": 0.94})[1].values()
    assert plan.what == "Plan how to go on without Foundry: 94% of revenue stops with it"


def test_no_replacement_where_one_is_ready_or_the_loss_is_small_or_another_is_in_the_way(decide):
    assert decide(FOUNDRY | {"second_source": True})[1] == {}
    risk = decide(FOUNDRY)[0]
    limit = float(risk.table["expected_loss"].iloc[0]) * 1000
    assert len(decide(FOUNDRY, revenue=limit * 0.999)[1]) == 1
    assert decide(FOUNDRY, revenue=limit * 1.001)[1] == {}
    maker = NOTHING | {"vendor": "Maker", "second_source": True}
    for chance, count in ((0.5, 0), (0.49, 1)):
        made = decide(FOUNDRY | {"hubs": f"Maker:{chance}"}, maker)[1]
        assert len(made) == count
    # what runs on a supplier outside the register has no other plan
    assert len(decide(FOUNDRY | {"hubs": "Cloud:0.9"})[1]) == 1


def test_only_three_companies_are_looked_at_first(decide):
    rows = [FOUNDRY | {"vendor": f"F{i}", "weeks_out": 6.0 + i} for i in range(5)]
    assert {d.subject for d in decide(*rows)[1].values()} == {"F2", "F3", "F4"}


ON_CLOUD = FOUNDRY | {"second_source": True, "hubs": "Cloud:0.6"}


# without hard times the sums below are exact
ON_CLOUD_FAILS = v.VendorAssumptions(hub_pd=(0.05, 0.01, 0.1), rho=0.0)


def test_a_supplier_shared_by_three_is_worth_what_falls_through_it(decide):
    rows = [ON_CLOUD | {"vendor": f"C{i}", "switching_cost": 9000.0 * (i + 1)} for i in range(3)]
    risk, made = decide(*rows, assumptions=ON_CLOUD_FAILS)
    (split,) = made.values()
    assert split.what == "Decide what to move off Cloud: 3 companies run on it"
    through = {}
    for end, losses, fails in (("point", risk.losses, 0.05), ("high", risk.losses_high, 0.1)):
        own = (1.0 - p for p in losses.pd)
        through[end] = sum(
            stays * fails * 0.6 * loss for stays, loss in zip(own, losses.loss, strict=True)
        )
    # where they move may fail as well
    assert_money(split.value, through | {"low": 0.0})
    assert decide(*rows[:2], assumptions=ON_CLOUD_FAILS)[1] == {}
    limit = through["point"] * 1000
    assert (
        decide(
            *rows,
            assumptions=ON_CLOUD_FAILS,
            revenue=limit * 1.001,
        )[1]
        == {}
    )
    assert (
        len(
            decide(
                *rows,
                assumptions=ON_CLOUD_FAILS,
                revenue=limit * 0.999,
            )[1]
        )
        == 1
    )


def happened(*rows):
    events = pd.DataFrame(list(rows), columns=["vendor", "date", "kind", "note"])
    events["date"] = pd.to_datetime(events["date"])
    factor = Interval(1.5, 0.9, 3.0)
    return v.early_warnings(
        events,
        DAY,
        hazards={"ownership": factor, "policy": factor},
        half_life=Interval(1.0, 0.5, 2.0),
    )


CALM = FOUNDRY | {"second_source": True}


def test_the_latest_event_where_the_loss_would_be_felt_is_asked_about(decide):
    warnings = happened(
        ("foundry", "2026-03-01", "ownership", "sold to a fund"),
        ("Foundry", "2026-02-01", "policy", "no more small lots"),
    )
    (question,) = decide(CALM, warnings=warnings)[1].values()
    assert question.what == "Ask Foundry what this means: sold to a fund"
    assert (question.kind, question.value, question.evidence) == ("ask", None, "Warnings")
    assert question.id == "vendors-ask-foundry-ownership"
    assert "known on 1 Mar 2026" in question.because
    assert question.assumes == ("ownership_change_hazard", "event_half_life")


def test_old_events_strangers_and_small_losses_are_not_asked_about(decide):
    old = happened(("Foundry", "2025-12-28", "policy", "long ago"))
    assert decide(CALM, warnings=old)[1] == {}
    stranger = happened(("Nobody", "2026-06-01", "policy", "not in the register"))
    assert decide(CALM, warnings=stranger)[1] == {}
    recent = happened(("Foundry", "2026-01-02", "policy", ""))
    (question,) = decide(CALM, warnings=recent)[1].values()
    assert question.what == "Ask Foundry what this means: a change of policy"
    loss = float(decide(CALM)[0].table["lgd"].iloc[0])
    assert len(decide(CALM, warnings=recent, revenue=loss * 99.9)[1]) == 1
    assert decide(CALM, warnings=recent, revenue=loss * 100.1)[1] == {}


def test_long_names_and_notes_are_cut_where_they_are_long(decide):
    name, note = "The Foundry of the Tri-Rivers Valley", "a note that goes on and on " * 5
    warnings = happened((name, "2026-06-01", "policy", note))
    (question,) = decide(CALM | {"vendor": name}, warnings=warnings)[1].values()
    assert len(question.what) <= 90
    assert question.what.startswith(f"Ask {name} what this means: a note that")
    assert question.what.endswith("…")


def test_refusals(decide):
    risk = decide(DOCS)[0]
    plans = v.mitigation_plans(risk.losses, risk.table["vendor"], offers())
    given = {"yearly_revenue": 1000.0, "currency": "USD", "owner": "Dana"}
    with pytest.raises(ModelError, match="yearly_revenue"):
        v.vendor_decisions(risk, plans, **(given | {"yearly_revenue": 0.0}))
    other = dataclasses.replace(happened(), as_of=dt.date(2026, 1, 1))
    with pytest.raises(ModelError, match="another day"):
        v.vendor_decisions(risk, plans, other, **given)
    elsewhere = v.mitigation_plans(
        risk.losses, pd.Series(["Other"]), offers(("Other", "x", 1.0, 1.0, 0.5))
    )
    with pytest.raises(ModelError, match="not in the register"):
        v.vendor_decisions(risk, elsewhere, **given)


def test_an_empty_register_has_nothing_to_do(decide):
    assert decide()[1] == {}


@pytest.mark.parametrize("client", SAMPLES)
def test_amounts_of_the_samples(client):
    reference = load_reference()
    book = load_client(CLIENTS, client, tables=["vendors", "vendor_events", "mitigations"])
    hazards, half_life = v.event_hazards(reference.assumptions)
    warnings = v.early_warnings(
        book.table("vendor_events"), book.as_of, hazards=hazards, half_life=half_life
    )
    risk = v.assess_vendors(
        book.table("vendors"),
        reference.establishment_survival,
        book.as_of,
        assumptions=v.VendorAssumptions(
            rates=reference.vendor_rates,
            loss=v.LossAssumptions.from_table(reference.assumptions),
        ),
        warnings=warnings,
    )
    named = book.table("mitigations")
    plans = v.mitigation_plans(risk.losses, risk.table["vendor"], named)
    profile = book.profile
    made = v.vendor_decisions(
        risk,
        plans,
        warnings,
        yearly_revenue=profile.yearly_revenue,
        currency=profile.currency,
        owner=profile.owner,
    )
    assert made
    assert len({decision.id for decision in made}) == len(made)
    keys = set(reference.assumptions["key"])
    rows = {name: row for row, name in enumerate(risk.table["vendor"])}
    for decision in made:
        assert f"## {decision.evidence}" in HEADINGS
        assert set(decision.assumes) <= keys
        if decision.topic == "export":
            assert_money(decision.value, by_test(risk, rows[decision.subject]))
        elif decision.topic == "replacement":
            assert_money(decision.value, by_second_source(risk, rows[decision.subject]))
        elif decision.topic == "agreement":
            ends = risk.agreements.table
            ours = ends[ends["vendor"] == decision.subject]
            assert decision.value.point == pytest.approx(ours["expected_loss"].sum())
            assert decision.by is not None
        elif decision.topic == "outage":
            down = risk.outages.set_index("vendor").loc[decision.subject]
            assert (decision.value.point, down["basis"]) == (down["cost"], "counted")
        elif decision.kind == "protect":
            offer = named[
                (named["vendor"] == decision.subject) & (named["option"] == decision.topic)
            ].iloc[0]
            row = rows[decision.subject]
            assert_money(
                decision.value,
                by_protection(risk, row, offer["probability_factor"], offer["loss_factor"]),
            )
            assert decision.net > 0
