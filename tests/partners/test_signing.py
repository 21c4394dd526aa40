"""Newcomers added up as they are signed, against a count by hand, partner by partner."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techalign.errors import ModelError
from techalign.partners.routes import Newcomer
from techalign.partners.signing import sign_newcomers, signing_months


@given(st.floats(0, 5), st.integers(0, 20), st.integers(1, 18))
def test_as_many_are_signed_as_the_rate_says(rate: float, start: int, horizon: int) -> None:
    months = signing_months(rate, start, horizon)
    for month in range(start, horizon):
        owed = rate * (month - start + 1)
        assert owed - 1 < (months <= month).sum() <= owed + 1e-6
    assert ((months >= start) & (months < horizon)).all()


def test_sales_are_those_of_each_partner_since_it_signed() -> None:
    rng = np.random.default_rng(3)
    one = Newcomer(sales=rng.gamma(1.0, 100.0, (2_000, 6)), margin=0.3, entry=90.0, keep=7.0)
    found = sign_newcomers(one, 1.5, 1, np.random.default_rng(4), effort=2.0)
    assert found.months.tolist() == [1, 2, 2, 3, 4, 4, 5]
    mean = np.zeros(6)
    cost = np.zeros(6)
    for month in found.months:
        for t in range(month, 6):
            mean[t] += one.sales[:, t - month].mean()
            cost[t] += 14.0 + (180.0 if t == month else 0.0)
    # every draw of every partner is used once: means are the same to the last digit
    assert found.sales.mean(axis=0) == pytest.approx(mean)
    assert found.cost == pytest.approx(cost)
    # partners do not share their luck: the spread of two is less than twice that of one
    apart = found.sales[:, 2].std() / one.sales[:, 0].std()
    assert 1.5 < apart < 1.9  # √3, not 3


@pytest.mark.parametrize("wrong", [{"a_month": -1.0}, {"start": -1}, {"effort": -0.1}])
def test_what_cannot_be_is_refused(wrong: dict[str, float]) -> None:
    one = Newcomer(sales=np.ones((2, 3)), margin=0.3, entry=1.0, keep=1.0)
    given_: dict[str, float] = {"a_month": 1.0, "start": 0, "effort": 1.0} | wrong
    with pytest.raises(ModelError):
        sign_newcomers(
            one, given_["a_month"], int(given_["start"]), np.random.default_rng(1),
            effort=given_["effort"],
        )  # fmt: skip
