"""Batched Fisher scoring: every partner's ramp is fitted at once, by one linear solve a step.

A partner's unknowns are θ = (ln A, ln h, ln k, g) and the level ℓ_f … ℓ_{T-1}: the ceiling A,
time scale h and shape k of its growth curve, a drift g per month, and a random walk that starts
with ℓ_f = 0 in the month f of the first sale. Without the walk, real partners' sales leave any
fixed curve and the intervals come out far too narrow. Expected sales at tenure τ are

    ln μ_t = ln A + ln G(τ_t/h; k) + g τ_t + ℓ_t + c_t,   τ_t = t − f + ½,

where c_t is what a month does to all partners alike.

With Var = D μ the information is H = Σ w JJᵀ/(Dμ) + prior [1]. Its block of the levels is
tridiagonal, since a walk remembers one month only; so H is never formed but the levels are
eliminated first [2], which costs a partner of T months T operations instead of T³. The month
of the first sale holds at least one deal by definition, so it enters through the zero-truncated
law; otherwise every ramp would seem to start with a peak.

References
----------
[1] Lindstrom, M. J., Bates, D. M. (1990). Nonlinear mixed effects models for repeated measures
    data. Biometrics 46(3), 673-687.
[2] Rue, H., Held, L. (2005). Gaussian Markov Random Fields, section 2.4. Chapman & Hall.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.linalg.lapack import dgtsv, dpttrf, dpttrs

from techalign.numbers.arrays import Counts, Flags, Floats

__all__ = [
    "CURVE",
    "Belief",
    "Clock",
    "Curvature",
    "Ramps",
    "Sales",
    "curvature",
    "moments",
    "ramps_at",
    "scoring_step",
]

CURVE = 4
"""Number of curve parameters θ = (ln A, ln h, ln k, g)."""


@dataclass(frozen=True)
class Clock:
    """Months of N partners counted from the first sale.

    Parameters
    ----------
    first : ndarray of int, shape (N,)
        Column of the first sale.
    tenure : ndarray, shape (N, T)
        τ at the middle of each month; ½ up to the first sale.
    later : ndarray of bool, shape (N, T)
        Months after that of the first sale, in which the level wanders.
    common : ndarray, shape (T,)
        c, logarithm of what each month does to the sales of all.
    """

    first: Counts
    tenure: Floats
    later: Flags
    common: Floats

    @classmethod
    def of(cls, first: Counts, months: int) -> Clock:
        """Lay T ``months`` out for partners of these columns of the first sale."""
        passed = np.arange(months) - first[:, None]
        return cls(first, np.maximum(passed, 0) + 0.5, passed > 0, np.zeros(months))

    def rows(self, keep: Flags | Counts) -> Clock:
        """Give the partners that ``keep``, a mask or places, selects."""
        return Clock(self.first[keep], self.tenure[keep], self.later[keep], self.common)


@dataclass(frozen=True, kw_only=True)
class Sales:
    """What the likelihood sees of N active partners.

    Parameters
    ----------
    amount : ndarray, shape (N, T)
        Money per month, or orders times the partner's mean order where orders are known.
    weight : ndarray, shape (N, T)
        Probability that the month is one in which the partner was alive, 0 to 1.
    clock : Clock
    dispersion : ndarray, shape (N,)
        D in Var = D μ, money.
    deal_factor : float
        1 + c² with c the coefficient of variation of one order; 1 of orders known or imputed.
    """

    amount: Floats
    weight: Floats
    clock: Clock
    dispersion: Floats
    deal_factor: float

    def deal_rate(self, log_mu: Floats) -> Floats:
        """Expected orders per month, shape (N, T): (1 + c²) μ / D."""
        return np.exp(log_mu) * (self.deal_factor / self.dispersion[:, None])


@dataclass(frozen=True, kw_only=True)
class Ramps:
    """Values of the unknowns of N partners, and the sales they let expect.

    Parameters
    ----------
    theta : ndarray, shape (N, 4)
        (ln A, ln h, ln k, g).
    level : ndarray, shape (N, T)
        ℓ, 0 up to the first sale.
    log_mu : ndarray, shape (N, T)
        Log expected sales; meaningless before the first sale, where the weights are zero.
    slopes : ndarray, shape (N, 4, T)
        Its derivatives by the curve parameters; that by the level is 1.
    """

    theta: Floats
    level: Floats
    log_mu: Floats
    slopes: Floats

    def rows(self, keep: Flags | Counts) -> Ramps:
        """Give the partners that ``keep``, a mask or places, selects."""
        return Ramps(
            theta=self.theta[keep],
            level=self.level[keep],
            log_mu=self.log_mu[keep],
            slopes=self.slopes[keep],
        )


@dataclass(frozen=True)
class Belief:
    """Prior of the unknowns.

    Parameters
    ----------
    mean : ndarray, shape (N, 4)
        Prior means of the curve parameters.
    precision : ndarray, shape (4, 4) or (N, 4, 4)
        Their precision, shared or each partner's own.
    walk_sd : float
        Standard deviation s of a month's step of the level. Steps have mean -s²/2, so that the
        level neither gains nor loses in expectation.
    """

    mean: Floats
    precision: Floats
    walk_sd: float

    def rows(self, keep: Flags | Counts) -> Belief:
        """Give what is believed of the partners that ``keep``, a mask or places, selects."""
        own = self.precision.ndim == 3
        return Belief(
            self.mean[keep], self.precision[keep] if own else self.precision, self.walk_sd
        )

    def surprise(self, level: Floats, later: Flags) -> Floats:
        """Steps of levels, shape (N, T), less their mean; 0 up to the first sale."""
        off = level + 0.5 * self.walk_sd**2
        off[:, 1:] -= level[:, :-1]
        return off * later


@dataclass(frozen=True, kw_only=True)
class Curvature:
    """Posterior precision of every partner's unknowns, factored.

    Parameters
    ----------
    theta_cov : ndarray, shape (N, 4, 4)
        Covariance of the curve parameters, whatever the level.
    follow : ndarray, shape (N, 4, T)
        How far the level's mode given θ moves with each curve parameter.
    pivot, link : ndarray, shape (N, T)
        The level's precision given θ is L diag(pivot) Lᵀ, and L[t + 1, t] = ``link[t]``. An
        infinite pivot holds the level at zero up to the first sale.
    """

    theta_cov: Floats
    follow: Floats
    pivot: Floats
    link: Floats

    def rows(self, keep: Flags | Counts) -> Curvature:
        """Give the partners that ``keep``, a mask or places, selects."""
        return Curvature(
            theta_cov=self.theta_cov[keep],
            follow=self.follow[keep],
            pivot=self.pivot[keep],
            link=self.link[keep],
        )

    def solve(self, theta: Floats, level: Floats) -> tuple[Floats, Floats]:
        """Apply the covariance to a gradient by θ, shape (N, 4), and by level, (N, T)."""
        net = theta + (self.follow @ level[..., None])[..., 0]
        theta = (self.theta_cov @ net[..., None])[..., 0]
        alone, _ = dpttrs(self.pivot.ravel(), _links(self.link), level.ravel())
        return theta, alone.reshape(level.shape) + (theta[:, None] @ self.follow)[:, 0]

    def step_variance(self) -> Floats:
        """Posterior variance of the level's steps, shape (N, T); 0 up to the first sale."""
        # of the inverse of L D Lᵀ only the diagonal is needed: v_t = 1/d_t + l_t² v_{t+1}
        inverse, link = 1.0 / self.pivot, self.link
        above = -(_links(link) ** 2)
        below, diagonal = np.zeros_like(above), np.ones(link.size)
        *_, variance, _ = dgtsv(below, diagonal, above, inverse.ravel())
        variance = variance.reshape(link.shape)
        variance[:, 1:] *= (1.0 + link[:, :-1]) ** 2
        variance[:, 1:] += inverse[:, :-1]
        slope = self.follow.copy()
        slope[..., 1:] -= self.follow[..., :-1]
        result: Floats = variance + ((self.theta_cov @ slope) * slope).sum(axis=1)
        return result


