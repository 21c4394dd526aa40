"""The one form in which lifetimes reach the models, checked once at the door.

A vendor enters observation late (when the client first deals with it, or when a directory
starts), leaves it alive (today), and its end is often known only to lie between two looks.
Ignoring the first of these turns a five-year survival of one half into two thirds, so a table
of lifetimes without entry ages cannot be built by accident.

References
----------
[1] Klein, J. P. and Moeschberger, M. L. (2003). Survival Analysis, 2nd ed., ch. 3. Springer.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats

__all__ = ["Lifetimes"]


@dataclass(frozen=True, eq=False)
class Lifetimes:
    """Left-truncated, right- and interval-censored lifetimes [1].

    Parameters
    ----------
    entry : array_like, shape (n,)
        Age in years at which observation of the row begins; 0 for observed from the start.
    stop : array_like, shape (n,)
        Age in years at the end of the row: of the event, of the last sight alive, or, for an
        interval row, the last age known to be alive.
    event : array_like of bool, shape (n,)
        Whether the event happened (at ``stop``, or between ``stop`` and ``upper``).
    upper : array_like, shape (n,), optional
        First age known to be over, in years; NaN where the age of the event is exact and in
        rows without event.
    x : array_like, shape (n, p) or (n,), optional
        Covariates. Several rows may belong to one vendor whose covariates change.

    Raises
    ------
    ModelError
        If a field has the wrong shape, is not finite, is negative, or is out of order; the
        message names field and row.
    """

    entry: Floats
    stop: Floats
    event: Flags
    upper: Floats | None = None
    x: Floats | None = None

    def __post_init__(self) -> None:
        n = np.asarray(self.stop).shape
        object.__setattr__(self, "entry", _column("entry", self.entry, n))
        object.__setattr__(self, "stop", _column("stop", self.stop, n))
        object.__setattr__(self, "event", _flags(self.event, n))
        if self.upper is not None:
            object.__setattr__(self, "upper", _upper(self.upper, self.stop, self.event, n))
        if self.x is not None:
            object.__setattr__(self, "x", _covariates(self.x, n))
        # an interval row may start where observation starts; any other row must last
        short = np.where(self.interval, self.stop < self.entry, self.stop <= self.entry)
        _refuse("stop", short, self.stop, "must be later than entry", "Drop rows never observed.")

    def __len__(self) -> int:
        return int(self.stop.size)

    @property
    def interval(self) -> Flags:
        """Rows whose event lies between ``stop`` and ``upper``; bool, shape (n,)."""
        if self.upper is None:
            return np.zeros(self.stop.shape, dtype=bool)
        return np.isfinite(self.upper)

    @property
    def exact(self) -> Flags:
        """Rows whose event is at ``stop``; bool, shape (n,)."""
        flags: Flags = self.event & ~self.interval
        return flags

    @property
    def events(self) -> int:
        """Number of events, exact or within an interval."""
        return int(np.count_nonzero(self.event))

    @property
    def covariates(self) -> int:
        """Number of covariates p; 0 if there are none."""
        return 0 if self.x is None else int(self.x.shape[1])

    @property
    def exposure(self) -> float:
        """Years observed in total; interval rows count to their middle."""
        end = self.stop
        if self.upper is not None:
            end = np.where(self.interval, (self.stop + np.nan_to_num(self.upper)) / 2.0, self.stop)
        return float(np.sum(end - self.entry))

    def select(self, rows: Flags | NDArray[np.intp] | slice) -> Lifetimes:
        """Some of the rows, by position, mask or slice."""
        upper = None if self.upper is None else self.upper[rows]
        x = None if self.x is None else self.x[rows]
        return Lifetimes(self.entry[rows], self.stop[rows], self.event[rows], upper, x)


def _numbers(name: str, values: ArrayLike) -> Floats:
    try:
        return np.asarray(values, dtype=float)
    except (TypeError, ValueError) as error:
        raise ModelError(name, "must hold numbers", remedy="Give ages in years.") from error


def _column(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = _numbers(name, values)
    if array.ndim != 1 or array.shape != shape:
        raise ModelError(
            name, f"must be one column of {shape} values", value=f"shape {array.shape}"
        )
    _refuse(name, ~np.isfinite(array), array, "must be a finite number of years")
    _refuse(name, array < 0, array, "must not be negative", "Ages are counted from the start.")
    return array


def _flags(values: ArrayLike, shape: tuple[int, ...]) -> Flags:
    array = np.asarray(values)
    if array.ndim != 1 or array.shape != shape:
        raise ModelError("event", f"must be one column of {shape}", value=f"shape {array.shape}")
    if array.dtype != bool:
        _refuse("event", ~np.isin(array, (0, 1)), array, "must be true or false")
    return array.astype(bool)


def _upper(values: ArrayLike, stop: Floats, event: Flags, shape: tuple[int, ...]) -> Floats:
    array = _numbers("upper", values)
    if array.shape != shape:
        raise ModelError("upper", f"must be one column of {shape}", value=f"shape {array.shape}")
    given = ~np.isnan(array)
    _refuse("upper", np.isinf(array), array, "must be finite", "Use event False for no end yet.")
    _refuse("upper", given & ~event, array, "stands in a row without event", "Leave it empty.")
    _refuse("upper", given & (array < stop), array, "must not be before stop")
    # an interval of no length is an exact age
    return np.where(array > stop, array, np.nan)


def _covariates(values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = _numbers("x", values)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[:1] != shape:
        raise ModelError(
            "x", f"must have one row for each of {shape} lifetimes", value=f"shape {array.shape}"
        )
    finite = np.isfinite(array)
    if not finite.all():  # by row only when there is something to name
        _refuse("x", ~finite.all(axis=1), array, "must be finite", "Fill or drop the row.")
    return array


def _refuse(
    name: str, bad: Flags | np.bool_, values: NDArray[Any], problem: str, remedy: str = ""
) -> None:
    rows = np.flatnonzero(bad)
    if rows.size:
        first = int(rows[0])
        more = f"; {rows.size} rows in all" if rows.size > 1 else ""
        raise ModelError(f"{name}[{first}]", problem + more, value=values[first], remedy=remedy)
