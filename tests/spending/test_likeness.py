"""When two normalised names are one supplier."""

from __future__ import annotations

import pytest
from rapidfuzz import fuzz

from techalign.spending.likeness import compare_names, opens_with


@pytest.mark.parametrize(
    ("a", "b", "reason"),
    [
        ("landscape photgraphy", "landscape photography", "slip of the keys"),
        ("euromunicipal", "euro municipal", "spacing"),
        ("turner jonathan", "jonathan turner", "order of words"),
        ("gemco service", "gemco services", "slip of the keys"),
        ("northside broadba", "northside broadband", "cut short"),
        ("kingfisher upvc win", "kingfisher upvc windows and doors", "cut short"),
    ],
)
def test_differences_that_writing_causes(a: str, b: str, reason: str) -> None:
    for x, y in ((a, b), (b, a)):
        verdict = compare_names(x, y, {})
        assert verdict.same
        if reason != "slip of the keys":
            assert verdict.reason == reason


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("north systems", "north systems academy trust"),
        ("beacon construction and joinery", "beacon construction and networks"),
        ("yorkshire housing", "yorkshire purchasing"),
        ("retail 4", "retail 5"),
        ("cashmaster", "carmaster"),
        ("arco", "argo"),
        ("mr smith", "mrs smith"),
        ("216588", "216589"),
        ("west office", "east office"),
    ],
)
def test_different_suppliers_stay_apart(a: str, b: str) -> None:
    assert not compare_names(a, b, {}).same
    assert not compare_names(b, a, {}).same


def test_the_rule_this_replaces_would_merge_a_contained_name() -> None:
    a, b = "north systems", "north systems academy trust"
    assert fuzz.token_set_ratio(a, b) >= 90
    assert compare_names(a, b, {}).reason == "one name adds 'academy trust'"


def test_words_met_elsewhere_are_no_slip() -> None:
    pair = ("maria smith", "marie smith")
    assert compare_names(*pair, {"maria": 1, "marie": 3}).same
    assert not compare_names(*pair, {"maria": 2, "marie": 3}).same


def test_openings() -> None:
    harmless = frozenset({"cloud"})
    assert opens_with("microsoft 365 redmond", "microsoft 365", frozenset()).same
    assert opens_with("apple cloud 22", "apple", harmless).same
    assert not opens_with("apple tree nursery", "apple", harmless).same
    assert not opens_with("pineapple", "apple", harmless).same
