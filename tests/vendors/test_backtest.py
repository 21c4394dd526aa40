import numpy as np
import pytest
import statsmodels.api as sm
from scipy.special import expit, logit
from scipy.stats import binom, mannwhitneyu

from techalign.errors import ModelError
from techalign.vendors import auc, backtest, brier, calibration, count_test, log_loss


def drawn(n=2000, slope=1.0, seed=1):
    draw = np.random.default_rng(seed)
    score = draw.normal(-2, 1, n)
    return expit(score), draw.random(n) < expit(slope * score)


def test_scores_by_hand():
    p, y = [0.1, 0.8, 0.5], [0, 1, 1]
    assert brier(p, y) == pytest.approx((0.01 + 0.04 + 0.25) / 3)
    assert log_loss(p, y) == pytest.approx(-np.log([0.9, 0.8, 0.5]).mean())
    assert log_loss([0.0], [1]) == pytest.approx(-np.log(1e-12))


def test_auc_is_the_share_of_ordered_pairs():
    p, y = drawn(200)
    p = np.round(p, 2)  # ties
    pairs = [(a > b) + (a == b) / 2 for a in p[y] for b in p[~y]]
    assert auc(p, y) == pytest.approx(np.mean(pairs))
    test = mannwhitneyu(p[y], p[~y])
    assert auc(p, y) == pytest.approx(test.statistic / (y.sum() * (~y).sum()))
    assert np.isnan(auc([0.1, 0.2], [0, 0]))


def test_calibration_agrees_with_logistic_regression():
    p, y = drawn(slope=0.6)
    found = calibration(p, y)
    theirs = sm.Logit(y.astype(float), sm.add_constant(logit(p))).fit(disp=0)
    assert [found.intercept, found.slope] == pytest.approx(list(theirs.params), abs=1e-6)
    assert [found.intercept_error, found.slope_error] == pytest.approx(list(theirs.bse), rel=1e-4)
    assert found.slope + 3 * found.slope_error < 1


def test_calibration_groups_hold_everybody():
    p, y = drawn(103)
    groups = calibration(p, y).groups
    assert len(groups) == 10
    assert groups["count"].sum() == 103
    assert groups["events"].sum() == y.sum()
    assert groups["forecast"].is_monotonic_increasing
    assert (groups["count"] @ groups["forecast"]) == pytest.approx(p.sum())


def test_calibration_without_information_is_not_a_number():
    assert np.isnan(calibration([0.1, 0.1], [0, 1]).slope)
    assert np.isnan(calibration([0.1, 0.2], [0, 0]).slope)
    assert calibration([], []).groups.empty


def test_count_without_correlation_is_binomial():
    found = count_test(np.full(50, 0.08), 9, rho=0.0, level=0.95)
    assert found.limit == binom.ppf(0.95, 50, 0.08)
    assert found.p_value == pytest.approx(binom.sf(8, 50, 0.08))
    assert found.expected == pytest.approx(4.0)


def test_correlation_excuses_more_failures():
    p = np.full(100, 0.035)
    alone, together = count_test(p, 8, rho=0.0), count_test(p, 8, rho=0.15)
    assert alone.limit == 7
    assert together.limit == 11
    assert alone.p_value < 0.05 < together.p_value
    assert count_test(p, 0).p_value == pytest.approx(1)


def test_backtest_holds_every_score():
    p, y = drawn(300)
    found = backtest(p, y, 0.2)
    assert (found.brier, found.log_loss, found.auc) == (brier(p, y), log_loss(p, y), auc(p, y))
    assert found.calibration.slope == calibration(p, y).slope
    assert found.count == count_test(p, int(y.sum()), rho=0.2)
    assert found.brier_constant == pytest.approx(y.mean() * (1 - y.mean()))
    assert found.brier < found.brier_constant
    with pytest.raises(ModelError, match="at least one"):
        backtest([], [])
    with pytest.raises(ModelError, match=r"pd\[1\]"):
        backtest([0.1, 1.2], [0, 1])


def test_refusals():
    with pytest.raises(ModelError, match=r"pd\[1\]"):
        brier([0.1, 1.1], [0, 1])
    with pytest.raises(ModelError, match=r"event\[0\]"):
        auc([0.1, 0.2], [2, 1])
    with pytest.raises(ModelError, match="event"):
        log_loss([0.1, 0.2], [1])
    with pytest.raises(ModelError, match="observed"):
        count_test([0.1], 2)
