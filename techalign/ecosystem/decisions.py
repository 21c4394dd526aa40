"""What the ecosystem asks to be decided, each with its money where the counts give it."""

from __future__ import annotations

import datetime as dt
from typing import Any

from techalign.decision import Decision, first_things_first, fit
from techalign.ecosystem.assessment import EcosystemFound
from techalign.ecosystem.connections import MessageReach, Touchpoints
from techalign.ecosystem.coupling import Health
from techalign.ecosystem.effort import HuntOrFarm
from techalign.ecosystem.one_way import OneWayCost
from techalign.ecosystem.readiness import Readiness
from techalign.errors import ModelError
from techalign.numbers.formatting import compact
from techalign.numbers.intervals import Interval

__all__ = ["ecosystem_decisions"]

_QUARTER = 0.25


def ecosystem_decisions(
    found: EcosystemFound, *, as_of: dt.date, currency: str, owner: str
) -> list[Decision]:
    """Turn what the models found into decisions, the most pressing first.

    Parameters
    ----------
    found : EcosystemFound
    as_of : date
    currency : str
        Three letters.
    owner : str
        Who decides.

    Returns
    -------
    list of Decision

    Raises
    ------
    ModelError
        If there is no currency.

    Examples
    --------
    >>> import pandas as pd
    >>> from techalign.ecosystem import EcosystemFound, touchpoints
    >>> tools = pd.DataFrame({"tool": ["fax"], "from_player": ["associates"], "live": [False],
    ...                       "to_player": ["clients"], "yearly_cost": [240.0]})
    >>> found = EcosystemFound(links=touchpoints(tools))
    >>> for decision in ecosystem_decisions(
    ...         found, as_of=dt.date(2026, 6, 30), currency="USD", owner="Dana"):
    ...     print(decision.what)
    Stop paying $240 a year for fax, which nobody uses
    Choose a way to reach suspects: 8 of the links a business lives by have no tool
    """
    if not currency:
        raise ModelError("currency", "is empty", value=currency)
    shared: dict[str, Any] = {"area": "ecosystem", "owner": owner, "by": None, "unit": currency}
    rows = [
        *_feed(found.health, currency, shared),
        *_farm(found.split, currency, shared),
        *_push_less(found.one_way, currency, shared),
        *_stay(found.gate, shared),
        *_connect(found.links, currency, shared),
        *_tell(found.message, shared),
    ]
    return first_things_first(rows, as_of)


def _feed(found: Health | None, money: str, shared: dict[str, Any]) -> list[Decision]:
    if found is None or not found.bottleneck:
        return []
    worst = found.parts.iloc[0]
    name, worth = found.bottleneck, found.worth
    rest: dict[str, Any] = {
        "evidence": "The part that holds the rest back",
        "subject": name,
        "topic": "feed",
    }
    if worth is None or worth.high <= 0:
        return [Decision(
            what=f"Find out what the {name} need: they are fed {worst['fed']:.0%} of it",
            kind="ask", because="They hold the rest back more than any other part; what feeding "
            "them brings needs monthly counts of who becomes a customer.", basis="judgement",
            **rest, **shared,
        )]  # fmt: skip
    return [Decision(
        what=f"Feed the {name}: {worst['fed']:.0%} of what they need holds all the others back",
        kind="act", value=worth, waiting=_up(worth).scaled(_QUARTER),
        because=f"A fifth more of what they need would bring the health of the whole, now "
        f"{found.index.point:.0%}, to {found.raised.point:.0%}, and about "
        f"{compact(worth.point, money)} within a year, before what it takes.",
        basis="judgement", assumes=("health_elasticity", "health_coupling"), **rest, **shared,
    )]  # fmt: skip


def _farm(split: HuntOrFarm | None, money: str, shared: dict[str, Any]) -> list[Decision]:
    if split is None or abs(split.step - split.split) < 0.05 or split.pays < 0.5:
        return []
    more = split.step > split.split
    who, now, then = (
        ("present", split.split, split.step) if more else ("new", 1 - split.split, 1 - split.step)
    )
    what = f"Spend {then:.0%} of selling time on {who} customers instead of {now:.0%}"
    crossing = split.crossing_months
    when = (
        f"after about {crossing.point:.0f} months the best split brings more than looking only for "
        "new ones"
        if crossing.point < float("inf") else
        f"looking only for new ones is not overtaken within {split.years:g} years"
    )  # fmt: skip
    return [Decision(
        what=what, kind="decide", subject="selling time", topic="split", value=split.first_year,
        waiting=_up(split.gain).scaled(_QUARTER / split.years), pays=split.pays,
        because=f"Over {split.years:g} years it brings {compact(split.gain.point, money)} more "
        f"than the present split; {when}.",
        evidence="Hunting or farming", basis="judgement",
        assumes=("effort_share", "trust_building", "trust_fading"), **shared,
    )]  # fmt: skip


