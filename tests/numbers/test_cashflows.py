"""Cash flows against published values, numpy-financial and properties."""

from __future__ import annotations

import datetime as dt

import numpy as np
import numpy_financial as npf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from techalign.errors import ModelError
from techalign.numbers.cashflows import irr, mirr, npv, xirr, xnpv

EXCEL_DATES = [
    dt.date(2008, 1, 1),
    dt.date(2008, 3, 1),
    dt.date(2008, 10, 30),
    dt.date(2009, 2, 15),
    dt.date(2009, 4, 1),
]
EXCEL_FLOWS = [-10_000.0, 2_750.0, 4_250.0, 3_250.0, 2_750.0]
EXCEL_IRR_FLOWS = [-70_000.0, 12_000.0, 15_000.0, 18_000.0, 21_000.0, 26_000.0]


def test_npv_of_the_excel_reference() -> None:
    # Excel discounts the first flow too
    assert npv(0.1, [-10_000, 3_000, 4_200, 6_800]) / 1.1 == pytest.approx(1188.44, abs=0.005)


def test_xnpv_of_the_excel_reference() -> None:
    assert xnpv(0.09, EXCEL_FLOWS, EXCEL_DATES) == pytest.approx(2086.65, abs=0.005)


def test_xirr_of_the_excel_reference() -> None:
    assert xirr(EXCEL_FLOWS, EXCEL_DATES) == pytest.approx(0.373362535, abs=1e-8)


def test_irr_of_the_excel_reference() -> None:
    assert irr(EXCEL_IRR_FLOWS[:5]) == pytest.approx([-0.0212], abs=5e-5)
    assert irr(EXCEL_IRR_FLOWS) == pytest.approx([0.0866], abs=5e-5)


def test_mirr_of_the_excel_reference() -> None:
    flows = [-120_000, 39_000, 30_000, 21_000, 37_000, 46_000]
    assert mirr(flows, 0.10, 0.12) == pytest.approx(0.126094, abs=1e-6)
    assert mirr(flows, 0.10, 0.12) == pytest.approx(npf.mirr(flows, 0.10, 0.12))
    assert np.isnan(mirr([100, 200], 0.1, 0.1))
    assert np.isnan(mirr([-100, -200], 0.1, 0.1))
    assert np.isnan(mirr([-100], 0.1, 0.1))


def test_npv_of_numpy_financial() -> None:
    flows = [-40_000, 5_000, 8_000, 12_000, 30_000]
    assert npv(0.08, flows) == pytest.approx(3065.22267, abs=5e-6)


@pytest.mark.parametrize(
    ("flows", "rate"),
    [
        ([-250_000, 100_000, 150_000, 200_000, 250_000, 300_000], 0.567230),
        ([-100, 39, 59, 55, 20], 0.28095),
        ([-100, 0, 0, 74], -0.0955),
        ([-100, 100, 0, -7], -0.0833),
        ([-100, 100, 0, 7], 0.06206),
        ([-5, 10.5, 1, -8, 1], 0.0886),
    ],
)
def test_irr_holds_the_published_root(flows: list[float], rate: float) -> None:
    assert np.abs(irr(flows) - rate).min() < 5e-5


def test_both_roots_of_numpy_financials_issue_28() -> None:
    flows = [-50, -100, 600, 300, -100]
    assert irr(flows) == pytest.approx([-0.769, 1.854], abs=5e-4)
    assert npf.irr(flows) in (pytest.approx(-0.769, abs=5e-4), pytest.approx(1.854, abs=5e-4))


def test_two_roots_worked_by_hand() -> None:
    # -1000 (x - 1.1) (x - 1.4) in x = 1 + rate
    assert irr([-1_000, 2_500, -1_540]) == pytest.approx([0.10, 0.40])


@given(st.lists(st.integers(-1_000, 1_000), min_size=2, max_size=8))
def test_every_rate_makes_the_value_zero(flows: list[int]) -> None:
    roots = irr(flows)
    assert np.all(np.diff(roots) >= 0)
    for rate in roots:
        scale = np.abs(flows) @ (1.0 + rate) ** -np.arange(len(flows), dtype=float)
        assert abs(npv(rate, flows)) <= 1e-6 * scale


def test_no_rate() -> None:
    assert irr([1.0, 2.0]).size == 0
    assert irr([0.0, 0.0]).size == 0
    assert irr([]).size == 0
    with pytest.raises(ModelError, match="no internal rate"):
        xirr([1.0, 1.0], [dt.date(2020, 1, 1), dt.date(2021, 1, 1)])


@given(
    st.floats(-0.5, 1.0),
    st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=12),
)
def test_npv_agrees_with_numpy_financial(rate: float, flows: list[float]) -> None:
    # the loop is the definition
    naive = sum(flow / (1 + rate) ** t for t, flow in enumerate(flows))
    scale = max(1.0, np.abs(flows).sum() / min(1.0, 1 + rate) ** len(flows))
    assert abs(npv(rate, flows) - naive) <= 1e-9 * scale
    assert abs(npv(rate, flows) - npf.npv(rate, flows)) <= 1e-9 * scale


@given(st.floats(0.0, 1.0), st.lists(st.floats(1.0, 1e4), min_size=1, max_size=8))
def test_irr_finds_the_rate_that_prices_an_investment(rate: float, inflows: list[float]) -> None:
    price = npv(rate, [0.0, *inflows])
    roots = irr([-price, *inflows])
    assert roots.size == 1
    assert roots[0] == pytest.approx(rate, abs=1e-6)


def test_xnpv_of_yearly_flows_is_npv() -> None:
    dates = [dt.date(2021, 1, 1), dt.date(2022, 1, 1), dt.date(2023, 1, 1)]
    flows = [-100.0, 60.0, 70.0]
    assert xnpv(0.07, flows, dates) == pytest.approx(npv(0.07, flows))


def test_wrong_arguments() -> None:
    with pytest.raises(ModelError, match="rate"):
        npv(-1.0, [1.0])
    with pytest.raises(ModelError, match="rate"):
        xnpv(-1.5, [1.0], [dt.date(2020, 1, 1)])
    with pytest.raises(ModelError, match="dates"):
        xnpv(0.1, [1.0, 2.0], [dt.date(2020, 1, 1)])
