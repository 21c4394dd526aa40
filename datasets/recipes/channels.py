"""Partners simulated: a first sale after a sales cycle, a ramp, orders, shocks, silence.

Orders of a month are Poisson around ``level * ramp * growth * season * shock`` divided by
the value of an order; their values are gamma. Levels are lognormal, so few partners carry
most of the revenue, and some never sell.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from recipes.blocks import Cells, parse_block

__all__ = ["Channel", "channel_tables"]

ACTIVATION_MONTHS = {"volume": 2.5, "strategic": 6.0}
SHOCKS = {
    "people changed": -0.7,
    "resources withdrawn": -0.9,
    "responsibility moved": -0.6,
    "ownership": -0.3,
}
SHOCK_MONTHS = 2.0
ORDER_SPREAD = 0.6  # coefficient of variation of one order's value
DAYS_A_MONTH = 30.44
PLAN_HISTORY = 6  # months of the plan that have passed


@dataclass(frozen=True)
class Channel:
    """What to simulate.

    ``partners`` is a block with ``partner | kind | segment | signed | ended | owner | margin |
    cycle | trust | given | received | level``: ``level`` is mature revenue a month, empty to
    draw it, 0 for a partner that never sells; ``trust`` four digits. ``typical`` and
    ``spread`` are the lognormal those draws come from; ``order`` the mean value of an order.
    ``spend`` is money a partner for (recruiting, enabling a month, market funds a quarter)
    and a month for managing them all; ``plan`` is (target, its yearly growth, direct, its
    yearly growth, months after ``as_of``); the months just before it are given too.
    """

    partners: str
    events: str
    services: str
    typical: float
    spread: float
    order: float
    ramp_months: float
    growth: float
    season: str
    spend: tuple[float, float, float, float]
    plan: tuple[float, float, float, float, int]
    stages: tuple[str, ...] = ()
    open_opportunities: float = 0.0
    clawback: str = ""


def channel_tables(
    channel: Channel, as_of: dt.date, rng: np.random.Generator
) -> dict[str, list[Cells]]:
    """Draw the partner tables of one client.

    Parameters
    ----------
    channel : Channel
        What to simulate.
    as_of : datetime.date
        The last day with sales.
    rng : numpy.random.Generator
        Source of all randomness.

    Returns
    -------
    dict of str to list of dict
        Table name to rows.
    """
    short = parse_block(channel.partners)
    events = parse_block(channel.events)
    sales = [row for partner in short for row in _sales(partner, events, channel, as_of, rng)]
    if channel.clawback:
        partner, month, amount = channel.clawback.split("|")
        sales.append({"partner": partner, "month": month, "revenue": amount, "deals": "0"})
    tables = {
        "partners": [_partner(row) for row in short],
        "partner_revenue": sorted(sales, key=lambda row: (row["month"], row["partner"])),
        "partner_investment": list(_investment(short, channel, as_of)),
        "partner_events": events,
        "channel_plan": list(_plan(channel, as_of)),
        "services": parse_block(channel.services) if channel.services else [],
        "pipeline": list(_pipeline(short, sales, channel, as_of, rng)),
    }
    return {name: rows for name, rows in tables.items() if rows}


def _partner(row: Cells) -> Cells:
    cells = {name: row[name] for name in ("partner", "kind", "segment", "signed", "ended")}
    cells |= {"owner": row["owner"], "margin": row["margin"], "sales_cycle_days": row["cycle"]}
    answers = row["trust"] or "----"
    for question, answer in zip(
        ("competence", "integrity", "consistency", "openness"), answers, strict=True
    ):
        cells[f"trust_{question}"] = "" if answer == "-" else answer
    return cells | {"given": row["given"], "received": row["received"]}


def _sales(
    partner: Cells,
    events: list[Cells],
    channel: Channel,
    as_of: dt.date,
    rng: np.random.Generator,
) -> Iterator[Cells]:
    drawn = channel.typical * math.exp(channel.spread * rng.standard_normal())
    level = float(partner["level"]) if partner["level"] else drawn
    signed = dt.date.fromisoformat(partner["signed"])
    wait = float(partner["cycle"] or 60) / DAYS_A_MONTH
    wait += ACTIVATION_MONTHS[partner["segment"]] * float(rng.weibull(1.2))
    first = _month_index(signed) + math.ceil(wait)
    last = _month_index(as_of)
    if partner["ended"]:
        last = min(last, _month_index(dt.date.fromisoformat(partner["ended"])) - 1)
    shocks = [event for event in events if event["partner"] == partner["partner"]]
    for month in range(first, last + 1) if level else ():
        mean = level * _ramp(month - first, channel) * _calendar(channel.season, month)
        mean *= _shock(shocks, month)
        orders = int(rng.poisson(mean / channel.order))
        orders = max(orders, 1) if month == first else orders
        if orders:
            value = rng.gamma(orders / ORDER_SPREAD**2, channel.order * ORDER_SPREAD**2)
            yield {
                "partner": partner["partner"],
                "month": _first_day(month).isoformat(),
                "revenue": f"{value:.2f}",
                "deals": str(orders),
            }


def _ramp(months: int, channel: Channel) -> float:
    logistic = 1 / (1 + math.exp(-4 * ((months + 0.5) / channel.ramp_months - 0.5)))
    return logistic * math.exp(channel.growth * months / 12)


def _calendar(season: str, month: int) -> float:
    if not season:
        return 1.0
    peak, amplitude = season.split()
    return 1 + float(amplitude) * math.cos(2 * math.pi * (month % 12 + 1 - int(peak)) / 12)


def _shock(events: list[Cells], month: int) -> float:
    log = 0.0
    for event in events:
        since = month - _month_index(dt.date.fromisoformat(event["date"]))
        if since > 0:
            log += SHOCKS.get(event["kind"], 0.0) * (1 - math.exp(-since / SHOCK_MONTHS))
    return math.exp(log)


def _investment(partners: list[Cells], channel: Channel, as_of: dt.date) -> Iterator[Cells]:
    recruit, enable, funds, manage = channel.spend
    signings = {
        row["partner"]: _month_index(dt.date.fromisoformat(row["signed"])) for row in partners
    }
    last = _month_index(as_of)
    for month in range(min(signings.values()), last + 1):
        signed = [name for name, at in signings.items() if at <= month]
        yield _spent("all", month, manage * (0.5 + 0.5 * len(signed) / len(signings)), "manage")
        for name in signed:
            since = month - signings[name]
            if since == 0:
                yield _spent(name, month, recruit, "recruit")
            if since < 3:
                yield _spent(name, month, enable, "enable")
            elif funds and since % 3 == 0 and since <= 24:
                yield _spent(name, month, funds, "market funds")


def _spent(partner: str, month: int, amount: float, kind: str) -> Cells:
    day = _first_day(month).isoformat()
    return {"partner": partner, "month": day, "amount": f"{amount:.2f}", "kind": kind}


def _plan(channel: Channel, as_of: dt.date) -> Iterator[Cells]:
    target, target_growth, direct, direct_growth, months = channel.plan
    for step in range(1 - PLAN_HISTORY, months + 1):
        yield {
            "month": _first_day(_month_index(as_of) + step).isoformat(),
            "target": f"{round(target * (1 + target_growth) ** (step / 12), -2):.2f}",
            "direct": f"{round(direct * (1 + direct_growth) ** (step / 12), -2):.2f}",
        }


def _pipeline(
    partners: list[Cells],
    sales: list[Cells],
    channel: Channel,
    as_of: dt.date,
    rng: np.random.Generator,
) -> Iterator[Cells]:
    recent = _first_day(_month_index(as_of) - 5).isoformat()
    weights = {
        row["partner"]: 1
        + sum(s["partner"] == row["partner"] and s["month"] >= recent for s in sales)
        for row in partners
        if not row["ended"]
    }
    for name, weight in weights.items():
        share = weight / sum(weights.values())
        for _ in range(int(rng.poisson(channel.open_opportunities * share))):
            age = int(rng.integers(3, 150))
            value = channel.order * float(rng.gamma(1 / ORDER_SPREAD**2, ORDER_SPREAD**2))
            yield {
                "partner": name,
                "stage": channel.stages[int(rng.integers(len(channel.stages)))],
                "created": (as_of - dt.timedelta(days=age)).isoformat(),
                "value": f"{round(value, -1):.2f}",
            }


def _month_index(day: dt.date) -> int:
    return day.year * 12 + day.month - 1


def _first_day(month: int) -> dt.date:
    return dt.date(month // 12, month % 12 + 1, 1)
