"""From published establishments to the company: recent deaths of firms, size, and being bought."""

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.errors import ModelError
from techalign.vendors import (
    VendorAssumptions,
    assess_vendors,
    company_against_establishment,
    company_survival,
    look_back,
    reference_survival,
    size_effect,
)

FACTS = load_reference()
NOW = dt.date(2026, 7, 1)


def effect():
    return size_effect(FACTS.firm_exit_by_size, FACTS.firm_size_by_age, FACTS.vendor_rates)


def companies():
    return company_survival(FACTS.establishment_survival, FACTS.firm_death_rates)


def assessed(vendors, **given):
    return assess_vendors(vendors, companies(), NOW, assumptions=VendorAssumptions(**given))


def test_a_car_maker_of_48000_is_not_given_the_chance_of_a_small_firm(vendors):
    maker = {"vendor": "Maker", "founded": 1951.0, "sector": "manufacturing"}
    table = assessed(
        vendors(maker | {"size": 48_000.0}, maker | {"vendor": "Shop", "size": 4.0}),
        sizes=effect(),
    ).table.set_index("vendor")
    # it was 2.3 % a year, whatever its size
    assert table.loc["Maker", "pd_1"] < 0.003
    assert table.loc["Maker", "pd_1_low"] < table.loc["Maker", "pd_1"]
    assert table.loc["Maker", "pd_1_high"] > 2 * table.loc["Maker", "pd_1"]
    assert table.loc["Shop", "pd_1"] > 0.02


def test_death_rates_of_companies_are_those_published():
    """The naive way: the share that dies between two ages, from the curve, against the census."""
    curve = reference_survival(companies()).curve
    for row in FACTS.firm_death_rates.itertuples():
        if row.age_low > 25:
            continue
        ages = np.arange(row.age_low, row.age_high + 1) - 0.5
        dying = 1 - curve.survival(ages + 1) / curve.survival(ages)
        assert dying.mean() == pytest.approx(row.rate, abs=0.02 if row.age_low == 1 else 0.004)


def test_companies_die_more_often_than_establishments_of_their_age():
    places, firms = (
        reference_survival(t).curve for t in (FACTS.establishment_survival, companies())
    )
    assert (firms.pd([5.0, 10.0, 20.0, 30.0], 1.0) > places.pd([5.0, 10.0, 20.0, 30.0], 1.0)).all()


def test_every_sector_keeps_its_place():
    moved = companies()
    for name in ("information", "health"):
        of = [reference_survival(t, name).curve for t in (FACTS.establishment_survival, moved)]
        assert of[1].survival(10.0) < of[0].survival(10.0)
    assert reference_survival(moved, "information").curve.survival(10.0) < reference_survival(
        moved, "health"
    ).curve.survival(10.0)


def test_death_rates_with_a_gap_are_refused():
    with pytest.raises(ModelError, match="every age"):
        company_survival(FACTS.establishment_survival, FACTS.firm_death_rates.drop(index=3))


def test_size_effect_meets_what_was_published():
    """Attrition in six years from the fit, class by class, within a point and a half."""
    found, table = effect(), FACTS.firm_exit_by_size
    people = np.sqrt(table["size_low"] * table["size_high"]).to_numpy(float)
    merging = found.bought(people, np.full(people.size, 10.0))[1]
    rate = -np.log1p(-table["attrition"].to_numpy(float)) / 6
    closing = rate - merging
    # what is left falls as the power says
    slope = np.polyfit(np.log(people[:4]), np.log(closing[:4]), 1)[0]
    assert -slope == pytest.approx(found.exponent.point, abs=0.06)
    fitted = closing[0] * (people / people[0]) ** -found.exponent.point + merging
    assert np.abs((1 - np.exp(-6 * fitted)) - table["attrition"]).max() < 0.02


def test_the_exponent_agrees_with_a_directory_it_was_not_fitted_to():
    found = effect().exponent
    assert found.low <= 0.5 <= found.high
    assert found.low < found.point < found.high


def test_the_usual_company_closes_as_often_as_published_for_all():
    """A lognormal crowd with the published mean sizes: its mean factor is 1."""
    found, rng = effect(), np.random.default_rng(5)
    age = np.array([12.0])
    living, ended = (float(np.interp(age, found.ages, a)[0]) for a in (found.living, found.ended))
    k = found.exponent.point
    spread = -np.log(ended / living) / k
    size = np.exp(rng.normal(np.log(living) - spread / 2, np.sqrt(spread), 400_000))
    factor = (size / found.usual(age)) ** -k
    assert factor.mean() == pytest.approx(1.0, abs=0.01)
    assert (factor * size).sum() / factor.sum() == pytest.approx(ended, rel=0.02)


