"""What partners that began alike went on to sell, because a first month is no usual month.

A ramp reads the first sale, which defines its clock, as a month's usual sales; one large first
order of a partner that has sold for a month or two is then believed too much. Where many partners
began before, every second future of such a beginner is what one of them went on to sell, drawn by
how near its first months came: with d the difference of the logarithms of mean sales,
weight e^{-d²/(2 w²)} [1]. The other half remains the ramp's, which knows the present level.

References
----------
[1] Nadaraya, E. A. (1964). On estimating regression. Theory of Probability and its Applications
    9(1), 141-142.
"""

from __future__ import annotations

import numpy as np

from techalign.numbers.arrays import Counts, Floats
from techalign.partners.panel import PartnerPanel

__all__ = ["BEGINNERS", "draw_alike"]

BEGINNERS = 2
"""Months of sales up to which a partner is a beginner: from the third on the ramp does as well."""
_FEWEST = 50
_WIDTH = 0.7


def draw_alike(
    panel: PartnerPanel,
    rows: Counts,
    taught: PartnerPanel,
    shape: tuple[int, int],
    rng: np.random.Generator,
) -> Floats | None:
    """Draw what beginners sell from what others sold after as many months.

    Parameters
    ----------
    panel : PartnerPanel
    rows : ndarray of int, shape (n,)
        Partners whose first sale came in one and the same month.
    taught : PartnerPanel
        All partners there are to learn from.
    shape : (int, int)
        H months, S draws.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (n, H, S), or None
        Money per month; None where fewer than 50 partners have sold for so long.

    Examples
    --------
    Of fifty that sold 100 in their first month all went on with 20; of others with 900:

    >>> from techalign.partners import panel_of
    >>> sold = np.repeat([[100.0, 20.0, 20.0], [5000.0, 900.0, 900.0]], [50, 50], axis=0)
    >>> taught = panel_of(sold, np.zeros(100, dtype=int))
    >>> new = panel_of(np.array([[0.0, 0.0, 110.0]]), np.array([2]))
    >>> drawn = draw_alike(new, np.array([0]), taught, (2, 50), np.random.default_rng(1))
    >>> np.unique(drawn).tolist()
    [20.0]
    """
    ahead, draws = shape
    months = panel.revenue.shape[1] - int(panel.first_sale[rows[0]])
    paths = _paths(taught, months + ahead)
    if len(paths) < _FEWEST:
        return None
    theirs = np.log(paths[:, :months].mean(axis=1))
    own = np.log(panel.revenue[rows, -months:].mean(axis=1))
    off = (own[:, None] - theirs) / _WIDTH
    off = off**2
    weight = np.exp(-0.5 * (off - off.min(axis=1, keepdims=True)))
    share = weight.cumsum(axis=1)
    share /= share[:, -1:]
    # all rows are looked up in one sorted list, each moved on by its number
    place = np.arange(len(rows))[:, None]
    found = np.searchsorted((share + place).ravel(), rng.random((len(rows), draws)) + place)
    pick = np.minimum(found - place * len(paths), len(paths) - 1)
    drawn: Floats = np.swapaxes(paths[pick, months:], 1, 2)
    return drawn


def _paths(taught: PartnerPanel, months: int) -> Floats:
    """Sales in so many months from the first sale on, of all that have them on record."""
    column = taught.first_sale[:, None] + np.arange(months)
    long = taught.active & (column[:, -1] < taught.revenue.shape[1])
    column = column[long]
    seen = np.take_along_axis(taught.mask[long], column, axis=1).all(axis=1)
    seen |= taught.ended[long]  # what comes after the end is part of what a beginner may sell
    paths: Floats = np.take_along_axis(taught.revenue[long], column, axis=1)[seen]
    return paths
