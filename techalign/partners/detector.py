"""Which partner's drop is real: a Poisson CUSUM with a stated interval between false alarms.

S_t = max(0, S_{t-1} + k - n_t) adds up how far orders n_t stay below k, the value between the
usual rate λ and half of it at which both are equally likely, λ/(2 ln 2) [1]. It alarms at a
threshold h chosen so that a partner that goes on as usual is suspected once in so many months.

Scores are counted in steps of which k is about ten, so that they are a Markov chain of few states,
and nothing has to be simulated [2]: the mean time to an alarm from zero is that of leaving the
states below h, e₀ᵀ (I - Q_h)⁻¹ 1. The matrices of all thresholds are corners of one another, hence
one elimination gives the time of each, Σ_{i<h} z_i y_i with Uᵀz = e₀ and Ly = 1.

References
----------
[1] Lucas, J. M. (1985). Counted data CUSUM's. Technometrics 27(2), 129-144.
[2] Brook, D., Evans, D. A. (1972). An approach to the probability distribution of CUSUM run length.
    Biometrika 59(3), 539-549.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Floats
from techalign.partners.panel import PartnerPanel

__all__ = ["CusumChart", "Drops", "cusum_chart", "detect_drop"]

WATCHED = 6
"""Months that are watched; those before them say what is usual."""
USUAL = 12
"""Months before the watched ones that say what is usual, where there are so many."""
_FEWEST = 6
_STEPS = 10  # of a score that make up k
_STATES, _MOST_STATES = 64, 2048
_LONGEST = 60  # months within which a halving is looked for
_NEVER = 1e6  # months without a false alarm: nobody will see one


@dataclass(frozen=True, kw_only=True)
class Drops:
    """What the detector says of each partner it can watch.

    Parameters
    ----------
    table : DataFrame
        ``partner``, ``usual`` and ``recent`` (orders a month), ``alarm`` (bool), ``since`` (first
        day of the month in which the run of low months began; NaT without an alarm),
        ``delay_months`` (median months in which a halving would be found),
        ``false_alarm_months`` (mean months between false alarms).
    unwatched : int
        Partners that sell and are too young, too small or without known orders.
    """

    table: pd.DataFrame
    unwatched: int


def detect_drop(panel: PartnerPanel, false_alarm_months: float = 62.0) -> Drops:
    """Watch the last six months of every partner that has twelve months of orders.

    Parameters
    ----------
    panel : PartnerPanel
        N partners; without known orders nobody is watched.
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
    ...     panel_of(orders * 100.0, np.zeros(2, dtype=int), deals=orders))
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
    chart = cusum_chart(usual, false_alarm_months)
    recent = deals[rows, max(months - WATCHED, 0) :]
    score, since = _watch(recent, chart)
    alarm = score >= chart.limit
    began = panel.months[months - WATCHED :][since] if rows.size else pd.DatetimeIndex([])
    table = pd.DataFrame(
        {
            "partner": panel.partner[rows],
            "usual": usual,
            "recent": recent.mean(axis=1) if rows.size else usual,
            "alarm": alarm,
            "since": began.where(alarm),
            "delay_months": chart.delay,
            "false_alarm_months": chart.apart,
            "excess": score / chart.limit,
        }
    )
    return Drops(
        table=table.sort_values("excess", ascending=False, kind="stable")
        .drop(columns="excess")
        .reset_index(drop=True),
        unwatched=int(selling.sum()) - int(rows.size),
    )


@dataclass(frozen=True, kw_only=True, eq=False)
class CusumChart:
    """How n partners are watched.

    Attributes
    ----------
    step : ndarray, shape (n,)
        Orders that a score of one stands for.
    gain : ndarray of int, shape (n,)
        k in such steps.
    limit : ndarray of int, shape (n,)
        Alarm where the score reaches it.
    delay : ndarray, shape (n,)
        Median months until a halving is found; infinite where most are not within five years.
    apart : ndarray, shape (n,)
        Mean months between false alarms: orders are whole numbers, so that it comes as near to
        what was asked for as they allow; infinite where a usual month is never that low.
    """

    step: Floats
    gain: Counts
    limit: Counts
    delay: Floats
    apart: Floats


def _watch(orders: Floats, chart: CusumChart) -> tuple[Counts, Counts]:
    """Score after the last month, and the place of the month in which its run began."""
    score, since = np.zeros(len(orders), dtype=np.int64), np.zeros(len(orders), dtype=np.int64)
    for month in range(orders.shape[1]):
        since = np.where(score == 0, month, since)
        lost = np.floor(orders[:, month] / chart.step + 0.5).astype(np.int64)
        score = np.maximum(score + chart.gain - lost, 0)
    return score, since


