"""How often partners receive orders, known or imputed: a level that wanders, and an end.

The clock t counts months since the first sale. With x the logarithm of a month's order rate:

    x_i ~ N(m + β z_i + γ s_i + κ v_i - a² t/2, K)
    K_uv = s² + a² min(u, v) + w² [u = v]
    n_0 - 1 ~ Poisson(e^{x_0}/2),  n_t ~ Poisson(e^{x_t}) while the partner lives
    hazard at the start of month t >= 1: d + d_0 e^{-(t - 1)}

z is how dear the partner's orders are (:mod:`techalign.partners.order_values`), s whether it is
strategic, v when it began, in years before the last beginners: those who join a grown channel late
are often smaller, and a newcomer is like the last and not like the first. The first sale defines
the clock and says nothing itself; what follows it in its month comes in half a month. w is the
noise within a month: without it every surprise would be taken for a lasting change. -a² t/2 keeps
the mean of e^x where it is while its spread grows. Months of silence after the last sale count
with the probability that the partner still lived.

a is fitted up to .4 and no further: falls of sellers are deeper than rises are high, and a law that
is symmetric reads them as rises to come. A rise of the level with age, fitted freely as well, made
forecasts of 1,011 marketplace sellers 55 to 76 % too high; it is left out.

Fitted by EM, the levels drawn from Laplace approximations [1] and weighted by the posterior; K and
its fit stand in :mod:`techalign.partners.order_walk`.

References
----------
[1] Rasmussen, C. E., Williams, C. K. I. (2006). Gaussian Processes for Machine Learning,
    section 3.4 (Laplace approximation). MIT Press.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.partners.order_values import OrderValues, fit_values
from techalign.partners.order_walk import fit_spread, level_cov
from techalign.partners.panel import PartnerPanel
from techalign.partners.posterior import mirrored
from techalign.partners.priors import OrderPrior

__all__ = ["HIGHEST", "OrderFit", "OrderHyper", "fit_orders", "log_target", "silence"]

HIGHEST = 12.0
"""Logarithm of the orders in a month beyond which nothing is believed."""
_DRAWS = 40
"""Weighted draws of a partner's levels in each iteration."""

_OLDEST = 36
"""Months before the last beginners beyond which all vintages are alike."""

_TEACHERS = 300
"""What all have in common is learnt from so many at most, evenly picked."""


@dataclass(frozen=True, kw_only=True)
class OrderHyper:
    """What the partners have in common.

    Parameters
    ----------
    coef : ndarray, shape (4,)
        (m, β, γ, κ).
    spread : ndarray, shape (3,)
        (s, a, w), standard deviations.
    death, early_death : float
        d and d_0, per month.
    """

    coef: Floats
    spread: Floats
    death: float
    early_death: float

    def hazard(self, month: Floats) -> Floats:
        """Chance to end at the start of a month since the first sale, same shape; 0 in month 0."""
        found = self.death + self.early_death * np.exp(-np.maximum(month - 1.0, 0.0))
        return np.where(month >= 1, np.minimum(found, 0.99), 0.0)

    def mean(self, months: int) -> Floats:
        """Mean log rate of a middle new volume partner in its first months, shape (months,)."""
        mean: Floats = self.coef[0] - 0.5 * self.spread[1] ** 2 * np.arange(float(months))
        return mean


@dataclass(frozen=True, kw_only=True)
class OrderFit:
    """The order model of n partners that have sold.

    Parameters
    ----------
    x, mean : ndarray, shape (n, T)
        Mode of the log order rate, by months since the first sale, and its prior mean.
    cov : ndarray, shape (n, T, T)
        Posterior covariance of ``x``.
    counts : ndarray, shape (n, T)
        Orders, less the first.
    seen, silent : ndarray of bool, shape (n, T)
        Months on record; those after the last sale.
    length : ndarray of int, shape (n,)
        Months since the first sale, its own counted.
    strategic : ndarray of float, shape (n,)
        1 or 0.
    vintage : ndarray, shape (n,)
        When it began, years: 0 of those that began last, below zero before them.
    common : ndarray, shape (n, T)
        What the months did to all, on the logarithm.
    values : OrderValues
    hyper : OrderHyper
    prior : OrderPrior
    """

    x: Floats
    mean: Floats
    cov: Floats
    counts: Floats
    seen: Flags
    silent: Flags
    length: Counts
    strategic: Floats
    vintage: Floats
    common: Floats
    values: OrderValues
    hyper: OrderHyper
    prior: OrderPrior

    @property
    def traits(self) -> Floats:
        """What the coefficients belong to, shape (n, 4): 1, z, s, and the vintage."""
        ones = np.ones_like(self.vintage)
        return np.stack([ones, self.values.z, self.strategic, self.vintage], axis=1)

    def alive(self) -> Floats:
        """P(still living now), shape (n,), at the mode."""
        rate = np.where(self.silent, np.exp(np.minimum(self.x, 20.0)), 0.0)
        return silence(rate, self.silent, self.hyper)[1]

    def rows(self, keep: Flags | Counts) -> OrderFit:
        """Give the partners that ``keep``, a mask or places, selects."""
        values = replace(self.values, mean=self.values.mean[keep], sd=self.values.sd[keep])
        return replace(
            self,
            x=self.x[keep],
            mean=self.mean[keep],
            cov=self.cov[keep],
            counts=self.counts[keep],
            seen=self.seen[keep],
            silent=self.silent[keep],
            length=self.length[keep],
            strategic=self.strategic[keep],
            vintage=self.vintage[keep],
            common=self.common[keep],
            values=values,
        )


