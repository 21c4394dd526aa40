"""The distribution of what all vendors together cost in a year, exact up to a money grid.

Given the common factor vendors fail independently, so the distribution of the loss is built by
adding one vendor after another [1], for all values of the factor at once, and then averaged
over the factor. Nothing is simulated: the same table gives the same figure, and the far tail is
as exact as the middle. A loss between two points of the grid is split between them in the
proportion that keeps its mean, so the expected loss is exact.

References
----------
[1] Andersen, L., Sidenius, J. and Basu, S. (2003). All your hedges in one basket. Risk 16(11),
    67-72.
[2] Tasche, D. (2008). Capital allocation to business units and sub-portfolios: the Euler
    principle. In: Pillar II in the New Basel Accord. Risk Books.
[3] Acerbi, C. and Tasche, D. (2002). On the coherence of expected shortfall. Journal of Banking
    and Finance 26(7), 1487-1503.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.vendors.factor import conditional_pd, factor_nodes

__all__ = ["LossDistribution", "loss_distribution"]

Floats = NDArray[np.float64]
Counts = NDArray[np.int64]

# the cumulated probability is a sum of thousands of terms: a level counts as reached this close
ROUNDING = 1e-12


@dataclass(frozen=True, eq=False)
class LossDistribution:
    """Distribution of the total loss on a grid of money.

    Attributes
    ----------
    step : float
        Distance between points of the grid, in money.
    probability : ndarray, shape (G,)
        Of a total loss of ``0, step, 2 step, ...``; adds up to 1.
    pd, loss, rho : ndarray, shape (n,)
        The vendors it was made from.
    """

    step: float
    probability: Floats
    pd: Floats
    loss: Floats
    rho: Floats
    _given: _Conditional = field(repr=False)

    @property
    def amounts(self) -> Floats:
        """Money at the points of the grid; shape (G,)."""
        return self.step * np.arange(self.probability.size, dtype=float)

    @property
    def el(self) -> float:
        """Expected loss."""
        return float(self.pd @ self.loss)

    @property
    def sd(self) -> float:
        """Standard deviation of the loss."""
        mean = self.amounts @ self.probability
        return float(np.sqrt((self.amounts - mean) ** 2 @ self.probability))

    def var(self, level: float = 0.99) -> float:
        """Value at risk: the smallest amount not exceeded with probability ``level``."""
        return float(self.step * self._place(level))

    def es(self, level: float = 0.99) -> float:
        """Expected shortfall: mean loss of the worst share ``1 - level`` [3].

        The atom at the value at risk counts with the part of it that belongs to the tail.
        """
        place = self._place(level)
        beyond, part = self._tail(level, place)
        worst = self.amounts[place + 1 :] @ self.probability[place + 1 :]
        return float((worst + part * self.step * place) / (beyond + part))

    def exceed(self, amounts: ArrayLike) -> Floats:
        """Probability of losing more than each amount.

        Parameters
        ----------
        amounts : array_like
            Money.

        Returns
        -------
        ndarray, same shape
        """
        tail = np.append(np.cumsum(self.probability[::-1])[::-1], 0.0)
        above = np.floor(np.asarray(amounts, dtype=float) / self.step + 1e-9) + 1
        chance: Floats = tail[np.clip(above, 0, self.probability.size).astype(np.int64)]
        return np.minimum(chance, 1.0)

    def contributions(self, level: float = 0.99) -> Floats:
        """What each vendor adds to the expected shortfall (Euler [2]).

        Returns
        -------
        ndarray, shape (n,)
            Money; adds up to ``es(level)``. The atom at the value at risk is shared out by
            the vendors' expected part in it.
        """
        place = self._place(level)
        beyond, part = self._tail(level, place)
        share = part / self.probability[place] if part > 0 else 0.0
        tail_weight = np.zeros(self.probability.size)
        tail_weight[place + 1 :] = 1.0
        tail_weight[place] = share
        return self._given.weighted_losses(tail_weight) / (beyond + part)

    def _place(self, level: float) -> int:
        if not 0 < level < 1:
            raise ModelError("level", "must be between 0 and 1", value=level)
        reached = np.cumsum(self.probability) >= level - ROUNDING
        return int(np.argmax(reached)) if reached.any() else self.probability.size - 1

    def _tail(self, level: float, place: int) -> tuple[float, float]:
        """Probability beyond the value at risk, and that part of its atom in the tail."""
        beyond = float(self.probability[place + 1 :].sum())
        return beyond, max(1.0 - level - beyond, 0.0)


def loss_distribution(
    pd: ArrayLike,
    loss: ArrayLike,
    *,
    rho: ArrayLike = 0.15,
    nodes: int = 64,
    grid: int = 2000,
) -> LossDistribution:
    """Distribution of the total loss under one Gaussian factor.

    Parameters
    ----------
    pd : array_like, shape (n,)
        Probability that each vendor ceases in the period, 0 to 1.
    loss : array_like, shape (n,)
        Loss if it does, money, not negative.
    rho : array_like, shape () or (n,)
        Correlation of the latent variables, at least 0 and below 1. An assumption.
    nodes : int
        Quadrature nodes for the factor.
    grid : int
        Steps from nothing to the sum of all losses. Value at risk and shortfall are exact up
        to about one step; where all losses are multiples of a step, exactly.

    Returns
    -------
    LossDistribution

    Raises
    ------
    ModelError
        If shapes differ or a value is out of bounds; the message names argument and row.
    """
    chance, money = np.atleast_1d(np.asarray(pd, float)), np.atleast_1d(np.asarray(loss, float))
    if chance.ndim != 1 or chance.shape != money.shape:
        raise ModelError("loss", "must have one value for each pd", value=money.shape)
    if np.ndim(rho) and np.shape(rho) != chance.shape:
        raise ModelError("rho", "must have one value for each pd", value=np.shape(rho))
    load = np.broadcast_to(np.asarray(rho, dtype=float), chance.shape)
    _bound("pd", chance, (chance >= 0) & (chance <= 1), "must be 0 to 1")
    _bound("loss", money, (money >= 0) & np.isfinite(money), "must not be negative or missing")
    _bound("rho", load, (load >= 0) & (load < 1), "must be at least 0 and below 1")
    if grid < 1:
        raise ModelError("grid", "must be at least 1", value=grid)
    total = float(money.sum())
    step = total / grid if total > 0 else 1.0
    factor, weight = factor_nodes(nodes)
    given = _Conditional.on_grid(conditional_pd(chance, load, factor), money / step, step, weight)
    return LossDistribution(step, given.distribution(), chance, money, load, given)


@dataclass(frozen=True, eq=False)
class _Conditional:
    """Vendors on the grid, given each of M values of the factor.

    A vendor's loss is ``lower`` steps with probability ``1 - upper_share`` and one step more
    otherwise.
    """

    chance: Floats  # (n, M)
    lower: Counts  # (n,)
    upper_share: Floats  # (n,)
    step: float
    weight: Floats  # (M,)

    @classmethod
    def on_grid(cls, chance: Floats, steps: Floats, step: float, weight: Floats) -> _Conditional:
        # a loss meant to be whole steps must not be split by the last digit of a division
        whole = np.rint(steps)
        exact = np.where(np.abs(steps - whole) < 1e-9, whole, steps)
        lower = np.floor(exact)
        return cls(chance, lower.astype(np.int64), exact - lower, step, weight)

    def distribution(self) -> Floats:
        """Probability of each total; shape (G,)."""
        everyone = np.argsort(self.lower, kind="stable")
        joint = self._added(np.ones((1, self.weight.size)), everyone)
        return joint @ self.weight

    def weighted_losses(self, tail_weight: Floats) -> Floats:
        """E[loss_i w(total)] for a weight per point of the grid; shape (n,).

        Each vendor needs the total of all others. They are reached by halving: the vendors of
        one half are added before descending into the other, n log n additions in all, and no
        vendor is ever subtracted, which would lose digits.
        """
        found = np.zeros(self.lower.size)
        stack = [(np.ones((1, self.weight.size)), np.argsort(-self.lower, kind="stable"))]
        while stack:
            others, members = stack.pop()
            if members.size > 1:
                half = members.size // 2
                stack.append((self._added(others, members[:half][::-1]), members[half:]))
                stack.append((self._added(others, members[half:][::-1]), members[:half]))
            elif members.size:
                found[members[0]] = self._own(others, int(members[0]), tail_weight)
        return found

    def _own(self, others: Floats, i: int, tail_weight: Floats) -> float:
        alone = (others @ (self.weight * self.chance[i])) if others.size else np.zeros(0)
        value, size = 0.0, alone.size
        for more, share in ((0, 1.0 - self.upper_share[i]), (1, self.upper_share[i])):
            if share > 0:
                shift = int(self.lower[i]) + more
                value += share * shift * self.step * float(alone @ tail_weight[shift:][:size])
        return value

    def _added(self, start: Floats, vendors: NDArray[np.intp]) -> Floats:
        """Add vendors to distributions given the factor, (G, M) to (G', M).

        Vendors come smallest first, so that the support, and with it the work, grows late.
        """
        used = start.shape[0]
        whole = self.upper_share[vendors] == 0
        length = used + int(self.lower[vendors].sum()) + int((~whole).sum())
        now, before = np.zeros((length, start.shape[1])), np.empty((length, start.shape[1]))
        now[:used] = start
        scratch = np.empty_like(before)
        for i, exact in zip(vendors, whole, strict=True):
            p, k, share = self.chance[i], int(self.lower[i]), self.upper_share[i]
            now, before = before, now
            past = before[:used]
            grown = used + k + (0 if exact else 1)
            np.multiply(past, 1.0 - p, out=now[:used])
            now[used:grown] = 0.0
            now[k : k + used] += np.multiply(past, p * (1.0 - share), out=scratch[:used])
            if not exact:
                now[k + 1 : k + 1 + used] += np.multiply(past, p * share, out=scratch[:used])
            used = grown
        return now[:used]


def _bound(name: str, values: Floats, good: NDArray[np.bool_], problem: str) -> None:
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise ModelError(f"{name}[{row}]", problem, value=values[row])
