"""What a month does to all partners alike: a holiday, a strike, the days before a price rises.

With c_t ~ N(0, σ²) on the logarithm of sales, a bad last month is not taken for a fall of every
partner's level, and the futures of partners hang together: in one future a month is bad for all.
c is the mode given the levels. It has no trend: what rises or falls with time is the ramps'. So it
is learnt from months that stray from those around them, is not carried on, and is drawn anew for
each month to come. Few partners cannot show it; from a hundred on it is looked for.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from techalign.numbers.arrays import Floats
from techalign.partners.fisher_scoring import Ramps, Sales, moments
from techalign.partners.priors import RampPrior

__all__ = ["CommonMonths", "fit_months"]

_FARTHEST = 3.0
"""Standard deviations of the belief beyond which a month is another kind of event."""


@dataclass(frozen=True)
class CommonMonths:
    """What months did to all.

    Parameters
    ----------
    common : ndarray, shape (T,)
        c, on the logarithm of sales; 0 where nobody was seen.
    sd : float
        σ, their standard deviation.
    """

    common: Floats
    sd: float


def fit_months(
    before: CommonMonths, ramps: Ramps, sales: Sales, walk_sd: float, prior: RampPrior
) -> CommonMonths:
    """Take one step towards the mode, and σ as it follows from there.

    Parameters
    ----------
    before : CommonMonths
        As they enter ``ramps``.
    ramps : Ramps
        Of n partners.
    sales : Sales
    walk_sd : float
        How far a level moves in a month by itself.
    prior : RampPrior

    Returns
    -------
    CommonMonths
    """
    expected, info = moments(sales, ramps.log_mu)
    slope = (sales.weight * (sales.amount - expected) / sales.dispersion[:, None]).sum(axis=0)
    # a level follows in part: no partner tells more of a month than its own walk leaves open
    known = (sales.weight / (1.0 / np.maximum(info, 1e-9) + walk_sd**2)).sum(axis=0)
    tie, seen = before.sd**-2.0, known > 0
    common = without_trend(before.common + (slope - before.common * tie) / (known + tie), known)
    farthest = _FARTHEST * prior.month_sd
    common = np.where(seen, np.clip(common, -farthest, farthest), 0.0)
    squares = (common**2 + 1.0 / (known + tie))[seen].sum()
    squares += prior.month_weight * prior.month_sd**2
    return CommonMonths(common, float(np.sqrt(squares / (prior.month_weight + seen.sum()))))


def without_trend(values: Floats, weight: Floats) -> Floats:
    """Take the weighted straight line through values, shape (T,), away."""
    share = weight / max(weight.sum(), 1e-9)
    clock = np.arange(float(values.size))
    clock -= share @ clock
    flat: Floats = values - share @ values
    flat -= clock * ((share * clock) @ flat) / max((share * clock) @ clock, 1e-9)
    return flat
