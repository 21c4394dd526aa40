"""Where a curve without shape can fall when ages of ends are known only to lie between two looks.

Moving probability to the right past the age at which some row was last seen alive cannot make
the data less likely; moving it past the age by which some row was over, or past the age at which
some row entered, cannot make them more likely. All probability can therefore be gathered in the
cells that begin at an age of the first kind and end, with nothing between, at one of the second
[1], [2], [3]. An exact age is a cell of its own. Where within a cell the probability sits makes
no difference to the data: they do not tell.

Places between ages are numbered: twice the rank of an age is just before it, one more just after.

References
----------
[1] Turnbull, B. W. (1976). The empirical distribution function with arbitrarily grouped,
    censored and truncated data. JRSS B 38(3), 290-295.
[2] Frydman, H. (1994). A note on nonparametric estimation of the distribution function from
    interval-censored and truncated observations. JRSS B 56(1), 71-74.
[3] Alioum, A. and Commenges, D. (1996). A proportional hazards model for arbitrarily censored
    and truncated data. Biometrics 52(2), 512-524.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.survival.lifetimes import Lifetimes

__all__ = ["Ranges", "Support", "range_sums", "support_of"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]
Places = NDArray[np.intp]


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
        end = lifetimes.stop
        if lifetimes.upper is not None:
            end = np.where(lifetimes.interval, np.nan_to_num(lifetimes.upper), end)
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
