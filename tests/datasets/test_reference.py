"""The typed-in facts have sources, agree with what was published, and fit together."""

from __future__ import annotations

import re
from itertools import pairwise
from pathlib import Path

import pandas as pd
import pytest

from techalign.client import load_reference

REFERENCE = Path(__file__).resolve().parents[2] / "datasets" / "reference"
FACTS = load_reference(REFERENCE)
TABLES = sorted(path.stem for path in REFERENCE.glob("*.csv"))


@pytest.mark.parametrize("name", TABLES)
def test_every_row_names_its_source_and_confidence(name: str) -> None:
    frame = pd.read_csv(REFERENCE / f"{name}.csv")
    assert len(frame) > 0
    assert frame["source"].str.strip().str.len().ge(5).all()
    assert set(frame["confidence"]) <= {"high", "medium", "low"}


@pytest.mark.parametrize(
    ("sector", "age", "survival"),
    [
        ("all", 1, 0.787), ("all", 5, 0.492), ("all", 10, 0.338), ("all", 20, 0.205),
        ("information", 5, 0.420), ("information", 10, 0.256), ("professional", 5, 0.473),
        ("administrative", 10, 0.311), ("wholesale", 5, 0.471), ("finance", 10, 0.358),
        ("manufacturing", 5, 0.532), ("retail", 10, 0.386), ("health", 5, 0.557),
        ("agriculture", 10, 0.455),
    ],
)  # fmt: skip
def test_survival_is_the_published_one(sector: str, age: int, survival: float) -> None:
    frame = FACTS.establishment_survival
    row = frame[(frame["sector"] == sector) & (frame["age"] == age)]
    assert row["survival"].tolist() == [survival]


def test_survival_falls_with_age_and_lies_within_its_range() -> None:
    for _, group in FACTS.establishment_survival.groupby("sector"):
        ordered = group.sort_values("age")["survival"].tolist()
        assert all(later < earlier for earlier, later in pairwise(ordered))
    ranged = FACTS.establishment_survival.dropna(subset=["low", "high"])
    assert len(ranged) == 3
    assert (ranged["low"] <= ranged["survival"]).all()
    assert (ranged["survival"] <= ranged["high"]).all()


def test_death_rates_cover_all_ages_once_and_fall() -> None:
    frame = FACTS.firm_death_rates.sort_values("age_low")
    assert frame["rate"].iloc[[0, 4, 5]].tolist() == [0.179, 0.093, 0.076]
    assert frame["rate"].iloc[-1] == 0.048
    assert frame["rate"].is_monotonic_decreasing
    ends = frame["age_high"].iloc[:-1].to_numpy()
    assert (frame["age_low"].iloc[1:].to_numpy() == ends + 1).all()


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("saas_list_inflation", 0.087),
        ("small_firms_with_old_pcs", 0.36),
        ("old_pc_repair_cost", 427),
        ("tax_life_computers", 5),
        ("tax_life_software", 3),
        ("partner_first_deal_months", 4.7),
        ("partner_never_sells_180_days", 0.47),
        ("interviewing_share_of_time", 0.25),
    ],
)
def test_published_figures_among_the_assumptions(key: str, value: float) -> None:
    assert FACTS.assumption(key).point == value


def test_assumptions_lie_within_their_range_and_have_unique_keys() -> None:
    frame = FACTS.assumptions
    assert frame["key"].is_unique
    ranged = frame.dropna(subset=["low", "high"])
    assert ((ranged["low"] <= ranged["value"]) & (ranged["value"] <= ranged["high"])).all()
    unfounded = frame["source"].str.contains("No public data")
    assert unfounded.sum() >= 10
    assert (frame.loc[unfounded, "kind"] != "published statistic").all()


def test_it_spending_benchmarks_show_their_conflict() -> None:
    frame = FACTS.it_spend_benchmarks
    assert sorted(frame["low"]) == [0.031, 0.0364, 0.069, 0.082]
    assert (frame["low"] <= frame["high"]).all()


