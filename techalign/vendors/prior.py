"""What is believed about lifetimes before a client's own failures are counted.

A client sees one or two vendors cease. Maximum likelihood on that diverges, so the fit starts
from the published curve of the vendor's sector and moves away from it only as far as the data
carry it. How far populations differ from their sector's average is not published anywhere: the
spreads below are assumptions and are labelled so.

References
----------
[1] Gelman, A. et al. (2013). Bayesian Data Analysis, 3rd ed., ch. 2 and 4. CRC Press.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from techalign.errors import ModelError
from techalign.vendors.burr import BurrCurve
from techalign.vendors.families import parameter_names

__all__ = ["LifetimePrior", "prior_from_curve"]

Floats = NDArray[np.float64]

# Assumptions. 0.9 on log lam is a factor of about two either way on the hazard; a public
# directory of young technology vendors lies at a third of its sector's rate.
SPREAD = {"log_lam": 0.9, "log_rho": 0.25, "log_theta": 0.5}
SPREAD_BETA = 0.5


@dataclass(frozen=True)
class LifetimePrior:
    """Independent normal beliefs about logarithmic parameters and coefficients [1].

    Parameters
    ----------
    dist : str
        Family the parameters belong to.
    mean, sd : sequence of float, length k
        Of the logarithmic parameters, in the order of the family.
    beta_sd : float
        Standard deviation of every coefficient around 0, per unit of the covariate.
    source : str
        Where the centre comes from.

    Raises
    ------
    ModelError
        If the lengths do not fit the family or a spread is not positive.
    """

    dist: str
    mean: Sequence[float]
    sd: Sequence[float]
    beta_sd: float = SPREAD_BETA
    source: str = ""

    def __post_init__(self) -> None:
        names = parameter_names(self.dist)
        for name in ("mean", "sd"):
            values = tuple(float(value) for value in getattr(self, name))
            object.__setattr__(self, name, values)
            if len(values) != len(names):
                raise ModelError(name, f"must hold one value for each of {names}", value=values)
        if not min(*self.sd, self.beta_sd) > 0:
            raise ModelError("sd", "must be positive", value=self.sd)

    def moments(self, covariates: int) -> tuple[Floats, Floats]:
        """Mean and standard deviation of all parameters; shape (k + covariates,) each."""
        mean = np.concatenate([self.mean, np.zeros(covariates)])
        return mean, np.concatenate([self.sd, np.full(covariates, self.beta_sd)])


def prior_from_curve(
    curve: BurrCurve,
    dist: str = "burr",
    *,
    sd: Sequence[float] | None = None,
    beta_sd: float = SPREAD_BETA,
    source: str = "",
) -> LifetimePrior:
    """Centre a prior on a published curve.

    Parameters
    ----------
    curve : BurrCurve
        For instance ``reference_survival(facts, "information").curve``.
    dist : str
        Family of the fit. One with two parameters is centred on the member that meets the
        curve at 5 and at 10 years.
    sd : sequence of float, optional
        Spread of the logarithmic parameters; the assumptions of this module by default.
    beta_sd : float
        Spread of the coefficients.
    source : str
        Carried into the summary.

    Returns
    -------
    LifetimePrior
    """
    names = parameter_names(dist)
    if dist == "burr" and np.isfinite(curve.theta):
        mean = [np.log(curve.lam), np.log(curve.rho), np.log(curve.theta)]
    else:
        five, ten = (float(curve.cumulative_hazard(age)) for age in (5.0, 10.0))
        if dist == "loglogistic":
            five, ten = np.expm1(five), np.expm1(ten)
        rho = float(np.log2(ten / five))
        # a Weibull centre of a Burr fit: theta large enough to make no difference
        mean = [np.log(5.0) - np.log(five) / rho, np.log(rho), np.log(50.0)][: len(names)]
    spread = [SPREAD[name] for name in names] if sd is None else sd
    return LifetimePrior(dist, mean, spread, beta_sd, source)
