"""Partners under contract that have never sold: whom to stop waiting for, and what to ask.

One is let go where keeping it costs more than its chance to start, and what it brings besides
sales, are worth.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from techalign.decision import Decision, fit
from techalign.numbers.arrays import Flags, Floats
from techalign.numbers.intervals import Interval
from techalign.numbers.periods import month_index
from techalign.partners.coming_year import (
    YEAR,
    ComingYear,
    months_in_words,
    percent,
    rests_on,
)
from techalign.partners.outlook import PartnerOutlook

__all__ = ["KeepingCosts", "ask_for_costs", "keeping_costs", "stop_waiting"]

RECENT_MONTHS = 6
"""Costs of so many months are taken to go on, as in the channel's economics."""
KEEPING = ("manage", "market funds")
"""What a partner costs as long as it is kept; recruiting and enabling are spent."""


@dataclass(frozen=True, kw_only=True)
class KeepingCosts:
    """What each partner costs a year to keep, shape (N,), money; ``known`` tells where.

    ``own`` is spent on it alone, ``share`` its equal part of what is spent on all.
    """

    own: Floats
    share: float
    known: Flags


def keeping_costs(outlook: PartnerOutlook, spent: pd.DataFrame, listed: set[str]) -> KeepingCosts:
    """Read the costs of the last six months off the table and carry them on for a year."""
    panel = outlook.panel
    end = panel.first_month + panel.revenue.shape[1]
    month = month_index(spent["month"]).to_numpy().astype(np.int64)
    recent = (month >= end - RECENT_MONTHS) & (month < end)
    rows = spent[recent & spent["kind"].isin(KEEPING).to_numpy()]
    shared = rows[~rows["partner"].isin(listed)]
    named = rows.groupby("partner")["amount"].sum().reindex(panel.partner)
    signed = panel.revenue.shape[1] - panel.contract_month
    span = np.clip(signed, 1, RECENT_MONTHS)
    running = max(int((~panel.ended).sum()), 1)
    return KeepingCosts(
        own=named.fillna(0.0).to_numpy(dtype=float) / span * YEAR,
        share=float(shared["amount"].sum()) / RECENT_MONTHS * YEAR / running,
        known=named.notna().to_numpy() | (not shared.empty),
    )


def _silent(outlook: PartnerOutlook) -> Flags:
    """Mark partners under contract that have never sold, shape (N,)."""
    return ~outlook.panel.active & ~outlook.panel.ended


def stop_waiting(year: ComingYear, costs: KeepingCosts) -> Iterator[Decision]:
    """Let go what costs more to keep than its chance to start is worth."""
    silent, panel = _silent(year.outlook), year.outlook.panel
    age = panel.revenue.shape[1] - panel.contract_month
    chances = year.outlook.activation.p_activate(age, float(YEAR), panel.strategic, panel.cycles)
    segments = np.unique(panel.segment[silent & costs.known])
    sold = {kind: _first_year(year.draws[:, silent & (panel.segment == kind)]) for kind in segments}
    for row in np.flatnonzero(silent & costs.known):
        first_year = sold[panel.segment[row]] * float(year.margin[row])
        own = float(costs.own[row])
        # the time of those who look after all is freed, not surely saved: half of it counts
        saved = own + costs.share / 2.0
        lost = float(chances[row]) * first_year + float(year.besides[row])
        if lost < saved:
            yield _let_go(year, int(row), (own, costs.share), (float(chances[row]), first_year))


def _let_go(
    year: ComingYear, row: int, cost: tuple[float, float], start: tuple[float, float]
) -> Decision:
    """Stop waiting for one partner: its own cost and share of all, its chance and first year."""
    (own, share), (chance, first_year) = cost, start
    besides = float(year.besides[row])
    saved, lost = own + share / 2.0, chance * first_year + besides
    name = str(year.outlook.panel.partner[row])
    waited = year.outlook.panel.revenue.shape[1] - int(year.outlook.panel.contract_month[row])
    rests: dict[str, Any] = rests_on(year.outlook.activation)
    if share:
        rests["basis"] = "judgement"
    brings = year.sales[:, row] * year.margin[row] + besides
    return year.decide(
        what=fit(
            [name],
            f"Stop waiting for {{}}: {months_in_words(waited)} without a sale, "
            f"{percent(chance)} to start",
        ),
        kind="stop",
        subject=name,
        topic="no sale",
        value=Interval(saved - lost, own - lost, own + share - lost),
        pays=float((brings < saved).mean()) if year.months == YEAR else None,
        because=_why_let_go(year, cost, start, besides),
        evidence="When signed partners start to sell",
        **rests,
    )


def _why_let_go(
    year: ComingYear, cost: tuple[float, float], start: tuple[float, float], besides: float
) -> str:
    (own, share), (chance, first_year) = cost, start
    prices = [f"{year.money(own)} a year of its own"] if own else []
    if share:
        prices.append(f"up to {year.money(share)} a year as its part of what is spent on all")
    worth = f"; one that starts brings {year.money(first_year)} of margin in its first year"
    more = f"; besides sales it brings {year.money(besides)} a year" if besides else ""
    return (
        f"Its chance to start within a year is {percent(chance)}{worth if first_year else ''}"
        f"{more}, "
        f"and keeping it costs {' and '.join(prices)}."
    )


def _first_year(draws: Floats) -> float:
    """Expected sales of a partner in the 12 months from its first sale, money.

    Pooled over the futures, shape (S, n, H), in which one of n silent partners starts; each
    month since the first sale is averaged over the futures that reach it, and the last month
    reached stands for later ones. 0 where none starts.
    """
    futures = draws.reshape(-1, draws.shape[2])
    futures = futures[(futures > 0).any(axis=1)]
    if not futures.size:
        return 0.0
    start = (futures > 0).argmax(axis=1)
    month = np.arange(draws.shape[2]) - start[:, None]
    reached = month >= 0
    count = np.bincount(month[reached])
    means = np.bincount(month[reached], weights=futures[reached]) / count
    return float(means.sum() + (YEAR - means.size) * means[-1])


def ask_for_costs(year: ComingYear, costs: KeepingCosts) -> list[Decision]:
    """Ask once what silent partners cost, where the table does not tell."""
    count = int((_silent(year.outlook) & ~costs.known).sum())
    if not count:
        return []
    who, verb = (
        ("a signed partner", "costs") if count == 1 else (f"{count} signed partners", "cost")
    )
    return [
        year.decide(
            what=f"Note what {who} without a sale {verb} to keep each month",
            kind="ask",
            subject="silent partners",
            topic="cost",
            because="What was spent on them in the last six months is not on record, so nobody can "
            "tell whether waiting costs more than they may bring.",
            evidence="When signed partners start to sell",
            basis="measured",
        )
    ]