def test_an_unknown_size_is_the_average_and_says_so(vendors):
    rows = vendors({"size": np.nan}, {"vendor": "B", "size": 30.0})
    plain, sized = assessed(rows).table, assessed(rows, sizes=effect()).table
    assert sized["pd_1"].iloc[0] == pytest.approx(plain["pd_1"].iloc[0])
    assert sized["pd_1"].iloc[1] < plain["pd_1"].iloc[1]
    assert sized["flag"].tolist() == ["Size missing: taken as the average of all.", ""]


def test_young_technology_vendors_have_an_effect_of_their_own(vendors):
    young = {"sector": "information", "owner_kind": "venture", "founded": 2022.0}
    rows = vendors(young | {"size": 7.0}, young | {"vendor": "B", "size": 70.0})
    table = assessed(rows, rates=FACTS.vendor_rates).table
    assert table["pd_1"].iloc[0] == pytest.approx(-np.expm1(-0.043))
    hazard = -np.log1p(-table["pd_1"])
    assert hazard.iloc[1] / hazard.iloc[0] == pytest.approx(10**-0.5)


def test_being_bought_is_a_chance_of_its_own(vendors):
    young = {"sector": "information", "owner_kind": "venture", "founded": 2022.0, "size": 13.0}
    rows = vendors({}, young | {"vendor": "B"})
    found = assessed(rows, sizes=effect(), rates=FACTS.vendor_rates)
    alone = assessed(rows, sizes=effect(), rates=FACTS.vendor_rates.iloc[:1])
    bought = found.table["bought_1"]
    assert bought.iloc[1] == pytest.approx(-np.expm1(-0.028))
    assert 0.02 < bought.iloc[0] < 0.04
    assert (found.table["bought_1_low"] <= bought).all()
    assert (found.table["bought_3"] > bought).all()
    assert found.table["pd_1"].tolist() == alone.table["pd_1"].tolist()
    assert "bought_1" not in assessed(rows).table.columns


def test_what_is_assumed_of_size_is_listed_with_its_source(vendors):
    told = assessed(vendors({}), sizes=effect()).assumptions.set_index("assumption")
    row = told.loc["closing at twice the size"]
    assert row["kind"] == "published statistic"
    assert "Statistics Canada" in row["source"]
    assert row["low"] <= row["value"] <= row["high"]


def test_looking_back_uses_the_size_too(vendors):
    rows = vendors({"founded": 2000.0}, {"vendor": "Went", "size": 5.0}).assign(
        ceased=pd.to_datetime([None, "2025-03-01"])
    )
    plain, sized = (
        look_back(rows, companies(), NOW, assumptions=VendorAssumptions(sizes=s)).table
        for s in (None, effect())
    )
    assert sized.set_index("vendor").loc["Harbor Payroll", "pd"] < (
        plain.set_index("vendor").loc["Harbor Payroll", "pd"] / 2
    )


def test_too_few_classes_of_size_are_refused():
    with pytest.raises(ModelError, match="five classes"):
        size_effect(FACTS.firm_exit_by_size.head(4), FACTS.firm_size_by_age)


def test_assumptions_come_from_the_table_with_their_sources(vendors):
    table = FACTS.assumptions
    row = table["key"] == "vendor_oldest_age"
    other = table.assign(value=table["value"].where(~row, 10.0))
    rows = vendors({"founded": np.nan})
    found, young = (
        assess_vendors(rows, companies(), NOW, assumptions=VendorAssumptions.from_table(t))
        for t in (table, other)
    )
    # none but firms up to ten years: they cease more often
    assert young.table["pd_1"].iloc[0] > found.table["pd_1"].iloc[0]
    assert "up to 10 years" in young.table["flag"].iloc[0]
    told = found.assumptions.set_index("assumption")
    assert not told["source"].str.contains("given by the caller").any()
    with pytest.raises(ModelError, match="vendor_oldest_age"):
        VendorAssumptions.from_table(table[~row])


def test_the_difference_between_company_and_establishment_is_a_parameter_with_its_source(vendors):
    ratio = company_against_establishment(FACTS.establishment_survival, FACTS.firm_death_rates)
    assert 1.0 < ratio.point < 1.3
    assert ratio.low < ratio.point < ratio.high
    told = assessed(vendors({}), company=ratio).assumptions.set_index("assumption")
    row = told.loc["companies against establishments"]
    assert (row["value"], row["kind"]) == (round(ratio.point, 2), "published statistic")
    assert "BLS" in row["source"]
