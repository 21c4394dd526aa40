import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, chi2, multivariate_normal, norm, t

from techalign.errors import ModelError
from techalign.losses import Grid, Hubs, SimulatedLosses, loss_distribution, simulate_losses
from techalign.losses.factor import mixing_nodes

PD = np.array([0.02, 0.1, 0.05, 0.2, 0.01, 0.07])
LOSS = np.array([100.0, 300.0, 300.0, 50.0, 200.0, 50.0])
TAKES = np.array([[0.3, 0, 0], [0.5, 0.2, 0], [0, 0.4, 0], [0, 0, 0], [0, 0, 0.6], [0, 0, 0.1]])
HUB_PD = np.array([0.05, 0.1, 0.2])


def quadrature(nu):
    """Gauss-Hermite nodes, and 800 even quantiles of the second factor."""
    m, weight = np.polynomial.hermite_e.hermegauss(80)
    if nu is None:
        return m, np.ones_like(m), weight / weight.sum()
    v = np.sqrt(chi2.ppf((np.arange(800) + 0.5) / 800, nu) / nu)
    share = np.tile(weight / weight.sum(), 800) / 800
    return np.tile(m, 800), np.repeat(v, m.size), share


def enumerated(pd, loss, rho, hubs, nu=None):
    """Every combination of hubs and failures, over quantiles of the factors."""
    m, v, share = quadrature(nu)
    bound = norm.ppf(pd)[:, None] if nu is None else t.ppf(pd, nu)[:, None] * v
    alone = norm.cdf((bound - np.sqrt(rho) * m) / np.sqrt(1 - rho))
    k, n = len(hubs.names), len(pd)
    out, down_loss = {}, np.zeros((k, 2))
    for state in itertools.product([0, 1], repeat=k):
        weight = share
        for h in range(k):
            outside = norm.ppf(hubs.pd[h]) if nu is None else t.ppf(hubs.pd[h], nu) * v
            outside = norm.cdf((outside - np.sqrt(hubs.rho) * m) / np.sqrt(1 - hubs.rho))
            base = outside if hubs.rho else hubs.pd[h]
            base = base if hubs.own[h] < 0 else alone[hubs.own[h]]
            up = (1 - base) * np.prod([1 - hubs.chained[h, j] for j in range(k) if state[j]])
            weight = weight * np.where(state[h], 1 - up, up)
        spared = np.prod([1 - hubs.takes[:, h] for h in range(k) if state[h]], axis=0)
        given = 1 - (1 - alone) * np.broadcast_to(spared, n)[:, None]
        for h, row in enumerate(hubs.own):
            if row >= 0:
                given[row] = state[h]
        for gone in itertools.product([0, 1], repeat=n):
            chance = (
                np.where(np.array(gone)[:, None], given, 1 - given).prod(axis=0) * weight
            ).sum()
            total = float(np.array(gone) @ loss)
            out[total] = out.get(total, 0.0) + chance
            for h in range(k):
                if state[h]:
                    down_loss[h] += chance, chance * total
    amounts = np.array(sorted(out))
    return amounts, np.array([out[a] for a in amounts]), down_loss


def agrees(found, amounts, chance, atol=1e-5):
    places = np.rint(amounts / found.step).astype(int)
    assert np.allclose(found.probability[places], chance, atol=atol)
    assert found.probability.sum() == pytest.approx(1, abs=1e-9)
    assert found.el == pytest.approx(amounts @ chance, rel=3e-4)


def test_enumeration_with_shared_hubs():
    hubs = Hubs(("a", "b", "c"), HUB_PD, TAKES)
    found = loss_distribution(PD, LOSS, rho=0.2, hubs=hubs, grid=20)
    amounts, chance, down = enumerated(PD, LOSS, 0.2, hubs)
    agrees(found, amounts, chance)
    probability, lost = found.hub_losses()
    assert probability == pytest.approx(HUB_PD)
    assert lost == pytest.approx(down[:, 1] / down[:, 0], rel=1e-4)
    plain = loss_distribution(PD, LOSS, rho=0.2, hubs=(HUB_PD, TAKES), grid=20)
    assert np.allclose(plain.probability, found.probability)


