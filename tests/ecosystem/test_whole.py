"""The rest of the ecosystem: debts, links, the message, the gate, and what is decided of it."""

import datetime as dt
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_client, load_reference
from techalign.ecosystem import (
    EcosystemAssumptions,
    EcosystemFound,
    EcosystemSetting,
    Foretold,
    HealthOptions,
    SellingRates,
    assess_ecosystem,
    ecosystem_decisions,
    foretold,
    free_capacity,
    health,
    message_reach,
    one_way_cost,
    payback_months,
    ready_to_expand,
    told,
    touchpoints,
)  # fmt: skip
from techalign.errors import ModelError
from techalign.numbers.intervals import Interval

CLIENTS = Path(__file__).parents[2] / "datasets" / "clients"
DAY = dt.date(2026, 6, 30)
TABLES = ["players", "flows", "selling", "one_way", "touchpoints", "message"]
KEYS = {
    "coupling": "health_coupling", "elasticity": "health_elasticity", "building": "trust_building",
    "fading": "trust_fading", "share": "effort_share", "caring": "leaving_without_trust",
    "extra_churn": "pushed_extra_churn",
    "kept": "pushed_sales_kept",
}  # fmt: skip


@cache
def _found(client: str, without: str = "") -> EcosystemFound:
    book = load_client(CLIENTS, client, tables=TABLES)
    return _assessed({name: book.table(name) for name in TABLES if name != without})


def _assessed(tables: dict[str, pd.DataFrame]) -> EcosystemFound:
    facts = load_reference()
    return assess_ecosystem(
        tables,
        EcosystemSetting(as_of=DAY, hourly_wage=20.0),
        EcosystemAssumptions(**{name: facts.assumption(key) for name, key in KEYS.items()}),
        np.random.default_rng(5),
    )


@pytest.mark.parametrize("without", [*TABLES, "nothing"])
def test_each_table_changes_the_page_and_none_is_needed(without: str) -> None:
    whole, part = _found("channel-software"), _found("channel-software", without)
    decisions = [
        ecosystem_decisions(found, as_of=DAY, currency="USD", owner="Ann")
        for found in (whole, part)
    ]
    changed = {
        name for name in ("parts", "stages", "splits", "channels", "pressure", "grid", "message")
        if len(getattr(told(whole), name)) != len(getattr(told(part), name))
    }  # fmt: skip
    expected = {"players": "parts", "flows": "stages", "selling": "pressure", "one_way": "channels",
                "touchpoints": "grid", "message": "message"}  # fmt: skip
    assert (expected.get(without) in changed) == (without != "nothing")
    # what costs less than it earns is shown and asks for nothing
    assert (decisions[0] == decisions[1]) == (without in {"nothing", "one_way"})


def test_debt_is_added_up_by_hand() -> None:
    table = pd.DataFrame({
        "channel": ["a", "b"], "revenue": [1000.0, 3000.0], "margin": [0.5, 0.2],
        "pushed": [0.4, 0.0], "unused": [30.0, 0.0], "rework_hours": [2.0, 0.0],
        "churn_pushed": [0.3, np.nan], "churn_other": [0.1, np.nan], "given": [3.0, 0.0],
        "received": [1.0, 0.0],
    })  # fmt: skip
    found = one_way_cost(table, None, 10.0, Interval(0.1, 0.0, 0.3), Interval(0.5, 0.2, 0.9))
    assert found.cost.point == pytest.approx(30 + 20 + 0.2 * 200)
    assert found.channels["reciprocity"].iloc[0] == pytest.approx(0.5)
    assert np.isnan(found.channels["reciprocity"].iloc[1])  # nothing exchanged is not balance
    assert found.pushed_share == pytest.approx(400 / 4000)
    assert found.channels["saved"].iloc[0] == pytest.approx(90 - 100)
    with pytest.raises(ModelError, match="pressure"):
        one_way_cost(table, pd.DataFrame({"player": ["associates"], "pressure": [7]}), 10.0,
                     Interval(0.1, 0.0, 0.3), Interval(0.5, 0.2, 0.9))  # fmt: skip


def test_a_link_may_run_either_way_and_idle_tools_join_nothing() -> None:
    table = pd.DataFrame({
        "tool": ["mail", "mail", "app"], "from_player": ["clients", "associates", "associates"],
        "to_player": ["associates", "partners", "vendors"], "yearly_cost": [90.0, 90.0, 50.0],
        "live": [True, True, False],
    })  # fmt: skip
    found = touchpoints(table)
    missing = set(zip(found.missing["from_player"], found.missing["to_player"], strict=True))
    assert ("associates", "clients") not in missing
    assert ("associates", "vendors") in missing
    assert found.yearly_cost == 140.0  # a tool that joins several is paid once
    grid = found.grid.set_index("player")
    assert (grid.to_numpy() == grid.to_numpy().T).all()


