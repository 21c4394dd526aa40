"""Closing against being acquired: whichever comes first takes the other's chance away.

Treating an acquisition as mere censoring and reading off one minus survival overstates closures:
it is the chance of closing in a world without acquisitions. The chance of closing first is the
integral of the probability of being there still, times the hazard of closing [1].

Incidence without shape
-----------------------
Of exact ages it is Aalen and Johansen's [2]. Where some ages lie between two looks, each cause
has cells of its own in which its probability can lie [4], those of
:mod:`techalign.survival.interval_censoring` with its own events; nobody else's interval tells
where within them. The probabilities of largest likelihood are found by the EM algorithm: an
interval is shared out over its cells as the probabilities have it, and each cell's probability is
then its part of those at risk, as in the product-limit estimate, which takes late entry and right
censoring in its stride. Two rounds show where the next ones lead, and most of them are skipped
[5]. What :mod:`techalign.survival.kaplan_meier` says of Turnbull's estimate, of small risk sets
at young ages, of standard errors, and of where in a cell the curve falls, holds here as well.

References
----------
[1] Kalbfleisch, J. D. and Prentice, R. L. (2002). The Statistical Analysis of Failure Time
    Data, 2nd ed., ch. 8.
[2] Aalen, O. and Johansen, S. (1978). An empirical transition matrix for non-homogeneous Markov
    chains based on censored observations. Scandinavian Journal of Statistics 5, 141-150.
[3] Marubini, E. and Valsecchi, M. G. (1995). Analysing Survival Data from Clinical Trials and
    Observational Studies, sec. 10.3: delta-method variance.
[4] Hudgens, M. G., Satten, G. A. and Longini, I. M. (2001). Nonparametric maximum likelihood
    estimation for competing risks survival data subject to interval censoring and truncation.
    Biometrics 57(1), 74-80.
[5] Varadhan, R. and Roland, C. (2008). Simple and globally convergent methods for accelerating
    the convergence of any EM algorithm. Scandinavian Journal of Statistics 35(2), 335-353.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Flags, Floats, Places
from techalign.survival.interval_censoring import Ranges, range_sums
from techalign.survival.kaplan_meier import small_sets
from techalign.survival.lifetimes import Lifetimes, labels_of, refuse
from techalign.survival.parametric import LifetimeFit, fit_lifetime
from techalign.survival.prior import LifetimePrior

if TYPE_CHECKING:
    from pandas import DataFrame

__all__ = ["CauseFits", "CumulativeIncidence", "cumulative_incidence", "fit_causes"]


STEPS = 64
"""Parts of a horizon within which the causes' hazards are taken as proportional."""
ROUNDS = 20_000
ENOUGH = 1e-8
"""Events, as a share of all, that a round still moves at the end."""
LEAST = 1e-4
"""Expected events in a cell below which its probability is on its way to 0."""
NOBODY = 1e-9
"""Survival at an entry below which the row tells nothing of the curve from age 0."""
LARGEST = 20_000_000
"""Rows times cells up to which standard errors are worked out."""


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

    Examples
    --------
    >>> from techalign.survival import Lifetimes, cumulative_incidence
    >>> rows = Lifetimes([0] * 4, [1, 2, 3, 4], [1, 1, 0, 1])
    >>> found = cumulative_incidence(rows, ["closed", "acquired", "", "closed"])
    >>> found.at([2.0, 4.0], given_age=1.0).round(2).tolist()
    [[0.33, 0.33], [0.0, 0.67]]
    """

    causes: tuple[str, ...]
    time: Floats
    at_risk: Counts | Floats
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
        n rows; late entry is respected. If a row is an interval, it is estimated as the
        head of this module says.
    cause : array_like of str, shape (n,)
        Cause of each event; ignored in rows without event.

    Returns
    -------
    CumulativeIncidence

    Raises
    ------
    ModelError
        If an event has no cause or a date for one, or, with intervals, a row enters at an age by
        which all before have ended.

    Examples
    --------
    Of four vendors two closed and one was acquired; the chances add up.

    >>> from techalign.survival import Lifetimes, cumulative_incidence
    >>> rows = Lifetimes([0] * 4, [1, 2, 3, 4], [1, 1, 0, 1])
    >>> found = cumulative_incidence(rows, ["closed", "acquired", "", "closed"])
    >>> found.causes, found.at(4.0).tolist()
    (('acquired', 'closed'), [0.25, 0.75])
    """
    labels, causes = _causes(lifetimes, cause)
    if lifetimes.interval.any():
        return incidence_steps(lifetimes, labels, causes)
    time = np.unique(lifetimes.stop[lifetimes.event])
    at_risk = lifetimes.at_risk(time)
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
    return CumulativeIncidence(
        causes=causes,
        time=time,
        at_risk=at_risk,
        survival=survival,
        incidence=incidence,
        std_error=error,
    )