def test_enumeration_where_hubs_are_vendors_and_run_on_hubs():
    chained = np.zeros((3, 3))
    chained[1, 0], chained[2, 1] = 0.5, 0.3  # b runs on a, c on b
    takes = TAKES.copy()
    takes[3] = [0.5, 0, 0]  # vendor 3 is hub b
    hubs = Hubs(("a", "b", "c"), HUB_PD, takes, (-1, 3, -1), chained)
    found = loss_distribution(PD, LOSS, rho=0.2, hubs=hubs, grid=20)
    amounts, chance, down = enumerated(PD, LOSS, 0.2, hubs)
    agrees(found, amounts, chance)
    assert found.hub_losses()[1] == pytest.approx(down[:, 1] / down[:, 0], rel=1e-4)
    assert found.chance[3] == pytest.approx(1 - (1 - 0.2) * (1 - 0.05 * 0.5), rel=1e-6)


@pytest.mark.slow
def test_enumeration_where_outside_hubs_fail_in_hard_times():
    chained = np.zeros((3, 3))
    chained[1, 0] = 0.5  # b runs on a
    hubs = Hubs(("a", "b", "c"), HUB_PD, TAKES, (), chained, rho=0.3)
    for given in (hubs, hubs.cut("b")):
        found = loss_distribution(PD, LOSS, rho=0.2, hubs=given, grid=20)
        amounts, chance, _ = enumerated(PD, LOSS, 0.2, given)
        agrees(found, amounts, chance)
    heavy = loss_distribution(PD, LOSS, rho=0.2, hubs=hubs, copula="t", nu=4, grid=20)
    amounts, chance, _ = enumerated(PD, LOSS, 0.2, hubs, nu=4)
    agrees(heavy, amounts, chance, atol=2e-4)


def test_hubs_in_hard_times_move_the_worst_years_and_hardly_the_average():
    alone, together = (
        loss_distribution(
            PD, LOSS, rho=0.3, grid=200, hubs=Hubs(("a", "b", "c"), HUB_PD, TAKES, rho=r)
        )
        for r in (0.0, 0.3)
    )
    assert together.es(0.99) > 1.03 * alone.es(0.99)
    assert together.el == pytest.approx(alone.el, rel=0.05)
    assert together.hub_losses()[0] == pytest.approx(HUB_PD, rel=1e-6)
    with pytest.raises(ModelError, match=r"hubs\.rho"):
        Hubs(("a",), [0.1], [[0.5]], rho=1.0)


def test_enumeration_of_the_t_copula():
    none = Hubs((), np.zeros(0), np.zeros((6, 0)))
    found = loss_distribution(PD, LOSS, rho=0.2, copula="t", nu=4, grid=20)
    amounts, chance, _ = enumerated(PD, LOSS, 0.2, none, nu=4)
    agrees(found, amounts, chance, atol=1e-4)
    hubs = Hubs(("a",), [0.05], TAKES[:, :1])
    found = loss_distribution(PD[:4], LOSS[:4], rho=0.2, copula="t", nu=3, grid=15,
                              hubs=([0.05], TAKES[:4, :1]))  # fmt: skip
    short = Hubs(hubs.names, hubs.pd, hubs.takes[:4])
    amounts, chance, _ = enumerated(PD[:4], LOSS[:4], 0.2, short, nu=3)
    agrees(found, amounts, chance, atol=2e-4)


def test_twelve_vendors_with_hubs_by_brute_force():
    draw = np.random.default_rng(3)
    pd, loss = draw.uniform(0.02, 0.2, 12), 50.0 * draw.integers(1, 6, 12)
    hubs = Hubs(
        ("a", "b"), [0.1, 0.05], draw.uniform(0, 0.5, (12, 2)) * (draw.random((12, 2)) < 0.5)
    )
    found = loss_distribution(pd, loss, rho=0.0, hubs=hubs, grid=int(loss.sum() / 50))
    amounts, chance, _ = enumerated(pd, loss, 0.0, hubs)
    agrees(found, amounts, chance, atol=1e-10)


