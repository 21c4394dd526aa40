"""What one order of a partner is worth, so that one dear first order is not believed for ever.

For a month with n orders and sales r, and e = log(1 + c²/n): log(r/n) ~ N(v_i - e/2, e + o²) and
v_i ~ N(A, τ²). All of it is Gaussian, so that values given the months have closed form. A
gamma law of orders with a gamma law of partners believes a first order of a large amount far too
much; on a logarithmic scale one order pulls by its share of the precision alone.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from techalign.numbers.arrays import Floats, Places
from techalign.partners.priors import OrderPrior

__all__ = ["OrderValues", "fit_values"]


@dataclass(frozen=True, kw_only=True)
class OrderValues:
    """Worth of an order, by partner, on the logarithmic scale.

    Parameters
    ----------
    mean, sd : ndarray, shape (n,)
        Posterior of v_i, log money per order.
    centre : float
        A, the middle partner's.
    between : float
        τ, standard deviation between partners.
    cv2 : float
        c² of one order.
    monthly : float
        o, standard deviation of a month's own shift.
    """

    mean: Floats
    sd: Floats
    centre: float
    between: float
    cv2: float
    monthly: float

    @property
    def z(self) -> Floats:
        """How dear each partner's orders are, in standard deviations, shape (n,)."""
        return (self.mean - self.centre) / self.between

    def money(self, orders: Floats, log_value: Floats, rng: np.random.Generator) -> Floats:
        """Draw the sales of months with so many orders; shapes broadcast."""
        sales: Floats = rng.standard_gamma(orders / self.cv2)
        sales *= self.cv2
        shift = rng.standard_normal(orders.shape) * self.monthly
        sales *= np.exp(log_value + shift)
        return sales


def fit_values(revenue: Floats, orders: Floats, prior: OrderPrior | None = None) -> OrderValues:
    """Fit by maximum a posteriori.

    Parameters
    ----------
    revenue, orders : ndarray, shape (n, T)
        Money and number of orders per month; a month without either says nothing.
    prior : OrderPrior, optional
        The documented defaults unless given.

    Returns
    -------
    OrderValues

    Examples
    --------
    >>> found = fit_values(np.array([[100.0, 420.0], [90.0, 0.0]]), np.array([[1.0, 4.0], [1, 0]]))
    >>> print(np.exp(found.mean).round(-1))
    [110. 100.]
    """
    from scipy.optimize import minimize

    belief = prior or OrderPrior()
    sold = (orders > 0) & (revenue > 0)
    row = np.nonzero(sold)[0]
    log_mean = np.log(revenue[sold] / orders[sold])
    data = row, log_mean, orders[sold], len(revenue)

    def loss(params: Floats) -> tuple[float, Floats]:
        off = (params - belief.value) / belief.value_sd
        told, slope = _marginal(params, data)[:2]
        return 0.5 * float(off @ off) - told, off / belief.value_sd - slope

    found = minimize(loss, belief.value, jac=True, method="BFGS", options={"gtol": 1e-2})
    *_, mean, variance, centre = _marginal(found.x, data)
    between, c, monthly = np.exp(found.x)
    return OrderValues(
        mean=mean,
        sd=np.sqrt(variance),
        centre=centre,
        between=float(between),
        cv2=float(c**2),
        monthly=float(monthly),
    )


def _marginal(
    params: Floats, data: tuple[Places, Floats, Floats, int]
) -> tuple[float, Floats, Floats, Floats, float]:
    """Log-likelihood with A at its best, its slopes, means and variances of v_i, and A."""
    row, log_mean, orders, count = data
    between2, cv2, monthly2 = np.exp(2.0 * params)
    excess = np.log1p(cv2 / orders)
    variance = excess + monthly2
    seen, weight = log_mean + excess / 2.0, 1.0 / variance
    precision = np.bincount(row, weight, minlength=count)
    total = np.bincount(row, weight * seen, minlength=count)
    known = precision > 0
    inverse = np.divide(1.0, precision, out=np.zeros(count), where=known)
    own = total * inverse
    spread = between2 + inverse
    pull = known / spread
    centre = float((own * pull).sum() / pull.sum())
    far, off = own - centre, seen - own[row]
    fit = np.log(variance).sum() + np.log(precision[known]).sum() + (weight * off**2).sum()
    fit += np.log(spread[known]).sum() + (far**2 * pull).sum()
    # what twice the negative logarithm gains by the parts; A is at its best, so it adds nothing
    by_spread = pull - (far * pull) ** 2
    by_seen = 2.0 * weight * (off + (far * pull * inverse)[row])
    by_weight = off**2 + (inverse - by_spread * inverse**2)[row]
    by_weight += 2.0 * off * (far * pull * inverse)[row]
    by_variance = weight - by_weight * weight**2
    by_excess = (by_variance + by_seen / 2.0) / (orders + cv2)
    gains = np.array([by_spread.sum(), by_excess.sum(), by_variance.sum()])
    posterior = 1.0 / (precision + 1.0 / between2)
    mean = posterior * (total + centre / between2)
    return -0.5 * float(fit), -gains * np.exp(2.0 * params), mean, posterior, centre
