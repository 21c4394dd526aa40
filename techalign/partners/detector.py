"""Which partner's drop is real: a Poisson CUSUM with a stated interval between false alarms.

S_t = max(0, S_{t-1} + k - n_t) adds up how far orders n_t stay below k, the value between the
usual rate and half of it at which both are equally likely [1]. It alarms at a threshold chosen by
simulation, so that a partner that goes on as usual is suspected once in so many months.

References
----------
[1] Lucas, J. M. (1985). Counted data CUSUM's. Technometrics 27(2), 129-144.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.partners.panel import PartnerPanel

__all__ = ["Drops", "cusum_threshold", "detect_drop"]

WATCHED = 6
"""Months that are watched; those before them say what is usual."""
USUAL = 12
"""Months before the watched ones that say what is usual, where there are so many."""
_FEWEST = 6
_PATHS, _LENGTH = 2000, 150  # shared out among partners, but not below _FEWEST_PATHS each
_FEWEST_PATHS = 120


@dataclass(frozen=True, kw_only=True)
class Drops:
    """What the detector says of each partner it can watch.

    Parameters
    ----------
    table : DataFrame
        ``partner``, ``usual`` and ``recent`` (orders a month), ``alarm`` (bool), ``since`` (first
        day of the month in which the run of low months began; NaT without an alarm),
        ``delay_months`` (median months in which a halving would be found),
        ``false_alarm_months`` (mean months between false alarms, by simulation).
    unwatched : int
        Partners that sell and are too young, too small or without known orders.
    """

    table: pd.DataFrame
    unwatched: int


def detect_drop(
    panel: PartnerPanel, rng: np.random.Generator, false_alarm_months: float = 62.0
) -> Drops:
    """Watch the last six months of every partner that has twelve months of orders.

    Parameters
    ----------
    panel : PartnerPanel
        N partners; without known orders nobody is watched.
    rng : numpy.random.Generator
    false_alarm_months : float
        Mean months between false alarms of one partner, 6 or more.

    Returns
    -------
    Drops

    Raises
    ------
    ModelError
        If ``false_alarm_months`` is below 6.

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> orders = np.full((2, 24), 4.0)
    >>> orders[1, 19:] = 1.0
    >>> found = detect_drop(
    ...     panel_of(orders * 100.0, np.zeros(2, dtype=int), deals=orders),
    ...     np.random.default_rng(1))
    >>> found.table[["partner", "usual", "recent", "alarm"]]
         partner  usual  recent  alarm
    0  partner 1    4.0     1.5   True
    1  partner 0    4.0     4.0  False
    """
    if false_alarm_months < WATCHED:
        raise ModelError("false_alarm_months", "must be 6 or more", value=false_alarm_months)
    months = panel.revenue.shape[1]
    selling = panel.active & ~panel.ended
    age = np.where(panel.active, months - panel.first_sale, 0)
    if panel.deals is None:
        watched = np.zeros(len(panel.partner), dtype=bool)
        deals = np.zeros_like(panel.revenue)
    else:
        deals, watched = panel.deals, selling & (age >= _FEWEST + WATCHED)
    rows = np.flatnonzero(watched)
    # the month of the first sale is left out: it has at least one order by definition
    width = np.minimum(age[rows] - WATCHED - 1, USUAL)
    start = months - WATCHED - width
    total = deals.cumsum(axis=1)
    before = np.maximum(months - WATCHED - 1, 0)
    usual = np.zeros(0)
    if rows.size:
        usual = (total[rows, before] - total[rows, start - 1]) / width
    rows, usual = rows[usual > 0.5], usual[usual > 0.5]
    limit, delay, apart = cusum_threshold(usual, false_alarm_months, rng)
    recent = deals[rows, max(months - WATCHED, 0) :]
    score, since = _watch(recent, usual)
    alarm = score >= limit
    began = panel.months[months - WATCHED :][since] if rows.size else pd.DatetimeIndex([])
    table = pd.DataFrame(
        {
            "partner": panel.partner[rows],
            "usual": usual,
            "recent": recent.mean(axis=1) if rows.size else usual,
            "alarm": alarm,
            "since": began.where(alarm),
            "delay_months": delay,
            "false_alarm_months": apart,
            "excess": score / np.maximum(limit, 1e-9),
        }
    )
    return Drops(
        table=table.sort_values("excess", ascending=False, kind="stable")
        .drop(columns="excess")
        .reset_index(drop=True),
        unwatched=int(selling.sum()) - int(rows.size),
    )


def _reference(rate: Floats) -> Floats:
    """K between a rate and half of it, (λ - λ/2) / ln 2."""
    middle: Floats = rate / (2.0 * np.log(2.0))
    return middle


def _watch(orders: Floats, usual: Floats) -> tuple[Floats, np.ndarray]:
    """Score after the last month, and the place of the month in which its run began."""
    score, since = np.zeros(len(orders)), np.zeros(len(orders), dtype=np.int64)
    for month in range(orders.shape[1]):
        since = np.where(score == 0, month, since)
        score = np.maximum(score + _reference(usual) - orders[:, month], 0.0)
    return score, since


def cusum_threshold(
    usual: Floats, false_alarm_months: float, rng: np.random.Generator
) -> tuple[Floats, Floats, Floats]:
    """Thresholds for a mean time between false alarms, and the delays they bring, by simulation.

    Parameters
    ----------
    usual : ndarray, shape (n,)
        Orders a month.
    false_alarm_months : float
    rng : numpy.random.Generator

    Returns
    -------
    limit : ndarray, shape (n,)
        Alarm where the score reaches it.
    delay : ndarray, shape (n,)
        Median months until a halving is found; infinite where most are not within five years.
    apart : ndarray, shape (n,)
        Mean months between false alarms: orders are whole numbers, so that it comes as near to
        what was asked for as they allow.
    """
    highest = _record(usual, usual, _LENGTH, rng)
    low, high = np.zeros(len(usual)), highest.max(axis=(0, 2)) if len(usual) else np.zeros(0)
    for _ in range(18):
        middle = (low + high) / 2.0
        early = _run(highest, middle) < false_alarm_months
        low, high = np.where(early, middle, low), np.where(early, high, middle)
    below, above = _run(highest, low), _run(highest, high)
    nearer = np.abs(np.log(below / false_alarm_months)) < np.abs(np.log(above / false_alarm_months))
    limit, apart = np.where(nearer, low, high), np.where(nearer, below, above)
    halved = _record(usual, usual / 2.0, 60, rng)
    delay = np.median((halved < limit[:, None]).sum(axis=0) + 1.0, axis=1)
    return limit, np.where(delay > 60, np.inf, delay), apart


def _run(highest: Floats, limit: Floats) -> Floats:
    """Mean months until the highest score first reaches a threshold, shape (n,)."""
    quiet = highest < limit[:, None]
    months = np.minimum(quiet.sum(axis=0) + 1.0, len(highest)).sum(axis=1)
    # runs that the simulation cuts short count by the time they were watched
    run: Floats = months / np.maximum((~quiet[-1]).sum(axis=1), 1)
    return run


def _record(usual: Floats, rate: Floats, months: int, rng: np.random.Generator) -> Floats:
    """Highest score so far, shape (months, n, paths), of orders that come at ``rate``."""
    score = np.zeros((len(usual), max(_PATHS // max(len(usual), 1), _FEWEST_PATHS)))
    highest = np.zeros((months, *score.shape))
    best = score
    for month in range(months):
        orders = rng.poisson(np.broadcast_to(rate[:, None], score.shape))
        score = np.maximum(score + _reference(usual)[:, None] - orders, 0.0)
        best = np.maximum(best, score)
        highest[month] = best
    return highest
