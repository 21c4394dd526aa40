import numpy as np
import pytest

from techalign.errors import ModelError
from techalign.survival import BurrCurve, LifetimePrior, prior_from_curve
from techalign.survival.burr import SUPPORTED, curve_of

CURVE = BurrCurve(6.0, 0.8, 2.0)


@pytest.mark.parametrize("dist", SUPPORTED)
def test_prior_meets_the_curve_at_five_and_ten(dist):
    prior = prior_from_curve(CURVE, dist)
    ages = [5.0, 10.0]
    assert np.allclose(curve_of(dist, prior.mean).survival(ages), CURVE.survival(ages))


def test_prior_of_a_weibull_curve_for_burr():
    weibull = BurrCurve(6.0, 0.8)
    centre = curve_of("burr", prior_from_curve(weibull).mean)
    assert np.allclose(centre.survival([5, 10]), weibull.survival([5, 10]), atol=0.01)


def test_a_prior_keeps_its_say_where_ends_count_twice():
    prior = prior_from_curve(BurrCurve(6.0, 0.8, 1.8))
    twice = prior.counted(2.0)
    assert np.square(twice.sd) * 2 == pytest.approx(np.square(prior.sd))
    assert twice.beta_sd**2 * 2 == pytest.approx(prior.beta_sd**2)
    with pytest.raises(ModelError, match="times"):
        prior.counted(0.0)


def test_refusals():
    with pytest.raises(ModelError, match="one value for each"):
        LifetimePrior("burr", [0.0], [1.0])
    with pytest.raises(ModelError, match="positive"):
        LifetimePrior("weibull", [0.0, 0.0], [1.0, 0.0])
