"""Partner sales as one array, because every partner model counts months of a clock.

Two clocks matter: the contract clock, which starts at signing and drives activation, and the
tenure clock, which starts at the first sale and drives the ramp. Both are read off one panel.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.numbers.periods import month_index, parse_month

__all__ = [
    "DAYS_PER_MONTH",
    "PartnerPanel",
    "build_panel",
    "check_calendar",
    "panel_of",
    "stacked",
]

DAYS_PER_MONTH = 365.25 / 12
_STEADY = 6
"""Months on record from which on a silence longer than any before is one of the records."""


@dataclass(frozen=True, kw_only=True)
class PartnerPanel:
    """Monthly sales of N partners over T complete calendar months.

    Parameters
    ----------
    partner : ndarray of str, shape (N,)
    revenue : ndarray of float, shape (N, T)
        Money per month, never negative, 0 where ``mask`` is false.
    mask : ndarray of bool, shape (N, T)
        True in months under contract and covered by the records.
    contract_month : ndarray of int, shape (N,)
        Column in which the agreement was signed; negative if before the first column.
    deals : ndarray of float, shape (N, T), or None
        Orders per month; None unless they are known for every month with sales.
    segment : ndarray of str, shape (N,)
        ``"volume"`` or ``"strategic"``.
    ended : ndarray of bool, shape (N,)
        True for agreements that have ended by the last month.
    first_month : int
        Calendar number of column 0, as :func:`techalign.numbers.periods.month_index` gives it.
    unknown : DataFrame
        Revenue rows of partners that are not in the partners table.
    outside : DataFrame
        Revenue rows before signing, after the end, or before the records begin; left out.
    credits : float
        Money of months in which credits exceeded sales; such months count as zero sales.
    missing : int
        Months left out because a partner whose months without sales are written down has no row
        for them.
    unrecorded : int
        Complete months by the day of the analysis of which the records know nothing; they follow
        the last of the T.
    cycle_months : ndarray, shape (N,), or None
        One sales cycle from lead to order; where a partner states none, the middle one of its
        segment, and 0 where nobody of it does. None where nobody states any.

    Examples
    --------
    >>> panel = panel_of(np.array([[0.0, 500.0, 700.0], [0.0, 0.0, 0.0]]), np.array([0, 1]))
    >>> panel.active.tolist(), panel.first_sale.tolist()
    ([True, False], [1, -1])
    >>> panel.summary()[["partner", "months_signed", "months_to_first_sale", "revenue"]]
         partner  months_signed  months_to_first_sale  revenue
    0  partner 0              3                   1.0   1200.0
    1  partner 1              2                   NaN      0.0
    >>> panel.as_of(1).partner.tolist()
    ['partner 0']
    """

    partner: NDArray[np.str_]
    revenue: Floats
    mask: Flags
    contract_month: Counts
    deals: Floats | None
    segment: NDArray[np.str_]
    ended: Flags
    first_month: int
    unknown: pd.DataFrame = field(default_factory=pd.DataFrame)
    outside: pd.DataFrame = field(default_factory=pd.DataFrame)
    credits: float = 0.0
    missing: int = 0
    unrecorded: int = 0
    cycle_months: Floats | None = None

    @property
    def months(self) -> pd.DatetimeIndex:
        """First day of each of the T months."""
        start = parse_month(self.first_month)
        return pd.date_range(start, periods=self.revenue.shape[1], freq="MS")

    @property
    def first_sale(self) -> Counts:
        """Column of each partner's first sale, shape (N,); -1 for partners yet to sell."""
        sold = self.revenue > 0
        if not sold.size:
            return np.full(len(self.partner), -1, dtype=np.int64)
        return np.where(sold.any(axis=1), sold.argmax(axis=1), -1).astype(np.int64)

    @property
    def active(self) -> Flags:
        """Whether each partner has ever sold, shape (N,)."""
        return self.first_sale >= 0

    @property
    def strategic(self) -> Flags:
        """Whether each partner is a strategic one, shape (N,)."""
        return np.asarray(self.segment == "strategic")

    @property
    def cycles(self) -> Floats:
        """One sales cycle of each partner, shape (N,), months; 0 where none is known."""
        known = self.cycle_months
        return np.zeros(len(self.partner)) if known is None else known

    def typical_cycle(self, *, strategic: bool) -> float:
        """The middle sales cycle of one segment, months; 0 where none is known."""
        cycles = self.cycles[self.strategic == strategic]
        cycles = cycles[cycles > 0]
        return float(np.median(cycles)) if cycles.size else 0.0

    def as_of(self, months: int) -> PartnerPanel:
        """Give the panel as it was known after its first ``months`` columns.

        Partners signed later are left out, and an end that lies ahead is not known yet.

        Parameters
        ----------
        months : int
            Columns to keep, 1 to T.

        Returns
        -------
        PartnerPanel
            Arrays of shape (n, months) with n <= N.

        Raises
        ------
        ModelError
            If ``months`` is not in 1 to T.
        """
        if not 1 <= months <= self.revenue.shape[1]:
            raise ModelError("months", f"must lie in 1 to {self.revenue.shape[1]}", value=months)
        keep = (self.contract_month < months) & self.mask[:, :months].any(axis=1)
        return self._cut(keep, months)

    def select(self, keep: Flags) -> PartnerPanel:
        """Give the panel of the partners for which ``keep``, shape (N,), is true."""
        return self._cut(keep, self.revenue.shape[1])

    def _cut(self, keep: Flags, months: int) -> PartnerPanel:
        mask = self.mask[keep, :months]
        last = self.mask.shape[1] - 1 - self.mask[keep, ::-1].argmax(axis=1) if months else 0
        return PartnerPanel(
            partner=self.partner[keep],
            revenue=self.revenue[keep, :months],
            mask=mask,
            contract_month=self.contract_month[keep],
            deals=None if self.deals is None else self.deals[keep, :months],
            segment=self.segment[keep],
            ended=self.ended[keep] & (last < months),
            first_month=self.first_month,
            cycle_months=None if self.cycle_months is None else self.cycle_months[keep],
        )

    def summary(self) -> pd.DataFrame:
        """One row per partner: months signed, first sale, active months, totals.

        Returns
        -------
        DataFrame, N rows
            ``partner``, ``segment``, ``months_signed``, ``months_to_first_sale`` (NaN if none),
            ``months_with_sales``, ``months_since_last_sale`` (NaN if none), ``revenue``,
            ``ended``.
        """
        months = self.revenue.shape[1]
        sold = self.revenue > 0
        since = np.where(self.active, sold[:, ::-1].argmax(axis=1) if months else 0, np.nan)
        wait = np.where(self.active, self.first_sale - self.contract_month, np.nan)
        return pd.DataFrame(
            {
                "partner": self.partner,
                "segment": self.segment,
                "months_signed": months - self.contract_month,
                "months_to_first_sale": wait,
                "months_with_sales": sold.sum(axis=1),
                "months_since_last_sale": since,
                "revenue": self.revenue.sum(axis=1),
                "ended": self.ended,
            }
        )


