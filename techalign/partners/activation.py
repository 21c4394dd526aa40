"""When a signed partner makes its first sale, and whether it ever will.

Kept apart from the ramp: a one-stage fit takes the long zeros before the first sale for low
sales and then over-forecasts those who start, and takes silence for patience in those who
never will. On the contract clock u, a share π never sells; the others wait for a time with
survival S(u) = exp(-(u/a)^b), a mixture cure model [1]. Months in which the client has nothing
but signatures are right-censored observations, not failures.

References
----------
[1] Farewell, V. T. (1982). The use of mixture models for the analysis of survival data with
    long-term survivors. Biometrics 38(4), 1041-1046.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.numbers.intervals import Interval, interval_of
from techalign.partners.panel import PartnerPanel

__all__ = ["Activation", "ActivationPrior", "Waits", "fit_activation", "fit_waits", "waits_of"]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]


@dataclass(frozen=True)
class ActivationPrior:
    """Belief before any first sale is seen: an assumption, shown as one.

    Parameters
    ----------
    pi, pi_sd : float
        Share that never sells, and the standard deviation of its logit.
    a_months, a_sd : float
        Time scale of a volume partner's wait, and the standard deviation of its logarithm.
    strategic, strategic_sd : float
        How many times longer strategic partners take, and the standard deviation of its
        logarithm.
    b, b_sd : float
        Weibull shape, and the standard deviation of its logarithm.
    """

    pi: float = 0.4
    pi_sd: float = 1.0
    a_months: float = 4.0
    a_sd: float = 0.7
    strategic: float = 2.0
    strategic_sd: float = 0.5
    b: float = 1.0
    b_sd: float = 0.3

    @property
    def mean(self) -> Floats:
        """(logit π, ln a, ln of the strategic factor, ln b)."""
        return np.array(
            [
                np.log(self.pi / (1 - self.pi)),
                np.log(self.a_months),
                np.log(self.strategic),
                np.log(self.b),
            ]
        )

    @property
    def sd(self) -> Floats:
        """Standard deviations of :attr:`mean`."""
        return np.array([self.pi_sd, self.a_sd, self.strategic_sd, self.b_sd])


@dataclass(frozen=True)
class Waits:
    """Waits for the first sale on the contract clock.

    Parameters
    ----------
    low, high : ndarray, shape (N,)
        The first sale came in (low, high], months since signing; ``high`` is infinite for
        partners yet to sell at ``low``.
    strategic : ndarray of bool, shape (N,)
    """

    low: Floats
    high: Floats
    strategic: Bools


@dataclass(frozen=True)
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

    def p_activate(self, u: ArrayLike, h: ArrayLike, strategic: ArrayLike = False) -> Floats:
        """P(first sale in (u, u + h] | none by u).

        Parameters
        ----------
        u : array_like
            Months since signing.
        h : array_like
            Months ahead; may be infinite.
        strategic : array_like of bool

        Returns
        -------
        ndarray
            Broadcast shape of the three; probability.
        """
        return _p_activate(self.mode, *np.broadcast_arrays(u, h, strategic))

    def p_activate_interval(
        self,
        u: float,
        h: float,
        strategic: bool = False,
        *,
        rng: np.random.Generator,
        draws: int = 2000,
        level: float = 0.8,
    ) -> Interval:
        """:meth:`p_activate` with the interval that the parameters' uncertainty gives it."""
        sample = self.draw(draws, rng)
        p = _p_activate(sample.T[..., None], np.array([u]), np.array([h]), np.array([strategic]))
        spread = interval_of(p[:, 0], level)
        return Interval(float(self.p_activate(u, h, strategic)), spread.low, spread.high, level)

    def share_active(self, u: ArrayLike, strategic: ArrayLike = False) -> Floats:
        """Share of signed partners that have sold within ``u`` months, shape of ``u``."""
        return self.p_activate(np.zeros_like(np.asarray(u, dtype=float)), u, strategic)

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
        from scipy.stats import norm

        half = float(norm.ppf(0.5 + level / 2)) * np.sqrt(np.diag(self.cov))
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

        Returns
        -------
        ndarray, shape (S, n)
            0 for the first coming month; infinite for no sale within the horizon.
        """
        ages, slow = np.broadcast_arrays(np.asarray(age, dtype=float), strategic)
        ahead = np.arange(1.0, horizon_months + 1)[:, None, None]
        params = self.draw(draws, rng).T[..., None]
        by = _p_activate(params, ages, ahead, slow)
        waited = (rng.random((draws, ages.size)) > by).sum(axis=0).astype(float)
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
    """
    start = panel.contract_month
    seen = panel.mask.sum(axis=1) + np.maximum(-start, 0)
    wait = (panel.first_sale - start).astype(float)
    low = np.where(panel.active, np.where(start < 0, 0.0, wait), seen)
    high = np.where(panel.active, wait + 1.0, np.inf)
    return Waits(low, high, panel.strategic)


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
    """
    from scipy.optimize import minimize

    if (waits.low < 0).any() or (waits.high <= waits.low).any():
        raise ModelError("waits", "every interval needs 0 <= low < high")
    belief = prior if prior is not None else ActivationPrior()

    def loss(params: Floats) -> float:
        off = (params - belief.mean) / belief.sd
        return float(0.5 * off @ off) - _log_likelihood(params, waits)

    found = minimize(loss, belief.mean, method="BFGS", options={"gtol": 1e-5})
    mode = np.asarray(found.x, dtype=float)
    cov = np.linalg.inv(_hessian(loss, mode))
    pi, a_months, strategic, b = map(float, _natural(mode))
    sold = int(np.isfinite(waits.high).sum())
    return Activation(
        pi,
        a_months,
        b,
        strategic,
        mode,
        0.5 * (cov + cov.T),
        _log_likelihood(mode, waits),
        waits.low.size,
        sold,
        _notes(sold),
    )


def _notes(sold: int) -> tuple[str, ...]:
    if sold == 0:
        return ("No first sale has been seen: activation rests on the stated assumption.",)
    if sold < 5:
        return (f"Only {sold} first sales have been seen: the assumption weighs heavily.",)
    return ()


def _natural(mode: Floats) -> Floats:
    natural = np.exp(mode)
    natural[0] = 1.0 / (1.0 + np.exp(-mode[0]))
    return natural


def _log_survival(params: Floats, u: Floats, strategic: Bools) -> Floats:
    """Logarithm of S(u) for parameters of shape (4, ...)."""
    scale = np.exp(params[1] + params[2] * strategic)
    with np.errstate(over="ignore"):
        log_survival: Floats = -((u / scale) ** np.exp(params[3]))
    return log_survival


def _p_activate(params: Floats, u: Floats, h: Floats, strategic: Bools) -> Floats:
    sells = 1.0 / (1.0 + np.exp(params[0]))
    now = np.exp(_log_survival(params, u, strategic))
    later = np.exp(_log_survival(params, u + h, strategic))
    p: Floats = sells * (now - later) / np.maximum(1.0 - sells + sells * now, 1e-300)
    return p


def _log_likelihood(params: Floats, waits: Waits) -> float:
    sells = 1.0 / (1.0 + np.exp(params[0]))
    early = np.exp(_log_survival(params, waits.low, waits.strategic))
    late = np.exp(_log_survival(params, waits.high, waits.strategic))
    still = np.isinf(waits.high)
    chance = np.where(still, 1.0 - sells + sells * early, sells * (early - late))
    return float(np.log(np.maximum(chance, 1e-300)).sum())


def _hessian(loss: object, at: Floats, step: float = 1e-3) -> Floats:
    """Central second differences; the loss is smooth and has four arguments."""
    assert callable(loss)
    eye = step * np.eye(at.size)
    hessian = np.empty((at.size, at.size))
    for i in range(at.size):
        for j in range(at.size):
            corners = [loss(at + s * eye[i] + t * eye[j]) for s in (1, -1) for t in (1, -1)]
            hessian[i, j] = (corners[0] - corners[1] - corners[2] + corners[3]) / (4 * step**2)
    return hessian
