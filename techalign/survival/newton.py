"""Newton's method with a safeguard, for the smooth likelihoods of this package.

Likelihoods of few failures are nearly flat in some directions. The step is damped in the scale
of the Hessian's own diagonal [1], so that a parameter's unit does not matter. The likelihood of
a logistic regression, which several models climb, stands at the end.

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
from techalign.survival.lifetimes import Lifetimes

__all__ = ["BLOCK", "Maximum", "Objective", "climb", "logistic_objective", "maximise"]

Objective = Callable[[Floats], tuple[float, Floats, Floats]]

BLOCK = 8192
"""Rows a likelihood takes at a time: their numbers stay in the processor's cache."""
EVALUATIONS = 200
"""Of a climb at most."""
LARGE, SUBSAMPLE = 50_000, 16
"""Rows from which on a climb begins with one row of so many."""


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

    @property
    def last_step(self) -> Floats:
        """Newton's step at ``gradient`` and ``hessian``, undamped; shape (k,).

        It is tiny at a maximum. Where a function only levels off it stays about 1 in the
        exponent of what vanishes, however far the climb has gone.
        """
        step = np.linalg.lstsq(-self.hessian, self.gradient, rcond=1e-14)[0]
        return np.asarray(step, dtype=np.float64)


def maximise(
    objective: Objective,
    start: Floats,
    *,
    tolerance: float = 1e-10,
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
    damping : float
        Of the first step; 0 where the start is known to be near.

    Returns
    -------
    Maximum
    """
    at, converged = np.array(start, dtype=float), False
    value, gradient, hessian = objective(at)
    for _ in range(EVALUATIONS):
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


def climb(
    objective_of: Callable[[Lifetimes], Objective],
    lifetimes: Lifetimes,
    start: Floats,
    *,
    tolerance: float,
) -> Maximum:
    """Maximum for a table, begun from every sixteenth row of a large one: that costs little.

    Parameters
    ----------
    objective_of : callable
        Takes a table, gives what is to be maximised for it.
    lifetimes : Lifetimes
    start : ndarray, shape (k,)
    tolerance : float
        See :func:`maximise`.

    Returns
    -------
    Maximum
    """
    objective = objective_of(lifetimes)
    if len(lifetimes) > LARGE and start.size:
        near = maximise(objective_of(lifetimes.select(slice(None, None, SUBSAMPLE))), start)
        # a part may lack the bend that tells a shape, and leave the climb on a plain
        if near.converged:
            found = maximise(objective, near.argument, tolerance=tolerance, damping=0.0)
            if found.converged:
                return found
    return maximise(objective, start, tolerance=tolerance)


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
