"""The revenue ramp of every partner, pooled so that three months of data are of use.

Each partner's curve is drawn from a population, θ_i = (ln A, ln h, ln k, g) ~ N(B z_i, Σ) with
z = (1, strategic). Population and partners are fitted together by EM with Laplace
approximations [1]; a prior on the population keeps the fit proper with three partners, and is
the whole answer with none. Expected sales, the random walk of the level and the first-sale
truncation are described in :mod:`techalign.partners.fisher_scoring`.

Zeros follow from the compound Poisson-gamma law: orders n ~ Poisson(λ), λ = (1 + c²) μ/D, order
size with coefficient of variation c, so that Var = Dμ and P(0) = e^{-λ}. D is the partner's own
and drawn towards φ A^β. Of a hundred partners and more the orders behind the money are imputed in
each iteration and read in its place, which is nearer to that law than its first two moments. Churn
is a monthly hazard δ, and of a hundred partners and more beginners end more often, by δ₀ e^{-(t-1)}
in the t-th month after that of the first sale; months of silence count only with the probability
that the partner still lived (:mod:`techalign.partners.churn`). So many also show what a month does
to all of them (:mod:`techalign.partners.common_months`).

Months in which the records failed are left out first, so that a gap in the files is not read as a
collapse. Twenty partners that sell, all fall silent in one month and sell again the next, did not
agree to do so; read as sales, such a month makes every level seem to jump and every interval too
wide. The same holds for a closed border: a shock that has passed says nothing of one partner.

References
----------
[1] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., chapters 5 and 13. CRC Press.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from techalign.numbers.arrays import Counts, Flags, Floats
from techalign.partners.churn import alive_weights
from techalign.partners.fisher_scoring import CURVE
from techalign.partners.imputed_orders import imputed_orders
from techalign.partners.order_draws import draw_sellers
from techalign.partners.orders import OrderFit, fit_orders
from techalign.partners.panel import PartnerPanel, stacked
from techalign.partners.population import (
    Population,
    RampHyper,
    design,
    fit_population,
    mean_since_first,
)
from techalign.partners.priors import RampPrior
from techalign.partners.ramp_draws import draw_ramps, draw_shared
from techalign.partners.scores import crps_sample

__all__ = ["RampFit", "fit_ramp", "use_of_orders"]

FEWEST = 100
"""Partners that have sold from which on orders are read: the order model learns no rise with age,
so that with a few dozen partners of several years the ramp alone came nearer."""
_JUDGES, _FUTURES, _HELD = 150, 100, 6
"""Partners, futures of each and last months, at most, by which the use of orders is judged."""
_STEPS = 10
"""EM iterations of a ramp that is judged."""
_LEAD = 1.06
"""How much better a ramp by orders must do than one by money: where orders come by chance alone it
gains a few percent, where they come in bursts it loses many."""


@dataclass(frozen=True, kw_only=True)
class RampFit:
    """Every partner's ramp with its uncertainty.

    Parameters
    ----------
    theta : ndarray, shape (N, 4)
        (ln A, ln h, ln k, g); the population's mean for partners yet to sell.
    level : ndarray, shape (N,)
        Where the random walk has taken ln μ by the last month; 0 for partners yet to sell.
    cov : ndarray, shape (N, 5, 5)
        Posterior covariance of (theta, level).
    dispersion : ndarray, shape (N,)
        D in Var = D μ, money.
    tenure : ndarray, shape (N,)
        Months since the first sale, its own month counting as 0; -1 for partners yet to sell.
    alive : ndarray, shape (N,)
        P(alive) at the end of the data; 0 for ended agreements, 1 for partners yet to sell.
    panel : PartnerPanel
        What was fitted.
    members : Population
        All unknowns of the n partners that have sold, in the order of the panel.
    hyper : RampHyper
    prior : RampPrior
        What was believed beforehand.
    orders : OrderFit or None
        The order model of the same partners that have sold, where there are a hundred or more
        and it would have told more of the last months: half of the futures are then its own.
    notes : tuple of str
        What the fit fell back to, in sentences for the reader.

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> sold = np.array([[0.0, 500.0, 700.0], [0.0, 0.0, 0.0]])
    >>> panel = panel_of(sold, np.array([0, 1]))
    >>> fit = fit_ramp(panel)
    >>> fit.tenure.tolist(), fit.alive.tolist()
    ([1, -1], [1.0, 1.0])
    >>> fit.notes[-1]
    'Only 1 partner has sold: what is assumed weighs heavily.'
    """

    theta: Floats
    level: Floats
    cov: Floats
    dispersion: Floats
    tenure: Counts
    alive: Floats
    panel: PartnerPanel
    members: Population
    hyper: RampHyper
    prior: RampPrior
    orders: OrderFit | None = None
    notes: tuple[str, ...] = ()


def fit_ramp(
    panel: PartnerPanel,
    prior: RampPrior | None = None,
    teachers: PartnerPanel | None = None,
    *,
    iterations: int | None = None,
) -> RampFit:
    """Fit all ramps at once.

    Parameters
    ----------
    panel : PartnerPanel
        N partners, T months. Partners yet to sell get the population's ramp.
    prior : RampPrior, optional
        Belief about the population. Unless given, the documented defaults, in any currency.
    teachers : PartnerPanel, optional
        Mature vintages of the same client, or of a stated benchmark in the same currency; the
        population is learnt from them and from ``panel`` together.
    iterations : int, optional
        EM iterations, 1 or more, as for :func:`fit_population` unless given.

    Returns
    -------
    RampFit

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> rng = np.random.default_rng(1)
    >>> sold = rng.gamma(4.0, 250.0, (6, 18))
    >>> sold[5, 12:] = 0.0  # the last has been silent for half a year
    >>> fit = fit_ramp(panel_of(sold, np.zeros(6, dtype=int)))
    >>> fit.theta.shape, fit.notes
    ((6, 4), ())
    >>> print(fit.alive.round(2))
    [1. 1. 1. 1. 1. 0.]
    """
    bad = outage_months(panel)
    panel = without_outages(panel)
    taught = panel if teachers is None else stacked(without_outages(teachers), panel)
    stated = prior or RampPrior(any_currency=True)
    belief = _in_currency(stated, taught)
    way = use_of_orders(taught, stated)
    money = replace(taught, deals=None)
    fit = fit_population(taught if way == "counts" else money, belief, iterations)
    notes = _notes(panel, taught, int(bad.sum()))
    keep = np.arange(len(taught.partner)) >= len(taught.partner) - len(panel.partner)
    ramp = _assemble(taught.select(keep), fit.rows(keep[taught.active]), belief, notes)
    if way not in ("orders", "imputed"):
        return ramp
    whole = with_orders(taught if way == "orders" else money, fit)
    return _with_orders(ramp, whole, keep[taught.active])


def with_orders(panel: PartnerPanel, members: Population) -> PartnerPanel:
    """The panel with whole orders, as its ramps impute them where they are not known.

    Parameters
    ----------
    panel : PartnerPanel
    members : Population
        Fitted to the money of its partners that have sold.

    Returns
    -------
    PartnerPanel
        The same panel where orders are known.
    """
    if panel.deals is not None:
        return panel
    sold = panel.select(panel.active)
    found = imputed_orders(members.ramps, members.sales, sold, members.hyper.deal_cv2)
    deals = np.zeros_like(panel.revenue)
    deals[panel.active] = np.where(sold.revenue > 0, np.maximum(np.rint(found), 1.0), 0.0)
    return replace(panel, deals=deals)


def _with_orders(ramp: RampFit, taught: PartnerPanel, keep: Flags) -> RampFit:
    common = ramp.members.sales.clock.common
    orders = fit_orders(taught, ramp.prior.orders, common=common).rows(keep)
    alive = ramp.alive.copy()
    lives = ramp.panel.active & ~ramp.panel.ended
    alive[lives] = (alive[lives] + orders.alive()[~ramp.panel.ended[ramp.panel.active]]) / 2.0
    return replace(ramp, orders=orders, alive=alive)


def use_of_orders(panel: PartnerPanel, prior: RampPrior) -> str:
    """Whether a ramp should read orders rather than money, or the order model take half.

    All ways are fitted to what was known some months ago, of 150 partners at most, and scored on
    the months since, on logarithms, so that no large partner decides. Where partners still grow,
    the order model, which knows no growth with age, is left out. It also reads orders that a ramp
    by money imputes: where none are known, and where those known come in bursts.

    Parameters
    ----------
    panel : PartnerPanel
    prior : RampPrior

    Returns
    -------
    str
        ``money``: a ramp by money alone. ``counts``: one by orders. ``orders`` or ``imputed``: a
        ramp by money, and half by the order model, of a hundred partners or more; so, too, where
        too few months are on record to tell. Of fewer partners only money is read: one order and
        then four of a beginner were taken for a ramp that quadruples, and nothing is left to judge
        by; in groups of 1 to 80 money came nearer on simulated partners and on a marketplace.
    """
    if panel.active.sum() < FEWEST:
        return "money"
    months = panel.revenue.shape[1]
    ahead = min(_HELD, months // 2)
    # teachers may bear the same names
    panel = replace(panel, partner=np.arange(len(panel.partner)).astype(np.str_))
    known = panel.as_of(max(months - ahead, 1))
    known = known.select(known.active & ~known.ended)
    if not ahead or len(known.partner) < FEWEST // 2:
        return "imputed" if panel.deals is None else "orders"
    apart = max(len(known.partner) // _JUDGES, 1)
    known = known.select(np.arange(len(known.partner)) % apart == 0)
    later = panel.revenue[np.isin(panel.partner, known.partner), months - ahead :].sum(axis=1)
    told = _told(known, _in_currency(prior, known), ahead)
    unit = np.median(later[later > 0]) if (later > 0).any() else 1.0
    actual = np.log1p(later / unit)
    score = {
        way: float(crps_sample(np.log1p(draws / unit), actual).mean())
        for way, draws in told.items()
    }
    best = min(score.keys() - {"counts"}, key=lambda way: score[way])
    # money is what is foretold: a ramp reads orders only where that is clearly better
    counts = best == "money" and score.get("counts", np.inf) * _LEAD < score["money"]
    return "counts" if counts else best


def _told(known: PartnerPanel, prior: RampPrior, ahead: int) -> dict[str, Floats]:
    """Totals of the months ``ahead`` by each way to use orders, shape (S, n)."""
    money = replace(known, deals=None)
    told, fits = {}, {}
    for way, read in {"money": money, "counts": known}.items():
        if way == "counts" and known.deals is None:
            continue
        # the same noise for both, which then cancels
        rng = np.random.default_rng(21)
        fits[way] = fit_population(read, prior, _STEPS)
        shared = draw_shared(fits[way].hyper, ahead, _FUTURES, rng)
        told[way] = np.empty((_FUTURES, len(known.partner)))
        for rows, sales in draw_ramps(fits[way], shared, ahead, rng):
            told[way][:, rows] = sales.sum(axis=1).T
    for way, read in {"imputed": money, "orders": known}.items():
        if way == "orders" and known.deals is None:
            continue
        by_money = fits["money"]
        common = by_money.sales.clock.common
        orders = fit_orders(with_orders(read, by_money), prior.orders, 4, common)
        rng = np.random.default_rng(20)
        months = draw_shared(by_money.hyper, ahead, _FUTURES // 2, rng).months
        drawn = draw_sellers(orders, ahead, _FUTURES // 2, rng, months)
        told[way] = told["money"].copy()
        told[way][::2] = drawn.sum(axis=1).T
    return told


def _in_currency(prior: RampPrior, panel: PartnerPanel) -> RampPrior:
    """Move the ceiling to the median of the partners' mean sales, where that is asked for."""
    if not prior.any_currency or not panel.active.any():
        return prior
    mean = prior.mean.copy()
    mean[0, 0] = np.log(np.median(mean_since_first(panel.select(panel.active))))
    return replace(prior, mean=mean)


