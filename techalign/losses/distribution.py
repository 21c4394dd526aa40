"""The distribution of what all events together cost in a period, exact up to a money grid.

Given the common factor events are independent, so the distribution of the loss is built by
adding one event after another [1], for all values of the factor at once, and then averaged
over the factor. Hubs that several events run on are gone through state by state (``hubs`` says
what happens where they are too many), and a t copula is a second factor. Nothing is
simulated: the same table gives the same figure, and the far tail is as exact as the middle. A
loss between two points of the grid is split between them in the proportion that keeps its mean,
so the expected loss is exact.

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
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.losses.factor import conditional_pd, factor_nodes, mixing_nodes
from techalign.losses.hubs import Hubs
from techalign.losses.recursion import Conditional, conditional
from techalign.numbers.arrays import Floats

__all__ = ["Grid", "LossDistribution", "loss_distribution"]


# the cumulated probability is a sum of thousands of terms: a level counts as reached this close
ROUNDING = 1e-12

MOST_STEPS = 20_000
"""Steps beyond which a grid is made coarser: a million points would take minutes."""

LEFT_OUT = 1e-13
"""Weight of a pair of nodes below which it is left out."""


@dataclass(frozen=True)
class Grid:
    """How finely a distribution is computed.

    Parameters
    ----------
    steps : int
        From nothing to the sum of all losses. Value at risk and shortfall are exact up to about
        one step; where all losses are multiples of a step, exactly.
    step : float, optional
        Money per step instead. Too fine a step for the sum of all losses is made coarser, and
        the distribution's ``note`` says so.
    nodes, mixing : int
        Quadrature nodes for the factor and for the t copula's second one.

    Examples
    --------
    >>> from techalign.losses import loss_distribution
    >>> loss_distribution([0.1, 0.2], [100.0, 300.0], grid=Grid(step=100.0)).amounts.tolist()
    [0.0, 100.0, 200.0, 300.0, 400.0]
    """

    steps: int = 2000
    step: float | None = None
    nodes: int = 64
    mixing: int = 16


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
        The events it was made from; ``pd`` is each event's own probability, without hubs.
    note : str
        Empty, or why the grid is another than was asked for, or the links to hubs.
    copula : str
    nu : float
        Degrees of freedom of the t copula.
    neglected : float
        Share by which the standard deviation is too low at most, because too many hubs hang
        together to go through all their states; 0 where the distribution is exact.

    Examples
    --------
    >>> from techalign.losses import loss_distribution
    >>> found = loss_distribution([0.1, 0.2], [100.0, 300.0], rho=0.0, grid=4)
    >>> found.probability.round(2).tolist()
    [0.72, 0.08, 0.0, 0.18, 0.02]
    >>> found.var(0.95), round(found.es(0.95), 1), float(found.exceed(100.0).round(2))
    (300.0, 340.0, 0.2)
    """

    step: float
    probability: Floats
    pd: Floats
    loss: Floats
    rho: Floats
    note: str
    copula: str
    nu: float
    neglected: float
    _given: Conditional = field(repr=False)
    _hubs: Hubs | None = field(repr=False)
    _grid: Grid = field(repr=False)

    @property
    def amounts(self) -> Floats:
        """Money at the points of the grid; shape (G,)."""
        return self.step * np.arange(self.probability.size, dtype=float)

    @cached_property
    def el(self) -> float:
        """Expected loss."""
        return float(self.chance @ self.loss)

    @cached_property
    def chance(self) -> Floats:
        """Probability of each event, by itself or with a hub; shape (n,)."""
        return self.pd if self._given.hubs is None else self._given.marginals()

    def changed(self, pd: ArrayLike, loss: ArrayLike) -> LossDistribution:
        """The same events with other probabilities and losses, all else as it was."""
        return loss_distribution(
            pd, loss, rho=self.rho, hubs=self._hubs, copula=self.copula, nu=self.nu,
            grid=self._grid,
        )  # fmt: skip

    def without_hub(self, name: str) -> LossDistribution:
        """The same events and hubs, but none falls with one of the hubs any more.

        Parameters
        ----------
        name : str
            The hub, as it is called in the hubs passed.

        Raises
        ------
        ModelError
            If there is no such hub.
        """
        if self._hubs is None or name not in self._hubs.names:
            raise ModelError("name", "is not a hub of these events", value=name)
        return loss_distribution(
            self.pd, self.loss, rho=self.rho, hubs=self._hubs.cut(name), copula=self.copula,
            nu=self.nu, grid=self._grid,
        )  # fmt: skip

    def hub_losses(self) -> tuple[Floats, Floats]:
        """Probability that each hub fails, and the expected total loss if it does.

        Returns
        -------
        chance, loss : ndarray, shape (K,)
            In the order of the hubs; empty without hubs. 0 and money.
        """
        return self._given.hub_losses(self.loss)

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
        """What each event adds to the expected shortfall (Euler [2]).

        Returns
        -------
        ndarray, shape (n,)
            Money; adds up to ``es(level)``. The atom at the value at risk is shared out by
            the events' expected part in it.
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
    hubs: Hubs | tuple[ArrayLike, ArrayLike] | None = None,
    copula: str = "gaussian",
    nu: float = 4.0,
    grid: Grid | int = 2000,
) -> LossDistribution:
    """Distribution of the total loss under one factor and shared hubs.

    Parameters
    ----------
    pd : array_like, shape (n,)
        Probability that each event happens by itself in the period, 0 to 1.
    loss : array_like, shape (n,)
        Loss if it does, money, not negative; of each event.
    rho : array_like, shape () or (n,)
        Correlation of the latent variables, at least 0 and below 1. An assumption.
    hubs : Hubs or (hub_pd, takes), optional
        What events run on: shapes (K,) and (n, K), see ``Hubs``, which says how far hubs fail in
        hard times, too.
    copula : str
        ``"gaussian"``, or ``"t"``: years in which everybody is hit harder at once.
    nu : float
        Degrees of freedom of the t copula, at least 1; fewer mean more such years. An
        assumption.
    grid : int or Grid
        Steps from nothing to the sum of all losses, or all of how finely to compute.

    Returns
    -------
    LossDistribution

    Raises
    ------
    ModelError
        If shapes differ or a value is out of bounds; the message names argument and row.

    Examples
    --------
    Two events of 1,000 that each happen in one year out of ten, and both with their cause:

    >>> alone = loss_distribution([0.1, 0.1], [1000.0, 1000.0], rho=0.0, grid=2)
    >>> alone.probability.round(3).tolist()
    [0.81, 0.18, 0.01]
    >>> shared = loss_distribution(
    ...     [0.1, 0.1], [1000.0, 1000.0], rho=0.0, hubs=([0.05], [[1.0], [1.0]]), grid=2)
    >>> shared.probability.round(4).tolist(), round(shared.el, 1)
    ([0.7695, 0.171, 0.0595], 290.0)
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
    fine = grid if isinstance(grid, Grid) else Grid(grid)
    size, note = _step(float(money.sum()), fine)
    factor, second, weight = _nodes(copula, nu, fine)
    shared = _shared(hubs, chance.size)
    alone = conditional_pd(chance, load, factor, second, nu)
    outside = None
    if shared is not None:
        outside = shared, _hubs_given(shared, alone.shape[1], factor, second, nu)
    given = conditional(alone, outside, money, size, weight)
    probability = given.distribution()
    neglected, told = _neglected(given, probability, size)
    return LossDistribution(
        step=size, probability=probability, pd=chance, loss=money, rho=load,
        note=" ".join(filter(None, (note, told))), copula=copula, nu=nu, neglected=neglected,
        _given=given, _hubs=shared, _grid=fine,
    )  # fmt: skip


