"""A practice's own life table: counted a company at a time, drawn towards the published curve."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.vendors import moved_survival, practice_experience, reference_survival

AS_OF = dt.date(2026, 6, 30)


def _companies(n: int, *, scale: float, seed: int = 5) -> pd.DataFrame:
    """Companies with exponential lives of mean ``scale`` years seen from the day they entered."""
    draw = np.random.default_rng(seed)
    founded = draw.integers(1990, 2015, n).astype(float)
    since = pd.to_datetime("2016-01-01") + pd.to_timedelta(draw.integers(0, 3650, n), unit="D")
    left = pd.to_timedelta(np.minimum(draw.exponential(scale, n), 99) * 365.25, unit="D")
    bought = pd.to_timedelta(np.minimum(draw.exponential(30.0, n), 99) * 365.25, unit="D")
    end = since + np.minimum(left, bought)
    gone = end <= pd.Timestamp(AS_OF)
    closed = pd.Series(end).where(gone & (left <= bought))
    acquired = pd.Series(end).where(gone & (left > bought))
    return pd.DataFrame(
        {"founded": founded, "since": since, "ceased": closed, "acquired": acquired}
    )


def test_counts_and_years_are_those_of_one_company_at_a_time(facts: pd.DataFrame) -> None:
    companies = _companies(60, scale=12.0)
    companies.loc[[3, 7], "founded"] = np.nan
    companies.loc[11, "since"] = pd.NaT
    found = practice_experience(companies, facts, AS_OF)
    years, closed, acquired, counted = 0.0, 0, 0, 0
    for row in companies.itertuples():
        if np.isnan(row.founded) or pd.isna(row.since):
            continue
        end = min(d for d in (row.ceased, row.acquired, pd.Timestamp(AS_OF)) if not pd.isna(d))
        counted += 1
        years += (end - row.since).days / 365.25
        closed += row.ceased == end
        acquired += row.acquired == end
    assert (found.companies, found.left_out) == (counted, 3)
    assert (found.closed, found.acquired) == (closed, acquired)
    assert found.years == pytest.approx(years, abs=counted / 365.25)


def test_the_own_curve_is_the_product_over_closings_of_those_under_observation(
    facts: pd.DataFrame,
) -> None:
    companies = _companies(80, scale=10.0, seed=9)
    found = practice_experience(companies, facts, AS_OF)
    born = pd.to_datetime((companies["founded"]).astype(int).astype(str) + "-07-02")
    end = companies[["ceased", "acquired"]].min(axis=1).fillna(pd.Timestamp(AS_OF))
    entry, stop = ((day - born).dt.days / 365.25 for day in (companies["since"], end))
    alive = 1.0
    for age in sorted(stop[companies["ceased"].notna()]):
        if age <= 20.0:
            at_risk = int(((entry < age) & (stop >= age - 1e-9)).sum())
            alive *= 1.0 - 1.0 / at_risk
    row = found.curve.set_index("age").loc[20.0]
    assert row["own"] == pytest.approx(alive, abs=0.02)
    assert row["own_low"] <= row["own"] <= row["own_high"]


def test_much_data_outweighs_the_published_curve_and_none_leaves_it(facts: pd.DataFrame) -> None:
    published = reference_survival(facts, "all").curve
    few = practice_experience(_companies(2, scale=1000.0), facts, AS_OF)
    many = practice_experience(_companies(4000, scale=4.0), facts, AS_OF)
    assert few.weight < 0.1 < 0.5 < many.weight <= 1.0
    for age, ratio in few.hazard_ratio.items():
        hazards = [float(c.cumulative_hazard(age)) for c in (few.fit.curve, published)]
        assert ratio == pytest.approx(hazards[0] / hazards[1])
        assert 0.7 < ratio < 1.1
    # lives of 4 years on average: the chance of a year at 12 is about 1 - exp(-1/4)
    assert float(many.fit.curve.pd(12.0, 1.0)) == pytest.approx(1 - np.exp(-0.25), abs=0.04)


def test_being_bought_first_takes_the_chance_of_closing(facts: pd.DataFrame) -> None:
    found = practice_experience(_companies(300, scale=8.0), facts, AS_OF)
    assert found.acquired > 10
    assert found.incidence.causes == ("acquired", "closed")
    total = found.incidence.incidence.sum(axis=0) + found.incidence.survival
    assert total == pytest.approx(1.0)
    assert found.curve["bought"].is_monotonic_increasing


def test_moving_multiplies_cumulative_hazards_and_keeps_the_rest(facts: pd.DataFrame) -> None:
    moved = moved_survival(facts, {1.0: 0.5, 5.0: 2.0}, "ours")
    for old, new in zip(facts.itertuples(), moved.itertuples(), strict=True):
        ratio = np.interp(old.age, [1.0, 5.0], [0.5, 2.0])
        assert np.log(new.survival) == pytest.approx(ratio * np.log(old.survival))
        assert np.isnan(new.low) == np.isnan(old.low)
        assert new.source == "BLS; ours"
    assert moved_survival(facts, {}) is facts


def test_nothing_to_count_is_refused(facts: pd.DataFrame) -> None:
    with pytest.raises(ModelError, match="hold none with a founding year and a day of entry"):
        practice_experience(_companies(3, scale=9.0).assign(since=pd.NaT), facts, AS_OF)


def test_sectors_that_close_differently_are_told_apart(facts: pd.DataFrame) -> None:
    short, long = _companies(150, scale=4.0), _companies(150, scale=60.0, seed=6)
    both = pd.concat([short.assign(sector="retail"), long.assign(sector="health")])
    found = practice_experience(both.reset_index(drop=True), facts, AS_OF)
    assert found.sectors is not None
    assert found.sectors.p_value < 1e-6
    assert found.sector_sentence.startswith("sectors differ by more than chance")
    assert "retail" in found.sector_sentence
    # the same lives under two names do not differ
    drawn = np.where(np.arange(150) % 2, "retail", "health")
    alike = practice_experience(short.assign(sector=drawn), facts, AS_OF)
    assert alike.sector_sentence.startswith("no difference between sectors")
    assert practice_experience(short, facts, AS_OF).sector_sentence == ""
