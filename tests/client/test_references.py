"""Rows that name what is not there, or speak of days to come, are set aside with their money."""

import datetime as dt
from decimal import Decimal
from pathlib import Path

import pytest

from techalign.cli.telling import left_out
from techalign.client import load_client
from techalign.client.reference import load_reference
from techalign.client.references import REGISTERS, check_references
from techalign.intake.read import read_table
from techalign.intake.table import Table
from tests.example_client import example_client

TODAY = dt.date(2026, 6, 30)


def _tables(**texts: str) -> dict[str, Table]:
    return {
        name: read_table(name, f"{name}.csv", text.encode(), currency="USD")
        for name, text in texts.items()
    }


PARTNERS = (
    "partner,kind,segment,signed,margin\n"
    "Oak,reseller,volume,2025-01-01,0.3\nElm,reseller,volume,2027-01-01,0.3\n"
)


@pytest.fixture
def checked() -> dict[str, Table]:
    sales = (
        "partner,month,revenue\noak ,2026-01-01,10.50\nElm,2026-01-01,5.00\nAsh,2026-01-01,2.25\n"
    )
    return check_references(_tables(partners=PARTNERS, partner_revenue=sales), TODAY)


def test_each_row_is_kept_or_set_aside_with_its_reason(checked: dict[str, Table]) -> None:
    sales = checked["partner_revenue"]
    assert list(sales.clean["partner"]) == ["oak"]
    assert dict(zip(sales.quarantine["value"], sales.quarantine["reason"], strict=True)) == {
        "Elm": "is in a row of the partners table that was set aside",
        "Ash": "is not in the partners table",
    }
    signed = checked["partners"].quarantine
    assert list(signed["reason"]) == ["is after the day of the review, 2026-06-30"]


def test_the_money_still_adds_up(checked: dict[str, Table]) -> None:
    (total,) = checked["partner_revenue"].totals
    assert (total.clean, total.quarantined) == (Decimal("10.50"), Decimal("7.25"))
    assert total.input == total.clean + total.quarantined


def test_of_a_register_that_is_not_there_nothing_is_said() -> None:
    events = "vendor,date,kind\nOak,2026-01-05,layoff\n"
    tables = _tables(vendor_events=events)
    after = check_references(tables, TODAY)
    assert len(after["vendor_events"].clean) == len(tables["vendor_events"].clean)
    assert REGISTERS["vendor_events"] == "vendors"


def test_a_vendor_that_runs_on_one_set_aside_is_set_aside_and_so_is_what_runs_on_it() -> None:
    vendors = (
        "vendor,relation,sector,criticality,hubs\n"
        "Oak,direct,retail,9,\n"  # a criticality of 9 there is not
        "Elm,direct,retail,3,Nimbus:0.1; OAK :0.4\nAsh,direct,retail,3,elm:20%\n"
        "Fir,direct,retail,3,Nimbus:0.3\n"
    )
    table = check_references(_tables(vendors=vendors), TODAY)["vendors"]
    assert list(table.clean["vendor"]) == ["Fir"]
    reasons = dict(zip(table.quarantine["line"], table.quarantine["reason"], strict=True))
    assert reasons[3] == "names 'OAK', whose row was set aside"
    assert reasons[4] == "names 'elm', whose row was set aside"


@pytest.mark.parametrize(
    ("table", "text", "aside"),
    [
        ("ledger", "date,vendor_raw,amount\n2062-01-05,Oak,1\n2025-01-05,Oak,1\n1925-01-05,Oak,1\n",
         {2: "which is yet to come", 4: "is more than 60 years ago"}),
        ("partner_investment", "partner,month,amount,kind\nall,1826-03-01,1,manage\n"
         "all,2026-03-01,1,manage\n", {2: "is more than 60 years ago"}),
        ("flows", "month,from_stage,to_stage,count\n2166-03-01,outside,suspect,4\n",
         {2: "which is yet to come"}),
        ("players", "player,count,asked\nclients,3,2062-03-01\nvendors,3,2026-03-01\n",
         {2: "is after the day of the review"}),
        ("assessment", "item,level,date\ngoals_written,3,2062-03-01\n",
         {2: "is after the day of the review"}),
    ],
)  # fmt: skip
def test_a_slip_in_the_year_is_found(table: str, text: str, aside: dict[int, str]) -> None:
    quarantine = check_references(_tables(**{table: text}), TODAY)[table].quarantine
    found = dict(zip(quarantine["line"], quarantine["reason"], strict=True))
    assert found.keys() == aside.keys()
    assert all(said in found[line] for line, said in aside.items())


def test_a_technology_may_serve_a_goal_nobody_lists_but_none_whose_row_was_set_aside() -> None:
    goals = "goal,perspective,feasibility\nstay open,people,0.5\ngrow,people,7\n"
    links = (
        "goal,technology,support,fit\nStay  open,till,0.5,0.5\nGROW,till,0.5,0.5\nwin,till,1,1\n"
    )
    checked = check_references(_tables(goals=goals, links=links), TODAY)["links"]
    assert dict(zip(checked.quarantine["line"], checked.quarantine["reason"], strict=True)) == {
        3: "is in a row of the goals table that was set aside"
    }
    assert len(checked.clean) == 2
    judged = "judge,goal_a,goal_b,ratio\nAnn,stay open,win,2\n"
    checked = check_references(_tables(goals=goals, judgements=judged), TODAY)["judgements"]
    assert list(checked.quarantine["reason"]) == ["is not in the goals table"]


def test_the_examples_of_a_new_client_lean_on_nothing_that_is_not_there(tmp_path: Path) -> None:
    folder = example_client(tmp_path, "acme", name="Acme", currency="USD")
    client = load_client(tmp_path, folder.name)
    assert left_out(client, load_reference()) == []
    assert {t.name: len(t.quarantine) for t in client.tables.values() if len(t.quarantine)} == {}
