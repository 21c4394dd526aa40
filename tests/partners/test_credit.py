from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.stats import beta

from techalign.numbers.intervals import Interval
from techalign.partners import PartnerAssumptions, credit_for_wins

KNOWN = PartnerAssumptions(rows={"credit_effect_on_sales": Interval(0.04, 0.0, 0.1, 1.0)})


def wins(*rows: tuple[str, float, bool | None, bool | None]) -> pd.DataFrame:
    frame = pd.DataFrame(list(rows), columns=["partner", "value", "named_inside", "named_outside"])
    return frame.assign(date=pd.date_range("2026-01-05", periods=len(rows), freq="D"))


def test_a_share_has_the_jeffreys_interval() -> None:
    rows = wins(*[("Alder", 10.0, i < 3, False) for i in range(8)])
    row = credit_for_wins(rows, KNOWN).table.iloc[0]
    low, high = beta(3.5, 5.5).ppf([0.1, 0.9])
    assert (row["named"], row["named_low"], row["named_high"]) == pytest.approx((3 / 8, low, high))
    assert row["last_unnamed"] == pd.Timestamp("2026-01-12")


def test_a_public_reference_is_credit_and_what_nobody_knows_is_neither() -> None:
    found = credit_for_wins(
        wins(("a", 5.0, False, True), ("a", 7.0, None, None), ("a", 9.0, False, None)), KNOWN
    ).table.iloc[0]
    assert (found["wins"], found["told"], found["unnamed"], found["value"]) == (3, 1, 0, 21.0)
    assert found["named"] == 1.0


def test_most_money_without_credit_comes_first_and_no_money_is_lost() -> None:
    rows = wins(("a", 5.0, True, False), ("b", 7.0, False, False), ("b", 2.0, True, True))
    found = credit_for_wins(rows, KNOWN).table
    assert found["partner"].tolist() == ["b", "a"]
    assert found["value"].sum() == rows["value"].sum()
    assert found["unnamed_value"].tolist() == [7.0, 0.0]


def test_gain_is_the_missing_share_of_the_assumed_effect() -> None:
    found = credit_for_wins(wins(("a", 5.0, True, None), ("a", 5.0, False, False)), KNOWN)
    gain = found.gain(np.array([1000.0, 1000.0]), np.array(["a", "nobody"]))
    assert gain == pytest.approx([0.04 * 0.5 * 1000.0, 0.0])


def test_no_wins_are_an_empty_table() -> None:
    found = credit_for_wins(wins(), KNOWN)
    assert found.table.empty
    assert np.isnan(found.named.point)