def _hubs_given(hubs: Hubs, nodes: int, factor: Floats, second: Floats | None, nu: float) -> Floats:
    """Probability of each hub by itself for each value of the factor; (K, M)."""
    if hubs.rho == 0:
        return np.broadcast_to(hubs.pd[:, None], (hubs.pd.size, nodes))
    return conditional_pd(hubs.pd, hubs.rho, factor, second, nu)


def _neglected(given: Conditional, probability: Floats, step: float) -> tuple[float, str]:
    """Share of the standard deviation lost by cutting links to hubs, at most, and a note."""
    if given.tangle is None or not given.tangle.cut:
        return 0.0, ""
    amounts = step * np.arange(probability.size)
    mean = amounts @ probability
    variance = float((amounts - mean) ** 2 @ probability)
    share = 1.0 - float(np.sqrt(variance / (variance + given.tangle.variance)))
    tangle = given.tangle
    return share, (
        f"More than {tangle.most} hubs hang together: the {tangle.cut} weakest links count one "
        f"by one. The average stays; the spread is too low by at most {share:.1%}."
    )


def _step(total: float, grid: Grid) -> tuple[float, str]:
    """Money per step, and a note where it is not the one asked for."""
    step = grid.step
    if grid.steps < 1:
        raise ModelError("grid", "must be at least 1", value=grid.steps)
    if step is None:
        return (total / grid.steps if total > 0 else 1.0), ""
    if not 0 < step < np.inf:
        raise ModelError("step", "must be a positive amount", value=step)
    if total <= MOST_STEPS * step:
        return step, ""
    # whole multiples keep losses exact that were multiples of a coarser unit
    coarser = step * float(np.ceil(total / (MOST_STEPS * step)))
    return coarser, (
        f"The losses add up to {total:,.0f}, more than {MOST_STEPS:,} steps of {step:g}: "
        f"the grid has steps of {coarser:g} instead."
    )


def _nodes(copula: str, nu: float, grid: Grid) -> tuple[Floats, Floats | None, Floats]:
    """Factor values, second factor and weights; pairs that add nothing are left out."""
    factor, weight = factor_nodes(grid.nodes)
    if copula == "gaussian":
        return factor, None, weight
    if copula != "t":
        raise ModelError("copula", "must be 'gaussian' or 't'", value=copula)
    second, second_weight = mixing_nodes(grid.mixing, nu)
    joint = np.outer(second_weight, weight).ravel()
    kept = joint > LEFT_OUT
    pair = np.tile(factor, second.size)[kept], np.repeat(second, factor.size)[kept]
    return *pair, joint[kept] / joint[kept].sum()


def _shared(hubs: Hubs | tuple[ArrayLike, ArrayLike] | None, n: int) -> Hubs | None:
    if hubs is None:
        return None
    if not isinstance(hubs, Hubs):
        chance = np.atleast_1d(np.asarray(hubs[0], dtype=float))
        names = tuple(f"hub {k}" for k in range(chance.size))
        hubs = Hubs(names, chance, np.asarray(hubs[1], dtype=float))
    if hubs.takes.shape[0] != n:
        raise ModelError("hubs.takes", f"must have a row for each of {n} events",
                         value=hubs.takes.shape)  # fmt: skip
    return hubs if hubs.names else None


def _bound(name: str, values: Floats, good: NDArray[np.bool_], problem: str) -> None:
    if not good.all():
        row = int(np.flatnonzero(~good)[0])
        raise ModelError(f"{name}[{row}]", problem, value=values[row])
