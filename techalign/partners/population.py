"""The population of partners, fitted by EM around the batched scoring of its members.

Split from :mod:`techalign.partners.ramp` because the population outlives a fit: it is what a
new partner, or one yet to sell, is forecast from.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from techalign.partners.churn import alive_weights, trailing_zeros
from techalign.partners.panel import PartnerPanel
from techalign.partners.scoring import CURVE, Sales, information, log_mean, scoring_step

__all__ = ["Population", "RampHyper", "RampPrior", "design", "fit_population", "mean_since_first"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True)
class RampPrior:
    """What is believed of a client's partners before its own sales are seen. All assumptions.

    Parameters
    ----------
    mean : ndarray, shape (2, 4)
        Rows: a volume partner's (ln A, ln h, ln k, g), and what a strategic one adds. A is
        money per month at the ceiling, h months, g per month.
    mean_sd : ndarray, shape (2, 4)
        Standard deviations of ``mean``.
    spread : ndarray, shape (4,)
        Standard deviations between partners.
    spread_weight : float
        Partners this belief about ``spread`` is worth (inverse-Wishart weight).
    walk_sd, walk_weight : float
        Monthly standard deviation of the level's random walk, and its worth in months.
    churn, churn_weight : float
        Hazard per month, and its worth in partner-months.
    deal_share, deal_power, deal_weight : float
        D is expected at ``deal_share`` * A ** ``deal_power`` in the scale of a typical partner,
        and this is worth ``deal_weight`` months per partner.
    deal_cv2 : float
        c², squared coefficient of variation of one order.
    """

    mean: Floats = field(
        default_factory=lambda: np.array(
            [[np.log(5000.0), np.log(4.0), 0.0, 0.0], [0.7, 0.4, 0.0, 0.0]]
        )
    )
    mean_sd: Floats = field(
        default_factory=lambda: np.array([[1.5, 0.5, 0.2, 0.01], [0.7, 0.4, 0.1, 0.005]])
    )
    spread: Floats = field(default_factory=lambda: np.array([1.2, 0.5, 0.2, 0.005]))
    spread_weight: float = 8.0
    walk_sd: float = 0.2
    walk_weight: float = 20.0
    churn: float = 0.015
    churn_weight: float = 120.0
    deal_share: float = 0.5
    deal_power: float = 0.5
    deal_weight: float = 4.0
    deal_cv2: float = 0.5


@dataclass(frozen=True)
class RampHyper:
    """The population the partners are drawn from, as fitted.

    Parameters
    ----------
    coef : ndarray, shape (2, 4)
        B: intercept and strategic increment of (ln A, ln h, ln k, g).
    coef_cov : ndarray, shape (2, 2, 4)
        Posterior covariance of the two rows, one matrix per column of ``coef``.
    sigma : ndarray, shape (4, 4)
        Σ between partners.
    weight : float
        Partners that ``sigma`` rests on, the prior's share included.
    walk_sd : float
        Monthly standard deviation of the level.
    churn : float
        Hazard per month.
    churn_weight : float
        Partner-months it rests on, the prior's share included.
    deal_log, deal_power, deal_cv2 : float
        ln D = ``deal_log`` + ``deal_power`` ln A; c².
    teachers : int
        Active partners the population was learnt from.
    """

    coef: Floats
    coef_cov: Floats
    sigma: Floats
    weight: float
    walk_sd: float
    churn: float
    churn_weight: float
    deal_log: float
    deal_power: float
    deal_cv2: float
    teachers: int

    def dispersion(self, log_ceiling: Floats) -> Floats:
        """Expected D at ceilings whose logarithms are given, same shape, money."""
        return np.exp(self.deal_log + self.deal_power * log_ceiling)


@dataclass(frozen=True)
class Population:
    """The population and the unknowns of its n active members.

    Parameters
    ----------
    x : ndarray, shape (n, 4 + T - 1)
        Unknowns of :mod:`techalign.partners.scoring`.
    cov : ndarray, shape (n, P, P)
        Their posterior covariance.
    sales : Sales
    observed, silent : ndarray of bool, shape (n, T)
        Months under contract since the first sale; those after the last sale.
    z : ndarray, shape (n, 2)
        Covariates.
    hyper : RampHyper
    """

    x: Floats
    cov: Floats
    sales: Sales
    observed: Bools
    silent: Bools
    z: Floats
    hyper: RampHyper

    def prior_moments(self) -> tuple[Floats, Floats]:
        """Prior means (n, P) and shared precision (P, P) of the unknowns."""
        return _prior_moments(self.z, self.hyper, self.x.shape[1])

    def rows(self, keep: Bools) -> Population:
        """Give the members for which ``keep``, shape (n,), is true."""
        sales = replace(
            self.sales,
            amount=self.sales.amount[keep],
            weight=self.sales.weight[keep],
            first=self.sales.first[keep],
            dispersion=self.sales.dispersion[keep],
        )
        return replace(
            self,
            x=self.x[keep],
            cov=self.cov[keep],
            sales=sales,
            observed=self.observed[keep],
            silent=self.silent[keep],
            z=self.z[keep],
        )

    def deal_rate(self) -> Floats:
        """Expected orders per month, shape (n, T)."""
        return self.sales.deal_rate(log_mean(self.x, self.sales.first, self.months)[0])

    def curves(self) -> tuple[Floats, Floats, Floats]:
        """Curve parameters (n, 4), level (n,) and the covariance of both (n, 5, 5)."""
        pick = np.zeros((len(self.x), CURVE + 1, self.x.shape[1]))
        pick[:, :CURVE, :CURVE] = np.eye(CURVE)
        pick[:, CURVE, CURVE:] = np.arange(1, self.months) > self.sales.first[:, None]
        level = np.einsum("np,np->n", pick[:, CURVE], self.x)
        return self.x[:, :CURVE], level, pick @ self.cov @ np.swapaxes(pick, 1, 2)

    @property
    def months(self) -> int:
        """T."""
        return int(self.sales.amount.shape[1])


def design(panel: PartnerPanel) -> Floats:
    """Covariates z = (1, strategic) of every partner, shape (N, 2)."""
    return np.stack([np.ones(len(panel.partner)), panel.strategic.astype(float)], axis=1)


def fit_population(panel: PartnerPanel, prior: RampPrior, iterations: int = 40) -> Population:
    """Fit population and members by EM.

    Parameters
    ----------
    panel : PartnerPanel
        N partners of whom n have sold.
    prior : RampPrior
    iterations : int
        EM iterations, 1 or more.

    Returns
    -------
    Population
        With n members; the prior itself when n = 0.
    """
    hyper = _hyper_of(prior)
    actives = panel.select(panel.active)
    z = design(actives)
    silent = trailing_zeros(actives.revenue, actives.mask)
    observed = _since_first(actives)
    sales = _first_guess(actives, prior)
    x = np.zeros((len(z), CURVE + max(actives.revenue.shape[1] - 1, 0)))
    x[:, :CURVE] = z @ hyper.coef
    if not len(z):
        empty = np.zeros((0, x.shape[1], x.shape[1]))
        return Population(x, empty, sales, observed, silent, z, hyper)
    x[:, 0] = np.log(mean_since_first(actives))
    for _ in range(iterations):
        mean, precision = _prior_moments(z, hyper, x.shape[1])
        x = scoring_step(x, sales, mean, precision)
        cov = np.linalg.inv(information(x, sales, precision)).astype(float)
        sales = _disperse(x, sales, actives, prior, hyper)
        sales = _reweigh(x, sales, actives, silent, hyper)
        hyper = _update(x, cov, z, sales, actives, prior, hyper)
    mean, precision = _prior_moments(z, hyper, x.shape[1])
    x = scoring_step(x, sales, mean, precision)
    cov = np.linalg.inv(information(x, sales, precision)).astype(float)
    return Population(x, cov, sales, observed, silent, z, hyper)


def _hyper_of(prior: RampPrior) -> RampHyper:
    return RampHyper(
        coef=prior.mean,
        coef_cov=np.stack([np.diag(sd**2) for sd in prior.mean_sd.T], axis=-1),
        sigma=np.diag(prior.spread**2),
        weight=prior.spread_weight,
        walk_sd=prior.walk_sd,
        churn=prior.churn,
        churn_weight=prior.churn_weight,
        deal_log=float(np.log(prior.deal_share) + (1 - prior.deal_power) * prior.mean[0, 0]),
        deal_power=prior.deal_power,
        deal_cv2=prior.deal_cv2,
        teachers=0,
    )


def _since_first(panel: PartnerPanel) -> Bools:
    since: Bools = panel.mask & (np.arange(panel.mask.shape[1]) >= panel.first_sale[:, None])
    return since


def mean_since_first(panel: PartnerPanel) -> Floats:
    """Mean monthly sales since each partner's first, shape (N,), money."""
    mean: Floats = panel.revenue.sum(axis=1) / np.maximum(_since_first(panel).sum(axis=1), 1)
    return mean


