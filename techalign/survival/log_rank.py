"""Whether groups of vendors last differently, without assuming how long they last.

References
----------
[1] Mantel, N. (1966). Evaluation of survival data and two new rank order statistics. Cancer
    Chemotherapy Reports 50, 163-170.
[2] Finkelstein, D. M. (1986). A proportional hazards model for interval-censored failure time
    data. Biometrics 42(4), 845-854.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats, Places
from techalign.survival.cox import ProfileLikelihood
from techalign.survival.lifetimes import Lifetimes, labels_of

__all__ = ["LogRank", "log_rank"]


@dataclass(frozen=True, eq=False)
class LogRank:
    """Log-rank test of equal hazards.

    Attributes
    ----------
    groups : tuple
        Values that tell the groups apart, sorted.
    observed, expected : ndarray, shape (m,)
        Events in each group, and those expected if all hazards were equal; with intervals their
        difference is the score of Cox's model.
    statistic : float
        Chi-squared.
    degrees : int
        Degrees of freedom, m - 1.
    p_value : float

    Examples
    --------
    >>> from techalign.survival import Lifetimes, log_rank
    >>> rows = Lifetimes([0] * 6, [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0])
    >>> found = log_rank(rows, ["cloud", "cloud", "cloud", "own", "own", "own"])
    >>> found.groups, found.observed.tolist(), found.expected.round(2).tolist()
    (('cloud', 'own'), [3.0, 2.0], [1.15, 3.85])
    """

    groups: tuple[object, ...]
    observed: Floats
    expected: Floats
    statistic: float
    degrees: int
    p_value: float


def log_rank(lifetimes: Lifetimes, group: ArrayLike) -> LogRank:
    """Compare groups by their events against those expected [1]; late entry is respected.

    If a row is an interval, it is the score test of Cox's model with the baseline estimated
    along [2]; with exact ages that is this same test, but for the variance of ties.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows; their own covariates are ignored.
    group : array_like, shape (n,)
        Group of each row; at least two.

    Returns
    -------
    LogRank

    Raises
    ------
    ModelError
        If there are fewer than two groups, no event, or so few in intervals that the likelihood
        does not bend downwards; naming the row if a group is missing, a date or a length of time.

    Examples
    --------
    >>> from techalign.survival import Lifetimes, log_rank
    >>> rows = Lifetimes([0] * 6, [1, 2, 3, 4, 5, 6], [1, 1, 1, 1, 1, 0])
    >>> round(log_rank(rows, [0, 0, 0, 1, 1, 1]).p_value, 3)
    0.025
    """
    from scipy.special import gammaincc

    labels = labels_of("group", group, lifetimes.stop.shape)
    names, member = np.unique(labels, return_inverse=True)
    if names.size < 2 or lifetimes.events == 0:
        raise ModelError("group", "needs two groups and an event", value=list(names))
    compare = _scores if lifetimes.interval.any() else _counts
    observed, expected, covariance = compare(lifetimes, member, names.size)
    away = (observed - expected)[:-1]
    # the groups' differences add up to 0: one of them is told by the others
    statistic = float(away @ np.linalg.pinv(covariance) @ away)
    degrees = names.size - 1
    return LogRank(
        groups=tuple(names.tolist()),
        observed=observed,
        expected=expected,
        statistic=statistic,
        degrees=degrees,
        p_value=float(gammaincc(degrees / 2, statistic / 2)),
    )


def _counts(lifetimes: Lifetimes, member: Places, groups: int) -> tuple[Floats, Floats, Floats]:
    """Events observed and expected, (m,) each, and covariance of all differences but the last."""
    time = np.unique(lifetimes.stop[lifetimes.event])
    risk, died = (np.empty((groups, time.size)) for _ in range(2))
    for j in range(groups):
        own = lifetimes.select(member == j)
        ends = np.sort(own.stop[own.event])
        risk[j] = own.at_risk(time)
        died[j] = np.searchsorted(ends, time, "right") - np.searchsorted(ends, time, "left")
    n, d = risk.sum(axis=0), died.sum(axis=0)
    share = risk / n
    expected = (share * d).sum(axis=1)
    scale = d * (n - d) / np.maximum(n - 1, 1)
    covariance = np.diag((share * scale).sum(axis=1)) - (share * scale) @ share.T
    return died.sum(axis=1), expected, covariance[:-1, :-1]


def _scores(lifetimes: Lifetimes, member: Places, groups: int) -> tuple[Floats, Floats, Floats]:
    """The same from the score and information of Cox's model at no difference [2]."""
    x = (member[:, None] == np.arange(groups - 1)).astype(float)
    table = replace(lifetimes, x=x)
    _, score, hessian = ProfileLikelihood(table)(np.zeros(groups - 1))
    bend = np.linalg.eigvalsh(-hessian)
    if bend[0] < -1e-9 * max(bend[-1], 1.0):
        raise ModelError(
            "group", "cannot be compared by so few events in intervals",
            value=f"{table.events} events", remedy="Use fit_lifetime with a prior.",
        )  # fmt: skip
    observed = np.bincount(member[lifetimes.event], minlength=groups).astype(float)
    return observed, observed - np.append(score, -score.sum()), -hessian
