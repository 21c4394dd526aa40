"""Events that set off other events, simulated: the one case the exact way cannot take.

Events are rare, so only they are drawn [1]: within a narrow range of the common factor an
event's probability has an upper bound; as many candidates are drawn as that bound gives, and
each is kept with the ratio of its own probability to the bound. The factor itself is drawn evenly
over its quantiles, which leaves only the events' own chance to chance.

References
----------
[1] Lewis, P. A. W. and Shedler, G. S. (1979). Simulation of nonhomogeneous Poisson processes by
    thinning. Naval Research Logistics 26(3), 403-413.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.losses.factor import conditional_pd
from techalign.numbers.arrays import Floats, Places
from techalign.numbers.intervals import Interval, width_of

__all__ = ["SimulatedLosses", "simulate_losses"]


STRATA = 64


@dataclass(frozen=True, eq=False)
class SimulatedLosses:
    """Simulated years.

    Attributes
    ----------
    losses : ndarray, shape (S,)
        Total loss of each year, ascending, money.
    chance : ndarray, shape (n,)
        Share of the years in which each event happened, by itself or through another.

    Examples
    --------
    >>> years = SimulatedLosses(np.arange(100.0), np.array([0.5]))
    >>> years.el, years.var(0.9), round(years.es(0.9), 1), float(years.exceed(97.0).round(2))
    (49.5, 89.0, 94.5, 0.02)
    """

    losses: Floats
    chance: Floats

    @property
    def el(self) -> float:
        """Mean loss."""
        return float(self.losses.mean())

    @property
    def el_error(self) -> float:
        """Standard error of the mean; the even spread of the factor makes it rather too large."""
        return float(self.losses.std() / np.sqrt(self.losses.size))

    def var(self, level: float = 0.99) -> float:
        """Value at risk: the smallest simulated loss not exceeded with probability ``level``."""
        return float(self.losses[self._place(level)])

    def var_interval(self, level: float = 0.99, confidence: float = 0.8) -> Interval:
        """Value at risk with the interval the number of years allows (order statistics)."""
        size = self.losses.size
        width = width_of(confidence) * float(np.sqrt(size * level * (1 - level)))
        low, high = (
            int(np.clip(self._place(level) + away, 0, size - 1))
            for away in (-np.ceil(width), np.ceil(width))
        )
        return Interval(
            self.var(level), float(self.losses[low]), float(self.losses[high]), confidence
        )

    def es(self, level: float = 0.99) -> float:
        """Expected shortfall: mean of the worst share ``1 - level`` of the years."""
        count = self.losses.size * (1.0 - level)
        whole = int(np.floor(count + 1e-9))
        worst = float(self.losses[self.losses.size - whole :].sum())
        part = max(count - whole, 0.0)
        beyond = float(self.losses[self.losses.size - whole - 1]) if part > 1e-9 else 0.0
        return (worst + part * beyond) / count

    def exceed(self, amounts: ArrayLike) -> Floats:
        """Share of the years that lose more than each amount."""
        below = np.searchsorted(self.losses, np.asarray(amounts, dtype=float), side="right")
        share: Floats = 1.0 - below / self.losses.size
        return share

    def _place(self, level: float) -> int:
        if not 0 < level < 1:
            raise ModelError("level", "must be between 0 and 1", value=level)
        return int(np.clip(np.ceil(level * self.losses.size - 1e-9) - 1, 0, self.losses.size - 1))


def simulate_losses(
    pd: ArrayLike,
    loss: ArrayLike,
    takes: ArrayLike,
    rng: np.random.Generator,
    *,
    rho: ArrayLike = 0.15,
    copula: str = "gaussian",
    nu: float = 4.0,
    draws: int = 200_000,
) -> SimulatedLosses:
    """Simulate years in which an event may set off others, and these others.

    Parameters
    ----------
    pd, loss : array_like, shape (n,)
        Probability that each event happens by itself in a year; loss if it does, money.
    takes : array_like, shape (n, n)
        Probability that event (row) happens when event (column) does; 0 for no dependency.
    rng : numpy.random.Generator
    rho : array_like, shape () or (n,)
        Correlation of the latent variables, at least 0 and below 1.
    copula : str
        ``"gaussian"`` or ``"t"``.
    nu : float
        Degrees of freedom of the t copula.
    draws : int
        Years.

    Returns
    -------
    SimulatedLosses

    Raises
    ------
    ModelError
        If a value is out of bounds or events depend on one another in a circle.

    Examples
    --------
    The second event always follows the first:

    >>> takes = [[0.0, 0.0], [1.0, 0.0]]
    >>> found = simulate_losses(
    ...     [0.1, 0.0], [10.0, 90.0], takes, np.random.default_rng(1), rho=0.0, draws=10_000)
    >>> found.exceed(99.0) == found.chance[0] == found.chance[1]
    np.True_
    """
    chance, money, links = (np.asarray(a, dtype=float) for a in (pd, loss, takes))
    load = np.broadcast_to(np.asarray(rho, dtype=float), chance.shape)
    _check(chance, money, links, load, draws)
    if copula not in ("gaussian", "t") or not nu >= 1:
        raise ModelError("copula", "must be 'gaussian', or 't' with nu of at least 1", value=copula)
    order = _order(links)
    down: list[Places] = [np.zeros(0, dtype=np.intp)] * chance.size
    alone = _failures(chance, load, rng, draws, nu if copula == "t" else None)
    total, shares = np.zeros(draws), np.zeros(chance.size)
    for i in order:
        gone = alone[i]
        for j in np.flatnonzero(links[i] > 0):
            taken = down[j][rng.random(down[j].size) < links[i, j]]
            gone = np.union1d(gone, taken)
        down[i] = gone
        total[gone] += money[i]
        shares[i] = gone.size / draws
    return SimulatedLosses(np.sort(total), shares)


def _failures(
    chance: Floats, load: Floats, rng: np.random.Generator, draws: int, nu: float | None
) -> list[Places]:
    """Years in which each event happens by itself, ascending."""
    from scipy.special import ndtri

    blocks = STRATA if nu is None else STRATA * STRATA
    edges = np.linspace(0, draws, blocks + 1).astype(np.intp)
    sizes = np.diff(edges)
    block = np.repeat(np.arange(blocks), sizes)
    factor = ndtri((block % STRATA + rng.random(draws)) / STRATA)
    # the ends of what was drawn in each block bound its probabilities
    worst = _least(factor, block, blocks)
    second: Floats | None = None
    ends: list[Floats | None] = [None]
    if nu is not None:
        second = _mixing((block // STRATA + rng.random(draws)) / STRATA, nu)
        ends = [_least(second, block, blocks), -_least(-second, block, blocks)]
    found = []
    for p, r in zip(chance, load, strict=True):
        bound = np.max(
            [conditional_pd(p[None], r, worst, end, nu or 1.0)[0] for end in ends], axis=0
        )
        count = rng.binomial(sizes, bound)
        places = np.concatenate(
            [rng.choice(size, k, replace=False) + begin if k else np.zeros(0, dtype=np.intp)
             for size, k, begin in zip(sizes[count > 0], count[count > 0],
                                       edges[:-1][count > 0], strict=True)]
            or [np.zeros(0, dtype=np.intp)]
        ).astype(np.intp)  # fmt: skip
        own = conditional_pd(
            p[None], r, factor[places], None if second is None else second[places], nu or 1.0
        )[0]
        kept = rng.random(places.size) * bound[block[places]] < own
        found.append(np.sort(places[kept]))
    return found


def _least(values: Floats, block: Places, blocks: int) -> Floats:
    """Smallest value in each block; 0 in an empty one."""
    least = np.full(blocks, np.inf)
    np.minimum.at(least, block, values)
    return np.where(np.isfinite(least), least, 0.0)


def _mixing(quantile: Floats, nu: float) -> Floats:
    """sqrt(chi-squared / nu) at quantiles."""
    from scipy.special import gammaincinv

    return np.asarray(np.sqrt(2.0 * gammaincinv(nu / 2.0, quantile) / nu))


def _order(links: Floats) -> list[int]:
    """Events such that each comes after those it depends on."""
    waits, found = (links > 0).sum(axis=1), []
    ready = list(np.flatnonzero(waits == 0))
    while ready:
        j = int(ready.pop())
        found.append(j)
        for i in np.flatnonzero(links[:, j] > 0):
            waits[i] -= 1
            if waits[i] == 0:
                ready.append(i)
    if len(found) < len(links):
        left = sorted(set(range(len(links))) - set(found))
        raise ModelError(
            "takes", "rows depend on one another in a circle", value=", ".join(map(str, left)),
            remedy="Leave out the weakest of these links.",
        )  # fmt: skip
    return found


def _check(chance: Floats, money: Floats, links: Floats, load: Floats, draws: int) -> None:
    n = chance.size
    if chance.ndim != 1 or money.shape != (n,) or links.shape != (n, n):
        raise ModelError("takes", f"must have shape ({n}, {n}), and loss ({n},)", value=links.shape)
    if draws < 1:
        raise ModelError("draws", "must be at least 1", value=draws)
    for name, values, good in (
        ("pd", chance, (chance >= 0) & (chance <= 1)),
        ("loss", money, (money >= 0) & np.isfinite(money)),
        ("rho", load, (load >= 0) & (load < 1)),
        ("takes", links, (links >= 0) & (links <= 1)),
    ):
        if not good.all():
            place = np.argwhere(~good)[0]
            where = ", ".join(str(int(i)) for i in place)
            raise ModelError(f"{name}[{where}]", "is out of bounds", value=values[tuple(place)])
