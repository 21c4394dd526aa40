"""What is wrong with a row of the vendors table is found when it is read, not in the report."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.intake.read import read_table
from techalign.intake.table import Table
from techalign.losses import parse_hubs

THIS_YEAR = dt.date.today().year


def _read(*rows: str) -> Table:
    text = "vendor,relation,sector,criticality,founded,hubs\n" + "".join(rows)
    return read_table("vendors", "vendors.csv", text.encode())


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("Nimbus", "'Nimbus' is not name:probability, as NimbusCloud:0.3"),
        ("Nimbus:often", "'Nimbus:often' is not name:probability, as NimbusCloud:0.3"),
        (":0.3", "':0.3' is not name:probability, as NimbusCloud:0.3"),
        ("A:0.1; Nimbus:30", "'Nimbus:30' needs a probability from 0 to 1, or from 0% to 100%"),
        ("Nimbus:nan", "'Nimbus:nan' needs a probability from 0 to 1, or from 0% to 100%"),
        ("Nimbus:-1%", "'Nimbus:-1%' needs a probability from 0 to 1, or from 0% to 100%"),
        ("Nimbus:0.1; NIMBUS:0.2", "names 'NIMBUS' twice"),
        ("cobalt docs:0.1", "names the company itself: a circle"),
    ],
)
def test_a_cell_of_hubs_that_cannot_be_read_sets_its_row_aside(cell: str, reason: str) -> None:
    table = _read("Harbor,direct,all,3,,\n", f"Cobalt Docs,direct,all,3,,{cell}\n")
    assert list(table.clean["vendor"]) == ["Harbor"]
    places = table.quarantine[["file", "line", "column", "value", "reason"]]
    assert places.to_numpy().tolist() == [["vendors.csv", 3, "hubs", cell, reason]]
    # the check refuses what the model would
    rows = pd.DataFrame({"vendor": ["Cobalt Docs"], "hubs": [cell]})
    with pytest.raises(ModelError, match="hubs"):
        parse_hubs(rows)


@pytest.mark.parametrize(
    "cell", ["", " ; ", "Nimbus:0.3", "A : 20%; B:1;", "a:b:0", "A:0;B:100%", "A:1e-3"]
)
def test_a_cell_of_hubs_that_the_model_reads_is_clean(cell: str) -> None:
    table = _read(f"Cobalt Docs,direct,all,3,,{cell}\n")
    assert table.quarantine.empty
    assert table.clean["hubs"].tolist() == [cell.strip()]
    parse_hubs(table.clean)


def test_a_founding_year_in_the_future_sets_its_row_aside() -> None:
    table = _read(f"A,direct,all,3,{THIS_YEAR + 1},\n", f"B,direct,all,3,{THIS_YEAR},\n")
    assert list(table.clean["vendor"]) == ["B"]
    found = table.quarantine[["line", "column", "reason"]]
    assert found.to_numpy().tolist() == [[2, "founded", "lies in the future"]]