def build_panel(
    partners: pd.DataFrame,
    partner_revenue: pd.DataFrame,
    as_of: dt.date,
    *,
    records_from: dt.date | None = None,
) -> PartnerPanel:
    """Lay the partner tables out as one array of complete months.

    A month without a row counts as zero sales from the month of signing to the last complete
    month before ``as_of``, so the revenue table must hold every sale of that time; where it
    begins later than the agreements do, say so with ``records_from``. But where a partner's
    months without sales are written down as zero, a month between its rows that has none is
    missing: it is masked and counted. Months before signing
    and after the end are masked. Several rows of a month are added up. The month ``as_of``
    lies in counts only if ``as_of`` is its last day.

    Months at the end in which no partner has a row are not recorded yet, and the panel ends before
    them, where months without sales are written down, or where half a year or more is recorded
    and was never as long without a row.

    Parameters
    ----------
    partners : DataFrame
        Columns ``partner``, ``signed``, ``ended``, ``segment`` and, if known,
        ``sales_cycle_days``, one row per partner.
    partner_revenue : DataFrame
        Columns ``partner``, ``month``, ``revenue``, ``deals``.
    as_of : date
        Day of the analysis; agreements signed after the last month of the panel are left out.
    records_from : date, optional
        First month the revenue table covers.

    Returns
    -------
    PartnerPanel
        N = 0 and T = 0 when no agreement is older than the running month.

    Raises
    ------
    ModelError
        If a partner is listed twice, or the rows are not of calendar months: they come once a
        quarter or a year, or every four weeks.

    Examples
    --------
    >>> partners = pd.DataFrame({
    ...     "partner": ["Alder", "Birch"], "segment": ["volume", "strategic"],
    ...     "signed": pd.to_datetime(["2026-01-10", "2026-02-01"]), "ended": pd.NaT})
    >>> sales = pd.DataFrame({
    ...     "partner": ["Alder", "Alder", "Elm"], "month": pd.to_datetime(["2026-02-03"] * 3),
    ...     "revenue": [100.0, 50.0, 9.0], "deals": [1, 1, 1]})
    >>> panel = build_panel(partners, sales, dt.date(2026, 3, 17))
    >>> panel.revenue.tolist()
    [[0.0, 150.0], [0.0, 0.0]]
    >>> panel.unknown["partner"].tolist()
    ['Elm']
    """
    if partners["partner"].duplicated().any():
        twice = partners["partner"][partners["partner"].duplicated()].iloc[0]
        raise ModelError("partners", "a partner is listed twice", value=twice)
    check_calendar(partner_revenue["month"])
    over = _complete_months(as_of)
    listed = partner_revenue["partner"].isin(partners["partner"]).to_numpy()
    month = month_index(partner_revenue["month"]).to_numpy().astype(np.int64)
    written = listed & (month < over)
    sold = partner_revenue["revenue"].to_numpy()[written]
    end = _records_end(month[written], sold, over, _last_run(partners["ended"], over))
    signed = month_index(partners["signed"]).to_numpy().astype(np.int64)
    known = signed < end
    start = int(signed.min()) if known.any() else end
    if records_from is not None:
        start = max(start, records_from.year * 12 + records_from.month - 1)
    panel = _filled(
        partners[known],
        signed[known] - start,
        partner_revenue[written],
        month[written] - start,
        (start, end),
        partner_revenue[~listed],
    )
    return replace(panel, unrecorded=over - end)


