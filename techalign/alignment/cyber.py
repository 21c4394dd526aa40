"""What cyber incidents cost in a year: how often, how much, and what an insurance leaves.

Incidents that do harm come as a Poisson process of rate λ; each costs a lognormal amount through
the median and the mean of published claims, at most a year's revenue. The loss of a year is the
compound distribution, exact up to a money grid by its characteristic function [1]_. Surveys count
every phishing mail and claims only the insured, so both ends are carried along.

References
----------
.. [1] P. Embrechts, M. Frei, "Panjer recursion versus FFT for compound distributions",
   Mathematical Methods of Operations Research 69, 2009, 497-508.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval

__all__ = ["Control", "CyberFacts", "CyberLoss", "Insurance", "cyber_loss"]

_CELLS = 1 << 14
_BAD = 0.99


@dataclass(frozen=True)
class Control:
    """What a control does when fully in place: factors on frequency and severity, assumed."""

    frequency: float = 1.0
    severity: float = 1.0


@dataclass(frozen=True)
class CyberFacts:
    """Published and assumed figures, each with its ends.

    Attributes
    ----------
    breached : Interval
        Share of businesses of this size with a breach or attack in a year.
    harmful : Interval
        Share of these that does real harm.
    median, mean : float
        Money of an insured incident.
    scale : Interval
        What a business of this size pays of that.
    """

    breached: Interval
    harmful: Interval
    median: float
    mean: float
    scale: Interval

    def __post_init__(self) -> None:
        if not 0 < self.median < self.mean:
            raise ModelError("median", "must be above 0 and below the mean", value=self.median)


@dataclass(frozen=True)
class Insurance:
    """Premium a year, own part of each incident, and the most it pays for one; money."""

    premium: float
    deductible: float
    cover: float


@dataclass(frozen=True)
class CyberLoss:
    """The loss of a year, money.

    Attributes
    ----------
    chance : Interval
        Chance of a harmful incident in a year.
    expected : Interval
        Mean loss.
    bad_year : Interval
        What one year in a hundred exceeds.
    kept : Interval or None
        Mean loss that an insurance leaves, its premium not counted; None without insurance.
    kept_bad_year : Interval or None
        The same of one year in a hundred.
    premium : float
    without_controls : Interval
        Mean loss if no control were in place.
    """

    chance: Interval
    expected: Interval
    bad_year: Interval
    kept: Interval | None
    kept_bad_year: Interval | None
    premium: float
    without_controls: Interval


def cyber_loss(
    facts: CyberFacts,
    controls: Mapping[str, Control],
    in_place: Mapping[str, float],
    yearly_revenue: float,
    insurances: Sequence[Insurance] = (),
) -> CyberLoss:
    """Work out the loss of a year from cyber incidents, with the controls in place.

    Parameters
    ----------
    facts : CyberFacts
    controls : mapping of str to Control
        What each does when fully in place.
    in_place : mapping of str to float
        How far each is, 0 to 1; a control nobody has spoken of counts as not in place.
    yearly_revenue : float
        Money; the most one incident costs.
    insurances : sequence of Insurance
        All that pay for the same incident; together they never pay more than the loss above the
        smallest own part, whatever each would pay alone.

    Returns
    -------
    CyberLoss

    Raises
    ------
    ModelError
        If a control is not known, or not from 0 to 1 in place, or the revenue is not above 0.

    Examples
    --------
    >>> facts = CyberFacts(Interval(0.4, 0.3, 0.5), Interval(0.1, 0.05, 0.2), 36e3, 175e3,
    ...                    Interval(0.3, 0.1, 1.0))
    >>> found = cyber_loss(facts, {"backup": Control(severity=0.5)}, {"backup": 1.0}, 5e6)
    >>> round(found.expected.point), found.expected.point < found.without_controls.point
    (1042, True)
    """
    if not yearly_revenue > 0:
        raise ModelError("yearly_revenue", "must be above 0", value=yearly_revenue)
    often, dear = _factors(controls, in_place)
    ends = ("point", "low", "high")
    rate = {e: getattr(facts.breached, e) * getattr(facts.harmful, e) for e in ends}
    scale = {e: getattr(facts.scale, e) for e in ends}
    one = {e: _incident(facts, scale[e] * dear, yearly_revenue) for e in ends}
    years = {e: _year(rate[e] * often, one[e], yearly_revenue) for e in ends}
    bare = {
        e: _mean(rate[e], *(one[e] if dear == 1.0 else _incident(facts, scale[e], yearly_revenue)))
        for e in ends
    }
    kept = {
        e: _year(rate[e] * often, (one[e][0], _kept(one[e][1], insurances)), yearly_revenue)
        for e in ends
    } if insurances else None  # fmt: skip
    return CyberLoss(
        chance=_ends({e: float(-np.expm1(-rate[e] * often)) for e in ends}),
        expected=_ends({e: years[e][0] for e in ends}),
        bad_year=_ends({e: years[e][1] for e in ends}),
        kept=_ends({e: kept[e][0] for e in ends}) if kept else None,
        kept_bad_year=_ends({e: kept[e][1] for e in ends}) if kept else None,
        premium=sum(insurance.premium for insurance in insurances),
        without_controls=_ends(bare),
    )


def _ends(found: Mapping[str, float]) -> Interval:
    return Interval(found["point"], found["low"], found["high"], 1.0)


def _factors(controls: Mapping[str, Control], in_place: Mapping[str, float]) -> tuple[float, float]:
    often, dear = 1.0, 1.0
    for name, share in in_place.items():
        if name not in controls:
            raise ModelError("controls", "has no such control", value=name,
                             remedy=f"There are {', '.join(controls)}.")  # fmt: skip
        if not 0.0 <= share <= 1.0:
            raise ModelError("in_place", "must be from 0 to 1", value=share)
        often *= controls[name].frequency ** share
        dear *= controls[name].severity ** share
    return often, dear


def _year(rate: float, incident: tuple[Floats, Floats], most: float) -> tuple[float, float]:
    """Mean and 99 % quantile of a year's loss, on a grid up to four of the largest incidents."""
    chance, amount = incident
    step = 4.0 * most / _CELLS
    place = amount / step
    lower = np.floor(place).astype(int)
    part = place - lower
    spread = np.bincount(lower, chance * (1 - part), _CELLS) + np.bincount(
        np.minimum(lower + 1, _CELLS - 1), chance * part, _CELLS
    )
    year = np.fft.irfft(np.exp(rate * (np.fft.rfft(spread) - 1.0)), _CELLS)
    place_of = int(np.searchsorted(np.cumsum(year), _BAD))
    return _mean(rate, chance, amount), float(min(place_of, _CELLS - 1) * step)