def weibull_log_curve(tenure: Floats, log_h: Floats, log_k: Floats) -> Floats:
    """Logarithm of G(tenure/h; k), the share of its ceiling that a ramp has reached.

    G(x; k) = 1 - exp(-x^k) starts at zero, is concave for k <= 1 (sales jump, then creep up) and
    S-shaped for k > 1.

    Parameters
    ----------
    tenure : ndarray, shape (..., T)
        Months since the first sale, positive.
    log_h, log_k : ndarray, broadcastable to (..., T)
        Logarithms of the time scale in months and of the shape.

    Returns
    -------
    ndarray, shape (..., T)
    """
    # in place, since forecasts call this with a million cells
    curve = _power(tenure, log_h, log_k)
    np.negative(curve, out=curve)
    np.expm1(curve, out=curve)
    np.negative(curve, out=curve)
    return np.log(curve, out=curve)


def weibull_slopes(tenure: Floats, log_h: Floats, log_k: Floats) -> tuple[Floats, Floats, Floats]:
    """:func:`weibull_log_curve` and its derivatives by ``log_h`` and ``log_k``.

    Parameters
    ----------
    tenure, log_h, log_k
        As there.

    Returns
    -------
    log_curve, by_log_h, by_log_k : ndarray, shape (..., T)
    """
    power = _power(tenure, log_h, log_k)
    reached = -np.expm1(-power)
    by_log_x = np.exp(log_k) * power * (1.0 - reached) / reached
    return np.log(reached), -by_log_x, (np.log(tenure) - log_h) * by_log_x


