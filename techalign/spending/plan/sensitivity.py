"""What a result hangs on: one assumption at a time, and all together.

A tornado moves each assumption from its low to its high end while the others stay; Sobol indices
share the variance out, alone (first order) and with all that a factor does together with others
(total), by Saltelli's design [1].

References
----------
[1] Saltelli et al. 2010, Variance based sensitivity analysis of model output, Comput. Phys. Commun.
    181; scipy.stats.sobol_indices.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import Interval
from techalign.spending.plan.initiatives import Initiatives

__all__ = [
    "BENEFIT",
    "COST",
    "RATE",
    "SUCCESS",
    "WAGE",
    "YEARS",
    "plan_worth",
    "sobol",
    "tornado",
]


# what a plan's worth hangs on, as a page names it
WAGE = "Cost of an hour of staff time"
"""What an hour of staff time costs."""

RATE = "Discount rate a year"
"""The rate at which later money counts for less."""

BENEFIT = "Benefits, times the estimate"
"""A factor on all estimates of benefit."""

SUCCESS = "Chance of success, times estimate"
"""A factor on all chances of success."""

COST = "Costs, times the estimate"
"""A factor on all estimates of cost."""

YEARS = "Years they are valued for"
"""How long benefits are counted, years."""

Result = Callable[[Mapping[str, Any]], Any]
"""From values by name, numbers or arrays of shape (n,), to a number or an array of shape (n,)."""


def tornado(result: Result, assumed: Mapping[str, Interval]) -> pd.DataFrame:
    """Move each assumption between its ends while the others stay.

    Parameters
    ----------
    result : callable
        From values by name to a number.
    assumed : mapping of str to Interval

    Returns
    -------
    DataFrame, the widest swing first
        ``name``, ``low`` and ``high`` (the result at that end of the assumption), ``swing`` (their
        distance), ``least`` and ``most`` of the three, ``flips`` (whether the result changes its
        sign), ``base``.

    Raises
    ------
    ModelError
        If nothing is assumed.

    Examples
    --------
    >>> found = tornado(
    ...     lambda x: x["price"] * x["units"] - 50.0,
    ...     {"price": Interval(2.0, 1.0, 3.0), "units": Interval(40.0, 35.0, 45.0)})
    >>> found[["name", "swing", "flips"]].to_numpy().tolist()
    [['price', 80.0, True], ['units', 20.0, False]]
    """
    if not assumed:
        raise ModelError("assumed", "names no assumption")
    points = {name: interval.point for name, interval in assumed.items()}
    base = float(result(points))
    rows = []
    for name, interval in assumed.items():
        low, high = (float(result(points | {name: end})) for end in (interval.low, interval.high))
        rows.append(
            {
                "name": name,
                "low": low,
                "high": high,
                "swing": abs(high - low),
                "least": min(low, base, high),
                "most": max(low, base, high),
                "flips": bool(min(low, base, high) < 0 < max(low, base, high)),
                "base": base,
            }
        )
    frame = pd.DataFrame(rows)
    return frame.sort_values("swing", ascending=False, kind="stable", ignore_index=True)


def sobol(
    result: Result, assumed: Mapping[str, Interval], *, draws: int, seed: int
) -> pd.DataFrame:
    """Share out the variance of a result over what is assumed, uniform between its ends.

    Parameters
    ----------
    result : callable
        From arrays of shape (n,) by name to an array of that shape.
    assumed : mapping of str to Interval
        d of them.
    draws : int
        A power of 2.
    seed : int

    Returns
    -------
    DataFrame, d rows
        ``name``, ``alone`` (first-order index), ``in_all`` (total index), each with ``_low`` and
        ``_high`` of a bootstrap interval at 80 %.

    Raises
    ------
    ModelError
        If the draws are not a power of 2, or the result does not vary.

    Examples
    --------
    >>> ends = Interval(0.5, 0.0, 1.0)
    >>> double = lambda x: 2.0 * x["a"] + x["b"]
    >>> found = sobol(double, {"a": ends, "b": ends}, draws=1024, seed=1)
    >>> found["alone"].round(2).tolist()
    [0.8, 0.2]
    """
    from scipy.stats import sobol_indices, uniform

    if draws < 2 or draws & (draws - 1):
        raise ModelError("draws", "must be a power of 2", value=draws)
    laws: list[Any] = [
        uniform(loc=each.low, scale=each.high - each.low) for each in assumed.values()
    ]
    rng = np.random.default_rng(seed)
    names = list(assumed)

    def taken(x: Floats) -> Floats:
        return np.atleast_2d(result(dict(zip(names, x, strict=True))))

    if np.ptp(taken(np.array([law.rvs(8, random_state=rng) for law in laws]))) == 0:
        raise ModelError("result", "does not depend on what is assumed")
    found = sobol_indices(func=taken, n=draws, dists=laws, rng=np.random.default_rng(seed))
    spread = found.bootstrap(confidence_level=0.8, n_resamples=99)
    alone, in_all = np.ravel(found.first_order), np.ravel(found.total_order)
    first, total = spread.first_order, spread.total_order
    return pd.DataFrame(
        {
            "name": names,
            "alone": alone,
            "alone_low": np.minimum(np.ravel(first.confidence_interval.low), alone),
            "alone_high": np.maximum(np.ravel(first.confidence_interval.high), alone),
            "in_all": in_all,
            "in_all_low": np.minimum(np.ravel(total.confidence_interval.low), in_all),
            "in_all_high": np.maximum(np.ravel(total.confidence_interval.high), in_all),
        }
    )


def plan_worth(initiatives: Initiatives, ids: Sequence[str], starts: Sequence[int]) -> Result:
    """The expected worth of planned projects, as a function of what is assumed.

    Parameters
    ----------
    initiatives : Initiatives
    ids : sequence of str
        Of what is in the plan; replacements among them are left out.
    starts : sequence of int
        The quarter each starts in.

    Returns
    -------
    callable
        From values under the names :data:`WAGE`, :data:`RATE`, :data:`BENEFIT`, :data:`SUCCESS`,
        :data:`COST` and :data:`YEARS` to money; what is not named stays as it is.

    Examples
    --------
    See :func:`tornado`.
    """
    row = {name: i for i, name in enumerate(initiatives.frame["id"])}
    rows = np.array([row[name] for name in ids if name in row], dtype=np.int64)
    begin = np.array([s for n, s in zip(ids, starts, strict=True) if n in row], dtype=np.int64)
    frame = initiatives.frame.iloc[rows]
    money, hours, length, chance = (
        frame[name].to_numpy(dtype=float)
        for name in ("cost_per_quarter", "hours_per_quarter", "duration", "p_success")
    )
    usual = {
        WAGE: initiatives.wage, RATE: initiatives.rate, BENEFIT: 1.0, SUCCESS: 1.0,
        COST: initiatives.mean_overrun, YEARS: initiatives.options.horizon_quarters / 4.0,
    }  # fmt: skip

    def worth(values: Mapping[str, Any]) -> Any:
        # futures by projects
        given = {n: np.asarray(values.get(n, v), dtype=float)[..., None] for n, v in usual.items()}
        last = 4.0 * given[YEARS]
        per_quarter = (money + given[WAGE] * hours) * given[COST]
        # a chance does not exceed 1
        works = np.minimum(chance * given[SUCCESS], 1.0) / np.maximum(chance, 1e-12)
        earned = initiatives.mean_benefit[rows] * given[BENEFIT] * works / 4.0
        spend = _quarters(given[RATE], np.minimum(begin, last), np.minimum(begin + length, last))
        earn = _quarters(given[RATE], np.minimum(begin + length, last), last)
        return (earned * earn - per_quarter * spend).sum(axis=-1)

    return worth


def _quarters(rate: Floats, first: Floats, last: Floats) -> Floats:
    """Discounted quarters from one on up to another: Σ v^q, also for parts of one."""
    v = (1.0 + rate) ** -0.25
    flat = np.abs(1.0 - v) < 1e-12
    sums: Floats = np.where(flat, last - first, (v**first - v**last) / np.where(flat, 1.0, 1.0 - v))
    return sums
