from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.partners import (
    PartnerAssumptions,
    event_effects,
    panel_of,
    reciprocity,
    trust_score,
)

REFERENCE = load_reference(Path(__file__).resolve().parents[2] / "datasets" / "reference")
KNOWN = PartnerAssumptions.from_table(REFERENCE.assumptions)
ANSWERS = ("trust_competence", "trust_integrity", "trust_consistency", "trust_openness")


def test_trust_without_an_answer_is_not_a_number() -> None:
    partners = pd.DataFrame({"partner": ["a", "b"], **{name: [np.nan, 2.0] for name in ANSWERS}})
    found = trust_score(partners)
    assert np.isnan(found["trust"][0])
    assert found["weakest"].tolist() == ["", "competence"]
    assert found["answers"].tolist() == [0, 4]


def test_reciprocity_puts_the_most_one_sided_first() -> None:
    partners = pd.DataFrame({"partner": ["a", "b"], "given": [0.0, 9.0], "received": [5.0, 3.0]})
    found = reciprocity(partners)
    assert found["partner"].tolist() == ["b", "a"]
    assert np.isnan(found["back"][1])


def test_change_is_measured_where_both_sides_are_long_enough() -> None:
    sales = np.full((2, 24), 100.0)
    sales[0, 12:] = 40.0
    panel = panel_of(sales, np.zeros(2, dtype=int), first_month=2024 * 12)
    events = pd.DataFrame(
        {
            "partner": ["partner 0", "partner 1", "partner 1"],
            "date": pd.to_datetime(["2025-01-15", "2025-12-10", "2025-06-01"]),
            "kind": ["people changed", "resources withdrawn", "policy"],
            "note": "",
        }
    )
    found = event_effects(panel, events, dt.date(2025, 12, 31), KNOWN)
    assert found["partner"].tolist() == ["partner 1", "partner 1", "partner 0"]
    assert found["change"].tolist() == pytest.approx([np.nan, 0.0, -0.6], nan_ok=True)
    gone = (dt.date(2025, 12, 31) - dt.date(2025, 1, 15)).days / 30.44
    assert found["assumed"][2] == pytest.approx(np.expm1(-0.35 * np.exp(-gone / 6)))
    assert np.isnan(found["assumed"][1])
    assert (found["assumed_low"].dropna() <= found["assumed_high"].dropna()).all()
    assert event_effects(panel, events.iloc[:0], dt.date(2025, 12, 31), KNOWN).empty