def _first_guess(panel: PartnerPanel, prior: RampPrior) -> Sales:
    since = _since_first(panel)
    amount, factor = panel.revenue, 1.0 + prior.deal_cv2
    size = prior.deal_share * mean_since_first(panel)
    if panel.deals is not None:
        mean_deal = panel.revenue.sum(axis=1) / np.maximum(panel.deals.sum(axis=1), 1.0)
        size, factor, amount = mean_deal, 1.0, panel.deals * mean_deal[:, None]
    return Sales(amount, since.astype(float), panel.first_sale, size, factor)


def _prior_moments(z: Floats, hyper: RampHyper, width: int) -> tuple[Floats, Floats]:
    """Means (n, P) and shared precision (P, P) of the unknowns.

    The innovations have mean -s²/2, so that the level neither gains nor loses in expectation.
    """
    mean = np.full((len(z), width), -0.5 * hyper.walk_sd**2)
    mean[:, :CURVE] = z @ hyper.coef
    precision = np.eye(width) / hyper.walk_sd**2
    precision[:CURVE, :CURVE] = np.linalg.inv(hyper.sigma)
    return mean, precision


def _disperse(
    x: Floats, sales: Sales, panel: PartnerPanel, prior: RampPrior, hyper: RampHyper
) -> Sales:
    """Update D from the mean order, the number of orders being imputed where unknown."""
    guess, worth = hyper.dispersion(x[:, 0]), prior.deal_weight
    if panel.deals is not None:
        orders = panel.deals.sum(axis=1)
        size = (worth * guess + panel.revenue.sum(axis=1)) / (worth + orders)
        return replace(sales, dispersion=size, amount=panel.deals * size[:, None])
    rate = sales.deal_rate(log_mean(x, sales.first, sales.amount.shape[1])[0])
    size = sales.dispersion / sales.deal_factor
    orders = np.where(
        panel.revenue > 0, expected_orders(panel.revenue, rate, size[:, None], hyper.deal_cv2), 0.0
    ).sum(axis=1)
    guess = guess / sales.deal_factor
    size = (worth * guess + panel.revenue.sum(axis=1)) / (worth + orders)
    return replace(sales, dispersion=size * sales.deal_factor)


