"""From dated snapshots of a register to lifetimes that fit the horizon asked about.

What is seen of a vendor today says much about the next months and less about the year after
next: one that is hiring will hardly be gone by the summer, but may well be two years on. A fit
to the short steps between snapshots therefore overstates effects over a long horizon. Here every
snapshot is a landmark [1]: vendors active then keep what was known of them that day, and are
followed for the horizon, so that a fit learns effects over the span it will be asked about.

References
----------
[1] van Houwelingen, H. C. (2007). Dynamic prediction by landmarking in event history analysis.
    Scandinavian Journal of Statistics 34(1), 70-85.
[2] Varin, C., Reid, N. and Firth, D. (2011). An overview of composite likelihood methods.
    Statistica Sinica 21(1), 5-42.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.survival.lifetimes import Lifetimes, numbers_of

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Landmarks", "landmarks"]


LEAST = 0.5
"""Share of the horizon for which a landmark must have been followed to be used."""

DAY = np.timedelta64(1, "D")


@dataclass(frozen=True, eq=False)
class Landmarks:
    """Vendors followed from each snapshot.

    Attributes
    ----------
    table : DataFrame
        Rows of the snapshots, with entry, stop, upper (years, see ``Lifetimes``) and cause (""
        where none was seen).
    spans : DataFrame
        One row per landmark used: landmark, until, years, rows, events.
    dropped : int
        Rows left out because they were never seen again, or their ages contradict one another.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.survival import landmarks
    >>> panel = pd.DataFrame({
    ...     "vendor": ["a", "b", "a", "b"],
    ...     "date": pd.to_datetime(["2024-01-01", "2024-01-01", "2025-01-01", "2025-01-01"]),
    ...     "age": [3.0, 5.0, 4.0, 6.0],
    ...     "status": ["Active", "Active", "Inactive", "Active"],
    ... })
    >>> found = landmarks(panel, 1.0, causes={"Inactive": "closed"})
    >>> found.cause.tolist(), found.overlap, found.lifetimes().events
    (['closed', ''], 1.0, 1)
    """

    table: pd.DataFrame
    spans: pd.DataFrame
    dropped: int

    def lifetimes(self, x: ArrayLike | None = None) -> Lifetimes:
        """The rows as lifetimes, with covariates of shape (n, p) if given."""
        entry, stop, upper = (
            self.table[name].to_numpy(float) for name in ("entry", "stop", "upper")
        )
        return Lifetimes(entry, stop, self.cause != "", upper, None if x is None else np.asarray(x))

    @property
    def cause(self) -> NDArray[np.str_]:
        """Cause of each row's end, "" for none; shape (n,)."""
        return self.table["cause"].to_numpy(str)

    @property
    def overlap(self) -> float:
        """How often an end is counted on average, because landmarks overlap; 1 for none.

        The likelihood of overlapping rows is a composite one [2]: its maximum is sound, but it
        counts every end so many times. A prior must be as much narrower to keep its say, see
        ``LifetimePrior.counted``, and standard errors are too small by the square root.
        """
        ended = self.table[self.table["cause"] != ""]
        return len(ended) / max(ended["vendor"].nunique(), 1)


def landmarks(
    panel: pd.DataFrame,
    horizon: float,
    *,
    causes: Mapping[str, str],
    known_at: Any = None,
    active: str = "Active",
    least: float = LEAST,
) -> Landmarks:
    """Follow the vendors of every snapshot for about ``horizon`` years.

    Parameters
    ----------
    panel : DataFrame
        One row per vendor and snapshot: vendor, date, age (years), status, and what else is
        known that day. Not every vendor need be in every snapshot.
    horizon : float
        Years. A landmark is followed to the snapshot whose distance comes nearest to it.
    causes : mapping of str to str
        Cause of the end that each status tells.
    known_at : date, optional
        Later snapshots are not known; the last one by default.
    active : str
        Status of a vendor that is there.
    least : float
        Share of the horizon for which a landmark must have been followed, 0 to 1. If none has
        been, the one followed longest is used.

    Returns
    -------
    Landmarks
        A vendor that vanishes counts to the last snapshot that lists it.

    Raises
    ------
    ModelError
        If the horizon is not positive, a status is unknown, there are fewer than two
        snapshots, or the panel lacks a column or holds an age that is no number, a date that is
        none, or no vendor; the message names column and row.

    Examples
    --------
    Vendor b was acquired at some time between the two snapshots.

    >>> import pandas as pd
    >>> from techalign.survival import landmarks
    >>> panel = pd.DataFrame({
    ...     "vendor": ["a", "b", "a", "b"],
    ...     "date": pd.to_datetime(["2024-01-01", "2024-01-01", "2025-01-01", "2025-01-01"]),
    ...     "age": [3.0, 5.0, 4.0, 6.0],
    ...     "status": ["Active", "Active", "Active", "Acquired"],
    ... })
    >>> found = landmarks(panel, 1.0, causes={"Acquired": "acquired"})
    >>> found.table[["entry", "stop", "upper", "cause"]].values.tolist()
    [[3.0, 4.0, nan, ''], [5.0, 5.0, 6.0, 'acquired']]
    """
    import pandas as pd

    if not 0 < float(numbers_of("horizon", horizon)) < np.inf:
        raise ModelError("horizon", "must be a positive number of years", value=horizon)
    panel = _checked(panel)
    known = panel if known_at is None else panel[panel["date"] <= pd.Timestamp(known_at)]
    unknown = np.flatnonzero(~known["status"].isin([active, *causes]).to_numpy(bool))
    if unknown.size:
        raise ModelError(
            f"panel.status[{known.index[unknown[0]]}]", "is not known",
            value=known["status"].iloc[unknown[0]], remedy="Name it in causes, or leave it out.",
        )  # fmt: skip
    days = np.sort(known["date"].unique())
    if days.size < 2:
        raise ModelError("panel", "needs two snapshots", value=days.size)
    found = [
        _followed(known, days, begin, end, active, causes)
        for begin, end in _spans(days, horizon, least)
    ]
    table = pd.concat([rows for rows, _ in found], ignore_index=True)
    lasts = (table["cause"] == "") & (table["stop"] > table["entry"])
    used = lasts | ((table["cause"] != "") & (table["upper"] > table["stop"]))
    spans = pd.DataFrame([span for _, span in found])
    return Landmarks(table[used].reset_index(drop=True), spans, int((~used).sum()))