def _notes(panel: PartnerPanel, taught: PartnerPanel, outages: int) -> tuple[str, ...]:
    if not taught.active.any():
        return (
            "No partner has sold yet: what one brings, and how fast, is a stated assumption for "
            "any firm and any currency, not a fit.",
        )
    notes = []
    if outages:
        notes.append(f"{outages} months without sales of nearly all partners were left out.")
    if taught is panel and panel.revenue.shape[1] <= 6:
        notes.append(
            "No partner is older than six months, and there are no mature ones to learn from: what "
            "they grow to rests on assumptions."
        )
    if (sold := int(taught.active.sum())) < 5:
        who = "1 partner has" if sold == 1 else f"{sold} partners have"
        notes.append(f"Only {who} sold: what is assumed weighs heavily.")
    return tuple(notes)


def _assemble(
    panel: PartnerPanel, fit: Population, prior: RampPrior, notes: tuple[str, ...]
) -> RampFit:
    count, months = panel.revenue.shape
    hyper, active = fit.hyper, panel.active
    theta = design(panel) @ hyper.coef
    cov = np.zeros((count, CURVE + 1, CURVE + 1))
    cov[:, :CURVE, :CURVE] = hyper.sigma
    level = np.zeros(count)
    alive = np.where(panel.ended, 0.0, 1.0)
    dispersion = hyper.dispersion(theta[:, 0]) * fit.money_factor
    if active.any():
        theta[active], level[active], cov[active] = fit.curves()
        dispersion[active] = fit.sales.dispersion * fit.money_factor
        alive[active] *= alive_weights(fit.deal_rate(), fit.silent, fit.hazard())[:, -1]
    tenure = np.where(active, months - 1 - panel.first_sale, -1)
    return RampFit(
        theta=theta,
        level=level,
        cov=cov,
        dispersion=dispersion,
        tenure=tenure,
        alive=alive,
        panel=panel,
        members=fit,
        hyper=hyper,
        prior=prior,
        notes=notes,
    )


