"""What it costs the client when a vendor ceases: the loss given the event, part by part.

::

    LGD = min(cap, records lost * value + switching + retooling + prepaid lost + margin * weeks)

The client's own estimates are single numbers, and people underestimate: each part therefore
carries factors with a range. None of these factors is measured; they are assumptions, passed in
and shown. The parts' ranges are combined as independent, by root of the sum of squares: adding
up all worst cases would claim that everything goes wrong at once.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Exposure", "LossAssumptions", "exposure"]


PARTS = ("records", "switching", "retooling", "prepaid", "margin")


@dataclass(frozen=True)
class LossAssumptions:
    """Factors on the client's figures, each with its range; all are assumptions.

    Attributes
    ----------
    records_lost_untested_export, records_lost_tested_export : Interval
        Share of the records lost, 0 to 1, without and with a tested full export.
    switching_cost_factor, weeks_out_factor : Interval
        Factor on the client's estimate; the first also applies to retooling.
    prepaid_lost : Interval
        Share of prepayments lost, 0 to 1.
    second_source_factor : Interval
        What remains of switching and weeks where a second supplier stands ready.
    escrow_factor : Interval
        What remains of the records lost where data or code are in escrow.

    Examples
    --------
    >>> LossAssumptions(prepaid_lost=Interval(0.9, 0.5, 1.0)).prepaid_lost.point
    0.9
    """

    records_lost_untested_export: Interval = field(default=Interval(1.0, 0.2, 1.0))
    records_lost_tested_export: Interval = field(default=Interval(0.0, 0.0, 0.15))
    switching_cost_factor: Interval = field(default=Interval(1.0, 0.6, 2.0))
    weeks_out_factor: Interval = field(default=Interval(1.0, 0.5, 2.5))
    prepaid_lost: Interval = field(default=Interval(1.0, 0.5, 1.0))
    second_source_factor: Interval = field(default=Interval(0.5, 0.2, 0.8))
    escrow_factor: Interval = field(default=Interval(0.5, 0.2, 1.0))

    def __post_init__(self) -> None:
        for name, value in self.items():
            if not 0 <= value.low <= value.point <= value.high:
                raise ModelError(name, "must be 0 <= low <= point <= high", value=value)

    def items(self) -> list[tuple[str, Interval]]:
        """Names and values, in the order of the fields."""
        return [(entry.name, getattr(self, entry.name)) for entry in fields(self)]

    @classmethod
    def from_table(cls, assumptions: pd.DataFrame) -> LossAssumptions:
        """Take those named in a table of assumptions; the others keep their defaults.

        Parameters
        ----------
        assumptions : DataFrame
            Columns key, value, low, high.
        """
        columns = (assumptions[name].tolist() for name in ("key", "value", "low", "high"))
        rows = {key: ends for key, *ends in zip(*columns, strict=True)}
        names = [entry.name for entry in fields(cls) if entry.name in rows]
        return cls(**{name: Interval(*map(float, rows[name])) for name in names})


@dataclass(frozen=True, eq=False)
class Exposure:
    """Loss given cessation, in the client's currency, one row per vendor.

    Attributes
    ----------
    parts : DataFrame, shape (n, 5)
        Point of each part (records, switching, retooling, prepaid, margin) before the cap,
        indexed by vendor.
    low, high : DataFrame, shape (n, 5)
        Ends of each part's range.
    lgd : DataFrame, shape (n, 3)
        Columns low, point, high of the loss after the cap.
    assumptions : LossAssumptions

    Examples
    --------
    >>> import pandas as pd
    >>> row = dict.fromkeys((*NUMBERS, *FLAGS), 0.0) | {"vendor": "Cobalt", "prepaid": 1200.0}
    >>> found = exposure(pd.DataFrame([row]))
    >>> found.lgd.loc["Cobalt"].tolist()
    [600.0, 1200.0, 1200.0]
    >>> found.total()
    Interval(point=1200.0, low=600.0, high=1200.0, level=0.8)
    """

    parts: pd.DataFrame
    low: pd.DataFrame
    high: pd.DataFrame
    lgd: pd.DataFrame
    assumptions: LossAssumptions

    def total(self) -> Interval:
        """Loss if every vendor ceased, ends added up."""
        low, point, high = (float(self.lgd[name].sum()) for name in ("low", "point", "high"))
        return Interval(point, low, high)


def exposure(
    vendors: pd.DataFrame,
    assumptions: LossAssumptions | None = None,
    *,
    cap: ArrayLike | None = None,
) -> Exposure:
    """Loss given cessation of each vendor.

    Parameters
    ----------
    vendors : DataFrame
        Rows of the vendors table: money in the client's currency, ``weeks_out`` in weeks.
    assumptions : LossAssumptions, optional
        Factors with ranges.
    cap : array_like, shape () or (n,), optional
        The most that can be lost, in the client's currency: for instance the value of the
        business, or a contract's limit.

    Returns
    -------
    Exposure

    Raises
    ------
    ModelError
        If a figure is negative or missing, or the cap is negative.

    Examples
    --------
    Records, moving, new tools, what is prepaid, and two weeks of 900:

    >>> import pandas as pd
    >>> row = {
    ...     "vendor": "Cobalt", "records_held": 300.0, "record_value": 4.0,
    ...     "switching_cost": 1500.0, "retooling_cost": 100.0, "prepaid": 200.0,
    ...     "weeks_out": 2.0, "margin_per_week": 900.0,
    ...     "export_tested": False, "escrow": False, "second_source": True}
    >>> exposure(pd.DataFrame([row])).parts.loc["Cobalt"].to_dict()
    {'records': 1200.0, 'switching': 750.0, 'retooling': 100.0, 'prepaid': 200.0, 'margin': 900.0}
    """
    import pandas as pd

    given = assumptions or LossAssumptions()
    figures = _checked(vendors)
    names = pd.Index(
        [str(name) for name in vendors["vendor"].tolist()], dtype=object, name="vendor"
    )
    low, middle, high = (_parts(figures, given, end) for end in ("low", "point", "high"))
    down = np.sqrt(((middle - low) ** 2).sum(axis=1))
    up = np.sqrt(((high - middle) ** 2).sum(axis=1))
    most = np.broadcast_to(np.inf if cap is None else np.asarray(cap, float), (len(names),))
    if (most < 0).any():
        raise ModelError("cap", "must not be negative", value=cap)
    total = middle.sum(axis=1)
    ends = np.minimum(most, [total - down, total, total + up])
    point, least, most_of_it = (
        pd.DataFrame(end, index=names, columns=list(PARTS)) for end in (middle, low, high)
    )
    lgd = pd.DataFrame(ends.T, index=names, columns=["low", "point", "high"])
    return Exposure(parts=point, low=least, high=most_of_it, lgd=lgd, assumptions=given)


def _parts(number: dict[str, Floats], given: LossAssumptions, end: str) -> Floats:
    """The five parts at one end of the assumptions' ranges, (n, 5)."""
    of = {name: float(getattr(value, end)) for name, value in given.items()}
    tested, escrow, second = (number[name] > 0 for name in FLAGS)
    lost = np.where(
        tested, of["records_lost_tested_export"], of["records_lost_untested_export"]
    ) * np.where(escrow, of["escrow_factor"], 1.0)
    eased = np.where(second, of["second_source_factor"], 1.0)
    moving = of["switching_cost_factor"]
    return np.column_stack([
        number["records_held"] * number["record_value"] * lost,
        number["switching_cost"] * moving * eased,
        number["retooling_cost"] * moving,
        number["prepaid"] * of["prepaid_lost"],
        number["margin_per_week"] * number["weeks_out"] * of["weeks_out_factor"] * eased,
    ])  # fmt: skip


NUMBERS = (
    "records_held",
    "record_value",
    "switching_cost",
    "retooling_cost",
    "prepaid",
    "weeks_out",
    "margin_per_week",
)


FLAGS = ("export_tested", "escrow", "second_source")


def _checked(vendors: pd.DataFrame) -> dict[str, Floats]:
    """The client's figures by column."""
    figures = {name: vendors[name].to_numpy(float) for name in NUMBERS}
    for name, values in figures.items():
        bad = np.flatnonzero(~((values >= 0) & (values < np.inf)))
        if bad.size:
            row = vendors.index[bad[0]]
            raise ModelError(
                f"vendors.{name}[{row}]", "must be a number of at least 0", value=values[bad[0]]
            )
    return figures | {name: vendors[name].to_numpy(bool).astype(float) for name in FLAGS}
