"""Old technology in the plan: what could be replaced, and when."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.spending.plan.economic_life import Lifecycle
from techalign.spending.plan.roadmap import Replacements
from techalign.text import folded

__all__ = ["plan_replacements"]

_MONTHS = 3  # a quarter


def plan_replacements(
    found: Lifecycle, named: Iterable[str], *, quarters: int, horizon_quarters: int, owner: str = ""
) -> Replacements:
    """Make candidates for the plan of what is due within it and no project replaces already.

    A replacement is worth what keeping the old one costs more than a new one does in the long run,
    from the quarter it is replaced to the end of the time looked at.

    Parameters
    ----------
    found : Lifecycle
        Of m pieces of technology.
    named : iterable of str
        Technology that a project replaces; without regard to case and blanks.
    quarters : int
        T, quarters of the plan.
    horizon_quarters : int
        Quarters looked at, 80 or fewer.
    owner : str
        Who sees to them.

    Returns
    -------
    Replacements

    Raises
    ------
    ModelError
        If more quarters are looked at than the lifecycle covers.

    Examples
    --------
    See :func:`~techalign.spending.plan_roadmap`; without anything due there is none:

    >>> import datetime as dt
    >>> none = Lifecycle(frame=pd.DataFrame({"technology": [], "status": [], "price": []}),
    ...     monthly=np.zeros((3, 0, 240)), as_of=dt.date(2026, 6, 30), rate=0.1)
    >>> len(plan_replacements(none, [], quarters=8, horizon_quarters=20).frame)
    0
    """
    months = _MONTHS * horizon_quarters
    if months > found.monthly.shape[2]:
        raise ModelError("horizon_quarters", "is more than 80", value=horizon_quarters)
    gone = {folded(name) for name in named}
    rows = np.array(
        [
            i
            for i, row in enumerate(found.frame.to_dict("records"))
            if row["status"] in {"due", "soon"} and folded(row["technology"]) not in gone
        ],
        dtype=np.int64,
    )
    frame = found.frame.iloc[rows]
    v = (1.0 + found.rate) ** (-(np.arange(months) + 0.5) / 12.0)
    left = np.cumsum((found.monthly[:, rows, :months] * v)[..., ::-1], axis=2)[..., ::-1]
    starts = np.minimum(np.arange(quarters) * _MONTHS, months - 1)
    value = left[:, :, starts]
    return Replacements(
        frame=pd.DataFrame(
            {
                "id": [f"replace {name}" for name in frame["technology"]],
                "name": [f"New: {name}" for name in frame["technology"]],
                "owner": owner,
                "money": frame["price"].to_numpy(dtype=float),
            }
        ),
        value=value[0],
        value_low=value.min(axis=0),
        value_high=value.max(axis=0),
    )
