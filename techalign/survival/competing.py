"""Closing against being acquired: whichever comes first takes the other's chance away.

Treating an acquisition as mere censoring and reading off one minus survival overstates closures:
it is the chance of closing in a world without acquisitions. The chance of closing first is the
integral of the probability of being there still, times the hazard of closing [1].

References
----------
[1] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time
    Data, 2nd ed., ch. 8.
[2] Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov
    chains based on censored observations. Scandinavian Journal of Statistics 5, 141-150.
[3] Marubini, E. and Valsecchi, M. G. (1995). Analysing Survival Data from Clinical Trials and
    Observational Studies, sec. 10.3: delta-method variance.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.survival.fit import fit_lifetime
from techalign.survival.incidence import incidence_steps
from techalign.survival.lifetime_fit import LifetimeFit
from techalign.survival.lifetimes import Lifetimes
from techalign.survival.prior import LifetimePrior
from techalign.survival.turnbull import small_sets

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["CauseFits", "CumulativeIncidence", "cumulative_incidence", "fit_causes"]

Floats = NDArray[np.float64]

STEPS = 64
"""Parts of a horizon within which the causes' hazards are taken as proportional."""


@dataclass(frozen=True, eq=False)
class CumulativeIncidence:
    """Chance that each cause has come first, by age [2].

    Attributes
    ----------
    causes : tuple of str, length m
    time : ndarray, shape (k,)
        Ages in years with events of any cause, ascending; of intervals the ages by which the
        events had happened.
    at_risk : ndarray, shape (k,)
        Rows under observation just before; the expected number if some rows are intervals.
    survival : ndarray, shape (k,)
        Chance that none has come.
    incidence, std_error : ndarray, shape (m, k)
        Of each cause; the incidences and the survival add up to 1.
    note : str
        Empty, or that much of the fall rests on few rows; said if some rows are intervals.
    """

    causes: tuple[str, ...]
    time: Floats
    at_risk: NDArray[np.int64] | Floats
    survival: Floats
    incidence: Floats
    std_error: Floats
    note: str = ""

    def at(self, t: ArrayLike, given_age: float = 0.0) -> Floats:
        """Incidence of each cause by each age ``t`` in years; shape (m, ...).

        With ``given_age`` that after it, given that this age was reached; NaN if nobody does.
        """
        steps = np.concatenate([np.zeros((len(self.causes), 1)), self.incidence], axis=1)
        values: Floats = steps[:, np.searchsorted(self.time, np.asarray(t, float), side="right")]
        if given_age <= 0:
            return values
        before = self.at(given_age).reshape(-1, *[1] * np.ndim(t))
        alive = max(1.0 - float(before.sum()), 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            later: Floats = np.where(
                alive > 1e-12, np.maximum(values - before, 0.0) / alive, np.nan
            )
        return later


def cumulative_incidence(lifetimes: Lifetimes, cause: ArrayLike) -> CumulativeIncidence:
    """Estimate the incidence of each cause without assuming a shape.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows; late entry is respected. If a row is an interval, the estimate is that of
        :mod:`techalign.survival.incidence`.
    cause : array_like of str, shape (n,)
        Cause of each event; ignored in rows without event.

    Returns
    -------
    CumulativeIncidence

    Raises
    ------
    ModelError
        If an event has no cause, or, with intervals, a row enters at an age by which all before
        have ended.
    """
    labels, causes = _causes(lifetimes, cause)
    if lifetimes.interval.any():
        found = incidence_steps(lifetimes, labels, causes)
        alive = np.maximum(1.0 - found.incidence.sum(axis=0), 0.0)
        return CumulativeIncidence(
            causes, found.time, found.at_risk, alive, found.incidence, found.std_error,
            small_sets(found.time, found.at_risk, alive),
        )  # fmt: skip
    time = np.unique(lifetimes.stop[lifetimes.event])
    entered, left = (
        np.searchsorted(np.sort(ages), time, side="left")
        for ages in (lifetimes.entry, lifetimes.stop)
    )
    at_risk = entered - left
    deaths = np.array(
        [
            np.bincount(np.searchsorted(time, lifetimes.stop[labels == name]), minlength=time.size)
            for name in causes
        ]
    ).reshape(len(causes), time.size)
    total = deaths.sum(axis=0)
    survival = np.cumprod(1.0 - total / at_risk)
    before = np.concatenate([[1.0], survival[:-1]])
    incidence = np.cumsum(before * deaths / at_risk, axis=1)
    error = _incidence_error(at_risk, deaths, total, before, incidence)
    return CumulativeIncidence(causes, time, at_risk, survival, incidence, error)


def _incidence_error(
    at_risk: NDArray[np.int64],
    deaths: NDArray[np.int64],
    total: NDArray[np.int64],
    before: Floats,
    incidence: Floats,
) -> Floats:
    """Delta-method standard errors [3], with the squares multiplied out into running sums."""
    n, d, gone = at_risk.astype(float), deaths.astype(float), total.astype(float)
    with np.errstate(divide="ignore", invalid="ignore"):
        # once nobody is left survival is 0 and stays so: no further variance
        greenwood = np.where(gone < n, gone / (n * (n - gone)), 0.0)
    own = before**2 * (n - d) / n**3 * d
    mixed = before * d / n**2
    square = (
        incidence**2 * np.cumsum(greenwood)
        - 2.0 * incidence * np.cumsum(incidence * greenwood, axis=1)
        + np.cumsum(incidence**2 * greenwood, axis=1)
    )
    cross = incidence * np.cumsum(mixed, axis=1) - np.cumsum(incidence * mixed, axis=1)
    variance = square + np.cumsum(own, axis=1) - 2.0 * cross
    error: Floats = np.sqrt(np.maximum(variance, 0.0))
    return error


@dataclass(frozen=True, eq=False)
class CauseFits:
    """One lifetime distribution per cause, the others censoring it.

    Attributes
    ----------
    fits : dict of str to LifetimeFit
    """

    fits: dict[str, LifetimeFit]

    def pd(self, age: ArrayLike, horizon: float, x: ArrayLike | None = None) -> dict[str, Floats]:
        """Probability that each cause comes first within ``horizon`` years.

        Parameters
        ----------
        age : array_like, shape (n,)
            Age reached, years.
        horizon : float
            Years.
        x : array_like, shape (p,) or (n, p), optional
            Covariates; 0 by default.

        Returns
        -------
        dict of str to ndarray, shape (n,)
        """
        return self._first(age, horizon, x, dict.fromkeys(self.fits, 1.0))

    def incidence(
        self, age: float, horizon: float, x: ArrayLike | None = None, level: float = 0.8
    ) -> DataFrame:
        """The same for one vendor, with intervals.

        Each interval moves the cause's own hazard between its ends; the others stay.

        Returns
        -------
        DataFrame
            Indexed by cause: point, low, high.
        """
        from pandas import DataFrame

        point = self.pd(age, horizon, x)
        rows = {}
        for name, fit in self.fits.items():
            alone = fit.pd_interval(age, horizon, x, level)
            ends = []
            for end in (alone.low, alone.high):
                ratio = np.log1p(-end) / np.log1p(-alone.point) if alone.point > 0 else 1.0
                factor = dict.fromkeys(self.fits, 1.0) | {name: float(ratio)}
                ends.append(float(self._first(age, horizon, x, factor)[name][0]))
            rows[name] = [float(point[name][0]), *ends]
        frame = DataFrame.from_dict(rows, orient="index", columns=["point", "low", "high"])
        return frame.rename_axis("cause")

    def _first(
        self, age: ArrayLike, horizon: float, x: ArrayLike | None, factor: Mapping[str, float]
    ) -> dict[str, Floats]:
        start = np.atleast_1d(np.asarray(age, dtype=float))
        parts = np.linspace(0.0, horizon, STEPS + 1)
        # finer near the start, where a young vendor's hazard may be steep
        parts = horizon * (parts / horizon) ** 2 if horizon > 0 else parts
        there = {name: np.zeros((STEPS + 1, start.size)) for name in self.fits}
        for name, fit in self.fits.items():
            for j, years in enumerate(parts):
                chance = fit.pd(start, years, x)
                there[name][j] = -factor[name] * np.log1p(-np.minimum(chance, 1.0 - 1e-15))
        added = {name: np.diff(hazard, axis=0) for name, hazard in there.items()}
        every = np.sum(list(added.values()), axis=0)
        alive = np.exp(-(np.cumsum(every, axis=0) - every))
        ended = alive * -np.expm1(-every)
        share = {name: own / np.where(every > 0, every, 1.0) for name, own in added.items()}
        return {name: (ended * part).sum(axis=0) for name, part in share.items()}


def fit_causes(
    lifetimes: Lifetimes,
    cause: ArrayLike,
    dist: str = "burr",
    priors: Mapping[str, LifetimePrior] | None = None,
    *,
    kind: str = "hazard",
) -> CauseFits:
    """Fit a distribution to each cause.

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows; late entry, right and interval censoring. A row that ended by another cause
        counts to its end, or to the middle of its interval.
    cause : array_like of str, shape (n,)
        Cause of each event; ignored in rows without event.
    dist, kind : str
        See ``fit_lifetime``; not Cox.
    priors : mapping of str to LifetimePrior, optional
        By cause; a cause named here needs no event.

    Returns
    -------
    CauseFits

    Raises
    ------
    ModelError
        If an event has no cause, or a cause cannot be fitted.
    """
    if dist == "cox":
        raise ModelError("dist", "must be a distribution", value=dist)
    labels, found = _causes(lifetimes, cause)
    beliefs = dict(priors or {})
    names = tuple(dict.fromkeys((*found, *sorted(beliefs))))
    middle, upper = lifetimes.stop, lifetimes.upper
    if upper is not None:
        middle = np.where(lifetimes.interval, (middle + np.nan_to_num(upper)) / 2.0, middle)
    fits = {}
    for name in names:
        own = labels == name
        rows = Lifetimes(
            lifetimes.entry,
            np.where(own, lifetimes.stop, middle),
            own,
            None if upper is None else np.where(own, upper, np.nan),
            lifetimes.x,
        )
        fits[name] = fit_lifetime(rows, dist, beliefs.get(name), kind=kind)  # type: ignore[call-overload]
    return CauseFits(fits)


def _causes(lifetimes: Lifetimes, cause: ArrayLike) -> tuple[NDArray[np.str_], tuple[str, ...]]:
    """Cause of each event, "" in rows without; and the causes, sorted."""
    given = np.asarray(cause).astype(str)
    if given.shape != lifetimes.stop.shape:
        raise ModelError("cause", "must have one value for each lifetime", value=given.shape)
    labels = np.where(lifetimes.event, given, "")
    bare = np.flatnonzero(lifetimes.event & (labels == ""))
    if bare.size:
        raise ModelError(f"cause[{bare[0]}]", "is missing in a row with an event")
    return labels, tuple(np.unique(labels[lifetimes.event]).tolist())