def panel_of(
    revenue: Floats,
    contract_month: Counts,
    *,
    deals: Floats | None = None,
    segment: NDArray[np.str_] | None = None,
    first_month: int = 2000 * 12,
) -> PartnerPanel:
    """Make a panel from arrays, for simulated or imported series.

    Parameters
    ----------
    revenue : ndarray, shape (N, T)
        Money per month.
    contract_month : ndarray of int, shape (N,)
        Column of signing; earlier months are masked.
    deals : ndarray, shape (N, T), optional
    segment : ndarray of str, shape (N,), optional
        ``"volume"`` throughout unless given.
    first_month : int
        Calendar number of column 0.

    Returns
    -------
    PartnerPanel

    Examples
    --------
    >>> panel = panel_of(np.array([[0.0, 500.0], [300.0, 200.0]]), np.array([0, 1]))
    >>> panel.revenue.tolist()
    [[0.0, 500.0], [0.0, 200.0]]
    >>> panel.mask.tolist()
    [[True, True], [False, True]]
    """
    count, months = revenue.shape
    mask = np.arange(months) >= np.asarray(contract_month)[:, None]
    return PartnerPanel(
        partner=np.array([f"partner {row}" for row in range(count)], dtype=np.str_),
        revenue=np.where(mask, np.maximum(revenue, 0.0), 0.0),
        mask=mask,
        contract_month=np.asarray(contract_month, dtype=np.int64),
        deals=None if deals is None else np.where(mask, deals, 0.0),
        segment=np.full(count, "volume") if segment is None else segment,
        ended=np.zeros(count, dtype=bool),
        first_month=first_month,
    )


