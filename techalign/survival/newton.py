"""Newton's method with a safeguard, for the smooth likelihoods of this package.

Likelihoods of few failures are nearly flat in some directions. The step is damped in the scale
of the Hessian's own diagonal [1], so that a parameter's unit does not matter.

References
----------
[1] Marquardt, D. W. (1963). An algorithm for least-squares estimation of nonlinear parameters.
    SIAM Journal 11(2), 431-441.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Maximum", "maximise"]

Floats = NDArray[np.float64]
Objective = Callable[[Floats], tuple[float, Floats, Floats]]


@dataclass(frozen=True, eq=False)
class Maximum:
    """Where the climb ended.

    Attributes
    ----------
    argument : ndarray, shape (k,)
    value : float
        With the rise still expected of the last step.
    gradient, hessian : ndarray, shapes (k,) and (k, k)
        One last, very small step before ``argument``.
    converged : bool
        Whether half the squared Newton decrement fell below the tolerance.
    """

    argument: Floats
    value: float
    gradient: Floats
    hessian: Floats
    converged: bool


def maximise(
    objective: Objective,
    start: Floats,
    *,
    tolerance: float = 1e-10,
    steps: int = 200,
    damping: float = 1e-3,
) -> Maximum:
    """Climb to a maximum of a twice differentiable function.

    Parameters
    ----------
    objective : callable
        Takes shape (k,), gives value, gradient (k,) and Hessian (k, k).
    start : ndarray, shape (k,)
        Where to begin; the value there must be finite.
    tolerance : float
        Rise still expected at which to stop, in the unit of the value. The step it belongs
        to is taken all the same: Newton's method squares the error with it.
    steps : int
        Evaluations at most.
    damping : float
        Of the first step; 0 where the start is known to be near.

    Returns
    -------
    Maximum
    """
    at, converged = np.array(start, dtype=float), False
    value, gradient, hessian = objective(at)
    for _ in range(steps):
        step = _step(gradient, hessian, damping)
        if step is None:
            damping = max(damping * 10.0, 1e-8)
            continue
        rise = 0.5 * float(gradient @ step)
        if rise < tolerance and damping < 1.0:
            at, value, converged = at + step, value + rise, True
            break
        with np.errstate(all="ignore"):
            # a trial may overflow; it is then refused
            new_value, new_gradient, new_hessian = objective(at + step)
        usable = np.isfinite(new_value) and np.isfinite(new_hessian).all()
        if usable and new_value >= value:
            at, value, gradient, hessian = at + step, new_value, new_gradient, new_hessian
            damping = damping / 10.0 if damping > 1e-12 else 0.0
        else:
            damping = max(damping * 10.0, 1e-8)
            if damping > 1e12:
                break
    return Maximum(at, value, gradient, hessian, converged)


def _step(gradient: Floats, hessian: Floats, damping: float) -> Floats | None:
    """Damped Newton step, or None where the curvature is not that of a maximum."""
    scale = np.maximum(np.abs(np.diag(hessian)), 1e-8)
    downward = -hessian + np.diag(damping * scale)
    try:
        np.linalg.cholesky(downward)
        step = np.linalg.solve(downward, gradient).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
    # a longer step in logarithms only overflows; the next one can continue
    longest = float(np.max(np.abs(step), initial=0.0))
    return step * min(1.0, 3.0 / longest) if longest > 0 else step
