"""Causes that events share: one failure of a hub takes some of them with it.

An event happens by itself or with a hub it runs on: with the hubs of set s down its probability
is 1 - (1 - p) prod over k in s of (1 - takes_k). A hub may be one of the events, and may itself
run on another hub.

Every hub in a group doubles the states to go through, so groups must stay small. A hub that only
one event runs on binds nothing together: its chance goes into that event's own, exactly. In a
group of too many hubs the strongest links are kept, as long as no group grows beyond what can be
gone through in a few seconds [1]; an event still falls with a hub of the others as often, but as
though by itself. Each event's chance, and with it the expected loss, stays; what is lost of the
variance is stated.

References
----------
[1] Kruskal, J. B. (1956). On the shortest spanning subtree of a graph. Proceedings of the
    American Mathematical Society 7(1), 48-50: links in the order of their strength.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike, NDArray

from techalign.errors import ModelError
from techalign.numbers.arrays import Flags, Floats

__all__ = ["Hubs", "Untangled", "untangled"]


MOST, WORK = 12, 6e9
"""Hubs that may hang together, fewer if their states times events, factor values and points of
the grid come to more than so much work: each hub doubles it.
"""


@dataclass(frozen=True, eq=False)
class Hubs:
    """Hubs and the events that fall with them.

    Parameters
    ----------
    names : sequence of str, length K
    pd : array_like, shape (K,)
        Probability that each fails in the period, 0 to 1; not used for a hub that is itself an
        event, whose own probability counts.
    takes : array_like, shape (n, K)
        Probability that each event happens when the hub does; 0 where it does not run on it.
    own : sequence of int, length K, optional
        Row of the event that the hub is, -1 for none.
    chained : array_like, shape (K, K), optional
        Probability that hub (row) falls when hub (column) does.
    rho : float
        Correlation of a hub that is no event with the common factor, at least 0 and below 1: 0
        lets it fail independently of hard times. A hub that is an event has the event's own.

    Raises
    ------
    ModelError
        If shapes differ, a probability is not within 0 and 1, or hubs run on one another in a
        circle.

    Examples
    --------
    Three events on a host and a power plant; the host itself runs on the plant:

    >>> hubs = Hubs(
    ...     names=("host", "plant"), pd=[0.01, 0.002], takes=[[0.3, 0], [0.5, 0], [0, 0.1]],
    ...     chained=[[0, 0.8], [0, 0]])
    >>> [hubs.names[k] for k in hubs.order()]
    ['plant', 'host']
    """

    names: tuple[str, ...]
    pd: Floats
    takes: Floats
    own: tuple[int, ...] = ()
    chained: Floats | None = None
    rho: float = 0.0

    def __post_init__(self) -> None:
        names = tuple(str(name) for name in self.names)
        k = len(names)
        own = tuple(int(row) for row in self.own) or (-1,) * k
        chained = np.zeros((k, k)) if self.chained is None else self.chained
        for name, value in (("names", names), ("own", own)):
            object.__setattr__(self, name, value)
        takes = np.asarray(self.takes, dtype=float)
        n = takes.shape[0] if takes.ndim == 2 else 0
        for name, array, shape in (
            ("pd", self.pd, (k,)), ("takes", takes, (n, k)), ("chained", chained, (k, k)),
        ):  # fmt: skip
            object.__setattr__(self, name, _probabilities(f"hubs.{name}", array, shape))
        if len(own) != k or not all(-1 <= row < n for row in own):
            raise ModelError("hubs.own", "must name an event's row or -1 for each hub", value=own)
        if not 0 <= self.rho < 1:
            raise ModelError("hubs.rho", "must be at least 0 and below 1", value=self.rho)
        self.components()  # a circle is refused at once

    def order(self) -> list[int]:
        """Hubs such that each comes after those it runs on; groups one after the other.

        Raises
        ------
        ModelError
            If there is a circle.
        """
        return [k for group in self.components() for k in group]

    def components(self) -> list[list[int]]:
        """Hubs that hang together through events or one another.

        In each list a hub comes after those it runs on, and few events wait for the last: an
        event is added once its last hub has its state, and the states double with every hub.

        Raises
        ------
        ModelError
            If hubs run on one another in a circle.
        """
        return self._components

    def cut(self, name: str) -> Hubs:
        """The same hubs, but nothing falls with one of them any more."""
        assert self.chained is not None  # filled in by the constructor
        stays = np.array([other != name for other in self.names])
        return replace(self, takes=self.takes * stays, chained=self.chained * stays)

    @cached_property
    def _components(self) -> list[list[int]]:
        assert self.chained is not None  # filled in by the constructor
        group = np.arange(len(self.names))
        on, above = self.takes > 0, self.chained > 0
        binding = [np.flatnonzero(on[i]) for i in np.flatnonzero(on.sum(axis=1) > 1)]
        binding += [
            np.append(np.flatnonzero(above[k]), k) for k in np.flatnonzero(above.any(axis=1))
        ]
        for together in binding:
            # they mostly hang together already
            if (group[together] != group[together[0]]).any():
                group[np.isin(group, group[together])] = group[together[0]]
        return [self._ordered(np.flatnonzero(group == name)) for name in np.unique(group)]

    def _ordered(self, members: NDArray[np.intp]) -> list[int]:
        """One group, built from its end, each time with the hub that fewest events still need."""
        assert self.chained is not None  # filled in by the constructor
        if members.size == 1 and not self.chained[members[0], members[0]]:
            return [int(members[0])]
        runs_on = self.chained[np.ix_(members, members)] > 0
        needs = self.takes[:, members] > 0
        needs = needs[needs.any(axis=1)]
        left, found = np.ones(members.size, dtype=bool), []
        while left.any():
            free = np.flatnonzero(left & ~runs_on[left].any(axis=0))
            if not free.size:
                circle = ", ".join(self.names[k] for k in members[left])
                raise ModelError(
                    "hubs", "run on one another in a circle", value=circle,
                    remedy="Leave out the weakest of these links.",
                )  # fmt: skip
            last = int(free[np.argmin(needs[:, free].sum(axis=0))])
            needs = needs[~needs[:, last]]
            found.append(int(members[last]))
            left[last] = False
        return found[::-1]

    def runs_on_hubs(self, k: int) -> bool:
        """Whether hub k runs on another, or another on it."""
        assert self.chained is not None  # filled in by the constructor
        return bool(self.chained[k].any() or self.chained[:, k].any())


def _probabilities(name: str, values: ArrayLike, shape: tuple[int, ...]) -> Floats:
    array = np.asarray(values, dtype=float)
    if array.shape != shape:
        raise ModelError(name, f"must have shape {shape}", value=array.shape)
    bad = np.argwhere(~((array >= 0) & (array <= 1)))
    if bad.size:
        place = ", ".join(str(int(i)) for i in bad[0])
        raise ModelError(f"{name}[{place}]", "must be 0 to 1", value=float(array[tuple(bad[0])]))
    return array


@dataclass(frozen=True, eq=False)
class Untangled:
    """Hubs as the recursion takes them.

    Attributes
    ----------
    hubs : Hubs
        The same hubs with the links that are left.
    alone : ndarray, shape (n, M)
        Probability of each event without the hubs of the links that are left.
    hub_alone : ndarray, shape (K, M)
        Probability of each hub without the hubs it still runs on.
    marginal : ndarray, shape (K, M)
        Probability of each hub, by itself or with another.
    takes : ndarray, shape (n, K)
        Probability of each event to happen with each hub, with the links that were put into the
        event's own chance; 0 for an event that is itself a hub.
    folded : ndarray of bool, shape (n, K)
        These links.
    cut : int
        How many of them bind events together that now fall one by one.
    variance : float
        At most so much of the variance of the loss is lost by it, in money squared.
    most : int
        Hubs that might hang together.
    """

    hubs: Hubs
    alone: Floats
    hub_alone: Floats
    marginal: Floats
    takes: Floats
    folded: Flags
    cut: int
    variance: float
    most: int


def untangled(
    hubs: Hubs, alone: Floats, outside: Floats, loss: Floats, weight: Floats, points: float
) -> Untangled:
    """Fold links until no group of hubs is too large.

    Parameters
    ----------
    hubs : Hubs
        K hubs, n events.
    alone : ndarray, shape (n, M)
        Probability of each event by itself for each value of the factor.
    outside : ndarray, shape (K, M)
        That of each hub, used where it is no event.
    loss : ndarray, shape (n,)
        Money.
    weight : ndarray, shape (M,)
        Of the values of the factor.
    points : float
        Of the grid of money.

    Returns
    -------
    Untangled
    """
    assert hubs.chained is not None  # filled in by its constructor
    own = np.array(hubs.own, dtype=np.intp)
    is_event = own >= 0
    hub_alone = np.where(is_event[:, None], alone[own], outside)
    marginal = _marginals(hubs, hub_alone)
    takes, chained = hubs.takes.copy(), hubs.chained.copy()
    takes[own[is_event]] = 0.0  # such an event runs on what its hub runs on
    chance = marginal @ weight
    on_hubs = int(np.count_nonzero(takes.any(axis=1)))
    work = max(on_hubs, 1) * weight.size * max(points, 1.0)
    most = int(np.clip(np.log2(WORK / work), 1, MOST))
    cut_takes, cut_chained = _cut(takes, chained, chance, loss, most)
    variance = _lost(takes, cut_takes, chance, loss) if cut_takes.any() else 0.0
    variance += _lost_chains(takes, chained, cut_chained, chance, loss)
    single = ~is_event & ~(chained > 0).any(axis=0) & ~(chained > 0).any(axis=1)
    single &= ((takes > 0) & ~cut_takes).sum(axis=0) == 1
    folded = (cut_takes | single) & (takes > 0)
    after = alone.copy()
    for k in np.flatnonzero(folded.any(axis=0)):
        rows = folded[:, k]
        after[rows] = 1.0 - (1.0 - after[rows]) * (1.0 - np.outer(takes[rows, k], marginal[k]))
    hub_after = hub_alone.copy()
    for h, k in zip(*np.nonzero(cut_chained), strict=True):
        hub_after[h] = 1.0 - (1.0 - hub_after[h]) * (1.0 - chained[h, k] * marginal[k])
    after[own[is_event]] = hub_after[is_event]
    bound = np.where(folded, 0.0, takes)
    chained[cut_chained] = 0.0
    bound[own[is_event]] = chained[is_event]
    left = replace(hubs, takes=bound, chained=chained)
    cut = int(cut_takes.sum() + cut_chained.sum())
    return Untangled(
        hubs=left, alone=after, hub_alone=hub_after, marginal=marginal, takes=takes, folded=folded,
        cut=cut, variance=variance, most=most,
    )  # fmt: skip


def _marginals(hubs: Hubs, hub_alone: Floats) -> Floats:
    """Probability of each hub by itself or with those it runs on, these taken as independent."""
    assert hubs.chained is not None  # filled in by its constructor
    if not hubs.chained.any():
        return hub_alone
    found = hub_alone.copy()
    for k in hubs.order():
        below = np.flatnonzero(hubs.chained[k])
        spared = np.prod(1.0 - hubs.chained[k, below, None] * found[below], axis=0)
        found[k] = 1.0 - (1.0 - hub_alone[k]) * spared
    return found


def _cut(
    takes: Floats, chained: Floats, chance: Floats, loss: Floats, most: int
) -> tuple[Flags, Flags]:
    """Links of events and of hubs that would make a group too large, the weakest ones."""
    count = chance.size
    none = np.zeros(takes.shape, dtype=bool), np.zeros(chained.shape, dtype=bool)
    events, on = np.nonzero(takes)
    above, below = np.nonzero(chained)
    through = loss @ takes  # money that hangs on each hub
    spread = chance * (1.0 - chance)
    strength = np.concatenate([
        spread[on] * loss[events] * takes[events, on] * (through[on] - loss[events]
                                                           * takes[events, on]),
        spread[below] * chained[above, below] * through[above] * through[below],
    ])  # fmt: skip
    groups = _Groups(count, most)
    anchor: dict[int, int] = {}
    for link in np.argsort(-strength, kind="stable"):
        if link < events.size:
            i, k = int(events[link]), int(on[link])
            if not groups.join(anchor.setdefault(i, k), k):
                none[0][i, k] = True
        else:
            h, k = int(above[link - events.size]), int(below[link - events.size])
            if not groups.join(h, k):
                none[1][h, k] = True
    return none


class _Groups:
    """Hubs joined into groups of at most ``most``."""

    def __init__(self, count: int, most: int) -> None:
        self.first, self.size, self.most = list(range(count)), [1] * count, most

    def find(self, k: int) -> int:
        while self.first[k] != k:
            self.first[k] = self.first[self.first[k]]
            k = self.first[k]
        return k

    def join(self, a: int, b: int) -> bool:
        """Whether the two are in one group now."""
        a, b = self.find(a), self.find(b)
        if a != b and self.size[a] + self.size[b] > self.most:
            return False
        if a != b:
            self.first[b] = a
            self.size[a] += self.size[b]
        return True


def _lost(takes: Floats, cut: Flags, chance: Floats, loss: Floats) -> float:
    """Covariance of pairs of events on a hub of which at least one no longer shares its fate."""
    money = takes * loss[:, None]
    kept = np.where(cut, 0.0, money)
    # own squares are no covariance and stay either way
    every, left = (m.sum(axis=0) ** 2 - (m**2).sum(axis=0) for m in (money, kept))
    return float((chance * (1.0 - chance)) @ (every - left))


def _lost_chains(takes: Floats, chained: Floats, cut: Flags, chance: Floats, loss: Floats) -> float:
    through = loss @ takes
    above, below = np.nonzero(cut)
    spread = (chance * (1.0 - chance))[below]
    return float(2.0 * spread @ (chained[above, below] * through[above] * through[below]))