def _push_less(found: OneWayCost | None, money: str, shared: dict[str, Any]) -> list[Decision]:
    if found is None or found.channels.empty:
        return []
    row = found.channels.iloc[0]
    point, low, high = (float(row[f"saved{end}"]) for end in ("", "_low", "_high"))
    value = Interval(point, low, high, 1.0)
    if value.point <= 0:
        return []
    return [Decision(
        what=fit((str(row["channel"]),), "Sell {} to need, not quota: it costs "
                 f"{compact(float(row['cost']), money)} a year"),
        kind="stop", subject=str(row["channel"]), topic="one way", value=value,
        waiting=value.scaled(_QUARTER) if value.low >= 0 else None,
        because=f"{row['pushed']:.0%} of it is sold to meet a quota; unused purchases, mending and "
        "customers that leave cost more than the margin of the sales that would be given up.",
        evidence="One-way selling", basis="judgement", assumes=("pushed_sales_kept",), **shared,
    )]  # fmt: skip


def _stay(gate: Readiness | None, shared: dict[str, Any]) -> list[Decision]:
    if gate is None or gate.ready:
        return []
    unmet = gate.conditions[gate.conditions["met"] != "yes"]
    count = len(unmet)
    return [Decision(
        what=f"Settle {count} open condition{'s' if count != 1 else ''} before the business grows",
        kind="ask", subject="growth", topic="gate",
        because=f"{gate.verdict} What growing too early would cost is not known, so no money "
        "stands here.",
        evidence="Ready to grow?", basis="judgement", **shared,
    )]  # fmt: skip


def _connect(links: Touchpoints | None, money: str, shared: dict[str, Any]) -> list[Decision]:
    if links is None:
        return []
    rows = [
        Decision(
            what=fit((str(row["tool"]),),
                     f"Stop paying {compact(float(row['yearly_cost']), money)} a year for {{}}, "
                     "which nobody uses"),
            kind="stop", subject=str(row["tool"]), topic="idle",
            value=_certain(float(row["yearly_cost"])),
            waiting=_certain(float(row["yearly_cost"]) * _QUARTER),
            because="It is in the list of tools as not in use.",
            evidence="What connects the players", basis="measured", **shared,
        )
        for _, row in links.idle[links.idle["yearly_cost"] > 0].iterrows()
    ]  # fmt: skip
    if len(links.missing):
        first = links.missing.iloc[0]
        count = len(links.missing)
        rows.append(Decision(
            what=f"Choose a way to reach {first['to_player']}: {count} of the links a business "
            f"lives by {'has' if count == 1 else 'have'} no tool",
            kind="ask", subject=str(first["to_player"]), topic="link",
            because=f"No tool in use joins {first['from_player']} and {first['to_player']}, "
            f"{first['why']}. Usual means: {first['means']}. Nobody "
            "counts what the link would bring, so no money stands here.",
            evidence="What connects the players", basis="measured", **shared,
        ))  # fmt: skip
    return rows


def _tell(message: MessageReach | None, shared: dict[str, Any]) -> list[Decision]:
    if message is None or not message.misdirected:
        return []
    count = message.misdirected
    return [Decision(
        what=f"Tell {count} referral partner{'s' if count != 1 else ''} whom to send: they name "
        "another customer than yours",
        kind="ask", subject="ideal client", topic="message",
        because="Whoever sends the wrong people costs time twice; a page on your ideal client is "
        "written in an hour. How many they send is not counted, so no money stands here.",
        evidence="Does the message reach them?", basis="measured", **shared,
    )]  # fmt: skip


def _certain(money: float) -> Interval:
    return Interval(money, money, money, 1.0)


def _up(money: Interval) -> Interval:
    """What waiting can cost is not below nothing."""
    point, low, high = (max(end, 0.0) for end in (money.point, money.low, money.high))
    return Interval(point, low, high, money.level)
