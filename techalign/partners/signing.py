"""Partners still to be signed: what so many a month, from a month on, would bring and cost.

What one newcomer brings is drawn from the client's own partners (``routes.newcomer_of``); here
newcomers are added up as they are signed. Each is another draw of the same futures, so that good
luck of one is not the luck of all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Floats
from techalign.partners.routes import Newcomer

__all__ = ["Signed", "sign_newcomers", "signing_months"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Signed:
    """Partners signed within the coming H months.

    Attributes
    ----------
    months : ndarray of int, shape (k,)
        Month in which each is signed, from 0.
    sales : ndarray, shape (S, H)
        Of all of them, money a month.
    cost : ndarray, shape (H,)
        To recruit, enable and manage them, money a month.
    """

    months: Counts
    sales: Floats
    cost: Floats


def signing_months(a_month: float, start: int, horizon: int) -> Counts:
    """The month in which each new partner is signed, spread evenly.

    Parameters
    ----------
    a_month : float
        Partners a month, 0 or more; half a partner a month is one in two months.
    start : int
        First month, from 0.
    horizon : int
        Months.

    Returns
    -------
    ndarray of int, shape (k,)
        Ascending, each from ``start`` to ``horizon`` - 1.

    Examples
    --------
    >>> signing_months(0.5, 2, 8).tolist(), signing_months(2.0, 6, 8).tolist()
    ([3, 5, 7], [6, 6, 7, 7])
    """
    months = np.arange(max(horizon - start, 0))
    so_far = np.floor(a_month * (months + 1) + 1e-9).astype(np.int64)
    return np.asarray(np.repeat(months + start, np.diff(so_far, prepend=0)), dtype=np.int64)


def sign_newcomers(
    newcomer: Newcomer,
    a_month: float,
    start: int,
    rng: np.random.Generator,
    *,
    effort: float = 1.0,
) -> Signed:
    """Add up partners that are signed month by month.

    Parameters
    ----------
    newcomer : Newcomer
        S draws of H months.
    a_month : float
        Partners signed a month, 0 or more.
    start : int
        Month in which signing begins, from 0.
    rng : Generator
    effort : float
        What each costs, times what a partner has cost so far.

    Returns
    -------
    Signed

    Raises
    ------
    ModelError
        If a rate, a start or the effort is negative.

    Examples
    --------
    Each sells 100 a month, costs 500 to sign and 10 a month to manage:

    >>> alike = Newcomer(sales=np.full((3, 4), 100.0), margin=0.4, entry=500.0, keep=10.0)
    >>> found = sign_newcomers(alike, 1.0, 2, np.random.default_rng(1))
    >>> found.sales[0].tolist(), found.cost.tolist()
    ([0.0, 0.0, 100.0, 200.0], [0.0, 0.0, 510.0, 520.0])
    """
    for name, value in (("a_month", a_month), ("start", start), ("effort", effort)):
        if not value >= 0:
            raise ModelError(name, "must not be negative", value=value)
    draws, horizon = newcomer.sales.shape
    months = signing_months(a_month, start, horizon)
    sales = np.zeros((draws, horizon))
    cost = np.zeros(horizon)
    for month in months:
        sales[:, month:] += newcomer.sales[rng.permutation(draws), : horizon - month]
        cost[month:] += effort * newcomer.keep
        cost[month] += effort * newcomer.entry
    return Signed(months=months, sales=sales, cost=cost)
