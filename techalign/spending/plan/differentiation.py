"""What an advantage is worth while rivals learn to copy it.

Notation: b yearly advantage, ρ discount rate (continuous), λ = ln 2 / imitation half-life, T years
looked at.

    PV = b (1 - e^{-(ρ + λ) T}) / (ρ + λ)

The half-life comes from how valuable, rare, hard to copy and hard to substitute the resource is
[1]: one that rivals can copy lasts a short time, whatever it brings today.

References
----------
[1] Barney 1991, Firm resources and sustained competitive advantage, J. of Management 17.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.spending.plan.initiatives import Initiatives
from techalign.text import folded

__all__ = ["differentiation_value", "value_of_advantages"]


def differentiation_value(
    advantage: ArrayLike, rate: float, half_life: ArrayLike, years: float
) -> Floats:
    """Present value of an advantage that rivals imitate.

    Parameters
    ----------
    advantage : array_like
        b, money a year at the start.
    rate : float
        Discount rate per year, above -1; turned into a continuous one.
    half_life : array_like
        Years until rivals have taken half of it; infinite where nobody can.
    years : float
        T, 0 or more.

    Returns
    -------
    ndarray
        Money.

    Raises
    ------
    ModelError
        If a half-life is not above 0, the years are negative or the rate is not above -1.

    Examples
    --------
    >>> float(differentiation_value(10_000.0, 0.1, 2.5, 5.0).round())
    22674.0
    """
    lives = np.asarray(half_life, dtype=float)
    if not (lives > 0).all():
        raise ModelError("half_life", "must be above 0", value=half_life)
    if not rate > -1:
        raise ModelError("rate", "must be above -1", value=rate)
    if not years >= 0:
        raise ModelError("years", "must not be negative", value=years)
    decay = np.log1p(rate) + np.log(2.0) / lives
    # without discounting and imitation it is simply b T
    with np.errstate(divide="ignore", invalid="ignore"):
        worth = np.where(np.abs(decay) < 1e-12, years, -np.expm1(-decay * years) / decay)
    return np.asarray(advantage, dtype=float) * worth


def value_of_advantages(
    initiatives: Initiatives,
    half_lives: Mapping[str, Interval],
    resources: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """What the projects meant to stand apart are worth, once rivals copy them.

    Parameters
    ----------
    initiatives : Initiatives
    half_lives : mapping of str to Interval
        Years, for each word in the projects' column ``imitation``: how hard they are to copy.
    resources : DataFrame, optional
        Columns resource, kind, half_life, half_life_low, half_life_high (years), see
        ``techalign.alignment.resources``: a project that builds on one of them lasts as long.

    Returns
    -------
    DataFrame, one row per project of the purpose "differentiate"
        ``name``, ``strength`` (of its own, or of what it builds on), ``lasting`` (money: its
        benefit if it lasted the whole time), ``copied`` with ``copied_low``, ``copied_high``
        (money: as rivals copy it), ``cost`` (money and staff time), ``pays`` (whether it still
        brings more than it costs).

    Examples
    --------
    See :func:`~techalign.spending.simulate_initiatives` for where the projects come from.
    """
    rows = np.flatnonzero((initiatives.frame["purpose"] == "differentiate").to_numpy())
    held = {}
    if resources is not None:
        names = [folded(str(name)) for name in resources["resource"]]
        held = dict(zip(names, resources.to_dict("records"), strict=True))
    found = []
    for row in rows:
        kind, life = _life(initiatives.frame.iloc[row], half_lives, held)
        wait = float(initiatives.frame["earliest"].iloc[row] + initiatives.duration[row]) / 4.0
        years = max(initiatives.options.horizon_quarters / 4.0 - wait, 0.0)
        benefit = float(initiatives.mean_benefit[row]) / (1.0 + initiatives.rate) ** wait
        lives = [np.inf, life.point, life.low, life.high]
        lasting, copied, low, high = differentiation_value(benefit, initiatives.rate, lives, years)
        cost = float(initiatives.cost[row] * initiatives.mean_overrun * initiatives.duration[row])
        found.append(
            {
                "name": initiatives.frame["name"].iloc[row],
                "strength": kind,
                "lasting": lasting,
                "copied": copied,
                "copied_low": min(low, high),
                "copied_high": max(low, high),
                "cost": cost,
                "pays": bool(copied > cost),
            }
        )
    columns = (
        "name", "strength", "lasting", "copied", "copied_low", "copied_high", "cost", "pays",
    )  # fmt: skip
    return pd.DataFrame(found, columns=list(columns))


def _life(
    project: pd.Series[Any], half_lives: Mapping[str, Interval], held: Mapping[str, Any]
) -> tuple[str, Interval]:
    """How hard a project is to copy, in words, and how long half of its advantage lasts."""
    resource = held.get(folded(str(project.get("resource", ""))))
    if resource is None:
        kind = str(project["imitation"])
        return kind, half_lives[kind]
    life, low, high = (float(resource[f"half_life{end}"]) for end in ("", "_low", "_high"))
    return f"{resource['kind']}: {resource['resource']}", Interval(life, low, high, level=1.0)