# Months in which the records failed.


def outage_months(panel: PartnerPanel, chance: float = 1e-6) -> Flags:
    """Find months in which far fewer partners sold than the months around would lead to expect.

    A month is one if, among partners that had sold before it and sell again after it, the
    number that sold has less than ``chance`` under the binomial law with the share of the other
    months, and is below a fifth of what that share predicts. Fewer than ten such
    partners cannot show an outage, and the last months are never one: nothing follows to show
    that sales came back.

    Parameters
    ----------
    panel : PartnerPanel
        N partners, T months.
    chance : float
        Largest probability at which a month is dismissed.

    Returns
    -------
    ndarray of bool, shape (T,)
    """
    from scipy.special import bdtr

    sold = panel.revenue > 0
    before = np.cumsum(sold, axis=1) - sold > 0
    after = np.cumsum(sold[:, ::-1], axis=1)[:, ::-1] - sold > 0
    exposed = before & after & panel.mask
    sellers, partners = (sold & exposed).sum(axis=0), exposed.sum(axis=0)
    share = sellers.sum() / max(partners.sum(), 1)
    # the suspect months are left out of the share they are judged by
    normal = sellers >= 0.2 * share * partners
    share = sellers[normal].sum() / max(partners[normal].sum(), 1)
    rare = bdtr(sellers.astype(float), partners, share) < chance
    found: Flags = rare & (sellers < 0.2 * share * partners)
    found &= partners >= 10
    return found


def without_outages(panel: PartnerPanel) -> PartnerPanel:
    """Mask the months that :func:`outage_months` finds; what little they hold is set to zero.

    Parameters
    ----------
    panel : PartnerPanel

    Returns
    -------
    PartnerPanel
        The same panel if there are none.
    """
    bad = outage_months(panel)
    # a first sale is never dropped: the tenure clock hangs on it
    keep = ~bad | (np.arange(bad.size) == panel.first_sale[:, None])
    if not bad.any():
        return panel
    deals = None if panel.deals is None else np.where(keep, panel.deals, 0.0)
    return replace(
        panel, mask=panel.mask & keep, revenue=np.where(keep, panel.revenue, 0.0), deals=deals
    )
