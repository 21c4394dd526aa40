"""What simulation-based calibration asks of where truth lies in the posteriors fitted to it."""

import numpy as np
from scipy.stats import kstest


def spread_is_wrong(places):
    """Whether truth lies too far out or too near: a test for each row, at 1 in 100 in all.

    Rows of ``places`` are quantities, columns simulated tables.
    """
    tests = [kstest(np.abs(2 * each - 1), "uniform").pvalue for each in places]
    return min(tests) < 0.01 / len(tests)
