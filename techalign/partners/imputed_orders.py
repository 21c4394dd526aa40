"""How many orders stand behind a month's money, where only the money is known.

Orders come by chance, n ~ Poisson(λ), and are worth what they are, money | n ~ Gamma(n/c², c² v);
so the number behind a month's money has a law of its own, of which the mean is wanted.
"""

from __future__ import annotations

import numpy as np

from techalign.numbers.arrays import Floats
from techalign.partners.fisher_scoring import Ramps, Sales
from techalign.partners.panel import PartnerPanel

__all__ = ["expected_orders", "imputed_orders"]

_AT_ONCE = 1_000  # months


def imputed_orders(ramps: Ramps, sales: Sales, panel: PartnerPanel, cv2: float) -> Floats:
    """Mean number of orders behind each month's money.

    Parameters
    ----------
    ramps : Ramps
        Of n partners that have sold.
    sales : Sales
    panel : PartnerPanel
        The same n partners over T months.
    cv2 : float
        c² of one order.

    Returns
    -------
    ndarray, shape (n, T)
        0 where nothing was sold.

    Examples
    --------
    >>> from techalign.partners.fisher_scoring import Clock, ramps_at
    >>> from techalign.partners.panel import panel_of
    >>> panel = panel_of(np.array([[100.0, 0.0, 400.0]]), np.array([0]))
    >>> clock = Clock.of(panel.first_sale, 3)
    >>> sales = Sales(amount=panel.revenue, weight=np.ones((1, 3)), clock=clock,
    ...     dispersion=np.array([150.0]), deal_factor=1.5)
    >>> ramps = ramps_at(np.array([[np.log(200.0), 0.0, 0.0, 0.0]]), np.zeros((1, 3)), clock)
    >>> print(imputed_orders(ramps, sales, panel, 0.5).round(1))  # orders of 100 on average
    [[1.2 0.  3.3]]
    """
    rate = sales.deal_rate(ramps.log_mu)
    size = sales.dispersion / sales.deal_factor
    row, month = np.nonzero(panel.revenue)
    known = panel.revenue[row, month], rate[row, month], size[row]
    orders = np.zeros_like(rate)
    orders[row, month] = expected_orders(*known, cv2)
    return orders


def expected_orders(revenue: Floats, rate: Floats, size: Floats, cv2: float) -> Floats:
    """Mean number of orders behind a month's positive sales.

    Parameters
    ----------
    revenue : ndarray, shape (M,)
        Money per month, positive.
    rate : ndarray, shape (M,)
        Expected orders.
    size : ndarray, shape (M,)
        Mean order, money.
    cv2 : float
        c² of one order.

    Returns
    -------
    ndarray, shape (M,)
        1 or more. Summed over n near the mode, where n ~ Poisson(rate) and
        revenue | n ~ Gamma(n/c², c² size).
    """
    found = np.empty(revenue.shape)
    for start in range(0, len(revenue), _AT_ONCE):
        part = slice(start, start + _AT_ONCE)
        found[part] = _means(revenue[part] / size[part], rate[part], cv2)
    return found


def _means(ratio: Floats, rate: Floats, cv2: float) -> Floats:
    """The means of as many months as fit into fast memory, money in mean orders."""
    ratio = np.maximum(ratio, 1e-9)
    rate = np.maximum(rate, 1e-9)
    # mode of n: (λ y^{1/c²})^{1/(1 + 1/c²)} up to constants, by Stirling's formula
    middle = rate ** (cv2 / (1 + cv2)) * ratio ** (1 / (1 + cv2))
    width = 4.0 * np.sqrt(np.maximum(middle, 1.0))
    low = np.maximum(np.floor(middle - width), 1.0)
    stride = np.maximum(2.0 * width / 24.0, 1.0)
    n = low[..., None] + np.floor(stride[..., None] * np.arange(25))
    log_p = n * (np.log(rate) + np.log(ratio / cv2) / cv2)[..., None]
    log_p -= _log_factorials(n, cv2)
    log_p -= log_p.max(axis=-1, keepdims=True)
    p = np.exp(log_p, out=log_p)
    mean: Floats = np.einsum("...k,...k->...", p, n) / p.sum(axis=-1)
    return mean


def _log_factorials(n: Floats, cv2: float) -> Floats:
    """Logarithm of Γ(n + 1) Γ(n/c²) for whole n of 1 or more, of any shape."""
    from scipy.special import gammaln

    most = int(n.max(initial=1.0))
    if most > n.size:  # few but large
        large: Floats = gammaln(n + 1.0) + gammaln(n / cv2)
        return large
    # the same few numbers come again and again: a table is read much faster than they are made
    whole = np.arange(1.0, most + 1.0)
    table: Floats = gammaln(whole + 1.0) + gammaln(whole / cv2)
    return table[n.astype(np.int64) - 1]