def _power(tenure: Floats, log_h: Floats, log_k: Floats) -> Floats:
    """(tenure/h)^k, kept where neither end of the curve over- or underflows."""
    power = np.log(tenure) - log_h
    power *= np.exp(log_k)
    np.maximum(power, -40.0, out=power)
    np.minimum(power, 4.0, out=power)
    return np.exp(power, out=power)


def ramps_at(theta: Floats, level: Floats, clock: Clock) -> Ramps:
    """Work out the expected sales at values of the unknowns.

    Parameters
    ----------
    theta : ndarray, shape (N, 4)
    level : ndarray, shape (N, T)
    clock : Clock

    Returns
    -------
    Ramps
    """
    tenure = clock.tenure
    log_mu, by_log_h, by_log_k = weibull_slopes(tenure, theta[:, 1:2], theta[:, 2:3])
    slopes = np.empty((len(theta), CURVE, tenure.shape[1]))
    slopes[:, 0], slopes[:, 1], slopes[:, 2], slopes[:, 3] = 1.0, by_log_h, by_log_k, tenure
    log_mu += theta[:, :1]
    log_mu += theta[:, 3:] * tenure
    log_mu += level
    log_mu += clock.common
    return Ramps(theta=theta, level=level, log_mu=log_mu, slopes=slopes)


def scoring_step(ramps: Ramps, sales: Sales, belief: Belief, halvings: int = 6) -> Ramps:
    """Take one Fisher-scoring step for every partner, halved where it would not improve.

    Parameters
    ----------
    ramps : Ramps
        Current values for N partners.
    sales : Sales
    belief : Belief
    halvings : int
        Times a step may be halved before a partner stays where it is.

    Returns
    -------
    Ramps
    """
    theta, level = _full_step(ramps, sales, belief)
    farthest = np.maximum(
        np.abs(theta).max(axis=1), np.abs(level[:, 1:] - level[:, :-1]).max(axis=1, initial=0.0)
    )
    size = np.minimum(1.0, 3.0 / np.maximum(farthest, 1e-12))[:, None]
    before = _objective(ramps, sales, belief) - 1e-9
    for last in range(halvings + 1, -1, -1):
        moved = ramps_at(ramps.theta + size * theta, ramps.level + size * level, sales.clock)
        worse = _objective(moved, sales, belief) < before
        if not worse.any():
            break
        size[worse] *= 0.5 if last > 1 else 0.0
    return moved


def curvature(ramps: Ramps, sales: Sales, belief: Belief) -> Curvature:
    """Posterior precision of every partner's unknowns, at given values of them."""
    return _factored(ramps.slopes, sales.weight * moments(sales, ramps.log_mu)[1], sales, belief)