def test_few_asked_is_a_wide_range_and_old_answers_do_not_count() -> None:
    rows = [("clients", 2, 1, "2026-05-01"), ("associates", 200, 100, "2026-05-01"),
            ("vendors", 9, 9, "2023-05-01")]  # fmt: skip
    table = pd.DataFrame(rows, columns=["player", "asked", "known", "date"]).assign(
        who="", different=np.nan, ideal_client="", fits=None, statement="")  # fmt: skip
    found = message_reach(table.assign(date=pd.to_datetime(table["date"])), DAY)
    width = (found.players["known_high"] - found.players["known_low"]).to_numpy()
    wide = dict(zip(found.players["player"], width, strict=True))
    assert wide["clients"] > 5 * wide["associates"]
    assert "vendors" in found.silent
    assert found.notes


def _said(*rows: tuple[str, int, int, float | None, str, str]) -> dict[str, tuple[str, str]]:
    """What is told of the core message: question to answer and what shows it."""
    columns = ["player", "asked", "known", "different", "statement", "date"]
    table = pd.DataFrame(rows, columns=columns).assign(who="", ideal_client="", fits=None)
    core = message_reach(table.assign(date=pd.to_datetime(table["date"])), DAY).core
    return {q: (a, s) for q, a, s in core.to_numpy()}


def test_the_core_message_is_stated_different_and_known_or_nobody_was_asked() -> None:
    day = "2026-05-01"
    told = _said(("clients", 10, 4, None, "", day))
    assert told["Is it stated?"][0] == "not known"  # staff were not asked: that is not "no"
    assert told["Does it set you apart?"][0] == "not known"
    assert told["Is it known?"][0] == "by 4 of 10"
    assert "associates" in told["Is it known?"][1]
    assert _said(("associates", 9, 0, 0, "", day))["Is it stated?"][0] == "no"
    assert _said(("associates", 9, 3, 0, "", day))["Is it stated?"][0] == "by word of mouth"
    told = _said(("associates", 9, 3, 2, "Done today", day), ("clients", 5, 5, 1, "", day))
    assert told["Is it stated?"] == ("yes", "“Done today”; 3 of 9 of your own people could say it")
    assert told["Does it set you apart?"][0] == "to 3 of 14"
    two = _said(("associates", 9, 3, 2, "Done today", day), ("clients", 5, 5, 1, "Cheap", day))
    assert two["Is it stated?"][0] == "in 2 wordings"
    # a sentence of three years ago states nothing today
    old = _said(("associates", 9, 3, 2, "Done today", "2023-05-01"))
    assert [answer for answer, _ in old.values()] == ["not known"] * 3


def test_the_gate_opens_only_where_all_is_known_and_met() -> None:
    names = ["suspects", "prospects", "clients", "advocates", "associates", "vendors", "partners"]
    players = pd.DataFrame({
        "player": names, "count": 9, "required": 10.0, "health": np.nan, "weight": 1.0,
        "asked": pd.NaT, "evidence": "", "gets": "", "gives": "",
    })  # fmt: skip
    options = HealthOptions(Interval(3.0, 1.0, 10.0), Interval(0.4, 0.1, 1.0))
    whole = health(players, DAY, np.random.default_rng(1), options)
    gate = ready_to_expand(whole, free_capacity=0.4, forecasts=Foretold(10, 8))
    assert not gate.ready
    assert set(gate.conditions["met"]) == {"yes", "not known"}
    full = ready_to_expand(whole, free_capacity=0.05, forecasts=Foretold(10, 8))
    assert "5%" in full.verdict
    split, pushed = _found("channel-software").split, _found("channel-software").one_way
    assert split is not None
    assert pushed is not None
    known = ready_to_expand(
        whole, free_capacity=0.4, forecasts=Foretold(10, 8), split=split, one_way=pushed,
        payback=np.full(10, 3.0),
    )  # fmt: skip
    assert {"yes", "no"} >= set(known.conditions["met"])
    slow = ready_to_expand(whole, payback=np.array([3.0, 30.0])).conditions.set_index("condition")
    assert slow["met"]["A customer won pays back in time"] == "no"
    assert "50%" in slow["evidence"]["A customer won pays back in time"]


@pytest.mark.parametrize(
    ("compounds", "best", "met", "told"),
    [
        (0.9, 0.7, "yes", "with a chance of 90%"),
        (0.0, 0.2, "yes", "they get 50% of the selling time, and 20% would bring most"),
        (0.0, 0.7, "no", "with a chance of 0%"),
    ],
)
def test_what_is_said_of_present_customers_speaks_for_what_is_found(
    compounds: float, best: float, met: str, told: str
) -> None:
    found = _found("channel-software")
    assert found.health is not None
    assert found.split is not None
    split = replace(found.split, split=0.5, compounds=compounds, best=best)
    gate = ready_to_expand(found.health, split=split).conditions.set_index("condition")
    row = gate.loc["Present customers come first"]
    assert row["met"] == met
    assert told in row["evidence"]
    assert ("does not pay" in row["evidence"]) == (compounds == 0.0 and met == "yes")


@pytest.mark.parametrize(
    ("made", "inside", "met"),
    [(3, 3, "not known"), (10, 10, "yes"), (10, 5, "no"), (10, 6, "yes"), (40, 40, "no")],
)
def test_forecasts_speak_only_where_they_are_enough_and_neither_wild_nor_idle(
    made: int, inside: int, met: str
) -> None:
    whole = _found("channel-software").health
    assert whole is not None
    gate = ready_to_expand(whole, forecasts=Foretold(made, inside)).conditions
    assert gate.set_index("condition")["met"]["Plans have come true"] == met


