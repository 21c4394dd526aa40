"""When a signed partner makes its first sale, and whether it ever will.

Kept apart from the ramp: a one-stage fit takes the long zeros before the first sale for low
sales and then over-forecasts those who start, and takes silence for patience in those who
never will. On the contract clock u, a share π never sells; the others wait for a time with
survival S(u) = exp(-((u - c)/a)^b) beyond one sales cycle c, a mixture cure model [1]: nobody
sells before a first customer has been led from interest to order. Months in which the client has
nothing but signatures are right-censored observations, not failures.

References
----------
[1] Farewell, V. T. (1982). The use of mixture models for the analysis of survival data with
    long-term survivors. Biometrics 38(4), 1041-1046.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats
from techalign.numbers.intervals import Interval
from techalign.partners.assumptions import ActivationPrior
from techalign.partners.panel import PartnerPanel

__all__ = ["Activation", "Waits", "fit_activation", "fit_waits", "waits_of"]


@dataclass(frozen=True)
class Waits:
    """Waits for the first sale on the contract clock.

    Parameters
    ----------
    low, high : ndarray, shape (N,)
        The first sale came in (low, high], months since signing; ``high`` is infinite for
        partners yet to sell at ``low``.
    strategic : ndarray of bool, shape (N,)
    cycle : ndarray, shape (N,), or None
        One sales cycle, months; None where none is stated. A partner that sold sooner has shown
        that its cycle is shorter, and is taken at its word.

    Examples
    --------
    One partner sold in its third month, another has not sold in eight.

    >>> waits = Waits(np.array([2.0, 8.0]), np.array([3.0, np.inf]), np.array([False, False]))
    >>> np.isfinite(waits.high).tolist()
    [True, False]
    """

    low: Floats
    high: Floats
    strategic: Flags
    cycle: Floats | None = None

    def beyond_cycle(self) -> Waits:
        """The same waits counted from the end of each partner's sales cycle."""
        if self.cycle is None:
            return self
        sold = np.isfinite(self.high)
        cycle = np.where(sold, np.minimum(self.cycle, self.low), self.cycle)
        return Waits(np.maximum(self.low - cycle, 0.0), self.high - cycle, self.strategic)

    @property
    def sooner(self) -> int:
        """How many sold in full before the end of their stated cycle."""
        return 0 if self.cycle is None else int((self.high <= self.cycle).sum())


