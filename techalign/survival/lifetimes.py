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
from decimal import Decimal
from numbers import Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Flags, Floats

__all__ = ["Lifetimes", "flags_of", "labels_of", "numbers_of", "refuse"]

_LARGEST = 1e150
# what to give where it is no age
_NUMBERS = {"x": "Write what it tells in numbers, such as 0 and 1.", "event": "Give True or False."}


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
        If a field has the wrong shape, is not finite, is negative, is out of order, or holds
        dates or lengths of time instead of years; the message names field and row.

    Examples
    --------
    One vendor known from its start and gone at 3, one met at age 2 and still there at 6, one
    gone at some time between two looks.

    >>> rows = Lifetimes([0, 2, 1], [3, 6, 4], [True, False, True], [np.nan, np.nan, 5])
    >>> len(rows), rows.events, rows.exposure
    (3, 2, 10.5)
    >>> rows.interval.tolist()
    [False, False, True]
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
        object.__setattr__(self, "event", flags_of("event", self.event, n))
        if self.upper is not None:
            object.__setattr__(self, "upper", _upper(self.upper, self.stop, self.event, n))
        if self.x is not None:
            object.__setattr__(self, "x", _covariates(self.x, n))
        # an interval row may start where observation starts; any other row must last
        short = np.where(self.interval, self.stop < self.entry, self.stop <= self.entry)
        refuse("stop", short, self.stop, "must be later than entry", "Drop rows never observed.")

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
    def end(self) -> Floats:
        """Ages by which rows are over or last seen: ``upper`` of intervals, else ``stop``; (n,)."""
        return self.stop if self.upper is None else np.fmax(self.stop, self.upper)

    @property
    def middle(self) -> Floats:
        """Ages in the middle of intervals, and ``stop`` of other rows; shape (n,)."""
        ages: Floats = (self.stop + self.end) / 2.0
        return ages

    @property
    def exposure(self) -> float:
        """Years observed in total; interval rows count to their middle."""
        return float(np.sum(self.middle - self.entry))

    def at_risk(self, ages: Floats) -> Counts:
        """Rows under observation just before each age, those that end at it included; (k,)."""
        entered, left = (np.searchsorted(np.sort(of), ages) for of in (self.entry, self.stop))
        return entered - left

    def select(self, rows: Flags | NDArray[np.intp] | slice) -> Lifetimes:
        """Some of the rows, by position, mask or slice."""
        upper = None if self.upper is None else self.upper[rows]
        x = None if self.x is None else self.x[rows]
        return Lifetimes(self.entry[rows], self.stop[rows], self.event[rows], upper, x)


def numbers_of(name: str, values: ArrayLike, *, gaps: bool = False) -> Floats:
    """Values as floats; what is no number is refused, never converted.

    numpy would take a length of time for its nanoseconds, a date for those since 1970, and text
    for the number it spells.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    values : array_like
        Any shape.
    gaps : bool
        Whether a value may be missing; it is then NaN. A float NaN is let through either way.

    Raises
    ------
    ModelError
        If a value is no number; the message names argument and row.
    """
    array = np.asarray(values)
    kind = array.dtype.kind
    if kind in "fiub":
        return np.asarray(array, dtype=float)
    if kind not in "OmM":
        raise ModelError(
            name, "must hold numbers", remedy=_NUMBERS.get(name, "Give ages in years.")
        )
    flat = array.ravel() if kind == "O" else array.ravel()[:1]
    width = max(int(np.prod(array.shape[1:])), 1)
    for place, value in enumerate(flat):
        if (problem := _fault(value)) and not (gaps and _missing(value)):
            row = f"[{place // width}]" if array.ndim else ""
            raise ModelError(name + row, problem, value=str(value))
    floats = (np.nan if _missing(value) else float(value) for value in flat)
    return np.fromiter(floats, dtype=float, count=flat.size).reshape(array.shape)


def _fault(value: object) -> str:
    """Why a value is no number; empty if it is one."""
    if _missing(value):
        return "is missing"
    if isinstance(value, np.timedelta64) or hasattr(value, "total_seconds"):
        return "is a length of time, not a number: divide by a year of 365.25 days"
    if isinstance(value, np.datetime64) or hasattr(value, "year"):
        return "is a date, not a number: take the difference in years"
    return "" if isinstance(value, Real | np.bool_ | Decimal) else "is not a number"


