"""Estimated coefficients as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import width_of

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["coefficient_table"]


def coefficient_table(
    names: Sequence[str], estimate: Floats, covariance: Floats, level: float, **more: Floats
) -> DataFrame:
    """Estimates with standard errors, ends of the interval and further columns.

    Parameters
    ----------
    names : sequence of str, length k
    estimate : ndarray, shape (k,)
    covariance : ndarray, shape (k, k)
    level : float
        Probability the interval claims to hold, 0 to 1.
    **more : ndarray, shape (k,)

    Returns
    -------
    DataFrame
        Indexed by parameter: estimate, std_error, low, high, then ``more``.
    """
    from pandas import DataFrame, Index

    error = np.sqrt(np.diag(covariance))
    away = width_of(level) * error
    columns = {"estimate": estimate, "std_error": error, "low": estimate - away,
               "high": estimate + away}  # fmt: skip
    return DataFrame(columns | more, index=Index(names, name="parameter"))