@dataclass(frozen=True, kw_only=True)
class Activation:
    """The fitted cure model.

    Parameters
    ----------
    pi : float
        Share that never sells.
    a_months : float
        Time scale of a volume partner's wait, months.
    b : float
        Weibull shape.
    strategic : float
        How many times longer strategic partners take.
    mode : ndarray, shape (4,)
        (logit π, ln a, ln of the strategic factor, ln b).
    cov : ndarray, shape (4, 4)
        Posterior covariance of ``mode`` (Laplace).
    log_likelihood : float
        At the mode.
    signed, sold : int
        Partners the fit rests on, and how many of them have sold.
    notes : tuple of str
        What the fit fell back to.

    Examples
    --------
    >>> waits = Waits(
    ...     low=np.array([2.0, 3.0, 5.0, 20.0]), high=np.array([3.0, 4.0, 6.0, np.inf]),
    ...     strategic=np.zeros(4, dtype=bool))
    >>> fit = fit_waits(waits)
    >>> fit.sold, fit.signed
    (3, 4)
    >>> print(fit.p_activate([0.0, 20.0], 12.0).round(2))  # just signed, silent for 20 months
    [0.66 0.  ]
    """

    pi: float
    a_months: float
    b: float
    strategic: float
    mode: Floats
    cov: Floats
    log_likelihood: float
    signed: int
    sold: int
    notes: tuple[str, ...] = field(default=())

    def p_activate(
        self, u: ArrayLike, h: ArrayLike, strategic: ArrayLike = False, cycle: ArrayLike = 0.0
    ) -> Floats:
        """P(first sale in (u, u + h] | none by u).

        Parameters
        ----------
        u : array_like
            Months since signing.
        h : array_like
            Months ahead; may be infinite.
        strategic : array_like of bool
        cycle : array_like
            One sales cycle, months: nothing is sold before it is over.

        Returns
        -------
        ndarray
            Broadcast shape of the four; probability.
        """
        return _p_activate(self.mode, *_beyond(u, h, strategic, cycle))

    def p_activate_band(
        self,
        u: ArrayLike,
        h: ArrayLike,
        strategic: ArrayLike = False,
        cycle: ArrayLike = 0.0,
        *,
        rng: np.random.Generator,
        draws: int = 2000,
        level: float = 0.8,
    ) -> tuple[Floats, Floats]:
        """Ends of the intervals that the parameters' uncertainty gives :meth:`p_activate`."""
        places = _beyond(u, h, strategic, cycle)
        sample = np.reshape(self.draw(draws, rng).T, (4, draws, *[1] * places[0].ndim))
        p = _p_activate(sample, *places)
        low, high = np.quantile(p, [0.5 - level / 2, 0.5 + level / 2], axis=0, method="nearest")
        return low, high

    def share_active(
        self, u: ArrayLike, strategic: ArrayLike = False, cycle: ArrayLike = 0.0
    ) -> Floats:
        """Share of signed partners that have sold within ``u`` months, shape of ``u``."""
        return self.p_activate(np.zeros_like(np.asarray(u, dtype=float)), u, strategic, cycle)

    def intervals(self, level: float = 0.8) -> dict[str, Interval]:
        """Intervals of ``pi``, ``a_months``, ``strategic`` and ``b`` on their natural scales.

        Parameters
        ----------
        level : float
            Probability inside each, 0 to 1.

        Returns
        -------
        dict of str to Interval
        """
        from scipy.special import ndtri

        half = float(ndtri(0.5 + level / 2)) * np.sqrt(np.diag(self.cov))
        low, high = _natural(self.mode - half), _natural(self.mode + half)
        mid = (self.pi, self.a_months, self.strategic, self.b)
        names = ("pi", "a_months", "strategic", "b")
        return {
            name: Interval(mid[i], float(low[i]), float(high[i]), level)
            for i, name in enumerate(names)
        }

    def draw(self, draws: int, rng: np.random.Generator) -> Floats:
        """Draw the parameters from their Laplace approximation, shape (draws, 4)."""
        root = np.linalg.cholesky(self.cov + 1e-12 * np.eye(4))
        sample: Floats = self.mode + rng.standard_normal((draws, 4)) @ root.T
        return sample

    def draw_start(
        self,
        age: ArrayLike,
        strategic: ArrayLike,
        horizon_months: int,
        draws: int,
        rng: np.random.Generator,
        cycle: ArrayLike = 0.0,
    ) -> Floats:
        """Draw in which of the coming months each silent partner first sells.

        Parameters
        ----------
        age : array_like, shape (n,)
            Months since signing, without a sale.
        strategic : array_like of bool, shape (n,)
        horizon_months : int
        draws : int
            S.
        rng : numpy.random.Generator
        cycle : array_like, shape (n,)
            One sales cycle, months.

        Returns
        -------
        ndarray, shape (S, n)
            0 for the first coming month; infinite for no sale within the horizon.
        """
        ages = np.asarray(age, dtype=float)
        ahead = np.arange(1.0, horizon_months + 1)[:, None, None]
        params = self.draw(draws, rng).T[..., None]
        # many that were signed alike share their chances
        alike = np.stack(np.broadcast_arrays(ages, np.asarray(strategic, dtype=float), cycle))
        kinds, kind = np.unique(alike, axis=1, return_inverse=True)
        by = _p_activate(params, *_beyond(kinds[0], ahead, kinds[1] > 0, kinds[2]))
        waited = (rng.random((draws, ages.size)) > by[..., kind.ravel()]).sum(axis=0).astype(float)
        return np.where(waited < horizon_months, waited, np.inf)


def waits_of(panel: PartnerPanel) -> Waits:
    """Read the waits for the first sale off a panel.

    Partners whose agreement began before the records did may have sold earlier: their first
    recorded sale says only that the wait was no longer.

    Parameters
    ----------
    panel : PartnerPanel

    Returns
    -------
    Waits
        In months; a first sale in the month of signing lies in (0, 1].

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> sold = np.array([[0.0, 0.0, 5.0, 1.0], [0.0, 0.0, 0.0, 0.0]])
    >>> waits = waits_of(panel_of(sold, np.array([1, 2])))
    >>> waits.low.tolist(), waits.high.tolist()
    ([1.0, 2.0], [2.0, inf])
    """
    start = panel.contract_month
    seen = panel.mask.sum(axis=1) + np.maximum(-start, 0)
    wait = (panel.first_sale - start).astype(float)
    low = np.where(panel.active, np.where(start < 0, 0.0, wait), seen)
    high = np.where(panel.active, wait + 1.0, np.inf)
    return Waits(low, high, panel.strategic, panel.cycle_months)


