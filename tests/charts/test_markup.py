"""A table says in each cell what the cell says alone."""

import datetime as dt
import re

import numpy as np
import pandas as pd

from techalign.html import Heading, cell_text, columns_of, escape, table_html

FRAME = pd.DataFrame(
    {
        "name": ["A & B", "x\x00y", None],
        "sum": [1234.5, np.nan, -0.25],
        "count": [1, 2, 3],
        "share": np.array([0.5, np.inf, 0.0004], dtype="float32"),
        "day": pd.to_datetime(["2026-03-05", None, "2025-12-31"]),
        "month": pd.to_datetime(["2026-03-01", None, "2025-12-01"]),
        "told": [dt.date(2026, 1, 2), None, "never"],
        "kept": [True, False, True],
    }
)
UNITS = {"sum": "USD", "share": "%", "month": "month"}


def test_a_table_writes_each_cell_as_it_is_written_alone() -> None:
    html = table_html(
        columns_of(FRAME), {n: Heading(n, UNITS.get(n, "")) for n in FRAME}, caption="C"
    )
    rows = html[html.index("<tbody>") : html.index("</tbody>")].split("<tr>")[1:]
    alone = [
        [escape(cell_text(value, UNITS.get(name, ""))) for name, value in row.items()]
        for row in FRAME.assign(sum=FRAME["sum"].round()).to_dict("records")
    ]
    assert [re.split("<t[hd][^>]*>", row)[1:] for row in rows] == alone


def test_days_and_months_are_written_in_english_whatever_the_locale() -> None:
    assert cell_text(pd.Timestamp("2026-05-09"), "") == "9 May 2026"
    assert cell_text(dt.date(2026, 12, 1), "month") == "Dec 2026"
    assert cell_text(pd.NaT, "month") == "–"
