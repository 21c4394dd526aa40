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
from dataclasses import dataclass, replace

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.survival.burr import BurrCurve, parameter_names
from techalign.survival.piecewise import checked_breaks

__all__ = ["LifetimePrior", "prior_from_curve"]


# Assumptions. 0.9 on log lam is a factor of about two either way on the hazard; a public
# directory of young technology vendors lies at a third of its sector's rate.
SPREAD = {"log_lam": 0.9, "log_rho": 0.25, "log_theta": 0.5}
SPREAD_BETA = 0.5

YEARS = (1.0, 2.0, 3.0, 5.0, 10.0)
"""Ages at which a piecewise prior changes: those of the published tables."""


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
    breaks : sequence of float
        Ages in years at which a piecewise hazard changes; other families have none.

    Raises
    ------
    ModelError
        If the lengths do not fit the family or a spread is not positive.

    Examples
    --------
    A scale of about 6 years and hazards that fall with age. Data that count every end four times
    get a prior half as wide.

    >>> from techalign.survival import LifetimePrior
    >>> prior = LifetimePrior("weibull", mean=[1.8, -0.2], sd=[0.9, 0.25])
    >>> prior.counted(4.0).sd
    (0.45, 0.125)
    """

    dist: str
    mean: Sequence[float]
    sd: Sequence[float]
    beta_sd: float = SPREAD_BETA
    source: str = ""
    breaks: tuple[float, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "breaks", checked_breaks(self.breaks))
        piecewise = self.dist == "piecewise"
        names = range(len(self.breaks) + 1) if piecewise else parameter_names(self.dist)
        for name in ("mean", "sd"):
            values = tuple(float(value) for value in getattr(self, name))
            object.__setattr__(self, name, values)
            if len(values) != len(names):
                raise ModelError(
                    name, f"must hold one value for each of {len(names)} parameters", value=values
                )
        if not min(*self.sd, self.beta_sd) > 0:
            raise ModelError("sd", "must be positive", value=self.sd)

    def moments(self, covariates: int) -> tuple[Floats, Floats]:
        """Mean and standard deviation of all parameters; shape (k + covariates,) each."""
        mean = np.concatenate([self.mean, np.zeros(covariates)])
        return mean, np.concatenate([self.sd, np.full(covariates, self.beta_sd)])

    def counted(self, times: float) -> LifetimePrior:
        """The same beliefs for data that count every event ``times`` times.

        Multiplying likelihood and prior density by the same power leaves their balance as it is.
        """
        if not times > 0:
            raise ModelError("times", "must be positive", value=times)
        narrower = times**-0.5
        return replace(self, sd=[sd * narrower for sd in self.sd], beta_sd=self.beta_sd * narrower)


def prior_from_curve(
    curve: BurrCurve,
    dist: str = "burr",
    *,
    sd: Sequence[float] | None = None,
    beta_sd: float = SPREAD_BETA,
    source: str = "",
    breaks: Sequence[float] = YEARS,
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
    breaks : sequence of float
        For ``"piecewise"``: ages in years at which the hazard changes. Each log rate is centred
        on the curve's average over its interval; after the last break over as long again.

    Returns
    -------
    LifetimePrior

    Raises
    ------
    ModelError
        If the family is not supported, or breaks or spreads do not fit it.

    Examples
    --------
    >>> from techalign.survival import BurrCurve, prior_from_curve
    >>> prior = prior_from_curve(BurrCurve(6.0, 0.8, 2.0), "weibull", source="made up")
    >>> [round(value, 2) for value in prior.mean]
    [2.12, -0.44]
    """
    if dist == "piecewise":
        edges = np.array([0.0, *checked_breaks(breaks)])
        edges = np.append(edges, 2.0 * edges[-1] if len(edges) > 1 else 10.0)
        rates = np.diff(curve.cumulative_hazard(edges)) / np.diff(edges)
        each = [SPREAD["log_lam"]] * rates.size if sd is None else sd
        return LifetimePrior(dist, list(np.log(rates)), each, beta_sd, source, tuple(breaks))
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
