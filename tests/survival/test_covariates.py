"""Units, origins, and what no data can tell: the same for every family."""

import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.survival import BurrCurve, Lifetimes, fit_lifetime, prior_from_curve

FAMILIES = ("cox", "weibull", "burr", "loglogistic", "piecewise")
N = 300


def rows(x, *, between=False):
    """Weibull lives with an effect of 0.5 of the hidden ``signal()``; right-censored."""
    draw, hidden = np.random.default_rng(7), signal()
    life = draw.weibull(1.3, N) * 8 * np.exp(-0.5 * hidden)
    end = draw.uniform(1, 15, N)
    gone, stop = life <= end, np.minimum(life, end)
    if not between:
        return Lifetimes(np.zeros(N), stop, gone, x=x)
    coarse = gone & (draw.random(N) < 0.5)
    low = np.where(coarse, np.floor(stop), stop)
    late = np.minimum(draw.uniform(0, 3, N), 0.9 * low)
    return Lifetimes(late, low, gone, np.where(coarse, low + 1.0, np.nan), x)


def signal():
    return np.random.default_rng(6).normal(size=N)


def numbers(fit):
    place = len(fit.names) - 1
    return fit.estimate[place], np.sqrt(fit.covariance[place, place])


@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize(
    ("origin", "unit"),
    [(2005.0, 6.0), (2015.0, 0.3), (2e6, 1e6), (0.0, 1e-3), (3e-6, 1e-6), (1.5e9, 2e8)],
)
@pytest.mark.parametrize("dist", FAMILIES)
def test_origin_and_unit_of_a_covariate_make_no_difference(dist, origin, unit, between):
    x = signal()
    plain = fit_lifetime(rows(x, between=between), dist)
    other = fit_lifetime(rows(origin + unit * x, between=between), dist)
    assert other.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    slope, error = numbers(other)
    assert np.array([slope, error]) * unit == pytest.approx(numbers(plain), rel=1e-3)
    for z in (-1.0, 1.5):
        ours, theirs = (
            fit.pd_interval(2.0, 1.0, [at]) for fit, at in ((other, origin + unit * z), (plain, z))
        )
        assert [ours.low, ours.point, ours.high] == pytest.approx(
            [theirs.low, theirs.point, theirs.high], rel=1e-4
        )


@pytest.mark.parametrize("dist", ["weibull", "burr", "loglogistic"])
def test_time_ratios_know_no_origin(dist):
    x = signal()
    plain = fit_lifetime(rows(x), dist, kind="time")
    year = fit_lifetime(rows(2005 + 6 * x), dist, kind="time")
    assert year.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    assert 6 * year.time_ratios()["coefficient"].item() == pytest.approx(
        plain.time_ratios()["coefficient"].item(), rel=1e-4
    )


def test_a_log_logistic_hazard_is_one_at_the_mean_of_its_covariates():
    """Counted from the year 0 it attains -485.1 only, and from 2005 -464.5."""
    draw = np.random.default_rng(7)
    x = draw.normal(size=N)
    life, end = draw.weibull(1.3, N) * 8 * np.exp(-0.5 * x), draw.uniform(1, 15, N)
    table = Lifetimes(np.zeros(N), np.minimum(life, end), life <= end, x=2005 + 6 * x)
    fit = fit_lifetime(table, "loglogistic")
    assert fit.log_likelihood == pytest.approx(-464.247, abs=1e-3)
    assert fit.estimate[-1] == pytest.approx(0.1025, abs=1e-3)


def test_the_curve_at_covariates_0_is_the_one_asked():
    for dist in ("weibull", "burr", "loglogistic"):
        fit = fit_lifetime(rows(12.0 + signal()), dist)
        assert fit.curve.pd(3.0, 2.0) == pytest.approx(fit.pd(3.0, 2.0, [0.0])[0], rel=1e-9)
    fit = fit_lifetime(rows(12.0 + signal()), "piecewise")
    first = fit.rates()["rate"].iloc[0]
    assert fit.pd(0.0, 0.01, [0.0])[0] == pytest.approx(0.01 * first, rel=1e-3)


def test_the_unit_makes_no_difference_under_a_prior_of_that_unit():
    x, curve = signal(), BurrCurve(8.0, 1.2, 3.0)
    plain = fit_lifetime(rows(x), prior=prior_from_curve(curve, beta_sd=0.5))
    small = fit_lifetime(rows(x / 1000), prior=prior_from_curve(curve, beta_sd=500.0))
    assert small.log_likelihood == pytest.approx(plain.log_likelihood, abs=1e-6)
    assert small.shrinkage == pytest.approx(plain.shrinkage, rel=1e-3)


