"""What was agreed with a partner against what was given, because most alliances fail on that.

People, money and the way they are set up are promised for a time that a partnership needs to come
into production, and taken back before it is over. Each promise is compared with what was given;
where less was given, the ramp has run that much slower. How far sales follow effort is nobody's
measurement: it is an assumption with a range.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.numbers.arrays import Floats, places_of
from techalign.partners.assumptions import PartnerAssumptions
from techalign.partners.panel import DAYS_PER_MONTH
from techalign.partners.posterior import curve
from techalign.partners.ramp import RampFit

__all__ = ["CHARTER_KEYS", "Charter", "charter"]

CHARTER_KEYS = ("effort_on_ramp",)
YEAR = 12
TAKES_EFFORT = ("people", "money", "set-up")
"""What drives a ramp; the scope of an alliance is agreed or not, and moves no clock."""


@dataclass(frozen=True, kw_only=True)
class Charter:
    """Promises kept and not.

    Parameters
    ----------
    table : DataFrame
        The promises, the least kept first: the columns given and ``kept`` (share given of what
        was agreed, 0 to 1, NaN where nobody noted it), ``state`` ("kept", "short", "taken back
        early", "not given", "not noted"), ``months_left`` (of the agreed time, 0 once it is
        over).
    partners : DataFrame
        One row per partner with a promise of effort, the most sales lost first: ``partner``,
        ``ours`` and ``theirs`` (share of effort kept on either side, NaN where nothing is
        known), ``behind`` (months the ramp is behind, with ``behind_low`` and ``behind_high``),
        ``lost`` (sales of the coming twelve months that it costs, money, with ends; NaN for
        partners that have not sold).
    """

    table: pd.DataFrame
    partners: pd.DataFrame


def charter(
    agreed: pd.DataFrame, ramp: RampFit, as_of: dt.date, assumptions: PartnerAssumptions
) -> Charter:
    """Compare promises with what was given, and say how far that set the ramp back.

    A partner's effort e is the mean of min(1, given / agreed) over its promises of people, money
    and set-up, both sides together. With less than all of it, its clock has run at 1 - ψ(1 - e)
    of the pace, so that after t months it is ψ(1 - e) t months behind; ψ is assumed. What that
    costs is Σ_h μ(τ + h + behind) - μ(τ + h), h = 0 … 11, on its own fitted ramp without drift.

    Parameters
    ----------
    agreed : DataFrame
        Columns ``partner``, ``what``, ``kind`` ("scope", "people", "money", "set-up"), ``side``
        ("ours", "theirs"), ``agreed`` and ``given`` (any unit, the same for both; NaN where
        nobody noted it), ``since``, ``until`` (days; NaT: no end).
    ramp : RampFit
    as_of : date
    assumptions : PartnerAssumptions
        ψ under ``effort_on_ramp``.

    Returns
    -------
    Charter

    Examples
    --------
    >>> from techalign.numbers.intervals import Interval
    >>> from techalign.partners import fit_ramp, panel_of
    >>> ramp = fit_ramp(panel_of(np.array([np.linspace(100.0, 1200.0, 12)]), np.array([0])))
    >>> agreed = pd.DataFrame({
    ...     "partner": "partner 0", "what": ["engineers", "account manager"], "kind": "people",
    ...     "side": ["theirs", "ours"], "agreed": [2.0, 1.0], "given": [0.0, 1.0],
    ...     "since": pd.Timestamp("2025-01-01"), "until": pd.Timestamp("2027-01-01")})
    >>> known = PartnerAssumptions(rows={"effort_on_ramp": Interval(0.5, 0.0, 1.0, 1.0)})
    >>> found = charter(agreed, ramp, dt.date(2025, 12, 31), known)
    >>> found.table[["what", "kept", "state"]]
                  what  kept             state
    0        engineers   0.0  taken back early
    1  account manager   1.0              kept
    >>> round(float(found.partners["behind"][0]), 1)  # half the effort, half of that lost
    3.0
    """
    table = _promises(agreed, as_of)
    effort = table[table["kind"].isin(TAKES_EFFORT) & table["kept"].notna()]
    names, of = np.unique(effort["partner"].to_numpy(object), return_inverse=True)
    kept, side = effort["kept"].to_numpy(float), effort["side"].to_numpy(object)
    months = np.zeros(len(names))
    np.maximum.at(months, of, effort["months"].to_numpy(float))
    missing = (1.0 - _means(of, kept, np.ones(len(of)), len(names))) * months
    columns = {"partner": names}
    for name in ("ours", "theirs"):
        columns[name] = _means(of, kept, (side == name).astype(float), len(names))
    share = assumptions["effort_on_ramp"]
    row = places_of(names, ramp.panel.partner)
    for end, by in (("", share.point), ("_low", share.low), ("_high", share.high)):
        columns[f"behind{end}"] = by * missing
        columns[f"lost{end}"] = _lost(ramp, row, by * missing)
    found = pd.DataFrame(columns)
    found = found.sort_values(["lost", "behind"], ascending=False, kind="stable", ignore_index=True)
    order = ["kept", "partner"]
    shown = table.sort_values(order, kind="stable").drop(columns="months").reset_index(drop=True)
    return Charter(table=shown, partners=found)


def _means(of: np.ndarray, kept: Floats, weight: Floats, count: int) -> Floats:
    """Mean of what was kept, by partner, shape (count,); NaN where nothing has a weight."""
    total, over = (np.bincount(of, part, minlength=count) for part in (kept * weight, weight))
    mean: Floats = np.divide(total, over, out=np.full(count, np.nan), where=over > 0)
    return mean


def _promises(agreed: pd.DataFrame, as_of: dt.date) -> pd.DataFrame:
    """Say of each promise how far it was kept, over how many months, and how it stands."""
    day, one = np.datetime64(as_of, "D"), np.timedelta64(1, "D")
    promised, given = (agreed[name].to_numpy(dtype=float) for name in ("agreed", "given"))
    noted = np.isfinite(given) & (promised > 0)
    kept = np.where(noted, np.minimum(given / np.where(promised > 0, promised, 1.0), 1.0), np.nan)
    since, until = (agreed[name].to_numpy("datetime64[D]") for name in ("since", "until"))
    left = np.maximum((until - day) / one / DAYS_PER_MONTH, 0.0)
    over = np.where(until < day, until, day)
    months = np.maximum((over - since) / one / DAYS_PER_MONTH, 0.0)
    begun = since <= day
    # what is to begin only later cannot be short yet
    kept = np.where(begun, kept, np.nan)
    running = np.isnat(until) | (left > 0)
    state = np.select(
        [~begun, np.isnan(kept), kept >= 1.0, (kept <= 0.0) & running, kept <= 0.0],
        ["to begin", "not noted", "kept", "taken back early", "not given"],
        "short",
    )
    return agreed.assign(kept=kept, state=state, months_left=left, months=months)


def _lost(ramp: RampFit, row: np.ndarray, behind: Floats) -> Floats:
    """Sales of the coming year lost by being behind, shape (n,), money; NaN if it never sold."""
    sells = (row >= 0) & np.append(ramp.panel.active & ~ramp.panel.ended, False)[row]
    lost = np.full(len(row), np.nan)
    if sells.any():
        rows = row[sells]
        theta = ramp.theta[rows, :, None].copy()
        theta[:, 3] = 0.0  # growth of the market goes on whatever is given
        ahead = ramp.tenure[rows, None, None] + np.arange(1.0, YEAR + 1.0)[None, :, None]
        level = ramp.level[rows, None, None]
        later = ahead + behind[sells, None, None]
        now, then = (
            np.exp(curve(theta, tenure) + level).sum(axis=(1, 2)) for tenure in (ahead, later)
        )
        lost[sells] = ramp.alive[rows] * np.maximum(then - now, 0.0)
    return lost