def stacked(first: PartnerPanel, second: PartnerPanel) -> PartnerPanel:
    """Put the partners of two panels under each other, aligned at their last months.

    Parameters
    ----------
    first, second : PartnerPanel
        N1 and N2 partners over T1 and T2 months.

    Returns
    -------
    PartnerPanel
        N1 + N2 partners over max(T1, T2) months; orders only if both panels know them.
    """
    months = max(first.revenue.shape[1], second.revenue.shape[1])
    both = [_padded(panel, months - panel.revenue.shape[1]) for panel in (first, second)]
    deals = [panel.deals for panel in both if panel.deals is not None]
    return PartnerPanel(
        partner=np.concatenate([panel.partner for panel in both]),
        revenue=np.concatenate([panel.revenue for panel in both]),
        mask=np.concatenate([panel.mask for panel in both]),
        contract_month=np.concatenate([panel.contract_month for panel in both]),
        deals=np.concatenate(deals) if len(deals) == len(both) else None,
        segment=np.concatenate([panel.segment for panel in both]),
        ended=np.concatenate([panel.ended for panel in both]),
        first_month=second.first_month + second.revenue.shape[1] - months,
        cycle_months=np.concatenate([panel.cycles for panel in both]),
    )


def _padded(panel: PartnerPanel, lead: int) -> PartnerPanel:
    wider = ((0, 0), (lead, 0))
    return PartnerPanel(
        partner=panel.partner,
        revenue=np.pad(panel.revenue, wider),
        mask=np.pad(panel.mask, wider),
        contract_month=panel.contract_month + lead,
        deals=None if panel.deals is None else np.pad(panel.deals, wider),
        segment=panel.segment,
        ended=panel.ended,
        first_month=panel.first_month - lead,
        cycle_months=panel.cycle_months,
    )


def check_calendar(days: pd.Series) -> None:
    """Refuse rows of quarters, years or four weeks: spread over months, they would be guesses.

    Parameters
    ----------
    days : Series of datetime64
        Column ``month`` of the table ``partner_revenue``, of any length.

    Raises
    ------
    ModelError
        If four months or more all lie 3, 6 or 12 months apart, or six days or more four weeks.

    Examples
    --------
    >>> check_calendar(pd.Series(pd.date_range("2025-01-01", periods=6, freq="MS")))
    >>> check_calendar(pd.Series(pd.date_range("2025-01-01", periods=4, freq="QS")))
    Traceback (most recent call last):
        ...
    techalign.errors.ModelError: partner_revenue.month: the sales are not by calendar month: rows \
come every (found '3 months'). Give one row per partner and calendar month.
    """
    day = np.unique(days.to_numpy(dtype="datetime64[D]").astype(np.int64))
    month = np.unique(month_index(days).to_numpy().astype(np.int64))
    apart, between = np.diff(month), np.diff(day)
    found = ""
    if apart.size >= 3 and apart[0] in (3, 6, 12) and (apart == apart[0]).all():
        found = f"{apart[0]} months"
    elif between.size >= 5 and (between == 28).all():
        found = "4 weeks"
    if found:
        raise ModelError(
            "partner_revenue.month",
            "the sales are not by calendar month: rows come every",
            value=found,
            remedy="Give one row per partner and calendar month.",
        )


def _complete_months(as_of: dt.date) -> int:
    """Number of the first month that is not over by the end of the day ``as_of``."""
    after = as_of + dt.timedelta(days=1)
    return after.year * 12 + after.month - 1


def _last_run(ended: pd.Series, over: int) -> int:
    """Number of the month after the last one in which an agreement runs, at most ``over``."""
    if ended.isna().any() or ended.empty:
        return over
    return min(int(month_index(ended).max()) + 1, over)


