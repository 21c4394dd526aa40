"""When recruiting would have had to begin for the plan to be met: partners take time to sell.

A partner signed today waits for its first sale and then grows, so what a plan lacks this year had
to be signed for earlier. Here further partners, like the client's own, are signed at an even pace
from some month on until the plan ends, and the plan is met in a share of the futures,
P(C + Σ_i x_i >= N): C what those signed so far sell in the plan's months, x_i what each further one
does, N what the plan leaves to partners. The latest month in which that chance is high enough is
the month in question; it may have passed.

Further partners are drawn from the population of the client's own, which is drawn once for all
of a future; they are taken to be independent of how those signed so far fare.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.numbers.formatting import format_chance, format_month
from techalign.numbers.periods import parse_month
from techalign.partners.outlook import PartnerOutlook
from techalign.partners.routes import newcomer_sales
from techalign.partners.signing import signing_months

__all__ = [
    "EVEN",
    "SURE",
    "LeadTime",
    "last_day_to_recruit",
    "lead_time",
    "met_by_start",
    "sold_in_plan",
]

BACK = 36
"""Months before today in which a start is still looked for."""
EVEN, SURE = 0.5, 0.8
"""Chances that the plan is met for which the latest start is told."""
_PACES = (1.0, 2.0, 4.0)  # times the pace so far
_DRAWS, _NEWCOMERS = 160, 10  # futures, and further partners of each that are drawn anew


@dataclass(frozen=True, kw_only=True, eq=False)
class LeadTime:
    """Chance that the plan is met by the month in which more recruiting begins.

    Attributes
    ----------
    pace : ndarray, shape (P,)
        Partners signed a month on top of those signed, ascending.
    chance : ndarray, shape (P, B + H)
        P(plan met) where signing begins so early: from B months before the first coming month,
        to the last coming month.
    without : float
        P(plan met) by the partners signed so far.
    first_month : int
        Calendar number of the first coming month.
    back : int
        B.

    Examples
    --------
    >>> found = LeadTime(
    ...     pace=np.array([0.5]), chance=np.array([[0.9, 0.7, 0.6, 0.4]]), without=0.2,
    ...     first_month=2026 * 12 + 6, back=2)
    >>> found.latest(0.5).tolist(), found.latest(0.8).tolist(), found.latest(0.95).tolist()
    ([0.0], [-2.0], [nan])
    >>> found.table()[["a_year", "even", "sure", "begun_now"]]
       a_year      even      sure  begun_now
    0     6.0  Jul 2026  May 2026        0.6
    """

    pace: Floats
    chance: Floats
    without: float
    first_month: int
    back: int

    def latest(self, wanted: float) -> Floats:
        """Latest start with such a chance, months from the first coming one, shape (P,).

        Parameters
        ----------
        wanted : float
            Chance that the plan is met, 0 to 1.

        Returns
        -------
        ndarray
            Negative in the past; infinite where nobody need be signed, NaN where no start that was
            looked at is early enough.
        """
        if self.without >= wanted:
            return np.full(len(self.pace), np.inf)
        enough = self.chance[:, ::-1] >= wanted
        last = self.chance.shape[1] - 1 - enough.argmax(axis=1) - self.back
        return np.where(enough.any(axis=1), last.astype(float), np.nan)

    def signed(self, start: Floats) -> Counts:
        """Partners signed from a start, shape (P,), until the last month; NaN counts none."""
        left = np.where(np.isfinite(start), self.chance.shape[1] - self.back - start, 0.0)
        return np.floor(self.pace * left + 1e-9).astype(np.int64)

    def month(self, start: float) -> str:
        """Write a start as a reader needs it."""
        if np.isinf(start):
            return "no need"
        if np.isnan(start):
            return f"not even {format_month(parse_month(self.first_month - self.back))}"
        return format_month(parse_month(self.first_month + int(start)))

    def latest_ahead(self) -> tuple[float, int] | None:
        """Slowest pace whose latest start for an even chance is still to come, and that start.

        Returns
        -------
        pace, start : float, int
            Partners a month; months from the first coming one. None where every pace is too late
            or nobody need be signed.
        """
        even = self.latest(EVEN)
        ahead = np.flatnonzero(np.isfinite(even) & (even >= 0))
        return (float(self.pace[ahead[0]]), int(even[ahead[0]])) if ahead.size else None

    def table(self) -> pd.DataFrame:
        """One row per pace.

        Returns
        -------
        DataFrame
            ``more`` (text) and ``a_year``, partners; ``even`` and ``sure`` (text), latest start for
            a chance of 50 and of 80 %; ``signed`` (until the plan ends, from the former on);
            ``begun_now``, chance where signing begins in the first coming month.
        """
        even, sure = self.latest(EVEN), self.latest(SURE)
        return pd.DataFrame(
            {
                "more": [f"{_a_year(pace)} more a year" for pace in self.pace],
                "a_year": 12.0 * self.pace,
                "even": [self.month(start) for start in even],
                "sure": [self.month(start) for start in sure],
                "signed": np.where(np.isfinite(even), self.signed(even), np.nan),
                "begun_now": self.chance[:, self.back],
            }
        )


def lead_time(
    outlook: PartnerOutlook, rng: np.random.Generator, back: int = BACK
) -> LeadTime | None:
    """Find how early more recruiting would have had to begin, at several paces.

    Parameters
    ----------
    outlook : PartnerOutlook
    rng : numpy.random.Generator
    back : int
        Months before the first coming one at which starts begin to be looked at, 0 or more.

    Returns
    -------
    LeadTime or None
        At the pace at which partners have been signed so far, at twice and at four times it. None
        without a plan, or where no partner has sold: nothing then tells how long one takes.

    Raises
    ------
    ModelError
        If ``back`` is negative.

    Examples
    --------
    >>> import datetime as dt
    >>> from techalign.partners import OutlookOptions, assess_partners
    >>> months = pd.date_range("2025-01-01", periods=12, freq="MS")
    >>> partners = pd.DataFrame({
    ...     "partner": ["Alder", "Birch"], "segment": "volume", "margin": 0.3,
    ...     "signed": pd.to_datetime(["2025-01-05", "2025-02-05"]), "ended": pd.NaT})
    >>> sales = pd.DataFrame({
    ...     "partner": "Alder", "month": months, "revenue": 5000.0, "deals": 10.0})
    >>> costs = pd.DataFrame({
    ...     "partner": "Birch", "month": months, "amount": 300.0, "kind": "manage"})
    >>> plan = pd.DataFrame({
    ...     "month": months + pd.DateOffset(years=1), "target": 12000.0, "direct": 5000.0})
    >>> outlook = assess_partners(
    ...     partners, sales, costs, plan, dt.date(2025, 12, 31), 0.1, np.random.default_rng(1),
    ...     OutlookOptions(draws=200))
    >>> found = lead_time(outlook, np.random.default_rng(2))
    >>> found.table()[["a_year", "even"]].round(1)
       a_year      even
    0     2.0  Aug 2025
    1     4.0  Feb 2026
    2     8.0  May 2026
    """
    if back < 0:
        raise ModelError("back", "must be 0 or more", value=back)
    if outlook.gap is None or not outlook.activation.sold:
        return None
    panel = outlook.panel
    needed, covered = outlook.gap.needed, np.isfinite(outlook.plan["target"].to_numpy())
    so_far = len(panel.partner) / (panel.revenue.shape[1] - int(panel.contract_month.min()))
    paths = newcomer_sales(outlook, _NEWCOMERS, (_DRAWS, back + covered.size), rng)
    sold = outlook.draws.sum(axis=1)[:, covered].sum(axis=1)
    further = sold_in_plan(paths, covered)
    pace = so_far * np.array(_PACES)
    return LeadTime(
        pace=pace,
        chance=np.stack([met_by_start(sold, further, needed, each) for each in pace]),
        without=1.0 - outlook.gap.probability,
        first_month=panel.first_month + panel.revenue.shape[1],
        back=back,
    )


def last_day_to_recruit(lead: LeadTime | None) -> tuple[dt.date | None, str]:
    """Say how late recruiting may begin, or how late it is already, for a plan in doubt.

    Parameters
    ----------
    lead : LeadTime or None

    Returns
    -------
    day : date or None
        First day of the latest month that leaves an even chance, where it is still to come.
    clause : str
        The end of a sentence; "" where there is nothing to say.

    Examples
    --------
    >>> found = LeadTime(
    ...     pace=np.array([0.5, 1.0]), chance=np.array([[0.5, 0.4, 0.3], [0.7, 0.6, 0.4]]),
    ...     without=0.2, first_month=2026 * 12 + 6, back=2)
    >>> said = last_day_to_recruit(found)[1]
    >>> said[2:79]
    'for an even chance 12 more partners a year had to be signed from Jun 2026 on;'
    """
    if lead is None or lead.without >= EVEN:
        return None, ""
    ahead = lead.latest_ahead()
    if ahead is not None:
        day = parse_month(lead.first_month + ahead[1])
        return day, (
            f"; {_a_year(ahead[0])} more partners a year signed from {format_month(day)} on still "
            "leave an even chance, a later start does not"
        )
    most, begun = _a_year(lead.pace[-1]), float(lead.latest(EVEN)[-1])
    now = format_chance(float(lead.chance[-1, lead.back]))
    if np.isnan(begun):
        first = format_month(parse_month(lead.first_month - lead.back))
        return (
            None,
            f"; even {most} more partners a year signed from {first} on would have been too late",
        )
    return None, (
        f"; for an even chance {most} more partners a year had to be signed from "
        f"{lead.month(begun)} on; begun now, it is {now}"
    )


def _a_year(pace: float) -> str:
    """Write partners a month as the table does, by the year."""
    return f"{12.0 * pace:.1f}".removesuffix(".0")


def sold_in_plan(paths: Floats, covered: Flags) -> Floats:
    """Sales of a partner in the plan's months, by the month in which it is signed.

    Parameters
    ----------
    paths : ndarray, shape (S, n, B + H)
        Sales by months since signing, money.
    covered : ndarray of bool, shape (H,)
        Coming months of which the plan speaks.

    Returns
    -------
    ndarray, shape (S, n, B + H)
        Signed B months before the first coming one, and so on to the last coming one.
    """
    ages, horizon = paths.shape[2], covered.size
    # signed in place m it is of age m' - m in month m'
    month = np.arange(ages)[:, None] + np.arange(ages) - (ages - horizon)
    counts = (month >= 0) & (month < horizon)
    counts &= covered[np.clip(month, 0, horizon - 1)]
    sold: Floats = paths @ counts.astype(float)
    return sold


def met_by_start(sold: Floats, further: Floats, needed: float, pace: float) -> Floats:
    """Chance that the plan is met, by the month in which more recruiting begins.

    Parameters
    ----------
    sold : ndarray, shape (C,)
        What partners signed so far sell in the plan's months, money.
    further : ndarray, shape (S, n, B + H)
        What each further one sells in them, as :func:`sold_in_plan` gives it. Where more than n
        are signed, those beyond are of the next future.
    needed : float
        What the plan leaves to partners, money.
    pace : float
        Partners a month.

    Returns
    -------
    ndarray, shape (B + H,)
        Over all pairs of both kinds of futures.
    """
    draws, count, starts = further.shape
    after = signing_months(pace, 0, starts)  # from the start on
    future = np.arange(draws)
    added = np.zeros((draws, starts))
    for member, month in enumerate(after):
        # signed so many months after each start; by turns, so that a sum has a row of each future
        row = (future + member // count) % draws
        added[:, : starts - month] += further[row, member % count, month:]
    edge = 0.5 / len(sold)
    met: Floats = np.clip(_share(sold, needed - added).mean(axis=0), edge, 1.0 - edge)
    return met


def _share(sold: Floats, needed: Floats) -> Floats:
    """Share of futures that sell at least so much, shape of ``needed``."""
    share: Floats = 1.0 - np.searchsorted(np.sort(sold), needed, side="left") / len(sold)
    return share
