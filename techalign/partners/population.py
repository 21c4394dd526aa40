"""The population of partners, fitted by EM around the batched scoring of its members.

Split from :mod:`techalign.partners.ramp` because the population outlives a fit: it is what a
new partner, or one yet to sell, is forecast from.

References
----------
[1] Dempster, A. P., Laird, N. M., Rubin, D. B. (1977). Maximum likelihood from incomplete data via
    the EM algorithm. Journal of the Royal Statistical Society B 39(1), 1-38.
[2] Louis, T. A. (1982). Finding the observed information matrix when using the EM algorithm.
    Journal of the Royal Statistical Society B 44(2), 226-233.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.partners.churn import alive_weights, trailing_zeros
from techalign.partners.common_months import CommonMonths, fit_months
from techalign.partners.fisher_scoring import (
    CURVE,
    Belief,
    Clock,
    Curvature,
    Ramps,
    Sales,
    curvature,
    ramps_at,
    scoring_step,
)
from techalign.partners.imputed_orders import imputed_orders
from techalign.partners.panel import PartnerPanel
from techalign.partners.priors import RampPrior

__all__ = [
    "FEW",
    "Population",
    "RampHyper",
    "design",
    "fit_population",
    "from_others",
    "mean_since_first",
]

FEW = 100
"""Partners that have sold from which on one more or less no longer moves the population."""
_CAUSES = 5
"""Steps in each iteration that tell beginners' ends from others."""
_ROUNDS, _ROUNDS_OF_FEW = 40, 24
"""EM iterations: few partners pull an assumed population farther than they know it, see docs."""
_SETTLE = 6
"""Scoring steps after which modes have settled under a belief of their own."""


@dataclass(frozen=True, kw_only=True)
class RampHyper:
    """The population the partners are drawn from, as fitted.

    Parameters
    ----------
    coef : ndarray, shape (2, 4)
        B: intercept and strategic increment of (ln A, ln h, ln k, g).
    coef_cov : ndarray, shape (8, 8)
        Posterior covariance of ``coef``, column after column.
    sigma : ndarray, shape (4, 4)
        Σ between partners.
    weight : float
        Partners that ``sigma`` rests on, the prior's share included.
    walk_sd : float
        Monthly standard deviation of the level.
    churn : float
        Hazard per month, δ.
    churn_weight : float
        Partner-months it rests on, the prior's share included.
    churn_early : float
        δ₀: what a beginner's hazard is above δ in the month after its first sale; e-fold less a
        month later.
    month_sd : float
        Standard deviation of what a month does to the logarithm of all partners' sales.
    deal_log, deal_power, deal_cv2 : float
        ln D = ``deal_log`` + ``deal_power`` ln A; c².
    teachers : int
        Active partners the population was learnt from.

    Examples
    --------
    >>> from techalign.partners import fit_ramp, panel_of
    >>> sold = np.array([[500.0, 700.0, 900.0], [300.0, 200.0, 400.0]])
    >>> hyper = fit_ramp(panel_of(sold, np.array([0, 0]))).hyper
    >>> hyper.teachers, hyper.coef.shape, hyper.sigma.shape
    (2, (2, 4), (4, 4))
    """

    coef: Floats
    coef_cov: Floats
    sigma: Floats
    weight: float
    walk_sd: float
    churn: float
    churn_weight: float
    churn_early: float
    month_sd: float
    deal_log: float
    deal_power: float
    deal_cv2: float
    teachers: int

    def early(self, month: Floats) -> Floats:
        """Chance to end as a beginner, at the start of a month since the first sale, 1 or more."""
        return np.minimum(self.churn_early * np.exp(1.0 - np.maximum(month, 1.0)), 0.99)

    def hazard(self, month: Floats) -> Floats:
        """Chance to end so or as anyone may, same shape."""
        return 1.0 - (1.0 - self.churn) * (1.0 - self.early(month))

    def dispersion(self, log_ceiling: Floats) -> Floats:
        """Expected D at ceilings whose logarithms are given, same shape, money."""
        return np.exp(self.deal_log + self.deal_power * log_ceiling)


