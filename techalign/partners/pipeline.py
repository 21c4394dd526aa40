"""What open opportunities say of the coming months, above all of partners that have yet to sell.

An opportunity is won with a chance p, after a time with the Gamma law of shape 2 whose mean is the
partner's sales cycle; one that is lost is rarely closed in the books. So the longer it lies open,
the less likely it is to be won: P(won | open at age a) = p S(a) / (p S(a) + 1 - p), the law of
first sales (:mod:`techalign.partners.activation`) once more.

Nobody has told how often which stage is won, so p is one assumption for all. A partner that sells
has shown in its sales what its opportunities come to: there the pipeline is set beside the forecast
and not added to it. A partner that has not sold has shown nothing else.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.numbers.arrays import Counts, Floats
from techalign.partners.assumptions import PartnerAssumptions
from techalign.partners.panel import DAYS_PER_MONTH, PartnerPanel

__all__ = ["PIPELINE_KEYS", "Pipeline", "blended", "pipeline_forecast"]

PIPELINE_KEYS = ("pipeline_win_chance", "pipeline_weight")


@dataclass(frozen=True, kw_only=True)
class Pipeline:
    """Open opportunities of N partners.

    Parameters
    ----------
    won : ndarray, shape (W,)
        Money won by a partner in a coming month of a draw; where nothing is won nothing is kept.
    place : tuple of ndarray, each of shape (W,)
        Draw, partner and month of each.
    table : DataFrame
        One row per partner with open opportunities: ``partner``, ``open``, ``value`` (money if
        all are won), ``overdue`` (opportunities older than two sales cycles), ``chance`` (that
        at least one is won within the horizon), ``expected``, ``expected_low``,
        ``expected_high`` (money within the horizon), the largest expectation first.
    left_out : int
        Opportunities of partners not under contract, or without any known sales cycle.
    """

    won: Floats
    place: tuple[Counts, Counts, Counts]
    table: pd.DataFrame
    left_out: int


def pipeline_forecast(
    pipeline: pd.DataFrame,
    panel: PartnerPanel,
    as_of: dt.date,
    shape: tuple[int, int],
    rng: np.random.Generator,
    assumptions: PartnerAssumptions,
) -> Pipeline:
    """Draw when open opportunities are won, and what they bring.

    Parameters
    ----------
    pipeline : DataFrame
        Columns ``partner``, ``created``, ``value`` (money).
    panel : PartnerPanel
        N partners.
    as_of : date
    shape : (int, int)
        S draws of H months.
    rng : numpy.random.Generator
    assumptions : PartnerAssumptions
        The chance to win; its range is one of the whole market, drawn once per draw.

    Returns
    -------
    Pipeline

    Examples
    --------
    >>> import dataclasses
    >>> from techalign.numbers.intervals import Interval
    >>> from techalign.partners import panel_of
    >>> panel = panel_of(np.zeros((1, 6)), np.array([0]))
    >>> panel = dataclasses.replace(panel, cycle_months=np.array([2.0]))
    >>> opened = pd.DataFrame({
    ...     "partner": ["partner 0"] * 2, "created": pd.to_datetime(["2026-06-30", "2024-01-01"]),
    ...     "value": [1000.0, 1000.0]})
    >>> known = PartnerAssumptions(rows={"pipeline_win_chance": Interval(0.3, 0.3, 0.3)})
    >>> found = pipeline_forecast(
    ...     opened, panel, dt.date(2026, 6, 30), (4000, 12), np.random.default_rng(1), known)
    >>> found.table[["open", "overdue"]].values.tolist()
    [[2, 1]]
    >>> bool(280 < found.table["expected"][0] < 320)  # of the new one; the old one is lost
    True
    """
    from scipy.special import gammainc

    draws, horizon = shape
    row = pd.Index(panel.partner).get_indexer(pd.Index(pipeline["partner"]))
    cycle = np.append(_cycles(panel), 0.0)[row]
    use = (row >= 0) & (cycle > 0) & ~np.append(panel.ended, True)[row]
    row, cycle, opened = row[use], cycle[use], pipeline[use]
    age = (pd.Timestamp(as_of) - opened["created"]).dt.days.to_numpy() / DAYS_PER_MONTH
    age, value = np.maximum(age, 0.0), opened["value"].to_numpy(dtype=float)
    past = gammainc(2.0, 2.0 * age / cycle)
    chance = assumptions["pipeline_win_chance"]
    market = rng.triangular(
        *(chance.low - 1e-9, chance.point, chance.high + 1e-9), size=(draws, 1)
    )  # fmt: skip
    still = market * (1.0 - past)
    won = rng.random((draws, len(row))) < still / (still + 1.0 - market)
    when = rng.random(won.shape)
    draw, which = np.nonzero(won)
    # when it closes matters of those that are won alone
    later = past[which] + when[won] * (1.0 - past[which])
    # the month is counted by the ends of months that lie before: no law need be inverted
    ends = gammainc(2.0, 2.0 * (age[:, None] + np.arange(1.0, horizon + 1)) / cycle[:, None])
    month = (later[:, None] >= ends[which]).sum(axis=1)
    ahead = month < horizon
    draw, which, month = draw[ahead], which[ahead], month[ahead]
    size = (draws, len(panel.partner), horizon)
    where = (draw * size[1] + row[which]) * horizon + month
    cells, which_cell = np.unique(where, return_inverse=True)
    totals = np.bincount(where // horizon, value[which], minlength=size[0] * size[1])
    return Pipeline(
        won=np.bincount(which_cell, value[which], minlength=cells.size).astype(float),
        place=(cells // (size[1] * horizon), cells // horizon % size[1], cells % horizon),
        table=_table(panel, row, value, age > 2.0 * cycle, totals.reshape(size[:2]).astype(float)),
        left_out=int((~use).sum()),
    )


def _cycles(panel: PartnerPanel) -> Floats:
    """Sales cycles, months; where none is known, the middle one of all; 0 where nobody's is."""
    known = panel.cycles[panel.cycles > 0]
    return np.where(panel.cycles > 0, panel.cycles, np.median(known) if known.size else 0.0)


