"""How past forecasts did: each month forecast at an earlier review against what was then sold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from techalign.review.history import recorded_rows
from techalign.review.records import Record

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["LEVEL", "Scored", "calibrate", "pool"]

LEVEL = 0.8
"""Probability the recorded intervals claim to hold."""

_COLUMNS = ("client", "review", "month", "point", "low", "high", "actual", "inside")


@dataclass(frozen=True, eq=False)
class Scored:
    """Forecasts with what became of them.

    Attributes
    ----------
    forecasts : DataFrame
        client, review (the quarter of the forecast), month (ISO day), point, low, high and
        actual (money), inside (whether the actual lies in the interval).
    """

    forecasts: pd.DataFrame

    @property
    def share_inside(self) -> float:
        """Share of the actuals inside their intervals; NaN if none can be compared."""
        return float(self.forecasts["inside"].mean())

    @property
    def sentence(self) -> str:
        """The result in words."""
        count = len(self.forecasts)
        if count == 0:
            return (
                "No past forecast can be compared yet: that takes reports of an earlier quarter "
                "and sales of the months after it."
            )
        inside = int(self.forecasts["inside"].sum())
        reviews = self.forecasts[["client", "review"]].drop_duplicates()
        return (
            f"Of {count} monthly forecasts made at {len(reviews)} earlier "
            f"review{'s' if len(reviews) != 1 else ''}, {inside} ({self.share_inside:.0%}) came "
            f"true inside their range, which is meant to hold {LEVEL:.0%} of them."
        )


def calibrate(now: Sequence[Record], earlier: Mapping[str, Sequence[Record]]) -> Scored:
    """Compare a client's earlier forecasts with the present actuals.

    Parameters
    ----------
    now : sequence of Record
        The client's present records.
    earlier : mapping of str to sequence of Record
        Those of earlier quarters.
    """
    import pandas as pd

    actual = {
        (record.notebook, row["month"]): row["value"]
        for record in now
        for row in recorded_rows(record, "actual")
    }
    rows = [
        (record.client, quarter, row["month"], row["point"], row["low"], row["high"], sold,
         row["low"] <= sold <= row["high"])
        for quarter, records in sorted(earlier.items())
        for record in records
        for row in recorded_rows(record, "forecast")
        if (sold := actual.get((record.notebook, row["month"]))) is not None
        # what both reviews already knew was no forecast
        and row["month"] not in {known["month"] for known in recorded_rows(record, "actual")}
    ]  # fmt: skip
    return Scored(pd.DataFrame(rows, columns=list(_COLUMNS)))


def pool(scored: Iterable[Scored]) -> Scored:
    """Put the scores of several clients together."""
    import pandas as pd

    frames = [s.forecasts for s in scored if len(s.forecasts)]
    empty = pd.DataFrame(columns=list(_COLUMNS))
    return Scored(pd.concat(frames, ignore_index=True) if frames else empty)
