"""The log likelihood of a logistic regression, with normal beliefs about its coefficients."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from techalign.survival.newton import Objective

__all__ = ["logistic_objective"]

Floats = NDArray[np.float64]


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