def test_small_published_tables() -> None:
    assert FACTS.vendor_rates.set_index("event")["rate"].to_dict() == {
        "closure": 0.043,
        "acquisition": 0.028,
    }
    assert FACTS.support_life.set_index("kind").loc["device", "median_years"] == 4.1
    sold = FACTS.activation_benchmarks.sort_values("days")["share_sold"].tolist()
    assert sold == [0.17, 0.33, 0.44, 0.49, 0.53]


def test_the_catalogue_is_large_and_without_doubles() -> None:
    frame = FACTS.suppliers
    assert len(frame) >= 150
    assert frame["name"].str.casefold().is_unique
    spelled = frame["aliases"].str.split(";").explode().str.strip().str.casefold()
    spelled = spelled[spelled != ""]
    doubled = sorted(spelled[spelled.duplicated()])
    assert doubled == []


def test_categories_are_one_closed_list() -> None:
    known = FACTS.category_purpose
    assert known["category"].is_unique
    assert set(FACTS.suppliers["category"]) <= set(known["category"])
    assert set(known["purpose"]) <= {"reduce", "contain", "generate", "differentiate"}
    assert set(known["nature"]) <= {"run", "grow", "transform"}


@pytest.mark.parametrize(
    ("account", "purpose"),
    [
        ("Software subscriptions", "contain"),
        ("Payroll service fees", "reduce"),
        ("Online advertising", "generate"),
        ("Miete Werkstatt", "contain"),
        ("Training courses", "differentiate"),
    ],
)
def test_account_rules_compile_and_decide(account: str, purpose: str) -> None:
    rules = FACTS.account_rules
    hits = [
        row.purpose for row in rules.itertuples() if re.search(row.pattern, account, re.IGNORECASE)
    ]
    assert hits[0] == purpose


@pytest.mark.parametrize(
    ("account", "technology"),
    [
        ("Datorer", True), ("IT-kostnader", True), ("Programvaror", True), ("Lokalhyra", False),
        ("Annonsering", False), ("Förbrukningsinventarier", False), ("Löner", False),
        ("Logiciels", True), ("Frais de téléphone", True), ("Loyers", False),
        ("Assurances", False), ("Frais bancaires", False), ("Entretien et réparations", False),
        ("Automatiseringskosten", True), ("Huur bedrijfspand", False), ("Verzekeringen", False),
        ("Ordenadores", True), ("Alquileres", False), ("Seguros", False), ("Honorarios", False),
        ("Spese informatiche", True), ("Affitti passivi", False), ("Formazione", False),
        ("Husleie", False), ("Regnskapshonorar", False), ("EDB-udstyr", True), ("Rejser", False),
        ("Oprogramowanie", True), ("Czynsz", False), ("Vakuutukset", False),
        ("Hyreskostnader", False), ("Dataprogram", True), ("Gastos de teléfono", True),
        ("Revisjonshonorar", False),
    ],
)  # fmt: skip
def test_accounts_in_other_languages_are_known(account: str, technology: bool) -> None:
    rules = FACTS.account_rules
    hits = [r for r in rules.itertuples() if re.search(r.pattern, account, re.IGNORECASE)]
    assert hits
    assert hits[0].technology == technology


@pytest.mark.parametrize(
    "account",
    ["Resort fees", "Mobilier", "Company formation", "El Paso branch", "Elon", "Contabo",
     "Revisions", "Publicity", "Skates", "Information Assurance", "Motors", "Balon", "Salon",
     "Polka"],
)  # fmt: skip
def test_rules_for_other_languages_leave_english_words_alone(account: str) -> None:
    rules = FACTS.account_rules
    foreign = rules[rules["source"].str.endswith("in other languages")]
    assert len(foreign) > 10
    assert not [p for p in foreign["pattern"] if re.search(p, account, re.IGNORECASE)]


def test_no_account_rule_is_shadowed_by_an_empty_match() -> None:
    assert not [p for p in FACTS.account_rules["pattern"] if re.search(p, "", re.IGNORECASE)]
