"""Which links to hubs are gone through state by state, and which count vendor by vendor.

Every hub in a group doubles the states to go through, so groups must stay small. A hub that only
one vendor runs on binds nothing together: its chance goes into that vendor's own, exactly. In a
group of too many hubs the strongest links are kept, as long as no group grows beyond what can be
gone through in a few seconds [1]; a vendor still falls with a hub of the others as often, but as
though by itself. Each vendor's chance, and with it the expected loss, stays; what is lost of the
variance is stated.

References
----------
[1] Kruskal, J. B. (1956). On the shortest spanning subtree of a graph. Proceedings of the
    American Mathematical Society 7(1), 48-50: links in the order of their strength.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.losses.hubs import Hubs

__all__ = ["MOST", "Untangled", "untangled"]

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

MOST, WORK = 12, 6e9
"""Hubs that may hang together, fewer if their states times vendors, factor values and points of
the grid come to more than so much work: each hub doubles it.
"""


@dataclass(frozen=True, eq=False)
class Untangled:
    """Hubs as the recursion takes them.

    Attributes
    ----------
    hubs : Hubs
        The same hubs with the links that are left.
    alone : ndarray, shape (n, M)
        Probability of each vendor without the hubs of the links that are left.
    hub_alone : ndarray, shape (K, M)
        Probability of each hub without the hubs it still runs on.
    marginal : ndarray, shape (K, M)
        Probability of each hub, by itself or with another.
    takes : ndarray, shape (n, K)
        Probability of each vendor to fall with each hub, with the links that were put into the
        vendor's own chance; 0 for a vendor that is itself a hub.
    folded : ndarray of bool, shape (n, K)
        These links.
    cut : int
        How many of them bind vendors together that now fall one by one.
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


def untangled(hubs: Hubs, alone: Floats, loss: Floats, weight: Floats, points: float) -> Untangled:
    """Fold links until no group of hubs is too large.

    Parameters
    ----------
    hubs : Hubs
        K hubs, n vendors.
    alone : ndarray, shape (n, M)
        Probability of each vendor by itself for each value of the factor.
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
    vendor_hub = own >= 0
    hub_alone = np.where(vendor_hub[:, None], alone[own], hubs.pd[:, None])
    marginal = _marginals(hubs, hub_alone)
    takes, chained = hubs.takes.copy(), hubs.chained.copy()
    takes[own[vendor_hub]] = 0.0  # such a vendor runs on what its hub runs on
    chance = marginal @ weight
    on_hubs = int(np.count_nonzero(takes.any(axis=1)))
    work = max(on_hubs, 1) * weight.size * max(points, 1.0)
    most = int(np.clip(np.log2(WORK / work), 1, MOST))
    cut_takes, cut_chained = _cut(takes, chained, chance, loss, most)
    variance = _lost(takes, cut_takes, chance, loss) if cut_takes.any() else 0.0
    variance += _lost_chains(takes, chained, cut_chained, chance, loss)
    single = ~vendor_hub & ~(chained > 0).any(axis=0) & ~(chained > 0).any(axis=1)
    single &= ((takes > 0) & ~cut_takes).sum(axis=0) == 1
    folded = (cut_takes | single) & (takes > 0)
    after = alone.copy()
    for k in np.flatnonzero(folded.any(axis=0)):
        rows = folded[:, k]
        after[rows] = 1.0 - (1.0 - after[rows]) * (1.0 - np.outer(takes[rows, k], marginal[k]))
    hub_after = hub_alone.copy()
    for h, k in zip(*np.nonzero(cut_chained), strict=True):
        hub_after[h] = 1.0 - (1.0 - hub_after[h]) * (1.0 - chained[h, k] * marginal[k])
    after[own[vendor_hub]] = hub_after[vendor_hub]
    bound = np.where(folded, 0.0, takes)
    chained[cut_chained] = 0.0
    bound[own[vendor_hub]] = chained[vendor_hub]
    left = Hubs(hubs.names, hubs.pd, bound, hubs.own, chained)
    cut = int(cut_takes.sum() + cut_chained.sum())
    return Untangled(left, after, hub_after, marginal, takes, folded, cut, variance, most)


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
    """Links of vendors and of hubs that would make a group too large, the weakest ones."""
    count = chance.size
    none = np.zeros(takes.shape, dtype=bool), np.zeros(chained.shape, dtype=bool)
    vendors, on = np.nonzero(takes)
    above, below = np.nonzero(chained)
    through = loss @ takes  # money that hangs on each hub
    spread = chance * (1.0 - chance)
    strength = np.concatenate([
        spread[on] * loss[vendors] * takes[vendors, on] * (through[on] - loss[vendors]
                                                           * takes[vendors, on]),
        spread[below] * chained[above, below] * through[above] * through[below],
    ])  # fmt: skip
    groups = _Groups(count, most)
    anchor: dict[int, int] = {}
    for link in np.argsort(-strength, kind="stable"):
        if link < vendors.size:
            i, k = int(vendors[link]), int(on[link])
            if not groups.join(anchor.setdefault(i, k), k):
                none[0][i, k] = True
        else:
            h, k = int(above[link - vendors.size]), int(below[link - vendors.size])
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
    """Covariance of pairs of vendors on a hub of which at least one no longer shares its fate."""
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