@dataclass(frozen=True, kw_only=True)
class Population:
    """The population and the unknowns of its n active members.

    Parameters
    ----------
    ramps : Ramps
        Modes of the unknowns of :mod:`techalign.partners.fisher_scoring`.
    curvature : Curvature
        Their posterior precision.
    sales : Sales
    observed, silent : ndarray of bool, shape (n, T)
        Months under contract since the first sale; those after the last sale.
    z : ndarray, shape (n, 2)
        Covariates.
    hyper : RampHyper
    belief : Belief
        Prior of the members' unknowns: of few, each one's own, from the others.
    """

    ramps: Ramps
    curvature: Curvature
    sales: Sales
    observed: Flags
    silent: Flags
    z: Floats
    hyper: RampHyper
    belief: Belief

    def rows(self, keep: Flags | Counts) -> Population:
        """Give the members that ``keep``, a mask or places, selects."""
        sales = replace(
            self.sales,
            amount=self.sales.amount[keep],
            weight=self.sales.weight[keep],
            clock=self.sales.clock.rows(keep),
            dispersion=self.sales.dispersion[keep],
        )
        return replace(
            self,
            ramps=self.ramps.rows(keep),
            curvature=self.curvature.rows(keep),
            sales=sales,
            observed=self.observed[keep],
            silent=self.silent[keep],
            z=self.z[keep],
            belief=self.belief.rows(keep),
        )

    def deal_rate(self) -> Floats:
        """Expected orders per month, shape (n, T)."""
        return self.sales.deal_rate(self.ramps.log_mu)

    def hazard(self) -> Floats:
        """Chance to end at the start of a month, shape (n, T)."""
        return self.hyper.hazard(self.sales.clock.tenure - 0.5)

    def curves(self) -> tuple[Floats, Floats, Floats]:
        """Curve parameters (n, 4), last level (n,) and the covariance of both (n, 5, 5)."""
        theta, level, shape = self.ramps.theta, self.ramps.level[:, -1], self.curvature
        # the last level is what θ makes of it, and a variation of its own
        spread = np.zeros((len(theta), CURVE + 1, CURVE))
        spread[:, :CURVE] = np.eye(CURVE)
        spread[:, CURVE] = shape.follow[:, :, -1]
        cov = spread @ shape.theta_cov @ np.swapaxes(spread, 1, 2)
        cov[:, CURVE, CURVE] += 1.0 / shape.pivot[:, -1]
        return theta, level, cov

    @property
    def money_factor(self) -> float:
        """How many times D of the fit is D of money: above 1 where the fit read orders."""
        return (1.0 + self.hyper.deal_cv2) / self.sales.deal_factor

    @property
    def months(self) -> int:
        """T."""
        return int(self.sales.amount.shape[1])


def design(panel: PartnerPanel) -> Floats:
    """Covariates z = (1, strategic) of every partner, shape (N, 2)."""
    return np.stack([np.ones(len(panel.partner)), panel.strategic.astype(float)], axis=1)


def fit_population(
    panel: PartnerPanel, prior: RampPrior, iterations: int | None = None
) -> Population:
    """Fit population and members by EM.

    Parameters
    ----------
    panel : PartnerPanel
        N partners of whom n have sold.
    prior : RampPrior
    iterations : int, optional
        EM iterations, 1 or more; unless given, 40, or 24 of fewer than a hundred partners.

    Returns
    -------
    Population
        With n members; the prior itself when n = 0.
    """
    actives = panel.select(panel.active)
    many = len(actives.partner) >= FEW
    hyper = _hyper_of(prior, many=many)
    z = design(actives)
    silent = trailing_zeros(actives.revenue, actives.mask)
    observed = _since_first(actives)
    sales = _first_guess(actives, observed, prior)
    theta = z @ hyper.coef
    theta[:, 0] = np.log(mean_since_first(actives))
    ramps = ramps_at(theta, np.zeros(silent.shape), sales.clock)
    if not len(z):
        return Population(
            ramps=ramps,
            curvature=_nobody(ramps),
            sales=sales,
            observed=observed,
            silent=silent,
            z=z,
            hyper=hyper,
            belief=_belief(z, hyper),
        )
    rounds = iterations or (_ROUNDS if many else _ROUNDS_OF_FEW)
    for left in range(rounds, -1, -1):
        belief = _belief(z, hyper)
        ramps = scoring_step(ramps, sales, belief)
        spread = curvature(ramps, sales, belief)
        if left:
            sales = _disperse(ramps, sales, actives, prior, hyper)
            if many:
                ramps, sales, hyper = _months(ramps, sales, prior, hyper)
            ends = hyper.hazard(sales.clock.tenure - 0.5)
            alive = alive_weights(sales.deal_rate(ramps.log_mu), silent, ends)
            sales = replace(sales, weight=observed * alive)
            hyper = _update(ramps, spread, belief, z, sales, actives, prior, hyper)
            hyper = _ends(alive, observed, sales.clock, actives.ended, prior, hyper)
        if left == 1:
            hyper = replace(hyper, coef_cov=_coef_cov(spread, belief, z, prior))
    if len(z) < FEW:
        belief = from_others(ramps, z, prior, hyper)
        for _ in range(_SETTLE):
            ramps = scoring_step(ramps, sales, belief)
        spread = curvature(ramps, sales, belief)
    return Population(
        ramps=ramps,
        curvature=spread,
        sales=sales,
        observed=observed,
        silent=silent,
        z=z,
        hyper=hyper,
        belief=belief,
    )


