"""Whether groups of vendors last differently, without assuming how long they last.

References
----------
[1] Mantel, N. (1966). Evaluation of survival data and two new rank order statistics. Cancer
    Chemotherapy Reports 50, 163-170.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.vendors.lifetimes import Lifetimes

__all__ = ["LogRank", "log_rank"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LogRank:
    """Log-rank test of equal hazards.

    Attributes
    ----------
    groups : tuple
        Values that tell the groups apart, sorted.
    observed, expected : ndarray, shape (m,)
        Events in each group, and those expected if all hazards were equal.
    statistic : float
        Chi-squared.
    degrees : int
        Degrees of freedom, m - 1.
    p_value : float
    """

    groups: tuple[object, ...]
    observed: Floats
    expected: Floats
    statistic: float
    degrees: int
    p_value: float


def log_rank(lifetimes: Lifetimes, group: ArrayLike) -> LogRank:
    """Compare groups by their events against those expected [1]; late entry is respected.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with exact ages.
    group : array_like, shape (n,)
        Group of each row; at least two.

    Returns
    -------
    LogRank

    Raises
    ------
    ModelError
        If a row is interval-censored, there are fewer than two groups, or no event.
    """
    from scipy.special import gammaincc

    if lifetimes.interval.any():
        raise ModelError("lifetimes", "hold intervals, which the log-rank test cannot use")
    labels = np.asarray(group)
    if labels.shape != lifetimes.stop.shape:
        raise ModelError("group", "must have one value for each lifetime", value=labels.shape)
    names, member = np.unique(labels, return_inverse=True)
    if names.size < 2 or lifetimes.events == 0:
        raise ModelError("group", "needs two groups and an event", value=list(names))
    time = np.unique(lifetimes.stop[lifetimes.event])
    risk, died = (np.empty((names.size, time.size)) for _ in range(2))
    for j in range(names.size):
        own = lifetimes.select(member == j)
        ends = np.sort(own.stop[own.event])
        risk[j] = np.searchsorted(np.sort(own.entry), time, "left") - np.searchsorted(
            np.sort(own.stop), time, "left"
        )
        died[j] = np.searchsorted(ends, time, "right") - np.searchsorted(ends, time, "left")
    n, d = risk.sum(axis=0), died.sum(axis=0)
    share = risk / n
    expected = (share * d).sum(axis=1)
    scale = d * (n - d) / np.maximum(n - 1, 1)
    covariance = np.diag((share * scale).sum(axis=1)) - (share * scale) @ share.T
    away = (died.sum(axis=1) - expected)[:-1]
    # the groups' differences add up to 0: one of them is told by the others
    statistic = float(away @ np.linalg.pinv(covariance[:-1, :-1]) @ away)
    degrees = names.size - 1
    return LogRank(
        tuple(names.tolist()), died.sum(axis=1), expected, statistic, degrees,
        float(gammaincc(degrees / 2, statistic / 2)),
    )  # fmt: skip
