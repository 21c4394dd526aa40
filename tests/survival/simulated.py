"""Tables the tests of this folder share, and what calibration asks of simulated ones."""

import numpy as np
from scipy.stats import kstest

from techalign.survival import Lifetimes

TREATED = [6, 6, 6, 7, 10, 13, 16, 22, 23]
TREATED_CENSORED = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35]
PLACEBO = [1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23]
GROUP = np.array([1.0] * 21 + [0.0] * 21)


def freireich():
    stop = np.array(TREATED + TREATED_CENSORED + PLACEBO, dtype=float)
    return Lifetimes(np.zeros(42), stop, np.array([1] * 9 + [0] * 12 + [1] * 21), None, GROUP)


def late_entries(n=600, digits=1, seed=5):
    draw = np.random.default_rng(seed)
    x, entry = draw.normal(size=(n, 2)), np.round(draw.uniform(0, 3, n), digits)
    life = 5 * (draw.exponential(size=n) / np.exp(x @ [0.6, -0.4])) ** 0.8
    seen = life > entry + 0.1
    stop = np.round(np.minimum(life, entry + 3), digits)[seen]
    stop = np.maximum(stop, entry[seen] + 10.0**-digits)
    return Lifetimes(entry[seen], stop, (life <= entry + 3)[seen], None, x[seen])


def spread_is_wrong(places):
    """Whether truth lies too far out or too near: a test for each row, at 1 in 100 in all.

    Rows of ``places`` are quantities, columns simulated tables.
    """
    tests = [kstest(np.abs(2 * each - 1), "uniform").pvalue for each in places]
    return min(tests) < 0.01 / len(tests)


def mixed_table(n=40):
    """Exact, censored and interval rows, with entry ages and two covariates."""
    draw = np.random.default_rng(11)
    entry = draw.uniform(0, 3, n) * (draw.random(n) < 0.6)
    stop = entry + draw.exponential(3, n) + 0.05
    event = draw.random(n) < 0.6
    upper = np.where(event & (draw.random(n) < 0.5), stop + draw.uniform(0.2, 2, n), np.nan)
    return Lifetimes(entry, stop, event, upper, draw.normal(size=(n, 2)))