def test_many_hubs_that_hang_together_by_brute_force():
    draw = np.random.default_rng(6)
    pd, loss = draw.uniform(0.02, 0.2, 7), 50.0 * draw.integers(1, 6, 7)
    takes = draw.uniform(0, 0.5, (7, 5)) * (draw.random((7, 5)) < 0.5)
    chained = np.zeros((5, 5))
    chained[2, 4] = 0.4
    hubs = Hubs(tuple("abcde"), np.full(5, 0.1), takes, (), chained)
    assert len(hubs.components()) == 1  # five at once: by transforms
    found = loss_distribution(pd, loss, rho=0.0, hubs=hubs, grid=int(loss.sum() / 50))
    amounts, chance, down = enumerated(pd, loss, 0.0, hubs)
    agrees(found, amounts, chance, atol=1e-9)
    assert found.hub_losses()[1] == pytest.approx(down[:, 1] / down[:, 0])
    assert found.contributions(0.95).sum() == pytest.approx(found.es(0.95))


@pytest.mark.parametrize("copula", ["gaussian", "t"])
def test_transforms_agree_with_adding_vendors_one_by_one(monkeypatch, copula):
    draw = np.random.default_rng(10)
    pd, loss = draw.uniform(0.01, 0.2, 12), draw.lognormal(9, 1, 12)  # between points of the grid
    takes = draw.uniform(0, 0.5, (12, 5)) * (draw.random((12, 5)) < 0.5)
    hubs = Hubs(tuple("abcde"), np.full(5, 0.1), takes)
    quick = loss_distribution(
        pd, loss, hubs=hubs, copula=copula, grid=Grid(300, nodes=24, mixing=6)
    )
    assert quick.amounts @ quick.probability == pytest.approx(quick.el, rel=1e-6)
    monkeypatch.setattr("techalign.losses.recursion.TANGLED", 99)
    plain = loss_distribution(
        pd, loss, hubs=hubs, copula=copula, grid=Grid(300, nodes=24, mixing=6)
    )
    assert np.allclose(quick.probability, plain.probability, atol=1e-12)


@pytest.mark.parametrize("copula", ["gaussian", "t"])
def test_vendors_on_every_hub_one_by_one_as_by_transforms(monkeypatch, copula):
    draw = np.random.default_rng(9)
    pd, loss, takes = draw.uniform(0.01, 0.1, 40), draw.lognormal(8, 1, 40), draw.random((40, 6))
    hubs = (np.linspace(0.01, 0.06, 6), takes)
    size = {"copula": copula, "grid": Grid(300, nodes=24, mixing=6)}
    ours = loss_distribution(pd, loss, hubs=hubs, **size)
    monkeypatch.setattr("techalign.losses.recursion.MOST_CHANCES", 0)
    theirs = loss_distribution(pd, loss, hubs=hubs, **size)
    assert not np.array_equal(ours.probability, theirs.probability)  # two ways indeed
    assert np.allclose(ours.probability, theirs.probability, atol=1e-12)


def test_a_hub_of_one_vendor_is_exact_and_goes_into_its_own_chance():
    draw, n = np.random.default_rng(7), 229
    pd, loss, takes = draw.uniform(0, 0.1, n), draw.lognormal(9, 1, n), draw.uniform(0.1, 0.6, n)
    found = loss_distribution(pd, loss, hubs=(np.full(n, 0.02), np.diag(takes)))
    chance, lost = found.hub_losses()
    assert (found.neglected, found.note) == (0.0, "")
    # one factor and an own chance is a hub; without a factor the two are one probability
    apart = loss_distribution(pd, loss, rho=0.0, hubs=(np.full(n, 0.02), np.diag(takes)))
    merged = loss_distribution(1 - (1 - pd) * (1 - 0.02 * takes), loss, rho=0.0)
    assert np.allclose(apart.probability, merged.probability, atol=1e-14)
    assert chance == pytest.approx(np.full(n, 0.02))
    extra = loss * (1 - pd) * takes * (1 - 0.02)
    assert lost == pytest.approx(found.el + extra, rel=1e-9)