def _records_end(month: Counts, revenue: Floats, over: int, run: int) -> int:
    """Number of the first month that is not recorded yet, at most ``over``.

    Of months from ``run`` on, in which no agreement runs, nothing would be recorded.
    """
    told = np.unique(month)
    if not told.size:
        return over
    last, longest = int(told[-1]), int(np.diff(told).max(initial=1)) - 1
    silent = run - 1 - last
    steady = last - told[0] + 1 >= _STEADY and silent > longest
    return last + 1 if silent > 0 and ((revenue == 0).any() or steady) else over


def _filled(
    partners: pd.DataFrame,
    signed: Counts,
    sales: pd.DataFrame,
    column: Counts,
    span: tuple[int, int],
    unknown: pd.DataFrame,
) -> PartnerPanel:
    """Fill the columns of a ``span`` of months; ``signed`` and ``column`` count from its start."""
    count, start, months = len(partners), span[0], max(span[1] - span[0], 0)
    over = partners["ended"].notna().to_numpy()
    last = np.full(count, months - 1)
    last[over] = month_index(partners.loc[over, "ended"]).to_numpy() - start
    clock = np.arange(months)
    mask = (clock >= signed[:, None]) & (clock <= last[:, None])

    names = pd.Index(partners["partner"].to_numpy())
    row = names.get_indexer(pd.Index(sales["partner"]))
    inside = (row >= 0) & (column >= 0)
    inside[inside] &= mask[row[inside], column[inside]]
    place = (row[inside], column[inside])
    totals = np.zeros((count, months))
    np.add.at(totals, place, sales["revenue"].to_numpy(dtype=float)[inside])
    gaps = _gaps(place, sales["revenue"].to_numpy(dtype=float)[inside], mask)
    return PartnerPanel(
        partner=partners["partner"].to_numpy(dtype=np.str_),
        revenue=np.maximum(totals, 0.0),
        mask=mask & ~gaps,
        contract_month=signed.astype(np.int64),
        deals=_deals(sales["deals"].to_numpy(dtype=float)[inside], place, totals),
        segment=partners["segment"].to_numpy(dtype=np.str_),
        ended=over & (last < months),
        first_month=start,
        unknown=unknown,
        outside=sales[~inside],
        credits=float(np.minimum(totals, 0.0).sum()),
        missing=int(gaps.sum()),
        cycle_months=_cycles(partners),
    )


def _gaps(place: tuple[Counts, Counts], revenue: Floats, mask: Flags) -> Flags:
    """Mark the months without a row between the rows of partners whose zeros are written down."""
    row, column = place
    told = np.zeros_like(mask)
    told[row, column] = True
    zeros = np.bincount(row, revenue == 0, minlength=len(mask)) > 0
    before = np.logical_or.accumulate(told, axis=1)
    after = np.logical_or.accumulate(told[:, ::-1], axis=1)[:, ::-1]
    gaps: Flags = mask & ~told & before & after & zeros[:, None]
    return gaps


def _cycles(partners: pd.DataFrame) -> Floats | None:
    """Sales cycles in months, gaps filled with the middle of the segment; None without any."""
    if "sales_cycle_days" not in partners:
        return None
    months = partners["sales_cycle_days"].to_numpy(dtype=float) / DAYS_PER_MONTH
    if not np.isfinite(months).any():
        return None
    segment = partners["segment"].to_numpy()
    for name in ("volume", "strategic"):
        of_it = segment == name
        stated = months[of_it & np.isfinite(months)]
        months = np.where(
            of_it & np.isnan(months), np.median(stated) if stated.size else 0.0, months
        )
    return months


def _deals(deals: Floats, place: tuple[Counts, Counts], totals: Floats) -> Floats | None:
    if not deals.size or np.isnan(deals).any():
        return None
    counted = np.zeros_like(totals)
    np.add.at(counted, place, deals)
    # Money without an order, or an order without money, contradicts the count likelihood.
    return counted if bool(((counted > 0) == (totals > 0)).all()) else None
