"""Each partner's sales quarter by quarter: what was sold, and what is to come.

Months of one partner are mostly luck, a year hides when sales come; quarters show both.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Floats
from techalign.numbers.intervals import Interval, interval_of
from techalign.partners.outlook import PartnerOutlook

__all__ = ["PartnerQuarters", "partner_quarters"]

QUARTER = 3
SHOWN = 24
"""Partners at most: more can be told apart in a table only."""
_PAST = 4
_EPOCH = 12 * 1970  # a calendar number, as of all months here


@dataclass(frozen=True, kw_only=True, eq=False)
class PartnerQuarters:
    """Quarters of those that should sell most, the largest first.

    Attributes
    ----------
    history : DataFrame
        ``partner``, ``month`` (the quarter's first), ``value`` (money a month), of the last year;
        quarters before a partner was signed are left out.
    ahead : DataFrame
        ``partner``, ``month``, ``low``, ``point``, ``high``.
    left_out : int
        Partners that have sold and are not among them.
    largest : str
        The partner that should bring most of the coming sales; "" where nobody sells.
    share : Interval
        The share of all coming sales that it brings, 0 to 1.
    """

    history: pd.DataFrame
    ahead: pd.DataFrame
    left_out: int
    largest: str
    share: Interval


def partner_quarters(
    outlook: PartnerOutlook, shown: int = SHOWN, level: float = 0.8
) -> PartnerQuarters:
    """Sum up the sales of partners that have sold, and whose agreement runs, by quarter.

    Quarters are counted from the day of the analysis; a last one of fewer months is averaged over
    those it has.

    Parameters
    ----------
    outlook : PartnerOutlook
        Of N partners, S draws and H months.
    shown : int
        Partners at most, 1 or more.
    level : float
        Probability of the interval, 0 to 1.

    Returns
    -------
    PartnerQuarters

    Raises
    ------
    ModelError
        If ``shown`` is below 1.

    Examples
    --------
    >>> import datetime as dt
    >>> from techalign.partners import OutlookOptions, assess_partners
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS")
    >>> partners = pd.DataFrame({
    ...     "partner": ["Alder", "Birch"], "segment": "volume", "margin": 0.3,
    ...     "signed": pd.to_datetime(["2025-01-05", "2025-08-05"]), "ended": pd.NaT})
    >>> sales = pd.DataFrame({
    ...     "partner": "Alder", "month": months, "revenue": 5000.0, "deals": 10.0})
    >>> nothing = pd.DataFrame({
    ...     "partner": [], "month": pd.to_datetime([]), "amount": [], "kind": []})
    >>> plan = pd.DataFrame({"month": pd.to_datetime([]), "target": [], "direct": []})
    >>> outlook = assess_partners(
    ...     partners, sales, nothing, plan, dt.date(2025, 12, 31), 0.1,
    ...     np.random.default_rng(1), OutlookOptions(horizon_months=6, draws=200))
    >>> found = partner_quarters(outlook)
    >>> found.history["value"].tolist(), found.ahead["partner"].tolist(), found.left_out
    ([5000.0, 5000.0, 5000.0, 5000.0], ['Alder', 'Alder'], 0)
    >>> found.largest, found.share.point > 0.9
    ('Alder', True)
    """
    if shown < 1:
        raise ModelError("shown", "must be 1 or more", value=shown)
    panel = outlook.panel
    sells = np.flatnonzero(panel.active & ~panel.ended)
    means = outlook.draws[:, sells].mean(axis=0).sum(axis=1)
    rows = sells[np.argsort(-means, kind="stable")[:shown]]
    end = panel.first_month + panel.revenue.shape[1]
    return PartnerQuarters(
        history=_history(outlook, rows, end),
        ahead=_ahead(outlook, rows, end, level),
        left_out=len(sells) - len(rows),
        largest=str(panel.partner[rows[0]]) if rows.size else "",
        share=_share(outlook, rows[:1], level),
    )


def _share(outlook: PartnerOutlook, rows: Counts, level: float) -> Interval:
    """Share of some partners in all coming sales, over the futures in which there are any."""
    own, every = outlook.draws[:, rows].sum(axis=(1, 2)), outlook.total
    sold = every > 0
    return interval_of(own[sold] / every[sold], level) if sold.any() else Interval(0.0, 0.0, 0.0)


def _history(outlook: PartnerOutlook, rows: Counts, end: int) -> pd.DataFrame:
    panel = outlook.panel
    months = panel.revenue.shape[1]
    count = min(_PAST, months // QUARTER)
    starts = months - QUARTER * np.arange(count, 0, -1)
    past = panel.revenue[rows, months - QUARTER * count :]
    value = past.reshape(len(rows), count, QUARTER).mean(axis=2)
    known = starts >= panel.contract_month[rows, None]
    who, when = np.nonzero(known)
    return pd.DataFrame(
        {
            "partner": panel.partner[rows[who]],
            "month": _first_days(starts + end - months)[when],
            "value": value[who, when],
        }
    )


def _ahead(outlook: PartnerOutlook, rows: Counts, end: int, level: float) -> pd.DataFrame:
    starts = np.arange(0, outlook.draws.shape[2], QUARTER)
    # draws lie along the last axis in memory, as forecasts make them; a quarter at a time, because
    # a copy of all would count against the kernel
    drawn = np.moveaxis(outlook.draws, 0, -1)
    totals: Floats = np.stack(
        [drawn[rows, start : start + QUARTER].mean(axis=1) for start in starts], axis=1
    )
    tail = (1.0 - level) / 2.0
    low, point, high = np.quantile(totals, [tail, 0.5, 1.0 - tail], axis=2)
    return pd.DataFrame(
        {
            "partner": np.repeat(outlook.panel.partner[rows], len(starts)),
            "month": _first_days(np.tile(starts, len(rows)) + end),
            "low": low.ravel(),
            "point": point.ravel(),
            "high": high.ravel(),
        }
    )


def _first_days(months: Counts) -> pd.DatetimeIndex:
    since = (months - _EPOCH).astype("datetime64[M]")
    return pd.DatetimeIndex(since.astype("datetime64[ns]"))
