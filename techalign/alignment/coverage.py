"""How well technology serves what the business wants, goal by goal, and what to close first.

A goal's coverage is c_g = 1 - Π_j (1 - s_gj f_j): the chance that at least one of its technologies
carries it, if each does so with its support times its fit. The index is Σ w_g c_g.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from techalign.alignment.weights import AhpWeights
from techalign.errors import ModelError
from techalign.numbers.arrays import Floats
from techalign.numbers.frames import floats_of, in_order
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["Alignment", "alignment_index", "gaps"]

DOUBT = 0.1
"""How far a judged support or fit may be off to either side: an assumption."""

_MIDDLING = 0.5  # feasibility where nobody has judged it


@dataclass(frozen=True, eq=False)
class Alignment:
    """The index and what it is made of.

    Attributes
    ----------
    index : Interval
        Σ w c, 0 to 1; the ends are all supports and fits off by 0.1.
    goals : DataFrame
        ``goal, theme, weight, coverage`` (both with ``_low`` and ``_high``), ``technologies,
        projects`` (names), ``budget`` (share of planned spending; NaN where none is planned),
        ``reached`` (share of the way from baseline to target; NaN where not measured), ``metric,
        baseline, target, actual, date, feasibility, worth``.
    links : DataFrame
        ``goal, technology, support, fit, carries`` (their product).
    mismatch : float
        ½ Σ |share - w|, 0 to 1; NaN where no spending names a goal.
    orphans : tuple of str
        Technologies that serve no goal.
    notes : tuple of str
    """

    index: Interval
    goals: pd.DataFrame
    links: pd.DataFrame
    mismatch: float
    orphans: tuple[str, ...]
    notes: tuple[str, ...]


def alignment_index(
    goals: pd.DataFrame,
    links: pd.DataFrame,
    weights: AhpWeights,
    initiatives: pd.DataFrame | None = None,
) -> Alignment:
    """Measure how well technology serves the goals.

    Parameters
    ----------
    goals : DataFrame
        Columns ``goal, theme, metric, baseline, target, actual, date, feasibility, worth``.
    links : DataFrame
        Columns ``goal, technology, support, fit`` (0 to 1); a technology that serves nothing has
        support 0.
    weights : AhpWeights
        Of the same goals.
    initiatives : DataFrame, optional
        Columns ``name, goal, cost_per_quarter, duration``: what is planned for each goal.

    Returns
    -------
    Alignment

    Raises
    ------
    ModelError
        If a link names a goal there is not, or a support or fit is not from 0 to 1.

    Examples
    --------
    >>> import pandas as pd
    >>> goals = pd.DataFrame({
    ...     "goal": ["quick", "safe"], "weight": [1.0, 1.0], "theme": "", "metric": "",
    ...     "baseline": None, "target": None, "actual": None, "date": pd.NaT,
    ...     "feasibility": None, "worth": None})
    >>> links = pd.DataFrame({"goal": ["quick", "quick"], "technology": ["till", "app"],
    ...                       "support": [0.5, 0.5], "fit": [1.0, 1.0]})
    >>> even = AhpWeights(pd.DataFrame({"goal": ["quick", "safe"], "weight": [0.5, 0.5],
    ...     "weight_low": [0.5, 0.5], "weight_high": [0.5, 0.5]}), 0.0, "")
    >>> found = alignment_index(goals, links, even)
    >>> found.index.point, found.goals["coverage"].tolist()
    (0.375, [0.75, 0.0])
    """
    names = goals["goal"].tolist()
    strange = [goal for goal in links["goal"] if goal not in names]
    if strange:
        raise ModelError(
            "links", "name a goal there is not", value=strange[0],
            remedy=f"There are {', '.join(map(str, names))}.",
        )  # fmt: skip
    support, fit = floats_of(links, "support", "fit")
    for name, values in (("support", support), ("fit", fit)):
        if not ((values >= 0.0) & (values <= 1.0)).all():
            raise ModelError(f"links.{name}", "must be from 0 to 1", value=links[name].max())
    held = links.assign(carries=support * fit)
    weighed = {str(name): weights.weights[name].to_numpy()
               for name in weights.weights.columns if name != "goal"}  # fmt: skip
    frame = goals.rename(columns={name: f"{name}_stated" for name in weighed})
    shifts = (("", 0.0), ("_low", -DOUBT), ("_high", DOUBT))
    covered = {f"coverage{end}": _covered(held, names, shift) for end, shift in shifts}
    serving, budget = _serving(held), _budget(initiatives, names)
    frame = frame.assign(
        **weighed,
        **covered,
        technologies=[len({t for g, t, s, _ in serving if g == name and s > 0}) for name in names],
        budget=budget, projects=_projects(initiatives, names), reached=_reached(goals),
    )  # fmt: skip
    w = frame["weight"].to_numpy(dtype=float)
    ends = [float(w @ np.array(each)) for each in covered.values()]
    carried = {tool for _, tool, _, part in serving if part != 0}
    return Alignment(
        index=Interval(ends[0], ends[1], ends[2], 1.0),
        goals=frame,
        links=held[["goal", "technology", "support", "fit", "carries"]],
        mismatch=float(np.abs(budget - w).sum() / 2.0),
        orphans=tuple(str(t) for t in sorted({t for _, t, _, _ in serving}) if t not in carried),
        notes=weights.notes,
    )


def gaps(alignment: Alignment, as_of: dt.date) -> pd.DataFrame:
    """Rank what is missing: priority = weight × (1 - coverage) × feasibility.

    Parameters
    ----------
    alignment : Alignment
    as_of : date

    Returns
    -------
    DataFrame
        ``goal, weight, coverage, gap`` (weight not served), ``feasibility, priority, worth``
        (money a year that closing it brings; NaN where not said) with ``worth_low, worth_high``,
        ``days_left`` (NaN where no day is set); the first to close first. Goals fully served are
        left out.

    Examples
    --------
    See :func:`alignment_index`; "safe" has no technology at all:

    >>> import pandas as pd
    >>> goals = pd.DataFrame({
    ...     "goal": ["quick", "safe"], "weight": [0.5, 0.5], "coverage": [0.75, 0.0],
    ...     "coverage_low": [0.7, 0.0], "coverage_high": [0.8, 0.1], "feasibility": [None, 0.8],
    ...     "worth": [None, 1000.0], "date": [pd.NaT, pd.Timestamp("2026-12-31")]})
    >>> found = Alignment(Interval(0.375, 0.3, 0.4), goals, goals, 0.0, (), ())
    >>> ranked = gaps(found, dt.date(2026, 6, 30))
    >>> ranked["goal"].tolist(), ranked["priority"].tolist(), ranked["days_left"].tolist()[0]
    (['safe', 'quick'], [0.4, 0.0625], 184.0)
    """
    import pandas as pd

    frame = alignment.goals[alignment.goals["coverage"] < 1.0]
    weight, covered, low, high, feasible, worth = floats_of(
        frame, "weight", "coverage", "coverage_low", "coverage_high", "feasibility", "worth"
    )
    feasible = np.where(np.isnan(feasible), _MIDDLING, feasible)
    open_ = 1.0 - covered
    days = (pd.to_datetime(frame["date"]) - pd.Timestamp(as_of)).dt.days
    priority = weight * open_ * feasible
    return in_order(frame, np.argsort(-priority, kind="stable"), {
        "gap": weight * open_, "feasibility": feasible, "priority": priority,
        "worth": worth * open_ * feasible, "worth_low": worth * (1.0 - high) * feasible / 2.0,
        "worth_high": worth * (1.0 - low), "days_left": days.to_numpy(dtype=float),
    })  # fmt: skip


def _serving(held: pd.DataFrame) -> list[tuple[Any, Any, float, float]]:
    """Goal, technology, support and what it carries of each link."""
    columns = (held[name].tolist() for name in ("goal", "technology", "support", "carries"))
    return list(zip(*columns, strict=True))


def _covered(held: pd.DataFrame, names: list[str], shift: float) -> list[float]:
    """1 - Π(1 - carries) by goal, with every support and fit shifted where it is above 0."""
    out = dict.fromkeys(names, 1.0)
    rows = (held[name].to_numpy(dtype=float) for name in ("support", "fit"))
    support, fit = (np.where(v > 0, np.clip(v + shift, 0.0, 1.0), 0.0) for v in rows)
    for name, part in zip(held["goal"], support * fit, strict=True):
        out[name] *= 1.0 - float(part)
    return [1.0 - out[name] for name in names]


def _budget(initiatives: pd.DataFrame | None, names: list[str]) -> Floats:
    """Share of planned money for each goal; NaN where none is planned for any."""
    if initiatives is None or not len(initiatives):
        return np.full(len(names), np.nan)
    cost, quarters = floats_of(initiatives, "cost_per_quarter", "duration")
    by_goal = dict.fromkeys(names, 0.0)
    for name, part in zip(initiatives["goal"], (cost * quarters).tolist(), strict=True):
        if name in by_goal and part == part:
            by_goal[name] += part
    money = np.array([by_goal[name] for name in names])
    return np.asarray(money / money.sum() if money.sum() > 0 else np.full(len(names), np.nan))


def _projects(initiatives: pd.DataFrame | None, names: list[str]) -> list[str]:
    """Names of what is planned for each goal."""
    if initiatives is None:
        return [""] * len(names)
    pairs = list(zip(initiatives["goal"], initiatives["name"], strict=True))
    return [", ".join(str(project) for goal, project in pairs if goal == name) for name in names]


def _reached(goals: pd.DataFrame) -> Floats:
    start, end, now = (goals[n].astype(float).to_numpy() for n in ("baseline", "target", "actual"))
    way = end - start
    return np.asarray(np.divide(now - start, way, out=np.full(len(way), np.nan), where=way != 0))
