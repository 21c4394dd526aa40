"""Have plans come true: each month's new customers, foretold from the months before.

Growth that was foretold and came is the evidence a gate to growth asks for, and a business that
counts who becomes a customer has it, whether or not anybody wrote a forecast down. The forecast is
the plainest there is: customers of a month follow a Poisson law of unknown rate, which the months
before tell, so the next month follows a negative binomial law with shape Σn + ½ and k months.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Foretold", "foretold"]

_LEARN = 3  # months before the first forecast
_TAIL = 0.1  # beyond each end of a range that is meant to hold 80 %


@dataclass(frozen=True)
class Foretold:
    """How many monthly forecasts were made, and how many came true inside their range."""

    made: int
    inside: int

    @property
    def cover(self) -> float | None:
        """Share that came true inside the range; None where none was made."""
        return self.inside / self.made if self.made else None


def foretold(flows: pd.DataFrame, as_of: dt.date) -> Foretold:
    """Foretell each month's new customers from the months before, and count what came true.

    Parameters
    ----------
    flows : DataFrame
        Columns ``month``, ``from_stage``, ``to_stage``, ``count`` (people); months after
        ``as_of`` are left out.
    as_of : date

    Returns
    -------
    Foretold

    Raises
    ------
    ModelError
        If a count is negative.

    Examples
    --------
    Five months of four customers each: the fourth and the fifth could be foretold.

    >>> import pandas as pd
    >>> flows = pd.DataFrame({
    ...     "month": pd.date_range("2026-01-01", periods=5, freq="MS"), "from_stage": "prospect",
    ...     "to_stage": "client", "count": 4})
    >>> foretold(flows, dt.date(2026, 6, 30))
    Foretold(made=2, inside=2)
    """
    import pandas as pd

    known = flows[flows["month"] <= pd.Timestamp(as_of)]
    if (known["count"] < 0).any():
        raise ModelError("flows.count", "must not be negative", value=known["count"].min())
    month = (known["month"].dt.year * 12 + known["month"].dt.month).to_numpy(dtype=int)
    if not len(month):
        return Foretold(0, 0)
    won = known["to_stage"].eq("client") & known["from_stage"].isin(("prospect", "outside"))
    people = np.where(won, known["count"], 0).astype(float)
    # the months between the first and the last count: one without a row had no customers
    by_month = np.bincount(month - month.min(), people)
    seen = np.cumsum(by_month)
    made = range(_LEARN, len(by_month))
    inside = sum(_holds(float(seen[k - 1]), k, int(by_month[k])) for k in made)
    return Foretold(len(made), inside)


def _holds(seen: float, months: int, came: int) -> bool:
    """Whether the 80 % range of the next month, from ``seen`` people in so many, holds ``came``."""
    below = _chances(seen + 0.5, months / (months + 1.0), came)
    return bool(below[:-1].sum() <= 1.0 - _TAIL and below.sum() >= _TAIL)


def _chances(shape: float, p: float, most: int) -> Floats:
    """Negative binomial chances of 0 to ``most``, each from the one before."""
    n = np.arange(1, most + 1)
    steps = np.concatenate([[shape * np.log(p)], np.log((n + shape - 1.0) / n * (1.0 - p))])
    return np.asarray(np.exp(np.cumsum(steps)))
