import itertools

import numpy as np
import pytest
from scipy.integrate import quad
from scipy.stats import binom, multivariate_normal, norm

from techalign.errors import ModelError
from techalign.losses import Grid, conditional_pd, loss_distribution, worst_case_rate


def enumerated(pd, loss, rho, nodes=400):
    """Every combination of failures, over a fine midpoint rule for the factor."""
    edges = norm.ppf(np.linspace(0, 1, nodes * 50 + 1)[1:-1])
    factor = np.concatenate([[edges[0]], (edges[1:] + edges[:-1]) / 2, [edges[-1]]])
    given = norm.cdf((norm.ppf(pd)[:, None] - np.sqrt(rho) * factor) / np.sqrt(1 - rho))
    out = {}
    for gone in itertools.product([0, 1], repeat=len(pd)):
        flags = np.array(gone)[:, None]
        chance = np.where(flags, given, 1 - given).prod(axis=0).mean()
        total = float(np.array(gone) @ loss)
        out[total] = out.get(total, 0.0) + chance
    amounts = np.array(sorted(out))
    return amounts, np.array([out[a] for a in amounts])


PD = np.array([0.02, 0.1, 0.05, 0.2, 0.01, 0.07])
LOSS = np.array([100.0, 300.0, 300.0, 50.0, 200.0, 50.0])


def test_published_worst_case_rates():
    assert worst_case_rate(0.01, 0.2, 0.999) == pytest.approx(0.146, abs=5e-4)
    assert worst_case_rate(0.02, 0.4, 0.999) == pytest.approx(0.449, abs=5e-4)


@pytest.mark.parametrize(
    ("pd", "weight"),
    [(0.0003, 14.44), (0.001, 29.65), (0.005, 69.61), (0.01, 92.32), (0.03, 128.44)],
)
def test_published_basel_risk_weights(pd, weight):
    share = (1 - np.exp(-50 * pd)) / (1 - np.exp(-50))
    rho = 0.12 * share + 0.24 * (1 - share)
    slope = (0.11852 - 0.05478 * np.log(pd)) ** 2
    capital = 0.45 * (worst_case_rate(pd, rho, 0.999) - pd) / (1 - 1.5 * slope)
    assert 12.5 * 1.06 * capital * 100 / 1.06 == pytest.approx(weight, abs=0.006)


def test_enumeration_of_all_combinations():
    found = loss_distribution(PD, LOSS, rho=0.2, grid=20)  # every loss is whole steps of 50
    amounts, chance = enumerated(PD, LOSS, 0.2)
    assert np.allclose(found.probability[np.rint(amounts / 50).astype(int)], chance, atol=2e-5)
    assert found.probability.sum() == pytest.approx(1)
    for level in (0.8, 0.95, 0.99):
        place = np.argmax(np.cumsum(chance) >= level)
        assert found.var(level) == amounts[place]
        tail = amounts[place + 1 :] @ chance[place + 1 :]
        part = 1 - level - chance[place + 1 :].sum()
        shortfall = (tail + part * amounts[place]) / (1 - level)
        assert found.es(level) == pytest.approx(shortfall, rel=2e-3)
    assert found.exceed(100.0) == pytest.approx(chance[amounts > 100].sum(), abs=1e-4)
    assert found.exceed([-1.0, 1e9]).tolist() == pytest.approx([1.0, 0.0])


def test_euler_contributions_are_conditional_means():
    found = loss_distribution(PD, LOSS, rho=0.2, grid=20)
    level, chance = 0.95, 0.0
    parts = found.contributions(level)
    assert parts.sum() == pytest.approx(found.es(level))
    factor, weight = np.polynomial.hermite_e.hermegauss(64)
    given = conditional_pd(PD, 0.2, factor)
    expected, limit = np.zeros(6), found.var(level)
    atom = found.probability[round(limit / 50)]
    beyond = found.exceed(limit)
    for gone in itertools.product([0, 1], repeat=6):
        flags = np.array(gone)
        joint = np.where(flags[:, None], given, 1 - given).prod(axis=0)
        chance = joint @ weight / weight.sum()
        total = flags @ LOSS
        counted = 1.0 if total > limit else (1 - level - beyond) / atom if total == limit else 0.0
        expected += counted * chance * flags * LOSS
    assert np.allclose(parts, expected / (1 - level))


def test_contributions_of_split_losses_still_add_up():
    loss = LOSS * np.array([1, 1.013, 0.777, 1.21, 0.0, 1])
    found = loss_distribution(PD, loss, grid=97)
    for level in (0.5, 0.9, 0.999):
        assert found.contributions(level).sum() == pytest.approx(found.es(level))
    assert found.contributions()[4] == 0


