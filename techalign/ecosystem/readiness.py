"""Ready to expand, or better to stay small and close to customers: a gate with its evidence."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from techalign.ecosystem.coupling import Health
from techalign.ecosystem.effort import HuntOrFarm
from techalign.ecosystem.foretold import Foretold
from techalign.ecosystem.one_way import OneWayCost
from techalign.numbers.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

__all__ = ["ExpansionLimits", "Readiness", "ready_to_expand"]


@dataclass(frozen=True)
class ExpansionLimits:
    """Where the gate opens; judgement.

    Attributes
    ----------
    starving : float
        No part may be fed less than this, 0 to 1.
    cover : tuple of float
        Share of past forecasts inside their range that still speaks for them.
    free : float
        Share of capacity that must be free.
    made : tuple of int
        Forecasts from which they speak at all, and from which too many may be inside.
    pays : float
        Chance that the way to grow pays.
    payback : float
        Months within which a customer won must have paid for the selling time.
    pushed : float
        Most of the revenue that may be pushed.
    """

    starving: float = 0.5
    cover: tuple[float, float] = (0.6, 0.95)
    free: float = 0.15
    made: tuple[int, int] = (4, 30)
    pays: float = 0.7
    payback: float = 12.0
    pushed: float = 0.3


@dataclass(frozen=True, eq=False)
class Readiness:
    """The gate: each condition, whether it is met, and what shows it.

    Attributes
    ----------
    conditions : DataFrame
        ``condition, met`` ("yes", "no", "not known"), ``evidence, remedy``.
    ready : bool
        All conditions are known and met.
    verdict : str
        One sentence.
    """

    conditions: pd.DataFrame
    ready: bool
    verdict: str


def ready_to_expand(
    found: Health,
    *,
    split: HuntOrFarm | None = None,
    one_way: OneWayCost | None = None,
    forecasts: Foretold | None = None,
    payback: Floats | None = None,
    free_capacity: float | None = None,
    limits: ExpansionLimits | None = None,
) -> Readiness:
    """Open the gate to growth only where each condition is known and met.

    Parameters
    ----------
    found : Health
    split : HuntOrFarm, optional
        Tells whether more customers pay for the time they take.
    one_way : OneWayCost, optional
    forecasts : Foretold, optional
        How past forecasts came true.
    payback : array, shape (S,), optional
        Months until a customer won has paid for the selling time, by draw.
    free_capacity : float, optional
        Share of the scarcest resource that is free, 0 to 1.
    limits : ExpansionLimits, optional

    Returns
    -------
    Readiness

    Examples
    --------
    >>> import datetime as dt
    >>> import numpy as np
    >>> import pandas as pd
    >>> from techalign.ecosystem import HealthOptions, health
    >>> from techalign.numbers.intervals import Interval
    >>> players = pd.DataFrame({
    ...     "player": ["clients", "associates"], "count": [90, 2], "required": [100, 6],
    ...     "health": None, "weight": 1.0, "asked": pd.NaT, "evidence": "", "gets": "",
    ...     "gives": ""})
    >>> options = HealthOptions(Interval(3.0, 1.0, 10.0), Interval(0.4, 0.1, 1.0))
    >>> found = health(players, dt.date(2026, 6, 30), np.random.default_rng(1), options)
    >>> gate = ready_to_expand(found, free_capacity=0.3)
    >>> gate.ready, gate.verdict
    (False, 'Stay small and close to customers: the associates are fed 33% of what they need.')
    """
    import pandas as pd

    limits = limits or ExpansionLimits()
    rows = [
        _no_one_starves(found, limits),
        _free(free_capacity, limits),
        _true_forecasts(forecasts, limits),
        _pays_back(payback, limits),
        _more_pays(split, limits),
        _not_pushed(one_way, limits),
    ]
    frame = pd.DataFrame(rows, columns=["condition", "met", "evidence", "remedy"])
    failed = frame[frame["met"] == "no"]
    unknown = frame[frame["met"] == "not known"]
    if len(failed):
        said = f"Stay small and close to customers: {failed['evidence'].iloc[0]}."
    elif len(unknown):
        count = len(unknown)
        said = (
            f"Nothing speaks against growing, yet {count} of {len(frame)} conditions "
            f"{'is' if count == 1 else 'are'} not known: find out first."
        )
    else:
        said = "Ready to grow: every condition is met."
    return Readiness(frame, not len(failed) and not len(unknown), said)


def _row(name: str, met: bool | None, evidence: str, remedy: str) -> tuple[str, str, str, str]:
    said = "not known" if met is None else "yes" if met else "no"
    return name, said, evidence, "" if met else remedy


def _no_one_starves(found: Health, limits: ExpansionLimits) -> tuple[str, str, str, str]:
    worst = found.parts.sort_values("fed", kind="stable").iloc[0]
    known = found.parts["fed"].notna()
    met = None if not known.all() and worst["fed"] >= limits.starving else (
        bool(worst["fed"] >= limits.starving)
    )  # fmt: skip
    return _row(
        "No part of the business starves", met,
        f"the {worst['player']} are fed {worst['fed']:.0%} of what they need"
        + (f"; {int((~known).sum())} of 7 parts are not known" if met is None else ""),
        f"Feed the {worst['player']} first." if met is False else "Ask those not asked yet.",
    )  # fmt: skip


def _free(free: float | None, limits: ExpansionLimits) -> tuple[str, str, str, str]:
    evidence = "nobody has said how full it is" if free is None else (
        f"{max(free, 0.0):.0%} of the scarcest capacity is free"
    )  # fmt: skip
    return _row("There is room to serve more", None if free is None else free >= limits.free,
                evidence, "Make room for one customer in six before looking for more.")  # fmt: skip


def _true_forecasts(found: Foretold | None, limits: ExpansionLimits) -> tuple[str, str, str, str]:
    cover = found.cover if found is not None else None
    if found is None or cover is None:
        evidence = "no past forecast can be compared yet"
    else:
        evidence = (
            f"of {found.made} monthly forecasts {found.inside} ({cover:.0%}) came true inside "
            "their range"
        )
    enough, many = limits.made
    low, high = limits.cover
    met = None
    if found is not None and cover is not None and found.made >= enough:
        # of few forecasts all may be inside a range that is meant to hold four of five
        met = low <= cover and (cover <= high or found.made < many)
    return _row("Plans have come true", met, evidence, "Forecast the next months and compare.")


def _pays_back(payback: Floats | None, limits: ExpansionLimits) -> tuple[str, str, str, str]:
    name = "A customer won pays back in time"
    if payback is None:
        return _row(name, None, "what winning a customer costs is not known",
                    "Count who becomes a customer, and the hours that takes.")  # fmt: skip
    chance = float((payback <= limits.payback).mean())
    return _row(
        name, chance >= limits.pays,
        f"the selling time it took is earned back within {limits.payback:.0f} months with a chance "
        f"of {chance:.0%}",
        "Win customers with less time, or such as bring more, before winning more of them.",
    )  # fmt: skip


def _more_pays(split: HuntOrFarm | None, limits: ExpansionLimits) -> tuple[str, str, str, str]:
    """Whether present customers carry the growth, or more time for them would at least not pay."""
    name = "Present customers come first"
    remedy = "Win more from present customers before looking for new ones."
    if split is None:
        return _row(name, None, "what new customers bring is not known", remedy)
    grows = f"they recommend faster than they leave with a chance of {split.compounds:.0%}"
    enough = split.best <= split.split
    if split.compounds >= limits.pays or not enough:
        return _row(name, split.compounds >= limits.pays, grows, remedy)
    now = f"they get {split.split:.0%} of the selling time, and {split.best:.0%} would bring most"
    return _row(name, True, f"{now}: more for them does not pay, as {grows}", remedy)


def _not_pushed(one_way: OneWayCost | None, limits: ExpansionLimits) -> tuple[str, str, str, str]:
    evidence = "what is sold to meet quotas is not known" if one_way is None else (
        f"{one_way.pushed_share:.0%} of these channels' revenue is pushed"
    )  # fmt: skip
    met = None if one_way is None else bool(one_way.pushed_share <= limits.pushed)
    return _row("Sales answer a need", met, evidence,
                "Stop selling to quotas before selling more.")  # fmt: skip