def _missing(value: object) -> bool:
    # pandas' own mark, told by its name: pandas need not be there
    if value is None or type(value).__name__ in ("NAType", "NaTType"):
        return True
    return isinstance(value, float | Decimal | np.floating) and bool(value != value)


def flags_of(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Flags:
    """One column of true or false, also given as 0 and 1; ``shape`` is (n,).

    Raises
    ------
    ModelError
        If the shape differs or a value is anything else; the message names argument and row.
    """
    array = np.asarray(values)
    _check_column(name, array, shape)
    if array.dtype != bool:
        array = numbers_of(name, array)
        refuse(name, ~np.isin(array, (0.0, 1.0)), array, "must be true or false")
    return array.astype(bool)


def labels_of(
    name: str, values: ArrayLike, shape: tuple[int, ...], needed: Flags | None = None
) -> NDArray[Any]:
    """One column of names: text, numbers or flags, none of them missing, a date or a time.

    Parameters
    ----------
    name : str
        Of the argument, for the message.
    values : array_like, shape (n,)
    shape : tuple
        (n,)
    needed : ndarray of bool, shape (n,), optional
        Rows that need a label; all by default. In the others it is "".

    Raises
    ------
    ModelError
        If the shape differs or a needed label is missing or none; the message names the row.
    """
    # through objects, or a list with NaN among text would hold the text "nan"
    given = np.asarray(values)
    if given.dtype.kind in "US" and not isinstance(values, np.ndarray):
        given = np.asarray(values, dtype=object)
    if given.shape != shape:
        raise ModelError(name, "must have one value for each lifetime", value=given.shape)
    wanted = np.ones(shape, dtype=bool) if needed is None else needed
    if given.dtype.kind not in "USbiu":
        for row in np.flatnonzero(wanted):
            problem = "" if isinstance(given[row], str) else _fault(given[row])
            if problem:
                problem = problem.partition(",")[0]
                raise ModelError(f"{name}[{row}]", problem, value=str(given[row]))
    if needed is None:
        return np.asarray(given.tolist()) if given.dtype.kind == "O" else given
    return np.where(wanted, given.astype(str), "")


def _check_column(name: str, array: NDArray[Any], shape: tuple[int, ...]) -> None:
    if array.ndim != 1 or array.shape != shape:
        raise ModelError(
            name, f"must be one column of {shape} values", value=f"shape {array.shape}"
        )


def _column(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = numbers_of(name, values)
    _check_column(name, array, shape)
    refuse(name, ~np.isfinite(array), array, "must be a finite number of years")
    refuse(name, array < 0, array, "must not be negative", "Ages are counted from the start.")
    return array


def _upper(values: ArrayLike, stop: Floats, event: Flags, shape: tuple[int, ...]) -> Floats:
    array = numbers_of("upper", values, gaps=True)
    _check_column("upper", array, shape)
    given = ~np.isnan(array)
    refuse("upper", np.isinf(array), array, "must be finite", "Use event False for no end yet.")
    refuse("upper", given & ~event, array, "stands in a row without event", "Leave it empty.")
    refuse("upper", given & (array < stop), array, "must not be before stop")
    # an interval of no length is an exact age
    return np.where(array > stop, array, np.nan)


def _covariates(values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = numbers_of("x", values)
    array = array[:, None] if array.ndim == 1 else array
    if array.ndim != 2 or array.shape[:1] != shape:
        raise ModelError(
            "x", f"must have one row for each of {shape} lifetimes", value=f"shape {array.shape}"
        )
    finite = np.isfinite(array)
    if not finite.all():  # by row only when there is something to name
        refuse("x", ~finite.all(axis=1), array, "must be finite", "Fill or drop the row.")
    # squares of larger ones are infinite, and of smaller ones nothing
    size = np.abs(array)
    odd = (size > _LARGEST) | ((size < 1.0 / _LARGEST) & (size > 0))
    refuse("x", odd.any(axis=1), array, "is beyond what can be computed with", "Change its unit.")
    return array


def refuse(
    name: str, bad: Flags | np.bool_, values: NDArray[Any], problem: str, remedy: str = ""
) -> None:
    """Name the first bad row of an argument, its value and the number of bad rows."""
    rows = np.flatnonzero(bad)
    if rows.size:
        first = int(rows[0])
        more = f"; {rows.size} rows in all" if rows.size > 1 else ""
        raise ModelError(f"{name}[{first}]", problem + more, value=values[first], remedy=remedy)
