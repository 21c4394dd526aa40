"""Charges that ended as another of the like began: perhaps one supplier under a new name.

A ledger knows a supplier by what is written. One that changes its name looks like an end and a new
beginning; nothing but the client can tell that from a real change of supplier, so it is asked.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from techalign.spending.recurring.bands import CADENCE_DAYS
from techalign.spending.recurring.streams import Streams

__all__ = ["likely_renamed"]

_APART = 1.6
"""Times its rhythm, within which the next charge of a supplier comes whatever its name."""
_ALIKE = 0.1
"""Share of its price by which the first bill under a new name may differ."""


def likely_renamed(streams: Streams) -> pd.DataFrame:
    """Pair charges that ended with those that began in their place.

    Parameters
    ----------
    streams : Streams

    Returns
    -------
    DataFrame
        One row per pair, the dearest first: ``before`` and ``after`` (suppliers), ``cadence``,
        ``ended`` and ``began`` (days), ``amount_before`` and ``amount_after`` (money a charge, the
        latest of each). Both have a fixed price in the client's currency and one rhythm; each
        charge is in one pair at most, the most alike first.

    Examples
    --------
    >>> import datetime as dt
    >>> from techalign.spending import find_streams
    >>> days = pd.date_range("2025-01-05", periods=12, freq=pd.DateOffset(months=1))
    >>> ledger = pd.DataFrame({"date": days, "vendor": ["Bright"] * 6 + ["Lumen"] * 6,
    ...     "amount": 90.0, "currency": ""})
    >>> found = likely_renamed(find_streams(ledger, dt.date(2025, 12, 31)))
    >>> found[["before", "after"]].to_numpy().tolist()
    [['Bright', 'Lumen']]
    """
    fixed = streams.fixed
    runs = fixed["active"].to_numpy()
    over, new = fixed[~runs], fixed[runs]
    old, now = _alike(over, new)
    cost = new["yearly_cost"].to_numpy()[now]
    order = np.argsort(-cost, kind="stable")
    ended, began = over.iloc[old[order]], new.iloc[now[order]]
    return pd.DataFrame(
        {
            "before": ended["vendor"].to_numpy(),
            "after": began["vendor"].to_numpy(),
            "cadence": ended["cadence"].to_numpy(),
            "ended": ended["last"].to_numpy(),
            "began": began["first"].to_numpy(),
            "amount_before": ended["latest_amount"].to_numpy(),
            "amount_after": began["latest_amount"].to_numpy(),
        }
    )


def _alike(over: pd.DataFrame, new: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Places of charges that ended, and of those that began in their place, the most alike first.

    Of charges that share supplier, rhythm and day, as of two lines of one bill, the first counts.
    """

    def each(key: str) -> np.ndarray:
        return over[key].to_numpy()[:, None]

    same = (each("cadence") == new["cadence"].to_numpy()) & (
        each("vendor") != new["vendor"].to_numpy()
    )
    wait = (new["first"].to_numpy() - each("last")) / np.timedelta64(1, "D")
    longest = _APART * over["cadence"].map(CADENCE_DAYS).to_numpy(float)[:, None]
    apart = np.abs(new["latest_amount"].to_numpy() / each("latest_amount") - 1.0)
    fits = same & (wait > 0) & (wait <= longest) & (apart <= _ALIKE)
    old, now = np.nonzero(fits)
    order = np.argsort(apart[old, now], kind="stable")
    ends = list(zip(*(over[key] for key in ("vendor", "cadence", "last")), strict=True))
    starts = list(zip(*(new[key] for key in ("vendor", "cadence", "first")), strict=True))
    told: dict[object, tuple[int, int]] = {}
    for i, j in zip(old[order].tolist(), now[order].tolist(), strict=True):
        told.setdefault(ends[i], (i, j))
    taken: dict[object, tuple[int, int]] = {}
    for i, j in told.values():
        taken.setdefault(starts[j], (i, j))
    chosen = np.array(list(taken.values()), dtype=np.int64).reshape(-1, 2)
    return chosen[:, 0], chosen[:, 1]
