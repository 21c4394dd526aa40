import numpy as np
import pytest

from techalign.survival.newton import logistic_objective


@pytest.mark.parametrize("believed", [False, True])
def test_derivatives_agree_with_finite_differences(believed):
    draw = np.random.default_rng(1)
    design, event = draw.normal(size=(40, 3)), (draw.random(40) < 0.3).astype(float)
    beliefs = (np.array([0.5, 0, -1]), np.array([4.0, 0, 1])) if believed else ()
    objective, at, step = logistic_objective(design, event, *beliefs), draw.normal(size=3), 1e-5
    _, gradient, hessian = objective(at)
    for j in range(3):
        away = np.eye(3)[j] * step
        up, down = objective(at + away), objective(at - away)
        assert gradient[j] == pytest.approx((up[0] - down[0]) / (2 * step), rel=1e-6)
        assert np.allclose(hessian[j], (up[1] - down[1]) / (2 * step), rtol=1e-5, atol=1e-6)
