"""The question which suppliers to name: exactly the money of the named ones leaves the range."""

import pandas as pd
import pytest

from techalign.spending import PurposeSplit, suppliers_to_name
from techalign.spending.spelling import REDACTED


def _split(amounts: dict[str, float], known: float = 1000.0, more: float = 0.0) -> PurposeSplit:
    rows = [(name, amount, "unknown") for name, amount in amounts.items()]
    return PurposeSplit(
        matrix=pd.DataFrame(), technology=known,
        technology_at_most=known + sum(amounts.values()) + more,
        assignment=pd.DataFrame(rows, columns=["vendor", "amount", "technology"]),
        share_unclassified=0.5, share_by_source=pd.Series(dtype=float),
    )  # fmt: skip


def test_the_largest_ten_are_named_and_what_is_left_is_said() -> None:
    amounts = {f"V{n:02d}": 100.0 * n for n in range(1, 21)}
    (asked,) = suppliers_to_name(_split(amounts), currency="USD")
    assert asked.what == "Say what 10 suppliers sell"
    left = sum(100.0 * n for n in range(1, 11)) / sum(amounts.values())
    assert "V20, V19, V18 and 7 more" in asked.because
    assert f"{left:.0%} of the range is left" in asked.because


@pytest.mark.parametrize(
    "split", [_split({}), _split({REDACTED: 900.0}), _split({"Oak": 5.0}, more=500.0)]
)
def test_nothing_is_asked_where_an_answer_would_change_little(split: PurposeSplit) -> None:
    assert suppliers_to_name(split) == []


def test_one_supplier() -> None:
    (asked,) = suppliers_to_name(_split({"Oak": 50.0}))
    assert asked.what == "Say what Oak sells"
    assert "once Oak is told apart" in asked.because