def _nobody(ramps: Ramps) -> Curvature:
    """The curvature of no members."""
    return Curvature(
        theta_cov=np.zeros((0, CURVE, CURVE)),
        follow=ramps.slopes,
        pivot=ramps.level,
        link=ramps.level,
    )


def _hyper_of(prior: RampPrior, *, many: bool = False) -> RampHyper:
    """The prior as a population; few partners show neither how beginners end nor what months do."""
    return RampHyper(
        coef=prior.mean,
        coef_cov=np.diag(prior.mean_sd.T.ravel() ** 2),
        sigma=np.diag(prior.spread**2),
        weight=prior.spread_weight,
        walk_sd=prior.walk_sd,
        churn=prior.churn,
        churn_weight=prior.churn_weight,
        churn_early=float(np.exp(prior.orders.death[1])) * many,
        month_sd=prior.month_sd * many,
        deal_log=float(np.log(prior.deal_share) + (1 - prior.deal_power) * prior.mean[0, 0]),
        deal_power=prior.deal_power,
        deal_cv2=prior.deal_cv2,
        teachers=0,
    )


def _since_first(panel: PartnerPanel) -> Flags:
    since: Flags = panel.mask & (np.arange(panel.mask.shape[1]) >= panel.first_sale[:, None])
    return since


def mean_since_first(panel: PartnerPanel) -> Floats:
    """Mean monthly sales since each partner's first, shape (N,), money."""
    mean: Floats = panel.revenue.sum(axis=1) / np.maximum(_since_first(panel).sum(axis=1), 1)
    return mean


def _first_guess(panel: PartnerPanel, since: Flags, prior: RampPrior) -> Sales:
    amount, factor = panel.revenue, 1.0 + prior.deal_cv2
    size = prior.deal_share * mean_since_first(panel)
    if panel.deals is not None:
        mean_deal = panel.revenue.sum(axis=1) / np.maximum(panel.deals.sum(axis=1), 1.0)
        size, factor, amount = mean_deal, 1.0, panel.deals * mean_deal[:, None]
    clock = Clock.of(panel.first_sale, amount.shape[1])
    return Sales(
        amount=amount,
        weight=since.astype(float),
        clock=clock,
        dispersion=size,
        deal_factor=factor,
    )


def _belief(z: Floats, hyper: RampHyper) -> Belief:
    precision = np.linalg.inv(hyper.sigma).astype(float)
    return Belief(z @ hyper.coef, precision, hyper.walk_sd)


