"""Where a curve without shape can fall, and how far, if ends lie between two looks.

Cells
-----
Moving probability to the right past the age at which some row was last seen alive cannot make
the data less likely; moving it past the age by which some row was over, or past the age at which
some row entered, cannot make them more likely. All probability can therefore be gathered in the
cells that begin at an age of the first kind and end, with nothing between, at one of the second
[1], [2], [3]. An exact age is a cell of its own. Where within a cell the probability sits makes
no difference to the data: they do not tell. Places between ages are numbered: twice the rank of
an age is just before it, one more just after.

Steps
-----
With a step ``s_k >= 0`` of the hazard in each cell, a row whose hazard is ``f`` times the
baseline gives::

    outlived under observation   exp(-f S)          S the steps of the cells outlived
    over within a range          1 - exp(-f G)      G the steps of the range
    at one age (regression)      f s_k exp(-f s_k)

The logarithm is concave in the steps, so a point where no slope points upwards is the maximum:
the slopes bound how much is missing [4]. A few steps of the EM algorithm with Poisson counts as
the missing data [5] come near it, and an interior-point method [6] ends the climb quickly. In
running sums of the steps a row touches two numbers only, so the curvature is a band.

A cell that nobody is known to outlive under observation takes an infinite step: everybody who
reaches it ends there, as in the product-limit estimate when all at risk have their event.

References
----------
[1] Turnbull, B. W. (1976). The empirical distribution function with arbitrarily grouped,
    censored and truncated data. JRSS B 38(3), 290-295.
[2] Frydman, H. (1994). A note on nonparametric estimation of the distribution function from
    interval-censored and truncated observations. JRSS B 56(1), 71-74.
[3] Alioum, A. and Commenges, D. (1996). A proportional hazards model for arbitrarily censored
    and truncated data. Biometrics 52(2), 512-524.
[4] Gentleman, R. and Geyer, C. J. (1994). Maximum likelihood for interval censored data:
    consistency and computation. Biometrika 81(3), 618-623.
[5] Wang, L., McMahan, C. S., Hudgens, M. G. and Qureshi, Z. P. (2016). A flexible,
    computationally efficient method for fitting the proportional hazards model to
    interval-censored data. Biometrics 72(1), 222-231.
[6] Nocedal, J. and Wright, S. J. (2006). Numerical Optimization, 2nd ed., ch. 19. Springer.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats, Places
from techalign.survival.lifetimes import Lifetimes

__all__ = ["Information", "Ranges", "StepLikelihood", "Support", "range_sums", "support_of"]


WARM, ROUNDS, SETTLE, INWARD, RIDGE = 10, 60, 3, 0.1, 1e-13
NEAR = 1e-6
"""Log likelihood, per event, that may be missing when steps are told apart from 0."""
MISSING = 1e-9
"""Log likelihood, per event, that may be missing at the end of a climb."""
LARGEST = 60_000_000
"""Numbers in the band of the curvature; half a gigabyte."""


@dataclass(frozen=True, eq=False)
class Ranges:
    """Rows as ranges of numbered places between ages.

    Attributes
    ----------
    ages : ndarray, shape (v,)
        Distinct ages in years, ascending; place ``j`` lies at ``ages[j // 2]``.
    entry, low, high : ndarray of intp, shape (n,)
        Observation begins at ``entry``, the row is alive up to ``low`` and over by ``high``.
    event : ndarray of bool, shape (n,)
        Whether ``high`` means anything.
    """

    ages: Floats
    entry: Places
    low: Places
    high: Places
    event: Flags

    @classmethod
    def of(cls, lifetimes: Lifetimes) -> Ranges:
        """Number the places of a table."""
        end = lifetimes.end
        ages = np.unique(np.concatenate([lifetimes.entry, lifetimes.stop, end]))
        entry, stop, high = (
            2 * np.searchsorted(ages, given) for given in (lifetimes.entry, lifetimes.stop, end)
        )
        low = np.where(lifetimes.exact, stop, stop + 1)
        return cls(ages, entry + 1, low, high + 1, lifetimes.event)

    def cells(self, own: Flags) -> tuple[Places, Places]:
        """Both places of each cell that the events of some rows can use, ascending.

        Parameters
        ----------
        own : ndarray of bool, shape (n,)
            Rows with the event in question; those with another event only bound observation.
        """
        starts, ends = (np.zeros(2 * self.ages.size + 2, dtype=bool) for _ in range(2))
        starts[self.low[own | ~self.event]] = True
        ends[self.high[own]] = True
        # to enter where one is last seen alive bounds nothing: the event is what comes next
        ends[self.entry[(self.entry < self.low) | ~own]] = True
        places = np.flatnonzero(starts | ends)
        used = np.flatnonzero(starts[places[:-1]] & ends[places[1:]])
        left, right = places[used], places[used + 1]
        begin, end = (
            np.searchsorted(left, self.low[own]),
            np.searchsorted(right, self.high[own], "right"),
        )
        wanted = range_sums(np.ones(begin.size), begin, end, left.size) > 0.5
        return left[wanted], right[wanted]


@dataclass(frozen=True, eq=False)
class Support:
    """Cells a curve can fall in, and what each row says of them.

    Attributes
    ----------
    since, time : ndarray, shape (k,)
        Ages in years after which, and by which, an end in the cell has happened; the same for
        an exact age.
    after, low, high : ndarray of intp, shape (n,)
        The row is known to outlive the cells ``after`` to ``low - 1`` under observation and, if
        it has an event, to end in one of ``low`` to ``high - 1``; without event ``high`` is
        ``low``.
    """

    since: Floats
    time: Floats
    after: Places
    low: Places
    high: Places

    def __len__(self) -> int:
        return int(self.time.size)


def support_of(lifetimes: Lifetimes) -> Support:
    """Find the cells of a table, late entry, right and interval censoring in any combination."""
    rows = Ranges.of(lifetimes)
    left, right = rows.cells(rows.event)
    after, low, high = (
        np.searchsorted(right, place, side="right") for place in (rows.entry, rows.low, rows.high)
    )
    ages = rows.ages
    return Support(ages[left // 2], ages[right // 2], after, low, np.where(rows.event, high, low))


def range_sums(weight: Floats, begin: Places, end: Places, size: int) -> Floats:
    """Per cell, the weights of the rows whose range ``begin`` to ``end - 1`` holds it."""
    change = np.bincount(begin, weight, size + 1) - np.bincount(end, weight, size + 1)
    sums: Floats = np.cumsum(change)[:size]
    return sums


class StepLikelihood:
    """Rows reduced to ranges of cells.

    Parameters
    ----------
    support : Support
        k cells, n rows.
    points : ndarray of bool, shape (n,)
        Rows whose end counts as a density at its one cell, as regression has it.

    Attributes
    ----------
    endless : ndarray of bool, shape (k,)
        Cells whose step is infinite.
    """

    def __init__(self, support: Support, points: Flags) -> None:
        self.support, self.points, self.size = support, points, len(support)
        self.outlived = np.where(points, support.high, support.low)
        ones = np.ones(points.size)
        event = (support.high > support.low) & ~points
        let_through = range_sums(ones, support.after, self.outlived, self.size) > 0.5
        stops = np.append(np.flatnonzero(~let_through), self.size)
        # the first such cell of a range; in later ones nobody is left to end
        first = stops[np.searchsorted(stops, support.low[event])]
        self.endless = np.zeros(self.size, dtype=bool)
        self.endless[first[first < support.high[event]]] = True
        reach = np.concatenate([[0], np.cumsum(self.endless)])
        # who may end in an endless cell does so, and says nothing of others
        self.between = np.flatnonzero(event & (reach[support.high] == reach[support.low]))
        self.begin, self.end = support.low[self.between], support.high[self.between]
        self.count = np.bincount(support.low[points], minlength=self.size)[: self.size].astype(
            float
        )
        pulled = self.ranged(np.ones(self.between.size)) > 0.5
        self.open = ~self.endless & (pulled | (self.count > 0))
        self.events = max(int(np.count_nonzero(event) + np.count_nonzero(points)), 1)

    def at_risk(self, factor: Floats) -> Floats:
        """Sum of the factors of the rows known to outlive each cell; shape (k,)."""
        return range_sums(factor, self.support.after, self.outlived, self.size)

    def ranged(self, weight: Floats) -> Floats:
        """Sum over each cell of a weight per row in ``between``; shape (k,)."""
        return range_sums(weight, self.begin, self.end, self.size)

    def chances(self, steps: Floats, factor: Floats) -> Floats:
        """Hazard of each row in ``between`` over the range in which it ended."""
        total = np.concatenate([[0.0], np.cumsum(steps)])
        # a single step is more exact than the difference of two sums
        single = self.end == self.begin + 1
        gap = np.where(single, steps[self.begin], total[self.end] - total[self.begin])
        hazard: Floats = factor[self.between] * gap
        return hazard

    def value(self, steps: Floats, factor: Floats, risk: Floats) -> float:
        """Log likelihood, without what does not depend on the steps."""
        with np.errstate(divide="ignore"):
            over = np.log(-np.expm1(-self.chances(steps, factor))).sum()
            points = self.count > 0
            return float(over + self.count[points] @ np.log(steps[points]) - risk @ steps)

    def climb(self, factor: Floats) -> Floats:
        """Steps that maximise the likelihood for given factors; 0 in endless cells.

        Raises
        ------
        ModelError
            If the table is too large for the curvature, or the climb does not end.
        """
        risk = np.where(self.endless, 0.0, self.at_risk(factor))
        pull = self.ranged(factor[self.between])
        open_ = self.open
        steps = self._first(risk, pull, open_)
        if not open_.any():
            return steps
        for _ in range(WARM):
            steps *= 1.0 + self._slope(steps, factor, risk, open_) / (risk + pull + ~open_)
        slope = self._slope(steps, factor, risk, open_)
        price = np.where(open_, np.maximum(-slope, 0.1 * risk), 0.0)
        best, least = steps, np.inf
        for _ in range(ROUNDS):
            steps, price = self._inward(steps, price, slope, factor, np.flatnonzero(open_))
            slope = self._slope(steps, factor, risk, open_)
            if self._missing(slope, steps, risk) > NEAR * self.events:
                continue
            # a step whose price is above its worth is 0
            found = self._told_apart(np.where(steps * risk**2 > price, steps, 0.0), risk)
            found = self._settle(found, factor, risk)
            missing = self._missing(self._slope(found, factor, risk, open_), found, risk)
            if missing < least:
                best, least = found, missing
            if least < MISSING * self.events:
                break
        if least < NEAR * self.events:
            return best
        raise no_maximum(self.size)

    def _first(self, risk: Floats, pull: Floats, open_: Flags) -> Floats:
        """Events shared out evenly within their ranges, over those at risk."""
        shared = self.ranged(1.0 / (self.end - self.begin))
        return np.where(open_, (np.maximum(shared, 0.0) + self.count) / (risk + pull + ~open_), 0.0)

    def _inward(
        self, steps: Floats, price: Floats, slope: Floats, factor: Floats, cells: Places
    ) -> tuple[Floats, Floats]:
        """One step of the interior-point method: Newton's for slope = -price, step price = aim."""
        s, v, g = steps[cells], price[cells], slope[cells]
        aim = INWARD * float(s @ v) / cells.size
        band = self._curvature(steps, factor, cells, v / s)
        move = _solved(band, g + aim / s)
        turn = aim / s - v - v / s * move
        steps, price = steps.copy(), price.copy()
        steps[cells] += move * min(1.0, 0.99 / max(float(np.max(-move / s)), 1e-300))
        price[cells] += turn * min(1.0, 0.99 / max(float(np.max(-turn / v)), 1e-300))
        return steps, price

    def _told_apart(self, steps: Floats, risk: Floats) -> Floats:
        """Steps among which the data tell apart, as likely as these or more.

        A running sum is told by a chain of ranges from 0. Those not so chained can be moved
        together at no loss in one direction, until a step at their edge is 0 and joins them.
        """
        steps = steps.copy()
        while True:
            free = np.flatnonzero(steps > 0)
            number = np.concatenate([[0], np.cumsum(steps > 0)])
            points = np.flatnonzero(self.count > 0)
            begin = np.concatenate([number[self.begin], number[points]])
            end = np.concatenate([number[self.end], number[points + 1]])
            part = _unchained(begin, end, free.size + 1)
            if not part.any():
                return steps
            turn = np.diff(part.astype(float))
            turn *= 1.0 if risk[free] @ turn <= 0 and (turn < 0).any() else -1.0
            shrinking = free[turn < 0]
            first = shrinking[np.argmin(steps[shrinking])]
            steps[free] += turn * steps[first]
            steps[first] = 0.0

    def _settle(self, steps: Floats, factor: Floats, risk: Floats) -> Floats:
        """Newton's method on the steps that are not 0, from very near."""
        free = np.flatnonzero(steps > 0)
        for _ in range(SETTLE):
            slope = self._slope(steps, factor, risk, steps > 0)[free]
            move = _solved(self._curvature(steps, factor, free), slope)
            steps = steps.copy()
            steps[free] += move * min(1.0, 0.5 / max(float(np.max(-move / steps[free])), 1e-300))
        return steps

    def _slope(self, steps: Floats, factor: Floats, risk: Floats, open_: Flags) -> Floats:
        f = factor[self.between]
        # far below any chance that matters, and above what would overflow
        ratio = 1.0 / np.expm1(np.clip(self.chances(steps, factor), 1e-200, 600.0))
        slope = self.ranged(f * ratio) - risk
        points = self.count > 0
        slope[points] += self.count[points] / steps[points]
        return np.where(open_, slope, 0.0)

    def _missing(self, slope: Floats, steps: Floats, risk: Floats) -> float:
        """Bound on what the log likelihood lacks.

        It is concave, and the risks times the steps of the maximum add up to no more than the
        events.
        """
        upwards = float(np.max(slope / np.where(risk > 0, risk, 1.0), initial=0.0))
        return upwards * self.events + abs(float(slope @ steps))

    def _curvature(
        self, steps: Floats, factor: Floats, free: Places, own: Floats | None = None
    ) -> Floats:
        """Minus the Hessian in running sums over the free cells, as a lower band.

        ``own`` is added for each step by itself.
        """
        number = np.zeros(self.size + 1, dtype=np.intp)
        number[free + 1] = 1
        number = np.cumsum(number)
        ratio = 1.0 / np.expm1(np.clip(self.chances(steps, factor), 1e-140, 600.0))
        single = np.where(self.count[free] > 0, self.count[free] / steps[free] ** 2, 0.0)
        single += 0.0 if own is None else own
        each = np.arange(free.size)
        weight = np.concatenate([factor[self.between] ** 2 * ratio * (1.0 + ratio), single])
        begin = np.concatenate([number[self.begin], each])
        end = np.concatenate([number[self.end], each + 1])
        return _band(weight, begin, end, free.size)

    def information(self, steps: Floats, factor: Floats) -> Information:
        """Curvature at the maximum over the cells with a finite, positive step."""
        free = np.flatnonzero(steps > 0)
        band = self._curvature(steps, factor, free)
        # cells the data do not tell apart get a spread that shows it, not a failure
        band[0] += 1e-12 * float(np.max(band[0], initial=0.0))
        return Information.of(free, band)


def no_maximum(cells: int) -> ModelError:
    """What to say where no climb ends."""
    return ModelError(
        "lifetimes", "have no maximum of the likelihood that could be found",
        value=f"{cells} cells", remedy="Round the ages, or use a piecewise hazard.",
    )  # fmt: skip


def _unchained(begin: Places, end: Places, size: int) -> Flags:
    """One part of the running sums that no chain of ranges joins to the first, if there is one."""
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    ranges = coo_array((np.ones(begin.size), (begin, end)), shape=(size, size))
    _, label = connected_components(ranges, directed=False)
    other = np.flatnonzero(label != label[0])
    part: Flags = label == label[other[0]] if other.size else np.zeros(size, dtype=bool)
    return part


def _solved(band: Floats, slope: Floats) -> Floats:
    """Newton's step by step for a slope by step, from the curvature of the running sums."""
    from scipy.linalg import LinAlgError, solveh_banded

    band[0] *= 1.0 + RIDGE
    band[0] += RIDGE * RIDGE * float(band[0].max())
    along = slope - np.append(slope[1:], 0.0)
    try:
        solved = solveh_banded(band, along, lower=True, check_finite=False)
    except LinAlgError as error:
        raise no_maximum(slope.size) from error
    return np.diff(np.asarray(solved, dtype=np.float64), prepend=0.0)


def _band(weight: Floats, begin: Places, end: Places, size: int) -> Floats:
    """Sum of ``weight (e_end - e_begin)(e_end - e_begin)'`` in lower band form; e_0 is 0."""
    kept = end > begin
    weight, begin, end = weight[kept], begin[kept], end[kept]
    both = begin > 0
    width = int(np.max((end - begin)[both], initial=0))
    if (width + 1) * size > LARGEST:
        raise ModelError(
            "lifetimes", "hold too many different ages for this estimate",
            value=f"{size} cells", remedy="Round the ages, or use a piecewise hazard.",
        )  # fmt: skip
    diagonal = np.bincount(end - 1, weight, size) + np.bincount(begin[both] - 1, weight[both], size)
    flat = (end - begin)[both] * size + begin[both] - 1
    band = -np.bincount(flat, weight[both], (width + 1) * size).reshape(width + 1, size)
    band[0] = diagonal
    return np.asarray(band, dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Information:
    """Observed information of steps, factorised.

    Attributes
    ----------
    free : ndarray of intp, shape (m,)
        Cells it is about.
    factor : ndarray, shape (w, m)
        Cholesky factor of the information of the running sums, lower band form.
    """

    free: Places
    factor: Floats

    @classmethod
    def of(cls, free: Places, band: Floats) -> Information:
        """Factorise a band."""
        from scipy.linalg import LinAlgError, cholesky_banded

        try:
            return cls(free, cholesky_banded(band, lower=True) if free.size else band)
        except LinAlgError as error:
            raise no_maximum(free.size) from error

    def solve(self, right: Floats) -> Floats:
        """Covariance of the running sums times ``right``, shape (m,) or (m, q)."""
        from scipy.linalg import cho_solve_banded

        if not self.free.size:
            return np.zeros_like(right)
        return np.asarray(cho_solve_banded((self.factor, True), right), dtype=np.float64)

    def by_step(self, slopes: Floats) -> Floats:
        """Covariance of the steps times ``slopes`` by step, shape (m, q)."""
        later = np.concatenate([slopes[1:], np.zeros((1, slopes.shape[1]))])
        return np.diff(self.solve(slopes - later), axis=0, prepend=0.0)

    def variance(self, begin: int, end: int) -> float:
        """Variance of the sum of the free steps ``begin`` to ``end - 1``."""
        if end <= begin:
            return 0.0
        ends = np.zeros(self.free.size)
        ends[end - 1] = 1.0
        if begin > 0:
            ends[begin - 1] = -1.0
        return float(ends @ self.solve(ends))

    def variances(self, limit: int) -> Floats:
        """Variance of each running sum, shape (m,); NaN if there are more than ``limit``."""
        m = self.free.size
        if m > limit:
            return np.full(m, np.nan)
        found = np.empty(m)
        for begin in range(0, m, 512):
            part = np.arange(begin, min(begin + 512, m))
            ends = np.zeros((m, part.size))
            ends[part, np.arange(part.size)] = 1.0
            found[part] = self.solve(ends)[part, np.arange(part.size)]
        return found