@pytest.mark.slow
def test_more_hubs_than_can_be_gone_through_keep_the_average_and_say_what_is_lost():
    draw, n, count = np.random.default_rng(8), 100, 40
    pd, loss = draw.uniform(0.005, 0.08, n), draw.lognormal(10, 1, n)
    takes = np.where(draw.random((n, count)) < 0.05, draw.uniform(0.1, 0.6, (n, count)), 0.0)
    found = loss_distribution(pd, loss, hubs=(np.full(count, 0.02), takes))
    spared = np.prod(1 - 0.02 * takes, axis=1)
    assert found.chance == pytest.approx(1 - (1 - pd) * spared, rel=1e-9)
    assert "weakest links" in found.note
    assert 0 < found.neglected < 0.03
    links = np.zeros((n + count, n + count))
    links[:n, n:] = takes
    simulated = simulate_losses(
        [*pd, *[0.02] * count], [*loss, *[0.0] * count], links, np.random.default_rng(2),
        rho=[0.15] * n + [0.0] * count, draws=400_000,
    )  # fmt: skip
    assert found.el == pytest.approx(simulated.el, rel=0.01)
    assert found.es(0.99) == pytest.approx(simulated.es(0.99), rel=0.02)
    chance, lost = found.hub_losses()
    assert chance == pytest.approx(np.full(count, 0.02))
    assert chance @ (lost - found.el) > 0


@pytest.mark.slow
def test_chained_hubs_beyond_the_bound_finish_too():
    draw, n = np.random.default_rng(9), 30
    takes, chained = np.diag(draw.uniform(0.2, 0.9, n)), np.diag(np.full(n - 1, 0.5), -1)
    hubs = Hubs(tuple(f"hub {k}" for k in range(n)), np.full(n, 0.02), takes, (), chained)
    found = loss_distribution(np.full(n, 0.02), np.full(n, 100.0), hubs=hubs, grid=n)
    down = np.zeros(n)
    for k in range(n):  # a chain is a tree: its marginals are a product
        down[k] = 1 - 0.98 * (1 - 0.5 * down[k - 1] if k else 1.0)
    assert found.chance == pytest.approx(1 - 0.98 * (1 - down * np.diag(takes)), rel=1e-6)
    assert found.neglected > 0


def test_joint_failure_under_t_is_bivariate_t():
    found = loss_distribution([0.03, 0.08], [1.0, 1.0], rho=0.3, copula="t", nu=4, grid=2)
    bound, normal = t.ppf([0.03, 0.08], 4), multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]])
    both = quad(lambda v: normal.cdf(bound * v) * 8 * v * chi2.pdf(4 * v * v, 4), 0, 5)[0]
    assert found.probability[2] == pytest.approx(both, rel=1e-6)
    assert found.el == pytest.approx(0.11)


@pytest.mark.parametrize("nu", [1.0, 4.0, 30.0])
def test_second_factor_has_its_moments(nu):
    node, weight = mixing_nodes(16, nu)
    assert weight.sum() == pytest.approx(1)
    assert weight @ node**2 == pytest.approx(1)  # chi-squared over nu
    assert weight @ node**4 == pytest.approx(1 + 2 / nu)


def big(seed=1):
    draw = np.random.default_rng(seed)
    pd, loss = draw.uniform(0.005, 0.08, 100), draw.lognormal(10, 1, 100)
    takes = np.zeros((100, 8))
    takes[np.arange(100), draw.integers(0, 8, 100)] = draw.uniform(0.1, 0.6, 100)
    return pd, loss, takes


