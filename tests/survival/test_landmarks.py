import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.survival import landmarks

CAUSES = {"gone": "closed", "sold": "acquired"}
DAYS = pd.to_datetime(["2020-01-01", "2021-01-01", "2022-01-01", "2022-03-01"])


def panel():
    """Four vendors; b closes before the second snapshot, c is sold, d vanishes after it."""
    seen = {
        "a": ["on", "on", "on", "on"],
        "b": ["on", "gone", "gone", "gone"],
        "c": ["on", "on", "sold", "sold"],
        "d": ["on", "on", None, None],
    }
    rows = [
        (vendor, day, 3.0 + (day - DAYS[0]).days / 365.25, status)
        for vendor, states in seen.items()
        for day, status in zip(DAYS, states, strict=True)
        if status
    ]
    return pd.DataFrame(rows, columns=["vendor", "date", "age", "status"])


def followed(horizon, **options):
    return landmarks(panel(), horizon, causes=CAUSES, active="on", **options)


def test_each_snapshot_is_followed_for_the_horizon():
    found = followed(2.0)
    assert found.spans["landmark"].tolist() == [DAYS[0], DAYS[1]]  # the third is too short
    assert found.spans["until"].tolist() == [DAYS[2], DAYS[3]]
    first = found.table[found.table["date"] == DAYS[0]].set_index("vendor")
    assert first["cause"].to_dict() == {"a": "", "b": "closed", "c": "acquired", "d": ""}
    assert first["entry"].tolist() == [3.0] * 4
    # known alive until, and first known to be over
    assert first["stop"].round(2).to_dict() == {"a": 5.0, "b": 3.0, "c": 4.0, "d": 4.0}
    assert first["upper"].round(2).dropna().to_dict() == {"b": 4.0, "c": 5.0}
    # c is counted from both landmarks, b from one
    assert found.overlap == pytest.approx(1.5)
    lives = found.lifetimes(np.ones(len(found.table)))
    assert (lives.events, lives.covariates, lives.interval.sum()) == (3, 1, 3)


def test_nothing_later_than_known_is_used():
    found = followed(1.0, known_at="2021-06-01")
    assert set(found.table["cause"]) == {"", "closed"}
    assert found.spans["until"].max() == DAYS[1]


def test_never_seen_again_is_dropped_and_the_longest_serves_where_none_is_long_enough():
    found = followed(1.0)
    assert found.dropped == 1  # d after the second snapshot
    assert len(followed(50.0).spans) == 1
    assert followed(50.0).spans["years"].iloc[0] == pytest.approx(2.16, abs=0.01)


def test_refusals_name_the_argument():
    with pytest.raises(ModelError, match="horizon"):
        followed(0.0)
    with pytest.raises(ModelError, match=r"panel.status\[5\].*gone"):
        landmarks(panel(), 1.0, causes={"sold": "acquired"}, active="on")
    with pytest.raises(ModelError, match="two snapshots"):
        followed(1.0, known_at="2020-06-01")


@pytest.mark.parametrize(
    ("column", "values", "place", "words"),
    [
        ("age", lambda p: pd.to_timedelta(p["age"], "D"), 0, "length of time"),
        ("age", lambda p: p["date"], 0, "date"),
        ("age", lambda p: p["age"].where(p.index != 4), 4, "number of years"),
        ("age", lambda p: p["age"].astype(object).where(p.index != 4, pd.NA), 4, "missing"),
        ("date", lambda p: p["date"].where(p.index != 3), 3, "must be a date"),
        ("date", lambda p: p["date"].dt.year, 0, "must be a date"),
        ("date", lambda p: p["date"].astype(str), 0, "must be a date"),
        ("vendor", lambda p: p["vendor"].where(p.index != 2), 2, "missing"),
        ("status", lambda p: p["status"].where(p.index != 2), 2, "not known"),
    ],
)
def test_a_panel_is_checked_row_by_row(column, values, place, words):
    rows = panel()
    rows[column] = values(rows)
    with pytest.raises(ModelError, match=words) as caught:
        landmarks(rows, 1.0, causes=CAUSES, active="on")
    assert caught.value.argument == f"panel.{column}[{place}]"


def test_a_panel_without_a_column_and_a_horizon_in_days_are_refused():
    with pytest.raises(ModelError, match=r"lacks a column.*age"):
        landmarks(panel().drop(columns="age"), 1.0, causes=CAUSES, active="on")
    with pytest.raises(ModelError, match="horizon: is a length of time"):
        followed(pd.Timedelta(days=365))
