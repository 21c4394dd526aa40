"""Tables the tests of this folder share."""

import numpy as np
import pandas as pd
import pytest

COLUMNS = {
    "vendor": "Harbor Payroll",
    "relation": "indirect",
    "role": "payroll service",
    "founded": 2009.0,
    "size": 120.0,
    "sector": "professional",
    "owner_kind": "private",
    "criticality": 4,
    "revenue_share_depending": 0.1,
    "records_held": 300.0,
    "record_value": 4.0,
    "switching_cost": 1500.0,
    "retooling_cost": 100.0,
    "prepaid": 200.0,
    "weeks_out": 2.0,
    "margin_per_week": 900.0,
    "hubs": "",
    "export_tested": False,
    "escrow": False,
    "second_source": False,
}


@pytest.fixture
def vendors():
    return vendor_table


def vendor_table(*rows):
    """The vendors table from what differs from ``COLUMNS``; the index is the line in the file."""
    frame = pd.DataFrame([COLUMNS | row for row in rows], columns=list(COLUMNS))
    frame.index = pd.RangeIndex(2, 2 + len(frame))
    if frame.empty:
        frame = frame.astype({name: type(value) for name, value in COLUMNS.items()})
    return frame


@pytest.fixture
def facts():
    total = {1: 0.787, 2: 0.679, 3: 0.602, 4: 0.541, 5: 0.492, 7: 0.416, 10: 0.338, 15: 0.255}
    ranges = {1: (0.752, 0.809), 5: (0.454, 0.520), 10: (0.324, 0.353)}
    rows = [("all", age, s, *ranges.get(age, (np.nan, np.nan)), "BLS") for age, s in total.items()]
    for sector, five, ten in (("information", 0.42, 0.256), ("professional", 0.473, 0.309)):
        rows += [(sector, 5, five, np.nan, np.nan, "BLS"), (sector, 10, ten, np.nan, np.nan, "BLS")]
    return pd.DataFrame(rows, columns=["sector", "age", "survival", "low", "high", "source"])


@pytest.fixture
def rates():
    return pd.DataFrame(
        [("closure", 0.043, "young technology vendors", "directory")],
        columns=["event", "rate", "population", "source"],
    )