def _checked(panel: pd.DataFrame) -> pd.DataFrame:
    """The panel with ages as floats, and every age, date and vendor there."""
    from pandas.api.types import is_datetime64_any_dtype

    missing = [name for name in ("vendor", "date", "age", "status") if name not in panel]
    if missing:
        raise ModelError("panel", "lacks a column", value=missing[0])
    rows = panel.index
    try:
        age = numbers_of("age", panel["age"])
    except ModelError as error:
        place = int(error.argument.removeprefix("age[").rstrip("]") or 0)
        raise ModelError(f"panel.age[{rows[place]}]", error.problem, value=error.value) from error
    dates = is_datetime64_any_dtype(panel["date"])
    for name, bad, problem in (
        ("age", ~(np.isfinite(age) & (age >= 0)), "must be a number of years, not negative"),
        ("date", panel["date"].isna() | (not dates), "must be a date, see pandas.to_datetime"),
        ("vendor", panel["vendor"].isna(), "is missing"),
    ):
        places = np.flatnonzero(bad)
        if places.size:
            row = int(places[0])
            raise ModelError(f"panel.{name}[{rows[row]}]", problem, value=panel[name].iloc[row])
    return panel.assign(age=age)


def _spans(days: NDArray[Any], horizon: float, least: float) -> list[tuple[int, int]]:
    """First and last snapshot of each landmark's follow-up, as positions."""
    years = _years(days - days[0])
    spans = [
        (begin, begin + 1 + int(np.argmin(np.abs(np.log((years[begin + 1 :] - at) / horizon)))))
        for begin, at in enumerate(years[:-1])
    ]
    length = [float(years[end] - years[begin]) for begin, end in spans]
    kept = [span for span, far in zip(spans, length, strict=True) if far >= least * horizon]
    return kept or [spans[int(np.argmax(length))]]


def _followed(
    known: pd.DataFrame,
    days: NDArray[Any],
    begin: int,
    end: int,
    active: str,
    causes: Mapping[str, str],
) -> tuple[pd.DataFrame, dict[str, object]]:
    """Vendors active at one landmark, with what later snapshots tell of their end."""
    start = known[(known["date"] == days[begin]) & (known["status"] == active)]
    later = known[(known["date"] > days[begin]) & (known["date"] <= days[end])]
    later = later[later["vendor"].isin(start["vendor"])].sort_values("date")
    ends = later[later["status"] != active].groupby("vendor").first()
    ended_on = later["vendor"].map(ends["date"])
    there = later[(later["status"] == active) & ~(later["date"] > ended_on)]
    last = start["vendor"].map(there.groupby("vendor")["age"].last()).fillna(start["age"])
    rows = start.assign(
        entry=start["age"],
        stop=np.maximum(last, start["age"]),
        upper=start["vendor"].map(ends["age"]),
        cause=start["vendor"].map(ends["status"].map(causes)).fillna(""),
    )
    years = float(_years(days[end] - days[begin]))
    span = {"landmark": days[begin], "until": days[end], "years": years, "rows": len(rows),
            "events": int((rows["cause"] != "").sum())}  # fmt: skip
    return rows, span


def _years(span: Any) -> Any:
    from techalign.numbers.periods import DAYS_PER_YEAR

    return span / DAY / DAYS_PER_YEAR
