"""Providers compared: a year of each with all it costs, which term decides, and from what size.

Notation, for one provider: fee f and own hours h a year, q questions per employee a year and t
hours waited for each, w wage, n employees, e errors a year of p each, D money that waits for a
decision in a year, r rate, d days until figures are there, P chance to cease in a year, X cost of
changing provider. A year costs

    f + w h + n q t (w + l) + e p + D r d / 365 + P X + X a(r, T)

with l what an hour of waiting costs in people who leave over it, and a(r, T) the yearly part of
what is spent at the start of T years; the last term only for one that is changed to. Every estimate
but the fee is taken as uncertain by one factor, lognormal around it, on draws half of which all
providers of a choice share [1].

References
----------
[1] Kleijnen 1974, Statistical Techniques in Simulation: common random numbers.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pandas as pd

from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.intervals import interval_of, width_of

__all__ = ["ChoiceOptions", "OptionsCompared", "compare_options"]

TERMS = {
    "fee": "the fee",
    "staff": "own staff time",
    "waiting": "time employees wait",
    "leaving": "people who leave over it",
    "errors": "errors",
    "delay": "late figures",
    "failure": "the risk that it ceases",
    "changing": "the cost of changing",
}
"""Parts of a year's cost and what people call them."""

_ESTIMATED = ("staff", "waiting", "leaving", "errors", "delay", "failure", "changing")


@dataclass(frozen=True, kw_only=True)
class ChoiceOptions:
    """What a choice between providers is made for.

    Parameters
    ----------
    employees : int
        n.
    wage : float
        Money an hour.
    rate : float
        Per year, 0 or more.
    decision_value : float
        D, money a year of decisions that wait for the figures.
    leaving : float
        l, money that an hour of an employee's waiting costs in people who leave.
    years : int
        T, years a provider is chosen for.
    uncertainty : float
        Estimates are within this factor of the truth in 8 of 10 cases, 1 or more.
    draws : int

    Raises
    ------
    ModelError
        If one is out of its range.

    Examples
    --------
    >>> ChoiceOptions(employees=12, wage=25.0, rate=0.1).years
    3
    """

    employees: int
    wage: float
    rate: float
    decision_value: float = 0.0
    leaving: float = 0.0
    years: int = 3
    uncertainty: float = 1.5
    draws: int = 2000

    def __post_init__(self) -> None:
        for name in ("employees", "wage", "rate", "decision_value", "leaving"):
            if not getattr(self, name) >= 0:
                raise ModelError(name, "must not be negative", value=getattr(self, name))
        for name in ("years", "uncertainty", "draws"):
            if not getattr(self, name) >= 1:
                raise ModelError(name, "must be 1 or more", value=getattr(self, name))


@dataclass(frozen=True, kw_only=True)
class OptionsCompared:
    """A year of every provider, and of each choice which one and why.

    Attributes
    ----------
    frame : DataFrame, one row per provider
        ``decision``, ``option``, each term of :data:`TERMS` and ``total`` with ``total_low`` and
        ``total_high`` (money a year), ``current`` (used today), ``cheapest``, ``offers`` and
        ``lacks`` (what it offers beside, and what others of its choice do).
    choices : DataFrame, one row per choice
        ``decision``, ``best``, ``other`` (today's, or the next best where today's is best),
        ``saving`` with ``saving_low``, ``saving_high`` (money a year against the other), ``chance``
        (that the best is cheaper than the other), ``decides`` (the term that makes the largest
        difference), ``size`` (for how many employees the best is cheaper, in words), ``changing``
        (money at the start), ``keeps`` (whether today's is best), ``told`` (whether today's is
        marked at all).
    level : float
    """

    frame: pd.DataFrame
    choices: pd.DataFrame
    level: float


def compare_options(
    options: pd.DataFrame, made_for: ChoiceOptions, rng: np.random.Generator, level: float = 0.8
) -> OptionsCompared:
    """Compare the providers of each choice by what a year of them costs.

    It costs nothing to stay with the one in use today; where none is marked, changing is not
    counted for any of a choice, and the two best are compared.

    Parameters
    ----------
    options : DataFrame, n rows
        Columns of the table ``options``.
    made_for : ChoiceOptions
    rng : numpy.random.Generator
    level : float
        Probability inside the intervals.

    Returns
    -------
    OptionsCompared

    Examples
    --------
    >>> table = pd.DataFrame({
    ...     "decision": "payroll", "option": ["by hand", "service"], "fee": [2400.0, 3100.0],
    ...     "admin_hours": [60.0, 12.0], "queries": 4.0, "wait_hours": [6.0, 0.2],
    ...     "error_rate": [5.0, 0.5], "penalty": 180.0, "decision_days": [12.0, 0.0],
    ...     "p_fail": [0.06, 0.01], "switching_cost": [1500.0, 900.0],
    ...     "current": [True, False], "offers": ["", "self-service; filings"]})
    >>> found = compare_options(
    ...     table, ChoiceOptions(employees=12, wage=25.0, rate=0.1), np.random.default_rng(1))
    >>> found.choices[["best", "decides"]].to_numpy().tolist()
    [['service', 'time employees wait']]
    >>> found.choices["saving"].round(-2).tolist(), found.choices["size"].tolist()
    ([8000.0], ['at any size'])
    """
    frame = options.reset_index(drop=True)
    terms = _terms(frame, made_for)
    drawn = _drawn(frame, terms, made_for, rng)
    ends = [interval_of(row, level) for row in drawn]
    total = sum(terms.values(), np.zeros(len(frame)))
    shown = frame[["decision", "option"]].assign(
        **terms,
        total=total,
        total_low=np.minimum([each.low for each in ends], total),
        total_high=np.maximum([each.high for each in ends], total),
        current=frame["current"].to_numpy(dtype=bool),
        cheapest=total == pd.Series(total).groupby(frame["decision"]).transform("min"),
        offers=["; ".join(_parts(text)) for text in frame["offers"]],
        lacks=_lacks(frame),
    )
    choices = [
        _choice(shown.loc[rows.index], drawn, frame, made_for, level)
        for _, rows in frame.groupby("decision", sort=False)
        if len(rows) > 1
    ]
    return OptionsCompared(frame=shown, choices=_frame(choices), level=level)