def silence(rate: Floats, silent: Flags, hyper: OrderHyper) -> tuple[Floats, Floats]:
    """Log-likelihood of the silent months and P(alive now), both of shape (...).

    Parameters
    ----------
    rate : ndarray, shape (..., T)
        Expected orders of a living partner, 0 where not ``silent``.
    silent : ndarray of bool, shape (..., T)
        Months after the last sale, aligned to the first.
    hyper : OrderHyper
    """
    died, lived = ends(rate, silent, hyper)
    total = died.sum(axis=-1) + lived
    return np.log(total), lived / total


def ends(rate: Floats, silent: Flags, hyper: OrderHyper) -> tuple[Floats, Floats]:
    """Chances of the silence with an end in each month (..., T), and of living through it."""
    hazard = hyper.hazard(np.arange(float(rate.shape[-1])))
    step = np.where(silent, np.log1p(-hazard) - rate, 0.0)
    lived = np.cumsum(step, axis=-1)
    died = np.where(silent, np.exp(lived - step) * hazard, 0.0)
    return died, np.exp(lived[..., -1])


def fit_orders(
    panel: PartnerPanel,
    prior: OrderPrior | None = None,
    iterations: int = 8,
    common: Floats | None = None,
) -> OrderFit:
    """Fit the order model to all partners that have sold.

    Parameters
    ----------
    panel : PartnerPanel
        With orders known, and at least one partner that has sold.
    prior : OrderPrior, optional
        The documented defaults unless given.
    iterations : int
        EM iterations, 1 or more.
    common : ndarray, shape (T,), optional
        What each month did to all, on the logarithm of orders, as the ramps tell it.

    Returns
    -------
    OrderFit
        Of the partners of ``panel`` for which ``active`` is true.

    Raises
    ------
    ModelError
        If orders are not known, or nobody has sold.

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> orders = np.random.default_rng(1).poisson(3.0, (12, 10)) + 0.0
    >>> fit = fit_orders(panel_of(orders * 50.0, np.zeros(12, dtype=int), deals=orders))
    >>> bool(abs(np.exp(fit.x).mean() - 3.0) < 0.5)
    True
    """
    if panel.deals is None or not panel.active.any():
        raise ModelError("panel.deals", "must be known, and a partner must have sold")
    months = np.zeros(panel.revenue.shape[1]) if common is None else common
    whole = _start(panel, panel.deals, prior or OrderPrior(), months)
    apart = max(len(whole.x) // _TEACHERS, 1)
    fit = whole.rows(np.arange(0, len(whole.x), apart))
    # the same noise in every iteration, so that they converge
    noise = np.random.default_rng(14).standard_normal((*fit.x.shape, _DRAWS // 2))
    noise = mirrored(np.zeros(fit.x.shape), noise, _DRAWS)
    for _ in range(iterations):
        fit = _newton(fit)
        levels, alive = _moments(fit, noise)
        fit = replace(fit, hyper=_m_step(levels, alive))
        fit = replace(fit, mean=_means(fit.hyper, fit))
    whole = replace(whole, hyper=fit.hyper, mean=_means(fit.hyper, whole))
    for _ in range(4):
        whole = _newton(whole)
    return whole


def _start(panel: PartnerPanel, deals: Floats, prior: OrderPrior, common: Floats) -> OrderFit:
    """Shift every partner to its first sale, and guess its rate by its own mean."""
    sold, deals = panel.select(panel.active), deals[panel.active]
    length = sold.revenue.shape[1] - sold.first_sale
    months = int(length.max())
    column = sold.first_sale[:, None] + np.arange(months)
    inside = column < sold.revenue.shape[1]
    pick = np.where(inside, column, 0)
    orders = np.where(inside, np.take_along_axis(deals, pick, axis=1), 0.0)
    money = np.where(inside, np.take_along_axis(sold.revenue, pick, axis=1), 0.0)
    seen = inside & np.take_along_axis(sold.mask, pick, axis=1)
    later = np.cumsum(orders[:, ::-1], axis=1)[:, ::-1]
    counts = orders.copy()
    counts[:, 0] = np.maximum(counts[:, 0] - 1.0, 0.0)
    hyper = OrderHyper(
        coef=np.zeros(4),
        spread=np.exp(prior.spread),
        death=float(np.exp(prior.death[0])),
        early_death=float(np.exp(prior.death[1])),
    )
    guess = np.log((counts.sum(axis=1) + 0.5) / (seen.sum(axis=1) + 0.5))
    hyper = replace(hyper, coef=np.array([float(np.median(guess)), 0.0, 0.0, 0.0]))
    x = np.repeat(guess[:, None], months, axis=1)
    fit = OrderFit(
        x=x,
        mean=x,
        cov=np.zeros((len(x), 0, 0)),
        counts=counts,
        seen=seen,
        silent=seen & (later == 0),
        length=length,
        strategic=sold.strategic.astype(float),
        vintage=np.maximum(length.min() - length, -_OLDEST) / 12.0,
        common=np.where(inside, common[pick], 0.0),
        values=fit_values(money, orders, prior),
        hyper=hyper,
        prior=prior,
    )
    return replace(fit, mean=_means(hyper, fit))


def _means(hyper: OrderHyper, fit: OrderFit) -> Floats:
    mean: Floats = hyper.mean(fit.x.shape[1]) + (fit.traits[:, 1:] @ hyper.coef[1:])[:, None]
    mean += fit.common
    return mean


def _alive_weights(fit: OrderFit) -> Floats:
    """P(alive in each month | the silence), shape (n, T)."""
    rate = np.where(fit.silent, np.exp(np.minimum(fit.x, 20.0)), 0.0)
    died, lived = ends(rate, fit.silent, fit.hyper)
    total = died.sum(axis=1) + lived
    weights: Floats = 1.0 - np.cumsum(died, axis=1) / total[:, None]
    return weights


def _newton(fit: OrderFit) -> OrderFit:
    """Two Newton steps towards the mode of every x, and its covariance there."""
    alive = _alive_weights(fit)
    months = fit.x.shape[1]
    precision = np.linalg.inv(level_cov(months, fit.hyper.spread))
    share = np.where(fit.seen, alive, 0.0)
    share[:, 0] *= 0.5
    diagonal = np.arange(months)

    def system(x: Floats) -> tuple[Floats, Floats]:
        rate = share * np.exp(np.minimum(x, 20.0))
        curved = np.repeat(precision[None], len(x), axis=0)
        curved[:, diagonal, diagonal] += rate
        return curved, (fit.counts * fit.seen - rate - (x - fit.mean) @ precision)[..., None]

    x = fit.x + np.clip(np.linalg.solve(*system(fit.x))[..., 0], -2.0, 2.0)
    curved, slope = system(x)
    cov: Floats = np.linalg.inv(curved).astype(float)
    return replace(fit, x=x + np.clip((cov @ slope)[..., 0], -2.0, 2.0), cov=cov)


def _moments(fit: OrderFit, noise: Floats) -> tuple[OrderFit, Floats]:
    """Put weighted means and covariances in the place of modes; and P(alive) by month (n, T)."""
    x = fit.x[..., None] + np.linalg.cholesky(fit.cov) @ noise
    np.clip(x, -30.0, HIGHEST, out=x)
    weight, died, lived = log_target(fit, x)
    weight += 0.5 * np.einsum("nts,nts->ns", noise, noise)
    weight = np.exp(weight - weight.max(axis=1, keepdims=True))
    weight /= weight.sum(axis=1, keepdims=True)
    weight = np.minimum(weight, 1.0 / np.sqrt(noise.shape[-1]))
    weight /= weight.sum(axis=1, keepdims=True)
    mean = np.einsum("nts,ns->nt", x, weight)
    off = (x - mean[..., None]) * np.sqrt(weight)[:, None]
    alive, who = np.ones(mean.shape), fit.silent.any(axis=1)
    died = 1.0 - np.cumsum(died, axis=2) / (died.sum(axis=2) + lived)[..., None]
    alive[who] = np.einsum("nst,ns->nt", died, weight[who])
    return replace(fit, x=mean, cov=off @ np.swapaxes(off, 1, 2)), alive


def log_target(fit: OrderFit, x: Floats) -> tuple[Floats, Floats, Floats]:
    """Log posterior of log rates up to a constant of each partner, and how it may be silent.

    Parameters
    ----------
    fit : OrderFit
        Of n partners; the first ``months`` of each are looked at.
    x : ndarray, shape (n, months, S)

    Returns
    -------
    log_density : ndarray, shape (n, S)
    died : ndarray, shape (m, S, months)
        Of the m partners with silent months: chance of the silence with an end in each month.
    lived : ndarray, shape (m, S)
        Chance of living through it.
    """
    months = x.shape[1]
    white = np.linalg.inv(np.linalg.cholesky(level_cov(months, fit.hyper.spread)))
    off = white @ (x - fit.mean[:, :months, None])
    target = -0.5 * np.einsum("nts,nts->ns", off, off)
    silent, seen = fit.silent[:, :months], fit.seen[:, :months]
    share = np.where(seen & ~silent, 1.0, 0.0)
    share[:, 0] *= 0.5
    rate = np.exp(x)
    target += np.einsum("nt,nts->ns", fit.counts[:, :months] * seen, x)
    target -= np.einsum("nt,nts->ns", share, rate)
    who = silent.any(axis=1)
    died, lived = ends(np.swapaxes(rate[who], 1, 2), silent[who, None], fit.hyper)
    target[who] += np.log(died.sum(axis=-1) + lived)
    return target, died, lived


def _m_step(fit: OrderFit, alive: Floats) -> OrderHyper:
    """The common parameters given the levels: regression, then spread, then ends."""
    hyper = _regress(fit)
    fit = replace(fit, hyper=hyper)
    hyper = replace(hyper, spread=_spread(fit))
    death, early = _deaths(fit, alive)
    return replace(hyper, death=death, early_death=early)


def _regress(fit: OrderFit) -> OrderHyper:
    """Generalised least squares for (m, β, γ, κ)."""
    months = fit.x.shape[1]
    white = np.linalg.inv(np.linalg.cholesky(level_cov(months, fit.hyper.spread)))
    known = np.arange(months) < fit.length[:, None]
    rest = fit.x - fit.common - fit.hyper.mean(months) + fit.hyper.coef[0]
    goal, level = (rest @ white.T)[known], np.broadcast_to(white.sum(axis=1), known.shape)
    design = (level[..., None] * fit.traits[:, None])[known]
    weight = fit.prior.coef_sd**-2.0
    pull = design.T @ goal + weight * fit.prior.coef
    return replace(fit.hyper, coef=np.linalg.solve(design.T @ design + np.diag(weight), pull))


def _spread(fit: OrderFit) -> Floats:
    """(s, a, w) given the levels' second moments about the mean."""
    months = fit.x.shape[1]
    off = fit.x - _means(fit.hyper, fit)
    # sums over the partners that have reached month t, for the t-th row of the whitening matrix
    moment, count = np.zeros((months, months, months)), np.zeros(months)
    for age in np.unique(fit.length):
        of_age = fit.length == age
        moment[age - 1] = off[of_age].T @ off[of_age] + fit.cov[of_age].sum(axis=0)
        count[age - 1] = of_age.sum()
    moment, count = (np.cumsum(sums[::-1], axis=0)[::-1] for sums in (moment, count))
    return fit_spread(moment, count, fit.prior, fit.hyper.spread)


def _deaths(fit: OrderFit, alive: Floats) -> tuple[float, float]:
    """(d, d_0) given the expected ends and exposures by month."""
    from scipy.optimize import minimize

    before = np.concatenate([np.ones((len(alive), 1)), alive[:, :-1]], axis=1)
    ended = ((before - alive) * fit.silent).sum(axis=0)[1:]
    exposed = (before * fit.seen).sum(axis=0)[1:]
    if not exposed.size:
        return fit.hyper.death, fit.hyper.early_death
    early = np.exp(-np.arange(float(exposed.size)))

    def loss(params: Floats) -> tuple[float, Floats]:
        both = np.exp(np.minimum(params, 0.0))
        each = both[:, None] * np.stack([np.ones_like(early), early])
        hazard = np.minimum(each.sum(axis=0), 0.99)
        told = ended @ np.log(hazard) + (exposed - ended) @ np.log1p(-hazard)
        slope = each @ ((hazard < 0.99) * (ended / hazard - (exposed - ended) / (1.0 - hazard)))
        off = (params - fit.prior.death) / fit.prior.death_sd
        return 0.5 * float(off @ off) - told, off / fit.prior.death_sd - (params < 0) * slope

    start = np.log([fit.hyper.death, fit.hyper.early_death])
    found = minimize(loss, start, jac=True, method="BFGS", options={"gtol": 1e-2, "maxiter": 20})
    d, d_early = np.exp(np.minimum(found.x, 0.0))
    return float(d), float(d_early)
