"""Whether partners are named in the wins they had a part in, because it costs a line to do so.

Firms announce new customers and leave out the partner that found or convinced them; then nobody
inside knows what partners are for, and the partner sees it too. How often that happens is counted
here. What naming them is worth in sales nobody has measured: it is an assumption with a range.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.numbers.arrays import Floats, places_of
from techalign.numbers.intervals import Interval
from techalign.partners.assumptions import PartnerAssumptions

__all__ = ["CREDIT_KEYS", "Credit", "credit_for_wins"]

CREDIT_KEYS = ("credit_effect_on_sales",)


@dataclass(frozen=True, kw_only=True)
class Credit:
    """How often partners were named in the wins they had a part in.

    Parameters
    ----------
    table : DataFrame
        One row per partner with wins, the most money without credit first: ``partner``,
        ``wins``, ``value`` (money of all its wins), ``unnamed`` (wins announced without it),
        ``unnamed_value`` (money), ``told`` (wins of which it is known), ``named`` (share of
        those, 0 to 1, NaN where nothing is known) with ``named_low`` and ``named_high``,
        ``last_unnamed`` (day of the latest such win, NaT if none).
    named : Interval
        The share over all partners together.
    effect : Interval
        What being named in all wins rather than none adds to a partner's sales, share; assumed.
    """

    table: pd.DataFrame
    named: Interval
    effect: Interval

    def gain(self, sales: Floats, partner: np.ndarray) -> Floats:
        """Sales that naming each partner always would add, shape (N,), money.

        Parameters
        ----------
        sales : ndarray, shape (N,)
            Expected sales of a year, money.
        partner : ndarray of str, shape (N,)

        Returns
        -------
        ndarray, shape (N,)
            0 for partners without a win on record.
        """
        missing = np.append(1.0 - self.table["named"].to_numpy(dtype=float), 0.0)
        missing = np.where(np.isnan(missing), 0.0, missing)
        return self.effect.point * missing[places_of(partner, self.table["partner"])] * sales


def credit_for_wins(wins: pd.DataFrame, assumptions: PartnerAssumptions) -> Credit:
    """Count in how many wins a partner that had a part was named, inside or to the public.

    A win counts as credited if the partner stood in the notice to the own staff or in the public
    reference; as uncredited if it is known to stand in neither. The share has the Jeffreys
    interval, quantiles of Beta(k + 1/2, n - k + 1/2) [1], at 80 %.

    Parameters
    ----------
    wins : DataFrame
        Columns ``partner``, ``date``, ``value`` (money), ``named_inside``, ``named_outside``
        (true, false, or empty where nobody knows).
    assumptions : PartnerAssumptions

    Returns
    -------
    Credit

    References
    ----------
    [1] Brown, L. D., Cai, T. T. and DasGupta, A. (2001). Interval estimation for a binomial
        proportion. Statistical Science 16, 101-133.

    Examples
    --------
    >>> wins = pd.DataFrame({
    ...     "partner": ["Alder", "Alder", "Birch"], "value": [900.0, 500.0, 100.0],
    ...     "date": pd.to_datetime(["2026-01-05", "2026-03-01", "2026-02-01"]),
    ...     "named_inside": [True, False, None], "named_outside": [False, False, None]})
    >>> known = PartnerAssumptions(
    ...     rows={"credit_effect_on_sales": Interval(0.03, 0.0, 0.1, 1.0)})
    >>> found = credit_for_wins(wins, known)
    >>> found.table[["partner", "wins", "unnamed", "named"]]
      partner  wins  unnamed  named
    0   Alder     2        1    0.5
    1   Birch     1        0    NaN
    >>> print(found.gain(np.array([10_000.0]), np.array(["Alder"])).round())
    [150.]
    """
    inside, outside = (_answers(wins[name]) for name in ("named_inside", "named_outside"))
    credited = (inside == 1) | (outside == 1)
    unnamed = (inside == 0) & (outside == 0)
    value = wins["value"].to_numpy(dtype=float)
    names, row = np.unique(wins["partner"].to_numpy(dtype=object), return_inverse=True)

    def summed(amount: Floats | np.ndarray) -> Floats:
        return np.bincount(row, amount, minlength=len(names)).astype(float)

    latest = np.full(len(names), np.datetime64("NaT"), dtype="datetime64[ns]")
    np.fmax.at(latest, row[unnamed], wins["date"].to_numpy(dtype="datetime64[ns]")[unnamed])
    # the last row is that of all partners together
    k, n = (np.append(part, part.sum()) for part in (summed(credited), summed(credited | unnamed)))
    low, high = _jeffreys(k, n)
    share = np.divide(k, n, out=np.full(len(n), np.nan), where=n > 0)
    table = pd.DataFrame(
        {
            "partner": names,
            "wins": np.bincount(row, minlength=len(names)),
            "value": summed(value),
            "unnamed": summed(unnamed).astype(int),
            "unnamed_value": summed(np.where(unnamed, value, 0.0)),
            "told": n[:-1].astype(int),
            "named": share[:-1],
            "named_low": np.where(n > 0, low, np.nan)[:-1],
            "named_high": np.where(n > 0, high, np.nan)[:-1],
            "last_unnamed": latest,
        }
    )
    return Credit(
        table=table.sort_values("unnamed_value", ascending=False, kind="stable", ignore_index=True),
        named=Interval(float(share[-1]), float(low[-1]), float(high[-1])),
        effect=assumptions["credit_effect_on_sales"],
    )


def _answers(column: pd.Series) -> Floats:
    """1 for yes, 0 for no, NaN where nobody knows."""
    answers: Floats = np.asarray(column.map({True: 1.0, False: 0.0}), dtype=np.float64)
    return answers


def _jeffreys(successes: Floats, trials: Floats) -> tuple[Floats, Floats]:
    """80 % interval of a share; its ends are 0 and 1 where none, or all, succeeded."""
    from scipy.special import betaincinv

    a, b = successes + 0.5, trials - successes + 0.5
    low, high = np.zeros(a.shape), np.ones(a.shape)
    some, not_all = successes > 0, successes < trials
    low[some] = betaincinv(a[some], b[some], 0.1)
    high[not_all] = betaincinv(a[not_all], b[not_all], 0.9)
    return low, high
