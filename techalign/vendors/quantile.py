"""How many standard errors an interval reaches to either side, and the table that shows it.

scipy.special takes longer to import than all of this package; for one number the standard library
does.
"""

from __future__ import annotations

from collections.abc import Sequence
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["coefficient_table", "width_of"]

Floats = NDArray[np.float64]


def width_of(level: float) -> float:
    """Standard errors to either side of a normal interval that holds with ``level``, 0 to 1.

    Raises
    ------
    ModelError
        If the level is not between 0 and 1.
    """
    if not 0 < level < 1:
        raise ModelError("level", "must be between 0 and 1", value=level, remedy="80 % is 0.8.")
    return NormalDist().inv_cdf(0.5 + level / 2.0)


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
