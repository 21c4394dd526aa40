import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.vendors import reference_survival

TOTAL = {
    1: 0.787,
    2: 0.679,
    3: 0.602,
    4: 0.541,
    5: 0.492,
    7: 0.416,
    10: 0.338,
    15: 0.255,
    20: 0.205,
}
RANGE = {1: (0.752, 0.809), 5: (0.454, 0.520), 10: (0.324, 0.353)}
SECTORS = {
    "information": (0.420, 0.256),
    "manufacturing": (0.532, 0.370),
    "health": (0.557, 0.395),
    "agriculture": (0.621, 0.455),
}


def facts():
    rows = [("all", age, s, *RANGE.get(age, (np.nan, np.nan)), "BLS") for age, s in TOTAL.items()]
    for sector, both in SECTORS.items():
        rows += [
            (sector, age, s, np.nan, np.nan, "BLS") for age, s in zip((5, 10), both, strict=True)
        ]
    return pd.DataFrame(rows, columns=["sector", "age", "survival", "low", "high", "source"])


@pytest.mark.parametrize("sector", SECTORS)
def test_sector_points_are_met_exactly(sector):
    curve = reference_survival(facts(), sector).curve
    assert np.allclose(curve.survival([5, 10]), SECTORS[sector], atol=1e-9)


def test_total_is_met_within_a_point():
    found = reference_survival(facts())
    assert np.allclose(found.curve.survival(list(TOTAL)), list(TOTAL.values()), atol=0.004)
    assert (found.sector, found.source, found.note) == ("all", "BLS", "")


def test_bands_follow_the_range_over_cohorts():
    found = reference_survival(facts())
    for age, (low, high) in RANGE.items():
        assert found.low.survival(age) == pytest.approx(low, abs=0.03)
        assert found.high.survival(age) == pytest.approx(high, abs=0.03)
    chance = found.pd(3.0, 1.0)
    assert chance.low < chance.point < chance.high
    # the published survival at 3 and 4 years says as much
    assert chance.point == pytest.approx(1 - 0.541 / 0.602, abs=0.005)


def test_unknown_sector_is_all_and_says_so():
    found = reference_survival(facts(), "astrology")
    assert found.sector == "all"
    assert "astrology" in found.note
    assert found.curve == reference_survival(facts()).curve


def test_too_straight_a_sector_moves_the_whole_hazard():
    extra = facts().iloc[:2].assign(sector="odd", age=[5, 10], survival=[0.9, 0.5])
    found = reference_survival(pd.concat([facts(), extra]), "odd")
    total = reference_survival(facts())
    ratio = found.curve.cumulative_hazard([1, 5, 20]) / total.curve.cumulative_hazard([1, 5, 20])
    assert np.allclose(ratio, ratio[0])


def test_incomplete_facts_are_refused():
    with pytest.raises(ModelError, match="source"):
        reference_survival(facts().drop(columns="source"))
    with pytest.raises(ModelError, match="at least three"):
        reference_survival(facts().query("sector != 'all'"), "health")
    with pytest.raises(ModelError, match="ages 5 and 10"):
        reference_survival(facts().query("sector != 'health' or age == 5"), "health")
    with pytest.raises(ModelError, match="range over cohorts"):
        reference_survival(facts().assign(low=np.nan))
    falling = facts()
    falling.loc[falling["sector"] == "health", "survival"] = [0.3, 0.5]
    with pytest.raises(ModelError, match="do not fall"):
        reference_survival(falling, "health")


def test_size_is_not_told_apart_and_that_is_said():
    found = reference_survival(facts(), "information", size=12)
    assert found.curve == reference_survival(facts(), "information").curve
    assert "all sizes together" in found.note
    both = reference_survival(facts(), "astrology", size=12).note
    assert "astrology" in both
    assert "all sizes together" in both
    with pytest.raises(ModelError, match="size"):
        reference_survival(facts(), size=-1)