def expected_orders(revenue: Floats, rate: Floats, size: Floats, cv2: float) -> Floats:
    """Mean number of orders behind a month's positive sales.

    Parameters
    ----------
    revenue : ndarray, shape (N, T)
        Positive where the result is used.
    rate : ndarray, shape (N, T)
        Expected orders.
    size : ndarray, shape (N, 1)
        Mean order, money.
    cv2 : float
        c² of one order.

    Returns
    -------
    ndarray, shape (N, T)
        1 or more. Summed over n near the mode, where n ~ Poisson(rate) and
        revenue | n ~ Gamma(n/c², c² size).
    """
    from scipy.special import gammaln

    ratio = np.maximum(revenue / size, 1e-9)
    rate = np.maximum(rate, 1e-9)
    # mode of n: (λ y^{1/c²})^{1/(1 + 1/c²)} up to constants, by Stirling's formula
    middle = rate ** (cv2 / (1 + cv2)) * ratio ** (1 / (1 + cv2))
    width = 4.0 * np.sqrt(np.maximum(middle, 1.0))
    low = np.maximum(np.floor(middle - width), 1.0)
    stride = np.maximum(2.0 * width / 24.0, 1.0)
    n = low[..., None] + np.floor(stride[..., None] * np.arange(25))
    log_p = n * np.log(rate)[..., None] - gammaln(n + 1)
    log_p += n / cv2 * np.log(ratio / cv2)[..., None] - gammaln(n / cv2)
    p = np.exp(log_p - log_p.max(axis=-1, keepdims=True))
    mean: Floats = (p * n).sum(axis=-1) / p.sum(axis=-1)
    return mean