def from_others(ramps: Ramps, z: Floats, prior: RampPrior, hyper: RampHyper) -> Belief:
    """What all others say of each partner: its own sales must not count twice.

    The population's mean is fitted to all; of few, it lies where the partner itself lies, and what
    is believed of that partner would be its own sales once more, and firmly. The regression of
    :func:`_regress` is taken without the partner's row, and what it leaves open of the mean is
    added to the spread between partners.

    Parameters
    ----------
    ramps : Ramps
        Of n partners that have sold.
    z : ndarray, shape (n, 2)
    prior : RampPrior
    hyper : RampHyper
        The population as fitted to all.

    Returns
    -------
    Belief
        With a mean, shape (n, 4), and a precision, (n, 4, 4), of each partner's own.
    """
    variance = np.diag(hyper.sigma)
    weight = prior.mean_sd**-2.0
    row = np.einsum("nz,ny->nzy", z, z)
    every = z.T @ z / variance[:, None, None] + weight.T[:, :, None] * np.eye(len(weight))
    precision = every - row[:, None] / variance[:, None, None]
    pull = z.T @ ramps.theta / variance + weight * prior.mean
    pull = pull - z[:, :, None] * ramps.theta[:, None] / variance
    cov = np.linalg.inv(precision).astype(float)
    coef = (cov @ np.swapaxes(pull, 1, 2)[..., None])[..., 0]
    left = np.einsum("nz,npzy,ny->np", z, cov, z)
    spread = hyper.sigma + left[:, :, None] * np.eye(CURVE)
    return Belief(
        np.einsum("npz,nz->np", coef, z), np.linalg.inv(spread).astype(float), hyper.walk_sd
    )


def _disperse(
    ramps: Ramps, sales: Sales, panel: PartnerPanel, prior: RampPrior, hyper: RampHyper
) -> Sales:
    """Update D from the mean order, the number of orders being imputed where unknown.

    Of many partners the imputed orders then stand in the place of the money (an EM step towards
    the law of the money itself [1]): one dear order moves a level by its logarithm and not by its
    amount. Few partners cannot tell the size of orders from their number; there money is read.
    """
    guess, worth = hyper.dispersion(ramps.theta[:, 0]), prior.deal_weight
    if panel.deals is not None:
        orders = panel.deals.sum(axis=1)
        size = (worth * guess + panel.revenue.sum(axis=1)) / (worth + orders)
        return replace(sales, dispersion=size, amount=panel.deals * size[:, None])
    each = imputed_orders(ramps, sales, panel, hyper.deal_cv2)
    guess = guess / sales.deal_factor
    size = (worth * guess + panel.revenue.sum(axis=1)) / (worth + each.sum(axis=1))
    if len(size) < FEW:
        return replace(sales, dispersion=size * sales.deal_factor)
    return replace(sales, dispersion=size, amount=each * size[:, None], deal_factor=1.0)


def _update(
    ramps: Ramps,
    spread: Curvature,
    belief: Belief,
    z: Floats,
    sales: Sales,
    panel: PartnerPanel,
    prior: RampPrior,
    hyper: RampHyper,
) -> RampHyper:
    """M-step: the population given its members."""
    theta, count = ramps.theta, len(z)
    coef = _regress(theta, z, prior, np.diag(hyper.sigma))
    off = theta - z @ coef
    sigma = np.diag(prior.spread**2)
    scatter = off.T @ off + spread.theta_cov.sum(axis=0) + prior.spread_weight * sigma
    sigma[:2, :2] = scatter[:2, :2] / (prior.spread_weight + count)
    later = sales.weight * sales.clock.later
    steps = belief.surprise(ramps.level, sales.clock.later) ** 2 + spread.step_variance()
    # a leap is another kind of month, not a wider walk of all: one huge order widened every range
    steps = np.minimum(steps, 9.0 * prior.walk_sd**2)
    walk = prior.walk_weight * prior.walk_sd**2 + (later * steps).sum()
    months = later.sum()
    logs = np.log(sales.dispersion) - hyper.deal_power * theta[:, 0]
    start = np.log(prior.deal_share) + (1 - prior.deal_power) * coef[0, 0]
    return replace(
        hyper,
        coef=coef,
        sigma=sigma,
        weight=prior.spread_weight + count,
        walk_sd=float(np.sqrt(walk / (prior.walk_weight + months))),
        deal_log=float((2.0 * start + logs.sum()) / (2.0 + count)),
        deal_cv2=_deal_cv2(sales, panel, prior),
        teachers=count,
    )


