"""What projects are worth: against plain loops, numpy-financial, and what can be worked by hand."""

import numpy as np
import numpy_financial as npf
import pandas as pd
import pytest

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval
from techalign.spending import InitiativeOptions, settle_dependencies, simulate_initiatives
from techalign.spending.plan.initiatives import rates_of_return
from tests.spending.plan.tables import TODAY, brings, project, simulated


def test_value_is_numpy_financials_of_the_flows_written_out() -> None:
    made = simulated(
        project("a", duration=2, hours_per_quarter=10.0), wage=30.0, draws=50,
        overrun=Interval(1.1, 0.9, 1.8),
    )  # fmt: skip
    quarterly = 1.1**0.25 - 1.0
    for start in (0, 3):
        for draw in range(50):
            flows = np.zeros(20)
            flows[start : start + 2] = -1300.0 * made.overrun[0, draw]
            flows[start + 2 :] = made.works[0, draw] / 4.0
            assert made.npv([start])[0, draw] == pytest.approx(npf.npv(quarterly, flows))


def test_expected_value_is_what_many_draws_tend_to() -> None:
    made = simulated(
        project("a", benefit_low=-2000.0, benefit_mode=5000.0, benefit_high=20000.0, p_success=0.6),
        draws=40_000, overrun=Interval(1.1, 0.9, 1.8),
    )  # fmt: skip
    drawn = made.npv()[0]
    error = drawn.std() / np.sqrt(drawn.size)
    assert made.mean_npv(1)[0, 0] == pytest.approx(drawn.mean(), abs=4 * error)


def test_benefits_follow_the_triangular_law() -> None:
    made = simulated(
        project("a", benefit_low=1000.0, benefit_mode=4000.0, benefit_high=9000.0), draws=40_000
    )
    assert made.works.mean() == pytest.approx(14_000 / 3, rel=0.01)
    # (a² + b² + c² - ab - ac - bc) / 18
    assert made.works.var() == pytest.approx((1 + 16 + 81 - 4 - 9 - 36) / 18 * 1e6, rel=0.02)
    assert np.mean(made.works < 4000.0) == pytest.approx(3 / 8, abs=0.01)


def test_benefits_of_one_purpose_move_together_and_those_of_others_do_not() -> None:
    free = {"benefit_low": 0.0, "benefit_mode": 5000.0, "benefit_high": 10_000.0}
    made = simulated(
        project("a", **free), project("b", **free), project("c", purpose="reduce", **free),
        draws=40_000,
    )  # fmt: skip
    related = np.corrcoef(made.works)
    # of a Gaussian copula with rho .3 the rank correlation is 6/π asin(.15)
    assert related[0, 1] == pytest.approx(6 / np.pi * np.arcsin(0.15), abs=0.03)
    assert related[0, 2] == pytest.approx(0.0, abs=0.03)


def test_a_lognormal_benefit_has_a_tenth_on_either_side() -> None:
    table = pd.DataFrame([project("a", benefit_low=1000.0, benefit_high=9000.0)])
    options = InitiativeOptions(draws=40_000, shape="lognormal")
    made = simulate_initiatives(table, TODAY, 0.1, 0.0, np.random.default_rng(1), options)
    assert np.mean(made.works < 1000.0) == pytest.approx(0.1, abs=0.01)
    assert np.mean(made.works > 9000.0) == pytest.approx(0.1, abs=0.01)
    assert made.mean_benefit[0] == pytest.approx(made.works.mean(), rel=0.02)
    with pytest.raises(ModelError, match=r"benefit_low of a.*above 0"):
        simulate_initiatives(
            pd.DataFrame([project("a", benefit_low=-1.0)]), TODAY, 0.1, 0.0,
            np.random.default_rng(1), options,
        )  # fmt: skip


def test_payback_counts_quarters_and_may_never_come() -> None:
    # 1,000 spent in one quarter comes back at 300 a quarter in the fourth after it
    made = simulated(project("a", **brings(1200.0)), project("b", **brings(0.0)))
    assert set(made.payback()[0]) == {5.0}
    assert set(made.payback()[1]) == {np.inf}
    summary = made.summary()
    assert summary["payback"].tolist() == [5.0, np.inf]
    assert summary["rates"].tolist()[1] == "none"


def test_a_rate_of_zero_counts_later_money_in_full() -> None:
    made = simulated(project("a"), rate=0.0)
    assert made.npv()[0, 0] == pytest.approx(-1000.0 + 19 * 1000.0)


@pytest.mark.parametrize("rate", [None, float("nan"), -1.0])
def test_no_discount_rate_is_said(rate: float) -> None:
    with pytest.raises(ModelError, match=r"no discount rate.*client\.toml"):
        simulated(project("a"), rate=rate)


def test_every_rate_of_return_is_told() -> None:
    # -1000 (x - 1.02) (x - 1.05) in x = 1 + rate a quarter
    assert rates_of_return([-1000.0, 2070.0, -1071.0]) == "several: 8.2% and 22%"
    assert rates_of_return([100.0, 20.0]) == "none"


@pytest.mark.parametrize(
    ("after", "said"),
    [
        ("a", r"initiatives\['a'\]\.after.*waits for itself"),
        ("nobody", r"initiatives\['a'\]\.after.*not in the table \(found 'nobody'\)"),
        ("b", r"initiatives\['a'\]\.after.*waits for it"),
    ],
)
def test_a_wrong_dependency_is_named(after: str, said: str) -> None:
    with pytest.raises(ModelError, match=said):
        simulated(project("a", after=after), project("b", after="a"))


def test_what_cannot_be_settled_is_left_out_with_all_that_waits_for_it() -> None:
    table = pd.DataFrame(
        [
            project("a"),
            project("b", after="lost"),
            project("c", after="b; a"),
            project("d", after="e"),
            project("e", after="d"),
            project("f", after="f"),
        ]
    )
    kept, said = settle_dependencies(table)
    assert kept["id"].tolist() == ["a"]
    assert sorted(said) == [
        "B is not planned: it waits for 'lost', which is not among the projects.",
        "C is not planned: it waits for B, which is not planned either.",
        "D is not planned: it waits for E, which waits for it.",
        "E is not planned: it waits for D, which waits for it.",
        "F is not planned: it waits for itself.",
    ]


def test_windows_are_quarters_that_begin_after_the_earliest_day_and_end_by_the_deadline() -> None:
    made = simulated(
        project("a", earliest="2026-07-01", deadline="2026-12-31"),
        project("b", earliest="2026-07-02", deadline="2026-12-30"),
        project("c"),
        project("d", deadline="2026-08-01"),
    )
    assert made.frame["earliest"].tolist() == [0, 1, 0, 0]
    assert made.frame["latest"].tolist()[:2] == [1, 0]
    assert made.frame["latest"].tolist()[3] == -1
    may = np.isfinite(made.mean_npv(3))
    assert may.tolist() == [[True, True, False], [False] * 3, [True] * 3, [False] * 3]


def test_options_out_of_range() -> None:
    with pytest.raises(ModelError, match="purpose_correlation"):
        InitiativeOptions(purpose_correlation=1.5)
    with pytest.raises(ModelError, match="overrun"):
        InitiativeOptions(overrun=Interval(1.0, 0.0, 2.0))
    with pytest.raises(ModelError, match="at least one"):
        InitiativeOptions(draws=0)