def _full_step(ramps: Ramps, sales: Sales, belief: Belief) -> tuple[Floats, Floats]:
    expected, info = moments(sales, ramps.log_mu)
    by_level = sales.weight * (sales.amount - expected) / sales.dispersion[:, None]
    by_theta = (ramps.slopes @ by_level[..., None])[..., 0]
    by_theta -= _times(ramps.theta - belief.mean, belief.precision)
    pull = belief.surprise(ramps.level, sales.clock.later) / belief.walk_sd**2
    by_level -= pull
    by_level[:, :-1] += pull[:, 1:]
    return _factored(ramps.slopes, sales.weight * info, sales, belief).solve(by_theta, by_level)


def _factored(slopes: Floats, weight: Floats, sales: Sales, belief: Belief) -> Curvature:
    """Eliminate the levels from Σ w JJᵀ + prior, all partners chained into one band matrix."""
    later, shape, tie = sales.clock.later, weight.shape, belief.walk_sd**-2
    diagonal = np.where(later, weight + 2.0 * tie, np.inf)
    diagonal[:, -1] -= tie
    link: Floats = np.where(later, -tie, 0.0)
    link[:, -1] = 0.0
    pivot, found, _ = dpttrf(diagonal.ravel(), _links(link))
    link.ravel()[: found.size] = found
    weighted = slopes * weight[:, None]
    right = np.swapaxes(weighted, 0, 1).reshape(CURVE, -1)
    absorbed, _ = dpttrs(pivot, found, right.T)
    follow = -np.swapaxes(absorbed.T.reshape(CURVE, *shape), 0, 1)
    precision = (slopes + follow) @ np.swapaxes(weighted, 1, 2) + belief.precision
    return Curvature(
        theta_cov=np.linalg.inv(precision).astype(float),
        follow=follow,
        pivot=pivot.reshape(shape),
        link=link,
    )


def _links(link: Floats) -> Floats:
    """Lay links in a row as LAPACK takes them: one fewer than pivots, but never none."""
    return link.ravel()[: max(link.size - 1, 1)]


def moments(sales: Sales, log_mu: Floats) -> tuple[Floats, Floats]:
    """Expected amount and information about ln μ, both shape (N, T)."""
    expected = np.exp(_bounded(log_mu))
    info = expected / sales.dispersion[:, None]
    start = np.arange(len(expected)), sales.clock.first
    rate = np.maximum(sales.deal_factor * info[start], 1e-9)
    truncated = rate / -np.expm1(-rate)
    expected[start] *= truncated / rate
    info[start] = np.maximum(truncated * (1.0 + rate - truncated) / sales.deal_factor, 0.0)
    return expected, info


def _objective(ramps: Ramps, sales: Sales, belief: Belief) -> Floats:
    """Penalised quasi-log-likelihood, shape (N,)."""
    log_mu = _bounded(ramps.log_mu)
    scaled = np.exp(log_mu) / sales.dispersion[:, None]
    start = np.arange(len(scaled)), sales.clock.first
    rate = np.maximum(sales.deal_factor * scaled[start], 1e-9)
    # ln(e^λ - 1) written so that it neither overflows nor cancels
    scaled[start] = (rate + np.log(-np.expm1(-rate))) / sales.deal_factor
    terms = sales.amount * log_mu / sales.dispersion[:, None] - scaled
    off = ramps.theta - belief.mean
    surprise = belief.surprise(ramps.level, sales.clock.later) / belief.walk_sd
    value: Floats = (sales.weight * terms - 0.5 * surprise**2).sum(axis=1)
    value -= 0.5 * (_times(off, belief.precision) * off).sum(axis=1)
    return value


def _times(off: Floats, precision: Floats) -> Floats:
    """Multiply each row, shape (N, 4), by a precision that is shared or the row's own."""
    result: Floats = (off[:, None] @ precision)[:, 0]
    return result


def _bounded(log_mu: Floats) -> Floats:
    return np.minimum(np.maximum(log_mu, -40.0), 40.0)