def _mean(rate: float, chance: Floats, amount: Floats) -> float:
    # a product of vectors this long wakes the threads of BLAS, which costs more than it saves
    return rate * float(np.sum(chance * amount))


def _incident(facts: CyberFacts, scale: float, most: float) -> tuple[Floats, Floats]:
    """Chance and mean amount of one incident in each cell of the grid that one can reach."""
    from scipy.special import ndtr

    sigma = float(np.sqrt(2.0 * np.log(facts.mean / facts.median)))
    middle = facts.median * scale
    # an incident reaches a quarter of the grid, on which a year of several has to fit
    edges: Floats = (np.arange(_CELLS // 4 + 2, dtype=float) + 0.5) * (4.0 * most / _CELLS)
    ends = np.minimum(np.concatenate([[0.0], edges]), most)
    with np.errstate(divide="ignore"):
        z = np.log(ends / middle) / sigma
    below = ndtr(z)
    # a cell stands for what lies in it on average: its mass is moved so that the mean is kept
    chance = np.diff(np.where(edges < most, below[1:], 1.0), prepend=0.0)
    part = middle * np.exp(sigma**2 / 2.0) * np.diff(ndtr(z - sigma))
    return chance, _cell_means(ends, part, np.diff(below), float(1.0 - below[-1]))


def _kept(amount: Floats, insurances: Sequence[Insurance]) -> Floats:
    """What all insurances together leave of an incident: nobody is paid twice for one loss."""
    paid = sum(
        np.minimum(np.maximum(amount - each.deductible, 0.0), each.cover) for each in insurances
    )
    own = np.minimum(amount, min(each.deductible for each in insurances))
    return np.maximum(amount - paid, own)


def _cell_means(ends: Floats, part: Floats, mass: Floats, above: float) -> Floats:
    """Mean of min(X, most) within each cell; ``most`` is the last end, ``above`` lies beyond it."""
    means = np.divide(part, mass, out=(ends[:-1] + ends[1:]) / 2.0, where=mass > 1e-300)
    # all that would be above the most is the most
    most = float(ends[-1])
    last = int(np.searchsorted(ends[1:], most))
    whole = mass[last] + above
    means[last] = (part[last] + above * most) / whole if whole > 0 else most
    return np.asarray(means)
