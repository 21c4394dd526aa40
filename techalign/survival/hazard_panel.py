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
from techalign.survival.coefficients import coefficient_table
from techalign.survival.newton import logistic_objective, maximise

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
        ages = np.atleast_1d(np.asarray(age, dtype=float))
        p = len(self.names) - 2 - len(self.kinds)
        given = np.zeros((ages.size, p)) if x is None else np.asarray(x, float)
        past = np.full((ages.size, len(self.kinds)), np.nan) if since is None else since
        rows = _design(ages, given, np.asarray(past, float), self.half_life)
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
        ages = np.atleast_1d(np.asarray(age, dtype=float))
        past = None if since is None else np.asarray(since, dtype=float)
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
        return coefficient_table(
            self.names,
            self.estimate,
            self.covariance,
            level,
            odds_ratio=np.exp(self.estimate),
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
        If a value is out of bounds, or the data and beliefs do not settle every parameter.
    """
    ages, y, design = _checked(age, event, x, since, kinds, half_life, period)
    p = design.shape[1] - 2 - len(kinds)
    names = ("g0", "log_age", *(f"beta_{j}" for j in range(p)), *kinds)
    mean, precision = _beliefs(names, prior or {})

    start = mean.copy()
    if precision[0] == 0:
        start[0] = np.log(max(y.mean(), 0.5 / max(y.size, 1)) / (1 - min(y.mean(), 0.99)))
    found = maximise(logistic_objective(design, y, mean, precision), start)
    information = -found.hessian
    if (
        not found.converged
        or np.linalg.eigvalsh(information)[0] < 1e-9
        or _separated(found.argument)
    ):
        raise ModelError(
            "event", "does not settle every parameter", value=f"{int(y.sum())} of {y.size} rows",
            remedy=f"Pass beliefs (mean, sd) about {', '.join(names)}.",
        )  # fmt: skip
    covariance = np.linalg.inv(information).astype(np.float64)
    shrinkage = np.minimum(np.diag(covariance) * precision, 1.0)
    away = found.argument - mean
    value = found.value + float(precision @ away**2) / 2
    return HazardPanelFit(
        names, found.argument, covariance, shrinkage, tuple(kinds), period, half_life,
        value, ages.size, int(y.sum()),
    )  # fmt: skip


def _separated(estimate: Floats) -> bool:
    # odds of e^15 per unit are no estimate but a likelihood that levels off
    return bool(np.abs(estimate).max() > 15.0)


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
    ages, y = np.asarray(age, dtype=float), np.asarray(event, dtype=float)
    for name, number in (("half_life", half_life), ("period", period)):
        if not 0 < number < np.inf:
            raise ModelError(name, "must be a positive number of years", value=number)
    if ages.ndim != 1 or y.shape != ages.shape:
        raise ModelError("event", "must have one value for each age", value=y.shape)
    given = np.zeros((ages.size, 0)) if x is None else np.asarray(x, dtype=float)
    given = given[:, None] if given.ndim == 1 else given
    past = np.zeros((ages.size, 0)) if since is None else np.asarray(since, dtype=float)
    past = past[:, None] if past.ndim == 1 else past
    if past.shape[1] != len(kinds):
        raise ModelError("since", f"must have a column for each of {list(kinds)}", value=past.shape)
    for name, values, bad in (
        ("age", ages, ~(ages >= 0) | np.isinf(ages)),
        ("event", y, ~np.isin(y, (0.0, 1.0))),
        ("x", given, ~np.isfinite(given).all(axis=1)),
        ("since", past, (past < 0).any(axis=1)),
    ):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise ModelError(f"{name}[{row}]", "is out of bounds", value=values[row])
    return ages, y, _design(ages, given, past, half_life)


def _design(ages: Floats, x: Floats, since: Floats, half_life: float) -> Floats:
    left = np.where(np.isnan(since), 0.0, 2.0 ** (-np.nan_to_num(since) / half_life))
    return np.column_stack([np.ones_like(ages), np.log1p(ages), x, left])