def _months(
    ramps: Ramps, sales: Sales, prior: RampPrior, hyper: RampHyper
) -> tuple[Ramps, Sales, RampHyper]:
    """Tell what a month did to all apart from where each partner's level went."""
    before = CommonMonths(sales.clock.common, hyper.month_sd)
    found = fit_months(before, ramps, sales, hyper.walk_sd, prior)
    ramps = replace(ramps, log_mu=ramps.log_mu + (found.common - before.common))
    sales = replace(sales, clock=replace(sales.clock, common=found.common))
    return ramps, sales, replace(hyper, month_sd=found.sd)


def _ends(
    alive: Floats, observed: Flags, clock: Clock, ended: Flags, prior: RampPrior, hyper: RampHyper
) -> RampHyper:
    """Both hazards, from the expected ends of each month and those exposed to them.

    An end has one of two causes, of which the chances are as their hazards (EM steps [1]).
    """
    before = np.concatenate([np.ones((len(alive), 1)), alive[:, :-1]], axis=1)
    seen = observed & clock.later
    passed = (clock.tenure[seen] - 0.5).astype(np.int64)
    died = np.bincount(passed, (before - alive)[seen], minlength=1)
    exposed = np.bincount(passed, before[seen], minlength=1)
    month = np.arange(float(died.size))
    # whoever ends in a month has been exposed in it, too
    left = float((alive[:, -1] * ended).sum())
    worth = prior.churn_weight + exposed.sum() + left
    # a belief whose logarithm is as wide as this is worth so many ends
    begun = prior.orders.death_sd[1] ** -2.0
    at_first = begun / np.exp(prior.orders.death[1]) + exposed @ np.exp(
        1.0 - np.maximum(month, 1.0)
    )
    for _ in range(_CAUSES if hyper.churn_early else 1):
        by = died / np.maximum(hyper.hazard(month), 1e-12)
        churn = (prior.churn * prior.churn_weight + hyper.churn * by.sum() + left) / worth
        early = (begun + hyper.early(month) @ by) / at_first if hyper.churn_early else 0.0
        hyper = replace(hyper, churn=float(churn), churn_early=float(early))
    return replace(hyper, churn_weight=float(worth))


def _regress(theta: Floats, z: Floats, prior: RampPrior, variance: Floats) -> Floats:
    """Regress each curve parameter on z, with the prior on the coefficients."""
    weight = prior.mean_sd**-2.0
    precision = z.T @ z / variance[:, None, None] + weight.T[:, :, None] * np.eye(len(weight))
    pull = z.T @ theta / variance + weight * prior.mean
    return np.linalg.solve(precision, pull.T[..., None])[..., 0].T.astype(float)


def _coef_cov(spread: Curvature, belief: Belief, z: Floats, prior: RampPrior) -> Floats:
    """Covariance of the coefficients, column after column, shape (8, 8).

    Partners whose own sales say little of their curves say little of the population's: of the
    information that known curves would give, what the curves still leave open is taken off [2].
    Ceiling and time scale are left open together, as a slow rise to much looks at first like a
    quick one to little; so the columns hang together.
    """
    known = belief.precision - belief.precision @ spread.theta_cov @ belief.precision
    rows, told = z[:, :, None] * z[:, None], known.reshape(len(z), -1)
    told = (told.T @ rows.reshape(len(z), -1)).reshape(CURVE, CURVE, *rows.shape[1:])
    prior_told = np.diag(prior.mean_sd.T.ravel() ** -2.0)
    told = prior_told + np.swapaxes(told, 1, 2).reshape(prior_told.shape)
    return np.linalg.inv(told).astype(float)


def _deal_cv2(sales: Sales, panel: PartnerPanel, prior: RampPrior) -> float:
    """c² from the spread of months around their orders; the prior where orders are unknown."""
    if panel.deals is None:
        return prior.deal_cv2
    size = sales.dispersion[:, None] / sales.deal_factor
    sold = panel.deals > 0
    spread = (panel.revenue - panel.deals * size) ** 2 / (np.maximum(panel.deals, 1.0) * size**2)
    # a month far off its orders is a different kind of order, not a wider law of all orders
    spread = np.minimum(spread, 9.0)[sold].sum()
    return float((10.0 * prior.deal_cv2 + spread) / (10.0 + sold.sum()))
