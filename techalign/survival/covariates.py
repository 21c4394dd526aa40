"""What all regressions of lifetimes share: covariates that can be told apart, and the answers.

A covariate may be a year, a sum of dollars or a share. Fits therefore work with covariates that
are centred and scaled, and report effects per original unit. What no data can tell is refused by
the column's number: one that never changes, repeats others, or separates those who ceased from
the rest [1]. A prior settles all of these.

References
----------
[1] Albert, A. and Anderson, J. A. (1984). On the existence of maximum likelihood estimates in
    logistic regression models. Biometrika 71(1), 1-10.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats, Places
from techalign.numbers.intervals import width_of
from techalign.survival.lifetimes import Lifetimes, numbers_of
from techalign.survival.newton import Maximum

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = [
    "Regression",
    "Scaled",
    "check_settled",
    "check_told_apart",
    "coefficient_table",
    "moments",
    "scaled",
]

REPEATED = 1e-6
"""Share of a column's variance that the columns before it must leave unexplained."""
FARTHEST = 0.3
"""Change of any row's log hazard by Newton's last step from which on there is no maximum."""
LEVEL = 1e-6
"""Information per event about a covariate in its standard deviations below which there is none."""


class Regression(ABC):
    """A fitted hazard with covariates, and the one way to ask it."""

    names: tuple[str, ...]

    @abstractmethod
    def hazard_between(
        self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None = None
    ) -> Floats:
        """Hazard added within ``horizon`` years after ``age``.

        Parameters
        ----------
        age, horizon : array_like, broadcastable to shape (n,)
            Years.
        x : array_like, shape (p,) or (n, p), optional
            Covariates; 0 by default.

        Returns
        -------
        ndarray, shape (n,)

        Raises
        ------
        ModelError
            If an age is negative, missing or no number, or the columns do not fit.
        """

    def pd(self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None = None) -> Floats:
        """Probability of ceasing within ``horizon`` years, given survival to ``age``.

        Parameters and errors as in :meth:`hazard_between`; shape (n,).
        """
        probability: Floats = -np.expm1(-self.hazard_between(age, horizon, x))
        return probability

    def survival(self, t: ArrayLike, x: ArrayLike | None = None, given_age: float = 0.0) -> Floats:
        """Probability of living beyond age ``t``, given that ``given_age`` was reached.

        Parameters
        ----------
        t : array_like, shape (n,)
            Ages in years; at or below ``given_age`` the answer is 1.
        x : array_like, shape (p,) or (n, p), optional
            Covariates; 0 by default.
        given_age : float
            Years.

        Returns
        -------
        ndarray, shape (n,)
        """
        later = np.maximum(numbers_of("t", t) - given_age, 0.0)
        reached: Floats = np.exp(-self.hazard_between(given_age, later, x))
        return reached

    @property
    def _p(self) -> int:
        return sum(name.startswith(("beta_", "gamma_")) for name in self.names)

    def _given(self, x: ArrayLike | None) -> Floats:
        """Covariates as rows, shape (1, p) or (n, p)."""
        given = np.zeros((1, self._p)) if x is None else np.atleast_2d(numbers_of("x", x))
        if given.shape[1] != self._p:
            raise ModelError("x", f"must have {self._p} columns", value=f"shape {given.shape}")
        return given

    @staticmethod
    def _span(age: ArrayLike, horizon: ArrayLike) -> tuple[Floats, Floats]:
        """Ages at which a span begins and ends, checked."""
        start, length = np.atleast_1d(numbers_of("age", age)), numbers_of("horizon", horizon)
        if not ((start >= 0).all() and (length >= 0).all()):
            raise ModelError("age", "and horizon must not be negative or missing")
        return start, start + length


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


@dataclass(frozen=True, eq=False)
class Scaled:
    """A table whose covariates are ``(x - centre) / unit``.

    Attributes
    ----------
    table : Lifetimes
    centre, unit : ndarray, shape (p,)
    covariance : ndarray, shape (p, p)
        Of the covariates of ``table``.
    """

    table: Lifetimes
    centre: Floats
    unit: Floats
    covariance: Floats

    def check(self) -> None:
        """Refuse covariates whose effects no data of this kind can tell.

        Raises
        ------
        ModelError
            Naming the columns: ``x[:, j]``.
        """
        check_told_apart(self.covariance)
        if self.table.x is not None and self.table.x.size:
            _check_not_separated(self.table.x, self.table.event)


def scaled(lifetimes: Lifetimes, *, centred: bool | None = None) -> Scaled:
    """Centre and scale covariates by mean and standard deviation.

    Parameters
    ----------
    lifetimes : Lifetimes
    centred : bool, optional
        Whether to subtract the mean; by default if that makes a difference to precision. Where
        means and spreads are moderate by themselves the table is left as it is.
    """
    x, p = lifetimes.x, lifetimes.covariates
    if x is None or not x.size:
        return Scaled(lifetimes, np.zeros(p), np.ones(p), np.eye(p))
    mean, covariance = moments(x)
    spread = np.sqrt(np.diag(covariance))
    unit = np.where(spread > 0, spread, 1.0)
    near = bool(((unit > 0.03) & (unit < 30.0)).all())
    if near and not centred and (centred is False or bool((np.abs(mean) < 3.0 * unit).all())):
        return Scaled(lifetimes, np.zeros(p), np.ones(p), covariance)
    unit = np.ones(p) if near else unit
    centre = np.zeros(p) if centred is False else mean
    z = x - centre
    if not near:
        z /= unit
    return Scaled(replace(lifetimes, x=z), centre, unit, covariance / np.outer(unit, unit))


