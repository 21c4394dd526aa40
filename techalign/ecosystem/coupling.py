"""Seven parts that depend on one another: the one that starves holds the rest back.

H = (Σ w_j u_j^-ρ)^(-1/ρ) with weights that sum to one is the constant-elasticity mean [1]_ of how
well each part is fed, 0 to 1: at ρ = 1 the harmonic mean, and for large ρ the worst part alone.

References
----------
.. [1] K. J. Arrow, H. B. Chenery, B. S. Minhas, R. M. Solow, "Capital-labor substitution and
   economic efficiency", Review of Economics and Statistics 43, 1961, 225-250.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

from techalign.ecosystem.stages import StageFlow
from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.frames import in_order
from techalign.numbers.intervals import Interval, interval_of
from techalign.text import listed

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["PLAYERS", "Health", "HealthOptions", "coupled", "health"]

PLAYERS = (
    "suspects", "prospects", "clients", "advocates", "associates", "vendors", "partners",
)  # fmt: skip
"""The seven groups of people that a business lives by."""

FRESH_DAYS = 365
"""What people said longer ago does not count."""
_LEAST = 0.02  # a part with nothing at all: H would be 0 whatever the others do
_FED = 0.2  # what feeding adds: one step of five


@dataclass(frozen=True)
class HealthOptions:
    """Assumptions of the coupling, each with its range.

    Attributes
    ----------
    coupling : Interval
        ρ: how much the worst part decides, above 0.
    elasticity : Interval
        Per cent more people that move on for one per cent more health.
    months : int
        Months over which feeding is valued.
    """

    coupling: Interval
    elasticity: Interval
    months: int = 12

    def __post_init__(self) -> None:
        if not self.coupling.low > 0:
            raise ModelError("coupling", "must be above 0", value=self.coupling.low)


@dataclass(frozen=True, eq=False)
class Health:
    """How well the parts are fed, and what feeding the worst would bring.

    Attributes
    ----------
    index : Interval
        H, 0 to 1, with the ends that the range of ρ gives.
    parts : DataFrame
        ``player, count, required, felt`` (how well they do), ``fed, pull`` (share of what holds
        back), ``evidence, gets,
        gives``; the one that holds most back first, those not known last.
    bottleneck : str
        The part that holds the rest back; "" where all known ones are fed.
    raised : Interval
        H with the bottleneck fed a step of 0.2 more.
    worth : Interval or None
        Money of the coming months that this step brings; None where no flow is known.
    notes : tuple of str
    """

    index: Interval
    parts: pd.DataFrame
    bottleneck: str
    raised: Interval
    worth: Interval | None
    notes: tuple[str, ...]


def coupled(fed: ArrayLike, weight: ArrayLike, rho: float) -> float:
    """Health of the whole from how well its parts are fed.

    Parameters
    ----------
    fed : array_like, shape (K,)
        u, 0 to 1.
    weight : array_like, shape (K,)
        w, above 0; scaled to sum to one.
    rho : float
        ρ, above 0.

    Returns
    -------
    float
        H, 0 to 1.

    Raises
    ------
    ModelError
        If there is no part, one is outside 0 to 1, or the weights sum to zero.

    Examples
    --------
    >>> one_starves = [1, 1, 1, 1, 1, 1, 0.3]
    >>> round(coupled(one_starves, [1] * 7, 1.0), 2), round(coupled(one_starves, [1] * 7, 10.0), 2)
    (0.75, 0.36)
    """
    u, w = np.asarray(fed, dtype=float), np.asarray(weight, dtype=float)
    if not u.size or not ((u >= 0) & (u <= 1)).all():
        raise ModelError("fed", "must be numbers from 0 to 1", value=fed)
    if not (w >= 0).all() or not w.sum() > 0:
        raise ModelError("weight", "must not be negative and must not sum to zero", value=weight)
    if not rho > 0:
        raise ModelError("rho", "must be above 0", value=rho)
    if (u[w > 0] == 0).any():
        return 0.0
    # in logarithms: 0.02^-10 and its like stay within range
    kept = w > 0
    logs = np.log(w[kept] / w.sum()) - rho * np.log(u[kept])
    top = logs.max()
    return float(np.exp(-(top + np.log(np.exp(logs - top).sum())) / rho))


def health(
    players: pd.DataFrame,
    as_of: dt.date,
    rng: np.random.Generator,
    options: HealthOptions,
    *,
    flow: StageFlow | None = None,
) -> Health:
    """Say how well the seven parts are fed, which one holds the rest back, and what that costs.

    A part is fed as far as its smaller known measure says: people there of those required, and
    how well they do. An answer older than 12 months does not count; what nobody has answered is
    left out and named, never zero. Feeding raises every chance to move on by (H'/H)^ε.

    Parameters
    ----------
    players : DataFrame
        Columns ``player, count, required, health`` (0 to 1), ``weight, asked`` (day), ``evidence,
        gets, gives``.
    as_of : date
    rng : Generator
    options : HealthOptions
    flow : StageFlow, optional
        Of S draws, for the money.

    Returns
    -------
    Health

    Raises
    ------
    ModelError
        If nothing is known of any part.

    Examples
    --------
    >>> import pandas as pd
    >>> players = pd.DataFrame({
    ...     "player": ["clients", "associates"], "count": [90, 6], "required": [100, 6],
    ...     "health": [0.8, 0.3], "weight": 1.0, "asked": pd.to_datetime(["2026-05-04"] * 2),
    ...     "evidence": ["survey", "two left"], "gets": "", "gives": ""})
    >>> options = HealthOptions(Interval(3.0, 1.0, 10.0), Interval(0.4, 0.1, 1.0))
    >>> found = health(players, dt.date(2026, 6, 30), np.random.default_rng(1), options)
    >>> found.bottleneck, round(found.index.point, 2)
    ('associates', 0.37)
    """
    parts, measured, notes = _parts(players, as_of)
    known = ~np.isnan(measured["fed"])
    if not known.any():
        raise ModelError(
            "players", "tell of no part how much of what it needs it has",
            remedy="Fill in count and required, or health with the day it was asked.",
        )  # fmt: skip
    fed = np.maximum(measured["fed"][known], _LEAST)
    weight = measured["weight"][known]
    pulls = np.log(weight / weight.sum()) - options.coupling.point * np.log(fed)
    share = np.exp(pulls - pulls.max())
    pull = np.full(len(parts), np.nan)
    pull[known] = share / share.sum()
    worst = int(pulls.argmax())
    names = parts["player"].tolist()
    order = sorted(range(len(names)), key=lambda i: (not known[i], -pull[i], names[i]))
    parts = in_order(parts, np.array(order), {**measured, "pull": pull})
    fed_more = fed.copy()
    fed_more[worst] = min(1.0, fed[worst] + _FED)
    starves = fed[worst] < 1.0
    return Health(
        index=_index(fed, weight, options.coupling),
        parts=parts,
        bottleneck=str(parts["player"].iloc[0]) if starves else "",
        raised=_index(fed_more, weight, options.coupling),
        worth=_worth(flow, (fed, fed_more, weight), options, rng) if starves else None,
        notes=tuple(notes),
    )


def _parts(
    players: pd.DataFrame, as_of: dt.date
) -> tuple[pd.DataFrame, dict[str, Floats], list[str]]:
    """The seven players, how each does and is fed and what it weighs, and what does not count."""
    import pandas as pd

    rows = players.set_index("player").reindex(list(PLAYERS)).reset_index()
    asked = pd.to_datetime(rows["asked"])
    # arrays: seven rows are not worth a column's index at each step
    age = (pd.Timestamp(as_of) - asked).dt.days.to_numpy(dtype=float)
    names = ("health", "count", "required", "weight")
    answered, there, needed, weight = (rows[name].to_numpy(dtype=float) for name in names)
    known = ~np.isnan(answered)
    outdated = known & (age > FRESH_DAYS)
    undated = known & np.isnan(age)
    felt = np.where(outdated | undated, np.nan, answered)
    fed = np.fmin(np.minimum(there / needed, 1.0), felt)
    measured = {"felt": felt, "fed": fed, "weight": np.where(np.isnan(weight), 1.0, weight)}
    players_named = np.array(list(PLAYERS), dtype=object)
    notes = [
        f"How the {name} do was asked more than 12 months ago and does not count any more."
        for name in players_named[outdated]
    ]
    notes += [
        f"When the {name} were asked is not said, so the answer does not count."
        for name in players_named[undated]
    ]
    unknown = players_named[np.isnan(fed)].tolist()
    if unknown:
        notes.append(f"Not known, and left out: how well the {listed(unknown)} do.")
    return rows, measured, notes


def _index(fed: Floats, weight: Floats, coupling: Interval) -> Interval:
    ends = [coupled(fed, weight, rho) for rho in (coupling.point, coupling.low, coupling.high)]
    return Interval(ends[0], min(ends), max(ends), 1.0)


def _worth(
    flow: StageFlow | None,
    fed: tuple[Floats, Floats, Floats],
    options: HealthOptions,
    rng: np.random.Generator,
) -> Interval | None:
    """Money of a step, over what the counts allow and over the assumed ranges."""
    if flow is None or not flow.margin.any():
        return None
    before, after, weight = fed
    size = len(flow.moves)
    ranges = (options.coupling, options.elasticity)
    rho, power = (rng.triangular(r.low, r.point, r.high, size) for r in ranges)
    # few enough values of ρ that each is worked out once
    steps = np.linspace(options.coupling.low, options.coupling.high, 25)
    ratio = [coupled(after, weight, r) / coupled(before, weight, r) for r in steps]
    lift = np.interp(rho, steps, ratio) ** power
    gain = flow.ahead(options.months, lift) - flow.ahead(options.months)
    return interval_of(gain.sum(axis=1))
