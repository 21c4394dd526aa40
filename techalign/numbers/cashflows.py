"""Present values and rates of return, shared by contracts, initiatives and channel plans.

numpy-financial is left out on purpose: its ``irr`` gives one root where there are several
(its issue 28), and it has no dated cash flows.

References
----------
[1] Microsoft, Excel function reference, NPV, XNPV, IRR, XIRR and MIRR.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError

__all__ = ["irr", "mirr", "npv", "xirr", "xnpv"]


def npv(rate: float, cashflow: ArrayLike) -> float:
    """Net present value of equally spaced cash flows, the first one not discounted.

    Parameters
    ----------
    rate : float
        Rate per period, above -1.
    cashflow : array_like, shape (T,)
        Money at periods 0 to T - 1.

    Returns
    -------
    float
        Money at period 0. Excel's NPV [1] discounts the first flow too: divide by
        ``1 + rate`` to compare.

    Examples
    --------
    >>> round(npv(0.1, [-100.0, 60.0, 60.0]), 2)
    4.13
    """
    flows = np.asarray(cashflow, dtype=float)
    if rate <= -1:
        raise ModelError("rate", "must be above -1", value=rate)
    return float(flows @ (1.0 + rate) ** -np.arange(flows.size, dtype=float))


def irr(cashflow: ArrayLike) -> np.ndarray:
    """All real internal rates of return of equally spaced cash flows.

    Parameters
    ----------
    cashflow : array_like, shape (T,)
        Money at periods 0 to T - 1.

    Returns
    -------
    ndarray, shape (k,)
        Every real rate above -1 at which the value is zero, ascending; empty if none.

    Examples
    --------
    >>> irr([-100.0, 60.0, 60.0]).round(4).tolist()
    [0.1307]
    """
    flows = np.trim_zeros(np.asarray(cashflow, dtype=float))
    if flows.size < 2:
        return np.empty(0)
    roots = np.roots(flows[::-1])
    real = roots[np.abs(roots.imag) < 1e-9 * np.maximum(1.0, np.abs(roots))].real
    return np.sort(1.0 / real[real > 0] - 1.0)


def mirr(cashflow: ArrayLike, finance_rate: float, reinvest_rate: float) -> float:
    """Modified rate of return: one number also where :func:`irr` finds several or none.

    Parameters
    ----------
    cashflow : array_like, shape (T,)
        Money at periods 0 to T - 1.
    finance_rate, reinvest_rate : float
        Rates per period, above -1: at which outlays are discounted to the start, and at which
        what comes in grows to the end [1].

    Returns
    -------
    float
        Per period; NaN where nothing is spent or nothing comes in.

    Examples
    --------
    >>> flows = [-120_000, 39_000, 30_000, 21_000, 37_000, 46_000]
    >>> round(mirr(flows, 0.10, 0.12), 5)
    0.12609
    """
    flows = np.asarray(cashflow, dtype=float)
    spent = -npv(finance_rate, np.minimum(flows, 0.0))
    last = flows.size - 1
    earned = npv(reinvest_rate, np.maximum(flows, 0.0)) * (1.0 + reinvest_rate) ** last
    if last < 1 or spent <= 0 or earned <= 0:
        return float("nan")
    return float((earned / spent) ** (1.0 / last) - 1.0)


def xnpv(rate: float, cashflow: ArrayLike, dates: Sequence[dt.date]) -> float:
    """Net present value of dated cash flows, at the first date.

    Parameters
    ----------
    rate : float
        Rate per year of 365 days [1], above -1.
    cashflow : array_like, shape (T,)
        Money on each date.
    dates : sequence of date, length T

    Returns
    -------
    float
        Money on ``dates[0]``.

    Examples
    --------
    >>> days = [dt.date(2026, 1, 1), dt.date(2027, 1, 1)]
    >>> round(xnpv(0.1, [-100.0, 121.0], days), 2)
    10.0
    """
    flows = np.asarray(cashflow, dtype=float)
    if rate <= -1:
        raise ModelError("rate", "must be above -1", value=rate)
    if flows.size != len(dates):
        raise ModelError("dates", f"must have one date per cash flow, {flows.size}", value=dates)
    days = np.array([(date - dates[0]).days for date in dates], dtype=float)
    return float(flows @ (1.0 + rate) ** (-days / 365.0))


def xirr(cashflow: ArrayLike, dates: Sequence[dt.date]) -> float:
    """Internal rate of return of dated cash flows.

    Parameters
    ----------
    cashflow : array_like, shape (T,)
        Money on each date, with at least one positive and one negative flow.
    dates : sequence of date, length T

    Returns
    -------
    float
        Rate per year of 365 days [1]; the root nearest to zero in (-0.99, 100).

    Raises
    ------
    ModelError
        If no rate in that range makes the value zero.

    Examples
    --------
    >>> days = [dt.date(2026, 1, 1), dt.date(2027, 1, 1)]
    >>> round(xirr([-100.0, 110.0], days), 4)
    0.1
    """
    from scipy.optimize import brentq

    grid = np.concatenate([np.linspace(-0.99, 1.0, 200), np.geomspace(1.01, 100.0, 100)])
    values = np.array([xnpv(rate, cashflow, dates) for rate in grid])
    change = np.flatnonzero(np.sign(values[:-1]) * np.sign(values[1:]) <= 0)
    if change.size == 0:
        raise ModelError("cashflow", "has no internal rate of return between -99 % and 10,000 %")
    nearest = change[np.argmin(np.abs(grid[change]))]
    return float(brentq(lambda rate: xnpv(rate, cashflow, dates), grid[nearest], grid[nearest + 1]))