def moments(x: Floats) -> tuple[Floats, Floats]:
    """Mean (p,) and covariance (p, p) of the columns of ``x``; exactly 0 for one that is constant.

    Sums of products are several times faster than anything done column by column, and exact
    enough unless a mean is much larger than its spread.
    """
    n = len(x)
    mean = np.einsum("np->p", x) / n
    covariance = x.T @ x / n - np.outer(mean, mean)
    if (np.diag(covariance) < 1e-4 * mean**2).any() or (np.diag(covariance) <= 0).any():
        away = x - mean
        away[:, np.ptp(x, axis=0) == 0.0] = 0.0
        covariance = away.T @ away / n
    return mean, covariance


def check_told_apart(covariance: Floats, number: Places | None = None) -> None:
    """Refuse columns that never change or that the ones before them explain.

    Parameters
    ----------
    covariance : ndarray, shape (p, p)
        Of the columns, see :func:`moments`.
    number : ndarray of int, shape (p,), optional
        What to call the columns; 0 to p - 1 by default.

    Raises
    ------
    ModelError
        Naming the column, ``x[:, j]``, and those it repeats.
    """
    variance = np.diag(covariance)
    called = np.arange(variance.size) if number is None else number
    for j, own in enumerate(variance):
        others, before = "", covariance[:j, :j]
        if own > 0:
            # in standard deviations, so that no unit matters
            away = np.sqrt(variance[:j])
            part = covariance[:j, j] / (away * np.sqrt(own))
            weight = np.linalg.solve(before / np.outer(away, away), part)
            if 1.0 - part @ weight > REPEATED:
                continue
            others = ", ".join(str(i) for i in called[:j][np.abs(weight) > 1e-6])
        raise ModelError(
            f"x[:, {called[j]}]", "leaves no maximum of the likelihood: it "
            + (f"repeats column {others}" if others else "never changes"),
            remedy="Leave it out, or fit a distribution with a prior.",
        )  # fmt: skip


def _check_not_separated(x: Floats, event: Flags) -> None:
    """Refuse effects that can grow without end: those who ceased all at one extreme [1].

    That is so if a sum of columns is the same for all events and no larger in any other row.
    """
    places = np.flatnonzero(event)
    if places.size == event.size:
        return
    level = np.eye(x.shape[1])
    for some in (places[:1000], places):  # the first mostly show that the events differ
        own = x[some] - x[places[0]]
        values, vectors = np.linalg.eigh(own.T @ own / len(own))
        level = vectors[:, values < REPEATED]
        if not level.shape[1]:
            return
    others = (x[~event] - x[places[0]]) @ level
    if level.shape[1] == 1:
        turn = np.array([1.0 if (others <= 1e-9).all() else -1.0])
        if (others @ turn > 1e-9).any():
            return
    else:
        from scipy.optimize import linprog

        below = np.zeros(len(others))
        found = linprog(others.sum(axis=0), A_ub=others, b_ub=below, bounds=(-1, 1))
        turn = np.asarray(found.x, dtype=np.float64)
        if float(np.min(others @ turn)) > -1e-6:
            return
    raise _rising(level @ turn, places.size)


def _rising(direction: Floats, events: int) -> ModelError:
    columns = np.flatnonzero(np.abs(direction) > 0.05 * np.abs(direction).max())
    return ModelError(
        ", ".join(f"x[:, {j}]" for j in columns),
        "leaves no maximum of the likelihood: the larger its effect the better the fit, as it "
        "separates those who ceased from the others",
        value=f"{events} events", remedy="Leave it out, or fit a distribution with a prior.",
    )  # fmt: skip


def check_settled(found: Maximum, rows: Scaled) -> None:
    """Refuse the end of a climb from which the likelihood still rises with some effect.

    It notices what is no separation of all rows: of each risk set by itself, say, or by intervals.

    Parameters
    ----------
    found : Maximum
        Its last p arguments are the effects of the table's covariates.
    rows : Scaled

    Raises
    ------
    ModelError
        Naming the columns, ``x[:, j]``.
    """
    x, events = rows.table.x, rows.table.events
    if x is None or not x.size:
        return
    base = found.argument.size - x.shape[1]
    information, step = -found.hessian, found.last_step[base:]
    mixed = information[:base, base:]
    bend = information[base:, base:] - mixed.T @ (
        np.linalg.pinv(information[:base, :base], hermitian=True) @ mixed
    )
    # held against the spread of the rows in that direction: columns may be nearly alike
    apart = np.linalg.inv(np.linalg.cholesky(rows.covariance))
    values, vectors = np.linalg.eigh(apart @ bend @ apart.T)
    if values[0] < LEVEL * events:
        step = apart.T @ vectors[:, 0]
    # no row is farther from the mean than the root of n standard deviations
    elif (
        len(x) * float(step @ rows.covariance @ step) < FARTHEST**2
        or float(np.ptp(x @ step)) < FARTHEST
    ):
        return
    raise _rising(step, events)