def _terms(frame: pd.DataFrame, made_for: ChoiceOptions) -> dict[str, Floats]:
    """Each term of a year's cost, shape (n,)."""
    column = {name: frame[name].to_numpy(dtype=float) for name in (
        "fee", "admin_hours", "queries", "wait_hours", "error_rate", "penalty", "decision_days",
        "p_fail", "switching_cost",
    )}  # fmt: skip
    wage, rate, years = made_for.wage, made_for.rate, made_for.years
    waits = column["queries"] * column["wait_hours"]
    part = 1.0 / years if rate == 0 else rate / (1.0 - (1.0 + rate) ** -years)
    told = frame["current"].groupby(frame["decision"]).transform("any").to_numpy(dtype=bool)
    moves = told & ~frame["current"].to_numpy(dtype=bool)
    return {
        "fee": column["fee"],
        "staff": column["admin_hours"] * wage,
        "waiting": made_for.employees * waits * wage,
        "leaving": made_for.employees * waits * made_for.leaving,
        "errors": column["error_rate"] * column["penalty"],
        "delay": made_for.decision_value * rate * column["decision_days"] / 365.0,
        "failure": column["p_fail"] * column["switching_cost"],
        "changing": np.where(moves, column["switching_cost"] * part, 0.0),
    }


def _drawn(
    frame: pd.DataFrame,
    terms: dict[str, Floats],
    made_for: ChoiceOptions,
    rng: np.random.Generator,
) -> Floats:
    """A year's cost in each draw, shape (n, S); half of an estimate's error is common to a choice.

    Whoever underestimates the hours of one provider underestimates those of the other [1].
    """
    spread = math.log(made_for.uncertainty) / width_of(0.8)
    choice = pd.factorize(frame["decision"])[0]
    shape = (len(frame), made_for.draws)
    total = np.repeat(terms["fee"][:, None], made_for.draws, axis=1)
    for name in _ESTIMATED:
        common = rng.standard_normal((choice.max(initial=-1) + 1, made_for.draws))[choice]
        z = (common + rng.standard_normal(shape)) / math.sqrt(2.0)
        # the mean is the estimate
        total += terms[name][:, None] * np.exp(spread * z - spread**2 / 2.0)
    return total


def _choice(
    rows: pd.DataFrame, drawn: Floats, frame: pd.DataFrame, made_for: ChoiceOptions, level: float
) -> dict[str, object]:
    """Which provider of one choice, against today's or the next best."""
    order = rows["total"].sort_values(kind="stable").index
    best, today = order[0], rows.index[rows["current"]]
    other = today[0] if len(today) and best != today[0] else order[1]
    saved = drawn[other] - drawn[best]
    ends = interval_of(saved, level)
    mean = float(rows.loc[other, "total"] - rows.loc[best, "total"])
    gains = {name: float(rows.loc[other, name] - rows.loc[best, name]) for name in TERMS}
    return {
        "decision": rows.loc[best, "decision"],
        "best": rows.loc[best, "option"],
        "other": rows.loc[other, "option"],
        "saving": mean,
        "saving_low": min(ends.low, mean),
        "saving_high": max(ends.high, mean),
        "chance": float((saved > 0).mean()),
        "decides": TERMS[max(gains, key=lambda name: gains[name])],
        "size": _size(gains, frame.loc[[best, other]], made_for),
        "changing": float(frame.loc[best, "switching_cost"]) if len(today) else 0.0,
        "keeps": bool(len(today) and best == today[0]),
        "told": bool(len(today)),
    }


def _size(gains: dict[str, float], two: pd.DataFrame, made_for: ChoiceOptions) -> str:
    """For how many employees the first of two is cheaper: only waiting depends on their number."""
    each = two["queries"] * two["wait_hours"] * (made_for.wage + made_for.leaving)
    slope = float(each.iloc[1] - each.iloc[0])
    rest = sum(gains.values()) - gains["waiting"] - gains["leaving"]
    if abs(slope) < 1e-9:
        return "it does not depend on size"
    size = -rest / slope
    if slope > 0:
        return f"from {math.ceil(size - 1e-9):,} employees" if size > 1 else "at any size"
    return f"up to {math.floor(size + 1e-9):,} employees"


def _lacks(frame: pd.DataFrame) -> list[str]:
    """What others of a choice offer and this one does not."""
    offers = [_parts(text) for text in frame["offers"]]
    every: dict[str, dict[str, None]] = {}
    for decision, some in zip(frame["decision"], offers, strict=True):
        every.setdefault(decision, {}).update(dict.fromkeys(some))
    return [
        "; ".join(each for each in every[decision] if each not in some)
        for decision, some in zip(frame["decision"], offers, strict=True)
    ]


def _parts(text: object) -> list[str]:
    return [part.strip() for part in str(text or "").split(";") if part.strip()]


def _frame(choices: list[dict[str, object]]) -> pd.DataFrame:
    columns = (
        "decision", "best", "other", "saving", "saving_low", "saving_high", "chance", "decides",
        "size", "changing", "keeps", "told",
    )  # fmt: skip
    return pd.DataFrame(choices, columns=list(columns))
