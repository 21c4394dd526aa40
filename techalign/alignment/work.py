"""Systems, people and work: what should talk, who can run what, what a tool could take over."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from techalign.errors import ModelError
from techalign.numbers.frames import floats_of, in_order
from techalign.numbers.intervals import Interval

if TYPE_CHECKING:
    import pandas as pd

__all__ = [
    "GROWTH",
    "Training",
    "automation_candidates",
    "headroom",
    "integrations",
    "skills",
    "training_gap",
]

GROWTH = (0.10, 0.25, 0.50)
"""By how much a business may grow."""

_RUNS_IT = 3
_KNOWS_IT = 2


@dataclass(frozen=True)
class Training:
    """Hours to learn: of all projects, needed of these, given in the last year, and short."""

    hours: float
    needed: Interval
    given: float
    short: Interval


def integrations(table: pd.DataFrame, hourly_wage: float) -> pd.DataFrame:
    """Links that are needed and missing, with what they cost and what is lost without them.

    Parameters
    ----------
    table : DataFrame
        Columns ``system_a, system_b, needed, live`` (yes or no), ``effort`` (money to join them),
        ``hours`` (a year lost without it).
    hourly_wage : float
        Money.

    Returns
    -------
    DataFrame
        ``link, effort, hours, lost`` (money a year) with ``lost_low, lost_high`` (estimates of
        hours are taken to be off by a third), ``payback`` (years); quickest to pay back first.

    Raises
    ------
    ModelError
        If the wage is negative.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"system_a": ["till", "till"], "system_b": ["books", "shop"],
    ...     "needed": True, "live": [False, True], "effort": [900.0, 0.0], "hours": [90.0, 10.0]})
    >>> found = integrations(table, 20.0)
    >>> found["link"].tolist(), found["payback"].tolist()
    (['till and books'], [0.5])
    """
    import pandas as pd

    if hourly_wage < 0:
        raise ModelError("hourly_wage", "must not be negative", value=hourly_wage)
    needed, live = (table[name].to_numpy(dtype=bool) for name in ("needed", "live"))
    hours, effort = floats_of(table, "hours", "effort")
    lost = hours * hourly_wage
    payback = effort / np.where(lost > 0, lost, np.nan)
    pairs = zip(table["system_a"], table["system_b"], strict=True)
    columns = {
        "link": np.array([f"{one} and {other}" for one, other in pairs], dtype=object),
        "effort": effort, "hours": hours, "lost": lost, "lost_low": lost * 2 / 3,
        "lost_high": lost * 4 / 3, "payback": payback,
    }  # fmt: skip
    quickest = np.argsort(payback, kind="stable")
    order = quickest[(needed & ~live)[quickest]]
    return pd.DataFrame({name: values[order] for name, values in columns.items()})


def skills(table: pd.DataFrame) -> pd.DataFrame:
    """Who can run what, and which system hangs on one person or on nobody.

    Parameters
    ----------
    table : DataFrame
        Columns ``system, person, level`` (0 to 3), ``training_hours`` (of the last year).

    Returns
    -------
    DataFrame
        ``system, runs`` (people at level 3), ``knows`` (at 2 or more), ``who`` (those who run
        it), ``training_hours, said`` ("nobody", "one person", "several"); the most exposed first.

    Raises
    ------
    ModelError
        If a level is not from 0 to 3.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"system": ["till", "till", "books"], "person": ["Kim", "Lee", "Kim"],
    ...                       "level": [3, 3, 3], "training_hours": [4.0, 0.0, 2.0]})
    >>> skills(table)[["system", "said"]].to_numpy().tolist()
    [['books', 'one person'], ['till', 'several']]
    """
    import pandas as pd

    (level, trained) = floats_of(table, "level", "training_hours")
    if not ((level >= 0) & (level <= _RUNS_IT)).all():
        raise ModelError("skills.level", "must be from 0 to 3", value=table["level"].max())
    people: dict[str, list[tuple[str, float, float]]] = {}
    for system, person, grade, hours in zip(table["system"], table["person"], level.tolist(),
                                            trained.tolist(), strict=True):  # fmt: skip
        people.setdefault(system, []).append((person, grade, hours))
    rows = []
    for system, group in people.items():
        able = [person for person, grade, _ in group if grade >= _RUNS_IT]
        knows = sum(grade >= _KNOWS_IT for _, grade, _ in group)
        said = {0: "nobody", 1: "one person"}.get(len(able), "several")
        hours = float(np.nansum([hours for *_, hours in group]))
        rows.append((system, len(able), knows, ", ".join(able), hours, said))
    rows.sort(key=lambda row: (row[1], row[2], row[0]))
    columns = ["system", "runs", "knows", "who", "training_hours", "said"]
    return pd.DataFrame(rows, columns=columns)


def training_gap(table: pd.DataFrame, initiatives: pd.DataFrame, share: Interval) -> Training:
    """Hours of training against what the projects of the roadmap need.

    Parameters
    ----------
    table : DataFrame
        Column ``training_hours`` (of the last year).
    initiatives : DataFrame
        Columns ``hours_per_quarter`` (staff hours), ``duration`` (quarters).
    share : Interval
        Assumed share of a project's staff hours that go into learning what it brings.

    Returns
    -------
    Training

    Raises
    ------
    ModelError
        If hours are negative.

    Examples
    --------
    >>> import pandas as pd
    >>> plans = pd.DataFrame({"hours_per_quarter": [100.0, 50.0], "duration": [2, 1]})
    >>> given = pd.DataFrame({"training_hours": [10.0]})
    >>> training_gap(given, plans, Interval(0.1, 0.02, 0.2)).short
    Interval(point=15.0, low=0.0, high=40.0, level=1.0)
    """
    hours = float((initiatives["hours_per_quarter"].astype(float) * initiatives["duration"]).sum())
    given = float(table["training_hours"].astype(float).sum())
    if hours < 0 or given < 0:
        raise ModelError("training_hours", "must not be negative", value=min(hours, given))
    needed = share.scaled(hours)
    point, low, high = (max(e - given, 0.0) for e in (needed.point, needed.low, needed.high))
    return Training(hours, needed, given, Interval(point, low, high, 1.0))


def automation_candidates(table: pd.DataFrame, hourly_wage: float) -> pd.DataFrame:
    """Repeated work that a tool could take over, and what that saves a year.

    Parameters
    ----------
    table : DataFrame
        Columns ``task, hours`` (a year), ``wage`` (money an hour, may be missing), ``share_low,
        share_high`` (what tools take over), ``tool_cost`` (money a year, missing where
        not known).
    hourly_wage : float
        Money, where the task names none.

    Returns
    -------
    DataFrame
        ``task, hours, cost, saved`` (net of the tool, with ``_low, _high``), ``share`` (with
        ``_low, _high``), ``tool_cost, pays`` (chance that it saves more than the tool costs, the
        share being equally likely within its range); most saved first. What is saved, and whether
        it pays, is NaN where the cost of the tool is not known.

    Raises
    ------
    ModelError
        If a share is not from 0 to 1, or its ends are out of order.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"task": ["typing"], "hours": [100.0], "wage": [None],
    ...                       "share_low": [0.2], "share_high": [0.6], "tool_cost": [600.0]})
    >>> found = automation_candidates(table, 20.0)
    >>> found["saved"].tolist(), found["pays"].round(2).tolist()
    ([200.0], [0.75])
    """
    low, high, wage, hours, tool = floats_of(
        table, "share_low", "share_high", "wage", "hours", "tool_cost"
    )
    if not ((low >= 0) & (low <= high) & (high <= 1)).all():
        raise ModelError("tasks.share", "must run from 0 to 1, low before high", value=high.max())
    cost = hours * np.where(np.isnan(wage), hourly_wage, wage)
    share, span = (low + high) / 2.0, high - low
    even = tool / np.where(cost > 0, cost, np.nan)
    within = np.divide(high - even, span, out=np.full(len(span), np.nan), where=span > 0)
    pays = np.where(span > 0, np.clip(within, 0, 1), (share > even).astype(float))
    saved = cost * share - tool
    return in_order(table, np.argsort(-saved, kind="stable"), {
        "cost": cost, "share": share, "saved": saved, "saved_low": cost * low - tool,
        "saved_high": cost * high - tool,
        "pays": np.where(np.isnan(tool), np.nan, np.where(cost > 0, pays, 0.0)),
    })  # fmt: skip


def headroom(table: pd.DataFrame) -> pd.DataFrame:
    """What breaks first if the business grows by 10, 25 or 50 %.

    Parameters
    ----------
    table : DataFrame
        Columns ``resource, kind, load, capacity`` (in one unit, above 0), ``extend_cost`` (money
        a year).

    Returns
    -------
    DataFrame
        ``resource, kind, used`` (share), ``breaks`` (growth at which it is full; infinite where
        nothing is used), ``at_10, at_25, at_50`` ("holds", "full"), ``extend_cost``; what breaks
        first leads.

    Raises
    ------
    ModelError
        If a capacity is not above 0.

    Examples
    --------
    >>> import pandas as pd
    >>> table = pd.DataFrame({"resource": ["desk", "server"], "kind": ["people", "system"],
    ...     "load": [80.0, 50.0], "capacity": [100.0, 100.0], "extend_cost": [900.0, 0.0]})
    >>> headroom(table)[["resource", "breaks", "at_25"]].to_numpy().tolist()
    [['desk', 0.25, 'holds'], ['server', 1.0, 'holds']]
    """
    load, most = floats_of(table, "load", "capacity")
    if not (most > 0).all():
        raise ModelError("capacity", "must be above 0", value=most.min())
    breaks = most / np.where(load > 0, load, np.nan) - 1
    breaks = np.where(np.isnan(breaks), np.inf, breaks)
    full = {
        f"at_{growth * 100:.0f}": np.where(load * (1 + growth) > most + 1e-9, "full", "holds")
        for growth in GROWTH
    }
    return in_order(table, np.argsort(breaks, kind="stable"), {
        "used": load / most, "breaks": breaks, **full,
    })  # fmt: skip