def _reweigh(
    x: Floats, sales: Sales, panel: PartnerPanel, silent: Bools, hyper: RampHyper
) -> Sales:
    rate = sales.deal_rate(log_mean(x, sales.first, sales.amount.shape[1])[0])
    return replace(sales, weight=_since_first(panel) * alive_weights(rate, silent, hyper.churn))


def _update(
    x: Floats,
    cov: Floats,
    z: Floats,
    sales: Sales,
    panel: PartnerPanel,
    prior: RampPrior,
    hyper: RampHyper,
) -> RampHyper:
    """M-step: the population given its members."""
    theta, count = x[:, :CURVE], len(x)
    coef, coef_cov = _regress(theta, z, prior, np.diag(hyper.sigma))
    off = theta - z @ coef
    scatter = off.T @ off + cov[:, :CURVE, :CURVE].sum(axis=0)
    scatter += prior.spread_weight * np.diag(prior.spread**2)
    sigma = np.diag(prior.spread**2)
    sigma[:2, :2] = scatter[:2, :2] / (prior.spread_weight + count)
    later = sales.weight[:, 1:] * (np.arange(1, sales.weight.shape[1]) > sales.first[:, None])
    steps = (x[:, CURVE:] + 0.5 * hyper.walk_sd**2) ** 2
    steps = steps + np.diagonal(cov, axis1=1, axis2=2)[:, CURVE:]
    walk = prior.walk_weight * prior.walk_sd**2 + (later * steps).sum()
    deaths = np.where(panel.ended, 1.0, 1.0 - sales.weight[:, -1]).sum()
    exposure = prior.churn_weight + later.sum()
    logs = np.log(sales.dispersion) - hyper.deal_power * theta[:, 0]
    start = np.log(prior.deal_share) + (1 - prior.deal_power) * coef[0, 0]
    return replace(
        hyper,
        coef=coef,
        coef_cov=coef_cov,
        sigma=sigma,
        weight=prior.spread_weight + count,
        walk_sd=float(np.sqrt(walk / (prior.walk_weight + later.sum()))),
        churn=float((prior.churn * prior.churn_weight + deaths) / exposure),
        churn_weight=float(exposure),
        deal_log=float((2.0 * start + logs.sum()) / (2.0 + count)),
        deal_cv2=_deal_cv2(sales, panel, prior),
        teachers=count,
    )


def _regress(theta: Floats, z: Floats, prior: RampPrior, variance: Floats) -> tuple[Floats, Floats]:
    """Regress each curve parameter on z, with the prior on the coefficients."""
    coef, covs = np.empty_like(prior.mean), []
    for column in range(CURVE):
        belief = np.diag(prior.mean_sd[:, column] ** -2)
        cov = np.linalg.inv(z.T @ z / variance[column] + belief)
        pull = z.T @ theta[:, column] / variance[column] + belief @ prior.mean[:, column]
        coef[:, column] = cov @ pull
        covs.append(cov)
    return coef, np.stack(covs, axis=-1)


def _deal_cv2(sales: Sales, panel: PartnerPanel, prior: RampPrior) -> float:
    """c² from the spread of months around their orders; the prior where orders are unknown."""
    if panel.deals is None:
        return prior.deal_cv2
    size = sales.dispersion[:, None]
    sold = panel.deals > 0
    spread = (panel.revenue - panel.deals * size) ** 2 / (np.maximum(panel.deals, 1.0) * size**2)
    # a month far off its orders is a different kind of order, not a wider law of all orders
    spread = np.minimum(spread, 9.0)[sold].sum()
    return float((10.0 * prior.deal_cv2 + spread) / (10.0 + sold.sum()))
