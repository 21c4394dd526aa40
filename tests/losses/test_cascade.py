import numpy as np
import pytest
from scipy.stats import binom

from techalign.errors import ModelError
from techalign.losses import loss_distribution, simulate_losses

PD = np.array([0.05, 0.02, 0.04, 0.1])
LOSS = np.array([100.0, 200.0, 300.0, 50.0])
NONE = np.zeros((4, 4))


@pytest.mark.parametrize("copula", ["gaussian", "t"])
def test_without_dependencies_it_agrees_with_the_exact_way(copula):
    found = simulate_losses(
        PD, LOSS, NONE, np.random.default_rng(1), rho=0.3, copula=copula, draws=400_000
    )
    exact = loss_distribution(PD, LOSS, rho=0.3, copula=copula, grid=13)
    assert found.chance == pytest.approx(PD, rel=0.03)
    assert abs(found.el - exact.el) < 4 * found.el_error
    for amount in (0.0, 100.0, 300.0, 450.0):
        assert found.exceed(amount) == pytest.approx(exact.exceed(amount), rel=0.05)
    assert found.var(0.99) == exact.var(0.99)
    assert found.es(0.99) == pytest.approx(exact.es(0.99), rel=0.02)


def test_failures_pass_on_along_a_chain():
    takes = NONE.copy()
    takes[1, 0], takes[2, 1] = 0.5, 0.8
    found = simulate_losses(PD, LOSS, takes, np.random.default_rng(2), rho=0.0, draws=400_000)
    first = 0.05
    second = 1 - (1 - 0.02) * (1 - 0.5 * first)
    # independent: the third falls by itself or with the second
    third = 1 - (1 - 0.04) * (1 - 0.8 * second)
    assert found.chance == pytest.approx([first, second, third, 0.1], rel=0.03)


def test_order_of_the_table_does_not_matter():
    takes = NONE.copy()
    takes[0, 3], takes[3, 2] = 1.0, 1.0
    found = simulate_losses(PD, LOSS, takes, np.random.default_rng(3), rho=0.0)
    assert found.chance[0] >= found.chance[3] >= found.chance[2]


def test_interval_of_the_value_at_risk_covers():
    loss, pd = np.ones(50), np.full(50, 0.05)
    found = simulate_losses(pd, loss, np.zeros((50, 50)), np.random.default_rng(5), rho=0.0)
    interval = found.var_interval(0.95)
    assert interval.low <= binom.ppf(0.95, 50, 0.05) <= interval.high


def test_same_stream_same_years():
    one, other = (simulate_losses(PD, LOSS, NONE, np.random.default_rng(9)) for _ in range(2))
    assert np.array_equal(one.losses, other.losses)


@pytest.mark.parametrize(
    ("change", "argument"),
    [
        ({"pd": [0.1, 0.1, 1.2, 0.1]}, "pd[2]"),
        ({"loss": [1, 1, 1, -1]}, "loss[3]"),
        ({"takes": np.full((4, 4), 2.0)}, "takes[0, 0]"),
        ({"takes": np.zeros((3, 4))}, "takes"),
        ({"takes": np.eye(4) * 0.1}, "takes"),
        ({"rho": 1.0}, "rho[0]"),
        ({"draws": 0}, "draws"),
        ({"copula": "clayton"}, "copula"),
    ],
)
def test_refusals_name_the_argument(change, argument):
    arguments = {"pd": PD, "loss": LOSS, "takes": NONE, "rng": np.random.default_rng(1)} | change
    with pytest.raises(ModelError) as caught:
        simulate_losses(**arguments)
    assert caught.value.argument == argument


def test_a_circle_is_named():
    takes = NONE.copy()
    takes[0, 1] = takes[1, 2] = takes[2, 0] = 0.1
    with pytest.raises(ModelError, match=r"circle.*0, 1, 2"):
        simulate_losses(PD, LOSS, takes, np.random.default_rng(1))
