from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import get_args

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.intake.rows.partners import PartnerRow, PartnerTrustRow
from techalign.numbers.intervals import Interval
from techalign.partners import (
    PartnerAssumptions,
    changes_to_avoid,
    event_effects,
    panel_of,
    reciprocity,
    trust_evidence,
    trust_score,
)
from techalign.partners.trust import PRINCIPLES

REFERENCE = load_reference(Path(__file__).resolve().parents[2] / "datasets" / "reference")
KNOWN = PartnerAssumptions.from_table(REFERENCE.assumptions)
ANSWERS = ("trust_competence", "trust_integrity", "trust_consistency", "trust_openness")


def answers_of(*rows: tuple[str, str, float, str]) -> pd.DataFrame:
    made = pd.DataFrame(rows, columns=["partner", "principle", "score", "evidence"])
    return made.assign(date=pd.NaT)


def test_what_nobody_has_answered_counts_neither_way() -> None:
    partners = pd.DataFrame({"partner": ["a", "b"], **{name: [np.nan, 2.0] for name in ANSWERS}})
    found = trust_score(trust_evidence(partners, answers_of()))
    assert found["partner"].tolist() == ["b"]
    assert found["weakest"].tolist() == ["competence"]
    assert found["answers"].tolist() == [4]
    asked = answers_of(("b", "empathy", np.nan, "asked twice"), ("a", "empathy", np.nan, ""))
    pd.testing.assert_frame_equal(found, trust_score(trust_evidence(partners, asked)))


def test_every_principle_is_averaged_and_a_dated_answer_stands_for_the_old_one() -> None:
    partners = pd.DataFrame({"partner": ["a", "b"], **{name: [np.nan, 2.0] for name in ANSWERS}})
    each = [("a", principle, 1.0 + place % 5, "seen") for place, principle in enumerate(PRINCIPLES)]
    given = answers_of(*each, ("b", "openness", 5.0, ""), ("nobody", "empathy", 1.0, "seen"))
    listed = trust_evidence(partners, given)
    assert len(listed) == 13 + 4
    found = trust_score(listed).set_index("partner")
    assert found.loc["a", "trust"] == pytest.approx(np.mean([1.0 + i % 5 for i in range(13)]))
    assert found.loc["b", "trust"] == pytest.approx((2.0 * 3 + 5.0) / 4)
    assert found["backed"].tolist() == [13, 0]
    assert found.loc["a", "weakest"] == "competence"


def test_the_table_takes_the_thirteen_principles_and_no_other() -> None:
    allowed = get_args(PartnerTrustRow.model_fields["principle"].annotation)
    assert allowed == PRINCIPLES


def test_reciprocity_puts_the_most_one_sided_first() -> None:
    partners = pd.DataFrame({"partner": ["a", "b"], "given": [0.0, 9.0], "received": [5.0, 3.0]})
    found = reciprocity(partners)
    assert found["partner"].tolist() == ["b", "a"]
    assert np.isnan(found["back"][1])


def test_what_nobody_has_told_of_give_and_take_is_not_zero() -> None:
    row = PartnerRow.model_validate(
        {"partner": "a", "kind": "reseller", "segment": "volume", "signed": "2025-01-05",
         "margin": 0.3}
    )  # fmt: skip
    assert (row.given, row.received) == (None, None)
    partners = pd.DataFrame({"partner": ["a", "b"], "given": [np.nan, 9.0], "received": [5.0, 3.0]})
    found = reciprocity(partners)
    assert found["partner"].tolist() == ["b", "a"]
    assert np.isnan(found["net"][1])


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


def test_changes_to_avoid_agree_with_a_sum_month_by_month() -> None:
    effects = {
        "people_changed_effect": (-0.3, -0.9, 0.0),
        "cynical_talk_effect": (-0.2, -0.4, -0.1),
        "resources_withdrawn_effect": (-0.5, -1.0, 0.0),
        "responsibility_moved_effect": (-0.1, -0.2, 0.0),
    }
    rows = {key: Interval(*ends) for key, ends in effects.items()}
    rows["partner_event_recovery_months"] = Interval(5.0, 3.0, 12.0)
    expected = np.array([[10.0, 20.0, 30.0], [100.0, 0.0, 50.0], [0.0, 0.0, 0.0]])
    found = changes_to_avoid(expected, PartnerAssumptions(rows=rows)).set_index("kind")
    assert found.index.tolist()[0] == "resources withdrawn"
    for kind, key in (("people changed", "people_changed_effect"),
                      ("cynical talk", "cynical_talk_effect")):  # fmt: skip
        for size, column in zip(effects[key], ("", "_high", "_low"), strict=True):
            lost = [0.0, 0.0, 0.0]
            for partner in range(3):
                for month in range(3):
                    kept = np.exp(size * np.exp(-(month + 0.5) / 5.0))
                    lost[partner] += expected[partner, month] * (1.0 - kept)
            assert found.loc[kind, f"largest{column}"] == pytest.approx(lost[1])
            assert found.loc[kind, f"every{column}"] == pytest.approx(sum(lost))
    assert changes_to_avoid(np.zeros((2, 3)), PartnerAssumptions(rows=rows)).empty