def fit_activation(panel: PartnerPanel, prior: ActivationPrior | None = None) -> Activation:
    """Fit the cure model to the first sales in a panel.

    Parameters
    ----------
    panel : PartnerPanel
    prior : ActivationPrior, optional
        The documented defaults unless given.

    Returns
    -------
    Activation
        The prior itself, with a note, for a panel without partners.

    Examples
    --------
    >>> from techalign.partners import panel_of
    >>> sold = np.array([[0.0, 0.0, 5.0, 1.0], [0.0, 0.0, 0.0, 0.0], [0.0, 2.0, 0.0, 0.0]])
    >>> fit = fit_activation(panel_of(sold, np.array([0, 0, 0])))
    >>> fit.notes
    ('Only 2 first sales have been seen: the assumption weighs heavily.',)
    >>> print(fit.share_active([1.0, 6.0, 12.0]).round(2))
    [0.16 0.58 0.67]
    """
    return fit_waits(waits_of(panel), prior)


def fit_waits(waits: Waits, prior: ActivationPrior | None = None) -> Activation:
    """Fit the cure model to interval- and right-censored waits by maximum a posteriori.

    Parameters
    ----------
    waits : Waits
    prior : ActivationPrior, optional
        The documented defaults unless given.

    Returns
    -------
    Activation

    Raises
    ------
    ModelError
        If an interval is empty or starts before signing.

    Examples
    --------
    >>> waits = Waits(
    ...     low=np.array([1.0, 2.0, 4.0, 12.0]), high=np.array([2.0, 3.0, 5.0, np.inf]),
    ...     strategic=np.zeros(4, dtype=bool))
    >>> never = fit_waits(waits).intervals()["pi"]
    >>> print(f"{never.point:.2f} ({never.low:.2f} to {never.high:.2f}) never sell")
    0.33 (0.16 to 0.55) never sell
    """
    if (waits.low < 0).any() or (waits.high <= waits.low).any():
        raise ModelError("waits", "every interval needs 0 <= low < high")
    belief = prior if prior is not None else ActivationPrior()
    sooner, waits = waits.sooner, waits.beyond_cycle()

    mode, precision = _mode(belief, waits)
    cov = np.linalg.inv(precision)
    pi, a_months, strategic, b = map(float, _natural(mode))
    sold = int(np.isfinite(waits.high).sum())
    return Activation(
        pi=pi,
        a_months=a_months,
        b=b,
        strategic=strategic,
        mode=mode,
        cov=0.5 * (cov + cov.T),
        log_likelihood=float(_log_likelihood(mode[:, None], waits)[0][0]),
        signed=waits.low.size,
        sold=sold,
        notes=_notes(sold, sooner),
    )


def _notes(sold: int, sooner: int) -> tuple[str, ...]:
    notes = []
    if sold == 0:
        notes.append("No first sale has been seen: activation rests on the stated assumption.")
    elif sold < 5:
        sales = "1 first sale has" if sold == 1 else f"{sold} first sales have"
        notes.append(f"Only {sales} been seen: the assumption weighs heavily.")
    if sooner:
        who = "1 partner has" if sooner == 1 else f"{sooner} partners have"
        notes.append(f"{who} sold sooner than one stated sales cycle, which is then too long.")
    return tuple(notes)


def _beyond(
    u: ArrayLike, h: ArrayLike, strategic: ArrayLike, cycle: ArrayLike
) -> tuple[Floats, Floats, Flags]:
    """(u, h, strategic) of equal shape, counted from the end of the sales cycle."""
    age, ahead, lag = (np.asarray(value, dtype=float) for value in (u, h, cycle))
    start = np.maximum(age - lag, 0.0)
    end = np.maximum(age + ahead - lag, 0.0)
    places = np.broadcast_arrays(start, end - start, np.asarray(strategic))
    return places[0], places[1], places[2]


