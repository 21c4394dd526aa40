"""One table with late entry, right and interval censoring and exact ages: everything answers."""

import numpy as np
import pytest

from techalign.survival import (
    BurrCurve,
    Lifetimes,
    cumulative_incidence,
    fit_causes,
    fit_lifetime,
    kaplan_meier,
    log_rank,
    prior_from_curve,
)

N, SCALE, SHAPE, BETA = 900, 6.0, 1.0, 0.6
CLOSING = 0.65


@pytest.fixture(scope="module")
def table():
    """Ends at 1/6 a year times exp(0.6 x), looked at every half year; two in five known exactly.

    Half enter at their start, so that young ages have risk sets from which to learn.
    """
    draw = np.random.default_rng(8)
    x = draw.integers(0, 2, 3 * N).astype(float)
    entry = draw.uniform(0, 3, 3 * N) * (draw.random(3 * N) < 0.5)
    life = SCALE * draw.exponential(size=3 * N) / np.exp(BETA * x)
    seen = np.flatnonzero(life > entry)[:N]
    x, entry, life = x[seen], entry[seen], life[seen]
    base = np.floor(entry * 2) / 2
    end = base + np.ceil(2 * (entry + draw.uniform(2, 5, N) - base)) / 2
    gone, known = life < end, draw.random(N) < 0.4
    low = np.floor(life * 2) / 2
    stop = np.where(gone, np.where(known, life, np.maximum(low, entry)), end)
    found = Lifetimes(entry, stop, gone, np.where(gone & ~known, low + 0.5, np.nan), x)
    cause = np.where(draw.random(N) < CLOSING, "closed", "acquired")
    return found, cause


def test_the_table_has_everything(table):
    rows, _ = table
    late, right, between = rows.entry > 0, ~rows.event, rows.interval
    for both in (late & right, late & between, late & rows.exact, ~late & between):
        assert both.sum() > 40


@pytest.mark.parametrize("group", [0.0, 1.0])
def test_curves(table, group):
    rows, cause = table
    own = rows.x[:, 0] == group
    ages, rate = np.array([1.0, 2.0, 4.0]), np.exp(BETA * group) / SCALE
    bare = rows.select(own)
    curve = kaplan_meier(bare)
    place = np.searchsorted(curve.time, ages, side="right") - 1
    away = (curve.at(ages) - np.exp(-rate * ages)) / curve.std_error[place]
    assert np.abs(away).max() < 3
    found = cumulative_incidence(bare, cause[own])
    place = np.searchsorted(found.time, ages, side="right") - 1
    truth = np.outer([1 - CLOSING, CLOSING], 1 - np.exp(-rate * ages))
    assert np.abs((found.at(ages) - truth) / found.std_error[:, place]).max() < 3


FAMILIES = ("burr", "weibull", "loglogistic", "piecewise")


@pytest.mark.parametrize(
    ("dist", "believed"),
    [*((name, False) for name in (*FAMILIES, "cox")), *((name, True) for name in FAMILIES)],
)
def test_fits(table, dist, believed):
    rows, _ = table
    prior = prior_from_curve(BurrCurve(SCALE, SHAPE), dist) if believed else None
    fit = fit_lifetime(rows, dist, prior)
    column = fit.summary().loc["beta_0"]
    assert abs(column["estimate"] - BETA) < 3 * column["std_error"]
    for age, horizon, x in ((0.0, 1.0, 0.0), (2.0, 2.0, 1.0)):
        truth = 1 - np.exp(-horizon * np.exp(BETA * x) / SCALE)
        answer = fit.pd_interval(age, horizon, [x], level=0.995)
        assert answer.low < truth < answer.high
        assert answer.high - answer.low < 0.2
        assert answer.point == pytest.approx(float(fit.pd(age, horizon, [x])[0]))


@pytest.mark.parametrize("kind", ["hazard", "time"])
def test_causes(table, kind):
    rows, cause = table
    fits = fit_causes(rows, cause, "weibull", kind=kind)
    answer = fits.incidence(1.0, 2.0, [1.0], level=0.995)
    there = 1 - np.exp(-2.0 * np.exp(BETA) / SCALE)
    for name, share in (("closed", CLOSING), ("acquired", 1 - CLOSING)):
        assert answer.loc[name, "low"] < share * there < answer.loc[name, "high"]


def test_log_rank_tells_groups_apart_and_chance_not(table):
    rows, _ = table
    assert log_rank(rows, rows.x[:, 0]).p_value < 1e-4
    level = [log_rank(rows, np.random.default_rng(s).integers(0, 2, N)).p_value for s in range(10)]
    assert min(level) > 0.005
