"""A fitted lifetime distribution: what it says of a vendor, and how surely.

References
----------
[1] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time
    Data, 2nd ed., sec. 2.3: accelerated failure times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval, width_of
from techalign.survival.burr import BurrCurve
from techalign.survival.coefficients import coefficient_table
from techalign.survival.families import curve_of
from techalign.survival.likelihood import hazard_to
from techalign.survival.piecewise import piecewise_hazard_to
from techalign.survival.prior import LifetimePrior

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["LifetimeFit"]

Floats = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class LifetimeFit:
    """A fitted distribution of lifetimes with covariates.

    Attributes
    ----------
    dist : str
        Family.
    names : tuple of str, length k + p
        Logarithmic parameters, then ``beta_0`` to ``beta_{p-1}`` (on the log hazard) or
        ``gamma_0`` to ``gamma_{p-1}`` (on the log of time).
    estimate : ndarray, shape (k + p,)
    covariance : ndarray, shape (k + p, k + p)
    log_likelihood : float
        Of the data alone at the estimate; 0 where the prior answers.
    rows, events : int
        Rows and events in the table.
    prior : LifetimePrior or None
    shrinkage : ndarray, shape (k + p,)
        Posterior over prior variance, 0 (data) to 1 (prior); 0 without prior.
    note : str
        What the reader must know: that the prior alone answers, or a flat direction.
    kind : str
        ``"hazard"``: covariates multiply the hazard; ``"time"``: they stretch time.
    breaks : tuple of float
        Ages in years at which a piecewise hazard changes; empty for other families.
    """

    dist: str
    names: tuple[str, ...]
    estimate: Floats
    covariance: Floats
    log_likelihood: float
    rows: int
    events: int
    prior: LifetimePrior | None
    shrinkage: Floats
    note: str = ""
    kind: str = "hazard"
    breaks: tuple[float, ...] = ()

    @property
    def curve(self) -> BurrCurve:
        """The baseline, that is the curve at covariates 0; a piecewise fit has none."""
        if self.dist == "piecewise":
            raise ModelError("dist", "has no smooth curve", value=self.dist, remedy="Use rates.")
        return curve_of(self.dist, self.estimate)

    def rates(self, level: float = 0.8) -> DataFrame:
        """Hazard of a piecewise fit at covariates 0.

        Returns
        -------
        DataFrame
            One row per interval: age_from, age_to (years), rate, low, high (per year).
        """
        from pandas import DataFrame

        k = len(self.breaks) + 1
        if self.dist != "piecewise":
            raise ModelError("dist", "has no constant rates", value=self.dist, remedy="Use curve.")
        ends, logs = [0.0, *self.breaks, np.inf], self.estimate[:k]
        width = width_of(level) * np.sqrt(np.diag(self.covariance)[:k])
        columns = {"rate": np.exp(logs), "low": np.exp(logs - width), "high": np.exp(logs + width)}
        return DataFrame({"age_from": ends[:-1], "age_to": ends[1:], **columns})

    def time_ratios(self, level: float = 0.8) -> DataFrame:
        """By what factor one unit of each covariate stretches the lifetime.

        For covariates on the hazard this exists for Weibull only, where it is
        exp(-beta / rho) [1].

        Returns
        -------
        DataFrame
            Indexed by covariate: coefficient, std_error (of log time), ratio, low, high.
        """
        from pandas import DataFrame, Index

        k = len(self.names) - self._p
        slope = np.zeros((self._p, len(self.names)))
        slope[:, k:] = np.eye(self._p)
        log_time = self.estimate[k:]
        if self.kind == "hazard":
            if self.dist != "weibull":
                raise ModelError(
                    "kind", "does not stretch time", value=f"{self.dist} on the hazard",
                    remedy="Fit with kind='time'.",
                )  # fmt: skip
            rho = float(np.exp(self.estimate[1]))
            log_time, slope = -log_time / rho, -slope / rho
            slope[:, 1] = -log_time
        error = np.sqrt(np.einsum("ij,jk,ik->i", slope, self.covariance, slope))
        width = width_of(level) * error
        columns = {
            "coefficient": log_time, "std_error": error, "ratio": np.exp(log_time),
            "low": np.exp(log_time - width), "high": np.exp(log_time + width),
        }  # fmt: skip
        return DataFrame(columns, index=Index(self.names[k:], name="covariate"))

    @property
    def _p(self) -> int:
        return sum(name.startswith(("beta_", "gamma_")) for name in self.names)

    @property
    def prior_weight(self) -> float:
        """Mean shrinkage of the parameters: 1 all prior, 0 all data."""
        return float(np.mean(self.shrinkage))

    def survival(self, t: ArrayLike, x: ArrayLike | None = None, given_age: float = 0.0) -> Floats:
        """Probability of reaching age ``t`` years, given that ``given_age`` was reached.

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
        later = np.maximum(np.asarray(t, dtype=float) - given_age, 0.0)
        reached: Floats = 1.0 - self.pd(np.asarray(given_age), later, x)
        return reached

    def pd(self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None = None) -> Floats:
        """Probability of ceasing within ``horizon`` years, given survival to ``age``.

        Parameters
        ----------
        age, horizon : array_like, broadcastable to shape (n,)
            Years.
        x : array_like, shape (p,) or (n, p), optional
            Covariates; 0 by default.

        Returns
        -------
        ndarray, shape (n,)
        """
        increment, _ = self._increment(age, horizon, x)
        probability: Floats = -np.expm1(-increment)
        return probability

    def pd_interval(
        self, age: float, horizon: float, x: ArrayLike | None = None, level: float = 0.8
    ) -> Interval:
        """One probability of ceasing with its interval.

        The logarithm of the hazard added over the horizon is taken as normal (delta method),
        so that the ends stay within 0 and 1. It holds the uncertainty of the parameters, not
        that of the vendor's own fate.
        """
        increment, slope = self._increment(age, horizon, x)
        if increment[0] <= 0:
            return Interval(0.0, 0.0, 0.0, level)
        relative = slope[:, 0] / increment[0]
        width = width_of(level) * float(np.sqrt(relative @ self.covariance @ relative))
        low, point, high = -np.expm1(-increment[0] * np.exp([-width, 0.0, width]))
        return Interval(float(point), float(low), float(high), level)

    def summary(self, level: float = 0.8) -> DataFrame:
        """Estimates with standard errors, ends of the interval and shrinkage.

        Returns
        -------
        DataFrame
            Indexed by parameter: estimate, std_error, low, high, shrinkage.
        """
        return coefficient_table(
            self.names, self.estimate, self.covariance, level, shrinkage=self.shrinkage
        )

    def _increment(
        self, age: ArrayLike, horizon: ArrayLike, x: ArrayLike | None
    ) -> tuple[Floats, Floats]:
        """Hazard added over the horizon, (n,), and its slope by the parameters, (k + p, n)."""
        p = self._p
        given = np.zeros((1, p)) if x is None else np.atleast_2d(np.asarray(x, dtype=float))
        if given.shape[1] != p:
            raise ModelError("x", f"must have {p} columns", value=f"shape {given.shape}")
        start, length = np.atleast_1d(np.asarray(age, float)), np.asarray(horizon, dtype=float)
        if not ((start >= 0).all() and (length >= 0).all()):
            raise ModelError("age", "and horizon must not be negative or missing")
        begin, end = (np.ravel(a) for a in np.broadcast_arrays(start, start + length))
        count = max(begin.size, given.shape[0])
        begin, end = (np.broadcast_to(ages, (count,)) for ages in (begin, end))
        each = np.broadcast_to(given, (count, p)) if p else None
        (before, slope_before), (after, slope_after) = (
            piecewise_hazard_to(t, each, self.breaks, self.estimate)
            if self.dist == "piecewise"
            else hazard_to(t, each, self.dist, self.estimate, self.kind)
            for t in (begin, end)
        )
        return after - before, slope_after - slope_before