def test_new_customers_are_foretold_from_the_months_before() -> None:
    """As scipy's negative binomial has it, month by month; rows in any order."""
    from scipy.stats import nbinom

    counts = [4, 0, 9, 3, 5, 30, 2, 2, 0, 7]
    flows = pd.DataFrame({
        "month": pd.date_range("2025-07-15", periods=10, freq="30D"), "from_stage": "prospect",
        "to_stage": "client", "count": counts,
    })  # fmt: skip
    lost = flows.assign(to_stage="lost", count=50)
    law = [nbinom(sum(counts[:k]) + 0.5, k / (k + 1)) for k in range(3, 10)]
    inside = sum(low.ppf(0.1) <= counts[k] <= low.ppf(0.9) for k, low in enumerate(law, 3))
    mixed = pd.concat([flows, lost]).sample(frac=1.0, random_state=3)
    assert foretold(mixed, DAY) == Foretold(7, inside)
    assert 0 < inside < 7
    assert foretold(flows, dt.date(2025, 9, 30)) == Foretold(0, 0)
    with pytest.raises(ModelError):
        foretold(flows.assign(count=-1), DAY)


def test_a_customer_that_brings_nothing_never_pays_back() -> None:
    rates = SellingRates(
        *(np.array([x, x]) for x in (40.0, 0.0, 0.2, 0.1, 0.0, 1.0, 0.5)),
        customers=50.0, trust=0.5, split=0.5, margin=0.0,
    )  # fmt: skip
    assert np.isinf(payback_months(rates, 10.0, 20.0)).all()
    with pytest.raises(ModelError):
        payback_months(rates, -1.0, 20.0)


def test_capacity_is_that_of_the_scarcest() -> None:
    assert free_capacity(pd.DataFrame({"load": [12.0], "capacity": [10.0]})) == 0.0
    assert free_capacity(pd.DataFrame({"load": [], "capacity": []})) is None


def test_decisions_keep_their_names_when_amounts_change() -> None:
    found = _found("carrier-store")
    now = ecosystem_decisions(found, as_of=DAY, currency="USD", owner="Ann")
    later = ecosystem_decisions(found, as_of=DAY + dt.timedelta(90), currency="USD", owner="Bo")
    assert [d.id for d in now] == [d.id for d in later]
    assert {"ecosystem-act-vendors-feed", "ecosystem-stop-loyalty-app-idle"} <= {d.id for d in now}


def test_players_that_are_only_counted_are_told_as_what_they_are() -> None:
    players = pd.DataFrame(
        {"player": ["vendors"], "count": [61.0], "required": [np.nan], "health": [np.nan],
         "weight": [1.0], "asked": [pd.NaT], "evidence": ["the ledger"], "gets": "", "gives": ""}
    )  # fmt: skip
    (note,) = _assessed({"players": players}).notes
    assert note.startswith("Counted are 61 vendors. How many a healthy business")
    (note,) = _assessed({"players": players.assign(count=np.nan)}).notes
    assert note.startswith("Of no part is it known")


def test_a_part_that_nobody_has_written_of_has_no_line_in_what_is_exchanged() -> None:
    players = pd.DataFrame(
        {
            "player": ["clients", "vendors"], "count": [90.0, 4.0], "required": [100.0, np.nan],
            "health": [0.6, 0.4], "weight": 1.0, "asked": pd.to_datetime(["2026-05-04"] * 2),
            "evidence": "seen", "gets": ["repairs", ""], "gives": "", "margin": np.nan,
        }
    )  # fmt: skip
    found = _assessed({"players": players})
    said = told(found)
    assert said.exchange["player"].tolist() == ["clients"]
    assert said.sentence.startswith("The vendors (suppliers) hold the rest back")


def test_pressure_of_more_than_a_year_ago_or_of_no_day_does_not_count() -> None:
    selling = pd.DataFrame({
        "who": ["Ann", "Bo", "Cy", "Di"], "player": "associates", "hunting_hours": 1.0,
        "farming_hours": 1.0, "pressure": [5.0, 2.0, 4.0, np.nan],
        "asked": pd.to_datetime(["2025-06-01", "2026-06-01", None, None]),
    })  # fmt: skip
    found = _assessed({"selling": selling})
    assert found.pressure is not None
    assert found.pressure[["people", "asked", "mean", "highest"]].to_numpy().tolist() == [
        [4, 1, 2.0, 0]
    ]
    assert found.notes[:2] == (
        "What pressure Ann feels was told more than 12 months ago and does not count.",
        "What pressure Cy feels was told on no known day and does not count.",
    )


def test_pressure_is_told_of_a_business_that_sells_nothing_by_volume() -> None:
    said = told(_found("family-clinic"))
    assert said.channels.empty
    assert said.pressure["player"].tolist() == ["associates"]
    assert said.pressure["mean"].tolist() == [2.0]