@pytest.mark.slow
@pytest.mark.parametrize("copula", ["gaussian", "t"])
def test_a_hundred_vendors_on_eight_hubs_agree_with_simulation(copula):
    pd, loss, takes = big()
    found = loss_distribution(pd, loss, hubs=(np.full(8, 0.03), takes), copula=copula)
    # hubs as further vendors without loss
    links = np.zeros((108, 108))
    links[:100, 100:] = takes
    simulated = simulate_losses(
        [*pd, *[0.03] * 8], [*loss, *[0.0] * 8], links, np.random.default_rng(2),
        rho=[0.15] * 100 + [0.0] * 8, copula="gaussian", draws=400_000,
    ) if copula == "gaussian" else _simulated_t(pd, loss, takes)  # fmt: skip
    assert found.el == pytest.approx(simulated.el, rel=0.01)
    for level in (0.9, 0.99):
        assert found.var(level) == pytest.approx(simulated.var(level), rel=0.02)
        assert found.es(level) == pytest.approx(simulated.es(level), rel=0.02)


def _simulated_t(pd, loss, takes):
    """Plain simulation, because hubs do not share the second factor."""
    draw, totals, size = np.random.default_rng(4), [], 20_000
    bound = t.ppf(pd, 4.0)
    for _ in range(10):
        v = np.sqrt(draw.chisquare(4.0, size) / 4.0)[:, None]
        latent = np.sqrt(0.15) * draw.normal(size=(size, 1)) + np.sqrt(0.85) * draw.normal(
            size=(size, 100)
        )
        down = latent < bound * v
        hubs = draw.random((size, 8)) < 0.03
        for h in range(8):
            down |= hubs[:, [h]] & (draw.random((size, 100)) < takes[:, h])
        totals.append(down @ loss)
    return SimulatedLosses(np.sort(np.concatenate(totals)), np.zeros(100))


def test_what_changes_decisions_grows():
    pd, loss, takes = big()
    alone = loss_distribution(pd, loss, rho=0.0).var()
    factor = loss_distribution(pd, loss).var()
    hubs = loss_distribution(pd, loss, hubs=(np.full(8, 0.03), takes)).var()
    tail = loss_distribution(pd, loss, copula="t").var()
    assert alone < factor < hubs
    assert factor < tail


def test_contributions_with_hubs_add_up_and_are_conditional_means():
    hubs = Hubs(("a", "b", "c"), HUB_PD, TAKES)
    found = loss_distribution(PD, LOSS, rho=0.2, hubs=hubs, grid=20)
    for level in (0.9, 0.99):
        assert found.contributions(level).sum() == pytest.approx(found.es(level))
    # a tail that is everything: each vendor adds its expected loss
    assert found._given.weighted_losses(np.ones(21)) == pytest.approx(found.chance * LOSS)
    more = loss_distribution(
        PD, LOSS * np.array([1, 1, 1.001, 1, 1, 1]), rho=0.2, hubs=hubs, grid=20_020
    )
    less = loss_distribution(
        PD, LOSS * np.array([1, 1, 0.999, 1, 1, 1]), rho=0.2, hubs=hubs, grid=19_980
    )
    slope = (more.es(0.9) - less.es(0.9)) / 0.002
    assert found.contributions(0.9)[2] == pytest.approx(slope, rel=0.05)


def test_order_puts_hubs_after_what_they_run_on():
    chained = np.zeros((3, 3))
    chained[0, 2] = 0.5
    assert Hubs(("a", "b", "c"), HUB_PD, TAKES, (), chained).order().index(2) < 2
    assert sorted(map(sorted, Hubs(("a", "b", "c"), HUB_PD, TAKES).components())) == [[0, 1], [2]]


def test_a_thousand_vendors_and_one():
    draw = np.random.default_rng(0)
    many = loss_distribution(draw.uniform(0, 0.1, 1000), draw.lognormal(9, 1, 1000))
    assert many.amounts @ many.probability == pytest.approx(many.el)
    likely = loss_distribution(np.full(1000, 0.7), np.ones(1000), rho=0.0, grid=1000)
    assert likely.probability == pytest.approx(binom.pmf(np.arange(1001), 1000, 0.7), abs=1e-12)
    one = loss_distribution([0.03], [500.0], grid=5)
    assert one.probability.tolist() == pytest.approx([0.97, 0, 0, 0, 0, 0.03])
    assert one.var(0.99) == 500.0