def _natural(mode: Floats) -> Floats:
    natural = np.exp(mode)
    natural[0] = 1.0 / (1.0 + np.exp(-mode[0]))
    return natural


def _log_survival(params: Floats, u: Floats, strategic: Flags) -> Floats:
    """Logarithm of S(u) for parameters of shape (4, ...)."""
    if not u.any():  # nobody has sold on the first day
        return np.zeros(u.shape)
    scale = np.exp(params[1] + params[2] * strategic)
    with np.errstate(over="ignore"):
        log_survival: Floats = -((u / scale) ** np.exp(params[3]))
    return log_survival


def _p_activate(params: Floats, u: Floats, h: Floats, strategic: Flags) -> Floats:
    sells = 1.0 / (1.0 + np.exp(params[0]))
    now = np.exp(_log_survival(params, u, strategic))
    later = np.exp(_log_survival(params, u + h, strategic))
    p: Floats = sells * (now - later) / np.maximum(1.0 - sells + sells * now, 1e-300)
    return p


def _mode(belief: ActivationPrior, waits: Waits) -> tuple[Floats, Floats]:
    """Find the most probable parameters and the precision there, by damped Newton steps."""
    mode, size = belief.mean, 1.0
    value, gradient, precision = _loss(mode, belief, waits)
    for _ in range(200):
        # away from the mode the curvature may have the wrong sign; its size still gives the scale
        scale, axes = np.linalg.eigh(precision)
        step = axes @ ((axes.T @ gradient) / np.maximum(np.abs(scale), 1e-6))
        if gradient @ step < 1e-10:  # within 1e-5 posterior standard deviations
            break
        ahead = _loss(mode - size * step, belief, waits)
        if ahead[0] <= value:
            mode, size = mode - size * step, 1.0
            value, gradient, precision = ahead
        else:
            size *= 0.5
    return mode, precision


def _loss(
    mode: Floats, belief: ActivationPrior, waits: Waits, step: float = 1e-4
) -> tuple[float, Floats, Floats]:
    """Negative log posterior, its gradient, and its curvature as differences of gradients."""
    beside = step * np.eye(mode.size)
    params = np.concatenate([mode[None], mode + beside, mode - beside]).T
    off = (params - belief.mean[:, None]) / belief.sd[:, None]
    value, slopes = _log_likelihood(params, waits)
    slopes = off / belief.sd[:, None] - slopes
    ahead, behind = np.split(slopes[:, 1:], 2, axis=1)
    curvature = (ahead - behind) / (2.0 * step)
    loss = 0.5 * off[:, 0] @ off[:, 0] - value[0]
    return float(loss), slopes[:, 0], 0.5 * (curvature + curvature.T)


def _log_likelihood(params: Floats, waits: Waits) -> tuple[Floats, Floats]:
    """Log-likelihood, shape (K,), and its slopes (4, K), at parameters of shape (4, K)."""
    params = params[..., None]
    sells = 1.0 / (1.0 + np.exp(params[0]))
    early, early_slopes = _survival(params, waits.low, waits.strategic)
    late, late_slopes = _survival(params, waits.high, waits.strategic)
    still = np.isinf(waits.high)
    chance = np.maximum(sells * (early - late) + still * (1.0 - sells), 1e-300)
    by_pi = sells * (1.0 - sells) * (still - early + late)
    slopes = np.concatenate([by_pi[None], sells * (early_slopes - late_slopes)])
    return np.log(chance).sum(axis=-1), (slopes / chance).sum(axis=-1)


def _survival(params: Floats, u: Floats, strategic: Flags) -> tuple[Floats, Floats]:
    """S(u), shape (K, N), and its slopes by the last three parameters, (3, K, N)."""
    b = np.exp(params[3])
    with np.errstate(divide="ignore"):
        log_z = b * (np.log(u) - params[1] - params[2] * strategic)
    # S is 0 or 1 to the last digit long before these bounds
    log_z = np.minimum(np.maximum(log_z, -700.0), 700.0)
    z = np.exp(log_z)
    survival = np.exp(-z)
    density = z * survival
    return survival, np.stack([b * density, b * strategic * density, -log_z * density])