def cusum_chart(usual: Floats, false_alarm_months: float) -> CusumChart:
    """Choose thresholds for a mean time between false alarms, and work out their delays.

    Parameters
    ----------
    usual : ndarray, shape (n,)
        Orders a month, above 0.
    false_alarm_months : float

    Returns
    -------
    CusumChart

    Examples
    --------
    >>> found = cusum_chart(np.array([3.5]), 62.0)
    >>> print(found.delay, found.apart.round(1))
    [4.] [66.6]
    """
    middle = usual / (2.0 * np.log(2.0))
    # whole orders are kept whole as long as they are few
    finer = 1.0 / np.ceil(_STEPS / np.maximum(middle, 1e-9))
    step = np.where(middle < _STEPS, finer, np.maximum(np.floor(np.sqrt(usual) / 5.0), 1.0))
    gain = np.round(middle / step).astype(np.int64)
    apart = np.zeros((len(usual), 0))
    states = _STATES
    while len(usual):
        chain = _chain(usual, step, gain, states)
        apart = _times_to_leave(chain, int(gain.max()), false_alarm_months)
        if (apart[:, -1] >= false_alarm_months).all() or states >= _MOST_STATES:
            break
        states *= 2
    limit = np.abs(np.log(apart / false_alarm_months)).argmin(axis=1) if len(usual) else gain
    chosen = apart[np.arange(len(usual)), limit]
    return CusumChart(
        step=step,
        gain=gain,
        limit=limit + 1,
        delay=_delay(usual / 2.0, step, gain, limit + 1),
        apart=np.where(chosen > _NEVER, np.inf, chosen),
    )


def _chain(rate: Floats, step: Floats, gain: Counts, states: int) -> Floats:
    """Chance to go from each score to each other one in a month, shape (n, states, states)."""
    from scipy.special import pdtr

    # the law of how many steps a month's orders take away
    lost = np.arange(states + int(gain.max()))
    below = pdtr(np.floor((lost + 0.5) * step[:, None]), rate[:, None])
    law = np.diff(below, axis=1, prepend=0.0)
    score = np.arange(states)
    down = score[:, None] - score + gain[:, None, None]
    row = np.arange(len(rate))[:, None, None]
    chain = np.where(down >= 0, law[row, np.maximum(down, 0)], 0.0)
    # what would go below zero stays there
    at_least = np.concatenate([np.ones((len(rate), 1)), 1.0 - below], axis=1)
    chain[:, :, 0] = at_least[np.arange(len(rate))[:, None], score + gain[:, None]]
    return chain


def _times_to_leave(chain: Floats, rise: int, enough: float) -> Floats:
    """Mean months from zero until the score reaches 1, 2, ..., shape (n, h).

    A score rises by no more than ``rise`` in a month, so that rows end there.

    Columns end where all have reached ``enough``, or with the states.
    """
    rest = np.eye(chain.shape[1]) - chain
    right, left = np.ones(rest.shape[:2]), np.zeros(rest.shape[:2])
    left[:, 0] = 1.0
    time, times = np.zeros(len(chain)), []
    for state in range(chain.shape[1]):
        # where a usual month is never that low, the time has no end
        pivot = np.maximum(rest[:, state, state], 1e-12)
        left[:, state] /= pivot
        time = time + left[:, state] * right[:, state]
        times.append(time)
        seeks = time < enough
        if not seeks.any():
            break
        # those that are there stay as they are, and neither grow nor overflow
        down = np.where(seeks[:, None], rest[:, state + 1 :, state] / pivot[:, None], 0.0)
        reach = slice(state + 1, state + 1 + rise)
        along = np.where(seeks[:, None], rest[:, state, reach], 0.0)
        right[:, state + 1 :] -= down * right[:, state, None]
        right[~seeks, state + 1 :] = 0.0
        left[:, reach] -= along * left[:, state, None]
        rest[:, state + 1 :, reach] -= down[:, :, None] * along[:, None]
    return np.stack(times, axis=1)


def _delay(rate: Floats, step: Floats, gain: Counts, limit: Counts) -> Floats:
    """Median months from zero until the score reaches its limit, shape (n,)."""
    if not len(rate):
        return rate
    states = int(limit.max())
    within = np.arange(states) < limit[:, None]
    chain = _chain(rate, step, gain, states) * within[:, None]
    here = np.zeros((len(rate), 1, states))
    here[:, 0, 0] = 1.0
    delay = np.full(len(rate), np.inf)
    for month in range(1, _LONGEST + 1):
        here = here @ chain
        delay = np.where(np.isinf(delay) & (here.sum(axis=(1, 2)) <= 0.5), month, delay)
    return delay
