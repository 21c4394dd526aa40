import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.vendors import assess_vendors, look_back, mitigation_plans, still_there

DAY = dt.date(2026, 7, 1)
ROWS = (
    {"vendor": "Stays", "founded": 2000.0},
    {"vendor": "Went", "founded": 2015.0, "ceased": pd.Timestamp("2024-03-01")},
    {"vendor": "Went long ago", "founded": 1990.0, "ceased": pd.Timestamp("2010-01-01")},
    {"vendor": "Young", "founded": 2025.0, "hubs": "went:0.4; Stays:0.2"},
)


@pytest.fixture
def register(vendors):
    days = [row.get("ceased", pd.NaT) for row in ROWS]
    plain = [{k: v for k, v in row.items() if k != "ceased"} for row in ROWS]
    return vendors(*plain).assign(ceased=pd.to_datetime(pd.Series(days)).to_numpy())


def test_who_has_ceased_is_no_longer_at_risk(register, facts):
    there, ceased = still_there(register, DAY)
    assert there["vendor"].tolist() == ["Stays", "Young"]
    assert ceased["vendor"].tolist() == ["Went", "Went long ago"]
    assert there["hubs"].str.strip().tolist() == ["", "Stays:0.2"]  # nobody falls with what is gone
    risk = assess_vendors(register, facts, DAY)
    assert risk.table["vendor"].tolist() == risk.register["vendor"].tolist() == ["Stays", "Young"]
    assert risk.ceased["date"].iloc[0] == pd.Timestamp("2024-03-01")
    assert risk.hubs["hub"].tolist() == ["Stays"]
    options = pd.DataFrame(
        {"vendor": ["went", "Young"], "option": ["export"] * 2, "yearly_cost": [1.0, 1.0],
         "probability_factor": [1.0, 1.0], "loss_factor": [0.5, 0.5]}
    )  # fmt: skip
    assert risk.of_present(options)["vendor"].tolist() == ["Young"]
    plans = mitigation_plans(risk.losses, risk.table["vendor"], risk.of_present(options))
    assert plans.table["buy"].tolist() == ["nothing fits", "nothing fits", "Young: export"]
    assert plans.table["el_after"].iloc[-1] == pytest.approx(plans.best.el_after)


def test_an_announced_end_is_certain_from_its_day_on(register, facts):
    register.loc[register["vendor"] == "Stays", "ceased"] = pd.Timestamp("2028-01-01")
    table = assess_vendors(register, facts, DAY).table.set_index("vendor")
    assert table.loc["Stays", "pd_1"] < 0.1
    assert table.loc["Stays", ["pd_3_low", "pd_3", "pd_3_high"]].tolist() == [1.0, 1.0, 1.0]
    assert "1 Jan 2028" in table.loc["Stays", "flag"]


def test_look_back_gives_the_chances_of_then(register, facts):
    past = look_back(register, facts, DAY)
    assert (past.years, past.since) == (3, dt.date(2023, 7, 1))
    table = past.table.set_index("vendor")
    assert sorted(table.index) == ["Stays", "Went"]  # Young was not founded yet
    assert table["ceased"].to_dict() == {"Went": True, "Stays": False}
    then = assess_vendors(register.drop(columns="ceased").iloc[:2], facts, past.since).table
    assert table.loc[then["vendor"], "pd"].to_numpy() == pytest.approx(then["pd_3"].to_numpy())
    assert past.scores.count.observed == 1
    assert past.scores.count.expected == pytest.approx(table["pd"].sum())
    assert past.scores.brier == pytest.approx(np.mean((table["pd"] - table["ceased"]) ** 2))
    assert "Of 2 companies" in past.sentence


def test_nobody_ceased_nothing_to_judge(vendors, facts):
    for table in (vendors(), vendors({})):
        past = look_back(table, facts, DAY)
        assert past.table.empty
        assert (past.scores, past.sentence) == (None, "")


def test_leap_day(register, facts):
    assert look_back(register, facts, dt.date(2024, 2, 29)).table.empty
    past = look_back(register, facts, dt.date(2024, 3, 1))
    assert past.years == 1
