"""What happened at a vendor, how much it should worry, and for how long.

Nobody publishes by how much a new owner or a departed team raises the rate at which vendors
cease. The factors are therefore assumptions with wide ranges that the caller passes in. A factor
fades: half of its logarithm is gone after each half-life. Several events multiply.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.text import folded

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["EarlyWarnings", "early_warnings", "event_hazards"]


ENDS = ("point", "low", "high")
NAMED = "_change_hazard"
PARTS = 48


@dataclass(frozen=True, eq=False)
class EarlyWarnings:
    """Events up to a day, latest first.

    Attributes
    ----------
    as_of : date
    table : DataFrame, index as in the events table
        vendor, date, kind, note, years_ago; factor, factor_low, factor_high: what is left of
        the assumed factor on the hazard of ceasing today.
    hazards : dict of str to Interval
        Assumed factor of each kind on the day of the event.
    half_life : Interval
        Years until half of an effect is gone.
    note : str
        Events left out because they lie after ``as_of``, if any.

    Examples
    --------
    >>> import datetime as dt, pandas as pd
    >>> events = pd.DataFrame({
    ...     "vendor": ["Cobalt"], "date": pd.to_datetime(["2026-07-01"]),
    ...     "kind": ["ownership"], "note": ["sold"]})
    >>> found = early_warnings(
    ...     events, dt.date(2026, 7, 1), hazards={"ownership": Interval(1.5, 0.9, 3.0)},
    ...     half_life=Interval(1.0, 0.5, 2.0))
    >>> found.factors(["Cobalt", "Harbor"], 1.0)["point"].round(2).tolist()
    [1.34, 1.0]
    """

    as_of: dt.date
    table: pd.DataFrame
    hazards: dict[str, Interval]
    half_life: Interval
    note: str = ""

    def factors(self, vendors: Sequence[str], horizon: float) -> dict[str, Floats]:
        """Mean factor on each vendor's hazard over the next ``horizon`` years.

        Returns
        -------
        dict of str to ndarray, shape (n,)
            Keys point, low and high; 1 without events.
        """
        rows: dict[str, list[int]] = {}
        for row, name in enumerate(vendors):
            rows.setdefault(folded(name), []).append(row)
        own = [rows.get(folded(name), []) for name in self.table["vendor"].tolist()]
        kinds = self.table["kind"].tolist()
        ahead = (np.arange(PARTS) + 0.5) / PARTS * horizon
        years = self.table["years_ago"].to_numpy(float)[:, None] + ahead
        found = {}
        for end in ENDS:
            life = float(getattr(self.half_life, end))
            effect = np.log([float(getattr(self.hazards[kind], end)) for kind in kinds])
            left = effect[:, None] * 2.0 ** (-years / life)
            logs = np.zeros((len(vendors), PARTS))
            for concerned, part in zip(own, left, strict=True):
                logs[concerned] += part
            found[end] = np.exp(logs).mean(axis=1)
        return found


def event_hazards(assumptions: pd.DataFrame) -> tuple[dict[str, Interval], Interval]:
    """Factors and half-life from a table of assumptions.

    Parameters
    ----------
    assumptions : DataFrame
        Columns key, value, low, high; keys such as ``ownership_change_hazard``, and
        ``event_half_life`` (years).

    Returns
    -------
    hazards : dict of str to Interval
    half_life : Interval

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame(
    ...     [("ownership_change_hazard", 1.5, 0.9, 3.0), ("event_half_life", 1.0, 0.5, 2.0)],
    ...     columns=["key", "value", "low", "high"])
    >>> hazards, half_life = event_hazards(table)
    >>> hazards["ownership"].point, half_life.high
    (1.5, 2.0)
    """
    columns = (assumptions[name].tolist() for name in ("key", "value", "low", "high"))
    rows = {
        str(key): Interval(float(value), float(low), float(high))
        for key, value, low, high in zip(*columns, strict=True)
        if str(key).endswith(NAMED) or key == "event_half_life"
    }
    if "event_half_life" not in rows:
        raise ModelError("assumptions", "lack the row event_half_life")
    half_life = rows.pop("event_half_life")
    return {key.removesuffix(NAMED): value for key, value in rows.items()}, half_life


def early_warnings(
    events: pd.DataFrame,
    as_of: dt.date,
    *,
    hazards: Mapping[str, Interval],
    half_life: Interval,
) -> EarlyWarnings:
    """List the events of vendors with what is left of their effect.

    Parameters
    ----------
    events : DataFrame
        Columns vendor, date, kind, note; may be empty.
    as_of : date
        Later events are not known yet and are left out.
    hazards : mapping of str to Interval
        Assumed factor of each kind on the hazard, positive; see ``event_hazards``.
    half_life : Interval
        Years, positive.

    Returns
    -------
    EarlyWarnings

    Raises
    ------
    ModelError
        If a kind has no factor, a factor or the half-life is not positive, or a date is missing.

    Examples
    --------
    A new owner a year ago, of whose effect half is left:

    >>> import datetime as dt, pandas as pd
    >>> events = pd.DataFrame({
    ...     "vendor": ["Cobalt"], "date": pd.to_datetime(["2025-07-01"]),
    ...     "kind": ["ownership"], "note": ["sold"]})
    >>> found = early_warnings(
    ...     events, dt.date(2026, 7, 1), hazards={"ownership": Interval(1.44, 1.0, 4.0)},
    ...     half_life=Interval(1.0, 0.5, 2.0))
    >>> found.table[["factor", "factor_low", "factor_high"]].round(2).iloc[0].tolist()
    [1.2, 1.0, 2.67]
    """
    for name, value in (*hazards.items(), ("half_life", half_life)):
        if not 0 < value.low <= value.point <= value.high < np.inf:
            raise ModelError(str(name), "must be 0 < low <= point <= high", value=value)
    import pandas as pd

    from techalign.numbers.periods import DAYS_PER_YEAR

    kinds = events["kind"].tolist()
    for row, kind in enumerate(kinds):
        if kind not in hazards:
            raise ModelError(
                f"events.kind[{events.index[row]}]", "has no assumed factor", value=kind,
                remedy=f"Known: {', '.join(sorted(hazards))}.",
            )  # fmt: skip
    days = events["date"].to_numpy("datetime64[D]")
    missing = np.flatnonzero(np.isnat(days))
    if missing.size:
        raise ModelError(f"events.date[{events.index[missing[0]]}]", "is missing")
    ago = (np.datetime64(as_of, "D") - days).astype(float) / DAYS_PER_YEAR
    known = np.flatnonzero(ago >= 0)
    left = len(events) - known.size
    note = f"Left out as not known yet on {as_of.isoformat()}: {left}." if left else ""
    moments = events["date"].to_numpy("datetime64[ns]").astype(np.int64)
    latest = known[np.argsort(-moments[known], kind="stable")]
    columns: dict[str, Any] = {
        name: events[name].take(latest) for name in ("vendor", "date", "kind", "note")
    }
    columns["years_ago"] = ago[latest]
    for end, column in zip(ENDS, ("factor", "factor_low", "factor_high"), strict=True):
        log = np.log([float(getattr(hazards[kinds[row]], end)) for row in latest])
        columns[column] = np.exp(log * 2.0 ** (-ago[latest] / getattr(half_life, end)))
    table = pd.DataFrame(columns, index=events.index[latest])
    return EarlyWarnings(
        as_of=as_of, table=table, hazards=dict(hazards), half_life=half_life, note=note
    )
