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
    keys = ["cadence"]
    pairs = fixed[~fixed["active"]].merge(fixed[fixed["active"]], on=keys, suffixes=("", "_after"))
    wait = (pairs["first_after"] - pairs["last"]).dt.days
    rhythm = pairs["cadence"].map(CADENCE_DAYS).astype(float)
    apart = np.abs(pairs["latest_amount_after"] / pairs["latest_amount"] - 1.0)
    other = pairs["vendor"] != pairs["vendor_after"]
    pairs = pairs.assign(apart=apart)[
        other & (wait > 0) & (wait <= _APART * rhythm) & (apart <= _ALIKE)
    ].sort_values("apart", kind="stable")
    for names in (["vendor", "last"], ["vendor_after", "first_after"]):
        pairs = pairs.drop_duplicates([*names, *keys])
    pairs = pairs.sort_values("yearly_cost_after", ascending=False, kind="stable")
    shown = {
        "vendor": "before", "vendor_after": "after", "cadence": "cadence", "last": "ended",
        "first_after": "began", "latest_amount": "amount_before",
        "latest_amount_after": "amount_after",
    }  # fmt: skip
    told: pd.DataFrame = pairs[list(shown)].rename(columns=shown).reset_index(drop=True)
    return told
