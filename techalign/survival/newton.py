"""Newton's method with a safeguard, and the logistic likelihood among those it climbs.

Likelihoods of few failures are nearly flat in some directions. The step is damped in the scale
of the Hessian's own diagonal [1], so that a parameter's unit does not matter.

The logistic likelihood may carry normal beliefs about its coefficients.

References
----------
[1] Marquardt, D. W. (1963). An algorithm for least-squares estimation of nonlinear parameters.
    SIAM Journal 11(2), 431-441.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from techalign.numbers.arrays import Floats

__all__ = ["LARGE", "SUBSAMPLE", "Maximum", "logistic_objective", "maximise"]

SUBSAMPLE = 16
LARGE = 50_000
"""From so many rows on, a climb starts from the optimum of every 16th row."""

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


def logistic_objective(
    design: Floats, event: Floats, mean: Floats | None = None, precision: Floats | None = None
) -> Objective:
    """Value, gradient and Hessian as a function of the coefficients.

    Parameters
    ----------
    design : ndarray, shape (n, q)
    event : ndarray, shape (n,)
        0 or 1.
    mean, precision : ndarray, shape (q,), optional
        Of the beliefs; precision 0 where nothing is believed.
    """
    from scipy.special import expit

    q = design.shape[1]
    centre = np.zeros(q) if mean is None else mean
    weight = np.zeros(q) if precision is None else precision

    def objective(b: Floats) -> tuple[float, Floats, Floats]:
        score = design @ b
        chance, away = expit(score), b - centre
        value = float(event @ score - np.logaddexp(0.0, score).sum() - weight @ away**2 / 2)
        gradient = design.T @ (event - chance) - weight * away
        hessian = -(design.T * (chance * (1.0 - chance))) @ design - np.diag(weight)
        return value, gradient, hessian

    return objective
