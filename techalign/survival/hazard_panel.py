"""Year by year, with what happened at the vendor: a hazard that events raise for a while.

::

    logit hazard = g0 + g1 log(1 + age) + x beta + sum over events of g_e 2^(-since / half_life)

A small client's own data say little about events, so their effects start from stated beliefs;
``shrinkage`` tells, parameter by parameter, how much is belief.

References
----------
[1] Shumway, T. (2001). Forecasting bankruptcy more accurately: a simple hazard model. Journal
    of Business 74(1), 101-124.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.survival.covariates import FARTHEST, check_told_apart, coefficient_table, moments
from techalign.survival.lifetimes import numbers_of, refuse
from techalign.survival.newton import Maximum, Objective, logistic_objective, maximise

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["HazardPanelFit", "fit_hazard_panel"]

Belief = Mapping[str, tuple[float, float]]


@dataclass(frozen=True, eq=False)
class HazardPanelFit:
    """Hazard per period as a logistic function of age, covariates and past events.

    Attributes
    ----------
    names : tuple of str
        ``g0``, ``log_age``, ``beta_0`` ..., then the kinds of events.
    estimate : ndarray, shape (q,)
    covariance : ndarray, shape (q, q)
    shrinkage : ndarray, shape (q,)
        Posterior over prior variance: 1 is all belief, 0 all data.
    kinds : tuple of str
        Kinds of events.
    period, half_life : float
        Years a row stands for; years until half of an event's effect is gone.
    log_likelihood : float
    rows, events : int

    Examples
    --------
    A change of owner at the beginning of a year about doubles the odds, by belief
    more than by these four rows; half of that is left a year later.

    >>> from techalign.survival import fit_hazard_panel
    >>> fit = fit_hazard_panel(
    ...     [1, 2, 3, 4], [0, 0, 1, 0], since=[[float("nan")], [0], [1], [2]], kinds=["owner"],
    ...     prior={"g0": (-2, 0.5), "log_age": (-0.3, 0.2), "owner": (0.7, 0.1)},
    ... )
    >>> fit.hazard([3.0, 3.0], since=[[float("nan")], [0.0]]).round(2).tolist()
    [0.09, 0.17]
    """

    names: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    shrinkage: Floats
    kinds: tuple[str, ...]
    period: float
    half_life: float
    log_likelihood: float
    rows: int
    events: int

    def hazard(
        self, age: ArrayLike, x: ArrayLike | None = None, since: ArrayLike | None = None
    ) -> Floats:
        """Probability of ceasing in the period that begins at ``age``.

        Parameters
        ----------
        age : array_like, shape (n,)
            Years.
        x : array_like, shape (n, p), optional
            Covariates; 0 by default.
        since : array_like, shape (n, E), optional
            Years since the event of each kind, NaN for none; none by default.

        Returns
        -------
        ndarray, shape (n,)
        """
        ages = np.atleast_1d(numbers_of("age", age))
        p = len(self.names) - 2 - len(self.kinds)
        given = np.zeros((ages.size, p)) if x is None else numbers_of("x", x)
        past = np.full((ages.size, len(self.kinds)), np.nan)
        if since is not None:
            past = numbers_of("since", since, gaps=True)
        rows = _design(ages, given, past, self.half_life)
        if rows.shape[1] != len(self.names):
            raise ModelError("x", f"must have {p} columns, and since {len(self.kinds)}")
        from scipy.special import expit

        return np.asarray(expit(rows @ self.estimate))

    def pd(
        self,
        age: ArrayLike,
        horizon: float,
        x: ArrayLike | None = None,
        since: ArrayLike | None = None,
    ) -> Floats:
        """Probability of ceasing within ``horizon`` years; events fade on the way.

        Parameters as in :meth:`hazard`; a part of a period counts as that power of survival.
        """
        ages = np.atleast_1d(numbers_of("age", age))
        past = None if since is None else numbers_of("since", since, gaps=True)
        log_alive, done = np.zeros(ages.size), 0.0
        while done < horizon - 1e-12:
            part = min(self.period, horizon - done) / self.period
            later = None if past is None else past + done
            log_alive += part * np.log1p(-self.hazard(ages + done, x, later))
            done += self.period
        return -np.expm1(log_alive)

    def summary(self, level: float = 0.8) -> DataFrame:
        """Estimates with errors.

        Returns
        -------
        DataFrame
            Indexed by parameter: estimate, std_error, low, high, odds_ratio, shrinkage.
        """
        with np.errstate(over="ignore"):  # a unit may be more than anybody has
            ratio = np.exp(self.estimate)
        return coefficient_table(
            self.names,
            self.estimate,
            self.covariance,
            level,
            odds_ratio=ratio,
            shrinkage=self.shrinkage,
        )


def fit_hazard_panel(
    age: ArrayLike,
    event: ArrayLike,
    *,
    x: ArrayLike | None = None,
    since: ArrayLike | None = None,
    kinds: Sequence[str] = (),
    half_life: float = 1.0,
    period: float = 1.0,
    prior: Belief | None = None,
) -> HazardPanelFit:
    """Fit the hazard of a panel with one row per vendor and period [1].

    Parameters
    ----------
    age : array_like, shape (n,)
        Age at the beginning of the row, years.
    event : array_like of bool, shape (n,)
        Whether the vendor ceased in the period.
    x : array_like, shape (n, p), optional
        Covariates.
    since : array_like, shape (n, E), optional
        Years since the last event of each kind at the beginning of the row; NaN for none.
    kinds : sequence of str, length E
        Names of the kinds.
    half_life, period : float
        Years.
    prior : mapping of str to (mean, sd), optional
        Normal beliefs about parameters by name; those not named are left to the data.

    Returns
    -------
    HazardPanelFit

    Raises
    ------
    ModelError
        If a value is out of bounds, missing or no number (naming argument and row), or the data
        and beliefs do not settle every parameter.

    Examples
    --------
    >>> from techalign.survival import fit_hazard_panel
    >>> fit = fit_hazard_panel([0, 1, 2, 0, 1, 5, 6], [1, 0, 1, 0, 0, 0, 1])
    >>> fit.names, fit.events, fit.pd([1.0], horizon=1.0).round(2).tolist()
    (('g0', 'log_age'), 3, [0.41])
    """
    ages, y, design = _checked(age, event, x, since, kinds, half_life, period)
    p = design.shape[1] - 2 - len(kinds)
    names = ("g0", "log_age", *(f"beta_{j}" for j in range(p)), *kinds)
    mean, precision = _beliefs(names, prior or {})
    if precision[0] == 0:
        free = np.flatnonzero(precision[2 : 2 + p] == 0)
        check_told_apart(moments(design[:, 2 + free])[1], free)
    turn = _origin(design[:, 2 : 2 + p], design.shape[1])
    found = maximise(
        _turned(logistic_objective(design, y, mean, precision), turn),
        np.asarray(np.linalg.solve(turn, _start(y, mean, precision)), dtype=np.float64),
    )
    _check_settled(found, design @ turn, names, (precision, y))
    estimate = turn @ found.argument
    covariance = np.asarray(turn @ np.linalg.inv(-found.hessian) @ turn.T)
    away = estimate - mean
    return HazardPanelFit(
        names=names,
        estimate=estimate,
        covariance=covariance,
        shrinkage=np.minimum(np.diag(covariance) * precision, 1.0),
        kinds=tuple(kinds),
        period=period,
        half_life=half_life,
        log_likelihood=found.value + float(precision @ away**2) / 2,
        rows=ages.size,
        events=int(y.sum()),
    )


def _start(y: Floats, mean: Floats, precision: Floats) -> Floats:
    """Beliefs, and the share of rows with event where nothing is believed of the level."""
    start = mean.copy()
    if precision[0] == 0:
        start[0] = np.log(max(y.mean(), 0.5 / max(y.size, 1)) / (1 - min(y.mean(), 0.99)))
    return start


def _origin(x: Floats, size: int) -> Floats:
    """Parameters as a matrix times those for centred and scaled covariates; shape (q, q)."""
    turn, own = np.eye(size), np.arange(2, 2 + x.shape[1])
    if x.size:
        mean, covariance = moments(x)
        spread = np.sqrt(np.diag(covariance))
        turn[own, own] = 1.0 / np.where(spread > 0, spread, 1.0)
        turn[0, own] = np.where(spread > 0, -mean * turn[own, own], 0.0)
    return turn


def _turned(objective: Objective, turn: Floats) -> Objective:
    """The same function of other parameters, of which its own are ``turn`` times."""

    def of(b: Floats) -> tuple[float, Floats, Floats]:
        value, gradient, hessian = objective(turn @ b)
        return value, turn.T @ gradient, turn.T @ hessian @ turn

    return of


def _check_settled(
    found: Maximum, design: Floats, names: tuple[str, ...], known: tuple[Floats, Floats]
) -> None:
    """Refuse a likelihood that only levels off, naming the parameters in whose favour."""
    precision, y = known
    step = np.where(precision > 0, 0.0, found.last_step)
    level = np.linalg.eigvalsh(-found.hessian)[0] < 1e-9
    if found.converged and not level and np.abs(design @ step).max(initial=0.0) < FARTHEST:
        return
    blame = np.abs(step) > 0.05 * max(float(np.abs(step).max()), 1e-300)
    blamed = [name for name, bad in zip(names, blame, strict=True) if bad]
    told = ", ".join(f"{b} (x[:, {b[5:]}])" if b.startswith("beta_") else b for b in blamed)
    raise ModelError(
        "event", f"does not settle {told or 'parameters'}",
        value=f"{int(y.sum())} of {y.size} rows",
        remedy=f"Pass beliefs (mean, sd) about {', '.join(names)}.",
    )  # fmt: skip


def _beliefs(names: tuple[str, ...], prior: Belief) -> tuple[Floats, Floats]:
    """Mean and precision of each parameter; precision 0 where nothing is believed."""
    unknown = [name for name in prior if name not in names]
    if unknown:
        raise ModelError("prior", f"names no parameter; there are {names}", value=unknown[0])
    mean, precision = np.zeros(len(names)), np.zeros(len(names))
    for name, (centre, sd) in prior.items():
        if not sd > 0:
            raise ModelError(f"prior[{name}]", "must have a positive spread", value=sd)
        mean[names.index(name)], precision[names.index(name)] = centre, sd**-2.0
    return mean, precision


def _checked(
    age: ArrayLike,
    event: ArrayLike,
    x: ArrayLike | None,
    since: ArrayLike | None,
    kinds: Sequence[str],
    half_life: float,
    period: float,
) -> tuple[Floats, Floats, Floats]:
    ages, y = numbers_of("age", age), numbers_of("event", event)
    for name, number in (("half_life", half_life), ("period", period)):
        if not 0 < float(numbers_of(name, number)) < np.inf:
            raise ModelError(name, "must be a positive number of years", value=number)
    if ages.ndim != 1 or y.shape != ages.shape:
        raise ModelError("event", "must have one value for each age", value=y.shape)
    given = np.zeros((ages.size, 0)) if x is None else numbers_of("x", x)
    given = given[:, None] if given.ndim == 1 else given
    past = np.zeros((ages.size, 0)) if since is None else numbers_of("since", since, gaps=True)
    past = past[:, None] if past.ndim == 1 else past
    if past.shape[1] != len(kinds):
        raise ModelError("since", f"must have a column for each of {list(kinds)}", value=past.shape)
    refuse("age", ~(ages >= 0) | np.isinf(ages), ages, "is out of bounds")
    refuse("event", ~np.isin(y, (0.0, 1.0)), y, "is out of bounds")
    refuse("x", ~np.isfinite(given).all(axis=1), given, "is out of bounds")
    refuse("since", (past < 0).any(axis=1), past, "is out of bounds")
    return ages, y, _design(ages, given, past, half_life)


def _design(ages: Floats, x: Floats, since: Floats, half_life: float) -> Floats:
    left = np.where(np.isnan(since), 0.0, 2.0 ** (-np.nan_to_num(since) / half_life))
    return np.column_stack([np.ones_like(ages), np.log1p(ages), x, left])
