"""What others of the sector and size spend on technology, as a range: the sources conflict.

Published shares of revenue run from three to eight per cent, by definition, year and size of firm.
None is shown alone: each source stands with what it measured, those of the client's size first.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.decision import Decision
from techalign.errors import ModelError
from techalign.numbers.formatting import compact, format_value
from techalign.numbers.intervals import Interval
from techalign.spending.agreements import Desk
from techalign.spending.budget import FEWEST_MONTHS

__all__ = ["BenchmarkRange", "benchmark_decisions", "benchmark_range"]

_COLUMNS = ("source", "year", "size", "definition", "low", "high", "sector")


@dataclass(frozen=True)
class BenchmarkRange:
    """Published shares of revenue beside the client's own.

    Attributes
    ----------
    share : Interval
        The client's technology spending as a share of its revenue; its ends are those given.
    low, high : float
        Lowest and highest published share, 0.03 for 3 %.
    money_low, money_high : float
        The same in money of this client's revenue.
    per_employee : Interval
        The client's technology spending per employee, money a year.
    position : str
        below, within or above: where the whole of the client's interval lies, within if it
        touches the range.
    of_sector, of_size : bool
        Whether any source is of the client's sector; of its size.
    sources : DataFrame
        One row per source, those of the client's sector and size first: source, year, size,
        definition, low, high (shares), fits (of the client's size).
    revenue_told : bool
        Whether the revenue is the client's own.
    months : int
        Months of the last twelve that hold data.

    Examples
    --------
    >>> table = pd.DataFrame({"source": ["A", "B"], "year": "2020", "size": ["small", "large"],
    ...     "definition": "IT spend", "low": [0.07, 0.03], "high": [0.07, 0.05],
    ...     "sector": "all", "revenue_from": [0, 50e6], "revenue_to": [50e6, float("nan")]})
    >>> found = benchmark_range(table, Interval(20e3, 20e3, 30e3), sector="retail",
    ...     yearly_revenue=1e6, employees=10)
    >>> found.position, found.low, found.sources["fits"].tolist(), found.per_employee.point
    ('within', 0.03, [True, False], 2000.0)
    """

    share: Interval
    low: float
    high: float
    money_low: float
    money_high: float
    per_employee: Interval
    position: str
    of_sector: bool
    of_size: bool
    sources: pd.DataFrame
    revenue_told: bool = True
    months: int = 12

    def told(self, currency: str) -> str:
        """What others spend, and where the client lies, as a caption."""
        others = (
            f"What others spend on technology: {self.low:.1%} to {self.high:.1%} of revenue, "
            f"{compact(self.money_low, currency)} to {compact(self.money_high, currency)} a year "
            "here"
        ) + ("" if self.revenue_told else ", at a usual revenue, since nobody has told yours")
        if self.share.high <= 0:
            return f"{others}; your ledger has no technology spending left after its credits"
        own = [f"{end:.1%}" for end in (self.share.low, self.share.high)]
        span = own[0] if own[0] == own[1] else " to ".join(own)
        return (
            f"{others}; you spend {span}, {self.position} that range, and "
            f"{compact(self.per_employee.point, currency)} or more per employee"
        )


def benchmark_range(
    table: pd.DataFrame,
    spent: Interval,
    *,
    sector: str,
    yearly_revenue: float,
    employees: int,
    months: int = 12,
    revenue_told: bool = True,
) -> BenchmarkRange:
    """Set the client's technology spending beside the published ones.

    Parameters
    ----------
    table : DataFrame
        source, year, size, definition, low, high (shares of revenue), sector ("all" for every
        one), revenue_from, revenue_to (money, of the size the source is of; NaN: no end).
    spent : Interval
        Technology spending of ``months``, money; it is set beside a year's revenue as if the
        months without data had been like the others.
    sector : str
        The client's, as in its profile.
    yearly_revenue : float
        Money, above 0.
    employees : int
        At least 1.
    months : int
        Months the money is of, 1 to 12.
    revenue_told : bool
        Whether the revenue is the client's own, and no usual value that stands in for it.

    Returns
    -------
    BenchmarkRange

    Raises
    ------
    ModelError
        If the table has no row or lacks a column, revenue or employees are not above 0, or
        months are not within 1 and 12.

    Examples
    --------
    A quarter of a year's spending in three months of data is the same share of revenue.

    >>> table = pd.DataFrame({"source": ["A"], "year": "2020", "size": "all",
    ...     "definition": "IT spend", "low": 0.03, "high": 0.07, "sector": "all",
    ...     "revenue_from": 0.0, "revenue_to": float("nan")})
    >>> found = benchmark_range(table, Interval(10e3, 10e3, 10e3), sector="retail",
    ...     yearly_revenue=1e6, employees=10, months=3)
    >>> found.share.point, found.position
    (0.04, 'within')
    """
    missing = [c for c in (*_COLUMNS, "revenue_from", "revenue_to") if c not in table]
    if missing or table.empty:
        raise ModelError("table", f"has no column {', '.join(missing)}" if missing else "is empty")
    for name, value in (("yearly_revenue", yearly_revenue), ("employees", employees)):
        if not value > 0:
            raise ModelError(name, "must be above 0", value=value)
    if not 1 <= months <= 12:
        raise ModelError("months", "must be from 1 to 12", value=months)
    spent = spent.scaled(12 / months)
    own = (table["sector"] == sector).to_numpy()
    usable = table[own | (table["sector"] == "all").to_numpy()]
    usable = table if usable.empty else usable
    ends = usable["revenue_to"].fillna(np.inf)
    fits = ((usable["revenue_from"] <= yearly_revenue) & (yearly_revenue < ends)).to_numpy()
    of_sector = (usable["sector"] == sector).to_numpy() & (sector != "all")
    order = np.lexsort((~fits, ~of_sector))
    sources = usable[[*_COLUMNS[:-1]]].assign(fits=fits).iloc[order].reset_index(drop=True)
    low, high = float(usable["low"].min()), float(usable["high"].max())
    share = spent.scaled(1.0 / yearly_revenue)
    position = "below" if share.high < low else "above" if share.low > high else "within"
    return BenchmarkRange(
        share=share,
        low=low,
        high=high,
        money_low=low * yearly_revenue,
        money_high=high * yearly_revenue,
        per_employee=spent.scaled(1.0 / employees),
        position=position,
        of_sector=bool(of_sector.any()),
        of_size=bool(fits.any()),
        sources=sources,
        revenue_told=revenue_told,
        months=months,
    )


def benchmark_decisions(desk: Desk, found: BenchmarkRange) -> list[Decision]:
    """Ask about spending that is surely outside of what others spend.

    Parameters
    ----------
    desk : Desk
    found : BenchmarkRange

    Returns
    -------
    list of Decision
        One of kind "ask", because spending more or less than others is not wrong by itself;
        none where the client's interval touches the range, nothing is known to be spent, less
        than `FEWEST_MONTHS` months hold data, or the revenue is not the client's own: a decision
        rests on no stand-in.
    """
    known = found.revenue_told and found.months >= FEWEST_MONTHS
    if found.position == "within" or found.share.high <= 0 or not known:
        return []
    above = found.position == "above"
    end = found.share.low if above else found.share.high
    own, low, high = (_percent(share) for share in (end, found.low, found.high))
    apart = (found.share.low - found.high if above else found.low - found.share.high) * _revenue(
        found
    )
    return [
        desk.ask(
            what=f"Ask {'what is got for' if above else 'what is put off by'} spending {own} of "
            "revenue on technology",
            subject="technology spending",
            topic="beside others",
            because=f"Published shares lie within {low} and {high}; {desk.money(apart)} a year "
            f"{'more' if above else 'less'} than their nearest end is spent here. The sources "
            "conflict, and none counts quite what your ledger does.",
            evidence="What technology money is for",
            basis="published",
        )
    ]


def _percent(share: float) -> str:
    return format_value(round(share, 3), "%")


def _revenue(found: BenchmarkRange) -> float:
    return found.money_high / found.high if found.high > 0 else 0.0
