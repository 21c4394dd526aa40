"""How closing depends on the size of a company, and how often companies are bought.

Attrition of enterprises in six years is published by size [1], ceased and merged together:
``rate(s) = c s^-k + m s^g``. The first part is closing and falls with size s; the second is
merging, selling and reorganising, and grows with it as little as acquisitions do where they are
counted apart (g). The exponent k moves a company's hazard of closing; the second part is its
chance to be bought or merged. Beyond the sizes published both are held.

A published death rate at an age belongs to a company of some size ``s0``, small as most are:
within an age, sizes are taken as lognormal and closing as ``s^-k``, so that the mean sizes of the
living and of the ended [2] give ``s0 = living (ended / living)^((1 + k) / 2k)``. A company of size
s then closes ``(s / s0)^-k`` times as often as that rate. That closing falls with size also among
companies of one age is well known [3].

References
----------
[1] Statistics Canada (2018). Enterprise size class transitions in Canada. 18-001-X.
[2] US Census Bureau, Business Dynamics Statistics: firms, deaths and employees by firm age.
[3] Evans, D. S. (1987). The relationship between firm growth, size, and age. Journal of
    Industrial Economics 35(4), 567-581.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["SizeEffect", "size_effect"]


EXPONENTS = np.linspace(0.05, 3.0, 591)
"""Exponents of size that are tried; beyond, closing would fall to an eighth from one to two."""

MIDDLE_AGE = 10.0
"""Age that stands in for an unknown one, years: the size compared with hardly depends on it."""

OLDEST_MIDDLE = 30.0
"""Age at which the open last class of ages is placed, years."""


@dataclass(frozen=True, eq=False, kw_only=True)
class SizeEffect:
    """How closing depends on the people a company employs, and how often it is bought.

    Attributes
    ----------
    exponent : Interval
        k of ``(s / s0)^-k``: the fit, and the range of the fits that leave out one class other
        than the smallest, and of what was measured elsewhere.
    smallest, largest : float
        People, between which the effect is published; beyond, it is held.
    merging : Interval
        m: a company of one person's yearly hazard to be bought, merged or reorganised.
    growth : Interval
        g of ``m s^g``.
    ages : ndarray, shape (a,)
        Years, ascending.
    living, ended : ndarray, shape (a,)
        Mean people of firms at each age, and of those that ended.
    source : str

    Examples
    --------
    Made by :func:`size_effect`, which shows it.

    >>> "exponent" in SizeEffect.__dataclass_fields__
    True
    """

    exponent: Interval
    smallest: float
    largest: float
    merging: Interval
    growth: Interval
    ages: Floats
    living: Floats
    ended: Floats
    source: str

    def factors(self, size: Floats, age: Floats) -> Floats:
        """Factors on the hazard of closing published for all sizes together.

        Parameters
        ----------
        size, age : ndarray, shape (n,)
            People and years; NaN where unknown.

        Returns
        -------
        ndarray, shape (3, n)
            Low, point and high; 1 where the size is unknown.
        """
        ends = [self._factor(size, age, k) for k in (self.exponent.low, self.exponent.high)]
        point = self._factor(size, age, self.exponent.point)
        return np.stack([np.minimum(*ends), point, np.maximum(*ends)])

    def bought(self, size: Floats, age: Floats) -> Floats:
        """Yearly hazard to be bought, merged or reorganised; parameters as in :meth:`factors`.

        Returns
        -------
        ndarray, shape (3, n)
            Low, point and high; that of the usual size where the size is unknown.
        """
        known = np.where(np.isnan(size), self.usual(age), size)
        held = np.clip(known, self.smallest, self.largest)
        at_one = (self.merging.low, self.merging.point, self.merging.high)
        # where merging begins higher it grows less: the two come from one fit
        growth = (self.growth.high, self.growth.point, self.growth.low)
        return np.sort([m * held**g for m, g in zip(at_one, growth, strict=True)], axis=0)

    def usual(self, age: Floats, exponent: float | None = None) -> Floats:
        """Size to which a published death rate belongs, people; shape (n,)."""
        k = self.exponent.point if exponent is None else exponent
        known = np.where(np.isnan(age), MIDDLE_AGE, age)
        living = np.interp(known, self.ages, self.living)
        ended = np.interp(known, self.ages, self.ended)
        found: Floats = living * (ended / living) ** ((1.0 + k) / (2.0 * k))
        return found

    def _factor(self, size: Floats, age: Floats, k: float) -> Floats:
        held = np.clip(size, self.smallest, self.largest)
        factor = (held / self.usual(age, k)) ** -k
        return np.where(np.isnan(size), 1.0, factor)


def size_effect(
    exits: pd.DataFrame, sizes: pd.DataFrame, rates: pd.DataFrame | None = None
) -> SizeEffect:
    """Fit how attrition falls with size, by least squares.

    Parameters
    ----------
    exits : DataFrame
        size_low, size_high (people), years, attrition (share of enterprises gone in so many
        years, 0 to 1), source; at least five classes.
    sizes : DataFrame
        age_low, age_high (years, NaN for open), employees, employees_of_ended (mean people).
    rates : DataFrame, optional
        event, size_exponent, exponent_low, exponent_high: that of ``acquisition`` is g, 0 without
        it; that of ``closure``, measured in another population, widens the range of k.

    Returns
    -------
    SizeEffect

    Raises
    ------
    ModelError
        If there are fewer than five classes or a share is out of bounds.

    Examples
    --------
    Closing falls with the square root of size, and two in a hundred merge at any size:

    >>> import pandas as pd
    >>> edges = [(1, 4), (5, 9), (10, 19), (20, 49), (50, 99), (100, 249)]
    >>> exits = pd.DataFrame(edges, columns=["size_low", "size_high"])
    >>> rate = 0.1 * (exits["size_low"] * exits["size_high"]) ** -0.25 + 0.02
    >>> exits = exits.assign(years=6, attrition=1 - np.exp(-6 * rate), source="published")
    >>> sizes = pd.DataFrame({
    ...     "age_low": [1.0, 6.0], "age_high": [5.0, None], "employees": [8.0, 20.0],
    ...     "employees_of_ended": [4.0, 5.0]})
    >>> found = size_effect(exits, sizes)
    >>> round(found.exponent.point, 3), round(found.merging.point, 4)
    (0.5, 0.02)
    >>> found.factors(np.array([5.0, 80.0]), np.array([20.0, 20.0]))[1].round(2).tolist()
    [0.71, 0.18]
    """
    share, years = exits["attrition"].to_numpy(float), exits["years"].to_numpy(float)
    if len(exits) < 5:
        raise ModelError("exits", "need at least five classes of size", value=len(exits))
    if not ((share > 0) & (share < 1)).all():
        row = int(np.flatnonzero(~((share > 0) & (share < 1)))[0])
        raise ModelError(f"exits.attrition[{row}]", "must be between 0 and 1", value=share[row])
    rate = -np.log1p(-share) / years
    people = np.sqrt(exits["size_low"].to_numpy(float) * exits["size_high"].to_numpy(float))
    growth = _growth(rates)
    exponent, merging = _fits(people, rate, growth)
    begin, end = (sizes[name].to_numpy(float) for name in ("age_low", "age_high"))
    return SizeEffect(
        exponent=_range(exponent[0], [*exponent[1], *_elsewhere(rates)]),
        smallest=float(people.min()), largest=float(people.max()),
        merging=_range(*merging), growth=_range(growth[0], growth),
        ages=np.where(np.isnan(end), OLDEST_MIDDLE, (begin + end) / 2.0),
        living=sizes["employees"].to_numpy(float),
        ended=sizes["employees_of_ended"].to_numpy(float),
        source="; ".join(dict.fromkeys(map(str, exits["source"]))),
    )  # fmt: skip


def _elsewhere(rates: pd.DataFrame | None) -> list[float]:
    """Exponents of closing measured in other populations, as positive numbers."""
    return [-value for value in _measured(rates, "closure")[:1]]


def _growth(rates: pd.DataFrame | None) -> list[float]:
    """Point, low and high of g; 0 where acquisitions by size are unknown."""
    return _measured(rates, "acquisition") or [0.0]


def _measured(rates: pd.DataFrame | None, event: str) -> list[float]:
    """Exponent of size of one event with its ends; empty if it is not given."""
    names = ["size_exponent", "exponent_low", "exponent_high"]
    if rates is None or not set(names) <= set(rates.columns):
        return []
    found: list[float] = rates.loc[rates["event"] == event, names].to_numpy(float).ravel().tolist()
    return found


def _range(point: float, others: list[float]) -> Interval:
    return Interval(point, min(point, *others), max(point, *others), level=1.0)


def _fits(
    people: Floats, rate: Floats, growth: list[float]
) -> tuple[tuple[float, list[float]], tuple[float, list[float]]]:
    """Exponent k and m, each with those of fits with g at its ends, or without one class."""
    k, m = _falling(people, rate, growth[0])
    # without the smallest class nothing tells where closing begins
    others = [
        *(_falling(people, rate, g) for g in growth),
        *(
            _falling(np.delete(people, i), np.delete(rate, i), growth[0])
            for i in range(1, rate.size)
        ),
    ]
    return (k, [one[0] for one in others]), (m, [one[1] for one in others])


def _falling(people: Floats, rate: Floats, growth: float) -> tuple[float, float]:
    """Exponent k and m of ``c s^-k + m s^g``: for each k, least squares in closed form."""
    x, y = people[None, :] ** -EXPONENTS[:, None], people**growth
    xx, xy, yy = (x**2).sum(axis=1), x @ y, y @ y
    xr, yr = x @ rate, y @ rate
    below = np.maximum(xx * yy - xy**2, 1e-300)
    c, m = (xr * yy - yr * xy) / below, (yr * xx - xr * xy) / below
    missed = ((rate - c[:, None] * x - m[:, None] * y) ** 2).sum(axis=1)
    best = int(np.argmin(np.where((c >= 0) & (m >= 0), missed, np.inf)))
    return float(EXPONENTS[best]), float(m[best])
