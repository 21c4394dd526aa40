"""Rows a notebook hands on: to the client's summary, to the portfolio and to the next review.

The page of the report shows nothing of them; they go into the record beside it as plain JSON,
so that other pages need neither run the notebook again nor read HTML.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import pandas as pd

from techalign.html import escape

__all__ = ["RECORD_MIME", "Recorded", "record"]

RECORD_MIME = "application/vnd.techalign.record+json"


@dataclass(frozen=True, repr=False)
class Recorded:
    """Rows under a name; in JupyterLab a line says how many."""

    name: str
    unit: str
    rows: tuple[dict[str, object], ...]

    def __repr__(self) -> str:
        return f"<{len(self.rows)} rows of {self.name}>"

    def _repr_mimebundle_(
        self, include: object = None, exclude: object = None
    ) -> dict[str, object]:
        del include, exclude  # both forms are always wanted
        said = f"Recorded for the summary: {len(self.rows)} rows of {self.name}."
        data = {"name": self.name, "unit": self.unit, "rows": list(self.rows)}
        return {"text/html": f'<p class="source">{escape(said)}</p>', RECORD_MIME: data}


def record(
    name: str, frame: pd.DataFrame, *, columns: Mapping[str, str], unit: str = ""
) -> Recorded:
    """Hand rows on.

    Parameters
    ----------
    name : str
        What they are: ``"vendors"`` (vendor, pd, pd_low, pd_high, loss, loss_low, loss_high,
        and hubs, as the vendors table has them), ``"ceased"`` (vendor, date), ``"dates"``
        (what, act_by, money), ``"forecast"`` (month, point, low, high) and ``"actual"``
        (month, value) are known to the pages.
    frame : DataFrame
    columns : mapping
        Column of the frame to its name in the record.
    unit : str
        Of the money in it.

    Returns
    -------
    Recorded
    """
    kept = frame[list(columns)].set_axis(list(columns.values()), axis=1)
    rows = tuple(
        {str(key): _plain(value) for key, value in row.items()} for row in kept.to_dict("records")
    )
    return Recorded(name, unit, rows)


def _plain(value: Any) -> object:
    """A value as JSON has it: days as ISO text, what is missing or infinite as None."""
    if value is None or value is pd.NaT:
        return None
    if isinstance(value, dt.date):
        return f"{value:%Y-%m-%d}"
    if isinstance(value, str | bool | int):
        return value
    number = float(value)
    return number if math.isfinite(number) else None
