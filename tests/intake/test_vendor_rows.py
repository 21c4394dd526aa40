"""One bad cell of the vendors table costs its row, not the report."""

import datetime as dt

import pytest

from techalign.intake.read import read_table
from techalign.intake.table import Table


def _vendors(*rows: str) -> Table:
    text = "vendor,relation,sector,criticality,founded,hubs\n" + "\n".join(rows)
    return read_table("vendors", "vendors.csv", text.encode(), currency="USD")


def test_readable_hubs_stay_as_they_are_written() -> None:
    table = _vendors(
        "Harbor,indirect,professional,4,2009,Nimbus:0.3; Stratus: 20%",
        "Cobalt,indirect,information,3,,Harbor:1",
        "Ash,indirect,information,3,2020,",
    )
    assert table.quarantine.empty
    assert table.clean["hubs"].tolist() == ["Nimbus:0.3; Stratus: 20%", "Harbor:1", ""]


@pytest.mark.parametrize(
    ("hubs", "reason"),
    [
        ("Nimbus", "cannot be read: write name:probability"),
        ("Nimbus:often", "cannot be read"),
        (":0.3", "cannot be read"),
        ("Nimbus:1.3", "from 0 to 1"),
        ("Nimbus:130%", "from 0 to 1"),
        ("Nimbus:nan", "from 0 to 1"),
        ("Nimbus:0.1; NIMBUS:0.2", "names 'NIMBUS' twice"),
        ("cobalt:0.1", "names the vendor itself: a circle"),
    ],
)
def test_a_bad_cell_puts_its_row_aside_with_place_value_and_reason(hubs: str, reason: str) -> None:
    table = _vendors(
        "Harbor,indirect,professional,4,2009,Nimbus:0.3",
        f"Cobalt,indirect,information,3,2020,{hubs}",
        "Ash,indirect,information,3,2020,",
    )
    assert table.clean["vendor"].tolist() == ["Harbor", "Ash"]
    problem = table.quarantine.iloc[0]
    assert len(table.quarantine) == 1
    assert problem[["file", "line", "column", "value"]].tolist() == ["vendors.csv", 3, "hubs", hubs]
    assert reason in problem["reason"]


def test_a_founding_year_in_the_future_puts_its_row_aside() -> None:
    year = dt.date.today().year
    table = _vendors(
        f"Harbor,indirect,professional,4,{year},", f"Cobalt,indirect,information,3,{year + 1},"
    )
    assert table.clean["founded"].tolist() == [year]
    problem = table.quarantine.iloc[0]
    assert (problem["line"], problem["column"]) == (3, "founded")
    assert "lies in the future" in problem["reason"]