def _incidence_error(
    at_risk: Counts,
    deaths: Counts,
    total: Counts,
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

    Examples
    --------
    >>> from techalign.survival import Lifetimes, fit_causes
    >>> rows = Lifetimes([0] * 5, [1, 2, 3, 4, 5], [1, 1, 1, 1, 0])
    >>> fits = fit_causes(rows, ["closed", "acquired", "closed", "acquired", ""], "weibull")
    >>> {name: chance.round(2).tolist() for name, chance in fits.pd(1.0, 2.0).items()}
    {'acquired': [0.19], 'closed': [0.23]}
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

    Examples
    --------
    A cause that a prior names needs no event.

    >>> from techalign.survival import BurrCurve, Lifetimes, fit_causes, prior_from_curve
    >>> prior = prior_from_curve(BurrCurve(6.0, 0.8, 2.0))
    >>> rows = Lifetimes([0, 0], [3, 4], [True, False])
    >>> fits = fit_causes(rows, ["closed", ""], priors={"closed": prior, "acquired": prior})
    >>> [(name, fit.events) for name, fit in fits.fits.items()]
    [('closed', 1), ('acquired', 0)]
    """
    if dist == "cox":
        raise ModelError("dist", "must be a distribution", value=dist)
    labels, found = _causes(lifetimes, cause)
    beliefs = dict(priors or {})
    names = tuple(dict.fromkeys((*found, *sorted(beliefs))))
    upper, fits = lifetimes.upper, {}
    for name in names:
        own = labels == name
        rows = replace(
            lifetimes,
            stop=np.where(own, lifetimes.stop, lifetimes.middle),
            event=own,
            upper=None if upper is None else np.where(own, upper, np.nan),
        )
        fits[name] = fit_lifetime(rows, dist, beliefs.get(name), kind=kind)  # type: ignore[call-overload]
    return CauseFits(fits)


def _causes(lifetimes: Lifetimes, cause: ArrayLike) -> tuple[NDArray[Any], tuple[str, ...]]:
    """Cause of each event, "" in rows without; and the causes, sorted."""
    labels = labels_of("cause", cause, lifetimes.stop.shape, lifetimes.event)
    refuse("cause", lifetimes.event & (labels == ""), labels, "is missing in a row with an event")
    return labels, tuple(np.unique(labels[lifetimes.event]).tolist())


def incidence_steps(
    lifetimes: Lifetimes, labels: NDArray[np.str_], causes: tuple[str, ...]
) -> CumulativeIncidence:
    """Estimate the incidence of each cause where some rows are intervals [4].

    Parameters
    ----------
    lifetimes : Lifetimes
        n rows with at least one event.
    labels : ndarray of str, shape (n,)
        Cause of each event.
    causes : tuple of str, length m

    Returns
    -------
    CumulativeIncidence
        At ages by which events had happened; at risk are expected numbers.

    Raises
    ------
    ModelError
        If nobody is left at an age at which further rows enter, or the climb does not end.
    """
    cells = _Cells(lifetimes, labels, causes)
    mass, at_risk = cells.climb()
    found = np.flatnonzero(mass > 0)
    place = cells.place[found]
    new = np.flatnonzero(np.diff(place, prepend=-1))
    time = cells.ages[place[new]]
    # by the end of each age, per cause
    last = np.append(new[1:], found.size)
    own = cells.cause[found] == np.arange(len(causes))[:, None]
    incidence = np.cumsum(own * mass[found], axis=1)[:, last - 1]
    error = _errors(cells, mass, found, own, last)
    reached = at_risk[found[new]]
    alive = np.maximum(1.0 - incidence.sum(axis=0), 0.0)
    return CumulativeIncidence(
        causes=causes,
        time=time,
        at_risk=reached,
        survival=alive,
        incidence=incidence,
        std_error=error,
        note=small_sets(time, reached, alive),
    )


class _Cells:
    """Cells of all causes in the order of their ends, and what each row says of them."""

    def __init__(
        self, lifetimes: Lifetimes, labels: NDArray[np.str_], causes: tuple[str, ...]
    ) -> None:
        rows = Ranges.of(lifetimes)
        parts = [rows.cells(labels == name) for name in causes]
        cause = np.repeat(np.arange(len(causes)), [left.size for left, _ in parts])
        left, right = (np.concatenate(sides) for sides in zip(*parts, strict=True))
        order = np.lexsort((cause, left, right))
        left, right = left[order], right[order]
        self.ages, self.place, self.cause = rows.ages, right // 2, cause[order]
        self.size, self.entry = right.size, lifetimes.entry
        self.after = np.searchsorted(right, rows.entry, side="right")
        self.until = np.searchsorted(right, rows.low, side="right")[~rows.event]
        # rows with an event, cause by cause: their cells are neighbours in the cause's own order
        self.own = [np.flatnonzero(self.cause == j) for j in range(len(causes))]
        self.rows = [np.flatnonzero(labels == name) for name in causes]
        pairs = list(zip(self.own, self.rows, strict=True))
        self.begin = [np.searchsorted(left[c], rows.low[r]) for c, r in pairs]
        self.end = [np.searchsorted(right[c], rows.high[r], "right") for c, r in pairs]
        self.events = int(np.count_nonzero(rows.event))
        entered = np.cumsum(np.bincount(self.after, minlength=self.size + 1))
        left_alive = np.cumsum(np.bincount(self.until, minlength=self.size + 1))
        self.observed = (entered - left_alive)[: self.size].astype(float)

    def shares(self, mass: Floats) -> list[Floats]:
        """Probability of the cells of each row with an event, cause by cause."""
        found = []
        for cells, begin, end in zip(self.own, self.begin, self.end, strict=True):
            total = np.concatenate([[0.0], np.cumsum(mass[cells])])
            single = end == begin + 1
            whole = total[end] - total[begin]
            found.append(np.where(single, mass[cells[begin]], whole) if cells.size else whole)
        return found

    def round(self, mass: Floats) -> tuple[Floats, Floats]:
        """Expected events in each cell, and rows at risk of them."""
        events = np.zeros(self.size)
        for cells, begin, end, share in zip(
            self.own, self.begin, self.end, self.shares(mass), strict=True
        ):
            weight = 1.0 / np.maximum(share, 1e-300)
            events[cells] = mass[cells] * np.maximum(range_sums(weight, begin, end, cells.size), 0)
        before = np.cumsum(events) - events
        return events, np.maximum(self.observed - before, events)

    def value(self, mass: Floats, survival: Floats) -> float:
        """Log likelihood; ``survival`` has one more element, the first is 1."""
        with np.errstate(divide="ignore", invalid="ignore"):
            own = sum(float(np.log(share).sum()) for share in self.shares(mass))
            there = np.log(survival[self.until]).sum() - np.log(survival[self.after]).sum()
        return own + float(there)

    def climb(self) -> tuple[Floats, Floats]:
        """Probabilities of largest likelihood, and rows at risk of each cell."""
        hazard = self._next(np.ones(self.size))[0]
        for _ in range(ROUNDS):
            one, moved, at_risk = self._next(self._mass(hazard)[0])
            if moved < ENOUGH * self.events:
                mass = self._mass(one)[0]
                return np.where(one * at_risk > LEAST, mass, 0.0), at_risk
            two = self._next(self._mass(one)[0])[0]
            hazard = self._farther(hazard, one, two)
        raise ModelError(
            "lifetimes", "have no maximum of the likelihood that could be found",
            value=f"{self.size} cells", remedy="Round the ages, or use fit_causes.",
        )  # fmt: skip

    def _next(self, mass: Floats) -> tuple[Floats, float, Floats]:
        """Hazard of each cell after one round, the events it moved, and rows at risk."""
        events, at_risk = self.round(mass)
        risk = np.where(at_risk > 0, at_risk, 1.0)
        survival = np.cumprod(np.append(1.0, 1.0 - np.minimum(events / risk, 1.0)))
        lost = np.flatnonzero(survival[self.after] < NOBODY)
        if lost.size:
            raise ModelError(
                f"entry[{lost[0]}]", "is at an age by which, by the rows before, all have ended",
                value=self.entry[lost[0]],
                remedy="Raise every entry to an age by which more are under observation.",
            )  # fmt: skip
        before = np.cumsum(mass) - mass
        was = mass / np.maximum(1.0 - before, 1e-300)
        return events / risk, float(np.abs(events - was * at_risk).sum()), at_risk

    def _mass(self, hazard: Floats) -> tuple[Floats, Floats]:
        survival = np.cumprod(np.append(1.0, 1.0 - hazard))
        return survival[:-1] * hazard, survival

    def _farther(self, start: Floats, one: Floats, two: Floats) -> Floats:
        """Where many rounds would lead, if that is better than two of them."""
        first, bend = one - start, two - 2.0 * one + start
        length = float(np.linalg.norm(first)) / max(float(np.linalg.norm(bend)), 1e-300)
        if length <= 1.0:
            return two
        far = start + 2.0 * length * first + length**2 * bend
        far = np.clip(far, 0.01 * two, 1.0 - 0.01 * (1.0 - two))
        return far if self.value(*self._mass(far)) > self.value(*self._mass(two)) else two


def _errors(cells: _Cells, mass: Floats, found: Places, own: Flags, last: Places) -> Floats:
    """Standard errors of the incidences from the observed information of the probabilities."""
    tail = 1.0 - float(mass.sum())
    size = found.size + (tail > 1e-9)
    rows = cells.after.size
    if rows * size > LARGEST:
        return np.full((own.shape[0], last.size), np.nan)
    information = np.zeros((size, size))
    whole = np.append(mass[found], tail)[:size]
    for j, mine in enumerate(cells.own):
        rank = np.full(cells.size, -1)
        rank[mine] = np.arange(mine.size)
        rank = np.append(rank[found], -1)[:size]
        _add(information, whole, (rank >= cells.begin[j][:, None]) & (rank < cells.end[j][:, None]))
    order = np.append(found, cells.size)[:size]
    _add(information, whole, order >= cells.until[:, None])
    _add(information, whole, order >= cells.after[:, None], -1.0)
    # the probabilities add up to 1: the largest is told by the others
    rest = int(np.argmax(whole))
    base = np.delete(np.eye(size), rest, axis=1)
    base[rest] = -1.0
    covariance = base @ np.linalg.pinv(base.T @ information @ base, hermitian=True) @ base.T
    error = np.empty((own.shape[0], last.size))
    for j, mine in enumerate(own):
        counted = (np.arange(size) < last[:, None]) & np.append(mine, False)[:size]
        error[j] = np.sqrt(np.maximum(((counted @ covariance) * counted).sum(axis=1), 0.0))
    return error


def _add(information: Floats, mass: Floats, holds: Flags, sign: float = 1.0) -> None:
    """Add what rows tell whose probability is that of the cells they hold."""
    part = holds / np.maximum(holds @ mass, 1e-300)[:, None]
    information += sign * (part.T @ part)