def dull(which):
    x, gone = signal(), rows(None).event
    first, second = np.flatnonzero(~gone)[:2]
    return {
        "constant": (np.full(N, 2e9), r"x\[:, 0\].*never changes"),
        "constant of three": (np.column_stack([x, np.ones(N), x**2]), r"x\[:, 1\].*never"),
        "twice": (np.column_stack([x, x]), r"x\[:, 1\].*repeats column 0"),
        "another unit": (np.column_stack([x, 3 * x - 7e6]), r"x\[:, 1\].*repeats column 0"),
        "year and age": (np.column_stack([2005 + 6 * x, 21 - 6 * x]), r"x\[:, 1\].*column 0"),
        "all groups": (np.eye(3)[np.arange(N) % 3], r"x\[:, 2\].*repeats column 0, 1"),
        "sum": (np.column_stack([x, x**2, x + x**2]), r"x\[:, 2\].*repeats column 0, 1"),
        "separates": (np.where(gone, 0.0, 1.0), r"x\[:, 0\].*separates"),
        "separates upwards": (np.where(gone, 5e6, 4e6), r"x\[:, 0\].*separates"),
        "one row": (np.eye(N)[first], r"x\[:, 0\].*separates"),
        "at an end": (np.where(gone, 1.0, 1.0 - np.abs(x)), r"x\[:, 0\].*separates"),
        "beside another": (np.column_stack([x, ~gone]), r"x\[:, 1\].*separates"),
        "two rows": (np.column_stack([np.eye(N)[first], x, np.eye(N)[second]]),
                     r"x\[:, 0\], x\[:, 2\].*separates"),
        "only together": (np.column_stack([x, ~gone - x]), r"x\[:, 0\], x\[:, 1\].*separates"),
    }[which]  # fmt: skip


DULL = ("constant", "constant of three", "twice", "another unit", "year and age", "all groups",
        "sum", "separates", "separates upwards", "one row", "at an end", "beside another",
        "two rows", "only together")  # fmt: skip


@pytest.mark.parametrize("between", [False, True])
@pytest.mark.parametrize("which", DULL)
@pytest.mark.parametrize("dist", FAMILIES)
def test_what_no_data_can_tell_is_refused_by_its_column(dist, which, between):
    x, message = dull(which)
    with pytest.raises(ModelError, match=f"{message}|no maximum.*{message}"):
        fit_lifetime(rows(x, between=between), dist)


@pytest.mark.parametrize("which", DULL)
def test_a_prior_settles_it(which):
    x, _ = dull(which)
    small = x / max(np.abs(x).max(), 1.0)
    fit = fit_lifetime(rows(small), prior=prior_from_curve(BurrCurve(8.0, 1.2, 3.0)))
    assert np.isfinite(fit.summary().to_numpy()).all()


def test_each_risk_set_separated_by_itself_is_refused_for_cox_alone():
    order = -rows(None).stop
    with pytest.raises(ModelError, match=r"x\[:, 0\].*no maximum"):
        fit_lifetime(rows(order), "cox")
    assert np.isfinite(fit_lifetime(rows(order), "weibull").estimate).all()


@pytest.mark.parametrize("dist", FAMILIES)
def test_columns_nearly_alike_are_told_apart(dist):
    x = signal()
    near = x + 0.003 * np.random.default_rng(1).normal(size=N)
    fit = fit_lifetime(rows(np.column_stack([x, near])), dist)
    assert fit.estimate[-2:].sum() == pytest.approx(
        numbers(fit_lifetime(rows(x), dist))[0], abs=0.1
    )
    assert numbers(fit)[1] > 10


@pytest.mark.parametrize("dist", FAMILIES)
def test_a_strong_effect_is_no_separation(dist):
    """All but one of one half ceased within two years, and six of the other within nine."""
    draw = np.random.default_rng(3)
    x = (np.arange(200) % 2).astype(float)
    gone = np.where(x > 0, np.arange(200) != 1, np.arange(200) < 12)
    stop = np.where(x > 0, draw.uniform(0.5, 2, 200), draw.uniform(0.5, 9, 200))
    fit = fit_lifetime(Lifetimes(np.zeros(200), stop, gone, x=x), dist)
    assert numbers(fit)[0] > 2


def test_answers_refuse_what_is_no_number():
    fit = fit_lifetime(rows(signal()), "weibull")
    with pytest.raises(ModelError, match=r"age\[0\]: is a length of time"):
        fit.pd(np.array([365], "m8[D]"), 1.0, [0.0])
    with pytest.raises(ModelError, match=r"horizon: is a length of time"):
        fit.pd(1.0, np.timedelta64(365, "D"), [0.0])
    with pytest.raises(ModelError, match=r"x\[0\]: is missing"):
        fit.pd(1.0, 1.0, [None])