def test_finite_vasicek_is_a_mixture_of_binomials():
    n, pd, rho = 30, 0.04, 0.25
    found = loss_distribution(np.full(n, pd), np.ones(n), rho=rho, grid=n)
    for k in (0, 1, 3, 10):

        def mixed(m, k=k):
            given = norm.cdf((norm.ppf(pd) - np.sqrt(rho) * m) / np.sqrt(1 - rho))
            return binom.pmf(k, n, given) * norm.pdf(m)

        assert found.probability[k] == pytest.approx(quad(mixed, -10, 10)[0], rel=1e-6)


def test_joint_failure_is_bivariate_normal():
    found = loss_distribution([0.03, 0.08], [1.0, 1.0], rho=[0.3, 0.3], grid=2)
    both = multivariate_normal([0, 0], [[1, 0.3], [0.3, 1]]).cdf(norm.ppf([0.03, 0.08]))
    assert found.probability[2] == pytest.approx(both, rel=1e-6)
    unequal = loss_distribution([0.03, 0.08], [1.0, 1.0], rho=[0.1, 0.4], grid=2)
    load = np.sqrt(0.1 * 0.4)
    both = multivariate_normal([0, 0], [[1, load], [load, 1]]).cdf(norm.ppf([0.03, 0.08]))
    assert unequal.probability[2] == pytest.approx(both, rel=1e-6)


def test_mean_is_kept_and_simulation_agrees():
    draw = np.random.default_rng(8)
    pd, loss = draw.uniform(0.01, 0.1, 20), draw.lognormal(9, 1, 20)
    found = loss_distribution(pd, loss, rho=0.2)
    assert found.amounts @ found.probability == pytest.approx(found.el)
    factor, own = draw.normal(size=(200_000, 1)), draw.normal(size=(200_000, 20))
    down = np.sqrt(0.2) * factor + np.sqrt(0.8) * own < norm.ppf(pd)
    total = down @ loss
    assert found.sd == pytest.approx(total.std(), rel=0.01)
    assert found.var(0.99) == pytest.approx(np.quantile(total, 0.99), rel=0.02)
    worst = np.sort(total)[-2000:].mean()
    assert found.es(0.99) == pytest.approx(worst, rel=0.02)


def test_finer_grid_and_more_nodes_change_little():
    draw = np.random.default_rng(0)
    pd, loss = draw.uniform(0.005, 0.08, 100), draw.lognormal(10, 1, 100)
    coarse, fine = (
        loss_distribution(pd, loss),
        loss_distribution(pd, loss, grid=Grid(10_000, nodes=128)),
    )
    assert coarse.var() == pytest.approx(fine.var(), abs=1.5 * coarse.step)
    assert coarse.es() == pytest.approx(fine.es(), rel=2e-4)
    independent = loss_distribution(pd, loss, rho=0.0)
    assert independent.var() < coarse.var()
    assert independent.el == coarse.el


def test_certain_and_impossible_failures():
    found = loss_distribution([1.0, 0.0], [10.0, 30.0], grid=4)
    assert found.probability.tolist() == pytest.approx([0, 1, 0, 0, 0])
    assert (found.el, found.var(), found.es()) == pytest.approx((10.0, 10.0, 10.0))
    assert found.contributions().tolist() == pytest.approx([10.0, 0.0])


def test_nothing_at_stake():
    for pd, loss in (([], []), ([0.1], [0.0])):
        found = loss_distribution(pd, loss)
        assert (found.el, found.var(), found.es()) == (0.0, 0.0, 0.0)
        assert found.contributions().tolist() == [0.0] * len(pd)


@pytest.mark.parametrize(
    ("arguments", "options", "argument"),
    [
        (([0.1, 1.2], [1, 1]), {}, "pd[1]"),
        (([0.1, 0.2], [1, -1]), {}, "loss[1]"),
        (([0.1, 0.2], [1, np.nan]), {}, "loss[1]"),
        (([0.1, 0.2], [1]), {}, "loss"),
        (([0.1], [1]), {"rho": 1.0}, "rho[0]"),
        (([0.1], [1]), {"rho": [0.1, 0.2]}, "rho"),
        (([0.1], [1]), {"grid": Grid(nodes=1)}, "nodes"),
        (([0.1], [1]), {"grid": 0}, "grid"),
    ],
)
def test_refusals_name_the_argument(arguments, options, argument):
    with pytest.raises(ModelError) as caught:
        loss_distribution(*arguments, **options)
    assert caught.value.argument == argument


def test_level_must_be_inside():
    with pytest.raises(ModelError, match="level"):
        loss_distribution([0.1], [1.0]).var(1.0)
