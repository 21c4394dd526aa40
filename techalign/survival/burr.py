"""The Burr XII curve: how long businesses last, in three numbers.

Young businesses close often and old ones rarely. A Weibull curve can fall like that, yet not
flatten fast enough: on the survival of a US cohort over 23 years its worst error is four times
that of the Burr curve. Burr XII is a Weibull curve whose scale differs between businesses as a
gamma variable does [2]: the frail close first. Both limits are in the family, ``theta`` infinite
being Weibull and ``theta`` 1 log-logistic, so one class serves all three.

References
----------
[1] Burr, I. W. (1942). Cumulative frequency functions. Annals of Mathematical Statistics 13(2),
    215-232.
[2] Dubey, S. D. (1968). A compound Weibull distribution. Naval Research Logistics 15, 179-188.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import inf, isinf

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats

__all__ = ["BurrCurve", "fit_burr_to_survival"]


@dataclass(frozen=True)
class BurrCurve:
    """Survival S(t) = exp(-H(t)), H(t) = theta log(1 + (t/lam)^rho / theta) [1].

    Parameters
    ----------
    lam : float
        Scale in years, positive.
    rho : float
        Shape without unit, positive; below 1 the hazard falls from the start.
    theta : float
        Homogeneity without unit, positive: the smaller, the more businesses differ and the
        flatter the tail. Infinite: Weibull.

    Raises
    ------
    ModelError
        If a parameter is not positive.
    """

    lam: float
    rho: float
    theta: float = inf

    def __post_init__(self) -> None:
        for name in ("lam", "rho", "theta"):
            if not getattr(self, name) > 0 or (name != "theta" and isinf(getattr(self, name))):
                raise ModelError(name, "must be positive and finite", value=getattr(self, name))

    def cumulative_hazard(self, t: ArrayLike) -> Floats:
        """H(t) at ages ``t`` in years; any shape."""
        z = (np.asarray(t, dtype=float) / self.lam) ** self.rho
        cumulative: Floats = z if isinf(self.theta) else self.theta * np.log1p(z / self.theta)
        return cumulative

    def survival(self, t: ArrayLike) -> Floats:
        """Probability of reaching ages ``t`` in years; any shape."""
        reached: Floats = np.exp(-self.cumulative_hazard(t))
        return reached

    def hazard(self, t: ArrayLike) -> Floats:
        """Rate of ending per year at ages ``t`` in years; infinite at 0 if ``rho`` < 1."""
        with np.errstate(divide="ignore"):
            ratio = np.asarray(t, dtype=float) / self.lam
            rate: Floats = self.rho / self.lam * ratio ** (self.rho - 1.0)
        return rate / (1.0 + ratio**self.rho / self.theta)

    def pd(self, age: ArrayLike, horizon: ArrayLike) -> Floats:
        """Probability of ending within ``horizon`` years, given that ``age`` was reached."""
        start = np.asarray(age, dtype=float)
        increment = self.cumulative_hazard(start) - self.cumulative_hazard(start + horizon)
        probability: Floats = -np.expm1(increment)
        return probability

    def scaled(self, factor: float) -> BurrCurve:
        """The curve whose hazard is ``factor`` times this one's at every age.

        Proportional hazards stay in the family: theta grows with the factor and the scale
        shrinks by its power 1/rho.
        """
        return BurrCurve(self.lam * factor ** (-1.0 / self.rho), self.rho, self.theta * factor)


def fit_burr_to_survival(
    ages: ArrayLike,
    survival: ArrayLike,
    weights: ArrayLike | None = None,
    *,
    theta: float | None = None,
) -> BurrCurve:
    """Fit the curve to a published survival table by least squares on survival.

    Parameters
    ----------
    ages : array_like, shape (k,)
        Ages in years, positive; at least three.
    survival : array_like, shape (k,)
        Fraction that reached each age, between 0 and 1.
    weights : array_like, shape (k,), optional
        Weight of each squared error; equal by default.
    theta : float, optional
        Held at this value, infinite for Weibull. A table that ends young does not show the
        tail: take ``theta`` from a longer one.

    Returns
    -------
    BurrCurve

    Raises
    ------
    ModelError
        If there are fewer than three points, or a value is out of bounds.
    """
    from scipy.optimize import least_squares

    t, s = np.asarray(ages, dtype=float), np.asarray(survival, dtype=float)
    w = np.ones_like(t) if weights is None else np.asarray(weights, dtype=float)
    _check_points(t, s, w)
    root = np.sqrt(w)

    def residuals(logs: Floats) -> Floats:
        error: Floats = root * (_curve(logs, theta).survival(t) - s)
        return error

    start = np.log([np.interp(0.5, s[::-1], t[::-1]) / np.log(2.0), 0.8, 2.0])
    free = 3 if theta is None else 2
    # the bounds hold a flat direction: ages that show no bend do not tell theta from infinity
    below, above = np.log([1e3, 20.0, 200.0])[:free], np.log([1e3, 20.0, 1e4])[:free]
    start = start[:free]
    found = least_squares(
        residuals, start, bounds=(start - below, start + above), xtol=1e-12, ftol=1e-12, gtol=1e-12
    )
    return _curve(found.x, theta)


def _curve(logs: Floats, theta: float | None) -> BurrCurve:
    lam, rho, *last = (float(value) for value in np.exp(logs))
    return BurrCurve(lam, rho, last[0] if theta is None else theta)


def _check_points(t: Floats, s: Floats, w: Floats) -> None:
    if t.ndim != 1 or t.size < 3 or t.shape != s.shape or t.shape != w.shape:
        raise ModelError("ages", "must be at least three, with one survival each", value=t.shape)
    for name, values, bad in (
        ("ages", t, ~(t > 0)),
        ("survival", s, ~((s > 0) & (s < 1))),
        ("weights", w, ~(w >= 0)),
    ):
        if bad.any():
            row = int(np.flatnonzero(bad)[0])
            raise ModelError(f"{name}[{row}]", "is out of bounds", value=values[row])
    if (np.diff(t) <= 0).any():
        raise ModelError("ages", "must ascend", remedy="Sort the table by age.")
