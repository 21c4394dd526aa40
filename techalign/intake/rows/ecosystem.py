"""Rows of the ecosystem tables: the seven players, how people move, what connects and costs."""

from __future__ import annotations

from typing import ClassVar, Literal

from pydantic import model_validator

from techalign.intake.rows.common import Brand, Day, Money, Name, Row, Share, Text, column

__all__ = ["FlowRow", "MessageRow", "OneWayRow", "PlayerRow", "SellingRow", "TouchpointRow"]

Player = Literal[
    "suspects", "prospects", "clients", "advocates", "associates", "vendors", "partners"
]
Start = Literal["outside", "suspect", "prospect", "client", "advocate"]
End = Literal["suspect", "prospect", "client", "advocate", "lost"]


class PlayerRow(Row):
    """One of the seven kinds of people a business lives with."""

    table: ClassVar = "players"
    key: ClassVar = ("player",)
    enables: ClassVar = "which part of the business holds the others back, and what feeding it pays"

    player: Player = column(
        "suspects, prospects, clients, advocates, associates (staff), vendors or partners",
        ["clients", "associates"],
    )
    count: int | None = column("how many there are now", [140, 6], default=None, ge=0)
    required: float | None = column(
        "how many a healthy business of this size needs", [160, 7], default=None, gt=0, le=1e7
    )
    health: Share | None = column(
        "how well they do with us: 0 badly, 0.5 so-so, 1 very well", [0.7, 0.4], default=None
    )
    evidence: Text = column("what shows it", ["returning customers", "two left"], default="")
    asked: Day | None = column("day it was found out", ["2026-05-04", "2026-05-04"], default=None)
    weight: float = column("how much hangs on them, 1 is usual", [1, 1], default=1, gt=0, le=100)
    margin: Money | None = column(
        "margin one of them brings a year", [480.0, None], default=None, ge=0
    )
    gets: Text = column("what they get from us", ["quick repairs", "pay, training"], default="")
    gives: Text = column("what they give us", ["fees, referrals", "skill"], default="")


class FlowRow(Row):
    """How many people moved from one stage to another in a month."""

    table: ClassVar = "flows"
    key: ClassVar = ("month", "from_stage", "to_stage")
    enables: ClassVar = "how many strangers become customers and advocates, and what each is worth"

    month: Day = column("any day of the month", ["2026-04-01", "2026-04-01", "2026-05-01"])
    from_stage: Start = column(
        "outside, suspect, prospect, client or advocate; from clients or advocates to suspects or "
        "prospects it is people they referred",
        ["outside", "prospect", "advocate"],
    )
    to_stage: End = column(
        "suspect, prospect, client, advocate or lost", ["suspect", "client", "prospect"]
    )
    count: int = column("people", [40, 5, 2], ge=0)

    @model_validator(mode="after")
    def _moves(self) -> FlowRow:
        if self.from_stage == self.to_stage:
            raise ValueError(f"from and to are both {self.to_stage}: who stays is not listed")
        return self


class SellingRow(Row):
    """How someone who sells spends the week, and how it feels."""

    table: ClassVar = "selling"
    key: ClassVar = ("who",)
    enables: ClassVar = "whether more time with present customers would pay, and when"

    who: Name = column("person or role", ["Kim", "workshop"])
    player: Player = column("which of the players they belong to", ["associates", "associates"])
    hunting_hours: float = column("hours a week looking for new customers", [12, 1], ge=0, le=1e5)
    farming_hours: float = column("hours a week caring for present ones", [5, 6], ge=0, le=1e5)
    pressure: Brand = column(
        "pressure to sell: 1 none … 5 sells against better judgement", [3, 2], default=None
    )
    asked: Day | None = column("day they were asked", ["2026-05-04", "2026-05-04"], default=None)


class OneWayRow(Row):
    """One product or channel that is sold in one direction: by volume, licences, quotas."""

    table: ClassVar = "one_way"
    key: ClassVar = ("channel",)
    enables: ClassVar = "what one-way selling costs a year in unused technology and lost trust"

    channel: Name = column("product or channel", ["unlimited plans"])
    revenue: Money = column("its revenue a year", [90000.0], ge=0)
    margin: Share = column("margin on it, 0 to 1", [0.3])
    pushed: Share = column("share sold to meet a quota, not a need", [0.4])
    unused: Money = column("paid a year for licences and stock nobody uses", [3000.0], default=0,
                           ge=0)  # fmt: skip
    rework_hours: float = column("hours a year to mend wrong sales", [80], default=0, ge=0,
                                 le=1e5)  # fmt: skip
    churn_pushed: Share | None = column(
        "share of pushed customers that leave in a year", [0.35], default=None
    )
    churn_other: Share | None = column(
        "share of other customers that leave in a year", [0.2], default=None
    )
    given: Money = column("value given to this channel a year", [20000.0], default=0, ge=0)
    received: Money = column("value received back a year", [5000.0], default=0, ge=0)


class TouchpointRow(Row):
    """One tool that connects two players."""

    table: ClassVar = "touchpoints"
    enables: ClassVar = "which players no tool connects"

    tool: Name = column("tool", ["website", "online meetings"])
    from_player: Player = column("who speaks", ["associates", "associates"])
    to_player: Player = column("who is reached", ["prospects", "clients"])
    yearly_cost: Money = column("cost a year", [600.0, 240.0], default=0, ge=0)
    live: bool = column("in use: yes or no", [True, True], default=True)


class MessageRow(Row):
    """What one kind of player says when asked what the business stands for."""

    table: ClassVar = "message"
    key: ClassVar = ("player", "who")
    enables: ClassVar = "whether people can say what makes the business different"

    player: Player = column("which players", ["clients", "partners"])
    who: Text = column("one of them by name; empty for all", ["", "Birch Consulting"], default="")
    asked: int = column("how many were asked", [10, 1], ge=1, le=1_000_000)
    known: int = column("how many could say it", [4, 1], ge=0, le=1_000_000)
    different: int | None = column(
        "how many named what makes it different", [2, 0], default=None, ge=0
    )
    ideal_client: Text = column(
        "whom they would send us", ["", "firms of 10 to 50 people"], default=""
    )
    fits: Literal["yes", "no"] | None = column(
        "is that our ideal client: yes or no", [None, "yes"], default=None
    )
    statement: Text = column(
        "the sentence that says it, where it is written down", ["repairs within the day", ""],
        default="",
    )  # fmt: skip
    date: Day | None = column("day they were asked", ["2026-05-04", "2026-05-04"], default=None)

    @model_validator(mode="after")
    def _parts_of_whole(self) -> MessageRow:
        for name in ("known", "different"):
            part = getattr(self, name)
            if part is not None and part > self.asked:
                raise ValueError(f"{name} {part} is more than the {self.asked} asked")
        return self
