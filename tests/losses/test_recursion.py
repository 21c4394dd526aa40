"""Large losses last: the same distribution and contributions as added one by one."""

import numpy as np
import pytest
from numpy.testing import assert_allclose

from techalign.losses import Grid, Hubs, LossDistribution, loss_distribution
from techalign.losses.convolution import merged, parted, set_chances, way_of

LOWER, SHARE = np.array([2, 3, 7]), np.array([0.25, 0.0, 0.6])


def _by_sets(sets: np.ndarray) -> np.ndarray:
    """Each set of late vendors by itself, moved by what it costs."""
    total = np.zeros(sets.shape[1] + 12 + 2)
    for number, row in enumerate(sets):
        now = np.pad(row, (0, 14))
        for j in range(3):
            if number & (4 >> j):  # the first vendor splits the rows into halves
                k, s = LOWER[j], SHARE[j]
                now = (1 - s) * np.roll(now, k) + s * np.roll(now, k + 1)
        total += now
    return total


def test_sets_merged_in_halves_are_the_sets_one_by_one() -> None:
    rng = np.random.default_rng(1)
    sets = rng.random((8, 5))
    assert_allclose(merged(sets, LOWER, SHARE), _by_sets(sets), rtol=1e-14)
    assert_allclose(way_of(sets, LOWER, SHARE)[-1][0], _by_sets(sets), rtol=1e-14)


def test_the_way_back_weighs_every_set_and_every_loss() -> None:
    rng = np.random.default_rng(2)
    chance, weight, tail = rng.random((3, 4)), rng.random(4), rng.random(19)
    now = rng.random((5, 4))
    sets = set_chances(chance, weight)
    assert_allclose(sets.sum(axis=0), weight, rtol=1e-14)
    assert_allclose(sets[4:].sum(axis=0), weight * chance[0], rtol=1e-14)
    way = way_of(sets @ now.T, LOWER, SHARE)
    ahead, lost = parted(way, tail, LOWER, SHARE)
    assert_allclose((ahead * way[0]).sum(), way[-1][0] @ tail, rtol=1e-13)
    for j in range(3):
        # a little more lost by vendor j, told by the weight of the years in which it fails
        with_it = np.where(np.arange(8)[:, None] & (4 >> j), way[0], 0.0)
        k, s = LOWER[j], SHARE[j]
        others = np.delete(np.arange(3), j)
        alone = way_of(_without(with_it, j), LOWER[others], SHARE[others])[-1][0]
        size = alone.size
        expected = (1 - s) * k * alone @ tail[k : k + size]
        expected += s * (k + 1) * alone @ np.pad(tail, (0, 1))[k + 1 : k + 1 + size]
        assert_allclose(lost[j], expected, rtol=1e-13)


def _without(sets: np.ndarray, j: int) -> np.ndarray:
    shaped = np.moveaxis(sets.reshape(2, 2, 2, -1), j, 0)[1]
    return shaped.reshape(4, -1)


def _portfolio(rng: np.random.Generator, copula: str, own: tuple[int, ...]) -> LossDistribution:
    pd, loss = rng.uniform(0, 0.1, 12), rng.integers(1, 60, 12) ** 2.0
    takes = np.where(rng.random((12, 3)) < 0.4, rng.random((12, 3)), 0.0)
    takes[own[0]] = 0.0
    hubs = Hubs(("a", "b", "c"), np.array([0.02, 0.05, 0.01]), takes, own)
    return loss_distribution(pd, loss, hubs=hubs, copula=copula, grid=Grid(700, nodes=24))


@pytest.mark.parametrize("copula", ["gaussian", "t"])
@pytest.mark.parametrize("own", [(-1, -1, -1), (3, -1, -1)])
def test_hubs_opened_or_averaged_out_give_the_same(
    copula: str, own: tuple[int, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    opened = _portfolio(np.random.default_rng(3), copula, own)
    assert opened._given.plan.opened
    assert opened._given.plan.early.size
    money = opened.contributions(0.95)
    assert_allclose(money.sum(), opened.es(0.95), rtol=1e-12)
    monkeypatch.setattr("techalign.losses.recursion.OPENED", 0)
    closed = _portfolio(np.random.default_rng(3), copula, own)
    assert not closed._given.plan.opened
    assert_allclose(closed.probability, opened.probability, rtol=1e-12, atol=1e-18)
    assert_allclose(closed.contributions(0.95), money, rtol=1e-6)


def test_small_losses_on_a_hub_keep_it_closed() -> None:
    n = 60
    takes = np.zeros((n, 1))
    takes[:10] = 0.3
    hubs = Hubs(("a",), np.array([0.02]), takes)
    even = loss_distribution(np.full(n, 0.02), np.ones(n), hubs=hubs, grid=Grid(step=1.0))
    assert not even._given.plan.opened
    assert_allclose(even.contributions(0.99).sum(), even.es(0.99), rtol=1e-12)
    assert_allclose(even.probability @ even.amounts, even.el, rtol=1e-8)