def _table(
    panel: PartnerPanel, row: np.ndarray, value: Floats, overdue: np.ndarray, totals: Floats
) -> pd.DataFrame:
    count = len(panel.partner)
    low, high = np.quantile(totals, [0.1, 0.9], axis=0)
    found = pd.DataFrame(
        {
            "partner": panel.partner,
            "open": np.bincount(row, minlength=count),
            "value": np.bincount(row, value, minlength=count),
            "overdue": np.bincount(row, overdue, minlength=count).astype(int),
            "chance": (totals > 0).mean(axis=0),
            "expected": totals.mean(axis=0),
            "expected_low": low,
            "expected_high": high,
        }
    )
    found = found[found["open"] > 0].sort_values("expected", ascending=False, kind="stable")
    return found.reset_index(drop=True)


def blended(draws: Floats, pipeline: Pipeline, panel: PartnerPanel, weight: float) -> Floats:
    """Let a share of the futures of partners yet to sell follow their open opportunities.

    Parameters
    ----------
    draws : ndarray, shape (S, N, H)
        Coming sales without the pipeline, money.
    pipeline : Pipeline
    panel : PartnerPanel
    weight : float
        Share of the futures, 0 to 1.

    Returns
    -------
    ndarray, shape (S, N, H)
        ``draws`` themselves, changed: they are the largest array of a report, and a copy would
        stay in memory. In those futures a partner yet to sell sells what either says, whichever
        is more.
    """
    waiting = ~panel.active & ~panel.ended
    take = (np.arange(len(draws)) * 0.618034) % 1.0 < weight  # spread evenly, whatever the order
    draw, row, month = pipeline.place
    use = take[draw] & waiting[row]
    place = (draw[use], row[use], month[use])
    draws[place] = np.maximum(draws[place], pipeline.won[use])
    return draws
