"""Guessing from the name whether a supplier sells technology, with the shipped weights."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from techalign.client import load_reference
from techalign.errors import ModelError
from techalign.spending import EXPENSE_CATEGORIES, classify_expense
from techalign.spending.expense import name_tokens

WORDS = load_reference().expense_words


def guess(*vendors: str, **columns: list[str]) -> pd.DataFrame:
    rows = pd.DataFrame({"vendor": list(vendors), "amount": 100.0} | columns)
    return classify_expense(rows, WORDS).frame.set_index("vendor")


@pytest.mark.parametrize(
    "vendor",
    ["Hartley Telecom", "Oakfield Computers Ltd", "Marlow Software", "Vodafone", "Civica UK Ltd"],
)
def test_names_that_speak_of_technology(vendor: str) -> None:
    assert guess(vendor).loc[vendor, "verdict"] != "other"


@pytest.mark.parametrize(
    "vendor", ["Hartley Plumbing", "Oakfield Nursing Home", "Marlow Taxis", "Smith & Co Solicitors"]
)
def test_names_that_do_not(vendor: str) -> None:
    assert guess(vendor).loc[vendor, "verdict"] == "other"


def test_the_sum_over_tokens_by_hand() -> None:
    weights = WORDS.set_index("token")["technology"]
    score = sum(
        value * weights.get(token, 0.0) for token, value in name_tokens("hartley telecom").items()
    )
    z = weights["(intercept)"] + weights["(slope)"] * score
    expected = 1.0 / (1.0 + math.exp(-z))
    assert guess("Hartley Telecom").loc["Hartley Telecom", "probability"] == pytest.approx(expected)


def test_an_account_raises_the_probability_and_the_category_follows_the_name() -> None:
    plain = guess("Hartley").loc["Hartley", "probability"]
    told = guess("Hartley", account=["computer software licence"]).loc["Hartley", "probability"]
    assert told > plain
    assert guess("Oakfield Telecom").loc["Oakfield Telecom", "category"] == EXPENSE_CATEGORIES[0]


def test_credits_redacted_names_and_nothing_at_all() -> None:
    assert guess().empty
    assert guess("Redacted").empty
    rows = pd.DataFrame({"vendor": ["Hartley Telecom"] * 2, "amount": [100.0, -40.0]})
    found = classify_expense(rows, WORDS)
    assert found.frame["amount"].tolist() == [60.0]
    assert len(found.review()) == 1
    assert 0 < found.expected < 60.0


def test_errors() -> None:
    rows = pd.DataFrame({"vendor": ["A"], "amount": [1.0]})
    with pytest.raises(ModelError, match="doubtful"):
        classify_expense(rows, WORDS, sure=0.2, doubtful=0.4)
    with pytest.raises(ModelError, match="amount"):
        classify_expense(rows[["vendor"]], WORDS)
    with pytest.raises(ModelError, match="intercept"):
        classify_expense(rows, WORDS.iloc[5:])


def test_memos_are_not_read() -> None:
    plain = guess("Hartley").loc["Hartley", "probability"]
    assert (
        guess("Hartley", memo=["computer software licence"]).loc["Hartley"]["probability"] == plain
    )
