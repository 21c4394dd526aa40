import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.vendors import early_warnings, event_hazards

DAY = dt.date(2026, 7, 1)
HAZARDS = {"ownership": Interval(1.5, 0.9, 3.0), "personnel": Interval(1.3, 0.9, 2.0)}
LIFE = Interval(1.0, 0.5, 2.0)


def events(*rows):
    frame = pd.DataFrame(rows, columns=["vendor", "date", "kind", "note"])
    frame["date"] = pd.to_datetime(frame["date"])
    frame.index = pd.RangeIndex(2, 2 + len(frame))
    return frame


def test_effects_fade_by_the_half_life():
    table = events(
        ("Cobalt", "2025-07-01", "ownership", "sold"),
        ("Cobalt", "2026-07-01", "personnel", "left"),
        ("Harbor", "2026-08-01", "ownership", "not yet"),
    )  # fmt: skip
    found = early_warnings(table, DAY, hazards=HAZARDS, half_life=LIFE)
    assert found.table["note"].tolist() == ["left", "sold"]
    assert found.table["factor"].tolist() == pytest.approx([1.3, 1.5**0.5], rel=1e-3)
    assert found.table["factor_low"].iloc[1] == pytest.approx(0.9**0.25, rel=1e-3)
    assert found.note == "Left out as not known yet on 2026-07-01: 1."
    assert list(found.table.index) == [3, 2]


def test_mean_factor_over_the_horizon():
    table = events(
        ("Cobalt", "2026-07-01", "ownership", ""), ("cobalt", "2026-07-01", "personnel", "")
    )
    found = early_warnings(table, DAY, hazards=HAZARDS, half_life=LIFE)
    factor = found.factors(["Cobalt", "Harbor"], 2.0)
    s = np.linspace(0, 2, 20_001)
    assert factor["point"][0] == pytest.approx(np.exp(np.log(1.95) * 2.0**-s).mean(), rel=1e-3)
    assert factor["point"][1] == 1.0
    assert factor["low"][0] < factor["point"][0] < factor["high"][0]


def test_assumptions_from_a_table():
    table = pd.DataFrame(
        [("ownership_change_hazard", 1.5, 0.9, 3.0), ("event_half_life", 1.0, 0.5, 2.0),
         ("discount_rate", 0.1, 0.06, 0.18)], columns=["key", "value", "low", "high"],
    )  # fmt: skip
    hazards, half_life = event_hazards(table)
    assert hazards == {"ownership": Interval(1.5, 0.9, 3.0)}
    assert half_life == LIFE
    with pytest.raises(ModelError, match="event_half_life"):
        event_hazards(table.iloc[:1])


def test_no_events():
    found = early_warnings(events(), DAY, hazards=HAZARDS, half_life=LIFE)
    assert found.table.empty
    assert found.factors(["Cobalt"], 1.0)["high"].tolist() == [1.0]


def test_refusals():
    row = ("Cobalt", "2026-01-01", "ownership", "")
    with pytest.raises(ModelError, match=r"events.kind\[3\].*weather"):
        early_warnings(
            events(row, ("A", "2026-01-01", "weather", "")), DAY, hazards=HAZARDS, half_life=LIFE
        )
    with pytest.raises(ModelError, match=r"events.date\[2\]"):
        early_warnings(events(("A", None, "ownership", "")), DAY, hazards=HAZARDS, half_life=LIFE)
    with pytest.raises(ModelError, match="half_life"):
        early_warnings(events(row), DAY, hazards=HAZARDS, half_life=Interval(0.0, 0.0, 1.0))
